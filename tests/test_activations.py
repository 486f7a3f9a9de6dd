"""The table of activations: each formula says what its function does, and its range holds."""

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from breeder.activations import ACTIVATIONS, OPERATION_CODES, SUM_LIMIT


def exp(u: float) -> float:
    return math.exp(u) if u < 700 else math.inf


def steps(u: float, low: float, high: float) -> float:
    return min(max(math.trunc(1000 * u + 0.5) / 1000, low), high)


# Written from the formulas' text alone, one number at a time.
MEANINGS: dict[str, Callable[[float], float]] = {
    "u": lambda u: u,
    "sin u": math.sin,
    "cos u": math.cos,
    "tanh u": math.tanh,
    "1 / (1 + exp(-u))": lambda u: 1 / (1 + exp(-u)),
    "2 / (1 + exp(-u)) - 1": lambda u: 2 / (1 + exp(-u)) - 1,
    "exp(-u^2)": lambda u: exp(-(u**2)),
    "2 exp(-u^2) - 1": lambda u: 2 * exp(-(u**2)) - 1,
    "|u|": abs,
    "u^2": lambda u: u**2,
    "max(u, 0)": lambda u: max(u, 0),
    "the triangle wave that meets sin u at its zeros and peaks": lambda u: (
        math.asin(math.sin(u)) * 2 / math.pi
    ),
    "2 / (1 + exp(-t)) - 1, t = trunc(1000 u + 0.5) / 1000 from -7.601 to 7.601": lambda u: (
        2 / (1 + exp(-steps(u, -7.601, 7.601))) - 1
    ),
    "2 exp(-t^2) - 1, t = trunc(1000 u + 0.5) / 1000 from -2.757 to 2.758": lambda u: (
        2 * exp(-(steps(u, -2.757, 2.758) ** 2)) - 1
    ),
    "max(u, 0.01 u)": lambda u: max(u, 0.01 * u),
    "u above 0, exp(u) - 1 below": lambda u: u if u > 0 else math.exp(u) - 1,
    "u / 2 (1 + tanh(sqrt(2 / pi) (u + 0.044715 u^3)))": lambda u: (
        u / 2 * (1 + math.tanh(math.sqrt(2 / math.pi) * (u + 0.044715 * u**3)))
    ),
    "sqrt(|u|)": lambda u: abs(u) ** 0.5,
}

SPREAD: NDArray[np.float64] = np.concatenate(
    [
        np.linspace(-SUM_LIMIT, SUM_LIMIT, 100_001),
        np.linspace(-20, 20, 40_001),
        np.geomspace(1e-300, SUM_LIMIT, 1_000),
        -np.geomspace(1e-300, SUM_LIMIT, 1_000),
        np.pi / 2 * np.arange(-100, 101),
        np.linspace(-0.753, -0.752, 10_001),  # the bottom of gelu
    ],
    dtype=np.float64,
)

rows = pytest.mark.parametrize("name", ACTIVATIONS)


@rows
@settings(max_examples=60, deadline=None)
@given(u=st.floats(-SUM_LIMIT, SUM_LIMIT) | st.floats(-10, 10))
def test_the_formula_says_what_the_function_does(name: str, u: float):
    row = ACTIVATIONS[name]
    got = float(row.reference(np.array([u]))[0])
    # An arcsine is exact to eight digits only where it meets its peaks.
    assert got == pytest.approx(MEANINGS[row.formula](u), rel=1e-9, abs=1e-7)


@rows
def test_the_function_stays_in_its_range_and_fills_it(name: str):
    row = ACTIVATIONS[name]
    values = row.reference(SPREAD)
    assert np.isfinite(values).all()
    assert row.low <= values.min() == pytest.approx(row.low, abs=1e-9)
    assert row.high >= values.max() == pytest.approx(row.high, abs=1e-9)


@rows
def test_arrays_keep_their_shape_and_are_not_changed(name: str):
    u = np.linspace(-3, 3, 24).reshape(2, 3, 4)
    before = u.copy()
    values = ACTIVATIONS[name].reference(u)
    assert values.shape == u.shape
    assert values.dtype == np.float64
    assert not np.shares_memory(values, u)
    np.testing.assert_array_equal(u, before)


def test_the_triangle_meets_the_sine_at_its_zeros_and_peaks():
    quarter_turns = np.arange(-9, 10, dtype=np.float64) * (np.pi / 2)
    triangle = ACTIVATIONS["triangle"].reference(quarter_turns)
    np.testing.assert_allclose(triangle, np.sin(quarter_turns), atol=1e-12)
    assert ACTIVATIONS["triangle"].reference(np.array([np.pi / 4]))[0] == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("u", "sigmoid", "gaussian"),
    [
        (0.5, 0.2449186624037092, 0.5576015661428098),
        (-0.5, -0.24444859745463876, 0.5591583876102335),
        (0.0006, 0.0004999999583332748, 0.999998000001),
        (-0.0014, 0.0, 1.0),
        (100.0, 0.999000597188368, -0.99900564554414),
        (-100.0, -0.9990005971883681, -0.9990001465297214),
        # The first sample lies behind an edge of its own, not behind a step.
        (-7.60145, -0.9990005971883681, -0.9990001465297214),
    ],
)
def test_picbreeders_curves_have_the_samples_of_its_client(u, sigmoid, gaussian):
    for name, wanted in (("picbreeder_sigmoid", sigmoid), ("picbreeder_gaussian", gaussian)):
        got = ACTIVATIONS[name].reference(np.array([u]))[0]
        assert got == pytest.approx(wanted, rel=1e-15, abs=1e-300)


def test_no_two_names_mean_the_same():
    u = np.linspace(-2, 2, 101)
    assert len({row.reference(u).round(9).tobytes() for row in ACTIVATIONS.values()}) == len(
        ACTIVATIONS
    )


def test_names_and_codes_agree_with_the_order_of_the_rows():
    assert [row.name for row in ACTIVATIONS.values()] == list(ACTIVATIONS)
    assert dict(OPERATION_CODES) == {name: code for code, name in enumerate(ACTIVATIONS)}


def test_names_and_codes_of_files_and_caches_never_change():
    """A name has one meaning for ever, so rows are only ever added at the end."""
    assert list(ACTIVATIONS)[:18] == [
        "identity",
        "sin",
        "cos",
        "tanh",
        "sigmoid",
        "bipolar_sigmoid",
        "gaussian",
        "bipolar_gaussian",
        "abs",
        "square",
        "relu",
        "triangle",
        "picbreeder_sigmoid",
        "picbreeder_gaussian",
        "leaky_relu",
        "elu",
        "gelu",
        "sqrt",
    ]


def test_the_table_cannot_be_changed():
    with pytest.raises(TypeError):
        ACTIVATIONS["sin"] = ACTIVATIONS["cos"]  # type: ignore[index]
    with pytest.raises(AttributeError):
        ACTIVATIONS["sin"].low = 0  # type: ignore[misc]
