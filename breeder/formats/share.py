"""Links that carry a picture: its genome packed into letters that an address can hold.

A link is the version of this packing and a dot, then the native JSON, deflated, in base64 for URLs.
What comes from outside is bounded before it is unpacked.
"""

from __future__ import annotations

import base64
import binascii
import re
import zlib

from breeder.errors import FormatError
from breeder.formats import native
from breeder.formats.native import Document

VERSION = 1
MAX_LINK = 6_000
"""Characters of a link's text: programs that hand addresses on may cut much longer ones."""

MAX_TEXT_BYTES = 256 * 1024
"""What a link may unpack to; honest ones stay far below."""

_SHAPE = re.compile(r"([0-9]{1,6})\.([A-Za-z0-9_-]+)")


def pack(document: Document) -> str | None:
    """Return a genome and its texts as the text of a link; None where they are too large for one.

    Args:
        document: What the link shows; its title and other texts travel with it.
    """
    try:
        text = native.dumps(document.genome, meta=document.meta, compact=True).encode()
    except FormatError:
        return None
    if len(text) > MAX_TEXT_BYTES:
        return None
    packer = zlib.compressobj(9, wbits=-15)
    packed = packer.compress(text) + packer.flush()
    link = f"{VERSION}.{base64.urlsafe_b64encode(packed).decode().rstrip('=')}"
    return link if len(link) <= MAX_LINK else None


def unpack(link: str) -> Document:
    """Return the genome and title that a link's text carries.

    Raises:
        FormatError: It carries none; one sentence says why.
    """
    if len(link) > MAX_LINK:
        raise FormatError(
            f"Cannot read the link: it has {len(link):,} characters, and {MAX_LINK:,} is the most."
        )
    shape = _SHAPE.fullmatch(link)
    if shape is None:
        raise FormatError("Cannot read the link: a part of it is missing, or something was added.")
    if int(shape[1]) != VERSION:
        raise FormatError(
            f"Cannot read the link: it is of version {int(shape[1])}, and this breeder reads "
            f"version {VERSION}."
        )
    return native.parse(_inflated(shape[2]), source="the link")


def _inflated(letters: str) -> bytes:
    try:
        packed = base64.urlsafe_b64decode(letters + "=" * (-len(letters) % 4))
        unpacker = zlib.decompressobj(wbits=-15)
        text = unpacker.decompress(packed, MAX_TEXT_BYTES)
    except (binascii.Error, ValueError, zlib.error) as error:
        raise FormatError("Cannot read the link: it is damaged or cut short.") from error
    if unpacker.unconsumed_tail:
        raise FormatError("Cannot read the link: it unpacks to more than a picture needs.")
    if not unpacker.eof or unpacker.unused_data:
        raise FormatError("Cannot read the link: it is damaged or cut short.")
    return text
