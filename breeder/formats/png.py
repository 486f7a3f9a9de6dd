"""PNG pictures with their genome inside, written and read as streams of bounded memory.

The genome is native JSON in an iTXt chunk (PNG specification, third edition, 11.3.3.4) before the
pixels. Reading looks at chunks only and never decodes pixels.
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
from breeder.formats.native import Document, dumps, parse
from breeder.formats.packing import in_threads, regroup
from breeder.genome import Genome
from breeder.rendering import Device, render_bands
from breeder.rendering.canvas import Canvas

SIGNATURE = b"\x89PNG\r\n\x1a\n"
KEYWORD = "breeder-genome"
TEXT_CHUNKS = (b"iTXt", b"tEXt", b"zTXt")

# Measured on pictures of 256 to 2048 pixels: 4 to 14 % more bytes than Pillow's default in 40 % of
# its time; level 6 would take twice the time of 5 to save 8 %, level 1 would add half again.
LEVEL = 5
IDAT_BYTES = 1 << 16
STRIP_BYTES = 1 << 18  # rows packed at a time: they stay in cache

# Strips are packed apart from each other, in threads, and end at a byte each, so that they can be
# put one after another; that costs 0.4 % more bytes. What stands around them is of RFC 1950.
_ZLIB_HEAD = b"\x78\x5e"
_LAST_BLOCK = b"\x03\0"

MAX_CHUNKS = 100_000
_KEYWORD = KEYWORD.encode() + b"\0"

_Strip = tuple[NDArray[np.uint8], NDArray[np.uint8]]


def stream_png(
    genome: Genome,
    canvas: Canvas,
    *,
    device: Device = "auto",
    title: str = "",
    meta: Mapping[str, str] | None = None,
    cancelled: Callable[[], bool] = lambda: False,
    advance: Callable[[int], object] = lambda rows: None,
) -> Iterator[bytes]:
    """Return a picture as the bytes of a PNG file, drawn while they are taken.

    Args:
        genome: What to draw; it travels inside the file.
        canvas: What to show.
        device: Where to draw.
        title: Kept beside the genome.
        meta: Further short texts, kept likewise.
        cancelled: Asked before every band; True ends the drawing.
        advance: Called with the number of rows just drawn.

    Returns:
        Pieces of the file, some 64 kB each; memory does not grow with the picture.

    Raises:
        FormatError: The genome or title exceeds a limit of the format.
        CancelledError: `cancelled` said so; raised while the bytes are taken, as is RenderError.
    """
    texts = {KEYWORD: dumps(genome, title=title, meta=meta, compact=True)}

    def bands() -> Iterator[NDArray[np.uint8]]:
        for band in render_bands([genome], canvas, device=device, cancelled=cancelled):
            yield band[0]
            advance(band.shape[1])

    return encode_png(bands(), width=canvas.width, height=canvas.height, texts=texts)


def encode_png(
    bands: Iterable[NDArray[np.uint8]], *, width: int, height: int, texts: Mapping[str, str]
) -> Iterator[bytes]:
    """Yield a PNG file of 8-bit sRGB pixels.

    Args:
        bands: uint8, each of shape (rows, width, 3), from top to bottom, `height` rows in all.
        width: Pixels across.
        height: Pixels down.
        texts: Texts by keyword (1 to 79 Latin letters), written uncompressed before the pixels:
            Pillow refuses to open a picture whose compressed texts are larger than 1 MB.

    Yields:
        Pieces of the file; an IDAT chunk each as long as there are pixels.
    """
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    yield SIGNATURE + _chunk(b"IHDR", header) + _chunk(b"sRGB", b"\0")
    for keyword, text in texts.items():
        yield _chunk(b"iTXt", keyword.encode("latin-1") + b"\0" * 5 + text.encode())
    ready, checksum = bytearray(_ZLIB_HEAD), 1
    for filtered, packed in in_threads(_packed, _strips(bands, width)):
        checksum = zlib.adler32(filtered.data, checksum)
        ready += packed
        if len(ready) >= IDAT_BYTES:
            yield _chunk(b"IDAT", bytes(ready))
            ready.clear()
    ready += _LAST_BLOCK + struct.pack(">I", checksum)
    yield _chunk(b"IDAT", bytes(ready)) + _chunk(b"IEND", b"")


def recognises(head: bytes) -> bool:
    """Tell from the first bytes of a file whether it is a PNG."""
    return head.startswith(SIGNATURE)


def read(file: BinaryIO, source: str) -> Document:
    """Return the genome and title inside a PNG file; pixels are skipped, not read.

    Args:
        file: A file that can seek.
        source: What messages call it.

    Raises:
        FormatError: The file is no PNG or has no valid genome; one sentence says why.
    """
    try:
        text = _genome_text(file)
    except FormatError as error:
        raise FormatError(f"Cannot read {source}: {error}") from error
    return parse(text, source=source)


def _chunk(kind: bytes, data: bytes) -> bytes:
    body = kind + data
    return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))


def _strips(bands: Iterable[NDArray[np.uint8]], width: int) -> Iterator[_Strip]:
    """Yield some rows of bytes at a time, shape (rows, width * 3), and the row above them."""
    above = np.zeros(width * 3, dtype=np.uint8)
    for strip in regroup(bands, max(1, STRIP_BYTES // (width * 3))):
        rows = np.ascontiguousarray(strip).reshape(strip.shape[0], -1)
        yield rows, above
        above = rows[-1]


def _packed(strip: _Strip) -> tuple[NDArray[np.uint8], bytes]:
    """Return a strip's filtered bytes, and these deflated up to a whole byte."""
    filtered = _filtered(*strip)
    compressor = zlib.compressobj(LEVEL, wbits=-zlib.MAX_WBITS)  # without head and checksum
    return filtered, compressor.compress(filtered.data) + compressor.flush(zlib.Z_SYNC_FLUSH)


def _filtered(rows: NDArray[np.uint8], above: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return rows with the filter (Sub or Up) that leaves the smaller bytes, its number first."""
    up = np.empty((rows.shape[0], rows.shape[1] + 1), dtype=np.uint8)
    up[:, 0] = 2
    np.subtract(rows[0], above, out=up[0, 1:])
    np.subtract(rows[1:], rows[:-1], out=up[1:, 1:])
    sub = np.empty_like(up)
    sub[:, 0] = 1
    sub[:, 1:4] = rows[:, :3]
    np.subtract(rows[:, 3:], rows[:, :-3], out=sub[:, 4:])
    return np.where((_magnitude(sub) < _magnitude(up))[:, None], sub, up)


def _magnitude(rows: NDArray[np.uint8]) -> NDArray[np.uint64]:
    # The usual heuristic (PNG specification 12.7): bytes count as signed differences.
    total: NDArray[np.uint64] = np.minimum(rows, -rows).sum(axis=1, dtype=np.uint64)
    return total


def _genome_text(file: BinaryIO) -> bytes:
    """Return the text of the first chunk that holds a genome, wherever among the chunks it is."""
    size = file.seek(0, 2)
    file.seek(0)
    if file.read(len(SIGNATURE)) != SIGNATURE:
        raise FormatError("it is not a PNG picture.")
    for _ in range(MAX_CHUNKS):
        start = file.tell()
        head = file.read(8)
        if len(head) < 8:
            raise FormatError(f"the picture is cut short at byte {size:,}, with no genome so far.")
        length, kind = struct.unpack(">I4s", head)
        if length > size - start - 12:
            raise FormatError(
                f"the chunk at byte {start:,} claims {length:,} bytes, more than the file has left."
            )
        if kind in TEXT_CHUNKS and file.read(len(_KEYWORD)) == _KEYWORD:
            file.seek(start + 8)
            return _text_of(file, kind, length, start)
        if kind == b"IEND":
            raise FormatError(
                "the picture has no genome inside; only pictures saved by breeder, and not "
                "converted since, can be opened."
            )
        file.seek(start + length + 12)
    raise FormatError(f"the picture has more than {MAX_CHUNKS:,} chunks, and no genome in them.")


def _text_of(file: BinaryIO, kind: bytes, length: int, start: int) -> bytes:
    """Return the text of a chunk whose keyword is ours."""
    if length > MAX_BYTES + 1024:  # the text, and some room for keyword and language
        raise FormatError(f"its genome takes {length:,} bytes; the most is {MAX_BYTES:,}.")
    data = file.read(length)
    (wanted,) = struct.unpack(">I", file.read(4))
    if zlib.crc32(kind + data) != wanted:
        raise FormatError(f"its genome is damaged (the checksum at byte {start:,} does not fit).")
    rest = data[len(_KEYWORD) :]
    # Some tools turn iTXt into the older kinds; as the text is ASCII, nothing is lost.
    if kind == b"tEXt":
        return rest
    if kind == b"zTXt":
        return _inflated(rest[:1], rest[1:])
    if len(rest) < 4 or rest[0] > 1 or rest[2:].count(b"\0") < 2:
        raise FormatError(f"its genome's chunk at byte {start:,} is not a valid iTXt chunk.")
    text = rest[2:].split(b"\0", 2)[2]
    return _inflated(rest[1:2], text) if rest[0] else text


def _inflated(method: bytes, data: bytes) -> bytes:
    if method != b"\0":
        raise FormatError("its genome is compressed in a way that PNG does not know.")
    inflater = zlib.decompressobj()
    try:
        text = inflater.decompress(data, MAX_BYTES + 1)
    except zlib.error as error:
        raise FormatError("its genome is damaged (it cannot be decompressed).") from error
    if len(text) > MAX_BYTES:
        raise FormatError(f"its genome is larger than {MAX_BYTES:,} bytes, the most it may take.")
    if not inflater.eof:
        raise FormatError("its genome is damaged (its compressed text is cut short).")
    return text
