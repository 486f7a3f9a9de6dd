"""Runs: listed, found by name, made, renamed, deleted and brought back, duplicated."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence

from sqlalchemy import ColumnElement, func, insert, literal, select, update
from sqlalchemy.orm import Session, aliased

from breeder.errors import NotFoundError
from breeder.history import Generation, Run
from breeder.store.database import Database, checked_text, now, one_of, refuse_purged, run_row
from breeder.store.generations import insert_generation, move_cursor
from breeder.store.tables import (
    CursorRow,
    GenerationRow,
    GenomeRow,
    IndividualRow,
    ParentRow,
    PickRow,
    RunRow,
)

HEX = frozenset("0123456789abcdef")


class Runs(Database):
    """The queries on runs."""

    def create_run(self, *, name: str, seed: int, first: Generation | None = None) -> Run:
        """Make a run and return it. Names may repeat.

        Args:
            name: As the person named it.
            seed: Where its seed path starts.
            first: Its first grid, whose `run_id` becomes the run's; the run is empty without. A
                run that starts from pictures is never there without them.
        """
        with self._transaction(write=True) as session:
            if first is None:
                return _create(session, name, seed)
            run = _create(session, name, seed, first.run_id)
            row = run_row(session, run.id)
            move_cursor(session, row.id, insert_generation(session, first, row))
            session.flush()
            return _runs(session, RunRow.public_id == run.id)[0]

    def find_or_create_run(self, *, name: str, seed: int) -> Run:
        """Return the run of this name, made with the seed if there is none, in one step.

        Raises:
            AmbiguousError: Several runs have the name.
        """
        with self._transaction(write=True) as session:
            found = _named(session, checked_text(name, "A run's name"))
            if found:
                return _runs(session, RunRow.public_id == one_of(found, name, "run"))[0]
            return _create(session, name, seed)

    def run(self, text: str) -> Run:
        """Return a run by its identity, its name, or the start of its identity, in that order.

        Raises:
            NotFoundError: No run fits, or it was deleted.
            AmbiguousError: Several fit equally well.
        """
        with self._transaction() as session:
            exact = _runs(session, RunRow.public_id == text)
            if exact:
                return exact[0]
            found = _named(session, text) or _starting(session, text)
            if not found:
                run_row(session, text)  # says whether it was deleted
            return _runs(session, RunRow.public_id == one_of(found, text, "run"))[0]

    def runs(self, *, deleted: bool = False) -> list[Run]:
        """Return all runs, the one changed last first.

        Args:
            deleted: The deleted ones instead.
        """
        with self._transaction() as session:
            return _runs(session, deleted=deleted)

    def rename_run(self, run_id: str, name: str) -> Run:
        """Give a run another name and return it."""
        with self._transaction(write=True) as session:
            run_row(session, run_id, changes=True).name = checked_text(name, "A run's name")
            session.flush()
            return _runs(session, RunRow.public_id == run_id)[0]

    def delete_run(self, run_id: str) -> None:
        """Take a run out of the lists. `restore_run` brings it back, until it is purged."""
        with self._transaction(write=True) as session:
            run_row(session, run_id, changes=True).deleted_at = now()

    def restore_run(self, run_id: str) -> Run:
        """Bring a deleted run back and return it.

        Raises:
            NotFoundError: No run ever had this identity, or it was purged.
        """
        with self._transaction(write=True) as session:
            row = session.scalar(select(RunRow).where(RunRow.public_id == run_id))
            if row is None:
                raise NotFoundError(f"There is no run {run_id!r}.")
            refuse_purged(row)
            row.deleted_at, row.updated_at = None, now()
            session.flush()
            return _runs(session, RunRow.public_id == run_id)[0]

    def duplicate_run(self, run_id: str, name: str) -> Run:
        """Copy a run with its whole tree under new identities, and return the copy.

        Genomes are shared. The copy has the same seed, and its generations the same places on the
        seed path.
        """
        with self._transaction(write=True) as session:
            old = run_row(session, run_id)
            copy = _create(session, name, int(old.seed))
            new = run_row(session, copy.id)
            keys = _copy_generations(session, old, new)
            _copy_individuals(session, new)
            cursor = session.get(CursorRow, old.id)
            if cursor is not None:
                session.add(CursorRow(run_id=new.id, generation_id=keys[cursor.generation_id]))
                session.flush()
            return _runs(session, RunRow.public_id == copy.id)[0]


def _create(session: Session, name: str, seed: int, public_id: str = "") -> Run:
    moment = now()
    row = RunRow(
        public_id=public_id or secrets.token_hex(16),
        name=checked_text(name, "A run's name"),
        seed=str(seed),
        created_at=moment,
        updated_at=moment,
        deleted_at=None,
    )
    session.add(row)
    session.flush()
    return _runs(session, RunRow.id == row.id)[0]


def _named(session: Session, name: str) -> Sequence[str]:
    query = select(RunRow.public_id).where(RunRow.name == name, RunRow.deleted_at.is_(None))
    return session.scalars(query.limit(4)).all()


def _starting(session: Session, start: str) -> Sequence[str]:
    start = start.lower()
    if not start or not HEX.issuperset(start):
        return []
    query = select(RunRow.public_id).where(
        # A range, not LIKE: it uses the index everywhere. "g" follows every digit.
        RunRow.public_id.between(start, start + "g"),
        RunRow.deleted_at.is_(None),
    )
    return session.scalars(query.limit(4)).all()


def _runs(session: Session, *where: ColumnElement[bool], deleted: bool = False) -> list[Run]:
    """Return the runs that fit, the one changed last first, with one query for all of them."""
    current = aliased(GenerationRow)
    count = select(func.count()).where(GenerationRow.run_id == RunRow.id).scalar_subquery()
    query = (
        select(RunRow, count, current.public_id, func.coalesce(_last_pick(), _first_tile()))
        .outerjoin(CursorRow, CursorRow.run_id == RunRow.id)
        .outerjoin(current, current.id == CursorRow.generation_id)
        .where(*_listed(deleted=deleted), *where)
        .order_by(RunRow.updated_at.desc(), RunRow.id.desc())
    )
    return [
        Run(
            id=row.public_id,
            name=row.name,
            seed=int(row.seed),
            generations=generations,
            current=current_id,
            thumbnail=thumbnail,
            created_at=row.created_at,
            updated_at=row.updated_at,
            deleted_at=row.deleted_at,
        )
        for row, generations, current_id, thumbnail in session.execute(query)
    ]


def _listed(*, deleted: bool) -> tuple[ColumnElement[bool], ...]:
    if deleted:
        return (RunRow.deleted_at.is_not(None), RunRow.purged_at.is_(None))
    return (RunRow.deleted_at.is_(None),)


def _last_pick() -> ColumnElement[str | None]:
    return (
        select(GenomeRow.public_id)
        .join(IndividualRow, IndividualRow.genome_id == GenomeRow.id)
        .join(PickRow, PickRow.individual_id == IndividualRow.id)
        .where(PickRow.run_id == RunRow.id)
        .order_by(PickRow.picked_at.desc(), PickRow.individual_id.desc())
        .limit(1)
        .correlate(RunRow)
        .scalar_subquery()
    )


def _first_tile() -> ColumnElement[str | None]:
    first = aliased(GenerationRow)
    first_grid = select(func.min(first.id)).where(first.run_id == RunRow.id)
    return (
        select(GenomeRow.public_id)
        .join(IndividualRow, IndividualRow.genome_id == GenomeRow.id)
        .where(IndividualRow.generation_id == first_grid.correlate(RunRow).scalar_subquery())
        .order_by(IndividualRow.slot)
        .limit(1)
        .correlate(RunRow)
        .scalar_subquery()
    )


def _copy_generations(session: Session, old: RunRow, new: RunRow) -> dict[int, int]:
    """Copy the rows of a run's generations and return the new keys by the old ones."""
    rows = session.scalars(
        select(GenerationRow).where(GenerationRow.run_id == old.id).order_by(GenerationRow.id)
    ).all()
    kept = ("number", "bred_from", "seed", "settings", "screening", "created_at", "fingerprints")
    copies = [
        {
            "public_id": _derived(new.public_id, row.public_id),
            "run_id": new.id,
            "copied_from_id": row.id,
            **{name: getattr(row, name) for name in (*kept, "guidance")},
        }
        for row in rows
    ]
    if not copies:
        return {}
    statement = insert(GenerationRow).returning(GenerationRow.copied_from_id, GenerationRow.id)
    keys = {source: key for source, key in session.execute(statement, copies) if source is not None}
    links = [
        {
            "id": keys[row.id],
            "parent_id": None if row.parent_id is None else keys[row.parent_id],
            "forward_id": None if row.forward_id is None else keys[row.forward_id],
        }
        for row in rows
    ]
    session.execute(update(GenerationRow), links)
    return keys


def _derived(run_id: str, generation_id: str) -> str:
    return hashlib.blake2b(f"{run_id}/{generation_id}".encode(), digest_size=16).hexdigest()


def _copy_individuals(session: Session, new: RunRow) -> None:
    """Copy individuals, parentage and picks, inside the database."""
    old_one, new_one = aliased(IndividualRow), aliased(IndividualRow)
    names = ("slot", "genome_id", "origin", "candidate", "mutations")
    individuals = (
        select(GenerationRow.id, *(getattr(old_one, name) for name in names))
        .join(old_one, old_one.generation_id == GenerationRow.copied_from_id)
        .where(GenerationRow.run_id == new.id)
        .order_by(GenerationRow.id, old_one.slot)
    )
    columns = ["generation_id", *names]
    session.execute(insert(IndividualRow).from_select(columns, individuals))
    pairs = (
        select(old_one.id.label("old"), new_one.id.label("new"))
        .join(GenerationRow, GenerationRow.copied_from_id == old_one.generation_id)
        .join(new_one, new_one.generation_id == GenerationRow.id)
        .where(GenerationRow.run_id == new.id, new_one.slot == old_one.slot)
        .subquery()
    )
    parents = select(pairs.c.new, ParentRow.position, ParentRow.genome_id).join(
        pairs, ParentRow.individual_id == pairs.c.old
    )
    columns = ["individual_id", "position", "genome_id"]
    session.execute(insert(ParentRow).from_select(columns, parents))
    picks = select(pairs.c.new, literal(new.id), PickRow.picked_at).join(
        pairs, PickRow.individual_id == pairs.c.old
    )
    columns = ["individual_id", "run_id", "picked_at"]
    session.execute(insert(PickRow).from_select(columns, picks))
