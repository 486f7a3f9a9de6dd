"""What the page says of a taste: true, plain and short."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from breeder import Breeder, BreederSettings
from breeder.history import Guidance, GuidanceKind
from breeder.ui.tasting import (
    MOST_CHARACTERS,
    REASON_LENGTH,
    in_full,
    in_short,
    is_for_the_new,
    why,
)


@dataclass(frozen=True, kw_only=True)
class Known:
    """An account as the page reads it."""

    choices: int = 23
    answers: int = 0
    foretold: int = 22
    accuracy: float = 0.712
    interval: tuple[float, float] = (0.64, 0.784)
    trusted: bool = True


ON, OFF = BreederSettings(), BreederSettings(guided=False)
DOUBTED = Known(choices=6, foretold=5, accuracy=0.54, interval=(0.41, 0.67), trusted=False)
FRESH = Known(choices=0, foretold=0, accuracy=0.5, interval=(0.0, 1.0), trusted=False)


def test_a_taste_that_beats_chance_says_by_how_much_and_what_it_does() -> None:
    assert in_full(Known(), ON) == (
        "Asked before each pick, it put what you picked above what you left 71 % of the time "
        "(chance 50 %, 95 % interval 64 to 78 %). Learnt from 23 choices. "
        "It chooses 67 % of the new pictures."
    )
    assert in_short(Known(), ON) == "Taste ranks 71 % of pairs right (64 to 78 %, chance 50 %)"
    for unguided, words in ((1.0, "chooses nothing"), (0.0, "chooses all"), (0.8, "chooses 20 %")):
        assert words in in_full(Known(), replace(ON, unguided=unguided))
    assert "so it chooses nothing" in in_full(Known(), replace(ON, novelty=1.0))


def test_a_taste_that_does_not_beat_chance_says_that_it_stays_off() -> None:
    assert in_full(DOUBTED, ON) == (
        "Has learnt nothing you could rely on yet: it put what you picked above what you left 54 % "
        "of the time (chance 50 %, 95 % interval 41 to 67 %). Learnt from 6 choices. "
        "It stays off until it beats chance."
    )
    figures = "54 % of pairs right (41 to 67 %, chance 50 %)"
    assert in_short(DOUBTED, ON) == f"Taste is learning, and off until it is sure: {figures}"
    long = replace(DOUBTED, choices=30, foretold=29)
    assert in_short(long, ON) == f"Taste has learnt nothing: {figures}"
    assert "ranks" not in in_short(DOUBTED, ON)


def test_nothing_learnt_gives_no_figures() -> None:
    few = replace(FRESH, choices=1, answers=1)
    for known in (FRESH, few):
        assert "50" not in in_full(known, ON) + in_short(known, ON)
    assert "needs your picks" in in_full(FRESH, ON)
    assert "from 1 choice and 1 answer:" in in_full(few, ON)


def test_what_is_still_being_read_is_not_called_nothing() -> None:
    for words in (in_short(None, ON), in_full(None, ON)):
        assert "eading" in words
        assert "nothing" not in words


@pytest.mark.parametrize("known", [Known(), DOUBTED, FRESH])
def test_who_switched_it_off_sees_that_it_is_off(known: Known) -> None:
    assert in_short(known, OFF) == "Taste is off"
    assert "It chooses" not in in_full(known, OFF)
    assert in_full(Known(), OFF).endswith("It is switched off and chooses nothing.")


WORDS: list[tuple[GuidanceKind, tuple[str, ...], str]] = [
    ("taste", ("warm", "few edges"), "Chosen for your taste: warm, few edges"),
    ("taste", (), "Chosen for your taste."),
    ("novelty", (), "Chosen because it is unlike what you have seen."),
    ("surprise", ("warm",), "Chosen because it is unlike what you have seen."),
]


@pytest.mark.parametrize(("kind", "reasons", "words"), WORDS)
def test_a_guided_picture_says_why_and_others_do_not(
    kind: GuidanceKind, reasons: tuple[str, ...], words: str
) -> None:
    grid = Breeder(BreederSettings(population=3), seed=2).ask()
    guided = replace(grid.children[1], origin="guided")
    told = replace(grid, guidance=Guidance(kind=kind, reasons={1: reasons, 0: ("warm",)}))
    assert why(guided, told) == words
    assert is_for_the_new(told) == (kind != "taste")
    assert why(grid.children[0], told) == ""
    assert why(replace(guided, origin="refined"), told).startswith("Moved towards your taste")
    assert why(guided, grid) == "Chosen for your taste."


def test_reasons_are_bounded_whatever_is_stored() -> None:
    grid = Breeder(BreederSettings(population=2), seed=2).ask()
    guided = replace(grid.children[0], origin="guided")
    long = ("x" * 10_000, "", "  warm\n and <b>dark</b> ", *["y" * REASON_LENGTH] * 40)
    line = why(guided, replace(grid, guidance=Guidance(kind="taste", reasons={0: long})))
    assert line.startswith("Chosen for your taste: warm and <b>dark</b>, yyy")
    assert len(line) <= MOST_CHARACTERS
