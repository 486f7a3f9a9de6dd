"""The sweeps of the articles by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from breeder.errors import SettingsError
from breeder.lab.presets import PRESETS, RADIAL, USUAL
from breeder.lab.settings import Initialisation, layers_of
from breeder.lab.sweeps import Sweep, read_axis


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepPreset:
    """A named contact sheet.

    Attributes:
        name: What commands and addresses call it.
        title: A few words.
        look: One sentence on what to look for.
        sweep: What is drawn.
    """

    name: str
    title: str
    look: str
    sweep: Sweep


_ROWS = (
    SweepPreset(
        name="layers",
        title="Layers 2 to 29",
        look="Each layer folds what the one before made: from slopes to shapes, and from shapes "
        "to noise.",
        sweep=Sweep(settings=USUAL, across=read_axis("layers=2..29"), tile=128),
    ),
    SweepPreset(
        name="neurons",
        title="Neurons 2, 8, 32, 128, 512",
        look="With weights of one spread, wider layers have larger sums: neurons reach their ends, "
        "and colours splash.",
        sweep=Sweep(settings=USUAL, across=read_axis("neurons=2,8,32,128,512")),
    ),
    SweepPreset(
        name="depth",
        title="0, 1, 8 and 16 layers of 16",
        look="No layer is one slope, one layer a bend; eight have shapes, and sixteen crowds.",
        sweep=Sweep(
            settings=USUAL, across=read_axis("layers=0,1,8,16"), down=read_axis("seed=10,6,1")
        ),
    ),
    SweepPreset(
        name="activations",
        title="Activations",
        look="ReLU and its kin grow without end and fill whole parts; tanh and sigmoid stay within "
        "bounds and bend.",
        sweep=Sweep(
            settings=replace(
                USUAL,
                widths=layers_of(3, 16),
                scale=8.0,
                bias_layers="all",
                biases=Initialisation(name="normal"),
            ),
            across=read_axis("activation=tanh,relu,leaky_relu,elu,gelu,sigmoid"),
            down=read_axis("seed=10,8,1"),
        ),
    ),
    SweepPreset(
        name="initialisations",
        title="Initialisations, several pictures of each",
        look="PyTorch's default is grey, whatever the seed; ±100 has hard edges, ±3 and normal "
        "soft ones.",
        sweep=Sweep(
            settings=USUAL,
            across=read_axis("weights=pytorch,uniform:100,uniform:3,normal,normal:0:2"),
            down=read_axis("seed=1..4"),
            tile=128,
        ),
    ),
    SweepPreset(
        name="spread",
        title="Weights from ±100 to ±0.25",
        look="Smaller weights widen the fields and soften their edges, until all is grey at ±0.25.",
        sweep=Sweep(
            settings=PRESETS["uniform-100"].settings,
            across=read_axis("spread=100,30,10,3,1,0.25"),
        ),
    ),
    SweepPreset(
        name="beta",
        title="log2 β from 3 to 13, variance β/N",
        look="More β, harder edges: at 13 the picture is made of rays that break into dust.",
        sweep=Sweep(settings=RADIAL, across=read_axis("beta=3..13")),
    ),
    SweepPreset(
        name="beta-readings",
        title="β as variance β/N and as standard deviation β/N",
        look="Read as a standard deviation the same β acts more strongly above log2 β = 5, and "
        "more weakly below, where N is 32.",
        sweep=Sweep(
            settings=RADIAL,
            across=read_axis(
                "weights=beta_variance:3,beta_variance:5,beta_variance:9,beta_std:3,beta_std:5,"
                "beta_std:9"
            ),
        ),
    ),
    SweepPreset(
        name="slices",
        title="z from -4 to 4",
        look="Slices of one cube, from its one end to the other.",
        sweep=Sweep(settings=RADIAL, across=read_axis("z=-4..4:12")),
    ),
    SweepPreset(
        name="seeds",
        title="Seeds 1 to 24",
        look="The same settings and other weights: click the one you like.",
        sweep=Sweep(settings=RADIAL, across=read_axis("seed=1..24"), tile=128),
    ),
    SweepPreset(
        name="topologies",
        title="Topologies, several seeds of each",
        look="The perceptron has crystals, the ResNet veils, and the DenseNet soft and fine forms "
        "side by side.",
        sweep=Sweep(
            settings=replace(RADIAL, widths=(32,) * 8),
            across=read_axis("seed=1..6"),
            down=read_axis("topology=perceptron,resnet,densenet"),
            tile=128,
        ),
    ),
    SweepPreset(
        name="colours",
        title="Colour models",
        look="The same three numbers of each place, read as five kinds of colour.",
        sweep=Sweep(
            settings=RADIAL,
            across=read_axis("color=rgb,hsv,lab,oklab,grey"),
            down=read_axis("output_activation=sigmoid,tanh"),
            tile=128,
        ),
    ),
)

SWEEPS: Mapping[str, SweepPreset] = MappingProxyType({row.name: row for row in _ROWS})
"""Every named sweep."""


def sweep_preset(name: str) -> SweepPreset:
    """Return a named sweep.

    Raises:
        SettingsError: There is none of this name.
    """
    if name not in SWEEPS:
        raise SettingsError(f"There is no sweep {name[:40]!r}; there are {', '.join(SWEEPS)}.")
    return SWEEPS[name]
