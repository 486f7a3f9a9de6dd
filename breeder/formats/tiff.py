"""Tiled BigTIFF pictures with their genome inside, written in bounded memory at any size.

The genome is native JSON in the ImageDescription (tag 270, TIFF 6.0 section 8), which most programs
keep. Reading looks at the first directory only and never decodes pixels; it takes classic TIFF too,
since other programs save as that.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from breeder.errors import FormatError
from breeder.formats.limits import MAX_BYTES
from breeder.formats.native import FORMAT, Document, dumps, parse
from breeder.formats.packing import in_threads, regroup, scratch_file
from breeder.genome import Genome
from breeder.rendering import Device, render_bands
from breeder.rendering.canvas import Canvas

TILE = 256
# Measured at 4,096 pixels a side: level 6 takes half again the time of 5 for 28 % fewer bytes.
LEVEL = 6
DPI = 300
PIECE_BYTES = 1 << 16

DESCRIPTION = 270
TEXT_TYPES = (1, 2, 7, 129)  # bytes, ASCII, undefined, and UTF-8 as some later tools write it
MAX_ENTRIES = 4096

Bytes = NDArray[np.uint8]


def write_tiff(
    file: BinaryIO,
    genome: Genome,
    canvas: Canvas,
    *,
    device: Device = "auto",
    title: str = "",
    meta: Mapping[str, str] | None = None,
    cancelled: Callable[[], bool] = lambda: False,
    advance: Callable[[int], object] = lambda rows: None,
) -> None:
    """Draw a picture into a file that can seek; memory does not grow with the picture's height.

    Args:
        file: Empty, open for writing in binary.
        genome: What to draw; it travels inside the file.
        canvas: What to show.
        device: Where to draw.
        title: Kept beside the genome.
        meta: Further short texts, kept likewise.
        cancelled: Asked before every band; True ends the drawing.
        advance: Called with the number of rows just drawn.

    Raises:
        FormatError: The genome or title exceeds a limit of the format.
        CancelledError: `cancelled` said so.
        RenderError: The picture cannot be drawn.
        OSError: The file cannot be written.
    """
    description = dumps(genome, title=title, meta=meta, compact=True)

    def bands() -> Iterator[Bytes]:
        for band in render_bands([genome], canvas, device=device, cancelled=cancelled):
            yield band[0]
            advance(band.shape[1])

    encode_tiff(file, bands(), width=canvas.width, height=canvas.height, description=description)


def stream_tiff(
    genome: Genome,
    canvas: Canvas,
    *,
    device: Device = "auto",
    title: str = "",
    meta: Mapping[str, str] | None = None,
) -> Iterator[bytes]:
    """Yield the bytes of a TIFF file, drawn into a nameless file on disk first; see `write_tiff`.

    (A TIFF begins with places that are known only when all of it is packed.)
    """
    with scratch_file() as file:
        write_tiff(file, genome, canvas, device=device, title=title, meta=meta)
        file.seek(0)
        while piece := file.read(PIECE_BYTES):
            yield piece


def encode_tiff(
    file: BinaryIO, bands: Iterable[Bytes], *, width: int, height: int, description: str
) -> None:
    """Write 8-bit sRGB pixels as BigTIFF in tiles of 256 x 256, deflated.

    Args:
        file: Empty, open for writing in binary, able to seek.
        bands: uint8, each of shape (rows, width, 3), from top to bottom, `height` rows in all.
        width: Pixels across.
        height: Pixels down.
        description: ASCII.
    """
    from tifffile import FileHandle, TiffWriter

    handle = FileHandle(file, name="picture")  # it would look for the name that scratch files lack
    with TiffWriter(handle, bigtiff=True, byteorder="<") as writer:
        writer.write(
            in_threads(_packed, _tiles(bands)),
            shape=(height, width, 3),
            dtype=np.uint8,
            tile=(TILE, TILE),
            photometric="rgb",
            compression="adobe_deflate",
            predictor=2,  # differences to the left: see _packed
            description=description,
            software="breeder",
            resolution=(DPI, DPI),
            resolutionunit="inch",
            metadata=None,
        )


def recognises(head: bytes) -> bool:
    """Tell from the first bytes of a file whether it is a TIFF, classic or big."""
    return head[:4] in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")


def read(file: BinaryIO, source: str) -> Document:
    """Return the genome and title inside a TIFF file; pixels are skipped, not read.

    Args:
        file: A file that can seek.
        source: What messages call it.

    Raises:
        FormatError: The file is no TIFF or has no valid genome; one sentence says why.
    """
    try:
        text = _description(file)
        if not text.lstrip().startswith(b"{") or FORMAT.encode() not in text:
            raise FormatError(
                "the picture has no genome inside; only pictures saved by breeder, and not "
                "stripped of their description since, can be opened."
            )
    except FormatError as error:
        raise FormatError(f"Cannot read {source}: {error}") from error
    return parse(text, source=source)


def _tiles(bands: Iterable[Bytes]) -> Iterator[Bytes]:
    """Yield tiles of shape (TILE, TILE, 3) row after row; those at the edges repeat their last."""
    for rows in regroup(bands, TILE):
        below, beside = -rows.shape[0] % TILE, -rows.shape[1] % TILE
        whole = np.pad(rows, ((0, below), (0, beside), (0, 0)), mode="edge")
        for left in range(0, whole.shape[1], TILE):
            yield whole[:, left : left + TILE]


def _packed(tile: Bytes) -> bytes:
    """Return a tile's differences to the left (TIFF 6.0 section 14), deflated."""
    differences = tile.copy()
    np.subtract(tile[:, 1:], tile[:, :-1], out=differences[:, 1:])
    return zlib.compress(differences.data, LEVEL)


def _description(file: BinaryIO) -> bytes:
    """Return the ImageDescription of the first picture; empty where it has none."""
    size = file.seek(0, 2)
    file.seek(0)
    head = file.read(16)
    if not recognises(head):
        raise FormatError("it is not a TIFF picture.")
    order = "<" if head[:1] == b"I" else ">"
    big = 43 in head[2:4]
    if len(head) < (16 if big else 8):
        raise FormatError(f"the picture is cut short at byte {size:,}.")
    start = struct.unpack(f"{order}Q", head[8:16]) if big else struct.unpack(f"{order}I", head[4:8])
    for entry in _entries(file, start[0], size, order, big=big):
        tag, kind, count = struct.unpack(
            f"{order}HH{'Q' if big else 'I'}", entry[: 12 if big else 8]
        )
        if tag == DESCRIPTION:
            return _text(file, kind, count, entry[12:] if big else entry[8:], size, order)
    return b""


def _entries(file: BinaryIO, start: int, size: int, order: str, *, big: bool) -> Iterator[bytes]:
    """Yield the entries of the directory at `start`: 20 bytes each, or 12 in a classic TIFF."""
    head, each = (8, 20) if big else (2, 12)
    if start + head > size:
        raise FormatError(
            f"its directory should be at byte {start:,}, but the file has {size:,} bytes."
        )
    file.seek(start)
    (count,) = struct.unpack(f"{order}{'Q' if big else 'H'}", file.read(head))
    if count > MAX_ENTRIES:
        raise FormatError(
            f"its directory claims {count:,} entries; breeder reads up to {MAX_ENTRIES:,}."
        )
    entries = file.read(count * each)
    if len(entries) < count * each:
        raise FormatError(f"the picture is cut short at byte {size:,}, in its directory.")
    for place in range(0, len(entries), each):
        yield entries[place : place + each]


def _text(file: BinaryIO, kind: int, count: int, value: bytes, size: int, order: str) -> bytes:
    """Return the text of an entry, which lies in its own last bytes or where these point."""
    if kind not in TEXT_TYPES:
        raise FormatError("its description is not text.")
    if count > MAX_BYTES + 1:
        raise FormatError(f"its description takes {count:,} bytes; the most is {MAX_BYTES:,}.")
    if count > len(value):
        (start,) = struct.unpack(f"{order}{'Q' if len(value) == 8 else 'I'}", value)
        if start + count > size:
            raise FormatError(
                f"its description should be {count:,} bytes from byte {start:,} on, but the file "
                f"has {size:,} bytes."
            )
        file.seek(start)
        value = file.read(count)
    return value[:count].partition(b"\0")[0]
