"""Lab pictures show what the network says, at any size, coarse first, and can be stopped."""

import hashlib
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as profile

from breeder.errors import CancelledError, SettingsError
from breeder.genome import OUTPUTS
from breeder.lab.drawing import bands, draw, program_of, stages
from breeder.lab.lowering import MODELS
from breeder.lab.networks import build, input_values, layer_values
from breeder.lab.settings import CustomInput, Initialisation, LabColor, LabSettings, layers_of
from breeder.lab.stretching import stretches_of
from breeder.rendering.canvas import Canvas
from breeder.rendering.color import to_bytes, to_rgb
from breeder.rendering.portable import PortableRenderer
from breeder.rendering.reference import evaluate
from tests.lab.test_settings import lab_settings

SIDE = 24
X, Y = Canvas(width=SIDE, height=SIDE).points(range(SIDE))
CALM = LabSettings(widths=(9, 7), weights=Initialisation(name="lecun"), seed=5, bias_layers="all")
"""A network in which the last digits of 32 bits do not matter."""


def outputs_of(settings: LabSettings) -> np.ndarray:
    """The raw outputs, computed with matrices in 64 bits."""
    return layer_values(build(settings), input_values(settings, X, Y))[-1]


CALM_ONES = {
    "perceptron": CALM,
    "resnet": replace(CALM, topology="resnet", widths=(8, 8, 8)),
    "densenet": replace(CALM, topology="densenet", widths=(8, 8)),
    "no hidden layer": replace(CALM, widths=()),
    "turned, zoomed and moved": replace(CALM, zoom=2.0, rotation=30.0, center=(0.3, -0.7)),
    "pixels": replace(CALM, coordinates="pixels", scale=0.03),
    "z": replace(CALM, inputs=("x", "z", "bias"), z=1.5),
    "radial": replace(CALM, inputs=("x", "y", "r", "z", "d", "cos10r", "x2", "y2"), z=0.4),
    "radial, off centre": replace(
        CALM, inputs=("r", "d", "cos10r", "x2", "y2"), center=(0.5, 0.2), rotation=20.0, zoom=1.5
    ),
    "radial pixels": replace(CALM, inputs=("r", "x2"), coordinates="pixels", scale=0.02),
    "own": replace(
        CALM,
        inputs=(
            "y",
            CustomInput(function="sin", x=5.0, y=1.0, r=-2.0, shift=0.3),
            CustomInput(function="gaussian", r=2.0),
        ),
        center=(0.1, 0.0),
    ),
    "constants alone": replace(CALM, inputs=("bias", "z"), z=0.5),
}


@pytest.mark.parametrize("settings", CALM_ONES.values(), ids=CALM_ONES)
def test_programs_compute_what_the_matrices_do(settings: LabSettings):
    program = program_of(settings)
    found = evaluate(program, X, Y, 0.0)
    np.testing.assert_allclose(found, outputs_of(settings), atol=1e-9)
    assert (np.diff(program.levels) >= 0).all()
    assert program.sources.max(initial=0) < program.inputs.size + program.operations.size


@pytest.mark.parametrize("settings", CALM_ONES.values(), ids=CALM_ONES)
def test_pictures_show_what_the_matrices_say(settings: LabSettings):
    wanted = to_bytes(np.clip(outputs_of(settings), 0, 1).T).reshape(SIDE, SIDE, 3).astype(int)
    assert np.abs(draw(settings, SIDE) - wanted).max() <= 1


@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "identity"])
@pytest.mark.parametrize("color", ["rgb", "lab", "oklab", "grey"])
def test_colours_are_read_from_the_outputs(color: LabColor, activation: str):
    settings = replace(CALM, color=color, output_activation=activation)
    raw = outputs_of(settings)
    keys = OUTPUTS[MODELS[color]]
    channels = []
    for key, values in zip(keys, raw, strict=True):
        signed = key in ("green_red", "blue_yellow")
        if activation == "tanh" and not signed:
            channels.append((values + 1) / 2)
        elif activation == "sigmoid" and signed:
            channels.append(2 * values - 1)
        else:
            channels.append(values)
    wanted = to_bytes(to_rgb(MODELS[color], np.stack(channels)))
    got = draw(settings, SIDE).reshape(-1, 3)
    assert np.abs(got - wanted.astype(int)).max() <= 1


def test_hsv_stretches_each_channel_from_its_least_to_its_largest():
    settings = replace(CALM, color="hsv", output_activation="tanh")
    found = evaluate(program_of(settings), X, Y, 0.0)
    np.testing.assert_allclose(found.min(axis=1), 0.0, atol=0.06)
    np.testing.assert_allclose(found.max(axis=1), 1.0, atol=0.06)
    raw = outputs_of(settings)
    for values, raw_values in zip(found, raw, strict=True):
        assert np.corrcoef(values, raw_values)[0, 1] == pytest.approx(1.0)


@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "identity", "relu"])
def test_the_ends_of_a_stretch_are_found_exactly(activation: str):
    settings = replace(CALM, color="hsv", output_activation=activation)
    stretches = stretches_of(settings, build(settings))
    assert stretches is not None
    x, y = Canvas(width=48, height=48).points(range(48))
    values = layer_values(build(settings), input_values(settings, x, y))[-1]
    for stretch, row in zip(stretches, values, strict=True):
        if np.ptp(row) > 1e-4:
            assert row.min() * stretch.factor + stretch.shift == pytest.approx(0.0, abs=2e-3)
            assert row.max() * stretch.factor + stretch.shift == pytest.approx(1.0, abs=2e-3)


def test_the_ends_of_a_stretch_do_not_depend_on_the_view():
    plain = replace(CALM, color="hsv", inputs=("x", "y", "r"))
    near = replace(plain, zoom=8.0, center=(0.2, 0.2), rotation=10.0)
    assert stretches_of(plain, build(plain)) == stretches_of(near, build(near))


def test_a_flat_channel_has_no_range_to_stretch():
    flat = replace(CALM, color="hsv", weights=Initialisation(name="constant"), bias_layers="none")
    assert np.unique(draw(flat, 16).reshape(-1, 3), axis=0).shape == (1, 3)


def test_black_and_white_is_the_brightness_of_the_colours():
    grey = draw(replace(CALM, black_and_white=True), SIDE).astype(int)
    colours = draw(CALM, SIDE).astype(int)
    assert (np.ptp(grey, axis=2) == 0).all()
    assert np.abs(grey[..., 0] - colours @ [0.2126, 0.7152, 0.0722]).max() <= 1.5
    others: tuple[LabColor, ...] = ("hsv", "oklab", "lab", "grey")
    for color in others:
        picture = draw(replace(CALM, black_and_white=True, color=color), 16)
        assert (np.ptp(picture.astype(int), axis=2) == 0).all()


def test_the_same_network_is_the_same_picture_at_every_size():
    settings = LabSettings(widths=layers_of(4, 12), seed=6)
    small, large = draw(settings, 128), draw(settings, 128 * 3)
    np.testing.assert_array_equal(large[1::3, 1::3], small)  # the same centres
    wide = draw(settings, 300, 128)
    np.testing.assert_array_equal(wide[:, 86:214], small)
    tall = draw(settings, 128, 192)
    np.testing.assert_array_equal(tall[32:160], small)


def test_a_part_of_a_larger_drawing_is_the_picture_zoomed():
    settings = LabSettings(widths=layers_of(3, 8), weights=Initialisation(name="lecun"), seed=6)
    large = draw(settings, 256)
    near = draw(replace(settings, zoom=4.0, center=(0.25, -0.75)), 64)
    assert np.abs(near.astype(int) - large[:64, 128:192]).max() <= 1


PINNED = LabSettings(
    topology="densenet",
    widths=(12, 9, 5),
    activation="tanh",
    weights=Initialisation(name="normal", numbers=(0.0, 1.3)),
    biases=Initialisation(name="orthogonal", numbers=(0.8,)),
    bias_layers="all",
    inputs=("x", "y", "r", "z", CustomInput(function="cos", x=3.0, r=2.0, shift=0.1)),
    center=(0.1, 0.2),
    zoom=0.8,
    rotation=33.0,
    z=0.7,
    color="hsv",
    seed=2**40 + 7,
)


def test_the_same_seed_gives_the_same_bytes_on_every_machine():
    """Written down once: a difference here breaks links that have been given away."""
    picture = draw(PINNED, 40, 30, supersample=2)
    assert hashlib.sha256(picture.tobytes()).hexdigest()[:16] == PINNED_DIGEST


PINNED_DIGEST = "87b6c2a9a581562e"


def test_numpy_draws_the_same_bytes_as_the_compiled_loops():
    canvas = Canvas(width=20, height=20)
    drawn = PortableRenderer().draw([program_of(PINNED)], canvas, range(20))[0]
    np.testing.assert_array_equal(drawn, draw(PINNED, 20))


@given(lab_settings)
@profile(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_is_set_can_be_drawn(settings: LabSettings):
    picture = draw(settings, 5, 4)
    assert picture.shape == (4, 5, 3)


def test_stages_grow_and_end_with_the_picture():
    settings = LabSettings(widths=(64,) * 6)
    told: list[float] = []
    found = list(stages(settings, 200, 160, advance=told.append))
    assert [stage.factor for stage in found] == sorted((s.factor for s in found), reverse=True)
    assert len(found) >= 2
    assert found[0].picture.shape == (40, 50, 3)
    assert found[-1].factor == 1
    assert found[-1].share == 1.0
    np.testing.assert_array_equal(found[-1].picture, draw(settings, 200, 160))
    assert told == sorted(told)
    assert told[-1] == pytest.approx(1.0)


def test_a_quick_picture_comes_at_once():
    assert [stage.factor for stage in stages(LabSettings(widths=(8,)), 128)] == [1]


def test_a_large_network_is_left_between_two_bands():
    settings = LabSettings(widths=(256,) * 6, color="grey", inputs=("x", "y"))
    asked = []

    def cancelled() -> bool:
        asked.append(True)
        return len(asked) > 2

    drawing = bands(settings, Canvas(width=1024, height=1024), cancelled=cancelled)
    first = next(drawing)
    assert first.shape[0] < 64  # a large network has small bands
    with pytest.raises(CancelledError):
        list(drawing)
    with pytest.raises(CancelledError):
        draw(settings, 512, cancelled=lambda: True)
    with pytest.raises(CancelledError):
        next(stages(settings, 512, cancelled=lambda: True))


def test_another_network_can_be_shown():
    other = build(replace(CALM, seed=99))
    np.testing.assert_array_equal(draw(CALM, 16, network=other), draw(replace(CALM, seed=99), 16))


def test_a_size_out_of_range_is_refused():
    with pytest.raises(SettingsError):
        draw(CALM, 10_000_000)
