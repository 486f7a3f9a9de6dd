"""What is stored becomes choices: each in its order, with the pictures that it was among."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from breeder.breeder import Breeder
from breeder.history import BreederSettings
from breeder.looks import FINGERPRINT_BYTES, draw_small
from breeder.store import Store, StoredAnswer, StoredChoice
from breeder.taste import facts
from breeder.taste.facts import MOST, RATED, RIVALS, STRIDE, Facts, picks_and_answers, rated, read
from breeder.taste.features import FEATURES, features_of
from tests.genomes import random_genome

BEGAN = datetime(2026, 1, 1, tzinfo=UTC)

pytestmark = pytest.mark.usefixtures("one_thread")


def row(name: str) -> np.ndarray:
    return np.full(len(FEATURES), ord(name[0]), dtype=np.float32)


def chosen(number: int, shown: str, *picked: int) -> StoredChoice:
    return StoredChoice(
        generation_id=f"grid {number}",
        run_id="owls",
        genome_ids=tuple(shown),
        picked=picked,
        chosen_at=BEGAN + timedelta(minutes=number),
    )


def answered(number: int, left: str, right: str, preferred: int) -> StoredAnswer:
    when = BEGAN + timedelta(minutes=number)
    return StoredAnswer(
        id=f"{number}", left=left, right=right, preferred=preferred, answered_at=when
    )


def test_picks_and_answers_come_in_the_order_in_which_they_were_made():
    found = picks_and_answers(
        Facts(
            choices=[chosen(0, "abc", 1), chosen(4, "cd", 0)],
            answers=[answered(2, "d", "a", 1), answered(3, "a", "d", 1)],
            features={name: row(name) for name in "abcd"},
        )
    )
    assert [event.is_pick for event in found] == [True, False, False, True]
    assert [event.run_id for event in found] == ["owls", "", "", "owls"]
    told = [
        (
            "".join(chr(int(each)) for each in event.choice.features[:, 0]),
            event.choice.picked.tolist(),
        )
        for event in found
    ]
    assert told[0] == ("abc", [False, True, False])
    assert told[1:3] == [("da", [False, True]), ("ad", [False, True])]
    assert len({event.key for event in found}) == 4
    assert len({event.shown for event in found}) == 3  # a pair is one, whichever is on the left


def test_choices_in_a_grid_and_in_its_copy_are_among_the_same():
    known = {name: row(name) for name in "abc"}
    told = Facts(choices=[chosen(0, "abc", 1), chosen(1, "abc", 2)], features=known)
    one, other = picks_and_answers(told)
    assert one.key != other.key
    assert one.shown == other.shown


def test_a_rated_picture_is_set_against_some_with_fewer_stars():
    names = "abcdefghijklm"
    stars = {name: 1 + (number > 0) + (number > 9) for number, name in enumerate(names)}
    found = rated(Facts(ratings=stars, features={name: row(name) for name in names}))
    assert len(found) == 12  # nothing has fewer than one star
    for choice in found:
        first, *others = (chr(int(each)) for each in choice.features[:, 0])
        assert choice.picked.tolist() == [True] + [False] * len(others)
        assert choice.weight == RATED
        assert len(others) == min(RIVALS, sum(each < stars[first] for each in stars.values()))
        assert all(stars[other] < stars[first] for other in others)
    assert rated(Facts(ratings={"a": 3, "b": 3}, features={"a": row("a"), "b": row("b")})) == []


def test_what_is_too_old_is_left_out_many_at_a_time():
    for count, left in ((MOST, MOST), (MOST + 1, MOST + 1 - STRIDE), (MOST + STRIDE, MOST)):
        newest = facts._newest(range(count))
        assert (len(newest), newest[-1]) == (left, count - 1)


def test_a_picture_is_looked_at_once():
    looked: list[int] = []

    def look(drawings: np.ndarray) -> np.ndarray:
        looked.append(len(drawings))
        return features_of(drawings)

    with Store.in_memory() as store:
        genomes = [random_genome(seed) for seed in range(3)]
        for genome in genomes:
            store.save_genome(genome)
        store.add_answer(genomes[0].id, genomes[1].id, 0)
        once = read(store, Facts(), lambda done, total: None, look)
        store.add_answer(genomes[1].id, genomes[2].id, 1)
        twice = read(store, once, lambda done, total: None, look)
    assert looked == [2, 1]
    wanted = features_of(draw_small(genomes))
    for genome, each in zip(genomes, wanted, strict=True):
        np.testing.assert_array_equal(twice.features[genome.id], each)
    assert once.since == twice.since is not None


def test_fingerprints_that_are_none_are_left_out():
    with Store.in_memory() as store:
        good = Breeder.begin(store, settings=BreederSettings(population=2), seed=1).ask()
        bad = Breeder.begin(store, settings=BreederSettings(population=2), seed=2)
        odd = replace(bad.ask(), id="ab" * 16, came_from=bad.place, fingerprints=b"odd")
        assert store.add_generation(odd)
        assert b"odd" in store.seen(99)
        seen = read(store, Facts(), lambda done, total: None, features_of).seen
        assert seen.shape == (4, FINGERPRINT_BYTES)
        assert good.fingerprints in seen.tobytes()
