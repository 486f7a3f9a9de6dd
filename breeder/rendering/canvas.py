"""Which points a picture shows: size, zoom, centre, rotation, z, supersampling."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from breeder.errors import SettingsError

MAX_SUPERSAMPLE = 8
MAX_SAMPLES = 65_536 * MAX_SUPERSAMPLE
"""Samples along a side: its pixels times the supersampling."""

FARTHEST = 1e9
SMALLEST_ZOOM = 1e-6
"""Within these limits the squares of all coordinates, times the largest weights, stay finite in 32
bits."""

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Canvas:
    """The part of the plane a picture shows, and how finely.

    x runs to the right and y down; pixels are asked at their centres. At zoom 1 the shorter side
    spans -1 to 1, so that circles stay round whatever the aspect.

    Attributes:
        width: Pixels across, at least 1; times `supersample` at most 524,288.
        height: Pixels down, likewise.
        zoom: Magnification about `center`; 2 shows half as much.
        center: The point in the middle of the picture, (x, y).
        rotation: Degrees by which the picture is turned clockwise about its middle.
        z: The value of the input z everywhere in the picture.
        supersample: Samples per pixel along each side, 1 to 8, averaged in linear light.

    Raises:
        SettingsError: A value is outside its range or not finite.
    """

    width: int = 256
    height: int = 256
    zoom: float = 1.0
    center: tuple[float, float] = (0.0, 0.0)
    rotation: float = 0.0
    z: float = 0.0
    supersample: int = 1

    def __post_init__(self) -> None:
        self._make_whole("supersample", MAX_SUPERSAMPLE)
        self._make_whole("width", MAX_SAMPLES // self.supersample)
        self._make_whole("height", MAX_SAMPLES // self.supersample)
        if len(self.center) != 2:
            raise SettingsError(f"The canvas's centre must be two numbers, not {self.center}.")
        numbers = (self.zoom, *self.center, self.rotation, self.z)
        if not all(math.isfinite(number) and abs(number) <= FARTHEST for number in numbers):
            raise SettingsError(
                f"Zoom, centre, rotation and z must be finite, within ±{FARTHEST:g}."
            )
        if self.zoom < SMALLEST_ZOOM:
            raise SettingsError(f"The zoom must be at least {SMALLEST_ZOOM:g}, not {self.zoom}.")

    def _make_whole(self, name: str, most: int) -> None:
        value = getattr(self, name)
        if not math.isfinite(value) or value != int(value) or not 1 <= value <= most:
            raise SettingsError(
                f"The canvas's {name} must be a whole number from 1 to {most}, not {value}."
            )
        object.__setattr__(self, name, int(value))

    @property
    def samples(self) -> Canvas:
        """The canvas of single samples: as many times larger as it is supersampled."""
        if self.supersample == 1:
            return self
        factor = self.supersample
        return replace(self, width=self.width * factor, height=self.height * factor, supersample=1)

    def points(self, rows: range) -> tuple[Array, Array]:
        """Return x and y of the pixel centres of some rows, supersampling left aside.

        Args:
            rows: Row numbers from the top.

        Returns:
            Two float64 arrays of shape (len(rows) * width,), row after row.
        """
        shorter = min(self.width, self.height)
        across = (2 * np.arange(self.width, dtype=np.float64) + 1 - self.width) / shorter
        down = (2 * np.arange(rows.start, rows.stop, dtype=np.float64) + 1 - self.height) / shorter
        u = np.tile(across, len(rows))
        v = np.repeat(down, self.width)
        if self.rotation:
            angle = math.radians(self.rotation)
            u, v = (
                u * math.cos(angle) + v * math.sin(angle),
                v * math.cos(angle) - u * math.sin(angle),
            )
        return self.center[0] + u / self.zoom, self.center[1] + v / self.zoom
