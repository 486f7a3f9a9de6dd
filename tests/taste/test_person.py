"""A person: what the store holds is learnt, and nothing is held against it."""

import json
import threading
import time
from collections.abc import Iterator

import numpy as np
import pytest

from breeder.breeder import Breeder
from breeder.genome import Genome
from breeder.history import BreederSettings
from breeder.looks import draw_small
from breeder.store import Store
from breeder.taste.features import FEATURES, features_of
from breeder.taste.model import COSINES
from breeder.taste.person import Person
from breeder.ui.grid import Action
from breeder.ui.state import PageState, hear_action

pytestmark = pytest.mark.usefixtures("one_thread")

SMALL = BreederSettings(population=9)
WARM = next(number for number, each in enumerate(FEATURES) if each.more == "warm")


@pytest.fixture
def store() -> Iterator[Store]:
    with Store.in_memory() as store:
        yield store


def warmth(genomes: list[Genome]) -> np.ndarray:
    return features_of(draw_small(genomes))[:, WARM]


def warmest(breeder: Breeder) -> list[int]:
    return [int(np.argmax(warmth([child.genome for child in breeder.ask().children])))]


def breed(store: Store, grids: int, *, seed: int = 1) -> Breeder:
    breeder = Breeder.begin(store, seed=seed, settings=SMALL)
    for _ in range(grids):
        breeder.tell(warmest(breeder))
    return breeder


def test_what_was_learnt_step_by_step_is_what_is_learnt_from_the_store_alone(store: Store):
    breeder = Breeder.begin(store, seed=1, settings=SMALL)
    person = Person(store)
    for _ in range(6):
        breeder.tell(warmest(breeder))
        guide = person.learn(breeder.run_id)
    again = Person(store).learn(breeder.run_id)
    assert again.trial.hits == guide.trial.hits
    assert again.trial.evidence == pytest.approx(guide.trial.evidence, abs=1e-4)
    drawings = draw_small([child.genome for child in breeder.ask().children])
    assert np.abs(again.judge(drawings)[0] - guide.judge(drawings)[0]).max() < 0.1
    assert person.account().choices == 6
    assert person.account().runs == 1


def test_a_pick_that_is_taken_back_is_not_learnt_from(store: Store):
    breeder = breed(store, 2)
    breeder.pick([3])
    person = Person(store)
    person.learn()
    assert person.account().choices == 3
    breeder.pick([])
    person.learn()
    assert person.account().choices == 2
    store.delete_run(breeder.run_id)
    person.learn()
    assert person.account().choices == 0


def test_another_choice_in_a_grid_is_learnt_from_and_not_foretold(store: Store):
    breeder = breed(store, 3)
    grid = breeder.back()
    breeder.tell([*grid.picks, next(slot for slot in range(9) if slot not in grid.picks)])
    person = Person(store)
    person.learn()
    assert person.account().choices == 4
    assert person.account().foretold == 2
    person.close()


def test_nobody_waits_for_what_is_being_learnt(store: Store, monkeypatch: pytest.MonkeyPatch):
    breeder = breed(store, 1)
    person = Person(store)
    held = threading.Event()
    monkeypatch.setattr(store, "choices", lambda **_: held.wait(30) and [])
    person.look(breeder.run_id)
    assert person.guide(breeder.run_id) is None  # and at once
    held.set()
    deadline = time.monotonic() + 30
    while person.guide(breeder.run_id) is None and time.monotonic() < deadline:
        time.sleep(0.01)
    assert person.guide(breeder.run_id) is not None
    person.close()


def test_a_machine_without_threads_breeds_on_and_learns_later(
    store: Store, monkeypatch: pytest.MonkeyPatch
):
    def fails(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    breeder, person = breed(store, 1), Person(store)
    monkeypatch.setattr(threading.Thread, "start", fails)
    person.look(breeder.run_id)
    monkeypatch.undo()
    person.look(breeder.run_id)
    deadline = time.monotonic() + 30
    while person.guide(breeder.run_id) is None and time.monotonic() < deadline:
        time.sleep(0.01)
    assert person.guide(breeder.run_id) is not None
    person.close()


def test_a_store_that_cannot_be_read_leaves_the_grid_alone(
    store: Store, caplog: pytest.LogCaptureFixture
):
    person = Person(store)
    store.close()
    person.look("any")
    deadline = time.monotonic() + 30
    while not caplog.records and time.monotonic() < deadline:
        time.sleep(0.01)
    assert person.guide("any") is None
    person.close()


def test_a_reset_forgets_and_can_be_undone(store: Store):
    breed(store, 5)
    person = Person(store)
    person.learn()
    foretold = person.account().foretold
    person.reset()
    assert person.account().choices == 0
    assert not person.account().trusted
    person.remember()
    assert person.account().choices == 5
    assert person.account().foretold == foretold


def test_a_run_is_guided_by_nothing_older_than_what_was_learnt_last(store: Store):
    """A server learns when it starts, for no run; a run that begins later goes by more."""
    person = Person(store)
    person.learn("")
    breeder = breed(store, 5)
    learnt = person.learn(breeder.run_id)
    assert learnt.choices == 5
    assert person.guide("") is person.guide(breeder.run_id) is learnt
    store.reset_taste()
    forgotten = person.learn("another run")
    assert person.guide(breeder.run_id) is forgotten


def test_answers_and_stars_are_learnt_from(store: Store):
    breeder = breed(store, 1)
    children = breeder.ask().children
    warmths = warmth([child.genome for child in children])
    person = Person(store)
    before = person.learn()
    drawings = draw_small([child.genome for child in children])
    low, high = int(np.argmin(warmths)), int(np.argmax(warmths))
    for _ in range(2):
        person.answer(
            children[low].genome.id,
            children[high].genome.id,
            1,
            token="ab" * 16,  # told twice, it counts once
            run_id=breeder.run_id,
        )
    after = person.learn()
    assert person.account().answers == 1

    def ahead(guide):
        score, _ = guide.judge(drawings)
        return float(score[high] - score[low])

    assert ahead(after) > ahead(before)
    for slot, stars in ((high, 1), (low, 5)):
        genome = children[slot].genome
        store.add_favourite(genome.id, title="", run_id=None)
        store.describe(genome.id, stars=stars)
    assert ahead(person.learn()) < ahead(after)
    assert person.account().ratings == 2
    person.close()


def test_what_is_exported_is_plain_and_whole(store: Store):
    breeder = breed(store, 3)
    person = Person(store)
    plain = json.loads(json.dumps(person.export(), allow_nan=False))
    assert [len(each["shown"]) for each in plain["choices"]] == [9, 9, 9]
    first = plain["choices"][0]
    assert first["run"] == breeder.run_id
    assert len(plain["features"]) == len(FEATURES)
    assert plain["embedding_weights"] == []
    assert len(plain["curved_weights"]) == COSINES
    assert plain["trusted"] is False


def test_a_tab_keeps_to_one_guide_while_it_stays_in_a_grid(store: Store):
    breeder = breed(store, 3)
    person = Person(store)
    person.learn(breeder.run_id)
    state = PageState(breeder=breeder, person=person)
    first = state.known()
    breeder.pick([2])
    person.learn(breeder.run_id)
    assert person.guide(breeder.run_id) is not first
    assert state.known() is first
    here = state.generation
    hear_action(state, Action(kind="evolve", generation=here.id, slots=(2,), slot=None))
    assert state.generation.id != here.id
    assert state.known() is not first
    person.close()
