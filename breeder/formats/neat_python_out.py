"""Networks as neat-python 2 exports them, with the values that neat-python itself gives.

Its functions share names with ours and not meanings: scales move into weights and biases, and what
it does not have is built of several of its nodes: a cosine, a triangle wave, a sine that goes on
beyond its clamp, the limit of sums.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from breeder.activations import GELU_CUBE, GELU_SLOPE, LEAK, SUM_LIMIT
from breeder.errors import FormatError
from breeder.formats.code.listing import Step, listing
from breeder.formats.limits import MAX_BYTES, MAX_CONNECTIONS, MAX_NODES
from breeder.formats.neat_python import INPUT_REACH, SIN_CLAMP, SIN_SCALE
from breeder.genome import Genome
from breeder.program import compile_once
from breeder.rendering import Device
from breeder.rendering.canvas import Canvas

FORMAT_VERSION = "1.0"

INPUT_REACHES: Mapping[str, float] = MappingProxyType(
    {
        "x": INPUT_REACH,
        "y": INPUT_REACH,
        "d": 2.0 * INPUT_REACH,
        "bias": 1.0,
        "z": INPUT_REACH,
        "r": math.sqrt(2.0) * INPUT_REACH,
        "x2": INPUT_REACH**2,
        "y2": INPUT_REACH**2,
        "cos10r": 1.0,
    }
)
"""How large each input gets where x, y and z are within reach."""

TOO_LARGE = (
    f"The picture is too large for a network of neat-python, which has {MAX_NODES:,} nodes and "
    f"{MAX_CONNECTIONS:,} connections at most here."
)

MISSING: Mapping[str, str] = MappingProxyType(
    {
        "picbreeder_sigmoid": "neat-python's functions have no steps",
        "picbreeder_gaussian": "neat-python's functions have no steps",
        "sqrt": "neat-python has no square root",
    }
)
"""What no network of neat-python can give, and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """A value that is scale times a node's plus offset."""

    node: str
    scale: float = 1.0
    offset: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Sum:
    """A weighted sum of nodes: weights by node, and a constant."""

    terms: Mapping[str, float]
    start: float

    def moved(self, scale: float, offset: float = 0.0) -> Sum:
        """Return scale times the sum plus offset."""
        terms = {node: scale * weight for node, weight in self.terms.items()}
        return Sum(terms=terms, start=scale * self.start + offset)


@dataclass(slots=True)
class _Build:
    """The network under construction; nodes stand in the order in which they are computed."""

    nodes: dict[str, tuple[str, Sum]] = field(default_factory=dict)
    reach: dict[str, float] = field(default_factory=dict)

    def add(self, key: str, activation: str, total: Sum) -> str:
        """Add a node, and return its key.

        Raises:
            FormatError: There are too many.
        """
        if len(self.nodes) >= MAX_NODES:
            raise FormatError(TOO_LARGE)
        self.nodes[key] = (activation, total)
        self.reach[key] = _REACHES.get(activation, _one)(self.most(total))
        return key

    def most(self, total: Sum) -> float:
        """Return a bound of a sum's magnitude."""
        parts = (abs(weight) * self.reach[node] for node, weight in total.terms.items())
        return abs(total.start) + sum(parts)


def _one(most: float) -> float:
    return 1.0


_REACHES: Mapping[str, Callable[[float], float]] = MappingProxyType(
    {
        "identity": lambda most: most,
        "relu": lambda most: most,
        "abs": lambda most: most,
        "square": lambda most: most * most,
        "elu": lambda most: max(most, 1.0),
    }
)


def write_network(genome: Genome, canvas: Canvas, title: str, device: Device) -> Iterable[bytes]:
    """Yield a genome as neat-python's JSON.

    Raises:
        FormatError: It has a stepped activation, or becomes too large.
    """
    spelled = listing(compile_once(genome))
    if spelled.connections > MAX_CONNECTIONS:
        raise FormatError(TOO_LARGE)
    names = genome.inputs
    build = _Build(reach={name: INPUT_REACHES[name] for name in names})
    values = {name: Value(node=name) for name in names}
    for step in spelled.steps:
        values[step.name] = _translated(build, step, values)
    outputs = []
    for channel, value in spelled.channels:
        shown = values[value]
        outputs.append(
            shown.node
            if (shown.scale, shown.offset) == (1.0, 0.0)
            else build.add(channel, "identity", _total({shown.node: shown.scale}, shown.offset))
        )
    yield _text(genome, title, build, names, outputs).encode()


def _total(terms: Mapping[str, float], start: float) -> Sum:
    return Sum(terms=terms, start=start)


def _translated(build: _Build, step: Step, values: Mapping[str, Value]) -> Value:
    """Add the nodes of one of ours, and return its value."""
    if step.operation in MISSING:
        raise FormatError(
            f"The picture cannot be a network of neat-python: it uses {step.operation}, "
            f"and {MISSING[step.operation]}."
        )
    terms: dict[str, float] = {}
    start = step.bias
    for weight, source in step.terms:
        value = values[source]
        terms[value.node] = terms.get(value.node, 0.0) + weight * value.scale
        start += weight * value.offset
    return LOWERING[step.operation](build, step.name, _total(terms, start))


def _limited(build: _Build, key: str, total: Sum) -> Sum:
    """Return a sum clipped to its limit; as it is, where it cannot get there."""
    if build.most(total) <= SUM_LIMIT:
        return total
    clamped = build.add(f"{key}.clamped", "clamped", total.moved(1.0 / SUM_LIMIT))
    return _total({clamped: SUM_LIMIT}, 0.0)


def _scaled(activation: str, scale: float, gain: float = 1.0, offset: float = 0.0) -> _Lower:
    """Return the lowering to a function of its own that does not grow: gain f(scale u) + offset."""

    def lower(build: _Build, key: str, total: Sum) -> Value:
        node = build.add(key, activation, total.moved(scale))
        return Value(node=node, scale=gain, offset=offset)

    return lower


def _same(activation: str) -> _Lower:
    """Return the lowering to its function of the same meaning, which grows."""

    def lower(build: _Build, key: str, total: Sum) -> Value:
        return Value(node=build.add(key, activation, _limited(build, key, total)))

    return lower


def _sine(build: _Build, key: str, total: Sum) -> Value:
    return _turning(build, key, _limited(build, key, total))


def _cosine(build: _Build, key: str, total: Sum) -> Value:
    return _turning(build, key, _limited(build, key, total).moved(1.0, math.pi / 2))


def _turning(build: _Build, key: str, total: Sum) -> Value:
    """Add a sine; beyond neat-python's clamp by sin u = 2 sin(u / 2 + pi / 4)^2 - 1, repeated."""
    halvings = 0
    while build.most(total) > SIN_CLAMP:
        total = total.moved(0.5, math.pi / 4)
        halvings += 1
    inner = f"{key}.inner" if halvings else key
    node = build.add(inner, "sin", total.moved(1.0 / SIN_SCALE))
    value = Value(node=node)
    for left in reversed(range(halvings)):
        doubled = _total({value.node: value.scale}, value.offset)
        node = build.add(f"{key}.doubled{left}" if left else key, "square", doubled)
        value = Value(node=node, scale=2.0, offset=-1.0)
    return value


def _triangle(build: _Build, key: str, total: Sum) -> Value:
    """Add a triangle wave: fold the line at whole turns until one slope is left."""
    shifted = _limited(build, key, total).moved(1.0, -math.pi / 2)
    most = build.most(shifted)
    # Half as large where it would be clipped when it is read here again.
    unit = 1.0 if most <= SUM_LIMIT else 0.5
    turn = 2 * math.pi
    while 2 * turn < most:
        turn *= 2
    folds = []
    while most > 2 * math.pi:
        folds.append(turn)
        most, turn = turn, turn / 2
    turned = most > math.pi
    if turned:
        folds.append(math.pi)
    node = build.add(f"{key}.folded" if folds else key, "abs", shifted.moved(unit))
    for number, place in enumerate(folds, 1):
        name = f"{key}.fold{number}" if number < len(folds) else key
        node = build.add(name, "abs", _total({node: 1.0}, -place * unit))
    sign = 1.0 if turned else -1.0
    return Value(node=node, scale=sign * 2.0 / math.pi / unit, offset=-sign)


def _leaky(build: _Build, key: str, total: Sum) -> Value:
    """Add a leak beside a rectified sum."""
    limited = _limited(build, key, total)
    above = build.add(f"{key}.above", "relu", limited)
    leak = limited.moved(LEAK)
    terms = {**leak.terms, above: 1.0 - LEAK}
    return Value(node=build.add(key, "identity", _total(terms, leak.start)))


GELU_REACH = 10.0
"""Beyond plus or minus this the tanh in gelu is 1 to the last bit."""


def _gelu(build: _Build, key: str, total: Sum) -> Value:
    """Add a sum times its gate: with a and b their half sum and difference, a^2 - b^2."""
    limited = _limited(build, key, total)
    inner = build.add(f"{key}.near", "clamped", limited.moved(1.0 / GELU_REACH))
    cube = build.add(f"{key}.cube", "cube", _total({inner: 1.0}, 0.0))
    # Half of 1 + tanh t is the sigmoid of 2 t.
    slope = 2.0 * GELU_SLOPE * GELU_REACH / 5.0
    bend = slope * GELU_CUBE * GELU_REACH**2
    gate = build.add(f"{key}.gate", "sigmoid", _total({inner: slope, cube: bend}, 0.0))
    squares = []
    for name, sign in (("plus", 0.5), ("minus", -0.5)):
        half = limited.moved(0.5)
        terms = {**half.terms, gate: sign}
        squares.append(build.add(f"{key}.{name}", "square", _total(terms, half.start)))
    difference = dict(zip(squares, (1.0, -1.0), strict=True))
    return Value(node=build.add(key, "identity", _total(difference, 0.0)))


_Lower = Callable[[_Build, str, Sum], Value]

LOWERING: Mapping[str, _Lower] = MappingProxyType(
    {
        "identity": _same("identity"),
        "sin": _sine,
        "cos": _cosine,
        "tanh": _scaled("tanh", 1 / 2.5),
        "sigmoid": _scaled("sigmoid", 1 / 5.0),
        "bipolar_sigmoid": _scaled("tanh", 0.5 / 2.5),
        "gaussian": _scaled("gauss", 1 / math.sqrt(5.0)),
        "bipolar_gaussian": _scaled("gauss", 1 / math.sqrt(5.0), 2.0, -1.0),
        "abs": _same("abs"),
        "square": _same("square"),
        "relu": _same("relu"),
        "triangle": _triangle,
        "leaky_relu": _leaky,
        "elu": _same("elu"),
        "gelu": _gelu,
    }
)
"""What each of our activations is in neat-python's; those it lacks are in MISSING."""


def _text(
    genome: Genome, title: str, build: _Build, inputs: Sequence[str], outputs: Sequence[str]
) -> str:
    hidden = [key for key in build.nodes if key not in outputs]
    ids = {name: -1 - place for place, name in enumerate(inputs)}
    ids |= {key: place for place, key in enumerate((*outputs, *hidden))}
    links = [
        {"from": ids[source], "to": ids[key], "weight": weight, "enabled": True}
        for key, (_, total) in build.nodes.items()
        for source, weight in total.terms.items()
    ]
    nodes = [
        _node(ids[key], "output" if key in outputs else "hidden", activation, total.start)
        for key, (activation, total) in build.nodes.items()
    ]
    data = {
        "format_version": FORMAT_VERSION,
        "network_type": "feedforward",
        "metadata": _metadata(genome, title),
        "topology": {
            "num_inputs": len(inputs),
            "num_outputs": len(outputs),
            "input_keys": [ids[name] for name in inputs],
            "output_keys": [ids[key] for key in outputs],
        },
        "nodes": [*nodes, *(_node(ids[name], "input", "identity", 0.0) for name in inputs)],
        "connections": links,
    }
    text = json.dumps(data, indent=2, allow_nan=False)
    if len(links) > MAX_CONNECTIONS or len(text) > MAX_BYTES:
        raise FormatError(TOO_LARGE)
    return text


def _node(id_: int, kind: str, activation: str, bias: float) -> dict[str, Any]:
    return {
        "id": id_,
        "type": kind,
        "activation": {"name": activation, "custom": False},
        "aggregation": {"name": "none" if kind == "input" else "sum", "custom": False},
        "bias": bias,
        "response": 1.0,
    }


def _metadata(genome: Genome, title: str) -> dict[str, Any]:
    texts: dict[str, Any] = {"made_with": "breeder", "breeder_genome": genome.id}
    if title:
        texts["title"] = title
    return texts | {"inputs": list(genome.inputs), "color": genome.color}
