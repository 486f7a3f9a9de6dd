"""What the next grid of a run follows from, all of it; breeding it reads and writes nothing else.

So a grid can be bred ahead, and is the one that would have been bred if, and only if, the plan is
the same: same place on the seed path, parents, settings, and pictures shown before.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from breeder.guidance import Aim, Guide, aim_of
from breeder.history import BreederSettings, Child, Generation, Guidance
from breeder.looks import FINGERPRINT_BYTES
from breeder.offspring import breed, with_adopted

Marks = NDArray[np.uint8]
"""Fingerprints of pictures, shape (S, FINGERPRINT_BYTES)."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Plan:
    """All that a grid follows from.

    Attributes:
        run_id: The run it belongs to.
        run_seed: Where the run's seed path starts.
        before: The grid it comes from; None for a first grid.
        picks: The slots of that grid it is bred from; none where nothing was liked.
        times: How often these picks were told there before.
        parents: The individuals it is bred from; none founds.
        settings: What it is bred with.
        shown: Fingerprints of all that the run has shown, uint8, shape (S, FINGERPRINT_BYTES).
        guide: What is known of the person.
        surprise: Whether something new is asked for.
        automatic: Whether the parents were chosen by a guide.
        steering: What the guide is asked with, where that is not what the person has set.
        adopted: A picture made otherwise, from one of the parents, that has a place in the grid.
    """

    run_id: str
    run_seed: int
    before: Generation | None = None
    picks: tuple[int, ...] = ()
    times: int = 0
    parents: tuple[Child, ...] = ()
    settings: BreederSettings
    shown: Marks
    guide: Guide | None = None
    surprise: bool = False
    automatic: bool = False
    steering: BreederSettings | None = None
    adopted: Child | None = None

    @property
    def aim(self) -> Aim | None:
        """What guides the grid; None where its parents alone do."""
        return aim_of(
            self.guide,
            self.steering or self.settings,
            surprise=self.surprise,
            automatic=self.automatic,
        )

    @property
    def seed(self) -> str:
        """The grid's place on the seed path."""
        above = self.before.seed if self.before else f"run {self.run_seed}"
        adopted = [self.adopted.genome.id] if self.adopted else []
        return digest(above, ",".join(map(str, self.picks)), str(self.times), *adopted)

    @property
    def key(self) -> str:
        """A name that two plans share only if they breed the same grid."""
        parents = [f"{each.genome.id} {each.origin} {each.candidate}" for each in self.parents]
        before = self.before.id if self.before else ""
        shown = hashlib.blake2b(self.shown.tobytes(), digest_size=16).hexdigest()
        aim = self.aim
        guided = [aim.guide.key, aim.kind, repr(self.steering)] if aim else []
        asked = [repr(self.settings), str(self.automatic)]
        return digest(self.run_id, before, self.seed, *asked, *parents, shown, *guided)

    def breed(self, between: Callable[[], object] | None = None) -> Generation:
        """Return the grid; a run's first grid keeps the pictures it starts from.

        Args:
            between: Called between candidates; what it raises ends the breeding.
        """
        starts = self.before is None and bool(self.parents)
        aim = self.aim
        brood = breed(
            self.parents,
            self.settings,
            self.seed,
            shown=self.shown,
            keep=len(self.parents) if starts else None,
            aim=aim,
            between=between,
        )
        if self.adopted:
            brood = with_adopted(brood, self.adopted)
        children = tuple(
            replace(child, origin="import") if starts and child.origin == "kept" else child
            for child in brood.children
        )
        return Generation(
            id=digest(self.run_id, self.seed),
            run_id=self.run_id,
            number=self.before.number + 1 if self.before else 0,
            came_from=self.before.id if self.before else None,
            bred_from=self.picks,
            seed=self.seed,
            settings=self.settings,
            children=children,
            picks=(),
            screening=brood.screening,
            fingerprints=brood.fingerprints,
            created_at=datetime.now(UTC),
            guidance=self._guidance(aim, brood.reasons),
        )

    def _guidance(self, aim: Aim | None, reasons: Mapping[int, tuple[str, ...]]) -> Guidance | None:
        if aim is not None:
            return aim.guidance(automatic=self.automatic, reasons=reasons)
        if self.adopted is not None:
            return Guidance(kind="refine")
        return Guidance(kind="novelty", automatic=True) if self.automatic else None


def as_marks(fingerprints: Sequence[bytes]) -> Marks:
    """Return fingerprints of grids as one array."""
    marks = np.frombuffer(b"".join(fingerprints), dtype=np.uint8)
    return marks.reshape(-1, FINGERPRINT_BYTES)


def digest(*parts: str) -> str:
    """Return a hash of some words, 32 hexadecimal digits."""
    return hashlib.blake2b("\n".join(parts).encode(), digest_size=16).hexdigest()
