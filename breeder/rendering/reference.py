"""The reference: NumPy, float64, node by node. Slow, plain, and the judge of every other way."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from breeder.activations import ACTIVATIONS, SUM_LIMIT
from breeder.inputs import INPUTS
from breeder.program import Program
from breeder.rendering.canvas import Canvas
from breeder.rendering.color import to_bytes, to_rgb

_ACTIVATIONS = tuple(ACTIVATIONS.values())
_INPUTS = tuple(INPUTS.values())


class ReferenceRenderer:
    """Draws programs one node after another in float64."""

    def draw(self, programs: Sequence[Program], canvas: Canvas, rows: range) -> NDArray[np.uint8]:
        """Return rows of pictures; see `breeder.rendering.Renderer`."""
        x, y = canvas.points(rows)
        shape = (len(rows), canvas.width, 3)
        pictures = [
            to_bytes(to_rgb(program.color, evaluate(program, x, y, canvas.z))).reshape(shape)
            for program in programs
        ]
        return np.stack(pictures)


def evaluate(
    program: Program, x: NDArray[np.float64], y: NDArray[np.float64], z: float
) -> NDArray[np.float64]:
    """Return the output channels of a program at points, before they become colours.

    Args:
        program: The compiled genome.
        x: float64, shape (P,).
        y: float64, shape (P,).
        z: One number for all points.

    Returns:
        float64, finite, shape (C, P).
    """
    values = [_INPUTS[code].reference(x, y, z) for code in program.inputs]
    for node, operation in enumerate(program.operations):
        total = np.full_like(x, program.biases[node])
        for edge in range(program.offsets[node], program.offsets[node + 1]):
            total += program.weights[edge] * values[program.sources[edge]]
        np.clip(total, -SUM_LIMIT, SUM_LIMIT, out=total)
        values.append(_ACTIVATIONS[operation].reference(total))
    return np.stack([values[place] for place in program.outputs])
