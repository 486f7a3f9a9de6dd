"""Makes the pictures, charts and tables of docs/lab.md: the same from the same code, every time.

Run: python -m scripts.lab_pictures            everything, some minutes
     python -m scripts.lab_pictures pictures   the pictures and charts of single networks alone
"""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from breeder.lab.complexity import MEASURES, measure
from breeder.lab.convolution_drawing import draw_convolution
from breeder.lab.convolutions import CONVOLUTION_PRESETS, ConvolutionSettings
from breeder.lab.drawing import draw
from breeder.lab.networks import build
from breeder.lab.presets import PRESETS
from breeder.lab.settings import Initialisation, LabSettings, layers_of
from breeder.lab.signals import signals
from breeder.lab.study import STUDIES, Row, Study, run_study

DOCS = Path(__file__).resolve().parent.parent / "docs"
PICTURES = DOCS / "pictures" / "lab"
SIDE, GAP, LABEL = 176, 8, 20
QUALITY = 86
SEEDS = 24

Pixels = NDArray[np.uint8]
Tile = tuple[str, LabSettings | ConvolutionSettings]

USUAL = PRESETS["usual"].settings
SCALED = replace(USUAL, weights=Initialisation(name="beta_variance", numbers=(4.0,)))
"""Weights of variance 16 / N: the usual ones where N is 16, and no larger sums in wide layers."""


def _lab(*tiles: tuple[str, str]) -> tuple[Tile, ...]:
    return tuple((label, PRESETS[name].settings) for label, name in tiles)


def _conv(*tiles: tuple[str, str]) -> tuple[Tile, ...]:
    return tuple((label, CONVOLUTION_PRESETS[name].settings) for label, name in tiles)


def _widths(*shapes: tuple[str, tuple[int, ...]]) -> tuple[Tile, ...]:
    return tuple((label, replace(USUAL, widths=widths)) for label, widths in shapes)


def _closer(label: str, settings: LabSettings) -> tuple[Tile, ...]:
    zooms = (1, 4, 16, 64)
    return tuple((f"{label}, x {zoom}", replace(settings, zoom=float(zoom))) for zoom in zooms)


def _betas(*logarithms: int) -> tuple[Tile, ...]:
    base = PRESETS["slice-0"].settings
    weights = (Initialisation(name="beta_variance", numbers=(float(log2),)) for log2 in logarithms)
    return tuple(
        (f"log2 beta = {each.numbers[0]:g}", replace(base, weights=each)) for each in weights
    )


FIGURES: Mapping[str, tuple[tuple[Tile, ...], ...]] = {
    "weights": (
        _lab(
            ("PyTorch's default", "grey-goo"),
            ("normal, std 0.5", "normal-half"),
            ("normal, std 1", "normal"),
            ("uniform +-3", "uniform-3"),
            ("uniform +-100", "uniform-100"),
        ),
    ),
    "coordinates": (
        _lab(
            ("raw pixels", "raw-pixels"),
            ("x / size - 0.5", "from-the-centre"),
            ("raw pixels x 0.01", "neural-mondrian"),
        ),
    ),
    "depth": (
        _widths(
            ("no hidden layer", ()),
            ("1 layer of 16", (16,)),
            ("4 layers", layers_of(4, 16)),
            ("8 layers", layers_of(8, 16)),
            ("16 layers", layers_of(16, 16)),
        ),
    ),
    "width": (
        _widths(
            ("8 layers of 4", layers_of(8, 4)),
            ("of 16", layers_of(8, 16)),
            ("of 32", layers_of(8, 32)),
            ("of 128", layers_of(8, 128)),
            ("tapered", (128, 64, 32, 16, 8, 4, 2)),
        ),
    ),
    "pair": (
        _widths(("16 layers of 16: 3,936", layers_of(16, 16)))
        + _widths(("8 layers of 32: 7,360", layers_of(8, 32)))
        + _widths(("8 layers of 23: 3,841", layers_of(8, 23))),
    ),
    "closer": (
        _closer("1 layer of 16", replace(USUAL, widths=(16,))),
        _closer("16 layers of 16", replace(USUAL, widths=layers_of(16, 16))),
    ),
    "activations": (
        _lab(
            *((name, f"activation-{name.replace('_', '-')}") for name in ("tanh", "relu", "elu")),
            *((name, f"activation-{name}") for name in ("gelu", "sigmoid")),
        ),
    ),
    "beta": (_betas(3, 5, 7, 9, 11),),
    "topologies": (
        _lab(("perceptron", "perceptron"), ("ResNet", "resnet"), ("DenseNet", "densenet")),
    ),
    "convolutions": (
        _conv(
            ("1 x 100, ReLU: 500", "wide-relu"),
            ("10 x 10, ReLU: 950", "deep-relu"),
            ("the same as RGB", "deep-relu-rgb"),
        ),
        _conv(
            ("1 x 100, sigmoid: 500", "wide-sigmoid"),
            ("10 x 10, sigmoid: 950", "deep-sigmoid"),
            ("3 x 3 stack: 8,310", "vgg"),
        ),
    ),
    "structures": (
        _conv(
            ("Inception", "inception"),
            ("average pooling", "average-pooling"),
            ("halved", "halving"),
        ),
    ),
    "normalisation": (
        _conv(
            ("normalised", "deep-relu"),
            ("scale 1, no shift", "no-scale"),
            ("none: explodes", "explode"),
            ("none: vanishes", "vanish"),
        ),
    ),
}
"""Every picture of the page: rows of labelled pictures."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a chart: its label and values, the first at 0 on the axis below."""

    label: str
    values: tuple[float, ...]


def make_pictures(
    folder: Path, *, side: int = SIDE, names: Sequence[str] = tuple(FIGURES)
) -> list[Path]:
    """Draw pictures into a folder, all if no names are given; return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    made = []
    for name in names:
        path = folder / f"{name}.jpg"
        _sheet(FIGURES[name], side).save(path, quality=QUALITY, subsampling=0, optimize=True)
        made.append(path)
    return made


def make_charts(folder: Path, *, side: int = 80) -> list[Path]:
    """Draw the charts of single networks into a folder; return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    charts = {
        "spreads": (
            "Spread of the values, layer by layer",
            [_spreads(label, name) for label, name in _SPREADS],
        ),
        "explode": (
            "Spread of the sums of 20 convolutions",
            [_convolved(label, each) for label, each in _exploding(side)],
        ),
    }
    made = []
    for name, (title, lines) in charts.items():
        path = folder / f"{name}.svg"
        path.write_text(log_chart(title, lines), "utf-8")
        made.append(path)
    return made


_SPREADS = (
    ("PyTorch's default", "grey-goo"),
    ("normal, std 0.5", "normal-half"),
    ("normal, std 1", "normal"),
    ("uniform ±100", "uniform-100"),
)


def _spreads(label: str, name: str) -> Line:
    settings = PRESETS[name].settings
    found = signals(settings, build(settings)).layers
    return Line(label=label, values=tuple(layer.spread for layer in found))


def _exploding(side: int) -> list[tuple[str, ConvolutionSettings]]:
    bare = replace(CONVOLUTION_PRESETS["explode"].settings, width=side * 3 // 2, height=side)
    return [
        ("weights × 3", bare),
        ("He's weights", replace(bare, gain=1.0)),
        ("He's, sigmoid", replace(bare, gain=1.0, activation="sigmoid")),
        ("weights × 0.4", replace(bare, gain=0.4)),
        ("normalised", replace(bare, normalised=True)),
    ]


def _convolved(label: str, settings: ConvolutionSettings) -> Line:
    layers = draw_convolution(settings).layers
    return Line(label=label, values=tuple(layer.sums for layer in layers))


def log_chart(title: str, lines: Sequence[Line]) -> str:
    """Return a line chart as SVG, its upright axis logarithmic, each line labelled at its end."""
    width, height, left, right, top, bottom = 720, 300, 64, 150, 34, 30
    every = [value for line in lines for value in line.values]
    low, high = math.floor(math.log10(min(every))), math.ceil(math.log10(max(every)))
    longest = max(len(line.values) for line in lines)

    def x(place: int) -> float:
        return left + (width - left - right) * place / (longest - 1)

    def y(value: float) -> float:
        return top + (height - top - bottom) * (high - math.log10(value)) / (high - low)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        'font-family="sans-serif" font-size="13">',
        f'<rect width="{width}" height="{height}" fill="#fff"/>',
        f'<text x="{left}" y="20" font-weight="bold" fill="#222">{title}</text>',
    ]
    for power in range(low, high + 1, 1 + (high - low) // 8):
        at = y(10.0**power)
        parts.append(f'<path d="M{left} {at:.1f}H{width - right}" stroke="#ddd"/>')
        parts.append(
            f'<text x="{left - 8}" y="{at + 4:.1f}" text-anchor="end" fill="#555">'
            f'10<tspan dy="-5" font-size="9">{power}</tspan></text>'
        )
    ends = _apart([y(line.values[-1]) for line in lines], 16)
    for line, colour, end in zip(lines, COLOURS, ends, strict=False):
        points = " ".join(f"{x(at):.1f},{y(value):.1f}" for at, value in enumerate(line.values))
        parts.append(
            f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>'
        )
        parts.append(
            f'<text x="{width - right + 8}" y="{end + 4:.1f}" fill="{colour}">{line.label}</text>'
        )
    parts.append(f'<text x="{left}" y="{height - 8}" fill="#555">first layer</text>')
    parts.append(
        f'<text x="{width - right}" y="{height - 8}" text-anchor="end" fill="#555">last</text>'
        "</svg>"
    )
    return "\n".join(parts) + "\n"


COLOURS = ("#5b4bdb", "#b3541e", "#1d7a5f", "#a3264f", "#47607a")


def _apart(places: Sequence[float], least: float) -> list[float]:
    """Return places moved downwards until labels there do not overlap."""
    moved = dict.fromkeys(range(len(places)), 0.0)
    before = -math.inf
    for number in sorted(moved, key=lambda each: places[each]):
        before = max(places[number], before + least)
        moved[number] = before
    return list(moved.values())


def study_tables(*, seeds: int = SEEDS) -> dict[str, str]:
    """Return the tables of the studies by the name of their marker, as Markdown."""
    studies = {
        "pair": (USUAL, "depth-against-width"),
        "pair-scaled": (SCALED, "depth-against-width"),
        "equal": (SCALED, "equal-weights"),
    }
    return {
        marker: study_table(list(run_study(Study(base=base, shapes=STUDIES[name][1], seeds=seeds))))
        for marker, (base, name) in studies.items()
    }


SHOWN = ("edge_density", "compressed", "sharpness", "zoomable", "curve_growth")


def study_table(rows: Sequence[Row]) -> str:
    """Return rows of a study as a Markdown table: medians, with quartiles in brackets."""
    heads = ["shape", "weights", *(MEASURES[name].title.lower() for name in SHOWN), "named"]
    lines = [f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}"]
    for row in rows:
        cells = [row.title, f"{row.weights:,} + {row.biases:,}"]
        for name in SHOWN:
            spread = row.spreads.get(name)
            cells.append(
                f"**{spread.median:.3g}** ({spread.low:.3g}–{spread.high:.3g})" if spread else "–"
            )
        cells.append(", ".join(f"{name} {count}" for name, count in row.named.items()) or "–")
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def convolution_table(*, seeds: int = 12, width: int = 300, height: int = 200) -> str:
    """Return medians over seeds for experiments with convolutions as a Markdown table."""
    names = ("wide-relu", "wide-sigmoid", "deep-relu", "deep-sigmoid", "vgg", "inception")
    lines = [
        "| experiment | weights | edge density | compressed size | sharpness |",
        f"|{'---|' * 5}",
    ]
    for name in (*names, "average-pooling", "halving", "no-scale"):
        preset = CONVOLUTION_PRESETS[name]
        found = [
            draw_convolution(replace(preset.settings, seed=seed, width=width, height=height))
            for seed in range(seeds)
        ]
        measured = [measure(each.pixels) for each in found]
        cells = [preset.title, f"{found[0].counts.weights:,}"]
        for key in ("edge_density", "compressed", "sharpness"):
            low, middle, high = np.quantile([getattr(each, key) for each in measured], _QUARTILES)
            cells.append(f"**{middle:.3g}** ({low:.3g}–{high:.3g})")
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def measures() -> str:
    """Return the definitions and sources of all measures as a Markdown list."""
    return "\n".join(
        f"- **{row.title}.** {row.definition} *{row.source}*" for row in MEASURES.values()
    )


_QUARTILES = (0.25, 0.5, 0.75)


def put_tables(page: str, tables: Mapping[str, str]) -> str:
    """Return a page with its tables replaced; each stands between two comments that name it."""
    for marker, table in tables.items():
        pattern = rf"(<!-- {marker} -->\n).*?(\n<!-- end -->)"
        page, count = re.subn(pattern, lambda m, t=table: m[1] + t + m[2], page, flags=re.DOTALL)  # type: ignore[misc]
        assert count == 1, f"{marker} stands {count} times in the page"  # noqa: S101
    return page


def _sheet(rows: Sequence[Sequence[Tile]], side: int) -> Image.Image:
    drawn = [[(label, _drawn(settings, side)) for label, settings in row] for row in rows]
    font = ImageFont.load_default(12)
    width = max(sum(each.shape[1] + GAP for _, each in row) for row in drawn) + GAP
    height = sum(LABEL + row[0][1].shape[0] + GAP for row in drawn) + GAP
    sheet = Image.new("RGB", (width, height), "white")
    pen, top = ImageDraw.Draw(sheet), GAP
    for row in drawn:
        left = GAP
        for label, picture in row:
            pen.text((left, top), label, fill="black", font=font)
            sheet.paste(Image.fromarray(picture), (left, top + LABEL - 2))
            left += picture.shape[1] + GAP
        top += LABEL + row[0][1].shape[0] + GAP
    return sheet


def _drawn(settings: LabSettings | ConvolutionSettings, side: int) -> Pixels:
    if isinstance(settings, LabSettings):
        return draw(settings, side, supersample=2)
    return draw_convolution(replace(settings, width=side * 3 // 2, height=side)).pixels


def main(what: str = "everything") -> None:
    """Make the pictures and charts, and unless only they are wanted, the tables."""
    made = [*make_pictures(PICTURES), *make_charts(PICTURES)]
    print(f"{len(made)} pictures, {sum(path.stat().st_size for path in made):,} bytes")
    if what == "everything":
        page = DOCS / "lab.md"
        tables = {**study_tables(), "convolutions": convolution_table(), "measures": measures()}
        page.write_text(put_tables(page.read_text("utf-8"), tables), "utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:2])
