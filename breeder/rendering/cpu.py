"""The CPU's renderer: tiled once its loops are compiled, the same in NumPy until then.

The loops are compiled once for an installation, in a few seconds, and then read from Numba's cache
on disk in a few milliseconds. Nobody waits for the compiler: what is asked for meanwhile is drawn
by the portable renderer, which gives the same bytes.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotReadyError
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from breeder.genome import ConnectionGene, Genome, NodeGene
from breeder.program import Program, compile_genome
from breeder.rendering import color, precise
from breeder.rendering.canvas import Canvas
from breeder.rendering.portable import PortableRenderer
from breeder.rendering.precise import PreciseRenderer, needs_precision

if TYPE_CHECKING:
    from breeder.rendering.tiled import TiledRenderer

PATIENCE = 1.5
"""Seconds to wait for the loops when they are first used: enough to read them from the cache."""

logger = logging.getLogger(__name__)


class CpuRenderer:
    """Draws on the CPU, at once and as fast as it can at the moment; always the same bytes."""

    def __init__(self) -> None:
        self._portable = PortableRenderer()
        self._precise = PreciseRenderer()
        self._waited = False

    def draw(self, programs: Sequence[Program], canvas: Canvas, rows: range) -> NDArray[np.uint8]:
        """Return rows of pictures; see `breeder.rendering.Renderer`."""
        careful = [needs_precision(program) for program in programs]
        if not any(careful):
            return self._fast().draw(programs, canvas, rows)
        out = np.empty((len(programs), len(rows), canvas.width, 3), dtype=np.uint8)
        for renderer, wanted in ((self._precise, True), (self._fast(), False)):
            places = [place for place, needed in enumerate(careful) if needed == wanted]
            if places:
                out[places] = renderer.draw([programs[place] for place in places], canvas, rows)
        return out

    def _fast(self) -> TiledRenderer | PortableRenderer:
        return self._tiled() or self._portable

    def _tiled(self) -> TiledRenderer | None:
        patience = 0.0 if self._waited else PATIENCE
        self._waited = True
        try:
            return _loops().result(timeout=patience)
        except NotReadyError:
            return None


def average(samples: NDArray[np.uint8], factor: int) -> NDArray[np.uint8]:
    """Return pixels averaged from samples; see `breeder.rendering.color.average`."""
    if factor == 1:
        return samples
    if not _loops().done() or _loops().result() is None:
        return color.average(samples, factor)
    from breeder.rendering import averaging

    return averaging.average(samples, factor)


def prepare() -> bool:
    """Compile the loops or read them from the cache; return whether they can be used."""
    precise.prepare()
    return _loops().result() is not None


@cache
def _loops() -> Future[TiledRenderer | None]:
    return ThreadPoolExecutor(1, thread_name_prefix="compile").submit(_compile)


def _compile() -> TiledRenderer | None:
    try:
        from breeder.rendering import averaging
        from breeder.rendering.tiled import TiledRenderer

        averaging.average(np.zeros((1, 2, 2, 3), dtype=np.uint8), 2)
        tiled = TiledRenderer()
        tiled.draw([compile_genome(_SMALLEST)], Canvas(width=1, height=1), range(1))
    except Exception as error:
        # No build of Numba for this Python or processor, no folder for its cache, an old compiler
        # in it: whatever it is, pictures must be drawn.
        logger.warning("The fast loops cannot be used here (%s); NumPy draws instead.", error)
        return None
    return tiled


_SMALLEST = Genome(
    inputs=("x",),
    nodes=(NodeGene(key="brightness", activation="identity"),),
    connections=(ConnectionGene(source="x", target="brightness", weight=1.0),),
    color="grey",
)
