"""Autopilots of the server: started from a tab, told of, stopped, and walked in a film strip."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from breeder import BreederSettings, Store
from breeder.breeder import Breeder
from breeder.guidance import Guide
from breeder.history import Generation
from breeder.taste import autopilot as taste
from breeder.ui import autopilot, autopilot_routes
from breeder.ui import flights as module
from breeder.ui.autopilot import AutopilotAction, hear_autopilot, parse_autopilot_action
from breeder.ui.flights import MOST, Flights, Order
from breeder.ui.state import PageState

pytestmark = pytest.mark.usefixtures("one_thread")

SMALL = BreederSettings(population=4, screening=False)


@pytest.fixture
def store() -> Iterator[Store]:
    with Store.in_memory() as store:
        yield store


@pytest.fixture
def tab(store: Store) -> PageState:
    return PageState(breeder=Breeder.begin(store, name="owls", settings=SMALL, seed=5))


@pytest.fixture
def flights(store: Store) -> Iterator[Flights]:
    flights = Flights(store)
    yield flights
    flights.close()


def start(tab: PageState, flights: Flights, generations: int = 3) -> None:
    here = tab.generation.id
    asked = AutopilotAction(kind="start", generation=here, generations=generations, novelty=0.5)
    hear_autopilot(tab, asked, lambda: flights)


def over(flights: Flights, run_id: str) -> dict[str, Any]:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        told = flights.progress(run_id)
        assert told is not None
        if told["state"] not in ("waiting", "breeding"):
            return told
        time.sleep(0.01)
    pytest.fail("the autopilot does not end")


def held(tab: PageState, gate: threading.Event, generations: int = 9) -> Order:
    """An order that begins to breed when the gate is opened."""

    def guide() -> Guide | None:
        gate.wait(60)
        return None

    return Order(
        generation=tab.generation,
        settings=tab.breeder.settings,
        generations=generations,
        novelty=0.5,
        guide=guide,
    )


def go(tab: PageState, generation: Generation) -> None:
    hear_autopilot(tab, AutopilotAction(kind="go", generation=generation.id))


@pytest.mark.parametrize(
    "message",
    [
        None,
        {"kind": "go"},
        {"kind": "fly", "generation": "a"},
        {"kind": "start", "generation": "a", "generations": 51, "novelty": 3},
        {"kind": "start", "generation": "a", "generations": 0, "novelty": 3},
        {"kind": "start", "generation": "a", "generations": True, "novelty": 3},
        {"kind": "start", "generation": "a", "generations": 5, "novelty": 21},
        {"kind": "start", "generation": "a", "generations": 5, "novelty": 0.5},
        {"kind": "start", "generation": "\ud800", "generations": 5, "novelty": 1},
    ],
)
def test_what_a_browser_may_not_ask_for_is_ignored(message: object) -> None:
    assert parse_autopilot_action(message) is None


def test_what_a_browser_may_ask_for_is_understood() -> None:
    asked = {"kind": "start", "generation": "a", "generations": 50, "novelty": 10}
    assert parse_autopilot_action(asked) == AutopilotAction(
        kind="start", generation="a", generations=50, novelty=0.5
    )
    assert parse_autopilot_action({"kind": "go", "generation": "a"}) == AutopilotAction(
        kind="go", generation="a"
    )


def test_it_breeds_with_what_is_set_in_the_tab_and_tells_how_far_it_is(
    tab: PageState, flights: Flights
) -> None:
    tab.breeder.settings = replace(SMALL, strength=0.9)  # set, and nothing bred with it yet
    first = tab.generation
    start(tab, flights)
    told = over(flights, first.run_id)
    assert (told["state"], told["done"], told["total"]) == ("done", 3, 3)
    assert (told["from"], told["number"], told["message"]) == (first.id, 3, "")
    last = tab.store.generation(told["last"])
    assert last.settings == tab.breeder.settings
    assert tab.generation.id == first.id  # the tab stays where it is until it goes there
    go(tab, last)
    assert tab.generation.id == last.id
    assert "autopilot" in tab.status


def test_a_person_who_breeds_by_hand_meanwhile_is_not_led_away(
    tab: PageState, flights: Flights
) -> None:
    gate = threading.Event()
    flights.start(held(tab, gate, 2))
    mine = tab.breeder.tell([1])
    gate.set()
    told = over(flights, mine.run_id)
    assert told["state"] == "done"
    current = tab.store.current(mine.run_id)
    assert current is not None
    assert current.id == mine.id == tab.generation.id
    # Both futures are there: the strip of the one, and what was bred by hand.
    assert [grid.automatic for grid in tab.store.way(told["last"])] == [False, True, True]
    assert [grid.automatic for grid in tab.store.way(mine.id)] == [False, False]


def test_it_starts_from_the_grid_that_its_tab_shows(
    tab: PageState, store: Store, flights: Flights
) -> None:
    other = PageState(breeder=Breeder.resume(store, tab.breeder.run_id))
    elsewhere = other.breeder.tell([2])
    start(tab, flights, 1)
    told = over(flights, elsewhere.run_id)
    assert store.generation(told["last"]).came_from == tab.generation.id
    assert other.generation.id == elsewhere.id
    # A press in a grid that was left meanwhile is none in the grid that is shown.
    late = AutopilotAction(kind="start", generation="f" * 32, generations=1)
    hear_autopilot(tab, late, lambda: flights)
    again = flights.progress(elsewhere.run_id)
    assert again is not None
    assert again["token"] == told["token"]


def test_one_autopilot_breeds_in_a_run_and_a_few_on_the_server(
    tab: PageState, store: Store, flights: Flights
) -> None:
    gate = threading.Event()
    flights.start(held(tab, gate))
    start(tab, flights)
    assert "already" in tab.notice
    others = [
        PageState(breeder=Breeder.begin(store, settings=SMALL, seed=seed)) for seed in range(MOST)
    ]
    for other in others:
        start(other, flights, 1)
    assert [bool(other.notice) for other in others] == [False] * (MOST - 1) + [True]
    assert "Too many" in others[-1].notice
    waiting = flights.progress(others[-2].breeder.run_id)
    flights.cancel(tab.breeder.run_id)
    gate.set()
    assert over(flights, tab.breeder.run_id)["state"] == "cancelled"
    assert waiting is not None
    assert over(flights, others[-2].breeder.run_id)["state"] == "done"


def test_what_was_bred_stays_when_it_is_stopped_in_the_middle_of_a_grid(
    tab: PageState, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    flights = Flights(store)
    run_id = tab.breeder.run_id
    between, calls = flights._between, []

    def count(flight: Any) -> None:
        calls.append(flight.done)
        if flight.done == 2:
            flights.cancel(run_id)
        between(flight)

    monkeypatch.setattr(flights, "_between", count)
    start(tab, flights, 9)
    told = over(flights, run_id)
    assert (told["state"], told["done"]) == ("cancelled", 2)
    assert calls.count(2) == 1
    assert len(store.tree(run_id)) == 3
    start(tab, flights, 1)  # and another can begin
    assert over(flights, run_id)["token"] != told["token"]
    flights.close()


def test_people_who_wait_for_a_grid_go_first_but_not_for_ever(
    tab: PageState, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PATIENCE", 0.3)
    asked: list[float] = []

    def busy() -> bool:
        asked.append(time.monotonic())
        return True

    flights = Flights(store, busy)
    start(tab, flights, 1)
    assert over(flights, tab.breeder.run_id)["state"] == "done"
    assert asked[-1] - asked[0] >= 0.25
    flights.close()


def test_a_run_that_is_deleted_meanwhile_ends_it_in_a_sentence(
    tab: PageState, store: Store, flights: Flights
) -> None:
    gate = threading.Event()
    flights.start(held(tab, gate))
    store.delete_run(tab.breeder.run_id)
    gate.set()
    told = over(flights, tab.breeder.run_id)
    assert told["state"] == "failed"
    assert told["message"].endswith(".")


@pytest.mark.parametrize(("guided", "words"), [(True, "not known well"), (False, "switched off")])
def test_the_page_says_what_it_would_go_by(guided: bool, words: str) -> None:
    assert words in autopilot.what_it_goes_by(None, guided=guided)
    assert "novelty alone" in autopilot.what_it_goes_by(None, guided=guided)


def test_the_addresses_tell_how_far_it_is_stop_it_and_show_the_strip(
    tab: PageState, store: Store, flights: Flights, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(autopilot_routes, "open_store", lambda: store)
    monkeypatch.setattr(autopilot_routes, "flights", lambda store: flights)
    first = tab.generation
    address, strip = f"/autopilots/{first.run_id}.json", f"/strips/{first.id}.json"
    with TestClient(Starlette(routes=autopilot_routes.autopilot_routes())) as client:
        assert client.get(address).json() is None
        assert client.get(strip).json() == {"frames": []}
        assert client.get(f"/strips/{'f' * 32}.json").status_code == 404
        gate = threading.Event()
        flights.start(held(tab, gate))
        assert client.get(address).json()["total"] == 9
        evil = {"sec-fetch-site": "cross-site"}
        assert client.delete(address, headers=evil).status_code == 403
        assert client.delete(address).status_code == 204
        gate.set()
        assert over(flights, first.run_id)["state"] == "cancelled"
        led = [tab.breeder.lead([2]), tab.breeder.lead([1, 3])]
        by_hand = [tab.breeder.tell([0]), tab.breeder.tell([1])]
        led.append(tab.breeder.lead([3]))
        for shown in (first, led[1], by_hand[0], led[2]):
            frames = client.get(f"/strips/{shown.id}.json").json()["frames"]
            assert [frame["number"] for frame in frames] == [0, 1, 2, 4, 5]
    assert [frame["automatic"] for frame in frames] == [False, True, True, False, True]
    assert [frame["by_hand"] for frame in frames] == [0, 0, 0, 1, 0]
    chosen = [(first, [2]), (led[0], [1, 3]), (led[1], [0]), (by_hand[1], [3])]
    for frame, (grid, slots) in zip(frames, chosen, strict=False):
        assert frame["id"] == grid.id
        assert frame["pictures"] == [grid.children[slot].genome.id for slot in slots]
    assert len(frames[-1]["pictures"]) == 1
    assert taste.MOST_GENERATIONS <= autopilot_routes.MOST_FRAMES
