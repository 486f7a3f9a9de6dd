"""Pictures from strangers as pixels, bounded in time and memory: what a network comes close to.

Only the pixels are read; a genome that a picture may hold is for `load`.
"""

from __future__ import annotations

import struct
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageOps

from breeder.errors import FormatError

Pixels = NDArray[np.uint8]

KINDS = ("PNG", "JPEG", "WEBP", "GIF")
"""What is read; others have readers that are harder to trust."""

MAX_BYTES = 32 * 1024 * 1024
MAX_PIXELS = 50_000_000
"""Of the file, before it is made smaller: 200 MB of memory for a moment."""

LEAST_SIDE = 8
MOST_UNEVEN = 8
"""How many times longer than the other a side may be."""

_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What sets a picture upright, by the number that its camera wrote."""

_TROUBLES = (OSError, ValueError, SyntaxError, EOFError, struct.error, Image.DecompressionBombError)
"""What readers of Pillow raise for bad files; the first of them for unknown kinds too."""


def read_pixels(file: BinaryIO, source: str, *, longest: int, square: bool = False) -> Pixels:
    """Return a picture of a file, made smaller.

    Args:
        file: A PNG, JPEG, WebP or GIF (its first frame), open for reading.
        source: What messages call it.
        longest: Pixels of its longer side at the most.
        square: Whether only the square in its middle is taken.

    Returns:
        sRGB, uint8, shape (H, W, 3); what is transparent lies on white.

    Raises:
        FormatError: It is no such picture, too large, too small or too uneven; one sentence.
    """
    try:
        return _pixels(file, longest, square=square)
    except FormatError as error:
        raise FormatError(f"Cannot read {source}: {error}") from error
    except (*_TROUBLES, Warning) as error:
        raise FormatError(
            f"Cannot read {source}: it is no whole PNG, JPEG, WebP or GIF picture."
        ) from error


def _pixels(file: BinaryIO, longest: int, *, square: bool) -> Pixels:
    if file.seek(0, 2) > MAX_BYTES:
        raise FormatError(f"it is larger than {MAX_BYTES >> 20} MB, the most that is read.")
    file.seek(0)
    with Image.open(file, formats=KINDS) as image:
        _check(*image.size)
        if image.format == "JPEG":  # decoded at a fraction of its size, which is quicker
            image.draft("RGB", (2 * longest, 2 * longest))
        plain = _on_white(_upright(image))
    if square:
        side = min(plain.size)
        plain = ImageOps.fit(plain, (side, side), Image.Resampling.BOX)
    share = min(1.0, longest / max(plain.size))
    size = tuple(max(LEAST_SIDE, round(side * share)) for side in plain.size)
    if size != plain.size:
        plain = plain.resize((size[0], size[1]), Image.Resampling.LANCZOS, reducing_gap=3.0)
    return np.asarray(plain, dtype=np.uint8)


def _check(width: int, height: int) -> None:
    if width * height > MAX_PIXELS:
        raise FormatError(
            f"it has {width:,} x {height:,} pixels, and {MAX_PIXELS:,} are the most that are read."
        )
    if min(width, height) < LEAST_SIDE:
        raise FormatError(f"a side has fewer than {LEAST_SIDE} pixels.")
    if max(width, height) > MOST_UNEVEN * min(width, height):
        raise FormatError(f"one side is more than {MOST_UNEVEN} times as long as the other.")


def _upright(image: Image.Image) -> Image.Image:
    # Not by ImageOps, which writes the other notes of the camera anew and fails on strange ones.
    image.load()
    told = image.getexif().get(ExifTags.Base.Orientation)
    turn = _TURNS.get(told) if isinstance(told, int) else None
    return image if turn is None else image.transpose(turn)


def _on_white(image: Image.Image) -> Image.Image:
    if image.mode.startswith(("I", "F")):  # 16 bits of grey, which Pillow would cut off at 255
        values = np.asarray(image, dtype=np.float64)
        top = 65535.0 if values.max(initial=0.0) > 255 else 255.0
        return Image.fromarray(np.clip(values * (255.0 / top), 0, 255).astype(np.uint8)).convert(
            "RGB"
        )
    if image.mode in ("RGB", "L", "CMYK", "YCbCr") and "transparency" not in image.info:
        return image.convert("RGB")
    colored = image.convert("RGBA")
    white = Image.new("RGBA", colored.size, (255, 255, 255, 255))
    return Image.alpha_composite(white, colored).convert("RGB")
