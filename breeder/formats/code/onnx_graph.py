"""ONNX: the picture as a graph of standard operators, which many runtimes draw.

Two kinds: colours of any number of points, and whole pictures by width, height, zoom and z.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from breeder.activations import SUM_LIMIT
from breeder.formats import native
from breeder.formats.code.listing import Listing, Step, listing, require_small
from breeder.formats.native import Document
from breeder.genome import ColorModel
from breeder.program import compile_once
from breeder.rendering import Device
from breeder.rendering.canvas import Canvas
from breeder.rendering.color import LAB_TO_LMS, LMS_TO_RGB, OKLAB_SPAN

OPSET = 17
IR_VERSION = 8
"""The pair of onnx 1.12 of 2022, which runtimes have had for years."""

MOST_STEPS = 2_000
MOST_CONNECTIONS = 10_000
"""onnxruntime takes seconds to open a graph of that size, and minutes for four times as many."""

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


def _stepped(graph: Graph, u: str, reach: float, low: int) -> str:
    """Cut a sum to the samples of Picbreeder's tables, towards zero."""
    edge = reach + 0.001
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
        graph, _stepped(graph, u, math.log(1999.0), -7601)
    ),
    "picbreeder_gaussian": lambda graph, u: graph.chain(
        _bump(graph, _stepped(graph, u, math.sqrt(math.log(2000.0)), -2757)),
        ("Mul", 2.0),
        ("Sub", 1.0),
    ),
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
"""Each input at the points x, y: columns of numbers."""


def _grey(graph: Graph, brightness: str) -> str:
    light = graph.clip(graph.add("Abs", brightness), 0.0, 1.0)
    return graph.add("Concat", light, light, light, axis=1)


def _hsb(graph: Graph, hue: str, saturation: str, brightness: str) -> str:
    hue = graph.add("Sub", hue, graph.add("Floor", hue))
    saturation = graph.clip(saturation, 0.0, 1.0)
    light = graph.clip(graph.add("Abs", brightness), 0.0, 1.0)
    starts = graph.constant([5 / 6, 3 / 6, 1 / 6])
    turned = graph.add("Add", hue, starts)
    k = graph.chain(graph.add("Sub", turned, graph.add("Floor", turned)), ("Mul", 6.0))
    fade = graph.clip(graph.add("Min", k, graph.add("Sub", graph.constant(4.0), k)), 0.0, 1.0)
    rest = graph.add("Sub", graph.constant(1.0), graph.add("Mul", saturation, fade))
    return graph.add("Mul", light, rest)


def _rgb(graph: Graph, red: str, green: str, blue: str) -> str:
    return graph.clip(graph.add("Concat", red, green, blue, axis=1), 0.0, 1.0)


def _oklab(graph: Graph, lightness: str, green_red: str, blue_yellow: str) -> str:
    light = graph.clip(lightness, 0.0, 1.0)
    room = graph.add("Sub", graph.constant(1.0), light)
    span = graph.chain(graph.add("Mul", light, room), ("Mul", 4 * OKLAB_SPAN))
    tints = [
        graph.add("Mul", span, graph.clip(tint, -1.0, 1.0)) for tint in (green_red, blue_yellow)
    ]
    lab = graph.add("Concat", light, *tints, axis=1)
    cones = graph.chain(graph.add("MatMul", lab, graph.constant(LAB_TO_LMS.T)), ("Pow", 3.0))
    linear = graph.clip(graph.add("MatMul", cones, graph.constant(LMS_TO_RGB.T)), 0.0, 1.0)
    bright = graph.chain(linear, ("Max", 1e-9), ("Pow", 1 / 2.4), ("Mul", 1.055), ("Sub", 0.055))
    dark = graph.add("LessOrEqual", linear, graph.constant(0.0031308))
    return graph.add("Where", dark, graph.chain(linear, ("Mul", 12.92)), bright)


COLORS: Mapping[ColorModel, Callable[..., str]] = {
    "grey": _grey,
    "hsb": _hsb,
    "rgb": _rgb,
    "oklab": _oklab,
}
"""How columns of channels become sRGB from 0 to 1, shape (N, 3)."""


def write_colors(document: Document, canvas: Canvas, device: Device) -> Iterable[bytes]:
    """Yield a model that gives the colours of points.

    Raises:
        FormatError: The network is too large.
    """
    spelled = _spelled_out(document)
    graph = Graph()
    for place, name in enumerate("xy"):
        graph.add("Gather", "coordinates", graph.constant([place], np.int64), name=name, axis=1)
    if "z" in spelled.inputs:
        graph.add("Reshape", "z", graph.constant([1], np.int64), name="z_number")
    graph.add("Identity", _colors(graph, spelled), name="colors")
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
        FormatError: The network is too large.
    """
    spelled = _spelled_out(document)
    graph = Graph()
    _points(graph, canvas)
    if "z" in spelled.inputs:
        graph.add("Reshape", "z", graph.constant([1], np.int64), name="z_number")
    scaled = graph.chain(_colors(graph, spelled), ("Mul", 255.0), ("Add", 0.5))
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
    """Add x and y: columns of the points that pixels are asked at, row after row."""
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
    column = graph.constant([-1, 1], np.int64)
    for name, middle, turn in (
        ("x", canvas.center[0], (cos, sin)),
        ("y", canvas.center[1], (-sin, cos)),
    ):
        parts = [graph.chain(o, ("Mul", factor)) for o, factor in zip(offsets, turn, strict=True)]
        moved = graph.chain(graph.add("Div", graph.add("Add", *parts), zoom), ("Add", middle))
        graph.add("Reshape", moved, column, name=name)


def _spelled_out(document: Document) -> Listing:
    spelled = listing(compile_once(document.genome))
    require_small(spelled, steps=MOST_STEPS, connections=MOST_CONNECTIONS, what="a graph of ONNX")
    return spelled


def _colors(graph: Graph, spelled: Listing) -> str:
    """Add the network: from the columns x and y to colours."""
    values = {name: INPUTS[name](graph) for name in spelled.inputs}
    for step in spelled.steps:
        u = graph.clip(_sum(graph, step, values), -SUM_LIMIT, SUM_LIMIT)
        made = ACTIVATIONS[step.operation](graph, u)
        values[step.name] = graph.add("Identity", made, name=f"{step.name}_{step.operation}")
    return COLORS[spelled.color](graph, *(values[value] for _, value in spelled.channels))


def _sum(graph: Graph, step: Step, values: Mapping[str, str]) -> str:
    """Add a step's weighted sum: one matrix product, whatever the number of sources."""
    weights = [[weight] for weight, _ in step.terms] or [[0.0]]
    sources = [values[source] for _, source in step.terms] or ["x"]
    together = sources[0] if len(sources) == 1 else graph.add("Concat", *sources, axis=1)
    named = {}
    for part, array in (("weights", weights), ("bias", [step.bias])):
        named[part] = f"{step.name}_{part}"
        tensor = numpy_helper.from_array(np.array(array, dtype=np.float32), named[part])
        graph.constants[named[part].encode(), "", ()] = tensor
    return graph.add("Gemm", together, named["weights"], named["bias"], name=f"{step.name}_sum")


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
