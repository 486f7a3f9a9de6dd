"""Simulated users, each with a hidden taste in pictures and an unsteady hand.

Tastes see what `judge.py` sees, pictures of 128 x 128 in 8-bit sRGB, and share no measure with the
screening. Scores are in standard deviations of random founders, about the founders' mean.

One of them likes what is new, so what they score depends on what they have seen: everybody is asked
through `watch`, one grid after the other.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benchmarks import judge
from breeder import Breeder, Canvas, render

Floats = NDArray[np.float64]
Taste = Callable[[judge.Pictures], Floats]
"""Takes pictures, shape (B, SIDE, SIDE, 3), and returns scores, shape (B,)."""

CANVAS = Canvas(width=judge.SIDE, height=judge.SIDE)
WOBBLE = 0.3  # of the softmax, in standard deviations of founders: what a user hardly tells apart
TARGET_GENERATIONS = 5
TARGET_SEED = 20_000
MILD = 0.5  # of a linear taste beside the love of the new, both in standard deviations of founders
MOST_MEASURED = 5_000  # pictures whose measures a process remembers


class Watcher(Protocol):
    """Somebody who looks at pictures."""

    def watch(self, before: judge.Pictures | None = None) -> Taste:
        """Return how they score one grid after the other in a run that begins now.

        Args:
            before: What else they have seen in their life.
        """


@dataclass(frozen=True)
class User:
    """A taste, and how random founders score in it."""

    taste: Taste
    mean: float
    spread: float

    def score(self, pictures: judge.Pictures) -> Floats:
        """Return how much pictures are liked, in standard deviations of founders, shape (B,)."""
        return np.asarray((self.taste(pictures) - self.mean) / self.spread)

    def watch(self, before: judge.Pictures | None = None) -> Taste:
        """Return `score`: what was seen before changes nothing."""
        return self.score


@dataclass(frozen=True)
class Seeker:
    """Likes what is unlike all that they have seen, and a little what suits a linear taste.

    They have seen the founders, so that a first grid is nothing special. A picture counts for how
    unlike the nearest of all it is when it is shown: shown again it is worth least.
    """

    founders: Memory
    beside: User
    mean: float
    spread: float

    def watch(self, before: judge.Pictures | None = None) -> Taste:
        """Return how they score one grid after the other, each of which they remember then."""
        memory = self.founders
        if before is not None and len(before):
            memory = memory.and_of(before)

        def look(pictures: judge.Pictures) -> Floats:
            nonlocal memory
            score = self._raw(memory.away(pictures), pictures)
            memory = memory.and_of(pictures)
            return np.asarray((score - self.mean) / self.spread)

        return look

    def _raw(self, away: Floats, pictures: judge.Pictures) -> Floats:
        return np.asarray(away + MILD * self.beside.score(pictures))


class Memory:
    """Pictures that were seen, by their gradients and colours.

    Args:
        pictures: uint8, shape (S, SIDE, SIDE, 3).
        mean: What is taken from distances, and `spread` what they are divided by.
    """

    def __init__(self, pictures: judge.Pictures, mean: float = 0.0, spread: float = 1.0) -> None:
        self._gradients = np.array([judge.gradients(each) for each in pictures])
        self._colors = np.array([judge.colors(each) for each in pictures])
        self.mean, self.spread = mean, spread

    def and_of(self, pictures: judge.Pictures) -> Memory:
        """Return a memory that holds other pictures too."""
        more = Memory(pictures, self.mean, self.spread)
        more._gradients = np.concatenate([self._gradients, more._gradients])
        more._colors = np.concatenate([self._colors, more._colors])
        return more

    def away(self, pictures: judge.Pictures) -> Floats:
        """Return how unlike the likest of all pictures are, standardised, shape (B,)."""
        alike = self._alike(Memory(pictures)).max(axis=1)
        return np.asarray((1.0 - alike - self.mean) / self.spread)

    def apart(self) -> Floats:
        """Return how unlike the likest other each picture is, as it is, shape (S,)."""
        alike = self._alike(self)
        np.fill_diagonal(alike, -np.inf)
        return np.asarray(1.0 - alike.max(axis=1))

    def _alike(self, others: Memory) -> Floats:
        """Return the likeness of each other one to each of these, 0 to 1, shape (others, S)."""
        turned = others._gradients @ self._gradients.T
        tinted = [np.minimum(each, self._colors).sum(axis=1) for each in others._colors]
        return np.asarray((turned + np.array(tinted)) / 2.0)


def make_watcher(kind: str, founders: judge.Pictures, seed: int) -> Watcher:
    """Return the user whose taste a seed draws; `KINDS` names the kinds, and there is "novelty"."""
    return _seeker(founders, seed) if kind == NOVELTY else make_user(kind, founders, seed)


def make_user(kind: str, founders: judge.Pictures, seed: int) -> User:
    """Return the user whose taste a seed draws; `KINDS` names the kinds."""
    taste = KINDS[kind](founders, seed)
    raw = taste(founders)
    return User(taste=taste, mean=float(raw.mean()), spread=float(raw.std()))


def choose(scores: Floats, rng: np.random.Generator) -> list[int]:
    """Return the one or two slots picked: a softmax over scores, without replacement."""
    noise = rng.gumbel(size=len(scores))  # the largest of score / WOBBLE + noise is a softmax draw
    order = np.argsort(-(scores / WOBBLE + noise))
    return [int(slot) for slot in order[: rng.integers(1, 3)]]


def features(pictures: judge.Pictures) -> Floats:
    """Return what the linear and the tree-shaped tastes weigh, shape (B, 7)."""
    return np.array([_remembered(picture) for picture in pictures])


_measured: dict[bytes, list[float]] = {}


def _remembered(picture: judge.Pictures) -> list[float]:
    """Return the features of a picture, measured once: kept ones are shown again and again."""
    key = hashlib.blake2b(picture.tobytes(), digest_size=16).digest()
    found = _measured.get(key)
    if found is None:
        if len(_measured) >= MOST_MEASURED:
            _measured.clear()
        found = _measured[key] = _features(picture)
    return found


def _features(picture: judge.Pictures) -> list[float]:
    """Return detail, two symmetries, warmth, variety of colour, uprightness and slant."""
    light, palette = judge.luma(picture), judge.colors(picture)
    turns = (judge.gradients(picture) ** 2).reshape(-1, 8).sum(axis=0)  # share of each direction
    contrast = np.abs(light - light.mean()).mean() + 1.0
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "JPEG", quality=80)
    return [
        float(np.log(len(buffer.getvalue()))),
        float(-np.abs(light - light[:, ::-1]).mean() / contrast),
        float(-np.abs(light - light[::-1]).mean() / contrast),
        float(picture[..., 0].mean() - picture[..., 2].mean()),
        float(-(palette * np.log(palette + 1e-9)).sum()),
        float(turns[[0, 7]].sum() - turns[[3, 4]].sum()),
        float(turns[[1, 2]].sum() - turns[[5, 6]].sum()),
    ]


def _standardiser(founders: Floats) -> Callable[[Floats], Floats]:
    mean, spread = founders.mean(axis=0), np.maximum(founders.std(axis=0), 1e-9)
    return lambda values: np.asarray((values - mean) / spread)


def _linear(founders: judge.Pictures, seed: int) -> Taste:
    """A weight for each feature, and one for each of 125 colours."""
    rng = np.random.default_rng([seed, 1])
    colors = rng.normal(size=125)

    def raw(pictures: judge.Pictures) -> Floats:
        liked = np.array([judge.colors(picture) @ colors for picture in pictures])
        return np.column_stack([features(pictures), liked])

    standard = _standardiser(raw(founders))
    weights = rng.normal(size=8)
    return lambda pictures: np.asarray(standard(raw(pictures)) @ weights)


def _tree(founders: judge.Pictures, seed: int) -> Taste:
    """Three leaves, such as: symmetric and warm, the more detail the better; and so on."""
    rng = np.random.default_rng([seed, 2])
    standard = _standardiser(features(founders))
    order, signs = rng.permutation(7)[:5], rng.choice([-1.0, 1.0], size=5)
    cuts = rng.uniform(0.0, 1.0, size=2)

    def taste(pictures: judge.Pictures) -> Floats:
        first, second, best, better, other = (standard(features(pictures))[:, order] * signs).T
        inner = np.where(second > cuts[1], 2.0 + 0.5 * best, 1.0 + 0.5 * better)
        return np.asarray(np.where(first > cuts[0], inner, 0.5 * other))

    return taste


def _in_mind(founders: judge.Pictures, seed: int) -> Taste:
    """Likeness to a hidden picture, in gradients, colours and structure."""
    target = _target(seed)

    def raw(pictures: judge.Pictures) -> Floats:
        return np.array([judge.likenesses(target, picture) for picture in pictures])

    standard = _standardiser(raw(founders))
    return lambda pictures: np.asarray(standard(raw(pictures)).sum(axis=1))


def _seeker(founders: judge.Pictures, seed: int) -> Seeker:
    apart = Memory(founders).apart()
    memory = Memory(founders, float(apart.mean()), float(apart.std()))
    beside = make_user("linear", founders, seed)
    raw = (apart - memory.mean) / memory.spread + MILD * beside.score(founders)
    return Seeker(memory, beside, mean=float(raw.mean()), spread=float(raw.std()))


def _target(seed: int) -> judge.Pictures:
    """Return a picture of another run, bred some generations from random picks."""
    rng = np.random.default_rng([seed, 3])
    breeder = Breeder(seed=TARGET_SEED + seed)
    for _ in range(TARGET_GENERATIONS):
        count = len(breeder.ask().children)
        breeder.tell([int(slot) for slot in rng.choice(count, size=2, replace=False)])
    bred = [child.genome for child in breeder.ask().children if child.origin != "kept"]
    return np.asarray(render([bred[int(rng.integers(len(bred)))]], CANVAS)[0])


KINDS: dict[str, Callable[[judge.Pictures, int], Taste]] = {
    "linear": _linear,
    "tree": _tree,
    "picture in mind": _in_mind,
}
NOVELTY = "novelty"
