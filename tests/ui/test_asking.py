"""The questions of a tab: ready before they are needed, never twice, and stored before shown."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest

from breeder import Store
from breeder.errors import StoreError
from breeder.evolve.founders import founder
from breeder.taste.pairs import Key, Pair
from breeder.taste.person import Person
from breeder.ui.asking import READY, Asker, preparer

WAIT = 20.0


def pair(seed: int, expected: float = 0.8) -> Pair:
    left, right = (founder(rng=np.random.default_rng([seed, side])) for side in (0, 1))
    return Pair(left=left, right=right, expected=expected, gain=0.5, words=("dark", "light"))


def ready(asker: Asker) -> list[str]:
    return [each.id for each in asker.questions(least=READY, wait=WAIT)]


def test_questions_are_ready_and_an_answered_one_makes_room_for_another():
    told: list[tuple[frozenset[Key], frozenset[str]]] = []

    def prepare(seed: int, avoid: frozenset[Key], resting: frozenset[str]) -> Pair:
        told.append((avoid, resting))
        return pair(seed)

    asker = Asker(prepare, seed=1)
    first = ready(asker)
    assert len(set(first)) == READY
    asker.answered(first[0], "a" * 32, 0)
    asker.left(first[1])
    then = ready(asker)
    assert then[0] == first[2]
    assert len(then) == READY
    assert not set(then) & set(first[:2])
    assert [len(avoid) for avoid, _ in told] == list(range(READY + 2))
    assert all(len(resting) == 2 * number for number, (_, resting) in enumerate(told))


def test_it_counts_what_was_foretold_once_and_forgets_what_is_taken_back():
    asker = Asker(lambda seed, avoid, resting: pair(seed), seed=1)
    first, second, *_ = ready(asker)
    asker.answered(first, "a" * 32, 0)
    asker.answered(first, "a" * 32, 0)  # told twice
    asker.answered(second, "b" * 32, 1)
    asker.answered("0" * 32, "c" * 32, 1)  # of a server before this one
    assert (asker.given, asker.foretold) == (2, 1)
    asker.taken_back("a" * 32)
    asker.taken_back("a" * 32)
    assert (asker.given, asker.foretold) == (1, 0)


@pytest.mark.parametrize("fails", [True, False])
def test_where_no_question_can_be_had_the_page_does_not_wait(
    fails: bool, caplog: pytest.LogCaptureFixture
):
    def prepare(seed: int, avoid: frozenset[Key], resting: frozenset[str]) -> Pair | None:
        if fails:
            raise StoreError("The disk is full; make room.")
        return None

    asker = Asker(prepare)
    assert asker.questions(wait=WAIT) == []
    assert ("The disk is full" in caplog.text) == fails


def test_a_page_waits_no_longer_than_it_says():
    go = threading.Event()

    def prepare(seed: int, avoid: frozenset[Key], resting: frozenset[str]) -> Pair:
        go.wait(WAIT)
        return pair(seed)

    asker = Asker(prepare)
    assert asker.questions(wait=0.01) == []
    go.set()
    assert len(ready(asker)) == READY


def test_the_pictures_of_a_question_are_stored_and_its_answer_is_not_asked_for_again(
    tmp_path: Path,
):
    with Store.open(f"sqlite:///{tmp_path / 'art.db'}") as store:
        person = Person(store)
        prepare = preparer(store, person, lambda: "")
        asked = prepare(5, frozenset(), frozenset())
        assert asked is not None
        ids = [asked.left.id, asked.right.id]
        assert [genome.id for genome in store.genomes(ids)] == ids
        again = prepare(5, frozenset(), frozenset())
        assert again is not None
        assert again.key == asked.key
        person.answer(ids[0], ids[1], 0, token="a" * 32, run_id="")
        person.learn()
        other = prepare(5, frozenset(), frozenset())
        assert other is not None
        assert other.key != asked.key
        person.close()
