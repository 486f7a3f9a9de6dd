"""Why a picture of the Lab looks as it does: all measures of it together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from breeder.errors import CancelledError
from breeder.lab.complexity import SIDE, Complexity, Finding, find, measure
from breeder.lab.drawing import draw
from breeder.lab.networks import Network, build
from breeder.lab.settings import LabSettings
from breeder.lab.signals import Curve, Regions, Signals, curve, regions, signals, zoomable

CLOSER = (1.0, 4.0, 16.0, 64.0)
"""How many times closer the frames are that are measured beside the whole."""

LARGE = 1_000_000
"""Weights from which on pictures are measured at half the size, and one closer frame is enough."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Frame:
    """The middle of a picture, closer up.

    Attributes:
        zoom: How many times closer than the picture.
        picture: uint8, shape (S, S, 3).
        complexity: What is measured of it.
    """

    zoom: float
    picture: NDArray[np.uint8]
    complexity: Complexity


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Explanation:
    """All that is measured of one picture of the Lab.

    Attributes:
        frames: The picture itself, and its middle closer up.
        findings: States of it that have a name; none for most pictures.
        signals: How values spread through the layers.
        curve: How a circle grows.
        regions: Straight pieces; None where the network is not made of them.
        zoomable: How many times closer one can go; None for a picture of one colour.
        weights: How many weights the network has.
        biases: How many biases.
    """

    frames: tuple[Frame, ...]
    findings: tuple[Finding, ...]
    signals: Signals
    curve: Curve
    regions: Regions | None
    zoomable: float | None
    weights: int
    biases: int

    @property
    def complexity(self) -> Complexity:
        """What is measured of the picture."""
        return self.frames[0].complexity


def explain(
    settings: LabSettings,
    *,
    network: Network | None = None,
    closer: tuple[float, ...] = CLOSER,
    cancelled: Callable[[], bool] = lambda: False,
) -> Explanation:
    """Return all measures of a picture.

    Args:
        settings: The picture.
        network: Another network of the same shape, a trained one say; that of the settings if left
            out.
        closer: Zooms of the frames, the first 1.
        cancelled: Asked between the parts.

    Raises:
        CancelledError: `cancelled` said so.
    """

    def go_on() -> None:
        if cancelled():
            raise CancelledError("The measuring was cancelled.")

    shown = network or build(settings)
    go_on()
    found = signals(settings, shown)
    go_on()
    carried = curve(settings, shown)
    go_on()
    pieces = regions(settings, shown)
    go_on()
    reach = zoomable(settings, shown)
    zooms = closer if settings.weight_count <= LARGE else closer[::2][:2]
    frames = tuple(_frame(settings, zoom, network, cancelled) for zoom in zooms)
    return Explanation(
        frames=frames,
        findings=find(frames[0].complexity),
        signals=found,
        curve=carried,
        regions=pieces,
        zoomable=reach,
        weights=settings.weight_count,
        biases=settings.bias_count,
    )


def _frame(
    settings: LabSettings, zoom: float, network: Network | None, cancelled: Callable[[], bool]
) -> Frame:
    side = SIDE // 2 if settings.weight_count > LARGE else SIDE
    nearer = replace(settings, zoom=min(settings.zoom * zoom, 1e4))
    picture = draw(nearer, side, network=network, cancelled=cancelled)
    return Frame(zoom=zoom, picture=picture, complexity=measure(picture))
