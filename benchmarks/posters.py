"""How much memory and time does a poster take?

One picture of Picbreeder's size at 4,096, 8,192 and 16,384 pixels a side, as PNG and as tiled
BigTIFF, one sample for each pixel, written to a file on disk: each in a process of its own, whose
peak of resident memory is read at its end. Sizes and formats take turns. The loops are compiled
before the clock starts. Sizes above 16,384 can be named to see where the limits are.
Run: python -m benchmarks.posters [rounds] [size ...]
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.machine import Bystanders, describe_machine
from benchmarks.programs import small_genomes
from benchmarks.rows import Row, Sample
from breeder.genome import Genome
from breeder.program import compile_genome

SIZES = (4096, 8192, 16384)
SUFFIXES = {".png": "poster-png", ".tif": "poster-tiff"}
ROUNDS = 3
GIGABYTE = 1e9
EVEN = 1.2  # the most that a pixel of a larger picture may take, in those of the smallest
GENOME = 11  # of the 16: 51 nodes, in colour


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """One drawing: seconds on the clock and of all cores, peak of memory, size of the file."""

    seconds: float
    work: float
    peak: int
    bytes: int


Measured = Mapping[tuple[str, int], Sequence[Drawn]]


def genome() -> Genome:
    """Return the genome that is drawn."""
    return small_genomes()[GENOME]


def draw(suffix: str, size: int, supersample: int = 1) -> Drawn:
    """Draw the picture in this process; its peak counts from the process's start."""
    from breeder.formats.posters import draw_poster
    from breeder.rendering.canvas import Canvas
    from breeder.rendering.cpu import prepare

    canvas = Canvas(width=size, height=size, supersample=supersample)
    drawn, picture = prepare(), genome()
    assert drawn, "the loops could not be compiled"
    with tempfile.TemporaryFile() as file:
        start, worked = time.perf_counter(), time.process_time()
        draw_poster(file, picture, canvas, suffix=suffix, device="cpu")
        return Drawn(
            seconds=time.perf_counter() - start,
            work=time.process_time() - worked,
            peak=peak(),
            bytes=file.seek(0, 2),
        )


def measure(rounds: int, sizes: Sequence[int]) -> Measured:
    """Draw all sizes and formats in turns, each in a process of its own."""
    found: dict[tuple[str, int], list[Drawn]] = defaultdict(list)
    for _ in range(rounds):
        for size in sizes:
            for suffix in SUFFIXES:
                command = [sys.executable, "-m", "benchmarks.posters", "--draw", suffix, str(size)]
                done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
                found[suffix, size].append(Drawn(**json.loads(done.stdout)))
    return found


def rows() -> Iterable[Row]:
    """Yield the rows of the table of promises."""
    measured = measure(ROUNDS, SIZES)
    report(measured)
    yield from judged(measured)


def judged(measured: Measured) -> Iterable[Row]:
    """Yield what drawings say about each promise."""
    sizes = sorted({size for _, size in measured})
    for suffix, promise in SUFFIXES.items():
        drawn = measured[suffix, sizes[-1]]
        peak = max(each.peak for each in drawn)
        seconds = Sample(tuple(each.seconds for each in drawn), "s")
        yield Row(
            promise=promise,
            measured=f"{peak / 1e6:,.0f} MB",
            share=f"{peak / (3 * sizes[-1] ** 2):.0%} of its pixels' bytes",
            met=peak < GIGABYTE,
            note=f"{seconds.text} ({seconds.spread}), {drawn[0].bytes / 1e6:,.0f} MB on disk",
        )
    worst = max(_times_smallest(measured, suffix, sizes[-1]) for suffix in SUFFIXES)
    told = [
        f"{suffix[1:]} {' / '.join(f'{_per_pixel(measured, suffix, size):.1f}' for size in sizes)}"
        for suffix in SUFFIXES
    ]
    yield Row(
        promise="poster-time",
        measured=f"{worst:.2f} x the smallest's",
        met=worst <= EVEN,
        note=f"ns a pixel at {', '.join(f'{size:,}' for size in sizes)}: {'; '.join(told)}",
    )


def report(measured: Measured) -> None:
    """Print a line for each size and format."""
    program = compile_genome(genome())
    print(
        f"{program.operations.size} nodes, {program.sources.size} connections, one sample a pixel"
    )
    print(
        f"{'':<6}{'side':>8}{'s':>9}{'s/MP':>9}{'ratio':>7}{'core s/MP':>11}{'ratio':>7}"
        f"{'peak MB':>9}{'file MB':>9}"
    )
    smallest = min(size for _, size in measured)
    for (suffix, size), drawn in sorted(measured.items()):
        seconds = Sample(tuple(each.seconds for each in drawn)).median
        work = Sample(tuple(each.work for each in drawn)).median / size**2 * 1e6
        first = Sample(tuple(each.work for each in measured[suffix, smallest])).median
        print(
            f"{suffix[1:]:<6}{size:>8,}{seconds:>9.2f}{seconds / size**2 * 1e6:>9.4f}"
            f"{_times_smallest(measured, suffix, size):>7.2f}{work:>11.4f}"
            f"{work / (first / smallest**2 * 1e6):>7.2f}"
            f"{max(each.peak for each in drawn) / 1e6:>9.0f}{drawn[0].bytes / 1e6:>9.1f}"
        )


def _per_pixel(measured: Measured, suffix: str, size: int) -> float:
    """Return the median of nanoseconds for each pixel."""
    seconds = Sample(tuple(each.seconds for each in measured[suffix, size]))
    return seconds.median / size**2 * 1e9


def _times_smallest(measured: Measured, suffix: str, size: int) -> float:
    smallest = min(each for _, each in measured)
    return _per_pixel(measured, suffix, size) / _per_pixel(measured, suffix, smallest)


def peak() -> int:
    """Return the most bytes that this process had in memory so far."""
    status = Path("/proc/self/status")
    if status.exists():  # unlike getrusage, it begins anew with this program
        for line in status.read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def main() -> None:
    """Print the table, or draw one picture for it."""
    arguments = sys.argv[1:]
    if arguments[:1] == ["--draw"]:
        drawn = draw(arguments[1], *map(int, arguments[2:]))
        print(json.dumps({name: getattr(drawn, name) for name in Drawn.__slots__}))
        return
    rounds = int(arguments[0]) if arguments else ROUNDS
    print(describe_machine())
    bystanders = Bystanders()
    report(measure(rounds, [int(size) for size in arguments[1:]] or SIZES))
    print(bystanders.text)


if __name__ == "__main__":
    main()
