from __future__ import annotations

import os
import shutil
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest

from breeder.breeder import Breeder
from breeder.errors import NewerDatabaseError, StoreError
from breeder.store import Store, copies
from breeder.store.copies import back_up, checked_copy, restore
from tests.store.grids import grid

DATA = Path(__file__).with_name("data")


@pytest.fixture
def art(tmp_path: Path, url: str) -> Path:
    with Store.open(url) as store:
        run = store.create_run(name="owls", seed=7)
        store.add_generation(grid(run.id))
    return tmp_path / "art.db"


def names(path: Path) -> list[str]:
    with Store.open(f"sqlite:///{path}") as store:
        return sorted(run.name for run in store.runs())


def left_over(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir() if each.name.startswith(".breeder"))


def test_a_backup_is_one_whole_file_that_opens(art: Path, url: str, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    steps: list[tuple[int, int]] = []
    size = back_up(url, copy, progress=lambda done, pages: steps.append((done, pages)))
    assert size == copy.stat().st_size
    assert not list(tmp_path.glob("copy.db-*"))
    assert steps[-1][0] == steps[-1][1] > 0
    assert names(copy) == ["owls"]
    assert left_over(tmp_path) == []


def test_a_backup_holds_one_state_while_others_write(
    art: Path, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copies, "PAGES", 1)
    with Store.open(url) as store:
        run = store.runs()[0]
        written: list[str] = []

        def write(done: int, pages: int) -> None:
            written.append(store.create_run(name=f"late {done}", seed=1).id)
            store.add_generation(grid(written[-1], population=8, hidden=20, connections=60))

        back_up(url, tmp_path / "copy.db", progress=write)
        assert len(written) > 3
        assert len(store.runs()) == len(written) + 1
        assert store.run(run.id).generations == 1
    assert names(tmp_path / "copy.db") == ["owls"]


def test_a_backup_never_takes_what_another_file_has(art: Path, url: str, tmp_path: Path) -> None:
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(b"a photo")
    with pytest.raises(StoreError, match="another kind of file"):
        back_up(url, photo)
    assert photo.read_bytes() == b"a photo"
    with pytest.raises(StoreError, match="itself"):
        back_up(url, art)
    with pytest.raises(StoreError, match="folder"):
        back_up(url, tmp_path)
    with pytest.raises(StoreError, match="no database"):
        back_up(f"sqlite:///{tmp_path / 'none.db'}", tmp_path / "copy.db")
    assert not (tmp_path / "none.db").exists()


def test_a_cancelled_backup_leaves_the_earlier_one(art: Path, url: str, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    back_up(url, copy)
    earlier = copy.read_bytes()
    with Store.open(url) as store:
        store.create_run(name="new", seed=1)

    def cancel(done: int, pages: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        back_up(url, copy, progress=cancel)
    assert copy.read_bytes() == earlier
    assert left_over(tmp_path) == []


def test_restoring_brings_back_the_copy_and_keeps_what_was_there(
    art: Path, url: str, tmp_path: Path
) -> None:
    copy = tmp_path / "copy.db"
    back_up(url, copy)
    before = copy.read_bytes()
    with Store.open(url) as store:
        store.create_run(name="later", seed=1)
    place, kept = restore(url, copy)
    assert place == art
    assert names(art) == ["owls"]
    assert kept is not None
    assert names(kept) == ["later", "owls"]
    assert copy.read_bytes() == before
    assert left_over(tmp_path) == []


def test_an_older_copy_is_brought_to_this_version_and_breeds(art: Path, url: str) -> None:
    restore(url, DATA / "breeder-0002.db")
    with Store.open(url) as store:
        assert len(Breeder.resume(store, "owls").tell([1]).children) == 5
    assert not list(DATA.glob("*.bak"))


def left_log(path: Path) -> None:
    """Leave a log beside a database, as a process does that is killed while it has it open."""
    log = path.with_name(f"{path.name}-wal")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        with connection:
            connection.execute("UPDATE runs SET name = 'of another file'")
        kept = log.read_bytes()
    log.write_bytes(kept)


def test_a_log_that_an_earlier_file_left_never_gets_into_the_new_one(
    art: Path, url: str, tmp_path: Path
) -> None:
    copy = tmp_path / "copy.db"
    back_up(url, copy)
    left_log(copy)
    back_up(url, copy)
    assert names(copy) == ["owls"]
    shutil.copy(copy, art)
    left_log(art)
    log = art.with_name("art.db-wal").read_bytes()
    art.unlink()
    _, kept = restore(url, copy)
    assert names(art) == ["owls"]
    assert kept is None
    assert (tmp_path / "art.db.before-restore.bak-wal").read_bytes() == log


def test_a_copy_of_any_name_is_checked_and_brought_to_this_version(
    art: Path, url: str, tmp_path: Path
) -> None:
    folder = tmp_path / "what? #%20@"
    folder.mkdir()
    odd = folder / "old?mode=ro #%20@.db"
    shutil.copy(art, odd)
    with closing(sqlite3.connect(odd)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '0417'")
    with pytest.raises(NewerDatabaseError, match="later version"):
        restore(url, odd)
    with pytest.raises(NewerDatabaseError, match="later version"), checked_copy(odd, beside=odd):
        pass
    shutil.copy(DATA / "breeder-0002.db", odd)
    restore(url, odd)
    assert "owls copy" in names(art)


def test_a_copy_can_be_restored_where_there_is_no_database(tmp_path: Path) -> None:
    place, kept = restore(f"sqlite:///{tmp_path / 'new.db'}", DATA / "breeder-0002.db")
    assert kept is None
    assert "owls" in names(place)


def test_a_database_in_use_is_not_replaced(art: Path, url: str, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    back_up(url, copy)
    with Store.open(url) as store:
        store.create_run(name="later", seed=1)
        with pytest.raises(StoreError, match=r"in use.*Nothing was changed"):
            restore(url, copy)
        assert len(store.runs()) == 2
    assert not list(tmp_path.glob("*.bak"))
    assert left_over(tmp_path) == []


def test_a_damaged_database_can_be_replaced(art: Path, url: str, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    back_up(url, copy)
    art.write_bytes(b"SQLite format 3\0" + b"\xff" * 5000)
    _, kept = restore(url, copy)
    assert names(art) == ["owls"]
    assert kept is not None
    assert kept.read_bytes().endswith(b"\xff" * 5000)


def test_what_is_no_whole_database_of_breeder_is_refused(
    art: Path, url: str, tmp_path: Path
) -> None:
    before = names(art)
    bad = tmp_path / "bad.db"

    def refused(match: str, error: type[StoreError] = StoreError) -> None:
        with pytest.raises(error, match=match) as caught:
            restore(url, bad)
        assert str(bad) in str(caught.value)
        assert "\n" not in str(caught.value)
        assert names(art) == before

    refused("There is no file")
    bad.write_bytes(b"nothing of the kind")
    refused("not a breeder database")
    bad.write_bytes(b"")
    refused("not a breeder database")
    shutil.copy(art, bad)
    middle = bad.stat().st_size // 2
    with bad.open("r+b") as file:
        file.seek(middle)
        file.write(b"\xff" * 16384)
    refused("damaged")
    bad.unlink()
    with closing(sqlite3.connect(bad)) as connection:
        connection.execute("CREATE TABLE recipes (cake)")
    refused("other tables")
    shutil.copy(art, bad)
    with closing(sqlite3.connect(bad)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '0417'")
    refused("later version", NewerDatabaseError)
    shutil.copy(art, bad)
    with closing(sqlite3.connect(bad)) as connection, connection:
        connection.execute(
            "CREATE TRIGGER gallery_words_x AFTER INSERT ON runs BEGIN SELECT 1; END"
        )
    refused("program")
    assert left_over(tmp_path) == []


def test_what_a_killed_process_left_goes_after_a_day(art: Path, url: str, tmp_path: Path) -> None:
    for name, hours in ((".breeder-old", 25), (".breeder-new", 1)):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "copy.db").write_bytes(b"half a copy")
        then = time.time() - hours * 3600
        os.utime(folder, (then, then))
    back_up(url, tmp_path / "copy.db")
    assert left_over(tmp_path) == [".breeder-new"]
