from __future__ import annotations

import pytest

from breeder.errors import NotFoundError, StoreError
from breeder.store import Store
from tests.store.grids import genome, grid, holds


def test_favourites_come_back_with_title_and_run_newest_first(store: Store, run_id: str) -> None:
    first = grid(run_id)
    store.add_generation(first)
    ids = [child.genome.id for child in first.children]
    owl = store.add_favourite(ids[0], title=" Owl ", run_id=run_id)
    store.add_favourite(ids[1])
    assert (owl.title, owl.run_id, owl.run_name) == ("Owl", run_id, "owls")
    assert owl.genome == first.children[0].genome
    assert [each.genome.id for each in store.favourites()] == [ids[1], ids[0]]
    assert store.favourites()[1] == owl
    assert store.is_favourite(ids) == set(ids[:2])
    assert store.is_favourite([]) == set()


def test_keeping_a_picture_again_only_takes_the_title(store: Store, run_id: str) -> None:
    store.save_genome(genome(1))
    before = store.add_favourite(genome(1).id, title="Owl", run_id=run_id)
    assert store.add_favourite(genome(1).id) == before
    assert store.add_favourite(genome(1).id, title="Moon").title == "Moon"
    assert len(store.favourites()) == 1


def test_a_favourite_is_renamed_and_removed(store: Store) -> None:
    store.save_genome(genome(1))
    store.add_favourite(genome(1).id, title="Owl")
    assert store.rename_favourite(genome(1).id, "").title == ""
    store.remove_favourite(genome(1).id)
    store.remove_favourite(genome(1).id)
    assert store.favourites() == []
    assert holds(store, genome(1))
    with pytest.raises(NotFoundError, match="not among the favourites"):
        store.rename_favourite(genome(1).id, "Owl")


def test_a_favourite_outlives_its_run(store: Store, run_id: str) -> None:
    store.save_genome(genome(1))
    store.add_favourite(genome(1).id, title="Owl", run_id=run_id)
    store.delete_run(run_id)
    assert (store.favourites()[0].run_id, store.favourites()[0].run_name) == (None, None)
    store.restore_run(run_id)
    assert store.favourites()[0].run_name == "owls"


def test_what_is_not_there_cannot_be_kept(store: Store, run_id: str) -> None:
    with pytest.raises(NotFoundError, match="no picture"):
        store.add_favourite(genome(1).id)
    store.save_genome(genome(1))
    with pytest.raises(NotFoundError, match="no run"):
        store.add_favourite(genome(1).id, run_id="0" * 32)
    with pytest.raises(StoreError, match="0 to 200 characters"):
        store.add_favourite(genome(1).id, title="x" * 201)
    assert store.favourites() == []


def test_many_identities_are_asked_for_at_once(store: Store) -> None:
    store.save_genome(genome(1))
    store.add_favourite(genome(1).id)
    many = [f"{number:032x}" for number in range(40_000)]
    assert store.is_favourite([*many, genome(1).id]) == {genome(1).id}
