"""A taste: what a person's choices say about the pictures to come, and how surely.

A choice shows some pictures, of which some were picked. Each pick is taken as a softmax over itself
and what was not picked. The score of a picture is linear in its features, each group of which
weighs the same at first, and in random cosines of them (Rahimi and Recht 2007), which stand for a
Gaussian process: tastes are seldom linear. The posterior is Gaussian about its peak (Laplace).
Small data is the rule, so nothing is tuned to the person but the weights.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from breeder.taste.features import FEATURES, GROUPS

Floats = NDArray[np.float32]

LINEAR: Final = 4.0
"""The spread of scores that the linear part may give before anything is learnt."""

CURVED: Final = 3.0
"""The same for the cosines."""

COSINES: Final = 256
REACH: Final = 0.7
"""How far apart pictures are, in features of unit length all together, that say little about each
other."""

STEPS: Final = 12
ENOUGH: Final = 0.02
"""A step that moves no weight by more than this ends the search for the peak."""

STALE: Final = 0.25
"""The share of new choices up to which the curvature of an earlier fit still serves."""


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
    """What was learnt, as a Gaussian over weights.

    Attributes:
        weights: Its middle, float32, shape (W,).
        curvature: The inverse of its covariance, float64, shape (W, W).
        choices: How many choices it was learnt from.
    """

    weights: Floats
    curvature: NDArray[np.float64]
    choices: int

    def score(self, features: Floats) -> tuple[Floats, Floats]:
        """Return how much pictures are likely to be liked, and how unsure that is.

        Args:
            features: shape (B, F).

        Returns:
            Two arrays of shape (B,): the expected score in units of the choice's softmax (a
            difference of 1 makes a pick 2.7 times as likely), and its standard deviation.
        """
        rows = expand(features)
        root = np.linalg.cholesky(self.curvature)
        spread = np.linalg.norm(np.linalg.solve(root, rows.T.astype(np.float64)), axis=0)
        return rows @ self.weights, spread.astype(np.float32)


def expand(features: Floats) -> Floats:
    """Return what scores are linear in, float32, shape (B, W), for features of shape (B, F)."""
    scaled = features * _scale()
    turned, shift = _waves()
    curved = np.cos(scaled @ turned + shift) * np.float32(CURVED * math.sqrt(2.0 / COSINES))
    return np.concatenate([scaled * np.float32(LINEAR), curved], axis=1, dtype=np.float32)


def learn(choices: Sequence[Choice], before: Taste | None = None) -> Taste:
    """Return the taste that choices speak of.

    Args:
        choices: Any number, oldest first.
        before: What was learnt from all but the last few of them, with the same weights: from
            there it takes a fraction of the time.
    """
    width = len(FEATURES) + COSINES
    if not choices:
        return Taste(weights=np.zeros(width, np.float32), curvature=np.eye(width), choices=0)
    table = _Table(choices)
    fresh = len(choices) - before.choices if before else len(choices)
    if before is None or not 0 <= fresh <= STALE * len(choices):
        weights = before.weights if before else np.zeros(width, np.float32)
        return _climb(table, weights, None, len(choices))
    curvature = before.curvature.copy()
    if fresh:
        curvature += _Table(choices[-fresh:]).curvature(before.weights)
    return _climb(table, before.weights, curvature, len(choices))


def _climb(table: _Table, weights: Floats, kept: NDArray[np.float64] | None, count: int) -> Taste:
    """Return the peak from a start, by Newton's steps; a kept curvature serves throughout."""
    curvature = np.eye(len(weights)) if kept is None else kept
    for _ in range(STEPS):
        if kept is None:
            curvature = np.eye(len(weights)) + table.curvature(weights)
        slope = table.slope(weights) - weights
        step = np.linalg.solve(curvature, slope.astype(np.float64)).astype(np.float32)
        weights = weights + step * np.float32(min(1.0, 8.0 / max(float(np.abs(step).max()), 1e-9)))
        if float(np.abs(step).max()) < ENOUGH:
            break
    return Taste(weights=weights, curvature=curvature, choices=count)


class _Table:
    """Choices as one table of rows, and the slope and curvature of their log likelihood."""

    def __init__(self, choices: Sequence[Choice]) -> None:
        self._rows = expand(np.concatenate([choice.features for choice in choices]))
        self._starts = np.cumsum([0, *(len(choice.picked) for choice in choices)])[:-1]
        counts = [len(choice.picked) for choice in choices]
        self._choice = np.repeat(np.arange(len(choices)), counts)
        self._picked = np.concatenate([choice.picked for choice in choices])
        self._weight = np.array([choice.weight for choice in choices], dtype=np.float32)

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

    def slope(self, weights: Floats) -> Floats:
        """Return the gradient, shape (W,)."""
        share, chance = self._chances(weights)
        missed = np.where(self._picked, 1.0 - chance, 0.0).astype(np.float32)
        total = np.add.reduceat(missed, self._starts)[self._choice]
        pull = (missed - share * total) * self._weight[self._choice]
        return np.asarray(pull @ self._rows)

    def curvature(self, weights: Floats) -> NDArray[np.float64]:
        """Return minus the second derivative, shape (W, W)."""
        share, chance = self._chances(weights)
        missed = np.where(self._picked, 1.0 - chance, 0.0).astype(np.float32)
        total = np.add.reduceat(missed, self._starts)
        weight = self._weight[self._choice]
        # A pick with chance p against a rest with mean m and covariance C adds
        # (1 - p) C + p (1 - p) (row - m)(row - m)'.
        mean = np.add.reduceat(self._rows * share[:, None], self._starts)
        picks = np.flatnonzero(self._picked)
        away = self._rows[picks] - mean[self._choice[picks]]
        away *= np.sqrt(chance[picks] * missed[picks] * weight[picks])[:, None]
        spread = self._rows * np.sqrt(share * total[self._choice] * weight)[:, None]
        middle = mean * np.sqrt(total * self._weight)[:, None]
        return np.asarray(away.T @ away + spread.T @ spread - middle.T @ middle, dtype=np.float64)


@cache
def _scale() -> Floats:
    groups = [feature.group for feature in FEATURES]
    sizes = [groups.count(group) * len(GROUPS) for group in groups]
    return np.asarray(1.0 / np.sqrt(sizes), dtype=np.float32)


@cache
def _waves() -> tuple[Floats, Floats]:
    rng = np.random.default_rng(1)
    turned = rng.normal(size=(len(FEATURES), COSINES)) / REACH
    return turned.astype(np.float32), rng.uniform(0, 2 * math.pi, COSINES).astype(np.float32)
