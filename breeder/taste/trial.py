"""Whether a taste predicts a person's picks: each is foretold before it is learnt from.

Evidence is a likelihood ratio against chance, multiplied from choice to choice. If the person picks
at random it stays below 20 for ever with a probability of 95 % (Ville 1939), however often one
looks; so the taste is trusted from 20 on.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from breeder.taste.model import Choice, Floats, Taste

TRUSTED: Final = 20.0
CHANCE_SHARE: Final = 0.05
"""How much of each prediction is chance, so that one surprise does not undo all evidence."""

LEAST: Final = -100.0
"""The logarithm of the least that a picture is liked, against the best of its grid."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """How well picks were foretold.

    Attributes:
        hits: For each foretold choice the share of pairs, picked and not picked, that the taste
            ranked rightly: 0.5 on average for chance.
        evidence: The natural logarithm of the likelihood ratio against chance.
    """

    hits: tuple[float, ...] = ()
    evidence: float = 0.0

    @property
    def trusted(self) -> bool:
        """Whether the taste beats chance."""
        return self.evidence >= math.log(TRUSTED)

    @property
    def accuracy(self) -> float:
        """The mean of the hits; 0.5, chance, where nothing was foretold."""
        return float(np.mean(self.hits)) if self.hits else 0.5

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval of the accuracy over choices (normal; 0 to 1 for fewer than 3)."""
        if len(self.hits) < 3:
            return (0.0, 1.0)
        # With a hit and a miss more: a few that happen to be alike are no proof that all are.
        margin = 1.96 * float(np.std([*self.hits, 0.0, 1.0], ddof=1)) / math.sqrt(len(self.hits))
        return (max(0.0, self.accuracy - margin), min(1.0, self.accuracy + margin))

    def after(self, taste: Taste, choices: Sequence[Choice]) -> Trial:
        """Return the trial with choices more, which the taste was not learnt from."""
        hits, evidence = list(self.hits), self.evidence
        for choice in choices:
            score, spread = taste.score(choice.features)
            hits.append(_hit(score, choice.picked))
            evidence += math.log(_ratio(score, spread, choice.picked))
        return Trial(hits=tuple(hits), evidence=evidence)


def _hit(score: Floats, picked: NDArray[np.bool_]) -> float:
    ahead = score[picked][:, None] - score[~picked][None, :]
    return float((ahead > 0).mean() + 0.5 * (ahead == 0).mean())


def _ratio(score: Floats, spread: Floats, picked: NDArray[np.bool_]) -> float:
    """Return how much likelier the picks are to the taste than to chance.

    The set of picks is as likely as all orders of it together, each pick a softmax over what is
    left. What is unsure is flattened, as averaging over the posterior does (MacKay 1992).
    """
    flat = score.astype(np.float64) / np.sqrt(1.0 + math.pi / 8.0 * spread.astype(np.float64) ** 2)
    likes = np.exp(np.maximum(flat - flat.max(), LEAST))
    told = _likely(likes[picked] / likes[~picked].sum())
    chance = 1.0 / math.comb(len(picked), int(picked.sum()))
    return CHANCE_SHARE + (1.0 - CHANCE_SHARE) * told / chance


def _likely(odds: NDArray[np.float64]) -> float:
    """Return how likely some are drawn before all others, each with its odds against those.

    Let all come at a random moment, exponentially: these do before the first of the others. The
    orders of many picks are too many to be added up, and some of them alone would be no fair bet.
    """
    come = -np.expm1(-odds[:, None] * _MOMENTS)
    return float(np.prod(come, axis=0) @ _WAITS)


# The moment of the first of the others, in steps of its logarithm: so the sum ends exactly.
_STEP = 0.1
_MOMENTS = np.exp(np.arange(-30.0, 4.5, _STEP))
_WAITS = _STEP * _MOMENTS * np.exp(-_MOMENTS)
