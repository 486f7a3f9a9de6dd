"""The GPU's kernel, in Triton: one launch draws tiles of many programs, whatever their structures.

It interprets flat arrays, so nothing is compiled for a genome. Each of a fixed number of instances
takes one tile of pixels after another and keeps the tile's values in rows of its own scratch
memory, which stay in the nearest cache: a connection reads one row, a node writes one. Every
operation is elementwise on one tile, so a thread reads back only what it wrote itself; instances
have one warp, and no barrier is needed (the tests look at the compiled code for that).

Knows flat arrays only; `fused` makes them. Without a GPU it runs in Triton's interpreter.
"""

# Triton infers the types of these functions, not the type checker.
# mypy: ignore-errors
# ruff: noqa: C901

from __future__ import annotations

import triton
import triton.language as tl

from breeder.activations import GELU_CUBE, GELU_SLOPE, OPERATION_CODES
from breeder.genome import COLOR_MODELS
from breeder.inputs import INPUT_CODES
from breeder.rendering import constants as c


def _number(value: float) -> tl.constexpr:
    return tl.constexpr(float(value))


IDENTITY, SIN, COS, TANH, SIGMOID, BIPOLAR_SIGMOID, GAUSSIAN, BIPOLAR_GAUSSIAN = (
    tl.constexpr(OPERATION_CODES[name])
    for name in (
        "identity", "sin", "cos", "tanh",
        "sigmoid", "bipolar_sigmoid", "gaussian", "bipolar_gaussian",
    )
)  # fmt: skip
ABS, SQUARE, RELU, TRIANGLE = (
    tl.constexpr(OPERATION_CODES[name]) for name in ("abs", "square", "relu", "triangle")
)
PICBREEDER_SIGMOID = tl.constexpr(OPERATION_CODES["picbreeder_sigmoid"])
PICBREEDER_GAUSSIAN = tl.constexpr(OPERATION_CODES["picbreeder_gaussian"])
LEAKY_RELU, ELU, GELU, SQRT = (
    tl.constexpr(OPERATION_CODES[name]) for name in ("leaky_relu", "elu", "gelu", "sqrt")
)
# fmt: off
LOWERED_OPERATIONS = [
    "identity", "sin", "cos", "tanh", "sigmoid", "bipolar_sigmoid", "gaussian", "bipolar_gaussian",
    "abs", "square", "relu", "triangle", "picbreeder_sigmoid", "picbreeder_gaussian",
    "leaky_relu", "elu", "gelu", "sqrt",
]
# fmt: on
"""The activations that `_activate` knows, compared with the table in the conformance suite."""

IN_X, IN_Y, IN_D, IN_BIAS, IN_Z = (
    tl.constexpr(INPUT_CODES[name]) for name in ("x", "y", "d", "bias", "z")
)
IN_R, IN_X2, IN_Y2, IN_COS = (
    tl.constexpr(INPUT_CODES[name]) for name in ("r", "x2", "y2", "cos10r")
)
LOWERED_INPUTS = ["x", "y", "d", "bias", "z", "r", "x2", "y2", "cos10r"]
"""The inputs that `_input` knows."""

GREY, HSB, RGB, OKLAB, LAB = (
    tl.constexpr(COLOR_MODELS.index(name)) for name in ("grey", "hsb", "rgb", "oklab", "lab")
)

PROGRAM_FIELDS = tl.constexpr(8)
"""picture, first node, inputs, nodes, first connection, colour model, and two that fill up."""
NODE_FIELDS = tl.constexpr(4)
"""operation or input code, row it writes, connection behind its last, bits of its bias."""

LIMIT = _number(c.LIMIT)
EXP_LIMIT = _number(87.0)  # e to the power of it is finite in 32 bits, and of minus it normal
# Adding and subtracting MAGIC rounds to the nearest whole number.
MAGIC, INV_PI, INV_TURN = _number(c.MAGIC), _number(c.INV_PI), _number(c.INV_TURN)
# Pi in three parts (Cody and Waite 1980), so that sums up to SUM_LIMIT are reduced exactly; then
# the sine on [-pi/2, pi/2], minimax, error 3e-7.
PI_1, PI_2, PI_3 = map(_number, (3.140625, 9.67502593994140625e-4, 1.509957990978376432e-7))
SIN_3, SIN_5, SIN_7, SIN_9 = map(_number, (-0.16666660, 0.0083330786, -1.9810691e-4, 2.6083160e-6))
SQRT_2, SPAN = _number(c.SQRT_2), _number(c.SPAN)
SIGMOID_FIRST, SIGMOID_LAST = _number(c.SIGMOID_FIRST), _number(c.SIGMOID_LAST)
GAUSSIAN_FIRST, GAUSSIAN_LAST = _number(c.GAUSSIAN_FIRST), _number(c.GAUSSIAN_LAST)
# In the interpreter a constant must stand right of what it multiplies.
L_A, L_B = _number(c.M1[0, 1]), _number(c.M1[0, 2])
M_A, M_B = _number(c.M1[1, 1]), _number(c.M1[1, 2])
S_A, S_B = _number(c.M1[2, 1]), _number(c.M1[2, 2])
R_L, R_M, R_S = map(_number, c.M2[0])
G_L, G_M, G_S = map(_number, c.M2[1])
B_L, B_M, B_S = map(_number, c.M2[2])
LAB_LIGHT, LAB_RED, LAB_BLUE = map(_number, (c.LAB_LIGHT, c.LAB_RED, c.LAB_BLUE))
LAB_START, LAB_KNEE, LAB_SLOPE = map(_number, (c.LAB_START, c.LAB_KNEE, c.LAB_SLOPE))
R_X, R_Y, R_Z = map(_number, c.M3[0])
G_X, G_Y, G_Z = map(_number, c.M3[1])
B_X, B_Y, B_Z = map(_number, c.M3[2])
LEAK = _number(c.LEAKING)
GELU_1, GELU_3 = map(_number, (-2 * GELU_SLOPE, -2 * GELU_SLOPE * GELU_CUBE))


@triton.jit
def _clip(u, low, high):
    return tl.minimum(tl.maximum(u, low), high)


@triton.jit
def _round(u):
    return (u + MAGIC) - MAGIC


@triton.jit
def _sin_of(u, k):
    """Return sin(u - k pi), for the nearest multiple k of pi: accurate up to SUM_LIMIT."""
    r = ((u - k * PI_1) - k * PI_2) - k * PI_3
    s = r * r
    return r + r * s * (((s * SIN_9 + SIN_7) * s + SIN_5) * s + SIN_3)


@triton.jit
def _alternate(n):
    """Return 1 for even n and -1 for odd n."""
    return 1.0 - 2.0 * tl.abs(n - 2.0 * _round(0.5 * n))


@triton.jit
def _sin(u):
    n = _round(u * INV_PI)
    return _alternate(n) * _sin_of(u, n)


@triton.jit
def _cos(u):
    n = _round(u * INV_PI - 0.5)
    return -_alternate(n) * _sin_of(u, n + 0.5)


@triton.jit
def _exp(u):
    return tl.exp(_clip(u, -EXP_LIMIT, EXP_LIMIT))


@triton.jit
def _tanh(u):
    return 1.0 - 2.0 / (_exp(2.0 * u) + 1.0)


@triton.jit
def _bell(u):
    return 2.0 * _exp(-(u * u)) - 1.0


@triton.jit
def _step(u, first, last):
    """Return the thousandth to which a sum is cut towards zero, as Picbreeder's tables do."""
    k = (1000.0 * u + 0.5).to(tl.int32).to(tl.float32)
    return 0.001 * _clip(k, first, last)


@triton.jit
def _activate(operation, u):
    """Return the activation of a tile of weighted sums; all pixels take the same branch."""
    value = u
    if operation == SIN:
        value = _sin(u)
    elif operation == COS:
        value = _cos(u)
    elif operation == BIPOLAR_SIGMOID:
        value = _tanh(0.5 * u)
    elif operation == BIPOLAR_GAUSSIAN:
        value = _bell(u)
    elif operation == TANH:
        value = _tanh(u)
    elif operation == SIGMOID:
        value = 1.0 / (1.0 + _exp(-u))
    elif operation == GAUSSIAN:
        value = _exp(-(u * u))
    elif operation == ABS:
        value = tl.abs(u)
    elif operation == SQUARE:
        value = u * u
    elif operation == RELU:
        value = tl.maximum(u, 0.0)
    elif operation == TRIANGLE:
        t = u * INV_TURN - 0.25
        value = 1.0 - 4.0 * tl.abs(t - _round(t))
    elif operation == PICBREEDER_SIGMOID:
        value = _tanh(0.5 * _step(u, SIGMOID_FIRST, SIGMOID_LAST))
    elif operation == PICBREEDER_GAUSSIAN:
        value = _bell(_step(u, GAUSSIAN_FIRST, GAUSSIAN_LAST))
    elif operation == LEAKY_RELU:
        value = tl.maximum(u, u * LEAK)
    elif operation == ELU:
        value = tl.maximum(u, 0.0) + (_exp(tl.minimum(u, 0.0)) - 1.0)
    elif operation == GELU:
        value = u / (1.0 + _exp(u * (u * u * GELU_3 + GELU_1)))
    elif operation == SQRT:
        value = tl.sqrt_rn(tl.abs(u))
    return value


@triton.jit
def _input(code, x, y, z):
    """Return the values of an input."""
    value = x
    if code == IN_Y:
        value = y
    elif code == IN_BIAS:
        value = x * 0.0 + 1.0
    elif code == IN_Z:
        value = x * 0.0 + z
    elif code == IN_X2:
        value = x * x
    elif code == IN_Y2:
        value = y * y
    elif code == IN_R:
        value = tl.sqrt_rn(x * x + y * y)
    elif code == IN_D:
        value = tl.sqrt_rn(x * x + y * y) * SQRT_2
    elif code == IN_COS:
        value = _cos(tl.minimum(10.0 * tl.sqrt_rn(x * x + y * y), LIMIT))
    return value


@triton.jit
def _fade(k):
    """Return how far a channel is faded at k sixths round the hue circle, k in 0..11."""
    k = tl.where(k >= 6.0, k - 6.0, k)
    return _clip(tl.minimum(k, 4.0 - k), 0.0, 1.0)


@triton.jit
def _srgb(linear):
    linear = _clip(linear, 0.0, 1.0)
    bright = 1.055 * tl.exp2(tl.log2(tl.maximum(linear, 1e-9)) / 2.4) - 0.055
    return tl.where(linear <= 0.0031308, 12.92 * linear, bright)


@triton.jit
def _light(root):
    """Return the light, relative to white, that a root of CIE L*a*b* stands for."""
    return tl.where(root > LAB_KNEE, root * root * root, (root - LAB_START) * LAB_SLOPE)


@triton.jit
def _paint(color, a, b, c):
    """Return red, green and blue, in 0..1."""
    red = tl.minimum(tl.abs(a), 1.0)
    green = red
    blue = red
    if color == HSB:
        hue = 6.0 * _clip(a - _round(a - 0.5), 0.0, 1.0)
        saturation = _clip(b, 0.0, 1.0)
        bright = tl.minimum(tl.abs(c), 1.0)
        red = bright * (1.0 - saturation * _fade(hue + 5.0))
        green = bright * (1.0 - saturation * _fade(hue + 3.0))
        blue = bright * (1.0 - saturation * _fade(hue + 1.0))
    elif color == RGB:
        red = _clip(a, 0.0, 1.0)
        green = _clip(b, 0.0, 1.0)
        blue = _clip(c, 0.0, 1.0)
    elif color == OKLAB:
        light = _clip(a, 0.0, 1.0)
        span = light * (1.0 - light) * SPAN
        p = span * _clip(b, -1.0, 1.0)
        q = span * _clip(c, -1.0, 1.0)
        long = light + p * L_A + q * L_B
        middle = light + p * M_A + q * M_B
        short = light + p * S_A + q * S_B
        long = long * long * long
        middle = middle * middle * middle
        short = short * short * short
        red = _srgb(long * R_L + middle * R_M + short * R_S)
        green = _srgb(long * G_L + middle * G_M + short * G_S)
        blue = _srgb(long * B_L + middle * B_M + short * B_S)
    elif color == LAB:
        grey = _clip(a, 0.0, 1.0) * LAB_LIGHT + LAB_START
        long = _light(grey + _clip(b, -1.0, 1.0) * LAB_RED)
        middle = _light(grey)
        short = _light(grey + _clip(c, -1.0, 1.0) * LAB_BLUE)
        red = _srgb(long * R_X + middle * R_Y + short * R_Z)
        green = _srgb(long * G_X + middle * G_Y + short * G_Z)
        blue = _srgb(long * B_X + middle * B_Y + short * B_Z)
    return red, green, blue


@triton.jit
def _byte(channel):
    return (255.0 * channel + 0.5).to(tl.int32).to(tl.uint8)


@triton.jit
def _row(values, number, BLOCK: tl.constexpr):  # noqa: N803
    """Return where a row is; the product tells the compiler that four numbers move at once."""
    return values + number * BLOCK


@triton.jit
def _run(program, nodes, connections, values, x, y, z, BLOCK: tl.constexpr):  # noqa: N803
    """Fill the rows of a tile with a program's values, node after node."""
    record = nodes + tl.load(program + 1) * NODE_FIELDS
    first_node = record + tl.load(program + 2) * NODE_FIELDS
    for place in range(tl.load(program + 2)):
        value = _input(tl.load(record + place * NODE_FIELDS), x, y, z)
        tl.store(_row(values, tl.load(record + place * NODE_FIELDS + 1), BLOCK), value)
    edge = tl.load(program + 4)
    code = tl.load(connections + edge)
    for place in range(tl.load(program + 3)):
        node = first_node + place * NODE_FIELDS
        operation = tl.load(node)
        stop = tl.load(node + 2)
        total = x * 0.0 + tl.load(node + 3).to(tl.float32, bitcast=True)
        for behind in range(edge + 1, stop + 1):
            # The next connection is fetched early: two loads that need not wait for each other.
            ahead = tl.load(connections + behind)
            weight = code.to(tl.int32).to(tl.float32, bitcast=True)
            total += weight * tl.load(_row(values, (code >> 32).to(tl.uint32), BLOCK))
            code = ahead
        edge = stop
        value = _activate(operation, _clip(total, -LIMIT, LIMIT))
        tl.store(_row(values, tl.load(node + 1), BLOCK), value)


_NUMBERS = [
    "x0", "x_across", "x_down", "y0", "y_across", "y_down", "z",
    "width", "height", "top", "rows", "tiles", "total", "slots",
]  # fmt: skip


# Numbers are not built into the compiled code: other sizes would compile it again.
@triton.jit(do_not_specialize=_NUMBERS)
def draw_tiles(
    programs, outputs, nodes, connections, scratch, out,
    x0, x_across, x_down, y0, y_across, y_down, z,
    width, height, top, rows, tiles, total, slots,
    BLOCK: tl.constexpr,  # noqa: N803
):  # fmt: skip
    """Draw the tiles of a batch; tile t belongs to program t // tiles.

    Args:
        programs: int32, shape (B, 8), see PROGRAM_FIELDS.
        outputs: int32, shape (B, 3): the row of each channel.
        nodes: int32, shape (inputs and nodes, 4), see NODE_FIELDS; inputs before nodes.
        connections: int64: a row above the 32 bits of a weight; one more than there are.
        scratch: float32, shape (instances, slots, BLOCK).
        out: uint8, shape (B, rows, width, 3), a program's picture at its own place.
        x0: The x in the middle of the picture.
        x_across: How much x grows in half a pixel to the right.
        x_down: How much x grows in half a pixel down.
        y0: The y in the middle of the picture.
        y_across: How much y grows in half a pixel to the right.
        y_down: How much y grows in half a pixel down.
        z: The input z.
        width: Pixels across.
        height: Pixels down, of the whole picture.
        top: The row of the whole picture that `out` begins with.
        rows: Pixels down, of the part that is drawn.
        tiles: Tiles of each picture.
        total: Tiles of all pictures.
        slots: Rows of values in each instance's scratch memory.
        BLOCK: Pixels of a tile.
    """
    lane = tl.arange(0, BLOCK)
    values = scratch + tl.program_id(0).to(tl.int64) * slots * BLOCK + lane
    pixels = width * rows
    for tile in range(tl.program_id(0), total, tl.num_programs(0)):
        number = tile // tiles
        pixel = (tile - number * tiles) * BLOCK + lane
        line = pixel // width
        # Half pixels from the middle: whole numbers, exact in 32 bits.
        u = (2 * (pixel - line * width) + 1 - width).to(tl.float32)
        v = (2 * (line + top) + 1 - height).to(tl.float32)
        x = x0 + (u * x_across + v * x_down)
        y = y0 + (u * y_across + v * y_down)
        program = programs + number * PROGRAM_FIELDS
        _run(program, nodes, connections, values, x, y, z, BLOCK)
        channel = outputs + number * 3
        red, green, blue = _paint(
            tl.load(program + 5),
            tl.load(_row(values, tl.load(channel), BLOCK)),
            tl.load(_row(values, tl.load(channel + 1), BLOCK)),
            tl.load(_row(values, tl.load(channel + 2), BLOCK)),
        )
        target = out + (tl.load(program).to(tl.int64) * pixels + pixel) * 3
        tl.store(target, _byte(red), mask=pixel < pixels)
        tl.store(target + 1, _byte(green), mask=pixel < pixels)
        tl.store(target + 2, _byte(blue), mask=pixel < pixels)
