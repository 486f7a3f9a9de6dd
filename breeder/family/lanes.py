"""Which lane each grid of a run's tree lies in: branches side by side, none over another."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import count
from typing import Protocol


class Place(Protocol):
    """What a lane is found for."""

    @property
    def number(self) -> int:
        """The column."""
        ...

    @property
    def came_from(self) -> int | None:
        """The position of the grid before it; None for a first one."""
        ...


def lanes_of(grids: Sequence[Place], path: Collection[int]) -> list[int]:
    """Return the lane of each grid: 0 for the path, others below (more than 0) and above.

    A branch stays in its lane for as long as it goes on, as near to where it grew as there is room.

    Args:
        grids: Oldest first, each after the one it came from.
        path: Positions from a first grid to where the run stands.
    """
    after: list[list[int]] = [[] for _ in grids]
    starts = []
    for position, grid in enumerate(grids):
        if grid.came_from is None:
            starts.append(position)
        else:
            after[grid.came_from].append(position)
    goes_to = _lengths(grids, after)
    lanes = [0] * len(grids)
    taken: dict[int, list[tuple[int, int]]] = {}
    waiting = sorted(starts, key=lambda each: each not in path)
    for start in waiting:  # grows while it is read
        chain = _chain(start, after, goes_to, path)
        came_from = grids[start].came_from
        first, last = grids[start].number - 1, grids[chain[-1]].number
        near = 0 if came_from is None else lanes[came_from]
        lane = next(each for each in _near(near) if _free(taken.get(each, ()), first, last))
        taken.setdefault(lane, []).append((first, last))
        for position in chain:
            lanes[position] = lane
        waiting += [
            side
            for position in reversed(chain)
            for side in after[position]
            if side not in chain[1:]
        ]
    return lanes


def _lengths(grids: Sequence[Place], after: Sequence[Sequence[int]]) -> list[int]:
    """Return the highest number that can be reached from each grid."""
    goes_to = [grid.number for grid in grids]
    for position in range(len(grids) - 1, -1, -1):
        goes_to[position] = max([goes_to[position], *(goes_to[each] for each in after[position])])
    return goes_to


def _chain(
    start: int, after: Sequence[Sequence[int]], goes_to: Sequence[int], path: Collection[int]
) -> list[int]:
    """Return the grids from one on that stay in its lane: along the path, or the longest way."""
    chain = [start]
    while after[chain[-1]]:
        chain.append(max(after[chain[-1]], key=lambda each: (each in path, goes_to[each], each)))
    return chain


def _near(lane: int) -> Iterator[int]:
    yield lane
    for distance in count(1):
        yield lane + distance
        yield lane - distance


def _free(taken: Sequence[tuple[int, int]], first: int, last: int) -> bool:
    return all(last < start or end < first for start, end in taken)
