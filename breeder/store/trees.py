"""Family trees: the shape of a run's, the pictures in it, and a picture's kin over all runs.

Every answer is bounded: a tree comes as its shape, then in pieces; kin comes nearest first.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, cast

from sqlalchemy import Select, func, select, text
from sqlalchemy.orm import Session, aliased

from breeder.errors import NotFoundError, StoreError
from breeder.history import Origin
from breeder.store.database import Database, batches, genome_key, run_row
from breeder.store.generations import is_automatic
from breeder.store.genomes import birth_sql, first_birth, steps_from
from breeder.store.tables import (
    CursorRow,
    FavouriteRow,
    GenerationRow,
    GenomeRow,
    IndividualRow,
    ParentRow,
    PickRow,
    RunRow,
)
from breeder.store.values import Kin, RunTree, TreeGrid, TreePicture

MOST_GRIDS: Final = 500
"""Grids whose pictures are read at once."""

MOST_KIN: Final = 2_000


class Trees(Database):
    """The queries on family trees."""

    def run_tree(self, run_id: str) -> RunTree:
        """Return the shape of a run's tree, without its pictures.

        Raises:
            NotFoundError: There is no such run, or it was deleted.
        """
        with self._transaction() as session:
            run = run_row(session, run_id)
            rows = _grid_rows(session, run.id)
            cursor = session.get(CursorRow, run.id)
        positions = {row.id: position for position, row in enumerate(rows)}
        current = None if cursor is None else positions.get(cursor.generation_id)
        grids = _grids(rows, positions)
        return RunTree(
            run_id=run.public_id,
            name=run.name,
            grids=grids,
            current=current,
            path=_path(grids, current),
        )

    def tree_pictures(self, generation_ids: Sequence[str]) -> list[TreePicture]:
        """Return the pictures of some grids, by slot, the grids in the order they were bred in.

        Args:
            generation_ids: At most 500 grids, of any runs; unknown ones are left out.

        Raises:
            StoreError: More were asked for.
        """
        if len(generation_ids) > MOST_GRIDS:
            raise StoreError(
                f"Ask for the pictures of at most {MOST_GRIDS} grids, not {len(generation_ids)}."
            )
        with self._transaction() as session:
            rows = session.execute(_pictures_query(generation_ids)).all()
            parents = _parents_of(session, [row[0] for row in rows])
        return [
            TreePicture(
                generation_id=generation_id,
                slot=slot,
                genome_id=genome_id,
                origin=cast("Origin", origin),
                parents=tuple(parents.get(key, ())),
                picked=picked,
                favourite=favourite,
            )
            for key, slot, origin, generation_id, genome_id, picked, favourite in rows
        ]

    def run_of(self, generation_id: str) -> str:
        """Return the identity of the run that a generation belongs to.

        Raises:
            NotFoundError: There is no such generation, or its run was deleted.
        """
        with self._transaction() as session:
            query = (
                select(RunRow.public_id)
                .join(GenerationRow, GenerationRow.run_id == RunRow.id)
                .where(GenerationRow.public_id == generation_id)
            )
            found = session.scalar(query)
            if found is None:
                raise NotFoundError(f"There is no generation {generation_id!r}.")
            return run_row(session, found).public_id

    def ancestors(self, genome_id: str, *, limit: int = MOST_KIN) -> list[Kin]:
        """Return a picture and its ancestors over all runs, nearest first; deleted runs too.

        Empty for a genome that was never in a grid.

        Args:
            genome_id: The picture.
            limit: The most kin; the nearest are kept.

        Raises:
            NotFoundError: The genome is not in the database.
        """
        return self._kin(genome_id, ANCESTORS, limit, upwards=True)

    def descendants(self, genome_id: str, *, limit: int = MOST_KIN) -> list[Kin]:
        """Return a picture and what descends from it, over all runs, nearest first.

        Args and errors are those of `ancestors`.
        """
        return self._kin(genome_id, DESCENDANTS, limit, upwards=False)

    def _kin(self, genome_id: str, family: str, limit: int, *, upwards: bool) -> list[Kin]:
        with self._transaction() as session:
            key = genome_key(session, genome_id)
            keys = session.scalars(text(family), {"start": key, "most": limit}).all()
            births = [birth for some in batches(keys) for birth in _births_of(session, some)]
            parents = _parents_of(session, [birth.id for birth in births])
        found = {birth.genome_id: birth for birth in births}
        links: dict[str, Iterable[str]] = {
            id_: parents.get(row.id, ()) for id_, row in found.items()
        }
        steps = steps_from(genome_id, links if upwards else _turned(links))
        return [_as_kin(found[id_], parents, steps[id_]) for id_ in steps]


# The walks go breadth first, since the queue of a recursive query is one: the limit keeps the
# nearest. UNION, not UNION ALL: a family may hold a genome twice, even in a circle.
ANCESTORS: Final = f"""
    WITH RECURSIVE family (genome_id) AS (
        SELECT :start
        UNION
        SELECT parentage.genome_id FROM family
        JOIN parentage ON parentage.individual_id = {birth_sql("family")}
        LIMIT :most)
    SELECT genome_id FROM family"""  # noqa: S608
DESCENDANTS: Final = """
    WITH RECURSIVE family (genome_id) AS (
        SELECT :start
        UNION
        SELECT individuals.genome_id FROM family
        JOIN parentage ON parentage.genome_id = family.genome_id
        JOIN individuals ON individuals.id = parentage.individual_id
        LIMIT :most)
    SELECT genome_id FROM family"""


def _grid_rows(session: Session, run_key: int) -> Sequence[Any]:
    copied = aliased(GenerationRow)
    size = (
        select(func.count())
        .where(IndividualRow.generation_id == GenerationRow.id)
        .correlate(GenerationRow)
        .scalar_subquery()
    )
    query = (
        select(
            GenerationRow.id,
            GenerationRow.public_id,
            GenerationRow.number,
            GenerationRow.parent_id,
            GenerationRow.bred_from,
            GenerationRow.created_at,
            copied.public_id.label("copied_from"),
            size.label("size"),
            is_automatic().label("automatic"),
        )
        .outerjoin(copied, copied.id == GenerationRow.copied_from_id)
        .where(GenerationRow.run_id == run_key)
        .order_by(GenerationRow.id)
    )
    return session.execute(query).all()


def _grids(rows: Sequence[Any], positions: Mapping[int, int]) -> tuple[TreeGrid, ...]:
    grids: list[TreeGrid] = []
    for row in rows:
        came_from = None if row.parent_id is None else positions.get(row.parent_id)
        source, bred_from = came_from, row.bred_from
        if came_from is not None and not bred_from:  # the same parents as the grid before
            source, bred_from = grids[came_from].source, grids[came_from].bred_from
        grids.append(
            TreeGrid(
                id=row.public_id,
                number=row.number,
                came_from=came_from,
                source=source,
                bred_from=bred_from,
                copied_from=row.copied_from,
                size=row.size,
                created_at=row.created_at,
                automatic=row.automatic,
            )
        )
    return tuple(grids)


def _path(grids: Sequence[TreeGrid], current: int | None) -> tuple[int, ...]:
    path: list[int] = []
    while current is not None:
        path.append(current)
        current = grids[current].came_from
    return tuple(reversed(path))


def _pictures_query(
    generation_ids: Sequence[str],
) -> Select[int, int, str, str, str, bool, bool]:
    return (
        select(
            IndividualRow.id,
            IndividualRow.slot,
            IndividualRow.origin,
            GenerationRow.public_id,
            GenomeRow.public_id,
            PickRow.individual_id.is_not(None),
            FavouriteRow.id.is_not(None),
        )
        .join(GenerationRow, GenerationRow.id == IndividualRow.generation_id)
        .join(GenomeRow, GenomeRow.id == IndividualRow.genome_id)
        .outerjoin(PickRow, PickRow.individual_id == IndividualRow.id)
        .outerjoin(FavouriteRow, FavouriteRow.genome_id == IndividualRow.genome_id)
        .where(GenerationRow.public_id.in_(list(generation_ids)))
        .order_by(IndividualRow.generation_id, IndividualRow.slot)
    )


def _parents_of(session: Session, individuals: Sequence[int]) -> dict[int, list[str]]:
    """Return the identities of the parents of individuals, in order, by these's integer keys."""
    parents: dict[int, list[str]] = defaultdict(list)
    for keys in batches(individuals):
        query = (
            select(ParentRow.individual_id, GenomeRow.public_id)
            .join(GenomeRow, GenomeRow.id == ParentRow.genome_id)
            .where(ParentRow.individual_id.in_(keys))
            .order_by(ParentRow.individual_id, ParentRow.position)
        )
        for individual, parent in session.execute(query):
            parents[individual].append(parent)
    return parents


def _births_of(session: Session, genome_keys: Sequence[int]) -> Sequence[Any]:
    """Return where genomes were first bred; those that never were are left out."""
    query = (
        select(
            IndividualRow.id,
            GenomeRow.public_id.label("genome_id"),
            IndividualRow.origin,
            IndividualRow.slot,
            GenerationRow.public_id.label("generation_id"),
            GenerationRow.number,
            RunRow.public_id.label("run_id"),
            RunRow.name,
            RunRow.deleted_at.is_not(None).label("deleted"),
            is_automatic().label("automatic"),
        )
        .select_from(GenomeRow)
        .join(IndividualRow, IndividualRow.id == first_birth(GenomeRow.id, GenomeRow))
        .join(GenerationRow, GenerationRow.id == IndividualRow.generation_id)
        .join(RunRow, RunRow.id == GenerationRow.run_id)
        .where(GenomeRow.id.in_(genome_keys))
    )
    return session.execute(query).all()


def _turned(links: Mapping[str, Iterable[str]]) -> dict[str, list[str]]:
    """Return the children of each by the parents of each."""
    children: dict[str, list[str]] = {id_: [] for id_ in links}
    for id_, parents in links.items():
        for parent in parents:
            if parent in children:
                children[parent].append(id_)
    return children


def _as_kin(row: Any, parents: Mapping[int, Iterable[str]], steps: int) -> Kin:
    return Kin(
        genome_id=row.genome_id,
        parents=tuple(parents.get(row.id, ())),
        origin=row.origin,
        run_id=row.run_id,
        run_name=row.name,
        deleted=row.deleted,
        generation_id=row.generation_id,
        number=row.number,
        slot=row.slot,
        steps=steps,
        automatic=row.automatic,
    )
