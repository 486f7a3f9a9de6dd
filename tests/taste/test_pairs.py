"""Pairs to compare: the answer teaches, nothing is asked twice, and the same seed asks the same."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from breeder import Breeder, BreederSettings, Store
from breeder.evolve.founders import founder
from breeder.genome import Genome
from breeder.looks import distances, draw_small, look_at
from breeder.taste.features import FEATURES, features_of
from breeder.taste.model import Choice, Taste, learn
from breeder.taste.pairs import (
    APART,
    best_pair,
    candidates,
    differences,
    gains,
    in_words,
    informative_pair,
)
from breeder.taste.person import Person


@pytest.fixture(scope="module")
def founders() -> list[Genome]:
    rng = np.random.default_rng(1)
    return [founder(rng=rng) for _ in range(240)]


@pytest.fixture(scope="module")
def rows(founders: list[Genome]) -> np.ndarray:
    return features_of(draw_small(founders))


def test_an_answer_tells_most_where_the_taste_is_unsure_and_the_pictures_matter():
    mean = np.array([0.0, 0.0, 4.0, 0.0])
    spread = np.array([2.0, 0.1, 2.0, 0.0])
    gain, expected = gains(mean, spread)
    assert gain[0] > gain[2] > gain[1] > gain[3] == pytest.approx(0.0, abs=1e-9)
    assert gain[0] < np.log(2)
    np.testing.assert_allclose(expected[[0, 1, 3]], 0.5)
    assert 0.8 < expected[2] < 0.98


def test_the_doubt_about_a_difference_is_that_of_the_posterior(rows: np.ndarray):
    answers = [answer(rows, pair, np.arange(240.0)) for pair in ((1, 2), (3, 4), (9, 7))]
    taste = learn(answers)
    one, other = np.array([1, 5, 8]), np.array([2, 6, 8])
    mean, spread = differences(taste, rows, one, other)
    score, _ = taste.score(rows)
    np.testing.assert_allclose(mean, score[one] - score[other], atol=1e-4)
    assert spread[2] == pytest.approx(0.0, abs=1e-3)
    draws = np.random.default_rng(0).normal(size=(4000, len(taste.weights))) @ taste.root
    from breeder.taste.model import expand

    ways = expand(rows[one]) - expand(rows[other])
    np.testing.assert_allclose((draws @ ways.T).std(axis=0), spread, rtol=0.05, atol=1e-3)


def answer(rows: np.ndarray, pair: tuple[int, int], liked: np.ndarray) -> Choice:
    first = bool(liked[pair[0]] > liked[pair[1]])
    return Choice(features=rows[list(pair)], picked=np.array([first, not first]))


def test_answers_to_chosen_pairs_teach_faster_than_to_random_ones(rows: np.ndarray):
    chosen = np.mean([taught(rows, seed, chooses=True) for seed in range(4)])
    at_random = np.mean([taught(rows, seed, chooses=False) for seed in range(4)])
    assert chosen > at_random + 0.02


def taught(rows: np.ndarray, seed: int, *, chooses: bool) -> float:
    """Return how much of a person's taste 18 answers taught: 0.5 is nothing, 1 all of it.

    The person likes some colours, in ways of their own; what was taught is tried on other pictures.
    """
    rng = np.random.default_rng(seed)
    group = [i for i, each in enumerate(FEATURES) if each.group in ("colour", "hues")]
    liked = rows[:, group] @ rng.normal(size=len(group))
    answers: list[Choice] = []
    taste = learn([])
    for _ in range(18):
        pool = rng.choice(120, 80, replace=False)
        left, right = 0, 1
        if chooses:
            found = best_pair(taste, rows[pool], np.ones((80, 80), dtype=np.bool_), rng)
            assert found is not None
            left, right, *_ = found
        answers.append(answer(rows, (int(pool[left]), int(pool[right])), liked))
        taste = learn(answers, taste)
    score, _ = taste.score(rows[120:])
    ahead = (score[:, None] > score) == (liked[120:, None] > liked[120:])
    return float(ahead[np.triu_indices(len(score), 1)].mean())


def test_a_pair_is_no_twins_follows_from_its_seed_and_is_not_asked_again(founders: list[Genome]):
    pool = founders[:40]
    taste = learn([])
    keys: set[frozenset[str]] = set()
    for seed in range(8):
        pair = informative_pair(pool, taste, rng=np.random.default_rng(seed), asked=keys)
        assert pair is not None
        assert pair.key not in keys
        again = informative_pair(pool, taste, rng=np.random.default_rng(seed), asked=keys)
        assert again == pair
        lab = look_at(draw_small([pair.left, pair.right])).lab
        assert distances(lab[:1], lab[1:])[0, 0] >= APART
        assert 0 < pair.gain <= np.log(2)
        keys.add(pair.key)
    assert len({id_ for key in keys for id_ in key}) > 6  # not one picture against all others


def test_pictures_shown_a_moment_ago_and_twins_are_left_alone(founders: list[Genome]):
    rng = np.random.default_rng(0)
    pool = founders[:12]
    resting = {genome.id for genome in pool[:11]}
    assert informative_pair(pool, learn([]), rng=rng, resting=resting) is None
    assert informative_pair([pool[0]] * 5, learn([]), rng=rng) is None
    assert informative_pair([], learn([]), rng=rng) is None


def test_what_is_expected_is_the_chance_of_the_left_one(founders: list[Genome], rows: np.ndarray):
    liked = rows[:, 0]
    pairs = np.random.default_rng(2).integers(0, 240, size=(60, 2))
    taste: Taste = learn([answer(rows, (a, b), liked) for a, b in pairs if liked[a] != liked[b]])
    for seed in range(6):
        pair = informative_pair(founders[:30], taste, rng=np.random.default_rng(seed))
        assert pair is not None
        score, _ = taste.score(features_of(draw_small([pair.left, pair.right])))
        assert (pair.expected > 0.5) == (score[0] > score[1])


def test_pictures_are_looked_at_as_the_taste_has_learnt_to(founders: list[Genome]):
    def wider(drawings: np.ndarray) -> np.ndarray:
        further = np.full((len(drawings), 3), 3.5, np.float32)  # of a network; it has no words
        return np.concatenate([features_of(drawings), further], axis=1)

    taste = learn([], width=len(FEATURES) + 3)
    pair = informative_pair(founders[:20], taste, rng=np.random.default_rng(0), look=wider)
    assert pair is not None
    assert all(pair.words)


def test_words_say_what_is_unusual_and_nothing_where_nothing_is():
    places = {each.more: i for i, each in enumerate(FEATURES)}
    row = np.zeros(len(FEATURES), dtype=np.float32)
    assert in_words(row) == ""
    row[places["light"]], row[places["grainy"]], row[places["vivid"]] = -3.0, 2.0, 1.0
    row[places["many edges"]] = 0.1
    assert in_words(row) == "dark, grainy, vivid"


def test_candidates_are_new_bred_kept_and_known(tmp_path: Path):
    with Store.open(f"sqlite:///{tmp_path / 'art.db'}") as store:
        person = Person(store)
        person.learn()
        assert len(candidates(store, person.facts(), np.random.default_rng(0))) >= 40
        breeder = Breeder.begin(store, settings=BreederSettings(population=9), seed=3)
        shown = breeder.ask().children
        store.add_favourite(shown[8].genome.id)
        breeder.tell([0, 4])
        person.learn()
        found = candidates(store, person.facts(), np.random.default_rng(0))
        ids = {genome.id for genome in found}
        assert shown[8].genome.id in ids
        assert ids >= {child.genome.id for child in shown}
        assert 80 >= len(ids) > 40
        again = candidates(store, person.facts(), np.random.default_rng(0))
        assert [genome.id for genome in again] == [genome.id for genome in found]
