"""Depth against width: shapes of networks compared over many seeds, with their true weight counts.

One picture proves nothing: a shape is drawn from many seeds, and what is measured of them is told
as a median with its quartiles.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from breeder.errors import CancelledError, SettingsError
from breeder.lab.complexity import MEASURES, SIDE, find, measure
from breeder.lab.drawing import draw
from breeder.lab.networks import build
from breeder.lab.settings import LabSettings, layers_of
from breeder.lab.signals import curve, zoomable

MAX_SHAPES = 24
MAX_SEEDS = 200

STUDIED: tuple[str, ...] = (
    *("edge_density", "spectral_slope", "compressed", "sharpness", "zoomable", "curve_growth"),
)
"""The measures of `complexity.MEASURES` that a study compares."""

SMALL_SIDE = SIDE
"""Pixels along a side of the example pictures."""

Shape = tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """A measure over many seeds.

    Attributes:
        low: The lower quartile.
        median: The middle.
        high: The upper quartile.
        count: How many pictures had a number.
    """

    low: float
    median: float
    high: float
    count: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Row:
    """One shape, over many seeds.

    Attributes:
        widths: Neurons of each hidden layer.
        weights: All weights.
        biases: All biases.
        spreads: For each measure that at least one picture had.
        values: For each measure its number for each seed, NaN for none, shape (seeds,).
        named: How many pictures were grey goo, flat, saturated or noise, by name.
        example: The picture whose compressed size is nearest to the median, uint8, (S, S, 3).
        example_seed: Its seed.
    """

    widths: Shape
    weights: int
    biases: int
    spreads: Mapping[str, Spread]
    values: Mapping[str, NDArray[np.float64]]
    named: Mapping[str, int]
    example: NDArray[np.uint8]
    example_seed: int

    @property
    def title(self) -> str:
        """The shape in words: "8 layers of 16"."""
        return shape_title(self.widths)


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """Shapes to compare.

    Attributes:
        base: All settings but widths and seed.
        shapes: Widths of each network, 1 to 24 shapes.
        seeds: How many seeds, 2 to 200; they are 1, 2, 3 and so on.

    Raises:
        SettingsError: There are too few or too many of either.
    """

    base: LabSettings
    shapes: tuple[Shape, ...]
    seeds: int = 20

    def __post_init__(self) -> None:
        if not 1 <= len(self.shapes) <= MAX_SHAPES:
            raise SettingsError(
                f"A study compares 1 to {MAX_SHAPES} shapes, not {len(self.shapes)}."
            )
        if not 2 <= self.seeds <= MAX_SEEDS:
            raise SettingsError(f"A study takes 2 to {MAX_SEEDS} seeds, not {self.seeds}.")
        for shape in self.shapes:
            replace(self.base, widths=shape)  # refuses what cannot be drawn before anything is

    @property
    def steps(self) -> int:
        """How many pictures are measured."""
        return len(self.shapes) * self.seeds


STUDIES: Mapping[str, tuple[str, tuple[Shape, ...]]] = MappingProxyType(
    {
        "depth-against-width": (
            "The article's pair, 16 × 16 and 8 × 32, which it calls similar: they have 3,936 and "
            "7,360 weights, the first layer's biases among them. Beside them 8 × 16, and 8 × 23, "
            "which has about as many weights as 16 × 16.",
            (layers_of(16, 16), layers_of(8, 32), layers_of(8, 16), layers_of(8, 23)),
        ),
        "depth": (
            "More and more layers of 16: edges and the reach of the zoom grow with depth.",
            tuple(layers_of(depth, 16) for depth in (1, 2, 4, 8, 16, 24)),
        ),
        "width": (
            "Eight layers, wider and wider: with normal weights of one spread, width grows the "
            "sums too.",
            tuple(layers_of(8, width) for width in (4, 8, 16, 32, 64, 128)),
        ),
        "equal-weights": (
            "About 4,000 weights each, from two wide layers to 24 narrow ones; one layer can have "
            "no more than 512 neurons and 2,560 weights.",
            (
                layers_of(1, 512),
                layers_of(2, 60),
                layers_of(4, 36),
                layers_of(8, 23),
                layers_of(16, 16),
                layers_of(24, 13),
            ),
        ),
    }
)
"""Named studies: a sentence, and the shapes."""


def shape_title(widths: Shape) -> str:
    """Return a shape in words."""
    if not widths:
        return "no hidden layer"
    if len(set(widths)) == 1:
        return f"{len(widths)} layer{'s' * (len(widths) > 1)} of {widths[0]}"
    return ", ".join(map(str, widths))


def run_study(
    study: Study,
    *,
    cancelled: Callable[[], bool] = lambda: False,
    advance: Callable[[int], object] = lambda steps: None,
) -> Iterator[Row]:
    """Yield the rows of a study, shape after shape.

    Args:
        study: What to compare.
        cancelled: Asked before every picture.
        advance: Called with 1 after every picture.

    Raises:
        CancelledError: `cancelled` said so.
    """
    for widths in study.shapes:
        found: dict[str, list[float]] = {name: [] for name in STUDIED}
        named: dict[str, int] = {}
        pictures = []
        for seed in range(1, study.seeds + 1):
            if cancelled():
                raise CancelledError("The study was cancelled.")
            settings = replace(study.base, widths=widths, seed=seed)
            picture = draw(settings, SIDE, cancelled=cancelled)
            for name, value in _measured(settings, picture, named).items():
                found[name].append(value)
            step = SIDE // SMALL_SIDE
            pictures.append(picture[step // 2 :: step, step // 2 :: step])
            advance(1)
        yield _row(settings, found, named, pictures)


def median_ratio(one: Row, other: Row, measure_name: str) -> float | None:
    """Return how many times larger a measure's median is in one row than in another."""
    first, second = one.spreads.get(measure_name), other.spreads.get(measure_name)
    if first is None or second is None or second.median == 0.0:
        return None
    return first.median / second.median


def _measured(
    settings: LabSettings, picture: NDArray[np.uint8], named: dict[str, int]
) -> dict[str, float]:
    complexity, network = measure(picture), build(settings)
    for finding in find(complexity):
        named[finding.name] = named.get(finding.name, 0) + 1
    numbers: dict[str, float | None] = {
        "edge_density": complexity.edge_density,
        "spectral_slope": complexity.spectral_slope,
        "compressed": complexity.compressed,
        "sharpness": complexity.sharpness,
        "zoomable": zoomable(settings, network),
        "curve_growth": curve(settings, network).growth,
    }
    return {name: np.nan if number is None else number for name, number in numbers.items()}


def _row(
    settings: LabSettings,
    found: Mapping[str, Sequence[float]],
    named: Mapping[str, int],
    pictures: Sequence[NDArray[np.uint8]],
) -> Row:
    values = {name: np.array(numbers) for name, numbers in found.items()}
    spreads = {
        name: _spread(kept)
        for name, numbers in values.items()
        if (kept := numbers[np.isfinite(numbers)]).size
    }
    middle = spreads["compressed"].median
    nearest = int(np.argmin(np.abs(values["compressed"] - middle)))
    return Row(
        widths=settings.widths,
        weights=settings.weight_count,
        biases=settings.bias_count,
        spreads=MappingProxyType(spreads),
        values=MappingProxyType(values),
        named=MappingProxyType(dict(named)),
        example=pictures[nearest],
        example_seed=nearest + 1,
    )


def _spread(numbers: NDArray[np.float64]) -> Spread:
    low, median, high = (float(each) for each in np.quantile(numbers, (0.25, 0.5, 0.75)))
    return Spread(low=low, median=median, high=high, count=numbers.size)


def table(rows: Sequence[Row]) -> list[dict[str, str | int]]:
    """Return a table of rows with words for people: median (lower quartile to upper)."""
    lines = []
    for row in rows:
        line: dict[str, str | int] = {
            "Shape": row.title,
            "Weights": row.weights,
            "Biases": row.biases,
        }
        for name in STUDIED:
            spread = row.spreads.get(name)
            line[MEASURES[name].title] = (
                f"{spread.median:.3g} ({spread.low:.3g} to {spread.high:.3g})" if spread else "–"
            )
        line["Named"] = ", ".join(f"{name} {count}" for name, count in row.named.items()) or "–"
        lines.append(line)
    return lines
