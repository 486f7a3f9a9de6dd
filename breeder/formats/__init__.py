"""Files in and out: native JSON and PNG pictures with their genome inside.

The suffix names the format when saving; the content decides when loading. A new format is one
more row of FORMATS. This floor knows nothing of breeding, databases or pages.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from types import MappingProxyType
from typing import BinaryIO

from breeder.errors import FormatError
from breeder.formats import native, png
from breeder.formats.native import Document
from breeder.genome import Genome
from breeder.rendering import Device
from breeder.rendering.canvas import Canvas

DEFAULT_CANVAS = Canvas(width=1024, height=1024, supersample=2)
HEAD_BYTES = 64

Writer = Callable[[Genome, Canvas, str, Device], Iterable[bytes]]
"""From genome, canvas, title and device to the pieces of a file."""

Reader = Callable[[BinaryIO, str], Document]
"""From a file and what messages call it to what it holds; raises FormatError only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileFormat:
    """One row of the table.

    Attributes:
        name: What people call it.
        suffix: The end of its files' names, lower case, with its dot.
        loses: What of a genome and its title such a file does not keep; empty for nothing.
        write: Makes such a file; None where breeder cannot.
        read: Reads such a file; None where breeder cannot.
        recognises: Tells from a file's first 64 bytes whether `read` should try.
    """

    name: str
    suffix: str
    loses: str
    write: Writer | None = None
    read: Reader | None = None
    recognises: Callable[[bytes], bool] = lambda head: False

    @property
    def reads(self) -> bool:
        """Whether breeder reads such files."""
        return self.read is not None

    @property
    def writes(self) -> bool:
        """Whether breeder writes such files."""
        return self.write is not None


def _write_json(genome: Genome, canvas: Canvas, title: str, device: Device) -> Iterable[bytes]:
    return [native.dumps(genome, title=title).encode()]


def _write_png(genome: Genome, canvas: Canvas, title: str, device: Device) -> Iterable[bytes]:
    return png.stream_png(genome, canvas, title=title, device=device)


_ROWS = (
    FileFormat(
        name="breeder genome",
        suffix=".json",
        loses="",
        write=_write_json,
        read=native.read,
        recognises=native.recognises,
    ),
    FileFormat(
        name="PNG picture with its genome inside",
        suffix=".png",
        loses="",
        write=_write_png,
        read=png.read,
        recognises=png.recognises,
    ),
)

FORMATS: Mapping[str, FileFormat] = MappingProxyType({row.suffix: row for row in _ROWS})
"""Every file format by suffix."""

_OTHER_PICTURES = ((0, b"\xff\xd8\xff", "JPEG"), (0, b"GIF8", "GIF"), (8, b"WEBP", "WebP"))


def save(
    genome: Genome,
    path: str | os.PathLike[str],
    *,
    canvas: Canvas | None = None,
    title: str = "",
    device: Device = "auto",
) -> None:
    """Write a genome to a file, whole or not at all.

    Args:
        genome: What to write.
        path: Where; the suffix names the format. A file of that name is replaced.
        canvas: What a picture shows; 1024 x 1024 pixels, smoothed, by default.
        title: Kept in the file.
        device: Where a picture is drawn.

    Raises:
        FormatError: No format has that suffix, or the file cannot be written.
        RenderError: The picture cannot be drawn.
    """
    target = _path(path)
    row = FORMATS.get(target.suffix.lower())
    if row is None or row.write is None:
        known = ", ".join(f"{r.suffix} ({r.name})" for r in _ROWS if r.writes)
        raise FormatError(
            f"Cannot write {_shown(target.name)}: its suffix names no format; use {known}."
        )
    pieces = row.write(genome, canvas or DEFAULT_CANVAS, title, device)
    try:
        _replace(target, pieces)
    except OSError as error:
        raise FormatError(f"Cannot write {_shown(str(target))}: {_reason(error)}.") from error


def load(path: str | os.PathLike[str]) -> Genome:
    """Return the genome in a file; its content decides the format, not its suffix.

    Raises:
        FormatError: There is no such file, or no genome in it.
    """
    return load_document(path).genome


def load_document(path: str | os.PathLike[str]) -> Document:
    """Return the genome in a file together with its title and other texts.

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
        FormatError: There is no genome in the data.
    """
    return loads_document(data, name=name).genome


def loads_document(data: bytes, *, name: str) -> Document:
    """Return the genome in a file's bytes together with its title; see `loads_any`.

    Raises:
        FormatError: There is no genome in the data.
    """
    return _read(BytesIO(data), _shown(name))


def _path(path: str | os.PathLike[str]) -> Path:
    name = os.fspath(path)
    try:
        possible = b"\0" not in os.fsencode(name)
    except UnicodeEncodeError:
        possible = False
    if not possible:
        raise FormatError(f"No file can be called {_shown(ascii(name))}.")
    return Path(name)


def _read(file: BinaryIO, source: str) -> Document:
    head = file.read(HEAD_BYTES)
    file.seek(0)
    for row in _ROWS:
        if row.read is not None and row.recognises(head):
            return row.read(file, source)
    for offset, mark, name in _OTHER_PICTURES:
        if head.startswith(mark, offset):
            raise FormatError(
                f"Cannot read {source}: it is a {name} picture, which carries no genome; "
                "open the PNG or JSON file that breeder saved."
            )
    known = ", ".join(f"{row.name} ({row.suffix})" for row in _ROWS if row.reads)
    raise FormatError(f"Cannot read {source}: it is in none of the formats read here: {known}.")


def _replace(target: Path, pieces: Iterable[bytes]) -> None:
    """Write a file beside the target, then put it in the target's place."""
    target = target.resolve()  # a link stays a link to the new content
    # Made by open, not by tempfile, whose files nobody else may read.
    beside = target.with_name(f".breeder-{secrets.token_hex(8)}.tmp")
    try:
        with beside.open("xb") as file:
            for piece in pieces:
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(target)
    except BaseException:  # an interrupt leaves nothing behind either
        beside.unlink(missing_ok=True)
        raise


def _shown(name: str) -> str:
    """Return a file's name as it can stand in a message."""
    printable = "".join(letter if letter.isprintable() else "?" for letter in name[:201])
    return printable if len(printable) <= 200 else f"…{printable[-199:]}"


def _reason(error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return "there is no such file or folder"
    text = error.strerror or type(error).__name__
    return text[:1].lower() + text[1:]
