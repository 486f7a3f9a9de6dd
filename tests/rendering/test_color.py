"""What the channels of each colour model mean, and sRGB, linear light and Oklab."""

import colorsys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from breeder.genome import COLOR_MODELS, OUTPUTS, ColorModel
from breeder.rendering.color import (
    LAB_TO_LMS,
    LMS_TO_RGB,
    average,
    linear_to_srgb,
    srgb_to_linear,
    srgb_to_oklab,
    to_bytes,
    to_rgb,
)

wide = st.floats(-1e8, 1e8) | st.floats(-3, 3)


def color(model: ColorModel, *channels: float) -> list[float]:
    return list(map(float, to_rgb(model, np.array(channels, dtype=np.float64)[:, None])[0]))


@pytest.mark.parametrize(
    ("model", "black", "grey", "white"),
    [
        ("grey", (0,), (0.5,), (1,)),
        ("hsb", (0.3, 0.7, 0), (0.3, 0, 0.5), (0.3, 0, 1)),
        ("rgb", (0, 0, 0), (0.5, 0.5, 0.5), (1, 1, 1)),
    ],
)
def test_black_grey_and_white_are_exact(model: ColorModel, black, grey, white):
    assert color(model, *black) == [0, 0, 0]
    assert color(model, *grey) == [0.5, 0.5, 0.5]
    assert color(model, *white) == [1, 1, 1]


def test_black_and_white_of_oklab_are_exact_bytes_whatever_the_tint():
    for tint in (0.0, 1.0, -1.0):
        assert to_bytes(np.array(color("oklab", 0, tint, tint))).tolist() == [0, 0, 0]
        assert to_bytes(np.array(color("oklab", 1, tint, -tint))).tolist() == [255, 255, 255]


def test_oklab_without_tint_is_grey_and_grows_with_lightness():
    lights = np.linspace(0, 1, 101)
    rgb = to_rgb("oklab", np.stack([lights, 0 * lights, 0 * lights]))
    assert np.ptp(rgb, axis=1).max() < 1e-6
    assert (np.diff(rgb[:, 0]) > 0).all()


def test_brightness_is_a_magnitude():
    assert color("grey", -0.25) == color("grey", 0.25) == [0.25] * 3
    assert color("hsb", 0.1, 0.4, -0.25) == color("hsb", 0.1, 0.4, 0.25)
    assert color("grey", -7) == [1, 1, 1]


@settings(max_examples=80, deadline=None)
@given(hue=st.floats(0, 1), saturation=st.floats(0, 1), brightness=st.floats(0, 1))
def test_hsb_is_the_common_one(hue: float, saturation: float, brightness: float):
    expected = colorsys.hsv_to_rgb(hue, saturation, brightness)
    assert color("hsb", hue, saturation, brightness) == pytest.approx(expected, abs=1e-9)


@settings(max_examples=60, deadline=None)
@given(hue=st.floats(0, 1), turns=st.integers(-1000, 1000))
def test_hue_wraps(hue: float, turns: int):
    assert color("hsb", hue + turns, 1, 1) == pytest.approx(color("hsb", hue, 1, 1), abs=1e-9)


def test_the_hue_circle_runs_from_red_over_green_and_blue():
    assert color("hsb", 0, 1, 1) == pytest.approx([1, 0, 0])
    assert color("hsb", 1 / 3, 1, 1) == pytest.approx([0, 1, 0], abs=1e-9)
    assert color("hsb", 2 / 3, 1, 1) == pytest.approx([0, 0, 1], abs=1e-9)
    assert color("hsb", -1 / 3, 1, 1) == pytest.approx([0, 0, 1], abs=1e-9)


def test_saturation_and_rgb_clip():
    assert color("hsb", 0.2, 9, 0.6) == color("hsb", 0.2, 1, 0.6)
    assert color("hsb", 0.2, -9, 0.6) == color("hsb", 0.2, 0, 0.6)
    assert color("rgb", -3, 0.25, 44) == [0, 0.25, 1]
    assert color("oklab", 0.4, 5, -9) == color("oklab", 0.4, 1, -1)
    assert color("oklab", 7, 0.5, 0.5) == color("oklab", 1, 0.5, 0.5)


def test_oklab_s_channels_point_to_green_red_and_blue_yellow():
    red, green = color("oklab", 0.6, 0.8, 0), color("oklab", 0.6, -0.8, 0)
    yellow, blue = color("oklab", 0.6, 0, 0.8), color("oklab", 0.6, 0, -0.8)
    assert red[0] > red[1]
    assert green[1] > green[0]
    assert min(yellow[:2]) > yellow[2]
    assert blue[2] > max(blue[:2])


@pytest.mark.parametrize("model", COLOR_MODELS)
@settings(max_examples=80, deadline=None)
@given(data=st.data())
def test_every_colour_is_in_range_and_finite(model: ColorModel, data: st.DataObject):
    rgb = color(model, *(data.draw(wide) for _ in OUTPUTS[model]))
    assert np.isfinite(rgb).all()
    assert 0 <= min(rgb) <= max(rgb) <= 1


@pytest.mark.parametrize("model", COLOR_MODELS)
def test_channels_of_many_points_become_one_colour_each(model: ColorModel):
    channels = np.linspace(-2, 2, 5 * len(OUTPUTS[model])).reshape(len(OUTPUTS[model]), 5)
    before = channels.copy()
    rgb = to_rgb(model, channels)
    assert rgb.shape == (5, 3)
    for point in range(5):
        assert rgb[point].tolist() == pytest.approx(color(model, *channels[:, point]), abs=1e-12)
    np.testing.assert_array_equal(channels, before)


# Known values: Ottosson's page gives Oklab to three digits for the primaries of sRGB.
PRIMARIES = {
    (255, 255, 255): (1.000, 0.000, 0.000),
    (255, 0, 0): (0.628, 0.225, 0.126),
    (0, 255, 0): (0.866, -0.234, 0.179),
    (0, 0, 255): (0.452, -0.032, -0.312),
    (0, 0, 0): (0.000, 0.000, 0.000),
}


@pytest.mark.parametrize(("rgb", "lab"), PRIMARIES.items())
def test_oklab_of_known_colours(rgb: tuple[int, int, int], lab: tuple[float, float, float]):
    got = srgb_to_oklab(np.array(rgb, dtype=np.uint8))
    assert got.dtype == np.float32
    assert got.tolist() == pytest.approx(lab, abs=1.5e-3)


def test_oklab_of_every_shape_comes_back_to_its_bytes():
    pixels = np.random.default_rng(1).integers(0, 256, (4, 3, 5, 3)).astype(np.uint8)
    lab = srgb_to_oklab(pixels)
    assert lab.shape == pixels.shape
    linear = (lab.astype(np.float64) @ LAB_TO_LMS.T) ** 3 @ LMS_TO_RGB.T
    back = to_bytes(linear_to_srgb(np.clip(linear, 0, 1)))
    assert np.abs(back.astype(int) - pixels).max() <= 1


# Known values of CIE L*a*b* (D65) for the primaries of sRGB, to two digits: CSS Color 4 and others.
CIELAB_PRIMARIES = {
    (255, 255, 255): (100.0, 0.0, 0.0),
    (255, 0, 0): (53.24, 80.09, 67.20),
    (0, 255, 0): (87.73, -86.18, 83.18),
    (255, 255, 0): (97.14, -21.55, 94.48),
    (128, 128, 128): (53.59, 0.0, 0.0),
    (20, 20, 20): (6.32, 0.0, 0.0),
    (0, 0, 0): (0.0, 0.0, 0.0),
}


@pytest.mark.parametrize(("rgb", "lab"), CIELAB_PRIMARIES.items())
def test_lab_of_known_colours(rgb: tuple[int, int, int], lab: tuple[float, float, float]):
    got = to_bytes(np.array(color("lab", *(value / 100 for value in lab))))
    assert np.abs(got.astype(int) - rgb).max() <= 1


def test_lab_without_tint_is_grey_and_grows_with_lightness():
    lights = np.linspace(0, 1, 101)
    rgb = to_rgb("lab", np.stack([lights, 0 * lights, 0 * lights]))
    assert np.ptp(rgb, axis=1).max() < 1e-9
    assert (np.diff(rgb[:, 0]) > 0).all()
    assert color("lab", 0.4, 5, -9) == color("lab", 0.4, 1, -1)
    assert color("lab", -3, 0, 0) == color("lab", 0, 0, 0) == [0, 0, 0]


def test_srgb_and_linear_light_are_inverses_at_known_values():
    assert srgb_to_linear(np.array([0, 0.5, 1])).tolist() == pytest.approx(
        [0, 0.21404114, 1], abs=1e-7
    )
    steps = np.linspace(0, 1, 1001)
    np.testing.assert_allclose(linear_to_srgb(srgb_to_linear(steps)), steps, atol=1e-6)
    np.testing.assert_allclose(srgb_to_linear(linear_to_srgb(steps)), steps, atol=1e-6)


def test_bytes_are_rounded_to_the_nearest():
    values = np.array([0, 0.49 / 255, 0.51 / 255, 254.49 / 255, 254.51 / 255, 1])
    assert to_bytes(values).tolist() == [0, 0, 1, 254, 255, 255]
    steps = np.arange(256)
    assert to_bytes(steps / 255).tolist() == steps.tolist()


@pytest.mark.parametrize("factor", [1, 2, 3, 8])
def test_the_average_of_equal_samples_is_that_sample(factor: int):
    pixels = np.arange(256, dtype=np.uint8)[None, :, None, None].repeat(3, axis=3)
    samples = pixels.repeat(factor, axis=1).repeat(factor, axis=2)
    np.testing.assert_array_equal(average(samples, factor), pixels)


@pytest.mark.parametrize("factor", [2, 3, 5])
def test_samples_are_averaged_in_linear_light(factor: int):
    shape = (2, 4 * factor, 3 * factor, 3)
    samples = np.random.default_rng(factor).integers(0, 256, shape).astype(np.uint8)
    light = srgb_to_linear(samples / 255).reshape(2, 4, factor, 3, factor, 3).mean((2, 4))
    wanted = to_bytes(linear_to_srgb(light)).astype(int)
    got = average(samples, factor)
    assert got.shape == (2, 4, 3, 3)
    assert np.abs(got - wanted).max() <= 1
    assert (got == wanted).mean() > 0.98


def test_half_black_half_white_is_the_bright_grey_of_half_the_light():
    samples = np.array([[0, 255], [255, 0]], dtype=np.uint8)[None, :, :, None].repeat(3, axis=3)
    assert average(samples, 2).ravel().tolist() == [188, 188, 188]
