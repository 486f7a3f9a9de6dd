"""Users with hidden tastes: whose scores depend on what they have seen, and whose do not."""

import numpy as np
import pytest

from benchmarks import judge, users
from benchmarks.guiding import pick_any

STRIPES = np.indices((judge.SIDE, judge.SIDE))


def picture(seed: int) -> judge.Pictures:
    """Return waves of two colours."""
    rng = np.random.default_rng(seed)
    turn, fine, shift = rng.uniform(0, np.pi), rng.uniform(0.05, 0.5), rng.uniform(0, 9)
    wave = np.sin((STRIPES[0] * np.sin(turn) + STRIPES[1] * np.cos(turn)) * fine + shift)
    one, other = rng.integers(256, size=(2, 3))
    share = (wave[..., None] + 1) / 2
    return np.asarray(one * share + other * (1 - share)).astype(np.uint8)


def pictures(*seeds: int) -> judge.Pictures:
    return np.array([picture(seed) for seed in seeds])


@pytest.fixture(scope="module")
def founders() -> judge.Pictures:
    return pictures(*range(40))


def test_a_seeker_likes_what_is_new_least_when_it_comes_again(founders) -> None:
    look = users.make_watcher(users.NOVELTY, founders, 1).watch()
    grid = pictures(*range(100, 110))
    first, again = look(grid), look(grid)
    assert again.max() < first.min()
    fresh = look(pictures(*range(110, 120)))
    assert fresh.min() > again.max()


def test_a_seeker_likes_one_that_is_near_what_was_seen_less_than_before(founders) -> None:
    user = users.make_watcher(users.NOVELTY, founders, 1)
    near = np.clip(pictures(100).astype(int) + 3, 0, 255).astype(np.uint8)
    untouched, look = user.watch()(near), user.watch()
    look(pictures(100))
    assert look(near) < untouched - 1.0


def test_what_a_seeker_saw_in_one_run_is_forgotten_in_the_next_unless_it_is_told(founders) -> None:
    user = users.make_watcher(users.NOVELTY, founders, 1)
    grid = pictures(*range(100, 110))
    first = user.watch()(grid)
    np.testing.assert_array_equal(user.watch()(grid), first)
    assert user.watch(grid)(grid).max() < first.min()


def test_founders_are_nothing_special_to_a_seeker(founders) -> None:
    user = users.make_watcher(users.NOVELTY, founders, 1)
    others = np.array([user.watch()(pictures(seed))[0] for seed in range(200, 240)])
    assert abs(others.mean()) < 0.7
    assert 0.5 < others.std() < 2.0


@pytest.mark.parametrize("kind", ["linear", "tree"])
def test_other_tastes_do_not_depend_on_what_was_seen(kind, founders) -> None:
    user = users.make_watcher(kind, founders, 1)
    look, grid = user.watch(founders), pictures(100, 101, 102)
    first = look(grid)
    np.testing.assert_array_equal(look(grid), first)
    np.testing.assert_array_equal(users.make_user(kind, founders, 1).score(grid), first)


def test_a_picture_that_was_measured_before_measures_the_same(founders) -> None:
    once = users.features(founders)
    users._measured.clear()
    np.testing.assert_array_equal(users.features(founders[::-1])[::-1], once)


def test_who_picks_at_random_picks_every_slot_as_often_whatever_it_scores() -> None:
    scores = np.array([9.0, 0.0, 0.0, 0.0, -9.0])
    rng = np.random.default_rng(1)
    picks = [slot for _ in range(2_000) for slot in pick_any(scores, rng)]
    share = np.bincount(picks, minlength=5) / len(picks)
    np.testing.assert_allclose(share, 0.2, atol=0.03)


def test_a_hand_that_is_noisy_still_picks_what_is_liked() -> None:
    rng = np.random.default_rng(1)
    picks = [users.choose(np.array([2.0, 0.0, 0.0]), rng)[0] for _ in range(200)]
    assert picks.count(0) > 190
