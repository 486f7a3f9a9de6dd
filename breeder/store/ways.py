"""The way through a run's tree that leads to a grid, and on to where it was followed last."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import literal, select
from sqlalchemy.orm import Session, aliased

from breeder.store.database import Database, batches, generation_key
from breeder.store.generations import is_automatic
from breeder.store.tables import GenerationRow, GenomeRow, IndividualRow

MOST_STEPS = 400
"""Grids of a way that are told, before a grid and after it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WayGrid:
    """A grid on a way.

    Attributes:
        id: The generation.
        number: How many steps it lies from the run's first grid.
        bred_from: The slots of the grid before that it was bred from.
        automatic: Whether a guide chose those, and not a person.
        genome_ids: Its pictures, by slot; told only of automatic grids and of those before them.
        first_guided: The slot of the picture that a guide put first in it; None if there is none.
    """

    id: str
    number: int
    bred_from: tuple[int, ...]
    automatic: bool
    genome_ids: tuple[str, ...] = ()
    first_guided: int | None = None


class Ways(Database):
    """The queries on ways."""

    def way(self, generation_id: str, *, most: int = MOST_STEPS) -> list[WayGrid]:
        """Return the way that leads to a grid and, as far as it was followed last, on from it.

        Args:
            generation_id: A grid.
            most: Grids before it, and as many after it, at most; the nearest.

        Raises:
            NotFoundError: There is no such grid.
        """
        with self._transaction() as session:
            key, _ = generation_key(session, generation_id)
            keys = [*reversed(_walk(session, key, most, on=False)), key]
            keys += _walk(session, key, most, on=True)
            heads = _heads(session, keys)
            told = {
                one
                for before, here in zip([None, *keys], keys, strict=False)
                if heads[here].automatic
                for one in (before, here)
                if one is not None
            }
            return _with_pictures(session, keys, heads, sorted(told))


def _walk(session: Session, key: int, most: int, *, on: bool) -> list[int]:
    """Return the keys of the grids before one, or of those after it, the nearest first."""
    link = GenerationRow.forward_id if on else GenerationRow.parent_id
    start = select(link.label("key"), literal(1).label("steps")).where(GenerationRow.id == key)
    walk = start.cte("walk", recursive=True)
    step = aliased(GenerationRow)
    after = step.forward_id if on else step.parent_id
    walk = walk.union_all(
        select(after, walk.c.steps + 1).join(walk, step.id == walk.c.key).where(walk.c.steps < most)
    )
    query = select(walk.c.key).where(walk.c.key.is_not(None)).order_by(walk.c.steps)
    return list(session.scalars(query))


def _heads(session: Session, keys: list[int]) -> dict[int, WayGrid]:
    found: dict[int, WayGrid] = {}
    for some in batches(keys):
        query = select(
            GenerationRow.id,
            GenerationRow.public_id,
            GenerationRow.number,
            GenerationRow.bred_from,
            is_automatic(),
        ).where(GenerationRow.id.in_(some))
        for key, id_, number, bred_from, automatic in session.execute(query):
            found[key] = WayGrid(id=id_, number=number, bred_from=bred_from, automatic=automatic)
    return found


def _with_pictures(
    session: Session, keys: list[int], heads: dict[int, WayGrid], told: list[int]
) -> list[WayGrid]:
    pictures: dict[int, list[tuple[str, str]]] = {key: [] for key in told}
    for some in batches(told):
        query = (
            select(IndividualRow.generation_id, GenomeRow.public_id, IndividualRow.origin)
            .join(GenomeRow, GenomeRow.id == IndividualRow.genome_id)
            .where(IndividualRow.generation_id.in_(some))
            .order_by(IndividualRow.generation_id, IndividualRow.slot)
        )
        for key, id_, origin in session.execute(query):
            pictures[key].append((id_, origin))
    return [_told(heads[key], pictures.get(key, [])) for key in keys]


def _told(head: WayGrid, pictures: list[tuple[str, str]]) -> WayGrid:
    guided = [slot for slot, (_, origin) in enumerate(pictures) if origin == "guided"]
    return WayGrid(
        id=head.id,
        number=head.number,
        bred_from=head.bred_from,
        automatic=head.automatic,
        genome_ids=tuple(id_ for id_, _ in pictures),
        first_guided=guided[0] if guided else None,
    )
