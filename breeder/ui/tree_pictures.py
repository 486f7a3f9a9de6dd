"""Pictures that family trees need beside single ones: a grid in a row, and a difference."""

from __future__ import annotations

import io
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from breeder.genome import Genome
from breeder.rendering.adaptive import render_adaptive
from breeder.rendering.canvas import Canvas

ROW_QUALITY = 85
"""Of a row of thumbnails, which are looked at from afar; single pictures have more."""


def row_jpeg(genomes: Sequence[Genome], size: int) -> bytes:
    """Return pictures side by side as one JPEG, `size` pixels high."""
    pictures = render_adaptive(genomes, Canvas(width=size, height=size))
    return _jpeg(np.concatenate(list(pictures), axis=1), ROW_QUALITY)


def difference_jpeg(first: Genome, second: Genome, size: int) -> bytes:
    """Return a square JPEG that is black where two pictures are equal."""
    pictures = render_adaptive([first, second], Canvas(width=size, height=size))
    return _jpeg(difference_pixels(pictures[0], pictures[1]), ROW_QUALITY)


def difference_pixels(first: NDArray[np.uint8], second: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return how far pictures lie apart, channel by channel; small differences are lifted.

    Args:
        first: sRGB, shape (H, W, 3).
        second: Likewise.
    """
    apart = np.abs(first.astype(np.float32) - second.astype(np.float32)) / 255.0
    return np.asarray(np.rint(np.sqrt(apart) * 255.0), dtype=np.uint8)


def _jpeg(pixels: NDArray[np.uint8], quality: int) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", quality=quality, subsampling=0)
    return buffer.getvalue()
