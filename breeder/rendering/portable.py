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
        last = int(program.offsets[node + 1])
        for edge in range(int(program.offsets[node]), last, 4):
            four = range(edge, min(edge + 4, last))
            terms = [values[program.sources[place]] * weights[place] for place in four]
            pairs = [sum(terms[i + 1 : i + 2], terms[i]) for i in range(0, len(terms), 2)]
            total += sum(pairs[1:], pairs[0])
        values.append(_ACTIVATIONS[operation](total))
    return _PAINT[program.color](*(values[place] for place in program.outputs))


def _round(u: Row) -> Row:
    return (u + c.MAGIC) - c.MAGIC


def _bounded(u: Row) -> Row:
    return np.clip(u, -c.LIMIT, c.LIMIT)


def _sin_of(h: Row) -> Row:
    """Return the sine of h half turns."""
    shifted = h + c.MAGIC
    f = h - (shifted - c.MAGIC)
    s = f * f
    value = f * (c.TURN_1 + s * (c.TURN_3 + s * (c.TURN_5 + s * c.TURN_7)))
    sign = shifted.view(np.int32) << np.int32(31)
    return np.asarray((value.view(np.int32) ^ sign).view(np.float32))


def _sin(u: Row) -> Row:
    return _sin_of(_bounded(u) * c.INV_PI)


def _cos(u: Row) -> Row:
    return _sin_of(_bounded(u) * c.INV_PI + c.HALF)


def _exp2(z: Row) -> Row:
    z = np.clip(z, -c.POWER_LIMIT, c.POWER_LIMIT)
    shifted = z + c.SHIFT
    f = z - (shifted - c.SHIFT)
    p = c.POWER_2 + f * (c.POWER_3 + f * (c.POWER_4 + f * c.POWER_5))
    power = (shifted.view(np.int32) << np.int32(23)).view(np.float32)
    return np.asarray((c.ONE + f * (c.POWER_1 + f * p)) * power)


def _tanh_of(z: Row) -> Row:
    """Return tanh(u) of z = 2 u log2(e)."""
    return np.asarray(c.ONE - c.TWO / (_exp2(z) + c.ONE))


def _gaussian(u: Row) -> Row:
    with np.errstate(over="ignore"):  # the square of a sum of some 1e20; its power is limited
        return _exp2(u * u * -c.LOG2_E)


def _bipolar_gaussian(u: Row) -> Row:
    return np.asarray(c.TWO * _gaussian(u) - c.ONE)


def _stepped(u: Row, first: int, last: int) -> Row:
    """Return the sample, counted in thousandths, that Picbreeder's tables give for a sum."""
    k = np.clip(c.THOUSAND * u + c.HALF, c.F(first), c.F(last))
    return np.asarray(c.PICBREEDER_STEP * k.astype(np.int32).astype(np.float32))


def _triangle(u: Row) -> Row:
    t = _bounded(u) * c.INV_TURN - c.QUARTER
    return np.asarray(c.ONE - c.FOUR * np.abs(t - _round(t)))


def _gelu(u: Row) -> Row:
    v = _bounded(u)
    return np.asarray(v / (c.ONE + _exp2(v * (c.GELU_1 + c.GELU_3 * (v * v)))))


def _radius(x: Row, y: Row) -> Row:
    return np.asarray(np.sqrt(x * x + y * y), dtype=np.float32)


LOWERING: dict[str, Callable[[Row], Row]] = {
    "identity": _bounded,
    "sin": _sin,
    "cos": _cos,
    "tanh": lambda u: _tanh_of(u * c.TWICE_LOG2_E),
    "sigmoid": lambda u: c.ONE / (c.ONE + _exp2(u * -c.LOG2_E)),
    "bipolar_sigmoid": lambda u: _tanh_of(u * c.LOG2_E),
    "gaussian": _gaussian,
    "bipolar_gaussian": _bipolar_gaussian,
    "abs": lambda u: np.abs(_bounded(u)),
    "square": lambda u: _bounded(u) * _bounded(u),
    "relu": lambda u: np.maximum(_bounded(u), c.ZERO),
    "triangle": _triangle,
    "picbreeder_sigmoid": lambda u: _tanh_of(
        _stepped(u, c.SIGMOID_FIRST, c.SIGMOID_LAST) * c.LOG2_E
    ),
    "picbreeder_gaussian": lambda u: _bipolar_gaussian(
        _stepped(u, c.GAUSSIAN_FIRST, c.GAUSSIAN_LAST)
    ),
    "leaky_relu": lambda u: np.maximum(_bounded(u), c.LEAKING * _bounded(u)),
    "elu": lambda u: (
        np.maximum(_bounded(u), c.ZERO) + (_exp2(np.minimum(u, c.ZERO) * c.LOG2_E) - c.ONE)
    ),
    "gelu": _gelu,
    "sqrt": lambda u: np.sqrt(np.abs(_bounded(u))),
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
    "cos10r": lambda x, y, z: _sin_of(
        np.minimum(c.TEN * _radius(x, y), c.LIMIT) * c.INV_PI + c.HALF
    ),
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
    return _gamma([c.M2[i, 0] * l + c.M2[i, 1] * m + c.M2[i, 2] * s for i in range(3)])


def _light(root: Row) -> Row:
    below = c.LAB_SLOPE * (root - c.LAB_START)
    return np.where(root > c.LAB_KNEE, root * root * root, below)


def _cielab(a: Row, b: Row, d: Row) -> NDArray[np.uint8]:
    grey = c.LAB_LIGHT * _unit(a) + c.LAB_START
    p: Row = np.minimum(np.maximum(b, -c.ONE), c.ONE)
    q: Row = np.minimum(np.maximum(d, -c.ONE), c.ONE)
    u, v, w = _light(grey + c.LAB_RED * p), _light(grey), _light(grey + c.LAB_BLUE * q)
    return _gamma([c.M3[i, 0] * u + c.M3[i, 1] * v + c.M3[i, 2] * w for i in range(3)])


def _gamma(linear: Sequence[Row]) -> NDArray[np.uint8]:
    steps = [c.GAMMA_TOP * np.sqrt(_unit(channel)) for channel in linear]
    return np.stack([c.GAMMA[(step + c.HALF).astype(np.int32)] for step in steps], axis=1)


_PAINT: dict[str, Callable[..., NDArray[np.uint8]]] = {
    "grey": _grey,
    "hsb": _hsb,
    "rgb": _rgb,
    "oklab": _oklab,
    "lab": _cielab,
}
