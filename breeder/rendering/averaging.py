"""Samples to pixels by compiled loops on all cores: the same bytes as `color.average`, sooner.

In NumPy averaging takes longer than drawing the samples does.
"""

# Numba infers the types of the loop, not the type checker.
# mypy: ignore-errors

from __future__ import annotations

from itertools import count
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from breeder.rendering.color import FROM_LIGHT, LIGHT_STEPS
from breeder.rendering.threads import in_threads

ROWS_AT_ONCE = 16
"""Rows of pixels in one piece of work, about a tenth of a millisecond."""


@njit(nogil=True, cache=True, error_model="numpy")
def _average_rows(samples, factor, light, from_light, out, first, last):
    """Fill rows first to last of out, uint8 (B * H, W, 3), from samples (B * H * factor, ...)."""
    samples_each = np.uint32(factor * factor)
    half = samples_each // np.uint32(2)
    for row in range(first, last):
        for column in range(out.shape[1]):
            red, green, blue = np.uint32(0), np.uint32(0), np.uint32(0)
            for i in range(row * factor, (row + 1) * factor):
                for j in range(column * factor, (column + 1) * factor):
                    red += light[samples[i, j, 0]]
                    green += light[samples[i, j, 1]]
                    blue += light[samples[i, j, 2]]
            out[row, column, 0] = from_light[(red + half) // samples_each]
            out[row, column, 1] = from_light[(green + half) // samples_each]
            out[row, column, 2] = from_light[(blue + half) // samples_each]


def average(samples: NDArray[np.uint8], factor: int) -> NDArray[np.uint8]:
    """Return pixels averaged from samples; see `breeder.rendering.color.average`."""
    batch, height, width, _ = samples.shape
    rows = batch * height // factor
    lines: Any = np.ascontiguousarray(samples).reshape(batch * height, width, 3)
    out = np.empty((rows, width // factor, 3), dtype=np.uint8)
    turns = count(0, ROWS_AT_ONCE)

    def work() -> None:
        for first in turns:
            if first >= rows:
                return
            last = min(first + ROWS_AT_ONCE, rows)
            _average_rows(lines, factor, LIGHT_STEPS, FROM_LIGHT, out, first, last)

    in_threads(work, -(-rows // ROWS_AT_ONCE))
    return out.reshape(batch, height // factor, width // factor, 3)
