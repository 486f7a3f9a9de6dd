"""Words set over a picture: white letters with a soft shadow, readable on any colours.

The letters are Pillow's own, so that a caption looks alike on every machine. They grow with the
picture: the same caption at every size.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter, ImageFont

Bytes = NDArray[np.uint8]

LETTER = 0.062
"""Height of the letters as a share of the picture's shorter side."""
LEAST_LETTER = 7.0
"""Pixels below which letters are blots."""
WIDEST = 0.86
"""Share of the width that lines may take before they are broken."""
BOTTOM = 0.07
"""Share of the shorter side that is left below the last line."""
SHADE = 0.62
"""How dark the shadow is at its darkest, 0 to 1."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Caption:
    """A caption laid out for a picture of one size.

    Attributes:
        top: Its first row in the picture.
        ink: How much of each pixel is letters, uint8, shape (rows, width).
        shade: How much of each pixel is shadow, likewise.
    """

    top: int
    ink: Bytes
    shade: Bytes

    def over(self, rows: Bytes, top: int = 0) -> Bytes:
        """Return rows of a picture with the caption on them.

        Args:
            rows: uint8, shape (count, width, 3).
            top: Which row of the picture the first one is.
        """
        first, last = max(top, self.top), min(top + len(rows), self.top + len(self.ink))
        if first >= last:
            return rows
        done = rows.copy()
        here, mine = slice(first - top, last - top), slice(first - self.top, last - self.top)
        dark = 1.0 - SHADE * (self.shade[mine, :, None] / np.float32(255.0))
        ink = self.ink[mine, :, None] / np.float32(255.0)
        mixed = rows[here] * dark * (1.0 - ink) + 255.0 * ink
        done[here] = np.rint(mixed).astype(np.uint8)
        return done


@lru_cache(maxsize=16)
def lay_out(text: str, width: int, height: int) -> Caption | None:
    """Return a caption for a picture of some size; None where there are no words.

    Args:
        text: One line; it is broken where it is too long.
        width: Pixels across.
        height: Pixels down.
    """
    if not text.strip():
        return None
    size = max(LEAST_LETTER, LETTER * min(width, height))
    font = ImageFont.load_default(size)
    stroke = size / 28
    lines = "\n".join(_broken(text.split(), font, WIDEST * width - 2 * stroke))
    pen = ImageDraw.Draw(Image.new("L", (1, 1)))
    spacing = size * 0.35
    box = pen.multiline_textbbox((0, 0), lines, font=font, spacing=spacing, align="center")
    blur = size * 0.3
    margin = int(3 * blur)
    rows = int(min(height, box[3] - box[1] + 2 * margin))
    top = int(max(0, height - rows - max(0.0, BOTTOM * min(width, height) - margin)))
    ink = Image.new("L", (width, rows))
    place = ((width - box[0] - box[2]) / 2, (rows - box[1] - box[3]) / 2)
    ImageDraw.Draw(ink).multiline_text(
        place, lines, 255, font=font, spacing=spacing, align="center", stroke_width=stroke
    )
    shade = ink.filter(ImageFilter.GaussianBlur(blur)).point(lambda value: min(255, 2 * value))
    return Caption(top=top, ink=np.asarray(ink), shade=np.asarray(shade))


def with_caption(picture: Bytes, text: str) -> Bytes:
    """Return a picture with words over it; the picture itself where there are none.

    Args:
        picture: sRGB, uint8, shape (height, width, 3).
        text: One line.
    """
    height, width = picture.shape[:2]
    caption = lay_out(text, width, height)
    return caption.over(picture) if caption else picture


def _broken(
    words: list[str], font: ImageFont.ImageFont | ImageFont.FreeTypeFont, widest: float
) -> list[str]:
    """Return words in lines that are no wider than they may be, unless a word is."""
    lines = [""]
    for word in words:
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and font.getlength(longer) > widest:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines
