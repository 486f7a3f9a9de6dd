"""The table of inputs: each formula says what its function does."""

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from breeder.inputs import INPUT_CODES, INPUTS

# Written from the formulas' text alone, one point at a time.
MEANINGS: dict[str, Callable[[float, float, float], float]] = {
    "x": lambda x, y, z: x,
    "y": lambda x, y, z: y,
    "z": lambda x, y, z: z,
    "1": lambda x, y, z: 1.0,
    "r": lambda x, y, z: math.hypot(x, y),
    "sqrt(2) r": lambda x, y, z: math.sqrt(2) * math.hypot(x, y),
    "x^2": lambda x, y, z: x**2,
    "y^2": lambda x, y, z: y**2,
    "cos(min(10 r, 10000))": lambda x, y, z: math.cos(min(10 * math.hypot(x, y), 10000)),
}

rows = pytest.mark.parametrize("name", INPUTS)
coordinates = st.floats(-3, 3)


@rows
@settings(max_examples=60, deadline=None)
@given(x=coordinates, y=coordinates, z=coordinates)
def test_the_formula_says_what_the_function_does(name: str, x: float, y: float, z: float):
    row = INPUTS[name]
    got = float(row.reference(np.array([x]), np.array([y]), z)[0])
    assert got == pytest.approx(MEANINGS[row.formula](x, y, z), rel=1e-9, abs=1e-12)


@rows
def test_every_input_has_one_value_for_each_point(name: str):
    x, y = np.linspace(-1, 1, 5), np.linspace(2, 3, 5)
    values = INPUTS[name].reference(x, y, 0.5)
    assert values.shape == (5,)
    assert values.dtype == np.float64


def test_names_and_codes_agree_with_the_order_of_the_rows():
    assert [row.name for row in INPUTS.values()] == list(INPUTS)
    assert dict(INPUT_CODES) == {name: code for code, name in enumerate(INPUTS)}


def test_the_table_cannot_be_changed():
    with pytest.raises(TypeError):
        INPUTS["x"] = INPUTS["y"]  # type: ignore[index]
