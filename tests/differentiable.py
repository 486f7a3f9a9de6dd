"""Differentiable pictures as a renderer, so that the judge of all renderers judges them too."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from breeder.program import Program
from breeder.rendering.canvas import Canvas
from breeder.rendering.differentiable import DifferentiablePicture


class DifferentiableRenderer:
    """Draws programs one after another on a device of torch."""

    def __init__(self, device: str = "cpu") -> None:
        self._device = device

    def draw(self, programs: Sequence[Program], canvas: Canvas, rows: range) -> NDArray[np.uint8]:
        pictures = []
        for program in programs:
            with torch.no_grad():
                colors = DifferentiablePicture(program, device=self._device)(canvas, rows)
            pictures.append(torch.floor(255.0 * colors + 0.5).to(torch.uint8).cpu().numpy())
        return np.stack(pictures)
