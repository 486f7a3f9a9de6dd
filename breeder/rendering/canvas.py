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
        most_pixels = MAX_SAMPLES // max(1, int(self.supersample))
        for name, value, most in (
            ("supersample", self.supersample, MAX_SUPERSAMPLE),
            ("width", self.width, most_pixels),
            ("height", self.height, most_pixels),
        ):
            if value != int(value) or not 1 <= value <= most:
                raise SettingsError(
                    f"The canvas's {name} must be a whole number from 1 to {most}, not {value}."
                )
        numbers = (self.zoom, *self.center, self.rotation, self.z)
        if not all(math.isfinite(number) and abs(number) <= 1e9 for number in numbers):
            raise SettingsError("Zoom, centre, rotation and z must be finite, within ±1e9.")
        if self.zoom <= 0:
            raise SettingsError(f"The zoom must be above 0, but is {self.zoom}.")

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
