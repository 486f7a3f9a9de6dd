"""The native format: a genome as JSON, exact and versioned; docs/genome-format.md specifies it.

Text from outside is never trusted: its size and depth are bounded before it is parsed, and what
is parsed goes through a schema and then through the genome's own checks.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

from breeder.errors import FormatError, GenomeError
from breeder.formats.json_text import BOM, decoded, parse_json
from breeder.formats.limits import MAX_BYTES, MAX_CONNECTIONS, MAX_META, MAX_NODES, MAX_TEXT
from breeder.genome import ConnectionGene, Genome, NodeGene

if TYPE_CHECKING:
    from breeder.formats.schema import GenomeV1

FORMAT = "breeder-genome"
VERSION = 1


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

    @property
    def origin(self) -> str:
        """Where the genome comes from, in words; empty where the file does not say."""
        return self.meta.get("origin", "")


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
        return document(parse_json(decoded(text)))
    except FormatError as error:
        raise FormatError(f"Cannot read {source}: {error}") from error


def recognises(head: bytes) -> bool:
    """Tell from the first bytes of a file whether it may be native JSON."""
    start = head.removeprefix(BOM.encode()).lstrip()
    return start[:1] in (b"", b"{", b"[")


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


def document(data: object) -> Document:
    """Return the genome and texts of parsed JSON.

    Raises:
        FormatError: It is no genome; half a sentence says what is wrong and where.
    """
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
