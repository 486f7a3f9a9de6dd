"""Genomes: the data that a picture is drawn from, and its identity.

A genome is a value: immutable, checked when made, equal to another exactly when their canonical
forms are equal. It knows nothing of how it is drawn, bred or stored.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal, get_args

from breeder.activations import ACTIVATIONS
from breeder.errors import GenomeError
from breeder.inputs import INPUTS

ColorModel = Literal["grey", "hsb", "rgb", "oklab", "lab"]
COLOR_MODELS: tuple[ColorModel, ...] = get_args(ColorModel)

OUTPUTS: Mapping[ColorModel, tuple[str, ...]] = MappingProxyType(
    {
        "grey": ("brightness",),
        "hsb": ("hue", "saturation", "brightness"),
        "rgb": ("red", "green", "blue"),
        "oklab": ("lightness", "green_red", "blue_yellow"),
        "lab": ("lightness", "green_red", "blue_yellow"),
    }
)
"""The keys of the output nodes of each colour model, in the order of its channels."""

WEIGHT_LIMIT = 1e6
"""Weights and biases lie within plus or minus this, so that sums stay finite in 32 bits."""

KEY_LENGTH = 64

_SURROGATE = re.compile("[\ud800-\udfff]")  # half a character: no file or database can hold it


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeGene:
    """A node that computes: hidden or output.

    Attributes:
        key: Its mark, the same wherever the same invention is made; at most 64 characters.
        activation: A name from the table of activations.
        bias: Added to the weighted sum.
    """

    key: str
    activation: str
    bias: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionGene:
    """A weighted link, marked by its two ends.

    Attributes:
        source: The key of an input or node.
        target: The key of a node.
        weight: The factor on the source's value.
        enabled: Whether the picture uses it; a disabled one can be enabled again.
    """

    source: str
    target: str
    weight: float
    enabled: bool = True

    @property
    def ends(self) -> tuple[str, str]:
        """The mark: source and target."""
        return (self.source, self.target)


@dataclass(frozen=True, slots=True, kw_only=True)
class Genome:
    """A network from position to colour; immutable and acyclic.

    Nodes and connections are kept in canonical order, whatever order they were given in. Output
    nodes may feed other nodes. Nodes that no output needs are allowed and keep their genes.

    Attributes:
        inputs: Names from the table of inputs.
        nodes: Hidden and output nodes.
        connections: At most one for each pair of ends.
        color: The colour model; its output keys must be among the nodes.

    Raises:
        GenomeError: An invariant does not hold; the message names the gene.
    """

    inputs: tuple[str, ...]
    nodes: tuple[NodeGene, ...]
    connections: tuple[ConnectionGene, ...]
    color: ColorModel
    _id: str = field(init=False, repr=False, compare=False, default="")

    def __post_init__(self) -> None:
        _set(self, "inputs", tuple(self.inputs))
        _set(self, "nodes", tuple(sorted(map(_finite_node, self.nodes), key=lambda n: n.key)))
        _set(
            self,
            "connections",
            tuple(sorted(map(_finite_connection, self.connections), key=lambda c: c.ends)),
        )
        _check_inputs_and_color(self)
        _check_nodes(self)
        _check_connections(self)
        topological_order(self.node_keys, (c.ends for c in self.connections))

    @property
    def id(self) -> str:
        """The identity: 32 hexadecimal digits, a hash of the canonical form."""
        if not self._id:
            digest = hashlib.blake2b(canonical_json(self).encode(), digest_size=16)
            _set(self, "_id", digest.hexdigest())
        return self._id

    @property
    def outputs(self) -> tuple[str, ...]:
        """The keys of the output nodes, in the order of the colour model's channels."""
        return OUTPUTS[self.color]

    @property
    def node_keys(self) -> tuple[str, ...]:
        """The keys of all nodes, inputs not among them."""
        return tuple(node.key for node in self.nodes)

    def __hash__(self) -> int:
        return hash(self.id)


def canonical_json(genome: Genome) -> str:
    """Return the text that identity is a hash of: sorted, compact, floats exact.

    Floats are written in their shortest form that reads back bit for bit; minus zero is zero.
    """
    return json.dumps(to_plain(genome), separators=(",", ":"), sort_keys=True, allow_nan=False)


def to_plain(genome: Genome) -> dict[str, object]:
    """Return the genome as lists, strings and numbers, in canonical order."""
    return {
        "inputs": list(genome.inputs),
        "color": genome.color,
        "nodes": [[n.key, n.activation, n.bias] for n in genome.nodes],
        "connections": [[c.source, c.target, c.weight, c.enabled] for c in genome.connections],
    }


def topological_order(keys: Iterable[str], ends: Iterable[tuple[str, str]]) -> dict[str, int]:
    """Return the level of each node: 0 where only inputs feed it, else 1 + its highest source's.

    Args:
        keys: The node keys. Sources that are not among them count as inputs.
        ends: (source, target) of each connection.

    Returns:
        Levels by key, in an order in which every source stands before its targets.

    Raises:
        GenomeError: The connections form a cycle.
    """
    waiting = dict.fromkeys(keys, 0)
    targets: dict[str, list[str]] = {key: [] for key in waiting}
    for source, target in ends:
        if source in targets:
            targets[source].append(target)
            waiting[target] += 1
    levels = {key: 0 for key, count in waiting.items() if count == 0}
    queue = list(levels)
    for key in queue:
        for target in targets[key]:
            levels[target] = max(levels.get(target, 0), levels[key] + 1)
            waiting[target] -= 1
            if waiting[target] == 0:
                queue.append(target)
    if len(queue) < len(waiting):
        stuck = min(key for key, count in waiting.items() if count)
        raise GenomeError(
            f"The connections form a cycle through or before node {stuck!r}; "
            "a picture's network must be acyclic."
        )
    return {key: levels[key] for key in queue}


def _set(genome: Genome, name: str, value: object) -> None:
    object.__setattr__(genome, name, value)


def _finite(value: float, what: str) -> float:
    number = float(value)
    if not math.isfinite(number) or abs(number) > WEIGHT_LIMIT:
        raise GenomeError(
            f"{what} must be a finite number within ±{WEIGHT_LIMIT:g}, but is {number}."
        )
    return number + 0.0  # minus zero becomes zero: equal genomes have one identity


def _finite_node(node: NodeGene) -> NodeGene:
    bias = node.bias
    if type(bias) is float and -WEIGHT_LIMIT <= bias <= WEIGHT_LIMIT and bias != 0.0:
        return node
    exact = _finite(bias, f"The bias of node {node.key!r}")
    return NodeGene(key=node.key, activation=node.activation, bias=exact)


def _finite_connection(gene: ConnectionGene) -> ConnectionGene:
    weight = gene.weight
    types = (type(weight), type(gene.enabled))
    if types == (float, bool) and -WEIGHT_LIMIT <= weight <= WEIGHT_LIMIT and weight != 0.0:
        return gene
    exact = _finite(weight, f"The weight of the connection {gene.source!r} to {gene.target!r}")
    return ConnectionGene(
        source=gene.source, target=gene.target, weight=exact, enabled=bool(gene.enabled)
    )


def _check_inputs_and_color(genome: Genome) -> None:
    for name in genome.inputs:
        if name not in INPUTS:
            raise GenomeError(f"Unknown input {name!r}; the inputs are {', '.join(INPUTS)}.")
    if len(set(genome.inputs)) < len(genome.inputs) or not genome.inputs:
        raise GenomeError("A genome needs at least one input, and each input only once.")
    if genome.color not in COLOR_MODELS:
        raise GenomeError(
            f"Unknown colour model {genome.color!r}; the models are {', '.join(COLOR_MODELS)}."
        )


def _check_nodes(genome: Genome) -> None:
    seen: set[str] = set(genome.inputs)
    for node in genome.nodes:
        if not 0 < len(node.key) <= KEY_LENGTH or _SURROGATE.search(node.key):
            raise GenomeError(
                f"A node's key must be text of 1 to {KEY_LENGTH} characters, not {node.key!a}."
            )
        if node.key in seen:
            raise GenomeError(
                f"The key {node.key!r} is used twice or is the name of an input here."
            )
        if node.activation not in ACTIVATIONS:
            raise GenomeError(
                f"Unknown activation {node.activation!r} in node {node.key!r}; "
                f"the activations are {', '.join(ACTIVATIONS)}."
            )
        seen.add(node.key)
    missing = [key for key in OUTPUTS[genome.color] if key not in seen]
    if missing:
        raise GenomeError(f"The output node {missing[0]!r} of the model {genome.color} is missing.")


def _check_connections(genome: Genome) -> None:
    targets = set(genome.node_keys)
    sources = targets.union(genome.inputs)
    previous: tuple[str, str] | None = None
    for gene in genome.connections:
        if gene.source not in sources:
            raise GenomeError(
                f"A connection comes from {gene.source!r}, which is not an input or node here."
            )
        if gene.target not in targets:
            raise GenomeError(f"A connection goes to {gene.target!r}, which is not a node here.")
        if gene.ends == previous:
            raise GenomeError(f"The connection {gene.source!r} to {gene.target!r} is there twice.")
        previous = gene.ends
