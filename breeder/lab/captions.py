"""Words set over a picture: white, on a soft shadow, in the middle of its lower part."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter, ImageFont

Picture = NDArray[np.uint8]
Mask = NDArray[np.uint8]
Font = ImageFont.FreeTypeFont | ImageFont.ImageFont

SHARE = 0.84
"""The part of the width that a line may take."""

TALLEST, SMALLEST = 0.09, 6
"""The size of the letters at most, as a part of the shorter side, and in pixels at least."""

MIDDLE = 0.78
"""Where the middle of the words is, from the top."""

LINES = 3


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Layer:
    """Words for a picture of one size.

    Attributes:
        top: The first row that they touch, their shadow included.
        ink: How much of each pixel they cover, uint8, shape (rows, width).
        shadow: How much their shadow darkens each pixel, likewise.
    """

    top: int
    ink: Mask
    shadow: Mask


def set_over(picture: Picture, caption: str) -> Picture:
    """Return a picture with words over it; the same picture where there are none.

    Args:
        picture: sRGB, uint8, shape (H, W, 3).
        caption: One line; long ones are broken into several.
    """
    if not caption.strip():
        return picture
    height, width = picture.shape[:2]
    return over_rows(picture, layer(caption, width, height), 0)


def over_rows(rows: Picture, words: Layer, top: int) -> Picture:
    """Return some rows of a picture with the words over them.

    Args:
        rows: sRGB, uint8, shape (rows, W, 3).
        words: For the whole picture.
        top: The row of the picture that these begin with.
    """
    first, last = max(top, words.top), min(top + len(rows), words.top + len(words.ink))
    if first >= last:
        return rows
    shadow, ink = (
        mask[first - words.top : last - words.top, :, None].astype(np.uint32)
        for mask in (words.shadow, words.ink)
    )
    found = rows.copy()
    part = found[first - top : last - top].astype(np.uint32)
    part = (part * (255 - shadow) + 127) // 255
    part = (part * (255 - ink) + 255 * ink + 127) // 255
    found[first - top : last - top] = part
    return found


@lru_cache(maxsize=4)
def layer(caption: str, width: int, height: int) -> Layer:
    """Return words for a picture of a size."""
    lines, font, size = _fitted(" ".join(caption.split()), width, height)
    step, margin = round(1.25 * size), max(2, size // 2)
    rows = step * len(lines) + 2 * margin
    ink, back = (Image.new("L", (width, rows), 0) for _ in range(2))
    for number, line in enumerate(lines):
        place = (width / 2, margin + step * (number + 0.5))
        ImageDraw.Draw(ink).text(place, line, 255, font=font, anchor="mm")
        ImageDraw.Draw(back).text(
            place, line, 255, font=font, anchor="mm", stroke_width=max(1, size // 12)
        )
    shadow = np.asarray(back.filter(ImageFilter.GaussianBlur(max(1.0, size / 8))), dtype=np.float64)
    top = min(max(0, round(height * MIDDLE - rows / 2)), max(0, height - rows))
    return Layer(
        top=top, ink=np.asarray(ink), shadow=np.minimum(shadow * 0.8, 255.0).astype(np.uint8)
    )


def _fitted(text: str, width: int, height: int) -> tuple[list[str], Font, int]:
    """Return the text in the fewest lines in which it fits, its font and the size of that."""
    size = max(SMALLEST, round(TALLEST * min(width, height)))
    while True:
        font = ImageFont.load_default(size=size)
        lines = _broken(text, font, SHARE * width)
        if size <= SMALLEST or (lines is not None and len(lines) <= LINES):
            return lines or [text], font, size
        size = max(SMALLEST, size * 9 // 10)


def _broken(text: str, font: Font, most: float) -> list[str] | None:
    """Return lines of whole words that fit; None where a word does not."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and font.getlength(longer) <= most:
            lines[-1] = longer
        elif font.getlength(word) <= most:
            lines.append(word)
        else:
            return None
    return lines
