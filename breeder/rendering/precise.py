"""Draws in 64 bits what 32 would not hold: programs with the stepped activations of Picbreeder.

A sum that falls on the other side of a step moves a node by 0.0005, and deep networks amplify that:
in 32 bits one in ten genomes bred from Picbreeder's had a channel off by more than 3, and one was
off by 26. The steps are read from tables and the rest is plain arithmetic, so that machines agree.
Chunks that stay in cache are evaluated by a compiled loop (`precise_loop`) or, with the same bytes,
by NumPy.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from breeder.activations import (
    ACTIVATIONS,
    GELU_CUBE,
    GELU_SLOPE,
    LEAK,
    OPERATION_CODES,
    SUM_LIMIT,
)
from breeder.genome import ColorModel
from breeder.inputs import INPUTS
from breeder.program import Program
from breeder.rendering import precise_constants as c
from breeder.rendering.canvas import Canvas
from breeder.rendering.color import to_bytes, to_rgb
from breeder.rendering.threads import in_threads

Array = NDArray[np.float64]
Pixels = NDArray[np.uint8]

CHUNK = 2048
"""Pixels at a time: 16 KB for each value."""

CHUNK_VALUES = 1 << 21
"""Values of a chunk at the most, 16 MB for each thread: large programs take fewer pixels."""

GROUP = 4
"""Programs that share the inputs of a chunk."""

STEPPED = frozenset(OPERATION_CODES[name] for name in ("picbreeder_sigmoid", "picbreeder_gaussian"))


def needs_precision(program: Program) -> bool:
    """Return whether a program has an activation whose steps 32 bits would miss."""
    return not STEPPED.isdisjoint(program.operations.tolist())


def evaluate(
    values: Array,
    inputs: int,
    operations: NDArray[np.int16],
    biases: Array,
    offsets: NDArray[np.int32],
    sources: NDArray[np.int32],
    weights: Array,
) -> None:
    """Fill the rows of all nodes, as the loop in `precise_loop` does, to the bit.

    Args:
        values: float64, shape (inputs + nodes, points); the rows of the inputs are filled.
        inputs: How many inputs there are.
        operations: Activation codes of the nodes.
        biases: Of the nodes.
        offsets: Where each node's connections start; one more than there are nodes.
        sources: The row each connection reads.
        weights: Of the connections.
    """
    for node, operation in enumerate(operations):
        row = values[inputs + node]
        row[:] = biases[node]
        for edge in range(offsets[node], offsets[node + 1]):
            row += values[sources[edge]] * weights[edge]
        np.clip(row, -SUM_LIMIT, SUM_LIMIT, out=row)
        row[:] = _ACTIVATIONS[operation](row)


def paint(color: ColorModel, values: Array, outputs: NDArray[np.int32], out: Pixels) -> None:
    """Fill pixels, uint8, shape (points, 3), from the rows of a program's channels."""
    out[:] = to_bytes(to_rgb(color, values[outputs]))


class PreciseRenderer:
    """Draws programs one after another in float64, chunks of pixels on all cores.

    Args:
        evaluate: What fills the rows of all nodes: the function above, or that of `precise_loop`.
        paint: What makes bytes of them, likewise.
    """

    def __init__(
        self, evaluate: Callable[..., None] = evaluate, paint: Callable[..., None] = paint
    ) -> None:
        self._evaluate = evaluate
        self._paint = paint

    def draw(self, programs: Sequence[Program], canvas: Canvas, rows: range) -> NDArray[np.uint8]:
        """Return rows of pictures; see `breeder.rendering.Renderer`."""
        x, y = canvas.points(rows)
        out = np.empty((len(programs), x.size, 3), dtype=np.uint8)
        most = max(program.inputs.size + program.operations.size for program in programs)
        step = max(1, min(CHUNK, CHUNK_VALUES // most))
        starts = range(0, x.size, step)
        pieces = [(g, start) for g in range(0, len(programs), GROUP) for start in starts]
        turns = iter(pieces)

        def work() -> None:
            for group, start in turns:
                part = slice(start, start + step)
                inputs = _Inputs(x[part], y[part], canvas.z)
                for number in range(group, min(group + GROUP, len(programs))):
                    self._draw(programs[number], inputs, out[number, part])

        in_threads(work, len(pieces))
        return out.reshape(len(programs), len(rows), canvas.width, 3)

    def _draw(self, program: Program, inputs: _Inputs, out: Pixels) -> None:
        values = np.empty((program.inputs.size + program.operations.size, len(out)))
        for row, code in enumerate(program.inputs.tolist()):
            values[row] = inputs[code]
        self._evaluate(
            values,
            program.inputs.size,
            program.operations,
            program.biases,
            program.offsets,
            program.sources,
            program.weights,
        )
        self._paint(program.color, values, program.outputs, out)


class _Inputs(dict[int, Array]):
    """The values of each input at points, by its code; computed when first asked for."""

    def __init__(self, x: Array, y: Array, z: float) -> None:
        self._points = (x, y, z)

    def __missing__(self, code: int) -> Array:
        self[code] = values = _INPUTS[code].reference(*self._points)
        return values


def _sin_of(u: Array, n: Array) -> Array:
    """Return sin(u - n pi) for the nearest multiple of pi."""
    r = ((u - n * c.PI_1) - n * c.PI_2) - n * c.PI_3
    s = r * r
    p = np.full_like(s, c.SINE[0])
    for factor in c.SINE[1:]:
        p = p * s + factor
    return np.asarray(r + r * (s * p))


def _odd(n: Array) -> Array:
    """Return 1 for even n and -1 for odd n."""
    return np.asarray(1.0 - 2.0 * np.abs(n - 2.0 * np.rint(0.5 * n)))


def _sin(u: Array) -> Array:
    n = np.rint(u * c.INV_PI)
    return _odd(n) * _sin_of(u, n)


def _cos(u: Array) -> Array:
    n = np.rint(u * c.INV_PI - 0.5)
    return -_odd(n) * _sin_of(u, n + 0.5)


def _exp(u: Array) -> Array:
    u = np.minimum(np.maximum(u, -c.EXP_LIMIT), c.EXP_LIMIT)
    n = np.rint(u * c.LOG2_E)
    r = (u - n * c.LN2_1) - n * c.LN2_2
    p = np.full_like(r, c.EXPONENTIAL[0])
    for factor in c.EXPONENTIAL[1:]:
        p = p * r + factor
    return np.asarray(p * ((n.astype(np.int64) + 1023) << 52).view(np.float64))


def _tanh(u: Array) -> Array:
    return np.asarray(1.0 - 2.0 / (_exp(2.0 * u) + 1.0))


def _triangle(u: Array) -> Array:
    t = u * c.INV_TURN - 0.25
    return np.asarray(1.0 - 4.0 * np.abs(t - np.rint(t)))


def _looked_up(u: Array, samples: Array, first: int, last: int, edge: float) -> Array:
    place = np.clip((1000.0 * u + 0.5).astype(np.int64), first, last)
    return np.asarray(samples[np.where(u <= edge, first, place) - first])


LOWERING: dict[str, Callable[[Array], Array]] = {
    "identity": lambda u: u,
    "sin": _sin,
    "cos": _cos,
    "tanh": _tanh,
    "sigmoid": lambda u: 1.0 / (1.0 + _exp(-u)),
    "bipolar_sigmoid": lambda u: _tanh(0.5 * u),
    "gaussian": lambda u: _exp(-(u * u)),
    "bipolar_gaussian": lambda u: 2.0 * _exp(-(u * u)) - 1.0,
    "abs": np.abs,
    "square": lambda u: u * u,
    "relu": lambda u: np.maximum(u, 0.0),
    "triangle": _triangle,
    "picbreeder_sigmoid": lambda u: _looked_up(u, *c.SIGMOID),
    "picbreeder_gaussian": lambda u: _looked_up(u, *c.GAUSSIAN),
    "leaky_relu": lambda u: np.maximum(u, LEAK * u),
    "elu": lambda u: np.maximum(u, 0.0) + (_exp(np.minimum(u, 0.0)) - 1.0),
    "gelu": lambda u: u / (1.0 + _exp(-2.0 * GELU_SLOPE * (u + GELU_CUBE * (u * u * u)))),
    "sqrt": lambda u: np.sqrt(np.abs(u)),
}
"""Each activation of a row of sums."""

_ACTIVATIONS = tuple(LOWERING[name] for name in ACTIVATIONS)
_INPUTS = tuple(INPUTS.values())
