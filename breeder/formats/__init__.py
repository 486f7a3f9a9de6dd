"""Files in and out: genomes and pictures, ours and those of other programs.

The suffix or a name chooses the format when saving; the content decides when loading. A new format
is one more row of FORMATS. This floor knows nothing of breeding, databases or pages.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from breeder.errors import FormatError
from breeder.formats.native import Document
from breeder.formats.table import FORMATS, FileFormat, reading, written_as
from breeder.formats.whole_files import replacing
from breeder.genome import Genome
from breeder.rendering import Device
from breeder.rendering.canvas import Canvas

__all__ = [
    "DEFAULT_CANVAS",
    "FORMATS",
    "Document",
    "FileFormat",
    "load",
    "load_document",
    "load_documents",
    "loads_any",
    "loads_document",
    "loads_documents",
    "save",
    "written_as",
]

DEFAULT_CANVAS = Canvas(width=1024, height=1024, supersample=2)
HEAD_BYTES = 64

_OTHER_PICTURES = ((0, b"\xff\xd8\xff", "JPEG"), (0, b"GIF8", "GIF"))


def save(
    genome: Genome,
    path: str | os.PathLike[str],
    *,
    format: str = "",
    canvas: Canvas | None = None,
    title: str = "",
    meta: Mapping[str, str] | None = None,
    device: Device = "auto",
    colors: int | None = None,
) -> None:
    """Write a genome to a file, whole or not at all.

    Args:
        genome: What to write.
        path: Where. A file of that name is replaced.
        format: A name from the table of formats; else the path's suffix names the format.
        canvas: What a picture shows; 1024 x 1024 pixels, smoothed, by default.
        title: Kept in the file.
        meta: Further short texts, such as author and origin, kept where the format keeps them.
        device: Where a picture is drawn.
        colors: How many colours a drawing or palette is made of; as many as usual if left out.

    Raises:
        FormatError: There is no such format, it cannot hold this genome or this number of
            colours, or the file cannot be written.
        RenderError: The picture cannot be drawn.
    """
    target = _path(path)
    try:
        row = written_as(target.suffix, format)
    except FormatError as error:
        raise FormatError(f"Cannot write {_shown(target.name)}: {error}") from error
    texts = {**(meta or {}), **({"title": title} if title else {})}
    document = Document(genome=genome, meta=texts)
    pieces = row.pieces(document, canvas or DEFAULT_CANVAS, device, colors=colors)
    try:
        with replacing(target) as file:
            for piece in pieces:
                file.write(piece)
    except OSError as error:
        raise FormatError(f"Cannot write {_shown(str(target))}: {_reason(error)}.") from error


def load(path: str | os.PathLike[str]) -> Genome:
    """Return the genome in a file; its content decides the format, not its suffix.

    Raises:
        FormatError: There is no such file, or no genome in it, or more than one.
    """
    return load_document(path).genome


def load_document(path: str | os.PathLike[str]) -> Document:
    """Return the genome in a file together with its title and other texts.

    Raises:
        FormatError: There is no such file, or no genome in it, or more than one.
    """
    return _only(load_documents(path), _shown(_path(path).name))


def load_documents(path: str | os.PathLike[str]) -> Sequence[Document]:
    """Return all genomes in a file with their texts, at least one, in the order of the file.

    Raises:
        FormatError: There is no such file, or no genome in it.
    """
    file_path = _path(path)
    source = _shown(file_path.name or str(file_path))
    try:
        if file_path.exists() and not file_path.is_file():  # a pipe would wait for ever
            raise FormatError(f"Cannot read {source}: it is not a file.")
        with file_path.open("rb") as file:
            return _read(file, source)
    except OSError as error:
        raise FormatError(f"Cannot read {_shown(str(path))}: {_reason(error)}.") from error


def loads_any(data: bytes, *, name: str) -> Genome:
    """Return the genome in a file's bytes, of any format that is read; for uploads.

    Args:
        data: The content, which decides the format.
        name: The file's name, for messages only.

    Raises:
        FormatError: There is no genome in the data, or more than one.
    """
    return loads_document(data, name=name).genome


def loads_document(data: bytes, *, name: str) -> Document:
    """Return the genome in a file's bytes together with its title; see `loads_any`.

    Raises:
        FormatError: There is no genome in the data, or more than one.
    """
    return _only(loads_documents(data, name=name), _shown(name))


def loads_documents(data: bytes, *, name: str) -> Sequence[Document]:
    """Return all genomes in a file's bytes with their texts, at least one; see `loads_any`.

    Raises:
        FormatError: There is no genome in the data.
    """
    return _read(BytesIO(data), _shown(name))


def _only(documents: Sequence[Document], source: str) -> Document:
    if len(documents) > 1:
        raise FormatError(
            f"{source} holds {len(documents):,} genomes, and one is needed here; 'breeder import' "
            "and the page take them all."
        )
    return documents[0]


def _path(path: str | os.PathLike[str]) -> Path:
    name = os.fspath(path)
    try:
        possible = b"\0" not in os.fsencode(name)
    except UnicodeEncodeError:
        possible = False
    if not possible:
        raise FormatError(f"No file can be called {_shown(ascii(name))}.")
    return Path(name)


def _read(file: BinaryIO, source: str) -> Sequence[Document]:
    head = file.read(HEAD_BYTES)
    file.seek(0)
    for row in reading():
        if row.read is not None and row.recognises(head):
            return row.read(file, source)
    for offset, mark, name in _OTHER_PICTURES:
        if head.startswith(mark, offset):
            raise FormatError(
                f"Cannot read {source}: it is a {name} picture, which carries no genome; "
                "open the PNG or JSON file that breeder saved."
            )
    known = ", ".join(row.name for row in reading())
    raise FormatError(
        f"Cannot read {source}: it is in none of the formats read here: {known} "
        "('breeder formats' describes them)."
    )


def _shown(name: str) -> str:
    """Return a file's name as it can stand in a message."""
    printable = "".join(letter if letter.isprintable() else "?" for letter in name[:201])
    return printable if len(printable) <= 200 else f"…{printable[-199:]}"


def _reason(error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return "there is no such file or folder"
    text = error.strerror or type(error).__name__
    return text[:1].lower() + text[1:]
