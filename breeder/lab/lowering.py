"""Networks as nodes and connections: what Programs and Genomes of the Lab are both made from.

View and z are folded into the weights of the first layer, so that one picture of the Lab is one
program on a plain canvas, and the genome that breeding gets is drawn with the same numbers in the
same order: to the byte. That is why connections stand in the order in which a genome's would.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from breeder.activations import ACTIVATIONS, OPERATION_CODES
from breeder.errors import SettingsError
from breeder.genome import OUTPUTS, ColorModel
from breeder.inputs import INPUT_CODES
from breeder.lab.networks import Layer, Network, View, view_of
from breeder.lab.settings import CustomInput, LabColor, LabSettings
from breeder.program import Program

Array = NDArray[np.float64]
Places = NDArray[np.int32]

LUMA = {"red": 0.2126, "green": 0.7152, "blue": 0.0722}
"""How bright a colour is (Rec. 709)."""

MODELS: dict[LabColor, ColorModel] = {
    "rgb": "rgb",
    "hsv": "hsb",
    "lab": "lab",
    "oklab": "oklab",
    "grey": "grey",
}
"""The colour model of genomes that shows each colour of the Lab."""

SIGNED = {"green_red", "blue_yellow"}
"""Channels that run from -1 to 1; the others run from 0 to 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Nodes of one activation that stand at one level.

    Attributes:
        keys: The nodes' keys in a genome.
        activation: Of all of them.
        level: 0 where only inputs feed them.
        sources: The values each node reads, in the order of their keys, int32, shape (M, N).
        weights: float64, shape (M, N).
        biases: float64, shape (M,).
    """

    keys: tuple[str, ...]
    activation: str
    level: int
    sources: Places
    weights: Array
    biases: Array


@dataclass(frozen=True, slots=True, kw_only=True)
class Graph:
    """A network with its view and colour, ready to become a program or a genome.

    Attributes:
        inputs: Names of the inputs of the table that are read; values 0 and up.
        groups: The nodes, every source before its readers; values after the inputs.
        color: The colour model of the outputs.
        outputs: The value of each channel.
    """

    inputs: tuple[str, ...]
    groups: tuple[Group, ...]
    color: ColorModel
    outputs: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """An affine map of a channel: value * factor + shift."""

    factor: float = 1.0
    shift: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Form:
    """A number at a point: a sum of values and a constant."""

    terms: dict[int, float] = field(default_factory=dict)
    constant: float = 0.0

    def times(self, factor: float, shift: float = 0.0) -> _Form:
        terms = {place: weight * factor for place, weight in self.terms.items()}
        return _Form(terms=terms, constant=self.constant * factor + shift)

    def plus(self, other: _Form) -> _Form:
        terms = dict(self.terms)
        for place, weight in other.terms.items():
            terms[place] = terms.get(place, 0.0) + weight
        return _Form(terms=terms, constant=self.constant + other.constant)


RAW = ("r", "x", "y")
"""The inputs of the table that folded networks read, in the order of their names."""


class Builder:
    """Collects nodes while a network is lowered."""

    def __init__(self) -> None:
        self.groups: list[Group] = []
        self.keys: list[str] = list(RAW)
        self.levels: list[int] = [-1] * len(RAW)

    def add(
        self,
        activation: str,
        sources: Sequence[int] | Places,
        weights: Array,
        biases: Array,
        keys: Sequence[str] = (),
    ) -> list[int]:
        """Add nodes that read the same values, or each its own, and return their places.

        Args:
            activation: Of all nodes.
            sources: Places, shape (N,) or (M, N).
            weights: float64, shape (M, N).
            biases: float64, shape (M,).
            keys: Of the nodes; numbered if left out.
        """
        first, count = len(self.keys), len(biases)
        names = tuple(keys) or tuple(f"n{first + number:05}" for number in range(count))
        places = np.atleast_2d(np.asarray(sources, dtype=np.int32))
        order = np.argsort([self.keys[place] for place in places[0].tolist()], kind="stable")
        if places.shape[0] == 1:  # all read the same: one order for all
            places, weights = places[:, order], weights[:, order]
        level = 1 + max((self.levels[place] for place in np.unique(places).tolist()), default=-1)
        self.groups.append(
            Group(
                keys=names,
                activation=activation,
                level=level,
                sources=np.broadcast_to(places, weights.shape),
                weights=weights,
                biases=biases,
            )
        )
        self.keys += names
        self.levels += [level] * count
        return list(range(first, first + count))

    def add_one(self, activation: str, form: _Form, key: str = "") -> int:
        """Add one node of a sum and return its place."""
        sources = list(form.terms)
        weights = np.array([[form.terms[place] for place in sources]], dtype=np.float64)
        biases = np.array([form.constant])
        return self.add(activation, sources, weights, biases, (key,) if key else ())[0]


def lower(
    settings: LabSettings, network: Network, stretches: Sequence[Stretch] | None = None
) -> Graph:
    """Return a network as nodes and connections, its view, z and colour folded in.

    Args:
        settings: What shows the network.
        network: The network of these settings, or of others of the same shape (trained ones).
        stretches: For "hsv", how each output is stretched; as it is if left out.
    """
    builder = Builder()
    forms = _inputs(builder, settings)
    values: list[list[int]] = [[]]
    for layer in network.hidden:
        values.append(_layer(builder, layer, forms, values))
    color, outputs = _paint(builder, settings, network, forms, values, stretches)
    return _graph(builder, color, outputs)


def _inputs(builder: Builder, settings: LabSettings) -> list[_Form]:
    """Return what each input of the network is, in a picture's own x, y and r."""
    view = view_of(settings)
    x = _Form(terms={RAW.index("x"): view.xx, RAW.index("y"): view.xy}, constant=view.x0)
    y = _Form(terms={RAW.index("x"): view.yx, RAW.index("y"): view.yy}, constant=view.y0)
    x, y = _without_nothing(x), _without_nothing(y)
    maker = _Inputs(builder, view, x, y, settings.z)
    return [maker.form(each) for each in settings.inputs]


def _without_nothing(form: _Form) -> _Form:
    terms = {place: weight for place, weight in form.terms.items() if weight != 0.0}
    return _Form(terms=terms, constant=form.constant)


class _Inputs:
    """Makes the inputs of a network from those of a picture."""

    def __init__(self, builder: Builder, view: View, x: _Form, y: _Form, z: float) -> None:
        self._builder, self._view, self._x, self._y, self._z = builder, view, x, y, z
        self._radius: _Form | None = None

    def form(self, each: str | CustomInput) -> _Form:
        if isinstance(each, CustomInput):
            total = self._x.times(each.x, each.shift).plus(self._y.times(each.y))
            if each.r:
                total = total.plus(self._r().times(each.r))
            return self._node(each.function, total)
        made: dict[str, Callable[[], _Form]] = {
            "x": lambda: self._x,
            "y": lambda: self._y,
            "z": lambda: _Form(constant=self._z),
            "bias": lambda: _Form(constant=1.0),
            "r": self._r,
            "d": lambda: self._r().times(math.sqrt(2.0)),
            "x2": lambda: self._square(self._x),
            "y2": lambda: self._square(self._y),
            "cos10r": lambda: self._node("cos", self._r().times(10.0)),
        }
        if each not in made:
            raise SettingsError(f"The Lab has no input {each!r} yet.")
        return made[each]()

    def _node(self, activation: str, form: _Form) -> _Form:
        return _Form(terms={self._builder.add_one(activation, form): 1.0})

    def _square(self, form: _Form) -> _Form:
        # Large numbers are made small first: a node's sum is cut off at 10,000.
        unit = _power_over(_size(form))
        return self._node("square", form.times(1.0 / unit)).times(unit * unit)

    def _r(self) -> _Form:
        if self._radius is None:
            self._radius = self._new_radius()
        return self._radius

    def _new_radius(self) -> _Form:
        view = self._view
        if view.x0 == 0.0 and view.y0 == 0.0:
            length = math.sqrt(view.xx * view.xx + view.xy * view.xy)
            return _Form(terms={RAW.index("r"): length})
        unit = _power_over(max(_size(self._x), _size(self._y)))
        squares = [self._node("square", form.times(1.0 / unit)) for form in (self._x, self._y)]
        return self._node("sqrt", squares[0].plus(squares[1])).times(unit)


def _power_over(size: float) -> float:
    """Return the power of two above a size: multiplying by it rounds nothing."""
    return math.ldexp(1.0, math.frexp(size)[1])


def _size(form: _Form) -> float:
    """Return about the largest that a sum of x and y becomes in a picture."""
    return sum(map(abs, form.terms.values())) + abs(form.constant)


def _layer(
    builder: Builder, layer: Layer, forms: Sequence[_Form], values: Sequence[Sequence[int]]
) -> list[int]:
    """Add the nodes of a layer; return the places of its values."""
    sources, weights, biases = _folded(layer, forms, values)
    places = builder.add(layer.activation, sources, weights, biases)
    if not layer.adds:
        return places
    pairs = np.array([places, values[layer.adds]], dtype=np.int32).T
    pairs.sort(axis=1)  # by key, as a genome's connections; both weigh 1
    return builder.add("identity", pairs, np.ones(pairs.shape), np.zeros(len(pairs)))


def _folded(
    layer: Layer, forms: Sequence[_Form], values: Sequence[Sequence[int]]
) -> tuple[list[int], Array, Array]:
    """Return a layer's sources, weights and biases, the network's inputs replaced by what they are.

    Summed one after the other: a library's product of matrices has other last digits elsewhere.
    """
    weights = layer.weights.astype(np.float64)
    biases = layer.biases.astype(np.float64)
    columns: dict[int, Array] = {}
    start, plain = 0, list[int]()
    kept = []
    for number in layer.reads:
        if number:
            plain += values[number]
            kept.append(weights[:, start : start + len(values[number])])
            start += len(values[number])
            continue
        for form in forms:
            column = weights[:, start]
            biases = biases + column * form.constant
            for place, factor in form.terms.items():
                columns[place] = columns.get(place, 0.0) + column * factor
            start += 1
    folded = [*(column[:, None] for column in columns.values()), *kept]
    joined = np.concatenate(folded, axis=1) if folded else np.empty((len(biases), 0))
    return [*columns, *plain], joined, biases


def _paint(
    builder: Builder,
    settings: LabSettings,
    network: Network,
    forms: Sequence[_Form],
    values: Sequence[Sequence[int]],
    stretches: Sequence[Stretch] | None,
) -> tuple[ColorModel, list[int]]:
    """Add the output layer and what turns its values into a colour; return its model and places."""
    model = MODELS[settings.color]
    keys = OUTPUTS[model]
    affine = stretches or [_span(network.output.activation, key) for key in keys]
    sources, weights, biases = _folded(network.output, forms, values)
    plain = all(each == Stretch() for each in affine)
    named = keys if plain and not settings.black_and_white else ()
    raw = builder.add(network.output.activation, sources, weights, biases, named)
    channels = [
        _Form(terms={place: each.factor}, constant=each.shift)
        for place, each in zip(raw, affine, strict=True)
    ]
    if settings.black_and_white:
        bright = _brightness(model, channels)
        return "grey", [builder.add_one("identity", bright, "brightness")]
    if named:
        return model, raw
    pairs = zip(channels, keys, strict=True)
    return model, [builder.add_one("identity", form, key) for form, key in pairs]


def _span(activation: str, key: str) -> Stretch:
    """Return what brings an activation's values to those that a channel means.

    Values from -1 to 1 become (value + 1) / 2 where a channel runs from 0 to 1; those of functions
    without bounds stay, and are cut off.
    """
    row = ACTIVATIONS[activation]
    bipolar, bounded = row.low < 0.0, row.low >= -1.0 and row.high <= 1.0
    if not bounded or bipolar == (key in SIGNED):
        return Stretch()
    return Stretch(factor=0.5, shift=0.5) if bipolar else Stretch(factor=2.0, shift=-1.0)


def _brightness(model: ColorModel, channels: Sequence[_Form]) -> _Form:
    if model == "rgb":
        total = _Form()
        for form, key in zip(channels, OUTPUTS[model], strict=True):
            total = total.plus(form.times(LUMA[key]))
        return total
    return channels[2] if model == "hsb" else channels[0]


def _graph(builder: Builder, color: ColorModel, outputs: Sequence[int]) -> Graph:
    """Return what was built, the inputs that nothing reads left out."""
    used = np.zeros(len(builder.keys), dtype=bool)
    for group in builder.groups:
        used[np.unique(group.sources)] = True
    inputs = [place for place in range(len(RAW)) if used[place]]
    moved = np.arange(len(builder.keys), dtype=np.int32) - (len(RAW) - len(inputs))
    moved[inputs] = np.arange(len(inputs))
    groups = [
        Group(
            keys=group.keys,
            activation=group.activation,
            level=group.level,
            sources=moved[group.sources],
            weights=group.weights,
            biases=group.biases,
        )
        for group in builder.groups
    ]
    return Graph(
        inputs=tuple(RAW[place] for place in inputs),
        groups=tuple(groups),
        color=color,
        outputs=tuple(int(moved[place]) for place in outputs),
    )


def to_program(graph: Graph) -> Program:
    """Return the program of a graph: flat arrays, without a loop over its connections."""
    groups = graph.groups
    # By level and operation, as programs of genomes stand; sources come first all the same.
    order = sorted(
        range(len(groups)),
        key=lambda each: (groups[each].level, OPERATION_CODES[groups[each].activation], each),
    )
    starts = np.cumsum([len(graph.inputs), *(len(group.keys) for group in groups)])
    moved = np.arange(starts[-1], dtype=np.int32)
    place = len(graph.inputs)
    for each in order:
        size = len(groups[each].keys)
        moved[starts[each] : starts[each] + size] = np.arange(place, place + size)
        place += size
    chosen = [groups[each] for each in order]
    sizes = np.concatenate([np.full(len(g.keys), g.sources.shape[1]) for g in chosen])
    codes = [np.full(len(g.keys), OPERATION_CODES[g.activation]) for g in chosen]
    levels = [np.full(len(g.keys), g.level) for g in chosen]
    arrays: dict[str, NDArray[Any]] = {
        "inputs": np.array([INPUT_CODES[name] for name in graph.inputs], dtype=np.int16),
        "operations": np.concatenate(codes).astype(np.int16),
        "levels": np.concatenate(levels).astype(np.int32),
        "offsets": np.concatenate([[0], np.cumsum(sizes)]).astype(np.int32),
        "sources": np.concatenate([moved[g.sources].ravel() for g in chosen]),
        "outputs": moved[list(graph.outputs)],
    }
    digest = hashlib.blake2b(graph.color.encode(), digest_size=16)
    for array in arrays.values():
        digest.update(array.tobytes())
    return Program(
        **arrays,
        weights=np.concatenate([group.weights.ravel() for group in chosen]),
        biases=np.concatenate([group.biases for group in chosen]),
        color=graph.color,
        structure=digest.hexdigest(),
    )
