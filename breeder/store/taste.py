"""What a taste is learnt from: choices in grids, answers, stars; and what the person set.

Nothing here is learnt: a taste is rebuilt from what is stored, and never the other way round. So
every answer says what is stored now: a choice that was taken back is not in it any more.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, delete, func, select
from sqlalchemy.orm import Session, aliased

from breeder.errors import StoreError
from breeder.store.database import Database, batches, genome_key, now
from breeder.store.generations import is_automatic
from breeder.store.tables import (
    MOST_JSON,
    PREFERENCE_LENGTH,
    AnswerRow,
    FavouriteRow,
    GenerationRow,
    GenomeRow,
    IndividualRow,
    PickRow,
    PreferenceRow,
    RunRow,
)
from breeder.store.values import StoredAnswer, StoredChoice

RESET: Final = "taste.reset"
"""The preference that holds the moment since which a taste is learnt, as ISO 8601 in UTC."""

ID_LENGTH: Final = 32
PIECE: Final = 200
"""Grids whose fingerprints are read at once."""


class TasteRecords(Database):
    """The queries on what a person chose, answered and set."""

    def choices(
        self, known: Sequence[StoredChoice] = (), *, everything: bool = False
    ) -> list[StoredChoice]:
        """Return what a person chose in the grids of all runs that are there, oldest first.

        There is one choice for each set of pictures of a grid that is picked in it now, or that
        a person bred other grids from. Pictures of it that were kept in its run belong to each of
        these sets, since they were liked; if nothing was picked, they are a choice alone. (A pick
        that was carried over counts as kept only in the grid it comes from.)

        Grids of the same pictures in the same places are one grid, the first of them: what a copied
        run has from the other counts once, and what was picked in the copy since counts too. Left
        out are deleted runs, what a guide chose by itself, sets of nothing or of everything, and
        what was done before `reset_taste`.

        Args:
            known: What an earlier call returned: the pictures of those grids, which never change,
                are not read again. What was chosen is read anew.
            everything: Also what was done before `reset_taste`.
        """
        with self._transaction() as session:
            since = None if everything else _reset(session)
            grids = _facts(session, since)
            heads = _heads(session, grids)
            pictures = {each.generation_id: each.genome_ids for each in known}
            missing = [key for key, (id_, _) in heads.items() if id_ not in pictures]
            shown = _pictures(session, missing)
        for key, (id_, _) in heads.items():
            if id_ in pictures:
                shown[key] = pictures[id_]
        return [
            StoredChoice(
                generation_id=heads[key][0],
                run_id=heads[key][1],
                genome_ids=shown[key],
                picked=slots,
                chosen_at=when,
            )
            for when, key, slots in sorted(_sets(grids, shown))
        ]

    def taste_token(self) -> str:
        """Return a text that is another one after any change of what a taste is learnt from.

        Ask for it before `choices`, `answers`, `ratings` and `favourite_ids`: what changes while
        these are read gives another token the next time.
        """
        with self._transaction() as session:
            parts = [tuple(session.execute(query).one()) for query in _TOKENS]
            parts.append((_reset(session),))
        return hashlib.blake2b(repr(parts).encode(), digest_size=16).hexdigest()

    def seen(self, limit: int) -> list[bytes]:
        """Return the fingerprints of the newest grids of all runs that are there, oldest first.

        Args:
            limit: The most pictures; grids are whole or left out.
        """
        found: dict[bytes, None] = {}  # a copied run's are there once
        with self._transaction() as session:
            rows = session.execute(_newest(None)).all()
            while rows:
                for _, marks, size in rows:
                    if size > limit:
                        return list(found)[::-1]
                    if marks and marks not in found:
                        found[marks] = None
                        limit -= size
                rows = session.execute(_newest(rows[-1].id)).all()
        return list(found)[::-1]

    # Answers --------------------------------------------------------------------------------------

    def add_answer(
        self, left_id: str, right_id: str, preferred: int, *, answer_id: str | None = None
    ) -> str:
        """Keep which of two pictures is liked better, durably, and return the answer's identity.

        Args:
            left_id: The genome shown on the left.
            right_id: The genome shown on the right.
            preferred: 0 for the left one, 1 for the right one.
            answer_id: Its identity, 32 hexadecimal digits, made up if None. An answer that is told
                twice under one identity is kept once, as it was told first.

        Raises:
            NotFoundError: One of the genomes is not in the database.
            StoreError: The answer or its identity is none, or both pictures are the same.
        """
        answer_id = secrets.token_hex(ID_LENGTH // 2) if answer_id is None else answer_id
        if len(answer_id) != ID_LENGTH or not _HEX.issuperset(answer_id):
            raise StoreError(f"An answer's identity has 32 hexadecimal digits, not {answer_id!r}.")
        if preferred not in (0, 1):
            raise StoreError(f"An answer is 0 (left) or 1 (right), not {preferred!r}.")
        if left_id == right_id:
            raise StoreError("A picture cannot be compared with itself.")
        with self._transaction(write=True) as session:
            there = select(AnswerRow.id).where(AnswerRow.public_id == answer_id)
            if session.scalar(there) is None:
                session.add(
                    AnswerRow(
                        public_id=answer_id,
                        left_genome_id=genome_key(session, left_id),
                        right_genome_id=genome_key(session, right_id),
                        preferred=int(preferred),
                        answered_at=now(),
                    )
                )
        return answer_id

    def remove_answer(self, answer_id: str) -> None:
        """Take an answer back. One that is not there is no error."""
        with self._transaction(write=True) as session:
            session.execute(delete(AnswerRow).where(AnswerRow.public_id == answer_id))

    def answers(self, *, everything: bool = False) -> list[StoredAnswer]:
        """Return the answers since `reset_taste`, or all of them, oldest first."""
        left, right = aliased(GenomeRow), aliased(GenomeRow)
        query = (
            select(
                AnswerRow.public_id,
                left.public_id,
                right.public_id,
                AnswerRow.preferred,
                AnswerRow.answered_at,
            )
            .join(left, left.id == AnswerRow.left_genome_id)
            .join(right, right.id == AnswerRow.right_genome_id)
            .order_by(AnswerRow.answered_at, AnswerRow.id)
        )
        with self._transaction() as session:
            since = None if everything else _reset(session)
            if since is not None:
                query = query.where(AnswerRow.answered_at > since)
            return [
                StoredAnswer(id=id_, left=one, right=other, preferred=preferred, answered_at=when)
                for id_, one, other, preferred, when in session.execute(query)
            ]

    # Favourites -----------------------------------------------------------------------------------

    def ratings(self, *, everything: bool = False) -> dict[str, int]:
        """Return the stars, 1 to 5, of kept pictures that have some, by genome.

        Without `everything`, only of those of which something was said since `reset_taste`.
        """
        query = (
            select(GenomeRow.public_id, FavouriteRow.stars)
            .join(FavouriteRow, FavouriteRow.genome_id == GenomeRow.id)
            .where(FavouriteRow.stars > 0)
            .order_by(FavouriteRow.id)
        )
        with self._transaction() as session:
            since = None if everything else _reset(session)
            if since is not None:
                query = query.where(FavouriteRow.updated_at > since)
            return {id_: stars for id_, stars in session.execute(query)}

    def favourite_ids(self, *, everything: bool = False) -> list[str]:
        """Return the genomes that are kept, those kept since `reset_taste` or all, oldest first."""
        query = (
            select(GenomeRow.public_id)
            .join(FavouriteRow, FavouriteRow.genome_id == GenomeRow.id)
            .order_by(FavouriteRow.created_at, FavouriteRow.id)
        )
        with self._transaction() as session:
            since = None if everything else _reset(session)
            if since is not None:
                query = query.where(FavouriteRow.created_at > since)
            return list(session.scalars(query))

    # What the person set --------------------------------------------------------------------------

    def preference(self, name: str, default: Any = None) -> Any:
        """Return what was set under a name; the default if nothing was."""
        with self._transaction() as session:
            row = session.get(PreferenceRow, name)
            return default if row is None else json.loads(row.value)

    def set_preference(self, name: str, value: Any) -> None:
        """Keep a value under a name, durably; what was there before goes.

        Args:
            name: 1 to 64 characters.
            value: Anything that JSON can hold, up to 65,536 characters of it.

        Raises:
            StoreError: The name or the value is none.
        """
        if not 1 <= len(name) <= PREFERENCE_LENGTH:
            raise StoreError(f"A preference's name has 1 to {PREFERENCE_LENGTH} characters.")
        try:
            text = json.dumps(value, allow_nan=False)
        except (TypeError, ValueError, RecursionError) as error:
            raise StoreError(f"The preference {name!r} cannot be kept: {error}.") from error
        if len(text) > MOST_JSON:
            raise StoreError(f"The preference {name!r} has {len(text):,} characters; 65,536 fit.")
        with self._transaction(write=True) as session:
            session.merge(PreferenceRow(name=name, value=text, updated_at=now()))

    def reset_taste(self) -> datetime:
        """Let a taste be learnt only from what is done from now on; return this moment, in UTC.

        Nothing is deleted: with `everything`, what was done before is still told.
        """
        moment = now()
        self.set_preference(RESET, moment.isoformat())
        return moment

    def taste_reset(self) -> datetime | None:
        """Return when a taste was last reset, in UTC; None if it never was."""
        with self._transaction() as session:
            return _reset(session)


_HEX = frozenset("0123456789abcdef")


def _reset(session: Session) -> datetime | None:
    row = session.get(PreferenceRow, RESET)
    try:
        moment = None if row is None else datetime.fromisoformat(json.loads(row.value))
        return None if moment is None or moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, TypeError, OverflowError):
        return None


# Choices ------------------------------------------------------------------------------------------

Slots = tuple[int, ...]


@dataclass(slots=True)
class _Facts:
    """What a person did with a grid: when each slot was picked or kept, and each set bred from."""

    picked: dict[int, datetime] = field(default_factory=dict)
    kept: dict[int, datetime] = field(default_factory=dict)
    bred: dict[Slots, datetime] = field(default_factory=dict)


def _facts(session: Session, since: datetime | None) -> dict[int, _Facts]:
    """Return what was done with each grid of a run that is there, by its integer key."""
    grids: defaultdict[int, _Facts] = defaultdict(_Facts)
    for key, slot, when in session.execute(_picks_query(since)):
        grids[key].picked[slot] = when
    for key, slot, when in _kept(session, since):
        grids[key].kept[slot] = when
    for parent, slots, when in session.execute(_bred_query(since)):
        assert parent is not None  # noqa: S101  (the query asks for that)
        bred = grids[parent].bred
        bred[slots] = min(when, bred.get(slots, when))
    return grids


def _there() -> ColumnElement[bool]:
    return and_(RunRow.deleted_at.is_(None), RunRow.purged_at.is_(None))


def _picks_query(since: datetime | None) -> Select[int, int, datetime]:
    query = (
        select(IndividualRow.generation_id, IndividualRow.slot, PickRow.picked_at)
        .join(PickRow, PickRow.individual_id == IndividualRow.id)
        .join(RunRow, RunRow.id == PickRow.run_id)
        .where(_there())
    )
    return query if since is None else query.where(PickRow.picked_at > since)


def _kept(session: Session, since: datetime | None) -> Iterable[tuple[int, int, datetime]]:
    """Yield where a picture was kept in the run it came up in: its grid, slot, and when.

    Asked for in two steps: in one, SQLite would go through all individuals there are.
    """
    query = (
        select(FavouriteRow.genome_id, FavouriteRow.run_id, FavouriteRow.created_at)
        .join(RunRow, RunRow.id == FavouriteRow.run_id)
        .where(_there())
    )
    if since is not None:
        query = query.where(FavouriteRow.created_at > since)
    kept = {key: (run, when) for key, run, when in session.execute(query)}
    for keys in batches(kept):
        homes = (
            select(
                IndividualRow.genome_id,
                IndividualRow.generation_id,
                IndividualRow.slot,
                GenerationRow.run_id,
            )
            .join(GenerationRow, GenerationRow.id == IndividualRow.generation_id)
            .where(IndividualRow.genome_id.in_(keys), IndividualRow.origin != "kept")
        )
        for picture, grid, slot, run in session.execute(homes):
            if run == kept[picture][0]:
                yield grid, slot, kept[picture][1]


def _bred_query(since: datetime | None) -> Select[int | None, Slots, datetime]:
    query = (
        select(GenerationRow.parent_id, GenerationRow.bred_from, GenerationRow.created_at)
        .join(RunRow, RunRow.id == GenerationRow.run_id)
        .where(
            _there(),
            GenerationRow.parent_id.is_not(None),
            GenerationRow.bred_from != (),
            ~is_automatic(),
        )
    )
    return query if since is None else query.where(GenerationRow.created_at > since)


def _heads(session: Session, keys: Iterable[int]) -> dict[int, tuple[str, str]]:
    """Return the identities of grids and of their runs, by integer keys, in this order."""
    found: dict[int, tuple[str, str]] = {}
    for some in batches(sorted(keys)):
        query = (
            select(GenerationRow.id, GenerationRow.public_id, RunRow.public_id)
            .join(RunRow, RunRow.id == GenerationRow.run_id)
            .where(GenerationRow.id.in_(some))
            .order_by(GenerationRow.id)
        )
        found.update((key, (id_, run_id)) for key, id_, run_id in session.execute(query))
    return found


def _pictures(session: Session, keys: Iterable[int]) -> dict[int, tuple[str, ...]]:
    """Return the genomes of grids by slot; a grid that lacks a slot is left out."""
    found: dict[int, tuple[str, ...]] = {}
    for some in batches(keys):
        query = (
            select(IndividualRow.generation_id, IndividualRow.slot, GenomeRow.public_id)
            .join(GenomeRow, GenomeRow.id == IndividualRow.genome_id)
            .where(IndividualRow.generation_id.in_(some))
            .order_by(IndividualRow.generation_id, IndividualRow.slot)
        )
        grids: defaultdict[int, list[tuple[int, str]]] = defaultdict(list)
        for key, slot, id_ in session.execute(query):
            grids[key].append((slot, id_))
        for key, tiles in grids.items():
            if tiles[-1][0] == len(tiles) - 1:
                found[key] = tuple(id_ for _, id_ in tiles)
    return found


def _sets(
    grids: Mapping[int, _Facts], shown: Mapping[int, tuple[str, ...]]
) -> Iterable[tuple[datetime, int, Slots]]:
    """Yield each set that was chosen: when, the first grid it was chosen in, and its slots."""
    copies: defaultdict[tuple[str, ...], list[int]] = defaultdict(list)
    for key in sorted(shown):
        copies[shown[key]].append(key)
    for pictures, keys in copies.items():
        kept = {slot: when for key in keys for slot, when in grids[key].kept.items()}
        found: dict[Slots, tuple[int, datetime]] = {}
        for key in keys:
            for slots, when in _chosen(grids[key]):
                whole = tuple(sorted({*slots, *kept}))
                first, earlier = found.get(whole, (key, when))
                found[whole] = (first, min(when, earlier))
        if kept and not found:
            found[tuple(sorted(kept))] = (keys[0], max(kept.values()))
        for slots, (key, when) in found.items():
            if len(slots) < len(pictures) and slots[-1] < len(pictures):
                yield when, key, slots


def _chosen(facts: _Facts) -> Iterable[tuple[Slots, datetime]]:
    if facts.picked:
        yield tuple(facts.picked), max(facts.picked.values())
    yield from facts.bred.items()


# Tokens and fingerprints --------------------------------------------------------------------------

_TOKENS: Final = (
    # Sums of keys tell apart what counts and last moments do not: one for another, both old.
    select(func.count(), func.sum(PickRow.individual_id), func.max(PickRow.picked_at)),
    select(func.count(), func.max(GenerationRow.id)).select_from(GenerationRow),
    select(
        func.count(),
        func.sum(FavouriteRow.id),
        func.sum(FavouriteRow.genome_id),
        func.sum(FavouriteRow.stars),
        func.max(FavouriteRow.created_at),
        func.max(FavouriteRow.updated_at),
    ),
    select(func.count(), func.sum(AnswerRow.id), func.max(AnswerRow.answered_at)),
    select(func.count(), func.sum(RunRow.id)).where(_there()),
)


def _newest(before: int | None) -> Select[int, bytes, int]:
    size = (
        select(func.count())
        .where(IndividualRow.generation_id == GenerationRow.id)
        .correlate(GenerationRow)
        .scalar_subquery()
    )
    query = (
        select(GenerationRow.id, GenerationRow.fingerprints, size)
        .join(RunRow, RunRow.id == GenerationRow.run_id)
        .where(_there())
        .order_by(GenerationRow.id.desc())
        .limit(PIECE)
    )
    return query if before is None else query.where(GenerationRow.id < before)
