"""What the machine can do at most, measured: float32 arithmetic and memory, on all cores.

Two limits of arithmetic: fused multiply-adds, which is the processor's own peak, and separate
multiplications and additions, which is the peak of code that must give the same bytes on every
machine. Memory is a triad, a = b + s c, over arrays far larger than the caches; its bytes are
counted as usual (two reads and a write, without the read that the write may cause).
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit

LANES = 512  # float32 values that each call works on: they stay in the nearest cache
PASSES = 20_000
STEPS = 16
TRIAD = 1 << 24  # float32 values in each of the three arrays of a thread: 64 MiB

F = np.float32


def _arithmetic(values: Any, factor: Any, term: Any, passes: int) -> None:
    """Do 16 multiplications and additions on each value, `passes` times."""
    for _ in range(passes):
        for i in range(LANES):
            v = values[i]
            v = v * factor + term
            v = v * factor + term
            v = v * factor + term
            v = v * factor + term
            v = v * factor + term
            v = v * factor + term
            v = v * factor + term
            v = v * factor + term
            v = v * factor + term
            v = v * factor + term
            v = v * factor + term
            v = v * factor + term
            v = v * factor + term
            v = v * factor + term
            v = v * factor + term
            v = v * factor + term
            values[i] = v


_plain: Any = njit(nogil=True)(_arithmetic)
_fused: Any = njit(nogil=True, fastmath={"contract"})(_arithmetic)


def _copy_scaled(a: Any, b: Any, c: Any, s: Any) -> None:
    for i in range(a.size):
        a[i] = b[i] + s * c[i]


_triad: Any = njit(nogil=True)(_copy_scaled)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The best of several measurements, all cores together.

    Attributes:
        fused: Fused multiply-adds, in 10^9 operations a second (each counts as two).
        plain: Separate multiplications and additions, in 10^9 a second.
        memory: The triad, in 10^9 bytes a second.
    """

    fused: float
    plain: float
    memory: float

    @property
    def text(self) -> str:
        """One line that names all three."""
        return (
            f"limits of {os.cpu_count()} cores in float32: {self.fused:.0f} GFLOP/s fused, "
            f"{self.plain:.0f} GFLOP/s in separate steps, {self.memory:.1f} GB/s of memory"
        )


def measure_limits(repeats: int = 30) -> Limits:
    """Return the limits of this machine, as it is now."""
    threads = os.cpu_count() or 1
    work = 2.0 * STEPS * LANES * PASSES * threads
    lanes = [np.full(LANES, F(0.5)) for _ in range(threads)]
    blocks = [np.ones((3, TRIAD), F) for _ in range(threads)]
    calls: list[tuple[Callable[[int], object], float]] = [
        (lambda i: _fused(lanes[i], F(0.999), F(0.001), PASSES), work),
        (lambda i: _plain(lanes[i], F(0.999), F(0.001), PASSES), work),
        (lambda i: _triad(*blocks[i], F(0.5)), 12.0 * TRIAD * threads),
    ]
    with ThreadPoolExecutor(threads) as pool:
        fused, plain, memory = (
            amount / min(_seconds(pool, call, threads) for _ in range(repeats)) / 1e9
            for call, amount in calls
        )
    return Limits(fused=fused, plain=plain, memory=memory)


def _seconds(pool: ThreadPoolExecutor, call: Callable[[int], object], threads: int) -> float:
    start = time.perf_counter()
    list(pool.map(call, range(threads)))
    return time.perf_counter() - start
