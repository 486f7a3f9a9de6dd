"""Drawing: genomes and a canvas to pixels.

A `Renderer` draws some rows of some programs; everything else here (which renderer, bands of
bounded size, supersampling) is common to all of them.
"""

from __future__ import annotations

import logging
import platform
import sys
from collections.abc import Callable, Iterator, Sequence
from ctypes.util import find_library
from functools import cache
from pathlib import Path
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from breeder.errors import CancelledError, RenderError
from breeder.genome import Genome
from breeder.program import Program, compile_genome
from breeder.rendering.canvas import Canvas
from breeder.rendering.color import average
from breeder.rendering.cpu import CpuRenderer
from breeder.rendering.reference import ReferenceRenderer

Device = Literal["auto", "cpu", "cuda", "mps", "reference"]
DEVICES: tuple[Device, ...] = ("auto", "cpu", "cuda", "mps", "reference")

# Samples drawn at a time, of all pictures together: bounds memory whatever the picture's size.
BAND_SAMPLES = 1 << 21

logger = logging.getLogger(__name__)


class Renderer(Protocol):
    """One way to run programs."""

    def draw(self, programs: Sequence[Program], canvas: Canvas, rows: range) -> NDArray[np.uint8]:
        """Return rows of pictures.

        Args:
            programs: At least one, of any structures.
            canvas: A canvas of single samples (`supersample` 1).
            rows: Rows from the top, at least one.

        Returns:
            sRGB, uint8, shape (len(programs), len(rows), canvas.width, 3).
        """
        ...


def render(
    genomes: Sequence[Genome], canvas: Canvas | None = None, *, device: Device = "auto"
) -> NDArray[np.uint8]:
    """Return pictures of genomes.

    Args:
        genomes: Any number of genomes.
        canvas: What to show; 256 x 256 pixels of the whole by default.
        device: Where to draw; "auto" takes a GPU when there is one, and falls back to the CPU
            with one logged sentence when it fails.

    Returns:
        sRGB, uint8, shape (B, H, W, 3).

    Raises:
        RenderError: The device is not there.
    """
    canvas = canvas or Canvas()
    shape = (len(genomes), canvas.height, canvas.width, 3)
    pictures = np.empty(shape, dtype=np.uint8)
    top = 0
    for band in render_bands(genomes, canvas, device=device):
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
    if not genomes:
        return
    programs = [compile_genome(genome) for genome in genomes]
    factor = canvas.supersample
    row_samples = len(genomes) * canvas.width * factor * factor
    step = max(1, BAND_SAMPLES // row_samples)
    for top in range(0, canvas.height, step):
        if cancelled():
            raise CancelledError("The drawing was cancelled.")
        rows = range(top * factor, min(top + step, canvas.height) * factor)
        yield average(_draw(programs, canvas.samples, rows, device), factor)


def _draw(
    programs: Sequence[Program], canvas: Canvas, rows: range, device: Device
) -> NDArray[np.uint8]:
    chosen = available_device() if device == "auto" else device
    try:
        return renderer(chosen).draw(programs, canvas, rows)
    except RuntimeError as error:  # torch raises this for a lost device and for lack of memory
        if device != "auto" or chosen == "cpu":
            raise RenderError(f"Drawing on {chosen} failed: {error}") from error
        logger.warning("Drawing on %s failed (%s); the CPU draws instead.", chosen, error)
        return renderer("cpu").draw(programs, canvas, rows)


@cache
def available_device() -> Device:
    """Return the best device of this machine: "cuda", "mps" or "cpu"."""
    if _may_have_gpu():
        import torch

        if torch.cuda.is_available():
            return "cuda"
        if torch.backends.mps.is_available():
            return "mps"
    return "cpu"


def _may_have_gpu() -> bool:
    """Return whether it is worth loading torch, which takes seconds, to ask it for a GPU."""
    if sys.platform == "darwin":
        return platform.machine() == "arm64"
    return find_library("nvcuda" if sys.platform == "win32" else "cuda") is not None or any(
        Path(node).exists() for node in ("/dev/nvidiactl", "/dev/kfd", "/dev/dxg")
    )


@cache
def renderer(device: Device) -> Renderer:
    """Return the renderer of a device, made once.

    Raises:
        RenderError: The device is unknown or not there.
    """
    if device not in DEVICES:
        raise RenderError(f"Unknown device {device!r}; the devices are {', '.join(DEVICES)}.")
    if device == "reference":
        return ReferenceRenderer()
    chosen = available_device() if device == "auto" else device
    if chosen == "cpu":
        return CpuRenderer()
    from breeder.rendering.batched import BatchedRenderer, is_there

    if not is_there(chosen):
        raise RenderError(f"This machine has no {chosen} device; use auto or cpu.")
    return BatchedRenderer(chosen)
