"""How drawings look: dull or not, how far apart, how alike."""

import numpy as np
import pytest
from numpy.typing import NDArray

from breeder.genome import COLOR_MODELS
from breeder.looks import (
    FINGERPRINT_BYTES,
    SIDE,
    Looks,
    distances,
    draw_small,
    join,
    likeness,
    liveliness,
    look_at,
    nearest_shown,
)
from breeder.rendering import render
from breeder.rendering.canvas import Canvas
from breeder.rendering.color import srgb_to_oklab
from tests.genomes import random_genome
from tests.strategies import link, net, node

Bytes = NDArray[np.uint8]
STEPS = np.linspace(0, 255, SIDE)


def grey(light: NDArray[np.floating]) -> Bytes:
    """A drawing of SIDE x SIDE grey levels, 0 to 255."""
    levels = np.broadcast_to(light, (SIDE, SIDE))
    return np.repeat(np.clip(levels, 0, 255).astype(np.uint8)[..., None], 3, axis=2)


def tinted(light: NDArray[np.floating], *factors: float) -> Bytes:
    return np.asarray(grey(light) * np.array(factors), dtype=np.uint8)


NOISE = np.random.default_rng(1).integers(0, 256, (SIDE, SIDE)).astype(float)
CIRCLE = 255 * np.exp(-4 * (np.linspace(-1, 1, SIDE)[:, None] ** 2 + np.linspace(-1, 1, SIDE) ** 2))
STRIPES = 127 + 100 * np.sin(np.arange(SIDE) * np.pi / 4)

GOOD = {
    "a gradient": grey(STEPS),
    "a circle": grey(CIRCLE),
    "wide stripes": grey(STRIPES),
    "stripes of a pixel": grey(np.where(np.arange(SIDE) % 2, 220.0, 30.0)),
    "two halves": grey(np.where(np.arange(SIDE) < 16, 60.0, 200.0)),
    "two colours of one lightness": np.where(
        np.arange(SIDE)[None, :, None] < 16, [170, 90, 90], [70, 130, 70]
    )
    .repeat(SIDE, axis=0)
    .astype(np.uint8),
}
DULL = {
    "black": grey(np.zeros(1)),
    "white": grey(np.full(1, 255.0)),
    "mid grey": grey(np.full(1, 128.0)),
    "one colour": tinted(np.full(1, 200.0), 1, 0.5, 0.2),
    "hardly a gradient": grey(np.linspace(120, 130, SIDE)),
    "a speck on grey": grey(np.where(np.arange(SIDE * SIDE).reshape(SIDE, SIDE) == 99, 255, 128.0)),
    "a tenth of it a little lighter": grey(
        np.where(np.arange(SIDE * SIDE).reshape(SIDE, SIDE) % 10, 128.0, 158.0)
    ),
    "black and white alone": grey(np.where(np.arange(SIDE) < 16, 0.0, 255.0)),
    "noise": grey(NOISE),
    "noise in colour": np.random.default_rng(2).integers(0, 256, (SIDE, SIDE, 3)).astype(np.uint8),
}


def looks(*drawings: Bytes) -> Looks:
    return look_at(np.stack(drawings))


@pytest.mark.parametrize("name", DULL)
def test_these_are_dull(name: str):
    assert looks(DULL[name]).dull.tolist() == [True]


@pytest.mark.parametrize("name", GOOD)
def test_these_are_not_dull(name: str):
    assert looks(GOOD[name]).dull.tolist() == [False]


def test_small_drawings_are_the_reference_s_pictures():
    genomes = [random_genome(seed, color=COLOR_MODELS[seed % 4]) for seed in range(12)]
    drawn = draw_small(genomes)
    wanted = render(genomes, Canvas(width=SIDE, height=SIDE), device="reference")
    assert drawn.shape == (12, SIDE, SIDE, 3)
    assert (np.abs(drawn.astype(int) - wanted) <= 1).mean() > 0.999


def test_no_genomes_have_no_looks():
    assert draw_small([]).shape == (0, SIDE, SIDE, 3)
    empty = look_at(draw_small([]))
    assert empty.lab.shape == (0, 16, 16, 3)
    assert empty.dull.shape == (0,)
    assert empty.fingerprints.shape == (0, FINGERPRINT_BYTES)


def test_a_drawing_looks_the_same_in_any_company():
    together = looks(*GOOD.values(), *DULL.values())
    for index, drawing in enumerate([*GOOD.values(), *DULL.values()]):
        alone = looks(drawing)
        np.testing.assert_array_equal(alone.lab[0], together.lab[index])
        assert alone.dull[0] == together.dull[index]
        np.testing.assert_array_equal(alone.fingerprints[0], together.fingerprints[index])


def test_looks_are_joined_in_order():
    one, other = looks(GOOD["a circle"]), looks(DULL["black"], GOOD["a gradient"])
    both = join(one, other)
    np.testing.assert_array_equal(both.lab, np.concatenate([one.lab, other.lab]))
    assert both.dull.tolist() == [False, True, False]
    assert both.fingerprints.shape == (3, FINGERPRINT_BYTES)


def test_cells_are_the_means_of_their_pixels():
    lab = looks(grey(NOISE)).lab[0]
    wanted = srgb_to_oklab(grey(NOISE)[:2, 2:4]).mean(axis=(0, 1))
    np.testing.assert_allclose(lab[0, 1], wanted, atol=1e-6)


# Distances


def test_distances_are_root_mean_squares():
    seen = looks(*GOOD.values(), *DULL.values()).lab
    got = distances(seen[:4], seen)
    weighted = seen * np.array([1.0, 1.2, 1.2])
    for a in range(4):
        for b in range(len(seen)):
            wanted = np.sqrt(((weighted[a] - weighted[b]) ** 2).sum(axis=2).mean())
            assert got[a, b] == pytest.approx(wanted, abs=2e-3)


def test_equal_pictures_have_no_distance_and_black_from_white_one():
    seen = looks(*GOOD.values(), DULL["black"], DULL["white"]).lab
    away = distances(seen, seen)
    assert np.diag(away).max() < 1e-3
    assert away[-2, -1] == pytest.approx(1.0, abs=1e-3)
    np.testing.assert_allclose(away, away.T, atol=1e-4)
    assert away.dtype == np.float32


def test_a_small_change_is_a_small_distance():
    seen = looks(GOOD["a gradient"], grey(STEPS * 0.98), grey(STEPS[::-1])).lab
    near, far = distances(seen[:1], seen[1:])[0]
    assert 0.002 < near < 0.03
    assert far > 0.3


# Likeness


def alike(one: Bytes, other: Bytes) -> float:
    seen = looks(one, other).lab
    return float(likeness(seen[:1], seen[1:])[0, 0])


@pytest.mark.parametrize("name", sorted(GOOD.keys() - {"stripes of a pixel"}))  # its cells are flat
def test_a_picture_with_a_form_is_like_itself(name: str):
    assert alike(GOOD[name], GOOD[name]) == pytest.approx(1.0, abs=1e-3)


def test_a_negative_and_a_recolouring_keep_the_form():
    assert alike(grey(CIRCLE), grey(255 - CIRCLE)) > 0.9
    assert alike(grey(STEPS), grey(255 - STEPS)) > 0.9, "its edges are the same all over"
    assert alike(grey(CIRCLE), tinted(CIRCLE, 1.0, 0.6, 0.2)) > 0.9


def test_a_colouring_alone_makes_pictures_alike():
    tint = [1.0, 0.5, 0.2]
    one, other = tinted(np.full(1, 200.0), *tint), tinted(STRIPES, *tint)
    assert alike(one, other) > 0.6
    assert alike(grey(np.full(1, 200.0)), grey(STRIPES)) < 0.2


def test_unrelated_pictures_are_not_alike():
    shifted = 127 + 100 * np.sin(np.arange(SIDE)[:, None] * np.pi / 3)
    assert alike(grey(STRIPES), grey(shifted)) < 0.3
    assert alike(grey(NOISE), grey(CIRCLE)) < 0.4


def test_likeness_is_symmetric_and_bounded():
    seen = looks(*GOOD.values(), *DULL.values()).lab
    kin = likeness(seen, seen)
    np.testing.assert_allclose(kin, kin.T, atol=1e-4)
    assert kin.min() >= -1.001
    assert kin.max() <= 1.001


# Liveliness


def test_contrast_and_colour_are_livelier_than_flat_ones():
    colours = net(
        "hsb",
        [node("saturation", "identity", 0.5), node("brightness", "identity", 0.7)],
        [link("x", "hue", 0.3), link("y", "brightness", 0.25)],
    )
    colourful = draw_small([colours])[0]
    lively = liveliness(
        looks(
            colourful,
            DULL["mid grey"],
            DULL["black"],
            DULL["white"],
        ).lab
    )
    assert lively.dtype == np.float32
    assert lively[0] > 0.3
    assert lively[0] > lively[1:].max() + 0.2
    assert lively[2] < lively[1]
    assert lively[3] < lively[1]


# Fingerprints


def test_a_fingerprint_has_its_length_and_tells_pictures_apart():
    marks = looks(*GOOD.values()).fingerprints
    assert marks.shape == (len(GOOD), FINGERPRINT_BYTES)
    assert marks.dtype == np.uint8
    assert len({mark.tobytes() for mark in marks}) == len(GOOD)


def test_the_nearest_shown_is_found():
    rng = np.random.default_rng(3)
    marks = rng.integers(0, 256, (6, FINGERPRINT_BYTES)).astype(np.uint8)
    shown = rng.integers(0, 256, (9, FINGERPRINT_BYTES)).astype(np.uint8)
    shown[4] = marks[2]
    got = nearest_shown(marks, shown)
    apart = (marks[:, None].astype(float) - shown[None]) ** 2
    np.testing.assert_allclose(got, np.sqrt(apart.mean(axis=2)).min(axis=1), atol=1e-3)
    assert got[2] == 0


def test_fingerprints_at_the_ends_of_their_range_are_told_apart():
    black, white = np.zeros((1, FINGERPRINT_BYTES)), np.full((1, FINGERPRINT_BYTES), 255)
    near = white.copy()
    near[0, 0] = 254
    marks = np.concatenate([black, white]).astype(np.uint8)
    got = nearest_shown(marks, near.astype(np.uint8)) ** 2 * FINGERPRINT_BYTES
    assert got.tolist() == pytest.approx([254**2 + 191 * 255**2, 1], abs=2)


def test_nothing_shown_is_infinitely_far():
    marks = looks(*GOOD.values()).fingerprints
    assert np.isinf(nearest_shown(marks, np.empty((0, FINGERPRINT_BYTES), np.uint8))).all()


def test_a_tiny_change_stays_near_and_a_mirror_image_is_far():
    marks = looks(GOOD["a gradient"], grey(STEPS * 0.995), grey(STEPS[::-1])).fingerprints
    near, far = nearest_shown(marks[1:], marks[:1])
    assert near < 2.5
    assert far > 25
