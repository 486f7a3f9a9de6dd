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
    DDL,
    JSON,
    DateTime,
    Dialect,
    Double,
    ForeignKey,
    Index,
    LargeBinary,
    MetaData,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
    event,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
NAME_LENGTH = 200
TAG_LENGTH = 50
PREFERENCE_LENGTH = 64
"""Of a preference's name."""
MOST_JSON = 64 * 1024
"""Characters of a preference, as JSON."""
WORDS_TABLE = "gallery_words"


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
    purged_at: Mapped[datetime | None]
    """When it was deleted for good: only ancestors of pictures that are kept are left of it."""


class GenerationRow(Base):
    """A grid: a node of its run's tree."""

    __tablename__ = "generations"
    __table_args__ = (Index(None, "parent_id", "bred_from"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("runs.id"), index=True)
    number: Mapped[int]
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("generations.id"))
    forward_id: Mapped[int | None] = mapped_column(ForeignKey("generations.id"), index=True)
    """The child that `forward` leads to: the one last seen."""
    copied_from_id: Mapped[int | None] = mapped_column(ForeignKey("generations.id"), index=True)
    """The generation of another run that this one was duplicated from."""
    bred_from: Mapped[tuple[int, ...]]
    seed: Mapped[str] = mapped_column(String(32))
    settings: Mapped[dict[str, Any]] = mapped_column(JSON)
    screening: Mapped[dict[str, Any]] = mapped_column(JSON)
    created_at: Mapped[datetime]
    fingerprints: Mapped[bytes] = mapped_column(LargeBinary)
    """Late, so that SQLite reads the columns before it without following a long record."""
    guidance: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    """`Guidance.to_plain` of history.py; null where the parents alone guided it."""


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
    genome_id: Mapped[int] = mapped_column(ForeignKey("genomes.id"), index=True)


class PickRow(Base):
    """An individual now picked. The run is repeated here to find its last pick at once."""

    __tablename__ = "picks"
    __table_args__ = (Index(None, "run_id", "picked_at"),)

    individual_id: Mapped[int] = mapped_column(ForeignKey("individuals.id"), primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("runs.id"))
    picked_at: Mapped[datetime]


class FavouriteRow(Base):
    """A picture that is kept: an entry of the gallery.

    Everything that entries are sorted by is a column here with an index of its own, so that every
    page of a gallery is read off one index, however far down it lies.
    """

    __tablename__ = "favourites"
    __table_args__ = (
        Index(None, "created_at", "id"),
        Index(None, "published_at", "id"),
        Index(None, "stars", "id"),
        Index(None, "title_key", "id"),
        Index(None, "complexity", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    genome_id: Mapped[int] = mapped_column(ForeignKey("genomes.id"), unique=True)
    title: Mapped[str] = mapped_column(Text)
    run_id: Mapped[int | None] = mapped_column(ForeignKey("runs.id"), index=True)
    created_at: Mapped[datetime]
    description: Mapped[str] = mapped_column(Text, default="")
    tags: Mapped[str] = mapped_column(Text, default="")
    """Its tags, one in a line, ascending; the table of tags has them again, to find entries."""
    stars: Mapped[int] = mapped_column(default=0)
    """0 to 5."""
    published_at: Mapped[datetime | None]
    """None for a favourite that is not published."""
    updated_at: Mapped[datetime]
    """When its words, stars or publication last changed: where two databases differ, it decides."""
    title_key: Mapped[str] = mapped_column(Text, default="")
    """The title in case-folded letters, to sort by."""
    complexity: Mapped[float] = mapped_column(Double, default=-1.0)
    """`Impression.complexity` of impression.py, 0 to 1; -1 until it is measured."""
    colors: Mapped[int] = mapped_column(default=0)
    """`Impression.color_bits`: a bit for each of `COLOR_NAMES`."""
    looks_version: Mapped[int] = mapped_column(default=0)
    """`impression.VERSION` when this was measured; 0 if it never was."""
    vector: Mapped[bytes | None] = mapped_column(LargeBinary)
    """`Impression.vector`."""


class TagRow(Base):
    """A tag of an entry of the gallery."""

    __tablename__ = "tags"
    __table_args__ = (
        Index(None, "tag", "favourite_id"),
        {"sqlite_with_rowid": False},
    )

    favourite_id: Mapped[int] = mapped_column(ForeignKey("favourites.id"), primary_key=True)
    tag: Mapped[str] = mapped_column(String(TAG_LENGTH), primary_key=True)


class AnswerRow(Base):
    """Which of two pictures a person liked better."""

    __tablename__ = "answers"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True)
    left_genome_id: Mapped[int] = mapped_column(ForeignKey("genomes.id"), index=True)
    right_genome_id: Mapped[int] = mapped_column(ForeignKey("genomes.id"), index=True)
    preferred: Mapped[int]
    """0 for the left one, 1 for the right one."""
    answered_at: Mapped[datetime] = mapped_column(index=True)


class PreferenceRow(Base):
    """Something a person set, by a name that the program gave it."""

    __tablename__ = "preferences"

    name: Mapped[str] = mapped_column(String(PREFERENCE_LENGTH), primary_key=True)
    value: Mapped[str] = mapped_column(Text)
    """As JSON; not in a column of that type, in which SQLite makes 1.0 of a text a 1."""
    updated_at: Mapped[datetime]


class OriginRow(Base):
    """Where a genome that came from elsewhere comes from, in words."""

    __tablename__ = "origins"

    genome_id: Mapped[int] = mapped_column(ForeignKey("genomes.id"), primary_key=True)
    words: Mapped[str] = mapped_column(String(NAME_LENGTH))


WORDS = (
    """CREATE VIRTUAL TABLE gallery_words USING fts5(
        title, description, tags, content='favourites', content_rowid='id',
        tokenize='unicode61 remove_diacritics 2', prefix='2 3')""",
    """CREATE TRIGGER gallery_words_insert AFTER INSERT ON favourites BEGIN
        INSERT INTO gallery_words (rowid, title, description, tags)
        VALUES (new.id, new.title, new.description, new.tags); END""",
    """CREATE TRIGGER gallery_words_delete AFTER DELETE ON favourites BEGIN
        INSERT INTO gallery_words (gallery_words, rowid, title, description, tags)
        VALUES ('delete', old.id, old.title, old.description, old.tags); END""",
    """CREATE TRIGGER gallery_words_update AFTER UPDATE OF title, description, tags ON favourites
        BEGIN
        INSERT INTO gallery_words (gallery_words, rowid, title, description, tags)
        VALUES ('delete', old.id, old.title, old.description, old.tags);
        INSERT INTO gallery_words (rowid, title, description, tags)
        VALUES (new.id, new.title, new.description, new.tags); END""",
)
"""The index of the gallery's words in SQLite. It holds no text, but reads it from the favourites;
triggers keep it in step, whoever writes."""

for _statement in WORDS:
    event.listen(
        FavouriteRow.__table__,
        "after_create",
        DDL(_statement).execute_if(dialect="sqlite"),  # type: ignore[no-untyped-call]
    )
