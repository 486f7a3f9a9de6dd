"""The arithmetic of `kernels` in NumPy, byte for byte: for as long as the loops are not compiled.

Every operation is one IEEE operation in 32 bits in the order of the kernels, so that a picture does
not depend on whether they were ready. It is slower; the conformance suite compares both.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from breeder.activations import ACTIVATIONS
from breeder.inputs import INPUTS
from breeder.program import Program
from breeder.rendering import constants as c
from breeder.rendering.canvas import Canvas

Row = NDArray[np.float32]

CHUNK = 16_384
"""Pixels at a time: rows of 64 KB, few calls and still in cache."""


class PortableRenderer:
    """Draws programs one after another in float32."""

    def draw(self, programs: Sequence[Program], canvas: Canvas, rows: range) -> NDArray[np.uint8]:
        """Return rows of pictures; see `breeder.rendering.Renderer`."""
        x, y = _points(canvas, rows)
        out = np.empty((len(programs), x.size, 3), dtype=np.uint8)
        for start in range(0, x.size, CHUNK):
            part = slice(start, start + CHUNK)
            for program, target in zip(programs, out[:, part], strict=True):
                target[:] = _draw(program, x[part], y[part], np.float32(canvas.z))
        return out.reshape(len(programs), len(rows), canvas.width, 3)


def _points(canvas: Canvas, rows: range) -> tuple[Row, Row]:
    # As the kernels do, in 64 bits: also where there is no rotation.
    shorter = min(canvas.width, canvas.height)
    across = (2.0 * np.arange(canvas.width) + 1.0 - canvas.width) / shorter
    down = (2.0 * np.arange(rows.start, rows.stop) + 1.0 - canvas.height) / shorter
    u, v = np.tile(across, len(rows)), np.repeat(down, canvas.width)
    cos, sin = math.cos(math.radians(canvas.rotation)), math.sin(math.radians(canvas.rotation))
    x = canvas.center[0] + (u * cos + v * sin) / canvas.zoom
    y = canvas.center[1] + (v * cos - u * sin) / canvas.zoom
    return x.astype(np.float32), y.astype(np.float32)


def _draw(program: Program, x: Row, y: Row, z: np.float32) -> NDArray[np.uint8]:
    values: list[Row] = [_INPUTS[code](x, y, z) for code in program.inputs]
    biases, weights = program.biases.astype(np.float32), program.weights.astype(np.float32)
    for node, operation in enumerate(program.operations):
        total = np.full(x.shape, biases[node])
        edge, last = int(program.offsets[node]), int(program.offsets[node + 1])
        while edge + 4 <= last:
            a, b, d, e = (values[program.sources[edge + i]] * weights[edge + i] for i in range(4))
            total += (a + b) + (d + e)
            edge += 4
        for single in range(edge, last):
            total += values[program.sources[single]] * weights[single]
        values.append(_ACTIVATIONS[operation](np.clip(total, -c.LIMIT, c.LIMIT)))
    return _PAINT[program.color](*(values[place] for place in program.outputs))


def _round(u: Row) -> Row:
    return (u + c.MAGIC) - c.MAGIC


def _sin_of(u: Row, k: Row) -> Row:
    r = ((u - k * c.PI_1) - k * c.PI_2) - k * c.PI_3
    s = r * r
    return np.asarray(r + r * s * (c.SIN_3 + s * (c.SIN_5 + s * (c.SIN_7 + s * c.SIN_9))))


def _alternate(n: Row) -> Row:
    return np.asarray(c.ONE - c.TWO * np.abs(n - c.TWO * _round(c.HALF * n)))


def _sin(u: Row) -> Row:
    n = _round(u * c.INV_PI)
    return _alternate(n) * _sin_of(u, n)


def _cos(u: Row) -> Row:
    n = _round(u * c.INV_PI - c.HALF)
    return -_alternate(n) * _sin_of(u, n + c.HALF)


def _exp(u: Row) -> Row:
    u = np.minimum(np.maximum(u, -c.EXP_LIMIT), c.EXP_LIMIT)
    n = _round(u * c.LOG2_E)
    r = (u - n * c.LN2_1) - n * c.LN2_2
    p = c.EXP_2 + r * (c.EXP_3 + r * (c.EXP_4 + r * (c.EXP_5 + r * c.EXP_6)))
    power = ((n.astype(np.int32) + np.int32(127)) << np.int32(23)).view(np.float32)
    return np.asarray((c.ONE + r + r * r * p) * power)


def _tanh(u: Row) -> Row:
    return np.asarray(c.ONE - c.TWO / (_exp(c.TWO * u) + c.ONE))


def _triangle(u: Row) -> Row:
    t = u * c.INV_TURN - c.QUARTER
    return np.asarray(c.ONE - c.FOUR * np.abs(t - _round(t)))


def _steps(u: Row, first: int, last: int) -> NDArray[np.int32]:
    """Return the sample that each sum is cut to, counted from the first."""
    k = (c.THOUSAND * u + c.HALF).astype(np.int32)  # cut towards zero
    return np.clip(k, first, last) - np.int32(first)


def _radius(x: Row, y: Row) -> Row:
    return np.asarray(np.sqrt(x * x + y * y), dtype=np.float32)


LOWERING: dict[str, Callable[[Row], Row]] = {
    "identity": lambda u: u,
    "sin": _sin,
    "cos": _cos,
    "tanh": _tanh,
    "sigmoid": lambda u: c.ONE / (c.ONE + _exp(-u)),
    "bipolar_sigmoid": lambda u: _tanh(c.HALF * u),
    "gaussian": lambda u: _exp(-(u * u)),
    "bipolar_gaussian": lambda u: c.TWO * _exp(-(u * u)) - c.ONE,
    "abs": np.abs,
    "square": lambda u: u * u,
    "relu": lambda u: np.maximum(u, c.ZERO),
    "triangle": _triangle,
    "picbreeder_sigmoid": lambda u: c.SIGMOID_SAMPLES[_steps(u, c.SIGMOID_FIRST, c.SIGMOID_LAST)],
    "picbreeder_gaussian": lambda u: c.GAUSSIAN_SAMPLES[
        _steps(u, c.GAUSSIAN_FIRST, c.GAUSSIAN_LAST)
    ],
}
"""Each activation of a row of weighted sums."""

INPUT_LOWERING: dict[str, Callable[[Row, Row, np.float32], Row]] = {
    "x": lambda x, y, z: x,
    "y": lambda x, y, z: y,
    "d": lambda x, y, z: c.SQRT_2 * _radius(x, y),
    "bias": lambda x, y, z: np.ones_like(x),
    "z": lambda x, y, z: np.full_like(x, z),
    "r": lambda x, y, z: _radius(x, y),
    "x2": lambda x, y, z: x * x,
    "y2": lambda x, y, z: y * y,
    "cos10r": lambda x, y, z: _cos(np.minimum(c.TEN * _radius(x, y), c.LIMIT)),
}
"""Each input of rows x and y and the number z."""

_ACTIVATIONS = tuple(LOWERING[name] for name in ACTIVATIONS)
_INPUTS = tuple(INPUT_LOWERING[name] for name in INPUTS)


def _unit(u: Row) -> Row:
    return np.minimum(np.maximum(u, c.ZERO), c.ONE)


def _bytes(*channels: Row) -> NDArray[np.uint8]:
    return np.stack([(row + c.HALF).astype(np.int32) for row in channels], axis=1).astype(np.uint8)


def _grey(a: Row) -> NDArray[np.uint8]:
    ink = c.BYTE * np.minimum(np.abs(a), c.ONE)
    return _bytes(ink, ink, ink)


def _rgb(a: Row, b: Row, d: Row) -> NDArray[np.uint8]:
    return _bytes(*(c.BYTE * _unit(channel) for channel in (a, b, d)))


def _fade(k: Row) -> Row:
    k = np.where(k >= c.SIX, k - c.SIX, k)
    return _unit(np.minimum(k, c.FOUR - k))


def _hsb(a: Row, b: Row, d: Row) -> NDArray[np.uint8]:
    hue = c.SIX * _unit(a - _round(a - c.HALF))
    saturation = _unit(b)
    bright = c.BYTE * np.minimum(np.abs(d), c.ONE)
    corners = (c.FIVE, c.THREE, c.ONE)
    return _bytes(*(bright * (c.ONE - saturation * _fade(hue + corner)) for corner in corners))


def _oklab(a: Row, b: Row, d: Row) -> NDArray[np.uint8]:
    light = _unit(a)
    span = c.SPAN * light * (c.ONE - light)
    p = span * np.minimum(np.maximum(b, -c.ONE), c.ONE)
    q = span * np.minimum(np.maximum(d, -c.ONE), c.ONE)
    roots = [light + c.M1[i, 1] * p + c.M1[i, 2] * q for i in range(3)]
    l, m, s = (root * root * root for root in roots)  # noqa: E741
    linear = [c.M2[i, 0] * l + c.M2[i, 1] * m + c.M2[i, 2] * s for i in range(3)]
    steps = [c.GAMMA_TOP * np.sqrt(_unit(channel)) for channel in linear]
    return np.stack([c.GAMMA[(step + c.HALF).astype(np.int32)] for step in steps], axis=1)


_PAINT: dict[str, Callable[..., NDArray[np.uint8]]] = {
    "grey": _grey,
    "hsb": _hsb,
    "rgb": _rgb,
    "oklab": _oklab,
}
