"""What a comparison hears from a browser is parsed, never trusted."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from breeder.ui.comparing import Said, parse_said
from breeder.ui.learnt import LearntAction, parse_learnt_action

A, B, C, D = ("a" * 32, "b" * 32, "c" * 32, "d" * 32)
ANSWER: dict[str, Any] = {
    "kind": "answer", "pair": A, "token": B, "left": C, "right": D, "preferred": 1,
}  # fmt: skip
ANYTHING = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats() | some.text(),
    lambda inner: some.lists(inner) | some.dictionaries(some.text(), inner),
    max_leaves=10,
)


def test_an_answer_comes_as_it_was_given():
    assert parse_said(ANSWER) == Said(
        kind="answer", question=A, token=B, left=C, right=D, preferred=1
    )


@pytest.mark.parametrize(
    ("said", "heard"),
    [
        ({"kind": "back", "token": A, "left": 5}, Said(kind="back", token=A)),
        ({"kind": "skip", "pair": A}, Said(kind="skip", question=A)),
        ({"kind": "open", "id": A, "preferred": "x"}, Said(kind="open", left=A)),
        ({"kind": "more"}, Said(kind="more")),
    ],
)
def test_others_carry_only_what_they_mean(said: object, heard: Said):
    assert parse_said(said) == heard


@pytest.mark.parametrize(
    "value",
    [
        None,
        "more",
        {},
        {"kind": "drop"},
        {"kind": ["more"]},
        {"kind": "back"},
        {"kind": "skip", "pair": "A" * 32},
        {"kind": "open", "id": A + "a"},
        {**ANSWER, "preferred": 2},
        {**ANSWER, "preferred": True},
        {**ANSWER, "preferred": None},
        {**ANSWER, "right": C},
        {**ANSWER, "token": "../" * 10 + "ab"},
        {**ANSWER, "left": A + "\n"},
        {**ANSWER, "left": 7},
    ],
)
def test_what_makes_no_sense_is_not_heard(value: object):
    assert parse_said(value) is None


@given(ANYTHING, some.dictionaries(some.sampled_from([*ANSWER, "id"]), ANYTHING))
def test_nothing_a_browser_sends_breaks_it(value: object, fields: dict[str, object]):
    parse_said(value)
    parse_said({**ANSWER, **fields})
    parse_learnt_action(value)
    parse_learnt_action(fields)


def test_what_was_learnt_is_forgotten_only_when_that_is_said():
    assert parse_learnt_action({"kind": "reset"}) == LearntAction(kind="reset")
    for value in (None, "reset", {}, {"kind": "drop"}, {"kind": ["reset"]}):
        assert parse_learnt_action(value) is None
