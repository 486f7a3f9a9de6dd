"""The compiled inner loops of the tiled renderer. Knows flat arrays only.

Everything is plain 32-bit arithmetic: no fast-math, no fused multiply-add, no library calls. Each
result is then fixed by IEEE 754, so that every machine draws the same bytes, a picture drawn in
parts equals the whole, and the loops over a tile still vectorise. Accuracy is about 1e-6, far
below the 1/255 of a channel.
"""

# Numba infers the types of these loops, not the type checker.
# mypy: ignore-errors
# ruff: noqa: C901

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit, types
from numba.core.extending import intrinsic

from breeder.activations import OPERATION_CODES
from breeder.genome import COLOR_MODELS
from breeder.inputs import INPUT_CODES
from breeder.rendering.constants import (
    BYTE,
    EXP_2,
    EXP_3,
    EXP_4,
    EXP_5,
    EXP_6,
    EXP_LIMIT,
    FIVE,
    FOUR,
    GAMMA,
    GAMMA_TOP,
    GAUSSIAN_FIRST,
    GAUSSIAN_LAST,
    GAUSSIAN_SAMPLES,
    HALF,
    INV_PI,
    INV_TURN,
    LIMIT,
    LN2_1,
    LN2_2,
    LOG2_E,
    M1,
    M2,
    MAGIC,
    ONE,
    PI_1,
    PI_2,
    PI_3,
    QUARTER,
    SIGMOID_FIRST,
    SIGMOID_LAST,
    SIGMOID_SAMPLES,
    SIN_3,
    SIN_5,
    SIN_7,
    SIN_9,
    SIX,
    SPAN,
    SQRT_2,
    TEN,
    THOUSAND,
    THREE,
    TWO,
    ZERO,
    F,
)

TILE = 512
"""Pixels evaluated together: the values of a hundred nodes then fill 200 KB of cache."""

IDENTITY, SIN, COS, TANH = (OPERATION_CODES[name] for name in ("identity", "sin", "cos", "tanh"))
SIGMOID, BIPOLAR_SIGMOID = OPERATION_CODES["sigmoid"], OPERATION_CODES["bipolar_sigmoid"]
GAUSSIAN, BIPOLAR_GAUSSIAN = OPERATION_CODES["gaussian"], OPERATION_CODES["bipolar_gaussian"]
ABS, SQUARE, RELU = (OPERATION_CODES[name] for name in ("abs", "square", "relu"))
TRIANGLE = OPERATION_CODES["triangle"]
PICBREEDER_SIGMOID = OPERATION_CODES["picbreeder_sigmoid"]
PICBREEDER_GAUSSIAN = OPERATION_CODES["picbreeder_gaussian"]
# fmt: off
LOWERED_OPERATIONS = [
    "identity", "sin", "cos", "tanh", "sigmoid", "bipolar_sigmoid", "gaussian", "bipolar_gaussian",
    "abs", "square", "relu", "triangle", "picbreeder_sigmoid", "picbreeder_gaussian",
]
# fmt: on
"""The activations that `_activate` knows, compared with the table in the conformance suite."""

IN_X, IN_Y, IN_D, IN_BIAS, IN_Z = (INPUT_CODES[name] for name in ("x", "y", "d", "bias", "z"))
IN_R, IN_X2, IN_Y2, IN_COS = (INPUT_CODES[name] for name in ("r", "x2", "y2", "cos10r"))
LOWERED_INPUTS = ["x", "y", "d", "bias", "z", "r", "x2", "y2", "cos10r"]
"""The inputs that `_fill_input` knows."""

GREY, HSB, RGB, OKLAB = (COLOR_MODELS.index(name) for name in ("grey", "hsb", "rgb", "oklab"))


@intrinsic
def _float_of_bits(typingctx: Any, bits: Any) -> Any:
    """Return the float32 that has the bits of an int32."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.bitcast(args[0], context.get_value_type(types.float32))

    return types.float32(types.int32), codegen


@njit(inline="always")
def _round(u):
    return (u + MAGIC) - MAGIC


@njit(inline="always")
def _sin_of(u, k):
    """Return sin(u - k pi), for the nearest multiple k of pi."""
    r = ((u - k * PI_1) - k * PI_2) - k * PI_3
    s = r * r
    return r + r * s * (SIN_3 + s * (SIN_5 + s * (SIN_7 + s * SIN_9)))


@njit(inline="always")
def _alternate(n):
    """Return 1 for even n and -1 for odd n."""
    return ONE - TWO * abs(n - TWO * _round(HALF * n))


@njit(inline="always")
def _sin(u):
    n = _round(u * INV_PI)
    return _alternate(n) * _sin_of(u, n)


@njit(inline="always")
def _cos(u):
    n = _round(u * INV_PI - HALF)
    return -_alternate(n) * _sin_of(u, n + HALF)


@njit(inline="always")
def _exp(u):
    u = min(max(u, -EXP_LIMIT), EXP_LIMIT)
    n = _round(u * LOG2_E)
    r = (u - n * LN2_1) - n * LN2_2
    p = EXP_2 + r * (EXP_3 + r * (EXP_4 + r * (EXP_5 + r * EXP_6)))
    power = _float_of_bits(np.int32((np.int32(n) + np.int32(127)) << np.int32(23)))
    return (ONE + r + r * r * p) * power


@njit(inline="always")
def _tanh(u):
    return ONE - TWO / (_exp(TWO * u) + ONE)


@njit(nogil=True, cache=True, error_model="numpy")
def _activate(operation, row):
    """Replace a tile of weighted sums by its activation."""
    if operation == SIN:
        for i in range(TILE):
            row[i] = _sin(row[i])
    elif operation == COS:
        for i in range(TILE):
            row[i] = _cos(row[i])
    elif operation == TANH:
        for i in range(TILE):
            row[i] = _tanh(row[i])
    elif operation == SIGMOID:
        for i in range(TILE):
            row[i] = ONE / (ONE + _exp(-row[i]))
    elif operation == BIPOLAR_SIGMOID:
        for i in range(TILE):
            row[i] = _tanh(HALF * row[i])
    elif operation == GAUSSIAN:
        for i in range(TILE):
            row[i] = _exp(-(row[i] * row[i]))
    elif operation == BIPOLAR_GAUSSIAN:
        for i in range(TILE):
            row[i] = TWO * _exp(-(row[i] * row[i])) - ONE
    elif operation == ABS:
        for i in range(TILE):
            row[i] = abs(row[i])
    elif operation == SQUARE:
        for i in range(TILE):
            row[i] = row[i] * row[i]
    elif operation == RELU:
        for i in range(TILE):
            row[i] = max(row[i], ZERO)
    elif operation == TRIANGLE:
        for i in range(TILE):
            t = row[i] * INV_TURN - QUARTER
            row[i] = ONE - FOUR * abs(t - _round(t))
    elif operation == PICBREEDER_SIGMOID:
        for i in range(TILE):
            k = min(max(np.int32(THOUSAND * row[i] + HALF), SIGMOID_FIRST), SIGMOID_LAST)
            row[i] = SIGMOID_SAMPLES[k - SIGMOID_FIRST]
    elif operation == PICBREEDER_GAUSSIAN:
        for i in range(TILE):
            k = min(max(np.int32(THOUSAND * row[i] + HALF), GAUSSIAN_FIRST), GAUSSIAN_LAST)
            row[i] = GAUSSIAN_SAMPLES[k - GAUSSIAN_FIRST]


@njit(nogil=True, cache=True, error_model="numpy")
def _fill_input(code, row, x, y, z):
    """Fill a tile with the value of an input."""
    if code == IN_X:
        row[:] = x
    elif code == IN_Y:
        row[:] = y
    elif code == IN_BIAS:
        row[:] = ONE
    elif code == IN_Z:
        row[:] = z
    elif code == IN_X2:
        for i in range(TILE):
            row[i] = x[i] * x[i]
    elif code == IN_Y2:
        for i in range(TILE):
            row[i] = y[i] * y[i]
    else:
        for i in range(TILE):
            row[i] = np.sqrt(x[i] * x[i] + y[i] * y[i])
        if code == IN_D:
            for i in range(TILE):
                row[i] = SQRT_2 * row[i]
        elif code == IN_COS:
            for i in range(TILE):
                row[i] = _cos(min(TEN * row[i], LIMIT))


@njit(nogil=True, cache=True, error_model="numpy")
def _sum_into(row, values, bias, sources, weights, first, last):
    """Fill a tile with a node's weighted sum, four sources in each pass over it."""
    for i in range(TILE):
        row[i] = bias
    edge = first
    while edge + 4 <= last:
        a, b = values[sources[edge]], values[sources[edge + 1]]
        c, d = values[sources[edge + 2]], values[sources[edge + 3]]
        wa, wb, wc, wd = weights[edge], weights[edge + 1], weights[edge + 2], weights[edge + 3]
        for i in range(TILE):
            row[i] += (a[i] * wa + b[i] * wb) + (c[i] * wc + d[i] * wd)
        edge += 4
    while edge < last:
        a, wa = values[sources[edge]], weights[edge]
        for i in range(TILE):
            row[i] += a[i] * wa
        edge += 1
    for i in range(TILE):
        row[i] = min(max(row[i], -LIMIT), LIMIT)


@njit(inline="always")
def _unit(u):
    return min(max(u, ZERO), ONE)


@njit(inline="always")
def _fade(k):
    """Return how far a channel is faded at k sixths round the hue circle, k in 0..11."""
    k = k - SIX if k >= SIX else k
    return _unit(min(k, FOUR - k))


@njit(nogil=True, cache=True, error_model="numpy")
def _paint_oklab(a, b, c, red, green, blue):
    for i in range(TILE):
        light = _unit(a[i])
        span = SPAN * light * (ONE - light)
        p = span * min(max(b[i], -ONE), ONE)
        q = span * min(max(c[i], -ONE), ONE)
        l = light + M1[0, 1] * p + M1[0, 2] * q  # noqa: E741
        m = light + M1[1, 1] * p + M1[1, 2] * q
        s = light + M1[2, 1] * p + M1[2, 2] * q
        l, m, s = l * l * l, m * m * m, s * s * s  # noqa: E741
        red[i] = GAMMA_TOP * np.sqrt(_unit(M2[0, 0] * l + M2[0, 1] * m + M2[0, 2] * s))
        green[i] = GAMMA_TOP * np.sqrt(_unit(M2[1, 0] * l + M2[1, 1] * m + M2[1, 2] * s))
        blue[i] = GAMMA_TOP * np.sqrt(_unit(M2[2, 0] * l + M2[2, 1] * m + M2[2, 2] * s))


@njit(nogil=True, cache=True, error_model="numpy")
def _paint_plain(color, a, b, c, red, green, blue):
    """Fill the channels of grey, hsb and rgb, as 0..255."""
    if color == GREY:
        for i in range(TILE):
            red[i] = BYTE * min(abs(a[i]), ONE)
        green[:] = red
        blue[:] = red
    elif color == RGB:
        for i in range(TILE):
            red[i] = BYTE * _unit(a[i])
            green[i] = BYTE * _unit(b[i])
            blue[i] = BYTE * _unit(c[i])
    else:
        for i in range(TILE):
            hue = SIX * min(max(a[i] - _round(a[i] - HALF), ZERO), ONE)
            saturation = _unit(b[i])
            bright = BYTE * min(abs(c[i]), ONE)
            red[i] = bright * (ONE - saturation * _fade(hue + FIVE))
            green[i] = bright * (ONE - saturation * _fade(hue + THREE))
            blue[i] = bright * (ONE - saturation * _fade(hue + ONE))


@njit(nogil=True, cache=True, error_model="numpy")
def _points(first, width, height, top, view, x, y):
    """Fill a tile with the pixel centres that follow a pixel, row after row."""
    shorter = min(width, height)
    column, line = first % width, top + first // width
    for i in range(TILE):
        u = (2.0 * column + 1.0 - width) / shorter
        v = (2.0 * line + 1.0 - height) / shorter
        x[i] = F(view[0] + (u * view[2] + v * view[3]) / view[4])
        y[i] = F(view[1] + (v * view[2] - u * view[3]) / view[4])
        column += 1
        if column == width:
            column, line = 0, line + 1


@njit(nogil=True, cache=True, error_model="numpy")
def draw_tiles(
    start, stop, width, height, top, view, z, programs, operations, biases, offsets, sources,
    weights, inputs, outputs, out,
):  # fmt: skip
    """Draw tiles start to stop of a batch; tile t belongs to program t // tiles per picture.

    Args:
        start: The first tile.
        stop: The tile behind the last.
        width: Pixels across.
        height: Pixels down, of the whole picture.
        top: The row of the whole picture that `out` begins with.
        view: float64: centre x, centre y, cosine and sine of the rotation, zoom.
        z: The input z, float32.
        programs: int64, shape (B, 5): first input, inputs, first node, nodes, colour model.
        operations: Activation codes of all nodes.
        biases: float32, of all nodes.
        offsets: Where each node's connections start; one more than there are nodes.
        sources: The value each connection reads, counted within its program.
        weights: float32, of all connections.
        inputs: Input codes of all programs.
        outputs: int64, shape (B, 3): the value of each channel.
        out: uint8, shape (B, pixels, 3).
    """
    pixels = out.shape[1]
    tiles = (pixels + TILE - 1) // TILE
    most = 0
    for b in range(programs.shape[0]):
        most = max(most, programs[b, 1] + programs[b, 3])
    values = np.empty((most, TILE), np.float32)
    x, y = np.empty(TILE, np.float32), np.empty(TILE, np.float32)
    red, green = np.empty(TILE, np.float32), np.empty(TILE, np.float32)
    blue = np.empty(TILE, np.float32)
    for tile in range(start, stop):
        b, first = tile // tiles, (tile % tiles) * TILE
        _points(first, width, height, top, view, x, y)
        begin, count, node, nodes, color = programs[b]
        for i in range(count):
            _fill_input(inputs[begin + i], values[i], x, y, z)
        for n in range(node, node + nodes):
            row = values[count + n - node]
            _sum_into(row, values, biases[n], sources, weights, offsets[n], offsets[n + 1])
            _activate(operations[n], row)
        last = min(TILE, pixels - first)
        p, q, r = values[outputs[b, 0]], values[outputs[b, 1]], values[outputs[b, 2]]
        target = out[b]
        if color == OKLAB:
            _paint_oklab(p, q, r, red, green, blue)
            for i in range(last):
                target[first + i, 0] = GAMMA[np.int32(red[i] + HALF)]
                target[first + i, 1] = GAMMA[np.int32(green[i] + HALF)]
                target[first + i, 2] = GAMMA[np.int32(blue[i] + HALF)]
        else:
            _paint_plain(color, p, q, r, red, green, blue)
            for i in range(last):
                target[first + i, 0] = np.uint8(np.int32(red[i] + HALF))
                target[first + i, 1] = np.uint8(np.int32(green[i] + HALF))
                target[first + i, 2] = np.uint8(np.int32(blue[i] + HALF))
