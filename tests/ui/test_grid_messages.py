"""What the grid hears from a browser is parsed, never trusted."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from breeder.ui.grid import (
    Action,
    Picks,
    Tile,
    parse_action,
    parse_message,
    parse_picks,
    picture_grid,
)

PICKS: dict[str, Any] = {"generation": "g1", "slots": [3, 7], "touched": [3, 5, 7], "seq": 2}
ACTION: dict[str, Any] = {"kind": "evolve", "generation": "g1", "slots": [3]}


STAR: dict[str, Any] = {**ACTION, "kind": "favourite", "slot": 4, "star": True}


def test_picks_come_back_sorted_and_without_repeats():
    assert parse_picks({**PICKS, "slots": [7, 3, 7]}) == Picks(
        generation="g1", slots=(3, 7), touched=(3, 5, 7), seq=2
    )


def test_an_action_comes_back_whole():
    heard = parse_action(STAR)
    assert heard == Action(kind="favourite", generation="g1", slots=(3,), slot=4, star=True)


def test_a_message_is_picks_or_an_action():
    assert isinstance(parse_message({**PICKS, "kind": "picks"}), Picks)
    assert isinstance(parse_message(ACTION), Action)
    assert parse_message(PICKS) is None


def test_a_slot_means_nothing_to_an_action_on_the_whole_grid():
    heard = parse_action({**ACTION, "slot": "x"})
    assert heard is not None
    assert heard.slot is None


@pytest.mark.parametrize(
    "value",
    [
        None,
        "picks",
        [],
        {},
        {**PICKS, "generation": ""},
        {**PICKS, "generation": "g" * 129},
        {**PICKS, "generation": 1},
        {**PICKS, "slots": "12"},
        {**PICKS, "slots": {"1": 1}},
        {**PICKS, "slots": [64]},
        {**PICKS, "slots": [-1]},
        {**PICKS, "slots": [True]},
        {**PICKS, "slots": [1.0]},
        {**PICKS, "slots": [1] * 65},
        {**PICKS, "seq": -1},
        {**PICKS, "seq": 2**53},
        {**PICKS, "seq": None},
    ],
)
def test_malformed_picks_are_ignored(value: object):
    assert parse_picks(value) is None


@pytest.mark.parametrize(
    "value",
    [
        None,
        {},
        {**ACTION, "kind": "delete"},
        {**ACTION, "kind": ["evolve"]},
        {**ACTION, "slots": None},
        {**ACTION, "kind": "open"},
        {**ACTION, "kind": "open", "slot": 64},
        {**STAR, "slot": True},
        {**STAR, "star": None},
        {**STAR, "star": 1},
    ],
)
def test_malformed_actions_are_ignored(value: object):
    assert parse_action(value) is None


ANYTHING = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats() | some.text(),
    lambda inner: some.lists(inner) | some.dictionaries(some.text(), inner),
    max_leaves=10,
)
FIELDS = some.sampled_from(["kind", "generation", "slots", "slot", "star", "seq"])


@given(value=some.dictionaries(FIELDS, ANYTHING | some.just("open")))
def test_no_message_raises(value: object):
    parse_picks(value)
    parse_message(value)


@pytest.mark.parametrize("slots", [(1, 1), (64,), (-1,)])
def test_slots_that_cannot_be_told_apart_are_refused(slots: tuple[int, ...]):
    tiles = [Tile(slot=slot, genome_id="a", url="", name="") for slot in slots]
    with pytest.raises(ValueError, match="each slot once"):
        picture_grid(generation="g", number=1, tiles=tiles, on_picks=print, on_action=print)
