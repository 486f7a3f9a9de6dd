"""What records of users with and without a guide say: tables, intervals, and whether goals are met.

Users of one seed began with the same grid, so they are compared in pairs; intervals are bootstraps
over seeds. It knows records (see `benchmarks.guiding.Record`), and neither users nor breeding.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 10_000
SHOWN = (5, 8, 10, 20)  # picks at which tables stop
WITHIN, TIMES = 8, 2.0  # the goals: picks to what unguided reaches in all, and times its gain
RANDOM = "random picks"
NOVELTY = "novelty"
LASTING, ALL = "lasting tastes", "all tastes"  # all but the wish for the new, and all
GUIDED = ("first-time", "returning")

Floats = NDArray[np.float64]
User = Mapping[str, Mapping[str, Any]]
Records = Mapping[str, User]
Curves = dict[str, Floats]
"""The best score so far after each pick, shape (seeds, picks + 1), by the way of breeding."""


def report(records: Records) -> Iterator[str]:
    """Yield the lines of the report.

    A grid's best is the mean over grids after the first one: what a grid has to offer. *Picks to
    unguided's* is how many it takes to reach what unguided breeding reaches in all.

    Args:
        records: Of each way of breeding, for each user, named by kind and seed: "linear/3".
    """
    kinds = list(dict.fromkeys(name.split("/")[0] for name in records))
    groups = _groups([kind for kind in kinds if kind != RANDOM])
    tastes = {
        name: over_kinds([curves_of(records, kind) for kind in groups[name]]) for name in groups
    }
    for name, curves in tastes.items():
        tops = over_kinds([curves_of(records, kind, "top") for kind in groups[name]])
        users = [each for kind in groups[name] for each in _users(records, kind)]
        yield from _table(name, curves, tops, users)
    for kind, curves in tastes.items():
        yield from goals(kind, curves)
    yield from _refined(records)
    if RANDOM in kinds:
        yield from nothing_changed(records)
    yield from _costs(records)


def _groups(kinds: Sequence[str]) -> dict[str, Sequence[str]]:
    """Return what is reported: each kind, and some together."""
    groups: dict[str, Sequence[str]] = {kind: [kind] for kind in kinds}
    lasting = [kind for kind in kinds if kind != NOVELTY]
    if len(lasting) > 1:
        groups[LASTING] = lasting
    if lasting and NOVELTY in kinds:
        groups[ALL] = kinds
    return groups


# Statistics ---------------------------------------------------------------------------------------


def curves_of(records: Records, kind: str, what: str = "best") -> Curves:
    """Return the curves of a kind, its seeds in rising order."""
    users = _users(records, kind)
    return {way: np.array([user[way][what] for user in users]) for way in users[0]}


def over_kinds(tastes: Sequence[Curves]) -> Curves:
    """Return the mean over kinds, seed by seed, of the ways that all of them have."""
    ways = [way for way in tastes[0] if all(way in curves for curves in tastes)]
    rows = min(len(curves["unguided"]) for curves in tastes)
    return {way: np.mean([curves[way][:rows] for curves in tastes], axis=0) for way in ways}


def estimate(statistic: Callable[..., Floats], *samples: Floats) -> tuple[float, float, float]:
    """Return a statistic of means over seeds, with its 95 % bootstrap interval.

    Args:
        statistic: Takes means, shape (R, ...) for each of the samples, and returns shape (R,).
        samples: With seeds along the first axis; the same seeds are drawn in all of them.
    """
    seeds = len(samples[0])
    drawn = np.random.default_rng(5).integers(seeds, size=(RESAMPLES, seeds))
    shares = np.stack([(drawn == seed).sum(axis=1) for seed in range(seeds)], axis=1) / seeds
    value = statistic(*(sample.mean(axis=0, keepdims=True) for sample in samples))
    spread = statistic(*(np.tensordot(shares, sample, axes=1) for sample in samples))
    # No value between two is made up: a number of picks may be infinite.
    low, high = np.quantile(spread, (0.025, 0.975), method="inverted_cdf")
    return float(value[0]), float(low), float(high)


def picks_until(curves: Floats, level: Floats) -> Floats:
    """Return after how many picks rising curves reach a level, between two picks in proportion.

    Args:
        curves: Shape (R, picks + 1).
        level: Shape (R,).

    Returns:
        Shape (R,); infinite for a level that is not reached.
    """
    reached = curves >= level[:, None] - 1e-12
    after = np.where(reached.any(axis=1), reached.argmax(axis=1), -1)
    rows, before = np.arange(len(curves)), np.maximum(after - 1, 0)
    step = np.maximum(curves[rows, after] - curves[rows, before], 1e-12)
    part = np.clip((level - curves[rows, before]) / step, 0.0, 1.0)
    return np.where(after < 0, np.inf, np.where(after == 0, 0.0, before + part))


def _as_it_is(sample: Floats) -> Floats:
    return sample


def difference(one: Floats, other: Floats) -> Floats:
    """Return how much more the one is."""
    return one - other


def gain_ratio(guided: Floats, unguided: Floats, fresh: Floats) -> Floats:
    """Return how many times the gain of unguided over fresh grids that of guided is."""
    gain = unguided - fresh
    times = (guided - fresh) / np.where(gain > 0, gain, 1.0)
    return np.where(gain > 0, times, np.where(guided > fresh, np.inf, 0.0))


def gain_to_spare(guided: Floats, unguided: Floats, fresh: Floats) -> Floats:
    """Return how much more than `TIMES` the gain of unguided that of guided is, 0 if just so.

    Where unguided breeding gains nothing, twice nothing is still nothing.
    """
    return (guided - fresh) - TIMES * np.maximum(unguided - fresh, 0.0)


# Goals --------------------------------------------------------------------------------------------


def goals(kind: str, curves: Curves) -> Iterator[str]:
    """Yield, for each way of being guided, whether it reaches its goals."""
    unguided, fresh = curves["unguided"], curves["re-rolling"]
    last = unguided.shape[1] - 1
    within = min(WITHIN, last)
    yield f"\nGoals, {kind}"
    for way in GUIDED:
        guided = curves[way]
        picks = estimate(lambda a, b: picks_until(a, b[:, -1]), guided, unguided)
        ahead = estimate(difference, guided[:, within], unguided[:, last])
        yield (
            f"  {way}: reaches what unguided reaches in {last} picks after {_picks(picks, last)}; "
            f"at {within} picks it is {_interval(ahead, signed=True)} ahead: "
            f"{_verdict(ahead)} (goal: within {WITHIN})"
        )
        ends = (guided[:, last], unguided[:, last], fresh[:, last])
        ratio, spare = estimate(gain_ratio, *ends), estimate(gain_to_spare, *ends)
        yield (
            f"  {way}: its gain over re-rolling at {last} picks is {_ratio(ratio)} times that of "
            f"unguided, {_interval(spare, signed=True)} to spare: {_verdict(spare)} "
            f"(goal: {TIMES:g} times)"
        )


def nothing_changed(records: Records) -> Iterator[str]:
    """Yield what guidance did to those who pick at random."""
    users = _users(records, RANDOM)
    yield f"\nUsers who pick at random: {len(users)}, judged by a taste that they do not have"
    same = True
    for way in GUIDED:
        ever = sum(any(user[way]["guided"]) for user in users)
        grids = sum(sum(user[way]["guided"]) for user in users)
        shown = sum(len(user[way]["guided"]) for user in users)
        believed = sum(user[way]["trusted"] for user in users)
        accuracy = np.array([user[way]["accuracy"] for user in users])
        found = estimate(_as_it_is, accuracy)
        changed = np.array([_mean(user[way]) - _mean(user["unguided"]) for user in users])
        moved = estimate(_as_it_is, changed)
        equal = sum(user[way]["best"] == user["unguided"]["best"] for user in users)
        yield (
            f"  {way}: ever guided {ever} of {len(users)}, {grids} of {shown} grids; trusted in "
            f"the end {believed}; foretold {_interval(found)} (chance 0.50); pictures "
            f"{_interval(moved, signed=True)} better than unguided, the same in {equal} runs"
        )
        same &= equal == len(users)
    yield f"  nothing changes: {'met' if same else 'missed: see how many runs were guided'}"


def _verdict(ahead: tuple[float, float, float]) -> str:
    value, low, high = ahead
    if value >= 0:
        return "met" if low >= 0 else "met, but the interval holds the goal missed"
    return "missed" if high < 0 else "missed, but the interval holds the goal met"


# Tables -------------------------------------------------------------------------------------------


def _table(kind: str, curves: Curves, tops: Curves, users: Sequence[User]) -> Iterator[str]:
    last = curves["unguided"].shape[1] - 1
    stops = [picks for picks in SHOWN if picks <= last] or [last]
    yield f"\n{kind}: the best of all pictures seen, in standard deviations of founders"
    heads = [f"{picks} picks" for picks in stops] + ["a grid's best", "picks to unguided's"]
    heads_text = "".join(head.rjust(22) for head in heads)
    yield f"{f'users: {len(users)}':<26}{heads_text}{'guided':>8}{'foretold':>9}"
    for way, rows in curves.items():
        found = [estimate(_as_it_is, rows[:, picks]) for picks in stops]
        found.append(estimate(_as_it_is, tops[way][:, 1:].mean(axis=1)))
        cells = [_interval(each) for each in found]
        until = estimate(lambda a, b: picks_until(a, b[:, -1]), rows, curves["unguided"])
        cells.append(_picks(until, last, short=True))
        text = "".join(cell.rjust(22) for cell in cells)
        yield f"{way:<26}{text}{_guided([user[way] for user in users], way)}"


def _guided(records: Sequence[Mapping[str, Any]], way: str) -> str:
    """Return the share of grids that were guided, and how often picks were foretold."""
    if way == "re-rolling":
        return ""
    share = np.mean([np.mean(record["guided"]) for record in records])
    return f"{share:>8.0%}{np.mean([record['accuracy'] for record in records]):>9.2f}"


def _refined(records: Records) -> Iterator[str]:
    """Yield what refining the best picture gave."""
    found: dict[str, list[tuple[str, float, float]]] = {}
    for name, user in records.items():
        for way, record in user.items():
            for after, (before, refined) in record.get("refined", {}).items():
                key = f"{way}, after {after} picks"
                found.setdefault(key, []).append((name.split("/")[1], before, refined))
    if found:
        yield "\nRefined: the best picture seen, and what gradient ascent made of it"
    for key, pairs in found.items():
        seeds = sorted({seed for seed, _, _ in pairs})
        by_seed = np.array(
            [[np.mean([p[i] for p in pairs if p[0] == seed]) for i in (1, 2)] for seed in seeds]
        )
        better = sum(after > before for _, before, after in pairs)
        moved = estimate(difference, by_seed[:, 1], by_seed[:, 0])
        kept = np.array(
            [np.mean([max(0.0, p[2] - p[1]) for p in pairs if p[0] == seed]) for seed in seeds]
        )
        yield (
            f"  {key}: {by_seed[:, 0].mean():.2f} becomes {by_seed[:, 1].mean():.2f}, "
            f"{_interval(moved, signed=True)}; better for {better} of {len(pairs)}; "
            f"{_interval(estimate(_as_it_is, kept), signed=True)} for who keeps the better one"
        )


def _costs(records: Records) -> Iterator[str]:
    ways = dict.fromkeys(way for user in records.values() for way in user)
    yield "\nProcessor seconds for one run (grids that two runs share are bred once)"
    for way in ways:
        times = [user[way]["seconds"] for user in records.values() if way in user]
        yield f"  {way}: {np.mean(times):.1f}"


def _users(records: Records, kind: str) -> list[User]:
    seeds = sorted(int(name.split("/")[1]) for name in records if name.startswith(f"{kind}/"))
    return [records[f"{kind}/{seed}"] for seed in seeds]


def _mean(record: Mapping[str, Any]) -> float:
    """Return the mean score of all pictures but those of the first grid."""
    return float(np.mean(record["mean"][1:]))


def _interval(found: tuple[float, float, float], *, signed: bool = False) -> str:
    value, low, high = found
    sign = "+" if signed else ""
    return f"{value:{sign}.2f} ({low:{sign}.2f} to {high:{sign}.2f})"


def _ratio(found: tuple[float, float, float]) -> str:
    value, low, high = ("over 99" if each > 99 else f"{each:.2f}" for each in found)
    return f"{value} ({low} to {high})"


def _picks(found: tuple[float, float, float], last: int, *, short: bool = False) -> str:
    over = f">{last}" if short else f"more than {last}"
    value, low, high = (over if np.isinf(each) else f"{each:.1f}" for each in found)
    return f"{value} ({low} to {high})"
