"""What is stored of a person's choices, and how the pictures look that they chose among."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from breeder.looks import FINGERPRINT_BYTES, draw_small
from breeder.store import Store
from breeder.store.values import StoredAnswer, StoredChoice
from breeder.taste.course import Event
from breeder.taste.embedding import Look
from breeder.taste.model import Choice, Floats

MOST: Final = 2_000
"""Choices that are learnt from: the newest."""

STRIDE: Final = 500
"""Beyond that, this many of the oldest are left out at a time: each time all is foretold again."""

SEEN: Final = 20_000
"""Pictures of all runs that novelty is measured against: the newest."""

RATED: Final = 0.5
"""What a rating counts for, against a pick in the run at hand."""

RIVALS: Final = 6
"""Pictures with fewer stars that a rated one is set against."""

BATCH: Final = 300
"""Pictures drawn at once."""

Advance = Callable[[int, int], object]
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Facts:
    """What a taste is learnt from.

    Attributes:
        choices: Choices in grids, oldest first.
        answers: Answers between two pictures, oldest first.
        ratings: Stars, 1 to 5, by the genome's identity.
        features: Of every picture of these, float32, shape (F,), by the genome's identity.
        seen: Fingerprints of pictures of all runs, uint8, shape (S, FINGERPRINT_BYTES).
    """

    choices: Sequence[StoredChoice] = ()
    answers: Sequence[StoredAnswer] = ()
    ratings: dict[str, int] = field(default_factory=dict)
    features: dict[str, Floats] = field(default_factory=dict)
    seen: NDArray[np.uint8] = field(default_factory=lambda: _as_marks([]))

    @property
    def since(self) -> datetime | None:
        """When the first choice or answer was made; None where there is none."""
        moments = [each.chosen_at for each in self.choices]
        return min([*moments, *(each.answered_at for each in self.answers)], default=None)


def read(store: Store, before: Facts, advance: Advance, look: Look) -> Facts:
    """Return what is stored now; pictures that were looked at before are not looked at again.

    Args:
        store: An open store.
        before: What was read from it before.
        advance: Called with how many pictures were looked at, of how many.
        look: Turns drawings into features.
    """
    choices = _newest(store.choices(known=before.choices))
    answers = _newest(store.answers())
    ratings = store.ratings()
    wanted = dict.fromkeys(id_ for each in choices for id_ in each.genome_ids)
    wanted |= dict.fromkeys(id_ for each in answers for id_ in (each.left, each.right))
    wanted |= dict.fromkeys(ratings)
    features = {id_: before.features[id_] for id_ in wanted if id_ in before.features}
    missing = [id_ for id_ in wanted if id_ not in features]
    for start in range(0, len(missing), BATCH):
        genomes = store.genomes(missing[start : start + BATCH])
        rows = look(draw_small(genomes))
        features.update(zip((genome.id for genome in genomes), rows, strict=True))
        advance(min(start + BATCH, len(missing)), len(missing))
    return Facts(
        choices=choices,
        answers=answers,
        ratings=ratings,
        features=features,
        seen=_as_marks(store.seen(SEEN)),
    )


def picks_and_answers(facts: Facts) -> list[Event]:
    """Return what was chosen in grids and between two pictures, oldest first."""
    dated = [(each.chosen_at, _picks(each, facts.features)) for each in facts.choices]
    dated += [(each.answered_at, _answer(each, facts.features)) for each in facts.answers]
    dated.sort(key=lambda each: each[0])
    return [event for _, event in dated]


def rated(facts: Facts) -> list[Choice]:
    """Return what stars say: each rated picture against some with fewer stars."""
    rows = sorted(facts.ratings.items())
    found = []
    for number, (id_, stars) in enumerate(rows):
        below = [other for other, fewer in rows if fewer < stars]
        if not below:
            continue
        places = np.random.default_rng(number).permutation(len(below))[:RIVALS]
        features = [facts.features[each] for each in (id_, *(below[place] for place in places))]
        found.append(_choice(features, [0], weight=RATED))
    return found


def _picks(stored: StoredChoice, features: dict[str, Floats]) -> Event:
    shown = [features[id_] for id_ in stored.genome_ids]
    return Event(
        key=f"{stored.generation_id} {stored.picked}",
        run_id=stored.run_id,
        choice=_choice(shown, stored.picked),
        shown=" ".join(stored.genome_ids),
    )


def _answer(stored: StoredAnswer, features: dict[str, Floats]) -> Event:
    shown = [features[stored.left], features[stored.right]]
    choice = _choice(shown, [stored.preferred])
    pair = " ".join(sorted((stored.left, stored.right)))
    return Event(key=f"answer {stored.id}", run_id="", choice=choice, is_pick=False, shown=pair)


def _choice(features: Sequence[Floats], picked: Iterable[int], *, weight: float = 1.0) -> Choice:
    chosen = np.zeros(len(features), dtype=np.bool_)
    chosen[list(picked)] = True
    return Choice(features=np.stack(features), picked=chosen, weight=weight)


def _newest(values: Sequence[T]) -> Sequence[T]:
    over = len(values) - MOST
    return values if over <= 0 else values[-(-over // STRIDE) * STRIDE :]


def _as_marks(fingerprints: Sequence[bytes]) -> NDArray[np.uint8]:
    # Of a database from elsewhere, only their size was judged; one that is none would shift all.
    whole = [each for each in fingerprints if len(each) % FINGERPRINT_BYTES == 0]
    marks = np.frombuffer(b"".join(whole), dtype=np.uint8)
    return marks.reshape(-1, FINGERPRINT_BYTES)
