"""Breeding, measured in two parts.

How good are the grids? 200 of them, bred from random picks, judged by `judge.py`: the screening
compared with the same engine without it, and strength 0.9 with 0.1. And does breeding get anywhere?
Users with hidden tastes (`users.py`) breed by picking what they like, against as many fresh grids.
Whether it helps them that their taste is learnt is the question of `guiding.py`, which takes most
of an hour and runs where it is named.

Run: python -m benchmarks.breeding [number of grids] [number of seeds]
     python -m benchmarks.breeding guiding [options of benchmarks.guiding]
"""

from __future__ import annotations

import multiprocessing
import sys
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from benchmarks import judge
from benchmarks.machine import describe_machine
from benchmarks.users import CANVAS, KINDS, WOBBLE, User, choose, make_user
from breeder import Breeder, BreederSettings, render
from breeder.history import Generation

GENERATIONS = 10

PICKS = (5, 10, 20)
FOUNDER_GRIDS = 20
FOUNDER_SEED, FRESH_SEED, BRED_SEED = 10_000, 30_000, 40_000  # far apart: no run is used twice
RESAMPLES = 10_000

Floats = NDArray[np.float64]


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


def print_grids(grids: int) -> None:
    """Print how good grids from random picks are."""
    print(f"{grids} grids of 15 from random picks, {GENERATIONS} generations a run")
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


def best_bred(user: User, seed: int, rng: np.random.Generator) -> Floats:
    """Return the best score seen up to each grid of a run in which a user picks."""
    breeder = Breeder(seed=seed)
    best = []
    for _ in range(PICKS[-1] + 1):
        scores = user.score(_pictures(breeder.ask()))
        best.append(scores.max())
        if len(best) <= PICKS[-1]:
            breeder.tell(choose(scores, rng))
    return np.maximum.accumulate(best)


def fresh_grids(seeds: Iterable[int]) -> judge.Pictures:
    """Return the pictures of first grids, one grid after the other."""
    return np.concatenate([_pictures(Breeder(seed=seed).ask()) for seed in seeds])


def _pictures(generation: Generation) -> judge.Pictures:
    return render([child.genome for child in generation.children], CANVAS)


def try_users(founders: judge.Pictures, seed: int) -> Floats:
    """Return the best scores of one user of each kind.

    Returns:
        float64, shape (kinds, 2, len(PICKS)): bred, then re-rolled.
    """
    grids = PICKS[-1] + 1
    fresh = fresh_grids(FRESH_SEED + seed * grids + i for i in range(grids))
    rows = []
    for number, kind in enumerate(KINDS):
        user = make_user(kind, founders, seed)
        rng = np.random.default_rng([seed, number, 4])
        bred = best_bred(user, BRED_SEED + seed * len(KINDS) + number, rng)
        rolled = np.maximum.accumulate(user.score(fresh).reshape(grids, -1).max(axis=1))
        rows.append([[curve[picks] for picks in PICKS] for curve in (bred, rolled)])
    return np.array(rows)


def print_gains(seeds: int) -> None:
    """Print how far users get by breeding, and by looking at fresh grids."""
    print(f"\nbest picture seen by {seeds} users of each taste, in standard deviations of founders")
    print(f"1 or 2 picks a grid, softmax of {WOBBLE}; as many fresh grids of 15; 95 % bootstrap")
    founders = fresh_grids(range(FOUNDER_SEED, FOUNDER_SEED + FOUNDER_GRIDS))
    spawn = multiprocessing.get_context("spawn")  # loops in threads do not survive a fork
    with ProcessPoolExecutor(mp_context=spawn) as pool:
        best = np.array(list(pool.map(partial(try_users, founders), range(seeds))))
    titles = ("breeding", "re-rolling", "ratio")
    print(f"{'':<18}{'picks':>5}" + "".join(f"{each:>22}" for each in titles) + f"{'better':>12}")
    rows = {kind: best[:, i : i + 1] for i, kind in enumerate(KINDS)} | {"all": best}
    for name, scores in rows.items():
        for at, picks in enumerate(PICKS):
            print(f"{name:<18}{picks:>5}" + _gain_row(scores[..., at]))


def _gain_row(scores: Floats) -> str:
    """Return the cells of a row, from scores of shape (seeds, kinds, 2)."""
    users = scores.reshape(-1, 2)
    by_seed = scores.mean(axis=1)
    rng = np.random.default_rng(5)
    drawn = by_seed[rng.integers(len(by_seed), size=(RESAMPLES, len(by_seed)))].mean(axis=1)
    values = [*by_seed.mean(axis=0), np.divide(*by_seed.mean(axis=0))]
    cells = ""
    for value, samples in zip(values, (*drawn.T, drawn[:, 0] / drawn[:, 1]), strict=True):
        low, high = np.quantile(samples, (0.025, 0.975))
        cells += f"{value:>8.2f} ({low:>4.2f} to {high:>4.2f})".rjust(22)
    better = int((users[:, 0] > users[:, 1]).sum())
    return cells + f"{better} of {len(users)}".rjust(12)


def main() -> None:
    """Print both tables, or the evidence of guidance."""
    if sys.argv[1:2] == ["guiding"]:
        from benchmarks import guiding

        return guiding.main(sys.argv[2:])
    print(describe_machine())
    print_grids(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
    print_gains(int(sys.argv[2]) if len(sys.argv) > 2 else 12)
    print("\nWith a learnt taste: python -m benchmarks.breeding guiding")


if __name__ == "__main__":
    main()
