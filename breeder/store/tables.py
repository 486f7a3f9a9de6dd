"""The tables, as SQLAlchemy mappings. Nothing here queries; nothing outside the store sees a row.

Integer keys inside, so that rows and indexes stay small; 32 hexadecimal digits (`public_id`)
outside. No cascades: a lineage is never deleted as a side effect. A change here needs a script in
migrations/; a test compares the two.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    LargeBinary,
    MetaData,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
NAME_LENGTH = 200


class UtcDateTime(TypeDecorator[datetime]):
    """A moment in UTC; a datetime without a time zone is refused."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the moment as databases keep it: UTC without a time zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"A stored moment needs a time zone, but {value} has none.")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the moment with its time zone."""
        return None if value is None else value.replace(tzinfo=UTC)


class SlotSet(TypeDecorator[tuple[int, ...]]):
    """Slots of a grid, ascending, as text such as "3,7": one set is one text, and can be sought."""

    impl = String(200)
    cache_ok = True

    def process_bind_param(self, value: Iterable[int] | None, dialect: Dialect) -> str | None:
        """Return the text of the slots."""
        return None if value is None else ",".join(map(str, sorted(set(value))))

    def process_result_value(self, value: str | None, dialect: Dialect) -> tuple[int, ...] | None:
        """Return the slots."""
        return None if value is None else tuple(map(int, filter(None, value.split(","))))


class Base(DeclarativeBase):
    """The base of all rows."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map = {datetime: UtcDateTime, tuple[int, ...]: SlotSet}  # noqa: RUF012


class GenomeRow(Base):
    """A genome, once, however many grids show it."""

    __tablename__ = "genomes"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True)
    color: Mapped[str] = mapped_column(String(16))
    nodes: Mapped[int]
    connections: Mapped[int]
    data: Mapped[bytes] = mapped_column(LargeBinary)
    """The canonical JSON, compressed with zlib."""


class RunRow(Base):
    """A run; deleted ones stay, with the moment they were deleted."""

    __tablename__ = "runs"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True)
    name: Mapped[str] = mapped_column(String(NAME_LENGTH), index=True)
    seed: Mapped[str] = mapped_column(String(80))
    """A decimal number; as text, since seeds may have more than 63 bits."""
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime] = mapped_column(index=True)
    deleted_at: Mapped[datetime | None]


class GenerationRow(Base):
    """A grid: a node of its run's tree."""

    __tablename__ = "generations"
    __table_args__ = (Index(None, "parent_id", "bred_from"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("runs.id"), index=True)
    number: Mapped[int]
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("generations.id"))
    forward_id: Mapped[int | None] = mapped_column(ForeignKey("generations.id"))
    """The child that `forward` leads to: the one last seen."""
    copied_from_id: Mapped[int | None] = mapped_column(ForeignKey("generations.id"))
    """The generation of another run that this one was duplicated from."""
    bred_from: Mapped[tuple[int, ...]]
    seed: Mapped[str] = mapped_column(String(32))
    settings: Mapped[dict[str, Any]] = mapped_column(JSON)
    screening: Mapped[dict[str, Any]] = mapped_column(JSON)
    created_at: Mapped[datetime]
    fingerprints: Mapped[bytes] = mapped_column(LargeBinary)
    """Last, so that SQLite reads the columns before it without following a long record."""


class CursorRow(Base):
    """Where a run was left. A table of its own, since runs and generations would form a circle."""

    __tablename__ = "cursors"

    run_id: Mapped[int] = mapped_column(ForeignKey("runs.id"), primary_key=True)
    generation_id: Mapped[int] = mapped_column(ForeignKey("generations.id"))


class IndividualRow(Base):
    """A genome in a slot of a generation."""

    __tablename__ = "individuals"
    __table_args__ = (UniqueConstraint("generation_id", "slot"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    generation_id: Mapped[int] = mapped_column(ForeignKey("generations.id"))
    slot: Mapped[int]
    genome_id: Mapped[int] = mapped_column(ForeignKey("genomes.id"), index=True)
    origin: Mapped[str] = mapped_column(String(16))
    candidate: Mapped[int | None]
    mutations: Mapped[list[dict[str, Any]]] = mapped_column(JSON)


class ParentRow(Base):
    """One parent of an individual."""

    __tablename__ = "parentage"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012

    individual_id: Mapped[int] = mapped_column(ForeignKey("individuals.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    genome_id: Mapped[int] = mapped_column(ForeignKey("genomes.id"))


class PickRow(Base):
    """An individual now picked. The run is repeated here to find its last pick at once."""

    __tablename__ = "picks"
    __table_args__ = (Index(None, "run_id", "picked_at"),)

    individual_id: Mapped[int] = mapped_column(ForeignKey("individuals.id"), primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("runs.id"))
    picked_at: Mapped[datetime]


class FavouriteRow(Base):
    """A picture kept with a title."""

    __tablename__ = "favourites"

    id: Mapped[int] = mapped_column(primary_key=True)
    genome_id: Mapped[int] = mapped_column(ForeignKey("genomes.id"), unique=True)
    title: Mapped[str] = mapped_column(Text)
    run_id: Mapped[int | None] = mapped_column(ForeignKey("runs.id"))
    created_at: Mapped[datetime]


class OriginRow(Base):
    """Where a genome that came from elsewhere comes from, in words."""

    __tablename__ = "origins"

    genome_id: Mapped[int] = mapped_column(ForeignKey("genomes.id"), primary_key=True)
    words: Mapped[str] = mapped_column(String(NAME_LENGTH))
