"""WebP pictures with their genome inside: native JSON in an XMP packet.

XMP travels in a chunk of its own (WebP container specification, extended format), which viewers
pass over. Reading looks at chunks only and never decodes pixels.
"""

from __future__ import annotations

import re
import struct
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections.abc import Iterable, Sequence
from io import BytesIO
from typing import BinaryIO

from breeder.errors import FormatError
from breeder.formats.limits import MAX_BYTES
from breeder.formats.native import Document, dumps, parse
from breeder.rendering import Device, render_bands
from breeder.rendering.canvas import Canvas

MAX_SIDE = 16_383
"""Pixels along a side that the format can say."""

MAX_PIXELS = 1 << 26
"""Of a picture that is held in memory while it is packed: 200 MB."""

MAX_CHUNKS = 1_000
NAMESPACE = "https://breeder.invalid/genome/1/"
_PACKET = (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF '
    'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" '
    'xmlns:breeder="{space}"><breeder:genome>{text}</breeder:genome></rdf:Description>'
    "</rdf:RDF></x:xmpmeta>"
)
# Programs that rewrite XMP may turn an element into an attribute.
_GENOME = re.compile(rb"breeder:genome(?:\s*+=\s*+[\"']|>)([A-Za-z0-9+/=\s]++)[<\"']")


def write(document: Document, canvas: Canvas, device: Device) -> Iterable[bytes]:
    """Return the pieces of a lossless WebP picture with its genome and texts inside.

    Raises:
        FormatError: The picture is larger than the format can be, or the genome than ours.
    """
    from PIL import Image

    if max(canvas.width, canvas.height) > MAX_SIDE or canvas.width * canvas.height > MAX_PIXELS:
        raise FormatError(
            f"A WebP picture has at most {MAX_SIDE:,} pixels along a side and {MAX_PIXELS:,} in "
            "all here; PNG and TIFF can be larger."
        )
    text = dumps(document.genome, meta=document.meta, compact=True)
    packet = _PACKET.format(space=NAMESPACE, text=b64encode(text.encode()).decode())
    picture = Image.new("RGB", (canvas.width, canvas.height))
    top = 0
    for band in render_bands([document.genome], canvas, device=device):
        picture.paste(Image.fromarray(band[0]), (0, top))
        top += band.shape[1]
    file = BytesIO()
    picture.save(file, "WEBP", lossless=True, method=2, quality=50, xmp=packet.encode())
    yield file.getvalue()


def read(file: BinaryIO, source: str) -> Sequence[Document]:
    """Return the genome and texts inside a WebP file.

    Raises:
        FormatError: There is no valid genome in it; one sentence says why.
    """
    try:
        packet = _packet(file)
        found = _GENOME.search(packet)
        if found is None:
            raise FormatError(_MISSING)
        try:
            text = b64decode(found[1])
        except (Base64Error, ValueError) as error:
            raise FormatError("its genome is damaged.") from error
    except FormatError as error:
        raise FormatError(f"Cannot read {source}: {error}") from error
    return (parse(text, source=source),)


_MISSING = (
    "the picture has no genome inside; only pictures saved by breeder, and not converted since, "
    "can be opened."
)


def _packet(file: BinaryIO) -> bytes:
    """Return the XMP packet of a file."""
    size = file.seek(0, 2)
    file.seek(12)
    for _ in range(MAX_CHUNKS):
        head = file.read(8)
        if len(head) < 8:
            raise FormatError(_MISSING)
        kind, length = struct.unpack("<4sI", head)
        if length > size - file.tell():
            raise FormatError("the picture is cut short.")
        if kind == b"XMP ":
            if length > 2 * MAX_BYTES:
                raise FormatError(f"its texts are larger than {2 * MAX_BYTES:,} bytes.")
            return file.read(length)
        file.seek(length + length % 2, 1)
    raise FormatError(f"the picture has more than {MAX_CHUNKS:,} chunks, and no genome in them.")
