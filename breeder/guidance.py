"""Choosing children by more than their parents: the guide's judgement, novelty, and variety.

A guide knows what a person likes; what it is, and how it learns, is not known here. It is a value:
the same guide judges the same drawings alike, and its key is part of what a grid follows from.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from breeder.history import BreederSettings, Guidance, GuidanceKind
from breeder.looks import Looks, distances, nearest_shown

HOPE = 0.3
"""What a standard deviation of doubt is worth, in standard deviations of scores: the unsure is
tried, since its pick teaches most."""

CAUTION = -1.0
"""The same where no pick will follow: what is good only as far as is known comes first."""

APART = 0.25
"""As far from the chosen as this (see `looks.distances`), a child is as varied as it gets."""

VARIETY = 1.5
"""What such a distance is worth, in standard deviations of the candidates' scores."""

TWIN = 0.03
"""Closer than this to each other, two children are twins."""

SURPRISE = 0.85
"""The weight of novelty in a surprise: the rest goes by what is liked."""

Floats = NDArray[np.float32]


class Guide(Protocol):
    """What is known of a person, as far as choosing pictures for them goes."""

    @property
    def key(self) -> str:
        """A name that two guides share only if they judge everything alike."""

    @property
    def trusted(self) -> bool:
        """Whether it has foretold choices better than chance; if not, nothing goes by its taste."""

    @property
    def choices(self) -> int:
        """How many choices it was learnt from."""

    @property
    def accuracy(self) -> float:
        """How often it has foretold the next choice, 0.5 being chance."""

    @property
    def seen(self) -> NDArray[np.uint8]:
        """Fingerprints of what the person has seen, uint8, shape (S, FINGERPRINT_BYTES)."""

    def judge(self, drawings: NDArray[np.uint8]) -> tuple[Floats, Floats]:
        """Return how much drawings are liked, and how unsure that is.

        Args:
            drawings: uint8, shape (B, SIDE, SIDE, 3).

        Returns:
            Two arrays of shape (B,): the expected score, and its standard deviation.
        """

    def reasons(self, drawings: NDArray[np.uint8], chosen: Sequence[int]) -> list[tuple[str, ...]]:
        """Return in plain words what speaks for the chosen drawings, against all of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Aim:
    """A guide, and what is asked of it.

    Attributes:
        guide: What is known of the person.
        kind: What the grid is chosen for.
        liking: What being liked weighs, 0 to 1.
        novelty: What being new weighs, 0 to 1.
        unguided: The share of the new children that is chosen without it.
        hope: What doubt is worth, against being liked.
    """

    guide: Guide
    kind: GuidanceKind
    liking: float
    novelty: float
    unguided: float
    hope: float = HOPE

    def guidance(self, *, automatic: bool, reasons: Mapping[int, tuple[str, ...]]) -> Guidance:
        """Return the record of it that is kept with a grid."""
        return Guidance(
            kind=self.kind,
            automatic=automatic,
            choices=self.guide.choices,
            accuracy=self.guide.accuracy,
            reasons=reasons,
        )


def aim_of(
    guide: Guide | None,
    settings: BreederSettings,
    *,
    surprise: bool = False,
    automatic: bool = False,
) -> Aim | None:
    """Return what a grid aims at; None where nothing guides it.

    Args:
        guide: What is known of the person; its taste counts for nothing until it is trusted.
        settings: Whether it is wanted, and the dial towards the new.
        surprise: Whether the person asked for something new this once.
        automatic: Whether a guide chooses the parents too, so that no pick will follow.
    """
    if guide is None:
        return None
    tasteful = settings.guided and guide.trusted
    if surprise:
        liking = 1.0 - SURPRISE if tasteful else 0.0
        return Aim(guide=guide, kind="surprise", liking=liking, novelty=SURPRISE, unguided=0.0)
    if tasteful:
        return Aim(
            guide=guide,
            kind="taste",
            liking=1.0 - settings.novelty,
            novelty=settings.novelty,
            unguided=settings.unguided,
            hope=CAUTION if automatic else HOPE,
        )
    if settings.novelty:
        # With nothing to weigh it against, the dial says how many places go to the new.
        unguided = 1.0 - settings.novelty * (1.0 - settings.unguided)
        return Aim(guide=guide, kind="novelty", liking=0.0, novelty=1.0, unguided=unguided)
    return None


def worth(aim: Aim, drawings: NDArray[np.uint8], looks: Looks) -> NDArray[np.float64]:
    """Return what candidates are worth, in standard deviations among them, shape (B,)."""
    total = np.zeros(len(drawings))
    if not len(drawings):
        return total
    if aim.liking:
        mean, spread = aim.guide.judge(drawings)
        total += aim.liking * (_standard(mean) + aim.hope * _standard(spread))
    if aim.novelty:
        away = nearest_shown(looks.fingerprints, aim.guide.seen)
        total += aim.novelty * _standard(np.log(np.clip(away, 1.0, 255.0)))
    # Matrix products differ in their last bits from machine to machine.
    return np.round(total, 3)


def choose_worthy(
    worth: NDArray[np.float64],
    looks: Looks,
    pool: Sequence[int],
    count: int,
    *,
    beside: Sequence[int] = (),
) -> list[int]:
    """Choose candidates of high worth that are unlike each other, the best first.

    Args:
        worth: Of all candidates.
        looks: Of all candidates.
        pool: Those that may be chosen.
        count: How many to choose; fewer where only twins are left.
        beside: Those chosen already, which the others are to be unlike too.
    """
    chosen: list[int] = []
    places = np.array(pool, dtype=np.intp)
    for _ in range(min(count, len(places))):
        near = [*beside, *chosen]
        apart = np.full(len(places), APART)
        if near:
            apart = distances(looks.lab[places], looks.lab[near]).min(axis=1)
        value = worth[places] + VARIETY * np.minimum(apart, APART) / APART
        value = np.where(apart < TWIN, -np.inf, value)
        best = int(np.argmax(value))
        if not np.isfinite(value[best]):
            break
        chosen.append(int(places[best]))
    return chosen


def _standard(numbers: NDArray[np.floating]) -> NDArray[np.float64]:
    about = numbers.astype(np.float64) - numbers.mean()
    return np.asarray(about / max(float(about.std()), 1e-6))
