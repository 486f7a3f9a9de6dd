"""The trial of a taste: it beats chance where there is something to learn, and only there."""

from itertools import combinations, permutations

import numpy as np
import pytest

from breeder.taste.course import Course, Event
from breeder.taste.features import FEATURES
from breeder.taste.model import Choice, learn
from breeder.taste.trial import Trial, _likely
from tests.taste.choosing import choices, liking


def at_random(count: int, seed: int) -> list[Choice]:
    """Return the choices of a person who picks with closed eyes."""
    return choices(count, np.zeros(len(FEATURES), np.float32), seed=seed)


def replay(told: list[Choice]) -> Trial:
    """Return the trial over choices, oldest first."""
    events = [Event(key=str(i), run_id="", choice=each) for i, each in enumerate(told)]
    return Course().follow(events)


def test_a_taste_that_there_is_comes_to_be_trusted():
    trial = replay(choices(24, liking(strength=6.0)))
    assert trial.trusted
    assert trial.interval[0] > 0.5
    assert trial.interval[0] < trial.accuracy < trial.interval[1]


def test_picks_at_random_are_not_trusted():
    trials = [replay(at_random(14, seed)) for seed in range(6)]
    assert not any(trial.trusted for trial in trials)
    assert np.mean([trial.accuracy for trial in trials]) == pytest.approx(0.5, abs=0.1)


def test_nothing_foretold_is_chance():
    assert replay([]) == replay(at_random(1, 0)) == Trial()
    assert Trial().accuracy == 0.5
    assert Trial().interval == (0.0, 1.0)
    assert not Trial().trusted


def test_a_few_that_were_foretold_alike_are_not_certain():
    low, high = Trial(hits=(1.0, 1.0, 1.0)).interval
    assert low < 0.5
    assert high == 1.0
    low, high = Trial(hits=(0.7,) * 200).interval
    assert 0.68 < low < 0.7 < high < 0.72


@pytest.mark.parametrize("count", [1, 2, 6, 8])
def test_evidence_is_one_on_average_under_chance(count: int):
    """The likelihood ratio is a fair bet, however many are picked: its mean over sets is 1."""
    taste = learn(choices(12, liking()))
    rows = np.random.default_rng(0).normal(size=(9, len(FEATURES))).astype(np.float32)
    rows = rows[np.argsort(-taste.score(rows)[0])]  # as a guided grid is: the most liked first
    ratios = []
    for slots in combinations(range(9), count):
        picked = np.zeros(9, dtype=bool)
        picked[list(slots)] = True
        after = Trial().after(taste, [Choice(features=rows, picked=picked)])
        ratios.append(np.exp(after.evidence))
    assert np.mean(ratios) == pytest.approx(1.0, abs=1e-6)
    assert np.std(ratios) > 0.01


def test_picks_are_as_likely_as_all_their_orders_together():
    likes = np.exp(np.random.default_rng(1).normal(size=9) * 3.0)
    told = 0.0
    for order in permutations(likes[:4]):
        left = likes.sum() - np.cumsum([0.0, *order[:-1]])
        told += float(np.prod(order / left))
    assert _likely(likes[:4] / likes[4:].sum()) == pytest.approx(told, rel=1e-9)
    assert _likely(np.array([1e40])) == pytest.approx(1.0)
