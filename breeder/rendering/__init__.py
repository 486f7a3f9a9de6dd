"""Drawing: genomes and a canvas to pixels.

A `Renderer` draws some rows of some programs; everything else here (which renderer, bands of
bounded size, supersampling) is common to all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from breeder.errors import CancelledError
from breeder.genome import Genome
from breeder.program import Program, compile_genome
from breeder.rendering.canvas import Canvas
from breeder.rendering.cpu import average
from breeder.rendering.devices import DEVICES, Device, available_device, choose, renderer
from breeder.rendering.protocol import Renderer
from breeder.rendering.threads import CORES

__all__ = [
    "BAND_SAMPLES",
    "DEVICES",
    "Device",
    "Renderer",
    "available_device",
    "program_bands",
    "render",
    "render_bands",
    "render_programs",
    "renderer",
]

# Samples drawn at a time, of all pictures together: bounds memory whatever the picture's size.
BAND_SAMPLES = 1 << 21

# Connections followed at a time, some quarter of a second on two cores: a large network's band is
# smaller, so that a drawing can be cancelled soon and others get their turn between its bands.
BAND_CONNECTIONS = 1 << 31

# Samples of a band at the least, so that every core has some whatever the network's size.
LEAST_SAMPLES = CORES * 512


def render(
    genomes: Sequence[Genome], canvas: Canvas | None = None, *, device: Device = "auto"
) -> NDArray[np.uint8]:
    """Return pictures of genomes.

    Args:
        genomes: Any number of genomes.
        canvas: What to show; 256 x 256 pixels of the whole by default.
        device: Where to draw; "auto" takes a GPU where there is one and the work is worth it, and
            falls back to the CPU with one logged sentence when it fails.

    Returns:
        sRGB, uint8, shape (B, H, W, 3).

    Raises:
        RenderError: The device is not there.
    """
    canvas = canvas or Canvas()
    return _joined(render_bands(genomes, canvas, device=device), len(genomes), canvas)


def render_programs(
    programs: Sequence[Program],
    canvas: Canvas,
    *,
    device: Device = "auto",
    cancelled: Callable[[], bool] = lambda: False,
) -> NDArray[np.uint8]:
    """Return pictures of programs; see `render` and `program_bands`.

    Returns:
        sRGB, uint8, shape (B, H, W, 3).

    Raises:
        CancelledError: `cancelled` said so.
        RenderError: The device is not there.
    """
    bands = program_bands(programs, canvas, device=device, cancelled=cancelled)
    return _joined(bands, len(programs), canvas)


def _joined(bands: Iterator[NDArray[np.uint8]], count: int, canvas: Canvas) -> NDArray[np.uint8]:
    pictures = np.empty((count, canvas.height, canvas.width, 3), dtype=np.uint8)
    top = 0
    for band in bands:
        pictures[:, top : top + band.shape[1]] = band
        top += band.shape[1]
    return pictures


def render_bands(
    genomes: Sequence[Genome],
    canvas: Canvas,
    *,
    device: Device = "auto",
    cancelled: Callable[[], bool] = lambda: False,
) -> Iterator[NDArray[np.uint8]]:
    """Yield pictures from top to bottom in bands, so that memory stays bounded at any size.

    Args:
        genomes: Any number of genomes.
        canvas: What to show.
        device: Where to draw.
        cancelled: Asked before every band; True ends the drawing.

    Yields:
        sRGB, uint8, shape (B, rows, W, 3), the rows adding up to the height.

    Raises:
        CancelledError: `cancelled` said so.
        RenderError: The device is not there.
    """
    programs = [compile_genome(genome) for genome in genomes]
    return program_bands(programs, canvas, device=device, cancelled=cancelled)


def program_bands(
    programs: Sequence[Program],
    canvas: Canvas,
    *,
    device: Device = "auto",
    cancelled: Callable[[], bool] = lambda: False,
) -> Iterator[NDArray[np.uint8]]:
    """Yield pictures of programs from top to bottom in bands; see `render_bands`.

    Yields:
        sRGB, uint8, shape (B, rows, W, 3), the rows adding up to the height.

    Raises:
        CancelledError: `cancelled` said so.
        RenderError: The device is not there.
    """
    if not programs:
        return
    factor = canvas.supersample
    row_samples = len(programs) * canvas.width * factor * factor
    drawing = choose(programs, canvas, device)
    connections = 1 + sum(program.sources.size for program in programs) // len(programs)
    samples = min(BAND_SAMPLES, max(LEAST_SAMPLES, BAND_CONNECTIONS // connections))
    step = max(1, samples * drawing.band_scale // row_samples)
    for top in range(0, canvas.height, step):
        if cancelled():
            raise CancelledError("The drawing was cancelled.")
        rows = range(top * factor, min(top + step, canvas.height) * factor)
        yield average(drawing.draw(programs, canvas.samples, rows), factor)
