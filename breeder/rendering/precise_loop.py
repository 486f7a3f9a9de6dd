"""The compiled loops of the precise renderer: its functions in NumPy, operation by operation."""

# Numba infers the types of these loops, not the type checker.
# mypy: ignore-errors
# ruff: noqa: C901, PLR0915

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit, types
from numba.core.extending import intrinsic

from breeder.activations import GELU_CUBE, GELU_SLOPE, LEAK, OPERATION_CODES, SUM_LIMIT
from breeder.genome import COLOR_MODELS
from breeder.rendering.color import to_bytes, to_rgb
from breeder.rendering.precise_constants import (
    EXP_LIMIT,
    EXPONENTIAL,
    GAUSSIAN,
    INV_PI,
    INV_TURN,
    LN2_1,
    LN2_2,
    LOG2_E,
    PI_1,
    PI_2,
    PI_3,
    SIGMOID,
    SINE,
)

LOOPS = {"nogil": True, "cache": True, "error_model": "numpy"}

LOWERED_OPERATIONS = [
    *("identity", "sin", "cos", "tanh", "sigmoid", "bipolar_sigmoid", "gaussian"),
    *("bipolar_gaussian", "abs", "square", "relu", "triangle"),
    *("picbreeder_sigmoid", "picbreeder_gaussian"),
    *("leaky_relu", "elu", "gelu", "sqrt"),
]
"""The activations that `_activate` knows, compared with the table in the conformance suite."""

SIN, COS, TANH, SIGMOID_CODE, BIPOLAR_SIGMOID, GAUSSIAN_CODE, BIPOLAR_GAUSSIAN = (
    OPERATION_CODES[name] for name in LOWERED_OPERATIONS[1:8]
)
ABS, SQUARE, RELU, TRIANGLE, PICBREEDER_SIGMOID, PICBREEDER_GAUSSIAN = (
    OPERATION_CODES[name] for name in LOWERED_OPERATIONS[8:14]
)
LEAKY_RELU, ELU, GELU, SQRT = (OPERATION_CODES[name] for name in LOWERED_OPERATIONS[14:])
GREY, HSB = COLOR_MODELS.index("grey"), COLOR_MODELS.index("hsb")
SIGMOID_SAMPLES, SIGMOID_FIRST, SIGMOID_LAST, SIGMOID_EDGE = SIGMOID
GAUSSIAN_SAMPLES, GAUSSIAN_FIRST, GAUSSIAN_LAST, GAUSSIAN_EDGE = GAUSSIAN


@intrinsic
def _float_of_bits(typingctx: Any, bits: Any) -> Any:
    """Return the float64 that has the bits of an int64."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.bitcast(args[0], context.get_value_type(types.float64))

    return types.float64(types.int64), codegen


@njit(inline="always")
def _sin_of(u, n):
    r = ((u - n * PI_1) - n * PI_2) - n * PI_3
    s = r * r
    p = SINE[0]
    for k in range(1, 9):
        p = p * s + SINE[k]
    return r + r * (s * p)


@njit(inline="always")
def _odd(n):
    return 1.0 - 2.0 * abs(n - 2.0 * np.rint(0.5 * n))


@njit(inline="always")
def _exp(u):
    u = min(max(u, -EXP_LIMIT), EXP_LIMIT)
    n = np.rint(u * LOG2_E)
    r = (u - n * LN2_1) - n * LN2_2
    p = EXPONENTIAL[0]
    for k in range(1, 14):
        p = p * r + EXPONENTIAL[k]
    return p * _float_of_bits((np.int64(n) + np.int64(1023)) << np.int64(52))


@njit(inline="always")
def _tanh(u):
    return 1.0 - 2.0 / (_exp(2.0 * u) + 1.0)


@njit(inline="always")
def _gelu(u):
    return u / (1.0 + _exp(-2.0 * GELU_SLOPE * (u + GELU_CUBE * (u * u * u))))


@njit(**LOOPS)
def _activate(operation, row):
    """Replace a row of sums by their activation."""
    if operation == SIN:
        for i in range(row.size):
            n = np.rint(row[i] * INV_PI)
            row[i] = _odd(n) * _sin_of(row[i], n)
    elif operation == COS:
        for i in range(row.size):
            n = np.rint(row[i] * INV_PI - 0.5)
            row[i] = -_odd(n) * _sin_of(row[i], n + 0.5)
    elif operation == TANH:
        for i in range(row.size):
            row[i] = _tanh(row[i])
    elif operation == SIGMOID_CODE:
        for i in range(row.size):
            row[i] = 1.0 / (1.0 + _exp(-row[i]))
    elif operation == BIPOLAR_SIGMOID:
        for i in range(row.size):
            row[i] = _tanh(0.5 * row[i])
    elif operation == GAUSSIAN_CODE:
        for i in range(row.size):
            row[i] = _exp(-(row[i] * row[i]))
    elif operation == BIPOLAR_GAUSSIAN:
        for i in range(row.size):
            row[i] = 2.0 * _exp(-(row[i] * row[i])) - 1.0
    elif operation == ABS:
        for i in range(row.size):
            row[i] = abs(row[i])
    elif operation == SQUARE:
        for i in range(row.size):
            row[i] = row[i] * row[i]
    elif operation == RELU:
        for i in range(row.size):
            row[i] = max(row[i], 0.0)
    elif operation == TRIANGLE:
        for i in range(row.size):
            t = row[i] * INV_TURN - 0.25
            row[i] = 1.0 - 4.0 * abs(t - np.rint(t))
    elif operation == PICBREEDER_SIGMOID:
        for i in range(row.size):
            k = min(max(np.int64(1000.0 * row[i] + 0.5), SIGMOID_FIRST), SIGMOID_LAST)
            k = SIGMOID_FIRST if row[i] <= SIGMOID_EDGE else k
            row[i] = SIGMOID_SAMPLES[k - SIGMOID_FIRST]
    elif operation == PICBREEDER_GAUSSIAN:
        for i in range(row.size):
            k = min(max(np.int64(1000.0 * row[i] + 0.5), GAUSSIAN_FIRST), GAUSSIAN_LAST)
            k = GAUSSIAN_FIRST if row[i] <= GAUSSIAN_EDGE else k
            row[i] = GAUSSIAN_SAMPLES[k - GAUSSIAN_FIRST]
    elif operation == LEAKY_RELU:
        for i in range(row.size):
            row[i] = max(row[i], LEAK * row[i])
    elif operation == ELU:
        for i in range(row.size):
            row[i] = max(row[i], 0.0) + (_exp(min(row[i], 0.0)) - 1.0)
    elif operation == GELU:
        for i in range(row.size):
            row[i] = _gelu(row[i])
    elif operation == SQRT:
        for i in range(row.size):
            row[i] = np.sqrt(abs(row[i]))


@njit(**LOOPS)
def evaluate(values, inputs, operations, biases, offsets, sources, weights):
    """Fill the rows of all nodes; see `precise.evaluate`."""
    points = values.shape[1]
    for node in range(operations.size):
        row = values[inputs + node]
        for i in range(points):
            row[i] = biases[node]
        for edge in range(offsets[node], offsets[node + 1]):
            source, weight = values[sources[edge]], weights[edge]
            for i in range(points):
                row[i] += source[i] * weight
        for i in range(points):
            row[i] = min(max(row[i], -SUM_LIMIT), SUM_LIMIT)
        _activate(operations[node], row)


@njit(inline="always")
def _unit(u):
    return min(max(u, 0.0), 1.0)


@njit(inline="always")
def _byte(u):
    return np.uint8(np.int32(u * 255.0 + 0.5))


@njit(inline="always")
def _faded(h, saturation, corner):
    k = corner + 6.0 * h
    k = k - 6.0 if k >= 6.0 else k
    return 1.0 - saturation * _unit(min(k, 4.0 - k))


@njit(**LOOPS)
def _paint_plain(color, values, outputs, out):
    """Fill pixels in a colour model whose formula is plain arithmetic."""
    last = outputs.size - 1  # grey has one channel
    a, b, c = values[outputs[0]], values[outputs[last // 2]], values[outputs[last]]
    if color == GREY:
        for i in range(a.size):
            out[i, 0] = out[i, 1] = out[i, 2] = _byte(min(abs(a[i]), 1.0))
    elif color == HSB:
        for i in range(a.size):
            h, s, bright = a[i] - np.floor(a[i]), _unit(b[i]), min(abs(c[i]), 1.0)
            out[i, 0] = _byte(bright * _faded(h, s, 5.0))
            out[i, 1] = _byte(bright * _faded(h, s, 3.0))
            out[i, 2] = _byte(bright * _faded(h, s, 1.0))
    else:
        for i in range(a.size):
            out[i, 0], out[i, 1], out[i, 2] = (
                _byte(_unit(a[i])),
                _byte(_unit(b[i])),
                _byte(_unit(c[i])),
            )


def paint(color, values, outputs, out):
    """Fill pixels; see `precise.paint`."""
    if color in ("oklab", "lab"):  # matrix products and powers, which a library computes
        out[:] = to_bytes(to_rgb(color, values[outputs]))
    else:
        _paint_plain(COLOR_MODELS.index(color), values, outputs, out)
