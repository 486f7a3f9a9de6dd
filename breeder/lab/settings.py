"""Everything a Lab picture follows from, checked, and the address that says it.

An address is a query string of what differs from the defaults of its version, with floats in their
shortest form that reads back bit for bit. Whoever changes a default, or what a name means, raises
VERSION and keeps reading the older ones: links have been given away.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from itertools import groupby
from typing import Any, Literal, get_args
from urllib.parse import parse_qsl, urlencode

from breeder.activations import ACTIVATIONS
from breeder.errors import SettingsError
from breeder.inputs import INPUTS

VERSION = 1

Topology = Literal["perceptron", "resnet", "densenet"]
Coordinates = Literal["half", "centred", "pixels"]
BiasLayers = Literal["none", "first", "all"]
LabColor = Literal["rgb", "hsv", "lab", "oklab", "grey"]
TOPOLOGIES: tuple[Topology, ...] = get_args(Topology)
COORDINATES: tuple[Coordinates, ...] = get_args(Coordinates)
BIAS_LAYERS: tuple[BiasLayers, ...] = get_args(BiasLayers)
LAB_COLORS: tuple[LabColor, ...] = get_args(LabColor)

MAX_LAYERS = 64
MAX_WIDTH = 512
MAX_WEIGHTS = 8_000_000
"""29 layers of 512, the largest of the sweeps, have 7.3 million."""
MAX_INPUTS = 16
MAX_SEED = 2**53 - 1
"""The largest that a browser's numbers hold exactly."""
MAX_CAPTION = 120
MAX_QUERY = 4_000
"""Characters of an address; the longest honest one has some 2,000."""

FUNCTIONS = (
    *("identity", "sin", "cos", "tanh", "sigmoid", "gaussian", "bipolar_gaussian"),
    *("abs", "square", "relu", "triangle"),
)
"""What an input of one's own may be a function of."""


def _listed(names: Sequence[str]) -> str:
    return f" ({', '.join(names)})" if names else ""


def _check_name(what: str, name: str, known: Sequence[str]) -> None:
    if name not in known:
        raise SettingsError(f"There is no {what} {str(name)[:40]!r}; there are {', '.join(known)}.")


def _check_number(what: str, number: float, low: float, high: float) -> None:
    if not (math.isfinite(number) and low <= number <= high):
        raise SettingsError(f"{what} must lie between {low:g} and {high:g}, not {number:g}.")


def _check_whole(what: str, number: float, low: int, high: int) -> None:
    if not low <= number <= high or number != int(number):
        raise SettingsError(
            f"{what} must be a whole number from {low} to {high}, not {number!s:.40}."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class InitialisationRow:
    """What an initialisation is called, and the numbers it takes.

    Attributes:
        title: A few words for people.
        numbers: The name of each number.
        defaults: Their usual values.
        low: The least each may be.
        high: The most each may be.
    """

    title: str
    numbers: tuple[str, ...] = ()
    defaults: tuple[float, ...] = ()
    low: float = -1e4
    high: float = 1e4


INITIALISATIONS: Mapping[str, InitialisationRow] = {
    "pytorch": InitialisationRow(title="PyTorch's default, uniform ±1/√N"),
    "uniform": InitialisationRow(
        title="uniform ±a", numbers=("a",), defaults=(1.0,), low=0.0, high=1e4
    ),
    "normal": InitialisationRow(title="normal", numbers=("mean", "std"), defaults=(0.0, 1.0)),
    "beta_variance": InitialisationRow(
        title="normal, variance β/N", numbers=("log2 β",), defaults=(5.0,), low=-16.0, high=20.0
    ),
    "beta_std": InitialisationRow(
        title="normal, standard deviation β/N",
        numbers=("log2 β",),
        defaults=(5.0,),
        low=-16.0,
        high=16.0,
    ),
    "glorot_uniform": InitialisationRow(title="Glorot, uniform ±√(6/(N+M))"),
    "glorot_normal": InitialisationRow(title="Glorot, normal, variance 2/(N+M)"),
    "he": InitialisationRow(title="He, normal, variance 2/N"),
    "lecun": InitialisationRow(title="LeCun, normal, variance 1/N"),
    "siren": InitialisationRow(
        title="SIREN, uniform ±ω/N first, then ±√(6/N)", numbers=("ω",), defaults=(30.0,), low=0.0
    ),
    "orthogonal": InitialisationRow(
        title="orthogonal times a gain", numbers=("gain",), defaults=(1.0,), low=0.0
    ),
    "constant": InitialisationRow(title="constant", numbers=("value",), defaults=(0.0,)),
}
"""Every way to choose weights and biases: N is what a neuron reads, M how many there are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Initialisation:
    """How weights or biases are drawn.

    Attributes:
        name: A name from INITIALISATIONS.
        numbers: What it takes; the usual ones if left out.

    Raises:
        SettingsError: The name is unknown, or a number is missing or outside its range.
    """

    name: str = "normal"
    numbers: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        row = INITIALISATIONS.get(self.name)
        if row is None:
            raise SettingsError(
                f"There is no initialisation {self.name!r}; there are {', '.join(INITIALISATIONS)}."
            )
        numbers = tuple(float(number) + 0.0 for number in self.numbers) or row.defaults
        if len(numbers) != len(row.numbers):
            raise SettingsError(
                f"The initialisation {self.name} takes {len(row.numbers)} numbers"
                f"{_listed(row.numbers)}, not {len(numbers)}."
            )
        for name, number in zip(row.numbers, numbers, strict=True):
            _check_number(f"The {name} of {self.name}", number, row.low, row.high)
        object.__setattr__(self, "numbers", numbers)

    @property
    def title(self) -> str:
        """What it is called for people, with its numbers: "normal (mean 0, std 1)"."""
        row = INITIALISATIONS[self.name]
        said = ", ".join(
            f"{name} {number:g}" for name, number in zip(row.numbers, self.numbers, strict=True)
        )
        return f"{row.title} ({said})" if said else row.title


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomInput:
    """An input of one's own: f(a x + b y + c r + d), in the coordinates of the network.

    Attributes:
        function: f, a name from FUNCTIONS.
        x: The factor a on x.
        y: The factor b on y.
        r: The factor c on the distance from where x and y are 0.
        shift: d.

    Raises:
        SettingsError: The function is unknown, or a number outside ±10,000.
    """

    function: str
    x: float = 0.0
    y: float = 0.0
    r: float = 0.0
    shift: float = 0.0

    def __post_init__(self) -> None:
        if self.function not in FUNCTIONS:
            raise SettingsError(
                f"There is no function {self.function!r} for an input; there are "
                f"{', '.join(FUNCTIONS)}."
            )
        for name in ("x", "y", "r", "shift"):
            number = float(getattr(self, name)) + 0.0
            _check_number(f"The {name} of an input", number, -1e4, 1e4)
            object.__setattr__(self, name, number)


@dataclass(frozen=True, slots=True, kw_only=True)
class LabSettings:
    """A random network and how it is shown; the same settings give the same picture everywhere.

    Attributes:
        topology: "perceptron"; "resnet", whose layers add to what they read; or "densenet", whose
            layers read the inputs and all layers before.
        widths: Neurons of each hidden layer; none joins the inputs to the outputs directly.
        activation: Of the hidden layers, from the table of activations.
        output_activation: Of the output layer. Where it runs from -1 to 1, it is shown as
            (value + 1) / 2.
        weights: Of the hidden layers, and of the output layer unless that has its own.
        output_weights: Of the output layer.
        biases: Of the layers that have any.
        bias_layers: Which layers have biases: none, the first, or all.
        inputs: What the first layer reads: names from the table of inputs, and inputs of one's own.
        coordinates: What x and y are along the shorter side: "half", -0.5 to 0.5 (the articles'
            x / size - 0.5); "centred", -1 to 1; "pixels", 0 to `frame`.
        scale: A factor on x and y, 1e-6 to 1e6.
        frame: How far raw pixels count, 1 to 4096; not the size of the picture.
        zoom: Magnification about the centre, 0.0001 to 10,000.
        center: The point in the middle, where the shorter side spans -1 to 1; y points down.
        rotation: Degrees by which the picture is turned clockwise.
        z: The value of the input z, within ±1000.
        seed: 0 to 2^53 - 1.
        color: What three outputs mean (one for "grey"); for "hsv" each is stretched from its least
            to its largest value.
        black_and_white: Whether only the brightness of the colours is shown.
        caption: Words set over the picture, at most 120 letters.

    Raises:
        SettingsError: A setting is outside its range; one sentence says which.
    """

    topology: Topology = "perceptron"
    widths: tuple[int, ...] = (16,) * 8
    activation: str = "tanh"
    output_activation: str = "sigmoid"
    weights: Initialisation = Initialisation(name="normal")
    output_weights: Initialisation | None = None
    biases: Initialisation = Initialisation(name="pytorch")
    bias_layers: BiasLayers = "first"
    inputs: tuple[str | CustomInput, ...] = ("x", "y")
    coordinates: Coordinates = "half"
    scale: float = 1.0
    frame: float = 128.0
    zoom: float = 1.0
    center: tuple[float, float] = (0.0, 0.0)
    rotation: float = 0.0
    z: float = 0.0
    seed: int = 1
    color: LabColor = "rgb"
    black_and_white: bool = False
    caption: str = ""

    def __post_init__(self) -> None:
        self._check_names()
        self._check_inputs()
        self._check_numbers()
        self._check_sizes()
        if len(self.caption) > MAX_CAPTION or not self.caption.isprintable():
            raise SettingsError(f"A caption is one line of at most {MAX_CAPTION} letters.")

    def _check_names(self) -> None:
        _check_name("topology", self.topology, TOPOLOGIES)
        _check_name("activation", self.activation, tuple(ACTIVATIONS))
        _check_name("output activation", self.output_activation, tuple(ACTIVATIONS))
        _check_name("choice of layers with biases", self.bias_layers, BIAS_LAYERS)
        _check_name("kind of coordinates", self.coordinates, COORDINATES)
        _check_name("colour", self.color, LAB_COLORS)

    def _check_inputs(self) -> None:
        if not 1 <= len(self.inputs) <= MAX_INPUTS:
            raise SettingsError(f"A network has 1 to {MAX_INPUTS} inputs, not {len(self.inputs)}.")
        if len(set(self.inputs)) < len(self.inputs):
            raise SettingsError("Each input is given only once.")
        for each in self.inputs:
            if not isinstance(each, CustomInput):
                _check_name("input", each, tuple(INPUTS))

    def _check_numbers(self) -> None:
        ranges = {
            "scale": (1e-6, 1e6),
            "frame": (1.0, 4096.0),
            "zoom": (1e-4, 1e4),
            "rotation": (-1e6, 1e6),
            "z": (-1000.0, 1000.0),
        }
        for name, (low, high) in ranges.items():
            number = float(getattr(self, name)) + 0.0
            _check_number(f"The {name}", number, low, high)
            object.__setattr__(self, name, number)
        if len(self.center) != 2:
            raise SettingsError(f"The centre must be two numbers, not {len(self.center)}.")
        center = (float(self.center[0]) + 0.0, float(self.center[1]) + 0.0)
        for number in center:
            _check_number("The centre", number, -1000.0, 1000.0)
        object.__setattr__(self, "center", center)
        _check_whole("The seed", self.seed, 0, MAX_SEED)
        object.__setattr__(self, "seed", int(self.seed))

    def _check_sizes(self) -> None:
        if len(self.widths) > MAX_LAYERS:
            raise SettingsError(
                f"A network has at most {MAX_LAYERS} hidden layers, not {len(self.widths)}."
            )
        for width in self.widths:
            _check_whole("The neurons of a layer", width, 1, MAX_WIDTH)
        object.__setattr__(self, "widths", tuple(int(width) for width in self.widths))
        if self.weight_count > MAX_WEIGHTS:
            raise SettingsError(
                f"This network has {self.weight_count:,} weights, and {MAX_WEIGHTS:,} is the most: "
                "choose fewer or smaller layers."
            )

    @property
    def shapes(self) -> tuple[tuple[int, int], ...]:
        """Of each layer, the output layer last: how many values it reads, and how many it has."""
        shapes, reads = [], len(self.inputs)
        for width in self.widths:
            shapes.append((reads, width))
            reads = reads + width if self.topology == "densenet" else width
        return (*shapes, (reads, 1 if self.color == "grey" else 3))

    @property
    def weight_count(self) -> int:
        """How many weights the network has, biases left aside."""
        return sum(reads * width for reads, width in self.shapes)

    @property
    def bias_count(self) -> int:
        """How many biases the network has."""
        widths = [width for _, width in self.shapes]
        return sum(widths[: {"none": 0, "first": 1, "all": len(widths)}[self.bias_layers]])


def layers_of(layers: int, neurons: int) -> tuple[int, ...]:
    """Return the widths of some layers that all have as many neurons."""
    return (neurons,) * layers


def to_query(settings: LabSettings) -> str:
    """Return the address of settings: a query string that `from_query` reads back exactly."""
    default = LabSettings()
    pairs = {"v": str(VERSION)}
    for field in fields(LabSettings):
        value = getattr(settings, field.name)
        if value != getattr(default, field.name):
            pairs[field.name] = _written(field.name, value)
    return urlencode(pairs, safe=":,*")


def from_query(query: str | Mapping[str, str]) -> LabSettings:
    """Return the settings of an address.

    Args:
        query: A query string, with or without the address before it, or its names and values.

    Raises:
        SettingsError: It is no such address; one sentence says why.
    """
    try:
        pairs = _pairs(query) if isinstance(query, str) else dict(query)
        version = pairs.pop("v", "")
        if version != str(VERSION):
            said = f"is of version {version[:20]}" if version else "does not say its version (v)"
            raise SettingsError(f"it {said}, and this breeder reads version {VERSION}.")
        unknown = sorted(set(pairs) - QUERY_NAMES)
        if unknown:
            raise SettingsError(f"there is no setting {unknown[0][:40]!r}.")
        return LabSettings(**{name: _READERS[name](text) for name, text in pairs.items()})
    except SettingsError as error:
        reason = str(error)
        raise SettingsError(f"Cannot read the Lab's address: {reason}") from error


def _pairs(query: str) -> dict[str, str]:
    if len(query) > MAX_QUERY:
        raise SettingsError(f"it has {len(query):,} characters, and {MAX_QUERY:,} is the most.")
    text = query.rpartition("?")[2]
    try:
        found = parse_qsl(text, keep_blank_values=True, strict_parsing=bool(text), errors="strict")
    except (ValueError, UnicodeDecodeError) as error:
        raise SettingsError("a part of it is not a name and a value.") from error
    if len(dict(found)) < len(found):
        raise SettingsError("a setting is given twice.")
    return dict(found)


def _written(name: str, value: Any) -> str:
    if name == "widths":
        return _widths_text(value)
    if isinstance(value, Initialisation):
        return ":".join([value.name, *map(repr, value.numbers)])
    if isinstance(value, CustomInput):
        return ":".join([value.function, *map(repr, (value.x, value.y, value.r, value.shift))])
    if isinstance(value, tuple):
        return ",".join(_written("", each) for each in value)
    if isinstance(value, bool):
        return str(int(value))
    return str(value) if isinstance(value, str) else repr(value)


def _widths_text(widths: Sequence[int]) -> str:
    """Return widths as "16*8,4": 8 layers of 16, then one of 4."""
    runs = ((width, len(list(same))) for width, same in groupby(widths))
    return ",".join(f"{width}*{count}" if count > 1 else str(width) for width, count in runs)


def read_widths(text: str) -> tuple[int, ...]:
    """Return the widths that a text such as "16*8,4" stands for.

    Raises:
        SettingsError: It is no list of widths.
    """
    widths: list[int] = []
    for part in text.replace(" ", "").split(",") if text.strip() else []:
        shape = re.fullmatch(r"(\d{1,4})(?:\*(\d{1,2}))?", part, re.ASCII)
        if shape is None:
            raise SettingsError(
                f"layers are written as neurons or neurons*layers, as in 16*8,4, not {part!a:.40}."
            )
        widths += [int(shape[1])] * int(shape[2] or 1)
    return tuple(widths)


def _read_number(text: str) -> float:
    if not re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?", text, re.ASCII):
        raise SettingsError(f"{text!a:.40} is not a number.")
    return float(text)


def _read_seed(text: str) -> int:
    if not re.fullmatch(r"\d{1,16}", text, re.ASCII):
        raise SettingsError(f"a seed is a whole number up to {MAX_SEED}, not {text!a:.40}.")
    return int(text)


def read_initialisation(text: str) -> Initialisation:
    """Return the initialisation that a text such as "uniform:100" stands for.

    Raises:
        SettingsError: It stands for none.
    """
    name, *numbers = text.split(":")
    return Initialisation(name=name[:40], numbers=tuple(map(_read_number, numbers)))


def read_inputs(text: str) -> tuple[str | CustomInput, ...]:
    """Return the inputs that a text such as "x,y,sin:1:0:0:0.5" stands for.

    Raises:
        SettingsError: It is no list of inputs.
    """
    return tuple(_read_input(part.strip()) for part in text.split(",")[: MAX_INPUTS + 1])


def _read_input(text: str) -> str | CustomInput:
    name, *numbers = text.split(":")
    if not numbers:
        return name
    if len(numbers) != 4:
        raise SettingsError(
            "an input of one's own is function:a:b:c:d, which is f(a x + b y + c r + d), "
            f"not {text!a:.40}."
        )
    x, y, r, shift = map(_read_number, numbers)
    return CustomInput(function=name[:40], x=x, y=y, r=r, shift=shift)


def _read_center(text: str) -> tuple[float, ...]:
    return tuple(map(_read_number, text.split(",")))


def _read_switch(text: str) -> bool:
    if text not in ("0", "1"):
        raise SettingsError(f"a switch is 0 or 1, not {text!a:.40}.")
    return text == "1"


def _read_text(text: str) -> str:
    return text


_READERS: Mapping[str, Callable[[str], Any]] = {
    **{field.name: _read_text for field in fields(LabSettings)},
    "widths": read_widths,
    "weights": read_initialisation,
    "output_weights": read_initialisation,
    "biases": read_initialisation,
    "inputs": read_inputs,
    **dict.fromkeys(("scale", "frame", "zoom", "rotation", "z"), _read_number),
    "center": _read_center,
    "seed": _read_seed,
    "black_and_white": _read_switch,
}

QUERY_NAMES = frozenset(_READERS)
"""The names an address may hold, besides its version `v`."""
