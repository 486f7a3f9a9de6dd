"""The canvas: which points a picture shows."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from breeder.errors import SettingsError
from breeder.rendering import render
from breeder.rendering.canvas import MAX_SUPERSAMPLE, Canvas
from tests.strategies import link, net, node

SIDE = 65_536
"""Pixels along a side that every way of sampling allows."""

CIRCLE = net("grey", [node("brightness", "gaussian")], [link("r", "brightness", 3.0)], ("r",))


def grid(canvas: Canvas) -> tuple[np.ndarray, np.ndarray]:
    x, y = canvas.points(range(canvas.height))
    assert x.dtype == y.dtype == np.float64
    return x.reshape(canvas.height, canvas.width), y.reshape(canvas.height, canvas.width)


def test_pixels_are_asked_at_their_centres():
    x, y = grid(Canvas(width=256, height=256))
    assert x[0, 0] == y[0, 0] == -0.99609375
    assert x[0, -1] == y[-1, 0] == 0.99609375
    assert x[0, 1] - x[0, 0] == 2 / 256


def test_x_runs_to_the_right_and_y_down():
    x, y = grid(Canvas(width=4, height=4))
    assert (np.diff(x, axis=1) > 0).all()
    assert (np.diff(x, axis=0) == 0).all()
    assert (np.diff(y, axis=0) > 0).all()
    assert (np.diff(y, axis=1) == 0).all()


def test_the_middle_of_an_odd_picture_is_the_origin():
    x, y = grid(Canvas(width=5, height=3))
    assert (x[1, 2], y[1, 2]) == (0.0, 0.0)


@pytest.mark.parametrize("size", [(64, 32), (32, 64), (33, 64), (1, 7)])
def test_the_shorter_side_spans_minus_one_to_one(size: tuple[int, int]):
    width, height = size
    x, y = grid(Canvas(width=width, height=height))
    short = y[:, 0] if height < width else x[0]
    long = x[0] if height < width else y[:, 0]
    pixel = 2 / min(size)
    assert short[0] == pytest.approx(-1 + pixel / 2)
    assert short[-1] == pytest.approx(1 - pixel / 2)
    assert long[0] == pytest.approx(-max(size) / min(size) + pixel / 2)
    assert np.diff(long) == pytest.approx(pixel)


@pytest.mark.parametrize("size", [(60, 30), (30, 60), (51, 17)])
def test_circles_stay_round_whatever_the_aspect(size: tuple[int, int]):
    width, height = size
    drawn = render([CIRCLE], Canvas(width=width, height=height), device="reference")[0, :, :, 0]
    side = min(size)
    top, left = (height - side) // 2, (width - side) // 2
    middle = drawn[top : top + side, left : left + side]
    np.testing.assert_array_equal(middle, middle.T)
    square = render([CIRCLE], Canvas(width=side, height=side), device="reference")[0, :, :, 0]
    np.testing.assert_array_equal(middle, square)


def test_zoom_two_shows_half_as_much_about_the_centre():
    x, y = grid(Canvas(width=8, height=8))
    near_x, near_y = grid(Canvas(width=8, height=8, zoom=2, center=(0.25, -0.5)))
    np.testing.assert_allclose(near_x, 0.25 + x / 2)
    np.testing.assert_allclose(near_y, -0.5 + y / 2)


def test_the_centre_is_the_point_in_the_middle():
    x, y = grid(Canvas(width=3, height=5, center=(0.5, -2.0), rotation=77, zoom=3))
    assert (x[2, 1], y[2, 1]) == pytest.approx((0.5, -2.0))


def test_rotation_turns_the_picture_clockwise():
    """What was at the top lies to the right after a quarter turn, with y down on the screen."""
    upright, turned = Canvas(width=3, height=3), Canvas(width=3, height=3, rotation=90)
    top = (0, 1)
    right = (1, 2)
    x, y = grid(upright)
    turned_x, turned_y = grid(turned)
    assert (turned_x[right], turned_y[right]) == pytest.approx((x[top], y[top]))


@pytest.mark.parametrize("size", [(6, 6), (8, 5)])
def test_a_quarter_turn_is_a_clockwise_turn_of_the_pixels(size: tuple[int, int]):
    genome = net("rgb", [], [link("x", "red"), link("y", "green"), link("d", "blue", 0.3)])
    width, height = size
    upright = render([genome], Canvas(width=width, height=height), device="reference")[0]
    turned = Canvas(width=height, height=width, rotation=90)
    drawn = render([genome], turned, device="reference")[0]
    difference = np.abs(np.rot90(upright, k=-1).astype(int) - drawn)
    assert difference.max() <= 1  # a cosine of 90 degrees is 6e-17


@settings(max_examples=60, deadline=None)
@given(
    zoom=st.floats(0.01, 100),
    rotation=st.floats(-720, 720),
    center=st.tuples(st.floats(-5, 5), st.floats(-5, 5)),
)
def test_views_keep_angles_and_have_one_scale(
    zoom: float, rotation: float, center: tuple[float, float]
):
    plain_x, plain_y = grid(Canvas(width=5, height=4))
    x, y = grid(Canvas(width=5, height=4, zoom=zoom, rotation=rotation, center=center))
    flat = (plain_x + 1j * plain_y).ravel()
    seen = ((x - center[0]) + 1j * (y - center[1])).ravel()
    turned = seen * zoom * np.exp(1j * math.radians(rotation))
    np.testing.assert_allclose(turned, flat, atol=1e-9 * max(1.0, zoom * 10))


def test_rows_are_asked_by_number():
    canvas = Canvas(width=6, height=9, zoom=1.5, rotation=30, center=(1, 2))
    x, y = canvas.points(range(9))
    part_x, part_y = canvas.points(range(4, 6))
    np.testing.assert_array_equal(part_x, x[24:36])
    np.testing.assert_array_equal(part_y, y[24:36])


def test_samples_share_out_each_pixel():
    canvas = Canvas(width=3, height=2, supersample=4, zoom=2, rotation=10)
    fine = canvas.samples
    assert (fine.width, fine.height, fine.supersample) == (12, 8, 1)
    x, y = grid(canvas)
    fine_x, fine_y = grid(fine)
    np.testing.assert_allclose(fine_x.reshape(2, 4, 3, 4).mean((1, 3)), x, atol=1e-12)
    np.testing.assert_allclose(fine_y.reshape(2, 4, 3, 4).mean((1, 3)), y, atol=1e-12)
    assert Canvas(width=3).samples == Canvas(width=3)


@pytest.mark.parametrize("factor", range(1, MAX_SUPERSAMPLE + 1))
def test_every_size_can_be_supersampled(factor: int):
    canvas = Canvas(width=SIDE, height=1, supersample=factor)
    assert canvas.samples.width == SIDE * factor


@pytest.mark.parametrize(
    "values",
    [
        {"width": 0},
        {"width": -5},
        {"height": 0},
        {"width": 10_000_000},
        {"height": 10_000_000},
        {"width": 12.5},
        {"width": math.nan},
        {"height": math.inf},
        {"supersample": 0},
        {"supersample": MAX_SUPERSAMPLE + 1},
        {"supersample": 1.5},
        {"zoom": 0},
        {"zoom": -1},
        {"zoom": math.nan},
        {"zoom": math.inf},
        {"zoom": 1e10},
        {"center": (math.nan, 0)},
        {"center": (0, math.inf)},
        {"center": (2e9, 0)},
        {"center": (0.0,)},
        {"center": (0.0, 0.0, 0.0)},
        {"rotation": math.nan},
        {"z": math.inf},
    ],
    ids=str,
)
def test_values_outside_their_ranges_are_refused(values: dict[str, Any]):
    with pytest.raises(SettingsError) as caught:
        Canvas(**values)
    name = next(iter(values))
    assert {"center": "centre"}.get(name, name) in str(caught.value).lower()


def test_limits_themselves_are_allowed():
    Canvas(width=1, height=1)
    Canvas(width=SIDE, height=SIDE)
    Canvas(zoom=1e9, center=(-1e9, 1e9), rotation=-1e9, z=1e9, supersample=8)


def test_whole_numbers_written_as_floats_can_be_drawn():
    canvas = Canvas(width=4.0, height=3.0)  # type: ignore[arg-type]
    assert render([CIRCLE], canvas, device="reference").shape == (1, 3, 4, 3)


@pytest.mark.parametrize("zoom", [1e-9, 1e-30, 1e-160, 1e-300, 5e-324])
def test_a_view_from_however_far_is_finite_or_refused(zoom: float):
    """Numbers that are not finite never reach a picture."""
    everything = ("x", "y", "d", "r", "x2", "y2", "cos10r")
    half = node("brightness", "identity", 0.5)
    genome = net("grey", [half], [link(name, "brightness", 0.0) for name in everything], everything)
    try:
        canvas = Canvas(width=4, height=4, zoom=zoom)
    except SettingsError:
        return
    for device in ("reference", "cpu"):
        assert (render([genome], canvas, device=device) == 128).all()
