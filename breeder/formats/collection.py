"""Zips of many pictures, each in some formats, which also take all their genomes along.

The first entry holds every genome with its title, so that the zip can be read back whatever formats
were chosen. The files of one picture share a name, which comes from its title.
"""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import BinaryIO, Final

from breeder.errors import CancelledError, FormatError
from breeder.formats import guarded, native
from breeder.formats.limits import MAX_BYTES, MAX_ZIP_ENTRIES
from breeder.formats.native import Document
from breeder.formats.table import FORMATS, FileFormat
from breeder.rendering import Device
from breeder.rendering.canvas import Canvas

GENOMES: Final = "genomes.jsonl"
"""The first entry: a genome in the native format in each line."""

MOST_GENOMES: Final = 1_000
MAX_GENOMES_BYTES: Final = 64 * 1024 * 1024

_PACKED_ALREADY: Final = frozenset({".png", ".webp", ".zip", ".tif"})
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A picture of a collection.

    Attributes:
        document: Its genome and the texts that files keep.
        notes: What else is said of it, for people: it stands in the README.
    """

    document: Document
    notes: tuple[str, ...] = ()


def write_collection(
    file: BinaryIO,
    pieces: Sequence[Piece],
    formats: Sequence[str],
    canvas: Canvas,
    device: Device,
    *,
    advance: Callable[[int], object] = lambda steps: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> None:
    """Write a zip of pictures; what cannot hold a genome is left out, and the README says why.

    Args:
        file: An empty file that can seek.
        pieces: The pictures; `check_size` bounds them.
        formats: Names of the table of formats.
        canvas: What pictures show.
        device: Where they are drawn.
        advance: Called with 1 after each file of the zip: `steps_of` says how many there are.
        cancelled: Asked before each.

    Raises:
        FormatError: There are too many pictures, an unknown format, or a genome that not even the
            native format can hold.
        CancelledError: Nobody wants it any more.
    """
    rows = [_row(name) for name in formats]
    check_size(len(pieces), len(rows))
    names = _names([piece.document for piece in pieces])
    refusals: list[str] = []
    with zipfile.ZipFile(file, "w") as archive:
        lines = [_json_line(piece.document) for piece in pieces]
        _put(archive, GENOMES, "".join(lines).encode(), packed=False)
        for piece, name in zip(pieces, names, strict=True):
            for row in rows:
                if cancelled():
                    raise CancelledError("The zip is not wanted any more.")
                try:
                    content = b"".join(row.pieces(piece.document, canvas, device))
                except FormatError as error:
                    refusals.append(f"{name}{_ending(row, rows)}: {error}")
                else:
                    packed = row.suffix not in _PACKED_ALREADY
                    _put(archive, name + _ending(row, rows), content, packed=packed)
                advance(1)
        _put(archive, "README.txt", _readme(pieces, names, refusals).encode(), packed=True)


def check_size(pieces: int, formats: int) -> None:
    """Check that a zip of some pictures in some formats can be read back.

    Raises:
        FormatError: There are none, or too many.
    """
    most = MAX_ZIP_ENTRIES - 2  # the genomes and the README
    if not pieces or pieces * formats > most:
        raise FormatError(
            f"A zip holds at most {most:,} files, not {pieces:,} pictures in {formats} formats; "
            "choose fewer."
            if pieces
            else "Choose a picture for the zip."
        )


def steps_of(pieces: int, formats: int) -> int:
    """Return how many steps such a zip takes."""
    return max(1, pieces * formats)


def documents(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, source: str) -> Sequence[Document]:
    """Return the genomes of a collection from its first entry.

    Raises:
        FormatError: One of them is wrong, or there are none or too many.
    """
    text = guarded.unpacked(archive, entry, MAX_GENOMES_BYTES)
    lines = [line for line in text.split(b"\n") if line.strip()]
    if not 1 <= len(lines) <= MOST_GENOMES:
        raise FormatError(f"it holds {len(lines):,} genomes, and 1 to {MOST_GENOMES:,} are read.")
    if max(map(len, lines)) > MAX_BYTES:
        raise FormatError(f"a genome in it is larger than {MAX_BYTES:,} bytes.")
    return [
        native.parse(line, source=f"genome {number:,} of {source}")
        for number, line in enumerate(lines, 1)
    ]


def _row(name: str) -> FileFormat:
    row = FORMATS.get(name)
    if row is None or not row.writes:
        raise FormatError(f"There is no format {name[:40]!r} that is written.")
    return row


def _json_line(document: Document) -> str:
    """Return a genome in the native format on one line: numbers come back bit for bit."""
    plain = json.loads(native.dumps(document.genome, meta=document.meta))
    return json.dumps(plain, ensure_ascii=True, separators=(",", ":")) + "\n"


def _names(pictures: Sequence[Document]) -> list[str]:
    """Return a name for the files of each: of its title, told apart where titles are the same."""
    taken: set[str] = set()
    names = []
    for document in pictures:
        plain = re.sub(r"[^\w .,()+-]", "_", " ".join(document.title.split())).strip(" .")[:80]
        name = plain or document.genome.id[:12]
        if name.casefold() in taken or name.casefold() in {"genomes", "readme"}:
            name = f"{name} {document.genome.id[:12]}"
        taken.add(name.casefold())
        names.append(name)
    return names


def _ending(row: FileFormat, rows: Sequence[FileFormat]) -> str:
    alike = [each for each in rows if each.suffix == row.suffix]
    return row.suffix if row is alike[0] else f"-{row.name}{row.suffix}"


def _put(archive: zipfile.ZipFile, name: str, content: bytes, *, packed: bool) -> None:
    entry = zipfile.ZipInfo(name, _EPOCH)
    entry.create_system = 3  # so that the bytes are the same on every system
    entry.external_attr = 0o644 << 16
    kind = zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED
    archive.writestr(entry, content, kind, 6)


def _readme(pieces: Sequence[Piece], names: Sequence[str], refusals: Sequence[str]) -> str:
    count = len(pieces)
    lines = [
        f"{count:,} picture{'s' if count > 1 else ''} bred with breeder",
        "",
        "Drop this zip on breeder's page to breed from them: genomes.jsonl holds them all.",
        "",
    ]
    for piece, name in zip(pieces, names, strict=True):
        lines += [f"{name}   {piece.document.genome.id}", *(f"    {_line(n)}" for n in piece.notes)]
    if refusals:
        lines += ["", "Left out:", "", *map(_line, refusals)]
    return "\n".join(lines) + "\n"


def _line(text: str) -> str:
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())
