"""Small pictures that look like the large one from afar: more samples where a picture is busy.

One sample for each pixel shows what lies at its centre, and a busy picture then turns to noise or
moiré. How busy a picture is shows at probes between the pixels: where it is smooth they equal what
the pixels around them promise. It is said for a whole picture, not for parts of it: at the same
error, blocks of 32 x 32 pixels would save 10 to 30 % of the samples of busy grids, which are rare,
for some sixty calls of a renderer instead of one.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from breeder.genome import Genome
from breeder.rendering import Device, render
from breeder.rendering.canvas import MAX_SUPERSAMPLE, Canvas
from breeder.rendering.color import bytes_to_light

FACTORS = (1, 2, 4, MAX_SUPERSAMPLE)

PROBES_ALONG = 64
"""Probes along the shorter side, where it has as many pixels: fewer miss thin lines."""

LARGEST_STEP = 4
"""Pixels from one probe to the next at the most: those of a tile cost 1/16 of its samples."""

PROBE_X, PROBE_Y = 0.245, 0.43
"""Where a probe lies between four pixels. No half and no simple fraction: ripples of one or two to
a pixel, which alias to a smooth surface, would look the same there."""

TOLERANCE = 0.008
"""The busyness, 0 to 1, up to which a picture is calm. Pixels of calm pictures are then wrong by
some 1/255 of full light, and 1 picture in 30 of ordinary grids is drawn again."""

GAIN = 1.5
"""f x f samples make the error of a picture f^1.5 times smaller, about: f times for noise, f^2 for
what is smooth."""

MOST_SAMPLES = 4 * 256 * 256
"""Samples a small picture may be drawn again with, whatever its size: a tile has at most 2 x 2 for
each pixel (5 times what it costs when calm), a thumbnail of 64 pixels 8 x 8."""


def render_adaptive(
    genomes: Sequence[Genome], canvas: Canvas | None = None, *, device: Device = "auto"
) -> NDArray[np.uint8]:
    """Return pictures with as many samples as each needs.

    Each is what `render` gives with one of `FACTORS` as its supersampling, or with the canvas's own
    where that is more. It is chosen from this picture alone: what else is drawn changes nothing.

    Args:
        genomes: Any number of genomes.
        canvas: What to show; 256 x 256 pixels of the whole by default. Its supersampling is the
            least that all pictures get.
        device: Where to draw.

    Returns:
        sRGB, uint8, shape (B, H, W, 3).

    Raises:
        RenderError: The device is not there.
    """
    canvas = canvas or Canvas()
    single = replace(canvas, supersample=1)
    pictures = render(genomes, single, device=device)
    factors = _factors(busyness(genomes, pictures, single, device=device), canvas)
    for factor in np.unique(factors[factors > 1]):
        chosen = np.flatnonzero(factors == factor).tolist()
        again = replace(canvas, supersample=int(factor))
        pictures[chosen] = render([genomes[each] for each in chosen], again, device=device)
    return pictures


def busyness(
    genomes: Sequence[Genome],
    pictures: NDArray[np.uint8],
    canvas: Canvas,
    *,
    device: Device = "auto",
) -> NDArray[np.float64]:
    """Return how far pictures are, between their pixels, from what the pixels promise.

    Args:
        genomes: Any number of genomes.
        pictures: What `render` gives for them: uint8, shape (B, H, W, 3).
        canvas: The canvas of single samples they were drawn on.
        device: Where to draw the probes.

    Returns:
        The root of the mean square in linear light, 0 to 1, shape (B,); 1 where a canvas is too
        small for a probe. About twice the error of the pictures.
    """
    if not genomes or min(canvas.width, canvas.height) < 2:
        return np.ones(len(genomes))
    step = _step(canvas)
    found = bytes_to_light(render(genomes, _probes(canvas, step), device=device))
    promised = np.zeros_like(found)
    first, (rows, columns) = _first(step), found.shape[1:3]
    for down, down_share in ((0, 1 - PROBE_Y), (1, PROBE_Y)):
        for across, across_share in ((0, 1 - PROBE_X), (1, PROBE_X)):
            corner = pictures[:, first + down :: step, first + across :: step]
            share = np.float32(down_share * across_share)
            promised += share * bytes_to_light(corner[:, :rows, :columns])
    # Summed in 64 bits and rounded: machines add in other orders.
    squares = np.square(found - promised, dtype=np.float64).mean(axis=(1, 2, 3))
    return np.asarray(np.round(np.sqrt(squares), 6))


def _step(canvas: Canvas) -> int:
    return max(1, min(LARGEST_STEP, min(canvas.width, canvas.height) // PROBES_ALONG))


def _first(step: int) -> int:
    """Return the row and the column of the pixel that lies before the first probe."""
    return (step - 1) // 2


def _probes(canvas: Canvas, step: int) -> Canvas:
    """Return the canvas whose pixel centres are the probes of a canvas of single samples."""
    first, shorter = _first(step), min(canvas.width, canvas.height)
    columns, rows = ((side - first - 2) // step + 1 for side in (canvas.width, canvas.height))
    # From the middle of the canvas to the middle of the probes, in pixels.
    across = first + PROBE_X + (step * (columns - 1) - (canvas.width - 1)) / 2
    down = first + PROBE_Y + (step * (rows - 1) - (canvas.height - 1)) / 2
    u, v = (2 * part / shorter / canvas.zoom for part in (across, down))
    cos, sin = math.cos(math.radians(canvas.rotation)), math.sin(math.radians(canvas.rotation))
    x, y = canvas.center
    return replace(
        canvas,
        width=columns,
        height=rows,
        zoom=canvas.zoom * shorter / (step * min(columns, rows)),
        center=(x + u * cos + v * sin, y + v * cos - u * sin),
    )


def _factors(busy: NDArray[np.float64], canvas: Canvas) -> NDArray[np.int64]:
    """Return the supersampling of each picture."""
    pixels, least = canvas.width * canvas.height, canvas.supersample
    budget = max(MOST_SAMPLES, 4 * least * least * pixels)  # twice the least along each side
    factors = np.full(busy.shape, least)
    for before, factor in pairwise(FACTORS):
        if factor > least and factor * factor * pixels <= budget:
            factors[busy > TOLERANCE * before**GAIN] = factor
    return factors
