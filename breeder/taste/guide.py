"""What a taste tells whoever breeds: a `breeder.guidance.Guide`, a value that never changes."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from breeder.taste.embedding import Look
from breeder.taste.features import VERSION, features_of
from breeder.taste.model import Floats, Taste
from breeder.taste.reasons import MOST_REASONS, reasons
from breeder.taste.trial import Trial

RIVALS: Final = 40
"""Pictures, about, that stand for all when it is said what speaks for one."""


@dataclass(frozen=True, kw_only=True, eq=False)
class TasteGuide:
    """A person's taste as it stood at one moment.

    Attributes:
        taste: What was learnt.
        trial: How well it has foretold choices.
        seen: Fingerprints of what the person has seen, uint8, shape (S, FINGERPRINT_BYTES).
        look: Turns drawings into the features that the taste was learnt from.
    """

    taste: Taste
    trial: Trial
    seen: NDArray[np.uint8]
    look: Look = features_of

    @cached_property
    def key(self) -> str:
        """A name that two guides share only if they judge everything alike."""
        told = hashlib.blake2b(digest_size=16)
        told.update(f"{VERSION} {self.trusted}".encode())
        told.update(self.taste.weights.tobytes())
        told.update(self.seen.tobytes())
        return told.hexdigest()

    @property
    def trusted(self) -> bool:
        """Whether the taste beats chance."""
        return self.trial.trusted

    @property
    def choices(self) -> int:
        """How many choices it was learnt from."""
        return self.taste.choices

    @property
    def accuracy(self) -> float:
        """How often it has foretold the next choice, 0.5 being chance."""
        return self.trial.accuracy

    def judge(self, drawings: NDArray[np.uint8]) -> tuple[Floats, Floats]:
        """Return the expected score of drawings and its standard deviation (see `Taste.score`)."""
        return self.taste.score(self.look(drawings))

    def reasons(self, drawings: NDArray[np.uint8], chosen: Sequence[int]) -> list[tuple[str, ...]]:
        """Return in plain words what speaks for the chosen drawings, against all of them."""
        sample = drawings[:: max(1, len(drawings) // RIVALS)]
        rows = self.look(np.concatenate([drawings[list(chosen)], sample]))
        about = rows[len(chosen) :].mean(axis=0)
        return [self._reasons(row, about) for row in rows[: len(chosen)]]

    def _reasons(self, row: Floats, about: Floats) -> tuple[str, ...]:
        """Return what speaks for a picture against its rivals, then against any picture."""
        told = [*reasons(self.taste, row, about)]
        for further in reasons(self.taste, row, np.zeros_like(row)):
            if not any(further in said or said in further for said in told):
                told.append(further)
        return tuple(told[:MOST_REASONS])
