"""Where a signal dies or saturates, how a curve grows, and how many straight pieces there are."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest

from breeder.errors import CancelledError
from breeder.lab.explanation import explain
from breeder.lab.networks import build, input_values, layer_values
from breeder.lab.settings import CustomInput, Initialisation, LabSettings
from breeder.lab.signals import (
    curve,
    is_straight,
    regions,
    signals,
    zoomable,
)

BASE = LabSettings()
GOO = replace(BASE, weights=Initialisation(name="pytorch"))
HARD = replace(BASE, weights=Initialisation(name="uniform", numbers=(100.0,)))
RELU = replace(BASE, activation="relu", widths=(16, 16, 16))


@pytest.mark.parametrize("seed", range(1, 7))
@pytest.mark.parametrize("bias_layers", ["first", "all"])
def test_the_default_weights_of_pytorch_are_found_to_be_grey_goo(seed: int, bias_layers: str):
    settings = replace(GOO, seed=seed, bias_layers=bias_layers)  # type: ignore[arg-type]
    found = explain(settings, closer=(1.0,))
    assert [each.name for each in found.findings] == ["grey goo"]
    assert "The signal dies in hidden" in found.signals.verdict


@pytest.mark.parametrize("seed", range(1, 7))
def test_pictures_with_something_to_see_are_not_called_goo(seed: int):
    for settings in (BASE, replace(BASE, widths=(16,)), replace(BASE, widths=())):
        found = explain(replace(settings, seed=seed), closer=(1.0,))
        names = [each.name for each in found.findings]
        assert "grey goo" not in names
        assert "flat" not in names
        assert "dies" not in found.signals.verdict


def test_saturation_and_noise_are_named():
    hard = explain(HARD, closer=(1.0,))
    assert [each.name for each in hard.findings] == ["saturated"]
    assert "Saturated from hidden 1" in hard.signals.verdict
    wild = explain(replace(BASE, widths=(256,) * 8), closer=(1.0,))
    assert "noise" in [each.name for each in wild.findings]


def test_spreads_are_those_of_the_layers_values():
    network, found = build(BASE), signals(BASE, build(BASE), side=32)
    across = (2.0 * np.arange(32) + 1 - 32) / 32
    x, y = np.tile(across, 32), np.repeat(across, 32)
    values = layer_values(network, input_values(BASE, x, y))
    assert found.points == 32 * 32
    assert [each.name for each in found.layers] == [
        "inputs", *(f"hidden {number}" for number in range(1, 9)), "outputs",
    ]  # fmt: skip
    for signal, layer in zip(found.layers, values, strict=True):
        assert signal.neurons == len(layer)
        assert signal.spread == pytest.approx(np.sqrt((layer.std(axis=1) ** 2).mean()))
        assert signal.size == pytest.approx(np.sqrt((layer**2).mean()))
        assert sum(signal.shares) == pytest.approx(1.0)
        assert len(signal.edges) == len(signal.shares) + 1


def test_the_spread_shrinks_layer_by_layer_in_goo_and_not_in_a_good_picture():
    goo = [each.spread for each in signals(GOO, build(GOO)).layers[1:-1]]
    assert all(later < 0.8 * earlier for earlier, later in itertools.pairwise(goo))
    good = [each.spread for each in signals(BASE, build(BASE)).layers[1:-1]]
    assert min(good) > 0.2


def test_a_dead_relu_is_flat_and_still():
    dead = replace(RELU, biases=Initialisation(name="constant", numbers=(-1000.0,)))
    found = signals(dead, build(dead)).layers[1]
    assert found.flat == 1.0
    assert found.still == 1.0


def test_residual_and_dense_networks_are_measured_too():
    for topology in ("resnet", "densenet"):
        settings = replace(BASE, topology=topology, widths=(8,) * 4)
        network, found = build(settings), signals(settings, build(settings))
        assert len(found.layers) == 6
        assert curve(settings, network).lengths[-1] > 0
    relu = replace(RELU, topology="resnet")
    counted = regions(relu, build(relu))
    assert counted is not None
    assert counted.mean is not None
    assert counted.mean > 3


def test_a_curve_grows_where_weights_are_large_and_shrinks_in_goo():
    growth = {}
    for name, settings in (("goo", GOO), ("good", BASE)):
        found = curve(settings, build(settings))
        assert len(found.lengths) == 10
        assert found.growth is not None
        growth[name] = found.growth
    assert growth["goo"] < 0.8 < 1.2 < growth["good"]


def test_the_pieces_along_a_line_are_those_a_dense_search_finds():
    settings = replace(RELU, widths=(6, 6))
    network = build(settings)
    found = regions(settings, network)
    assert found is not None
    assert found.whole
    t = np.linspace(-1.0, 1.0, 400_001)
    read = input_values(settings, t, np.full_like(t, -0.5))
    first = network.layers[0].weights.astype(float) @ read + network.layers[0].biases[:, None]
    second = network.layers[1].weights.astype(float) @ np.maximum(first, 0.0)
    signs = np.concatenate([first > 0, second > 0])
    dense = 1 + int((signs[:, 1:] != signs[:, :-1]).any(axis=0).sum())
    assert found.along_lines[0] == dense


def test_more_neurons_make_more_pieces_and_a_grid_never_shows_more_than_its_points():
    means = []
    for widths in ((4,), (16,), (16,) * 4):
        settings = replace(RELU, widths=widths)
        found = regions(settings, build(settings))
        assert found is not None
        assert found.mean is not None
        assert 1 <= found.patterns <= found.points
        means.append(found.mean)
    assert means == sorted(means)


def test_only_networks_of_straight_pieces_are_counted():
    assert is_straight(RELU)
    assert is_straight(replace(RELU, inputs=("x", CustomInput(function="identity", x=2.0))))
    assert not is_straight(replace(RELU, inputs=("x", "r")))
    assert not is_straight(replace(RELU, inputs=("x", CustomInput(function="identity", r=1.0))))
    assert not is_straight(BASE)
    assert regions(BASE, build(BASE)) is None


def test_deep_networks_have_structure_within_structure():
    flat = replace(BASE, widths=(16,))
    deep = replace(BASE, widths=(64,) * 8)
    reach = [zoomable(each, build(each)) for each in (flat, deep)]
    assert reach[0] is not None
    assert reach[1] is not None
    assert reach[1] > 5 * reach[0]


def test_a_closer_frame_of_a_calm_picture_is_calmer():
    found = explain(replace(BASE, widths=(16,)), closer=(1.0, 16.0))
    near, far = found.frames[1].complexity, found.frames[0].complexity
    assert near.sharpness < 0.3 * far.sharpness
    assert found.complexity is far


def test_the_largest_network_takes_bounded_work():
    large = replace(BASE, widths=(512,) * 29, activation="relu")
    network = build(large)
    assert signals(large, network).points == 256
    found = regions(large, network)
    assert found is not None
    assert found.along_lines == ()  # too many bends to find them all
    assert found.mean is None


def test_measuring_can_be_cancelled():
    with pytest.raises(CancelledError):
        explain(BASE, cancelled=lambda: True)
