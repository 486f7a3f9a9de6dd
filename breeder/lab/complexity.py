"""How complex a picture or a network is, in numbers, each with its definition and its source.

Plain arrays in, plain numbers out: nothing here knows how a network is built or drawn. The table
`MEASURES` holds the words that pages and documents show beside the numbers.
"""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from breeder.rendering.color import srgb_to_oklab

Floats = NDArray[np.float64]

SIDE = 128
"""Pixels along the shorter side of what is measured; larger pictures are sampled down to it."""

EDGE = 0.05
"""Change of Oklab colour from one pixel to the next that counts as an edge: some three times the
least difference that is seen between colours side by side."""

QUALITY = 90
MOST_POINTS = 200_000
_NEAR = 1e-12  # breakpoints nearer than this, on a line of length 1, are one


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One row of the table of measures.

    Attributes:
        name: The field or key it is kept under.
        title: What a page calls it.
        definition: What is computed, in one or two sentences.
        source: Where it comes from.
    """

    name: str
    title: str
    definition: str
    source: str


_ROWS = (
    Measure(
        name="edge_density",
        title="Edge density",
        definition="The share of pixels where the colour changes by more than 0.05 (in Oklab) "
        "from one pixel to the next, as the mean over both neighbours, on "
        f"{SIDE} pixels along the shorter side.",
        source="Mack and Oliva 2004; Rosenholtz, Li and Nakano 2007 (Measuring visual clutter). "
        "With the compressed size it predicted best how complex people find pictures in "
        "Machado et al. 2015.",
    ),
    Measure(
        name="spectral_slope",
        title="Spectral slope",
        definition="The slope of the power spectrum of lightness over frequency, both as "
        "logarithms, averaged around all directions: 0 for white noise, about −2 for "
        "photographs, about −3 for a few hard edges, steeper for smooth shading.",
        source="Field 1987; Tolhurst, Tadmor and Chao 1992 (there of amplitudes: half of it).",
    ),
    Measure(
        name="compressed",
        title="Compressed size",
        definition=f"Bits that a pixel takes as JPEG of quality {QUALITY}, beyond those of a flat "
        "picture of the same size.",
        source="Machado and Cardoso 1998; Machado et al. 2015 (Computerized measures of visual "
        "complexity).",
    ),
    Measure(
        name="sharpness",
        title="Sharpness",
        definition="How much colour (in Oklab) changes along a straight way of the length of the "
        "shorter side, on average over all places and directions across and down: the "
        "mean length of the gradient. It stops growing where structure is finer than a pixel.",
        source="The mean gradient, an average Lipschitz constant; total variation as in Rudin, "
        "Osher and Fatemi 1992.",
    ),
    Measure(
        name="zoomable",
        title="Zoomable",
        definition="How many times closer one can go before a frame is as narrow as the distance "
        "over which the colour changes half as much (squared) as between far places. 2 to 10: "
        "one calm form; hundreds: there is structure within structure.",
        source="The range of a variogram (Matheron 1963), as a share of the picture; the article "
        "on depth and width calls such pictures zoomable.",
    ),
    Measure(
        name="curve_growth",
        title="Growth of a curve",
        definition="A circle in the plane is carried through the layers. Each layer's length is "
        "taken per root of its neurons; the figure is the mean factor from one hidden layer to "
        "the next.",
        source="Raghu et al. 2017 (On the expressive power of deep neural networks); Poole et al. "
        "2016 (Exponential expressivity through transient chaos).",
    ),
    Measure(
        name="regions",
        title="Linear regions",
        definition="For networks of straight pieces (ReLU, leaky ReLU, |u|, identity): the pieces "
        "that a straight line through the picture falls into, counted exactly, the mean of some "
        "lines. Beside it, how many patterns of active neurons the points of a grid show, which is "
        "a lower bound for the whole picture.",
        source="Montúfar et al. 2014; along lines Hanin and Rolnick 2019 (Complexity of linear "
        "regions in deep networks).",
    ),
)

MEASURES: Mapping[str, Measure] = MappingProxyType({row.name: row for row in _ROWS})
"""Every measure by name, in the order in which pages show them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Complexity:
    """What is measured of one picture.

    Attributes:
        edge_density: 0 to 1.
        spectral_slope: Usually -5 to 0; None for a picture of one colour.
        compressed: Bits a pixel, 0 for a flat picture.
        sharpness: Oklab distance over one shorter side.
        contrast: Standard deviation of the Oklab colour, 0 for a flat picture.
        clipped: Share of bytes at the ends of their range, 0 to 1.
        roughness: Mean square step to the next pixel over twice the variance, in the calmer of
            the two directions: 0 smooth, 1 white noise.
        mean: The mean colour, sRGB in 0..1.
    """

    edge_density: float
    spectral_slope: float | None
    compressed: float
    sharpness: float
    contrast: float
    clipped: float
    roughness: float
    mean: tuple[float, float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A state of a picture that has a name.

    Attributes:
        name: "grey goo", "flat", "saturated" or "noise".
        reason: One sentence with the number that decided.
    """

    name: str
    reason: str


def measure(picture: NDArray[np.uint8]) -> Complexity:
    """Return the complexity of a picture, sRGB, uint8, shape (H, W, 3)."""
    small = sample_down(picture)
    lab = srgb_to_oklab(small).astype(np.float64)
    gradient = _gradient(lab)
    variance = float(lab.reshape(-1, 3).var(axis=0).sum())
    red, green, blue = (float(mean) for mean in small.reshape(-1, 3).mean(axis=0) / 255.0)
    return Complexity(
        edge_density=float((gradient > EDGE).mean()),
        spectral_slope=spectral_slope(lab[..., 0]),
        compressed=compressed_bits(small),
        sharpness=float(gradient.mean() * min(small.shape[:2])),
        contrast=math.sqrt(variance),
        clipped=float(((small <= 1) | (small >= 254)).mean()),
        roughness=_roughness(lab, variance),
        mean=(red, green, blue),
    )


def sample_down(picture: NDArray[np.uint8], side: int = SIDE) -> NDArray[np.uint8]:
    """Return a picture of `side` pixels along its shorter side, by leaving pixels out.

    For a picture that depends on the position alone it is what would be drawn at that size;
    averaging would hide noise. A smaller picture is returned as it is.
    """
    height, width = picture.shape[:2]
    shorter = min(height, width)
    if shorter <= side:
        return picture
    rows, columns = (
        ((np.arange(length * side // shorter) + 0.5) * shorter / side).astype(np.intp)
        for length in (height, width)
    )
    return np.asarray(picture[rows][:, columns])


def spectral_slope(light: Floats) -> float | None:
    """Return the slope of the power spectrum of a lightness, shape (H, W); None if it is flat.

    Of the middle square, its mean taken off and faded out towards the sides (Hann), between 2
    cycles a picture and three quarters of the finest frequency, in bins of equal logarithmic width.
    """
    side = min(light.shape)
    if side < 16:
        return None
    top, left = ((length - side) // 2 for length in light.shape)
    square = light[top : top + side, left : left + side]
    square = square - square.mean()
    if square.std() < 1e-4:
        return None
    fade = np.hanning(side + 2)[1:-1]
    power = np.abs(np.fft.fft2(square * fade[:, None] * fade[None, :])) ** 2
    cycles = np.fft.fftfreq(side, d=1.0 / side)
    radius = np.hypot(cycles[:, None], cycles[None, :])
    bounds = np.geomspace(2.0, 0.375 * side, 11)
    place = np.digitize(radius, bounds).ravel()
    counts = np.bincount(place, minlength=12)[1:11]
    total = np.bincount(place, weights=power.ravel(), minlength=12)[1:11]
    full = (counts > 0) & (total > 0)
    if full.sum() < 3:
        return None
    middle = np.log(np.sqrt(bounds[1:] * bounds[:-1]))[full]
    slope, _ = np.polyfit(middle, np.log(total[full] / counts[full]), 1)
    return float(slope)


def compressed_bits(picture: NDArray[np.uint8]) -> float:
    """Return the bits a pixel takes as JPEG, beyond those of a flat picture of its size."""
    beyond: int = _jpeg_bytes(picture) - _jpeg_bytes(np.full_like(picture, 128))
    return float(8.0 * max(beyond, 0) / (picture.shape[0] * picture.shape[1]))


def find(complexity: Complexity) -> tuple[Finding, ...]:
    """Return what has a name in a picture: goo, saturation, noise; nothing for most.

    The limits are explained in docs/lab.md, with what was measured on the presets.
    """
    found = []
    if complexity.contrast < FLAT_CONTRAST:
        grey = all(GOO_RANGE[0] <= channel <= GOO_RANGE[1] for channel in complexity.mean)
        found.append(
            Finding(
                name="grey goo" if grey else "flat",
                reason=f"The colour varies by {complexity.contrast:.3f} over the picture, less "
                f"than {FLAT_CONTRAST}"
                + (", about the middle grey that an output of 0 gives." if grey else "."),
            )
        )
    elif complexity.roughness > NOISE_ROUGHNESS:
        found.append(
            Finding(
                name="noise",
                reason=f"Neighbouring pixels differ {complexity.roughness:.0%} as much as far ones "
                f"(from {NOISE_ROUGHNESS:.0%} on it reads as noise): the structure is finer than "
                "the pixels. Go closer.",
            )
        )
    if complexity.clipped > SATURATED_SHARE:
        found.append(
            Finding(
                name="saturated",
                reason=f"{complexity.clipped:.0%} of the colour values stand at the ends of their "
                f"range (more than {SATURATED_SHARE:.0%}): the last sums are so large that only "
                "pure colours are left.",
            )
        )
    return tuple(found)


FLAT_CONTRAST = 0.01
GOO_RANGE = (0.25, 0.75)
SATURATED_SHARE = 0.8
NOISE_ROUGHNESS = 0.5


def half_distance(
    color_at: Callable[[Floats, Floats], Floats],
    *,
    center: tuple[float, float] = (0.0, 0.0),
    half_side: float = 1.0,
    points: int = 1024,
    finest: int = 20,
) -> float | None:
    """Return over which distance colour changes half as much as between far places.

    With the mean square difference of colours a distance apart, over twice the variance (a
    variogram): the smallest distance at which it reaches one half.

    Args:
        color_at: Oklab colours, shape (P, 3), at positions x and y, shape (P,).
        center: The middle of the square that is looked at.
        half_side: Half of its side.
        points: How many places are compared.
        finest: The smallest distance tried is the side divided by 2 to this power.

    Returns:
        The distance as a share of the side, at most 1; None for a picture of one colour. A result
        of 2**-finest means that, or less.
    """
    number = np.arange(points, dtype=np.float64)
    # A sequence that fills the square evenly, and directions that do not repeat (golden ratios).
    x = center[0] + half_side * (2.0 * ((0.5 + number * 0.7548776662466927) % 1.0) - 1.0)
    y = center[1] + half_side * (2.0 * ((0.5 + number * 0.5698402909980532) % 1.0) - 1.0)
    angle = number * 2.399963229728653
    here = color_at(x, y)
    variance = float(here.var(axis=0).sum())
    if variance < 1e-8:
        return None
    before: tuple[float, float] | None = None
    for power in range(finest, 0, -1):
        step = 2.0 * half_side * 2.0**-power
        there = color_at(x + step * np.cos(angle), y + step * np.sin(angle))
        share = float(((there - here) ** 2).sum(axis=1).mean()) / (2.0 * variance)
        if share >= 0.5:
            if before is None:
                return 2.0**-power
            low = max(before[1], 1e-9)
            part = (math.log(0.5) - math.log(low)) / max(math.log(share) - math.log(low), 1e-9)
            return float(2.0 ** (-power - 1 + min(max(part, 0.0), 1.0)))
        before = (step, share)
    return 1.0


def curve_lengths(values: Sequence[Floats]) -> tuple[tuple[float, ...], bool]:
    """Return the length of a closed curve in each layer, and whether the points were dense enough.

    Args:
        values: For each layer the values of its neurons, shape (N, P), at P points of the curve in
            order. P must be even.

    Returns:
        Lengths divided by the root of N, so that layers of different widths compare; and False
        where leaving out every second point shortens some layer by more than 10 %: the curve
        turns faster than the points show, and the true length is larger.
    """
    lengths, dense = [], True
    for layer in values:
        full, half = _closed_length(layer), _closed_length(layer[:, ::2])
        dense = dense and half >= 0.9 * full
        lengths.append(full / math.sqrt(max(1, len(layer))))
    return tuple(lengths), dense


def mean_growth(lengths: Sequence[float]) -> float | None:
    """Return the mean factor (geometric) from one length to the next; None if there is none."""
    useful = [length for length in lengths if length > 0.0]
    if len(useful) != len(lengths) or len(lengths) < 2:
        return None
    return float((useful[-1] / useful[0]) ** (1.0 / (len(useful) - 1)))


def breakpoints(
    sums_at: Callable[[int, Floats], Floats],
    kinks: Sequence[Sequence[float]],
    *,
    most: int = MOST_POINTS,
) -> tuple[Floats, bool]:
    """Return where a network of straight pieces bends along a line, found exactly.

    Layer by layer: between the bends of the layers before, a layer's weighted sums are straight,
    so where they cross a kink follows from their values at the ends.

    Args:
        sums_at: The weighted sums of hidden layer l (0 for the first) at places t, shape (P,) in
            0..1, as an array (N, P).
        kinks: For each layer the sums at which its activation bends.
        most: Places at which the search ends.

    Returns:
        The places in order, 0 and 1 among them, so that there is one piece less than places; and
        whether all were found (False: more than `most`).
    """
    places = np.array([0.0, 1.0])
    for layer, levels in enumerate(kinks):
        if not len(levels):
            continue
        sums = sums_at(layer, places)
        found = [places]
        for level in levels:
            found.append(_crossings(places, sums - level))
        places = _distinct(np.concatenate(found))
        if len(places) > most:
            return places[:most], False
    return places, True


def pattern_keys(sums: Floats, levels: Sequence[float], rng: np.random.Generator) -> NDArray[Any]:
    """Return for each point a number that says between which kinks its neurons are.

    Args:
        sums: Weighted sums of one layer, shape (N, P).
        levels: The sums at which the activation bends.
        rng: Where the numbers of the neurons come from; points of one pattern have one key, and
            points of different patterns share one about once in 2**64.

    Returns:
        uint64, shape (P,); the keys of layers are added (they wrap).
    """
    factors = rng.integers(1, 2**63, size=(len(levels), len(sums)), dtype=np.uint64)
    keys = np.zeros(sums.shape[1], dtype=np.uint64)
    for row, level in zip(factors, levels, strict=True):
        keys += np.where(sums > level, row[:, None], np.uint64(0)).sum(axis=0, dtype=np.uint64)
    return keys


def _gradient(lab: Floats) -> Floats:
    """Return the change of colour from pixel to pixel, across and down together, shape (H, W).

    By central differences, so that single pixels of two colours in turn do not count as edges.
    """
    down, across = np.gradient(lab, axis=(0, 1))
    return np.asarray(np.sqrt((down * down + across * across).sum(axis=2)))


def _roughness(lab: Floats, variance: float) -> float:
    if variance < 1e-8:
        return 0.0
    steps = [(np.diff(lab, axis=axis) ** 2).sum(axis=2).mean() for axis in (0, 1)]
    return float(min(steps)) / (2.0 * variance)


def _jpeg_bytes(picture: NDArray[np.uint8]) -> int:
    file = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(picture)).save(
        file, "JPEG", quality=QUALITY, subsampling=0, optimize=True
    )
    return file.tell()


def _closed_length(layer: Floats) -> float:
    steps = np.diff(layer, axis=1, append=layer[:, :1])
    return float(np.sqrt((steps * steps).sum(axis=0)).sum())


def _crossings(places: Floats, sums: Floats) -> Floats:
    """Return where straight pieces between places cross zero, over all rows of sums (N, P)."""
    before, after = sums[:, :-1], sums[:, 1:]
    row, piece = np.nonzero((before > 0.0) != (after > 0.0))
    low, high = before[row, piece], after[row, piece]
    part = np.clip(low / (low - high), 0.0, 1.0)
    return np.asarray(places[piece] + part * (places[piece + 1] - places[piece]))


def _distinct(places: Floats) -> Floats:
    ordered = np.sort(places)
    keep = np.diff(ordered, prepend=-1.0) > _NEAR
    return np.asarray(ordered[keep])
