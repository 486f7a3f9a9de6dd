"""Pictures of the Lab: at any size, coarse first, and stopped when nobody waits for them any more.

The CPU draws unless told otherwise: its bytes are the same on every machine, which is what a link
promises. GPUs round otherwise, and a random network may make much of the last digit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from breeder.lab.lowering import lower, to_program
from breeder.lab.networks import Network, build
from breeder.lab.settings import LabSettings
from breeder.lab.stretching import stretches_of
from breeder.program import Program
from breeder.rendering import Device, program_bands
from breeder.rendering.canvas import Canvas

Picture = NDArray[np.uint8]

FACTORS = (16, 8, 4, 2, 1)
"""How many times smaller than asked for the pictures of a drawing may be."""

SMALLEST = 24
"""Pixels along the shorter side below which a coarse picture tells nothing."""

QUICK = 1 << 27
"""Connections times samples that are drawn in some hundredths of a second: where the whole is
less, coarser pictures would only delay it."""

STEP = 8
"""How many times more work a picture is than the coarser one before it, at least: all the coarse
ones together then cost a seventh of the last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One of the pictures of a drawing, each finer than the one before.

    Attributes:
        picture: sRGB, uint8, shape (height, width, 3).
        factor: How many times smaller than asked for it is along each side; 1 for the last.
        share: How much of the work is done, 0 to 1.
    """

    picture: Picture
    factor: int
    share: float


def program_of(settings: LabSettings, network: Network | None = None) -> Program:
    """Return the program that draws settings on a plain canvas: view, z and colour are in it.

    Args:
        settings: What to draw.
        network: Another network of the same shape, a trained one say; that of the settings if left
            out.

    Raises:
        SettingsError: The settings ask for something that this version cannot draw.
    """
    return _program(replace(settings, caption=""), network)


@lru_cache(maxsize=2)
def _program(settings: LabSettings, network: Network | None) -> Program:
    shown = network or build(settings)
    return to_program(lower(settings, shown, stretches_of(settings, shown)))


def draw(
    settings: LabSettings,
    width: int = 512,
    height: int | None = None,
    *,
    supersample: int = 1,
    network: Network | None = None,
    device: Device = "cpu",
    cancelled: Callable[[], bool] = lambda: False,
    advance: Callable[[float], object] = lambda share: None,
) -> Picture:
    """Return the picture of settings, its caption not on it.

    The shorter side shows the frame and the longer one what lies beyond it, so that every size
    shows the same picture.

    Args:
        settings: What to draw.
        width: Pixels across.
        height: Pixels down; as many as across if left out.
        supersample: Samples per pixel along each side, 1 to 8, averaged in linear light.
        network: Another network of the same shape; that of the settings if left out.
        device: Where to draw; the CPU gives the same bytes on every machine.
        cancelled: Asked before every band; True ends the drawing.
        advance: Called with the share of the picture that is done, 0 to 1, after every band.

    Returns:
        sRGB, uint8, shape (height, width, 3).

    Raises:
        CancelledError: `cancelled` said so.
        SettingsError: The size is outside its range.
    """
    canvas = Canvas(width=width, height=height or width, supersample=supersample)
    picture = np.empty((canvas.height, canvas.width, 3), dtype=np.uint8)
    program, top = program_of(settings, network), 0
    for band in program_bands([program], canvas, device=device, cancelled=cancelled):
        picture[top : top + band.shape[1]] = band[0]
        top += band.shape[1]
        advance(top / canvas.height)
    return picture


def bands(
    settings: LabSettings,
    canvas: Canvas,
    *,
    network: Network | None = None,
    device: Device = "cpu",
    cancelled: Callable[[], bool] = lambda: False,
) -> Iterator[Picture]:
    """Yield the picture of settings from top to bottom, uint8, shape (rows, W, 3), for large ones.

    Args:
        settings: What to draw.
        canvas: Its size and supersampling; the settings say what it shows.
        network: Another network of the same shape; that of the settings if left out.
        device: Where to draw.
        cancelled: Asked before every band; True ends the drawing.

    Raises:
        CancelledError: `cancelled` said so.
    """
    plain = Canvas(width=canvas.width, height=canvas.height, supersample=canvas.supersample)
    found = program_bands(
        [program_of(settings, network)], plain, device=device, cancelled=cancelled
    )
    return (band[0] for band in found)


def stages(
    settings: LabSettings,
    width: int = 512,
    height: int | None = None,
    *,
    supersample: int = 1,
    network: Network | None = None,
    device: Device = "cpu",
    cancelled: Callable[[], bool] = lambda: False,
    advance: Callable[[float], object] = lambda share: None,
) -> Iterator[Stage]:
    """Yield pictures of settings, coarse first, then finer; the last is the one asked for.

    What is drawn in a moment comes as one picture.

    Args: and errors as of `draw`.
    """
    height = height or width
    plan = _plan(program_of(settings, network), width, height, supersample)
    whole, done = sum(work for _, work in plan), 0
    for factor, work in plan:
        begun, size = done, work

        def tell(share: float, begun: int = begun, size: int = size) -> None:
            advance((begun + share * size) / whole)

        picture = draw(
            settings,
            max(1, round(width / factor)),
            max(1, round(height / factor)),
            supersample=supersample if factor == 1 else 1,
            network=network,
            device=device,
            cancelled=cancelled,
            advance=tell,
        )
        done += work
        yield Stage(picture=picture, factor=factor, share=done / whole)


def _plan(program: Program, width: int, height: int, supersample: int) -> list[tuple[int, int]]:
    """Return the factor and the work of each picture, the coarsest first."""
    connections = program.sources.size + program.operations.size
    last = width * height * supersample**2 * connections
    plan = [(1, last)]
    for factor in reversed(FACTORS[:-1]):
        work = width * height * connections // factor**2
        small = min(width, height) // factor < SMALLEST
        if not small and plan[0][1] > QUICK and plan[0][1] >= STEP * work:
            plan.insert(0, (factor, work))
    return plan
