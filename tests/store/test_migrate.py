from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, make_url

from breeder.breeder import Breeder
from breeder.errors import NewerDatabaseError, StoreError
from breeder.store import Search, Store, migrate
from breeder.store.engine import make_engine
from breeder.store.tables import WORDS_TABLE, Base
from tests.store.grids import grid

OLD = Path(__file__).with_name("data") / "breeder-0001.db"

WIDTHS = {"runs": 7, "generations": 12, "favourites": 5}
"""How many columns these had in version 0001."""

NEXT = """
import sqlalchemy as sa
from alembic import op

revision, down_revision, branch_labels, depends_on = "0005", "0004", None, None


def upgrade():
    # Three parent tables, each built anew: with foreign keys on, their child rows would be lost.
    with op.batch_alter_table("runs", recreate="always") as table:
        table.add_column(sa.Column("mood", sa.String(20), server_default="calm", nullable=False))
    with op.batch_alter_table("genomes", recreate="always") as table:
        table.alter_column("color", type_=sa.String(20))
    with op.batch_alter_table("generations", recreate="always") as table:
        table.alter_column("number", type_=sa.BigInteger())
"""
BROKEN = f"{NEXT}    op.drop_table('nowhere')\n"
ORPHANING = f"{NEXT}    op.execute(sa.delete(sa.table('genomes')))\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The migration scripts, as a later version may have them."""
    return shutil.copytree(
        migrate.migrations_folder(), tmp_path / "migrations", ignore=lambda *_: ["__pycache__"]
    )


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A database of version 0001 with pictures in it."""
    return Path(shutil.copy(OLD, tmp_path / "art.db"))


def rows(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """All that is in a file of what version 0001 knows, by table."""
    with closing(sqlite3.connect(OLD)) as connection:
        query = "SELECT name FROM sqlite_master WHERE type = 'table' AND name != 'alembic_version'"
        tables = [name for (name,) in connection.execute(query)]
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        return {
            name: [row[: WIDTHS.get(name)] for row in found]
            for name in tables
            for found in [connection.execute(f"SELECT * FROM {name} ORDER BY 1, 2").fetchall()]  # noqa: S608
        }


def version(path: Path) -> str:
    with closing(sqlite3.connect(path)) as connection:
        return str(connection.execute("SELECT version_num FROM alembic_version").fetchone()[0])


def upgrade(path: Path, folder: Path, script: str) -> None:
    (folder / "versions" / "0005_moods.py").write_text(script)
    engine = make_engine(make_url(f"sqlite:///{path}"))
    try:
        migrate.prepare(engine, folder=folder)
    finally:
        engine.dispose()


def is_mapped(name: str | None, kind: str, _parents: object) -> bool:
    """Leave out the index of words and its own tables, which SQLAlchemy has no mapping for."""
    return kind != "table" or not str(name).startswith(WORDS_TABLE)


def test_the_scripts_make_the_tables_that_are_mapped(tmp_path: Path, url: str) -> None:
    Store.open(url).close()
    engine = create_engine(url)
    with engine.connect() as connection:
        options = {"compare_type": True, "include_name": is_mapped}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, Base.metadata) == []
    engine.dispose()


def test_scripts_and_mappings_write_the_same_names_and_options(tmp_path: Path, url: str) -> None:
    def schema(store: Store) -> set[tuple[str, str, bool]]:
        with store._engine.connect() as connection:
            found = connection.exec_driver_sql("SELECT type, name, sql FROM sqlite_master").all()
        return {(kind, name, "WITHOUT ROWID" in (sql or "")) for kind, name, sql in found}

    with Store.open(url) as by_script, Store.in_memory() as by_mapping:
        assert schema(by_script) == schema(by_mapping)


def test_a_file_name_begins_with_its_revision() -> None:
    folder = migrate.migrations_folder()
    config = Config()
    config.set_main_option("script_location", str(folder))
    scripts = ScriptDirectory.from_config(config)
    known = migrate.revisions(folder)
    assert scripts.get_heads() == known[-1:]
    assert sorted(script.revision for script in scripts.walk_revisions()) == known
    for script in scripts.walk_revisions():
        assert Path(script.path).name.startswith(f"{script.revision}_")


def test_the_scripts_import_nothing_from_breeder() -> None:
    for path in migrate.migrations_folder().rglob("*.py"):
        lines = path.read_text().splitlines()
        assert not [line for line in lines if line.startswith(("import breeder", "from breeder"))]


def test_a_file_of_version_0001_opens_and_breeds(old: Path) -> None:
    with Store.open(f"sqlite:///{old}") as store:
        run = store.run("owls")
        current = store.current(run.id)
        assert current is not None
        assert (run.generations, current.number, current.picks) == (4, 2, (1, 3))
        assert current == store.generation(current.id)
        assert [len(store.generation(b.id).children) for b in store.tree(run.id)] == [4, 4, 4, 4]
        assert [each.title for each in store.favourites()] == ["Owl"]
        family = store.lineage(current.children[0].genome.id)
        assert [ancestor.number for ancestor in family] == [2, 1, 1, 0, 0]
        assert store.runs(deleted=True)[0].name == "cats"
        store.add_generation(grid(run.id, after=current, picks=current.picks))
        assert store.run(run.id).generations == 5


def test_a_file_of_version_0002_opens_and_breeds(tmp_path: Path) -> None:
    copy = shutil.copy(OLD.with_name("breeder-0002.db"), tmp_path / "art.db")
    with Store.open(f"sqlite:///{copy}") as store:
        assert {run.name for run in store.runs()} == {"owls", "owls copy", "more owls"}
        assert [entry.title for entry in store.gallery().entries] == ["", "Owl"]
        found = store.gallery(Search(text="owl")).entries
        assert [entry.created_at == entry.updated_at for entry in found] == [True]
        breeder = Breeder.resume(store, "owls")
        shown = breeder.ask()
        assert shown.picks == (2,)
        assert breeder.breed_again(shown, 3) == shown.children[3]
        grown = breeder.tell([2])
        assert [store.birth(each.genome.id) is not None for each in grown.children] == [True] * 5
    assert version(tmp_path / "art.db.before-0004.bak") == "0002"


def test_a_file_of_version_0003_opens_and_breeds(tmp_path: Path) -> None:
    copy = shutil.copy(OLD.with_name("breeder-0003.db"), tmp_path / "art.db")
    with Store.open(f"sqlite:///{copy}") as store:
        assert {run.name for run in store.runs()} == {"owls", "owls copy", "more owls"}
        owl = store.gallery(Search(text="looks")).entries[0]
        assert (owl.title, owl.tags, owl.stars) == ("Owl", ("birds",), 4)
        assert store.ratings() == {owl.genome_id: 4}
        assert (store.answers(), store.preference("dial", 0.5)) == ([], 0.5)
        chosen = [(each.picked, len(each.genome_ids)) for each in store.choices()]
        assert sorted(chosen) == [((0, 2), 5), ((1,), 5), ((1, 2), 5), ((2,), 5), ((3,), 5)]
        breeder = Breeder.resume(store, "owls")
        shown = breeder.ask()
        assert (shown.picks, shown.guidance) == ((2,), None)
        assert breeder.breed_again(shown, 3) == shown.children[3]
        grown = breeder.tell([2])
        assert [store.birth(each.genome.id) is not None for each in grown.children] == [True] * 5
    assert version(tmp_path / "art.db.before-0004.bak") == "0003"


def test_an_upgrade_keeps_every_row_and_a_copy(old: Path, folder: Path) -> None:
    before = rows(old)
    upgrade(old, folder, NEXT)
    assert rows(old) == before
    assert all(len(found) > 0 for found in before.values())
    assert version(old) == "0005"
    copy = old.with_name("art.db.before-0005.bak")
    assert version(copy) == "0001"
    assert rows(copy) == before
    with closing(sqlite3.connect(old)) as connection:
        assert {mood for (mood,) in connection.execute("SELECT mood FROM runs")} == {"calm"}


def test_a_copy_is_never_written_over(old: Path, folder: Path) -> None:
    first = old.with_name("art.db.before-0005.bak")
    first.write_bytes(b"from an earlier upgrade")
    upgrade(old, folder, NEXT)
    assert first.read_bytes() == b"from an earlier upgrade"
    assert version(old.with_name("art.db.before-0005.2.bak")) == "0001"


def test_an_upgrade_copies_what_is_not_yet_in_the_main_file(old: Path, folder: Path) -> None:
    with Store.open(f"sqlite:///{old}") as store:  # stays open: its rows are in the -wal file
        store.create_run(name="late", seed=1)
        upgrade(old, folder, NEXT)
    assert "late" in [row[2] for row in rows(old.with_name("art.db.before-0005.bak"))["runs"]]
    assert "late" in [row[2] for row in rows(old)["runs"]]


@pytest.mark.parametrize(
    ("script", "says"), [(BROKEN, "no such table"), (ORPHANING, "Nothing was changed")]
)
def test_an_upgrade_that_fails_leaves_no_trace(
    old: Path, folder: Path, script: str, says: str
) -> None:
    before = rows(old)
    with pytest.raises(StoreError, match=says):
        upgrade(old, folder, script)
    assert rows(old) == before
    assert version(old) == "0001"
    assert not list(old.parent.glob("*.bak"))


def test_a_copy_that_cannot_be_made_stops_the_upgrade(
    old: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (old.parent / "no").touch()
    monkeypatch.setattr(migrate, "free_name", lambda *_: old.parent / "no" / "copy.bak")
    with pytest.raises(StoreError, match="cannot be copied"):
        upgrade(old, folder, NEXT)
    assert version(old) == "0001"


def test_a_new_file_needs_no_copy(tmp_path: Path, folder: Path) -> None:
    upgrade(tmp_path / "new.db", folder, NEXT)
    assert version(tmp_path / "new.db") == "0005"
    assert not list(tmp_path.glob("*.bak"))


def test_a_newer_database_is_refused_and_left_as_it_is(old: Path) -> None:
    with closing(sqlite3.connect(old)) as connection, connection:
        connection.execute("PRAGMA journal_mode = DELETE")
        connection.execute("UPDATE alembic_version SET version_num = '0417'")
    before = old.read_bytes()
    with pytest.raises(NewerDatabaseError, match=r"later version of breeder .*0417.*update"):
        Store.open(f"sqlite:///{old}")
    assert old.read_bytes() == before
    assert [path.name for path in old.parent.iterdir()] == ["art.db"]


def test_a_version_that_is_no_number_of_ours_is_not_called_newer(old: Path) -> None:
    with closing(sqlite3.connect(old)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = 'a1b2c3d4'")
    with pytest.raises(StoreError, match="not one of breeder's") as caught:
        Store.open(f"sqlite:///{old}")
    assert not isinstance(caught.value, NewerDatabaseError)


def test_scripts_are_found_in_a_wheel_and_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = tmp_path / "breeder" / "store" / "migrate.py"
    monkeypatch.setattr(migrate, "__file__", str(module))
    with pytest.raises(StoreError, match="install breeder again"):
        migrate.migrations_folder()
    for place in (tmp_path / "migrations", tmp_path / "breeder" / "migrations"):
        place.mkdir(parents=True)
        (place / "env.py").touch()
        assert migrate.migrations_folder() == place


def test_a_file_of_version_0001_learns_origins(old: Path) -> None:
    with Store.open(f"sqlite:///{old}") as store:
        kept = store.favourites()[0].genome
        assert store.origins([kept.id]) == {}
        store.save_genome(kept, origin="Picbreeder 1/2")
        assert store.origins([kept.id]) == {kept.id: "Picbreeder 1/2"}
    assert version(old.with_name("art.db.before-0004.bak")) == "0001"


def test_a_database_at_this_version_opens_without_alembic(old: Path) -> None:
    Store.open(f"sqlite:///{old}").close()  # brings it to this version
    code = (
        "import sys; from breeder.store import Store; "
        f"Store.open({f'sqlite:///{old}'!r}).close(); Store.in_memory().close(); "
        "assert 'alembic' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_processes_that_start_at_once_do_not_collide(tmp_path: Path, url: str) -> None:
    code = (
        "import sys; from breeder.store import Store; sys.stdin.readline(); "
        f"Store.open({url!r}).find_or_create_run(name='owls', seed=1)"
    )
    started = [
        subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE) for _ in range(4)
    ]
    for process in started:
        process.communicate(b"go\n", timeout=60)
    assert [process.returncode for process in started] == [0] * 4
    with Store.open(url) as store:
        assert [run.name for run in store.runs()] == ["owls"]


def test_threads_that_upgrade_at_once_do_not_collide(old: Path, folder: Path) -> None:
    failed: list[BaseException] = []
    ready = threading.Barrier(4)
    (folder / "versions" / "0005_moods.py").write_text(NEXT)

    def start() -> None:
        engine = make_engine(make_url(f"sqlite:///{old}"))
        try:
            ready.wait()
            migrate.prepare(engine, folder=folder)
        except BaseException as error:
            failed.append(error)
        finally:
            engine.dispose()

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert version(old) == "0005"
    assert len(list(old.parent.glob("*.bak"))) == 1
