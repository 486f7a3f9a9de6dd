"""Where pictures are drawn: finds this machine's devices, chooses one for a picture, falls back.

A GPU is worth its round trip for enough work only, and torch takes seconds to load: small pictures
never ask for one, and the first larger ones are drawn on the CPU while a thread gets the GPU ready.
"""

from __future__ import annotations

import logging
import platform
import sys
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotReadyError
from ctypes.util import find_library
from functools import cache
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from breeder.errors import RenderError
from breeder.program import Program, compile_genome
from breeder.rendering.canvas import Canvas
from breeder.rendering.cpu import SMALLEST, CpuRenderer
from breeder.rendering.precise import needs_precision
from breeder.rendering.protocol import Renderer
from breeder.rendering.reference import ReferenceRenderer

Device = Literal["auto", "cpu", "cuda", "mps", "reference"]
DEVICES: tuple[Device, ...] = ("auto", "cpu", "cuda", "mps", "reference")

GPU_WORK = 1 << 24
"""Samples times nodes and connections from which a GPU draws: some 2 ms of two cores, where a
launch and the way back take a few tenths. A guess, to be measured on a machine with a GPU."""

PATIENT_WORK = 1 << 37
"""Work worth waiting for a GPU that is not ready yet: some 20 s of two cores. A guess as well."""

PATIENCE = 30.0
"""Seconds to wait for it at most: loading torch and compiling the kernel take about ten."""

BAND_SCALE = 4
"""A GPU's bands are so many times as large: each costs a launch and a way back."""

GPU_NODES = ("/dev/nvidiactl", "/dev/kfd", "/dev/dxg", "/dev/nvmap")
"""What Linux shows of GPUs that torch can use: NVIDIA's, AMD's, Windows's, and those of Jetson."""

logger = logging.getLogger(__name__)


class Drawing:
    """The way one picture, or one batch, is drawn: with one device for all of its bands.

    Args:
        device: Where to draw.
        forgiving: Whether the CPU goes on where the device fails.
    """

    def __init__(self, device: Device, *, forgiving: bool = False):
        self._device = device
        self._forgiving = forgiving
        self.band_scale = BAND_SCALE if device in ("cuda", "mps") else 1

    def draw(self, programs: Sequence[Program], canvas: Canvas, rows: range) -> NDArray[np.uint8]:
        """Return rows of pictures; see `Renderer`.

        Raises:
            RenderError: The device is not there, or it failed and is not forgiven.
        """
        if self._forgiving:
            try:
                return renderer(self._device).draw(programs, canvas, rows)
            except Exception as error:
                # Lack of memory, a driver that was updated, a lost device, a compiler: libraries
                # raise what they like, and the picture must be drawn.
                _note(self._device, error)
                self._device, self._forgiving = "cpu", False
        try:
            return renderer(self._device).draw(programs, canvas, rows)
        except RuntimeError as error:  # torch raises this for a lost device and lack of memory
            raise RenderError(f"Drawing on {self._device} failed: {error}") from error


def choose(programs: Sequence[Program], canvas: Canvas, device: Device) -> Drawing:
    """Return how to draw some programs: "auto" chooses by machine and by the amount of work."""
    if device != "auto":
        return Drawing(device)
    if any(map(needs_precision, programs)):
        return Drawing("cpu")  # a GPU draws in 32 bits, and would miss steps
    numbers = sum(program.operations.size + program.sources.size for program in programs)
    gpu = _gpu_for(canvas.width * canvas.height * canvas.supersample**2 * numbers)
    return Drawing(gpu, forgiving=True) if gpu else Drawing("cpu")


_given_up: set[Device] = set()
_noted: set[tuple[Device, str]] = set()


def _note(device: Device, error: Exception) -> None:
    """Say once for each kind of failure that the CPU draws; give up a GPU that is out of order."""
    short_of_memory = "out of memory" in str(error).lower()  # the next picture may be smaller
    if not short_of_memory:
        _given_up.add(device)
    kind = "memory" if short_of_memory else type(error).__name__
    if (device, kind) not in _noted:
        _noted.add((device, kind))
        reason = (str(error) or type(error).__name__).splitlines()[0]
        when = "instead" if short_of_memory else "from now on"
        logger.warning("Drawing on %s failed (%s); the CPU draws %s.", device, reason, when)


def _gpu_for(work: int) -> Device | None:
    if work < GPU_WORK or not _may_have_gpu():
        return None
    try:
        gpu = _load_gpu().result(timeout=PATIENCE if work >= PATIENT_WORK else 0.0)
    except NotReadyError:
        return None
    return None if gpu in _given_up else gpu


@cache
def _load_gpu() -> Future[Device | None]:
    return ThreadPoolExecutor(1, thread_name_prefix="gpu").submit(_ready_gpu)


def _ready_gpu() -> Device | None:
    """Return the GPU of this machine once it can draw, if there is one."""
    try:
        device = available_device()
        if device == "cpu":
            return None
        renderer(device)
    except Exception as error:
        # As above: a broken driver or installation of torch.
        logger.warning("No GPU can be used here (%s); the CPU draws.", error)
        return None
    return device


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


@cache
def _may_have_gpu() -> bool:
    """Return whether it is worth loading torch, which takes seconds, to ask it for a GPU."""
    if sys.platform == "darwin":
        return platform.machine() == "arm64"
    if sys.platform == "win32":
        return find_library("nvcuda") is not None
    return any(Path(node).exists() for node in GPU_NODES)


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
    return (_fused() if chosen == "cuda" else None) or BatchedRenderer(chosen)


def _fused() -> Renderer | None:
    """Return the renderer of one launch, its kernel compiled, where Triton can do that."""
    try:
        from breeder.rendering.fused import FusedRenderer

        fused = FusedRenderer()
        fused.draw([compile_genome(SMALLEST)], Canvas(width=1, height=1), range(1))
    except ImportError:
        return None  # Triton is not built for every system, and torch draws as well
    except Exception as error:
        # No compiler for Triton's launcher, a GPU it does not know, a folder it cannot write.
        logger.warning("The GPU's kernel cannot be used here (%s); PyTorch draws instead.", error)
        return None
    return fused
