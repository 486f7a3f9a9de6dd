"""A taste learnt from choices: it finds what was liked, and knows what it does not know."""

import numpy as np
import pytest

from breeder.taste.model import Choice, learn
from tests.taste.choosing import WIDTH, choices, liking


def test_it_ranks_what_is_liked_first():
    taste = learn(choices(60, liking()))
    fresh = np.random.default_rng(9).normal(size=(300, WIDTH)).astype(np.float32)
    score, _ = taste.score(fresh)
    assert np.corrcoef(score, fresh @ liking())[0, 1] > 0.7


def test_nothing_learnt_likes_nothing_more():
    score, spread = learn([]).score(np.eye(5, WIDTH, dtype=np.float32))
    assert not score.any()
    assert (spread > 0.5).all()


def test_what_was_seen_is_less_unsure():
    seen = choices(40, liking())
    strange = np.random.default_rng(5).normal(size=(40, WIDTH)).astype(np.float32)
    taste = learn(seen)
    assert taste.score(seen[0].features)[1].mean() < 0.95 * learn([]).score(strange)[1].mean()


def test_a_choice_of_no_weight_counts_for_nothing():
    some = choices(20, liking())
    other = [
        Choice(features=each.features, picked=each.picked, weight=0.0)
        for each in choices(20, -liking(), seed=4)
    ]
    np.testing.assert_allclose(learn([*some, *other]).weights, learn(some).weights, atol=0.03)


def test_going_on_from_an_earlier_fit_comes_to_the_same():
    all_of_them = choices(80, liking())
    before = learn(all_of_them[:76])
    fresh, gone_on = learn(all_of_them), learn(all_of_them, before)
    probe = np.random.default_rng(6).normal(size=(200, WIDTH)).astype(np.float32)
    assert np.corrcoef(fresh.score(probe)[0], gone_on.score(probe)[0])[0, 1] > 0.999
    assert gone_on.choices == 80


@pytest.mark.parametrize("picked", [[False, False], [True, True]])
def test_all_or_nothing_is_no_choice(picked: list[bool]):
    with pytest.raises(ValueError, match="picks some"):
        Choice(features=np.zeros((2, WIDTH), np.float32), picked=np.array(picked))


def test_scores_are_in_units_of_the_choice():
    rng = np.random.default_rng(2)
    way = liking(strength=1.5)
    pairs = choices(400, way, seed=8, shown=3)
    taste = learn(pairs)
    fresh = rng.normal(size=(400, WIDTH)).astype(np.float32)
    score, _ = taste.score(fresh)
    slope = np.polyfit(fresh @ way, score, 1)[0]
    assert 0.5 < slope < 1.6
