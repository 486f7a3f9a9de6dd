"""Settings become networks: the same everywhere, and related where settings are."""

from dataclasses import replace

import numpy as np
import pytest

from breeder.activations import ACTIVATIONS
from breeder.inputs import INPUTS
from breeder.lab.networks import Network, build, input_values, layer_values, view_of
from breeder.lab.settings import CustomInput, Initialisation, LabSettings, layers_of

SETTINGS = LabSettings(widths=(5, 7, 4), bias_layers="all", seed=3)
GRID = np.meshgrid(np.linspace(-1, 1, 9), np.linspace(-1, 1, 9))
X, Y = GRID[0].ravel(), GRID[1].ravel()


def equal(one: Network, other: Network) -> bool:
    pairs = zip(one.layers, other.layers, strict=True)
    return all(np.array_equal(a.weights, b.weights) for a, b in pairs)


def test_the_same_settings_give_the_same_network_whatever_the_view():
    shown = replace(SETTINGS, zoom=3.0, z=2.0, rotation=40.0, caption="owl", coordinates="pixels")
    assert equal(build(SETTINGS), build(shown))
    assert not np.array_equal(
        build(SETTINGS).output.weights, build(replace(SETTINGS, seed=4)).output.weights
    )


def test_one_layer_more_keeps_the_weights_of_all_others():
    few, more = (build(LabSettings(widths=layers_of(count, 6), seed=2)) for count in (3, 4))
    for layer in range(3):
        np.testing.assert_array_equal(few.layers[layer].weights, more.layers[layer].weights)
    np.testing.assert_array_equal(few.output.weights, more.output.weights)


def test_more_neurons_keep_the_weights_of_the_first_ones():
    small, large = (
        build(LabSettings(widths=layers_of(3, count), weights=Initialisation(), seed=2))
        for count in (4, 9)
    )
    for one, other in zip(small.layers, large.layers, strict=True):
        rows, columns = one.weights.shape
        np.testing.assert_array_equal(one.weights, other.weights[:rows, :columns])


def test_biases_stand_where_they_are_asked_for():
    none, first, every = (
        build(replace(SETTINGS, bias_layers=choice)).layers for choice in ("none", "first", "all")
    )
    assert [bool(layer.biases.any()) for layer in none] == [False] * 4
    assert [bool(layer.biases.any()) for layer in first] == [True, False, False, False]
    assert [bool(layer.biases.any()) for layer in every] == [True] * 4


def test_the_output_layer_may_have_an_initialisation_of_its_own():
    own = replace(SETTINGS, output_weights=Initialisation(name="constant", numbers=(0.5,)))
    assert (build(own).output.weights == 0.5).all()
    assert not (build(own).layers[0].weights == 0.5).any()


def test_a_perceptron_reads_the_layer_before():
    values = layer_values(build(SETTINGS), input_values(SETTINGS, X, Y))
    network = build(SETTINGS)
    found = np.stack([X, Y]) / 2
    for layer in network.layers:
        total = layer.weights.astype(float) @ found + layer.biases[:, None]
        found = np.tanh(total) if layer is not network.output else 1 / (1 + np.exp(-total))
    np.testing.assert_allclose(values[-1], found, rtol=1e-12)
    assert [len(each) for each in values] == [2, 5, 7, 4, 3]


def test_a_resnet_adds_what_it_read():
    settings = LabSettings(topology="resnet", widths=(6, 6, 4, 4), seed=1)
    network = build(settings)
    assert [layer.adds for layer in network.layers] == [0, 1, 0, 3, 0]
    values = layer_values(network, input_values(settings, X, Y))
    second = network.layers[1]
    np.testing.assert_allclose(
        values[2] - values[1], np.tanh(second.weights.astype(float) @ values[1]), rtol=1e-9
    )


def test_a_densenet_reads_all_before():
    settings = LabSettings(topology="densenet", widths=(6, 5), activation="sigmoid", seed=1)
    network = build(settings)
    assert [layer.reads for layer in network.layers] == [(0,), (0, 1), (0, 1, 2)]
    assert network.output.weights.shape == (3, 13)


def test_grey_has_one_output_and_no_hidden_layer_is_allowed():
    network = build(LabSettings(widths=(), color="grey"))
    assert len(network.layers) == 1
    assert network.output.weights.shape == (1, 2)


@pytest.mark.parametrize("name", INPUTS)
def test_inputs_of_the_table_mean_what_it_says(name: str):
    settings = LabSettings(inputs=(name,), coordinates="centred", z=0.7)
    found = input_values(settings, X, Y)[0]
    np.testing.assert_allclose(found, INPUTS[name].reference(X, Y, 0.7), atol=1e-12)


def test_an_input_of_ones_own_is_a_function_of_a_sum():
    own = CustomInput(function="sin", x=2.0, y=-3.0, r=4.0, shift=0.5)
    found = input_values(LabSettings(inputs=(own,), coordinates="centred"), X, Y)[0]
    np.testing.assert_allclose(found, np.sin(2 * X - 3 * Y + 4 * np.hypot(X, Y) + 0.5), atol=1e-12)


def test_coordinates_run_where_they_say():
    corners = np.array([-1.0, 1.0])
    for coordinates, low, high in (("half", -0.5, 0.5), ("centred", -1, 1), ("pixels", 0, 128)):
        settings = LabSettings(coordinates=coordinates)  # type: ignore[arg-type]
        np.testing.assert_allclose(input_values(settings, corners, corners), [[low, high]] * 2)
    scaled = LabSettings(coordinates="pixels", frame=256.0, scale=0.01)
    np.testing.assert_allclose(input_values(scaled, corners, corners), [[0, 2.56]] * 2)


def test_zoom_centre_and_rotation_move_the_view():
    zoomed = LabSettings(coordinates="centred", zoom=4.0, center=(0.5, -0.25))
    np.testing.assert_allclose(
        input_values(zoomed, np.array([0.0, 1.0]), np.array([0.0, 0.0])),
        [[0.5, 0.75], [-0.25, -0.25]],
    )
    turned = view_of(LabSettings(coordinates="centred", rotation=90.0))
    assert (turned.xx, turned.xy, turned.yx, turned.yy) == (0.0, 1.0, -1.0, 0.0)


def test_every_activation_can_be_used():
    for name in ACTIVATIONS:
        settings = replace(SETTINGS, activation=name, output_activation=name)
        values = layer_values(build(settings), input_values(settings, X, Y))
        assert np.isfinite(values[-1]).all(), name
