"""Single frames as animated GIF and WebP files hold them: packed one by one, in any thread.

Both files are a head, one piece after another for each frame, and an end. In the films made here
everything moves, so that a frame gains nothing from the one before: each stands alone, all cores
pack, and no more frames are held than are being packed.
"""

from __future__ import annotations

import struct
from io import BytesIO

import numpy as np
from numpy.typing import NDArray

WEBP_QUALITY = 88
WEBP_EFFORT = 2
"""Of 0 to 6; beyond it packing takes twice as long, for 0.7 decibels in a file 3 % smaller."""

PALETTE_SIDE = 96
"""Pixels along the longer side of what a palette is chosen from: a frame this small has all its
colours, and one of 192 gave no better palette for three times the work."""

Frame = NDArray[np.uint8]

GIF_END = b"\x3b"
_GIF_DESCRIPTOR, _GIF_EXTENSION = 0x2C, 0x21


def gif_head(width: int, height: int, *, loop: bool) -> bytes:
    """Return what a GIF begins with; the palettes belong to the frames."""
    head = b"GIF89a" + struct.pack("<HHBBB", width, height, 0x70, 0, 0)
    again = b"\x21\xff\x0bNETSCAPE2.0\x03\x01\x00\x00\x00" if loop else b""
    return head + again


def gif_frame(frame: Frame, hundredths: int) -> bytes:
    """Return a frame with a palette of its own, shown for so many hundredths of a second."""
    shown = struct.pack("<BBBBHBB", _GIF_EXTENSION, 0xF9, 4, 1 << 2, hundredths, 0, 0)
    palette, pixels = _gif_picture(frame)
    bits = (len(palette) // 3).bit_length() - 2  # a palette of 2**(bits + 1) colours
    height, width = frame.shape[:2]
    place = struct.pack("<BHHHHB", _GIF_DESCRIPTOR, 0, 0, width, height, 0x80 | bits)
    return shown + place + palette + pixels


def _gif_picture(frame: Frame) -> tuple[bytes, bytes]:
    """Return a frame's palette and its packed pixels, cut out of the GIF that Pillow writes."""
    from PIL import Image
    from PIL.Image import Dither, Quantize

    picture = Image.fromarray(frame)
    if picture.getcolors(256) is not None:  # few colours stay exactly as they are
        picture = picture.quantize(256, method=Quantize.MEDIANCUT, dither=Dither.NONE)
    else:
        # Measured on three films of bred pictures, blurred by 1.2 pixels as an eye does, against
        # median cut and octrees with and without k-means, undithered, ordered and diffused: this
        # was nearest to the source in all three (45 to 49 dB), at the size of the others.
        few = picture.copy()
        few.thumbnail((PALETTE_SIDE, PALETTE_SIDE), Image.Resampling.NEAREST)
        palette = few.quantize(256, method=Quantize.MAXCOVERAGE, dither=Dither.NONE)
        picture = picture.quantize(palette=palette, dither=Dither.FLOYDSTEINBERG)
    file = BytesIO()
    picture.save(file, "GIF", optimize=False, interlace=False)
    data = file.getvalue()
    end = 13 + 3 * (2 << (data[10] & 7))
    place = end
    while data[place] == _GIF_EXTENSION:
        place += 2
        while data[place]:
            place += 1 + data[place]
        place += 1
    return data[13:end], data[place + 10 : -1]


def webp_head(width: int, height: int, *, loop: bool) -> bytes:
    """Return what an animated WebP begins with; bytes 4 to 8 wait for `webp_length`."""
    size = _three(width - 1) + _three(height - 1)
    canvas = _chunk(b"VP8X", struct.pack("<I", 0x02) + size)
    repeats = _chunk(b"ANIM", struct.pack("<IH", 0xFF000000, 0 if loop else 1))
    return b"RIFF" + bytes(4) + b"WEBP" + canvas + repeats


def webp_length(file_bytes: int) -> bytes:
    """Return the length that stands in bytes 4 to 8 of a WebP file of so many bytes."""
    return struct.pack("<I", file_bytes - 8)


def webp_frame(frame: Frame, milliseconds: int) -> bytes:
    """Return a frame shown for so many thousandths of a second."""
    from PIL import Image

    file = BytesIO()
    Image.fromarray(frame).save(file, "WEBP", quality=WEBP_QUALITY, method=WEBP_EFFORT)
    height, width = frame.shape[:2]
    size = _three(width - 1) + _three(height - 1)
    over = b"\x02"  # the frame replaces what was there
    head = bytes(6) + size + _three(milliseconds) + over
    return _chunk(b"ANMF", head + _webp_picture(file.getvalue()))


def _webp_picture(data: bytes) -> bytes:
    """Return the chunk with the picture of a WebP file, whatever stands around it."""
    place = 12
    while data[place : place + 4] not in (b"VP8 ", b"VP8L"):
        place += 8 + _padded(struct.unpack_from("<I", data, place + 4)[0])
    return data[place : place + 8 + _padded(struct.unpack_from("<I", data, place + 4)[0])]


def _chunk(name: bytes, content: bytes) -> bytes:
    return name + struct.pack("<I", len(content)) + content + bytes(len(content) % 2)


def _padded(length: int) -> int:
    return length + length % 2


def _three(number: int) -> bytes:
    return number.to_bytes(3, "little")
