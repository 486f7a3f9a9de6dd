"""What a taste can be about: numbers on a picture that people have words for, differentiable.

Colour in Oklab, symmetry, direction, fineness, contrast, edges and where things are, of a small
drawing. Knows pictures only: not who likes them, nor how they came about.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from breeder.evolve.founders import founder
from breeder.looks import draw_small
from breeder.rendering.color import LAB_TO_LMS, LMS_TO_RGB

VERSION: Final = 1
"""Rises with any change of the numbers below: what was learnt from others is learnt anew."""

SIDE: Final = 32
"""Pixels along a side of the drawings (see `breeder.looks.draw_small`)."""

HUES: Final = 12
LIGHTS, TINTS = 4, 4
CELLS: Final = 4
LEVELS: Final = 3
POPULATION: Final = 240
"""Founders whose features are the measure of what is usual."""

LIMIT: Final = 4.0
"""Standard deviations from the usual at which a feature ends."""

SOME: Final = 0.05
"""The share of a picture from which on a hue is seen in it."""

MUCH: Final = 0.7
"""Such a part of the share of its first hue another one has, of which there is much."""

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Feature:
    """One number on a picture.

    Attributes:
        group: What it belongs to; each group weighs the same before anything is learnt.
        more: Plain words for a picture that has more of it than is usual.
        less: Plain words for one that has less; empty where no words are honest.
    """

    group: str
    more: str = ""
    less: str = ""


def features(pictures: Tensor) -> Tensor:
    """Return the features of pictures, in standard deviations of founders about their mean.

    Args:
        pictures: sRGB in 0..1, float32, shape (B, SIDE, SIDE, 3).

    Returns:
        float32, within ±LIMIT, shape (B, len(FEATURES)); gradients flow back to the pictures.
    """
    mean, spread = _usual()
    return squashed((_raw(pictures) - mean) / spread)


def squashed(numbers: Tensor) -> Tensor:
    """Return numbers that end softly at ±LIMIT, so that one odd feature decides nothing."""
    return LIMIT * torch.tanh(numbers / LIMIT)


def features_of(drawings: NDArray[np.uint8]) -> Floats:
    """Return the features of drawings, uint8, shape (B, SIDE, SIDE, 3).

    Returns:
        float32, shape (B, len(FEATURES)), in steps of 0.001, which machines agree on.
    """
    if not len(drawings):
        return np.empty((0, len(FEATURES)), dtype=np.float32)
    with torch.no_grad():
        found = features(torch.from_numpy(drawings.astype(np.float32) / 255.0)).numpy()
    return np.asarray(np.round(found, 3), dtype=np.float32)


def true_words(features: Floats) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return which words for more, and for less, the eye would not deny of a picture.

    Each feature of hues looks half around the circle, so a red picture is high in pink too, and one
    of red and green in gold. Whether a hue is there is read from the palette.

    Args:
        features: Of the picture, shape (F,).

    Returns:
        Two arrays of shape (len(FEATURES),).
    """
    shares = _hue_shares(features)
    more, less = np.ones((2, len(FEATURES)), dtype=np.bool_)
    hues = [index for index, each in enumerate(FEATURES) if each.group == "hues"]
    more[hues] = shares >= max(SOME, MUCH * shares.max())
    less[hues] = shares <= SOME
    return more, less


def _hue_shares(features: Floats) -> NDArray[np.float64]:
    """Return about which share of a picture has each hue, shape (HUES,); neighbours overlap."""
    mean, spread = (each.numpy() for each in _usual())
    start = [each.group for each in FEATURES].index("palette")
    place = slice(start, start + LIGHTS * TINTS * TINTS)
    steep = np.arctanh(np.clip(features[place] / LIMIT, -0.999, 0.999))
    roots = np.maximum(LIMIT * steep * spread[place] + mean[place], 0.0)
    shares = (roots**2).reshape(LIGHTS, -1).sum(axis=0)
    return np.asarray(_near_hues() @ shares, dtype=np.float64)


@cache
def _near_hues() -> NDArray[np.bool_]:
    """Return which tints of the palette are seen as which hue, shape (HUES, TINTS * TINTS)."""
    axis = np.linspace(-1.0, 1.0, TINTS)
    red, yellow = (each.ravel() for each in np.meshgrid(axis, axis, indexing="ij"))
    turns = np.arctan2(yellow, red)[None] - np.arange(HUES)[:, None] * (2.0 * np.pi / HUES)
    near = np.cos(turns) >= math.cos(2.0 * math.pi / HUES) - 1e-9
    return np.asarray(near & (np.hypot(red, yellow) > 0.5))  # the inmost are seen as grey


@cache
def _usual() -> tuple[Tensor, Tensor]:
    """Return the mean and spread of each feature over founders."""
    drawings = torch.from_numpy(usual_drawings().astype(np.float32) / 255.0)
    with torch.no_grad():
        raw = _raw(drawings)
    return raw.mean(0), raw.std(0) + 1e-3


@cache
def usual_drawings() -> NDArray[np.uint8]:
    """Return drawings of founders, always the same, shape (POPULATION, SIDE, SIDE, 3)."""
    return draw_small(
        [founder(rng=np.random.default_rng([VERSION, seed])) for seed in range(POPULATION)]
    )


# The features -------------------------------------------------------------------------------------


def _raw(pictures: Tensor) -> Tensor:
    lab = oklab(pictures)
    levels = [lab]
    for _ in range(LEVELS - 1):
        levels.append(functional.avg_pool2d(levels[-1], 2))
    strokes = [_Strokes(level[:, :1]) for level in levels]
    return torch.cat(
        [
            _color(lab),
            _hues(lab),
            _palette(lab),
            _symmetry(lab),
            *(each.direction for each in strokes),
            *(each.fineness for each in strokes),
            _grain(lab),
            _edges(strokes[0]),
            _contrast(lab[:, :1]),
            _layout(lab),
            strokes[0].layout,
        ],
        dim=1,
    )


def oklab(pictures: Tensor) -> Tensor:
    """Return Oklab, shape (B, 3, H, W), of sRGB in 0..1, shape (B, H, W, 3)."""
    lifted = ((pictures.clamp(min=0.04045) + 0.055) / 1.055) ** 2.4
    linear = torch.where(pictures <= 0.04045, pictures / 12.92, lifted)
    # Black has no slope under a cube root: the smallest light keeps gradients finite.
    cones = (linear @ _RGB_TO_LMS).clamp(min=1e-6) ** (1.0 / 3.0)
    return (cones @ _LMS_TO_LAB).movedim(-1, 1)


def _color(lab: Tensor) -> Tensor:
    chroma = _size(lab[:, 1:])
    parts = [_mean(lab), _spread(lab), _mean(chroma), _spread(chroma)]
    return torch.cat(parts, dim=1)


def _hues(lab: Tensor) -> Tensor:
    """How much there is of each hue: chroma in its direction."""
    turns = torch.arange(HUES) * (2.0 * math.pi / HUES)
    along = torch.stack([turns.cos(), turns.sin()])
    tints = torch.einsum("bchw,ck->bkhw", lab[:, 1:], along).clamp(min=0.0)
    return (_mean(tints) + 1e-4).sqrt()


def _palette(lab: Tensor) -> Tensor:
    """How much there is of each region of Oklab, and how many regions share the picture."""
    small = functional.avg_pool2d(lab, 2).flatten(2)
    light = _soft((small[:, 0] - 0.1) / 0.85 * (LIGHTS - 1), LIGHTS)
    red = _soft((small[:, 1] / 0.16 + 1.0) / 2.0 * (TINTS - 1), TINTS)
    yellow = _soft((small[:, 2] / 0.16 + 1.0) / 2.0 * (TINTS - 1), TINTS)
    tints = (red[..., :, None] * yellow[..., None, :]).flatten(2)
    shares = torch.bmm(light.transpose(1, 2), tints).flatten(1) / small.shape[2]
    variety = -(shares * (shares + 1e-6).log()).sum(dim=1, keepdim=True)
    return torch.cat([(shares + 1e-4).sqrt(), variety], dim=1)


def _soft(places: Tensor, bins: int) -> Tensor:
    """Return how much each value, in units of bins, belongs to each bin: to two at most."""
    away = places.clamp(0.0, bins - 1.0)[..., None] - torch.arange(bins)
    return (1.0 - away.abs()).clamp(min=0.0)


def _symmetry(lab: Tensor) -> Tensor:
    """How alike the picture is to itself: mirrored, turned, and transposed; light, then colour."""
    found = []
    about = lab - lab.mean(dim=(2, 3), keepdim=True)
    for part in (about[:, :1], about[:, 1:]):
        size = part.flatten(1).square().sum(dim=1) + 0.01
        for moved in (part.flip(3), part.flip(2), part.flip((2, 3)), part.transpose(2, 3)):
            found.append((part * moved).flatten(1).sum(dim=1) / size)
    return torch.stack(found, dim=1)


class _Strokes:
    """Edges of one level of lightness: how strong, which way, and where."""

    def __init__(self, light: Tensor) -> None:
        across = (light[..., 1:-1, 2:] - light[..., 1:-1, :-2]) * 0.5
        down = (light[..., 2:, 1:-1] - light[..., :-2, 1:-1]) * 0.5
        self.energy = across.square() + down.square() + 1e-6
        self.strength = self.energy.sqrt()
        # Doubled angles: a stroke has no front and back.
        self.upright = (across.square() - down.square()) / self.strength
        self.slant = 2.0 * across * down / self.strength

    @property
    def direction(self) -> Tensor:
        usual = _mean(self.strength) + 0.01
        return torch.cat([_mean(self.upright) / usual, _mean(self.slant) / usual], dim=1)

    @property
    def fineness(self) -> Tensor:
        return torch.cat([(_mean(self.strength) + 1e-3).log(), _mean(self.energy).log()], dim=1)

    @property
    def layout(self) -> Tensor:
        maps = torch.cat([self.strength, self.upright, self.slant], dim=1)
        return functional.adaptive_avg_pool2d(maps, CELLS).flatten(1)


def _grain(lab: Tensor) -> Tensor:
    """How much lightness and colour change from pixel to pixel."""
    light = lab[:, :1]
    around = functional.avg_pool2d(light, 3, stride=1)
    bumps = (_mean((light[..., 1:-1, 1:-1] - around).abs()) + 1e-3).log()
    steps = _size(lab[:, 1:, :, 1:] - lab[:, 1:, :, :-1])
    return torch.cat([bumps, (_mean(steps) + 1e-3).log()], dim=1)


def _edges(strokes: _Strokes) -> Tensor:
    """The share of the picture that is edge, hard edge, and even."""
    strength = strokes.strength
    edge, hard = torch.sigmoid((strength - 0.06) / 0.015), torch.sigmoid((strength - 0.2) / 0.03)
    return torch.cat([_mean(edge), _mean(hard), _mean(torch.exp(-strength / 0.01))], dim=1)


def _contrast(light: Tensor) -> Tensor:
    """The spread of lightness of the picture, and of ever coarser views of it."""
    views = [light, *(functional.avg_pool2d(light, size) for size in (2, 4, 8))]
    return torch.cat([(_spread(view) + 1e-3).log() for view in views], dim=1)


def _layout(lab: Tensor) -> Tensor:
    return functional.adaptive_avg_pool2d(lab, CELLS).flatten(1)


def _mean(maps: Tensor) -> Tensor:
    return maps.mean(dim=(2, 3))


def _spread(maps: Tensor) -> Tensor:
    return (maps.var(dim=(2, 3)) + 1e-6).sqrt()


def _size(maps: Tensor) -> Tensor:
    return (maps.square().sum(dim=1, keepdim=True) + 1e-6).sqrt()


_RGB_TO_LMS = torch.from_numpy(np.linalg.inv(LMS_TO_RGB).T.astype(np.float32))
_LMS_TO_LAB = torch.from_numpy(np.linalg.inv(LAB_TO_LMS).T.astype(np.float32))


# Their names, in the same order -------------------------------------------------------------------

_HUE_WORDS = (
    *("pink", "red", "orange", "gold", "yellow-green", "green"),
    *("teal", "cyan", "sky blue", "blue", "violet", "magenta"),
)


def _names() -> Iterable[Feature]:
    yield Feature(group="colour", more="light", less="dark")
    yield Feature(group="colour", more="towards red", less="towards green")
    yield Feature(group="colour", more="warm", less="cool")
    yield Feature(group="colour", more="strong light and dark", less="even light")
    yield Feature(group="colour", more="red beside green")
    yield Feature(group="colour", more="warm beside cool")
    yield Feature(group="colour", more="vivid", less="muted")
    yield Feature(group="colour", more="vivid beside grey", less="evenly vivid")
    yield from (Feature(group="hues", more=f"much {hue}", less=f"no {hue}") for hue in _HUE_WORDS)
    yield from (Feature(group="palette") for _ in range(LIGHTS * TINTS * TINTS))
    yield Feature(group="palette", more="many colours", less="few colours")
    yield Feature(group="symmetry", more="the same left and right", less="uneven left and right")
    yield Feature(group="symmetry", more="the same above and below", less="uneven above and below")
    yield Feature(group="symmetry", more="the same upside down", less="not the same upside down")
    yield Feature(group="symmetry", more="the same about the diagonal")
    yield Feature(group="symmetry", more="colours the same left and right")
    yield Feature(group="symmetry", more="colours the same above and below")
    yield Feature(group="symmetry", more="colours the same upside down")
    yield Feature(group="symmetry", more="colours the same about the diagonal")
    for size in ("fine", "middling", "coarse"):
        yield Feature(group="direction", more=f"{size} upright lines", less=f"{size} level lines")
        yield Feature(
            group="direction", more=f"{size} lines rising to the right",
            less=f"{size} lines falling to the right",
        )  # fmt: skip
    for size in ("fine", "middling", "coarse"):
        yield Feature(group="fineness", more=f"much {size} detail", less=f"little {size} detail")
        yield Feature(group="fineness", more=f"sharp {size} edges", less=f"soft {size} edges")
    yield Feature(group="fineness", more="grainy", less="smooth")
    yield Feature(
        group="fineness", more="colours that change often", less="colours that change little"
    )
    yield Feature(group="edges", more="many edges", less="few edges")
    yield Feature(group="edges", more="hard edges", less="no hard edges")
    yield Feature(group="edges", more="large even areas", less="no even areas")
    for size in ("", " between small parts", " between parts", " between large parts"):
        yield Feature(group="contrast", more=f"contrast{size}", less=f"little contrast{size}")
    yield from _places("layout", (("light", "dark"), ("red", "green"), ("warm", "cool")))
    yield from _places(
        "edge layout",
        (("detail", "calm"), ("upright lines", "level lines"), ("slanting lines", "")),
    )


_ENDS = ("top", "", "", "bottom")
_SIDES = ("left", "", "", "right")


def _places(group: str, words: Iterable[tuple[str, str]]) -> Iterable[Feature]:
    for more, less in words:
        for end in _ENDS:
            for side in _SIDES:
                place = _place(end, side)
                yield Feature(
                    group=group, more=f"{more} {place}", less=f"{less} {place}" if less else ""
                )


def _place(end: str, side: str) -> str:
    """Return where a cell is, as people say it: halves of an edge, or the middle, are one place."""
    if end and side:
        return f"in the {end} {side} corner"
    return f"at the {end}" if end else f"on the {side}" if side else "in the middle"


FEATURES: Final = tuple(_names())
"""Every feature, in the order of the last axis of `features`."""

GROUPS: Final = tuple(dict.fromkeys(each.group for each in FEATURES))
