"""Draws on the CPU: interprets programs over small tiles of pixels, on all cores.

All values of a tile stay in cache, whatever the program's structure, and nothing is compiled for a
genome. The loops are in `kernels`; they release the interpreter lock and run on a pool of threads,
which many requests may use at once.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from breeder.genome import COLOR_MODELS
from breeder.program import Program
from breeder.rendering import kernels, placing
from breeder.rendering.canvas import Canvas
from breeder.rendering.threads import in_threads

TILE = kernels.TILE
# Compiled: the type checker cannot see their arguments.
_draw_tiles: Any = kernels.draw_tiles
_place_values: Any = placing.place_values


class TiledRenderer:
    """Draws programs tile by tile in float32."""

    def draw(self, programs: Sequence[Program], canvas: Canvas, rows: range) -> NDArray[np.uint8]:
        """Return rows of pictures; see `breeder.rendering.Renderer`."""
        pixels = len(rows) * canvas.width
        out = np.empty((len(programs), pixels * 3), dtype=np.uint8)
        angle = math.radians(canvas.rotation)
        view = np.array([*canvas.center, math.cos(angle), math.sin(angle), canvas.zoom])
        common = (canvas.width, canvas.height, rows.start, view, np.float32(canvas.z))
        arrays, most = _flatten(programs)
        turn = np.zeros(1, dtype=np.int64)

        def work() -> None:
            values = np.zeros((most + 2, TILE), dtype=np.float32)
            _draw_tiles(turn, *common, *arrays, out, values, np.empty(TILE, dtype=np.int32))

        pieces = -(-pixels // TILE) * -(-len(programs) // kernels.GROUP)
        in_threads(work, pieces)
        return out.reshape(len(programs), len(rows), canvas.width, 3)


def _flatten(programs: Sequence[Program]) -> tuple[tuple[NDArray[Any], ...], int]:
    """Return the programs' arrays end to end, as `draw_tiles` takes them, and the rows needed."""
    counts = np.array([[p.inputs.size, p.operations.size, p.sources.size] for p in programs])
    starts = np.concatenate([np.zeros((1, 3), dtype=np.int64), np.cumsum(counts, axis=0)])
    table = np.empty((len(programs), 5), dtype=np.int64)
    table[:, 0], table[:, 1] = starts[:-1, 0], counts[:, 0]
    table[:, 2], table[:, 3] = starts[:-1, 1], counts[:, 1]
    table[:, 4] = [COLOR_MODELS.index(program.color) for program in programs]
    parts = [p.offsets[:-1] + start for p, start in zip(programs, starts[:, 2], strict=False)]
    offsets = np.append(np.concatenate(parts), starts[-1, 2]).astype(np.int64)
    sources = np.concatenate([program.sources for program in programs]).astype(np.int64)
    weights = np.concatenate([program.weights for program in programs]).astype(np.float32)
    outputs = np.array([np.resize(p.outputs, 3) for p in programs], dtype=np.int64)  # grey: its one
    nodes = int(starts[-1, 1])
    reads = np.empty(sources.size + 4 * nodes, dtype=np.int64)
    factors = np.empty(reads.size, dtype=np.float32)
    padded, rows, together = (np.empty(nodes + extra, dtype=np.int64) for extra in (1, 0, 0))
    work = np.empty((2, int(counts[:, :2].sum(axis=1).max())), dtype=np.int64)
    most = _place_values(
        table, offsets, sources, weights, outputs, padded, reads, factors, rows, together, work
    )
    operations = np.concatenate([program.operations for program in programs])
    biases = np.concatenate([program.biases for program in programs]).astype(np.float32)
    inputs = np.concatenate([program.inputs for program in programs])
    arrays = (
        *(table, operations, biases, padded, reads, factors),
        *(inputs, outputs, rows, together),
    )
    return arrays, int(most)
