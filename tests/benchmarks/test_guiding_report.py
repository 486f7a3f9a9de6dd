"""What the report of guidance says of records whose answer is known."""

import numpy as np
import pytest

from benchmarks import guiding_report
from benchmarks.guiding_report import (
    ALL,
    LASTING,
    curves_of,
    difference,
    estimate,
    gain_ratio,
    gain_to_spare,
    goals,
    over_kinds,
    picks_until,
    report,
)

PICKS = 20


def record(best: float, **more):
    """Return a record whose curve rises evenly from 0 to `best`."""
    curve = np.linspace(0.0, best, PICKS + 1)
    plain = {
        "best": curve.tolist(),
        "top": curve.tolist(),
        "mean": (curve / 2).tolist(),
        "guided": [False] * len(curve),
    }
    return {**plain, "accuracy": 0.5, "trusted": False, "refined": {}, "seconds": 1.0, **more}


def user(fresh, unguided, first, again, **more):
    ways = {"re-rolling": fresh, "unguided": unguided, "first-time": first, "returning": again}
    return {way: record(best) for way, best in ways.items()} | more


def text(records) -> str:
    return "\n".join(report(records))


def test_picks_are_counted_to_where_a_curve_crosses_a_level() -> None:
    curves = np.array([[0.0, 1.0, 3.0, 3.0]] * 5)
    found = picks_until(curves, np.array([1.0, 2.0, 3.0, 3.1, -1.0]))
    np.testing.assert_allclose(found, [1.0, 1.5, 2.0, np.inf, 0.0])


def test_an_interval_of_equal_seeds_is_a_point_and_seeds_are_drawn_in_pairs() -> None:
    same = np.full(9, 2.5)
    assert estimate(lambda a: a, same) == (2.5, 2.5, 2.5)
    uneven = np.random.default_rng(1).normal(size=30) * 100.0
    # Paired, the noise that both share goes away.
    assert estimate(difference, uneven + 1.0, uneven) == pytest.approx((1.0, 1.0, 1.0))


def test_an_interval_covers_the_mean_about_as_often_as_it_says(monkeypatch) -> None:
    monkeypatch.setattr(guiding_report, "RESAMPLES", 1_000)
    rng = np.random.default_rng(2)
    hits = 0
    for _ in range(60):
        _, low, high = estimate(lambda a: a, rng.normal(size=30))
        hits += low <= 0.0 <= high
    assert 50 <= hits <= 60


def test_a_gain_is_over_fresh_grids() -> None:
    guided, unguided, fresh = np.array([5.0]), np.array([3.0]), np.array([2.0])
    assert gain_ratio(guided, unguided, fresh)[0] == 3.0
    assert gain_to_spare(guided, unguided, fresh)[0] == 1.0
    # Where unguided breeding loses, twice its loss is no goal.
    assert gain_to_spare(np.array([1.0]), np.array([1.0]), fresh)[0] == -1.0


def test_goals_are_judged_for_both_kinds_of_guided_people() -> None:
    records = {f"linear/{seed}": user(1.0, 2.0, 2.5, 8.0) for seed in range(4)}
    first, gain, returning, twice = list(goals("linear", curves_of(records, "linear")))[1:]
    assert "first-time: reaches what unguided reaches in 20 picks after 16.0" in first
    assert "at 8 picks it is -1.00" in first
    assert "missed (goal" in first
    assert "1.50 (1.50 to 1.50) times" in gain
    assert "missed (goal" in gain
    assert "after 5.0" in returning
    assert "+1.20 (+1.20 to +1.20) ahead: met" in returning
    assert "7.00 (7.00 to 7.00) times" in twice
    assert "met (goal" in twice


def test_a_goal_that_chance_may_have_met_or_missed_is_called_so() -> None:
    ends = (4.0, 6.0, 4.0, 6.2)
    records = {f"tree/{seed}": user(1.0, 2.0, 2.0, end) for seed, end in enumerate(ends)}
    lines = list(goals("tree", curves_of(records, "tree")))
    assert "met, but the interval holds the goal missed" in lines[3]


def test_all_tastes_count_alike() -> None:
    records = {"linear/0": user(1, 2, 3, 4), "tree/0": user(1, 4, 5, 8), "tree/1": user(1, 9, 9, 9)}
    tastes = [curves_of(records, kind) for kind in ("linear", "tree")]
    everybody = over_kinds(tastes)
    assert everybody["unguided"].shape == (1, PICKS + 1)
    assert everybody["unguided"][0, -1] == 3.0
    assert LASTING in text(records)
    assert ALL not in text(records)
    assert ALL in text({**records, "novelty/0": user(1, 1, 1, 1)})


def test_a_grid_has_to_offer_its_best() -> None:
    line = next(
        each for each in text({"tree/0": user(1, 2, 2, 4)}).split("\n") if "returning" in each
    )
    assert "2.10 (2.10 to 2.10)" in line  # the mean of 0.2, 0.4 and so on to 4


def test_random_pickers_who_saw_the_same_pictures_met_the_goal() -> None:
    records = {f"random picks/{seed}": user(1, 2, 2, 2) for seed in range(3)}
    found = text(records)
    assert "Users who pick at random: 3," in found
    assert "ever guided 0 of 3, 0 of 63 grids" in found
    assert "the same in 3 runs" in found
    assert "nothing changes: met" in found


def test_a_random_picker_who_was_guided_is_told_of() -> None:
    led = record(2.5, guided=[False] * 20 + [True], trusted=True)
    records = {f"random picks/{seed}": user(1, 2, 2, 2) for seed in range(3)}
    records["random picks/3"] = user(1, 2, 2, 2, returning=led)
    found = text(records)
    assert "returning: ever guided 1 of 4, 1 of 84 grids; trusted in the end 1" in found
    assert "nothing changes: missed" in found


def test_refined_pictures_are_compared_with_what_they_were() -> None:
    refined = record(2.0, refined={"20": [2.0, 2.5]})
    worse = record(2.0, refined={"20": [2.0, 1.7]})
    records = {"tree/0": user(1, 2, 2, 2, returning=refined)}
    records["tree/1"] = user(1, 2, 2, 2, returning=worse)
    found = text(records)
    assert "returning, after 20 picks: 2.00 becomes 2.10" in found
    assert "better for 1 of 2" in found
    assert "+0.25 (+0.00 to +0.50) for who keeps the better one" in found
