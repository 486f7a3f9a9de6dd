"""Draws on the CPU: interprets programs over small tiles of pixels, on all cores.

All values of a tile stay in cache, whatever the program's structure, and nothing is compiled for a
genome. The loops are in `kernels`; they release the interpreter lock and run on a pool of threads,
which many requests may use at once.
"""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from breeder.genome import COLOR_MODELS
from breeder.program import Program
from breeder.rendering import kernels
from breeder.rendering.canvas import Canvas

TILE = kernels.TILE
_draw_tiles: Any = kernels.draw_tiles  # compiled: the type checker cannot see its arguments

TILES_AT_ONCE = 16
"""Tiles in one piece of work: about half a millisecond, small against uneven programs."""


class TiledRenderer:
    """Draws programs tile by tile in float32."""

    def draw(self, programs: Sequence[Program], canvas: Canvas, rows: range) -> NDArray[np.uint8]:
        """Return rows of pictures; see `breeder.rendering.Renderer`."""
        pixels = len(rows) * canvas.width
        out = np.empty((len(programs), pixels, 3), dtype=np.uint8)
        total = len(programs) * -(-pixels // TILE)
        angle = math.radians(canvas.rotation)
        view = np.array([*canvas.center, math.cos(angle), math.sin(angle), canvas.zoom])
        common = (canvas.width, canvas.height, rows.start, view, np.float32(canvas.z))
        arrays = _flatten(programs)

        def work(start: int) -> None:
            _draw_tiles(start, min(start + TILES_AT_ONCE, total), *common, *arrays, out)

        starts = range(0, total, TILES_AT_ONCE)
        if len(starts) <= 2:
            for start in starts:
                work(start)
        else:
            list(_threads().map(work, starts))
        return out.reshape(len(programs), len(rows), canvas.width, 3)


@cache
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(os.cpu_count(), thread_name_prefix="draw")


def _flatten(programs: Sequence[Program]) -> tuple[NDArray[Any], ...]:
    """Return the programs' arrays end to end, as `draw_tiles` takes them."""
    counts = np.array([[p.inputs.size, p.operations.size, p.sources.size] for p in programs])
    starts = np.concatenate([np.zeros((1, 3), dtype=np.int64), np.cumsum(counts, axis=0)])
    table = np.empty((len(programs), 5), dtype=np.int64)
    table[:, 0], table[:, 1] = starts[:-1, 0], counts[:, 0]
    table[:, 2], table[:, 3] = starts[:-1, 1], counts[:, 1]
    table[:, 4] = [COLOR_MODELS.index(program.color) for program in programs]
    offsets = [p.offsets[:-1] + start for p, start in zip(programs, starts[:, 2], strict=False)]
    outputs = [np.resize(program.outputs, 3) for program in programs]  # grey repeats its one
    return (
        table,
        np.concatenate([program.operations for program in programs]),
        np.concatenate([program.biases for program in programs]).astype(np.float32),
        np.append(np.concatenate(offsets), starts[-1, 2]).astype(np.int64),
        np.concatenate([program.sources for program in programs]).astype(np.int64),
        np.concatenate([program.weights for program in programs]).astype(np.float32),
        np.concatenate([program.inputs for program in programs]),
        np.array(outputs, dtype=np.int64),
    )
