from __future__ import annotations

import json
import shutil
import sqlite3
import zlib
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from breeder.breeder import Breeder
from breeder.errors import NewerDatabaseError, StoreError
from breeder.genome import canonical_json
from breeder.history import BreederSettings, Guidance
from breeder.store import Search, Store
from breeder.store.merging import Merged, merge
from tests.store.grids import genome, grid, pick

DATA = Path(__file__).with_name("data")
PLAIN = BreederSettings(population=4, screening=False)
TABLES = (
    "genomes", "runs", "generations", "cursors", "individuals", "parentage", "picks", "favourites",
    "tags", "origins",
)  # fmt: skip


@pytest.fixture
def other(tmp_path: Path) -> Path:
    """A second database that begins as a copy of `art`."""
    return tmp_path / "other.db"


@pytest.fixture
def art(tmp_path: Path, url: str) -> Path:
    with Store.open(url) as store:
        Breeder.begin(store, name="owls", settings=PLAIN, seed=7).tell([0, 1])
    return tmp_path / "art.db"


def open_file(path: Path) -> Store:
    return Store.open(f"sqlite:///{path}")


def rows(path: Path) -> dict[str, list[tuple[object, ...]]]:
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        return {
            table: connection.execute(f"SELECT * FROM {table} ORDER BY 1, 2").fetchall()  # noqa: S608
            for table in TABLES
        }


def facts(store: Store) -> set[tuple[object, ...]]:
    """All that a database says, by identities alone."""
    found: set[tuple[object, ...]] = set()
    for run in store.runs():
        found.add(("run", run.id, run.name))
        for branch in store.tree(run.id):
            each = store.generation(branch.id)
            children = [(child.slot, child.genome.id) for child in each.children]
            parents = [tuple(parent.id for parent in child.parents) for child in each.children]
            found.add(("grid", each.id, each.came_from, each.bred_from, str(children), each.picks))
            found.add(("parents", each.id, str(parents)))
    for entry in store.gallery().entries:
        found.add(("entry", entry.genome_id, entry.title, entry.tags, entry.stars))
    return found


def test_another_database_comes_in_whole_and_twice_changes_nothing(
    art: Path, url: str, other: Path
) -> None:
    with open_file(other) as store:
        breeder = Breeder.begin(store, name="cats", settings=PLAIN, seed=9)
        star = breeder.tell([2]).children[1].genome
        breeder.tell([1])
        store.add_favourite(star.id, title="Cat", run_id=breeder.run_id)
        store.describe(star.id, tags=["soft", "night"], stars=4, description="purrs")
        store.save_genome(star, origin="Picbreeder 1/2")
        store.duplicate_run(breeder.run_id, "copy")
        theirs, family = facts(store), store.lineage(star.id)
    before = other.read_bytes()
    with open_file(art) as store:
        ours = facts(store)
    assert merge(url, other) == Merged(runs=2, generations=6, pictures=10, favourites=1)
    with open_file(art) as store:
        assert facts(store) == ours | theirs
        assert store.lineage(star.id) == family
        assert store.gallery(Search(text="purr", tags=("night",))).entries[0].title == "Cat"
        assert store.origins([star.id]) == {star.id: "Picbreeder 1/2"}
        assert len(store.homes(star.id)) == 4
        assert Breeder.resume(store, "cats").tell([0]).number == 3
    once = rows(art)
    assert merge(url, other) == Merged()
    assert rows(art) == once
    assert other.read_bytes() == before
    assert not list(art.parent.glob(".breeder*"))


def test_a_run_continued_on_both_sides_keeps_both_futures(art: Path, url: str, other: Path) -> None:
    shutil.copy(art, other)
    with open_file(art) as here, open_file(other) as there:
        run_id = here.runs()[0].id
        shown = here.current(run_id)
        assert shown is not None
        mine = Breeder.resume(here, run_id).tell([2])
        yours = Breeder.resume(there, run_id).tell([3])
        farther = Breeder.resume(there, run_id).tell([1])
    done = merge(url, other)
    assert (done.runs, done.generations, done.branches) == (0, 2, 0)
    with open_file(art) as store:
        branches = {each.id: each.came_from for each in store.tree(run_id)}
        assert branches[mine.id] == branches[yours.id] == shown.id
        assert branches[farther.id] == yours.id
        assert store.generation(shown.id).picks == (2, 3)
        assert store.run(run_id).current == mine.id
        breeder = Breeder.resume(store, run_id)
        assert breeder.go(farther.id).children == farther.children
        assert breeder.tell([0]).came_from == farther.id


def test_the_same_picks_with_other_children_are_two_branches(
    art: Path, url: str, other: Path
) -> None:
    with open_file(art) as store:
        run = store.create_run(name="pair", seed=1)
        first = grid(run.id)
        store.add_generation(first)
    shutil.copy(art, other)
    mine = grid(run.id, after=first, picks=(1,))
    yours = grid(run.id, after=first, picks=(1,))
    pairs = zip(yours.children, reversed(yours.children), strict=True)
    swapped = tuple(replace(other, slot=one.slot) for one, other in pairs)
    yours = replace(yours, children=swapped)
    after = grid(run.id, after=yours, picks=(0,))
    with open_file(art) as store:
        store.add_generation(mine)
    with open_file(other) as store:
        store.add_generation(yours)
        store.add_generation(after)
    assert merge(url, other) == Merged(generations=2, branches=1, pictures=3)
    once = rows(art)
    assert merge(url, other) == Merged()
    assert rows(art) == once
    with open_file(art) as store:
        tree = store.tree(run.id)
        assert len(tree) == 4
        assert store.generation(mine.id).children == mine.children
        second = next(each.id for each in tree if each.came_from == first.id and each.id != mine.id)
        assert store.generation(second).children == yours.children
        assert store.generation(after.id).came_from == second


def test_in_either_direction_the_same_is_there(art: Path, url: str, other: Path) -> None:
    shutil.copy(art, other)
    copy = other.with_name("copy.db")
    for path, picks, title in ((art, [0], "Mine"), (other, [3], "Yours")):
        with open_file(path) as store:
            breeder = Breeder.resume(store, "owls")
            star = breeder.ask().children[0].genome
            breeder.tell(picks)
            store.add_favourite(star.id, title=title)
            store.describe(star.id, tags=[title])
    shutil.copy(art, copy)
    merge(f"sqlite:///{art}", other)
    merge(f"sqlite:///{other}", copy)
    with open_file(art) as one, open_file(other) as two:
        assert facts(one) == facts(two)
        assert [(each.title, each.tags) for each in one.gallery().entries] == [
            ("Yours", ("mine", "yours"))
        ]


def test_nothing_is_deleted_by_merging_and_later_work_brings_a_run_back(
    art: Path, url: str, other: Path
) -> None:
    shutil.copy(art, other)
    with open_file(other) as store:
        run_id = store.runs()[0].id
        store.delete_run(run_id)
    merge(url, other)
    with open_file(art) as store:
        assert [run.id for run in store.runs()] == [run_id]
        store.delete_run(run_id)
    merge(url, other)
    with open_file(art) as store:
        assert store.runs() == []
    with open_file(other) as store:
        store.restore_run(run_id)
    merge(url, other)
    with open_file(art) as store:
        assert [run.id for run in store.runs()] == [run_id]


def test_what_was_purged_here_stays_away_and_its_ancestors_stay(
    art: Path, url: str, other: Path
) -> None:
    shutil.copy(art, other)
    with open_file(art) as store:
        run = store.runs()[0]
        shown = store.current(run.id)
        assert shown is not None
        star = shown.children[3].genome
        store.add_favourite(star.id)
        family = store.lineage(star.id)
        store.delete_run(run.id)
        store.purge(everything=True)
        kept = store.lineage(star.id)
        assert [each.genome for each in kept] == [each.genome for each in family]
    merge(url, other)
    with open_file(art) as store:
        assert store.runs() == store.runs(deleted=True) == []
        assert store.lineage(star.id) == kept
    merge(f"sqlite:///{other}", art)
    with open_file(other) as store:
        assert store.run(run.id).generations == 2
        assert store.lineage(star.id) == family
        assert store.current(run.id) == shown


def test_a_purged_run_that_was_worked_on_there_comes_back_whole(
    art: Path, url: str, other: Path
) -> None:
    with open_file(art) as store:
        breeder = Breeder.resume(store, "owls")
        star = breeder.tell([1]).children[3].genome
        breeder.tell([0])
    shutil.copy(art, other)
    with open_file(art) as store:
        store.add_favourite(star.id)
        store.delete_run(breeder.run_id)
        store.purge(everything=True)
    with open_file(other) as store:
        Breeder.resume(store, "owls").tell([2])
        theirs = facts(store)
        shape, family = store.run_tree(breeder.run_id), store.lineage(star.id)
        shown = store.fingerprints(breeder.run_id)
    merge(url, other)
    once = rows(art)
    assert merge(url, other) == Merged()
    assert rows(art) == once
    with open_file(art) as store:
        assert theirs <= facts(store)
        assert store.run_tree(breeder.run_id) == shape
        assert store.lineage(star.id) == family
        assert sorted(store.fingerprints(breeder.run_id)) == sorted(shown)
        assert Breeder.resume(store, "owls").tell([1]).number == len(shape.grids)
    assert merge(f"sqlite:///{other}", art).runs == 0


@pytest.mark.parametrize("version", ["0001", "0002", "0003"])
def test_older_databases_are_merged_from_a_copy(art: Path, url: str, version: str) -> None:
    old = DATA / f"breeder-{version}.db"
    before = old.read_bytes()
    done = merge(url, old)
    assert done.favourites in {1, 2}
    assert old.read_bytes() == before
    assert not list(DATA.glob("*.bak"))
    assert merge(url, old) == Merged()
    with open_file(art) as store:
        assert store.gallery(Search(text="owl")).entries[0].title == "Owl"


def test_what_takes_over_is_brought_to_this_version_first_or_refused(
    art: Path, url: str, other: Path
) -> None:
    shutil.copy(DATA / "breeder-0002.db", other)
    assert merge(f"sqlite:///{other}", art).runs == 1
    assert len(list(other.parent.glob("other.db.before-*.bak"))) == 1
    with open_file(other) as store:
        assert len(store.runs()) == 4
    wrong(other, "UPDATE alembic_version SET version_num = '0417'")
    before = rows(other)
    with pytest.raises(NewerDatabaseError, match=r"other\.db was written by a later version"):
        merge(f"sqlite:///{other}", art)
    assert rows(other) == before


def test_picks_of_both_sides_stay(art: Path, url: str, other: Path) -> None:
    shutil.copy(art, other)
    with open_file(art) as store:
        shown = store.current(store.runs()[0].id)
        assert shown is not None
        pick(store, shown.id, [0])
    with open_file(other) as store:
        pick(store, shown.id, [2])
    merge(url, other)
    with open_file(art) as store:
        assert store.generation(shown.id).picks == (0, 2)


def wrong(path: Path, statement: str, *values: object) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(statement, values)


def another() -> bytes:
    return zlib.compress(canonical_json(genome(5)).encode())


def answer(
    left: int,
    right: int,
    *,
    preferred: int = 1,
    moment: str = "2026-01-01",
    public_id: str = "a" * 32,
) -> str:
    columns = "public_id, left_genome_id, right_genome_id, preferred, answered_at"
    values = f"'{public_id}', {left}, {right}, {preferred}, '{moment}'"
    return f"INSERT INTO answers ({columns}) VALUES ({values})"  # noqa: S608


def preference(name: str, value: str) -> str:
    return f"INSERT INTO preferences VALUES ('{name}', '{value}', '2026-01-01')"  # noqa: S608


GUIDANCE = Guidance(kind="taste", reasons={1: ("calm",)}).to_plain()
HOSTILE: dict[str, tuple[str, Callable[[], tuple[object, ...]]]] = {
    "another genome under a name": ("UPDATE genomes SET data = ?", lambda: (another(),)),
    "a bomb": ("UPDATE genomes SET data = ?", lambda: (zlib.compress(bytes(200_000_000)),)),
    "half a genome": ("UPDATE genomes SET data = ?", lambda: (another()[:40],)),
    "an identity of others": (
        "UPDATE runs SET public_id = ? WHERE id = 1",
        lambda: ("<b>",),
    ),
    "a circle": ("UPDATE generations SET parent_id = (SELECT max(id) FROM generations)", tuple),
    "a grid of no size": ("UPDATE individuals SET slot = slot + 9000", tuple),
    "an origin": ("UPDATE individuals SET origin = ?", lambda: ("stolen",)),
    "changes": ("UPDATE individuals SET mutations = ?", lambda: ("[" * 100_000,)),
    "changes that are none": ("UPDATE individuals SET mutations = ?", lambda: ("[1]",)),
    "settings that are a list": ("UPDATE generations SET settings = ?", lambda: ("[]",)),
    "settings": ("UPDATE generations SET settings = ?", lambda: ('{"population": 1e9}',)),
    "a screening": ("UPDATE generations SET screening = ?", lambda: ('{"dull": "all"}',)),
    "a moment": ("UPDATE runs SET updated_at = ?", lambda: ("tomorrow",)),
    "a long name": ("UPDATE runs SET name = ?", lambda: ("x" * 100_000,)),
    "a name that is bytes": ("UPDATE runs SET name = ?", lambda: (b"owls",)),
    "stars": ("UPDATE favourites SET stars = 6", tuple),
    "a title to sort by": ("UPDATE favourites SET title_key = ?", lambda: (b"owl",)),
    "a tag that no search finds": (
        "INSERT INTO tags SELECT id, ? FROM favourites LIMIT 1",
        lambda: ("Night\nsky",),
    ),
    "a missing table": ("DROP TABLE tags", tuple),
    "an answer that is none": (answer(1, 2, preferred=2), tuple),
    "an answer on one picture": (answer(1, 1), tuple),
    "an answer of no moment": (answer(1, 2, moment="later"), tuple),
    "an answer of no name": (answer(1, 2, public_id="<b>"), tuple),
    "an answer on a picture that is not there": (answer(1, 10**6), tuple),
    "a preference that is no JSON": (preference("dial", "{"), tuple),
    "a preference of no end": (preference("dial", f'"{"x" * 70_000}"'), tuple),
    "a preference of no name": (preference("", "1"), tuple),
    **{
        f"guidance {i}": ("UPDATE generations SET guidance = ?", partial(tuple, [words]))
        for i, words in enumerate(
            (
                "null",
                "[]",
                "{" * 100_000,
                json.dumps(GUIDANCE | {"kind": "magic"}),
                json.dumps(GUIDANCE | {"automatic": "no"}),
                json.dumps(GUIDANCE | {"accuracy": float("nan")}),
                json.dumps(GUIDANCE | {"choices": -1}),
                json.dumps(GUIDANCE | {"choices": float("inf")}),
                json.dumps(GUIDANCE | {"reasons": {"900": ["calm"]}}),
                json.dumps(GUIDANCE | {"reasons": {"1": "calm"}}),
                json.dumps(GUIDANCE | {"reasons": {"1": ["x" * 500]}}),
                json.dumps(GUIDANCE | {"reasons": {"1": [7]}}),
            )
        )
    },
    "a program": ("CREATE VIEW spy AS SELECT * FROM runs", tuple),
}


@pytest.fixture(scope="module")
def brought_up(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Two databases of earlier versions, brought to this one."""
    folder = tmp_path_factory.mktemp("brought-up")
    copies = folder / "0001.db", folder / "0002.db"
    for copy in copies:
        shutil.copy(DATA / f"breeder-{copy.name}", copy)
        open_file(copy).close()
    return copies


def test_what_breeder_writes_of_tastes_is_not_refused(
    tmp_path: Path, brought_up: tuple[Path, Path]
) -> None:
    art, other = tmp_path / "art.db", tmp_path / "other.db"
    for brought, copy in zip(brought_up, (art, other), strict=True):
        shutil.copy(brought, copy)
    wrong(other, answer(1, 2))
    wrong(other, preference("dial", "0.5"))
    wrong(other, "UPDATE generations SET guidance = ?", json.dumps(GUIDANCE))
    assert merge(f"sqlite:///{art}", other).answers == 1


@pytest.mark.parametrize("harm", HOSTILE)
def test_what_breeder_would_not_write_is_refused_in_one_sentence(
    tmp_path: Path, brought_up: tuple[Path, Path], harm: str
) -> None:
    art, other = tmp_path / "art.db", tmp_path / "other.db"
    for brought, copy in zip(brought_up, (art, other), strict=True):
        shutil.copy(brought, copy)
    statement, values = HOSTILE[harm]
    wrong(other, statement, *values())
    before = rows(art)
    with pytest.raises(StoreError) as caught:
        merge(f"sqlite:///{art}", other)
    said = str(caught.value)
    assert str(other) in said
    assert "\n" not in said
    assert len(said) < 400
    assert rows(art) == before


def test_a_file_that_is_no_database_of_ours_is_refused(art: Path, url: str, tmp_path: Path) -> None:
    other = tmp_path / "other.db"
    with pytest.raises(StoreError, match="no file"):
        merge(url, other)
    other.write_bytes(b"a photo")
    with pytest.raises(StoreError, match="not a breeder database"):
        merge(url, other)
    with pytest.raises(StoreError, match="with itself"):
        merge(url, art)
    shutil.copy(art, other)
    wrong(other, "UPDATE alembic_version SET version_num = '0417'")
    with pytest.raises(NewerDatabaseError, match="later version"):
        merge(url, other)
    with pytest.raises(StoreError, match="merge into"):
        merge(f"sqlite:///{tmp_path / 'none.db'}", art)


def test_a_merge_that_fails_half_way_leaves_no_trace(
    art: Path, url: str, other: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_file(other) as store:
        Breeder.begin(store, name="cats", settings=PLAIN, seed=9)
    before = rows(art)
    monkeypatch.setattr("breeder.store.merging._TAGS", ("INSERT INTO nowhere VALUES (1)",))
    with pytest.raises(StoreError, match="nowhere"):
        merge(url, other)
    assert rows(art) == before
