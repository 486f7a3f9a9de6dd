"""Grids bred ahead are the grids that would have been bred; nothing else is ever shown."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from breeder import BreederSettings, Generation, Store, offspring
from breeder import plan as plans
from breeder.breeder import Breeder
from breeder.ui import ahead as module
from breeder.ui import state as acts
from breeder.ui.ahead import Ahead
from breeder.ui.grid import Action, Picks
from breeder.ui.state import PageState

SMALL = BreederSettings(population=4)
PATIENCE = 60.0


class Watched(Ahead):
    """Tells which grids were bred and drawn ahead."""

    def __init__(self, **options: Any) -> None:
        self.drawn: queue.Queue[Generation] = queue.Queue()
        super().__init__(self.drawn.put, still=0.0, **options)

    def wait(self) -> Generation:
        return self.drawn.get(timeout=PATIENCE)


def tab_with(ahead: Ahead | None, store: Store | None = None, seed: int = 5) -> PageState:
    store = store or Store.in_memory()
    return PageState(
        breeder=Breeder.begin(store, name="owls", settings=SMALL, seed=seed), ahead=ahead
    )


def pick(tab: PageState, *slots: int) -> None:
    touched = tuple(range(4))
    here = tab.generation.id
    acts.hear_picks(tab, Picks(generation=here, slots=slots, touched=touched, seq=tab.seq + 1))


def evolve(tab: PageState, *slots: int) -> Generation:
    here = tab.generation.id
    acts.hear_action(tab, Action(kind="evolve", generation=here, slots=slots, slot=None))
    return tab.generation


def same(one: Generation, other: Generation) -> bool:
    names = ("number", "bred_from", "seed", "settings", "children", "screening", "fingerprints")
    return all(getattr(one, name) == getattr(other, name) for name in names)


def test_a_grid_bred_ahead_is_the_one_that_is_bred_when_asked() -> None:
    ahead = Watched()
    quick, plain = tab_with(ahead), tab_with(None)
    for slots in ((1,), (0, 2), (3,)):
        for tab in (quick, plain):
            pick(tab, *slots)
        ahead.wait()
        assert same(evolve(quick, *slots), evolve(plain, *slots))
    assert (ahead.hits, ahead.misses) == (3, 0)
    stored = quick.store.generation(quick.generation.id)
    assert same(stored, quick.generation)


def test_breeding_ahead_writes_nothing() -> None:
    ahead = Watched()
    tab = tab_with(ahead)
    pick(tab, 1)
    before = tab.store.run(tab.breeder.run_id)
    bred = ahead.wait()
    assert tab.store.run(tab.breeder.run_id) == before
    assert tab.generation.number == 0
    assert bred.id not in [branch.id for branch in tab.store.tree(tab.breeder.run_id)]


def other_picks(tab: PageState) -> Generation:
    return evolve(tab, 2)


def other_settings(tab: PageState) -> Generation:
    # A running job of the old settings must not answer either, so the tab does not look again.
    tab.breeder.settings = BreederSettings(population=4, strength=0.9)
    return evolve(tab, 1)


def other_size(tab: PageState) -> Generation:
    tab.breeder.settings = BreederSettings(population=6)
    return evolve(tab, 1)


def bred_elsewhere(tab: PageState) -> Generation:
    Breeder.resume(tab.store, tab.breeder.run_id).tell([3])  # shows what must not be repeated
    return evolve(tab, 1)


def told_before(tab: PageState) -> Generation:
    Breeder.resume(tab.store, tab.breeder.run_id).tell([1])
    return evolve(tab, 1)


def rerolled(tab: PageState) -> Generation:
    tab.breeder.reroll()
    return tab.generation


@pytest.mark.parametrize(
    "step", [other_picks, other_settings, other_size, bred_elsewhere, told_before, rerolled]
)
def test_what_was_bred_ahead_for_something_else_is_not_shown(
    step: Callable[[PageState], Generation],
) -> None:
    ahead = Watched()
    quick, plain = tab_with(ahead), tab_with(None)
    for tab in (quick, plain):
        pick(tab, 1)
    ahead.wait()
    assert same(step(quick), step(plain))
    assert ahead.hits == 0


def test_only_the_newest_picks_of_a_tab_are_bred(monkeypatch: pytest.MonkeyPatch) -> None:
    started, go = threading.Event(), threading.Event()
    breed = offspring.breed

    def held(*args: Any, **kwargs: Any) -> Any:
        if kwargs["between"] is not None and not started.is_set():
            started.set()
            assert go.wait(PATIENCE)
        return breed(*args, **kwargs)

    ahead = Watched()
    tab = tab_with(ahead)
    monkeypatch.setattr(plans, "breed", held)
    pick(tab, 1)
    assert started.wait(PATIENCE)
    pick(tab, 1, 2)
    pick(tab, 1, 2, 3)
    go.set()
    assert ahead.wait().bred_from == (1, 2, 3)
    assert ahead.drawn.empty()


def test_evolve_takes_over_a_grid_that_is_just_being_bred(monkeypatch: pytest.MonkeyPatch) -> None:
    started, asked, go = threading.Event(), threading.Event(), threading.Event()
    breed = offspring.breed

    def held(*args: Any, **kwargs: Any) -> Any:
        started.set()
        assert go.wait(PATIENCE)
        return breed(*args, **kwargs)

    ahead = Watched()
    tab, plain = tab_with(ahead), tab_with(None)
    expected = evolve(plain, 1)
    monkeypatch.setattr(plans, "breed", held)
    pick(tab, 1)
    assert started.wait(PATIENCE)

    def press() -> Generation:
        asked.set()
        return evolve(tab, 1)

    with ThreadPoolExecutor(1) as person:
        pressed = person.submit(press)
        assert asked.wait(PATIENCE)
        go.set()
        assert same(pressed.result(PATIENCE), expected)


def test_with_many_at_work_nothing_is_bred_ahead() -> None:
    ahead = Watched(few=2)
    tabs = [tab_with(ahead, seed=seed) for seed in range(3)]
    pick(tabs[0], 1)
    ahead.wait()
    pick(tabs[1], 1)
    ahead.wait()
    pick(tabs[2], 1)
    assert evolve(tabs[2], 1).number == 1
    assert ahead.misses == 1
    assert ahead.drawn.empty()


def test_taking_the_last_pick_back_breeds_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    ahead = Watched()
    tab = tab_with(ahead)
    looked: list[str] = []
    monkeypatch.setattr(ahead, "look", lambda tab, plan: looked.append(tab))
    pick(tab, 1)
    pick(tab)
    assert looked == [tab.tab]


def test_what_is_kept_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "KEPT", 2)
    ahead = Watched()
    tab = tab_with(ahead)
    for slot in range(4):
        pick(tab, slot)
        ahead.wait()
    assert len(ahead._bred) == 2
    assert not ahead._waiting


def test_many_tabs_at_once_get_what_each_would_alone() -> None:
    ahead = Watched(few=8)
    store = Store.in_memory()
    quick = [tab_with(ahead, store, seed) for seed in range(6)]
    plain = [tab_with(None, seed=seed) for seed in range(6)]

    def breed(tab: PageState) -> list[Generation]:
        grids = []
        for slots in ((1,), (0, 3), (2,)):
            for slot in slots:
                pick(tab, slot)
            grids.append(evolve(tab, *slots))
        return grids

    with ThreadPoolExecutor(6) as people:
        together = list(people.map(breed, quick))
    for grids, alone in zip(together, map(breed, plain), strict=True):
        assert all(same(one, other) for one, other in zip(grids, alone, strict=True))
    assert ahead.hits + ahead.misses == 18


def test_a_run_that_is_gone_stops_nothing() -> None:
    ahead = Watched()
    gone, tab = tab_with(ahead, seed=1), tab_with(ahead, seed=2)
    ahead.look(gone.tab, lambda: gone.breeder.plan([99]))
    pick(tab, 1)
    assert ahead.wait().run_id == tab.breeder.run_id


def test_a_grid_that_cannot_be_drawn_ahead_is_shown_and_the_next_is_bred_ahead(
    caplog: pytest.LogCaptureFixture,
) -> None:
    drawn: queue.Queue[Generation] = queue.Queue()

    def draw(generation: Generation) -> None:
        drawn.put(generation)
        if generation.number == 1:
            raise RuntimeError("no memory")

    ahead = Ahead(draw, still=0.0)
    tab = tab_with(ahead)
    for number in (1, 2):
        pick(tab, 1)
        assert drawn.get(timeout=PATIENCE).number == number
        assert evolve(tab, 1).number == number
    assert ahead.hits == 2
    assert "no memory" in caplog.text


def test_one_who_cannot_be_served_lets_the_next_have_their_turn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ahead = Ahead(lambda generation: None, few=0)
    tab = tab_with(ahead)
    with monkeypatch.context() as broken:
        broken.setattr(plans, "breed", lambda *_, **__: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            evolve(tab, 1)
    assert evolve(tab, 1).number == 1


def test_a_pick_counts_where_the_machine_has_no_thread_to_breed_ahead(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    ahead = Watched()
    tab = tab_with(ahead)
    with monkeypatch.context() as crowded:
        crowded.setattr(threading.Thread, "start", refuse)
        pick(tab, 1)
    assert tab.generation.picks == (1,)
    pick(tab, 2)
    assert ahead.wait().bred_from == (2,)
