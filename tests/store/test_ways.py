"""The way that leads to a grid, and what becomes of a run where a guide breeds beside a person."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from breeder.errors import NotFoundError
from breeder.history import Generation, Guidance
from breeder.store import Store
from tests.store.grids import grid


@pytest.fixture
def store() -> Iterator[Store]:
    with Store.in_memory() as store:
        yield store


def add(store: Store, after: Generation | None = None, *, take: int = 0, led: bool = False):
    run = after.run_id if after else store.create_run(name="owls", seed=7).id
    fresh = grid(run, after=after, picks=(1,) if after else (), take=take)
    if led:
        children = (fresh.children[0], *(replace(c, origin="guided") for c in fresh.children[1:]))
        led_by = Guidance(kind="taste", automatic=True)
        fresh = replace(fresh, guidance=led_by, children=children)
    store.add_generation(fresh)
    return fresh


def left_at(store: Store, run_id: str) -> str:
    current = store.current(run_id)
    assert current is not None
    return current.id


def test_a_way_leads_to_a_grid_and_on_to_where_it_was_followed_last(store: Store):
    grids = [add(store)]
    for led in (False, True, True, False):
        grids.append(add(store, grids[-1], led=led))
    store.move(grids[0].run_id, grids[2].id)
    way = store.way(grids[2].id)
    assert [each.id for each in way] == [each.id for each in grids]
    assert [each.automatic for each in way] == [False, False, True, True, False]
    assert [each.bred_from for each in way] == [(), (1,), (1,), (1,), (1,)]
    # Pictures only where a strip shows them: of automatic grids, and of the one they began in.
    assert [bool(each.genome_ids) for each in way] == [False, True, True, True, False]
    assert way[2].genome_ids == tuple(child.genome.id for child in grids[2].children)
    assert [each.first_guided for each in way] == [None, None, 1, 1, None]


def test_a_branch_left_behind_is_not_on_the_way(store: Store):
    first = add(store)
    left = add(store, first, led=True)
    other = add(store, first, take=1)
    assert [each.id for each in store.way(other.id)] == [first.id, other.id]
    assert [each.id for each in store.way(left.id)] == [first.id, left.id]
    with pytest.raises(NotFoundError):
        store.way("f" * 32)


def test_a_long_way_is_told_as_far_as_asked_for(store: Store):
    grids = [add(store)]
    for _ in range(8):
        grids.append(add(store, grids[-1]))
    told = [each.id for each in store.way(grids[4].id, most=2)]
    assert told == [each.id for each in grids[2:7]]


def test_automatic_grids_take_a_run_along_but_not_a_person_who_went_elsewhere(store: Store):
    first = add(store)
    led = add(store, first, led=True)
    assert left_at(store, first.run_id) == led.id
    mine = add(store, first, take=1)
    further = add(store, led, led=True)
    assert left_at(store, first.run_id) == mine.id
    # The grids bred meanwhile hang together all the same.
    assert store.forward_of(led.id) == further.id
    assert store.forward_of(first.id) == mine.id
    store.move(first.run_id, further.id)
    last = add(store, further, led=True)
    assert left_at(store, first.run_id) == last.id
