"""The native format: a genome as JSON, exact and versioned; docs/genome-format.md specifies it.

Text from outside is never trusted: its size and depth are bounded before it is parsed, and what
is parsed goes through a schema and then through the genome's own checks.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

from breeder.errors import FormatError, GenomeError
from breeder.formats.limits import (
    MAX_BYTES,
    MAX_CONNECTIONS,
    MAX_DEPTH,
    MAX_META,
    MAX_NODES,
    MAX_TEXT,
)
from breeder.genome import ConnectionGene, Genome, NodeGene

if TYPE_CHECKING:
    from breeder.formats.schema import GenomeV1

FORMAT = "breeder-genome"
VERSION = 1

_BOM = "\ufeff"
# The closing quote is optional, so that an unclosed string ends the scan instead of restarting it.
_STRINGS = re.compile(r'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """What a file holds: a genome, and short texts about it.

    Attributes:
        genome: The genome.
        meta: Texts by name, such as title, author and origin; they are no part of the identity.
    """

    genome: Genome
    meta: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def title(self) -> str:
        """The title; empty where the file has none."""
        return self.meta.get("title", "")


def dumps(
    genome: Genome,
    *,
    title: str = "",
    meta: Mapping[str, str] | None = None,
    compact: bool = False,
) -> str:
    """Return a genome as native JSON text, which `loads` turns into an equal genome.

    Args:
        genome: Any genome within the limits of the format.
        title: Kept as the meta text of that name; empty for none.
        meta: Further short texts, such as author and origin.
        compact: One line of ASCII instead of one line for each gene.

    Raises:
        FormatError: The genome or a text exceeds a limit of the format.
    """
    texts = {**(meta or {}), **({"title": title} if title else {})}
    _check_writable(genome, texts)
    members: dict[str, object] = {"format": FORMAT, "version": VERSION}
    if texts:
        members["meta"] = texts
    members |= {"color": genome.color, "inputs": list(genome.inputs)}
    nodes = [{"key": n.key, "activation": n.activation, "bias": n.bias} for n in genome.nodes]
    connections = [
        {"source": c.source, "target": c.target, "weight": c.weight, "enabled": c.enabled}
        for c in genome.connections
    ]
    if compact:
        members |= {"nodes": nodes, "connections": connections}
        text = json.dumps(members, separators=(",", ":"), allow_nan=False)
    else:
        lines = [f'  "{name}": {_line(value)}' for name, value in members.items()]
        lines += [_block("nodes", nodes), _block("connections", connections)]
        text = "{\n" + ",\n".join(lines) + "\n}\n"
    if len(text.encode()) > MAX_BYTES:
        raise FormatError(f"The genome's file would be larger than {MAX_BYTES:,} bytes.")
    return text


def loads(text: str | bytes, *, source: str = "the file") -> Genome:
    """Return the genome that native JSON text holds.

    Args:
        text: The text, or its UTF-8 bytes.
        source: What messages call it.

    Raises:
        FormatError: The text is no genome; one sentence says what is wrong and where.
    """
    return parse(text, source=source).genome


def parse(text: str | bytes, *, source: str = "the file") -> Document:
    """Return the genome of native JSON text together with its title and other texts.

    Args:
        text: The text, or its UTF-8 bytes.
        source: What messages call it.

    Raises:
        FormatError: The text is no genome; one sentence says what is wrong and where.
    """
    try:
        return _document(_json(_text(text)))
    except FormatError as error:
        raise FormatError(f"Cannot read {source}: {error}") from error


def recognises(head: bytes) -> bool:
    """Tell from the first bytes of a file whether it may be native JSON."""
    start = head.removeprefix(_BOM.encode()).lstrip()
    return start[:1] in (b"", b"{", b"[")


def read(file: BinaryIO, source: str) -> Document:
    """Return what a native file holds; see `parse`."""
    return parse(file.read(MAX_BYTES + 1), source=source)


def _line(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _block(name: str, genes: list[dict[str, object]]) -> str:
    if not genes:
        return f'  "{name}": []'
    lines = ",\n".join(f"    {_line(gene)}" for gene in genes)
    return f'  "{name}": [\n{lines}\n  ]'


def _check_writable(genome: Genome, texts: Mapping[str, str]) -> None:
    # What is written must be readable: the same limits, without the cost of loading the schema.
    for count, limit, what in (
        (len(genome.nodes), MAX_NODES, "nodes"),
        (len(genome.connections), MAX_CONNECTIONS, "connections"),
        (len(texts), MAX_META, "texts about it"),
    ):
        if count > limit:
            raise FormatError(f"The genome has {count:,} {what}; the format holds up to {limit:,}.")
    for text in (*texts, *texts.values()):
        if len(text) > MAX_TEXT:
            raise FormatError(
                f"A title or another text has {len(text):,} characters; "
                f"the format holds up to {MAX_TEXT}."
            )
    try:
        "".join((*genome.node_keys, *texts, *texts.values())).encode()
    except UnicodeEncodeError as error:
        raise FormatError("A key or title holds half a surrogate pair, not text.") from error


def _text(text: str | bytes) -> str:
    if len(text) > MAX_BYTES:
        raise FormatError(f"it is larger than {MAX_BYTES:,} bytes, the most a genome may take.")
    if isinstance(text, bytes):
        try:
            text = text.decode("utf-8")
        except UnicodeDecodeError as error:
            raise FormatError(f"it is not UTF-8 text (byte {error.start + 1:,}).") from error
    text = text.removeprefix(_BOM)
    if not text.strip():
        raise FormatError("it is empty.")
    return text


def _json(text: str) -> object:
    """Return what a text holds, with unique keys and bounded depth."""
    _check_depth(text)
    repeated: list[tuple[dict[str, object], str]] = []

    def unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
        if len(pairs) > MAX_META:  # the largest object is meta; more would be as many errors
            raise FormatError(f"an object in it has more than {MAX_META} members.")
        members = dict(pairs)
        if len(members) < len(pairs) and not repeated:
            names = [name for name, _ in pairs]
            repeated.append((members, next(n for n in names if names.count(n) > 1)))
        return members

    try:
        data = json.loads(text, object_pairs_hook=unique, parse_int=_integer)
    except json.JSONDecodeError as error:
        raise FormatError(
            f"it is not JSON: {error.msg} in line {error.lineno:,}, column {error.colno:,}."
        ) from error
    if repeated:
        raise FormatError(_repeated(data, *repeated[0]))
    return data


def _integer(digits: str) -> int | float:
    # Python refuses to make an int of very many digits; as a float it is merely too large, and
    # the schema then says where.
    return int(digits) if len(digits) <= 18 else float(digits)


def _check_depth(text: str) -> None:
    # The parser recurses, so depth is bounded before it runs; one cumulative sum over the
    # brackets outside strings, since a loop over 4 MB of them takes a second.
    letters = np.frombuffer(_STRINGS.sub("", text).encode("utf-8", "replace"), dtype=np.uint8)
    brackets = letters & 0xDF  # [ and {, ] and } differ in this one bit
    steps = (brackets == ord("[")).astype(np.int32) - (brackets == ord("]"))
    if np.cumsum(steps, dtype=np.int32).max(initial=0) > MAX_DEPTH:
        raise FormatError(f"it is nested more than {MAX_DEPTH} deep.")


def _repeated(data: object, members: dict[str, object], name: str) -> str:
    from breeder.formats.schema import place

    waiting: list[tuple[tuple[str | int, ...], object]] = [((), data)]
    while waiting:
        where, value = waiting.pop()
        if value is members:
            return f"{place((*where, name))} is there twice."
        pairs: list[tuple[str | int, object]] = []
        if isinstance(value, dict):
            pairs = list(value.items())
        elif isinstance(value, list):
            pairs = list(enumerate(value))
        waiting += [((*where, key), inner) for key, inner in pairs]
    return f"{place((name,))} is there twice."


def _document(data: object) -> Document:
    from breeder.formats.schema import SchemaError, validate

    _check_header(data)
    try:
        record = validate(data)
        genome = _genome(record)
    except SchemaError as error:
        raise FormatError(f"{error}.") from error
    except GenomeError as error:
        sentence = str(error)
        raise FormatError(sentence[:1].lower() + sentence[1:]) from error
    return Document(genome=genome, meta=MappingProxyType(dict(record.meta)))


def _check_header(data: object) -> None:
    """Check format and version first: a later version may differ in everything else."""
    from breeder.formats.schema import clipped, kind

    if not isinstance(data, dict):
        raise FormatError(f"it must hold one JSON object, not {kind(data)}.")
    if data.get("format") != FORMAT:
        raise FormatError(
            f"it is JSON, but no breeder genome: its member format must be {FORMAT!r}."
        )
    version = data.get("version")
    if type(version) is not int or version < 1:
        raise FormatError(f"version must be a whole number from 1, not {clipped(version)}.")
    if version > VERSION:
        raise FormatError(
            f"a later version of breeder wrote it (version {version} of the format; this breeder "
            f"reads up to {VERSION}); update breeder to open it."
        )


def _genome(record: GenomeV1) -> Genome:
    return Genome(
        inputs=tuple(record.inputs),
        nodes=tuple(
            NodeGene(key=node.key, activation=node.activation, bias=node.bias)
            for node in record.nodes
        ),
        connections=tuple(
            ConnectionGene(
                source=link.source, target=link.target, weight=link.weight, enabled=link.enabled
            )
            for link in record.connections
        ),
        color=record.color,
    )
