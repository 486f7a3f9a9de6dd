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
    FIVE,
    FOUR,
    GAMMA,
    GAMMA_TOP,
    GAUSSIAN_FIRST,
    GAUSSIAN_LAST,
    GELU_1,
    GELU_3,
    HALF,
    INV_PI,
    INV_TURN,
    LAB_BLUE,
    LAB_KNEE,
    LAB_LIGHT,
    LAB_RED,
    LAB_SLOPE,
    LAB_START,
    LEAKING,
    LIMIT,
    LOG2_E,
    M1,
    M2,
    M3,
    MAGIC,
    ONE,
    PICBREEDER_STEP,
    POWER_1,
    POWER_2,
    POWER_3,
    POWER_4,
    POWER_5,
    POWER_LIMIT,
    QUARTER,
    SHIFT,
    SIGMOID_FIRST,
    SIGMOID_LAST,
    SIX,
    SPAN,
    SQRT_2,
    TEN,
    THOUSAND,
    THREE,
    TURN_1,
    TURN_3,
    TURN_5,
    TURN_7,
    TWICE_LOG2_E,
    TWO,
    ZERO,
    F,
)

TILE = 512
"""Pixels evaluated together: the rows of a program fit the nearest caches. With 256 and 128 the
work between loops showed, in dense networks most (156 and 193 ms, where 512 took 116 to 133)."""

GROUP = 16
"""Programs that share the points of a tile."""

LOOPS = {"nogil": True, "error_model": "numpy", "_nrt": False}
"""How the loops are compiled: without counting references to arrays, which nothing here keeps. The
counting took a quarter of the time (16 small programs on one core: 16.0 ms with it, 12.0 without).
The option is Numba's own and not public; where it is refused, NumPy draws."""

IDENTITY, SIN, COS, TANH = (OPERATION_CODES[name] for name in ("identity", "sin", "cos", "tanh"))
SIGMOID, BIPOLAR_SIGMOID = OPERATION_CODES["sigmoid"], OPERATION_CODES["bipolar_sigmoid"]
GAUSSIAN, BIPOLAR_GAUSSIAN = OPERATION_CODES["gaussian"], OPERATION_CODES["bipolar_gaussian"]
ABS, SQUARE, RELU = (OPERATION_CODES[name] for name in ("abs", "square", "relu"))
TRIANGLE = OPERATION_CODES["triangle"]
PICBREEDER_SIGMOID = OPERATION_CODES["picbreeder_sigmoid"]
PICBREEDER_GAUSSIAN = OPERATION_CODES["picbreeder_gaussian"]
LEAKY_RELU, ELU, GELU = (OPERATION_CODES[name] for name in ("leaky_relu", "elu", "gelu"))
SQRT = OPERATION_CODES["sqrt"]
# fmt: off
LOWERED_OPERATIONS = [
    "identity", "sin", "cos", "tanh", "sigmoid", "bipolar_sigmoid", "gaussian", "bipolar_gaussian",
    "abs", "square", "relu", "triangle", "picbreeder_sigmoid", "picbreeder_gaussian",
    "leaky_relu", "elu", "gelu", "sqrt",
]
# fmt: on
"""The activations that `_activate` knows, compared with the table in the conformance suite."""

IN_X, IN_Y, IN_D, IN_BIAS, IN_Z = (INPUT_CODES[name] for name in ("x", "y", "d", "bias", "z"))
IN_R, IN_X2, IN_Y2, IN_COS = (INPUT_CODES[name] for name in ("r", "x2", "y2", "cos10r"))
LOWERED_INPUTS = ["x", "y", "d", "bias", "z", "r", "x2", "y2", "cos10r"]
"""The inputs that `_fill_input` knows."""

GREY, HSB, RGB, OKLAB, LAB = (
    COLOR_MODELS.index(name) for name in ("grey", "hsb", "rgb", "oklab", "lab")
)


@intrinsic
def _two_to(typingctx: Any, shifted: Any) -> Any:
    """Return 2^n of n + SHIFT, whose lowest bits are those of the power's exponent."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        single, whole = (context.get_value_type(kind) for kind in (types.float32, types.int32))
        bits = builder.shl(builder.bitcast(args[0], whole), whole(23))
        return builder.bitcast(bits, single)

    return types.float32(types.float32), codegen


@intrinsic
def _flip_if_odd(typingctx: Any, value: Any, shifted: Any) -> Any:
    """Return the value, or minus the value where n is odd, of n + MAGIC."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        single, whole = (context.get_value_type(kind) for kind in (types.float32, types.int32))
        sign = builder.shl(builder.bitcast(args[1], whole), whole(31))
        return builder.bitcast(builder.xor(builder.bitcast(args[0], whole), sign), single)

    return types.float32(types.float32, types.float32), codegen


@intrinsic
def _claim(typingctx: Any, turn: Any) -> Any:
    """Return the first number of an int64 array and add one to it, in one step for all threads."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        data = context.make_array(signature.args[0])(context, builder, args[0]).data
        return builder.atomic_rmw("add", data, context.get_constant(types.int64, 1), "monotonic")

    return types.int64(turn), codegen


@intrinsic
def _put(typingctx: Any, target: Any, place: Any, word: Any) -> Any:
    """Write the four bytes of an int32 to a place in an array of bytes."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        data = context.make_array(signature.args[0])(context, builder, args[0]).data
        spot = builder.bitcast(builder.gep(data, [args[1]]), args[2].type.as_pointer())
        builder.store(args[2], spot, align=1)
        return context.get_dummy_value()

    return types.void(target, types.int64, types.int32), codegen


@njit(inline="always")
def _round(u):
    return (u + MAGIC) - MAGIC


@njit(inline="always")
def _bounded(u):
    return min(max(u, -LIMIT), LIMIT)


@njit(inline="always")
def _sin_of(h):
    """Return the sine of h half turns."""
    shifted = h + MAGIC
    f = h - (shifted - MAGIC)
    s = f * f
    return _flip_if_odd(f * (TURN_1 + s * (TURN_3 + s * (TURN_5 + s * TURN_7))), shifted)


@njit(inline="always")
def _exp2(z):
    z = min(max(z, -POWER_LIMIT), POWER_LIMIT)
    shifted = z + SHIFT
    f = z - (shifted - SHIFT)
    p = POWER_2 + f * (POWER_3 + f * (POWER_4 + f * POWER_5))
    return (ONE + f * (POWER_1 + f * p)) * _two_to(shifted)


@njit(inline="always")
def _tanh_of(z):
    """Return tanh(u) of z = 2 u log2(e)."""
    return ONE - TWO / (_exp2(z) + ONE)


@njit(inline="always")
def _stepped(u, first, last):
    """Return the sample, counted in thousandths, that Picbreeder's tables give for a sum."""
    return PICBREEDER_STEP * F(np.int32(min(max(THOUSAND * u + HALF, first), last)))


@njit(inline="always")
def _sin(u):
    return _sin_of(_bounded(u) * INV_PI)


@njit(inline="always")
def _cos(u):
    return _sin_of(_bounded(u) * INV_PI + HALF)


@njit(inline="always")
def _tanh(u):
    return _tanh_of(u * TWICE_LOG2_E)


@njit(inline="always")
def _sigmoid(u):
    return ONE / (ONE + _exp2(u * -LOG2_E))


@njit(inline="always")
def _bipolar_sigmoid(u):
    return _tanh_of(u * LOG2_E)


@njit(inline="always")
def _gaussian(u):
    return _exp2(u * u * -LOG2_E)


@njit(inline="always")
def _bipolar_gaussian(u):
    return TWO * _exp2(u * u * -LOG2_E) - ONE


@njit(inline="always")
def _identity(u):
    return _bounded(u)


@njit(inline="always")
def _abs(u):
    return abs(_bounded(u))


@njit(inline="always")
def _square(u):
    return _bounded(u) * _bounded(u)


@njit(inline="always")
def _relu(u):
    return max(_bounded(u), ZERO)


@njit(inline="always")
def _triangle(u):
    t = _bounded(u) * INV_TURN - QUARTER
    return ONE - FOUR * abs(t - _round(t))


@njit(inline="always")
def _picbreeder_sigmoid(u):
    return _tanh_of(_stepped(u, F(SIGMOID_FIRST), F(SIGMOID_LAST)) * LOG2_E)


@njit(inline="always")
def _picbreeder_gaussian(u):
    t = _stepped(u, F(GAUSSIAN_FIRST), F(GAUSSIAN_LAST))
    return TWO * _exp2(t * t * -LOG2_E) - ONE


@njit(inline="always")
def _leaky_relu(u):
    return max(_bounded(u), LEAKING * _bounded(u))


@njit(inline="always")
def _elu(u):
    return max(_bounded(u), ZERO) + (_exp2(min(u, ZERO) * LOG2_E) - ONE)


@njit(inline="always")
def _gelu(u):
    v = _bounded(u)
    return v / (ONE + _exp2(v * (GELU_1 + GELU_3 * (v * v))))


@njit(**LOOPS)
def _fill_input(code, values, row, x, y, z):
    """Fill a tile with the value of an input."""
    if code == IN_X:
        for i in range(TILE):
            values[row, i] = x[i]
    elif code == IN_Y:
        for i in range(TILE):
            values[row, i] = y[i]
    elif code == IN_BIAS:
        for i in range(TILE):
            values[row, i] = ONE
    elif code == IN_Z:
        for i in range(TILE):
            values[row, i] = z
    elif code == IN_X2:
        for i in range(TILE):
            values[row, i] = x[i] * x[i]
    elif code == IN_Y2:
        for i in range(TILE):
            values[row, i] = y[i] * y[i]
    else:
        for i in range(TILE):
            values[row, i] = np.sqrt(x[i] * x[i] + y[i] * y[i])
        if code == IN_D:
            for i in range(TILE):
                values[row, i] = SQRT_2 * values[row, i]
        elif code == IN_COS:
            for i in range(TILE):
                values[row, i] = _sin_of(min(TEN * values[row, i], LIMIT) * INV_PI + HALF)


@njit(**LOOPS)
def _begin(values, row, bias, sources, weights, edge):
    """Fill a tile with a bias and four connections."""
    a, b, c, d = sources[edge], sources[edge + 1], sources[edge + 2], sources[edge + 3]
    wa, wb, wc, wd = weights[edge], weights[edge + 1], weights[edge + 2], weights[edge + 3]
    if wc == ZERO and wd == ZERO:  # half of all nodes have one or two connections
        for i in range(TILE):
            values[row, i] = bias + (values[a, i] * wa + values[b, i] * wb)
    else:
        for i in range(TILE):
            values[row, i] = bias + (
                (values[a, i] * wa + values[b, i] * wb) + (values[c, i] * wc + values[d, i] * wd)
            )


@njit(**LOOPS)
def _add(values, row, sources, weights, edge):
    """Add four connections to a tile."""
    a, b, c, d = sources[edge], sources[edge + 1], sources[edge + 2], sources[edge + 3]
    wa, wb, wc, wd = weights[edge], weights[edge + 1], weights[edge + 2], weights[edge + 3]
    for i in range(TILE):
        values[row, i] += (values[a, i] * wa + values[b, i] * wb) + (
            values[c, i] * wc + values[d, i] * wd
        )


@njit(**LOOPS)
def _activate(operation, values, row):
    """Replace a tile of sums by their activation."""
    if operation == IDENTITY:
        for i in range(TILE):
            values[row, i] = _identity(values[row, i])
    elif operation == SIN:
        for i in range(TILE):
            values[row, i] = _sin(values[row, i])
    elif operation == COS:
        for i in range(TILE):
            values[row, i] = _cos(values[row, i])
    elif operation == TANH:
        for i in range(TILE):
            values[row, i] = _tanh(values[row, i])
    elif operation == SIGMOID:
        for i in range(TILE):
            values[row, i] = _sigmoid(values[row, i])
    elif operation == BIPOLAR_SIGMOID:
        for i in range(TILE):
            values[row, i] = _bipolar_sigmoid(values[row, i])
    elif operation == GAUSSIAN:
        for i in range(TILE):
            values[row, i] = _gaussian(values[row, i])
    elif operation == BIPOLAR_GAUSSIAN:
        for i in range(TILE):
            values[row, i] = _bipolar_gaussian(values[row, i])
    elif operation == ABS:
        for i in range(TILE):
            values[row, i] = _abs(values[row, i])
    elif operation == SQUARE:
        for i in range(TILE):
            values[row, i] = _square(values[row, i])
    elif operation == RELU:
        for i in range(TILE):
            values[row, i] = _relu(values[row, i])
    elif operation == TRIANGLE:
        for i in range(TILE):
            values[row, i] = _triangle(values[row, i])
    elif operation == PICBREEDER_SIGMOID:
        for i in range(TILE):
            values[row, i] = _picbreeder_sigmoid(values[row, i])
    elif operation == PICBREEDER_GAUSSIAN:
        for i in range(TILE):
            values[row, i] = _picbreeder_gaussian(values[row, i])
    elif operation == LEAKY_RELU:
        for i in range(TILE):
            values[row, i] = _leaky_relu(values[row, i])
    elif operation == ELU:
        for i in range(TILE):
            values[row, i] = _elu(values[row, i])
    elif operation == GELU:
        for i in range(TILE):
            values[row, i] = _gelu(values[row, i])
    elif operation == SQRT:
        for i in range(TILE):
            values[row, i] = np.sqrt(abs(_bounded(values[row, i])))


@njit(**LOOPS)
def _add_to_four(values, rows, node, sources, weights, edge, count):
    """Add four connections to each of four tiles, whose nodes have the same sources.

    Each number that is read then serves four sums, which is what dense networks need.
    """
    p, q, r, s = rows[node], rows[node + 1], rows[node + 2], rows[node + 3]
    a, b, c, d = sources[edge], sources[edge + 1], sources[edge + 2], sources[edge + 3]
    e, f, g = edge + count, edge + 2 * count, edge + 3 * count
    pa, pb, pc, pd = weights[edge], weights[edge + 1], weights[edge + 2], weights[edge + 3]
    qa, qb, qc, qd = weights[e], weights[e + 1], weights[e + 2], weights[e + 3]
    ra, rb, rc, rd = weights[f], weights[f + 1], weights[f + 2], weights[f + 3]
    sa, sb, sc, sd = weights[g], weights[g + 1], weights[g + 2], weights[g + 3]
    for i in range(TILE):
        ai, bi, ci, di = values[a, i], values[b, i], values[c, i], values[d, i]
        values[p, i] += (ai * pa + bi * pb) + (ci * pc + di * pd)
        values[q, i] += (ai * qa + bi * qb) + (ci * qc + di * qd)
        values[r, i] += (ai * ra + bi * rb) + (ci * rc + di * rd)
        values[s, i] += (ai * sa + bi * sb) + (ci * sc + di * sd)


@njit(**LOOPS)
def _sum(values, rows, biases, offsets, sources, weights, node, together):
    """Fill the tiles of a node, and of the next three where they have the same sources."""
    first, count = offsets[node], offsets[node + 1] - offsets[node]
    for n in range(together):
        _begin(values, rows[node + n], biases[node + n], sources, weights, first + n * count)
    for edge in range(first + 4, first + count, 4):
        if together == 4:
            _add_to_four(values, rows, node, sources, weights, edge, count)
        else:
            _add(values, rows[node], sources, weights, edge)


@njit(inline="always")
def _unit(u):
    return min(max(u, ZERO), ONE)


@njit(inline="always")
def _fade(k):
    """Return how far a channel is faded at k sixths round the hue circle, k in 0..11."""
    k = k - SIX if k >= SIX else k
    return _unit(min(k, FOUR - k))


@njit(inline="always")
def _pack(red, green, blue):
    """Return the three bytes of a pixel in one number."""
    return np.int32(red) | np.int32(green) << 8 | np.int32(blue) << 16


@njit(inline="always")
def _gamma(linear):
    return GAMMA[np.int32(GAMMA_TOP * np.sqrt(_unit(linear)) + HALF)]


@njit(inline="always")
def _light(root):
    """Return the light, relative to white, that a root of CIE L*a*b* stands for."""
    return root * root * root if root > LAB_KNEE else LAB_SLOPE * (root - LAB_START)


@njit(**LOOPS)
def _paint(color, values, a, b, c, words):
    """Fill a tile of pixels, three bytes in each number."""
    if color == GREY:
        for i in range(TILE):
            ink = BYTE * min(abs(values[a, i]), ONE) + HALF
            words[i] = _pack(ink, ink, ink)
    elif color == RGB:
        for i in range(TILE):
            red, green, blue = _unit(values[a, i]), _unit(values[b, i]), _unit(values[c, i])
            words[i] = _pack(BYTE * red + HALF, BYTE * green + HALF, BYTE * blue + HALF)
    elif color == HSB:
        for i in range(TILE):
            hue = SIX * _unit(values[a, i] - _round(values[a, i] - HALF))
            saturation = _unit(values[b, i])
            bright = BYTE * min(abs(values[c, i]), ONE)
            words[i] = _pack(
                bright * (ONE - saturation * _fade(hue + FIVE)) + HALF,
                bright * (ONE - saturation * _fade(hue + THREE)) + HALF,
                bright * (ONE - saturation * _fade(hue + ONE)) + HALF,
            )
    elif color == OKLAB:
        for i in range(TILE):
            light = _unit(values[a, i])
            span = SPAN * light * (ONE - light)
            p = span * min(max(values[b, i], -ONE), ONE)
            q = span * min(max(values[c, i], -ONE), ONE)
            l = light + M1[0, 1] * p + M1[0, 2] * q  # noqa: E741
            m = light + M1[1, 1] * p + M1[1, 2] * q
            s = light + M1[2, 1] * p + M1[2, 2] * q
            l, m, s = l * l * l, m * m * m, s * s * s  # noqa: E741
            words[i] = _pack(
                _gamma(M2[0, 0] * l + M2[0, 1] * m + M2[0, 2] * s),
                _gamma(M2[1, 0] * l + M2[1, 1] * m + M2[1, 2] * s),
                _gamma(M2[2, 0] * l + M2[2, 1] * m + M2[2, 2] * s),
            )
    else:
        for i in range(TILE):
            grey = LAB_LIGHT * _unit(values[a, i]) + LAB_START
            u = _light(grey + LAB_RED * min(max(values[b, i], -ONE), ONE))
            v = _light(grey)
            w = _light(grey + LAB_BLUE * min(max(values[c, i], -ONE), ONE))
            words[i] = _pack(
                _gamma(M3[0, 0] * u + M3[0, 1] * v + M3[0, 2] * w),
                _gamma(M3[1, 0] * u + M3[1, 1] * v + M3[1, 2] * w),
                _gamma(M3[2, 0] * u + M3[2, 1] * v + M3[2, 2] * w),
            )


@njit(**LOOPS)
def _store(words, target, first, count):
    """Write three bytes of each pixel of a tile."""
    for i in range(count - 1):
        # One byte too many, which the next pixel overwrites: a third of the stores.
        _put(target, 3 * (first + i), words[i])
    for channel in range(3):
        target[3 * (first + count - 1) + channel] = np.uint8(words[count - 1] >> (8 * channel))


@njit(**LOOPS)
def _points(first, width, height, top, view, x, y):
    """Fill a tile with the pixel centres that follow a pixel, row after row."""
    shorter = min(width, height)
    column, line, done = first % width, top + first // width, 0
    while done < TILE:
        v = (2.0 * line + 1.0 - height) / shorter
        count = min(width - column, TILE - done)
        for i in range(count):
            u = (2.0 * (column + i) + 1.0 - width) / shorter
            x[done + i] = F(view[0] + (u * view[2] + v * view[3]) / view[4])
            y[done + i] = F(view[1] + (v * view[2] - u * view[3]) / view[4])
        column, line, done = 0, line + 1, done + count


@njit(cache=True, **LOOPS)
def draw_tiles(
    turn, width, height, top, view, z, programs, operations, biases, offsets, sources,
    weights, inputs, outputs, rows, together, out, values, words,
):  # fmt: skip
    """Draw pieces of a batch, one after another, until all have been taken.

    Any number of threads may call this at once with the same arrays, but for the last two. A piece
    is a tile of up to GROUP programs, which share its points.

    Args:
        turn: int64, shape (1,): the next piece, 0 at first.
        width: Pixels across.
        height: Pixels down, of the whole picture.
        top: The row of the whole picture that `out` begins with.
        view: float64: centre x, centre y, cosine and sine of the rotation, zoom.
        z: The input z, float32.
        programs: int64, shape (B, 5): first input, inputs, first node, nodes, colour model.
        operations: Activation codes of all nodes.
        biases: float32, of all nodes.
        offsets: Where each node's connections start, four by four; one more than there are nodes.
        sources: The row each connection reads.
        weights: float32, of all connections.
        inputs: Input codes of all programs.
        outputs: int64, shape (B, 3): the row of each channel.
        rows: The row of each node; row 0 is zero, and inputs have the rows after it.
        together: How many nodes are summed with a node, see `placing`.
        out: uint8, shape (B, pixels * 3).
        values: float32, shape (the rows needed and two more, TILE), row 0 filled with zeros.
        words: int32, shape (TILE,).
    """
    pixels = out.shape[1] // 3
    tiles = (pixels + TILE - 1) // TILE
    pieces = tiles * ((programs.shape[0] + GROUP - 1) // GROUP)
    x, y = values[values.shape[0] - 2], values[values.shape[0] - 1]
    piece = _claim(turn)
    while piece < pieces:
        first, group = (piece % tiles) * TILE, (piece // tiles) * GROUP
        _points(first, width, height, top, view, x, y)
        for b in range(group, min(group + GROUP, programs.shape[0])):
            begin, count, node, nodes, color = programs[b]
            for i in range(count):
                _fill_input(inputs[begin + i], values, i + 1, x, y, z)
            for n in range(node, node + nodes):
                if together[n]:
                    _sum(values, rows, biases, offsets, sources, weights, n, together[n])
                _activate(operations[n], values, rows[n])
            p, q, r = outputs[b]
            _paint(color, values, p, q, r, words)
            _store(words, out[b], first, min(TILE, pixels - first))
        piece = _claim(turn)
