"""Random networks: what settings stand for before a view, a colour or a renderer is thought of."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from breeder.activations import ACTIVATIONS
from breeder.inputs import INPUTS
from breeder.lab.initialisation import Source, draw, draw_biases
from breeder.lab.settings import Coordinates, CustomInput, LabSettings

Array = NDArray[np.float64]
Single = NDArray[np.float32]

OUTPUT_PATH = 0
"""The output layer's place on the seed path; hidden layers count from 1, so that a network with one
layer more keeps its outputs' weights."""

WEIGHTS, BIASES = 0, 1


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Layer:
    """Neurons that read the same values.

    Attributes:
        weights: float32, shape (M, N): M neurons, each of which reads N values.
        biases: float32, shape (M,); zeros where the layer has none.
        activation: From the table of activations.
        reads: What is read, one after the other: 0 for the inputs, k for the values of the k-th
            hidden layer. The widths add up to N.
        adds: A hidden layer whose values are added after the activation; 0 for none.
    """

    weights: Single
    biases: Single
    activation: str
    reads: tuple[int, ...]
    adds: int = 0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Network:
    """A network from the inputs at a point to three raw outputs, or one.

    Attributes:
        inputs: What each input is.
        layers: The hidden layers, and the output layer last.
    """

    inputs: tuple[str | CustomInput, ...]
    layers: tuple[Layer, ...]

    @property
    def hidden(self) -> tuple[Layer, ...]:
        """The layers before the output layer."""
        return self.layers[:-1]

    @property
    def output(self) -> Layer:
        """The last layer."""
        return self.layers[-1]


_SHAPING = (
    *("topology", "widths", "activation", "output_activation", "weights", "output_weights"),
    *("biases", "bias_layers", "inputs", "seed", "color"),
)


def build(settings: LabSettings) -> Network:
    """Return the network of settings; the same settings give the same network everywhere.

    View, z and coordinates do not matter for it.
    """
    bare = {name: getattr(settings, name) for name in _SHAPING}
    bare["color"] = "grey" if settings.color == "grey" else "rgb"
    return _build(LabSettings(**bare))


@lru_cache(maxsize=2)
def _build(settings: LabSettings) -> Network:
    layers, before = [], 0
    for number, shape in enumerate(settings.shapes[:-1], 1):
        reads, adds = _wiring(settings, number)
        layers.append(_layer(settings, number, shape, reads, adds))
        before = number
    reads = _wiring(settings, before + 1)[0]
    layers.append(_layer(settings, OUTPUT_PATH, settings.shapes[-1], reads, 0))
    return Network(inputs=settings.inputs, layers=tuple(layers))


def _wiring(settings: LabSettings, number: int) -> tuple[tuple[int, ...], int]:
    """Return what a layer reads, and the layer it adds to its own values."""
    if settings.topology == "densenet":
        return tuple(range(number)), 0
    last = number - 1
    widths = (0, *settings.widths, 0)
    adds = settings.topology == "resnet" and last > 0 and widths[number] == widths[last]
    return (last,), last if adds else 0


def _layer(
    settings: LabSettings, path: int, shape: tuple[int, int], reads: tuple[int, ...], adds: int
) -> Layer:
    reading, width = shape
    first, last = reads == (0,), path == OUTPUT_PATH
    weights = (settings.output_weights if last else None) or settings.weights
    source = Source(settings.seed, path, WEIGHTS)
    drawn = draw(weights, (width, reading), source, first=first)
    biases = np.zeros(width, dtype=np.float32)
    if settings.bias_layers == "all" or (settings.bias_layers == "first" and first):
        source = Source(settings.seed, path, BIASES)
        biases = draw_biases(settings.biases, (width, reading), source, first=first)
    for array in (drawn, biases):
        array.setflags(write=False)  # networks are kept and shared
    return Layer(
        weights=drawn,
        biases=biases,
        activation=settings.output_activation if last else settings.activation,
        reads=reads,
        adds=adds,
    )


# The least and the largest x and y along the shorter side, before `scale`; pixels end at `frame`.
_ENDS: Mapping[Coordinates, tuple[float, float]] = {"half": (-0.5, 0.5), "centred": (-1.0, 1.0)}


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """How the network's x and y follow from a picture's, where the shorter side spans -1 to 1.

    x' = xx x + xy y + x0, and y' = yx x + yy y + y0.
    """

    xx: float
    xy: float
    x0: float
    yx: float
    yy: float
    y0: float


def view_of(settings: LabSettings) -> View:
    """Return how a picture's coordinates become the network's."""
    low, high = _ENDS.get(settings.coordinates, (0.0, settings.frame))
    middle, half = (low + high) / 2 * settings.scale, (high - low) / 2 * settings.scale
    turn = math.radians(settings.rotation % 360.0)
    # Whole quarters exactly, as sin(pi) is not quite 0; and the same digits on every machine.
    cos, sin = round(math.cos(turn), 12), round(math.sin(turn), 12)
    step = half / settings.zoom
    x, y = settings.center
    return View(
        xx=cos * step,
        xy=sin * step,
        x0=middle + half * x,
        yx=-sin * step,
        yy=cos * step,
        y0=middle + half * y,
    )


def input_values(settings: LabSettings, x: Array, y: Array) -> Array:
    """Return what the first layer reads at points of the picture.

    Args:
        settings: For the inputs and the view.
        x: float64, shape (P,), -1 to 1 along the shorter side of the picture.
        y: float64, shape (P,), downwards.

    Returns:
        float64, shape (inputs, P).
    """
    view = view_of(settings)
    across = view.xx * x + view.xy * y + view.x0
    down = view.yx * x + view.yy * y + view.y0
    return np.stack([_input(each, across, down, settings.z) for each in settings.inputs])


def _input(each: str | CustomInput, x: Array, y: Array, z: float) -> Array:
    if not isinstance(each, CustomInput):
        return INPUTS[each].reference(x, y, z)
    total = each.x * x + each.y * y + each.r * np.sqrt(x * x + y * y) + each.shift
    return ACTIVATIONS[each.function].reference(np.clip(total, -1e4, 1e4))


def layer_values(network: Network, inputs: Array) -> list[Array]:
    """Return the values of every layer, in 64 bits: the inputs first, the raw outputs last.

    Args:
        network: The network.
        inputs: float64, shape (inputs, P), as `input_values` returns them.

    Returns:
        float64 arrays of shape (neurons, P), one more than there are layers.
    """
    values = [inputs]
    for layer in network.layers:
        read = np.concatenate([values[place] for place in layer.reads])
        total = layer.weights.astype(np.float64) @ read + layer.biases[:, None]
        found = ACTIVATIONS[layer.activation].reference(np.clip(total, -1e4, 1e4))
        values.append(found + values[layer.adds] if layer.adds else found)
    return values
