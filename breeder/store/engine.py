"""Connections: which database, how SQLite is set up, and its errors in plain words.

Knows nothing of tables.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from platformdirs import user_data_path
from sqlalchemy import URL, Connection, Engine, NullPool, StaticPool, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from breeder.errors import NotFoundError, StoreError

BUSY_SECONDS = 10.0
"""How long a connection waits for another program that writes."""

WRITE_OPTION = "breeder_write"
"""The execution option of connections that will write: their transactions take the write lock at
once. Taking it half-way can fail without waiting, when another wrote in between."""

SENTENCES = (
    ("database is locked", "is being written by another program; try again in a moment"),
    ("readonly database", "cannot be written; check the permissions of the file and its folder"),
    ("not a database", "is not a breeder database; choose another file"),
    ("malformed", "is damaged; go back to a copy or a .bak file next to it"),
    ("disk is full", "cannot grow, since the disk is full; make room and try again"),
    ("disk I/O error", "cannot be read or written; the disk reports an error"),
    (
        "unable to open database file",
        "cannot be opened; check that its folder is there and may be written to",
    ),
)


def default_url() -> str:
    """Return the database to use when none is named.

    BREEDER_DATABASE_URL if it is set, else a file in the user's data folder, which is made.

    Raises:
        StoreError: The folder cannot be made.
    """
    named = os.environ.get("BREEDER_DATABASE_URL", "").strip()
    if named:
        return named
    folder = user_data_path("breeder", appauthor=False)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(
            f"The folder {folder} for the database cannot be made ({error.strerror}); "
            "name another database in BREEDER_DATABASE_URL."
        ) from error
    return URL.create("sqlite", database=str(folder / "breeder.db")).render_as_string()


def parse_url(text: str) -> URL:
    """Return the address of a database, parsed.

    Raises:
        StoreError: It is not an address.
    """
    try:
        return make_url(text)
    except ArgumentError as error:
        raise StoreError(
            f"{text!r} is not the address of a database; "
            "write sqlite:///art.db for the file art.db in this folder."
        ) from error


def is_sqlite(url: URL) -> bool:
    """Return whether the database is SQLite."""
    return url.get_backend_name() == "sqlite"


def is_memory(url: URL) -> bool:
    """Return whether the database lives in memory only."""
    return is_sqlite(url) and (
        url.database in (None, "", ":memory:", "file::memory:") or url.query.get("mode") == "memory"
    )


def file_of(url: URL) -> Path | None:
    """Return the file of an SQLite database; None for others."""
    if not is_sqlite(url) or is_memory(url):
        return None
    return Path(str(url.database).removeprefix("file:"))


def place_of(url: URL) -> str:
    """Return the database as messages name it: the file, or the address without its password."""
    path = file_of(url)
    return url.render_as_string(hide_password=True) if path is None else str(path)


def make_engine(url: URL, *, migrating: bool = False) -> Engine:
    """Return an engine that is set up for breeder; nothing is opened yet.

    Args:
        url: Which database.
        migrating: For a change of the tables: foreign keys off, no pool. With foreign keys on,
            SQLite deletes or nulls child rows when a parent table is rebuilt.

    Raises:
        StoreError: The database's driver is not installed.
    """
    options: dict[str, Any] = {"json_serializer": _compact_json}
    if is_sqlite(url):
        options["connect_args"] = {"timeout": BUSY_SECONDS, "check_same_thread": False}
        if is_memory(url):
            options["poolclass"] = StaticPool
    if migrating:
        options["poolclass"] = NullPool
    try:
        engine = create_engine(url, **options)
    except (NoSuchModuleError, ImportError) as error:
        raise StoreError(
            f"The database {place_of(url)} needs a driver that is not installed ({error})."
        ) from error
    if is_sqlite(url):
        event.listen(engine, "connect", partial(_set_up, foreign_keys=not migrating))
        event.listen(engine, "begin", _begin)
    return engine


def _set_up(connection: Any, _record: object, *, foreign_keys: bool) -> None:
    # Python's sqlite3 would begin transactions by itself, late and never for reads; _begin does.
    connection.isolation_level = None
    connection.execute(f"PRAGMA foreign_keys = {'ON' if foreign_keys else 'OFF'}")
    # In WAL mode NORMAL loses nothing when the process is killed, but may lose the last commits
    # when the power fails. FULL keeps them, at 0.15 ms a commit (SSD): a click costs far more.
    connection.execute("PRAGMA synchronous = FULL")


def _begin(connection: Connection) -> None:
    write = connection.get_execution_options().get(WRITE_OPTION, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


def _compact_json(value: object) -> str:
    return json.dumps(value, separators=(",", ":"), allow_nan=False)


@contextmanager
def engine_errors(url: URL) -> Iterator[None]:
    """Turn the engine's errors into StoreError with a sentence for people."""
    try:
        yield
    except DBAPIError as error:
        raise StoreError(f"The database {place_of(url)} {explain(str(error.orig))}.") from error
    except UnicodeEncodeError as error:  # half a surrogate pair, from an address or a form
        raise NotFoundError(f"There is nothing named {error.object!r}; it is not text.") from error
    except PoolTimeoutError as error:
        raise StoreError(
            f"The database {place_of(url)} is busy with too many requests; try again in a moment."
        ) from error


def explain(text: str) -> str:
    """Return what an engine's error means, as the end of a sentence about a database."""
    for fragment, sentence in SENTENCES:
        if fragment in text:
            return sentence
    return f"cannot do this ({text})"
