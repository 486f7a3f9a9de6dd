"""GLSL: a shader for Shadertoy, and the pieces that the page of `web_page` is made of.

The functions of both shaders are here: activations, their differences, inputs and colours.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np

from breeder.activations import GELU_CUBE, GELU_SLOPE, LEAK, SUM_LIMIT
from breeder.formats.code.listing import (
    STEPPED_GAUSSIAN,
    STEPPED_SIGMOID,
    Listing,
    listing,
    plain_title,
    require_small,
    sums,
    wrapped,
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

MOST_STEPS = 1_500
MOST_CONNECTIONS = 6_000
"""Compilers of graphics drivers take minutes for more."""

HELPERS = f"""\
const float PI = 3.141592653589793;
float limited(float u) {{ return clamp(u, {-SUM_LIMIT}, {SUM_LIMIT}); }}
// Large arguments are brought near zero first, where every driver's sine is good.
float near(float u) {{
  float n = floor(u / (2.0 * PI) + 0.5);
  return ((u - n * 6.28125) - n * 0.001935005187988281) - n * 3.019915981956753e-07;
}}
float bump(float u) {{ return exp(-min(u * u, 80.0)); }}
float soft(float u) {{ return tanh(clamp(u, -15.0, 15.0)); }}
float tooth(float u) {{
  float t = u / (2.0 * PI) + 0.25;
  return 1.0 - 4.0 * abs(t - floor(t) - 0.5);
}}
// The argument of the tanh in gelu.
float bent(float u) {{ return {GELU_SLOPE} * (u + {GELU_CUBE} * u * u * u); }}
// Picbreeder read its curves from tables: steps of 0.001, cut towards zero.
float stepped(float u, float edge, float low, float high) {{
  return 0.001 * (u <= -edge ? low : u >= edge ? high : trunc(1000.0 * u + 0.5));
}}
"""

ACTIVATION_BODIES = {
    "identity": "u",
    "sin": "sin(near(u))",
    "cos": "cos(near(u))",
    "tanh": "soft(u)",
    "sigmoid": "0.5 + 0.5 * soft(0.5 * u)",
    "bipolar_sigmoid": "soft(0.5 * u)",
    "gaussian": "bump(u)",
    "bipolar_gaussian": "2.0 * bump(u) - 1.0",
    "abs": "abs(u)",
    "square": "u * u",
    "relu": "max(u, 0.0)",
    "triangle": "tooth(u)",
    "picbreeder_sigmoid": f"soft(0.5 * stepped(u, {STEPPED_SIGMOID}))",
    "picbreeder_gaussian": f"2.0 * bump(stepped(u, {STEPPED_GAUSSIAN})) - 1.0",
    "leaky_relu": f"max(u, {LEAK} * u)",
    "elu": "u > 0.0 ? u : exp(max(u, -80.0)) - 1.0",
    "gelu": "0.5 * u * (1.0 + soft(bent(u)))",
    "sqrt": "sqrt(abs(u))",
}
"""Each activation of the limited sum u."""

INPUT_BODIES = {
    "x": "p.x",
    "y": "p.y",
    "d": "1.4142135623730951 * length(p)",
    "bias": "1.0",
    "z": "moment",
    "r": "length(p)",
    "x2": "p.x * p.x",
    "y2": "p.y * p.y",
    "cos10r": "cos(near(min(10.0 * length(p), 10000.0)))",
}
"""Each input at the point p."""


def _matrix(rows: np.ndarray) -> str:
    # GLSL counts columns first.
    return f"mat3({', '.join(repr(float(number)) for number in rows.T.ravel())})"


_ENCODED = """\
return mix(12.92 * linear, 1.055 * pow(max(linear, 1e-9), vec3(1.0 / 2.4)) - 0.055,
             step(0.0031308, linear));"""

COLOR_BODIES: dict[ColorModel, str] = {
    "grey": "return vec3(min(abs(c.x), 1.0));",
    "hsb": """\
float h = c.x - floor(c.x), s = clamp(c.y, 0.0, 1.0), b = min(abs(c.z), 1.0);
  vec3 k = mod(vec3(5.0, 3.0, 1.0) + 6.0 * h, 6.0);
  return b * (1.0 - s * clamp(min(k, 4.0 - k), 0.0, 1.0));""",
    "rgb": "return clamp(c, 0.0, 1.0);",
    "oklab": f"""\
float light = clamp(c.x, 0.0, 1.0);
  vec2 tint = {4 * OKLAB_SPAN!r} * light * (1.0 - light) * clamp(c.yz, -1.0, 1.0);
  vec3 cones = {_matrix(LAB_TO_LMS)} * vec3(light, tint);
  vec3 linear = clamp({_matrix(LMS_TO_RGB)} * (cones * cones * cones), 0.0, 1.0);
  {_ENCODED}""",
    "lab": f"""\
vec3 lab = vec3(clamp(c.x, 0.0, 1.0), clamp(c.yz, -1.0, 1.0));
  vec3 roots = {_matrix(CIELAB_ROOTS)} * lab + {CIELAB_START!r};
  vec3 xyz = mix({CIELAB_SLOPE!r} * (roots - {CIELAB_START!r}), roots * roots * roots,
                 step({CIELAB_KNEE!r}, roots));
  vec3 linear = clamp({_matrix(XYZ_TO_RGB)} * xyz, 0.0, 1.0);
  {_ENCODED}""",
}
"""How channels c become sRGB."""


def activation_functions(operations: Iterable[str]) -> str:
    """Return GLSL for the activations named: `f_sin(u)` and so on."""
    return "".join(
        f"float f_{name}(float u) {{ u = limited(u); return {ACTIVATION_BODIES[name]}; }}\n"
        for name in operations
    )


def color_function(color: ColorModel) -> str:
    """Return GLSL for `vec3 colored(vec3 c)`: channels to sRGB."""
    return f"vec3 colored(vec3 c) {{\n  {COLOR_BODIES[color]}\n}}\n"


def channels(spelled: Listing, prefix: str = "") -> str:
    """Return GLSL for the vector of channels; grey repeats its one."""
    shown = [f"{prefix}{value}" for _, value in spelled.channels]
    return f"vec3({', '.join(shown)})"


def spelled_out(genome: Genome, what: str) -> Listing:
    """Return a genome's listing, small enough for a shader.

    Raises:
        FormatError: It is too large.
    """
    spelled = listing(compile_once(genome))
    require_small(spelled, steps=MOST_STEPS, connections=MOST_CONNECTIONS, what=what)
    return spelled


def picture_function(spelled: Listing) -> str:
    """Return GLSL for `vec3 picture(vec2 p, float moment)`: a point and z to sRGB."""
    lines = [f"float {name} = {INPUT_BODIES[name]};" for name in spelled.inputs]
    for step, terms in sums(spelled):
        lines.append(f"float {step.name} = f_{step.operation}({wrapped(terms, '    ')});")
    named = ", ".join(f"{channel}: {value}" for channel, value in spelled.channels)
    lines.append(f"return colored({channels(spelled)});  // {named}")
    body = "\n  ".join(lines)
    return f"vec3 picture(vec2 p, float moment) {{\n  {body}\n}}\n"


def write_shader(genome: Genome, canvas: Canvas, title: str, device: Device) -> Iterable[bytes]:
    """Yield a shader that Shadertoy runs as it is; z moves with the time where it is read.

    Raises:
        FormatError: The network is too large for a shader.
    """
    spelled = spelled_out(genome, "a shader")
    moving = "z" in spelled.inputs
    start = repr(float(canvas.z))
    z = f"{start} + sin(0.5 * iTime)" if moving else start
    angle = math.radians(canvas.rotation)
    x, y = canvas.center
    text = f"""\
// {plain_title(title) or "A bred picture"}
// A picture bred with breeder; its genome is {genome.id}.
// Paste this into a new shader on shadertoy.com. picture(p, moment) gives the colour of any
// point: x to the right and y down, the shorter side from -1 to 1; the moment is the input z.

{HELPERS}
{activation_functions(spelled.operations)}
{color_function(spelled.color)}
{picture_function(spelled)}
const vec2 CENTER = vec2({float(x)!r}, {float(y)!r});
const float ZOOM = {float(canvas.zoom)!r};
const vec2 TURN = vec2({math.cos(angle)!r}, {math.sin(angle)!r});

void mainImage(out vec4 fragColor, in vec2 fragCoord) {{
  vec2 q = (2.0 * fragCoord - iResolution.xy) / min(iResolution.x, iResolution.y);
  q.y = -q.y;
  vec2 p = CENTER + vec2(q.x * TURN.x + q.y * TURN.y, q.y * TURN.x - q.x * TURN.y) / ZOOM;
  fragColor = vec4(picture(p, {z}), 1.0);
}}
"""
    yield text.encode()
