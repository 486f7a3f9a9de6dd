"""Networks written for neat-python: it computes what is drawn here, and they come back the same."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import neat
import numpy as np
import pytest
from neat.activations import ActivationFunctionSet
from neat.aggregations import AggregationFunctionSet
from neat.export.json_format import validate_json
from numpy.typing import NDArray

from breeder.activations import ACTIVATIONS
from breeder.errors import FormatError
from breeder.formats import FORMATS, load, loads_document, save
from breeder.formats.native import Document
from breeder.formats.neat_python_out import INPUT_REACHES, LOWERING, MISSING
from breeder.genome import COLOR_MODELS, ColorModel, ConnectionGene, Genome, NodeGene
from breeder.inputs import INPUTS
from breeder.program import compile_genome
from breeder.rendering import render
from breeder.rendering.canvas import Canvas
from breeder.rendering.reference import evaluate
from tests.formats.code import probes
from tests.genomes import one_node, random_genome

FUNCTIONS = ActivationFunctionSet()
AGGREGATIONS = AggregationFunctionSet()
SMOOTH = tuple(name for name in ACTIVATIONS if name not in MISSING)
Z = 0.3


def written(genome: Genome, title: str = "") -> bytes:
    document = Document(genome=genome, meta={"title": title} if title else {})
    return b"".join(FORMATS["neat-python"].pieces(document, Canvas(), "cpu"))


def network(data: dict[str, Any]) -> Any:
    """Build neat-python's own network of an export, nodes in the order of the file."""
    validate_json(data)
    topology = data["topology"]
    rows = [
        (
            node["id"],
            FUNCTIONS.get(node["activation"]["name"]),
            AGGREGATIONS.get(node["aggregation"]["name"]),
            node["bias"],
            node["response"],
            [(c["from"], c["weight"]) for c in data["connections"] if c["to"] == node["id"]],
        )
        for node in data["nodes"]
        if node["type"] != "input"
    ]
    return neat.nn.FeedForwardNetwork(topology["input_keys"], topology["output_keys"], rows)


def assert_same(genome: Genome, *, reach: float = 1.5, tolerance: float = 1e-9) -> None:
    """Check channel values in neat-python and after reading back, and the picture read back."""
    text = written(genome)
    x, y = np.random.default_rng(4).uniform(-reach, reach, (2, 60))
    wanted = evaluate(compile_genome(genome), x, y, Z)
    net = network(json.loads(text))
    columns = [INPUTS[name].reference(x, y, Z) for name in genome.inputs]
    got = np.array([net.activate(point) for point in np.stack(columns, axis=1).tolist()]).T
    np.testing.assert_allclose(got, wanted, atol=tolerance, rtol=tolerance)
    back = loads_document(text, name="net.json").genome
    assert (back.inputs, back.color) == (genome.inputs, genome.color)
    again = evaluate(compile_genome(back), x, y, Z)
    np.testing.assert_allclose(again, wanted, atol=tolerance, rtol=tolerance)
    assert np.abs(drawn(genome) - drawn(back)).max() <= 1


def drawn(genome: Genome) -> NDArray[np.int64]:
    return np.asarray(render([genome], probes.VIEW, device="reference")[0].astype(int))


@pytest.mark.parametrize("name", SMOOTH)
def test_every_activation_with_awkward_arguments(name: str):
    # Near 10,000 a sine that is built by doubling loses digits; bytes need four.
    for genome in probes.activation_probes(name):
        assert_same(genome, tolerance=1e-6)


@pytest.mark.parametrize("weight", [0.2, -3.0, 25.0, -700.0, 9000.0])
@pytest.mark.parametrize("name", SMOOTH)
def test_every_activation_over_a_range_of_sums(name: str, weight: float):
    nodes = (
        NodeGene(key="probe", activation=name, bias=-0.7),
        NodeGene(key="brightness", activation="tanh", bias=0.1),
    )
    links = (
        ConnectionGene(source="x", target="probe", weight=weight),
        ConnectionGene(source="probe", target="brightness", weight=0.8),
    )
    assert_same(Genome(inputs=("x",), nodes=nodes, connections=links, color="grey"), tolerance=1e-6)


def test_the_limit_of_sums_is_kept():
    genome = one_node("square", 0.0, gain=0.4, offset=0.0)
    steep = tuple(
        ConnectionGene(source=gene.source, target=gene.target, weight=weight)
        for gene, weight in zip(genome.connections, (1e-4, 3e4), strict=True)
    )
    assert_same(Genome(inputs=("x",), nodes=genome.nodes, connections=steep, color="rgb"))


@pytest.mark.parametrize("name", INPUTS)
def test_every_input(name: str):
    assert_same(probes.input_probe(name))


@pytest.mark.parametrize("color", COLOR_MODELS)
def test_every_colour_model(color: ColorModel):
    for seed in range(10):
        scale = 1.0 + seed % 3
        genome = random_genome(seed, color=color, activations=SMOOTH, scale=scale)
        assert_same(genome, tolerance=1e-6)
    assert_same(probes.constant(color))


def test_every_activation_and_input_is_accounted_for():
    assert {*LOWERING, *MISSING} == set(ACTIVATIONS)
    assert list(INPUT_REACHES) == list(INPUTS)


def test_a_small_network_stays_as_small():
    genome = random_genome(3, activations=("sin", "tanh", "gaussian", "identity"), scale=0.7)
    back = loads_document(written(genome), name="net.json").genome
    assert len(back.nodes) == compile_genome(genome).operations.size


def test_names_and_identity_are_among_what_is_recorded():
    genome = random_genome(3, activations=SMOOTH, color="oklab")
    data = json.loads(written(genome, 'Owl "\u2028" </script>'))
    assert data["metadata"] == {
        "made_with": "breeder",
        "breeder_genome": genome.id,
        "title": 'Owl "\u2028" </script>',
        "inputs": list(genome.inputs),
        "color": "oklab",
    }
    assert data["topology"]["input_keys"] == [-1, -2, -3, -4]
    assert data["topology"]["output_keys"] == [0, 1, 2]


@pytest.mark.parametrize("name", MISSING)
def test_steps_are_refused_where_the_picture_needs_them(name: str, tmp_path: Path):
    genome = one_node(name, 0.3, gain=1.0, offset=0.0)
    with pytest.raises(FormatError, match=f"^The picture cannot be .* it uses {name}, and neat"):
        save(genome, tmp_path / "owl.json", format="neat-python")
    assert not list(tmp_path.iterdir())
    idle = Genome(inputs=("x",), nodes=genome.nodes, connections=(), color="rgb")
    save(idle, tmp_path / "owl.json", format="neat-python")
    assert np.array_equal(drawn(load(tmp_path / "owl.json")), drawn(idle))


@pytest.mark.parametrize(
    ("width", "depth", "weight"),
    [(2_000, 1, 9_000.0), (230, 2, 0.01)],
    ids=["many nodes of neat-python for one of ours", "many connections"],
)
def test_a_network_too_large_to_come_back_is_refused(width: int, depth: int, weight: float):
    layers = [["x"], *([f"{layer}/{n}" for n in range(width)] for layer in range(depth))]
    layers.append(["brightness"])
    genome = Genome(
        inputs=("x",),
        nodes=tuple(
            NodeGene(key=key, activation="triangle") for keys in layers[1:] for key in keys
        ),
        connections=tuple(
            ConnectionGene(source=source, target=target, weight=weight)
            for sources, targets in pairwise(layers)
            for source in sources
            for target in targets
        ),
        color="grey",
    )
    with pytest.raises(FormatError, match="too large for a network of neat-python"):
        written(genome)
