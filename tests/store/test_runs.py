from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import event

from breeder.errors import AmbiguousError, NotFoundError, StoreError
from breeder.store import Store
from tests.store.grids import followers, grid, pick


@pytest.mark.parametrize("seed", [0, -3, 7, 2**128])
def test_a_new_run_is_empty_and_keeps_its_seed(store: Store, seed: int) -> None:
    run = store.create_run(name="  owls ", seed=seed)
    assert (run.name, run.seed, run.generations) == ("owls", seed, 0)
    assert run.current is None
    assert run.thumbnail is None
    assert run.created_at.utcoffset() is not None
    assert store.run(run.id) == run
    assert store.current(run.id) is None


def test_a_run_is_found_by_identity_name_or_start(store: Store) -> None:
    run = store.create_run(name="owls", seed=1)
    for text in (run.id, "owls", run.id[:6], run.id[:6].upper()):
        assert store.run(text) == run


def test_a_name_goes_before_the_start_of_an_identity(store: Store) -> None:
    first = store.create_run(name="owls", seed=1)
    second = store.create_run(name=first.id[:4], seed=2)
    assert store.run(first.id[:4]) == second


def test_a_name_of_two_runs_is_ambiguous_and_says_which(store: Store) -> None:
    runs = [store.create_run(name="owls", seed=seed) for seed in range(2)]
    with pytest.raises(AmbiguousError, match="more than one run") as caught:
        store.run("owls")
    assert all(run.id[:12] in str(caught.value) for run in runs)


@pytest.mark.parametrize("text", ["", "cats", "%", "_", "0" * 32, "zz", "\ud800"])
def test_what_is_no_run_is_not_found(store: Store, text: str) -> None:
    store.create_run(name="owls", seed=1)
    with pytest.raises(NotFoundError, match="There is no"):
        store.run(text)


@pytest.mark.parametrize("name", ["", "   ", "x" * 201, "\ud800", "a\0b"])
def test_a_name_that_cannot_be_kept_is_refused(store: Store, run_id: str, name: str) -> None:
    with pytest.raises(StoreError):
        store.create_run(name=name, seed=1)
    with pytest.raises(StoreError):
        store.rename_run(run_id, name)
    assert [run.name for run in store.runs()] == ["owls"]


def test_find_or_create_makes_a_run_once(store: Store) -> None:
    made = store.find_or_create_run(name="owls", seed=5)
    assert store.find_or_create_run(name=" owls", seed=6) == made
    assert made.seed == 5


def test_the_run_changed_last_comes_first(store: Store) -> None:
    a, b, c = (store.create_run(name=name, seed=1).id for name in "abc")
    assert [run.id for run in store.runs()] == [c, b, a]
    first = grid(a)
    store.add_generation(first)
    assert [run.id for run in store.runs()] == [a, c, b]
    store.rename_run(b, "d")
    assert [run.name for run in store.runs()] == ["d", "a", "c"]
    pick(store, first.id, [0])
    assert store.runs()[0].id == a


def test_a_run_shows_its_last_pick_else_its_first_tile(store: Store, run_id: str) -> None:
    first = grid(run_id)
    store.add_generation(first)
    assert store.run(run_id).thumbnail == first.children[0].genome.id
    pick(store, first.id, [2])
    second = grid(run_id, after=first, picks=(2,))
    store.add_generation(second)
    assert store.run(run_id).thumbnail == first.children[2].genome.id
    pick(store, second.id, [1])
    assert store.run(run_id).thumbnail == second.children[1].genome.id
    pick(store, second.id, [])
    assert store.run(run_id).thumbnail == first.children[2].genome.id
    assert store.run(run_id).generations == 2


def test_a_list_of_runs_takes_one_query_however_many(store: Store) -> None:
    asked: list[str] = []

    def count(_c: object, _cursor: object, text: str, *_: object) -> None:
        asked.append(text)

    for name in "abcdef":
        store.add_generation(grid(store.create_run(name=name, seed=1).id))
    event.listen(store._engine, "before_cursor_execute", count)
    assert len(store.runs()) == 6
    assert len([text for text in asked if "SELECT" in text]) == 1


def test_a_deleted_run_is_gone_until_restored(store: Store, run_id: str) -> None:
    first = grid(run_id)
    store.add_generation(first)
    store.delete_run(run_id)
    assert store.runs() == []
    assert [run.id for run in store.runs(deleted=True)] == [run_id]
    for text in (run_id, "owls", run_id[:8]):
        with pytest.raises(NotFoundError):
            store.run(text)
    with pytest.raises(NotFoundError, match="'owls' was deleted; restore it"):
        pick(store, first.id, [0])
    with pytest.raises(NotFoundError, match="restore"):
        store.add_generation(grid(run_id, after=first, picks=(0,)))
    assert store.generation(first.id) == first  # a picture's address outlives its run
    assert store.restore_run(run_id).current == first.id
    assert store.current(run_id) == first
    assert store.runs(deleted=True) == []


def test_deleting_or_restoring_nothing_is_not_found(store: Store) -> None:
    for change in (store.delete_run, store.restore_run):
        with pytest.raises(NotFoundError):
            change("0" * 32)


def test_a_duplicate_is_the_whole_tree_under_new_identities(store: Store, run_id: str) -> None:
    first = grid(run_id)
    left = grid(run_id, after=first, picks=(0,))
    right = grid(run_id, after=first, picks=(1, 2))
    for each in (first, left, right):
        store.add_generation(each)
    pick(store, first.id, (1, 2))
    store.move(run_id, left.id)

    copy = store.duplicate_run(run_id, "owls again")
    old, new = store.tree(run_id), store.tree(copy.id)
    assert copy.name == "owls again"
    assert (copy.seed, copy.generations) == (7, 3)
    assert copy.thumbnail == store.run(run_id).thumbnail
    assert {b.id for b in old}.isdisjoint(b.id for b in new)
    renamed = {a.id: b.id for a, b in zip(old, new, strict=True)}
    for before, after in renamed.items():
        source = store.generation(before)
        came_from = source.came_from and renamed[source.came_from]
        expected = replace(source, id=after, run_id=copy.id, came_from=came_from)
        assert store.generation(after) == expected
    assert copy.current == renamed[left.id]
    assert store.forward_of(renamed[first.id]) == renamed[left.id]
    assert store.fingerprints(copy.id) == store.fingerprints(run_id)


def test_a_duplicate_goes_its_own_way(store: Store, run_id: str) -> None:
    first = grid(run_id)
    store.add_generation(first)
    copy = store.duplicate_run(run_id, "copy")
    copied = store.current(copy.id)
    assert copied is not None
    pick(store, copied.id, [1])
    store.add_generation(grid(copy.id, after=copied, picks=(1,)))
    store.delete_run(copy.id)
    assert store.current(run_id) == first
    assert followers(store, first) == []


def test_an_empty_run_and_a_copy_of_a_copy_duplicate_too(store: Store, run_id: str) -> None:
    assert store.duplicate_run(run_id, "empty").current is None
    store.add_generation(grid(run_id))
    twice = store.duplicate_run(store.duplicate_run(run_id, "b").id, "c")
    assert twice.generations == 1
