"""Decides where the compiled loops keep values, and which sums they make together.

A row is used again once its value has been read for the last time, so that a tile's values fit the
nearest caches. Connections are laid out in fours, filled up with a weight of nothing for row 0,
which is zero. Four nodes in a row with the same sources are summed together. Knows flat arrays
only.
"""

# Numba infers the types of these loops, not the type checker.
# mypy: ignore-errors

from __future__ import annotations

import numpy as np
from numba import njit

from breeder.rendering.kernels import LOOPS

FOUR = 4


@njit(cache=True, **LOOPS)
def place_values(
    programs, offsets, sources, weights, outputs, padded, reads, factors, rows, together, work
):
    """Fill what `draw_tiles` reads and return how many rows the values need, row 0 among them.

    Args:
        programs: As for `draw_tiles`.
        offsets: Where each node's connections start; one more than there are nodes.
        sources: The value each connection reads, counted within its program.
        weights: float32, of all connections.
        outputs: int64, shape (B, 3): the value of each channel; becomes its row.
        padded: Becomes where each node's connections start, four by four.
        reads: Becomes the row each connection reads.
        factors: Becomes the weight of each connection, float32.
        rows: Becomes the row of each node.
        together: Becomes 4 or 1 for a node that is summed with the next three or by itself, and 0
            for one that is summed with an earlier one.
        work: int64, shape (2, at least the values of a program).
    """
    last, free = work[0], work[1]
    most, fill = 0, 0
    for b in range(programs.shape[0]):
        _, count, node, nodes, _ = programs[b]
        end = node + nodes
        _find_last_readers(node, end, offsets, sources, last)
        for channel in range(3):
            last[outputs[b, channel]] = end
        used = _give_rows(count, node, end, offsets, sources, last, free, rows, together)
        for n in range(node, end):
            padded[n] = fill
            fill = _lay_out(n, fill, count, node, offsets, sources, weights, rows, reads, factors)
        for channel in range(3):
            outputs[b, channel] = _row_of(outputs[b, channel], count, node, rows)
        most = max(most, used)
    padded[offsets.shape[0] - 1] = fill
    return most


@njit(**LOOPS)
def _give_rows(count, node, end, offsets, sources, last, free, rows, together):
    """Give each node of a program a row, and return how many are used, row 0 among them."""
    spare, used = 0, count + 1
    n = node
    while n < end:
        size = FOUR if _same_sources(n, end, offsets, sources) else 1
        for other in range(n, n + size):
            together[other] = 0
            if spare:
                spare -= 1
                rows[other] = free[spare]
            else:
                rows[other] = used
                used += 1
        together[n] = size
        for edge in range(offsets[n], offsets[n + size]):
            if last[sources[edge]] < n + size:
                last[sources[edge]] = end
                free[spare] = _row_of(sources[edge], count, node, rows)
                spare += 1
        n += size
    return used


@njit(**LOOPS)
def _row_of(value, count, node, rows):
    return value + 1 if value < count else rows[node + value - count]


@njit(**LOOPS)
def _find_last_readers(node, end, offsets, sources, last):
    for n in range(node, end):
        for edge in range(offsets[n], offsets[n + 1]):
            last[sources[edge]] = n


@njit(**LOOPS)
def _same_sources(n, end, offsets, sources):
    """Return whether a node and the next three have the same sources, more than four."""
    if n + FOUR > end:
        return False
    count = offsets[n + 1] - offsets[n]
    if count <= FOUR:
        return False
    for other in range(n + 1, n + FOUR):
        if offsets[other + 1] - offsets[other] != count:
            return False
    for edge in range(offsets[n] + count, offsets[n + FOUR]):
        if sources[edge] != sources[edge - count]:
            return False
    return True


@njit(**LOOPS)
def _lay_out(n, fill, count, node, offsets, sources, weights, rows, reads, factors):
    """Write a node's connections, filled up to fours; return the next free place."""
    start = fill
    for edge in range(offsets[n], offsets[n + 1]):
        reads[fill] = _row_of(sources[edge], count, node, rows)
        factors[fill] = weights[edge]
        fill += 1
    while fill == start or (fill - start) % FOUR:
        reads[fill] = 0
        factors[fill] = np.float32(0.0)
        fill += 1
    return fill
