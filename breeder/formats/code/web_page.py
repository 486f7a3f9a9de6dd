"""A page that stands alone: the picture as a shader that one can move about in without end.

Far inside a picture the coordinates of neighbouring pixels no longer differ in 32 bits. So the
page works out every node's sum and value in the middle of the view in 64 bits, and the shader
carries only the differences from there through the network, each by a formula that keeps small
differences exact.
"""

from __future__ import annotations

import html
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from importlib.resources import files
from typing import BinaryIO

from breeder.activations import GELU_CUBE, GELU_SLOPE, LEAK
from breeder.errors import FormatError
from breeder.formats import native
from breeder.formats.code import glsl
from breeder.formats.code.listing import (
    STEPPED_GAUSSIAN,
    STEPPED_SIGMOID,
    Listing,
    Step,
    sums,
    wrapped,
)
from breeder.formats.limits import MAX_BYTES
from breeder.formats.native import Document
from breeder.rendering import Device
from breeder.rendering.canvas import Canvas

DELTA_HELPERS = """\
// A difference of the sum u, after both ends are limited.
float moved(float u, float du) {
  bool inside = max(abs(u), abs(u + du)) <= 10000.0;
  return inside ? du : limited(u + du) - limited(u);
}
// exp(t) - 1 for small t.
float grown(float t) { return t * (1.0 + t * (0.5 + t * (0.16666667 + t * 0.04166667))); }
"""

_BENT_BY = f"{GELU_SLOPE} * du * (1.0 + {GELU_CUBE} * (3.0 * u * (u + du) + du * du))"
"""How far the argument of the tanh in gelu moves."""

DELTA_BODIES: Mapping[str, str] = {
    "identity": "du",
    "sin": "2.0 * cos(near(u + 0.5 * du)) * sin(0.5 * du)",
    "cos": "-2.0 * sin(near(u + 0.5 * du)) * sin(0.5 * du)",
    "tanh": "(1.0 - soft(u) * soft(u + du)) * tanh(du)",
    "sigmoid": "0.5 * (1.0 - soft(0.5 * u) * soft(0.5 * (u + du))) * tanh(0.5 * du)",
    "bipolar_sigmoid": "(1.0 - soft(0.5 * u) * soft(0.5 * (u + du))) * tanh(0.5 * du)",
    "gaussian": "bump(u) * grown(-du * (2.0 * u + du))",
    "bipolar_gaussian": "2.0 * bump(u) * grown(-du * (2.0 * u + du))",
    "abs": "u > 0.0 ? du : -du",
    "square": "(2.0 * u + du) * du",
    "relu": "u > 0.0 ? du : 0.0",
    "triangle": "(fract(u / (2.0 * PI) + 0.25) < 0.5 ? 4.0 : -4.0) * du / (2.0 * PI)",
    # Steps have no small differences.
    "picbreeder_sigmoid": "f_picbreeder_sigmoid(u + du) - f_picbreeder_sigmoid(u)",
    "picbreeder_gaussian": "f_picbreeder_gaussian(u + du) - f_picbreeder_gaussian(u)",
    "leaky_relu": f"u > 0.0 ? du : {LEAK} * du",
    "elu": "u > 0.0 ? du : exp(max(u, -80.0)) * grown(du)",
    "gelu": (
        "0.5 * du * (1.0 + soft(bent(u + du))) + "
        f"0.5 * u * (1.0 - soft(bent(u)) * soft(bent(u + du))) * soft({_BENT_BY})"
    ),
    "sqrt": "(u > 0.0 ? du : -du) / (sqrt(abs(u)) + sqrt(abs(u + du)))",
}
"""Each activation's difference for a small difference du of the limited sum u."""

_SMALL: Mapping[str, str] = {
    "gaussian": "abs(du * (2.0 * u + du)) < 0.05",
    "bipolar_gaussian": "abs(du * (2.0 * u + du)) < 0.05",
    "abs": "u * (u + du) > 0.0",
    "relu": "u * (u + du) > 0.0",
    "triangle": "floor(u / PI + 0.5) == floor((u + du) / PI + 0.5)",
    "leaky_relu": "u * (u + du) > 0.0",
    "elu": "u * (u + du) > 0.0 && (u > 0.0 || abs(du) < 0.1)",
    "sqrt": "u * (u + du) > 0.0",
}
"""Where the formula holds; for the others, where du is below 0.1."""

INPUT_DELTAS: Mapping[str, str] = {
    "x": "q.x",
    "y": "q.y",
    "d": "1.4142135623730951 * dr",
    "r": "dr",
    "x2": "(2.0 * middle.x + q.x) * q.x",
    "y2": "(2.0 * middle.y + q.y) * q.y",
    "cos10r": "d_cos(vec2(10.0 * middle_r, 0.0), 10.0 * dr)",
}
"""How far each input is from its value in the middle; bias and z are the same everywhere."""

JS_ACTIVATIONS: Mapping[str, str] = {
    "identity": "u => u",
    "sin": "Math.sin",
    "cos": "Math.cos",
    "tanh": "Math.tanh",
    "sigmoid": "u => 0.5 + 0.5 * Math.tanh(0.5 * u)",
    "bipolar_sigmoid": "u => Math.tanh(0.5 * u)",
    "gaussian": "u => Math.exp(-u * u)",
    "bipolar_gaussian": "u => 2 * Math.exp(-u * u) - 1",
    "abs": "Math.abs",
    "square": "u => u * u",
    "relu": "u => Math.max(u, 0)",
    "triangle": (
        "u => { const t = u / (2 * Math.PI) + 0.25; "
        "return 1 - 4 * Math.abs(t - Math.floor(t) - 0.5); }"
    ),
    "picbreeder_sigmoid": (f"u => Math.tanh(0.5 * stepped(u, {STEPPED_SIGMOID}))"),
    "picbreeder_gaussian": (f"u => 2 * Math.exp(-(stepped(u, {STEPPED_GAUSSIAN}) ** 2)) - 1"),
    "leaky_relu": f"u => Math.max(u, {LEAK} * u)",
    "elu": "u => u > 0 ? u : Math.expm1(u)",
    "gelu": (f"u => 0.5 * u * (1 + Math.tanh({GELU_SLOPE} * (u + {GELU_CUBE} * u * u * u)))"),
    "sqrt": "u => Math.sqrt(Math.abs(u))",
}
"""Each activation in 64 bits."""

JS_INPUTS: Mapping[str, str] = {
    "x": "x",
    "y": "y",
    "d": "Math.SQRT2 * Math.hypot(x, y)",
    "bias": "1",
    "z": "z",
    "r": "Math.hypot(x, y)",
    "x2": "x * x",
    "y2": "y * y",
    "cos10r": "Math.cos(Math.min(10 * Math.hypot(x, y), 10000))",
}

_GENOME_START = b'<script type="application/json" id="genome">'
_HEAD_BYTES = 64 * 1024

JS_STEPPED = """\
const stepped = (u, edge, low, high) =>
  0.001 * (u <= -edge ? low : u >= edge ? high : Math.trunc(1000 * u + 0.5));
"""


def write_page(document: Document, canvas: Canvas, device: Device) -> Iterable[bytes]:
    """Yield a page of one file that draws the picture in any browser with WebGL 2, offline.

    Raises:
        FormatError: The network is too large for a shader.
    """
    genome, title = document.genome, document.title
    spelled = glsl.spelled_out(genome, "a page with a shader")
    view = {
        "x": canvas.center[0],
        "y": canvas.center[1],
        "zoom": canvas.zoom,
        "turn": math.radians(canvas.rotation),
        "z": canvas.z,
    }
    parts = {
        "TITLE": html.escape(title or f"Picture {genome.id[:8]}"),
        "ID": genome.id,
        "GENOME": native.dumps(genome, meta=document.meta, compact=True).replace("<", "\\u003c"),
        "SHADER": _fragment_shader(spelled),
        "NETWORK": _network(spelled),
        "VIEW": json.dumps(view),
        "MOVING": json.dumps("z" in spelled.inputs),
        "NODES": str(len(spelled.steps)),
    }
    text = files("breeder.formats.code").joinpath("web_page.html").read_text("utf-8")
    for name, part in parts.items():  # GENOME holds a person's words, so it is put in last
        if name not in ("GENOME", "TITLE"):
            text = text.replace(f"[[{name}]]", part)
    before, rest = text.split("[[GENOME]]")
    yield before.replace("[[TITLE]]", parts["TITLE"]).encode()
    yield parts["GENOME"].encode()
    yield rest.encode()


def read(file: BinaryIO, source: str) -> Sequence[Document]:
    """Return the genome inside a page that `write_page` made.

    Raises:
        FormatError: There is none.
    """
    data = file.read(_HEAD_BYTES + MAX_BYTES)
    start = data.find(_GENOME_START, 0, _HEAD_BYTES)
    end = data.find(b"</script>", start)
    if start < 0 or end < 0:
        raise FormatError(
            f"Cannot read {source}: no genome is in this page; open one that breeder saved."
        )
    return (native.parse(data[start + len(_GENOME_START) : end], source=source),)


def _fragment_shader(spelled: Listing) -> str:
    operations = spelled.operations
    if "cos10r" in spelled.inputs and "cos" not in operations:
        operations = (*operations, "cos")
    return f"""\
{glsl.HELPERS}
{DELTA_HELPERS}
{glsl.activation_functions(operations)}
{_delta_functions(operations)}
{glsl.color_function(spelled.color)}
// The sum (x) and the value (y) of a node in the middle of the view.
vec2 at(int node) {{ return texelFetch(network, ivec2(node, 0), 0).xy; }}

// The colour of the point that lies q from the middle.
vec3 picture(vec2 q) {{
  {_picture_lines(spelled)}
}}
"""


def _delta_functions(operations: Iterable[str]) -> str:
    lines = []
    for name in operations:
        small = _SMALL.get(name, "abs(du) < 0.1")
        direct = f"f_{name}(u + du) - f_{name}(u)"
        lines.append(
            f"float d_{name}(vec2 v, float du) {{\n"
            "  float u = limited(v.x);\n"
            "  du = moved(v.x, du);\n"
            f"  return {small} ? ({DELTA_BODIES[name]}) : {direct};\n}}\n"
        )
    return "".join(lines)


def _picture_lines(spelled: Listing) -> str:
    lines = [
        "vec2 whole = middle + q;",
        "float middle_r = length(middle);",
        "float dr = dot(2.0 * middle + q, q) / max(length(whole) + middle_r, 1e-30);",
    ]
    lines += [
        f"float d_{name} = {INPUT_DELTAS[name]};" for name in spelled.inputs if name in INPUT_DELTAS
    ]
    still = {name for name in spelled.inputs if name not in INPUT_DELTAS}
    for node, step in enumerate(spelled.steps):
        terms = [f"{weight!r} * d_{source}" for weight, source in step.terms if source not in still]
        total = wrapped(terms, "    ") if terms else "0.0"
        lines.append(f"float d_{step.name} = d_{step.operation}(at({node}), {total});")
    places = {step.name: node for node, step in enumerate(spelled.steps)}
    shown = [f"at({places[value]}).y + d_{value}" for _, value in spelled.channels]
    lines.append(f"return colored(vec3({', '.join(shown)}));")
    return "\n  ".join(lines)


def _network(spelled: Listing) -> str:
    """Return JavaScript for `network(x, y, z)`: every node's sum and value in 64 bits."""
    lines = [JS_STEPPED]
    lines += [f"const f_{name} = {JS_ACTIVATIONS[name]};" for name in spelled.operations]
    lines += ["function network(x, y, z, out) {", "  let u;"]
    lines += [f"  const i_{name} = {JS_INPUTS[name]};" for name in spelled.inputs]
    inputs = set(spelled.inputs)
    for node, (step, terms) in enumerate(sums(_renamed(spelled, inputs))):
        lines.append(f"  u = {wrapped(terms, '    ')};")
        lines.append(f"  const {step.name} = f_{step.operation}(limited(u));")
        lines.append(f"  out[{2 * node}] = u; out[{2 * node + 1}] = {step.name};")
    return "\n".join([*lines, "}"])


def _renamed(spelled: Listing, inputs: set[str]) -> Listing:
    """Return a listing whose inputs are called i_..., since x, y and z are arguments."""
    steps = tuple(
        Step(
            name=step.name,
            operation=step.operation,
            bias=step.bias,
            terms=tuple(
                (weight, f"i_{source}" if source in inputs else source)
                for weight, source in step.terms
            ),
        )
        for step in spelled.steps
    )
    return Listing(
        inputs=spelled.inputs, steps=steps, channels=spelled.channels, color=spelled.color
    )
