"""Do small pictures look like the large one, and what does that cost?

Founders, pictures bred from random picks, and the same with weights three and eight times as large,
at the sizes of thumbnails and tiles. Each is compared with 16 x 16 samples for each pixel: drawn
with one sample, with 2 x 2 everywhere, and with as many as it needs. Times are of turns in one run.
Run: python -m benchmarks.aliasing [pictures of each kind] [rounds]
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from benchmarks.machine import Bystanders, describe_machine
from benchmarks.rows import Row
from breeder import Breeder, Canvas, Genome, render
from breeder.rendering.adaptive import render_adaptive
from breeder.rendering.color import bytes_to_light
from breeder.rendering.cpu import prepare

SIZES = (64, 128, 256)
GRID = 15
COUNT, ROUNDS = 30, 7
RUNS, GENERATIONS = 8, 8
BYTE_STEP = 1 / 255

Pictures = NDArray[np.uint8]
Draw = Callable[[Sequence[Genome], Canvas], Pictures]

WAYS: dict[str, Draw] = {
    "1 sample": lambda genomes, canvas: render(genomes, canvas, device="cpu"),
    "2 x 2": lambda genomes, canvas: render(genomes, replace(canvas, supersample=2), device="cpu"),
    "adaptive": lambda genomes, canvas: render_adaptive(genomes, canvas, device="cpu"),
}


def kinds(count: int) -> dict[str, list[Genome]]:
    """Return so many genomes of each kind, always the same."""
    rng = np.random.default_rng(9)
    founders: list[Genome] = []
    bred: list[Genome] = []
    for seed in range(RUNS):
        breeder = Breeder(seed=seed)
        founders += [child.genome for child in breeder.ask().children]
        for _ in range(GENERATIONS):
            picks = rng.choice(GRID, size=rng.integers(1, 4), replace=False)
            breeder.tell([int(slot) for slot in picks])
        bred += [child.genome for child in breeder.ask().children]
    some = rng.permutation(len(bred))[:count]
    bred = [bred[each] for each in some]
    return {
        "founders": [founders[each] for each in some],
        "bred": bred,
        "bred, weights x 3": [scaled(genome, 3.0) for genome in bred],
        "bred, weights x 8": [scaled(genome, 8.0) for genome in bred],
    }


def scaled(genome: Genome, times: float) -> Genome:
    """Return a genome with larger weights: the same picture in spirit, and busier."""
    genes = tuple(replace(gene, weight=gene.weight * times) for gene in genome.connections)
    return replace(genome, connections=genes)


def truth(genome: Genome, side: int) -> NDArray[np.float32]:
    """Return the linear light of 16 x 16 samples for each pixel, shape (side, side, 3)."""
    fine = render([genome], Canvas(width=2 * side, height=2 * side, supersample=8), device="cpu")
    return bytes_to_light(fine[0]).reshape(side, 2, side, 2, 3).mean((1, 3))


def errors(genomes: Sequence[Genome], side: int) -> dict[str, NDArray[np.float64]]:
    """Return the root of the mean square error in linear light, for each way and picture."""
    canvas = Canvas(width=side, height=side)
    drawn = {way: bytes_to_light(draw(genomes, canvas)) for way, draw in WAYS.items()}
    found: dict[str, list[float]] = {way: [] for way in WAYS}
    for index, genome in enumerate(genomes):
        true = truth(genome, side)
        for way, light in drawn.items():
            found[way].append(float(np.sqrt(np.square(light[index] - true).mean())))
    return {way: np.array(values) for way, values in found.items()}


def costs(genomes: Sequence[Genome], side: int, rounds: int) -> dict[str, float]:
    """Return how long each way takes for grids, as a median ratio to one sample in its turn."""
    canvas = Canvas(width=side, height=side)
    grids = [genomes[start : start + GRID] for start in range(0, len(genomes), GRID)]
    ratios: dict[str, list[float]] = {way: [] for way in WAYS}
    for turn in range(rounds + 1):
        spent = {}
        for way, draw in WAYS.items():
            start = time.perf_counter()
            for grid in grids:
                draw(grid, canvas)
            spent[way] = time.perf_counter() - start
        if turn:  # the first one warms up
            for way, seconds in spent.items():
                ratios[way].append(seconds / spent["1 sample"])
    return {way: float(np.median(values)) for way, values in ratios.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """Errors of every picture of a kind at one size, and relative times, by way to draw."""

    kind: str
    side: int
    errors: dict[str, NDArray[np.float64]]
    costs: dict[str, float]

    @property
    def fall(self) -> float:
        """How many times as large the mean error is with one sample for each pixel."""
        return float(self.errors["1 sample"].mean() / self.errors["adaptive"].mean())

    @property
    def line(self) -> str:
        """A row of the table of details."""
        means = [f"{values.mean():.4f} ({values.max():.3f})" for values in self.errors.values()]
        times = [f"{self.costs[way]:.2f}" for way in ("2 x 2", "adaptive")]
        cells = [self.kind, str(self.side), *means, f"{self.fall:.1f}", *times]
        return "| " + " | ".join(cells) + " |"


def compare(count: int, rounds: int) -> Iterator[Compared]:
    """Yield each kind at each size, printing the table of details."""
    prepare()
    print(f"{count} pictures of each kind, drawn in grids of {GRID}; {rounds} turns")
    print("Error: root of the mean square in linear light (0 to 1), mean (worst picture).\n")
    print(
        "| pictures | pixels | error, 1 sample | 2 x 2 | adaptive | fall | time, 2 x 2 | adaptive |"
    )
    print("|---|---|---|---|---|---|---|---|")
    for kind, genomes in kinds(count).items():
        for side in SIZES:
            found = Compared(
                kind=kind,
                side=side,
                errors=errors(genomes, side),
                costs=costs(genomes, side, rounds),
            )
            print(found.line, flush=True)
            yield found


def rows() -> Iterator[Row]:
    """Yield the row of the table of promises."""
    yield judged(list(compare(COUNT, ROUNDS)))


def judged(found: Sequence[Compared]) -> Row:
    """Return what comparisons say about the promise.

    It is met if the error falls by a third or more wherever it is above one step of a byte, and
    rises nowhere. Below that pictures are calm, and what is left is the rounding to bytes.
    """
    mean = {way: float(np.mean([each.errors[way].mean() for each in found])) for way in WAYS}
    busy = [each for each in found if each.errors["1 sample"].mean() > BYTE_STEP]
    falls, cost = [each.fall for each in found], [each.costs["adaptive"] for each in found]
    return Row(
        promise="aliasing",
        measured=f"error {mean['adaptive']:.4f}",
        peer=f"one sample for each pixel: {mean['1 sample']:.4f}",
        ratio=f"{mean['1 sample'] / mean['adaptive']:.1f} ({min(falls):.1f} to {max(falls):.1f})",
        met=min(falls) > 0.97 and all(each.fall > 1.5 for each in busy),
        note=f"in {min(cost):.2f} to {max(cost):.2f} x the time; 2 x 2: {mean['2 x 2']:.4f}",
    )


def main() -> None:
    """Print the details."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else COUNT
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else ROUNDS
    bystanders = Bystanders()
    print(describe_machine())
    for _ in compare(count, rounds):
        pass  # each is printed as it comes
    print(f"\n{bystanders.text}")


if __name__ == "__main__":
    main()
