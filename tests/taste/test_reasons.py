"""Reasons in words: those that a person's choices bear out, each once, and none beyond them."""

from functools import cache

import numpy as np
import pytest

from breeder.taste.features import FEATURES, features_of, usual_drawings
from breeder.taste.model import Choice, Taste, learn
from breeder.taste.reasons import MOST_LIKES, MOST_REASONS, likes, reasons

SHOWN = 15


@cache
def usual_features() -> np.ndarray:
    """Return the features of founders."""
    return features_of(usual_drawings())


def taste_for(name: str | None, *, sign: float = 1.0, count: int = 40, seed: int = 0) -> Taste:
    """Return what is learnt of a person who picks by one feature of founders, or by none."""
    rng = np.random.default_rng(seed)
    usual = usual_features()
    found = []
    for _ in range(count):
        shown = usual[rng.choice(len(usual), SHOWN, replace=False)]
        liked = sign * 2.0 * shown[:, place(name)] if name else np.zeros(SHOWN)
        picked = np.zeros(SHOWN, dtype=bool)
        picked[np.argmax(liked + rng.gumbel(size=SHOWN))] = True
        found.append(Choice(features=shown, picked=picked))
    return learn(found)


def place(name: str) -> int:
    (index,) = [i for i, feature in enumerate(FEATURES) if feature.more == name]
    return index


@pytest.mark.parametrize(
    ("name", "sign", "words"),
    [
        ("warm", 1.0, {"warm", "much orange", "much gold", "much red", "no blue", "no sky blue"}),
        ("light", -1.0, {"light"}),
        (
            "the same left and right",
            1.0,
            {"the same left and right", "the same upside down", "the same above and below"},
        ),
    ],
)
def test_a_person_is_told_what_they_like(name: str, sign: float, words: set[str]):
    taste = taste_for(name, sign=sign)
    liked, disliked = likes(taste) if sign > 0 else likes(taste)[::-1]
    assert words & set(liked)
    assert not words & set(disliked)
    words = {"dark"} if name == "light" else words
    usual = usual_features()
    best = np.argsort(-taste.score(usual)[0])[:5]
    said = [set(reasons(taste, usual[each], usual.mean(axis=0))) for each in best]
    assert sum(bool(words & each) for each in said) >= 3


def test_what_is_liked_most_is_said_first_and_places_are_left_to_pictures():
    for name in ("warm", "many edges", "the same left and right"):
        liked, disliked = likes(taste_for(name, count=80))
        assert name in liked[:3]
        assert name not in disliked
        assert not any("corner" in word or "middle" in word.split() for word in liked)
        liked, disliked = likes(taste_for(name, sign=-1.0, count=80))
        assert name in disliked[:3]
        assert name not in liked


def test_more_is_said_of_who_chooses_steadily_than_of_who_does_not():
    usual = usual_features()

    def told(taste: Taste) -> float:
        rows = [len(reasons(taste, usual[i], usual[:15].mean(axis=0))) for i in range(15)]
        return float(np.mean(rows))

    random = [taste_for(None, count=20, seed=seed) for seed in range(4)]
    assert told(taste_for("warm", count=80)) > np.mean([told(taste) for taste in random]) + 0.2


def test_nothing_learnt_has_no_reasons():
    usual = usual_features()
    assert reasons(learn([]), usual[0], usual.mean(axis=0)) == ()
    assert likes(learn([])) == ((), ())


def test_reasons_are_few_honest_and_each_about_something_else():
    taste, usual = taste_for("many edges"), usual_features()
    for row in usual[:40]:
        told = reasons(taste, row, usual.mean(axis=0))
        assert len(told) <= MOST_REASONS
        assert all(told)
        # Of edges and fine detail, contrast and places, one name each at the most.
        assert (
            sum(any(each in word for each in ("edges", "detail", "grainy")) for word in told) <= 2
        )
        for word in told:
            more = [i for i, feature in enumerate(FEATURES) if feature.more == word]
            less = [i for i, feature in enumerate(FEATURES) if feature.less == word]
            assert any(row[i] > 0 for i in more) or any(row[i] < 0 for i in less)
    assert all(len(words) <= MOST_LIKES for words in likes(taste))


def test_a_picture_like_its_rivals_has_no_reasons():
    taste, usual = taste_for("warm"), usual_features()
    assert reasons(taste, usual[3], usual[3]) == ()


def test_an_embedding_has_no_words_and_is_no_hindrance():
    rng = np.random.default_rng(0)
    usual = usual_features()
    wide = np.concatenate([usual, rng.normal(size=(len(usual), 5))], axis=1, dtype=np.float32)
    picked = np.arange(SHOWN) == 2
    taste = learn([Choice(features=wide[:SHOWN], picked=picked)] * 3)
    assert isinstance(reasons(taste, wide[2], wide[:SHOWN].mean(axis=0)), tuple)
    assert isinstance(likes(taste), tuple)
