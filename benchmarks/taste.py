"""How well the next pick is foretold, by our model of a taste and by others, and how soon.

Users with hidden tastes (`users.py`) breed without any guide. After 2, 4, 8 and 16 grids each model
learns from what was picked, and foretells the picks of the next two grids, which it has not seen:
the share of pairs, a picture that was picked and one that was not, that it ranks rightly. Then
the processor time of learning from 2,000 picks, and from one choice more.
Run: python -m benchmarks.taste [users of each kind]
"""

from __future__ import annotations

import multiprocessing
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray

from benchmarks.breeding import FOUNDER_GRIDS, FOUNDER_SEED, fresh_grids
from benchmarks.machine import Bystanders, describe_machine
from benchmarks.peers.tastes import PEERS
from benchmarks.rows import Row, Sample
from benchmarks.users import CANVAS, KINDS, choose, make_user
from breeder import Breeder, render
from breeder.looks import draw_small
from breeder.taste.features import features_of
from breeder.taste.model import Choice, Taste, learn

AFTER = (2, 4, 8, 16)
NEXT = 2
"""Grids that are foretold by one fit."""

RUN_SEED = 90_000
SEEDS = 8
CHOICES = 1_500
"""Of one or two picks: some 2,000 picks."""

SLOW = 600
"""Rows, pictures shown, from which on a model whose time grows with their cube is not timed."""

CUBIC = ("scikit-learn, Gaussian process", "BoTorch, pairwise Gaussian process")
ROUNDS = 5
LIMIT = 200.0
"""Milliseconds that learning from one choice more may take."""

Floats = NDArray[np.float64]


def breed(founders: NDArray[np.uint8], task: tuple[str, int]) -> list[Choice]:
    """Return the choices of one user, grid by grid."""
    kind, seed = task
    torch.set_num_threads(1)
    user = make_user(kind, founders, seed)
    rng = np.random.default_rng([seed, 9])
    breeder = Breeder(seed=RUN_SEED + 7 * seed)
    found = []
    for _ in range(AFTER[-1] + NEXT):
        genomes = [child.genome for child in breeder.ask().children]
        picks = choose(user.score(render(genomes, CANVAS)), rng)
        picked = np.isin(np.arange(len(genomes)), picks)
        found.append(Choice(features=features_of(draw_small(genomes)), picked=picked))
        breeder.tell(picks)
    return found


def foretell(choices: Sequence[Choice]) -> Floats:
    """Return the share of pairs that each model ranks rightly, shape (models, len(AFTER))."""
    torch.set_num_threads(1)
    shares = np.zeros((len(PEERS), len(AFTER)))
    for row, peer in enumerate(PEERS.values()):
        for column, after in enumerate(AFTER):
            score = peer(choices[:after])
            foretold = choices[after : after + NEXT]
            hits = [ranked(score(each.features), each.picked) for each in foretold]
            shares[row, column] = np.mean(hits)
    return shares


def ranked(scores: NDArray[np.floating], picked: NDArray[np.bool_]) -> float:
    """Return the share of pairs, picked and not picked, that scores rank rightly."""
    ahead = scores[picked][:, None] - scores[~picked][None, :]
    return float((ahead > 0).mean() + 0.5 * (ahead == 0).mean())


def interval(values: Floats) -> tuple[float, float, float]:
    """Return the mean over users and its 95 % interval (normal)."""
    margin = 1.96 * float(values.std(ddof=1)) / np.sqrt(len(values))
    middle = float(values.mean())
    return middle, middle - margin, middle + margin


def print_accuracy(shares: Floats) -> None:
    """Print accuracy by model, from shares of shape (users, models, len(AFTER))."""
    titles = "".join(f"{f'after {after}':>22}" for after in AFTER)
    print(f"{'share of pairs ranked rightly, %':<40}{titles}")
    for row, name in enumerate(PEERS):
        cells = [interval(100 * shares[:, row, each]) for each in range(len(AFTER))]
        print(
            f"{name:<40}" + "".join(f"{f'{m:.1f} ({a:.1f} to {b:.1f})':>22}" for m, a, b in cells)
        )
    print("breeder ahead of it, user by user")
    for row, name in list(enumerate(PEERS))[1:]:
        ahead = 100 * (shares[:, 0] - shares[:, row])
        cells = [interval(ahead[:, each]) for each in range(len(AFTER))]
        print(
            f"{name:<40}"
            + "".join(f"{f'{m:+.1f} ({a:+.1f} to {b:+.1f})':>22}" for m, a, b in cells)
        )


def many(runs: Sequence[Sequence[Choice]], count: int = CHOICES) -> list[Choice]:
    """Return as many choices as wanted, of all users one after the other, none twice the same."""
    found: list[Choice] = []
    rng = np.random.default_rng(0)
    while len(found) < count:
        for run in runs:
            for each in run:
                moved = each.features + rng.normal(scale=0.05, size=each.features.shape)
                found.append(Choice(features=moved.astype(np.float32), picked=each.picked))
    return found[:count]


def processor_time(call: Callable[[], object]) -> float:
    """Return the milliseconds of processor time that a call takes."""
    begun = time.process_time()
    call()
    return (time.process_time() - begun) * 1e3


def timed(choices: Sequence[Choice]) -> dict[str, Sample]:
    """Return the time each model takes to learn from choices, all in turn, round by round."""
    slow = len(choices) * len(choices[0].picked) > SLOW
    peers = {name: peer for name, peer in PEERS.items() if not (slow and name in CUBIC)}
    found: dict[str, list[float]] = {name: [] for name in peers}
    for _ in range(ROUNDS if not slow else 3):
        for name, peer in peers.items():
            found[name].append(processor_time(partial(peer, choices)))
    return {name: Sample(tuple(times)) for name, times in found.items()}


def one_more(choices: Sequence[Choice]) -> tuple[Sample, Sample]:
    """Return what one choice more takes, by the clock and of the processor."""
    before: Taste = learn(choices[:-1])
    clock, processor = [], []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        processor.append(processor_time(partial(learn, choices, before)))
        clock.append((time.perf_counter() - begun) * 1e3)
    return Sample(tuple(clock)), Sample(tuple(processor))


def all_runs(seeds: int) -> list[list[Choice]]:
    """Return the choices of users of each kind, of several seeds."""
    founders = fresh_grids(range(FOUNDER_SEED, FOUNDER_SEED + FOUNDER_GRIDS))
    tasks = [(kind, seed) for kind in KINDS for seed in range(seeds)]
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(max_workers=os.cpu_count(), mp_context=spawn) as pool:
        return list(pool.map(partial(breed, founders), tasks))


def rows() -> Iterator[Row]:
    """Yield what one choice more takes at 2,000 picks."""
    torch.set_num_threads(1)
    choices = many(all_runs(1))
    clock, processor = one_more(choices)
    yield Row(
        promise="taste-learning",
        measured=clock.text,
        spread=clock.spread,
        met=clock.median < LIMIT,
        note=f"{processor.text} of the processor; {_picks(choices):,} picks",
    )


def _picks(choices: Sequence[Choice]) -> int:
    return sum(int(each.picked.sum()) for each in choices)


def print_times(runs: Sequence[Sequence[Choice]]) -> None:
    """Print processor times, and their ratios to ours, at few choices and at many."""
    for choices in (many(runs, SLOW // 15), many(runs)):
        print(
            f"\nprocessor time of learning from {_picks(choices):,} picks in {len(choices)} grids"
        )
        found = timed(choices)
        for name, sample in found.items():
            ratio = "" if name == "breeder" else sample.over(found["breeder"])
            print(f"{name:<40}{sample.text:>12} ({sample.spread}){ratio:>28}", flush=True)
    clock, processor = one_more(choices)
    print(f"breeder, one choice more: {clock.text} ({clock.spread}); processor {processor.text}")
    again = [Choice(features=c.features, picked=c.picked, weight=0.4) for c in choices]
    before = learn(choices)
    print(
        f"breeder, other weights: {processor_time(lambda: learn(again, before)):.0f} ms processor"
    )


def main() -> None:
    """Print accuracies and times."""
    print(describe_machine())
    bystanders = Bystanders()
    seeds = int(sys.argv[1]) if len(sys.argv) > 1 else SEEDS
    runs = all_runs(seeds)
    print(f"{len(runs)} users, {seeds} of each kind; {bystanders.text}", flush=True)
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(max_workers=os.cpu_count(), mp_context=spawn) as pool:
        print_accuracy(np.array(list(pool.map(foretell, runs))))
    sys.stdout.flush()
    torch.set_num_threads(1)
    print_times(runs)
    print(bystanders.text)


if __name__ == "__main__":
    main()
