"""What a gallery remembers of how a picture looks: its colours, how complex it is, its likeness.

An impression is made of a small drawing alone, so that it does not depend on the size in which a
picture is shown, and hardly on the machine: a number may differ by the last step of its rounding.
It knows nothing of galleries: those keep impressions and search them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from breeder.genome import Genome
from breeder.rendering import render
from breeder.rendering.canvas import Canvas
from breeder.rendering.color import (
    LAB_TO_LMS,
    LMS_TO_RGB,
    linear_to_srgb,
    srgb_to_oklab,
    to_bytes,
)

ColorName = Literal[
    "red", "orange", "yellow", "green", "teal", "blue", "purple", "pink", "brown", "black", "grey",
    "white",
]  # fmt: skip

COLOR_NAMES: Final[tuple[ColorName, ...]] = get_args(ColorName)
"""The colours that pictures are searched by. Their order is that of the bits of
`Impression.color_bits`: a new one goes to the end."""

SIDE: Final = 64
"""Pixels along a side of the drawing that an impression is made of; a power of two."""

VERSION: Final = 1
"""Rises with any change of the numbers below, so that kept impressions are made anew."""

NOTABLE: Final = 0.1
"""The share of a picture from which one of its colours counts."""

PREVIEW_SIDE: Final = 4
PREVIEW_BYTES: Final = PREVIEW_SIDE * PREVIEW_SIDE * 3

Floats = NDArray[np.float32]
Drawings = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, kw_only=True)
class Impression:
    """How one picture looks.

    Attributes:
        colors: The colours that make up a tenth of it at least, the most of it first.
        complexity: 0 for one plain colour or gradient, 1 for detail everywhere; `complexity_of`
            defines it.
        vector: `VECTOR_BYTES` numbers, 0 to 255: the nearer two of them, as points of a plain
            space, the more alike the pictures. The first `PREVIEW_BYTES` are a tiny picture.
    """

    colors: tuple[ColorName, ...]
    complexity: float
    vector: bytes

    @property
    def color_bits(self) -> int:
        """The colours as a number with a bit for each of `COLOR_NAMES`."""
        return color_bits(self.colors)


def impressions(genomes: Sequence[Genome]) -> list[Impression]:
    """Return the impressions of genomes, drawn on the CPU; some 2 ms for each."""
    if not genomes:
        return []
    canvas = Canvas(width=SIDE, height=SIDE, supersample=2)
    return impressions_of(render(genomes, canvas, device="cpu"))


def impressions_of(drawings: Drawings) -> list[Impression]:
    """Return the impressions of drawings, uint8, shape (B, SIDE, SIDE, 3)."""
    lab = srgb_to_oklab(drawings)
    shares = color_shares(lab)
    return [
        Impression(colors=_notable(share), complexity=float(complexity), vector=vector.tobytes())
        for share, complexity, vector in zip(shares, complexity_of(lab), _vectors(lab), strict=True)
    ]


def color_bits(colors: Sequence[str]) -> int:
    """Return a number with a bit for each colour of `COLOR_NAMES` that is named."""
    return sum(1 << index for index, name in enumerate(COLOR_NAMES) if name in colors)


def nearest(vector: bytes, others: NDArray[np.uint8]) -> Floats:
    """Return how far pictures look from one: 0 if equal, some 300 to 600 for strangers.

    Args:
        vector: Of the one picture.
        others: Vectors, uint8, shape (B, VECTOR_BYTES).

    Returns:
        float32, shape (B,).
    """
    one = np.frombuffer(vector, dtype=np.uint8).astype(np.float32)
    apart = others.astype(np.float32) - one
    return np.asarray(np.sqrt(np.einsum("ij,ij->i", apart, apart)), dtype=np.float32)


def preview(vector: bytes) -> Drawings:
    """Return the tiny picture in a vector, sRGB, shape (PREVIEW_SIDE, PREVIEW_SIDE, 3)."""
    cells = np.frombuffer(vector, dtype=np.uint8)[:PREVIEW_BYTES].astype(np.float64)
    lab = cells.reshape(PREVIEW_SIDE, PREVIEW_SIDE, 3) / _LAYOUT_SCALE - _LAYOUT_SHIFT
    linear = np.clip((lab @ LAB_TO_LMS.T) ** 3 @ LMS_TO_RGB.T, 0.0, 1.0)
    return to_bytes(linear_to_srgb(linear))


# Colours ------------------------------------------------------------------------------------------

GREY_BELOW: Final = 0.035
"""Chroma below which a colour is black, grey or white, whatever its hue."""

_HUES: Final = np.array([5, 40, 85, 122, 170, 220, 285, 325], dtype=np.float32)
"""Where each hue begins, in degrees of Oklab, from red on; pink goes on to the red of 365."""


def color_shares(lab: Floats) -> Floats:
    """Return how much of each picture has each of `COLOR_NAMES`.

    Args:
        lab: Oklab, shape (B, H, W, 3).

    Returns:
        float32, 0 to 1, shape (B, len(COLOR_NAMES)); each row sums to 1.
    """
    names = _color_of_pixels(lab).reshape(len(lab), -1)
    counts = [(names == index).mean(axis=1) for index in range(len(COLOR_NAMES))]
    return np.stack(counts, axis=1).astype(np.float32)


def _color_of_pixels(lab: Floats) -> NDArray[np.int64]:
    """Return the index of each pixel's colour in `COLOR_NAMES`."""
    light, chroma = lab[..., 0], np.hypot(lab[..., 1], lab[..., 2])
    turn = np.degrees(np.arctan2(lab[..., 2], lab[..., 1])) % 360.0
    hue = (np.searchsorted(_HUES, turn, side="right") - 1) % len(_HUES)
    found = hue
    pale_red = (hue == _at("red")) & (light > 0.74)
    dark_orange = (hue == _at("orange")) & (light < 0.58)
    dark_yellow = (hue == _at("yellow")) & (light < 0.42)
    found = np.where(pale_red, _at("pink"), found)
    found = np.where(dark_orange | dark_yellow, _at("brown"), found)
    plain = (chroma < GREY_BELOW) | (light < 0.18) | ((light > 0.93) & (chroma < 0.06))
    shade = np.where(light < 0.3, _at("black"), np.where(light > 0.85, _at("white"), _at("grey")))
    return np.where(plain, shade, found)


def _at(name: ColorName) -> int:
    return COLOR_NAMES.index(name)


def _notable(share: Floats) -> tuple[ColorName, ...]:
    order = np.argsort(-share, kind="stable")
    return tuple(COLOR_NAMES[index] for index in order if share[index] >= NOTABLE)


# Complexity ---------------------------------------------------------------------------------------

PLAIN: Final = 0.035
"""How far, root mean square in Oklab, a part may be from a gradient and still count as one."""


def complexity_of(lab: Floats) -> Floats:
    """Return how complex pictures are.

    A picture is cut into quarters, and these again, down to 2 x 2 pixels, until each part is plain:
    one even gradient but for `PLAIN`. The complexity is the logarithm of the number of parts over
    that of the largest number, so 0 is one gradient, 0.5 some 32 parts, 1 detail in every spot.

    Args:
        lab: Oklab, shape (B, SIDE, SIDE, 3).

    Returns:
        float32, 0 to 1, shape (B,), in steps of 0.0001.
    """
    cut = np.ones((len(lab), 1, 1), dtype=bool)
    parts = np.ones(len(lab), dtype=np.int64)
    size = SIDE
    while size > 2:
        cut = cut & (_off_plane(lab, size) > PLAIN * PLAIN)
        parts += 3 * cut.sum(axis=(1, 2))
        cut = cut.repeat(2, axis=1).repeat(2, axis=2)
        size //= 2
    most = (SIDE // 2) ** 2
    return np.asarray(np.round(np.log(parts) / np.log(most), 4), dtype=np.float32)


def _off_plane(lab: Floats, size: int) -> Floats:
    """Return how far blocks are from an even gradient: the mean square, shape (B, N, N)."""
    count = SIDE // size
    blocks = lab.reshape(len(lab), count, size, count, size, 3)
    mean = blocks.mean(axis=(2, 4))
    square = (blocks * blocks).mean(axis=(2, 4))
    steps = np.arange(size, dtype=np.float32) - (size - 1) / 2
    spread = float((steps * steps).mean())
    down = (blocks.mean(axis=4) * steps[:, None, None]).mean(axis=2)
    across = (blocks.mean(axis=2) * steps[:, None]).mean(axis=3)
    rest = square - mean * mean - (down * down + across * across) / spread
    return np.asarray(np.maximum(rest, 0.0).sum(axis=-1), dtype=np.float32)


# Likeness -----------------------------------------------------------------------------------------

_LAYOUT_SHIFT: Final = np.array([0.0, 0.4, 0.4])
_LAYOUT_SCALE: Final = np.array([150.0, 225.0, 225.0])
_FORM_SIDE: Final = 8
_FORM_SCALE: Final = 70.0
_MIX_SCALE: Final = 250.0
_STROKE_SCALE: Final = 900.0
_TURNS: Final = 6
_LEVELS: Final = 3

VECTOR_BYTES: Final = PREVIEW_BYTES + _FORM_SIDE**2 + 4 * 3 * 3 + _TURNS * _LEVELS


def _vectors(lab: Floats) -> NDArray[np.uint8]:
    """Return what likeness is measured by: uint8, shape (B, VECTOR_BYTES).

    In four parts: which colours are where (coarsely), where it is light (less coarsely), which
    colours there are wherever they are, and how strong strokes of each direction and size are.
    """
    count = len(lab)
    layout = (_cells(lab, PREVIEW_SIDE) + _LAYOUT_SHIFT) * _LAYOUT_SCALE
    form = _cells(lab[..., :1], _FORM_SIDE) * _FORM_SCALE
    mix = np.sqrt(_mix(_cells(lab, SIDE // 2))) * _MIX_SCALE
    strokes = np.sqrt(_strokes(lab[..., 0])) * _STROKE_SCALE
    parts = [part.reshape(count, -1) for part in (layout, form, mix, strokes)]
    return np.clip(np.round(np.concatenate(parts, axis=1)), 0, 255).astype(np.uint8)


def _cells(lab: Floats, side: int) -> Floats:
    """Return the means of side x side cells of images."""
    count, height, _, channels = lab.shape
    step = height // side
    blocks = lab.reshape(count, side, step, side, step, channels)
    return np.asarray(blocks.mean(axis=(2, 4)), dtype=np.float32)


def _mix(lab: Floats) -> Floats:
    """Return the share of 4 x 3 x 3 regions of Oklab; a colour between two belongs to both."""
    light = _soft(lab[..., 0] * 3.0, 4)
    red = _soft((lab[..., 1] / 0.12) + 1.0, 3)
    yellow = _soft((lab[..., 2] / 0.12) + 1.0, 3)
    count, pixels = len(lab), lab.shape[1] * lab.shape[2]
    tints = np.einsum("bhwi,bhwj,bhwk->bijk", light, red, yellow, optimize=True)
    return np.asarray(tints.reshape(count, -1) / pixels, dtype=np.float32)


def _soft(values: Floats, bins: int) -> Floats:
    """Return how much each value, in units of bins, belongs to each bin: (..., bins), sum 1."""
    held = np.clip(values, 0.0, bins - 1.0)[..., None]
    return np.asarray(np.maximum(1.0 - np.abs(held - np.arange(bins)), 0.0), dtype=np.float32)


def _strokes(light: Floats) -> Floats:
    """Return the mean strength of edges by size and direction, shape (B, _LEVELS * _TURNS)."""
    found = []
    for _ in range(_LEVELS):
        down, across = np.gradient(light, axis=(1, 2))
        strength = np.hypot(down, across)
        turn = (np.arctan2(down, across) % np.pi) / np.pi * _TURNS
        for index in range(_TURNS):
            away = np.abs(turn - index)
            near = np.maximum(1.0 - np.minimum(away, _TURNS - away), 0.0)
            found.append((strength * near).mean(axis=(1, 2)))
        light = _cells(light[..., None], light.shape[1] // 2)[..., 0]
    return np.stack(found, axis=1).astype(np.float32)
