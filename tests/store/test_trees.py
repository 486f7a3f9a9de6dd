from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from breeder.errors import NotFoundError, StoreError
from breeder.history import Child, Generation
from breeder.store import Store
from tests.store.grids import grid, pick


@pytest.fixture
def store() -> Iterator[Store]:
    """In memory: the questions are the same, and a file takes longer to make."""
    with Store.in_memory() as opened:
        yield opened


@pytest.fixture
def grids(store: Store, run_id: str) -> list[Generation]:
    """A first grid, two steps from it, other children of the second, and a branch of the first."""
    first = grid(run_id)
    second = grid(run_id, after=first, picks=(0, 2))
    third = grid(run_id, after=second, picks=(1,))
    others = replace(grid(run_id, after=second, take=1), bred_from=())
    parents = tuple(first.children[slot].genome for slot in (0, 2))
    others = replace(
        others, children=tuple(replace(child, parents=parents) for child in others.children)
    )
    branch = grid(run_id, after=first, picks=(1,))
    made = [first, second, third, others, branch]
    for each in made:
        store.add_generation(each)
    store.move(run_id, third.id)
    return made


def test_the_shape_of_a_tree_says_where_each_grid_came_from(
    store: Store, run_id: str, grids: list[Generation]
) -> None:
    tree = store.run_tree(run_id)
    assert [each.id for each in tree.grids] == [each.id for each in grids]
    assert [each.came_from for each in tree.grids] == [None, 0, 1, 1, 0]
    assert [each.source for each in tree.grids] == [None, 0, 1, 0, 0]
    assert [each.bred_from for each in tree.grids] == [(), (0, 2), (1,), (0, 2), (1,)]
    assert [(each.number, each.size) for each in tree.grids] == [
        (0, 3), (1, 3), (2, 3), (2, 3), (1, 3),
    ]  # fmt: skip
    assert (tree.name, tree.current, tree.path) == ("owls", 2, (0, 1, 2))


def test_the_pictures_of_a_tree_know_their_parents_in_the_source(
    store: Store, run_id: str, grids: list[Generation]
) -> None:
    pick(store, grids[0].id, [0, 2])
    star = grids[3].children[1].genome.id
    store.add_favourite(star)
    tree = store.run_tree(run_id)
    for shape in tree.grids:
        parents = {tuple(each.parents) for each in store.tree_pictures([shape.id])}
        if shape.source is None:
            assert parents == {()}
            continue
        there = store.tree_pictures([tree.grids[shape.source].id])
        assert parents == {tuple(there[slot].genome_id for slot in shape.bred_from)}
    pictures = store.tree_pictures([each.id for each in reversed(grids)])
    assert [each.generation_id for each in pictures[::3]] == [each.id for each in grids]
    assert [each.slot for each in pictures] == [0, 1, 2] * 5
    assert [each.picked for each in pictures[:3]] == [True, False, True]
    assert [each.genome_id for each in pictures if each.favourite] == [star]
    assert {each.origin for each in pictures[:3]} == {"founder"}


def test_a_tree_of_any_size_comes_in_pieces(store: Store, run_id: str) -> None:
    with pytest.raises(StoreError, match="at most 500"):
        store.tree_pictures(["0" * 32] * 501)
    assert store.tree_pictures([]) == store.tree_pictures(["0" * 32]) == []
    assert store.run_tree(run_id).grids == ()
    assert store.run_tree(run_id).current is None


def test_a_copy_of_a_run_knows_what_it_was_copied_from(
    store: Store, run_id: str, grids: list[Generation]
) -> None:
    copy = store.run_tree(store.duplicate_run(run_id, "copy").id)
    assert [each.copied_from for each in copy.grids] == [each.id for each in grids]
    assert copy.path == (0, 1, 2)


def test_ancestors_and_descendants_are_each_others_mirror(
    store: Store, run_id: str, grids: list[Generation]
) -> None:
    everyone = {child.genome.id for each in grids for child in each.children}
    up = {id_: {kin.genome_id for kin in store.ancestors(id_)} for id_ in everyone}
    down = {id_: {kin.genome_id for kin in store.descendants(id_)} for id_ in everyone}
    for one in everyone:
        assert up[one] == {other for other in everyone if one in down[other]}
    last = grids[2].children[0].genome.id
    kin = store.ancestors(last)
    assert [(each.number, each.steps) for each in kin] == [(2, 0), (1, 1), (0, 2), (0, 2)]
    assert kin[1].parents == (kin[2].genome_id, kin[3].genome_id)
    first = store.descendants(grids[0].children[0].genome.id)
    assert [each.steps for each in first] == [0, 1, 1, 1, 1, 1, 1, 2, 2, 2]


def test_the_family_of_a_picture_goes_over_all_runs(
    store: Store, run_id: str, grids: list[Generation]
) -> None:
    star = grids[2].children[0].genome
    other = store.create_run(name="other", seed=2)
    first = grid(other.id)
    imported = Child(slot=0, genome=star, origin="import")
    first = replace(first, children=(imported, *first.children[1:]))
    store.add_generation(first)
    second = grid(other.id, after=first, picks=(0,))
    store.add_generation(second)
    kin = store.ancestors(second.children[1].genome.id)
    assert [(each.run_name, each.number) for each in kin] == [
        ("other", 1), ("owls", 2), ("owls", 1), ("owls", 0), ("owls", 0),
    ]  # fmt: skip
    store.delete_run(run_id)
    assert [each.deleted for each in store.ancestors(second.children[1].genome.id)] == [
        False, True, True, True, True,
    ]  # fmt: skip
    assert len(store.lineage(second.children[1].genome.id)) == 5


def test_a_picture_brought_in_before_it_was_bred_still_tells_its_story(
    store: Store, run_id: str
) -> None:
    """As after merging: the run that starts from it came first into this database."""
    first = grid(run_id)
    second = grid(run_id, after=first, picks=(0,))
    star = second.children[0]
    other = store.create_run(name="other", seed=2)
    imported = replace(star, origin="import", parents=(), mutations=())
    start = grid(other.id)
    store.add_generation(replace(start, children=(imported, *start.children[1:])))
    for each in (first, second):
        store.add_generation(each)
    birth = store.birth(star.genome.id)
    assert birth is not None
    assert (birth.origin, birth.run_id, birth.mutations) == ("child", run_id, star.mutations)
    assert [each.number for each in store.ancestors(star.genome.id)] == [1, 0]
    assert [each.number for each in store.lineage(star.genome.id)] == [1, 0]


def test_the_nearest_kin_are_kept_where_there_are_many(
    store: Store, run_id: str, grids: list[Generation]
) -> None:
    last = grids[2].children[0].genome.id
    assert [each.steps for each in store.ancestors(last, limit=2)] == [0, 1]
    root = grids[0].children[0].genome.id
    assert max(each.steps for each in store.descendants(root, limit=7)) == 1


def test_what_is_not_there_is_said(store: Store, run_id: str, grids: list[Generation]) -> None:
    assert store.run_of(grids[0].id) == run_id
    for ask in (store.run_of, store.ancestors, store.descendants, store.run_tree):
        with pytest.raises(NotFoundError):
            ask("0" * 32)
    store.delete_run(run_id)
    with pytest.raises(NotFoundError, match="deleted"):
        store.run_of(grids[0].id)
