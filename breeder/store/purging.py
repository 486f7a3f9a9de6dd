"""Deleting for good: what was deleted long ago goes, but nothing that a kept picture descends from.

Of a run that goes, the births of ancestors stay: each with its grid, parents and changes, so that
the story of every picture that is kept can still be told. The run itself stays as their heading.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import bindparam, text
from sqlalchemy.orm import Session

from breeder.errors import StoreError
from breeder.store.database import Database, batches, now
from breeder.store.engine import engine_errors, file_of, is_sqlite
from breeder.store.genomes import birth_sql
from breeder.store.tables import Base, UtcDateTime

KEEP_DAYS: Final = 30
"""How long a deleted run can be brought back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Purged:
    """What deleting for good did.

    Attributes:
        runs: Runs that are gone, or of which only ancestors are left.
        pictures: Genomes that are gone.
        ancestors: Pictures of those runs that stay, since others descend from them.
        freed: Bytes by which the file became smaller.
    """

    runs: int = 0
    pictures: int = 0
    ancestors: int = 0
    freed: int = 0


class Purging(Database):
    """Deleting for good."""

    def purge(self, *, everything: bool = False) -> Purged:
        """Remove what was deleted 30 days ago or earlier, and make the file smaller.

        What favourites and other runs hold or descend from stays, and so do pictures that were
        compared, without their births. If the process is killed, all
        of it was done or nothing.

        Args:
            everything: Also what was deleted since.
        """
        if not is_sqlite(self._engine.url):
            raise StoreError("Only an SQLite database is cleared up by breeder.")
        before = self._size()
        until = now() if everything else now() - timedelta(days=KEEP_DAYS)
        with self._transaction(write=True) as session:
            done = _purge(session, until)
        self.shrink()
        return Purged(
            runs=done.runs,
            pictures=done.pictures,
            ancestors=done.ancestors,
            freed=max(before - self._size(), 0),
        )

    def purgeable(self, *, everything: bool = False) -> list[str]:
        """Return the names of the runs that `purge` would remove."""
        until = now() if everything else now() - timedelta(days=KEEP_DAYS)
        with self._transaction() as session:
            return list(session.scalars(_timed(_NAMES), {"until": until}))

    def shrink(self) -> None:
        """Give back to the disk what the file does not need."""
        with (
            engine_errors(self._engine.url),
            self._lock,
            self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection,
        ):
            raw = connection.connection.driver_connection
            assert raw is not None  # noqa: S101  (it was just opened)
            with closing(raw.cursor()) as cursor:
                cursor.execute("VACUUM")
                cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def _size(self) -> int:
        path = file_of(self._engine.url)
        if path is None:
            return 0
        files = (path, path.with_name(f"{path.name}-wal"))
        return sum(each.stat().st_size for each in files if each.exists())


def _timed(statement: str) -> Any:
    return text(statement).bindparams(bindparam("until", type_=UtcDateTime()))


_DUE = "deleted_at <= :until OR purged_at IS NOT NULL"
"""Runs that were purged before are looked at again: pictures may not be kept any more."""
_NAMES = "SELECT name FROM runs WHERE deleted_at <= :until AND purged_at IS NULL ORDER BY name"
_BIRTH = birth_sql("needed")
_TABLES = ("due", "going", "touched", "needed", "births")
_SCENE = (
    """CREATE TEMP TABLE going AS SELECT individuals.id, individuals.genome_id
        FROM individuals JOIN generations ON generations.id = individuals.generation_id
        WHERE generations.run_id IN (SELECT id FROM due)""",
    "CREATE UNIQUE INDEX temp.going_id ON going (id)",
    """CREATE TEMP TABLE touched AS SELECT genome_id FROM going UNION
        SELECT parentage.genome_id FROM going
        JOIN parentage ON parentage.individual_id = going.id""",
    # Kept, or alive in another run, or a parent there.
    """CREATE TEMP TABLE needed AS SELECT genome_id FROM touched WHERE
        EXISTS (SELECT 1 FROM favourites WHERE favourites.genome_id = touched.genome_id)
        OR EXISTS (SELECT 1 FROM individuals WHERE individuals.genome_id = touched.genome_id
            AND individuals.id NOT IN (SELECT id FROM going))
        OR EXISTS (SELECT 1 FROM parentage WHERE parentage.genome_id = touched.genome_id
            AND parentage.individual_id NOT IN (SELECT id FROM going))""",
    f"""CREATE TEMP TABLE births AS
        WITH RECURSIVE needed (genome_id) AS (
            SELECT genome_id FROM temp.needed
            UNION
            SELECT parentage.genome_id FROM needed
            JOIN parentage ON parentage.individual_id = {_BIRTH})
        SELECT {_BIRTH} AS id FROM needed""",  # noqa: S608
    "DELETE FROM temp.births WHERE id IS NULL OR id NOT IN (SELECT id FROM going)",
)
_GONE = "SELECT id FROM going WHERE id NOT IN (SELECT id FROM births)"
_PURGE = (
    "DELETE FROM picks WHERE run_id IN (SELECT id FROM due)",
    "DELETE FROM cursors WHERE run_id IN (SELECT id FROM due)",
    f"DELETE FROM parentage WHERE individual_id IN ({_GONE})",  # noqa: S608
    f"DELETE FROM individuals WHERE id IN ({_GONE})",  # noqa: S608
)
_EMPTY = """SELECT id FROM generations WHERE run_id IN (SELECT id FROM due) AND NOT EXISTS
    (SELECT 1 FROM individuals WHERE individuals.generation_id = generations.id)"""
_WITHOUT_GRIDS = """SELECT id FROM due WHERE NOT EXISTS
    (SELECT 1 FROM generations WHERE generations.run_id = due.id)"""
_GRIDS = (
    f"UPDATE generations SET copied_from_id = NULL WHERE copied_from_id IN ({_EMPTY})",  # noqa: S608
    f"DELETE FROM generations WHERE id IN ({_EMPTY})",  # noqa: S608
    f"UPDATE favourites SET run_id = NULL WHERE run_id IN ({_WITHOUT_GRIDS})",  # noqa: S608
    f"DELETE FROM runs WHERE id IN ({_WITHOUT_GRIDS})",  # noqa: S608
)
_FORGET = """UPDATE generations SET forward_id = NULL, fingerprints = x''
    WHERE run_id IN (SELECT id FROM due)"""
_STAYING = """SELECT id, parent_id,
    EXISTS (SELECT 1 FROM individuals WHERE individuals.generation_id = generations.id)
    FROM generations WHERE run_id IN (SELECT id FROM due) ORDER BY id"""


def _purge(session: Session, until: datetime) -> Purged:
    runs = session.scalar(_timed(f"SELECT count(*) FROM ({_NAMES})"), {"until": until}) or 0  # noqa: S608
    session.execute(
        _timed(f"CREATE TEMP TABLE due AS SELECT id FROM runs WHERE {_DUE}"),  # noqa: S608
        {"until": until},
    )
    for statement in (*_SCENE, *_PURGE):
        session.execute(text(statement))
    _relink(session)
    for statement in _GRIDS:
        session.execute(text(statement))
    session.execute(
        _timed("UPDATE runs SET purged_at = :until WHERE id IN (SELECT id FROM due)"),
        {"until": now()},
    )
    pictures = _drop_genomes(session)
    ancestors = session.scalar(text("SELECT count(*) FROM births")) or 0
    for table in _TABLES:
        session.execute(text(f"DROP TABLE temp.{table}"))
    return Purged(runs=runs, pictures=pictures, ancestors=ancestors)


def _relink(session: Session) -> None:
    """Let each grid that stays come from the nearest one before it that stays too."""
    rows = session.execute(text(_STAYING)).all()
    session.execute(text(_FORGET))
    stays = {row[0] for row in rows if row[2]}
    nearest: dict[int | None, int | None] = {None: None}
    changed = []
    for key, before, _ in rows:
        found = before if before in stays else nearest[before]
        nearest[key] = found
        if found != before:
            changed.append({"key": key, "found": found})
    if changed:  # what it was bred from are slots of a grid that is not before it any more
        statement = "UPDATE generations SET parent_id = :found, bred_from = '' WHERE id = :key"
        session.execute(text(statement), changed)


def _drop_genomes(session: Session) -> int:
    """Delete the genomes that nothing refers to any more; return how many."""
    holders = [
        (table.name, column.name)
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if table.name != "origins"
        and any(key.target_fullname == "genomes.id" for key in column.foreign_keys)
    ]
    unheld = " AND ".join(
        f"NOT EXISTS (SELECT 1 FROM {table} WHERE {table}.{column} = touched.genome_id)"  # noqa: S608
        for table, column in holders
    )
    unheld_keys = text(f"SELECT genome_id FROM touched WHERE {unheld}")  # noqa: S608
    gone = list(session.scalars(unheld_keys))
    for keys in batches(gone):
        _delete(session, "origins", "genome_id", keys)
        _delete(session, "genomes", "id", keys)
    return len(gone)


def _delete(session: Session, table: str, column: str, keys: Iterable[int]) -> None:
    statement = text(f"DELETE FROM {table} WHERE {column} IN :keys")  # noqa: S608
    session.execute(statement.bindparams(bindparam("keys", expanding=True)), {"keys": list(keys)})
