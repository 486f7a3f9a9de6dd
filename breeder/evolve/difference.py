"""What two genomes differ in, in plain words: for two pictures side by side.

Genomes are aligned by their marks, as in crossover and in morphing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from breeder.evolve.mutation_record import short_key
from breeder.genome import ColorModel, ConnectionGene, Genome, NodeGene

COLOR_WORDS: dict[str, str] = {
    "grey": "grey",
    "hsb": "colour by hue",
    "rgb": "red, green and blue",
    "oklab": "Oklab colour",
    "lab": "CIE Lab colour",
}

MOST_NAMED = 4
"""Single things that a sentence names; more are counted."""


def difference(first: Genome, second: Genome) -> tuple[str, ...]:
    """Return sentences that say what is otherwise in the second; none where they are equal."""
    return tuple(
        sentence
        for sentence in (
            _colors(first.color, second.color),
            _inputs(first, second),
            *_nodes(first, second),
            *_connections(first, second),
        )
        if sentence
    )


def in_common(first: Genome, second: Genome) -> float:
    """Return the share of all nodes and connections that both have, 0 to 1."""
    mine = {*first.node_keys, *(gene.ends for gene in first.connections)}
    theirs = {*second.node_keys, *(gene.ends for gene in second.connections)}
    return len(mine & theirs) / len(mine | theirs)


def _colors(before: ColorModel, after: ColorModel) -> str:
    if before == after:
        return ""
    return f"{COLOR_WORDS.get(after, after)} instead of {COLOR_WORDS.get(before, before)}"


def _inputs(first: Genome, second: Genome) -> str:
    new = [name for name in second.inputs if name not in first.inputs]
    gone = [name for name in first.inputs if name not in second.inputs]
    return "; ".join(
        f"{word} {'input' if len(names) == 1 else 'inputs'} {', '.join(names)}"
        for word, names in (("new", new), ("without the", gone))
        if names
    )


def _nodes(first: Genome, second: Genome) -> list[str]:
    mine = {node.key: node for node in first.nodes}
    theirs = {node.key: node for node in second.nodes}
    both = [(mine[key], theirs[key]) for key in mine if key in theirs]
    changed = [pair for pair in both if pair[0].activation != pair[1].activation]
    moved = [abs(one.bias - other.bias) for one, other in both if one.bias != other.bias]
    return [
        _counted("new", [theirs[key] for key in theirs if key not in mine]),
        _counted("without", [mine[key] for key in mine if key not in theirs]),
        *_changes(changed),
        _moved("bias", "biases", moved),
    ]


def _counted(word: str, nodes: Sequence[NodeGene]) -> str:
    """Return such as "3 new nodes (2 sin, 1 gaussian)"."""
    if not nodes:
        return ""
    kinds = Counter(node.activation for node in nodes).most_common()
    if len(nodes) == 1:
        lead = "a new" if word == "new" else "without the"
        return f"{lead} {kinds[0][0]} node {short_key(nodes[0].key)}"
    told = ", ".join(f"{count} {kind}" for kind, count in kinds)
    lead = f"{len(nodes)} new" if word == "new" else f"without {len(nodes)}"
    return f"{lead} nodes ({told})"


def _changes(pairs: Sequence[tuple[NodeGene, NodeGene]]) -> list[str]:
    told = [
        f"node {short_key(one.key)} is {other.activation} instead of {one.activation}"
        for one, other in pairs
    ]
    if len(told) > MOST_NAMED:
        more = len(told) - MOST_NAMED + 1
        told = [*told[: MOST_NAMED - 1], f"{more} more nodes compute other functions"]
    return told


def _connections(first: Genome, second: Genome) -> list[str]:
    mine = {gene.ends: gene for gene in first.connections}
    theirs = {gene.ends: gene for gene in second.connections}
    both = [(mine[ends], theirs[ends]) for ends in mine if ends in theirs]
    moved = [abs(one.weight - other.weight) for one, other in both if one.weight != other.weight]
    return [
        _links("new", (theirs[ends] for ends in theirs if ends not in mine)),
        _links("without", (mine[ends] for ends in mine if ends not in theirs)),
        _links("switched on:", (new for old, new in both if new.enabled and not old.enabled)),
        _links("switched off:", (new for old, new in both if old.enabled and not new.enabled)),
        _moved("weight", "weights", moved),
    ]


def _links(word: str, genes: Iterable[ConnectionGene]) -> str:
    ends = [f"{short_key(gene.source)} to {short_key(gene.target)}" for gene in genes]
    if not ends:
        return ""
    if len(ends) > MOST_NAMED:
        lead = f"{len(ends)} new" if word == "new" else f"{word} {len(ends)}"
        return f"{lead} connections"
    noun = "connection" if len(ends) == 1 else "connections"
    article = "the " if word == "without" else ""
    return f"{word} {article}{noun} {', '.join(ends)}"


def _moved(one: str, more: str, moves: Sequence[float]) -> str:
    if not moves:
        return ""
    noun = one if len(moves) == 1 else more
    verb = "differs" if len(moves) == 1 else "differ"
    largest = max(moves)
    shown = f"{largest:.2f}" if largest >= 0.005 else f"{largest:.1g}"
    return f"{len(moves)} {noun} {verb} by up to {shown}"
