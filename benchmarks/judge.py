"""A judge of grids that shares nothing with the screening: other pixels, other measures.

It sees pictures of 128 x 128 in 8-bit sRGB and uses compressed size, structural similarity (Wang et
al. 2004), histograms of oriented gradients (Dalal and Triggs 2005) and colour histograms, where the
screening uses correlations of 16 x 16 cells in Oklab.
"""

from __future__ import annotations

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image

SIDE = 128
Pictures = NDArray[np.uint8]

UNIFORM_SPREAD = 5.0
FLAT_SHARE = 0.97
NOISE_BYTES_PER_PIXEL = 0.5
TWIN_SIMILARITY = 0.97
TWIN_DIFFERENCE = 5.0
IDENTICAL_DIFFERENCE = 0.5


def is_dull(picture: Pictures) -> bool:
    """Return whether a picture is near-uniform, flat but for a speck, or noise."""
    pixels = picture.reshape(-1, 3).astype(float)
    if pixels.std(axis=0).max() < UNIFORM_SPREAD:
        return True
    if (np.abs(pixels - np.median(pixels, axis=0)).max(axis=1) < 8).mean() > FLAT_SHARE:
        return True
    buffer = io.BytesIO()
    Image.fromarray(picture).convert("L").save(buffer, "JPEG", quality=80)
    return len(buffer.getvalue()) / SIDE**2 > NOISE_BYTES_PER_PIXEL


def difference(one: Pictures, other: Pictures) -> float:
    """Return the mean absolute difference of all channels, 0 to 255."""
    return float(np.abs(one.astype(int) - other.astype(int)).mean())


def similarity(one: Pictures, other: Pictures) -> float:
    """Return the structural similarity of lightness over 8 x 8 blocks, -1 to 1."""
    a, b = _blocks(one), _blocks(other)
    mean_a, mean_b = a.mean(axis=1), b.mean(axis=1)
    cov = ((a - mean_a[:, None]) * (b - mean_b[:, None])).mean(axis=1)
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    top = (2 * mean_a * mean_b + c1) * (2 * cov + c2)
    bottom = (mean_a**2 + mean_b**2 + c1) * (a.var(axis=1) + b.var(axis=1) + c2)
    return float((top / bottom).mean())


def is_twin(one: Pictures, other: Pictures) -> bool:
    """Return whether a person would take two pictures for the same."""
    near = difference(one, other) < TWIN_DIFFERENCE
    return near and similarity(one, other) > TWIN_SIMILARITY


def is_identical(one: Pictures, other: Pictures) -> bool:
    """Return whether two pictures are the same but for rounding."""
    return difference(one, other) < IDENTICAL_DIFFERENCE


class Kinship:
    """Whether two pictures look related: more alike than nearly all unrelated pairs.

    Args:
        unrelated: Pictures of different families, from which the thresholds are read.
        quantile: How rare a likeness must be among unrelated pairs, for each of three measures.
    """

    def __init__(self, unrelated: Pictures, quantile: float = 0.97) -> None:
        rng = np.random.default_rng(0)
        pairs = rng.integers(len(unrelated), size=(1500, 2))
        pairs = pairs[pairs[:, 0] != pairs[:, 1]]
        scores = np.array([likenesses(unrelated[a], unrelated[b]) for a, b in pairs])
        self.thresholds = np.quantile(scores, quantile, axis=0)
        self.false_alarms = float((scores > self.thresholds).any(axis=1).mean())

    def related(self, one: Pictures, other: Pictures) -> bool:
        """Return whether two pictures look related."""
        return bool((np.array(likenesses(one, other)) > self.thresholds).any())


def likenesses(one: Pictures, other: Pictures) -> tuple[float, float, float]:
    """Return how alike two pictures are in gradients, in colours and in structure, at most 1."""
    turned = float(np.dot(gradients(one), gradients(other)))
    tinted = float(np.minimum(colors(one), colors(other)).sum())
    return turned, tinted, similarity(one, other)


def luma(picture: Pictures) -> NDArray[np.float64]:
    """Return lightness, 0 to 255, shape (SIDE, SIDE)."""
    return np.asarray(picture.astype(float) @ np.array([0.299, 0.587, 0.114]))


def _blocks(picture: Pictures) -> NDArray[np.float64]:
    count = SIDE // 8
    cells = luma(picture).reshape(count, 8, count, 8).swapaxes(1, 2)
    return cells.reshape(count * count, 64)


def gradients(picture: Pictures) -> NDArray[np.float64]:
    """Return gradient energy by 8 x 8 cells and 8 directions, of length 1."""
    down, across = np.gradient(luma(picture))
    size = np.hypot(down, across)
    turn = ((np.arctan2(down, across) % np.pi) / np.pi * 8).astype(int) % 8
    cell = np.arange(SIDE) // 16
    index = (cell[:, None] * 8 + cell[None, :]) * 8 + turn
    energy = np.sqrt(np.bincount(index.ravel(), size.ravel(), minlength=512))
    return np.asarray(energy / max(np.linalg.norm(energy), 1e-9))


def colors(picture: Pictures) -> NDArray[np.float64]:
    """Return the share of each of 5 x 5 x 5 colours."""
    steps = (picture // 52).astype(int)  # five steps of each channel
    index = (steps[..., 0] * 5 + steps[..., 1]) * 5 + steps[..., 2]
    return np.asarray(np.bincount(index.ravel(), minlength=125) / SIDE**2)
