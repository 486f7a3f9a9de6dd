"""Favourites: pictures kept with a title."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import and_, delete, select
from sqlalchemy.orm import Session

from breeder.errors import NotFoundError
from breeder.history import Favourite
from breeder.store.database import Database, batches, checked_text, genome_key, now, run_row
from breeder.store.records import genome_from_data
from breeder.store.tables import FavouriteRow, GenomeRow, RunRow, TagRow


class Favourites(Database):
    """The queries on favourites."""

    def add_favourite(
        self, genome_id: str, *, title: str = "", run_id: str | None = None
    ) -> Favourite:
        """Keep a picture and return it; one that is kept already only takes the title, if any.

        Args:
            genome_id: A genome in the database.
            title: At most 200 characters; may be empty.
            run_id: The run it was found in; None for an import.

        Raises:
            NotFoundError: The genome or the run is not there.
        """
        title = checked_text(title, "A title", may_be_empty=True)
        with self._transaction(write=True) as session:
            key = genome_key(session, genome_id)
            row = session.scalar(select(FavouriteRow).where(FavouriteRow.genome_id == key))
            if row is None:
                run_key = None if run_id is None else run_row(session, run_id).id
                moment = now()
                row = FavouriteRow(
                    genome_id=key, title="", run_id=run_key, created_at=moment, updated_at=moment
                )
                session.add(row)
            if title and title != row.title:
                _name(row, title)
            session.flush()
            return _favourites(session, genome_id)[0]

    def remove_favourite(self, genome_id: str) -> None:
        """Keep a picture no longer; its genome stays. One that was not kept is no error."""
        with self._transaction(write=True) as session:
            query = select(FavouriteRow.id).join(GenomeRow, GenomeRow.id == FavouriteRow.genome_id)
            key = session.scalar(query.where(GenomeRow.public_id == genome_id))
            session.execute(delete(TagRow).where(TagRow.favourite_id == key))
            session.execute(delete(FavouriteRow).where(FavouriteRow.id == key))

    def rename_favourite(self, genome_id: str, title: str) -> Favourite:
        """Give a favourite another title, which may be empty, and return it.

        Raises:
            NotFoundError: The picture is not a favourite.
        """
        title = checked_text(title, "A title", may_be_empty=True)
        with self._transaction(write=True) as session:
            key = genome_key(session, genome_id)
            row = session.scalar(select(FavouriteRow).where(FavouriteRow.genome_id == key))
            if row is None:
                raise NotFoundError(f"The picture {genome_id!r} is not among the favourites.")
            _name(row, title)
            session.flush()
            return _favourites(session, genome_id)[0]

    def favourites(self) -> list[Favourite]:
        """Return all favourites, the one kept last first."""
        with self._transaction() as session:
            return _favourites(session)

    def favourite(self, genome_id: str) -> Favourite | None:
        """Return a favourite by its genome; None if it is not kept."""
        with self._transaction() as session:
            found = _favourites(session, genome_id)
        return found[0] if found else None

    def is_favourite(self, genome_ids: Iterable[str]) -> set[str]:
        """Return those of the genomes that are favourites."""
        found: set[str] = set()
        with self._transaction() as session:
            for ids in batches(genome_ids):
                query = select(GenomeRow.public_id).join(
                    FavouriteRow, FavouriteRow.genome_id == GenomeRow.id
                )
                found.update(session.scalars(query.where(GenomeRow.public_id.in_(ids))))
        return found


def _name(row: FavouriteRow, title: str) -> None:
    row.title, row.title_key, row.updated_at = title, title.casefold(), now()


def _favourites(session: Session, genome_id: str | None = None) -> list[Favourite]:
    query = (
        select(FavouriteRow, GenomeRow.data, RunRow.public_id, RunRow.name)
        .join(GenomeRow, GenomeRow.id == FavouriteRow.genome_id)
        .outerjoin(RunRow, and_(RunRow.id == FavouriteRow.run_id, RunRow.deleted_at.is_(None)))
        .order_by(FavouriteRow.created_at.desc(), FavouriteRow.id.desc())
    )
    if genome_id is not None:
        query = query.where(GenomeRow.public_id == genome_id)
    return [
        Favourite(
            genome=genome_from_data(data),
            title=row.title,
            run_id=run_id,
            run_name=run_name,
            created_at=row.created_at,
        )
        for row, data, run_id, run_name in session.execute(query)
    ]
