"""What the gallery needs beyond its store: how its pictures look, and which look alike.

Pictures are measured when somebody is about to search, not when they are kept, so that a click on a
star stays prompt. Knows nothing of pages.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from itertools import count
from typing import Final

import numpy as np
from numpy.typing import NDArray

from breeder.genome import Genome
from breeder.impression import (
    PREVIEW_BYTES,
    VECTOR_BYTES,
    VERSION,
    impressions,
    nearest,
    preview,
)
from breeder.store import Measured, Search, Store

LEVELS: Final = 5
"""Into so many equal parts, from plain to busy, complexity is divided for people."""

LEVEL_NAMES: Final = ("plain", "simple", "moderate", "rich", "busy")

AT_A_TIME: Final = 64


def measure(store: Store, *, most: int | None = None) -> int:
    """Measure pictures of the gallery that were not yet, the newest first; return how many.

    Args:
        store: The store.
        most: At most so many; all of them if left out.
    """
    done = 0
    while most is None or done < most:
        limit = AT_A_TIME if most is None else min(AT_A_TIME, most - done)
        genomes = store.unmeasured(VERSION, limit=limit)
        if not genomes:
            break
        store.put_looks(_measured(genomes))
        done += len(genomes)
    return done


def _measured(genomes: Sequence[Genome]) -> list[Measured]:
    return [
        Measured(
            genome_id=genome.id,
            complexity=each.complexity,
            colors=each.color_bits,
            vector=each.vector,
            looks_version=VERSION,
        )
        for genome, each in zip(genomes, impressions(genomes), strict=True)
    ]


def complexity_range(low: int, high: int) -> tuple[float, float]:
    """Return the least and most complexity of some neighbouring levels, from 1."""
    return (low - 1) / LEVELS, high / LEVELS


def level_of(complexity: float) -> int:
    """Return the level of a complexity, from 1."""
    return min(int(complexity * LEVELS), LEVELS - 1) + 1


def found_ids(store: Store, search: Search) -> list[str]:
    """Return the genomes of all that is found, in its order."""
    found: list[str] = []
    after = None
    for _ in count():
        piece = store.gallery(search, after=after, limit=500)
        found += [entry.genome_id for entry in piece.entries]
        after = piece.after
        if after is None:
            break
    return found


class Likenesses:
    """The vectors of the gallery's pictures, held in memory: 166 bytes for each.

    Many threads may share it. It reads the store again where it is asked for a picture that it
    does not know; pictures that were removed meanwhile are for whoever reads them to leave out.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._ids: list[str] = []
        self._rows: dict[str, int] = {}
        self._vectors: NDArray[np.uint8] = np.empty((0, VECTOR_BYTES), dtype=np.uint8)

    def previews(self, genome_ids: Iterable[str]) -> dict[str, bytes]:
        """Return tiny pictures by genome, sRGB bytes row by row; none for what is not measured."""
        wanted = list(genome_ids)
        rows, _, vectors = self._with(wanted)
        known = {id_: vectors[rows[id_], :PREVIEW_BYTES] for id_ in wanted if id_ in rows}
        return {id_: preview(cells.tobytes()).tobytes() for id_, cells in known.items()}

    def alike(self, genome: Genome) -> list[tuple[str, float]]:
        """Return the gallery's pictures, the one most like a genome first, with how far they are.

        The genome itself is among them if it is kept.
        """
        _, ids, vectors = self._with([genome.id])
        if not ids:
            return []
        apart = nearest(impressions([genome])[0].vector, vectors)
        order = np.argsort(apart, kind="stable")
        return [(ids[index], float(apart[index])) for index in order]

    def _with(self, wanted: Sequence[str]) -> tuple[dict[str, int], list[str], NDArray[np.uint8]]:
        with self._lock:
            if any(id_ not in self._rows for id_ in wanted):
                self._read()
            return self._rows, self._ids, self._vectors

    def _read(self) -> None:
        ids, vectors = self._store.vectors(VERSION)
        joined = np.frombuffer(b"".join(vectors), dtype=np.uint8)
        self._vectors = joined.reshape(len(ids), VECTOR_BYTES)
        self._ids, self._rows = ids, {id_: row for row, id_ in enumerate(ids)}
