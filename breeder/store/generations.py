"""Generations: one grid at a time, its picks, and the ways through a run's tree."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict
from typing import cast

from sqlalchemy import ColumnElement, Select, delete, false, func, insert, select, update
from sqlalchemy.orm import Session, aliased

from breeder.errors import NotFoundError, StoreError
from breeder.genome import Genome
from breeder.history import BreederSettings, Child, Generation, Guidance, Origin, Screening
from breeder.store.database import Database, generation_key, now, put_genomes, run_row
from breeder.store.records import genome_from_data, mutation_from_plain, mutation_to_plain
from breeder.store.tables import (
    CursorRow,
    GenerationRow,
    GenomeRow,
    IndividualRow,
    ParentRow,
    PickRow,
    RunRow,
)
from breeder.store.values import Branch


class Generations(Database):
    """The queries on generations."""

    def add_generation(self, generation: Generation) -> bool:
        """Keep a grid, and move its run there; return False if it was kept before.

        Everything is durable on return: genomes, parentage, picks. Where the grid was kept
        before, with this identity, nothing of it changes, and the run moves there. An automatic
        grid moves a run only on from the grid it came from: a person may have gone elsewhere.

        Raises:
            NotFoundError: Its run, or the grid it came from, is not in the database.
        """
        with self._transaction(write=True) as session:
            run = run_row(session, generation.run_id, changes=True)
            query = select(GenerationRow.id, GenerationRow.run_id)
            there = session.execute(query.where(GenerationRow.public_id == generation.id)).first()
            if there is not None and there.run_id != run.id:
                raise StoreError(f"The generation {generation.id!r} belongs to another run.")
            key = insert_generation(session, generation, run) if there is None else there.id
            if generation.automatic:
                _move_on(session, run.id, key)
            else:
                move_cursor(session, run.id, key)
            return there is None

    def generation(self, generation_id: str) -> Generation:
        """Return a grid with its children, parents and picks.

        Raises:
            NotFoundError: No generation has this identity.
        """
        with self._transaction() as session:
            found = _load(session, _heads().where(GenerationRow.public_id == generation_id))
        if found is None:
            raise NotFoundError(f"There is no generation {generation_id!r}.")
        return found

    def current(self, run_id: str) -> Generation | None:
        """Return the grid a run was left at; None before the first."""
        with self._transaction() as session:
            run = run_row(session, run_id)
            heads = _heads().join(CursorRow, CursorRow.generation_id == GenerationRow.id)
            return _load(session, heads.where(CursorRow.run_id == run.id))

    def change_picks(
        self, generation_id: str, *, add: Iterable[int], drop: Iterable[int]
    ) -> tuple[int, ...]:
        """Pick some slots of a grid and take others back; return all its picks, ascending.

        What others picked in the same grid meanwhile stays. Durable on return.

        Raises:
            NotFoundError: There is no such generation, or it has no such slot.
        """
        added, dropped = set(add), set(drop)
        with self._transaction(write=True) as session:
            key, run_key = generation_key(session, generation_id)
            run_id = session.scalars(select(RunRow.public_id).where(RunRow.id == run_key)).one()
            run_row(session, run_id, changes=True)
            query = select(IndividualRow.slot).join(PickRow)
            picked = set(session.scalars(query.where(IndividualRow.generation_id == key)))
            wanted = (picked | added) - dropped
            _set_picks(session, key, run_key, wanted)
        return tuple(sorted(wanted))

    def move(self, run_id: str, generation_id: str, *, leaving: str | None = None) -> None:
        """Leave a run at another of its grids.

        Along the way to the grid, `forward` leads to it afterwards.

        Args:
            run_id: The run.
            generation_id: Where to go.
            leaving: The grid left for it, so that `forward` leads back there; the run's current
                one if None. They differ where two pages are open on one run.

        Raises:
            NotFoundError: The run has no such generation.
        """
        with self._transaction(write=True) as session:
            run = run_row(session, run_id, changes=True)
            for step in (generation_id,) if leaving is None else (leaving, generation_id):
                key, run_key = generation_key(session, step)
                if run_key != run.id:
                    raise NotFoundError(f"The run {run.name!r} has no generation {step!r}.")
                move_cursor(session, run.id, key)

    def forward_of(self, generation_id: str) -> str | None:
        """Return the id of the grid that was last seen after this one; None if there is none."""
        with self._transaction() as session:
            key, _ = generation_key(session, generation_id)
            after = aliased(GenerationRow)
            query = select(after.public_id).join(
                GenerationRow, GenerationRow.forward_id == after.id
            )
            return session.scalar(query.where(GenerationRow.id == key))

    def tree(self, run_id: str) -> list[Branch]:
        """Return all grids of a run, oldest first; each stands after the one it came from."""
        with self._transaction() as session:
            run = run_row(session, run_id)
            return _branches(session, run.id)

    def count_bred(self, generation_id: str, picks: Iterable[int]) -> int:
        """Return how many grids were bred from exactly these slots of a grid."""
        with self._transaction() as session:
            key, _ = generation_key(session, generation_id)
            same = GenerationRow.bred_from == tuple(picks)
            query = select(func.count()).where(GenerationRow.parent_id == key, same)
            return session.scalars(query).one()

    def fingerprints(self, run_id: str, *, after: int = 0) -> list[bytes]:
        """Return the fingerprints of a run's grids, in the order in which they were kept.

        Args:
            run_id: The run.
            after: How many grids at the beginning to leave out: those the caller has already.
        """
        with self._transaction() as session:
            run = run_row(session, run_id)
            query = select(GenerationRow.fingerprints).where(GenerationRow.run_id == run.id)
            return list(session.scalars(query.order_by(GenerationRow.id).offset(after)))


def _heads() -> Select[GenerationRow, str, str]:
    """Select generations, each with the public ids of its run and of the grid it came from."""
    before = aliased(GenerationRow)
    return (
        select(GenerationRow, RunRow.public_id, before.public_id)
        .join(RunRow, RunRow.id == GenerationRow.run_id)
        .outerjoin(before, before.id == GenerationRow.parent_id)
    )


def _branches(session: Session, run_key: int) -> list[Branch]:
    before = aliased(GenerationRow)
    query = (
        select(
            GenerationRow.public_id,
            GenerationRow.number,
            before.public_id,
            GenerationRow.bred_from,
            GenerationRow.created_at,
            is_automatic(),
        )
        .outerjoin(before, before.id == GenerationRow.parent_id)
        .where(GenerationRow.run_id == run_key)
        .order_by(GenerationRow.id)
    )
    return [
        Branch(
            id=id_,
            number=number,
            came_from=parent,
            bred_from=bred_from,
            created_at=created_at,
            automatic=automatic,
        )
        for id_, number, parent, bred_from, created_at, automatic in session.execute(query)
    ]


def is_automatic() -> ColumnElement[bool]:
    """Return whether a guide chose the parents of a generation, and not a person."""
    marked: ColumnElement[bool] = GenerationRow.guidance["automatic"].as_boolean()
    return func.coalesce(marked, false())


def _load(session: Session, heads: Select[GenerationRow, str, str]) -> Generation | None:
    """Return a whole grid, with three queries whatever the size of its run."""
    head = session.execute(heads).one_or_none()
    if head is None:
        return None
    row, run_id, before = head
    children = (
        select(IndividualRow, GenomeRow.data, PickRow.individual_id.is_not(None))
        .join(GenomeRow, GenomeRow.id == IndividualRow.genome_id)
        .outerjoin(PickRow, PickRow.individual_id == IndividualRow.id)
        .where(IndividualRow.generation_id == row.id)
        .order_by(IndividualRow.slot)
    )
    individuals = session.execute(children).all()
    parents = _parents(session, row.id)
    return Generation(
        id=row.public_id,
        run_id=run_id,
        number=row.number,
        came_from=before,
        bred_from=row.bred_from,
        seed=row.seed,
        settings=BreederSettings.from_plain(row.settings),
        children=tuple(
            Child(
                slot=one.slot,
                genome=genome_from_data(data),
                parents=tuple(parents[one.id]),
                mutations=tuple(map(mutation_from_plain, one.mutations)),
                origin=cast("Origin", one.origin),
                candidate=one.candidate,
            )
            for one, data, _ in individuals
        ),
        picks=tuple(one.slot for one, _, picked in individuals if picked),
        screening=Screening(**row.screening),
        fingerprints=row.fingerprints,
        created_at=row.created_at,
        guidance=None if row.guidance is None else Guidance.from_plain(row.guidance),
    )


def _parents(session: Session, key: int) -> dict[int, list[Genome]]:
    """Return the parents of a grid's individuals, by the integer keys of these, in order."""
    query = (
        select(ParentRow.individual_id, ParentRow.genome_id, GenomeRow.data)
        .join(IndividualRow, IndividualRow.id == ParentRow.individual_id)
        .join(GenomeRow, GenomeRow.id == ParentRow.genome_id)
        .where(IndividualRow.generation_id == key)
        .order_by(ParentRow.individual_id, ParentRow.position)
    )
    genomes: dict[int, Genome] = {}  # a grid has few parents, and many children of each
    parents: dict[int, list[Genome]] = defaultdict(list)
    for individual, parent, data in session.execute(query):
        if parent not in genomes:
            genomes[parent] = genome_from_data(data)
        parents[individual].append(genomes[parent])
    return parents


def insert_generation(session: Session, generation: Generation, run: RunRow) -> int:
    """Insert a grid with all that belongs to it; return its integer key."""
    parent_key = None
    if generation.came_from is not None:
        parent_key, run_key = generation_key(session, generation.came_from)
        if run_key != run.id:
            raise StoreError(
                f"The generation {generation.id!r} cannot come from {generation.came_from!r}, "
                "which belongs to another run."
            )
    row = GenerationRow(
        public_id=generation.id,
        run_id=run.id,
        number=generation.number,
        parent_id=parent_key,
        bred_from=generation.bred_from,
        seed=generation.seed,
        settings=generation.settings.to_plain(),
        screening=asdict(generation.screening),
        created_at=generation.created_at,
        fingerprints=generation.fingerprints,
        guidance=None if generation.guidance is None else generation.guidance.to_plain(),
    )
    session.add(row)
    session.flush()
    _insert_children(session, row.id, generation.children)
    if generation.picks:
        _set_picks(session, row.id, run.id, set(generation.picks))
    return row.id


def _insert_children(session: Session, key: int, children: tuple[Child, ...]) -> None:
    parents = [parent for child in children for parent in child.parents]
    genomes = put_genomes(session, [*parents, *(child.genome for child in children)])
    individuals = [
        {
            "generation_id": key,
            "slot": child.slot,
            "genome_id": genomes[child.genome.id],
            "origin": child.origin,
            "candidate": child.candidate,
            "mutations": [mutation_to_plain(mutation) for mutation in child.mutations],
        }
        for child in children
    ]
    if not individuals:
        return
    statement = insert(IndividualRow).returning(IndividualRow.slot, IndividualRow.id)
    by_slot = {slot: individual for slot, individual in session.execute(statement, individuals)}
    parentage = [
        {"individual_id": by_slot[child.slot], "position": i, "genome_id": genomes[parent.id]}
        for child in children
        for i, parent in enumerate(child.parents)
    ]
    if parentage:
        session.execute(insert(ParentRow), parentage)


def _set_picks(session: Session, key: int, run_key: int, wanted: set[int]) -> None:
    query = (
        select(IndividualRow.slot, IndividualRow.id, PickRow.individual_id.is_not(None))
        .outerjoin(PickRow, PickRow.individual_id == IndividualRow.id)
        .where(IndividualRow.generation_id == key)
    )
    slots = {
        slot: (individual, is_picked) for slot, individual, is_picked in session.execute(query)
    }
    unknown = sorted(wanted - slots.keys())
    if unknown:
        raise NotFoundError(
            f"Slot {unknown[0]} cannot be picked: this grid has the slots 0 to {len(slots) - 1}."
        )
    picked = {slot for slot, (_, is_picked) in slots.items() if is_picked}
    dropped = [slots[slot][0] for slot in picked - wanted]
    if dropped:
        session.execute(delete(PickRow).where(PickRow.individual_id.in_(dropped)))
    moment = now()
    added = [
        {"individual_id": slots[slot][0], "run_id": run_key, "picked_at": moment}
        for slot in sorted(wanted - picked)
    ]
    if added:
        session.execute(insert(PickRow), added)


def _move_on(session: Session, run_key: int, key: int) -> None:
    """Set a run's cursor if it is at the grid before; if not, only let that grid lead here."""
    cursor = session.get(CursorRow, run_key)
    before = session.scalar(select(GenerationRow.parent_id).where(GenerationRow.id == key))
    if cursor is None or cursor.generation_id == before:
        move_cursor(session, run_key, key)
        return
    ends = (GenerationRow.id == before, GenerationRow.forward_id.is_(None))
    session.execute(update(GenerationRow).where(*ends).values(forward_id=key))


def move_cursor(session: Session, run_key: int, key: int) -> None:
    """Set a run's cursor, and point every grid on the way there forward to the next."""
    cursor = session.get(CursorRow, run_key)
    left = None if cursor is None else cursor.generation_id
    if cursor is None:
        session.add(CursorRow(run_id=run_key, generation_id=key))
    else:
        cursor.generation_id = key
    way = (
        select(GenerationRow.id, GenerationRow.parent_id)
        .where(GenerationRow.id == key)
        .cte("way", recursive=True)
    )
    before = aliased(GenerationRow)
    way = way.union_all(
        select(before.id, before.parent_id)
        .join(way, before.id == way.c.parent_id)
        .where(way.c.id.is_distinct_from(left))  # up to the grid left, all points forward already
    )
    astray = (
        select(GenerationRow.id, way.c.id)
        .join(way, way.c.parent_id == GenerationRow.id)
        .where(GenerationRow.forward_id.is_distinct_from(way.c.id))
    )
    links = [{"id": id_, "forward_id": after} for id_, after in session.execute(astray)]
    if links:
        session.execute(update(GenerationRow), links)
