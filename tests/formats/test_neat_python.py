"""neat-python's networks come in with the values that neat-python itself gives."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import neat
import numpy as np
import pytest
from neat.activations import ActivationFunctionSet
from neat.aggregations import AggregationFunctionSet
from neat.export import export_network_json
from numpy.typing import NDArray

from breeder.errors import FormatError
from breeder.formats import loads_any, loads_document, neat_python
from breeder.genome import Genome
from breeder.program import compile_genome
from breeder.rendering.reference import evaluate

FUNCTIONS = ActivationFunctionSet()
AGGREGATIONS = AggregationFunctionSet()
READ = (*neat_python.SIMPLE, *neat_python.COMPOSED)
REFUSED = sorted(set(FUNCTIONS.functions) - set(READ))

Links = Sequence[tuple[int, float]]


def row(
    key: int,
    activation: str,
    links: Links,
    *,
    aggregation: str = "sum",
    bias: float = 0.0,
    response: float = 1.0,
) -> tuple[Any, ...]:
    function = FUNCTIONS.get(activation)
    return (key, function, AGGREGATIONS.get(aggregation), bias, response, list(links))


def network(rows: Sequence[tuple[Any, ...]], *, inputs: int = 2, outputs: int = 1) -> Any:
    return neat.nn.FeedForwardNetwork(
        [-1 - i for i in range(inputs)], list(range(outputs)), list(rows)
    )


# From Python 3.12 on, neat-python's way to write the date warns.
pytestmark = pytest.mark.filterwarnings("ignore:datetime.*utcnow:DeprecationWarning")


def imported(net: Any, **metadata: Any) -> Genome:
    return loads_any(export_network_json(net, metadata=metadata or None).encode(), name="net.json")


def points(count: int, reach: float, seed: int) -> NDArray[np.float64]:
    return np.random.default_rng(seed).uniform(-reach, reach, (2, count))


def assert_same_values(net: Any, *, reach: float = 1.5, tolerance: float = 1e-9) -> None:
    x, y = points(200, reach, 5)
    extra = [np.sqrt(2.0) * np.hypot(x, y), np.ones_like(x)]
    inputs = np.stack([x, y, *extra])[: len(net.input_nodes)]
    wanted = np.array([net.activate(list(point)) for point in inputs.T]).T
    got = evaluate(compile_genome(imported(net)), x, y, 0.0)
    np.testing.assert_allclose(got, wanted, atol=tolerance, rtol=tolerance)


@pytest.mark.parametrize("bias", [0.0, 0.4, -3.0])
@pytest.mark.parametrize("weight", [0.3, -2.0, 30.0])
@pytest.mark.parametrize("name", READ)
def test_every_activation_means_what_it_means_there(name: str, weight: float, bias: float):
    if name == "cube" and abs(weight) > 10:
        weight = 10.0  # sums stay within 10,000 here
    hidden = row(5, name, [(-1, weight), (-2, 0.1)], bias=bias, response=0.7)
    assert_same_values(network([hidden, row(0, "identity", [(5, 1.0)])]))


def test_the_sine_keeps_its_clamp():
    net = network([row(0, "sin", [(-1, 30.0)], bias=2.0)])
    assert_same_values(net)
    assert len(imported(net).nodes) == 3
    assert len(imported(network([row(0, "sin", [(-1, 2.0)])])).nodes) == 1


@pytest.mark.parametrize("aggregation", ["sum", "mean", "max", "min"])
@pytest.mark.parametrize("count", [0, 1, 2, 5])
def test_aggregations_of_any_number(aggregation: str, count: int):
    links = [(-1, 1.3), (-2, -0.8), (7, 2.0), (8, 0.5), (9, -1.1)][:count]
    rows = [row(key, "tanh", [(-1, 0.3 * key), (-2, -1.0)]) for key in (7, 8, 9)]
    rows.append(row(0, "identity", links, aggregation=aggregation, bias=0.2, response=-1.7))
    assert_same_values(network(rows))


@pytest.mark.parametrize("aggregation", ["product", "maxabs", "median"])
def test_other_aggregations_only_of_one(aggregation: str):
    for links in ([], [(-1, 0.7)]):
        assert_same_values(network([row(0, "identity", links, aggregation=aggregation, bias=0.1)]))
    with pytest.raises(FormatError, match=f"takes '{aggregation}' of 2 values"):
        imported(network([row(0, "identity", [(-1, 1.0), (-2, 1.0)], aggregation=aggregation)]))


def random_network(seed: int) -> Any:
    rng = np.random.default_rng(seed)
    inputs, outputs = int(rng.integers(2, 5)), int(rng.choice([1, 3]))
    names = [name for name in READ if name not in ("cube", "square")]
    order = [*range(10, 10 + int(rng.integers(0, 9))), *range(outputs)]
    known = [-1 - i for i in range(inputs)]
    rows = []
    for key in order:
        sources = rng.choice(known, size=min(len(known), int(rng.integers(1, 5))), replace=False)
        rows.append(
            row(
                key,
                str(rng.choice(names)),
                [(int(source), float(rng.normal(0, 1.5))) for source in sources],
                aggregation=str(rng.choice(["sum", "sum", "mean", "max", "min"])),
                bias=float(rng.normal()),
                response=float(rng.normal(1, 0.5)),
            )
        )
        known.append(key)
    return network(rows, inputs=inputs, outputs=outputs)


@pytest.mark.parametrize("seed", range(60))
def test_random_networks_have_the_values_of_neat_python(seed: int):
    assert_same_values(random_network(seed), tolerance=1e-6)


def test_inputs_are_x_y_d_and_bias_in_this_order():
    rows = [row(0, "identity", [(-1, 0.1), (-2, 0.2), (-3, 0.3), (-4, 0.4)])]
    genome = imported(network(rows, inputs=4))
    assert genome.inputs == ("x", "y", "d", "bias")
    assert {(gene.source, gene.weight) for gene in genome.connections} == {
        ("x", 0.1),
        ("y", 0.2),
        ("d", 0.3),
        ("bias", 0.4),
    }
    with pytest.raises(FormatError, match="it has 5 inputs"):
        imported(network([row(0, "identity", [(-1, 1.0)])], inputs=5))


def test_one_output_is_grey_three_are_red_green_and_blue():
    rows = [row(key, "sigmoid", [(-1, 1.0 + key)]) for key in range(3)]
    assert imported(network(rows[:1])).color == "grey"
    colored = imported(network(rows, outputs=3))
    assert colored.color == "rgb"
    weights = {gene.target: gene.weight for gene in colored.connections}
    assert weights == {"red": 5.0, "green": 10.0, "blue": 15.0}
    with pytest.raises(FormatError, match="it has 2 outputs"):
        imported(network(rows[:2], outputs=2))


def test_what_was_recorded_may_name_inputs_and_colours():
    rows = [row(key, "identity", [(-1, 1.0), (-2, 1.0)]) for key in range(3)]
    net = network(rows, outputs=3)
    genome = imported(net, inputs=["d", "z"], color="oklab")
    assert (genome.inputs, genome.color) == (("d", "z"), "oklab")
    cases: list[dict[str, Any]] = [
        {"inputs": ["d"]},
        {"inputs": [1, {}]},
        {"color": "grey"},
        {"color": []},
    ]
    for wrong in cases:
        genome = imported(net, **wrong)
        assert (genome.inputs, genome.color) == (("x", "y"), "rgb")


def test_an_output_that_nothing_feeds_is_zero():
    assert_same_values(network([row(1, "sigmoid", [(-1, 1.0)])], outputs=3))


def test_the_number_of_the_genome_is_its_origin():
    net = network([row(0, "identity", [(-1, 1.0)])])
    for metadata, wanted in (
        ({"genome_id": 12}, "neat-python, genome 12"),
        ({}, "neat-python"),
        ({"genome_id": "12"}, "neat-python"),
    ):
        text = export_network_json(net, metadata=metadata)
        assert loads_document(text.encode(), name="x").meta["origin"] == wanted


def changed(**members: Any) -> bytes:
    plain = json.loads(export_network_json(network([row(0, "tanh", [(-1, 1.0), (-2, 2.0)])])))
    return json.dumps({**plain, **members}).encode()


def changed_part(name: str, **members: Any) -> bytes:
    plain = json.loads(changed())
    plain[name][0].update(members)
    return json.dumps(plain).encode()


@pytest.mark.parametrize("name", REFUSED)
def test_an_activation_that_cannot_be_drawn_is_refused(name: str):
    with pytest.raises(FormatError, match=f"the activation '{name}', which cannot be drawn here"):
        imported(network([row(0, name, [(-1, 1.0)])]))


CYCLE = [
    {"from": -1, "to": 0, "weight": 1.0, "enabled": True},
    {"from": 0, "to": 0, "weight": 1.0, "enabled": True},
]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (changed(network_type="recurrent"), "its network is recurrent"),
        (changed(network_type="iznn"), "its network is spiking"),
        (changed(network_type=[]), "its network is unknown"),
        (changed(topology=None), "topology must be an object"),
        (changed(topology={"input_keys": [1, 1], "output_keys": [0]}), "names one twice"),
        (changed(topology={"input_keys": [], "output_keys": [0]}), "it has 0 inputs"),
        (changed(topology={"input_keys": [-1, -2], "output_keys": "0"}), "must be a list"),
        (changed(nodes={}), "nodes must be a list"),
        (changed(nodes=[1]), r"nodes\[0\] must be an object"),
        (changed(connections=CYCLE), "form a cycle"),
        (changed_part("connections", to=99), "one of them is not there"),
        (changed_part("connections", **{"from": True}), "must be a whole number"),
        (changed_part("connections", weight=None), r"connections\[0\]\.weight must be a finite"),
        (changed_part("connections", weight=1e300), "within ±1e\\+06"),
        (changed_part("nodes", bias="much"), "the bias of the node 0 must be a finite number"),
        (changed_part("nodes", activation=3), "has no activation"),
        (
            changed_part("nodes", activation={"name": "mine", "custom": True}),
            "a custom activation, 'mine'",
        ),
        (changed_part("nodes", id=-1), "the node -1 is there twice"),
        (changed().replace(b'"weight": 1.0', b'"weight": NaN'), "weight must be a finite number"),
        (changed().replace(b'"weight": 1.0', b'"weight": 1e999'), "must be a finite number"),
        (changed()[:-9], "it is not JSON"),
    ],
)
def test_a_wrong_network_is_refused_with_the_reason(content: bytes, message: str):
    with pytest.raises(FormatError, match=f"^Cannot read net.json: .*{message}"):
        loads_any(content, name="net.json")
