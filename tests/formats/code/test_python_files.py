"""Pictures as files of Python, NumPy's and PyTorch's: what is written is run."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image

from breeder.activations import ACTIVATIONS
from breeder.formats import load, save
from breeder.formats.code import numpy_function, torch_module
from breeder.genome import COLOR_MODELS, ColorModel, ConnectionGene, Genome, NodeGene
from breeder.inputs import INPUTS
from breeder.rendering import render
from breeder.rendering.canvas import Canvas
from tests.formats.code import probes
from tests.genomes import random_genome

KINDS = ("numpy", "torch")


def loaded(kind: str, genome: Genome, canvas: Canvas | None = None, title: str = "") -> Any:
    """Run a file that was written and return its names."""
    source = probes.written(kind, genome, canvas, title).decode()
    namespace = {"__name__": "emitted", "__file__": "emitted.py"}
    exec(compile(source, "emitted.py", "exec"), namespace)  # noqa: S102
    return namespace


def drawing(kind: str) -> probes.Draw:
    def draw(genome: Genome, canvas: Canvas) -> NDArray[np.uint8]:
        pixels = loaded(kind, genome)["picture"](
            canvas.width, canvas.height, canvas.zoom, canvas.center, canvas.rotation, canvas.z
        )
        return np.asarray(pixels)

    return draw


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_every_activation_with_awkward_arguments(kind: str, name: str):
    canvas = Canvas(width=64, height=4)
    probes.assert_agrees(drawing(kind), probes.activation_probes(name), canvas)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", INPUTS)
def test_every_input(kind: str, name: str):
    probes.assert_agrees(drawing(kind), [probes.input_probe(name)], probes.VIEW)
    far = Canvas(width=16, height=16, center=(3e6, -2e6))
    probes.assert_agrees(drawing("numpy"), [probes.input_probe(name)], far)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("color", COLOR_MODELS)
def test_every_colour_model(kind: str, color: ColorModel):
    genomes = [random_genome(seed, color=color, scale=2) for seed in range(8)]
    genomes.append(probes.constant(color))
    probes.assert_agrees(drawing(kind), genomes, probes.VIEW)


@pytest.mark.parametrize("kind", KINDS)
def test_random_genomes(kind: str):
    probes.assert_agrees(drawing(kind), probes.varied(), Canvas(width=33, height=17))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", probes.ORIGINALS)
def test_picbreeders_own_genomes(kind: str, name: str, shared: Path):
    genome = load(shared / "picbreeder" / name)
    probes.assert_agrees(drawing(kind), [genome], Canvas(width=128, height=128))


def test_numpy_gives_the_bytes_of_the_reference():
    for genome in probes.varied():
        got = drawing("numpy")(genome, probes.VIEW)
        wanted = render([genome], probes.VIEW, device="reference")[0]
        assert np.array_equal(got, wanted)


def test_every_table_lowers_every_row():
    for emitter in (numpy_function, torch_module):
        assert list(emitter.ACTIVATION_BODIES) == list(ACTIVATIONS)
        assert list(emitter.INPUT_BODIES) == list(INPUTS)
        assert tuple(emitter.COLOR_BODIES) == COLOR_MODELS


@pytest.mark.parametrize("kind", KINDS)
def test_the_largest_networks(kind: str):
    probes.assert_agrees(drawing(kind), [probes.large()], Canvas(width=20, height=9))


@pytest.mark.parametrize("kind", KINDS)
def test_large_pictures_are_drawn_in_pieces(kind: str, monkeypatch: pytest.MonkeyPatch):
    emitter = numpy_function if kind == "numpy" else torch_module
    monkeypatch.setattr(emitter, "AT_ONCE", 1000)
    source = probes.written(kind, random_genome(3)).decode()
    assert " = 256\n" in source or "split(256)" in source
    probes.assert_agrees(drawing(kind), [random_genome(3)], Canvas(width=70, height=50))


@pytest.mark.parametrize("kind", KINDS)
def test_the_view_that_was_exported_is_the_default(kind: str):
    genome = random_genome(9)
    pixels = np.asarray(loaded(kind, genome, probes.VIEW)["picture"](47, 30))
    wanted = render([genome], probes.VIEW, device="reference")[0].astype(int)
    assert (np.abs(pixels - wanted) <= 1).mean() >= 0.999


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("title", probes.HOSTILE_TITLES, ids=ascii)
def test_a_title_stays_in_its_comment(kind: str, title: str):
    genome = random_genome(4, color="grey")
    data = probes.written(kind, genome, title=title)
    plain = probes.written(kind, genome)
    assert ast.dump(ast.parse(data)) == ast.dump(ast.parse(plain))  # bytes: a title may name codes
    lines, others = data.decode().splitlines(), plain.decode().splitlines()
    assert lines[:2] + lines[3:] == others[:2] + others[3:]
    assert genome.id in lines[0]


def run(path: Path, *arguments: str, code: str = "") -> subprocess.CompletedProcess[str]:
    begin = ["-c", code] if code else [str(path)]
    return subprocess.run(
        [sys.executable, "-I", *begin, *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize("kind", KINDS)
def test_as_a_script_it_saves_the_picture_beside_itself(kind: str, tmp_path: Path):
    genome, path = random_genome(6), tmp_path / "owl.py"
    save(genome, path, format=kind, title="Owl")
    done = run(path, "40", "30")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.strip() == str(tmp_path / "owl-40x30.png")
    with Image.open(tmp_path / "owl-40x30.png") as picture:
        wanted = render([genome], Canvas(width=40, height=30), device="reference")[0].astype(int)
        assert (np.abs(np.asarray(picture) - wanted) <= 1).mean() >= 0.999


@pytest.mark.parametrize("kind", KINDS)
def test_without_pillow_it_saves_a_ppm(kind: str, tmp_path: Path):
    genome, path = random_genome(6), tmp_path / "owl.py"
    save(genome, path, format=kind)
    code = (
        "import runpy, sys; sys.modules['PIL'] = None; sys.argv = [sys.argv[1], '24'];"
        "runpy.run_path(sys.argv[0], run_name='__main__')"
    )
    done = run(path, str(path), code=code)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.strip().endswith("owl-24x24.ppm")
    with Image.open(tmp_path / "owl-24x24.ppm") as picture:
        assert picture.size == (24, 24)
        wanted = render([genome], Canvas(width=24, height=24), device="reference")[0].astype(int)
        assert (np.abs(np.asarray(picture) - wanted) <= 1).mean() >= 0.999


@pytest.mark.parametrize(("kind", "others"), [("numpy", ("torch",)), ("torch", ("numpy",))])
def test_it_needs_nothing_else(kind: str, others: tuple[str, ...], tmp_path: Path):
    source = ast.parse(probes.written(kind, random_genome(2)))
    names = {
        name.split(".")[0]
        for node in ast.walk(source)
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert names - {"os", "sys", "math"} == {kind, "PIL"}
    assert not names & {"breeder", *others}


def test_a_file_of_python_is_numpys_unless_asked_otherwise(tmp_path: Path):
    for name, word in (("", "import numpy"), ("torch", "import torch")):
        save(random_genome(1), tmp_path / "owl.py", format=name)
        assert word in (tmp_path / "owl.py").read_text("utf-8")
    with pytest.raises(Exception, match="none of the formats read here"):
        load(tmp_path / "owl.py")


def test_the_module_learns_another_picture():
    names = loaded("torch", random_genome(5, color="hsb", activations=("sin", "tanh", "gaussian")))
    model, coordinates = names["Picture"](), names["points"](24, 24)
    other, numbers = names["Picture"](), torch.Generator().manual_seed(3)
    with torch.no_grad():
        for parameter in other.parameters():
            parameter.add_(0.1 * torch.randn(parameter.shape, generator=numbers))
        target = other(coordinates)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    losses = []
    for _ in range(40):
        optimizer.zero_grad()
        loss = (model(coordinates) - target).square().mean()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.5 * losses[0]
    changed = names["picture"](24, 24, model=model)
    assert not torch.equal(changed, names["picture"](24, 24))


@pytest.mark.parametrize("color", COLOR_MODELS)
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_gradients_are_finite_everywhere(name: str, color: ColorModel):
    genome = random_genome(11, color=color, activations=(name,))
    names = loaded("torch", genome)
    model = names["Picture"]()
    coordinates = names["points"](9, 9).requires_grad_()  # the middle is among them
    z = torch.tensor(0.3, requires_grad=True)
    model(coordinates, z).sum().backward()
    assert coordinates.grad is not None
    assert torch.isfinite(coordinates.grad).all()
    parameters = dict(model.named_parameters())
    assert parameters
    for key, parameter in parameters.items():
        assert parameter.grad is None or torch.isfinite(parameter.grad).all(), key


@pytest.mark.parametrize("color", COLOR_MODELS)
def test_the_module_moves_to_another_device_whole(color: ColorModel):
    # The meta device has no numbers, and refuses whatever was left on the CPU.
    names = loaded("torch", random_genome(14, hidden=40, connections=400, color=color))
    model = names["Picture"]().to("meta")
    colors = model(names["points"](5, 4).to("meta"), 0.5)
    assert (colors.device.type, tuple(colors.shape)) == ("meta", (20, 3))


@pytest.mark.parametrize("name", [name for name in ACTIVATIONS if name != "relu"])
def test_no_activation_stops_the_gradient(name: str):
    node = NodeGene(key="brightness", activation=name, bias=0.3)
    link = ConnectionGene(source="x", target="brightness", weight=0.4)
    genome = Genome(inputs=("x",), nodes=(node,), connections=(link,), color="grey")
    names = loaded("torch", genome)
    model = names["Picture"]()
    model(names["points"](16, 16)).square().sum().backward()
    assert float(model.n0.weights.grad.abs().sum()) > 1e-3
    assert float(model.n0.bias.grad.abs()) > 1e-3


def test_parameters_are_named_by_node_and_weights_are_exact_in_64_bits():
    genome = random_genome(13)
    names = loaded("torch", genome)
    torch.set_default_dtype(torch.float64)
    try:
        model = names["Picture"]()
    finally:
        torch.set_default_dtype(torch.float32)
    state = model.state_dict()
    assert {"n0.bias", "n0.weights"} <= state.keys()
    enabled = {gene.weight for gene in genome.connections if gene.enabled}
    weights = [float(w) for key, value in state.items() if key.endswith("weights") for w in value]
    assert weights
    assert set(weights) <= enabled
    z = torch.linspace(0, 1, 5, dtype=torch.float64)
    colors = model(torch.zeros(5, 2, dtype=torch.float64), z)
    assert colors.shape == (5, 3)
    assert colors.dtype == torch.float64
