"""An open database: its transactions, and what several kinds of queries share."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import islice
from types import TracebackType
from typing import Self, TypeVar

from sqlalchemy import Engine, insert, select
from sqlalchemy.orm import Session

from breeder.errors import AmbiguousError, NotFoundError, StoreError
from breeder.genome import Genome
from breeder.store.engine import (
    BUSY_SECONDS,
    WRITE_OPTION,
    default_url,
    engine_errors,
    is_memory,
    make_engine,
    parse_url,
    place_of,
)
from breeder.store.migrate import prepare
from breeder.store.records import genome_columns
from breeder.store.tables import NAME_LENGTH, GenerationRow, GenomeRow, RunRow

BATCH = 500
"""Values in one IN list: well below what any database takes."""

TEXT_LENGTH = 4000
"""Of a description."""

Item = TypeVar("Item")


class Database:
    """A database that is open, at this version's tables. Many threads may share it."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._writer = engine.execution_options(**{WRITE_OPTION: True})
        # Threads of one process queue here in turn; SQLite's own waiting is polling, and unfair.
        self._lock = threading.RLock()
        # All threads share the one connection of a database in memory, so reads queue as well.
        self._shares_connection = is_memory(engine.url)

    @classmethod
    def open(cls, url: str | None = None) -> Self:
        """Return the database at an address, made or brought to this version as needed.

        Args:
            url: As SQLAlchemy writes it, such as sqlite:///art.db. If None, the one named by
                BREEDER_DATABASE_URL, else a file in the user's data folder.

        Raises:
            NewerDatabaseError: A later version of breeder wrote it.
            StoreError: It cannot be opened.
        """
        engine = make_engine(parse_url(default_url() if url is None else url))
        try:
            prepare(engine)
        except BaseException:
            engine.dispose()
            raise
        return cls(engine)

    @classmethod
    def in_memory(cls) -> Self:
        """Return a new database that is gone when closed."""
        return cls.open("sqlite://")

    @property
    def place(self) -> str:
        """The database as people know it: its file, or its address without the password."""
        return place_of(self._engine.url)

    def close(self) -> None:
        """Close all connections. A database in memory is lost."""
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @contextmanager
    def _transaction(self, *, write: bool = False) -> Iterator[Session]:
        """Run the block in one transaction: all of it is durable afterwards, or nothing.

        A block that reads sees one state of the database throughout; one that writes is alone.
        """
        locks = write or self._shares_connection
        if locks and not self._lock.acquire(timeout=BUSY_SECONDS):
            raise StoreError(f"The database {self.place} is busy; try again in a moment.")
        try:
            engine = self._writer if write else self._engine
            with (
                engine_errors(self._engine.url),
                Session(engine, expire_on_commit=False) as session,
                session.begin(),
            ):
                yield session
        finally:
            if locks:
                self._lock.release()


def now() -> datetime:
    """Return this moment in UTC."""
    return datetime.now(UTC)


def batches(items: Iterable[Item]) -> Iterator[list[Item]]:
    """Return the items in lists short enough for one query."""
    left = iter(items)
    while batch := list(islice(left, BATCH)):
        yield batch


def run_row(session: Session, run_id: str, *, changes: bool = False) -> RunRow:
    """Return the row of a run that is not deleted.

    Args:
        session: An open transaction.
        run_id: The run's whole identity.
        changes: Hold the row against other writers, and set its time of change. (SQLite needs no
            hold: there a transaction that writes is alone.)

    Raises:
        NotFoundError: No run has this identity, or it was deleted.
    """
    query = select(RunRow).where(RunRow.public_id == run_id)
    row = session.scalar(query.with_for_update() if changes else query)
    if row is None:
        raise NotFoundError(f"There is no run {run_id!r}; 'breeder runs' lists them.")
    refuse_purged(row)
    if row.deleted_at is not None:
        raise NotFoundError(f"The run {row.name!r} was deleted; restore it to go on with it.")
    if changes:
        row.updated_at = now()
    return row


def refuse_purged(row: RunRow) -> None:
    """Raise NotFoundError if only ancestors are left of a run."""
    if row.purged_at is not None:
        raise NotFoundError(
            f"The run {row.name!r} was deleted for good; only pictures that others descend from "
            "are left of it."
        )


def generation_key(session: Session, generation_id: str) -> tuple[int, int]:
    """Return the integer keys of a generation and its run.

    Raises:
        NotFoundError: No generation has this identity.
    """
    query = select(GenerationRow.id, GenerationRow.run_id)
    keys = session.execute(query.where(GenerationRow.public_id == generation_id)).one_or_none()
    if keys is None:
        raise NotFoundError(f"There is no generation {generation_id!r}.")
    return keys[0], keys[1]


def genome_key(session: Session, genome_id: str) -> int:
    """Return the integer key of a genome.

    Raises:
        NotFoundError: No genome has this identity.
    """
    key = session.scalar(select(GenomeRow.id).where(GenomeRow.public_id == genome_id))
    if key is None:
        raise NotFoundError(f"There is no picture {genome_id!r} in the database.")
    return key


def put_genomes(session: Session, genomes: Iterable[Genome]) -> dict[str, int]:
    """Insert the genomes that are not there yet; return all their integer keys, by identity."""
    wanted = {genome.id: genome for genome in genomes}
    keys: dict[str, int] = {}
    for ids in batches(wanted):
        query = select(GenomeRow.public_id, GenomeRow.id).where(GenomeRow.public_id.in_(ids))
        keys.update((public_id, key) for public_id, key in session.execute(query))
    missing = [genome_columns(genome) for id_, genome in wanted.items() if id_ not in keys]
    if missing:
        statement = insert(GenomeRow).returning(GenomeRow.public_id, GenomeRow.id)
        keys.update((public_id, key) for public_id, key in session.execute(statement, missing))
    return keys


def one_of(found: Sequence[str], text: str, what: str) -> str:
    """Return the only identity found for a name or the start of an identity.

    Raises:
        NotFoundError: None was found.
        AmbiguousError: Several were.
    """
    if not found:
        raise NotFoundError(f"There is no {what} {text!r}.")
    if len(found) > 1:
        some = ", ".join(id_[:12] for id_ in found[:3]) + (", ..." if len(found) > 3 else "")
        raise AmbiguousError(
            f"{text!r} fits more than one {what} ({some}); write more digits of the identity."
        )
    return found[0]


def checked_text(text: str, what: str, *, may_be_empty: bool = False) -> str:
    """Return a name or title without blanks around it.

    Raises:
        StoreError: It is empty, longer than 200 characters, or holds half a character.
    """
    text = text.strip()
    if len(text) > NAME_LENGTH or not (text or may_be_empty):
        least = 0 if may_be_empty else 1
        raise StoreError(
            f"{what} must have {least} to {NAME_LENGTH} characters, but has {len(text)}."
        )
    return _real_text(text, what)


def checked_lines(text: str, what: str) -> str:
    """Return a text of several lines without blanks around it; it may be empty.

    Raises:
        StoreError: It is longer than 4,000 characters, or holds half a character.
    """
    text = text.strip()
    if len(text) > TEXT_LENGTH:
        raise StoreError(
            f"{what} must have 0 to {TEXT_LENGTH:,} characters, but has {len(text):,}."
        )
    return _real_text(text, what)


def _real_text(text: str, what: str) -> str:
    if "\0" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
        raise StoreError(f"{what} holds a character that is not text; write it anew.")
    return text
