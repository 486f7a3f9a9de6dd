"""The threads that draw, shared by everything that draws on the CPU."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache

# A container often has fewer cores than its machine.
CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def in_threads(work: Callable[[], None], pieces: int) -> None:
    """Run one function in as many threads as there are cores, and return when all have ended.

    The caller is one of them, so that a small picture does not wait for the large ones of others.

    Args:
        work: Takes pieces, under many threads at once, until none is left.
        pieces: How many there are; no more threads than that are used.
    """
    helpers = [_threads().submit(work) for _ in range(min(CORES, pieces) - 1)]
    work()
    for helper in helpers:
        if not helper.cancel():
            helper.result()


@cache
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(CORES, thread_name_prefix="draw")
