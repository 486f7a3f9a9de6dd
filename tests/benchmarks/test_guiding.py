"""The benchmark of guidance, in the small: whom it pairs, and what it keeps."""

import json
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from benchmarks import guiding
from benchmarks.guiding_report import report
from benchmarks.users import NOVELTY
from breeder import Breeder, BreederSettings
from breeder.plan import Plan
from breeder.store import Store
from breeder.taste.person import Person

PICKS, POPULATION = 2, 6
SMALL = BreederSettings(population=POPULATION)


@pytest.fixture(scope="module", autouse=True)
def founders():
    """A few pictures to standardise by: all the founders take seconds."""
    grids = [guiding.pictures_of(Breeder(SMALL, seed=seed).ask()) for seed in range(2)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(guiding, "founders", lambda: np.concatenate(grids))
        yield


@pytest.fixture(scope="module")
def found():
    kinds = (NOVELTY, guiding.RANDOM)
    return {f"{kind}/3": guiding.try_user(kind, 3, PICKS, POPULATION) for kind in kinds}


def test_every_way_of_breeding_gives_a_curve_that_never_falls(found) -> None:
    for user in found.values():
        assert {"re-rolling", "unguided", "first-time", "returning"} <= set(user)
        for record in user.values():
            assert len(record["best"]) == len(record["mean"]) == len(record["guided"]) == PICKS + 1
            assert record["best"] == sorted(record["best"])
            assert record["seconds"] > 0
    assert "dial to the new" in found["novelty/3"]


def test_runs_of_one_user_begin_alike_and_are_the_same_until_something_guides(found) -> None:
    for user in found.values():
        for way in ("first-time", "returning"):
            if not any(user[way]["guided"]):
                assert user[way]["best"] == user["unguided"]["best"]
                assert user[way]["mean"] == user["unguided"]["mean"]
        assert user["first-time"]["mean"][0] == user["unguided"]["mean"][0]
        assert user["re-rolling"]["mean"][0] != user["unguided"]["mean"][0]
    assert not any(found["random picks/3"]["first-time"]["guided"])


def test_the_autopilot_goes_on_where_the_person_stops(found) -> None:
    user = found["novelty/3"]
    for way in ("first-time", "returning"):
        flown = user[f"autopilot, {way}"]
        assert flown["guided"][-1]
        assert flown["mean"][:PICKS] == user[way]["mean"][:PICKS]


def test_the_dial_guides_from_the_start(found) -> None:
    assert all(found["novelty/3"]["dial to the new"]["guided"][1:])


def test_a_user_is_the_same_whenever_they_are_asked(found) -> None:
    again = guiding.User(NOVELTY, 3, PICKS, SMALL)
    assert again._breed(fly=True).best == found["novelty/3"]["autopilot, first-time"]["best"]


def test_the_report_tells_of_everybody(found) -> None:
    text = "\n".join(report(found))
    for words in ("novelty: the best", "Users who pick at random: 1,"):
        assert words in text
    assert "nothing changes: met" in text


def test_a_grid_bred_once_is_the_grid_that_would_be_bred_again(monkeypatch) -> None:
    count = 0
    breed = Plan.breed

    def counted(plan, between=None):
        nonlocal count
        count += 1
        return breed(plan, between)

    monkeypatch.setattr(Plan, "breed", counted)
    bred, grids = guiding.Once(), []
    for hand in ([0, 3], [0, 3], [1]):
        with Store.in_memory() as store:
            sitting = guiding.Sitting(store, 7, bred, settings=SMALL)
            sitting.breeder.ask()
            sitting.pick(hand)
            grids.append(sitting.breeder.ask())
            assert store.generation(grids[-1].id).children == grids[-1].children
    assert count == 3
    assert grids[0].children == grids[1].children != grids[2].children
    assert grids[0].id != grids[1].id
    plain = Breeder(SMALL, seed=7)
    plain.ask()
    assert plain.tell([0, 3]).children == grids[0].children


def test_what_guides_a_grid_was_learnt_from_all_grids_before_it() -> None:
    with Store.in_memory() as store:
        person = Person(store)
        sitting = guiding.Sitting(store, 7, guiding.Once(), person=person, settings=SMALL)
        heard = []
        for picks in ([0], [1, 2]):
            sitting.breeder.ask()
            heard.append(sitting.guide)
            sitting.pick(picks)
        assert [each and each.choices for each in (*heard, sitting.guide)] == [0, 1, 2]


def test_the_best_picture_is_refined_where_the_taste_is_trusted(monkeypatch) -> None:
    def look(pictures):
        return pictures.reshape(len(pictures), -1).mean(axis=1)

    with Store.in_memory() as store:
        sitting = guiding.Sitting(store, 7, guiding.Once(), person=Person(store), settings=SMALL)
        brightness = sitting.see(look)
        darkest = sitting.breeder.ask().children[int(brightness.argmin())].genome
        asked = []

        def refined(genome, taste):
            asked.append(genome)
            return SimpleNamespace(genome=darkest)

        monkeypatch.setattr(guiding, "refine", refined)
        sitting.refine(look)
        assert not asked  # nothing was learnt yet
        sitting.guide = SimpleNamespace(trusted=True, taste=None)  # type: ignore[assignment]
        sitting.refine(look)
        brightest = sitting.breeder.ask().children[int(brightness.argmax())].genome
        assert asked == [brightest]
        assert sitting.record.refined == {0: (brightness.max(), brightness.min())}


def test_a_run_goes_on_from_its_file_and_only_with_the_same_code(tmp_path, found) -> None:
    path, about = tmp_path / "kept.json", {"code": "abc", "picks": PICKS}
    kept = guiding.Kept(path, about)
    for name, records in found.items():
        kept.add(name, records)
    again = guiding.Kept(path, about)
    assert json.loads(json.dumps(found)) == again.records
    with pytest.raises(SystemExit, match="made with other code"):
        guiding.Kept(path, {**about, "code": "abd"})
    guiding.run([(NOVELTY, 3)], again, picks=PICKS, population=POPULATION, workers=1)  # at once


def test_best_of_a_record_is_the_best_so_far() -> None:
    record = guiding.Record()
    for scores in ([1.0, 2.0], [0.0, 1.0], [3.0, -1.0]):
        record.add(np.array(scores))
    assert record.best == [2.0, 2.0, 3.0]
    assert record.mean == [1.5, 0.5, 1.0]
    assert replace(record).guided == [False] * 3
