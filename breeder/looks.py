"""How small drawings look: dull or not, how far apart, how alike. Numbers on pixels alone.

All functions take drawings of `SIDE` x `SIDE` pixels made by `draw_small`, so that pictures that
were bred on different machines are compared on the same pixels.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from breeder.genome import Genome
from breeder.program import compile_once
from breeder.rendering import renderer
from breeder.rendering.canvas import Canvas
from breeder.rendering.color import srgb_to_oklab

SIDE = 32
FINGERPRINT_SIDE = 8
FINGERPRINT_BYTES = FINGERPRINT_SIDE * FINGERPRINT_SIDE * 3

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Looks:
    """What is compared of B drawings.

    Attributes:
        lab: Oklab of 16 x 16 cells, float32, shape (B, 16, 16, 3).
        dull: Whether each is near-uniform, saturated or noise, bool, shape (B,).
        fingerprints: 8 x 8 cells in bytes, uint8, shape (B, FINGERPRINT_BYTES).
    """

    lab: Floats
    dull: NDArray[np.bool_]
    fingerprints: NDArray[np.uint8]

    def at(self, places: Sequence[int]) -> Looks:
        """Return those of some of the drawings."""
        chosen = list(places)
        return Looks(
            lab=self.lab[chosen],
            dull=self.dull[chosen],
            fingerprints=self.fingerprints[chosen],
        )


def draw_small(genomes: Sequence[Genome]) -> NDArray[np.uint8]:
    """Return drawings for comparison, uint8, shape (B, SIDE, SIDE, 3).

    On the CPU, which draws the same bytes on every machine: what is shown depends on them.
    """
    if not genomes:
        return np.empty((0, SIDE, SIDE, 3), dtype=np.uint8)
    programs = [compile_once(genome) for genome in genomes]  # most are never seen again
    return renderer("cpu").draw(programs, Canvas(width=SIDE, height=SIDE), range(SIDE))


def look_at(drawings: NDArray[np.uint8]) -> Looks:
    """Return what is compared of drawings, uint8, shape (B, SIDE, SIDE, 3)."""
    lab = srgb_to_oklab(drawings)
    cells = _halve(lab)
    marks = _halve(cells) * np.array([1.0, 1.5, 1.5], dtype=np.float32)
    marks[..., 1:] += 0.5
    return Looks(
        lab=cells,
        dull=_dull(lab),
        fingerprints=np.clip(marks * 255.0, 0, 255)
        .astype(np.uint8)
        .reshape(len(lab), FINGERPRINT_BYTES),
    )


def join(one: Looks, other: Looks) -> Looks:
    """Return the looks of both, one after the other."""
    return Looks(
        lab=np.concatenate([one.lab, other.lab]),
        dull=np.concatenate([one.dull, other.dull]),
        fingerprints=np.concatenate([one.fingerprints, other.fingerprints]),
    )


def distances(one: Floats, others: Floats) -> Floats:
    """Return how far pictures lie apart: the root mean square difference of their cells.

    Args:
        one: Oklab cells, shape (A, 16, 16, 3).
        others: Oklab cells, shape (B, 16, 16, 3).

    Returns:
        float32, shape (A, B); 0 for equal pictures, about 0.3 for unrelated ones.
    """
    cells = one.shape[1] * one.shape[2]
    a = (one * _WEIGHTS).reshape(len(one), 3 * cells)
    b = (others * _WEIGHTS).reshape(len(others), 3 * cells)
    squared = (a * a).sum(1)[:, None] + (b * b).sum(1)[None, :] - 2.0 * a @ b.T
    return _settled(np.sqrt(np.maximum(squared, 0.0) / cells))


def likeness(one: Floats, others: Floats) -> Floats:
    """Return how alike pictures are in form or colouring, whichever is more.

    The largest of three over the cells: the correlation of lightness (a negative keeps its form,
    so the sign is left aside), that of edges, and the cosine of the colours about grey.

    Args:
        one: Oklab cells, shape (A, 16, 16, 3).
        others: Oklab cells, shape (B, 16, 16, 3).

    Returns:
        float32, -1 to 1, shape (A, B).
    """
    form = np.abs(_correlation(one[..., 0], others[..., 0]))
    edges = _correlation(_edges(one[..., 0]), _edges(others[..., 0]))
    tint = _cosine(one[..., 1:], others[..., 1:])
    return np.maximum(np.maximum(form, edges), tint)


def liveliness(lab: Floats) -> Floats:
    """Return how much there is to see, for choosing founders: a rough taste, not a measure.

    It likes contrast of lightness and colour, and edges; it dislikes pictures mostly dark, mostly
    white, or garish.

    Args:
        lab: Oklab cells, shape (B, 16, 16, 3).

    Returns:
        float32, shape (B,), 0 to about 1.
    """
    light = lab[..., 0]
    chroma = np.hypot(lab[..., 1], lab[..., 2])
    contrast = np.minimum(light.std(axis=(1, 2)) / 0.25, 1.0)
    tints = np.minimum(lab[..., 1:].std(axis=(1, 2)).sum(axis=1) / 0.12, 1.0)
    edges = np.minimum(_edges(light).mean(axis=(1, 2)) / 0.08, 1.0)
    dark = np.maximum((light < 0.2).mean(axis=(1, 2)) - 0.4, 0.0)
    white = np.maximum((light > 0.95).mean(axis=(1, 2)) - 0.4, 0.0)
    garish = np.maximum(chroma.mean(axis=(1, 2)) - 0.17, 0.0) * 5.0
    return np.asarray((contrast + tints + edges) / 3.0 - dark - white - garish, dtype=np.float32)


def nearest_shown(fingerprints: NDArray[np.uint8], shown: NDArray[np.uint8]) -> Floats:
    """Return how far each fingerprint is from the nearest one shown before, in bytes (RMS).

    Args:
        fingerprints: uint8, shape (A, FINGERPRINT_BYTES).
        shown: uint8, shape (S, FINGERPRINT_BYTES); S may be 0.

    Returns:
        float32, shape (A,); infinite where nothing was shown.
    """
    if not len(shown):
        return np.full(len(fingerprints), np.inf, dtype=np.float32)
    a, b = fingerprints.astype(np.float32), shown.astype(np.float32)
    squared = (a * a).sum(1)[:, None] + (b * b).sum(1)[None, :] - 2.0 * a @ b.T
    nearest = np.maximum(squared.min(axis=1), 0.0)
    return np.asarray(np.sqrt(nearest / FINGERPRINT_BYTES), dtype=np.float32)


# Colour counts for less than form: doubled, grids filled with recolourings of one form.
_WEIGHTS = np.array([1.0, 1.2, 1.2], dtype=np.float32)


def _settled(numbers: Floats) -> Floats:
    """Return numbers without their last bits, in which machines' matrix products differ."""
    return np.asarray(np.round(numbers, 4), dtype=np.float32)


def _halve(images: Floats) -> Floats:
    """Return images of half the size: each cell the mean of four pixels."""
    rows = images[:, ::2] + images[:, 1::2]
    return np.asarray((rows[:, :, ::2] + rows[:, :, 1::2]) * 0.25, dtype=np.float32)


def _dull(lab: Floats) -> NDArray[np.bool_]:
    """Return which drawings are near-uniform, saturated, or noise."""
    # Channel by channel: sums over pixels that lie side by side take a third of the time.
    planes = np.ascontiguousarray(np.moveaxis(lab * _WEIGHTS, 3, 1))
    pixels = planes.reshape(len(lab), 3, SIDE * SIDE)
    # Of every fourth pixel: the median of all takes longer than everything else here together.
    middle = np.median(pixels[:, :, ::4], axis=2, keepdims=True)
    off = np.sqrt(((pixels - middle) ** 2).sum(axis=1))
    uniform = (off < 0.06).mean(axis=1) > 0.92
    flat = np.sqrt(pixels.var(axis=2).sum(axis=1)) < 0.05
    light = lab[..., 0]
    saturated = ((light < 0.03) | (light > 0.985)).mean(axis=(1, 2)) > 0.85
    return np.asarray(uniform | flat | saturated | (_roughness(planes) > 0.25))


def _roughness(planes: Floats) -> Floats:
    """Return the share of pixels that differ much from both neighbours: 0.9 for white noise.

    Lines and stripes are rough along one direction; noise and aliased rings along both.

    Args:
        planes: Weighted Oklab, shape (B, 3, SIDE, SIDE).
    """
    across = np.abs(np.diff(planes, n=2, axis=3))[:, :, 1:-1].sum(axis=1)
    down = np.abs(np.diff(planes, n=2, axis=2))[:, :, :, 1:-1].sum(axis=1)
    return np.asarray((np.minimum(across, down) > 0.15).mean(axis=(1, 2)), dtype=np.float32)


def _edges(light: Floats) -> Floats:
    down, across = np.gradient(light, axis=(1, 2))
    return np.asarray(np.sqrt(down * down + across * across), dtype=np.float32)


def _correlation(one: Floats, others: Floats) -> Floats:
    def about_mean(cells: Floats) -> Floats:
        return np.asarray(cells - cells.mean(axis=(1, 2), keepdims=True))

    return _cosine(about_mean(one), about_mean(others))


def _cosine(one: Floats, others: Floats) -> Floats:
    a, b = one.reshape(len(one), -1), others.reshape(len(others), -1)
    size = np.linalg.norm(a, axis=1)[:, None] * np.linalg.norm(b, axis=1)[None, :]
    return _settled(a @ b.T / np.maximum(size, 1e-3))
