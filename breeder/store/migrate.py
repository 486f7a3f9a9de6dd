"""Brings a database to this version's tables, or refuses it with a reason.

Alembic takes 0.25 s to import, so it is imported only where there is something to change. A file
name in migrations/versions begins with its revision, a counted number of four digits: what the
newest is can be read from the folder alone.
"""

from __future__ import annotations

import re
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy import URL, Connection, Engine

from breeder.errors import NewerDatabaseError, StoreError
from breeder.store.engine import (
    BUSY_SECONDS,
    WRITE_OPTION,
    engine_errors,
    file_of,
    is_memory,
    is_sqlite,
    make_engine,
    place_of,
)
from breeder.store.tables import Base

VERSION_TABLE = "alembic_version"
VERSIONS = sa.Table(
    VERSION_TABLE, sa.MetaData(), sa.Column("version_num", sa.String(32), primary_key=True)
)
PAGE_BYTES = 16384
"""Of SQLite's pages. A grown genome takes 1 to 3 KB: of the usual 4 KB, half would stay empty."""
REVISION = re.compile(r"\d{4}")

_one_at_a_time = threading.Lock()  # alembic.context is one for the whole process


def migrations_folder() -> Path:
    """Return where the migration scripts are: in the package (wheel), or beside it (repository).

    Raises:
        StoreError: They are in neither place.
    """
    package = Path(__file__).parents[1]
    for folder in (package / "migrations", package.parent / "migrations"):
        if (folder / "env.py").is_file():
            return folder
    raise StoreError("breeder's migration scripts are missing; install breeder again.")


def revisions(folder: Path) -> list[str]:
    """Return the revisions there are scripts for, oldest first."""
    scripts = sorted((folder / "versions").glob("*.py"))
    return [path.name[:4] for path in scripts if REVISION.match(path.name)]


def prepare(engine: Engine, *, folder: Path | None = None) -> None:
    """Bring the database to the newest version that there is a script for.

    A file that must be changed is first copied to `<name>.before-<revision>.bak` next to it. Two
    processes may do this at the same moment: one waits for the other.

    Args:
        engine: The database.
        folder: The migration scripts; breeder's own if None.

    Raises:
        NewerDatabaseError: A later version of breeder wrote it. It is left as it is.
        StoreError: It is not a breeder database, or cannot be read or changed.
    """
    url, folder = engine.url, folder or migrations_folder()
    known = revisions(folder)
    with engine_errors(url):
        if is_memory(url):
            _create(engine, known[-1])
            return
        with engine.connect() as connection:
            version = _checked_version(connection, known)
        if is_sqlite(url):
            _use_wal(engine)
        if version != known[-1]:
            with _one_at_a_time:
                _upgrade(url, folder, known)


def _create(engine: Engine, head: str) -> None:
    # A database in memory is always new: the tables as mapped, 0.3 s faster than by script.
    with engine.begin() as connection:
        if not sa.inspect(connection).has_table(VERSION_TABLE):
            Base.metadata.create_all(connection)
            VERSIONS.create(connection)
            connection.execute(VERSIONS.insert().values(version_num=head))


def _checked_version(connection: Connection, known: list[str]) -> str | None:
    """Return the database's revision, None if it is empty; raise if it is not one of `known`."""
    place = place_of(connection.engine.url)
    tables = sa.inspect(connection).get_table_names()
    if VERSION_TABLE not in tables:
        if tables:
            raise StoreError(
                f"The database {place} holds other tables ({tables[0]}, ...) and is not "
                "breeder's; choose another file."
            )
        return None
    version = connection.scalar(sa.select(VERSIONS.c.version_num))
    if version is None or version in known:
        return version
    if not REVISION.fullmatch(version) or version < known[-1]:
        raise StoreError(
            f"The database {place} has the version {version!r}, which is not one of breeder's; "
            "choose another file."
        )
    raise NewerDatabaseError(
        f"The database {place} was written by a later version of breeder (it has version "
        f"{version}, this one knows up to {known[-1]}); update breeder, for instance with "
        "'pip install --upgrade breeder', or choose another database. Nothing was changed."
    )


def _use_wal(engine: Engine) -> None:
    """Let readers and one writer work at the same time; the file remembers it."""
    with closing(engine.raw_connection()) as connection:
        cursor = connection.cursor()
        if cursor.execute("PRAGMA journal_mode").fetchone()[0] == "wal":
            return
        # Other than elsewhere, SQLite does not always wait here while another process switches.
        deadline = time.monotonic() + BUSY_SECONDS
        cursor.execute(f"PRAGMA page_size = {PAGE_BYTES}")  # of a new file; no other changes
        while True:
            try:
                cursor.execute("PRAGMA journal_mode = WAL")
                return
            except sqlite3.OperationalError as error:
                if "locked" not in str(error) or time.monotonic() > deadline:
                    raise StoreError(
                        f"The database {place_of(engine.url)} cannot be prepared for writing "
                        f"({error}); close other programs that use it and try again."
                    ) from error
                time.sleep(0.02)


def _upgrade(url: URL, folder: Path, known: list[str]) -> None:
    engine = make_engine(url, migrating=True)
    # BEGIN IMMEDIATE is the lock between processes; whoever waited finds the work done.
    with engine.execution_options(**{WRITE_OPTION: True}).begin() as connection:
        version = _checked_version(connection, known)
        if version == known[-1]:
            return
        with _backup(url, version, known[-1]):
            _run_scripts(connection, folder)
            _check_foreign_keys(connection)


def _run_scripts(connection: Connection, folder: Path) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise StoreError(f"breeder's migration scripts do not fit together: {error}") from error


def _check_foreign_keys(connection: Connection) -> None:
    if connection.dialect.name != "sqlite":
        return
    wrong = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    if wrong:
        raise StoreError(
            f"The database {place_of(connection.engine.url)} cannot be updated: {len(wrong)} rows, "
            f"the first in {wrong[0][0]}, point at rows that are not there. Nothing was changed."
        )


@contextmanager
def _backup(url: URL, version: str | None, head: str) -> Iterator[None]:
    """Copy the file before the block changes it; the copy goes if the block fails."""
    path = file_of(url)
    if path is None or version is None:
        yield
        return
    copy = free_name(path, head)
    try:
        _copy(path, copy)
        yield
    except BaseException:
        with suppress(OSError):
            copy.unlink()
        raise


def _copy(path: Path, copy: Path) -> None:
    try:
        # Another connection than the one that holds the lock: it reads what was committed.
        with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(copy)) as target:
            source.backup(target)
    except sqlite3.Error as error:
        raise StoreError(
            f"The database {path} cannot be copied to {copy.name} before its update ({error}). "
            "Nothing was changed."
        ) from error


def free_name(path: Path, before: str) -> Path:
    """Return a name beside a file for a copy of it, made before a revision or something else."""
    copy = path.with_name(f"{path.name}.before-{before}.bak")
    count = 1
    while copy.exists():  # a copy of someone's pictures is never written over
        count += 1
        copy = path.with_name(f"{path.name}.before-{before}.{count}.bak")
    return copy
