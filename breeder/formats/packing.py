"""How large pictures are packed: rows regrouped, pieces packed in threads, scratch files.

Packing takes longer than drawing. zlib and NumPy release the interpreter lock, so that pieces are
packed on all cores while the next ones are drawn. What is packed together depends on the picture
alone and never on the bands it is drawn in, so that a file is the same to the byte.
"""

from __future__ import annotations

import os
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from functools import cache
from tempfile import TemporaryFile
from typing import Any, BinaryIO, TypeVar, cast

import numpy as np
from numpy.typing import NDArray
from platformdirs import user_cache_path

from breeder.rendering.threads import CORES

Piece = TypeVar("Piece")
Packed = TypeVar("Packed")

NICENESS = 10

AHEAD = 4 * CORES
"""Pieces under way at a time, of one picture: bounds its memory."""


def regroup(bands: Iterable[NDArray[Any]], rows: int) -> Iterator[NDArray[Any]]:
    """Yield the rows of bands in groups of `rows`; only the last may have fewer."""
    held: list[NDArray[Any]] = []
    missing = rows
    for band in bands:
        top = 0
        while top < len(band):
            part = band[top : top + missing]
            held.append(part)
            top += len(part)
            missing -= len(part)
            if not missing:
                yield held[0] if len(held) == 1 else np.concatenate(held)
                held, missing = [], rows
    if held:
        yield np.concatenate(held)


def in_threads(
    pack: Callable[[Piece], Packed], pieces: Iterable[Piece], *, ahead: int = AHEAD
) -> Iterator[Packed]:
    """Yield `pack(piece)` for each piece, in their order.

    Args:
        pack: Called in several threads at once.
        pieces: Taken one by one, at most `ahead` before what has been yielded.
        ahead: At least 1.
    """
    waiting: deque[Future[Packed]] = deque()
    try:
        for piece in pieces:
            waiting.append(_threads().submit(pack, piece))
            if len(waiting) > ahead:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        for future in waiting:
            future.cancel()


@cache
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(CORES, thread_name_prefix="pack", initializer=_step_back)


def _step_back() -> None:
    """Let the calling thread give way to others: somebody may be waiting for a grid."""
    if sys.platform == "linux":  # elsewhere the whole process would give way
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)


def scratch_file() -> BinaryIO:
    """Return a new file on disk that has no name: it is gone when closed, or when we are killed.

    It lies in the user's cache folder, since the system's own for such files is often in memory.
    """
    try:
        folder = user_cache_path("breeder", appauthor=False, ensure_exists=True)
        return cast(BinaryIO, TemporaryFile(prefix="breeder-", dir=folder))
    except OSError:  # no home, or one that may not be written to
        return cast(BinaryIO, TemporaryFile(prefix="breeder-"))
