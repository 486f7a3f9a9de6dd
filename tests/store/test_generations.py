from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import event

from breeder.errors import NotFoundError, StoreError
from breeder.history import BreederSettings, Child, Generation
from breeder.store import Branch, Store
from tests.store.grids import MUTATIONS, followers, genome, grid, holds, pick


def family(store: Store, run_id: str) -> tuple[Generation, Generation, Generation]:
    """A first grid with two branches; the run is at the right one."""
    first = grid(run_id)
    left = grid(run_id, after=first, picks=(0,))
    right = grid(run_id, after=first, picks=(1, 2))
    for each in (first, left, right):
        assert store.add_generation(each)
    return first, left, right


def test_a_generation_comes_back_as_it_was(store: Store, run_id: str) -> None:
    for each in family(store, run_id):
        assert store.generation(each.id) == each
        assert [c.genome.id for c in store.generation(each.id).children] == [
            c.genome.id for c in each.children
        ]


def test_every_field_is_kept(store: Store, run_id: str) -> None:
    parents = (genome(1), genome(2))
    children = (
        Child(slot=0, genome=parents[1], parents=(parents[1],), origin="kept"),
        Child(slot=1, genome=genome(3), parents=parents[::-1], mutations=MUTATIONS, candidate=9),
        Child(slot=2, genome=genome(4, color="grey"), origin="import"),
        Child(slot=3, genome=genome(3), parents=parents, origin="wild", candidate=0),
    )
    whole = replace(
        grid(run_id),
        children=children,
        picks=(1, 3),
        fingerprints=b"",
        settings=BreederSettings(population=4, strength=0.1, focus="color", carry_over=False),
    )
    store.add_generation(whole)
    assert store.generation(whole.id) == whole
    assert store.current(run_id) == whole


def test_adding_a_generation_again_changes_nothing_but_where_the_run_is(
    store: Store, run_id: str
) -> None:
    first, left, right = family(store, run_id)
    pick(store, left.id, [1])
    assert not store.add_generation(replace(left, picks=(2,), number=9))
    assert store.generation(left.id) == replace(left, picks=(1,))
    assert store.run(run_id).current == left.id
    assert store.forward_of(first.id) == left.id
    assert followers(store, first) == [left.id, right.id]


def test_a_generation_without_its_run_or_parent_is_refused_whole(store: Store, run_id: str) -> None:
    with pytest.raises(NotFoundError, match="no run"):
        store.add_generation(grid("0" * 32))
    orphan = grid(run_id, after=grid(run_id), picks=(0,))
    with pytest.raises(NotFoundError, match="no generation"):
        store.add_generation(orphan)
    assert store.tree(run_id) == []
    assert not holds(store, orphan.children[0].genome)


def test_a_generation_stays_in_its_run(store: Store, run_id: str) -> None:
    first, _, _ = family(store, run_id)
    other = store.create_run(name="cats", seed=1).id
    with pytest.raises(StoreError, match="another run"):
        store.add_generation(replace(first, run_id=other))
    with pytest.raises(StoreError, match="another run"):
        store.add_generation(grid(other, after=first, picks=(0,)))
    with pytest.raises(NotFoundError, match="'cats' has no generation"):
        store.move(other, first.id)
    assert store.run(other).generations == 0


def test_a_write_that_fails_half_way_leaves_nothing(store: Store, run_id: str) -> None:
    twice = grid(run_id)
    twice = replace(twice, children=(*twice.children, twice.children[0]))
    with pytest.raises(StoreError):
        store.add_generation(twice)
    assert store.run(run_id).current is None
    assert not holds(store, twice.children[0].genome)


def test_picks_are_replaced_as_a_whole(store: Store, run_id: str) -> None:
    first, _, _ = family(store, run_id)
    for slots in ((2, 0), (0, 1), (), (1,), (1, 1)):
        pick(store, first.id, slots)
        assert store.generation(first.id).picks == tuple(sorted(set(slots)))


def test_a_wrong_slot_leaves_the_picks_as_they_were(store: Store, run_id: str) -> None:
    first, _, _ = family(store, run_id)
    pick(store, first.id, [1])
    for slots in ([0, 3], [-1]):
        with pytest.raises(NotFoundError, match="slots 0 to 2"):
            pick(store, first.id, slots)
    assert store.generation(first.id).picks == (1,)


def test_picking_anew_keeps_what_was_bred_from_before(store: Store, run_id: str) -> None:
    first, left, _ = family(store, run_id)
    pick(store, first.id, [2])
    assert store.generation(left.id).bred_from == (0,)


def test_going_back_and_picking_differently_keeps_both_futures(store: Store, run_id: str) -> None:
    first, left, right = family(store, run_id)
    assert store.tree(run_id)[1:] == [
        Branch(
            id=each.id,
            number=1,
            came_from=first.id,
            bred_from=each.bred_from,
            created_at=each.created_at,
        )
        for each in (left, right)
    ]
    assert store.tree(run_id)[0].id == first.id
    assert followers(store, first) == [left.id, right.id]


def test_forward_leads_back_where_one_came_from(store: Store, run_id: str) -> None:
    first, left, right = family(store, run_id)
    assert store.forward_of(first.id) == right.id
    assert store.forward_of(right.id) is None
    store.move(run_id, left.id)
    store.move(run_id, first.id)
    assert store.forward_of(first.id) == left.id
    assert store.run(run_id).current == first.id


def test_a_jump_points_the_whole_way_forward(store: Store, run_id: str) -> None:
    first, left, right = family(store, run_id)
    deep = grid(run_id, after=left, picks=(1,))
    store.add_generation(deep)
    store.move(run_id, right.id)
    store.move(run_id, deep.id)
    assert store.forward_of(first.id) == left.id
    assert store.forward_of(left.id) == deep.id


def test_a_second_page_says_which_grid_it_leaves(store: Store, run_id: str) -> None:
    first, left, _ = family(store, run_id)  # another page is at the right branch
    store.move(run_id, first.id, leaving=left.id)
    assert store.forward_of(first.id) == left.id
    assert store.run(run_id).current == first.id


def test_grids_bred_from_the_same_picks_are_counted(store: Store, run_id: str) -> None:
    first, _, _ = family(store, run_id)
    store.add_generation(grid(run_id, after=first, picks=(1, 2), take=1))
    store.add_generation(grid(run_id, after=first, picks=(), take=0))
    counts = {(2, 1): 2, (1, 2): 2, (0,): 1, (): 1, (1,): 0, (0, 1, 2): 0, (12,): 0}
    assert {picks: store.count_bred(first.id, picks) for picks in counts} == counts


def test_fingerprints_come_in_order_and_in_parts(store: Store, run_id: str) -> None:
    prints = [each.fingerprints for each in family(store, run_id)]
    assert store.fingerprints(run_id) == prints
    assert store.fingerprints(run_id, after=2) == prints[2:]
    assert store.fingerprints(run_id, after=9) == []


@pytest.mark.parametrize("id_", ["", "x", "0" * 32, "'; drop table runs", "\ud800"])
def test_what_is_no_generation_is_not_found(store: Store, run_id: str, id_: str) -> None:
    for ask in (store.generation, store.forward_of):
        with pytest.raises(NotFoundError):
            ask(id_)
    with pytest.raises(NotFoundError):
        pick(store, id_, [])
    with pytest.raises(NotFoundError):
        store.move(run_id, id_)


def test_opening_a_grid_takes_three_queries_however_large_its_run(
    store: Store, run_id: str
) -> None:
    asked: list[str] = []

    def count(_c: object, _cursor: object, text: str, *_: object) -> None:
        asked.append(text)

    last = grid(run_id, population=12)
    store.add_generation(last)
    for _ in range(20):
        last = grid(run_id, after=last, picks=(0, 1), population=12)
        store.add_generation(last)
    event.listen(store._engine, "before_cursor_execute", count)
    store.generation(last.id)
    assert len([text for text in asked if "SELECT" in text]) == 3


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(["add", "move", "pick"]), st.integers(0, 99)), max_size=12)
)
def test_any_walk_through_a_tree_is_kept(steps: list[tuple[str, int]]) -> None:
    """The store against a model in dictionaries."""
    with Store.in_memory() as store:
        run_id = store.create_run(name="owls", seed=1).id
        shown = grid(run_id)
        store.add_generation(shown)
        grids, forward = {shown.id: shown}, dict[str, str]()
        for take, (what, number) in enumerate(steps):
            if what == "add":
                shown = grid(run_id, after=shown, picks=(number % 3,), take=take)
                store.add_generation(shown)
                grids[shown.id] = shown
            elif what == "move":
                shown = list(grids.values())[number % len(grids)]
                store.move(run_id, shown.id)
            else:
                shown = replace(shown, picks=(number % 3,))
                pick(store, shown.id, shown.picks)
                grids[shown.id] = shown
            point_forward(shown, grids, forward)
        assert store.current(run_id) == shown
        assert {id_: store.generation(id_) for id_ in grids} == grids
        assert {id_: store.forward_of(id_) for id_ in grids} == {
            id_: forward.get(id_) for id_ in grids
        }


def point_forward(shown: Generation, grids: dict[str, Generation], forward: dict[str, Any]) -> None:
    while shown.came_from is not None:
        forward[shown.came_from] = shown.id
        shown = grids[shown.came_from]
