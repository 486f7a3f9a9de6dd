"""The measures give the numbers that their definitions promise, where the answer is known."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from breeder.lab.complexity import (
    FLAT_CONTRAST,
    MEASURES,
    SIDE,
    breakpoints,
    curve_lengths,
    find,
    half_distance,
    mean_growth,
    measure,
    pattern_keys,
    sample_down,
    spectral_slope,
)

Pixels = NDArray[np.uint8]


def grey(light: NDArray[np.float64]) -> Pixels:
    """A grey picture of a lightness in 0..1, shape (H, W)."""
    return np.repeat(np.round(light * 255.0).astype(np.uint8)[..., None], 3, axis=2)


def ramp(side: int = SIDE) -> Pixels:
    return grey(np.tile(np.linspace(0.0, 1.0, side), (side, 1)))


def noise(side: int = SIDE) -> Pixels:
    return np.random.default_rng(1).integers(0, 256, (side, side, 3), dtype=np.uint8)


def halves(side: int = SIDE) -> Pixels:
    return grey((np.arange(side) >= side // 2).astype(float)[None, :].repeat(side, axis=0))


def test_a_flat_picture_has_no_complexity():
    flat = measure(np.full((SIDE, SIDE, 3), 120, dtype=np.uint8))
    assert flat.edge_density == flat.sharpness == flat.roughness == 0.0
    assert 0.0 <= flat.compressed < 0.01
    assert flat.contrast == pytest.approx(0.0, abs=1e-6)
    assert flat.spectral_slope is None


def test_a_hard_edge_is_two_columns_of_edge_pixels():
    assert measure(halves()).edge_density == pytest.approx(2 / SIDE)


def test_sharpness_is_the_change_over_one_side():
    # From black to white Oklab lightness goes from 0 to 1, once across.
    assert measure(ramp()).sharpness == pytest.approx(1.0, abs=0.06)
    assert measure(halves()).sharpness == pytest.approx(1.0, abs=0.06)


@pytest.mark.parametrize("name", ["edge_density", "compressed", "sharpness", "roughness"])
def test_noise_exceeds_tiles_exceed_a_calm_ramp(name: str):
    place = np.arange(SIDE) % 20 >= 10
    tiles = grey((place[:, None] != place[None, :]).astype(float))
    values = [getattr(measure(each), name) for each in (ramp(), tiles, noise())]
    assert values == sorted(values)
    assert values[2] > 1.2 * values[1] > 2 * values[0]


@pytest.mark.parametrize("slope", [0.0, -2.0, -4.0])
def test_the_spectral_slope_of_a_made_spectrum_is_found(slope: float):
    rng = np.random.default_rng(3)
    side = 256
    cycles = np.fft.fftfreq(side, 1 / side)
    radius = np.maximum(np.hypot(cycles[:, None], cycles[None, :]), 1.0)
    spectrum = np.fft.fft2(rng.standard_normal((side, side))) * radius ** (slope / 2)
    found = spectral_slope(np.fft.ifft2(spectrum).real)
    assert found == pytest.approx(slope, abs=0.35)


def test_a_large_picture_is_measured_as_it_would_be_drawn_small():
    assert np.array_equal(sample_down(noise(SIDE)), noise(SIDE))
    large = noise(4 * SIDE)
    small = sample_down(large)
    assert small.shape == (SIDE, SIDE, 3)
    assert measure(large).roughness == pytest.approx(1.0, abs=0.1)  # an average would be smooth
    assert sample_down(large[: 2 * SIDE]).shape == (SIDE, 2 * SIDE, 3)


@pytest.mark.parametrize(
    ("picture", "names"),
    [
        (np.full((SIDE, SIDE, 3), 127, dtype=np.uint8), ["grey goo"]),
        (np.full((SIDE, SIDE, 3), (250, 10, 10), dtype=np.uint8), ["flat"]),
        (noise(), ["noise"]),
        (halves(), ["saturated"]),
        (ramp(), []),
    ],
)
def test_states_are_named_with_their_reason_and_only_when_they_are_there(
    picture: Pixels, names: list[str]
):
    found = find(measure(picture))
    assert [each.name for each in found] == names
    assert all(any(letter.isdigit() for letter in each.reason) for each in found)


def test_the_limit_of_goo_is_what_an_eye_can_tell():
    # A step of 2 % in Oklab is about the least that is seen.
    assert 0.01 <= FLAT_CONTRAST <= 0.03


def wave(cycles: float, x: NDArray[np.float64]) -> NDArray[np.float64]:
    light = 0.5 + 0.5 * np.sin(2 * np.pi * cycles * x / 2.0)
    return np.stack([light, 0 * light, 0 * light], axis=1)


def test_the_half_distance_follows_the_finest_structure():
    def distance(cycles: float) -> float:
        found = half_distance(lambda x, y: wave(cycles, x))
        assert found is not None
        return found

    assert distance(1) / distance(8) == pytest.approx(8, rel=0.2)
    assert distance(8) / distance(64) == pytest.approx(8, rel=0.2)
    assert half_distance(lambda x, y: np.zeros((len(x), 3))) is None


def test_structure_without_end_is_said_to_reach_the_finest_distance():
    rng = np.random.default_rng(0)
    assert half_distance(lambda x, y: rng.random((len(x), 3)), finest=12) == 2.0**-12


def test_the_length_of_a_circle_does_not_depend_on_how_many_neurons_carry_it():
    angle = np.linspace(0, 2 * np.pi, 512, endpoint=False)
    circle = np.stack([np.cos(angle), np.sin(angle)])
    lengths, dense = curve_lengths([circle, np.tile(circle, (8, 1)), 3.0 * circle])
    assert dense
    assert lengths == pytest.approx([2 * np.pi / 2**0.5] * 2 + [6 * np.pi / 2**0.5], rel=1e-3)
    assert mean_growth(lengths) == pytest.approx(3.0**0.5, rel=1e-6)


def test_a_curve_that_turns_faster_than_its_points_is_said_to():
    angle = np.linspace(0, 2 * np.pi, 64, endpoint=False)
    _, dense = curve_lengths([np.sin(31.3 * angle)[None, :]])
    assert not dense


def folded(folds: int, t: NDArray[np.float64]) -> NDArray[np.float64]:
    """The sums of neuron pairs that fold 0..1 in two, `folds` times."""
    for _ in range(folds):
        t = 1.0 - np.abs(2.0 * t - 1.0)
    return np.stack([2.0 * t - 1.0])


def test_folding_doubles_the_linear_regions_and_every_one_is_found():
    for folds in (1, 3, 6):
        places, whole = breakpoints(folded, [(0.0,)] * folds)
        assert whole
        assert len(places) - 1 == 2**folds
        assert np.diff(places) == pytest.approx(2.0**-folds)


def test_regions_of_a_random_relu_network_are_those_a_dense_search_finds():
    rng = np.random.default_rng(5)
    first, second = rng.standard_normal((2, 12, 12))
    shift, way = rng.standard_normal((2, 12, 1))

    def sums_at(layer: int, t: NDArray[np.float64]) -> NDArray[np.float64]:
        sums = first @ (shift + way * (t - 0.5))
        return np.asarray(sums if layer == 0 else second @ np.maximum(sums, 0.0))

    places, _ = breakpoints(sums_at, [(0.0,), (0.0,)])
    dense = np.linspace(0, 1, 200_001)
    signs = np.concatenate([sums_at(0, dense) > 0, sums_at(1, dense) > 0])
    assert len(places) - 1 == 1 + int((signs[:, 1:] != signs[:, :-1]).any(axis=0).sum())


def test_the_search_for_bends_has_an_end():
    places, whole = breakpoints(folded, [(0.0,)] * 12, most=100)
    assert not whole
    assert len(places) == 100


def test_points_have_one_key_exactly_when_they_have_one_pattern():
    sums = np.array([[1.0, 2.0, -1.0, 1.0], [-1.0, -3.0, -1.0, 1.0]])
    keys = pattern_keys(sums, (0.0,), np.random.default_rng(0))
    assert keys[0] == keys[1]
    assert len(set(keys.tolist())) == 3


def test_every_measure_says_what_it_is_and_where_it_comes_from():
    for row in MEASURES.values():
        assert len(row.definition) > 60
        assert any(letter.isdigit() for letter in row.source), row.name
