"""Breeding without a person: some generations in a row, led by a guide and the wish for the new.

What is bred is stored grid by grid, as a person's is, but marked as automatic; nothing is picked.
The guide learns nothing on the way, since nobody answers; what it has seen grows.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from breeder.breeder import Breeder
from breeder.errors import CancelledError, SettingsError
from breeder.guidance import Aim, Floats, Guide, aim_of, choose_worthy, worth
from breeder.history import BreederSettings, Generation
from breeder.looks import FINGERPRINT_BYTES, draw_small, look_at

MOST_GENERATIONS = 50

NOVELTY = 0.3
"""What being new weighs if nobody says otherwise, 0 to 1. Simulated users liked the best of ten
generations less with 0, where grids close in on one picture, and with 0.6, where they wander."""

SECOND = 1.0
"""As far behind the best, in standard deviations of a grid's worth, a second parent may lie."""

OFTEN = 5
"""Grids in a row that a picture may be bred from."""

Marks = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, kw_only=True)
class Flight:
    """What an autopilot has bred.

    Attributes:
        grids: The grids, in order.
        by_taste: Whether it went by what the person likes; if not, by novelty alone.
        cancelled: Whether it was ended early.
    """

    grids: tuple[Generation, ...]
    by_taste: bool
    cancelled: bool = False


def goes_by_taste(guide: Guide | None, settings: BreederSettings) -> bool:
    """Return whether an autopilot would go by what the person likes, or by novelty alone."""
    return guide is not None and guide.trusted and settings.guided


def autopilot(
    breeder: Breeder,
    guide: Guide | None,
    generations: int,
    *,
    novelty: float = NOVELTY,
    advance: Callable[[Generation], object] = lambda grid: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Flight:
    """Breed some generations from the grid shown; each is durable before the next is begun.

    The same guide, database and arguments give the same pictures.

    Args:
        breeder: Stands at the last grid afterwards. A CancelledError of its `bred` ends the flight.
        guide: What is known of the person. Where that is nothing, or is not trusted, or the
            settings leave it aside, novelty alone decides.
        generations: 1 to 50.
        novelty: What being new weighs against being liked, 0 to 1.
        advance: Called with every grid that was bred.
        cancelled: Asked before every grid; True ends the flight, and what was bred stays.

    Raises:
        SettingsError: A number is outside its range.
        NotFoundError: The run was deleted meanwhile.
    """
    check_flight(generations, novelty)
    by_taste = goes_by_taste(guide, breeder.settings) and novelty < 1.0
    steering = replace(breeder.settings, novelty=novelty if by_taste else 1.0)
    pilot = _Pilot(guide, breeder.ask(), steering)
    grids: list[Generation] = []
    asked_before, breeder.guide = breeder.guide, lambda: pilot.guide
    try:
        while len(grids) < generations and not cancelled():
            slots = pilot.choose(breeder.ask())
            grids.append(breeder.lead(slots, steering=steering))
            advance(grids[-1])
    except CancelledError:
        pass
    finally:
        breeder.guide = asked_before
    return Flight(grids=tuple(grids), by_taste=by_taste, cancelled=len(grids) < generations)


def check_flight(generations: int, novelty: float) -> None:
    """Check what an autopilot is asked for.

    Raises:
        SettingsError: A number is outside its range.
    """
    if not 1 <= generations <= MOST_GENERATIONS:
        raise SettingsError(
            f"The autopilot breeds 1 to {MOST_GENERATIONS} generations, not {generations}."
        )
    if not 0.0 <= novelty <= 1.0:
        raise SettingsError(f"The novelty must be 0 to 1, but is {novelty}.")


class _Pilot:
    """Chooses the parents, grid by grid, and remembers what has come by."""

    def __init__(self, guide: Guide | None, first: Generation, steering: BreederSettings) -> None:
        seen = guide.seen if guide is not None else np.empty((0, FINGERPRINT_BYTES), np.uint8)
        # Where its own picture counts as seen, nothing in the first grid would be new.
        self.guide = Underway(guide=guide, seen=_without(seen, _marks(first)))
        self._steering = steering
        self._times: dict[str, int] = {}

    def choose(self, grid: Generation) -> list[int]:
        """Return the one or two slots to breed from, ascending; from now on the grid is seen."""
        looks = look_at(drawings := draw_small([child.genome for child in grid.children]))
        value = worth(self._aim, drawings, looks)
        fresh = [child.slot for child in grid.children if child.origin != "kept"]
        lively = [slot for slot in fresh if not looks.dull[slot]]
        chosen = choose_worthy(value, looks, lively or fresh or [0], 1)
        free = [slot for slot in self._not_too_often(grid) if not looks.dull[slot]]
        others = [slot for slot in free if slot not in chosen]
        for slot in choose_worthy(value, looks, others, 1, beside=chosen):
            if value[slot] >= value[chosen[0]] - SECOND * value.std():
                chosen.append(slot)
        self._note(grid, chosen)
        return sorted(chosen)

    @property
    def _aim(self) -> Aim:
        aim = aim_of(self.guide, self._steering, automatic=True)
        assert aim is not None, "a guide without a taste is asked for novelty"  # noqa: S101
        return aim

    def _not_too_often(self, grid: Generation) -> list[int]:
        return [
            child.slot for child in grid.children if self._times.get(child.genome.id, 0) < OFTEN
        ]

    def _note(self, grid: Generation, chosen: Sequence[int]) -> None:
        for slot in chosen:
            id_ = grid.children[slot].genome.id
            self._times[id_] = self._times.get(id_, 0) + 1
        seen = np.concatenate([self.guide.seen, _marks(grid)])
        self.guide = replace(self.guide, seen=seen)


@dataclass(frozen=True, kw_only=True, eq=False)
class Underway:
    """A guide to whom more has been shown than when it learnt.

    Attributes:
        guide: What is known of the person; None knows nothing.
        seen: Fingerprints of all that has been seen, uint8, shape (S, FINGERPRINT_BYTES).
    """

    guide: Guide | None
    seen: Marks

    @cached_property
    def key(self) -> str:
        """A name that two guides share only if they judge everything alike."""
        told = hashlib.blake2b(digest_size=16)
        told.update((self.guide.key if self.guide else "nothing").encode())
        told.update(self.seen.tobytes())
        return told.hexdigest()

    @property
    def trusted(self) -> bool:
        """Whether the taste beats chance."""
        return self.guide is not None and self.guide.trusted

    @property
    def choices(self) -> int:
        """How many choices it was learnt from."""
        return self.guide.choices if self.guide else 0

    @property
    def accuracy(self) -> float:
        """How often it has foretold the next choice, 0.5 being chance."""
        return self.guide.accuracy if self.guide else 0.5

    def judge(self, drawings: NDArray[np.uint8]) -> tuple[Floats, Floats]:
        """Return the expected score of drawings and its standard deviation."""
        if self.guide is None:
            nothing = np.zeros(len(drawings), dtype=np.float32)
            return nothing, nothing
        return self.guide.judge(drawings)

    def reasons(self, drawings: NDArray[np.uint8], chosen: Sequence[int]) -> list[tuple[str, ...]]:
        """Return in plain words what speaks for the chosen drawings."""
        return self.guide.reasons(drawings, chosen) if self.guide else [()] * len(chosen)


def _marks(grid: Generation) -> Marks:
    return np.frombuffer(grid.fingerprints, dtype=np.uint8).reshape(-1, FINGERPRINT_BYTES)


def _without(seen: Marks, own: Marks) -> Marks:
    """Return fingerprints but those of a grid itself."""
    known = {mark.tobytes() for mark in own}
    return seen[[mark.tobytes() not in known for mark in seen]] if len(seen) else seen
