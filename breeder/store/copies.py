"""Copies of a database file: made while it is in use, checked, and put in its place.

SQLite's own backup does the copying, page by page out of one state of the database, whoever writes
meanwhile.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Final

from sqlalchemy import URL

from breeder.errors import StoreError
from breeder.store.engine import (
    BUSY_SECONDS,
    default_url,
    explain,
    file_of,
    make_engine,
    parse_url,
    place_of,
)
from breeder.store.migrate import free_name, prepare
from breeder.store.tables import WORDS

HEADER: Final = b"SQLite format 3\0"
PAGES: Final = 512
"""Copied in one go, 8 MiB: some 100 reports of a file of 1 GB."""

LOGS: Final = ("-wal", "-shm", "-journal")
"""What SQLite keeps beside a file. Left by an earlier file of the name, it would be taken for the
new one's, and change what that one holds."""

SCRATCH: Final = ".breeder-"
DAY_SECONDS: Final = 86_400.0

Progress = Callable[[int, int], object]
"""Called with the pages done, and all of them."""


def no_progress(_done: int, _all: int) -> None:
    """Report nothing."""


def own_file(url: str | None) -> Path:
    """Return the file of a database of breeder's, whether it is there or not.

    Raises:
        StoreError: It is not in a file.
    """
    parsed = parse_url(default_url() if url is None else url)
    path = file_of(parsed)
    if path is None:
        raise StoreError(
            f"The database {place_of(parsed)} is not an SQLite file; use the tools of its server."
        )
    return path


def back_up(url: str | None, target: Path, *, progress: Progress = no_progress) -> int:
    """Copy a database to a file, and return its size in bytes; both may be in use meanwhile.

    The file is whole or not there, and one of that name stays until the new one is whole.

    Raises:
        StoreError: There is no database, it is damaged, or the file cannot be written.
    """
    source = own_file(url)
    if not source.is_file():
        raise StoreError(f"There is no database {source} to back up.")
    if target.is_dir():
        raise StoreError(f"{target} is a folder; name a file for the backup.")
    if target.exists() and target.samefile(source):
        raise StoreError("A database cannot be backed up to itself; name another file.")
    if target.exists() and target.stat().st_size and not is_database(target):
        raise StoreError(f"{target} is another kind of file; it is not written over.")
    with _scratch(target) as folder:
        copy = folder / "copy.db"
        copy_file(source, copy, progress=progress)
        check_whole(copy, source)
        _flush(copy)
        for suffix in LOGS:
            target.with_name(f"{target.name}{suffix}").unlink(missing_ok=True)
        os.replace(copy, target)
        _flush(target.parent)
    return target.stat().st_size


def restore(
    url: str | None, source: Path, *, progress: Progress = no_progress
) -> tuple[Path, Path | None]:
    """Put a copy in the place of a database.

    The copy is checked first and brought to this version; it stays as it is. The database that was
    there is kept beside the new one. While another program has it open, nothing is done: a page
    would go on with grids that are not there any more.

    Returns:
        The database's file, and the file that the former one is kept in, if there was one.

    Raises:
        NewerDatabaseError: A later version of breeder wrote the copy.
        StoreError: The copy is damaged or not breeder's, or the database is in use.
    """
    target = own_file(url)
    if target.exists() and source.exists() and target.samefile(source):
        raise StoreError(f"{source} is the database itself; name a copy to restore.")
    with checked_copy(source, beside=target, progress=progress) as copy:
        kept = free_name(target, "restore")
        if not target.exists():
            _flush(copy)
            _set_aside(target, kept)
            os.replace(copy, target)
            return target, None
        try:
            _replace_content(copy, target, kept)
        except sqlite3.Error as error:
            if "locked" in str(error) or "busy" in str(error):
                raise StoreError(
                    f"The database {target} is in use; end 'breeder serve' and other programs that "
                    "have it open, and try again. Nothing was changed."
                ) from error
            _set_aside(target, kept)  # so damaged that SQLite cannot even copy it
            os.replace(copy, target)
        return target, kept


@contextmanager
def checked_copy(source: Path, *, beside: Path, progress: Progress = no_progress) -> Iterator[Path]:
    """Give the block a copy of a database that is whole, and at this version's tables.

    Args:
        source: A file from anywhere; it is only read.
        beside: The copy lies in a folder beside this file, until the block ends.
        progress: Told how far the copying is.

    Raises:
        NewerDatabaseError: A later version of breeder wrote it.
        StoreError: It is not there, damaged, or not breeder's.
    """
    if not source.is_file():
        raise StoreError(f"There is no file {source}.")
    if not is_database(source):
        raise StoreError(f"{source} is not a breeder database; choose another file.")
    with _scratch(beside) as folder:
        copy = folder / "copy.db"
        copy_file(source, copy, progress=progress)
        check_whole(copy, source)
        _refuse_programs(copy, source)
        try:
            bring_up(copy)
        except StoreError as error:
            raise type(error)(str(error).replace(str(copy), str(source))) from error
        _as_one_file(copy)
        yield copy


def bring_up(path: Path) -> None:
    """Bring a database file to this version's tables.

    Raises:
        NewerDatabaseError: A later version of breeder wrote it.
        StoreError: It is not breeder's, or cannot be changed.
    """
    # Not from a text: in an address, what follows a "?" in a name would be left out.
    engine = make_engine(URL.create("sqlite", database=str(path)))
    try:
        prepare(engine)
    finally:
        engine.dispose()


def is_database(path: Path) -> bool:
    """Return whether a file begins as SQLite's do."""
    try:
        with path.open("rb") as file:
            return file.read(len(HEADER)) == HEADER
    except OSError as error:
        raise StoreError(f"{path} cannot be read ({error.strerror}).") from error


def copy_file(source: Path, copy: Path, *, progress: Progress = no_progress) -> None:
    """Copy one state of a database that others may be writing to.

    Raises:
        StoreError: It cannot be read, or the copy not be written.
    """
    try:
        with closing(_open(source, read_only=True)) as reads, closing(_open(copy)) as writes:
            # While this transaction reads, later commits are no part of what is copied; without
            # it, each of them would begin the copying anew.
            reads.execute("BEGIN")
            reads.execute("SELECT count(*) FROM sqlite_master").fetchone()
            reads.backup(
                writes,
                pages=PAGES,
                progress=lambda _status, left, total: progress(total - left, total),
            )
            reads.execute("COMMIT")
        _as_one_file(copy)
    except sqlite3.Error as error:
        raise StoreError(f"The database {source} {explain(str(error))}.") from error


def check_whole(copy: Path, source: Path) -> None:
    """Raise StoreError if a database is damaged.

    Args:
        copy: What is looked at.
        source: What the message names.
    """
    try:
        with closing(_open(copy)) as connection:
            found = connection.execute("PRAGMA integrity_check(1)").fetchone()
            wrong = connection.execute("PRAGMA foreign_key_check").fetchone()
    except sqlite3.Error as error:
        raise StoreError(f"The database {source} {explain(str(error))}.") from error
    if found != ("ok",) or wrong is not None:
        raise StoreError(
            f"The database {source} is damaged; go back to an earlier copy. Nothing was changed."
        )


def _refuse_programs(copy: Path, source: Path) -> None:
    """Raise StoreError if a file brings views or triggers of its own: those would be run."""
    ours = {" ".join(each.split()) for each in WORDS}
    with closing(_open(copy)) as connection:
        query = "SELECT name, sql FROM sqlite_master WHERE type IN ('view', 'trigger')"
        found = [(str(name), str(sql)) for name, sql in connection.execute(query)]
    strange = [name for name, sql in found if " ".join(sql.split()) not in ours]
    if strange:
        raise StoreError(
            f"The database {source} holds a program ({strange[0]!r}) that breeder did not write; "
            "choose another file."
        )


def _open(path: Path, *, read_only: bool = False) -> sqlite3.Connection:
    # "mode=ro" would refuse a file in a folder that may not be written to, for want of a log.
    address = f"{path.absolute().as_uri()}?mode={'rw' if read_only else 'rwc'}"
    connection = sqlite3.connect(address, uri=True, isolation_level=None, timeout=BUSY_SECONDS)
    connection.execute("PRAGMA trusted_schema = OFF")
    return connection


def _as_one_file(path: Path) -> None:
    """Leave a database as a single file, without a log beside it."""
    with closing(_open(path)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")


def _replace_content(copy: Path, target: Path, kept: Path) -> None:
    with closing(_open(target)) as writes:
        writes.execute("PRAGMA busy_timeout = 2000")
        # Only who has a database to himself can switch this, so nobody else has it open.
        writes.execute("PRAGMA journal_mode = DELETE").fetchone()
        with closing(_open(kept)) as keeps:
            writes.backup(keeps)
        try:
            with closing(_open(copy)) as reads:
                reads.backup(writes)  # one transaction: all of it, or nothing
        except BaseException:
            kept.unlink()
            raise
        writes.execute("PRAGMA journal_mode = WAL")


def _set_aside(target: Path, kept: Path) -> None:
    for suffix in ("", *LOGS):
        with suppress(FileNotFoundError):
            os.replace(f"{target}{suffix}", f"{kept}{suffix}")


@contextmanager
def _scratch(beside: Path) -> Iterator[Path]:
    """Give the block an empty folder beside a file, which is gone afterwards."""
    parent = beside.absolute().parent
    _clear_up(parent)
    try:
        folder = Path(tempfile.mkdtemp(prefix=SCRATCH, dir=parent))
    except OSError as error:
        raise StoreError(
            f"Nothing can be written beside {beside} ({error.strerror}); choose another folder."
        ) from error
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _clear_up(parent: Path) -> None:
    """Remove folders that a process left which was killed: they may hold a whole database."""
    for old in parent.glob(f"{SCRATCH}*"):
        with suppress(OSError):
            if time.time() - old.stat().st_mtime > DAY_SECONDS:
                shutil.rmtree(old, ignore_errors=True)


def _flush(path: Path) -> None:
    """Have the disk keep a file, or a folder's list of names, before anything goes on."""
    if os.name == "nt" and path.is_dir():
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
