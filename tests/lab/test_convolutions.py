"""Random convolutional networks: true counts, the same picture for a seed, finite everywhere."""

from __future__ import annotations

import hashlib
import threading
from dataclasses import fields, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from breeder.errors import CancelledError, RenderError, SettingsError
from breeder.lab.complexity import find, measure
from breeder.lab.convolution_drawing import draw_convolution, slope_image
from breeder.lab.convolutions import (
    COLOURS,
    CONVOLUTION_PRESETS,
    POOLINGS,
    STRUCTURES,
    ConvolutionSettings,
    branches,
    convolutions,
    count,
    size_at,
    work,
)

SMALL = ConvolutionSettings(width=60, height=40)


def small(name: str) -> ConvolutionSettings:
    return replace(CONVOLUTION_PRESETS[name].settings, width=48, height=32)


def test_the_four_pictures_of_the_article_have_500_and_950_weights():
    names = ("wide-relu", "wide-sigmoid", "deep-relu", "deep-sigmoid")
    chosen = [CONVOLUTION_PRESETS[name].settings for name in names]
    assert [count(each).weights for each in chosen] == [500, 500, 950, 950]
    assert [(each.layers, each.channels) for each in chosen] == [(1, 100)] * 2 + [(10, 10)] * 2
    assert {(each.width, each.height, each.scale, each.shift_std) for each in chosen} == {
        (600, 400, 3.0, 2.0)
    }


@pytest.mark.parametrize("structure", STRUCTURES)
def test_counts_are_those_of_the_convolutions_that_are_drawn(structure: Any):
    chosen = replace(SMALL, structure=structure, channels=11, layers=3)
    plan = convolutions(chosen)
    units = [each for layer in plan for each in layer]
    assert count(chosen).weights == sum(each.weights for each in units)
    assert sum(branches(11)) == 11
    assert len(plan) == 4
    bare = count(replace(chosen, normalised=False))
    hidden = sum(each.outputs for each in units) - 3
    assert (bare.biases, bare.shifts) == (hidden, 0)
    assert (count(chosen).biases, count(chosen).shifts) == (0, hidden)


@pytest.mark.parametrize("name", list(CONVOLUTION_PRESETS))
def test_every_preset_draws_a_picture_that_its_address_rebuilds(name: str):
    preset = CONVOLUTION_PRESETS[name]
    assert preset.look_for.endswith(".")
    assert ConvolutionSettings.from_query(preset.settings.to_query()) == preset.settings
    chosen = small(name)
    first = draw_convolution(chosen).pixels
    again = draw_convolution(ConvolutionSettings.from_query(chosen.to_query())).pixels
    assert first.shape == (32, 48, 3)
    assert np.array_equal(first, again)


def test_structures_poolings_and_colours_each_give_a_picture_of_their_own():
    base = replace(SMALL, channels=8, layers=4)
    chosen = [
        *(replace(base, structure=each) for each in STRUCTURES),
        *(replace(base, structure="3x3", pooling=each) for each in POOLINGS[1:]),
        *(replace(base, colour=each) for each in COLOURS[1:]),
        replace(base, normalised=False),
        replace(base, scale=1.0),
        replace(base, shift_std=0.0),
        replace(base, activation="sigmoid"),
        replace(base, seed=1),
    ]
    pictures = {draw_convolution(each).pixels.tobytes() for each in chosen}
    assert len(pictures) == len(chosen)


def test_lab_and_rgb_read_the_same_outputs():
    lab = draw_convolution(replace(SMALL, colour="lab")).layers
    assert lab == draw_convolution(replace(SMALL, colour="rgb")).layers


def test_the_input_is_two_slopes():
    down, across = slope_image(40, 60)
    assert np.ptp(down, axis=1).max() == 0
    assert np.ptp(across, axis=0).max() == 0
    assert down[:, 0] == pytest.approx((np.arange(40) + 0.5) / 40 - 0.5)


def test_normalisation_brings_every_layer_to_the_same_spread():
    layers = draw_convolution(replace(SMALL, activation="relu", layers=20)).layers
    assert max(each.sums for each in layers) < 20 * min(each.sums for each in layers)


@pytest.mark.parametrize(("name", "low", "high"), [("explode", 2, 4), ("vanish", 0.1, 0.6)])
def test_without_normalisation_the_spread_changes_by_a_factor_at_every_layer(
    name: str, low: float, high: float
):
    sums = [each.sums for each in draw_convolution(small(name)).layers[:-1]]
    factor = (sums[-1] / sums[0]) ** (1 / (len(sums) - 1))
    assert low < factor < high
    middle = (sums[len(sums) // 2] / sums[0]) ** (1 / (len(sums) // 2))
    assert middle == pytest.approx(factor, rel=0.3)  # exponential: the same factor all along


def test_what_vanished_is_named_and_what_is_normalised_is_not():
    lost = draw_convolution(small("vanish"))
    assert lost.lost == 3
    assert [each.name for each in find(measure(lost.pixels))] == ["grey goo"]
    kept = draw_convolution(replace(small("vanish"), normalised=True))
    assert kept.lost == 0
    assert find(measure(kept.pixels)) == ()


def test_depth_is_more_complex_than_width_in_the_article_s_four_pictures():
    edges = {}
    for layers, channels in ((1, 100), (10, 10)):
        chosen = [replace(SMALL, layers=layers, channels=channels, seed=s) for s in range(5)]
        edges[layers] = [measure(draw_convolution(each).pixels).sharpness for each in chosen]
    assert np.median(edges[10]) > 1.5 * np.median(edges[1])


@settings(max_examples=10, deadline=None)
@given(
    structure=st.sampled_from(STRUCTURES),
    activation=st.sampled_from(("relu", "sigmoid", "tanh")),
    pooling=st.sampled_from(POOLINGS),
    normalised=st.booleans(),
    layers=st.integers(1, 32),
    channels=st.integers(4, 12),
    scale=st.sampled_from((0.01, 3.0, 100.0)),
    spread=st.sampled_from((0.0, 2.0, 100.0)),
    gain=st.sampled_from((0.01, 1.0, 8.0)),
)
def test_no_settings_let_a_number_that_is_not_finite_reach_a_picture(**values: Any):
    spread = values.pop("spread")
    chosen = ConvolutionSettings(
        **values, shift_std=spread, bias_std=spread, width=20, height=16, seed=5
    )
    drawn = draw_convolution(chosen)  # a warning of NumPy would be an error here
    numbers = [(each.sums, each.values, each.largest) for each in drawn.layers]
    assert np.isfinite(numbers).all()
    assert np.isfinite(np.square(numbers)).all()


def test_the_network_of_a_seed_is_the_same_in_ten_years():
    """The random numbers; last bits of products may differ between machines."""
    picture = draw_convolution(replace(SMALL, layers=2, channels=4)).pixels
    coarse = (picture[::8, ::12].astype(int) // 4).tobytes()
    assert hashlib.sha256(coarse).hexdigest()[:16] == "c35da8adcafb4a38"


def test_a_switch_changes_nothing_but_what_it_says():
    """With no shift, normalisation on a one-layer network is a change of scale alone."""
    base = replace(SMALL, layers=1, shift_std=0.0, bias_std=0.0, activation="relu", colour="rgb")
    assert draw_convolution(base).layers[0].sums == pytest.approx(
        draw_convolution(replace(base, normalised=False)).layers[0].sums
    )


def test_a_drawing_can_be_cancelled_and_says_how_far_it_is():
    told: list[float] = []
    with pytest.raises(CancelledError):
        draw_convolution(SMALL, cancelled=lambda: len(told) >= 3, advance=told.append)
    assert len(told) == 3
    draw_convolution(SMALL, advance=told.append)
    assert told[-1] == 1.0
    assert told[3:] == sorted(told[3:])


def test_one_picture_is_drawn_at_a_time_and_one_that_waits_can_be_cancelled():
    started, go_on = threading.Event(), threading.Event()

    def hold(_: float) -> None:
        started.set()
        go_on.wait(30)

    first = threading.Thread(target=draw_convolution, args=(SMALL,), kwargs={"advance": hold})
    first.start()
    try:
        assert started.wait(60)
        with pytest.raises(CancelledError):
            draw_convolution(SMALL, cancelled=lambda: True)
    finally:
        go_on.set()
        first.join(60)
    assert not first.is_alive()


def test_a_device_that_is_not_there_is_refused_in_one_sentence(monkeypatch: pytest.MonkeyPatch):
    import torch

    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(RenderError, match="no cuda device"):
        draw_convolution(SMALL, device="cuda")


@pytest.mark.skipif(
    "not __import__('torch').cuda.is_available()", reason="no CUDA device on this machine"
)
def test_cuda_draws_the_same_picture():
    for name in ("deep-relu", "vgg", "inception"):
        cpu = draw_convolution(small(name), device="cpu").pixels.astype(int)
        gpu = draw_convolution(small(name), device="cuda").pixels.astype(int)
        assert (np.abs(cpu - gpu) <= 1).mean() > 0.999


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"structure": "5x5"}, "structure must be one of 1x1, 3x3, inception"),
        ({"layers": 0}, "layers must be a whole number from 1 to 32"),
        ({"layers": 2.5}, "layers must be a whole number"),
        ({"scale": float("nan")}, "scale must be a number"),
        ({"gain": float("inf")}, "gain must be a number"),
        ({"seed": -1}, "seed must be a whole number"),
        ({"structure": "inception", "channels": 3}, "at least 4 channels"),
        ({"width": 2048, "height": 2048, "channels": 100}, "fewer channels or a smaller"),
        ({"structure": "3x3", "channels": 160, "layers": 32}, "take minutes"),
    ],
)
def test_settings_outside_their_range_are_refused_in_one_sentence(values: Any, words: str):
    with pytest.raises(SettingsError, match=words):
        ConvolutionSettings(**values)


@pytest.mark.parametrize(
    "query",
    [
        {"conv-layers": "1e3"},
        {"conv-layers": "9" * 5000},
        {"conv-scale": "nan"},
        {"conv-scale": "1_0"},
        {"conv-normalised": "yes"},
        {"conv-structure": "<script>"},
        {"conv-v": "2"},
        {"conv-wings": "2"},
    ],
)
def test_a_wrong_address_is_refused_in_one_short_sentence(query: dict[str, str]):
    with pytest.raises(SettingsError) as caught:
        ConvolutionSettings.from_query(query)
    assert len(str(caught.value)) < 200


@given(
    scale=st.floats(0.01, 100), gain=st.floats(0.01, 8), seed=st.integers(0, 2**32 - 1),
    normalised=st.booleans(), layers=st.integers(1, 32),
)  # fmt: skip
def test_an_address_rebuilds_settings_exactly(**values: Any):
    chosen = ConvolutionSettings(**values)
    query = chosen.to_query()
    assert ConvolutionSettings.from_query({**query, "seed": "others' own"}) == chosen
    assert all(isinstance(text, str) for text in query.values())


def test_an_address_of_version_1_still_means_the_same():
    assert [(each.name, each.default) for each in fields(ConvolutionSettings)] == [
        ("structure", "1x1"), ("layers", 10), ("channels", 10), ("activation", "relu"),
        ("normalised", True), ("scale", 3.0), ("shift_std", 2.0), ("bias_std", 0.5),
        ("gain", 1.0), ("pooling", "none"), ("colour", "lab"), ("width", 600), ("height", 400),
        ("seed", 0),
    ]  # fmt: skip


def test_halving_stops_while_there_is_something_to_see_and_lessens_the_work():
    chosen = replace(SMALL, pooling="halve", layers=32)
    assert [size_at(chosen, layer) for layer in (0, 1, 2, 3, 31)] == [
        (40, 60), (40, 60), (20, 30), (20, 30), (20, 30),
    ]  # fmt: skip
    assert work(chosen) < work(replace(chosen, pooling="none")) / 2
    assert draw_convolution(chosen).pixels.shape == (40, 60, 3)
