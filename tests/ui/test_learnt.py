"""What the page says of a taste: plain words that claim no more than was found."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest

from breeder.taste.trial import TRUSTED, Trial
from breeder.ui.learnt import DOTS, POINTS, Report, report

SINCE = datetime(2026, 3, 1, 9, 5, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Told:
    """What is known of a made-up person."""

    choices: int = 0
    runs: int = 1
    answers: int = 0
    ratings: int = 0
    since: datetime | None = SINCE
    trial: Trial = field(default_factory=Trial)

    @property
    def trusted(self) -> bool:
        return self.trial.trusted

    @property
    def interval(self) -> tuple[float, float]:
        return self.trial.interval


def told(account: Told, **options: Any) -> Report:
    settings: dict[str, Any] = {"guided": True, "unguided": 1 / 3, "grids": account.choices}
    trial = account.trial
    words = {"likes": ("warm", "vivid"), "dislikes": ("dark",)}
    return report(account, trial.hits, trial.evidence, **{**settings, **words, **options})


def hits(count: int, mean: float) -> tuple[float, ...]:
    drawn = np.random.default_rng(4).beta(4, 4, count)
    return tuple(float(hit) for hit in np.clip(drawn - drawn.mean() + mean, 0, 1))


KNOWN = Told(choices=85, runs=4, trial=Trial(hits=hits(84, 0.65), evidence=5.0))
RANDOM = Told(choices=85, trial=Trial(hits=hits(84, 0.5), evidence=-2.0))


def test_somebody_new_is_told_how_it_begins():
    found = told(Told(since=None))
    assert found.state == "none"
    assert (found.number, found.about, found.course, found.since) == ("", "", (), "")
    assert (found.likes, found.dislikes, found.wordless) == ((), (), "")
    assert found.counts[0] == ("0", "choices")


def test_a_person_who_picks_at_random_is_told_that_nothing_was_learnt():
    found = told(RANDOM)
    assert found.state == "nothing"
    assert found.headline == "It has learnt nothing"
    assert "no better than chance" in found.sentence
    assert "After 85 choices" in found.sentence
    assert found.number == "50 %"
    assert "Nothing speaks against chance" in found.about
    assert (found.likes, found.dislikes) == ((), ())
    assert "guesswork" in found.wordless


def test_few_choices_are_too_few_to_say_anything():
    found = told(Told(choices=4, answers=3, trial=Trial(hits=(0.9, 1.0), evidence=0.5)))
    assert (found.state, found.number, found.course) == ("learning", "", ())
    assert found.likes == ()


def test_one_who_is_known_is_told_how_well_and_what_it_does():
    found = told(KNOWN)
    low, high = KNOWN.interval
    assert found.state == "knows"
    assert "67 % of the new pictures" in found.sentence
    assert found.number == "65 %"
    assert f"over 84 choices is {100 * low:.0f} to {100 * high:.0f} %" in found.about
    assert "148 to 1" in found.about
    assert f"from {TRUSTED:.0f} to 1" in found.about
    assert (found.likes, found.dislikes, found.wordless) == (("warm", "vivid"), ("dark",), "")
    assert "all new pictures" in told(KNOWN, unguided=0.0).sentence
    off = told(KNOWN, guided=False)
    assert off.state == "off"
    assert "switched off" in off.sentence


def test_it_says_what_it_learnt_from_and_since_when():
    account = Told(choices=1, runs=1, answers=2, ratings=1)
    found = told(account, grids=1, favourites=3, reset=SINCE)
    assert found.counts == (
        ("1", "choice in 1 grid of 1 run"),
        ("2", "answers between two pictures"),
        ("3", "favourites"),
        ("1", "picture with stars"),
    )
    assert found.since == "Since 1 March 2026."
    assert found.forgotten == "Forgotten: what was done before 1 March 2026, 09:05 UTC."


@pytest.mark.parametrize("count", [3, 4, 84, 2_000])
def test_the_curve_is_the_running_mean_with_its_interval(count: int):
    trial = Trial(hits=hits(count, 0.6), evidence=0.0)
    found = told(Told(choices=count, trial=trial))
    picks, mean, low, high = found.course[-1]
    assert picks == found.foretold == count
    assert mean == pytest.approx(trial.accuracy, abs=1e-4)
    assert (low, high) == pytest.approx(trial.interval, abs=1e-4)
    assert all(low <= mean <= high for _, mean, low, high in found.course)
    assert found.course[0][0] == 3
    assert len(set(found.course)) == len(found.course)
    assert len(found.course) <= POINTS
    assert len(found.hits) == min(count, DOTS)
    assert found.hits[-1] == (count, round(trial.hits[-1], 3))
