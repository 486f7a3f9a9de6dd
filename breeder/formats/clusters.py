"""The few colours that sum up a picture: clusters in Oklab, found the same way every time.

Palettes and posterised pictures are made of them. Knows nothing of files.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from breeder.errors import FormatError
from breeder.genome import Genome
from breeder.rendering import Device, render
from breeder.rendering.canvas import Canvas
from breeder.rendering.color import (
    LAB_TO_LMS,
    LMS_TO_RGB,
    linear_to_srgb,
    srgb_to_oklab,
    to_bytes,
)

MOST_COLORS = 32
SIDE = 128
"""Pixels along the shorter side of the drawing whose colours are counted."""

ROUNDS = 40
STARTS = 4
"""Clusterings tried from different first colours; the closest one is taken."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Color:
    """One colour of a picture.

    Attributes:
        rgb: sRGB, whole numbers, 0 to 255.
        share: The part of the picture that is nearest to it, 0 to 1.
    """

    rgb: tuple[int, int, int]
    share: float

    @property
    def hex(self) -> str:
        """The colour as CSS writes it, such as "#5b4bdb"."""
        return "#{:02x}{:02x}{:02x}".format(*self.rgb)


def colors_of(genome: Genome, canvas: Canvas, count: int, device: Device) -> tuple[Color, ...]:
    """Return the colours that sum up a picture, from dark to light.

    Args:
        genome: The picture.
        canvas: What of it is shown; its size plays no part, its aspect does.
        count: How many; fewer come back where the picture has fewer.
        device: Where to draw.
    """
    shorter = min(canvas.width, canvas.height)
    sides = (
        min(8 * SIDE, max(1, round(SIDE * s / shorter))) for s in (canvas.width, canvas.height)
    )
    width, height = sides
    small = Canvas(
        width=width,
        height=height,
        zoom=canvas.zoom,
        center=canvas.center,
        rotation=canvas.rotation,
        z=canvas.z,
        supersample=2,
    )
    return cluster(srgb_to_oklab(render([genome], small, device=device)[0].reshape(-1, 3)), count)


def cluster(lab: NDArray[np.float32], count: int) -> tuple[Color, ...]:
    """Return the colours that sum up points, from dark to light.

    Args:
        lab: Oklab, shape (P, 3), at least one point.
        count: How many; fewer come back where there are fewer.

    Raises:
        FormatError: The count is out of range.
    """
    if not 1 <= count <= MOST_COLORS:
        raise FormatError(f"The number of colours must be from 1 to {MOST_COLORS}, not {count}.")
    # Like colours count together, which also makes the sums below independent of their order.
    points, weights = _counted(lab)
    rng = np.random.default_rng(20)
    tries = (_settled(points, weights, _spread(points, weights, count, rng)) for _ in range(STARTS))
    centres, labels, _ = min(tries, key=lambda found: found[2])
    shares: dict[tuple[int, int, int], float] = {}
    for centre in np.lexsort((centres[:, 2], centres[:, 1], centres[:, 0])):
        share = float(weights[labels == centre].sum() / weights.sum())
        if share:
            rgb = _screen_color(centres[centre])
            shares[rgb] = shares.get(rgb, 0.0) + share
    return tuple(Color(rgb=rgb, share=share) for rgb, share in shares.items())


def _counted(lab: NDArray[np.float32]) -> tuple[Floats, Floats]:
    """Return the means of points that fall into one small cube, and how many they are."""
    cubes = np.rint(lab.astype(np.float64) * 250.0).astype(np.int64) + 500
    _, cube, counts = np.unique(
        cubes @ [1_000_000, 1_000, 1], return_inverse=True, return_counts=True
    )
    sums = [np.bincount(cube, part.astype(np.float64)) for part in lab.T]
    return np.stack(sums, 1) / counts[:, None], counts.astype(np.float64)


def squared_distances(points: Floats, centres: Floats) -> Floats:
    """Return the squared distances of points from centres, shape (centres, P)."""
    lengths = (centres**2).sum(1)[:, None] + (points**2).sum(1)
    return np.asarray(np.maximum(lengths - 2.0 * centres @ points.T, 0.0))


def linear_to_oklab(linear: Floats) -> Floats:
    """Return the Oklab values of linear light, shape (..., 3)."""
    cones = linear @ np.linalg.inv(LMS_TO_RGB).T
    return np.asarray(np.cbrt(cones) @ np.linalg.inv(LAB_TO_LMS).T)


def _spread(points: Floats, weights: Floats, count: int, rng: np.random.Generator) -> Floats:
    """Return first centres far from each other (k-means++, Arthur and Vassilvitskii 2007)."""
    chosen = [points[np.searchsorted(np.cumsum(weights), rng.random() * weights.sum())]]
    nearest = squared_distances(points, np.array(chosen))[0]
    while len(chosen) < count and (pull := weights * nearest).sum() > 0.0:
        place = np.searchsorted(np.cumsum(pull), rng.random() * pull.sum())
        chosen.append(points[min(place, len(points) - 1)])
        nearest = np.minimum(nearest, ((points - chosen[-1]) ** 2).sum(1))
    return np.array(chosen)


def _settled(
    points: Floats, weights: Floats, centres: Floats
) -> tuple[Floats, NDArray[np.intp], float]:
    """Return centres moved to the means of what is nearest to them, whose those are, the error."""
    for _ in range(ROUNDS):
        distances = squared_distances(points, centres)
        labels = distances.argmin(0)
        total = np.bincount(labels, weights, len(centres))
        sums = [np.bincount(labels, weights * part, len(centres)) for part in points.T]
        moved = np.where(
            total[:, None] > 0, np.stack(sums, 1) / np.maximum(total, 1)[:, None], centres
        )
        if np.allclose(moved, centres, rtol=0, atol=1e-6):
            break
        centres = moved
    return centres, labels, float((weights * distances.min(0)).sum())


def _screen_color(lab: Floats) -> tuple[int, int, int]:
    linear = (LAB_TO_LMS @ lab) ** 3 @ LMS_TO_RGB.T
    red, green, blue = to_bytes(linear_to_srgb(np.clip(linear, 0.0, 1.0))).tolist()
    return red, green, blue
