"""The CPU's renderer: tiled once its loops are compiled, the same in NumPy until then.

The loops are compiled once for an installation, in a few seconds, and then read from Numba's cache
on disk in a few milliseconds. Nobody waits for the compiler: what is asked for meanwhile is drawn
by the portable renderer, which gives the same bytes.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotReadyError
from functools import cache

import numpy as np
from numpy.typing import NDArray

from breeder.genome import ConnectionGene, Genome, NodeGene
from breeder.program import Program, compile_genome
from breeder.rendering import color
from breeder.rendering.canvas import Canvas
from breeder.rendering.portable import PortableRenderer
from breeder.rendering.precise import PreciseRenderer, needs_precision
from breeder.rendering.protocol import Renderer

PATIENCE = 1.5
"""Seconds to wait in all for loops that are not ready: enough to read them from the cache."""

logger = logging.getLogger(__name__)


class CpuRenderer:
    """Draws on the CPU, at once and as fast as it can at the moment; always the same bytes."""

    def __init__(self) -> None:
        self._portable = PortableRenderer()
        self._precise = PreciseRenderer()
        self._patience = PATIENCE

    def draw(self, programs: Sequence[Program], canvas: Canvas, rows: range) -> NDArray[np.uint8]:
        """Return rows of pictures; see `breeder.rendering.Renderer`."""
        careful = [needs_precision(program) for program in programs]
        if not any(careful):
            return self._ready(_loops, self._portable).draw(programs, canvas, rows)
        out = np.empty((len(programs), len(rows), canvas.width, 3), dtype=np.uint8)
        for wanted in set(careful):
            places = [place for place, needed in enumerate(careful) if needed == wanted]
            ways = (_precise_loops, self._precise) if wanted else (_loops, self._portable)
            some = [programs[place] for place in places]
            out[places] = self._ready(*ways).draw(some, canvas, rows)
        return out

    def _ready(self, loops: Callable[[], Future[Renderer | None]], meanwhile: Renderer) -> Renderer:
        """Return the renderer with compiled loops, or what stands in for it meanwhile."""
        began = time.monotonic()
        try:
            return loops().result(timeout=self._patience) or meanwhile
        except NotReadyError:
            return meanwhile
        finally:
            self._patience = max(0.0, self._patience - (time.monotonic() - began))


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
    return None not in [loading.result() for loading in (_loops(), _precise_loops())]


@cache
def _compiler() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(1, thread_name_prefix="compile")


@cache
def _loops() -> Future[Renderer | None]:
    return _compiler().submit(_compile, _tiled)


@cache
def _precise_loops() -> Future[Renderer | None]:
    return _compiler().submit(_compile, _compiled_precise)


def _compile(make: Callable[[], Renderer]) -> Renderer | None:
    """Return a renderer whose loops are compiled; None where they cannot be used."""
    try:
        renderer = make()
        renderer.draw([compile_genome(SMALLEST)], Canvas(width=1, height=1), range(1))
    except Exception as error:
        # No build of Numba for this Python or processor, no folder for its cache, an old compiler
        # in it: whatever it is, pictures must be drawn.
        logger.warning("The fast loops cannot be used here (%s); NumPy draws instead.", error)
        return None
    return renderer


def _tiled() -> Renderer:
    from breeder.rendering import averaging
    from breeder.rendering.tiled import TiledRenderer

    averaging.average(np.zeros((1, 2, 2, 3), dtype=np.uint8), 2)
    return TiledRenderer()


def _compiled_precise() -> Renderer:
    from breeder.rendering import precise_loop

    return PreciseRenderer(precise_loop.evaluate, precise_loop.paint)


SMALLEST = Genome(
    inputs=("x",),
    nodes=(NodeGene(key="brightness", activation="identity"),),
    connections=(ConnectionGene(source="x", target="brightness", weight=1.0),),
    color="grey",
)
"""What a way to draw is tried with."""
