"""Pictures as ONNX models, checked by onnx and run in onnxruntime."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from numpy.typing import NDArray

from breeder.activations import ACTIVATIONS
from breeder.errors import FormatError
from breeder.formats import load, native, save
from breeder.formats.code import onnx_graph
from breeder.formats.native import Document
from breeder.genome import COLOR_MODELS, ColorModel, ConnectionGene, Genome, NodeGene
from breeder.inputs import INPUTS
from breeder.rendering.canvas import Canvas
from tests.formats.code import probes
from tests.genomes import random_genome

KINDS = ("onnx", "onnx-picture")


def session(
    kind: str, genome: Genome, canvas: Canvas, title: str = ""
) -> onnxruntime.InferenceSession:
    data = probes.written(kind, genome, canvas, title)
    onnx.checker.check_model(data, full_check=True)
    return onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])


def number(value: float, kind: type = np.float32) -> NDArray[np.generic]:
    return np.array(value, dtype=kind)


def draw_colors(genome: Genome, canvas: Canvas) -> NDArray[np.uint8]:
    points = np.stack(canvas.points(range(canvas.height)), axis=1).astype(np.float32)
    feeds = {"coordinates": points, "z": number(canvas.z)}
    (colors,) = session("onnx", genome, canvas).run(None, feeds)
    assert colors.dtype == np.float32
    assert colors.min() >= 0
    assert colors.max() <= 1
    pixels = np.floor(255 * colors + 0.5).astype(np.uint8)
    return np.asarray(pixels.reshape(canvas.height, canvas.width, 3))


def draw_picture(genome: Genome, canvas: Canvas) -> NDArray[np.uint8]:
    feeds = {
        "width": number(canvas.width, np.int64),
        "height": number(canvas.height, np.int64),
        "zoom": number(canvas.zoom),
        "z": number(canvas.z),
    }
    return np.asarray(session("onnx-picture", genome, canvas).run(None, feeds)[0])


DRAW: dict[str, probes.Draw] = {"onnx": draw_colors, "onnx-picture": draw_picture}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_every_activation_with_awkward_arguments(kind: str, name: str):
    canvas = Canvas(width=64, height=4)
    probes.assert_agrees(DRAW[kind], probes.activation_probes(name), canvas)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", INPUTS)
def test_every_input(kind: str, name: str):
    probes.assert_agrees(DRAW[kind], [probes.input_probe(name)], probes.VIEW)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("color", COLOR_MODELS)
def test_every_colour_model(kind: str, color: ColorModel):
    genomes = [random_genome(seed, color=color, scale=2) for seed in range(8)]
    genomes.append(probes.constant(color))
    probes.assert_agrees(DRAW[kind], genomes, probes.VIEW)


@pytest.mark.parametrize("kind", KINDS)
def test_random_genomes(kind: str):
    probes.assert_agrees(DRAW[kind], probes.varied(), Canvas(width=33, height=17))


@pytest.mark.parametrize("name", probes.ORIGINALS)
def test_picbreeders_own_genomes(name: str, shared: Path):
    genome = load(shared / "picbreeder" / name)
    probes.assert_agrees(draw_colors, [genome], Canvas(width=128, height=128))


def test_every_table_lowers_every_row():
    assert list(onnx_graph.ACTIVATIONS) == list(ACTIVATIONS)
    assert list(onnx_graph.INPUTS) == list(INPUTS)
    assert tuple(onnx_graph.COLORS) == COLOR_MODELS


def test_what_goes_in_and_out_is_the_same_for_every_genome():
    for genome in (random_genome(2), probes.constant("grey"), probes.input_probe("z")):
        shapes = {
            kind: [
                (each.name, each.type, each.shape)
                for run in [session(kind, genome, Canvas())]
                for each in (*run.get_inputs(), *run.get_outputs())
            ]
            for kind in KINDS
        }
        assert shapes["onnx"] == [
            ("coordinates", "tensor(float)", ["points", 2]),
            ("z", "tensor(float)", []),
            ("colors", "tensor(float)", ["points", 3]),
        ]
        assert shapes["onnx-picture"] == [
            ("width", "tensor(int64)", []),
            ("height", "tensor(int64)", []),
            ("zoom", "tensor(float)", []),
            ("z", "tensor(float)", []),
            ("picture", "tensor(uint8)", ["rows", "columns", 3]),
        ]


@pytest.mark.parametrize("count", [0, 1, 7])
def test_any_number_of_points_and_a_z_of_either_shape(count: int):
    run = session("onnx", probes.input_probe("z"), Canvas())
    points = np.zeros((count, 2), np.float32)
    for z in (number(0.3), np.array([0.3], np.float32)):
        (colors,) = run.run(None, {"coordinates": points, "z": z})
        assert colors.shape == (count, 3)
        np.testing.assert_allclose(colors, np.sin(0.51), atol=1e-5)


def test_the_runtime_has_nothing_to_complain_about(capfd: pytest.CaptureFixture[str]):
    for genome in (random_genome(2), probes.constant("oklab")):
        draw_colors(genome, Canvas(width=8, height=8))
        draw_picture(genome, Canvas(width=8, height=8))
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("kind", KINDS)
def test_title_and_genome_travel_inside(kind: str):
    genome = random_genome(7)
    texts = session(kind, genome, Canvas(), "Eule – 梟").get_modelmeta().custom_metadata_map
    assert texts["title"] == "Eule – 梟"
    assert texts["genome_id"] == genome.id
    held = native.parse(texts["genome"])
    assert (held.genome, held.title) == (genome, "Eule – 梟")
    untitled = session(kind, genome, Canvas()).get_modelmeta().custom_metadata_map
    assert sorted(untitled) == ["genome", "genome_id"]


def test_nodes_are_named_after_what_they_do():
    genome = random_genome(7, color="grey", activations=("sin",))
    model = onnx.load_from_string(probes.written("onnx", genome))
    names = {node.name for node in model.graph.node}
    assert {"x", "y", "n0_sum", "n0_sin", "colors"} <= names
    assert len(names) == len(model.graph.node)


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_genome_is_the_same_file(kind: str):
    genome = random_genome(3)
    assert probes.written(kind, genome) == probes.written(kind, genome)


def test_large_networks_have_few_operators_and_agree():
    """Runtimes take time to open a model for each operator in it."""
    large = probes.large()
    model = onnx.load_from_string(probes.written("onnx", large))
    assert len(model.graph.node) < 50
    dense = random_genome(1, hidden=400, connections=8_000, color="grey", scale=0.05)
    model = onnx.load_from_string(probes.written("onnx", dense))
    assert len(model.graph.node) < 4 * 400
    probes.assert_agrees(draw_colors, [large, dense], Canvas(width=20, height=9))


def test_a_matrix_has_few_zeros():
    """One node reads 300 others: they stand beside 300 that read one, and share no matrix."""
    keys = [f"n{number:03d}" for number in range(600)]
    nodes = [NodeGene(key=key, activation="tanh", bias=0.1) for key in keys]
    nodes.append(NodeGene(key="brightness", activation="tanh"))
    links = [ConnectionGene(source="x", target=key, weight=0.5) for key in keys[:300]]
    links += [
        ConnectionGene(source=source, target=key, weight=0.5)
        for source, key in zip(keys[:300], keys[300:], strict=True)
    ]
    links += [ConnectionGene(source=key, target="brightness", weight=0.01) for key in keys[300:]]
    genome = Genome(inputs=("x",), nodes=tuple(nodes), connections=tuple(links), color="grey")
    model = onnx.load_from_string(probes.written("onnx", genome))
    sizes = [
        int(np.prod(each.dims)) for each in model.graph.initializer if each.name.endswith("weights")
    ]
    assert sum(sizes) < 10_000
    assert len(model.graph.node) < 200
    probes.assert_agrees(draw_colors, [genome], Canvas(width=20, height=9))


def test_a_file_of_onnx_gives_colours_unless_asked_otherwise(tmp_path):
    for name, output in (("", "colors"), ("onnx-picture", "picture")):
        save(random_genome(1), tmp_path / "owl.onnx", format=name, title="Owl")
        model = onnx.load(tmp_path / "owl.onnx")
        assert [each.name for each in model.graph.output] == [output]


def test_a_title_of_half_a_character_is_said():
    document = Document(genome=random_genome(1), meta={"title": "\ud800"})
    with pytest.raises(FormatError, match="half a surrogate pair"):
        list(onnx_graph.write_colors(document, Canvas(), "cpu"))
