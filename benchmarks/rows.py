"""The one table that `make bench` prints: what was promised, and a row for each promise.

A benchmark is a module of this folder, named in `BENCHMARKS`, with a function

    def rows() -> Iterable[Row]: ...

that measures and yields one `Row` for each of its promises (`PROMISES`), in any order, as soon as
it has it. It may print what it likes meanwhile; `python -m benchmarks.<name>` prints its details
alone. Each runs in a process of its own. A promise for which no row came is shown with the reason:
a benchmark that fails is a row too, never a gap.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """What is promised: the benchmark that measures it, the claim, and the goal in words."""

    benchmark: str
    claim: str
    goal: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What was measured for one promise. Cells that do not apply stay empty.

    Attributes:
        promise: A key of `PROMISES`.
        measured: The median with its unit, as `Sample.text` gives it: "11.2 ms".
        spread: The quartiles, as `Sample.spread` gives them: "10.9 to 11.6".
        peer: What it is compared with, and the peer's median: "68.1 ms (63.0 to 74.2)".
        ratio: The ratio to the peer in the same run: "6.1 (5.7 to 6.4)".
        share: Of a limit measured in the same run: "41 % of FMA".
        met: Whether the goal is met; None where there is no goal or it could not be measured.
        note: What a reader must know: fewer pixels, a machine that lacks something.
    """

    promise: str
    measured: str
    spread: str = ""
    peer: str = ""
    ratio: str = ""
    share: str = ""
    met: bool | None = None
    note: str = ""


_GRID = "16 programs, 256 x 256, CPU"
_POSTER = "16,384 x 16,384 in resident memory"
_FILM = "Drawing and packing a film against drawing it alone"
_EVOLVE = "Evolve to 15 tiles decoded, against stored pictures"
_GUIDED = "Evolve with a taste, against without one"
_CROWD = "20 people breeding at once"
_SCALE = "300,000 individuals against 300: opening the"
_LAB = "Lab: settings to 512 x 512 pixels, against PyTorch's bare network:"
_GALLERY = "A gallery of 10,000 pictures"
_TREE = "A family tree of 5,000 pictures, against one of 100"


def _promise(benchmark: str, claim: str, goal: str) -> Promise:
    return Promise(benchmark=benchmark, claim=claim, goal=goal)


PROMISES: Mapping[str, Promise] = MappingProxyType(
    {
        "torch": _promise(
            "drawing", f"{_GRID}: against PyTorch, node by node", "6 x faster, 8 aimed at"
        ),
        "torch-in-place": _promise(
            "drawing", f"{_GRID}: against PyTorch, node by node, in one preallocated block", "none"
        ),
        "jax": _promise("drawing", f"{_GRID}: against JAX, operation by operation", "15 x faster"),
        "jax-jit": _promise("drawing", f"{_GRID}: against JAX, compiled for each genome", "none"),
        "jax-compile": _promise("drawing", "What JAX takes to compile the 16 programs", "none"),
        "neat": _promise("drawing", f"{_GRID}: against neat-python, per pixel", "1,000 x faster"),
        "dense-16": _promise("drawing", "8 layers of 16: against PyTorch's products", "not slower"),
        "dense-32": _promise("drawing", "8 layers of 32: against PyTorch's products", "not slower"),
        "dense-128": _promise(
            "drawing", "8 layers of 128: against PyTorch's products", "not slower"
        ),
        "gpu-15": _promise(
            "gpu", "15 programs, 256 x 256, GPU: against PyTorch there", "10 x faster"
        ),
        "gpu-1024": _promise(
            "gpu", "1,024 programs, 256 x 256, GPU: against PyTorch there", "10 x faster"
        ),
        "gpu-8192": _promise(
            "gpu", "One program, 8,192 x 8,192, GPU: against PyTorch there", "none"
        ),
        "poster-png": _promise("posters", f"{_POSTER}, PNG", "below 1 GB"),
        "poster-tiff": _promise("posters", f"{_POSTER}, tiled BigTIFF", "below 1 GB"),
        "poster-time": _promise("posters", "Time for each pixel at three sizes", "the same"),
        "film-mp4": _promise("films", f"{_FILM}, MP4", "at most 2 x"),
        "film-webp": _promise("films", f"{_FILM}, WebP", "at most 1.75 x"),
        "film-gif": _promise("films", f"{_FILM}, GIF", "at most 2.5 x"),
        "film-memory": _promise("films", "Memory of 240 frames against 60", "the same"),
        "aliasing": _promise(
            "aliasing", "A small picture looks like the large one from afar", "aliasing falls"
        ),
        "evolve-median": _promise("page", f"{_EVOLVE}: median", "at most 1.5 x"),
        "evolve-p95": _promise("page", f"{_EVOLVE}: p95", "at most 2 x"),
        "guided-median": _promise("guided_page", f"{_GUIDED}: median", "at most 1.25 x"),
        "guided-p95": _promise("guided_page", f"{_GUIDED}: p95", "at most 1.5 x"),
        "load-median": _promise("load", f"{_CROWD}: median Evolve", "below 1.5 s"),
        "load-errors": _promise("load", f"{_CROWD}: errors", "none"),
        "load-memory": _promise("load", "Memory over 1,000 generations", "flat"),
        "gallery-frame": _promise(
            "gallery", f"{_GALLERY}: a frame while scrolling at the end", "at most 1.5 x"
        ),
        "gallery-wait": _promise(
            "gallery", f"{_GALLERY}: a jump to all pictures shown, at the end", "at most 1.5 x"
        ),
        "gallery-piece": _promise(
            "gallery", f"{_GALLERY}: a piece of the last from the server", "at most 1.5 x"
        ),
        "tree-pan": _promise(
            "tree", f"{_TREE}: a frame while panning", "at most 1.5 x, 95 % within 34 ms"
        ),
        "tree-zoom": _promise(
            "tree", f"{_TREE}: a frame while zooming", "at most 1.5 x, 95 % within 34 ms"
        ),
        "lab-usual": _promise("lab", f"{_LAB} 8 layers of 16", "below 2 x"),
        "lab-radial": _promise("lab", f"{_LAB} 8 layers of 32 with r and z", "below 2 x"),
        "lab-wide": _promise("lab", f"{_LAB} 8 layers of 128", "below 2 x"),
        "lab-page": _promise(
            "lab_page",
            "Lab: 8 layers of 16, 512 x 512, on the page: against PyTorch's bare network",
            "below 2 x",
        ),
        "lab-slider": _promise("lab_page", "A dragged slider draws only what is shown", "no queue"),
        "fitting": _promise(
            "fitting",
            "Lab: three pictures learned in 60 s on a CPU, PSNR: against plain tanh layers",
            "none",
        ),
        "taste-learning": _promise(
            "taste", "Learning a taste from one choice more, at 2,000 picks", "below 200 ms"
        ),
        "scale-breed": _promise("scale", f"{_SCALE} Breed page", "at most 2 x"),
        "scale-runs": _promise("scale", f"{_SCALE} list of runs", "at most 2 x"),
        "scale-gallery": _promise("scale", f"{_SCALE} gallery", "at most 2 x"),
        "scale-tree": _promise("scale", f"{_SCALE} family tree", "at most 2 x"),
        "scale-bytes": _promise("scale", "A file of 300,000 individuals: each", "below 3 KB"),
    }
)
"""Every promise, in the order of the table."""

BENCHMARKS: Sequence[str] = tuple(dict.fromkeys(each.benchmark for each in PROMISES.values()))
"""The modules that measure them, in the order they run."""


@dataclass(frozen=True, slots=True)
class Sample:
    """Times or ratios measured in rounds, in one unit.

    Attributes:
        values: One number for each round, at least one.
        unit: "ms", "s", "x", ...; may be empty.
    """

    values: tuple[float, ...]
    unit: str = "ms"

    @property
    def median(self) -> float:
        """The median of the rounds."""
        return float(np.median(self.values))

    @property
    def text(self) -> str:
        """The median with its unit: "11.2 ms"."""
        return f"{number(self.median)} {self.unit}".rstrip()

    @property
    def spread(self) -> str:
        """The quartiles: "10.9 to 11.6"."""
        low, high = np.quantile(self.values, (0.25, 0.75))
        return f"{number(low)} to {number(high)}"

    def scaled(self, factor: float) -> Sample:
        """Return the sample as if every round had taken so many times as long."""
        return replace(self, values=tuple(value * factor for value in self.values))

    def over(self, other: Sample) -> str:
        """Return how many times this is another: of medians, and the quartiles of paired rounds."""
        pairs = np.divide(self.values, other.values)
        low, high = np.quantile(pairs, (0.25, 0.75))
        ratio = self.median / other.median
        return f"{number(ratio)} ({number(low)} to {number(high)})"


def number(value: float) -> str:
    """Return a number with three figures, or all digits before the point, in thousands: "12.3"."""
    digits = 2 - math.floor(math.log10(abs(value))) if value else 0
    return f"{value:,.{min(max(digits, 0), 3)}f}"


def missing(benchmark: str, rows: Iterable[Row], reason: str) -> list[Row]:
    """Return a row with the reason for each promise of a benchmark that has none yet."""
    there = {row.promise for row in rows}
    return [
        Row(promise=name, measured="not measured", note=reason)
        for name, promise in PROMISES.items()
        if promise.benchmark == benchmark and name not in there
    ]


_HEAD = ("promise", "goal", "breeder (quartiles)", "peer (quartiles)", "ratio (quartiles)",
         "share of a limit", "")  # fmt: skip


def table(rows: Iterable[Row]) -> str:
    """Return rows as one Markdown table, in the order of the promises."""
    order = list(PROMISES)
    lines = [_line(_HEAD), _line(("---",) * len(_HEAD))]
    lines += [_line(_cells(row)) for row in sorted(rows, key=lambda row: order.index(row.promise))]
    return "\n".join(lines)


def _cells(row: Row) -> tuple[str, ...]:
    promise = PROMISES[row.promise]
    measured = f"{row.measured} ({row.spread})" if row.spread else row.measured
    verdict = {True: "met", False: "**missed**", None: ""}[row.met]
    remark = "; ".join(part for part in (verdict, row.note) if part)
    return promise.claim, promise.goal, measured, row.peer, row.ratio, row.share, remark


def _line(cells: Iterable[str]) -> str:
    return "| " + " | ".join(" ".join(cell.split()).replace("|", "/") for cell in cells) + " |"
