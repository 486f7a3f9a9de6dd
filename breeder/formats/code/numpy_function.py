"""NumPy: the picture as a function of its own, as exact as the reference."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from breeder.activations import GELU_CUBE, GELU_SLOPE, LEAK, SUM_LIMIT
from breeder.formats.code.listing import (
    STEPPED_GAUSSIAN,
    STEPPED_SIGMOID,
    Listing,
    listing,
)
from breeder.formats.code.python_text import (
    SAVING,
    activation_functions,
    assignment,
    color_function,
    header,
    matrix,
)
from breeder.genome import ColorModel, Genome
from breeder.program import compile_once
from breeder.rendering import Device
from breeder.rendering.canvas import Canvas
from breeder.rendering.color import (
    CIELAB_KNEE,
    CIELAB_ROOTS,
    CIELAB_SLOPE,
    CIELAB_START,
    LAB_TO_LMS,
    LMS_TO_RGB,
    OKLAB_SPAN,
    XYZ_TO_RGB,
)

_BENT = f"{GELU_SLOPE} * (u + {GELU_CUBE} * limited(u) ** 3)"

ACTIVATION_BODIES: Mapping[str, str] = {
    "identity": "limited(u)",
    "sin": "np.sin(limited(u))",
    "cos": "np.cos(limited(u))",
    "tanh": "np.tanh(u)",
    "sigmoid": "0.5 + 0.5 * np.tanh(0.5 * u)",
    "bipolar_sigmoid": "np.tanh(0.5 * u)",
    "gaussian": "np.exp(-(limited(u) ** 2))",
    "bipolar_gaussian": "2.0 * np.exp(-(limited(u) ** 2)) - 1.0",
    "abs": "np.abs(limited(u))",
    "square": "limited(u) ** 2",
    "relu": "np.maximum(limited(u), 0.0)",
    "triangle": "1.0 - 4.0 * np.abs((limited(u) / (2 * np.pi) + 0.25) % 1.0 - 0.5)",
    "picbreeder_sigmoid": (f"2.0 / (1.0 + np.exp(-stepped(u, {STEPPED_SIGMOID}))) - 1.0"),
    "picbreeder_gaussian": (f"2.0 * np.exp(-(stepped(u, {STEPPED_GAUSSIAN}) ** 2)) - 1.0"),
    "leaky_relu": f"np.maximum(limited(u), {LEAK} * limited(u))",
    "elu": "np.maximum(limited(u), 0.0) + np.expm1(np.minimum(u, 0.0))",
    "gelu": f"0.5 * limited(u) * (1.0 + np.tanh({_BENT}))",
    "sqrt": "np.sqrt(np.abs(limited(u)))",
}
"""Each activation of the sum u."""

INPUT_BODIES: Mapping[str, str] = {
    "x": "x",
    "y": "y",
    "d": "np.sqrt(2.0) * np.sqrt(x * x + y * y)",
    "bias": "1.0",
    "z": "z",
    "r": "np.sqrt(x * x + y * y)",
    "x2": "x * x",
    "y2": "y * y",
    "cos10r": "np.cos(np.minimum(10.0 * np.sqrt(x * x + y * y), 10000.0))",
}
"""Each input at the points x, y."""

_ENCODED = """\
    linear = np.clip(linear, 0.0, 1.0)
    bright = 1.055 * np.maximum(linear, 1e-9) ** (1 / 2.4) - 0.055
    return np.where(linear <= 0.0031308, 12.92 * linear, bright)
"""

COLOR_BODIES: Mapping[ColorModel, str] = {
    "grey": """\
    grey = np.minimum(np.abs(brightness), 1.0)
    return np.stack([grey, grey, grey], axis=-1)
""",
    "hsb": """\
    hue = hue - np.floor(hue)
    saturation = np.clip(saturation, 0.0, 1.0)
    brightness = np.minimum(np.abs(brightness), 1.0)
    sectors = [(start + 6.0 * hue) % 6.0 for start in (5.0, 3.0, 1.0)]
    fades = [np.clip(np.minimum(k, 4.0 - k), 0.0, 1.0) for k in sectors]
    return np.stack([brightness * (1.0 - saturation * fade) for fade in fades], axis=-1)
""",
    "rgb": """\
    return np.clip(np.stack([red, green, blue], axis=-1), 0.0, 1.0)
""",
    "oklab": f"""\
    light = np.clip(lightness, 0.0, 1.0)
    span = {4 * OKLAB_SPAN!r} * light * (1.0 - light)
    tints = span * np.clip(green_red, -1.0, 1.0), span * np.clip(blue_yellow, -1.0, 1.0)
    cones = np.stack([light, *tints], axis=-1) @ np.transpose({matrix(LAB_TO_LMS, "    ")})
    linear = cones**3 @ np.transpose({matrix(LMS_TO_RGB, "    ")})
{_ENCODED}""",
    "lab": f"""\
    tints = np.clip(green_red, -1.0, 1.0), np.clip(blue_yellow, -1.0, 1.0)
    lab = np.stack([np.clip(lightness, 0.0, 1.0), *tints], axis=-1)
    roots = lab @ np.transpose({matrix(CIELAB_ROOTS, "    ")}) + {CIELAB_START!r}
    dark = {CIELAB_SLOPE!r} * (roots - {CIELAB_START!r})
    xyz = np.where(roots > {CIELAB_KNEE!r}, roots**3, dark)
    linear = xyz @ np.transpose({matrix(XYZ_TO_RGB, "    ")})
{_ENCODED}""",
}
"""How channels become sRGB."""

STEPPED = '''

def stepped(u, edge, low, high):
    """Picbreeder read its curves from tables: steps of 0.001, cut towards zero."""
    inside = np.trunc(1000.0 * np.clip(u, -edge, edge) + 0.5)
    return 0.001 * np.where(u <= -edge, low, np.where(u >= edge, high, inside))
'''

AT_ONCE = 4_000_000
"""Values kept at once while a picture is drawn: 32 MB."""


def write_function(genome: Genome, canvas: Canvas, title: str, device: Device) -> Iterable[bytes]:
    """Yield a file of Python with `picture(width, height, ...)`, which needs only NumPy."""
    spelled = listing(compile_once(genome))
    text = f'''\
{header(genome, title, "NumPy")}"""A picture as a function: see `picture`."""

import os
import sys

import numpy as np


def limited(u):
    """Return a sum within the bounds that keep everything finite."""
    return np.clip(u, {-SUM_LIMIT}, {SUM_LIMIT})
{activation_functions(spelled, ACTIVATION_BODIES, STEPPED)}

{_network(spelled)}

{color_function(spelled, COLOR_BODIES)}

{_picture(len(spelled.steps) + len(spelled.inputs), canvas)}

def as_bytes(pixels):
    """Return pixels as bytes, row after row."""
    return pixels.tobytes()


{SAVING}'''
    yield text.encode()


def _network(spelled: Listing) -> str:
    """Return the function of a point: one line for each node."""
    names = [channel for channel, _ in spelled.channels]
    inputs = [
        f"    {name} = {INPUT_BODIES[name]}\n" for name in spelled.inputs if name not in "xyz"
    ]
    steps = [assignment(step.name, step) for step in spelled.steps]
    shown = ", ".join(value for _, value in spelled.channels)
    channels = ", ".join(names)
    return f'''\
def network(x, y, z=0.0):
    """Return {channels} at points x, y: arrays of one shape."""
{"".join(inputs)}{"".join(steps)}\
    {channels} = {shown}
    return np.broadcast_arrays({channels}, x)[:-1]
'''


def _picture(values: int, canvas: Canvas) -> str:
    x, y = canvas.center
    return f'''\
def picture(
    width,
    height,
    zoom={canvas.zoom!r},
    center=({x!r}, {y!r}),
    rotation={canvas.rotation!r},
    z={canvas.z!r},
):
    """Return the picture as uint8, shape (height, width, 3).

    Pixels are asked at their centres. x runs to the right and y down; at zoom 1 the shorter side
    spans -1 to 1. rotation turns the picture clockwise, in degrees.
    """
    angle = np.radians(rotation)
    pixels = np.empty((height * width, 3), np.uint8)
    step = {max(AT_ONCE // (values + 16), 256)}
    for start in range(0, height * width, step):  # a piece at a time, to save memory
        row, column = np.divmod(np.arange(start, min(start + step, height * width)), width)
        u = (2.0 * column + 1.0 - width) / min(width, height)
        v = (2.0 * row + 1.0 - height) / min(width, height)
        x = center[0] + (u * np.cos(angle) + v * np.sin(angle)) / zoom
        y = center[1] + (v * np.cos(angle) - u * np.sin(angle)) / zoom
        colors = colored(*network(x, y, z))
        pixels[start : start + step] = np.floor(255.0 * colors + 0.5)
    return pixels.reshape(height, width, 3)
'''
