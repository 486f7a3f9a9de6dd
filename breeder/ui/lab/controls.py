"""The table of the Lab's controls, as the browser makes them: plain values, grouped.

Ranges are those that are worth a slider; a typed number may go as far as the settings do.
"""

from __future__ import annotations

from typing import Any, Final

from breeder.activations import ACTIVATIONS
from breeder.lab.settings import (
    FUNCTIONS,
    INITIALISATIONS,
    MAX_CAPTION,
    MAX_INPUTS,
    MAX_SEED,
    MAX_WIDTH,
)
from breeder.ui.lab.sizes import MOST_SIDE, SCREEN

Field = dict[str, Any]

DEFAULTS: Final[dict[str, str]] = {
    "topology": "perceptron",
    "widths": "16*8",
    "activation": "tanh",
    "output_activation": "sigmoid",
    "weights": "normal:0.0:1.0",
    "output_weights": "",
    "biases": "pytorch",
    "bias_layers": "first",
    "inputs": "x,y",
    "coordinates": "half",
    "scale": "1.0",
    "frame": "128.0",
    "zoom": "1.0",
    "center": "0.0,0.0",
    "rotation": "0.0",
    "z": "0.0",
    "seed": "1",
    "color": "rgb",
    "black_and_white": "0",
    "caption": "",
}
"""The usual settings as an address writes them; an empty text is what an address leaves out."""

USUAL_ACTIVATIONS = ("tanh", "relu", "leaky_relu", "elu", "gelu", "sigmoid", "sin")
"""The ones of the articles, offered first."""

INPUT_NAMES: Final = {
    "x": "x",
    "y": "y",
    "r": "r",
    "z": "z",
    "bias": "1",
    "x2": "x²",
    "y2": "y²",
    "cos10r": "cos 10r",
    "d": "√2 r",
}

SIZES: Final = (
    (SCREEN, "As large as shown"),
    ("128x128", "128 × 128"),
    ("512x512", "512 × 512"),
    ("1080x720", "1080 × 720"),
    ("1920x1080", "1920 × 1080"),
    ("1080x1080", "1080 × 1080, a cover"),
)


def groups() -> list[dict[str, Any]]:
    """Return the groups of controls, in their order."""
    return [
        {"title": "Seed", "open": True, "fields": _seed()},
        {"title": "Network", "open": True, "fields": _network()},
        {"title": "Weights", "open": True, "fields": _weights()},
        {"title": "View", "open": True, "fields": _view()},
        {"title": "Inputs and coordinates", "open": False, "fields": _inputs()},
        {"title": "Colour", "open": False, "fields": _colour()},
        {"title": "Caption and size", "open": False, "fields": _frame()},
    ]


def _seed() -> list[Field]:
    text = "The same seed and settings give the same picture on every machine."
    return [{"kind": "seed", "key": "seed", "label": "Seed", "most": MAX_SEED, "help": text}]


def _network() -> list[Field]:
    topologies = [["perceptron", "Perceptron"], ["resnet", "ResNet"], ["densenet", "DenseNet"]]
    usual = [
        ["16*8", "8 × 16"],
        ["128,64,32,16,8,4,2", "Tapered"],
        ["128*8", "8 × 128"],
        ["", "None"],
    ]
    chosen = _activations()
    return [
        {"kind": "segments", "key": "topology", "label": "Topology", "options": topologies}
        | {"help": "ResNet adds to each layer what it read; in DenseNet it reads all before it."},
        {"kind": "widths", "key": "widths", "usual": usual, "most_layers": 29}
        | {
            "most_width": MAX_WIDTH,
            "help": "Neurons of each hidden layer: 16*8, 4 is 8 of 16, 1 of 4.",
        },
        {"kind": "select", "key": "activation", "label": "Hidden activation", "options": chosen}
        | {"half": True, "help": "What a neuron of the hidden layers makes of its sum."},
        {"kind": "select", "key": "output_activation", "label": "Output activation"}
        | {
            "options": chosen,
            "half": True,
            "help": "Sigmoid gives 0 to 1; what gives -1 to 1 is shown as (v + 1) / 2.",
        },
    ]


def _activations() -> list[list[str]]:
    first = [name for name in USUAL_ACTIVATIONS if name in ACTIVATIONS]
    rest = sorted(set(ACTIVATIONS) - set(first))
    return [[name, name.replace("_", " ")] for name in (*first, *rest)]


def _weights() -> list[Field]:
    names = _initialisations()
    own = [{"value": "", "label": "as the other weights", "numbers": []}, *names]
    layers = [["none", "No layer"], ["first", "The first"], ["all", "All"]]
    return [
        {"kind": "init", "key": "weights", "label": "Weights", "names": names}
        | {"help": "N is how many values a neuron reads, M how many neurons read them."},
        {"kind": "init", "key": "output_weights", "label": "Weights of the output", "names": own},
        {
            "kind": "segments",
            "key": "bias_layers",
            "label": "Layers with biases",
            "options": layers,
        },
        {"kind": "init", "key": "biases", "label": "Biases", "names": names}
        | {"when": {"bias_layers": ["first", "all"]}},
    ]


_SLIDERS: Final[dict[tuple[str, str], Field]] = {
    ("uniform", "a"): {"min": 0.01, "max": 1000, "scale": "log10"},
    ("normal", "mean"): {"min": -3, "max": 3},
    ("normal", "std"): {"min": 0.01, "max": 100, "scale": "log10"},
    ("beta_variance", "log2 β"): {"min": 3, "max": 13},
    ("beta_std", "log2 β"): {"min": 3, "max": 13},
    ("siren", "ω"): {"min": 1, "max": 100, "scale": "log10"},
    ("orthogonal", "gain"): {"min": 0.1, "max": 10, "scale": "log10"},
    ("constant", "value"): {"min": -2, "max": 2},
}


def _initialisations() -> list[dict[str, Any]]:
    return [
        {
            "value": name,
            "label": row.title[:1].upper() + row.title[1:],
            "numbers": [
                {
                    "label": label,
                    "usual": usual,
                    **_SLIDERS.get((name, label), {"min": -5, "max": 5}),
                }
                for label, usual in zip(row.numbers, row.defaults, strict=True)
            ],
        }
        for name, row in INITIALISATIONS.items()
    ]


def _inputs() -> list[Field]:
    names = [[name, words] for name, words in INPUT_NAMES.items()]
    kinds = [["half", "-½ to ½"], ["centred", "-1 to 1"], ["pixels", "Raw pixels"]]
    own = "A function f(a x + b y + c r + d): choose f and the four numbers."
    return [
        {"kind": "inputs", "key": "inputs", "label": "What the first layer reads", "names": names}
        | {"functions": FUNCTIONS, "most": MAX_INPUTS, "help": own},
        {"kind": "segments", "key": "coordinates", "label": "x and y run from", "options": kinds},
        {"kind": "range", "key": "scale", "label": "Times", "min": 0.001, "max": 1000}
        | {"scale": "log10", "help": "A factor on x and y: 0.01 is the article's Neural-Mondrian."},
        {"kind": "range", "key": "frame", "label": "Raw pixels count up to", "min": 16, "max": 1024}
        | {"scale": "log2", "when": {"coordinates": ["pixels"]}},
    ]


def _view() -> list[Field]:
    return [
        {"kind": "range", "key": "zoom", "label": "Zoom", "min": 0.1, "max": 100, "scale": "log10"},
        {"kind": "range", "key": "z", "label": "z, the slice", "min": -4, "max": 4}
        | {
            "needs": "z",
            "help": "The same everywhere in the picture; it counts where z is among the inputs.",
        },
        {"kind": "range", "key": "rotation", "label": "Turned by, in degrees"}
        | {"min": -180, "max": 180},
        {"kind": "point", "key": "center", "labels": ["Centre, x", "Centre, y"]}
        | {"min": -2, "max": 2},
    ]


def _colour() -> list[Field]:
    models = [["rgb", "RGB"], ["hsv", "HSV"], ["lab", "Lab"], ["oklab", "OKLab"], ["grey", "Grey"]]
    text = "What the outputs mean. For HSV each is stretched from its least to its largest value."
    return [
        {
            "kind": "segments",
            "key": "color",
            "label": "Outputs are",
            "options": models,
            "help": text,
        },
        {"kind": "switch", "key": "black_and_white", "label": "Black and white"},
    ]


def _frame() -> list[Field]:
    return [
        {"kind": "text", "key": "caption", "label": "Caption over the picture", "live": True}
        | {"most": MAX_CAPTION, "placeholder": "My neural network is a stoic"},
        {"kind": "size", "key": "size", "label": "Size", "options": SIZES, "most": MOST_SIDE},
    ]
