"""PyTorch: the picture as a module whose weights can be trained."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from breeder.activations import GELU_CUBE, GELU_SLOPE, LEAK, SUM_LIMIT
from breeder.formats.code.listing import (
    STEPPED_GAUSSIAN,
    STEPPED_SIGMOID,
    Listing,
    Step,
    listing,
)
from breeder.formats.code.python_text import (
    SAVING,
    activation_functions,
    color_function,
    function_name,
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

ACTIVATION_BODIES: Mapping[str, str] = {
    "identity": "u",
    "sin": "torch.sin(u)",
    "cos": "torch.cos(u)",
    "tanh": "torch.tanh(u)",
    "sigmoid": "torch.sigmoid(u)",
    "bipolar_sigmoid": "torch.tanh(0.5 * u)",
    "gaussian": "torch.exp(-u * u)",
    "bipolar_gaussian": "2.0 * torch.exp(-u * u) - 1.0",
    "abs": "torch.abs(u)",
    "square": "u * u",
    "relu": "torch.relu(u)",
    "triangle": "1.0 - 4.0 * torch.abs(wrapped(u / (2.0 * math.pi) + 0.25) - 0.5)",
    "picbreeder_sigmoid": (f"torch.tanh(0.5 * stepped(u, {STEPPED_SIGMOID}))"),
    "picbreeder_gaussian": (f"2.0 * torch.exp(-(stepped(u, {STEPPED_GAUSSIAN}) ** 2)) - 1.0"),
    "leaky_relu": f"torch.maximum(u, {LEAK} * u)",
    "elu": "torch.relu(u) + torch.expm1(torch.clamp(u, max=0.0))",
    "gelu": f"u * torch.sigmoid({2 * GELU_SLOPE} * (u + {GELU_CUBE} * u * u * u))",
    "sqrt": "torch.sqrt(torch.abs(u))",
}
"""Each activation of the limited sum u."""

INPUT_BODIES: Mapping[str, str] = {
    "x": "x",
    "y": "y",
    "d": "math.sqrt(2.0) * r",
    "bias": "torch.ones_like(x)",
    "z": "z",
    "r": "r",
    "x2": "x * x",
    "y2": "y * y",
    "cos10r": "torch.cos(torch.clamp(10.0 * r, max=10000.0))",
}
"""Each input at the points x, y, which lie r from the middle."""

_ENCODED = """\
    linear = torch.clamp(linear, 0.0, 1.0)
    bright = 1.055 * torch.clamp(linear, min=1e-9) ** (1 / 2.4) - 0.055
    return torch.where(linear <= 0.0031308, 12.92 * linear, bright)
"""

COLOR_BODIES: Mapping[ColorModel, str] = {
    "grey": """\
    grey = torch.clamp(torch.abs(brightness), max=1.0)
    return torch.stack([grey, grey, grey], dim=-1)
""",
    "hsb": """\
    saturation = torch.clamp(saturation, 0.0, 1.0)
    brightness = torch.clamp(torch.abs(brightness), max=1.0)
    sectors = [6.0 * wrapped(wrapped(hue) + start / 6.0) for start in (5.0, 3.0, 1.0)]
    fades = [torch.clamp(torch.minimum(k, 4.0 - k), 0.0, 1.0) for k in sectors]
    return torch.stack([brightness * (1.0 - saturation * fade) for fade in fades], dim=-1)
""",
    "rgb": """\
    return torch.clamp(torch.stack([red, green, blue], dim=-1), 0.0, 1.0)
""",
    "oklab": f"""\
    light = torch.clamp(lightness, 0.0, 1.0)
    span = {4 * OKLAB_SPAN!r} * light * (1.0 - light)
    tints = [span * torch.clamp(tint, -1.0, 1.0) for tint in (green_red, blue_yellow)]
    to_cones = light.new_tensor({matrix(LAB_TO_LMS, "    ")})
    to_rgb = light.new_tensor({matrix(LMS_TO_RGB, "    ")})
    linear = (torch.stack([light, *tints], dim=-1) @ to_cones.T) ** 3 @ to_rgb.T
{_ENCODED}""",
    "lab": f"""\
    tints = [torch.clamp(tint, -1.0, 1.0) for tint in (green_red, blue_yellow)]
    lab = torch.stack([torch.clamp(lightness, 0.0, 1.0), *tints], dim=-1)
    to_roots = lab.new_tensor({matrix(CIELAB_ROOTS, "    ")})
    to_rgb = lab.new_tensor({matrix(XYZ_TO_RGB, "    ")})
    roots = lab @ to_roots.T + {CIELAB_START!r}
    dark = {CIELAB_SLOPE!r} * (roots - {CIELAB_START!r})
    linear = torch.where(roots > {CIELAB_KNEE!r}, roots**3, dark) @ to_rgb.T
{_ENCODED}""",
}
"""How channels become sRGB."""

STEPPED = '''

def stepped(u, edge, low, high):
    """Picbreeder read its curves from tables: steps of 0.001, cut towards zero.

    Gradients are those of the curve without its steps.
    """
    inside = torch.trunc(1000.0 * torch.clamp(u, -edge, edge) + 0.5)
    inside = torch.where(u <= -edge, low, torch.where(u >= edge, high, inside))
    smooth = torch.clamp(u, 0.001 * low, 0.001 * high)
    return smooth + (0.001 * inside - smooth).detach()
'''

NODE = f'''\
class Node(nn.Module):
    """A function of the weighted sum of some values; weights and bias can be trained."""

    def __init__(self, function, bias, weights):
        super().__init__()
        self.function = function
        self.sources = list(weights)
        self.bias = nn.Parameter(torch.tensor(bias))
        self.weights = nn.Parameter(torch.tensor(list(weights.values())))

    def forward(self, values):
        u = self.bias
        for source, weight in zip(self.sources, self.weights.unbind()):
            u = u + weight * values[source]
        return self.function(torch.clamp(u, {-SUM_LIMIT}, {SUM_LIMIT}))
'''

AT_ONCE = 8_000_000
"""Values kept at once while a picture is drawn: 32 MB."""


def write_module(genome: Genome, canvas: Canvas, title: str, device: Device) -> Iterable[bytes]:
    """Yield a file of Python with the module `Picture`, which needs only PyTorch."""
    spelled = listing(compile_once(genome))
    text = f'''\
{header(genome, title, "PyTorch")}"""A picture as a module to train: see `Picture` and `picture`."""

import math
import os
import sys

import torch
from torch import nn


def wrapped(t):
    """Return what is left of t above the whole number below it."""
    return t - torch.floor(t)
{activation_functions(spelled, ACTIVATION_BODIES, STEPPED)}

{color_function(spelled, COLOR_BODIES)}

{NODE}

{_module(spelled)}

{_picture(len(spelled.steps) + len(spelled.inputs), canvas)}

def as_bytes(pixels):
    """Return pixels as bytes, row after row."""
    return bytes(pixels.flatten().tolist())


{SAVING}'''
    yield text.encode()


def _module(spelled: Listing) -> str:
    inputs = "".join(f'            "{name}": {INPUT_BODIES[name]},\n' for name in spelled.inputs)
    nodes = "".join(_node(step) for step in spelled.steps)
    shown = "\n".join(f'        {name} = values["{value}"]' for name, value in spelled.channels)
    names = ", ".join(name for name, _ in spelled.channels)
    return f'''\
class Picture(nn.Module):
    """Colours of points. Its parameters are those of its nodes: n0.bias, n0.weights and so on."""

    def __init__(self):
        super().__init__()
{nodes}
    def forward(self, coordinates, z=0.0):
        """Return sRGB from 0 to 1, shape (N, 3), for coordinates of shape (N, 2).

        x runs to the right and y down; the shorter side of the whole picture spans -1 to 1. z is
        a number, or a tensor of shape (N,).
        """
        x, y = coordinates.unbind(-1)
        r = torch.sqrt(torch.clamp(x * x + y * y, min=1e-30))  # its gradient is finite at 0, 0
        z = torch.as_tensor(z, dtype=x.dtype, device=x.device)
        values = {{
{inputs}        }}
        for name, node in self.named_children():
            values[name] = node(values)
{shown}
        return colored(*torch.broadcast_tensors({names}, x)[:-1])
'''


def _node(step: Step) -> str:
    """Return the line of a node, broken up where it has many sources."""
    start = f"        self.{step.name} = Node({function_name(step.operation)}, {step.bias!r}, {{"
    pairs = [f'"{source}": {weight!r}' for weight, source in step.terms]
    if len(start) + sum(len(pair) + 2 for pair in pairs) < 98:
        return f"{start}{', '.join(pairs)}}})\n"
    return f"{start}\n" + "".join(f"            {pair},\n" for pair in pairs) + "        })\n"


def _picture(values: int, canvas: Canvas) -> str:
    x, y = canvas.center
    at_once = max(AT_ONCE // (values + 16), 256)
    return f'''\
def points(width, height, zoom=1.0, center=(0.0, 0.0), rotation=0.0):
    """Return where the pixels of a picture are asked, shape (height * width, 2), row after row."""
    angle = math.radians(rotation)
    v, u = torch.meshgrid(
        (2 * torch.arange(height) + 1 - height) / min(width, height),
        (2 * torch.arange(width) + 1 - width) / min(width, height),
        indexing="ij",
    )
    x = center[0] + (u * math.cos(angle) + v * math.sin(angle)) / zoom
    y = center[1] + (v * math.cos(angle) - u * math.sin(angle)) / zoom
    return torch.stack([x, y], dim=-1).reshape(-1, 2)


def picture(
    width,
    height,
    zoom={canvas.zoom!r},
    center=({x!r}, {y!r}),
    rotation={canvas.rotation!r},
    z={canvas.z!r},
    model=None,
):
    """Return the picture of a model, of a new one by default: uint8, shape (height, width, 3)."""
    model = model or Picture()
    where = next(model.parameters()).device
    with torch.no_grad():
        pieces = points(width, height, zoom, center, rotation).to(where).split({at_once})
        colors = torch.cat([model(piece, z) for piece in pieces])
    return torch.floor(255.0 * colors + 0.5).to(torch.uint8).reshape(height, width, 3)
'''
