"""How much sooner a taste is learnt from answers to chosen pairs than from answers to random ones.

Users with hidden tastes (`users.py`) say which of two pictures they like better, with an unsteady
hand: of pairs chosen by `breeder.taste.pairs`, and of pairs at random from the same candidates.
After 10, 20 and 40 answers the taste ranks pictures that nobody was asked about: the share of pairs
that it ranks rightly.
Run: python -m benchmarks.asking [users of each kind]
"""

from __future__ import annotations

import multiprocessing
import os
import sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray

from benchmarks.breeding import FOUNDER_GRIDS, FOUNDER_SEED, fresh_grids
from benchmarks.machine import Bystanders, describe_machine
from benchmarks.users import CANVAS, KINDS, WOBBLE, make_user
from breeder import Breeder, Genome, render
from breeder.looks import distances, draw_small, look_at
from breeder.taste.features import features_of
from breeder.taste.model import Choice, learn
from breeder.taste.pairs import APART, best_pair

AFTER = (10, 20, 40)
RUNS = 14
GRIDS = 3
RUN_SEED = 70_000
CANDIDATES = 60
USERS = 12

Floats = NDArray[np.float64]


def pictures() -> list[Genome]:
    """Return pictures of many runs that a person might be asked about: founders and children."""
    found: dict[str, Genome] = {}
    for number in range(RUNS):
        rng = np.random.default_rng(number)
        breeder = Breeder(seed=RUN_SEED + number)
        for _ in range(GRIDS):
            grid = breeder.ask()
            found |= {child.genome.id: child.genome for child in grid.children}
            breeder.tell([int(slot) for slot in rng.choice(len(grid.children), 2, replace=False)])
    return list(found.values())


@dataclass(frozen=True, kw_only=True)
class Library:
    """Pictures, as users see them and as the taste does.

    Attributes:
        founders: What scores are measured by, uint8, shape (A, 128, 128, 3).
        seen: The pictures, uint8, shape (B, 128, 128, 3).
        rows: Their features, shape (B, F).
        fit: Which differ enough to be compared, bool, shape (B, B).
    """

    founders: NDArray[np.uint8]
    seen: NDArray[np.uint8]
    rows: NDArray[np.float32]
    fit: NDArray[np.bool_]


def library() -> Library:
    """Return the pictures that all users are asked about."""
    genomes = pictures()
    drawings = draw_small(genomes)
    lab = look_at(drawings).lab
    return Library(
        founders=fresh_grids(range(FOUNDER_SEED, FOUNDER_SEED + FOUNDER_GRIDS)),
        seen=render(genomes, CANVAS),
        rows=features_of(drawings),
        fit=distances(lab, lab) >= APART,
    )


def ask(shelf: Library, task: tuple[str, int]) -> Floats:
    """Return what one user's answers taught, shape (2, len(AFTER)): chosen pairs, random ones."""
    kind, seed = task
    torch.set_num_threads(1)
    scores = make_user(kind, shelf.founders, seed).score(shelf.seen)
    order = np.random.default_rng([seed, 1]).permutation(len(scores))
    halves = (order[: len(order) // 2], order[len(order) // 2 :])
    return np.array([_taught(shelf, scores, halves, seed, way) for way in (True, False)])


def _taught(
    shelf: Library,
    scores: Floats,
    halves: tuple[NDArray[np.intp], NDArray[np.intp]],
    seed: int,
    chooses: bool,
) -> Floats:
    asked, tried = halves
    rows, fit = shelf.rows, shelf.fit
    rng = np.random.default_rng([seed, 2])
    answers: list[Choice] = []
    taste = learn([])
    shares = []
    while len(answers) < AFTER[-1]:
        pool = rng.choice(asked, CANDIDATES, replace=False)
        sides = best_pair(taste, rows[pool], fit[np.ix_(pool, pool)], rng) if chooses else (0, 1)
        assert sides is not None
        left, right = pool[list(sides[:2])]
        hand = rng.logistic()
        first = bool((scores[left] - scores[right]) / WOBBLE + hand > 0)
        picked = np.array([first, not first])
        answers.append(Choice(features=rows[[left, right]], picked=picked))
        taste = learn(answers, taste)
        if len(answers) in AFTER:
            ahead = taste.score(rows[tried])[0]
            shares.append(_ranked(ahead, scores[tried]))
    return np.array(shares)


def _ranked(foretold: NDArray[np.float32], scores: Floats) -> float:
    one, other = np.triu_indices(len(scores), 1)
    right = (foretold[one] > foretold[other]) == (scores[one] > scores[other])
    return float(right.mean())


def main() -> None:
    """Print the shares, with the standard errors of their means."""
    print(describe_machine())
    bystanders = Bystanders()
    seeds = int(sys.argv[1]) if len(sys.argv) > 1 else USERS
    shelf = library()
    tasks = [(kind, seed) for kind in KINDS for seed in range(seeds)]
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(max_workers=os.cpu_count(), mp_context=spawn) as pool:
        found = np.array(list(pool.map(partial(ask, shelf), tasks)))
    print(f"share of pairs ranked rightly after {', '.join(map(str, AFTER))} answers")
    for number, kind in enumerate((*KINDS, "all")):
        part = found if kind == "all" else found[number * seeds : (number + 1) * seeds]
        for row, way in enumerate(("chosen pairs", "random pairs")):
            mean, error = part[:, row].mean(0), part[:, row].std(0, ddof=1) / np.sqrt(len(part))
            cells = (f"{100 * m:5.1f} % ± {100 * e:.1f}" for m, e in zip(mean, error, strict=True))
            print(f"{kind:<18}{way:<16}{'   '.join(cells)}", flush=True)
    gain = found[:, 0] - found[:, 1]
    error = gain.std(0, ddof=1) / np.sqrt(len(gain))
    cells = (f"{100 * g:+.1f} ± {100 * e:.1f}" for g, e in zip(gain.mean(0), error, strict=True))
    print(f"gained by choosing, in points: {', '.join(cells)}")
    print(bystanders.text)


if __name__ == "__main__":
    main()
