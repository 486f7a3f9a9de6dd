"""ONNX: the picture as a graph of standard operators, which many runtimes draw.

Two kinds: colours of any number of points, and whole pictures by width, height, zoom and z.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from breeder.activations import (
    GELU_CUBE,
    GELU_SLOPE,
    LEAK,
    PICBREEDER_GAUSSIAN_EDGE,
    PICBREEDER_GAUSSIAN_SAMPLES,
    PICBREEDER_SIGMOID_EDGE,
    PICBREEDER_SIGMOID_SAMPLES,
    SUM_LIMIT,
)
from breeder.formats import native
from breeder.formats.code.listing import Listing, Step, listing
from breeder.formats.native import Document
from breeder.genome import ColorModel
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

OPSET = 17
IR_VERSION = 8
"""The pair of onnx 1.12 of 2022, which runtimes have had for years."""

MOST_ZEROS = 8
"""Entries of a matrix for each connection in it; more would cost time and space."""

_TURN = (6.28125, 0.001935005187988281, 3.019915981956753e-07)
"""2 pi in parts that multiply by whole numbers exactly in 32 bits."""


class Graph:
    """A graph under construction. Methods return the name of the value that they add."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: dict[tuple[bytes, str, tuple[int, ...]], onnx.TensorProto] = {}

    def add(self, operator: str, *sources: str, name: str = "", **attributes: Any) -> str:
        """Add an operator; its only result is called `name` if there is one."""
        name = name or f"{operator.lower()}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, sources, [name], name, **attributes))
        return name

    def constant(self, value: object, kind: type[np.generic] = np.float32) -> str:
        """Add an array of numbers once, however often it is asked for."""
        array = np.array(value, dtype=kind)
        key = array.tobytes(), array.dtype.str, array.shape
        if key not in self.constants:
            name = f"constant_{len(self.constants)}"
            self.constants[key] = numpy_helper.from_array(array, name)
        return self.constants[key].name

    def named(self, name: str, value: object) -> str:
        """Add an array of numbers under a name of its own."""
        tensor = numpy_helper.from_array(np.array(value, dtype=np.float32), name)
        self.constants[name.encode(), "", ()] = tensor
        return name

    def split(self, value: str, steps: Sequence[Step]) -> list[str]:
        """Give the value that was added last the name of its steps, and take its rows apart."""
        names = [f"{step.name}_{step.operation}" for step in steps]
        whole = names[0] if len(names) == 1 else f"{_name(steps)}_{steps[0].operation}"
        self.nodes[-1].output[0] = self.nodes[-1].name = whole
        if len(names) > 1:
            self.nodes.append(helper.make_node("Split", [whole], names, f"{whole}_split", axis=0))
        return names

    def chain(self, value: str, *steps: tuple[str, float]) -> str:
        """Apply operators with a number on their right, one after the other."""
        for operator, number in steps:
            value = self.add(operator, value, self.constant(number))
        return value

    def clip(self, value: str, low: float, high: float, name: str = "") -> str:
        """Add a limit from below and above."""
        return self.add("Clip", value, self.constant(low), self.constant(high), name=name)


def _near(graph: Graph, u: str) -> str:
    """Bring an angle near zero, where every runtime's sine is good."""
    turns = graph.add("Floor", graph.chain(u, ("Mul", 1 / (2 * math.pi)), ("Add", 0.5)))
    for part in _TURN:
        u = graph.add("Sub", u, graph.chain(turns, ("Mul", part)))
    return u


def _bump(graph: Graph, u: str) -> str:
    return graph.add("Exp", graph.add("Neg", graph.add("Mul", u, u)))


def _tanh_of_half(graph: Graph, u: str) -> str:
    return graph.add("Tanh", graph.chain(u, ("Mul", 0.5)))


def _triangle(graph: Graph, u: str) -> str:
    turns = graph.chain(u, ("Mul", 1 / (2 * math.pi)), ("Add", 0.25))
    rest = graph.chain(graph.add("Sub", turns, graph.add("Floor", turns)), ("Sub", 0.5))
    return graph.chain(graph.add("Abs", rest), ("Mul", -4.0), ("Add", 1.0))


def _elu(graph: Graph, u: str) -> str:
    below = graph.chain(graph.add("Exp", graph.chain(u, ("Min", 0.0))), ("Sub", 1.0))
    return graph.add("Add", graph.add("Relu", u), below)


def _gelu(graph: Graph, u: str) -> str:
    slope = graph.chain(
        graph.add("Mul", u, u), ("Mul", GELU_SLOPE * GELU_CUBE), ("Add", GELU_SLOPE)
    )
    gate = graph.chain(graph.add("Tanh", graph.add("Mul", u, slope)), ("Mul", 0.5), ("Add", 0.5))
    return graph.add("Mul", u, gate)


def _stepped(graph: Graph, u: str, edge: float, low: int) -> str:
    """Cut a sum to the samples of Picbreeder's tables, towards zero."""
    scaled = graph.chain(graph.clip(u, -edge, edge), ("Mul", 1000.0), ("Add", 0.5))
    cut = graph.add("Mul", graph.add("Sign", scaled), graph.add("Floor", graph.add("Abs", scaled)))
    below = graph.add("LessOrEqual", u, graph.constant(-edge))
    return graph.chain(graph.add("Where", below, graph.constant(low), cut), ("Mul", 0.001))


ACTIVATIONS: Mapping[str, Callable[[Graph, str], str]] = {
    "identity": lambda graph, u: u,
    "sin": lambda graph, u: graph.add("Sin", _near(graph, u)),
    "cos": lambda graph, u: graph.add("Cos", _near(graph, u)),
    "tanh": lambda graph, u: graph.add("Tanh", u),
    "sigmoid": lambda graph, u: graph.chain(_tanh_of_half(graph, u), ("Mul", 0.5), ("Add", 0.5)),
    "bipolar_sigmoid": _tanh_of_half,
    "gaussian": _bump,
    "bipolar_gaussian": lambda graph, u: graph.chain(_bump(graph, u), ("Mul", 2.0), ("Sub", 1.0)),
    "abs": lambda graph, u: graph.add("Abs", u),
    "square": lambda graph, u: graph.add("Mul", u, u),
    "relu": lambda graph, u: graph.add("Relu", u),
    "triangle": _triangle,
    "picbreeder_sigmoid": lambda graph, u: _tanh_of_half(
        graph, _stepped(graph, u, PICBREEDER_SIGMOID_EDGE, PICBREEDER_SIGMOID_SAMPLES[0])
    ),
    "picbreeder_gaussian": lambda graph, u: graph.chain(
        _bump(graph, _stepped(graph, u, PICBREEDER_GAUSSIAN_EDGE, PICBREEDER_GAUSSIAN_SAMPLES[0])),
        ("Mul", 2.0),
        ("Sub", 1.0),
    ),
    "leaky_relu": lambda graph, u: graph.add("Max", u, graph.chain(u, ("Mul", LEAK))),
    "elu": _elu,
    "gelu": _gelu,
    "sqrt": lambda graph, u: graph.add("Sqrt", graph.add("Abs", u)),
}
"""Each activation of the limited sum u."""


def _radius(graph: Graph) -> str:
    squares = graph.add("Add", graph.add("Mul", "x", "x"), graph.add("Mul", "y", "y"))
    return graph.add("Sqrt", squares)


def _ripple(graph: Graph) -> str:
    far = graph.chain(_radius(graph), ("Mul", 10.0), ("Min", 10000.0))
    return graph.add("Cos", _near(graph, far))


INPUTS: Mapping[str, Callable[[Graph], str]] = {
    "x": lambda graph: "x",
    "y": lambda graph: "y",
    "d": lambda graph: graph.chain(_radius(graph), ("Mul", math.sqrt(2.0))),
    "bias": lambda graph: graph.chain("x", ("Mul", 0.0), ("Add", 1.0)),
    "z": lambda graph: graph.add("Add", graph.chain("x", ("Mul", 0.0)), "z_number"),
    "r": _radius,
    "x2": lambda graph: graph.add("Mul", "x", "x"),
    "y2": lambda graph: graph.add("Mul", "y", "y"),
    "cos10r": _ripple,
}
"""Each input at the points x, y: rows of numbers, shape (1, N)."""


def _grey(graph: Graph, brightness: str) -> str:
    light = graph.clip(graph.add("Abs", brightness), 0.0, 1.0)
    return graph.add("Concat", light, light, light, axis=0)


def _hsb(graph: Graph, hue: str, saturation: str, brightness: str) -> str:
    hue = graph.add("Sub", hue, graph.add("Floor", hue))
    saturation = graph.clip(saturation, 0.0, 1.0)
    light = graph.clip(graph.add("Abs", brightness), 0.0, 1.0)
    starts = graph.constant([[5 / 6], [3 / 6], [1 / 6]])
    turned = graph.add("Add", hue, starts)
    k = graph.chain(graph.add("Sub", turned, graph.add("Floor", turned)), ("Mul", 6.0))
    fade = graph.clip(graph.add("Min", k, graph.add("Sub", graph.constant(4.0), k)), 0.0, 1.0)
    rest = graph.add("Sub", graph.constant(1.0), graph.add("Mul", saturation, fade))
    return graph.add("Mul", light, rest)


def _rgb(graph: Graph, red: str, green: str, blue: str) -> str:
    return graph.clip(graph.add("Concat", red, green, blue, axis=0), 0.0, 1.0)


def _oklab(graph: Graph, lightness: str, green_red: str, blue_yellow: str) -> str:
    light = graph.clip(lightness, 0.0, 1.0)
    room = graph.add("Sub", graph.constant(1.0), light)
    span = graph.chain(graph.add("Mul", light, room), ("Mul", 4 * OKLAB_SPAN))
    tints = [
        graph.add("Mul", span, graph.clip(tint, -1.0, 1.0)) for tint in (green_red, blue_yellow)
    ]
    lab = graph.add("Concat", light, *tints, axis=0)
    cones = graph.chain(graph.add("MatMul", graph.constant(LAB_TO_LMS), lab), ("Pow", 3.0))
    return _encoded(graph, graph.add("MatMul", graph.constant(LMS_TO_RGB), cones))


def _cielab(graph: Graph, lightness: str, green_red: str, blue_yellow: str) -> str:
    tints = [graph.clip(tint, -1.0, 1.0) for tint in (green_red, blue_yellow)]
    lab = graph.add("Concat", graph.clip(lightness, 0.0, 1.0), *tints, axis=0)
    roots = graph.add("MatMul", graph.constant(CIELAB_ROOTS), lab)
    roots = graph.chain(roots, ("Add", CIELAB_START))
    dark = graph.chain(roots, ("Sub", CIELAB_START), ("Mul", CIELAB_SLOPE))
    above = graph.add("Greater", roots, graph.constant(CIELAB_KNEE))
    xyz = graph.add("Where", above, graph.chain(roots, ("Pow", 3.0)), dark)
    return _encoded(graph, graph.add("MatMul", graph.constant(XYZ_TO_RGB), xyz))


def _encoded(graph: Graph, linear: str) -> str:
    linear = graph.clip(linear, 0.0, 1.0)
    bright = graph.chain(linear, ("Max", 1e-9), ("Pow", 1 / 2.4), ("Mul", 1.055), ("Sub", 0.055))
    dark = graph.add("LessOrEqual", linear, graph.constant(0.0031308))
    return graph.add("Where", dark, graph.chain(linear, ("Mul", 12.92)), bright)


COLORS: Mapping[ColorModel, Callable[..., str]] = {
    "grey": _grey,
    "hsb": _hsb,
    "rgb": _rgb,
    "oklab": _oklab,
    "lab": _cielab,
}
"""How rows of channels become sRGB from 0 to 1, shape (3, N)."""


def write_colors(document: Document, canvas: Canvas, device: Device) -> Iterable[bytes]:
    """Yield a model that gives the colours of points.

    Raises:
        FormatError: Genome or texts are too large for the metadata.
    """
    spelled = listing(compile_once(document.genome))
    graph = Graph()
    turned = graph.add("Transpose", "coordinates", perm=[1, 0])
    for place, name in enumerate("xy"):
        graph.add("Gather", turned, graph.constant([place], np.int64), name=name, axis=0)
    if "z" in spelled.inputs:
        graph.add("Reshape", "z", graph.constant([1], np.int64), name="z_number")
    graph.add("Transpose", _colors(graph, spelled), name="colors", perm=[1, 0])
    yield _model(
        graph,
        document,
        "The colours of points: sRGB from 0 to 1. x runs to the right and y down; the shorter side "
        "of the whole picture spans -1 to 1.",
        [
            helper.make_tensor_value_info("coordinates", TensorProto.FLOAT, ["points", 2]),
            helper.make_tensor_value_info("z", TensorProto.FLOAT, []),
        ],
        helper.make_tensor_value_info("colors", TensorProto.FLOAT, ["points", 3]),
    )


def write_picture(document: Document, canvas: Canvas, device: Device) -> Iterable[bytes]:
    """Yield a model that gives a whole picture, centred and turned as the canvas is.

    Raises:
        FormatError: Genome or texts are too large for the metadata.
    """
    spelled = listing(compile_once(document.genome))
    graph = Graph()
    _points(graph, canvas)
    if "z" in spelled.inputs:
        graph.add("Reshape", "z", graph.constant([1], np.int64), name="z_number")
    colors = graph.add("Transpose", _colors(graph, spelled), perm=[1, 0])
    scaled = graph.chain(colors, ("Mul", 255.0), ("Add", 0.5))
    pixels = graph.add("Cast", graph.add("Floor", scaled), to=TensorProto.UINT8)
    shape = graph.add(
        "Concat", "height_number", "width_number", graph.constant([3], np.int64), axis=0
    )
    graph.add("Reshape", pixels, shape, name="picture")
    yield _model(
        graph,
        document,
        "The picture as bytes of sRGB, row after row.",
        [
            helper.make_tensor_value_info("width", TensorProto.INT64, []),
            helper.make_tensor_value_info("height", TensorProto.INT64, []),
            helper.make_tensor_value_info("zoom", TensorProto.FLOAT, []),
            helper.make_tensor_value_info("z", TensorProto.FLOAT, []),
        ],
        helper.make_tensor_value_info("picture", TensorProto.UINT8, ["rows", "columns", 3]),
    )


def _points(graph: Graph, canvas: Canvas) -> None:
    """Add x and y of the points that pixels are asked at, row after row, shape (1, N)."""
    one = graph.constant([1], np.int64)
    sides = {}
    for side in ("width", "height"):
        number = graph.add("Reshape", side, one, name=f"{side}_number")
        sides[side] = graph.add("Cast", number, to=TensorProto.FLOAT)
    shorter = graph.add("Min", *sides.values())
    size = graph.add("Concat", "height_number", "width_number", axis=0)
    offsets = []
    for side, shape in (("width", [1, -1]), ("height", [-1, 1])):
        end = graph.add("Squeeze", f"{side}_number")
        places = graph.add("Range", graph.constant(0, np.int64), end, graph.constant(1, np.int64))
        doubled = graph.chain(
            graph.add("Cast", places, to=TensorProto.FLOAT), ("Mul", 2.0), ("Add", 1.0)
        )
        offset = graph.add("Div", graph.add("Sub", doubled, sides[side]), shorter)
        line = graph.add("Reshape", offset, graph.constant(shape, np.int64))
        offsets.append(graph.add("Expand", line, size))
    zoom = graph.add("Reshape", "zoom", one)
    angle = math.radians(canvas.rotation)
    cos, sin = math.cos(angle), math.sin(angle)
    flat = graph.constant([1, -1], np.int64)
    for name, middle, turn in (
        ("x", canvas.center[0], (cos, sin)),
        ("y", canvas.center[1], (-sin, cos)),
    ):
        parts = [graph.chain(o, ("Mul", factor)) for o, factor in zip(offsets, turn, strict=True)]
        moved = graph.chain(graph.add("Div", graph.add("Add", *parts), zoom), ("Add", middle))
        graph.add("Reshape", moved, flat, name=name)


def _colors(graph: Graph, spelled: Listing) -> str:
    """Add the network: from the rows x and y to colours."""
    values = {name: INPUTS[name](graph) for name in spelled.inputs}
    for steps in _groups(spelled):
        u = graph.clip(_sums(graph, steps, values), -SUM_LIMIT, SUM_LIMIT)
        made = ACTIVATIONS[steps[0].operation](graph, u)
        values.update(zip((step.name for step in steps), graph.split(made, steps), strict=True))
    return COLORS[spelled.color](graph, *(values[value] for _, value in spelled.channels))


def _groups(spelled: Listing) -> Iterator[list[Step]]:
    """Yield the steps in groups that are one matrix product and one activation.

    A group's steps do not read one another, and share enough sources that its matrix, in which
    the others are zero, stays small.
    """
    group: list[Step] = []
    sources: set[str] = set()
    connections = 0
    for step in spelled.steps:
        own = {source for _, source in step.terms}
        together, count = sources | own, connections + len(own)
        size = (len(group) + 1) * len(together)
        if group and (
            step.operation != group[0].operation
            or own.intersection(each.name for each in group)
            or size > MOST_ZEROS * count + 256
        ):
            yield group
            group, together, count = [], own, len(own)
        group.append(step)
        sources, connections = together, count
    yield group


def _sums(graph: Graph, steps: Sequence[Step], values: Mapping[str, str]) -> str:
    """Add the weighted sums of steps: one matrix product of all their sources."""
    places: dict[str, int] = {}
    for step in steps:
        for _, source in step.terms:
            places.setdefault(source, len(places))
    weights = np.zeros((len(steps), max(len(places), 1)))
    for row, step in enumerate(steps):
        for weight, source in step.terms:
            weights[row, places[source]] = weight
    rows = [values[source] for source in places] or ["x"]
    together = rows[0] if len(rows) == 1 else graph.add("Concat", *rows, axis=0)
    name = _name(steps)
    biases = [[step.bias] for step in steps]
    return graph.add(
        "Gemm",
        graph.named(f"{name}_weights", weights),
        together,
        graph.named(f"{name}_bias", biases),
        name=f"{name}_sum",
    )


def _name(steps: Sequence[Step]) -> str:
    first, last = steps[0].name, steps[-1].name
    return first if first == last else f"{first}_to_{last}"


def _model(
    graph: Graph,
    document: Document,
    words: str,
    inputs: list[onnx.ValueInfoProto],
    output: onnx.ValueInfoProto,
) -> bytes:
    """Return a model's bytes, checked, with title and genome in its metadata."""
    genome = document.genome
    model = helper.make_model(
        helper.make_graph(
            graph.nodes, "picture", inputs, [output], initializer=list(graph.constants.values())
        ),
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=IR_VERSION,
        producer_name="breeder",
        doc_string=f"{words} Made with breeder; the genome is {genome.id}.",
    )
    texts = {
        "genome_id": genome.id,
        "genome": native.dumps(genome, meta=document.meta, compact=True),
    }
    if document.title:
        texts["title"] = document.title
    helper.set_model_props(model, texts)
    onnx.checker.check_model(model, full_check=True)
    return bytes(model.SerializeToString(deterministic=True))
