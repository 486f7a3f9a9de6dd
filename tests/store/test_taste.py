from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from breeder.errors import NotFoundError, StoreError
from breeder.history import Generation, Guidance
from breeder.store import Store, StoredAnswer, StoredChoice
from breeder.store.database import now
from breeder.store.merging import Merged, merge
from breeder.store.taste import RESET
from tests.store.grids import genome, grid, holds, mark, pick

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


def told(store: Store, *, everything: bool = False) -> list[tuple[str, tuple[int, ...]]]:
    found = store.choices(everything=everything)
    return [(each.generation_id, each.picked) for each in found]


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


def test_a_set_was_chosen_when_it_was_first_picked_or_bred_from(store: Store, run_id: str) -> None:
    first = shown(store, run_id)
    pick(store, first.id, [0])
    after = shown(store, run_id, after=first, picks=(0,))
    assert store.choices()[0].chosen_at < after.created_at
    pick(store, first.id, [])
    pick(store, first.id, [0])
    assert [each.chosen_at for each in store.choices()] == [after.created_at]


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
    shown(store, run_id, after=first, picks=(0, 1))
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
    assert told(store, everything=True) == [(first.id, (0,)), (first.id, (0, 1))]
    assert len(store.answers(everything=True)) == 1
    assert store.ratings(everything=True) == {ids[0]: 5}
    assert store.favourite_ids(everything=True) == [ids[0]]
    store.add_favourite(ids[3], run_id=run_id)
    assert told(store) == [(first.id, (3,))]
    store.change_picks(first.id, add=[2], drop=[])
    shown(store, run_id, after=first, picks=(1,))
    assert sets(store) == [(1, 3), (2, 3)]


def test_any_change_of_what_is_learnt_from_changes_the_token(store: Store, run_id: str) -> None:
    first = shown(store, run_id)
    ids = [child.genome.id for child in first.children]
    changes: list[Callable[[], object]] = [
        lambda: pick(store, first.id, [0]),
        lambda: pick(store, first.id, [1]),
        lambda: pick(store, first.id, []),
        lambda: shown(store, run_id, after=first, picks=(2,)),
        lambda: store.add_favourite(ids[0], run_id=run_id),
        lambda: store.describe(ids[0], stars=3),
        lambda: store.describe(ids[0], stars=4),
        lambda: store.remove_favourite(ids[0]),
        lambda: store.add_favourite(ids[1], run_id=run_id),
        lambda: store.add_answer(ids[0], ids[1], 0, answer_id=mark("answer")),
        lambda: store.remove_answer(mark("answer")),
        lambda: store.add_answer(ids[0], ids[1], 1),
        lambda: store.delete_run(run_id),
        lambda: store.restore_run(run_id),
        store.reset_taste,
    ]
    tokens = [store.taste_token()]
    for change in changes:
        change()
        tokens.append(store.taste_token())
    again = [i for i in range(1, len(tokens)) if tokens[i] == tokens[i - 1]]
    assert again == []


def test_what_nothing_is_learnt_from_leaves_the_token(store: Store, run_id: str) -> None:
    first = shown(store, run_id)
    pick(store, first.id, [0])
    before = store.taste_token()
    store.rename_run(run_id, "more owls")
    store.set_preference("dial", 0.5)
    store.save_genome(genome(1))
    assert store.taste_token() == before


# What guided a grid -------------------------------------------------------------------------------


@pytest.mark.parametrize("guidance", [None, GUIDED, AUTOMATIC])
def test_what_guided_a_grid_comes_back(
    store: Store, run_id: str, guidance: Guidance | None
) -> None:
    made = replace(grid(run_id), guidance=guidance)
    store.add_generation(made)
    found = store.generation(made.id)
    assert found == made
    assert found.guidance == guidance
    assert store.current(run_id) == made


def test_the_tree_and_the_family_tell_what_was_bred_automatically(
    store: Store, run_id: str
) -> None:
    first = shown(store, run_id)
    led = replace(grid(run_id, after=first, picks=(1,)), guidance=AUTOMATIC)
    guided = replace(grid(run_id, after=led, picks=(0,)), guidance=GUIDED)
    for each in (led, guided):
        store.add_generation(each)
    marked = [False, True, False]
    assert [each.automatic for each in store.tree(run_id)] == marked
    assert [each.automatic for each in store.run_tree(run_id).grids] == marked
    star = guided.children[0].genome.id
    assert [each.automatic for each in store.lineage(star)] == marked
    assert [each.automatic for each in store.ancestors(star)] == marked
    copy = store.duplicate_run(run_id, "copy")
    assert [each.automatic for each in store.tree(copy.id)] == marked
    copied = [store.generation(each.id).guidance for each in store.tree(copy.id)]
    assert copied == [None, AUTOMATIC, GUIDED]


# What was seen ------------------------------------------------------------------------------------


def test_the_newest_that_was_seen_in_all_runs_comes_oldest_first(store: Store, run_id: str) -> None:
    other = store.create_run(name="cats", seed=1).id
    gone = store.create_run(name="dogs", seed=2).id
    grids = [shown(store, each) for each in (run_id, other, gone, run_id) for _ in range(1)][:3]
    grids.append(shown(store, run_id, after=grids[0], picks=(1,)))
    marks = [each.fingerprints for each in grids]
    assert store.seen(100) == marks
    assert store.seen(6) == store.seen(8) == marks[2:]
    assert store.seen(2) == []
    store.delete_run(gone)
    assert store.seen(6) == [marks[1], marks[3]]
    store.duplicate_run(run_id, "copy")
    assert sorted(store.seen(9)) == sorted([marks[0], marks[1], marks[3]])


def test_all_that_was_seen_is_told_however_many_grids(
    store: Store, run_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("breeder.store.taste.PIECE", 2)
    marks = [shown(store, run_id, take=take).fingerprints for take in range(5)]
    assert store.seen(100) == marks


# Answers ------------------------------------------------------------------------------------------


@pytest.fixture
def pair(store: Store) -> tuple[str, str]:
    for each in (genome(1), genome(2)):
        store.save_genome(each)
    return genome(1).id, genome(2).id


def test_an_answer_is_kept_at_once_and_told_twice_is_one(url: str) -> None:
    with Store.open(url) as store:
        for each in (genome(1), genome(2)):
            store.save_genome(each)
        left, right = genome(1).id, genome(2).id
        told_id = store.add_answer(left, right, 1, answer_id=mark("first"))
        with Store.open(url) as other:  # another process sees it
            assert other.add_answer(left, right, 0, answer_id=mark("first")) == told_id
            made_up = other.add_answer(right, left, 1)
        found = store.answers()
        assert found == [
            StoredAnswer(id=id_, left=one, right=two, preferred=1, answered_at=found[i].answered_at)
            for i, (id_, one, two) in enumerate([(told_id, left, right), (made_up, right, left)])
        ]
        assert found[0].answered_at < found[1].answered_at


def test_an_answer_can_be_taken_back(store: Store, pair: tuple[str, str]) -> None:
    answer = store.add_answer(*pair, 1)
    kept = store.add_answer(*pair, 0)
    store.remove_answer(answer)
    store.remove_answer(answer)
    assert [each.id for each in store.answers()] == [kept]


@pytest.mark.parametrize(
    ("left", "right", "preferred", "id_", "error", "says"),
    [
        (0, 1, 2, None, StoreError, r"0 \(left\) or 1 \(right\), not 2"),
        (0, 0, 1, None, StoreError, "with itself"),
        (0, 1, 1, "ABC", StoreError, "32 hexadecimal digits"),
        (0, 2, 1, None, NotFoundError, "no picture"),
    ],
)
def test_an_answer_that_is_none_is_refused_in_one_sentence(
    store: Store,
    pair: tuple[str, str],
    left: int,
    right: int,
    preferred: int,
    id_: str | None,
    error: type[Exception],
    says: str,
) -> None:
    ids = [*pair, mark("nowhere")]
    with pytest.raises(error, match=says):
        store.add_answer(ids[left], ids[right], preferred, answer_id=id_)
    assert store.answers() == []


def test_pictures_that_were_compared_outlive_their_run(store: Store, run_id: str) -> None:
    first = shown(store, run_id)
    one, two, three = (child.genome for child in first.children)
    store.add_answer(one.id, two.id, 1)
    before = store.answers()
    store.delete_run(run_id)
    assert store.purge(everything=True).pictures == 1
    assert store.answers() == before
    assert [holds(store, each) for each in (one, two, three)] == [True, True, False]


# Favourites ---------------------------------------------------------------------------------------


def test_ratings_are_the_stars_of_pictures_that_have_some(store: Store, run_id: str) -> None:
    first = shown(store, run_id)
    ids = [child.genome.id for child in first.children]
    for id_ in ids:
        store.add_favourite(id_)
    store.describe(ids[0], stars=2)
    store.describe(ids[2], stars=5)
    assert store.ratings() == {ids[0]: 2, ids[2]: 5}
    store.describe(ids[0], stars=0)
    assert store.ratings() == {ids[2]: 5}
    assert store.favourite_ids() == ids
    store.remove_favourite(ids[1])
    assert store.favourite_ids() == [ids[0], ids[2]]


# What the person set ------------------------------------------------------------------------------


@pytest.mark.parametrize("value", [True, 0.25, 1.0, "words", None, {"dial": [1, 2, {"on": False}]}])
def test_what_was_set_is_there_when_it_is_opened_again(url: str, value: Any) -> None:
    with Store.open(url) as store:
        assert store.preference("dial", "default") == "default"
        store.set_preference("dial", "first")
        store.set_preference("dial", value)
        store.set_preference("other", 1)
    with Store.open(url) as store:
        assert repr(store.preference("dial", "default")) == repr(value)
        assert store.preference("other") == 1


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("", 1, "1 to 64 characters"),
        ("n" * 65, 1, "1 to 64 characters"),
        ("dial", float("nan"), "cannot be kept"),
        ("dial", object(), "cannot be kept"),
        ("dial", "x" * 70_000, "65,536 fit"),
    ],
)
def test_what_cannot_be_set_is_refused_in_one_sentence(
    store: Store, name: str, value: object, says: str
) -> None:
    with pytest.raises(StoreError, match=says):
        store.set_preference(name, value)
    assert store.preference("dial") is None


@pytest.mark.parametrize("value", ["yesterday", "2026-01-01", "9999-12-31T23:59:59-23:59", 7, None])
def test_a_reset_that_cannot_be_read_hides_nothing(
    store: Store, run_id: str, value: object
) -> None:
    first = shown(store, run_id)
    pick(store, first.id, [0])
    store.set_preference(RESET, value)
    assert store.taste_reset() is None
    assert len(store.choices()) == 1


# Merging ------------------------------------------------------------------------------------------


def test_answers_and_guidance_come_in_by_merging_and_preferences_do_not(
    url: str, tmp_path: Path
) -> None:
    other = tmp_path / "other.db"
    with Store.open(f"sqlite:///{other}") as there:
        run = there.create_run(name="owls", seed=1)
        made = replace(grid(run.id), guidance=AUTOMATIC)
        there.add_generation(made)
        one, two, three = (child.genome.id for child in made.children)
        there.add_answer(one, two, 1, answer_id=mark("theirs"))
        there.add_answer(two, three, 0, answer_id=mark("more"))
        there.reset_taste()
        there.set_preference("dial", 1.0)
        theirs = there.answers(everything=True)
    with Store.open(url) as here:
        for each in made.children[:2]:
            here.save_genome(each.genome)
        here.add_answer(one, two, 1, answer_id=mark("theirs"))
        here.set_preference("dial", 0.0)
        mine = here.answers()
    assert merge(url, other) == Merged(runs=1, generations=1, pictures=1, answers=1)
    with Store.open(url) as here:
        assert here.generation(made.id).guidance == AUTOMATIC
        found = here.answers()
        assert sorted(each.id for each in found) == sorted([mark("theirs"), mark("more")])
        assert set(found) == {mine[0], theirs[1]}
        assert (here.preference("dial"), here.taste_reset()) == (0.0, None)
    assert merge(url, other) == Merged()
