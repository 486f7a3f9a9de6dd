"""Do small pictures look like the large one, and what does that cost?

Founders, pictures bred from random picks, and the same with weights three and eight times as large,
at the sizes of thumbnails and tiles. Each is compared with 16 x 16 samples for each pixel: drawn
with one sample, with 2 x 2 everywhere, and with as many as it needs. Times are of turns in one run.
Run: python -m benchmarks.aliasing [pictures of each kind] [rounds]
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from benchmarks.machine import Bystanders, describe_machine
from breeder import Breeder, Canvas, Genome, render
from breeder.rendering.adaptive import render_adaptive
from breeder.rendering.color import bytes_to_light
from breeder.rendering.cpu import prepare

SIZES = (64, 128, 256)
GRID = 15
RUNS, GENERATIONS = 8, 8

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


def row(kind: str, genomes: Sequence[Genome], side: int, rounds: int) -> str:
    """Return a row of the table."""
    found, cost = errors(genomes, side), costs(genomes, side, rounds)
    means = [f"{values.mean():.4f} ({values.max():.3f})" for values in found.values()]
    fall = found["1 sample"].mean() / found["adaptive"].mean()
    times = [f"{cost[way]:.2f}" for way in ("2 x 2", "adaptive")]
    return "| " + " | ".join([kind, str(side), *means, f"{fall:.1f}", *times]) + " |"


def main() -> None:
    """Print the table."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 30
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 7
    prepare()
    bystanders = Bystanders()
    print(f"{count} pictures of each kind, drawn in grids of {GRID}; {rounds} turns")
    print(f"{describe_machine()}\n")
    print("Error: root of the mean square in linear light (0 to 1), mean (worst picture).\n")
    print(
        "| pictures | pixels | error, 1 sample | 2 x 2 | adaptive | fall | time, 2 x 2 | adaptive |"
    )
    print("|---|---|---|---|---|---|---|---|")
    for kind, genomes in kinds(count).items():
        for side in SIZES:
            print(row(kind, genomes, side, rounds), flush=True)
    print(f"\n{bystanders.text}")


if __name__ == "__main__":
    main()
