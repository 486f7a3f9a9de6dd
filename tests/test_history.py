"""Settings and the values of a history: ranges, defaults, plain dictionaries."""

import json
import math
from dataclasses import FrozenInstanceError, fields
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breeder.errors import BreederError, SettingsError
from breeder.evolve.mutation import Focus
from breeder.history import FOCUSES, MAX_POPULATION, ORIGINS, BreederSettings, Screening

settings_values = st.builds(
    BreederSettings,
    population=st.integers(1, MAX_POPULATION),
    strength=st.floats(0, 1),
    focus=st.sampled_from(FOCUSES),
    color=st.booleans(),
    carry_over=st.booleans(),
    screening=st.booleans(),
    guided=st.booleans(),
    unguided=st.floats(0, 1),
    novelty=st.floats(0, 1),
)


def test_the_defaults_are_those_of_a_first_visit():
    assert BreederSettings().to_plain() == {
        "population": 15,
        "strength": 0.5,
        "focus": "both",
        "color": True,
        "carry_over": True,
        "screening": True,
        "guided": True,
        "unguided": 1 / 3,
        "novelty": 0.0,
    }


@pytest.mark.parametrize(
    "values",
    [
        {"population": 0},
        {"population": -1},
        {"population": MAX_POPULATION + 1},
        {"population": 2.5},
        {"population": math.nan},
        {"strength": -0.001},
        {"strength": 1.001},
        {"strength": math.nan},
        {"strength": math.inf},
        {"unguided": 1.5},
        {"novelty": -0.1},
        {"novelty": math.nan},
        {"focus": "form"},
        {"focus": ""},
    ],
    ids=str,
)
def test_values_outside_their_ranges_are_refused_by_name(values: dict[str, Any]):
    with pytest.raises(SettingsError) as caught:
        BreederSettings(**values)
    ((name, value),) = values.items()
    assert name in str(caught.value)
    assert str(value) in str(caught.value)
    assert isinstance(caught.value, BreederError)


@pytest.mark.parametrize("population", [1, MAX_POPULATION])
@pytest.mark.parametrize("strength", [0, 0.0, 1, 1.0])
@pytest.mark.parametrize("focus", FOCUSES)
def test_limits_themselves_are_allowed(population: int, strength: float, focus: Focus):
    BreederSettings(population=population, strength=strength, focus=focus)


@given(value=settings_values)
def test_settings_come_back_from_plain_json(value: BreederSettings):
    text = json.dumps(value.to_plain(), allow_nan=False)
    assert BreederSettings.from_plain(json.loads(text)) == value


def test_names_that_are_not_known_are_left_out():
    """A database that a later version wrote settings into still opens."""
    plain = {"strength": 0.25, "temperature": 3, "": None, "Population": 2}
    assert BreederSettings.from_plain(plain) == BreederSettings(strength=0.25)


def test_names_that_are_missing_have_their_defaults():
    assert BreederSettings.from_plain({}) == BreederSettings()


def test_plain_values_are_checked_too():
    with pytest.raises(SettingsError, match="population"):
        BreederSettings.from_plain({"population": 900})


def test_settings_are_values():
    assert BreederSettings() == BreederSettings()
    assert hash(BreederSettings(strength=0.1)) == hash(BreederSettings(strength=0.1))
    for field in fields(BreederSettings):
        with pytest.raises(FrozenInstanceError):
            setattr(BreederSettings(), field.name, 1)


def test_what_was_dropped_is_the_sum_of_its_reasons():
    assert Screening(proposed=10, dull=1, repeats=2, strangers=4).dropped == 7
    assert Screening().dropped == 0


def test_the_words_of_origins_and_focus_are_those_of_stored_databases():
    assert ORIGINS == ("founder", "import", "kept", "child", "wild", "guided", "refined")
    assert FOCUSES == ("both", "structure", "color")
