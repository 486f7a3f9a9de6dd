"""The experiments of the articles by name: settings, and a sentence on what to look for.

The articles are P. Chopra, "Making deep neural networks paint to understand how they work", and
J. Huenermann, "Generating abstract art with CPPNs"; each preset is one of their pictures or claims.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from breeder.errors import SettingsError
from breeder.lab.settings import CustomInput, Initialisation, LabSettings, layers_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """A named experiment.

    Attributes:
        name: What commands and addresses call it.
        group: What it belongs to.
        title: A few words.
        look: One sentence on what to look for.
        settings: What is drawn.
        size: Pixels across and down.
    """

    name: str
    group: str
    title: str
    look: str
    settings: LabSettings
    size: tuple[int, int] = (512, 512)


def _uniform(a: float) -> Initialisation:
    return Initialisation(name="uniform", numbers=(a,))


def _beta(log2: float, reading: str = "beta_variance") -> Initialisation:
    return Initialisation(name=reading, numbers=(log2,))


USUAL = LabSettings(seed=10)
"""8 hidden layers of 16, tanh, sigmoid output, x / size - 0.5, weights normal."""

PYTORCH = Initialisation(name="pytorch")

RADIAL = LabSettings(
    widths=layers_of(8, 32),
    weights=_beta(5),
    output_weights=Initialisation(name="glorot_normal"),
    bias_layers="none",
    inputs=("x", "y", "r", "z"),
    coordinates="centred",
    seed=10,
)
"""x, y, r and z in, weights of variance beta / N, no biases, output weights by Glorot."""

START, GOO, WEIGHTS = "The usual network", "Grey goo", "Weights"
PLACES, SHAPE, ACTIVATION = "Coordinates and zoom", "Depth and width", "Activations"
SIZE, CUBE, TOPOLOGY = "Sizes and captions", "Radius, z and beta", "Topologies"
INPUTS, COLOUR, USE = "Inputs of your own", "Colour", "For use"


def _first() -> Iterator[Preset]:
    yield Preset(
        name="usual",
        group=START,
        title="8 layers of 16",
        look="A function of x and y alone: three numbers for each pixel, from a network nobody "
        "has trained.",
        settings=USUAL,
        size=(128, 128),
    )
    yield Preset(
        name="grey-goo",
        group=GOO,
        title="Grey goo",
        look="Grey 0.5 wherever you look: sums of small weights tend to 0, tanh 0 is 0, and "
        "sigmoid 0 is 0.5.",
        settings=replace(USUAL, weights=PYTORCH),
        size=(128, 128),
    )
    yield Preset(
        name="goo-quarter",
        group=GOO,
        title="Weights within ±0.25",
        look="±0.25 is ±1/√16, PyTorch's default by another name: back in the goo.",
        settings=replace(USUAL, weights=_uniform(0.25)),
    )


def _weights() -> Iterator[Preset]:
    said = {
        100.0: "Nearly every neuron is at its end, -1 or 1: hard edges between flat colours.",
        3.0: "The same network as ±100 from closer by: the edges have become slopes.",
    }
    for a, look in said.items():
        yield Preset(
            name=f"uniform-{a:g}",
            group=WEIGHTS,
            title=f"Weights within ±{a:g}",
            look=look,
            settings=replace(USUAL, weights=_uniform(a)),
        )
    yield Preset(
        name="normal",
        group=WEIGHTS,
        title="Weights normal, std 1",
        look="Wide enough to keep the signal alive in layers of 16, and narrow enough for slopes.",
        settings=USUAL,
    )
    yield Preset(
        name="normal-half",
        group=WEIGHTS,
        title="Weights normal, std 0.5",
        look="Half the spread, and the picture is calmer: the signal just stays alive.",
        settings=replace(USUAL, weights=Initialisation(name="normal", numbers=(0.0, 0.5))),
    )


def _places() -> Iterator[Preset]:
    raw = replace(USUAL, coordinates="pixels")
    yield Preset(
        name="raw-pixels",
        group=PLACES,
        title="Raw pixels, 0 to 128",
        look="No negative numbers: saturated primary colours, and everything grows from the top "
        "left to the bottom right.",
        settings=raw,
        size=(128, 128),
    )
    yield Preset(
        name="from-the-centre",
        group=PLACES,
        title="x / size - 0.5",
        look="The same weights, and the picture grows outward from its centre, whatever its size.",
        settings=USUAL,
    )
    yield Preset(
        name="zoom-crop",
        group=PLACES,
        title="Zoom 1: a part of a larger drawing",
        look="A corner of the picture drawn eight times larger: nothing blurs, and new lines come.",
        settings=replace(raw, zoom=8.0, center=(-0.8, -0.8)),
    )
    yield Preset(
        name="neural-mondrian",
        group=PLACES,
        title="Zoom 2: x and y times 0.01 (Neural-Mondrian)",
        look="Raw pixels times 0.01 and weights within ±100: few large flat fields.",
        settings=replace(raw, scale=0.01, weights=_uniform(100.0)),
    )
    yield Preset(
        name="zoom-weights",
        group=PLACES,
        title="Zoom 3: weights from ±100 to ±3",
        look="Smaller weights are a zoom of their own: the fields widen, and their edges soften.",
        settings=replace(raw, scale=0.01, weights=_uniform(3.0)),
    )
    yield Preset(
        name="closer-deep",
        group=PLACES,
        title="Closer up, 16 layers",
        look="24 times closer a deep network still has structure: fold upon fold.",
        settings=replace(USUAL, widths=layers_of(16, 16), zoom=24.0, center=(0.2, -0.4)),
    )
    yield Preset(
        name="closer-shallow",
        group=PLACES,
        title="Closer up, 1 layer",
        look="24 times closer a shallow network is a plain slope: there is nothing more to see.",
        settings=replace(USUAL, widths=layers_of(1, 16), zoom=24.0, center=(0.2, -0.4)),
    )


def _shapes() -> Iterator[Preset]:
    said = {
        0: "No hidden layer: each channel is one slope across the picture.",
        1: "One layer of 16: waves that bend once.",
        8: "Eight layers of 16: shapes with insides and edges.",
        16: "Sixteen layers of 16: each layer folds what the one before made, and detail crowds.",
    }
    for layers, look in said.items():
        yield Preset(
            name=f"depth-{layers}",
            group=SHAPE,
            title=f"{layers} hidden layer{'' if layers == 1 else 's'} of 16",
            look=look,
            settings=replace(USUAL, widths=layers_of(layers, 16)),
        )
    wide = {
        16: "Eight layers of 16 neurons, to compare with the wider ones.",
        32: "Twice as wide: sums of more terms are larger, and the picture is busier.",
        128: "Neuro-pollock: sums of 128 terms drive every neuron to its ends, and colours splash.",
    }
    for width, look in wide.items():
        yield Preset(
            name="neuro-pollock" if width == 128 else f"width-{width}",
            group=SHAPE,
            title="Neuro-pollock: 8 layers of 128" if width == 128 else f"8 layers of {width}",
            look=look,
            settings=replace(USUAL, widths=layers_of(8, width)),
        )
    yield Preset(
        name="tapered",
        group=SHAPE,
        title="Tapered: 128, 64, 32, 16, 8, 4, 2",
        look="The last layer has two neurons, so that all colours come from two numbers.",
        settings=replace(USUAL, widths=(128, 64, 32, 16, 8, 4, 2)),
    )
    yield Preset(
        name="deep-16x16",
        group=SHAPE,
        title="Deep: 16 layers of 16, 3,936 numbers",
        look="Called as large as 8 layers of 32, it has 3,936 weights and first biases to their "
        "7,360, and more detail all the same.",
        settings=replace(USUAL, widths=layers_of(16, 16)),
    )
    yield Preset(
        name="wide-8x32",
        group=SHAPE,
        title="Wide: 8 layers of 32, 7,360 numbers",
        look="Nearly twice the 3,936 numbers of 16 layers of 16.",
        settings=replace(USUAL, widths=layers_of(8, 32)),
    )


def _activations() -> Iterator[Preset]:
    said = {
        "tanh": "Round shapes and soft edges: tanh bends, and stops at -1 and 1.",
        "relu": "Straight edges that meet in the middle: each neuron is a fold of a flat sheet.",
        "leaky_relu": "Like ReLU, but the other side of each fold is not quite flat.",
        "elu": "Folds with one side rounded.",
        "gelu": "Folds with a soft crease, and a small dip before it.",
        "sigmoid": "All values are positive, so that sums lean one way: few, large forms.",
    }
    for name, look in said.items():
        yield Preset(
            name=f"activation-{name.replace('_', '-')}",
            group=ACTIVATION,
            title=name,
            look=look,
            settings=_with_activation(name),
        )


def _with_activation(name: str) -> LabSettings:
    """Return the usual network with another activation, and weights that keep its signal alive."""
    if name == "tanh":
        return USUAL
    if name == "sigmoid":
        return replace(
            USUAL, activation=name, weights=Initialisation(name="normal", numbers=(0.0, 5.0))
        )
    return replace(
        USUAL,
        activation=name,
        scale=8.0,
        weights=Initialisation(name="he"),
        output_weights=Initialisation(name="normal"),
        biases=Initialisation(name="normal"),
        bias_layers="all",
    )


def _sizes() -> Iterator[Preset]:
    looks = {
        (128, 128): "The size of the articles.",
        (512, 512): "The same picture with 16 times the pixels: nothing else changes.",
        (1080, 720): "The square of before is in the middle, and both sides show what lies beyond.",
        (1920, 1080): "Centred too: a circle stays round, and the middle is where it was.",
    }
    for (width, height), look in looks.items():
        yield Preset(
            name=f"size-{width}x{height}",
            group=SIZE,
            title=f"{width} x {height}",
            look=look,
            settings=USUAL,
            size=(width, height),
        )
    yield Preset(
        name="stoic",
        group=SIZE,
        title="With a caption",
        look="Words set over a picture: the grey goo keeps calm.",
        settings=replace(USUAL, weights=PYTORCH, caption="My neural network is a stoic"),
    )


def _cube() -> Iterator[Preset]:
    for z in (-4.0, 0.0, 4.0):
        yield Preset(
            name=f"slice-{'minus-' if z < 0 else ''}{abs(z):g}",
            group=CUBE,
            title=f"A slice of a cube, z = {z:g}",
            look="x, y, r and z in: the picture is a slice of a cube, and z moves through it.",
            settings=replace(RADIAL, z=z),
        )
    readings = {
        "beta_variance": ("variance β/N", "beta-variance"),
        "beta_std": ("standard deviation β/N", "beta-std"),
    }
    for reading, (words, name) in readings.items():
        for log2 in (3, 7):
            yield Preset(
                name=f"{name}-{log2}",
                group=CUBE,
                title=f"{words}, log2 β = {log2}",
                look=f"Weights normal with {words}: "
                + ("a small β gives wide slopes." if log2 == 3 else "a large β gives hard edges."),
                settings=replace(RADIAL, weights=_beta(log2, reading)),
            )
    yield Preset(
        name="biases",
        group=CUBE,
        title="With biases in all layers",
        look="Without biases all rays meet in the middle, where every sum is 0; with them it is a "
        "place like any other.",
        settings=replace(RADIAL, bias_layers="all", biases=Initialisation(name="normal")),
    )


def _topologies() -> Iterator[Preset]:
    yield Preset(
        name="perceptron",
        group=TOPOLOGY,
        title="Perceptron, 8 layers of 32, tanh",
        look="Each layer reads the one before, and forgets all others.",
        settings=RADIAL,
    )
    yield Preset(
        name="resnet",
        group=TOPOLOGY,
        title="ResNet, 8 layers of 32, tanh",
        look="Each layer adds to what it read: coarse forms stay, and finer ones are laid over "
        "them.",
        settings=replace(RADIAL, topology="resnet"),
    )
    yield Preset(
        name="densenet",
        group=TOPOLOGY,
        title="DenseNet, 8 layers of 8, sigmoid",
        look="Each layer reads the inputs and all layers before: broad and fine forms stand side "
        "by side.",
        settings=replace(
            RADIAL,
            topology="densenet",
            widths=layers_of(8, 8),
            activation="sigmoid",
            weights=_beta(9),
            output_activation="tanh",
            seed=5,
        ),
    )


def _inputs() -> Iterator[Preset]:
    yield Preset(
        name="rings",
        group=INPUTS,
        title="An extra cos(10 r)",
        look="One more input that ripples with the radius: rings everywhere.",
        settings=replace(RADIAL, inputs=("x", "y", "r", "z", "cos10r"), weights=_beta(4)),
    )
    yield Preset(
        name="squares",
        group=INPUTS,
        title="x² and y² in place of x and y",
        look="Left and right, top and bottom are alike: the four quarters mirror each other.",
        settings=replace(RADIAL, inputs=("x2", "y2", "r", "z")),
    )
    own = (
        CustomInput(function="sin", x=6.0, y=3.0),
        CustomInput(function="triangle", r=12.0, shift=0.5),
        CustomInput(function="gaussian", x=2.0, y=-2.0),
    )
    yield Preset(
        name="own-inputs",
        group=INPUTS,
        title="sin(6x + 3y), triangle(12r + 0.5), gaussian(2x - 2y)",
        look="Each input is f(a x + b y + c r + d), f from a fixed list: stripes, rings, a ridge.",
        settings=replace(RADIAL, inputs=("x", "y", *own), weights=_beta(4)),
    )


def _colours() -> Iterator[Preset]:
    yield Preset(
        name="rgb-sigmoid",
        group=COLOUR,
        title="RGB by sigmoid",
        look="Each channel eases to its ends.",
        settings=RADIAL,
    )
    yield Preset(
        name="rgb-tanh",
        group=COLOUR,
        title="RGB by (tanh + 1) / 2",
        look="The same as a sigmoid of twice the sum: more contrast.",
        settings=replace(RADIAL, output_activation="tanh"),
    )
    yield Preset(
        name="hsv",
        group=COLOUR,
        title="HSV, each channel from its least to its largest",
        look="Every hue is used, and where hue passes its end there is a rim.",
        settings=replace(RADIAL, output_activation="tanh", color="hsv"),
    )
    yield Preset(
        name="lab",
        group=COLOUR,
        title="CIE L*a*b*",
        look="Lightness and two pairs of opposite hues: softer mixtures than RGB.",
        settings=replace(RADIAL, color="lab"),
    )
    yield Preset(
        name="oklab",
        group=COLOUR,
        title="OKLab",
        look="As L*a*b*, with evener steps between hues.",
        settings=replace(RADIAL, color="oklab"),
    )
    yield Preset(
        name="black-and-white",
        group=COLOUR,
        title="Black and white",
        look="The same picture without its colours.",
        settings=replace(RADIAL, black_and_white=True),
    )


def _uses() -> Iterator[Preset]:
    yield Preset(
        name="cover",
        group=USE,
        title="A square cover",
        look="For an album or a playlist: 1080 x 1080, with its title set over it.",
        settings=replace(
            RADIAL,
            seed=7,
            color="oklab",
            weights=_beta(4),
            output_weights=Initialisation(name="lecun"),
            caption="Night drive",
        ),
        size=(1080, 1080),
    )
    yield Preset(
        name="gradient",
        group=USE,
        title="A gradient",
        look="Two layers and small weights: soft colours to take a palette from.",
        settings=replace(
            RADIAL, widths=layers_of(2, 16), weights=_beta(2), seed=3, z=1.0, color="oklab"
        ),
    )


def _all() -> Iterator[Preset]:
    for part in (
        *(_first, _weights, _places, _shapes, _activations, _sizes, _cube, _topologies),
        *(_inputs, _colours, _uses),
    ):
        yield from part()


PRESETS: Mapping[str, Preset] = MappingProxyType({each.name: each for each in _all()})
"""Every preset by name, in the order in which they are told."""


def preset(name: str) -> Preset:
    """Return a preset.

    Raises:
        SettingsError: There is none of this name.
    """
    if name not in PRESETS:
        near = [each for each in PRESETS if name and name[:4] in each][:5]
        hint = f"perhaps {', '.join(near)}" if near else f"there are {', '.join(PRESETS)}"
        raise SettingsError(f"There is no preset {name[:40]!r}; {hint}.")
    return PRESETS[name]
