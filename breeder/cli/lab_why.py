"""`breeder lab measure | study | convolve`: why a Lab picture looks as it does, in numbers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias

import typer

from breeder.cli.lab import Changes, What
from breeder.cli.lab import _settings as read_settings
from breeder.cli.output import progress, remark, say, say_table
from breeder.errors import SettingsError

if TYPE_CHECKING:
    from breeder.lab.convolutions import ConvolutionSettings
    from breeder.lab.explanation import Explanation

DeviceName = Literal["auto", "cpu", "cuda"]

Seed: TypeAlias = Annotated[
    int | None, typer.Option("--seed", min=0, help="Another seed.", show_default=False)
]


def measure(what: What, changes: Changes = None) -> None:
    """Measure a picture: goo, saturation and noise by name, the signal's way, complexity."""
    from breeder.lab.explanation import explain

    settings, _ = read_settings(what, changes or [])
    for line in lines_of(explain(settings, closer=(1.0,))):
        say(line)


def study(
    name: Annotated[
        str,
        typer.Argument(metavar="STUDY", help="depth-against-width, equal-weights, depth or width."),
    ] = "depth-against-width",
    what: Annotated[
        str,
        typer.Option(
            "--of", metavar="WHAT", help="The picture that all settings but the shape are taken of."
        ),
    ] = "usual",
    changes: Changes = None,
    seeds: Annotated[int, typer.Option("--seeds", help="How many, for each shape.")] = 12,
) -> None:
    """Compare shapes of networks over many seeds: median (quartiles), with true weight counts."""
    from breeder.lab.study import STUDIES, Study, run_study, table

    if name not in STUDIES:
        raise SettingsError(f"There is no study {name[:40]!r}; there are {', '.join(STUDIES)}.")
    sentence, shapes = STUDIES[name]
    base, _ = read_settings(what, changes or [])
    wanted = Study(base=base, shapes=shapes, seeds=seeds)
    remark(sentence)
    with progress("Measuring", wanted.steps) as advance:
        rows = list(run_study(wanted, advance=advance))
    lines = table(rows)
    say_table(list(lines[0]), [list(line.values()) for line in lines])


def convolve(
    experiment: Annotated[
        str,
        typer.Argument(
            metavar="EXPERIMENT|ADDRESS",
            help="An experiment with convolutions by name, such as deep-relu, or its address.",
        ),
    ],
    out: Annotated[Path, typer.Argument(metavar="OUT.png", help="The picture to write.")],
    seed: Seed = None,
    width: Annotated[
        int | None, typer.Option("--width", help="Pixels across.", show_default=False)
    ] = None,
    height: Annotated[
        int | None, typer.Option("--height", help="Pixels down.", show_default=False)
    ] = None,
    device: Annotated[DeviceName, typer.Option("--device", help="Where to draw.")] = "auto",
) -> None:
    """Draw a random convolutional network on a slope image, and print how values spread."""
    from PIL import Image

    from breeder.cli.files import whole_file
    from breeder.lab.complexity import measure as measure_picture
    from breeder.lab.convolution_drawing import draw_convolution

    if out.suffix.lower() != ".png":
        raise SettingsError(f"The picture is written as PNG, so end {out.name!r} with .png.")
    settings = read_convolution(experiment, seed=seed, width=width, height=height)
    drawn = draw_convolution(settings, device=device)
    with whole_file(out) as file:
        Image.fromarray(drawn.pixels).save(file, "PNG")
    found = measure_picture(drawn.pixels)
    counts = drawn.counts
    say(f"{out}: {counts.weights:,} weights, {counts.biases:,} biases, {counts.shifts:,} shifts")
    say(f"compressed size: {found.compressed:.2f} bits a pixel")
    say(f"edge density: {found.edge_density:.1%}")
    say("spread of the sums: " + _numbers([layer.sums for layer in drawn.layers]))


def read_convolution(text: str, **changes: Any) -> ConvolutionSettings:
    """Return the settings of an experiment with convolutions by name, or of an address.

    Raises:
        SettingsError: It is neither.
    """
    from dataclasses import replace
    from urllib.parse import parse_qsl

    from breeder.lab.convolutions import CONVOLUTION_PRESETS, ConvolutionSettings

    known = CONVOLUTION_PRESETS.get(text)
    if known is None and "conv-" not in text:
        names = ", ".join(CONVOLUTION_PRESETS)
        raise SettingsError(
            f"There is no experiment {text[:40]!r} with convolutions; there are {names}."
        )
    pairs = dict(parse_qsl(text.rpartition("?")[2], keep_blank_values=True))
    pairs |= dict(parse_qsl(pairs.get("below", ""), keep_blank_values=True))
    settings = known.settings if known else ConvolutionSettings.from_query(pairs)
    return replace(settings, **{name: each for name, each in changes.items() if each is not None})


def lines_of(found: Explanation) -> list[str]:
    """Return what was measured of a picture, line by line."""
    one = found.complexity
    slope = "none" if one.spectral_slope is None else f"{one.spectral_slope:.2f}"
    growth = "none" if found.curve.growth is None else f"x {found.curve.growth:.2f} a layer"
    least = "" if found.curve.dense else " at least"
    lines = [f"{finding.name}: {finding.reason}" for finding in found.findings]
    lines += [
        found.signals.verdict,
        f"weights: {found.weights:,}, biases: {found.biases:,}",
        f"edge density: {one.edge_density:.1%}",
        f"spectral slope: {slope}",
        f"compressed size: {one.compressed:.2f} bits a pixel",
        f"sharpness: {one.sharpness:.2f}",
        "zoomable: " + ("none" if found.zoomable is None else f"x {found.zoomable:,.1f}"),
        f"growth of a curve: {growth}{least}",
    ]
    if found.regions is not None:
        counted = ", ".join(map(str, found.regions.along_lines)) or "not counted"
        lines.append(f"linear regions along lines: {counted}")
        lines.append(
            f"patterns of neurons at {found.regions.points:,} points: {found.regions.patterns:,}"
        )
    lines.append(
        "spread of the values: " + _numbers([each.spread for each in found.signals.layers])
    )
    return lines


def _numbers(numbers: Sequence[float]) -> str:
    return " ".join(f"{number:.2g}" for number in numbers)
