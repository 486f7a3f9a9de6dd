"""Genomes of Picbreeder (2006 to 2012; Secretan et al. 2011), read to draw as they drew there.

Server files (XML, or a zip of it) and those of CPPN-X 1.2; files of storage hold several genomes.
Nodes are named by pairs of branch and id, which become keys such as "812/31"; output nodes take
the names of this program's colour models. docs/formats.md says what is kept.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import BinaryIO

from breeder.errors import FormatError, GenomeError
from breeder.formats import guarded
from breeder.formats.limits import MAX_CONNECTIONS, MAX_GENOMES, MAX_NODES
from breeder.formats.native import Document
from breeder.genome import ColorModel, ConnectionGene, Genome, NodeGene

ACTIVATIONS: Mapping[str, str] = MappingProxyType(
    {
        "identity(x)": "identity",
        "sin(x)": "sin",
        "cos(x)": "cos",
        "sigmoid(x)": "picbreeder_sigmoid",
        "gaussian(x)": "picbreeder_gaussian",
    }
)
"""Picbreeder's names for activations, and ours."""

INPUTS = ("x", "y", "d", "bias")
BRIGHTNESS = ("brightness", "ink")
"""What the output of light is called: in younger and, where there is none, in older genomes."""

OWN_BRANCH = "breeder"
"""The branch of genomes that breeder wrote in this format and that are not Picbreeder's."""

_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_MARK = re.compile(r"[A-Za-z0-9_.-]{1,24}")


@dataclass(slots=True, kw_only=True)
class _Node:
    kind: str
    label: str
    bias: str
    mark: str = ""
    activation: str = ""


@dataclass(slots=True, kw_only=True)
class _Link:
    source: str = ""
    target: str = ""
    weight: str = ""


@dataclass(slots=True, kw_only=True)
class _Raw:
    """A genome as the file has it."""

    phenotype: str
    mark: str = ""
    parents: list[str] = field(default_factory=list)
    nodes: list[_Node] = field(default_factory=list)
    links: list[_Link] = field(default_factory=list)


def recognises(head: bytes) -> bool:
    """Tell from the first bytes of a file whether it may be XML or a zip."""
    return guarded.is_xml(head) or guarded.is_zip(head)


def read(file: BinaryIO, source: str) -> Sequence[Document]:
    """Return all genomes in a file, each with its origin in the texts.

    Args:
        file: A file that can seek.
        source: What messages call it.

    Raises:
        FormatError: There is no genome of Picbreeder in it, or one is wrong; one sentence.
    """
    collect = _Collector()
    try:
        guarded.parse(guarded.text_of(file), start=collect.start, end=collect.end)
        if not collect.genomes:
            raise FormatError("it is XML without a genome of Picbreeder.")
        return [
            _document(raw, place=number if len(collect.genomes) > 1 else 0)
            for number, raw in enumerate(collect.genomes, 1)
        ]
    except FormatError as error:
        raise FormatError(f"Cannot read {source}: {error}") from error


class _Collector:
    """Takes from the elements of a file what matters for the picture."""

    def __init__(self) -> None:
        self.genomes: list[_Raw] = []
        self._path: list[str] = []
        self._inside: _Raw | None = None
        self._nodes = self._links = 0

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if self._inside is None:
            if name == "genome":
                self._inside = _Raw(phenotype=attributes.get("phenotype", ""))
                self.genomes.append(self._inside)
                _check_count(len(self.genomes), MAX_GENOMES, "genomes")
            return
        self._path.append(name)
        self._take(self._inside, "/".join(self._path), attributes)

    def end(self, name: str, text: str) -> None:
        if self._inside is None:
            return
        if not self._path:
            self._inside = None
            return
        where = "/".join(self._path)
        self._path.pop()
        if where == "nodes/node/activation":
            self._inside.nodes[-1].activation = text
        elif where == "links/link/weight":
            self._inside.links[-1].weight = text

    def _take(self, raw: _Raw, where: str, attributes: Mapping[str, str]) -> None:
        match where:
            case "identifier":
                raw.mark = _mark(attributes)
            case "parents/identifier":
                raw.parents.append(_mark(attributes))
            case "nodes/node":
                self._nodes += 1
                _check_count(self._nodes, MAX_NODES, "nodes")
                raw.nodes.append(_node(attributes))
            case "nodes/node/marking":
                raw.nodes[-1].mark = _mark(attributes)
            case "links/link":
                self._links += 1
                _check_count(self._links, MAX_CONNECTIONS, "links")
                raw.links.append(_Link())
            case "links/link/source":
                raw.links[-1].source = _mark(attributes)
            case "links/link/target":
                raw.links[-1].target = _mark(attributes)


def _check_count(count: int, limit: int, what: str) -> None:
    if count > limit:
        raise FormatError(f"it has more than {limit:,} {what}, the most that is read.")


def _node(attributes: Mapping[str, str]) -> _Node:
    return _Node(
        kind=attributes.get("type", ""),
        label=attributes.get("label", "").strip().lower(),
        bias=attributes.get("bias", "0"),
    )


def _mark(attributes: Mapping[str, str]) -> str:
    branch, number = (attributes.get(name, "").strip() for name in ("branch", "id"))
    for text in (branch, number):
        if not _MARK.fullmatch(text):
            raise FormatError(
                f"a branch and an id must be up to 24 letters or digits, not {text[:40]!a}."
            )
    return f"{branch}/{number}"


def _document(raw: _Raw, *, place: int) -> Document:
    """Return a genome; `place` counts those of a file that has several, from 1."""
    try:
        genome = _genome(raw)
    except (FormatError, GenomeError) as error:
        which = f"in its genome {raw.mark or place} (the {place:,}. of the file), " if place else ""
        sentence = str(error)
        raise FormatError(f"{which}{sentence[:1].lower()}{sentence[1:]}") from error
    origin = _origin(raw)
    return Document(genome=genome, meta=MappingProxyType({"origin": origin} if origin else {}))


def _origin(raw: _Raw) -> str:
    """Return where a genome comes from, for people: "Picbreeder 812/31, from 812/30"."""
    parents = " and ".join(raw.parents[:2])
    if raw.mark.startswith(f"{OWN_BRANCH}/"):
        return f"bred from Picbreeder {parents}" if parents else ""
    words = f"Picbreeder {raw.mark}" if raw.mark else "Picbreeder"
    return words + (f", from {parents}" if parents else "")


def _genome(raw: _Raw) -> Genome:
    color: ColorModel = "hsb" if raw.phenotype == "color" else "grey"
    _check_marks(raw)
    keys = _output_keys(raw, color=color == "hsb")
    nodes: list[NodeGene] = []
    weights: dict[tuple[str, str], float] = {}
    fed = {link.target for link in raw.links}
    inputs = set()
    for node in raw.nodes:
        bias = _number(node.bias, f"the bias of node {node.mark}")
        if node.kind != "in":
            key = keys.setdefault(node.mark, node.mark)
            nodes.append(NodeGene(key=key, activation=_activation(node), bias=bias))
            continue
        name = _input(node)
        inputs.add(name)
        keys[node.mark] = name
        if bias or node.mark in fed:  # an input that is more than its name: a node of its own
            keys[node.mark] = node.mark
            nodes.append(NodeGene(key=node.mark, activation="identity", bias=bias))
            weights[name, node.mark] = 1.0
    for link in raw.links:
        ends = _end(link.source, keys), _end(link.target, keys)
        weight = _number(link.weight, f"the weight from {link.source} to {link.target}")
        weights[ends] = weights.get(ends, 0.0) + weight  # two links between two nodes add up
    return Genome(
        inputs=tuple(name for name in INPUTS if name in inputs or not inputs),
        nodes=tuple(nodes),
        connections=tuple(
            ConnectionGene(source=source, target=target, weight=weight)
            for (source, target), weight in weights.items()
        ),
        color=color,
    )


def _check_marks(raw: _Raw) -> None:
    seen: set[str] = set()
    for node in raw.nodes:
        if not node.mark:
            raise FormatError("a node has no marking (branch and id).")
        if node.mark in seen:
            raise FormatError(f"two nodes have the marking {node.mark}.")
        if node.kind not in ("in", "out", "hidden"):
            raise FormatError(
                f"the type of node {node.mark} must be in, out or hidden, not {node.kind[:40]!a}."
            )
        seen.add(node.mark)


def _output_keys(raw: _Raw, *, color: bool) -> dict[str, str]:
    """Return our keys of the outputs that make the picture, by their markings."""
    by_label: dict[str, str] = {}
    for node in raw.nodes:
        if node.kind == "out":
            if node.label in by_label:
                raise FormatError(f"it has two outputs called {node.label[:40]!a}.")
            by_label[node.label] = node.mark
    light = next((by_label[label] for label in BRIGHTNESS if label in by_label), None)
    if light is None:
        raise FormatError("it has no output called brightness or ink.")
    keys = {light: "brightness"}
    for label in ("hue", "saturation") if color else ():
        if label not in by_label:
            raise FormatError(f"it is in colour, but has no output called {label}.")
        keys[by_label[label]] = label
    return keys


def _activation(node: _Node) -> str:
    name = ACTIVATIONS.get(node.activation)
    if name is None:
        raise FormatError(
            f"node {node.mark} has the activation {node.activation[:40]!a}, which Picbreeder does "
            f"not have; it has {', '.join(ACTIVATIONS)}."
        )
    return name


def _input(node: _Node) -> str:
    if node.label not in INPUTS:
        raise FormatError(
            f"the input {node.mark} is called {node.label[:40]!a}; Picbreeder's inputs are "
            f"{', '.join(INPUTS)}."
        )
    return node.label


def _end(mark: str, keys: Mapping[str, str]) -> str:
    if mark not in keys:
        raise FormatError(
            f"a link leads to or from {mark}, which is not a node here."
            if mark
            else "a link has no source or no target."
        )
    return keys[mark]


def _number(text: str, what: str) -> float:
    if len(text) > 400 or not _NUMBER.fullmatch(text.strip()):  # long ones take squared time
        raise FormatError(f"{what} must be a finite number, not {text[:40]!a}.")
    return float(text)
