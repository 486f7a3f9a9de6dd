"""What a tab does with a guide: the wish to be surprised, and the words for what was chosen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from streamlit.testing.v1 import AppTest

import breeder.ui
from breeder import BreederSettings, Store
from breeder.breeder import Breeder
from breeder.guidance import Floats
from breeder.looks import draw_small, look_at
from breeder.taste.person import Person
from breeder.ui import state as acts
from breeder.ui.grid import Action, parse_action
from breeder.ui.resources import open_store, person
from breeder.ui.state import (
    DIALS_KEPT,
    PageState,
    change_settings,
    describe,
    new_run,
    open_state,
    tile_name,
)
from breeder.ui.tasting import why

PAGE = Path(breeder.ui.__file__).parent / "views" / "breed.py"
SIX = BreederSettings(population=6)


@dataclass(frozen=True, kw_only=True)
class Bright:
    """A guide that likes what is bright."""

    seen: NDArray[np.uint8]
    trusted: bool = True
    key: str = "bright"
    choices: int = 9
    accuracy: float = 0.8

    def judge(self, drawings: NDArray[np.uint8]) -> tuple[Floats, Floats]:
        light = drawings.mean(axis=(1, 2, 3)).astype(np.float32)
        return light, np.zeros_like(light)

    def reasons(self, drawings: NDArray[np.uint8], chosen: Sequence[int]) -> list[tuple[str, ...]]:
        return [("bright",)] * len(chosen)


@pytest.fixture
def tab() -> Iterator[PageState]:
    with Store.in_memory() as store:
        breeder = Breeder.begin(store, name="owls", settings=SIX, seed=5)
        genomes = [child.genome for child in breeder.ask().children]
        guide = Bright(seen=look_at(draw_small(genomes)).fingerprints)
        breeder.guide = lambda: guide
        yield PageState(breeder=breeder)


def press(tab: PageState, kind: str, *slots: int) -> None:
    plain = {"kind": kind, "generation": tab.generation.id, "slots": list(slots)}
    heard = parse_action(plain)
    assert isinstance(heard, Action)
    acts.hear_action(tab, heard)
    assert tab.notice == ""


def test_a_surprise_keeps_the_picks_and_is_bred_from_them(tab: PageState) -> None:
    first = tab.generation.id
    press(tab, "surprise", 1, 3)
    assert tab.store.generation(first).picks == (1, 3)
    assert tab.generation.bred_from == (1, 3)
    assert tab.generation.guidance is not None
    assert tab.generation.guidance.kind == "surprise"
    assert tab.status.startswith("Unlike what you have seen, bred from 2 picks; screened out")
    chosen = [child for child in tab.generation.children if child.origin == "guided"]
    assert len(chosen) == 4
    assert {why(child, tab.generation) for child in chosen} == {
        "Chosen because it is unlike what you have seen."
    }


def test_a_surprise_without_picks_is_of_the_same_parents(tab: PageState) -> None:
    press(tab, "surprise")
    assert tab.status.startswith("Unlike what you have seen, fresh founders")
    press(tab, "evolve", 0)
    parents = {parent.id for child in tab.generation.children for parent in child.parents}
    press(tab, "surprise")
    assert tab.status.startswith("Unlike what you have seen, of the same parents")
    assert {p.id for child in tab.generation.children for p in child.parents} == parents


def test_the_status_counts_what_the_taste_chose_and_what_it_left(tab: PageState) -> None:
    press(tab, "evolve", 0)
    guided = [child for child in tab.generation.children if child.origin == "guided"]
    assert tab.status.startswith(
        f"Bred from 1 pick; {len(guided)} chosen by your taste, {5 - len(guided)} left to chance; "
    )
    assert 0 < len(guided) < 5
    assert tile_name(guided[0], tab.generation) == f"Picture {guided[0].slot + 1}, guided child"
    acts.change_settings(tab, unguided=0.0)
    press(tab, "reroll")
    assert "5 chosen by your taste; " in tab.status
    assert why(tab.generation.children[2], tab.generation) == "Chosen for your taste: bright"
    acts.change_settings(tab, novelty=0.6)
    press(tab, "reroll")
    assert "5 chosen by your taste and for novelty; " in tab.status
    assert "mostly because it is unlike" in why(tab.generation.children[2], tab.generation)
    acts.change_settings(tab, novelty=1.0, guided=False)
    press(tab, "reroll")
    assert "5 unlike what you have seen; " in tab.status
    acts.change_settings(tab, novelty=0.0)
    press(tab, "reroll")
    assert "taste" not in tab.status
    assert tab.status.startswith("Other children of the same parents; ")


def test_a_grid_goes_by_what_was_learnt_before_it_until_that_is_forgotten(
    tab: PageState, monkeypatch: pytest.MonkeyPatch
) -> None:
    learnt = tab.breeder.guide()
    assert isinstance(learnt, Bright)
    person = Person(tab.store)
    monkeypatch.setattr(person, "look", lambda run_id: None)
    monkeypatch.setattr(person, "guide", lambda run_id: learnt)
    tab = PageState(breeder=tab.breeder, person=person)
    first = tab.breeder.plan([0]).key
    learnt = replace(learnt, key="brighter")
    assert tab.breeder.plan([0]).key == first  # what was bred ahead holds
    learnt = replace(learnt, key="forgotten", trusted=False)
    press(tab, "evolve", 0)
    assert "taste" not in tab.status


def test_first_grids_and_grids_of_the_autopilot_are_called_what_they_are(tab: PageState) -> None:
    guide = tab.breeder.guide()
    founders = Breeder.begin(tab.store, settings=SIX, seed=6, guide=guide).ask()
    assert describe(founders).startswith(
        "Fresh founders: pick the ones you like; 4 chosen by your taste, 2 left to chance; "
    )
    assert "guided founder" in tile_name(founders.children[0], founders)
    led = tab.breeder.lead([1, 2])
    assert describe(led).startswith("Bred by the autopilot from 2 pictures; ")
    refined = replace(led.children[0], origin="refined")
    assert tile_name(refined, led) == "Picture 1, refined child"


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[AppTest]:
    monkeypatch.setenv("BREEDER_DATABASE_URL", f"sqlite:///{tmp_path / 'art.db'}")
    for shared in (open_store, person):
        shared.cache_clear()
    person().learn()
    page = AppTest.from_file(PAGE, default_timeout=60).run()
    assert not page.exception
    yield page
    person().close()
    open_store().close()
    for shared in (open_store, person):
        shared.cache_clear()


def test_the_taste_is_switched_and_turned_in_its_popover(page: AppTest) -> None:
    state = page.session_state["breeder"]
    assert "Nothing learnt yet: it needs your picks" in page.markdown[0].value.replace("\\", "")
    run = state.breeder.run_id
    page.toggle(f"guided-{run}").set_value(False).run()
    page.slider(f"unguided-{run}").set_value(50).run()
    page.select_slider(f"novelty-{run}").set_value(0.3).run()
    assert not page.exception
    settings = state.breeder.settings
    assert (settings.guided, settings.unguided, settings.novelty) == (False, 0.5, 0.3)


def test_settings_of_the_command_line_between_the_marks_are_shown_as_they_are(
    page: AppTest,
) -> None:
    state = page.session_state["breeder"]
    acts.change_settings(state, novelty=0.37, unguided=1 / 3)
    page.run()
    run = state.breeder.run_id
    assert not page.exception
    assert page.slider(f"unguided-{run}").value == 33
    assert state.breeder.settings.unguided == 1 / 3
    assert state.breeder.settings.novelty == 0.37


def test_the_dials_are_the_persons_in_all_runs_from_the_moment_they_are_set():
    with Store.in_memory() as store:
        person = Person(store)
        first = open_state(store, None, person=person)
        change_settings(first, guided=False, strength=0.25)
        change_settings(first, novelty=0.75)
        again = open_state(store, first.breeder.run_id, person=person)
        assert (again.breeder.settings.guided, again.breeder.settings.novelty) == (False, 0.75)
        assert again.breeder.settings.strength == 0.5  # the run's own, as its last grid has it
        new_run(again)
        assert not again.generation.settings.guided
        nothings: list[object] = [[], "off", {"guided": 1, "unguided": 7}, {"novelty": None}]
        for none in nothings:
            store.set_preference(DIALS_KEPT, none)
            assert open_state(store, None, person=person).breeder.settings == BreederSettings()
        person.close()
