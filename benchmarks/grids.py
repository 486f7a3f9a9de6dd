"""How good are the grids? 200 of them, bred from random picks, judged by `judge.py`.

Compares the screening with the same engine without it, and strength 0.9 with 0.1.
Run: python -m benchmarks.grids [number of grids]
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, field, replace

import numpy as np

from benchmarks import judge
from benchmarks.machine import describe_machine
from breeder import Breeder, BreederSettings, Canvas, render
from breeder.history import Generation

GENERATIONS = 10
CANVAS = Canvas(width=judge.SIDE, height=judge.SIDE)


@dataclass
class Tally:
    """Counts over the children of many grids; picks carried over are not counted."""

    children: int = 0
    dull: int = 0
    twins: int = 0
    identical: int = 0
    unrelated: int = 0
    useful: int = 0
    moved: list[float] = field(default_factory=list)

    def add(self, pictures: np.ndarray, parents: np.ndarray, kin: judge.Kinship) -> None:
        """Judge the children of one grid against each other and their parents."""
        for index, picture in enumerate(pictures):
            others = [other for i, other in enumerate(pictures) if i != index]
            dull = judge.is_dull(picture)
            twin = any(judge.is_twin(picture, other) for other in others)
            same = any(judge.is_identical(picture, parent) for parent in parents)
            near = any(judge.is_twin(picture, parent) for parent in parents)
            related = any(kin.related(picture, parent) for parent in parents)
            self.children += 1
            self.dull += dull
            self.twins += twin
            self.identical += same
            self.unrelated += not related
            self.useful += related and not (dull or twin or near)
            self.moved.append(min(judge.difference(picture, parent) for parent in parents))

    def row(self, name: str) -> str:
        """Return the counts as shares."""
        shares = (self.dull, self.twins, self.identical, self.unrelated, self.useful)
        cells = "".join(f"{share / self.children:>11.1%}" for share in shares)
        return f"{name:<26}{cells}{np.mean(self.moved):>11.1f}"


def bred(settings: BreederSettings, grids: int, kin: judge.Kinship) -> Tally:
    """Breed grids from one to three random picks each, and judge them."""
    tally = Tally()
    rng = np.random.default_rng(3)
    for seed in range(grids // GENERATIONS):
        breeder = Breeder(settings, seed=seed)
        for _ in range(GENERATIONS):
            before = breeder.ask()
            picks = rng.choice(len(before.children), size=rng.integers(1, 4), replace=False)
            after = breeder.tell([int(slot) for slot in picks])
            parents = render([before.children[slot].genome for slot in picks], CANVAS)
            tally.add(_fresh(after), parents, kin)
    return tally


def _fresh(generation: Generation) -> np.ndarray:
    genomes = [child.genome for child in generation.children if child.origin != "kept"]
    return render(genomes, CANVAS)


def main() -> None:
    """Print the table."""
    grids = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    print(f"{grids} grids of 15 from random picks, {GENERATIONS} generations a run")
    print(describe_machine())
    strangers = [Breeder(seed=1000 + seed).ask().children[seed % 15].genome for seed in range(60)]
    kin = judge.Kinship(render(strangers, CANVAS))
    print(f"related: more alike than 97 % of unrelated pairs; {kin.false_alarms:.0%} of those pass")
    print(f"{'':<26}       dull      twins  identical  unrelated     useful    moved by")
    settings = BreederSettings()
    rows = {
        "strength 0.5": settings,
        "strength 0.5, unscreened": replace(settings, screening=False),
        "strength 0.1": replace(settings, strength=0.1),
        "strength 0.9": replace(settings, strength=0.9),
    }
    moved = {}
    for name, each in rows.items():
        tally = bred(each, grids, kin)
        moved[name] = float(np.mean(tally.moved))
        print(tally.row(name), flush=True)
    ratio = moved["strength 0.9"] / moved["strength 0.1"]
    print(f"strength 0.9 moves the picture {ratio:.1f} times as far as 0.1")


if __name__ == "__main__":
    main()
