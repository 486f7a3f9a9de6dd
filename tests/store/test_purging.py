from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from breeder.errors import NotFoundError
from breeder.history import Child, Generation
from breeder.store import Store, purging
from breeder.store.database import now
from tests.store.grids import grid, holds, pick


@pytest.fixture
def store() -> Iterator[Store]:
    """In memory: the questions are the same, and a file takes longer to make."""
    with Store.in_memory() as opened:
        yield opened


def grown(store: Store, run_id: str, generations: int = 5) -> list[Generation]:
    """A run of some generations, each bred from the slots 0 and 1 of the one before."""
    grids = [grid(run_id)]
    for _ in range(generations - 1):
        grids.append(grid(run_id, after=grids[-1], picks=(0, 1)))
    for each in grids:
        store.add_generation(each)
        pick(store, each.id, [0, 1])
    return grids


def told(store: Store, genome_id: str) -> list[tuple[object, ...]]:
    """The story of a picture: its family with what changed and where each was bred."""
    return [
        (each.genome, each.parents, each.mutations, each.origin, each.number, each.slot, each.steps)
        for each in store.lineage(genome_id)
    ]


def sound(path: Path) -> bool:
    with closing(sqlite3.connect(path)) as connection:
        wrong = connection.execute("PRAGMA foreign_key_check").fetchall()
        return not wrong and connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_a_run_deleted_a_month_ago_goes_and_one_of_yesterday_stays(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = store.create_run(name="old", seed=1), store.create_run(name="new", seed=2)
    grids = grown(store, old.id), grown(store, new.id)
    later = now() + timedelta(days=29)
    store.delete_run(old.id)
    monkeypatch.setattr("breeder.store.runs.now", lambda: later)
    store.delete_run(new.id)
    monkeypatch.setattr(purging, "now", lambda: later + timedelta(days=2))
    assert store.purgeable() == ["old"]
    done = store.purge()
    assert (done.runs, done.pictures, done.ancestors) == (1, 15, 0)
    assert not any(holds(store, child.genome) for each in grids[0] for child in each.children)
    assert all(holds(store, child.genome) for each in grids[1] for child in each.children)
    with pytest.raises(NotFoundError):
        store.restore_run(old.id)
    assert store.restore_run(new.id).generations == 5


def test_a_kept_picture_still_tells_its_story(store: Store, run_id: str) -> None:
    grids = grown(store, run_id)
    star = grids[3].children[2].genome
    store.add_favourite(star.id, title="Star", run_id=run_id)
    story, kin = told(store, star.id), store.ancestors(star.id)
    store.delete_run(run_id)
    done = store.purge(everything=True)
    assert told(store, star.id) == story
    assert [(each.genome_id, each.steps) for each in store.ancestors(star.id)] == [
        (each.genome_id, each.steps) for each in kin
    ]
    assert [each.number for each in store.lineage(star.id)] == [3, 2, 2, 1, 1, 0, 0]
    assert (done.runs, done.ancestors, done.pictures) == (1, 7, 8)
    assert not holds(store, grids[4].children[0].genome)
    assert not holds(store, grids[3].children[0].genome)
    assert store.runs(deleted=True) == []
    with pytest.raises(NotFoundError, match="for good"):
        store.restore_run(run_id)


def test_what_other_runs_descend_from_stays(store: Store, run_id: str) -> None:
    grids = grown(store, run_id)
    seedling = grids[2].children[1]
    other = store.create_run(name="other", seed=3)
    first = grid(other.id)
    imported = Child(slot=0, genome=seedling.genome, origin="import")
    store.add_generation(replace(first, children=(imported, *first.children[1:])))
    story = told(store, seedling.genome.id)
    store.delete_run(run_id)
    store.purge(everything=True)
    assert told(store, seedling.genome.id) == story
    assert store.generation(first.id).children[0].genome == seedling.genome
    assert len(store.tree_pictures([first.id])) == 3


def test_a_copy_of_a_run_outlives_it(store: Store, run_id: str) -> None:
    grids = grown(store, run_id)
    copy = store.duplicate_run(run_id, "copy")
    store.delete_run(run_id)
    store.purge(everything=True)
    assert [len(store.generation(each.id).children) for each in store.tree(copy.id)] == [3] * 5
    assert all(holds(store, child.genome) for each in grids for child in each.children)


def test_what_is_kept_no_longer_goes_the_next_time(store: Store, run_id: str) -> None:
    grids = grown(store, run_id)
    star = grids[3].children[2].genome
    store.add_favourite(star.id)
    store.delete_run(run_id)
    store.purge(everything=True)
    store.remove_favourite(star.id)
    assert store.purge().pictures == 7
    assert not holds(store, star)


def test_without_anything_deleted_nothing_changes(store: Store, run_id: str) -> None:
    grids = grown(store, run_id)
    assert store.purge(everything=True).runs == 0
    assert [store.generation(each.id).children for each in grids] == [e.children for e in grids]


def test_space_is_really_freed_while_others_read(tmp_path: Path, url: str) -> None:
    path = tmp_path / "art.db"
    with Store.open(url) as store, Store.open(url) as reader:
        big = store.create_run(name="big", seed=1)
        after = None
        for _ in range(12):
            after = grid(big.id, after=after, population=12, hidden=20, connections=80)
            store.add_generation(after)
        small = store.create_run(name="small", seed=2)
        grown(store, small.id)
        assert len(reader.runs()) == 2
        store.delete_run(big.id)
        before = sum(each.stat().st_size for each in tmp_path.glob("art.db*"))
        done = store.purge(everything=True)
        assert done.freed > before / 2
        assert sum(each.stat().st_size for each in tmp_path.glob("art.db*")) < before / 2
        assert [run.name for run in reader.runs()] == ["small"]
    assert sound(path)
