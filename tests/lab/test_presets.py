"""Every preset shows what its sentence says."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray

from breeder.errors import SettingsError
from breeder.inputs import INPUTS
from breeder.lab.drawing import draw
from breeder.lab.networks import build, input_values, layer_values
from breeder.lab.presets import PRESETS, Preset, preset
from breeder.lab.settings import LabSettings, from_query, to_query
from breeder.rendering.canvas import Canvas

SIDE = 128
X, Y = Canvas(width=SIDE, height=SIDE).points(range(SIDE))


@cache
def picture(name: str, side: int = SIDE) -> NDArray[np.uint8]:
    return draw(PRESETS[name].settings, side)


@cache
def values(name: str) -> list[NDArray[np.float64]]:
    """The inputs, the values of all layers, and the raw outputs, in 64 bits."""
    settings = PRESETS[name].settings
    return layer_values(build(settings), input_values(settings, X, Y))


def settings_of(name: str) -> LabSettings:
    return PRESETS[name].settings


def saturated(name: str) -> float:
    """The share of channels that are at an end."""
    return float(np.mean((picture(name) < 3) | (picture(name) > 252)))


def busy(name: str) -> float:
    """The mean step from a pixel to the next one, 0 to 255."""
    drawn = picture(name).astype(int)
    return float(np.abs(np.diff(drawn, axis=0)).mean() + np.abs(np.diff(drawn, axis=1)).mean()) / 2


def is_goo(name: str) -> None:
    """Grey within 0.5 ± 0.02 everywhere, since the signal dies layer by layer."""
    assert np.abs(picture(name) / 255.0 - 0.5).max() < 0.02
    spreads = [layer.std() for layer in values(name)[1:-1]]
    assert spreads[-1] < spreads[0] / 50


def is_usual(name: str) -> None:
    assert settings_of(name).widths == (16,) * 8
    assert (settings_of(name).activation, settings_of(name).output_activation) == (
        "tanh",
        "sigmoid",
    )
    assert PRESETS[name].size == (128, 128)
    assert picture(name).std() > 40


def has_hard_edges(name: str) -> None:
    assert saturated(name) > 0.85
    assert np.abs(build(settings_of(name)).layers[3].weights).max() > 95


def has_slopes(name: str) -> None:
    assert np.abs(build(settings_of(name)).layers[3].weights).max() < 3.0001
    assert saturated(name) < saturated("uniform-100") - 0.2


def is_normal(name: str) -> None:
    weights = np.concatenate([layer.weights.ravel() for layer in build(settings_of(name)).layers])
    wanted = {"normal": 1.0, "normal-half": 0.5}[name]
    assert weights.std() == pytest.approx(wanted, rel=0.06)
    assert weights.mean() == pytest.approx(0.0, abs=0.06)
    if name == "normal-half":
        assert busy(name) < busy("normal")


def is_raw_pixels(name: str) -> None:
    inputs = values(name)[0]
    assert inputs.min() > 0
    assert inputs.max() < 128
    assert saturated(name) > saturated("from-the-centre")
    # Grows from the top left: along each ray from there the colour hardly changes.
    drawn = picture(name).astype(int)
    rays = [np.abs(drawn[2 * i, 2 * j] - drawn[i, j]).mean() for i in (30, 50) for j in (20, 60)]
    assert np.mean(rays) < drawn.std() / 2


def is_centred(name: str) -> None:
    inputs = values(name)[0]
    assert (inputs.min(), inputs.max()) == pytest.approx((-0.5, 0.5), abs=0.01)
    np.testing.assert_allclose(inputs.mean(axis=1), 0.0, atol=1e-9)


def is_a_crop(name: str) -> None:
    whole = draw(replace(settings_of(name), zoom=1.0, center=(0.0, 0.0)), 8 * 64)
    near = draw(settings_of(name), 64).astype(int)
    left = round((1 - 0.8) / 2 * 8 * 64 - 32)
    part = whole[left : left + 64, left : left + 64]
    # The middle of the crop lies between two pixels.
    steps = [part, whole[left + 1 : left + 65, left + 1 : left + 65]]
    assert min(np.abs(near - step).mean() for step in steps) < 12


def is_mondrian(name: str) -> None:
    assert settings_of(name).scale == 0.01
    assert values(name)[0].max() < 1.28
    assert saturated(name) > 0.9
    drawn = picture(name)
    assert np.mean((drawn[:, 1:] == drawn[:, :-1]).all(axis=2)) > 0.8


def has_softened(name: str) -> None:
    assert saturated(name) < saturated("neural-mondrian") - 0.1


def has_more_to_see(name: str) -> None:
    shallow = picture("closer-shallow").std(axis=(0, 1)).mean()
    assert shallow < 5
    assert picture(name).std(axis=(0, 1)).mean() > 8 * shallow
    assert settings_of(name).zoom == settings_of("closer-shallow").zoom == 24


def is_deeper(name: str) -> None:
    depths = [0, 1, 8, 16]
    layers = int(name.removeprefix("depth-"))
    assert settings_of(name).widths == (16,) * layers
    if layers:
        assert busy(name) > busy(f"depth-{depths[depths.index(layers) - 1]}")


def is_wider(name: str) -> None:
    names = ["width-16", "width-32", "neuro-pollock"]
    place = names.index(name)
    assert settings_of(name).widths == ((16, 32, 128)[place],) * 8
    if place:
        assert busy(name) > 1.5 * busy(names[place - 1])


def is_tapered(name: str) -> None:
    assert settings_of(name).widths == (128, 64, 32, 16, 8, 4, 2)
    outputs = values(name)[-1]
    sums = np.log(outputs / (1 - outputs))
    assert int(np.linalg.matrix_rank(sums, tol=1e-6 * np.abs(sums).max())) == 2


def has_its_counts(name: str) -> None:
    wanted = {"deep-16x16": 3_936, "wide-8x32": 7_360}[name]
    settings = settings_of(name)
    assert settings.weight_count + settings.bias_count == wanted
    numbers = sum(layer.weights.size for layer in build(settings).layers)
    numbers += sum(int(np.count_nonzero(layer.biases)) for layer in build(settings).layers)
    assert numbers == wanted
    assert f"{wanted:,}" in PRESETS[name].title


def uses_its_activation(name: str) -> None:
    settings = settings_of(name)
    assert settings.activation == name.removeprefix("activation-").replace("-", "_")
    assert picture(name).std(axis=(0, 1)).max() > 8  # neither goo nor all at one end
    assert busy(name) > 0.2


def is_the_same_picture(name: str) -> None:
    width, height = PRESETS[name].size
    assert name == f"size-{width}x{height}"
    whole = draw(settings_of(name), width // 4, height // 4)
    shorter = min(whole.shape[:2])
    top, left = ((side - shorter) // 2 for side in whole.shape[:2])
    square = draw(settings_of("usual"), shorter)
    np.testing.assert_array_equal(whole[top : top + shorter, left : left + shorter], square)


def is_a_stoic(name: str) -> None:
    is_goo(name)
    assert settings_of(name).caption == "My neural network is a stoic"


def is_a_slice(name: str) -> None:
    z = {"slice-minus-4": -4.0, "slice-0": 0.0, "slice-4": 4.0}[name]
    assert settings_of(name).z == z
    assert settings_of(name).inputs == ("x", "y", "r", "z")
    assert (values(name)[0][3] == z).all()
    others = {"slice-minus-4", "slice-0", "slice-4"} - {name}
    assert all(np.abs(picture(name).astype(int) - picture(o)).mean() > 20 for o in others)


def has_its_beta(name: str) -> None:
    reading, _, log2 = name.rpartition("-")
    layer = build(settings_of(name)).layers[3]
    beta, count = 2.0 ** int(log2), layer.weights.shape[1]
    spread = np.sqrt(beta / count) if reading == "beta-variance" else beta / count
    assert layer.weights.std() == pytest.approx(spread, rel=0.05)
    assert {"beta-variance": "variance β/N", "beta-std": "standard deviation β/N"}[
        reading
    ] in PRESETS[name].title
    assert not any(each.biases.any() for each in build(settings_of(name)).layers)
    output = build(settings_of(name)).output.weights
    assert output.std() == pytest.approx(np.sqrt(2 / 35), rel=0.25)  # Glorot
    if log2 == "7":
        assert busy(name) > busy(f"{reading}-3")


def has_biases(name: str) -> None:
    assert all(layer.biases.any() for layer in build(settings_of(name)).layers)
    middle = input_values(replace(settings_of(name), z=0.0), np.zeros(1), np.zeros(1))
    still = layer_values(build(settings_of("perceptron")), middle)[-1]
    np.testing.assert_allclose(still, 0.5, atol=1e-12)
    assert np.abs(layer_values(build(settings_of(name)), middle)[-1] - 0.5).max() > 0.05


def has_its_topology(name: str) -> None:
    settings = settings_of(name)
    assert settings.topology == name
    wanted = ((8,) * 8, "sigmoid") if name == "densenet" else ((32,) * 8, "tanh")
    assert (settings.widths, settings.activation) == wanted


def has_rings(name: str) -> None:
    inputs = values(name)[0]
    np.testing.assert_allclose(inputs[4], np.cos(10 * np.hypot(X, Y)), atol=1e-9)


def is_mirrored(name: str) -> None:
    assert settings_of(name).inputs[:2] == ("x2", "y2")
    drawn = picture(name)
    np.testing.assert_array_equal(drawn, drawn[::-1])
    np.testing.assert_array_equal(drawn, drawn[:, ::-1])


def has_own_inputs(name: str) -> None:
    inputs = values(name)[0]
    np.testing.assert_allclose(inputs[2], np.sin(6 * X + 3 * Y), atol=1e-9)
    np.testing.assert_allclose(inputs[4], np.exp(-((2 * X - 2 * Y) ** 2)), atol=1e-9)


def is_rgb(name: str) -> None:
    outputs = values(name)[-1]
    if name == "rgb-tanh":
        assert outputs.min() < 0
        outputs = (outputs + 1) / 2
        sums = values("rgb-sigmoid")[-1]
        doubled = 1 / (1 + ((1 - sums) / sums) ** 2)
        np.testing.assert_allclose(outputs, doubled, atol=1e-9)
    wanted = outputs.T.reshape(SIDE, SIDE, 3) * 255
    near = np.abs(picture(name) - wanted) < 1.5
    assert near.mean() > 0.97  # rays of a network like this magnify the last digits of 32 bits


def is_stretched_hsv(name: str) -> None:
    drawn = picture(name).astype(int)
    brightness = drawn.max(axis=2)
    assert brightness.min() < 10
    assert brightness.max() > 245
    saturation = (brightness - drawn.min(axis=2)) / np.maximum(brightness, 1)
    assert saturation.min() < 0.05
    assert saturation.max() > 0.95


def is_in_its_colours(name: str) -> None:
    assert settings_of(name).color == name
    other = draw(replace(settings_of(name), color="rgb"), 64)
    assert np.abs(other.astype(int) - draw(settings_of(name), 64)).mean() > 10


def is_grey(name: str) -> None:
    drawn = picture(name).astype(int)
    assert (np.ptp(drawn, axis=2) == 0).all()
    colours = draw(replace(settings_of(name), black_and_white=False), SIDE)
    assert np.abs(drawn[..., 0] - colours @ [0.2126, 0.7152, 0.0722]).max() <= 2


def is_a_cover(name: str) -> None:
    assert PRESETS[name].size == (1080, 1080)
    assert settings_of(name).caption


def is_calm(name: str) -> None:
    assert busy(name) < 4
    assert picture(name).std() > 20


PROMISES: dict[str, Callable[[str], None]] = {
    "usual": is_usual,
    "grey-goo": is_goo,
    "goo-quarter": is_goo,
    "uniform-100": has_hard_edges,
    "uniform-3": has_slopes,
    "normal": is_normal,
    "normal-half": is_normal,
    "raw-pixels": is_raw_pixels,
    "from-the-centre": is_centred,
    "zoom-crop": is_a_crop,
    "neural-mondrian": is_mondrian,
    "zoom-weights": has_softened,
    "closer-deep": has_more_to_see,
    "closer-shallow": lambda name: has_more_to_see("closer-deep"),
    **dict.fromkeys(("depth-0", "depth-1", "depth-8", "depth-16"), is_deeper),
    **dict.fromkeys(("width-16", "width-32", "neuro-pollock"), is_wider),
    "tapered": is_tapered,
    "deep-16x16": has_its_counts,
    "wide-8x32": has_its_counts,
    **{name: uses_its_activation for name in PRESETS if name.startswith("activation-")},
    **{name: is_the_same_picture for name in PRESETS if name.startswith("size-")},
    "stoic": is_a_stoic,
    **{name: is_a_slice for name in PRESETS if name.startswith("slice-")},
    **{name: has_its_beta for name in PRESETS if name.startswith("beta-")},
    "biases": has_biases,
    "perceptron": has_its_topology,
    "resnet": has_its_topology,
    "densenet": has_its_topology,
    "rings": has_rings,
    "squares": is_mirrored,
    "own-inputs": has_own_inputs,
    "rgb-sigmoid": is_rgb,
    "rgb-tanh": is_rgb,
    "hsv": is_stretched_hsv,
    "lab": is_in_its_colours,
    "oklab": is_in_its_colours,
    "black-and-white": is_grey,
    "cover": is_a_cover,
    "gradient": is_calm,
}


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_keeps_its_promise(name: str):
    PROMISES[name](name)


def test_the_presets_are_all_there():
    assert list(PROMISES) == list(PRESETS)
    for name in ("activation-tanh", "activation-relu", "activation-leaky-relu", "activation-elu"):
        assert name in PRESETS
    assert {f"size-{size}" for size in ("128x128", "512x512", "1080x720", "1920x1080")} <= set(
        PRESETS
    )


@pytest.mark.parametrize("each", PRESETS.values(), ids=PRESETS)
def test_a_preset_says_what_to_look_for_in_one_sentence(each: Preset):
    assert each.name == each.name.lower()
    assert each.title
    assert each.look.endswith(".")
    assert 20 < len(each.look) < 150
    assert from_query(to_query(each.settings)) == each.settings
    assert all(name in INPUTS for name in each.settings.inputs if isinstance(name, str))


def test_an_unknown_preset_is_said_to_be_so():
    assert preset("usual").title == "8 layers of 16"
    with pytest.raises(SettingsError, match="perhaps grey-goo"):
        preset("greygoo")
    with pytest.raises(SettingsError, match="there are usual, grey-goo"):
        preset("xyz")
