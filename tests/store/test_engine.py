from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import make_url

from breeder.errors import NotFoundError, StoreError
from breeder.store import Store, default_url, engine
from breeder.store.engine import file_of, is_memory, place_of
from tests.store.grids import genome, holds


def test_the_environment_names_the_database(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BREEDER_DATABASE_URL", " sqlite:///elsewhere.db ")
    assert default_url() == "sqlite:///elsewhere.db"


def test_else_it_is_a_file_in_the_users_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = tmp_path / "Jo's art 100% ?" / "breeder"
    monkeypatch.delenv("BREEDER_DATABASE_URL", raising=False)
    monkeypatch.setattr(engine, "user_data_path", lambda *_, **__: folder)
    assert file_of(make_url(default_url())) == folder / "breeder.db"
    with Store.open() as store:
        assert store.place == str(folder / "breeder.db")
    assert (folder / "breeder.db").is_file()


def test_a_folder_that_cannot_be_made_gets_a_sentence(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.delenv("BREEDER_DATABASE_URL", raising=False)
    monkeypatch.setattr(engine, "user_data_path", lambda *_, **__: tmp_path / "file" / "breeder")
    with pytest.raises(StoreError, match="name another database in BREEDER_DATABASE_URL"):
        Store.open()


@pytest.mark.parametrize(
    ("text", "memory", "path"),
    [
        ("sqlite://", True, None),
        ("sqlite:///:memory:", True, None),
        ("sqlite:///file::memory:?uri=true", True, None),
        ("sqlite:///art.db", False, Path("art.db")),
        ("sqlite:////tmp/a%20b.db", False, Path("/tmp/a b.db")),  # noqa: S108
        ("sqlite:///file:art.db?mode=ro&uri=true", False, Path("art.db")),
        ("postgresql://me:secret@host/art", False, None),
    ],
)
def test_the_file_of_an_address(text: str, memory: bool, path: Path | None) -> None:
    assert is_memory(make_url(text)) is memory
    assert file_of(make_url(text)) == path


def test_a_password_is_never_shown() -> None:
    assert "secret" not in place_of(make_url("postgresql://me:secret@host/art"))


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("art.db", "write sqlite:///art.db"),
        ("nosuch://host/art", "needs a driver that is not installed"),
        ("sqlite:////no/such/folder/art.db", "check that its folder is there"),
    ],
)
def test_an_address_that_leads_nowhere_gets_a_sentence(url: str, says: str) -> None:
    with pytest.raises(StoreError, match=says):
        Store.open(url)


def test_a_file_that_is_no_database_is_left_alone(tmp_path: Path, url: str) -> None:
    (tmp_path / "art.db").write_bytes(b"a letter to my aunt, and not a short one" * 99)
    with pytest.raises(StoreError, match="is not a breeder database"):
        Store.open(url)
    assert (tmp_path / "art.db").read_bytes().startswith(b"a letter")
    assert [path.name for path in tmp_path.iterdir()] == ["art.db"]


def test_another_programs_database_is_left_alone(tmp_path: Path, url: str) -> None:
    with closing(sqlite3.connect(tmp_path / "art.db")) as connection:
        connection.execute("CREATE TABLE recipes (id INTEGER)")
    before = (tmp_path / "art.db").read_bytes()
    with pytest.raises(StoreError, match="holds other tables"):
        Store.open(url)
    assert (tmp_path / "art.db").read_bytes() == before


def test_a_locked_database_gets_a_sentence_after_waiting(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, url: str
) -> None:
    monkeypatch.setattr(engine, "BUSY_SECONDS", 0.1)
    with Store.open(url) as store, closing(sqlite3.connect(tmp_path / "art.db")) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="is being written by another program"):
            store.create_run(name="owls", seed=1)
        assert store.runs() == []  # who only reads does not wait
        other.rollback()
        assert store.create_run(name="owls", seed=1) == store.runs()[0]


def test_a_file_that_may_only_be_read_can_be_read(tmp_path: Path, url: str) -> None:
    with Store.open(url) as store:
        run = store.create_run(name="owls", seed=1)
    with Store.open(f"sqlite:///file:{tmp_path / 'art.db'}?mode=ro&uri=true") as store:
        assert store.runs() == [run]
        with pytest.raises(StoreError, match=r"cannot be written; check the permissions"):
            store.rename_run(run.id, "cats")


def test_a_full_disk_gets_a_sentence_and_loses_nothing(url: str) -> None:
    with Store.open(url) as store:
        run = store.create_run(name="owls", seed=1)
        with closing(store._engine.raw_connection()) as raw:  # the pool's only connection
            pages = raw.cursor().execute("PRAGMA page_count").fetchone()[0]
            raw.cursor().execute(f"PRAGMA max_page_count = {pages}")
        large = genome(1, hidden=900, connections=4000)
        with pytest.raises(StoreError, match="the disk is full"):
            store.save_genome(large)
        assert store.runs() == [run]
        assert not holds(store, large)


def test_a_damaged_file_gets_a_sentence(tmp_path: Path, url: str) -> None:
    with Store.open(url) as store:
        for name in "abc":
            store.create_run(name=name, seed=1)
    data = bytearray((tmp_path / "art.db").read_bytes())
    data[16384:] = bytes(len(data) - 16384)
    (tmp_path / "art.db").write_bytes(data)
    with pytest.raises(StoreError, match=r"is damaged; go back to a copy"):
        Store.open(url)


def test_every_file_is_opened_with_care(url: str) -> None:
    with Store.open(url) as store, store._engine.connect() as connection:
        wanted = {"journal_mode": "wal", "foreign_keys": 1, "synchronous": 2, "busy_timeout": 10000}
        found = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in wanted}
        assert found == wanted


def test_what_is_not_text_is_not_found(store: Store) -> None:
    with pytest.raises(NotFoundError, match="not text"):
        store.generation("\udc80")
