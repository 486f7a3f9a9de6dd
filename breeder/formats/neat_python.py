"""Networks that neat-python 2 exported as JSON, read by what its functions mean.

It shares names with the table of activations and not functions: its sin is sin(5z) of a clamped
z, its sigmoid 1 / (1 + exp(-5z)). Scales move into weights and biases; what needs more than one
of our nodes is built of several. What cannot be built is refused. docs/formats.md says how inputs
and outputs are named.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

from breeder.errors import FormatError, GenomeError
from breeder.formats.limits import MAX_CONNECTIONS, MAX_NODES
from breeder.formats.native import Document
from breeder.genome import OUTPUTS, ColorModel, ConnectionGene, Genome, NodeGene
from breeder.inputs import INPUTS

Term = tuple[str, float]
"""A source's key and its weight."""

SIMPLE: Mapping[str, tuple[str, float]] = MappingProxyType(
    {
        "identity": ("identity", 1.0),
        "sigmoid": ("sigmoid", 5.0),
        "tanh": ("tanh", 2.5),
        "gauss": ("gaussian", math.sqrt(5.0)),
        "relu": ("relu", 1.0),
        "abs": ("abs", 1.0),
        "square": ("square", 1.0),
        "elu": ("elu", 1.0),
    }
)
"""Its activations that are one of ours of a scaled sum; its clamps differ by less than 1e-24."""

COMPOSED = ("sin", "clamped", "hat", "lelu", "cube")
"""Its activations that are made of several nodes."""

ALIKE_FOR_ONE = ("product", "max", "min", "maxabs", "median")
"""Its aggregations that give a single value back."""

SIN_SCALE, SIN_CLAMP = 5.0, 60.0
INPUT_REACH = 4.0
"""Inputs within plus or minus this leave a sine without its clamp, if they keep it inside."""

_INPUTS_BY_COUNT = (("x",), ("x", "y"), ("x", "y", "d"), ("x", "y", "d", "bias"))
_COLOR_BY_COUNT: Mapping[int, ColorModel] = MappingProxyType({1: "grey", 3: "rgb"})
_KINDS: Mapping[str, str] = MappingProxyType(
    {"recurrent": "recurrent", "ctrnn": "recurrent (CTRNN)", "iznn": "spiking"}
)


@dataclass(slots=True)
class _Build:
    """The genome under construction: its nodes and links, and how far each value may reach."""

    nodes: list[NodeGene] = field(default_factory=list)
    links: list[ConnectionGene] = field(default_factory=list)
    reach: dict[str, float] = field(default_factory=dict)

    def add(self, key: str, activation: str, terms: Sequence[Term], bias: float = 0.0) -> str:
        """Add a node of a weighted sum and return its key."""
        if len(self.nodes) >= MAX_NODES:
            raise FormatError(
                f"it needs more than {MAX_NODES:,} nodes here, the most there may be."
            )
        self.nodes.append(NodeGene(key=key, activation=activation, bias=bias))
        for source, weight in terms:
            self.links.append(ConnectionGene(source=source, target=key, weight=weight))
        self.reach[key] = _REACHES.get(activation, lambda most: 1.0)(self.most(terms, bias))
        return key

    def most(self, terms: Sequence[Term], bias: float) -> float:
        """Return a bound of a weighted sum's magnitude."""
        return abs(bias) + sum(abs(weight) * self.reach[source] for source, weight in terms)


_REACHES: Mapping[str, Any] = MappingProxyType(
    {
        "identity": lambda most: most,
        "relu": lambda most: most,
        "abs": lambda most: most,
        "square": lambda most: most * most,
        "elu": lambda most: max(most, 1.0),
    }
)


def is_network(data: object) -> bool:
    """Tell whether parsed JSON is a network of neat-python, good or bad."""
    return isinstance(data, dict) and "network_type" in data and "format" not in data


def document(data: object) -> Document:
    """Return the genome of parsed JSON that neat-python exported.

    Raises:
        FormatError: It is no feed-forward network, or uses what cannot be drawn here; half a
            sentence.
    """
    whole = _object(data, "the whole")
    kind = whole.get("network_type")
    if kind != "feedforward":
        what = _KINDS.get(kind, "unknown") if isinstance(kind, str) else "unknown"
        raise FormatError(f"its network is {what}; only feed-forward ones make pictures.")
    metadata = whole.get("metadata", {})
    metadata = metadata if isinstance(metadata, dict) else {}
    try:
        genome = _genome(whole, metadata)
    except GenomeError as error:
        sentence = str(error)
        raise FormatError(sentence[:1].lower() + sentence[1:]) from error
    return Document(genome=genome, meta=MappingProxyType({"origin": _origin(metadata)}))


def _origin(metadata: Mapping[str, Any]) -> str:
    number = metadata.get("genome_id")
    return f"neat-python, genome {number}" if type(number) is int else "neat-python"


def _genome(whole: Mapping[str, Any], metadata: Mapping[str, Any]) -> Genome:
    topology = _object(whole.get("topology"), "topology")
    inputs = _ids(topology.get("input_keys"), "topology.input_keys")
    outputs = _ids(topology.get("output_keys"), "topology.output_keys")
    names = _input_names(metadata, len(inputs))
    color = _color(metadata, len(outputs))
    keys = dict(zip(inputs, names, strict=True)) | dict(zip(outputs, OUTPUTS[color], strict=True))
    records = _records(whole, "nodes", MAX_NODES)
    computing: dict[int, Mapping[str, Any]] = {}
    for place, record in enumerate(records):
        id_ = _id(record.get("id"), f"nodes[{place}].id")
        if record.get("type") == "input":
            continue
        if id_ in computing or id_ in inputs:
            raise FormatError(f"the node {id_} is there twice.")
        computing[id_] = record
        keys.setdefault(id_, str(id_))
    terms, off = _terms(whole, computing, keys)
    build = _Build(reach=dict.fromkeys(names, INPUT_REACH))
    for id_ in _in_order(computing, terms):
        incoming = [(keys[source], weight) for source, weight in terms[id_]]
        _translate(build, keys[id_], computing[id_], incoming, f"the node {id_}")
    for id_ in outputs:
        if id_ not in computing:  # nothing feeds it: neat-python gives 0
            build.add(keys[id_], "identity", ())
    return Genome(
        inputs=names, nodes=tuple(build.nodes), connections=(*build.links, *off), color=color
    )


def _terms(
    whole: Mapping[str, Any], computing: Mapping[int, object], keys: Mapping[int, str]
) -> tuple[dict[int, list[tuple[int, float]]], list[ConnectionGene]]:
    """Return the enabled connections into each node, and the disabled ones as they are."""
    terms: dict[int, list[tuple[int, float]]] = {id_: [] for id_ in computing}
    off: list[ConnectionGene] = []
    for place, record in enumerate(_records(whole, "connections", MAX_CONNECTIONS)):
        where = f"connections[{place}]"
        source = _id(record.get("from"), f"{where}.from")
        target = _id(record.get("to"), f"{where}.to")
        weight = _number(record.get("weight"), f"{where}.weight")
        if source not in keys or target not in computing:
            raise FormatError(f"{where} joins {source} to {target}, and one of them is not there.")
        if record.get("enabled", True) is not False:
            terms[target].append((source, weight))
        else:
            ends = keys[source], keys[target]
            off.append(ConnectionGene(source=ends[0], target=ends[1], weight=weight, enabled=False))
    return terms, off


def _in_order(
    computing: Mapping[int, object], terms: Mapping[int, Sequence[tuple[int, float]]]
) -> list[int]:
    """Return the nodes so that sources come before what they feed."""
    waiting = {id_: sum(1 for source, _ in terms[id_] if source in computing) for id_ in computing}
    feeds: dict[int, list[int]] = {id_: [] for id_ in computing}
    for target, incoming in terms.items():
        for source, _ in incoming:
            if source in feeds:
                feeds[source].append(target)
    order = [id_ for id_, count in waiting.items() if count == 0]
    for id_ in order:
        for target in feeds[id_]:
            waiting[target] -= 1
            if waiting[target] == 0:
                order.append(target)
    if len(order) < len(waiting):
        raise FormatError("its connections form a cycle; a picture's network has none.")
    return order


def _translate(
    build: _Build, key: str, record: Mapping[str, Any], incoming: list[Term], where: str
) -> None:
    """Add a node, or several, with the value f(bias + response * aggregate)."""
    bias = _number(record.get("bias"), f"the bias of {where}")
    response = _number(record.get("response", 1.0), f"the response of {where}")
    terms, start = _aggregated(build, key, record, incoming, where)
    terms = [(source, response * weight) for source, weight in terms]
    _activated(build, key, record, terms, bias + response * start, where)


def _aggregated(
    build: _Build, key: str, record: Mapping[str, Any], incoming: list[Term], where: str
) -> tuple[list[Term], float]:
    """Return what a node aggregates as a weighted sum and a constant."""
    name = _function(record.get("aggregation", "sum"), "aggregation", where)
    if name == "product" and not incoming:
        return [], 1.0
    if name == "sum" or (len(incoming) < 2 and name in ALIKE_FOR_ONE):
        return incoming, 0.0
    if name == "mean":
        return [(source, weight / len(incoming)) for source, weight in incoming], 0.0
    if name in ("max", "min"):
        sign = 1.0 if name == "max" else -1.0
        (source, weight), *others = incoming
        best = build.add(f"{key}.{name}0", "identity", [(source, sign * weight)])
        for step, (source, weight) in enumerate(others, 1):  # max(a, b) = a + relu(b - a)
            more = build.add(f"{key}.over{step}", "relu", [(source, sign * weight), (best, -1.0)])
            best = build.add(f"{key}.{name}{step}", "identity", [(best, 1.0), (more, 1.0)])
        return [(best, sign)], 0.0
    raise FormatError(
        f"{where} takes {name[:40]!a} of {len(incoming)} values; only sum, mean, max and min of "
        "several can be drawn here."
    )


def _activated(
    build: _Build,
    key: str,
    record: Mapping[str, Any],
    terms: list[Term],
    bias: float,
    where: str,
) -> None:
    name = _function(record.get("activation"), "activation", where)
    if name in SIMPLE:
        activation, scale = SIMPLE[name]
        build.add(key, activation, _scaled(terms, scale), bias * scale)
    elif name == "sin":
        terms, bias = _scaled(terms, SIN_SCALE), bias * SIN_SCALE
        if build.most(terms, bias) > SIN_CLAMP:
            terms, bias = _clamped(build, key, terms, bias, SIN_CLAMP)
        build.add(key, "sin", terms, bias)
    elif name == "clamped":
        build.add(key, "identity", *_clamped(build, key, terms, bias, 1.0))
    elif name == "hat":
        size = build.add(f"{key}.abs", "abs", terms, bias)
        build.add(key, "relu", [(size, -1.0)], 1.0)
    elif name == "lelu":
        above = build.add(f"{key}.above", "relu", terms, bias)
        below = build.add(f"{key}.below", "relu", _scaled(terms, -1.0), -bias)
        build.add(key, "identity", [(above, 1.0), (below, -0.005)])
    elif name == "cube":  # 2 z^3 = (z^2 + z)^2 - z^4 - z^2
        once = build.add(f"{key}.z", "identity", terms, bias)
        square = build.add(f"{key}.z2", "square", [(once, 1.0)])
        fourth = build.add(f"{key}.z4", "square", [(square, 1.0)])
        both = build.add(f"{key}.both", "square", [(square, 1.0), (once, 1.0)])
        build.add(key, "identity", [(both, 0.5), (fourth, -0.5), (square, -0.5)])
    else:
        known = ", ".join((*SIMPLE, *COMPOSED))
        raise FormatError(
            f"{where} has the activation {name[:40]!a}, which cannot be drawn here; those that "
            f"can are {known}."
        )


def _scaled(terms: Sequence[Term], scale: float) -> list[Term]:
    return [(source, weight * scale) for source, weight in terms]


def _clamped(
    build: _Build, key: str, terms: Sequence[Term], bias: float, limit: float
) -> tuple[list[Term], float]:
    """Return a sum clamped to plus or minus a limit, as a sum of two rectified ones."""
    low = build.add(f"{key}.low", "relu", terms, bias + limit)
    high = build.add(f"{key}.high", "relu", terms, bias - limit)
    return [(low, 1.0), (high, -1.0)], -limit


def _input_names(metadata: Mapping[str, Any], count: int) -> tuple[str, ...]:
    given = metadata.get("inputs")
    names = tuple(given) if isinstance(given, list) else ()
    if names and len(names) == count and all(name in tuple(INPUTS) for name in names):
        return names
    if not 1 <= count <= len(_INPUTS_BY_COUNT):
        raise FormatError(
            f"it has {count} inputs; a picture's has x, y, d and bias, or the first of these."
        )
    return _INPUTS_BY_COUNT[count - 1]


def _color(metadata: Mapping[str, Any], count: int) -> ColorModel:
    given = metadata.get("color")
    for model in OUTPUTS:
        if given == model and len(OUTPUTS[model]) == count:
            return model
    if count not in _COLOR_BY_COUNT:
        raise FormatError(f"it has {count} outputs; a picture's network has 1 or 3.")
    return _COLOR_BY_COUNT[count]


def _function(value: object, what: Literal["activation", "aggregation"], where: str) -> str:
    """Return the name of a function, as the export or a person may write it."""
    name = value.get("name") if isinstance(value, dict) else value
    if not isinstance(name, str):
        raise FormatError(f"{where} has no {what}.")
    if isinstance(value, dict) and value.get("custom") is True:
        raise FormatError(
            f"{where} has a custom {what}, {name[:40]!a}, whose meaning is not known."
        )
    return name


def _records(whole: Mapping[str, Any], name: str, most: int) -> list[Mapping[str, Any]]:
    records = whole.get(name)
    if not isinstance(records, list):
        raise FormatError(f"{name} must be a list.")
    if len(records) > most:
        raise FormatError(f"{name} has more than {most:,} entries.")
    return [_object(record, f"{name}[{place}]") for place, record in enumerate(records)]


def _object(value: object, where: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise FormatError(f"{where} must be an object.")
    return value


def _ids(value: object, where: str) -> list[int]:
    if not isinstance(value, list):
        raise FormatError(f"{where} must be a list.")
    ids = [_id(each, f"{where}[{place}]") for place, each in enumerate(value[:100])]
    if len(set(ids)) < len(value):
        raise FormatError(f"{where} names one twice, or too many.")
    return ids


def _id(value: object, where: str) -> int:
    if type(value) is not int or abs(value) > 10**15:
        raise FormatError(f"{where} must be a whole number.")
    return value


def _number(value: object, where: str) -> float:
    if type(value) not in (int, float) or not math.isfinite(value):  # type: ignore[arg-type]
        raise FormatError(f"{where} must be a finite number.")
    return float(value)  # type: ignore[arg-type]
