"""A taste: what a person's choices say about the pictures to come, and how surely.

A choice shows some pictures, of which some were picked. Each pick is taken as a softmax over itself
and what was not picked. The score of a picture is linear in its features, each group of which
weighs the same at first, and in random cosines of them (Rahimi and Recht 2007), which stand for a
Gaussian process: tastes are seldom linear. The posterior is Gaussian about its peak (Laplace).
Small data is the rule, so nothing is tuned to the person but the weights.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from breeder.taste.features import FEATURES

Floats = NDArray[np.float32]

LINEAR: Final = 4.0
"""The spread of scores that the linear part may give before anything is learnt."""

CURVED: Final = 3.0
"""The same for the cosines."""

COSINES: Final = 256
REACH: Final = 0.7
"""How far apart pictures are, in features of unit length all together, that say little about each
other."""

STEPS: Final = 40
LONGEST: Final = 8.0
"""What a step moves a weight by, at most."""

ENOUGH: Final = 0.005
"""A step that moves no weight by more than this ends the search for the peak."""

SLOW: Final = 0.4
"""The share of the step before above which a step asks for a new curvature."""

STALE: Final = 0.1
"""The share of choices up to which those added since the curvature was measured are few."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Choice:
    """One answer of a person: some of the pictures shown were picked.

    Attributes:
        features: Of all pictures shown, shape (n, F); see `breeder.taste.features`.
        picked: Which were picked, bool, shape (n,): at least one, and not all.
        weight: How much it counts; 1 for a choice in the run at hand.
    """

    features: Floats
    picked: NDArray[np.bool_]
    weight: float = 1.0

    def __post_init__(self) -> None:
        if not 0 < int(self.picked.sum()) < len(self.picked):
            raise ValueError("A choice picks some of the pictures shown, and leaves some.")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Taste:
    """What was learnt, as a Gaussian over weights; made by `learn`.

    Attributes:
        weights: Its middle, float32, shape (W,).
        curvature: The inverse of its covariance, float64, shape (W, W).
        root: A root R of the covariance, R'R, float64, shape (W, W).
        choices: How many choices it was learnt from.
        measured: How many there were when the curvature was last measured whole.
        table: Those choices, expanded: the next fit needs them again.
    """

    weights: Floats
    curvature: NDArray[np.float64]
    root: NDArray[np.float64]
    choices: int
    measured: int = 0
    table: Table | None = field(default=None, repr=False)

    def score(self, features: Floats) -> tuple[Floats, Floats]:
        """Return how much pictures are likely to be liked, and how unsure that is.

        Args:
            features: shape (B, F).

        Returns:
            Two arrays of shape (B,): the expected score in units of the choice's softmax (a
            difference of 1 makes a pick 2.7 times as likely), and its standard deviation.
        """
        rows = expand(features)
        return rows @ self.weights, self.unsure(rows)

    def unsure(self, rows: NDArray[np.floating]) -> Floats:
        """Return the standard deviations of sums of weights, which rows of shape (B, W) give."""
        spread = np.linalg.norm(rows @ self.root.T.astype(rows.dtype), axis=1)
        return np.asarray(spread, dtype=np.float32)


def expand(features: Floats) -> Floats:
    """Return what scores are linear in, float32, shape (B, W), for features of shape (B, F)."""
    scaled = features * _scale(features.shape[1])
    turned, shift = _waves(features.shape[1])
    curved = np.cos(scaled @ turned + shift) * np.float32(CURVED * math.sqrt(2.0 / COSINES))
    return np.concatenate([scaled * np.float32(LINEAR), curved], axis=1, dtype=np.float32)


def slopes(features: Floats) -> Floats:
    """Return how `expand` of one picture, shape (F,), rises with each feature, shape (F, W)."""
    scale = _scale(len(features))
    turned, shift = _waves(len(features))
    falls = -np.sin((features * scale) @ turned + shift) * (CURVED * math.sqrt(2.0 / COSINES))
    straight = np.diag(scale * np.float32(LINEAR))
    return np.concatenate([straight, scale[:, None] * turned * falls], axis=1, dtype=np.float32)


def learn(
    choices: Sequence[Choice], before: Taste | None = None, *, width: int = len(FEATURES)
) -> Taste:
    """Return the taste that choices speak of.

    Args:
        choices: Any number.
        before: What was learnt earlier: the result is the same without it, but with it takes a
            fraction of the time, above all where choices were only added at the end.
        width: How many features a picture has, where there are no choices yet.
    """
    if not choices:
        weights, unit = np.zeros(width + COSINES, np.float32), np.eye(width + COSINES)
        return Taste(weights=weights, curvature=unit, root=unit, choices=0)
    width = choices[0].features.shape[1]
    if before is None or len(before.weights) != width + COSINES:
        return _climb(Table(choices), np.zeros(width + COSINES, np.float32), None)
    table = Table(choices, before.table)
    fresh = len(choices) - before.choices
    if not table.goes_on or len(choices) - before.measured > STALE * len(choices):
        return _climb(table, before.weights, None)
    curvature = before.curvature
    if fresh:
        curvature = curvature + Table(choices[-fresh:]).curvature(before.weights)
    return _climb(table, before.weights, _Bend(curvature, before.measured))


def _climb(table: Table, weights: Floats, bend: _Bend | None) -> Taste:
    """Return the peak from a start, by Newton's steps; a curvature is kept while it serves."""
    bend = bend or _Bend.measure(table, weights)
    last, height = math.inf, table.height(weights)
    for _ in range(STEPS):
        slope = (table.slope(weights) - weights).astype(np.float64)
        step = (bend.root.T @ (bend.root @ slope)).astype(np.float32)
        length = float(np.abs(step).max())
        if length > max(ENOUGH, SLOW * last):
            bend, last = _Bend.measure(table, weights), math.inf
            continue
        step *= np.float32(min(1.0, LONGEST / max(length, 1e-9)))
        # A full step from far away may land lower than it began: halved, it climbs.
        while (reached := table.height(weights + step)) < height and length > ENOUGH:
            step, length = step * np.float32(0.5), length * 0.5
        weights, height = weights + step, max(reached, height)
        if length < ENOUGH:
            break
        last = length
    return Taste(
        weights=weights,
        curvature=bend.curvature,
        root=bend.root,
        choices=len(table.choices),
        measured=bend.measured,
        table=table,
    )


class _Bend:
    """A curvature, a root of its inverse, and how many choices it was measured from."""

    def __init__(self, curvature: NDArray[np.float64], measured: int) -> None:
        self.curvature, self.measured = curvature, measured
        self.root = np.linalg.inv(np.linalg.cholesky(curvature))

    @classmethod
    def measure(cls, table: Table, weights: Floats) -> _Bend:
        """Return the curvature of the posterior at weights."""
        return cls(np.eye(len(weights)) + table.curvature(weights), len(table.choices))


class Table:
    """Choices as one table of expanded rows, and the slope and curvature of their likelihood."""

    def __init__(self, choices: Sequence[Choice], before: Table | None = None) -> None:
        """Expand choices, but for those that stand in an earlier table at the same place."""
        self.choices = tuple(choices)
        shared = before._shared(self.choices) if before else []
        self.goes_on = before is not None and before._counts_alike(self.choices, len(shared))
        counts = [len(choice.picked) for choice in choices]
        self._starts = np.cumsum([0, *counts])[:-1]
        self._choice = np.repeat(np.arange(len(choices)), counts)
        self._picked = np.concatenate([choice.picked for choice in choices])
        self._weight = np.array([choice.weight for choice in choices], dtype=np.float32)
        known = before._rows[: sum(counts[: len(shared)])] if before else None
        parts = [] if known is None else [known]
        if len(shared) < len(counts):
            fresh = [choice.features for choice in self.choices[len(shared) :]]
            parts.append(expand(np.concatenate(fresh)))
        self._rows: Floats = np.concatenate(parts)

    def _shared(self, choices: Sequence[Choice]) -> Sequence[Choice]:
        """Return the first of some choices, as far as they show what this table's choices show."""
        for count, (old, new) in enumerate(zip(self.choices, choices, strict=False)):
            same = old.features is new.features or np.array_equal(old.features, new.features)
            if not same:
                return choices[:count]
        return choices[: len(self.choices)]

    def _counts_alike(self, choices: Sequence[Choice], shared: int) -> bool:
        """Return whether choices are those of this table, picks and weights too, and some more."""
        return shared == len(self.choices) and all(
            old is new or (old.weight == new.weight and np.array_equal(old.picked, new.picked))
            for old, new in zip(self.choices, choices, strict=False)
        )

    def _chances(self, weights: Floats) -> tuple[Floats, Floats]:
        """Return each row's share among what was left, and each pick's chance against that."""
        scores = self._rows @ weights
        scores -= np.maximum.reduceat(scores, self._starts)[self._choice]
        likes = np.exp(np.maximum(scores, -30.0))
        left = np.where(self._picked, 0.0, likes).astype(np.float32)
        rest = np.add.reduceat(left, self._starts)
        share = left / rest[self._choice]
        chance = likes / (likes + rest[self._choice])
        chance = np.where(self._picked, chance, 0.0)
        return share.astype(np.float32), chance.astype(np.float32)

    def height(self, weights: Floats) -> float:
        """Return the logarithm of the posterior, but for a constant."""
        _, chance = self._chances(weights)
        likely = np.log(np.maximum(chance, 1e-30))
        told = float((likely * self._weight[self._choice])[self._picked].sum(dtype=np.float64))
        return told - 0.5 * float(weights.astype(np.float64) @ weights)

    def slope(self, weights: Floats) -> Floats:
        """Return the gradient of the log likelihood, shape (W,)."""
        share, chance = self._chances(weights)
        missed = np.where(self._picked, 1.0 - chance, 0.0).astype(np.float32)
        total = np.add.reduceat(missed, self._starts)[self._choice]
        pull = (missed - share * total) * self._weight[self._choice]
        return np.asarray(pull @ self._rows)

    def curvature(self, weights: Floats) -> NDArray[np.float64]:
        """Return minus its second derivative, shape (W, W).

        A pick with chance p against a rest with mean m and covariance C adds
        (1 - p) C + p (1 - p) (row - m)(row - m)'.
        """
        share, chance = self._chances(weights)
        missed = np.where(self._picked, 1.0 - chance, 0.0).astype(np.float32)
        total = np.add.reduceat(missed, self._starts)[self._choice]
        much = np.where(self._picked, chance * missed, share * total)
        about = np.empty_like(self._rows)
        for first, start in enumerate(self._starts):
            end = start + len(self.choices[first].picked)
            about[start:end] = self._rows[start:end] - share[start:end] @ self._rows[start:end]
        about *= np.sqrt(much * self._weight[self._choice])[:, None]
        return np.asarray(about.T @ about, dtype=np.float64)


@cache
def _scale(width: int) -> Floats:
    """Return what features are multiplied by, so that each group weighs the same.

    What a picture has beyond `FEATURES` is one group more: an embedding.
    """
    groups = [feature.group for feature in FEATURES] + ["embedding"] * (width - len(FEATURES))
    counts = Counter(groups)
    sizes = [counts[group] * len(counts) for group in groups]
    return np.asarray(1.0 / np.sqrt(sizes), dtype=np.float32)


@cache
def _waves(width: int) -> tuple[Floats, Floats]:
    rng = np.random.default_rng(1)
    turned = rng.normal(size=(len(FEATURES), COSINES))
    shift = rng.uniform(0, 2 * math.pi, COSINES)
    further = np.random.default_rng(2).normal(size=(width - len(FEATURES), COSINES))
    turned = np.concatenate([turned, further]) / REACH
    return turned.astype(np.float32), shift.astype(np.float32)
