"""Random convolutional networks on a slope image: what may be set, counted and named.

The experiment of "Visualize the complexity of neural networks" (happynear/DeepVisualization,
NNComplexity): two ramps go in, a random network with normalisation over the one image after every
convolution bends them, and its three outputs are a picture. Drawn by `convolution_drawing`; this
module loads no torch.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from types import MappingProxyType
from typing import Any, Literal, get_args

from breeder.errors import SettingsError

Structure = Literal["1x1", "3x3", "inception"]
Activation = Literal["relu", "sigmoid", "tanh"]
Pooling = Literal["none", "average", "halve"]
Colour = Literal["lab", "rgb"]

STRUCTURES: tuple[Structure, ...] = get_args(Structure)
ACTIVATIONS: tuple[Activation, ...] = get_args(Activation)
POOLINGS: tuple[Pooling, ...] = get_args(Pooling)
COLOURS: tuple[Colour, ...] = get_args(Colour)

MAX_LAYERS = 32
MAX_CHANNELS = 256
MAX_SIDE = 2048
MAX_SEED = 2**32 - 1
MAX_VALUES = 40_000_000
"""Values of one layer held at a time, 320 MB in 64 bits."""
MAX_WORK = 400_000_000_000
"""Multiplications of one picture: about a minute on two cores."""

HALVE_EVERY = 2
"""With pooling "halve", the image halves after every second layer ..."""
SMALLEST_SIDE = 16
"""... while its shorter side keeps this many pixels."""

VERSION = 1
"""Of addresses; raised when a default or what a value means changes."""

_PREFIX = "conv-"
_WORDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"structure": STRUCTURES, "activation": ACTIVATIONS, "pooling": POOLINGS, "colour": COLOURS}
)
_WHOLE: Mapping[str, tuple[int, int]] = MappingProxyType(
    {
        "layers": (1, MAX_LAYERS),
        "channels": (1, MAX_CHANNELS),
        "width": (SMALLEST_SIDE, MAX_SIDE),
        "height": (SMALLEST_SIDE, MAX_SIDE),
        "seed": (0, MAX_SEED),
    }
)
_NUMBERS: Mapping[str, tuple[float, float]] = MappingProxyType(
    {
        "scale": (0.01, 100.0),
        "shift_std": (0.0, 100.0),
        "bias_std": (0.0, 100.0),
        "gain": (0.01, 8.0),
    }
)
"""The ranges keep every sum finite in 64 bits, also squared: 32 layers of times 7,000 at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConvolutionSettings:
    """A random convolutional network and the slope image it is given.

    Attributes:
        structure: "1x1" (each pixel for itself, as in NIN), "3x3" (with its neighbours, as in VGG)
            or "inception" (blocks of 1 x 1, 3 x 3, 5 x 5 and pooling side by side).
        layers: Convolutions, or Inception blocks, before the last one that makes the colours.
        channels: Of each layer; an Inception block shares them among its four branches, 4 at least.
        activation: After every layer but the last.
        normalised: Whether each channel is brought to mean 0 and one spread over the image
            ("spatial normalisation") after every convolution.
        scale: The spread it is brought to.
        shift_std: Spread of the normal numbers added to the channels then.
        bias_std: Spread of the normal biases of the convolutions; normalisation takes them out.
        gain: Times He's standard deviation sqrt(2 / inputs) for the weights.
        pooling: "none", "average" (each pixel the mean of 3 x 3 after every layer) or "halve" (the
            mean of 2 x 2 after every second layer, at half the size).
        colour: Whether the three outputs, each stretched to its whole range, are read as CIE
            L*a*b* ("lab") or as sRGB ("rgb").
        width: Pixels across, 16 to 2048.
        height: Pixels down, likewise.
        seed: Of all random numbers, 0 to 2**32 - 1.

    Raises:
        SettingsError: A value is unknown or outside its range, or the network is too large to draw.
    """

    structure: Structure = "1x1"
    layers: int = 10
    channels: int = 10
    activation: Activation = "relu"
    normalised: bool = True
    scale: float = 3.0
    shift_std: float = 2.0
    bias_std: float = 0.5
    gain: float = 1.0
    pooling: Pooling = "none"
    colour: Colour = "lab"
    width: int = 600
    height: int = 400
    seed: int = 0

    def __post_init__(self) -> None:
        for name, words in _WORDS.items():
            if getattr(self, name) not in words:
                raise SettingsError(
                    f"The {_words(name)} must be one of {', '.join(words)}, "
                    f"not {str(getattr(self, name))[:40]!r}."
                )
        for name, (least, most) in (*_WHOLE.items(), *_NUMBERS.items()):
            _check_range(name, getattr(self, name), least, most, whole=name in _WHOLE)
        if self.structure == "inception" and self.channels < 4:
            raise SettingsError("An Inception block needs at least 4 channels, one for a branch.")
        if self.width * self.height * self.channels > MAX_VALUES:
            raise SettingsError(
                f"{self.width} x {self.height} pixels with {self.channels} channels are more than "
                f"{MAX_VALUES:,} values; choose fewer channels or a smaller picture."
            )
        if work(self) > MAX_WORK:
            raise SettingsError(
                "This network would take minutes to draw; choose fewer layers or channels, or a "
                "smaller picture."
            )

    def to_query(self) -> dict[str, str]:
        """Return texts for an address: the version, and what differs from the defaults."""
        texts = {_PREFIX + "v": str(VERSION)}
        for each in fields(self):
            value = getattr(self, each.name)
            if value != each.default:
                key = _key(each.name)
                texts[key] = str(int(value)) if isinstance(value, bool) else str(value)
        return texts

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> ConvolutionSettings:
        """Return the settings of an address; what it does not name has its default.

        Names that do not begin with "conv-" belong to others, and are left alone.

        Raises:
            SettingsError: A value cannot be read or is outside its range, or a name is unknown.
        """
        known = {_key(each.name) for each in fields(cls)} | {_PREFIX + "v"}
        unknown = sorted(key for key in query if key.startswith(_PREFIX) and key not in known)
        if unknown:
            raise SettingsError(f"There is no setting {unknown[0][:40]!r} of convolutions.")
        version = query.get(_PREFIX + "v", str(VERSION))
        if version != str(VERSION):
            raise SettingsError(
                f"This address of convolutions is of version {version[:20]!r}, and this breeder "
                f"reads version {VERSION}."
            )
        values: dict[str, Any] = {}
        for each in fields(cls):
            text = query.get(_key(each.name))
            if text is not None:
                values[each.name] = _read(each.name, text)
        return cls(**values)


@dataclass(frozen=True, slots=True, kw_only=True)
class Convolution:
    """One convolution: how many channels go in and out, and how wide its square of weights is."""

    inputs: int
    outputs: int
    side: int

    @property
    def weights(self) -> int:
        """How many weights it has."""
        return self.inputs * self.outputs * self.side * self.side


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What a network is made of: weights of convolutions, their biases, and shifts."""

    weights: int
    biases: int
    shifts: int


def convolutions(settings: ConvolutionSettings) -> tuple[tuple[Convolution, ...], ...]:
    """Return the convolutions of each layer, the last layer making the three colour channels.

    An Inception block has six: 1 x 1; 1 x 1 before 3 x 3; 3 x 3; 1 x 1 before 5 x 5; 5 x 5; and
    the 1 x 1 behind its pooling.
    """
    layers, inputs = [], 2
    for _ in range(settings.layers):
        layers.append(_layer(settings, inputs))
        inputs = settings.channels
    return (*layers, (Convolution(inputs=inputs, outputs=3, side=1),))


def branches(channels: int) -> tuple[int, int, int, int]:
    """Return how an Inception block shares its channels among its four branches."""
    low, rest = divmod(channels, 4)
    first, second, third, fourth = (low + (place < rest) for place in range(4))
    return first, second, third, fourth


def count(settings: ConvolutionSettings) -> Counts:
    """Return the true counts. The last layer has no bias: stretching its range takes it out."""
    hidden = [each for layer in convolutions(settings)[:-1] for each in layer]
    units = sum(each.outputs for each in hidden)
    return Counts(
        weights=sum(each.weights for each in hidden) + 3 * settings.channels,
        biases=0 if settings.normalised else units,
        shifts=units if settings.normalised else 0,
    )


def work(settings: ConvolutionSettings) -> int:
    """Return the multiplications of one picture."""
    total = 0
    for number, layer in enumerate(convolutions(settings)):
        height, width = size_at(settings, number)
        total += height * width * sum(each.weights for each in layer)
    return total


def size_at(settings: ConvolutionSettings, layer: int) -> tuple[int, int]:
    """Return height and width of the image that a layer (0 for the first) is given."""
    height, width = settings.height, settings.width
    if settings.pooling == "halve":
        for _ in range(layer // HALVE_EVERY):
            if min(height, width) >= 2 * SMALLEST_SIDE:
                height, width = height // 2, width // 2
    return height, width


def _layer(settings: ConvolutionSettings, inputs: int) -> tuple[Convolution, ...]:
    channels = settings.channels
    if settings.structure != "inception":
        side = 1 if settings.structure == "1x1" else 3
        return (Convolution(inputs=inputs, outputs=channels, side=side),)
    one, three, five, pooled = branches(channels)
    before_three, before_five = max(1, three // 2), max(1, five // 2)
    return (
        Convolution(inputs=inputs, outputs=one, side=1),
        Convolution(inputs=inputs, outputs=before_three, side=1),
        Convolution(inputs=before_three, outputs=three, side=3),
        Convolution(inputs=inputs, outputs=before_five, side=1),
        Convolution(inputs=before_five, outputs=five, side=5),
        Convolution(inputs=inputs, outputs=pooled, side=1),
    )


def _key(name: str) -> str:
    return _PREFIX + name.replace("_", "-")


def _words(name: str) -> str:
    return name.replace("_std", "'s spread").replace("_", " ")


def _check_range(name: str, value: Any, least: float, most: float, *, whole: bool) -> None:
    if (
        isinstance(value, bool)
        or not isinstance(value, int if whole else (int, float))
        or not math.isfinite(value)
        or not least <= value <= most
    ):
        kind = "a whole number" if whole else "a number"
        raise SettingsError(
            f"The {_words(name)} must be {kind} from {least:,} to {most:,}, not {str(value)[:40]}."
        )


def _read(name: str, text: str) -> Any:
    if name in _WORDS:
        return text
    if name == "normalised":
        if text not in ("0", "1"):
            raise SettingsError(f"normalised must be 0 or 1, not {text[:40]!r}.")
        return text == "1"
    if not re.fullmatch(_FORMS[name in _WHOLE], text, re.ASCII):
        raise SettingsError(f"The {_words(name)} must be a number, not {text[:40]!r}.")
    return int(text) if name in _WHOLE else float(text)


_FORMS = (r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?", r"\d{1,10}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ConvolutionPreset:
    """A named experiment.

    Attributes:
        name: Its name in addresses and commands.
        title: What a page calls it.
        look_for: One sentence on what to look for.
        settings: The experiment.
    """

    name: str
    title: str
    look_for: str
    settings: ConvolutionSettings


_BASE = ConvolutionSettings()
_ONE = replace(_BASE, layers=1, channels=100)
_BARE = replace(_BASE, normalised=False, layers=20)

_PRESETS = (
    ConvolutionPreset(
        name="wide-relu",
        title="1 layer of 100, ReLU",
        look_for="One wide layer bends the slopes a little: a few soft folds, from 500 weights.",
        settings=_ONE,
    ),
    ConvolutionPreset(
        name="wide-sigmoid",
        title="1 layer of 100, sigmoid",
        look_for="With the smooth sigmoid one layer gives large soft clouds, from 500 weights.",
        settings=replace(_ONE, activation="sigmoid"),
    ),
    ConvolutionPreset(
        name="deep-relu",
        title="10 layers of 10, ReLU",
        look_for="As many channels one behind the other fold the folds again; they have 950 "
        "weights, not the same number as one wide layer.",
        settings=_BASE,
    ),
    ConvolutionPreset(
        name="deep-sigmoid",
        title="10 layers of 10, sigmoid",
        look_for="Ten sigmoids give bands and eddies where one gave clouds.",
        settings=replace(_BASE, activation="sigmoid"),
    ),
    ConvolutionPreset(
        name="deep-relu-rgb",
        title="The same, read as RGB",
        look_for="The same three outputs as red, green and blue instead of CIE L*a*b*: lightness "
        "now changes with every channel.",
        settings=replace(_BASE, colour="rgb"),
    ),
    ConvolutionPreset(
        name="vgg",
        title="3 x 3 stack (VGG)",
        look_for="Pixels see their neighbours, yet a slope has no detail to see: hardly more than "
        "the 1 x 1 stack shows, from nearly nine times as many weights.",
        settings=replace(_BASE, structure="3x3"),
    ),
    ConvolutionPreset(
        name="inception",
        title="Inception blocks",
        look_for="Five blocks of 1 x 1, 3 x 3, 5 x 5 and pooling side by side, rough and fine at "
        "once; by the numbers about as complex as ten plain layers.",
        settings=replace(_BASE, structure="inception", layers=5, channels=24),
    ),
    ConvolutionPreset(
        name="average-pooling",
        title="3 x 3 with average pooling",
        look_for="A mean over 3 x 3 pixels after every layer rounds the finest folds off.",
        settings=replace(_BASE, structure="3x3", pooling="average"),
    ),
    ConvolutionPreset(
        name="halving",
        title="3 x 3, halved every two layers",
        look_for="The image halves after every second layer, so later layers see wider "
        "neighbourhoods, and nothing fine is left.",
        settings=replace(_BASE, structure="3x3", pooling="halve"),
    ),
    ConvolutionPreset(
        name="no-scale",
        title="Normalised with scale 1, no shift",
        look_for="Without shifts ReLU cuts every channel at its middle, in every layer: another "
        "picture, and by the numbers not a plainer one.",
        settings=replace(_BASE, scale=1.0, shift_std=0.0),
    ),
    ConvolutionPreset(
        name="explode",
        title="No normalisation: values explode",
        look_for="In the chart the spread of the values grows by the same factor at every layer: a "
        "straight line upwards on a logarithmic scale.",
        settings=replace(_BARE, gain=3.0),
    ),
    ConvolutionPreset(
        name="vanish",
        title="No normalisation: values vanish",
        look_for="With small weights the line falls at every layer, until the differences between "
        "pixels are lost beside the biases, and the picture is one grey.",
        settings=replace(_BARE, gain=0.4),
    ),
    ConvolutionPreset(
        name="vanish-sigmoid",
        title="No normalisation: sigmoid vanishes",
        look_for="A sigmoid's slope is at most 1/4, so He's weights alone let the values vanish "
        "with depth.",
        settings=replace(_BARE, activation="sigmoid"),
    ),
)

CONVOLUTION_PRESETS: Mapping[str, ConvolutionPreset] = MappingProxyType(
    {preset.name: preset for preset in _PRESETS}
)
"""Every named experiment with convolutions, by name."""
