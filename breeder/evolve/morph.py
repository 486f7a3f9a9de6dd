"""Morphing: the networks between two genomes, so that each frame of a film is a picture of one.

Genomes are aligned by their marks. What both have moves from one value to the other; what only one
has grows from weight zero, or fades to it. Where a node computes something else in each, both
stand in the frame and hand their readers a mixture. Only what a picture needs takes part: disabled
connections count as weight zero, and are not in the frames.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from breeder.errors import SettingsError
from breeder.evolve import tones
from breeder.genome import OUTPUTS, ColorModel, ConnectionGene, Genome, NodeGene

Terms = Sequence[tuple[str, float]]
"""A weighted sum: values and their factors."""


def morph(first: Genome, second: Genome, t: float) -> Genome:
    """Return the genome a part of the way from one to another.

    Colour models that differ: between grey and another, the colours come or go all along. Between
    two others they fade to grey until the middle, where the model changes, and come back.

    Args:
        first: Where the way begins.
        second: Where it ends.
        t: How far along, 0 to 1; 0 gives the first itself, and 1 the second.

    Returns:
        An acyclic genome, also where the connections of both together would form a cycle.

    Raises:
        SettingsError: t lies outside 0 to 1.
    """
    if not 0.0 <= t <= 1.0:
        raise SettingsError(f"A morph goes from 0 to 1, but {t} was asked for.")
    if t == 0.0 or first == second:
        return first
    if t == 1.0:
        return second
    return _Frame(_Part(first), _Part(second), t).genome()


class _Part:
    """What a genome's picture is made of.

    Attributes:
        color: The colour model.
        inputs: Names of inputs.
        outputs: Keys of the outputs, by channel.
        nodes: The nodes that an output needs, by key.
        links: The weights of the enabled connections between them, by ends.
    """

    def __init__(self, genome: Genome) -> None:
        self.color = genome.color
        self.inputs = genome.inputs
        self.outputs = genome.outputs
        incoming: dict[str, list[ConnectionGene]] = {node.key: [] for node in genome.nodes}
        for gene in genome.connections:
            if gene.enabled:
                incoming[gene.target].append(gene)
        needed = dict.fromkeys(genome.outputs)
        queue = list(needed)
        for key in queue:
            for gene in incoming[key]:
                if gene.source in incoming and gene.source not in needed:
                    needed[gene.source] = None
                    queue.append(gene.source)
        self.nodes = {node.key: node for node in genome.nodes if node.key in needed}
        self.links = {gene.ends: gene.weight for key in needed for gene in incoming[key]}

    def rename(self, taken: Iterable[str]) -> None:
        """Give other keys to nodes that are called like inputs of the other genome."""
        new = {key: f"{key}\nnode" for key in taken if key in self.nodes}
        self.nodes = {new.get(key, key): node for key, node in self.nodes.items()}
        self.links = {
            (new.get(source, source), new.get(target, target)): weight
            for (source, target), weight in self.links.items()
        }
        self.outputs = tuple(new.get(key, key) for key in self.outputs)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Copy:
    """A node as it stands in the frame; `side` is 0 or 1 for one of two, None for the only one."""

    key: str
    side: int | None

    @property
    def name(self) -> str:
        return self.key if self.side is None else f"{self.key}\n{self.side}"


class _Frame:
    """The network at one moment. Names within it may hold a line end: they become keys at last."""

    def __init__(self, first: _Part, second: _Part, t: float) -> None:
        before = first.inputs
        first.rename(set(second.inputs) - set(before))
        second.rename(set(before) - set(second.inputs))
        self.sides = (first, second)
        self.shares = (1.0 - t, t)
        self.inputs = (*before, *(name for name in second.inputs if name not in before))
        self.knot = _knot(set(first.nodes) | set(second.nodes), {*first.links, *second.links})
        self.nodes: dict[str, tuple[str, float]] = {}
        self.links: dict[tuple[str, str], float] = {}

    def genome(self) -> Genome:
        """Return the frame."""
        for key in dict.fromkeys((*self.sides[0].nodes, *self.sides[1].nodes)):
            for copy in self._copies(key):
                self._place(copy)
        for source, target in dict.fromkeys((*self.sides[0].links, *self.sides[1].links)):
            for copy in self._copies(target):
                self._link(source, copy)
        color, channels = self._channels()
        return _named(self.inputs, self.nodes, self.links, color, channels)

    def mixed(self, old: float | None, new: float | None) -> float:
        """Return the value between two; that of the one where there is only one."""
        if old is None or new is None:
            return (new if old is None else old) or 0.0
        return self.shares[0] * old + self.shares[1] * new

    def terms(self, key: str) -> Terms:
        """Return the value of a node: itself, or the mixture of its two copies."""
        copies = self._copies(key)
        if len(copies) == 1:
            return [(copies[0].name, 1.0)]
        return [(copy.name, self.shares[copy.side or 0]) for copy in copies]

    def total(self, name: str, terms: Terms, activation: str = "identity", bias: float = 0) -> str:
        """Add a node that computes something from a weighted sum, and return its name."""
        self.nodes[name] = (activation, bias)
        for source, factor in terms:
            self.links[source, name] = self.links.get((source, name), 0.0) + factor
        return name

    def _copies(self, key: str) -> list[_Copy]:
        """Return the node once, or twice where it does something else in each genome."""
        there = [side for side in (0, 1) if key in self.sides[side].nodes]
        if len(there) == 1:
            # In the knot, what only one has belongs to that one's way through it.
            return [_Copy(key=key, side=there[0] if key in self.knot else None)]
        one, other = (side.nodes[key].activation for side in self.sides)
        if one == other and key not in self.knot:
            return [_Copy(key=key, side=None)]
        return [_Copy(key=key, side=0), _Copy(key=key, side=1)]

    def _place(self, copy: _Copy) -> None:
        genes = [part.nodes.get(copy.key) for part in self.sides]
        own = genes[copy.side] if copy.side is not None else genes[0] or genes[1]
        assert own is not None  # noqa: S101  (a copy of a side stands for a node of it)
        bias = self.mixed(*(gene.bias if gene else None for gene in genes))
        self.nodes[copy.name] = (own.activation, bias)

    def _link(self, source: str, target: _Copy) -> None:
        """Add what a connection of either genome is to one copy of its target."""
        old, new = (part.links.get((source, target.key)) for part in self.sides)
        if target.key in self.knot and target.side is not None:
            if (old, new)[target.side] is None:
                return  # each way through the knot has its own connections
            weight = self.mixed(old, new)
            if source in self.knot:
                self.links[_Copy(key=source, side=target.side).name, target.name] = weight
                return
        elif all(target.key in part.nodes for part in self.sides):
            weight = self.mixed(old or 0.0, new or 0.0)
        else:
            weight = self.mixed(old, new)  # the node is new: what leaves it grows, not what enters
        if source in self.inputs:
            self.links[source, target.name] = weight
            return
        for name, factor in self.terms(source):
            self.links[name, target.name] = weight * factor

    def _channels(self) -> tuple[ColorModel, list[Terms]]:
        """Return the colour model of the frame, and what its channels are."""
        models = [part.color for part in self.sides]
        values = [[self.terms(key) for key in part.outputs] for part in self.sides]
        if models[0] == models[1]:
            return models[0], values[0]  # the same keys, so the same terms
        side = 1 if models[0] == "grey" or (models[1] != "grey" and self.shares[1] >= 0.5) else 0
        vivid = self.shares[side] if "grey" in models else 2.0 * self.shares[side] - 1.0
        tone: list[tuple[str, float]] = []
        for number, (model, channels) in enumerate(zip(models, values, strict=True)):
            grey = tones.tone(self, model, channels, f"tone\n{number}")
            tone += [(name, factor * self.shares[number]) for name, factor in grey]
        return models[side], tones.faded(self, models[side], values[side], tone, vivid)


def _knot(keys: set[str], links: set[tuple[str, str]]) -> set[str]:
    """Return the nodes on cycles of the links, and those between cycles; mostly none.

    What is left when nodes that nothing enters, or that nothing leaves, are taken away again and
    again. A way that leaves the knot never comes back to it.
    """
    left = set(keys)
    inner = {(source, target) for source, target in links if source in keys}
    while inner:
        kept = {target for _, target in inner} & {source for source, _ in inner}
        fewer = {ends for ends in inner if ends[0] in kept and ends[1] in kept}
        if len(fewer) == len(inner):
            return kept & left
        inner = fewer
    return set()


def _named(
    inputs: tuple[str, ...],
    nodes: Mapping[str, tuple[str, float]],
    links: Mapping[tuple[str, str], float],
    color: ColorModel,
    channels: Sequence[Terms],
) -> Genome:
    """Return the genome of a frame: names become keys, and each channel an output of its own."""
    all_nodes, all_links = dict(nodes), dict(links)
    keys: dict[str, str] = {}
    for output, terms in zip(OUTPUTS[color], channels, strict=True):
        if list(terms) == [(output, 1.0)]:
            keys[output] = output
            continue
        name = f"channel\n{output}"
        keys[name] = output
        all_nodes[name] = ("identity", 0.0)
        all_links.update({(source, name): factor for source, factor in terms})
    taken = {*inputs, *keys.values()}
    for name in all_nodes:
        if name not in keys:
            keys[name] = _key(name, taken)
            taken.add(keys[name])
    return Genome(
        inputs=inputs,
        nodes=tuple(
            NodeGene(key=keys[name], activation=activation, bias=bias)
            for name, (activation, bias) in all_nodes.items()
        ),
        connections=tuple(
            ConnectionGene(
                source=keys.get(source, source), target=keys[target], weight=weight, enabled=True
            )
            for (source, target), weight in all_links.items()
        ),
        color=color,
    )


def _key(name: str, taken: set[str]) -> str:
    """Return a node's own mark where it is free, else one derived from it."""
    key, text = name, name
    while key in taken or "\n" in key:
        text += "\n"
        key = "m" + hashlib.blake2b(text.encode(), digest_size=8).hexdigest()
    return key
