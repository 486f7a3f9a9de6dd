"""Takes the times of contenders in turns, so that what slows the machine slows all of them.

A pool of threads may spin for a while after its work (OpenMP's does), so each turn begins with a
rest and a call that is not measured: every contender has the machine, and its caches, to itself.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

from benchmarks.rows import Sample

REST = 0.05
"""Seconds between two contenders: OpenMP threads stop spinning after a few milliseconds."""


BUDGET = 180.0
"""Seconds after which no further round begins: on a machine that is busy with other work, pools of
threads that wait for each other take a hundred times as long."""

FEWEST = 3


def in_turns(
    contenders: Mapping[str, Callable[[], object]], rounds: int, budget: float = BUDGET
) -> dict[str, Sample]:
    """Return the milliseconds of each contender, one for each round, in the order of rounds.

    Args:
        contenders: What to time, by name.
        rounds: As many as these, if the budget allows; three at the least.
        budget: Seconds after which no further round begins.
    """
    found: dict[str, list[float]] = {name: [] for name in contenders}
    began = time.perf_counter()
    for number in range(rounds):
        if number >= FEWEST and time.perf_counter() - began > budget:
            print(f"(only {number} of {rounds} rounds: the machine is too slow or too busy)")
            break
        for name, call in contenders.items():
            time.sleep(REST)
            call()
            start = time.perf_counter()
            call()
            found[name].append((time.perf_counter() - start) * 1e3)
    return {name: Sample(tuple(times)) for name, times in found.items()}
