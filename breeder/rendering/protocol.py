"""What every way to draw looks like from outside."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from breeder.program import Program
from breeder.rendering.canvas import Canvas


class Renderer(Protocol):
    """One way to run programs."""

    def draw(self, programs: Sequence[Program], canvas: Canvas, rows: range) -> NDArray[np.uint8]:
        """Return rows of pictures.

        Args:
            programs: At least one, of any structures.
            canvas: A canvas of single samples (`supersample` 1).
            rows: Rows from the top, at least one.

        Returns:
            sRGB, uint8, shape (len(programs), len(rows), canvas.width, 3).
        """
        ...
