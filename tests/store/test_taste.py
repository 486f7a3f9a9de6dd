from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from breeder.history import Generation, Guidance
from breeder.store import Store, StoredChoice
from breeder.store.database import now
from tests.store.grids import grid, pick

GUIDED = Guidance(kind="taste", choices=40, accuracy=0.75, reasons={1: ("calm", "blue")})
AUTOMATIC = replace(GUIDED, automatic=True)


@pytest.fixture
def store() -> Iterator[Store]:
    """In memory: the questions are the same, and a file takes longer to make."""
    with Store.in_memory() as opened:
        yield opened


def shown(store: Store, run_id: str, **options: object) -> Generation:
    """A grid that was bred and kept."""
    made = grid(run_id, **options)  # type: ignore[arg-type]
    store.add_generation(made)
    return made


def told(store: Store, **options: bool) -> list[tuple[str, tuple[int, ...]]]:
    return [(each.generation_id, each.picked) for each in store.choices(**options)]


def sets(store: Store) -> list[tuple[int, ...]]:
    return sorted(each.picked for each in store.choices())


# Choices ------------------------------------------------------------------------------------------


def test_a_choice_names_all_pictures_of_its_grid_and_those_picked(
    store: Store, run_id: str
) -> None:
    first = shown(store, run_id, population=4)
    pick(store, first.id, [0, 2])
    choice = store.choices()[0]
    assert choice == StoredChoice(
        generation_id=first.id,
        run_id=run_id,
        genome_ids=tuple(child.genome.id for child in first.children),
        picked=(0, 2),
        chosen_at=choice.chosen_at,
    )
    assert abs(now() - choice.chosen_at) < timedelta(seconds=60)


def test_a_pick_that_is_taken_back_is_no_choice_any_more(store: Store, run_id: str) -> None:
    first = shown(store, run_id)
    pick(store, first.id, [0])
    known, before = store.choices(), store.taste_token()
    pick(store, first.id, [1])
    assert [each.picked for each in store.choices(known)] == [(1,)]
    pick(store, first.id, [])
    assert store.choices(known) == []
    assert store.taste_token() != before


def test_each_set_that_was_bred_from_counts_once(store: Store, run_id: str) -> None:
    first = shown(store, run_id)
    pick(store, first.id, [0])
    for take in range(2):
        shown(store, run_id, after=first, picks=(0,), take=take)
    pick(store, first.id, [0, 2])
    shown(store, run_id, after=first, picks=(0, 2))
    assert told(store) == [(first.id, (0,)), (first.id, (0, 2))]
    pick(store, first.id, [1])
    assert sets(store) == [(0,), (0, 2), (1,)]


def test_choices_come_in_the_order_in_which_they_were_made(store: Store, run_id: str) -> None:
    first, other = shown(store, run_id), shown(store, run_id, take=1)
    pick(store, other.id, [2])
    pick(store, first.id, [1])
    assert told(store) == [(other.id, (2,)), (first.id, (1,))]
    pick(store, first.id, [1, 2])
    assert told(store) == [(other.id, (2,)), (first.id, (1, 2))]


def test_nothing_and_everything_are_no_choice(store: Store, run_id: str) -> None:
    first = shown(store, run_id)
    pick(store, first.id, [0, 1, 2])
    shown(store, run_id, after=first, picks=(0, 1, 2))
    alone = shown(store, run_id, take=1, population=1)
    pick(store, alone.id, [0])
    shown(store, run_id, after=alone, picks=())
    assert store.choices() == []


def test_what_a_guide_bred_from_by_itself_is_no_choice(store: Store, run_id: str) -> None:
    first = shown(store, run_id)
    store.add_generation(
        replace(grid(run_id, after=first, picks=(1,)), guidance=AUTOMATIC, picks=())
    )
    assert store.choices() == []
    assert store.generation(first.id).picks == ()
    store.add_generation(
        replace(grid(run_id, after=first, picks=(2,)), guidance=replace(GUIDED, kind="surprise"))
    )
    assert sets(store) == [(2,)]


def test_a_pick_in_a_grid_that_a_guide_bred_by_itself_is_a_choice(
    store: Store, run_id: str
) -> None:
    first = shown(store, run_id)
    led = replace(grid(run_id, after=first, picks=(1,)), guidance=AUTOMATIC)
    store.add_generation(led)
    pick(store, led.id, [2])
    assert told(store) == [(led.id, (2,))]


def test_a_picture_kept_in_its_run_belongs_to_what_was_chosen(store: Store, run_id: str) -> None:
    first, other = shown(store, run_id, population=4), shown(store, run_id, take=1)
    elsewhere = store.create_run(name="cats", seed=1).id
    pick(store, first.id, [0])
    shown(store, run_id, after=first, picks=(0,))
    store.add_favourite(first.children[3].genome.id, run_id=run_id)
    store.add_favourite(other.children[1].genome.id, run_id=run_id)
    store.add_favourite(first.children[1].genome.id, run_id=elsewhere)
    store.add_favourite(first.children[2].genome.id)
    assert told(store) == [(first.id, (0, 3)), (other.id, (1,))]
    pick(store, first.id, [1])
    assert sets(store) == [(0, 3), (1,), (1, 3)]
    store.remove_favourite(first.children[3].genome.id)
    assert sets(store) == [(0,), (1,), (1,)]


def test_a_picture_that_was_carried_over_counts_as_kept_in_its_own_grid(
    store: Store, run_id: str
) -> None:
    first = shown(store, run_id)
    after = grid(run_id, after=first, picks=(0,))
    kept = replace(after.children[0], genome=first.children[0].genome, origin="kept")
    store.add_generation(replace(after, children=(kept, *after.children[1:])))
    store.add_favourite(kept.genome.id, run_id=run_id)
    assert told(store) == [(first.id, (0,))]
    pick(store, after.id, [0])
    assert told(store) == [(first.id, (0,)), (after.id, (0,))]


def test_a_copied_run_counts_only_what_was_picked_in_it_since(store: Store, run_id: str) -> None:
    first = shown(store, run_id)
    pick(store, first.id, [0])
    after = shown(store, run_id, after=first, picks=(0,))
    pick(store, after.id, [1])
    store.add_favourite(first.children[2].genome.id, run_id=run_id)
    before = told(store)
    assert before == [(first.id, (0, 2)), (after.id, (1,))]
    copy = store.duplicate_run(run_id, "copy")
    store.duplicate_run(copy.id, "copy of the copy")
    assert told(store) == before
    copied = store.tree(copy.id)[1].id
    pick(store, copied, [0, 1])
    assert told(store) == [*before, (copied, (0, 1))]
    store.delete_run(run_id)
    assert sets(store) == [(0,), (0, 1), (1,)]  # the copies still say so


def test_deleted_runs_are_left_out_until_they_are_restored(store: Store, run_id: str) -> None:
    first = shown(store, run_id)
    pick(store, first.id, [0])
    shown(store, run_id, after=first, picks=(1,))
    store.add_favourite(first.children[2].genome.id, run_id=run_id)
    before, token = store.choices(), store.taste_token()
    store.delete_run(run_id)
    assert store.choices(before) == []
    assert store.taste_token() != token
    store.restore_run(run_id)
    assert store.choices(before) == before
    store.delete_run(run_id)
    store.purge(everything=True)
    assert store.choices() == []


def test_what_was_known_changes_nothing_in_what_is_told(store: Store, run_id: str) -> None:
    first = shown(store, run_id)
    pick(store, first.id, [0])
    known = store.choices()
    after = shown(store, run_id, after=first, picks=(0,))
    pick(store, after.id, [2])
    assert store.choices(known) == store.choices()
    assert len(store.choices()) == 2


def test_a_reset_leaves_out_what_was_done_before_and_deletes_nothing(
    store: Store, run_id: str
) -> None:
    first = shown(store, run_id, population=4)
    ids = [child.genome.id for child in first.children]
    pick(store, first.id, [0])
    store.add_answer(ids[0], ids[1], 0)
    store.add_favourite(ids[0], run_id=run_id)
    store.describe(ids[0], stars=5)
    assert store.taste_reset() is None
    before = store.taste_token()
    moment = store.reset_taste()
    assert store.taste_reset() == moment
    assert store.taste_token() != before
    assert (store.choices(), store.answers(), store.ratings()) == ([], [], {})
    assert store.favourite_ids() == []
    assert told(store, everything=True) == [(first.id, (0,))]
    assert len(store.answers(everything=True)) == 1
    assert store.ratings(everything=True) == {ids[0]: 5}
    assert store.favourite_ids(everything=True) == [ids[0]]
    store.add_favourite(ids[3], run_id=run_id)
    assert told(store) == [(first.id, (3,))]
    store.change_picks(first.id, add=[2], drop=[])
    shown(store, run_id, after=first, picks=(1,))
    assert sets(store) == [(1, 3), (2, 3)]
