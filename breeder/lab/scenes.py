"""Three pictures of our own to fit networks to, drawn by code: soft, sharp, and full of detail."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Picture = NDArray[np.uint8]

SAMPLES = 3
"""Samples of a pixel along each side."""


def scene(name: str, width: int = 128, height: int = 96) -> Picture:
    """Return one of `SCENES`, uint8, shape (height, width, 3)."""
    across = np.linspace(0.0, 1.0, width * SAMPLES, endpoint=False) + 0.5 / (width * SAMPLES)
    down = np.linspace(0.0, 1.0, height * SAMPLES, endpoint=False) + 0.5 / (height * SAMPLES)
    x, y = np.meshgrid(across * width / height, down)
    colors = np.clip(SCENES[name](x, y, width / height), 0.0, 1.0)
    means = colors.reshape(height, SAMPLES, width, SAMPLES, 3).mean((1, 3))
    return np.asarray(np.floor(means * 255.0 + 0.5), dtype=np.uint8)


def _mixed(below: Array, above: Array, share: Array) -> Array:
    return below + (above - below) * np.clip(share, 0.0, 1.0)[..., None]


def _rgb(*numbers: float) -> Array:
    return np.array(numbers)


def _landscape(x: Array, y: Array, wide: float) -> Array:
    """Evening: a sky of three colours, a low sun with its glow, four ranges of hills in haze."""
    sky = _mixed(_rgb(0.16, 0.22, 0.44), _rgb(0.98, 0.66, 0.42), (y / 0.62) ** 1.3)
    sky = _mixed(sky, _rgb(1.0, 0.86, 0.62), np.exp(-(((y - 0.58) / 0.1) ** 2)) * 0.5)
    away = np.hypot(x - 0.68 * wide, y - 0.44)
    picture = _mixed(sky, _rgb(1.0, 0.93, 0.76), 0.75 * np.exp(-((away / 0.16) ** 2)))
    picture = _mixed(picture, _rgb(1.0, 0.98, 0.9), (0.055 - away) / 0.006)
    for number, level in enumerate((0.58, 0.66, 0.76, 0.88)):
        waves = np.sin(x * (5.1 + number) + 2.3 * number) + 0.5 * np.sin(x * 11.7 + 1.1 * number)
        edge = level + 0.035 * waves + 0.008 * np.sin(31.0 * x + number)
        near = number / 3.0
        color = _mixed(_rgb(0.72, 0.52, 0.55), _rgb(0.09, 0.12, 0.16), np.asarray(near))
        hills = _mixed(np.broadcast_to(color, picture.shape), _rgb(0.8, 0.6, 0.55), 0.9 - 2.2 * y)
        picture = _mixed(picture, hills, (y - edge) / 0.006)
    return picture


def _logo(x: Array, y: Array, wide: float) -> Array:
    """Flat colours and sharp edges: a disc cut by a bar, a ring, a triangle, stripes."""
    picture = np.broadcast_to(_rgb(0.97, 0.96, 0.93), (*x.shape, 3)).copy()
    u, v = x - wide / 2, y - 0.5
    disc = np.hypot(u + 0.22, v) < 0.31
    picture[disc] = _rgb(0.89, 0.19, 0.22)
    picture[disc & (np.abs(v - 0.35 * (u + 0.22)) < 0.045)] = _rgb(0.97, 0.96, 0.93)
    ring = np.hypot(u - 0.26, v + 0.1)
    picture[(ring < 0.25) & (ring > 0.16)] = _rgb(0.1, 0.25, 0.55)
    triangle = (v < 0.38) & (v > 2.0 * np.abs(u - 0.26) - 0.04)
    picture[triangle] = _rgb(0.97, 0.75, 0.12)
    stripes = (v > 0.4) & (np.abs(u) < 0.55) & (np.mod(u * 20.0, 1.0) < 0.5) & (v < 0.46)
    picture[stripes] = _rgb(0.1, 0.1, 0.12)
    return picture


def _texture(x: Array, y: Array, wide: float) -> Array:
    """Woven bands with grain: detail of one size everywhere."""
    rng = np.random.default_rng(7)
    grain = np.zeros_like(x)
    for _ in range(24):
        angle, phase = rng.uniform(0, np.pi), rng.uniform(0, 2 * np.pi)
        pitch = rng.uniform(18.0, 60.0)
        grain += np.sin(pitch * (x * np.cos(angle) + y * np.sin(angle)) + phase)
    grain /= 24**0.5
    bend = x + 0.04 * np.sin(9.0 * y), y + 0.03 * np.sin(7.0 * x)
    warp, weft = np.sin(34.0 * bend[0]), np.sin(34.0 * bend[1])
    over = np.sign(np.sin(17.0 * bend[0]) * np.sin(17.0 * bend[1]))
    light = 0.55 + 0.22 * np.where(over > 0, warp, weft) + 0.09 * grain
    color = np.where((over > 0)[..., None], _rgb(0.78, 0.62, 0.4), _rgb(0.35, 0.5, 0.5))
    return np.asarray(color * (0.35 + light)[..., None])


SCENES: Mapping[str, Callable[[Array, Array, float], Array]] = MappingProxyType(
    {"landscape": _landscape, "logo": _logo, "texture": _texture}
)
"""The pictures: points, x from 0 to the width over the height and y from 0 to 1, to sRGB."""
