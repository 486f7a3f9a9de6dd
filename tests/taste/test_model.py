"""A taste learnt from choices: it finds what was liked, and knows what it does not know."""

from dataclasses import replace

import numpy as np
import pytest

from breeder.taste import model
from breeder.taste.model import Choice, Floats, Taste, expand, learn, slopes
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


PROBE = np.random.default_rng(6).normal(size=(200, WIDTH)).astype(np.float32)


def same(one: Taste, other: Taste) -> None:
    (score, spread), (expected, unsure) = one.score(PROBE), other.score(PROBE)
    np.testing.assert_allclose(score, expected, atol=0.05)
    np.testing.assert_allclose(spread, unsure, rtol=0.08)
    assert one.choices == other.choices


def test_going_on_choice_by_choice_comes_to_the_same():
    all_of_them = choices(24, liking())
    gone_on = learn([])
    for count in range(1, len(all_of_them) + 1):
        gone_on = learn(all_of_them[:count], gone_on)
    same(gone_on, learn(all_of_them))


def _reweighed(some: list[Choice]) -> list[Choice]:
    return [replace(each, weight=0.4) for each in some[:30]] + some[30:]


def _taken_back(some: list[Choice]) -> list[Choice]:
    return [*some[:7], replace(some[7], picked=np.roll(some[7].picked, 4)), *some[8:]]


@pytest.mark.parametrize(
    "change",
    [
        _reweighed,
        _taken_back,
        lambda some: some[3:],
        lambda some: some[:-9],
        lambda some: [*choices(2, liking(), seed=9), *some],
        lambda some: [replace(each, features=each.features.copy()) for each in some],
    ],
)
def test_going_on_from_what_has_changed_comes_to_the_same(change):
    some = choices(40, liking())
    changed = change(some)
    same(learn(changed, learn(some)), learn(changed))


def test_only_what_is_new_is_expanded_and_measured(monkeypatch: pytest.MonkeyPatch):
    """This is what keeps learning from one choice more quick."""
    expanded: list[int] = []
    measured: list[int] = []
    expand, curvature = model.expand, model.Table.curvature

    def noted(features: Floats) -> Floats:
        expanded.append(len(features))
        return expand(features)

    def noted_curvature(table: model.Table, weights: Floats) -> np.ndarray:
        measured.append(len(table.choices))
        return curvature(table, weights)

    some = choices(60, liking())
    before = learn(some[:-1])
    monkeypatch.setattr(model, "expand", noted)
    monkeypatch.setattr(model.Table, "curvature", noted_curvature)
    learn(some, before)
    assert expanded == [15, 15]
    assert measured == [1]
    expanded.clear()
    learn(_reweighed(some), before)
    assert expanded == [15]


def test_an_embedding_is_one_group_more():
    rng = np.random.default_rng(0)
    shown = choices(40, liking(strength=0.0))
    further = [rng.normal(size=(15, 8)).astype(np.float32) for _ in shown]
    wider = []
    for each, more in zip(shown, further, strict=True):
        picked = np.zeros(15, dtype=bool)
        picked[np.argmax(more[:, 2])] = True
        wider.append(Choice(features=np.concatenate([each.features, more], axis=1), picked=picked))
    taste = learn(wider, learn(shown))
    assert taste.score(wider[0].features)[0].shape == (15,)
    fresh = rng.normal(size=(300, WIDTH + 8)).astype(np.float32)
    assert np.corrcoef(taste.score(fresh)[0], fresh[:, WIDTH + 2])[0, 1] > 0.4
    nothing = learn([], width=WIDTH + 8)
    np.testing.assert_array_equal(nothing.score(fresh)[0], 0)


def test_slopes_agree_with_small_steps():
    row = PROBE[0]
    steps = np.eye(WIDTH, dtype=np.float32) * 1e-2
    rise = (expand(row + steps) - expand(row - steps)) / 2e-2
    np.testing.assert_allclose(slopes(row), rise, atol=2e-3)


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


def test_the_slope_and_curvature_are_those_of_the_posterior():
    """Of choices with one pick and with several, that count in full and for less."""
    told = choices(6, liking(), shown=7)
    picked = np.arange(7) < 3
    told.append(Choice(features=told[0].features[::-1], picked=picked, weight=0.4))
    table, rng = model.Table(told), np.random.default_rng(3)
    weights = rng.normal(size=WIDTH + model.COSINES).astype(np.float32) * np.float32(0.3)
    slope, curvature = (
        table.slope(weights) - weights,
        table.curvature(weights) + np.eye(len(weights)),
    )
    for _ in range(4):
        way = rng.normal(size=len(weights)).astype(np.float32)
        way *= np.float32(0.3) / np.linalg.norm(way)
        heights = [table.height(weights + way * np.float32(step)) for step in (-1, 0, 1)]
        assert (heights[2] - heights[0]) / 2 == pytest.approx(float(slope @ way), abs=0.01)
        bend = heights[2] - 2 * heights[1] + heights[0]
        assert -bend == pytest.approx(float(way @ curvature @ way), rel=0.03, abs=0.002)
