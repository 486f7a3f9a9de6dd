"""What becomes of a picture's points inside a network: where values spread, die or saturate.

Measured on few points of the plane, fewer the larger a network is, so that it takes a moment for
every network of the Lab. Rounding does not matter here, so whole layers are matrix products.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from breeder.activations import ACTIVATIONS, SUM_LIMIT
from breeder.lab.complexity import (
    breakpoints,
    curve_lengths,
    half_distance,
    mean_growth,
    pattern_keys,
)
from breeder.lab.networks import Layer, Network, input_values
from breeder.lab.settings import CustomInput, LabSettings

Floats = NDArray[np.float64]

WORK = 1_500_000_000
"""Multiplications spent on one measure: a fifth of a second on one core."""

FLAT_SLOPE = 0.01
"""An activation less steep than this share of its steepest passes next to nothing on."""

STILL = 0.01
"""A neuron that varies less than this (for bounded activations), or than this share of its layer's
size, says the same everywhere."""

DEAD_SPREAD = 0.02
"""A bounded layer that varies less than this over the picture has lost the signal."""

BINS = 32
CIRCLE = 0.75
"""Radius of the circle that is carried through the layers; the picture spans -1 to 1."""

KINKS = {"relu": (0.0,), "leaky_relu": (0.0,), "abs": (0.0,), "identity": ()}
"""The activations of straight pieces, and the sums at which they bend besides ±SUM_LIMIT."""

_STRAIGHT_INPUTS = ("x", "y", "z", "bias")
_LINES = (
    ((-1.0, -0.5), (1.0, -0.5)),
    ((-0.5, -1.0), (-0.5, 1.0)),
    ((-1.0, -1.0), (1.0, 1.0)),
    ((-1.0, 0.5), (1.0, 0.5)),
    ((0.5, -1.0), (0.5, 1.0)),
    ((-1.0, 1.0), (1.0, -1.0)),
)
"""From and to, in the picture: the sides of a tic-tac-toe board, and the diagonals."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerSignal:
    """The values of one layer over the picture.

    Attributes:
        name: "inputs", "hidden 1" and so on, "outputs".
        neurons: How many there are.
        size: Root mean square of the values.
        spread: Root mean square over neurons of the standard deviation over the picture.
        flat: Share of values where the activation is flat: saturated, or off.
        still: Share of neurons that say the same all over the picture.
        edges: Bounds of the histogram's bins, ascending, shape (BINS + 1,).
        shares: Share of the values in each bin; those beyond the ends count into the last bins.
    """

    name: str
    neurons: int
    size: float
    spread: float
    flat: float
    still: float
    edges: tuple[float, ...]
    shares: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Signals:
    """What becomes of a picture's points inside a network.

    Attributes:
        layers: The inputs, each hidden layer, the raw outputs.
        points: How many points were asked.
        verdict: One sentence: where the signal dies or saturates, or that it comes through.
    """

    layers: tuple[LayerSignal, ...]
    points: int
    verdict: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """A circle carried through the layers.

    Attributes:
        lengths: In the inputs, each hidden layer and the outputs, per root of the neurons.
        growth: Mean factor from one hidden layer to the next; None with fewer than two, or where
            nothing is left of the circle.
        dense: Whether the points followed every turn; if not, lengths are at least these.
        points: How many points were carried.
    """

    lengths: tuple[float, ...]
    growth: float | None
    dense: bool
    points: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Regions:
    """The straight pieces of a network of straight pieces.

    Attributes:
        along_lines: Pieces along each line that was counted, exactly.
        whole: Whether all pieces were counted; if not, there are at least these.
        patterns: Patterns of active neurons among the points of a grid: at least as many pieces
            does the picture have.
        points: Points of that grid.
    """

    along_lines: tuple[int, ...]
    whole: bool
    patterns: int
    points: int

    @property
    def mean(self) -> float | None:
        """The mean number of pieces along a line; None where no line was counted."""
        return float(np.mean(self.along_lines)) if self.along_lines else None


def signals(settings: LabSettings, network: Network, *, side: int = 64) -> Signals:
    """Return how a picture's points spread inside a network, on a grid of at most side x side."""
    x, y = _grid(_affordable(network, side * side))
    inputs = input_values(settings, x, y)
    found = [_inputs_signal(inputs)]
    last = len(network.layers)
    for number, (layer, sums, values) in enumerate(_through(network, inputs), 1):
        name = "outputs" if number == last else f"hidden {number}"
        found.append(_layer_signal(name, layer, sums, values))
    return Signals(layers=tuple(found), points=x.size, verdict=_verdict(found, network))


def curve(settings: LabSettings, network: Network, *, points: int = 4096) -> Curve:
    """Return how long a circle in the picture becomes from layer to layer."""
    points = 2 * (_affordable(network, points) // 2)
    angle = np.arange(points) * (2.0 * math.pi / points)
    inputs = input_values(settings, CIRCLE * np.cos(angle), CIRCLE * np.sin(angle))
    values = [inputs, *(values for _, _, values in _through(network, inputs))]
    lengths, dense = curve_lengths(values)
    return Curve(lengths=lengths, growth=mean_growth(lengths[1:-1]), dense=dense, points=points)


def zoomable(settings: LabSettings, network: Network) -> float | None:
    """Return how many times closer one can go before the picture is calm; None for one colour.

    Of the raw outputs, so that it does not depend on what colours they mean.
    """
    points = max(128, min(1024, WORK // (18 * _weights(network))))

    def output_at(x: Floats, y: Floats) -> Floats:
        *_, (_, _, values) = _through(network, input_values(settings, x, y))
        return values.T

    distance = half_distance(output_at, points=points, finest=17)
    return None if distance is None else 1.0 / distance


def is_straight(settings: LabSettings) -> bool:
    """Return whether a network's layers are made of straight pieces over the picture."""
    return settings.activation in KINKS and all(
        each in _STRAIGHT_INPUTS
        or (isinstance(each, CustomInput) and each.function == "identity" and not each.r)
        for each in settings.inputs
    )


def regions(settings: LabSettings, network: Network, *, side: int = 128) -> Regions | None:
    """Return the straight pieces of the hidden layers, or None if they are not straight.

    Lines are counted exactly where that is affordable, none for the largest networks.
    """
    if not is_straight(settings) or not network.hidden:
        return None
    counts, whole = [], True
    for start, end in _LINES[: _affordable_lines(network)]:
        places, complete = _bends(settings, network, start, end)
        counts.append(len(places) - 1)
        whole = whole and complete
    x, y = _grid(_affordable(network, side * side))
    keys = np.zeros(x.size, dtype=np.uint64)
    rng = np.random.default_rng(0)
    for layer, sums, _ in _through(network, input_values(settings, x, y), hidden=True):
        keys += pattern_keys(sums, _levels(layer), rng)
    return Regions(
        along_lines=tuple(counts), whole=whole, patterns=len(np.unique(keys)), points=x.size
    )


def _bends(
    settings: LabSettings, network: Network, start: tuple[float, float], end: tuple[float, float]
) -> tuple[Floats, bool]:
    def sums_at(number: int, t: Floats) -> Floats:
        x, y = (a + (b - a) * t for a, b in zip(start, end, strict=True))
        found = _through(network, input_values(settings, x, y), hidden=True)
        return next(islice(found, number, None))[1]

    return breakpoints(sums_at, [_levels(layer) for layer in network.hidden])


def _levels(layer: Layer) -> tuple[float, ...]:
    return (-SUM_LIMIT, *KINKS[layer.activation], SUM_LIMIT)


def _through(
    network: Network, inputs: Floats, *, hidden: bool = False
) -> Iterator[tuple[Layer, Floats, Floats]]:
    """Yield each layer with its weighted sums and its values, shape (neurons, P)."""
    values = [inputs]
    for layer in network.hidden if hidden else network.layers:
        read = np.concatenate([values[place] for place in layer.reads])
        sums = layer.weights.astype(np.float64) @ read + layer.biases[:, None]
        np.clip(sums, -SUM_LIMIT, SUM_LIMIT, out=sums)
        found = ACTIVATIONS[layer.activation].reference(sums)
        values.append(found + values[layer.adds] if layer.adds else found)
        yield layer, sums, values[-1]


def _weights(network: Network) -> int:
    return max(1, sum(layer.weights.size for layer in network.layers))


def _affordable(network: Network, points: int) -> int:
    return int(max(256, min(points, WORK // _weights(network))))


def _affordable_lines(network: Network) -> int:
    # A line through random layers has about as many bends as there are neurons (Hanin and Rolnick
    # 2019), and each layer asks all layers before it about all bends found so far.
    neurons = sum(len(layer.weights) for layer in network.hidden)
    work = neurons * _weights(network) * len(network.hidden) // 2
    return int(min(len(_LINES), WORK // max(1, work)))


def _grid(points: int) -> tuple[Floats, Floats]:
    side = math.isqrt(points)
    across = (2.0 * np.arange(side) + 1.0 - side) / side
    return np.tile(across, side), np.repeat(across, side)


def _inputs_signal(values: Floats) -> LayerSignal:
    edges, shares = _histogram(values, None)
    spreads = values.std(axis=1)
    return LayerSignal(
        name="inputs",
        neurons=len(values),
        size=_rms(values),
        spread=_rms(spreads),
        flat=0.0,
        still=float((spreads == 0.0).mean()),
        edges=edges,
        shares=shares,
    )


def _layer_signal(name: str, layer: Layer, sums: Floats, values: Floats) -> LayerSignal:
    size, spreads = _rms(values), values.std(axis=1)
    bounds = None if layer.adds else _bounds(layer.activation)
    edges, shares = _histogram(values, bounds)
    return LayerSignal(
        name=name,
        neurons=len(values),
        size=size,
        spread=_rms(spreads),
        flat=_flat_share(layer.activation, sums),
        still=float((spreads <= STILL * (1.0 if bounds else size)).mean()),
        edges=edges,
        shares=shares,
    )


def _bounds(activation: str) -> tuple[float, float] | None:
    row = ACTIVATIONS[activation]
    return (row.low, row.high) if row.high - row.low <= 2.0 else None


def _flat_share(activation: str, sums: Floats) -> float:
    """Return the share of sums where an activation has below FLAT_SLOPE of its steepest slope."""
    at, step = ACTIVATIONS[activation].reference, 1e-3
    axis = np.linspace(-3.0, 3.0, 601)
    steepest = float(np.abs(at(axis + step) - at(axis - step)).max())
    slope = np.abs(at(sums + step) - at(sums - step))
    return float((slope < FLAT_SLOPE * steepest).mean())


def _histogram(
    values: Floats, bounds: tuple[float, float] | None
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    if bounds is None:
        low, high = (float(end) for end in np.quantile(values, (0.005, 0.995)))
        middle = (low + high) / 2.0
        half = max((high - low) / 2.0, 1e-6 * max(1.0, abs(middle)))
        bounds = (middle - half, middle + half)
    counts, edges = np.histogram(np.clip(values, *bounds), bins=BINS, range=bounds)
    return tuple(edges.tolist()), tuple((counts / values.size).tolist())


def _rms(values: Floats) -> float:
    return math.sqrt(float((values * values).mean()))


def _verdict(found: list[LayerSignal], network: Network) -> str:
    """Say where the signal dies or saturates."""
    outputs = found[-1]
    for layer, signal in zip(network.layers, found[1:], strict=True):
        if _bounds(layer.activation) and not layer.adds and signal.spread < DEAD_SPREAD:
            return (
                f"The signal dies in {signal.name}: values vary by {signal.spread:.2g} over the "
                f"picture there, less than {DEAD_SPREAD}, and by {found[0].spread:.2g} in the "
                "inputs. Each layer sums up values that are nearly the same everywhere."
            )
    hidden = [signal for signal in found[1:-1] if signal.flat > 0.5]
    if hidden and _bounds(network.layers[0].activation):
        first = hidden[0]
        return (
            f"Saturated from {first.name} on: {first.flat:.0%} of its values lie where the "
            "activation is flat, so neurons are either on or off and edges are hard."
        )
    if outputs.flat > 0.5:
        return (
            f"The outputs are saturated: {outputs.flat:.0%} of their sums lie where the activation "
            "is flat, so colours are pure."
        )
    return (
        f"The signal comes through: values vary by {outputs.spread:.2g} in the outputs, by "
        f"{found[0].spread:.2g} in the inputs."
    )
