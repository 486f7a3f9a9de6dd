"""The trial of a taste: it beats chance where there is something to learn, and only there."""

import numpy as np
import pytest

from breeder.taste.features import FEATURES
from breeder.taste.model import Choice
from breeder.taste.trial import Trial, blocks, replay
from tests.taste.choosing import choices, liking


def at_random(count: int, seed: int) -> list[Choice]:
    """Return the choices of a person who picks with closed eyes."""
    return choices(count, np.zeros(len(FEATURES), np.float32), seed=seed)


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


@pytest.mark.parametrize("count", [0, 1, 2, 9, 300])
def test_every_choice_but_the_first_is_foretold_once(count: int):
    foretold = [index for start, end in blocks(count) for index in range(start, end)]
    assert foretold == list(range(1, count))


def test_evidence_is_one_on_average_under_chance():
    """The likelihood ratio is a fair bet: its mean over random picks is 1."""
    from breeder.taste.model import learn

    taste = learn(choices(12, liking()))
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(6, len(FEATURES))).astype(np.float32)
    ratios = []
    for first in range(6):
        for second in range(first):
            picked = np.zeros(6, dtype=bool)
            picked[[first, second]] = True
            after = Trial().after(taste, [Choice(features=rows, picked=picked)])
            ratios.append(np.exp(after.evidence))
    assert np.mean(ratios) == pytest.approx(1.0, abs=1e-6)
    assert np.std(ratios) > 0.01
