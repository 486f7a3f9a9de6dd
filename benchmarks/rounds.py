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


def in_turns(contenders: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, Sample]:
    """Return the milliseconds of each contender, one for each round, in the order of rounds."""
    found: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, call in contenders.items():
            time.sleep(REST)
            call()
            start = time.perf_counter()
            call()
            found[name].append((time.perf_counter() - start) * 1e3)
    return {name: Sample(tuple(times)) for name, times in found.items()}
