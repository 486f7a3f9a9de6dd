"""Genomes as Picbreeder's server kept them (XML), for those that Picbreeder could have drawn.

Nodes keep their branch and id where they have them, "812/31"; the others, inputs and outputs among
them, get ids of a branch that is not in use.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from breeder.errors import FormatError
from breeder.formats import picbreeder
from breeder.formats.code.listing import plain_title
from breeder.formats.limits import MAX_CONNECTIONS, MAX_NODES, MAX_XML_BYTES
from breeder.formats.native import Document
from breeder.genome import OUTPUTS, ConnectionGene, Genome, NodeGene
from breeder.rendering import Device
from breeder.rendering.canvas import Canvas

Mark = tuple[str, str]
"""A branch and an id."""

_NAMES = {ours: theirs for theirs, ours in picbreeder.ACTIVATIONS.items()}
_PHENOTYPES = {"hsb": "color", "grey": "grey"}
_MARK = re.compile(r"([A-Za-z0-9_.-]{1,24})/([A-Za-z0-9_.-]{1,24})")
_CAME_FROM = re.compile(rf"Picbreeder {_MARK.pattern}(?:, from (.*))?")


def write_genome(document: Document, canvas: Canvas, device: Device) -> Iterable[bytes]:
    """Yield a genome as XML that Picbreeder's programs read.

    Raises:
        FormatError: Picbreeder has not what the picture needs; one sentence says what.
    """
    genome = document.genome
    needed = _reachable(genome, genome.outputs)
    _check(genome, needed)
    # What the picture does not need stays too, where Picbreeder has it: it may be bred again.
    nodes = [node for node in genome.nodes if node.activation in _NAMES or node.key in needed]
    known = {node.key for node in nodes}.union(set(genome.inputs).intersection(picbreeder.INPUTS))
    links = [
        gene
        for gene in genome.connections
        if gene.enabled and gene.source in known and gene.target in known
    ]
    lines = _lines(document, nodes, links)
    text = "\n".join(lines) + "\n"
    count = len(nodes) + len(picbreeder.INPUTS)
    if count > MAX_NODES or len(links) > MAX_CONNECTIONS or len(text) > MAX_XML_BYTES:
        raise FormatError(
            f"The picture is too large for a genome of Picbreeder: {count:,} nodes and "
            f"{len(links):,} links."
        )
    yield text.encode()


def _check(genome: Genome, needed: set[str]) -> None:
    """Refuse what Picbreeder cannot draw."""
    why = ""
    if genome.color not in _PHENOTYPES:
        why = f"its colours are {genome.color}, and Picbreeder knows only hsb and grey"
    for node in genome.nodes:
        if not why and node.key in needed and node.activation not in _NAMES:
            why = (
                f"it uses {node.activation}, and Picbreeder has only {', '.join(_NAMES)} (the last "
                "two go in steps, which smooth ones do not)"
            )
    for gene in genome.connections:
        foreign = gene.source in genome.inputs and gene.source not in picbreeder.INPUTS
        if not why and foreign and gene.enabled and gene.target in needed:
            why = (
                f"it reads the input {gene.source}, and Picbreeder has only "
                f"{', '.join(picbreeder.INPUTS)}"
            )
    if why:
        raise FormatError(f"The picture cannot be a genome of Picbreeder: {why}.")


def _reachable(genome: Genome, outputs: Iterable[str]) -> set[str]:
    """Return the nodes that the outputs need, themselves included."""
    feeding: dict[str, list[str]] = {node.key: [] for node in genome.nodes}
    for gene in genome.connections:
        if gene.enabled and gene.source in feeding:
            feeding[gene.target].append(gene.source)
    needed = dict.fromkeys(outputs)
    queue = list(needed)
    for key in queue:
        fresh = [source for source in feeding[key] if source not in needed]
        needed.update(dict.fromkeys(fresh))
        queue += dict.fromkeys(fresh)
    return set(needed)


def _lines(document: Document, nodes: list[NodeGene], links: list[ConnectionGene]) -> Iterator[str]:
    genome = document.genome
    title = re.sub("-+", "-", plain_title(document.title)) or "A bred picture"
    marks, inputs, branch = _marks(nodes)
    yield '<?xml version="1.0" encoding="UTF-8" standalone="no"?>'
    yield f"<!-- {title.rstrip('-')}. Made with breeder; its genome is {genome.id}. -->"
    yield '<data version="1.0">'
    yield f'<genome age="1" phenotype="{_PHENOTYPES[genome.color]}">'
    yield from _identity(document)
    yield f'<nodes count="{len(nodes) + len(picbreeder.INPUTS)}">'
    for name in picbreeder.INPUTS:
        yield _node(inputs[name], "in", name, "identity(x)", 0.0, "grey")
    light = _reachable(genome, ["brightness"])
    for node in nodes:
        label = node.key if node.key in OUTPUTS[genome.color] else ""
        half = "grey" if node.key in light else "color"
        kind = "out" if label else "hidden"
        yield _node(marks[node.key], kind, label, _NAMES[node.activation], node.bias, half)
    yield "</nodes>"
    yield f'<links count="{len(links)}">'
    for number, gene in enumerate(links, len(inputs) + len(marks)):
        source = (inputs if gene.source in genome.inputs else marks)[gene.source]
        ends = f"<source {_attributes(source)}/><target {_attributes(marks[gene.target])}/>"
        own = _attributes((branch, str(number)))
        yield f"<link><marking {own}/>{ends}<weight>{gene.weight!r}</weight></link>"
    yield "</links>"
    yield "</genome>"
    yield "</data>"


def _marks(nodes: list[NodeGene]) -> tuple[dict[str, Mark], dict[str, Mark], str]:
    """Return branch and id of every node and of every input, and the branch of the new ones."""
    kept = {node.key: found for node in nodes if (found := _MARK.fullmatch(node.key))}
    used = {found[1] for found in kept.values()}
    branch = next(str(n) for n in range(1, len(used) + 2) if str(n) not in used)
    inputs = {name: (branch, str(number)) for number, name in enumerate(picbreeder.INPUTS)}
    marks = {node.key: (branch, str(len(inputs) + n)) for n, node in enumerate(nodes)}
    return marks | {key: (found[1], found[2]) for key, found in kept.items()}, inputs, branch


def _identity(document: Document) -> Iterator[str]:
    """Yield who the genome is and what it was bred from, as far as the origin says so."""
    found = _CAME_FROM.fullmatch(document.origin)
    if found:
        own, parents = (found[1], found[2]), _MARK.findall(found[3] or "")
    else:  # bred here: say so, and name what it was bred from
        own = (picbreeder.OWN_BRANCH, document.genome.id[:16])
        marked = re.findall(rf"Picbreeder {_MARK.pattern}", document.origin)
        parents = marked[:2]
    yield f"<identifier {_attributes(own)}/>"
    within = "".join(f"<identifier {_attributes(parent)}/>" for parent in parents)
    yield f'<parents count="{len(parents)}">{within}</parents>'


def _node(mark: Mark, kind: str, label: str, activation: str, bias: float, affinity: str) -> str:
    return (
        f'<node affinity="{affinity}" bias="{bias!r}" label="{label}" type="{kind}">'
        f"<marking {_attributes(mark)}/><activation>{activation}</activation></node>"
    )


def _attributes(mark: Mark) -> str:
    return f'branch="{mark[0]}" id="{mark[1]}"'
