"""The picture grid keeps its promises: at once, never lost, never reverted, for every hand and eye.

Three parts: the messages a browser sends (no browser needed), the script alone on a bare page
(where every message of the server is ours to choose), and the whole way through Streamlit.
"""

import os
import re
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import streamlit
from hypothesis import given
from hypothesis import strategies as some
from playwright.sync_api import Browser, Locator, Page, Route, expect

from breeder.ui.components import answered, hear_once, script
from breeder.ui.grid import Action, Picks, Tile, parse_action, parse_picks, picture_grid

ROOT = Path(__file__).resolve().parents[2]
ASSETS = ROOT / "breeder" / "ui" / "assets"
SITE = "http://grid.test"
COUNT = 15

# What a browser sends -----------------------------------------------------------------------------

PICKS: dict[str, Any] = {"generation": "g1", "slots": [3, 7], "touched": [3, 5, 7], "seq": 2}
ACTION: dict[str, Any] = {"kind": "evolve", "generation": "g1", "slots": [3], "nonce": "n"}


def test_picks_come_back_sorted_and_without_repeats():
    assert parse_picks({**PICKS, "slots": [7, 3, 7]}) == Picks(
        generation="g1", slots=(3, 7), touched=(3, 5, 7), seq=2
    )


def test_an_action_comes_back_whole():
    heard = parse_action({**ACTION, "kind": "favourite", "slot": 4})
    assert heard == Action(kind="favourite", generation="g1", slots=(3,), slot=4, nonce="n")


def test_a_slot_means_nothing_to_an_action_on_the_whole_grid():
    heard = parse_action({**ACTION, "slot": "x"})
    assert heard is not None
    assert heard.slot is None


@pytest.mark.parametrize(
    "value",
    [
        None,
        "picks",
        [],
        {},
        {**PICKS, "generation": ""},
        {**PICKS, "generation": "g" * 129},
        {**PICKS, "generation": 1},
        {**PICKS, "slots": "12"},
        {**PICKS, "slots": {"1": 1}},
        {**PICKS, "slots": [64]},
        {**PICKS, "slots": [-1]},
        {**PICKS, "slots": [True]},
        {**PICKS, "slots": [1.0]},
        {**PICKS, "slots": [1] * 65},
        {**PICKS, "seq": -1},
        {**PICKS, "seq": 2**53},
        {**PICKS, "seq": None},
    ],
)
def test_malformed_picks_are_ignored(value: object):
    assert parse_picks(value) is None


@pytest.mark.parametrize(
    "value",
    [
        None,
        {},
        {**ACTION, "kind": "delete"},
        {**ACTION, "kind": ["evolve"]},
        {**ACTION, "nonce": ""},
        {**ACTION, "nonce": "n" * 129},
        {**ACTION, "slots": None},
        {**ACTION, "kind": "open"},
        {**ACTION, "kind": "open", "slot": 64},
        {**ACTION, "kind": "favourite", "slot": True},
    ],
)
def test_malformed_actions_are_ignored(value: object):
    assert parse_action(value) is None


ANYTHING = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats() | some.text(),
    lambda inner: some.lists(inner) | some.dictionaries(some.text(), inner),
    max_leaves=10,
)
FIELDS = some.sampled_from(["kind", "generation", "slots", "slot", "nonce", "seq"])


@given(value=some.dictionaries(FIELDS, ANYTHING | some.just("open")))
def test_no_message_raises(value: object):
    parse_picks(value)
    parse_action(value)


def test_an_action_is_done_once_though_streamlit_calls_twice(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(streamlit, "session_state", {"grid": {"action": ACTION}})
    done: list[Action] = []
    hear_once("grid", parse_action, done.append)
    hear_once("grid", parse_action, done.append)
    assert [action.nonce for action in done] == ["n"]


def test_an_action_that_fails_is_answered_all_the_same(monkeypatch: pytest.MonkeyPatch):
    state: dict[str, object] = {"grid": {"action": ACTION}}
    monkeypatch.setattr(streamlit, "session_state", state)

    def fail(action: Action) -> None:
        raise RuntimeError(action.kind)

    with pytest.raises(RuntimeError):
        hear_once("grid", parse_action, fail)
    assert answered("grid") == "n"


@pytest.mark.parametrize("slots", [(1, 1), (64,), (-1,)])
def test_slots_that_cannot_be_told_apart_are_refused(slots: tuple[int, ...]):
    tiles = [Tile(slot=slot, genome_id="a", url="", name="") for slot in slots]
    with pytest.raises(ValueError, match="each slot once"):
        picture_grid(generation="g", number=1, tiles=tiles, on_picks=print, on_action=print)


@pytest.mark.parametrize("kind", ["html", "css", "js"])
def test_streamlit_takes_the_assets_for_content_not_for_file_names(kind: str):
    assert "\n" in (ASSETS / f"grid.{kind}").read_text("utf-8").strip()


# The script alone ---------------------------------------------------------------------------------

BARE_PAGE = """<!doctype html>
<html lang="en"><title>Grid</title>
<input aria-label="Title"><textarea></textarea>
<div id="host" style="--st-primary-color: #ff4b4b"></div>
<script type="module">
  import grid from "/grid.js";
  const shadow = document.querySelector("#host").attachShadow({ mode: "open" });
  shadow.innerHTML = document.querySelector("#assets").innerHTML;
  Object.assign(window, { sent: [], cleanups: [], shown: [] });
  document.addEventListener("breeder:shown", (event) => shown.push(event.detail.generation));
  window.tell = (data) => cleanups.push(grid({
    data,
    parentElement: shadow,
    setStateValue: (name, value) => sent.push([name, value]),
    setTriggerValue: (name, value) => sent.push([name, value]),
  }));
</script>
<script type="text/plain" id="assets">%s</script>
"""


def square(hue: int) -> str:
    """An address that holds its own picture."""
    return (
        "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' width='64' height='64'%3E"
        f"%3Crect width='64' height='64' fill='hsl({hue} 70%25 50%25)'/%3E%3C/svg%3E"
    )


def message(generation: str = "g1", **changes: Any) -> dict[str, Any]:
    """What the server says of a fresh grid."""
    number = int(generation[1:])
    ids = [f"{generation}-{slot}" for slot in range(COUNT)]
    return {
        "generation": generation,
        "number": number,
        "columns": 5,
        "saved": {"generation": generation, "slots": [], "seq": 0},
        "can_back": True,
        "can_forward": True,
        "busy_label": "",
        "status": "",
        "answered": "",
        "tiles": [
            {"slot": slot, "id": id_, "url": "", "name": f"Picture {slot + 1}", "badge": ""}
            for slot, id_ in enumerate(ids)
        ],
        "inline": {id_: square(number * 40 + 9 * slot) for slot, id_ in enumerate(ids)},
        **changes,
    }


def later(generation: str = "g1", **changes: Any) -> dict[str, Any]:
    """What the server says of the same grid afterwards: no pictures."""
    return {key: value for key, value in message(generation, **changes).items() if key != "inline"}


def saved(*slots: int, seq: int, generation: str = "g1") -> dict[str, Any]:
    return {"generation": generation, "slots": list(slots), "seq": seq}


class Bare:
    """The grid on a page without Streamlit; the test is the server."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.root = page.get_by_test_id("breeder-grid")
        self.live = self.root.locator(".live")

    def tell(self, data: dict[str, Any]) -> None:
        self.page.evaluate("(data) => void tell(data)", data)

    def show(self, data: dict[str, Any]) -> None:
        self.tell(data)
        expect(self.root).to_have_attribute("data-generation", data["generation"])
        expect(self.root).to_have_attribute("data-decoded", "true")

    def pick(self, slot: int) -> Locator:
        return self.root.locator(f'.pick[data-slot="{slot}"]')

    def button(self, act: str) -> Locator:
        return self.root.locator(f'[data-act="{act}"]')

    def sent(self, name: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.page.evaluate(
            "(name) => sent.filter((item) => item[0] === name).map((item) => item[1])", name
        )
        return found

    def answer(self) -> str:
        return str(self.sent("action")[-1]["nonce"])

    def picked(self) -> list[int]:
        pressed = self.root.locator('.pick[aria-pressed="true"]')
        return [int(tile.get_attribute("data-slot") or -1) for tile in pressed.all()]


def open_bare(page: Page) -> Bare:
    html, css = ((ASSETS / f"grid.{kind}").read_text("utf-8") for kind in ("html", "css"))

    def serve(route: Route) -> None:
        path = route.request.url.removeprefix(SITE)
        if path == "/":
            body = BARE_PAGE % f"{html}<style>{css}</style>"
            route.fulfill(body=body, content_type="text/html")
        elif path == "/grid.js":
            route.fulfill(body=script("grid"), content_type="text/javascript")
        else:
            route.fulfill(status=404)

    page.route(f"{SITE}/**", serve)
    page.goto(f"{SITE}/")
    page.wait_for_function("() => Boolean(window.tell)")
    return Bare(page)


@pytest.fixture
def bare(page: Page) -> Bare:
    return open_bare(page)


@pytest.fixture
def shown(bare: Bare) -> Bare:
    bare.show(message())
    return bare


@pytest.fixture
def timed(page: Page) -> Bare:
    """A shown grid whose clock the test moves."""
    page.clock.install()
    timed = open_bare(page)
    timed.show(message())
    return timed


def test_a_pick_shows_in_the_very_task_of_the_click(shown: Bare):
    pressed = shown.pick(3).evaluate(
        "(tile) => (tile.click(), [tile.ariaPressed, tile.dataset.saved])"
    )
    assert pressed == ["true", "false"]
    expect(shown.button("evolve")).to_have_text("Evolve 1 pick")
    assert shown.sent("picks") == [{"generation": "g1", "slots": [3], "touched": [3], "seq": 1}]


def test_a_pick_is_taken_only_when_the_server_has_stored_it(shown: Bare):
    shown.pick(3).click()
    expect(shown.pick(3)).to_have_attribute("data-saved", "false")
    shown.tell(later(saved=saved(3, seq=1)))
    expect(shown.pick(3)).to_have_attribute("data-saved", "true")


def test_a_stale_answer_reverts_nothing(shown: Bare):
    shown.pick(3).click()
    shown.pick(4).click()
    shown.tell(later(saved=saved(3, seq=1)))
    assert shown.picked() == [3, 4]
    expect(shown.pick(3)).to_have_attribute("data-saved", "true")
    expect(shown.pick(4)).to_have_attribute("data-saved", "false")


def test_a_pick_taken_back_does_not_return_with_a_stale_answer(shown: Bare):
    shown.pick(3).click()
    shown.pick(3).click()
    shown.tell(later(saved=saved(3, seq=1)))
    assert shown.picked() == []
    expect(shown.pick(3)).to_have_attribute("data-saved", "false")


def test_a_pick_made_again_is_not_taken_for_the_first_one(shown: Bare):
    for _ in range(3):
        shown.pick(3).click()
    shown.tell(later(saved=saved(3, seq=1)))
    expect(shown.pick(3)).to_have_attribute("data-saved", "false")
    shown.tell(later(saved=saved(3, seq=3)))
    expect(shown.pick(3)).to_have_attribute("data-saved", "true")


def test_answers_in_the_wrong_order_leave_the_newest(shown: Bare):
    shown.pick(3).click()
    shown.pick(4).click()
    shown.tell(later(saved=saved(3, 4, seq=2)))
    shown.tell(later(saved=saved(3, seq=1)))
    assert shown.picked() == [3, 4]
    expect(shown.pick(4)).to_have_attribute("data-saved", "true")


def test_stored_picks_are_shown_with_a_grid_one_comes_back_to(bare: Bare):
    bare.show(message(saved=saved(2, 9, seq=6)))
    assert bare.picked() == [2, 9]
    expect(bare.pick(9)).to_have_attribute("data-saved", "true")
    bare.pick(4).click()
    assert bare.sent("picks") == [
        {"generation": "g1", "slots": [2, 4, 9], "touched": [4], "seq": 7}
    ]


def test_picks_of_another_generation_are_not_taken_for_these(shown: Bare):
    shown.tell(later(saved=saved(1, seq=9, generation="g0")))
    assert shown.picked() == []


def test_every_click_of_a_burst_sends_the_whole_set_with_a_rising_number(shown: Bare):
    shown.page.evaluate(
        """() => {
          const root = document.querySelector("#host").shadowRoot;
          for (let click = 0; click < 20; click += 1) {
            root.querySelector(`.pick[data-slot="${click % 15}"]`).click();
          }
        }"""
    )
    sent = shown.sent("picks")
    assert [picks["seq"] for picks in sent] == list(range(1, 21))
    assert sent[-1]["slots"] == list(range(5, 15))
    assert shown.picked() == list(range(5, 15))


def test_a_double_click_is_two_toggles(shown: Bare):
    shown.pick(3).dblclick()
    assert shown.picked() == []
    assert shown.sent("action") == []


def test_an_unconfirmed_pick_is_sent_again_under_a_new_number(timed: Bare):
    timed.pick(3).click()
    timed.page.clock.run_for(3_000)
    assert [picks["seq"] for picks in timed.sent("picks")] == [1, 2]
    expect(timed.root.locator(".status")).to_have_text("Not saved yet, trying again…")
    timed.tell(later(saved=saved(3, seq=2)))
    expect(timed.pick(3)).to_have_attribute("data-saved", "true")
    expect(timed.root.locator(".status")).to_have_text("")
    timed.page.clock.run_for(60_000)
    assert len(timed.sent("picks")) == 2


def test_an_answer_reloads_no_picture(shown: Bare):
    requests: list[str] = []
    shown.page.on("request", lambda request: requests.append(request.url))
    shown.page.evaluate(
        "() => { window.before = [...document.querySelector('#host').shadowRoot"
        ".querySelectorAll('.picture img')] }"
    )
    shown.pick(3).click()
    shown.tell(later(saved=saved(3, seq=1), status="Saved."))
    same = shown.page.evaluate(
        "() => [...document.querySelector('#host').shadowRoot.querySelectorAll('.picture img')]"
        ".map((image, index) => image === before[index])"
    )
    assert same == [True] * COUNT
    assert requests == []


def test_a_remount_keeps_pictures_and_picks(shown: Bare):
    shown.pick(3).click()
    shown.page.evaluate("() => cleanups.at(-1)()")
    shown.tell(later())
    expect(shown.root).to_have_attribute("data-decoded", "true")
    expect(shown.root.locator(".picture img")).to_have_count(COUNT)
    expect(shown.root.locator('[data-broken="true"]')).to_have_count(0)
    assert shown.picked() == [3]
    assert [picks["slots"] for picks in shown.sent("picks")] == [[3], [3]]


def test_the_late_cleanup_of_an_older_call_does_not_end_the_grid(shown: Bare):
    shown.tell(later(status="Twice."))
    shown.page.evaluate("() => cleanups[0]()")
    shown.page.keyboard.press("r")
    assert [action["kind"] for action in shown.sent("action")] == ["reroll"]


def test_after_the_end_no_key_is_heard(shown: Bare):
    shown.tell(later(status="Twice."))
    shown.page.evaluate("() => cleanups.forEach((cleanup) => cleanup())")
    shown.page.keyboard.press("r")
    assert shown.sent("action") == []


def test_many_messages_leave_one_listener(shown: Bare):
    for turn in range(5):
        shown.tell(later(status=str(turn)))
    shown.page.keyboard.press("Space")
    assert len(shown.sent("picks")) == 1


def test_evolve_freezes_the_grid_until_the_next_is_shown(shown: Bare):
    shown.pick(3).click()
    shown.button("evolve").click()
    expect(shown.root).to_have_attribute("data-busy", "true")
    expect(shown.root.locator(".progress")).to_be_visible()
    expect(shown.root.locator(".status")).to_have_text("Breeding the next pictures…")
    for act in ("evolve", "back", "forward", "reroll"):
        expect(shown.button(act)).to_have_attribute("aria-disabled", "true")
    shown.pick(5).click()
    shown.page.keyboard.press("Enter")
    assert shown.picked() == [3]
    assert len(shown.sent("picks")) == 1
    assert [action["slots"] for action in shown.sent("action")] == [[3]]
    shown.show(message("g2", answered=shown.answer()))
    expect(shown.root).to_have_attribute("data-busy", "false")
    expect(shown.root).to_have_attribute("data-number", "2")
    assert shown.picked() == []


def test_the_answer_to_a_pick_does_not_thaw_a_grid_that_evolves(shown: Bare):
    shown.pick(3).click()
    shown.button("evolve").click()
    shown.tell(later(saved=saved(3, seq=1), status="Saved."))
    expect(shown.pick(3)).to_have_attribute("data-saved", "true")
    expect(shown.root).to_have_attribute("data-busy", "true")


def test_an_action_answered_without_a_new_grid_thaws(shown: Bare):
    shown.pick(3).click()
    shown.button("evolve").click()
    shown.tell(later(answered=shown.answer(), status="Nothing could be bred."))
    expect(shown.root).to_have_attribute("data-busy", "false")
    expect(shown.root.locator(".status")).to_have_text("Nothing could be bred.")
    assert shown.picked() == [3]


def test_a_busy_server_keeps_the_grid_frozen(shown: Bare):
    shown.page.keyboard.press("r")
    shown.tell(later(answered=shown.answer(), busy_label="Breeding, 3 of 15…"))
    expect(shown.root).to_have_attribute("data-busy", "true")
    expect(shown.root.locator(".status")).to_have_text("Breeding, 3 of 15…")


def test_without_any_answer_the_grid_thaws_after_fifteen_seconds(timed: Bare):
    timed.button("evolve").click()
    timed.page.clock.run_for(14_900)
    expect(timed.root).to_have_attribute("data-busy", "true")
    timed.page.clock.run_for(200)
    expect(timed.root).to_have_attribute("data-busy", "false")
    expect(timed.root.locator(".status")).to_have_text("No answer yet. Please try again.")


def test_the_old_grid_stays_until_every_new_picture_is_decoded(shown: Bare):
    held: list[Route] = []
    shown.page.route(f"{SITE}/slow.svg", lambda route: held.append(route))  # noqa: PLW0108
    slow = message("g2")
    del slow["inline"]["g2-14"]
    slow["tiles"][14]["url"] = f"{SITE}/slow.svg"
    with shown.page.expect_request(f"{SITE}/slow.svg"):
        shown.tell(slow)
    expect(shown.root).to_have_attribute("data-decoded", "false")
    expect(shown.root).to_have_attribute("data-generation", "g1")
    shown.pick(3).click()
    assert shown.picked() == []
    held[0].fulfill(body=SHARP, content_type="image/svg+xml")
    expect(shown.root).to_have_attribute("data-generation", "g2")
    assert shown.page.evaluate("() => shown") == ["g1", "g2"]
    ready = shown.page.evaluate(
        "() => [...document.querySelector('#host').shadowRoot.querySelectorAll('.picture img')]"
        ".every((image) => image.complete && image.naturalWidth > 0)"
    )
    assert ready


def test_a_picture_that_cannot_be_had_holds_nobody_up(bare: Bare):
    broken = message()
    broken["inline"]["g1-2"] = "data:image/png;base64,AAAA"
    broken["tiles"][2]["url"] = f"{SITE}/absent.jpg"
    bare.page.on("console", lambda line: None)
    bare.show(broken)
    expect(bare.root.locator('.tile[data-broken="true"]')).to_have_count(1)
    bare.pick(2).click()
    assert bare.picked() == [2]


def test_the_moment_of_showing_and_of_the_press_can_be_measured(shown: Bare):
    shown.pick(1).click()
    shown.button("evolve").click()
    shown.show(message("g2"))
    names = shown.page.evaluate("() => performance.getEntriesByType('mark').map((m) => m.name)")
    assert names == ["breeder:shown:g1", "breeder:action:evolve", "breeder:shown:g2"]
    assert shown.page.evaluate("() => shown") == ["g1", "g2"]


def test_evolve_with_nothing_picked_asks_for_other_children(shown: Bare):
    expect(shown.button("evolve")).to_have_text("Other children")
    shown.button("evolve").click()
    assert [action["kind"] for action in shown.sent("action")] == ["reroll"]


def test_an_end_of_the_road_is_not_asked_for(bare: Bare):
    bare.show(message(can_back=False, can_forward=False))
    for key in ("z", "y"):
        bare.page.keyboard.press(key)
    bare.button("back").click(force=True)
    assert bare.sent("action") == []


KEYS = {"z": "back", "y": "forward", "r": "reroll", "f": "favourite", "o": "open"}


@pytest.mark.parametrize("focused", [True, False])
@pytest.mark.parametrize(("key", "kind"), KEYS.items())
def test_letters_act_in_the_grid_and_on_the_bare_page(
    shown: Bare, key: str, kind: str, focused: bool
):
    if focused:
        shown.pick(0).focus()
    shown.page.keyboard.press(key)
    (action,) = shown.sent("action")
    assert action["kind"] == kind
    assert action.get("slot") == (0 if kind in ("favourite", "open") else None)


@pytest.mark.parametrize("focused", [True, False])
def test_space_picks_and_enter_evolves(shown: Bare, focused: bool):
    if focused:
        shown.pick(0).focus()
    shown.page.keyboard.press("Space")
    assert shown.picked() == [0]
    shown.page.keyboard.press("Enter")
    assert [action["kind"] for action in shown.sent("action")] == ["evolve"]


def test_enter_on_a_button_of_the_toolbar_presses_that_button(shown: Bare):
    shown.button("back").focus()
    shown.page.keyboard.press("Enter")
    assert [action["kind"] for action in shown.sent("action")] == ["back"]


def focused_slot(bare: Bare) -> int:
    slot = bare.page.evaluate(
        "() => Number(document.querySelector('#host').shadowRoot.activeElement.dataset.slot)"
    )
    return int(slot)


def test_arrows_follow_the_columns_that_are_shown(shown: Bare):
    shown.pick(0).focus()
    journey = []
    for key in ("ArrowRight", "ArrowDown", "ArrowDown", "ArrowDown", "ArrowLeft", "ArrowUp"):
        shown.page.keyboard.press(key)
        journey.append(focused_slot(shown))
    assert journey == [1, 6, 11, 11, 10, 5]
    shown.page.set_viewport_size({"width": 390, "height": 844})
    expect(shown.root).to_have_attribute("data-narrow", "true")
    shown.page.keyboard.press("ArrowDown")
    assert focused_slot(shown) == 8
    shown.page.keyboard.press("End")
    assert focused_slot(shown) == 14
    shown.page.keyboard.press("ArrowRight")
    assert focused_slot(shown) == 14
    shown.page.keyboard.press("Home")
    assert focused_slot(shown) == 0


def test_the_first_arrow_on_the_bare_page_only_shows_where_one_is(shown: Bare):
    shown.page.keyboard.press("ArrowRight")
    assert focused_slot(shown) == 0
    shown.page.keyboard.press("ArrowRight")
    assert focused_slot(shown) == 1


def test_the_grid_is_one_stop_on_the_way_of_the_tab_key(shown: Bare):
    shown.pick(7).click()
    stops = shown.root.locator(".grid [tabindex='0']")
    expect(stops).to_have_count(1)
    expect(stops).to_have_attribute("data-slot", "7")


def test_the_focus_stays_in_its_place_when_the_next_grid_comes(shown: Bare):
    shown.pick(7).click()
    shown.page.keyboard.press("Enter")
    shown.show(message("g2"))
    assert focused_slot(shown) == 7


@pytest.mark.parametrize("field", ["input", "textarea"])
def test_nothing_is_done_while_the_person_types(shown: Bare, field: str):
    shown.page.locator(field).focus()
    shown.page.keyboard.type("zyrfo? ")
    shown.page.keyboard.press("Enter")
    assert shown.sent("action") == []
    assert shown.sent("picks") == []
    assert shown.page.locator(field).input_value().startswith("zyrfo? ")


@pytest.mark.parametrize("modifier", ["Control", "Alt", "Meta", "Shift"])
def test_a_key_with_a_modifier_is_somebody_elses(shown: Bare, modifier: str):
    shown.page.evaluate("() => addEventListener('keydown', (e) => e.preventDefault())")
    for key in ("z", "f", "ArrowRight", "Space"):
        shown.page.keyboard.press(f"{modifier}+{key}")
    assert shown.sent("action") == []
    assert shown.sent("picks") == []


def test_keys_are_silent_while_a_dialog_is_open(shown: Bare):
    shown.page.evaluate(
        "() => { const dialog = document.createElement('div'); dialog.role = 'dialog';"
        " dialog.textContent = 'Large'; document.body.append(dialog) }"
    )
    shown.page.keyboard.press("r")
    assert shown.sent("action") == []


def test_a_held_key_acts_once(shown: Bare):
    shown.pick(0).focus()
    for _ in range(3):
        shown.page.keyboard.down("Space")
    shown.page.keyboard.up("Space")
    assert shown.picked() == [0]


def test_the_list_of_keys_opens_and_closes(shown: Bare):
    keys = shown.root.get_by_role("dialog", name="Keys")
    shown.page.keyboard.press("?")
    expect(keys).to_be_visible()
    shown.page.keyboard.press("r")
    assert shown.sent("action") == []
    shown.page.keyboard.press("Escape")
    expect(keys).to_be_hidden()
    shown.button("help").click()
    expect(keys).to_be_visible()
    keys.get_by_role("button", name="Close").click()
    expect(keys).to_be_hidden()


def test_actions_wait_for_the_answer_to_the_one_before(shown: Bare):
    shown.page.keyboard.press("f")
    shown.pick(4).focus()
    shown.page.keyboard.press("f")
    stars = shown.root.locator('.star[aria-pressed="true"]')
    expect(stars).to_have_count(2)
    assert [action["slot"] for action in shown.sent("action")] == [0]
    first = message()["tiles"]
    first[0]["favourite"] = True
    shown.tell(later(tiles=first, answered=shown.answer()))
    assert [action["slot"] for action in shown.sent("action")] == [0, 4]
    expect(stars).to_have_count(2)


def test_a_star_the_server_refuses_goes_out(shown: Bare):
    shown.page.keyboard.press("f")
    expect(shown.root.locator('.star[aria-pressed="true"]')).to_have_count(1)
    shown.tell(later(answered=shown.answer()))
    expect(shown.root.locator('.star[aria-pressed="true"]')).to_have_count(0)


def test_the_pointer_finds_the_star_and_the_large_view(shown: Bare):
    shown.pick(6).hover()
    frame = shown.root.locator(".tile").nth(6)
    frame.get_by_role("button", name="Open large").click()
    assert [action["kind"] for action in shown.sent("action")] == ["open"]
    assert shown.picked() == []


def test_names_and_status_are_text_whatever_they_hold(bare: Bare):
    evil = message(status="<img src=x onerror=fail()>")
    evil["tiles"][0]["name"] = "<b>Bold</b> child"
    bare.show(evil)
    expect(bare.pick(0)).to_have_attribute("aria-label", "<b>Bold</b> child")
    expect(bare.root.locator(".status")).to_have_text("<img src=x onerror=fail()>")
    expect(bare.root.locator("b, .status img, .live img")).to_have_count(0)


def test_a_screen_reader_hears_what_is_shown_and_what_was_picked(bare: Bare):
    told = message("g4", status="Bred from 2 picks.")
    told["tiles"][1] |= {"badge": "kept", "favourite": True}
    bare.show(told)
    group = bare.root.get_by_role("group", name="Generation 4, 15 pictures")
    expect(
        group.get_by_role("button", name="Picture 2, kept, favourite", exact=True)
    ).to_be_visible()
    expect(bare.live).to_have_attribute("aria-live", "polite")
    expect(bare.live).to_have_text("Generation 4, 15 pictures. Bred from 2 picks.")
    for count, slot in enumerate((3, 5, 8), start=1):
        bare.pick(slot).click()
        expect(bare.live).to_have_text(f"{count} picked")


def test_three_rows_of_five_fit_a_laptop(shown: Bare):
    shown.page.set_viewport_size({"width": 1440, "height": 900})
    box = shown.root.bounding_box()
    assert box is not None
    assert box["height"] + 170 <= 900  # what the page has above the grid
    tile = shown.pick(0).bounding_box()
    assert tile is not None
    assert tile["width"] >= 180


@pytest.mark.parametrize(
    ("width", "columns"), [(320, 3), (360, 3), (390, 3), (600, 3), (820, 5), (1440, 5)]
)
def test_columns_suit_the_screen(shown: Bare, width: int, columns: int):
    shown.page.set_viewport_size({"width": width, "height": 900})
    expect(shown.root).to_have_css("--columns", str(columns))
    overflow = shown.page.evaluate("() => document.documentElement.scrollWidth - innerWidth")
    assert overflow <= 0


SHARP = (
    "<svg xmlns='http://www.w3.org/2000/svg' width='512' height='512'>"
    "<rect width='512' height='512'/></svg>"
)


def test_a_dense_screen_gets_sharper_pictures_afterwards(browser: Browser):
    context = browser.new_context(viewport={"width": 1440, "height": 900}, device_scale_factor=2)
    bare = open_bare(context.new_page())
    asked: list[str] = []

    def serve(route: Route) -> None:
        asked.append(route.request.url)
        route.fulfill(body=SHARP, content_type="image/svg+xml")

    bare.page.route(f"{SITE}/pictures/**", serve)
    told = message()
    for tile in told["tiles"]:
        tile["url"] = f"{SITE}/pictures/{tile['id']}"
    bare.show(told)
    assert asked == []
    expect(bare.root.locator(".picture img[src$='?size=512']")).to_have_count(COUNT)
    assert len(asked) == COUNT
    context.close()


def test_a_common_screen_asks_for_nothing_sharper(timed: Bare):
    asked: list[str] = []
    timed.page.on("request", lambda request: asked.append(request.url))
    told = later()
    for tile in told["tiles"]:
        tile["url"] = f"{SITE}/pictures/{tile['id']}"
    timed.tell(told)
    timed.page.clock.run_for(2_000)
    assert asked == []


def test_nothing_moves_for_those_who_asked_for_stillness(browser: Browser):
    context = browser.new_context(reduced_motion="reduce")
    bare = open_bare(context.new_page())
    bare.show(message())
    bare.page.keyboard.press("r")
    running = bare.page.evaluate("() => document.getAnimations().length")
    assert running == 0
    expect(bare.root.locator(".picture").first).to_have_css("transition-duration", "0s")
    context.close()


@pytest.mark.parametrize("primary", ["#ff4b4b", "#ffd700", "#123456", "rgb(120, 200, 255)"])
def test_white_can_be_read_on_every_primary_colour(bare: Bare, primary: str):
    bare.page.evaluate(
        "(colour) => document.querySelector('#host').style"
        ".setProperty('--st-primary-color', colour)",
        primary,
    )
    bare.show(message())
    bare.pick(0).click()
    expect(bare.button("evolve")).to_have_css("transition-duration", re.compile(r"0\.09s.*"))
    fill = bare.root.evaluate("(root) => root.style.getPropertyValue('--accent-fill')")
    channels = [int(part) / 255 for part in re.findall(r"\d+", fill)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    light = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    assert 1.05 / (light + 0.05) >= 4.45  # channels are rounded


# Through Streamlit --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def demo_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve grid_demo.py; yield its address."""
    log = tmp_path_factory.mktemp("grid") / "serve.log"
    options = {
        "server.port": "0",
        "server.address": "127.0.0.1",
        "server.headless": "true",
        "server.fileWatcherType": "none",
        "browser.gatherUsageStats": "false",
    }
    command = [sys.executable, "-m", "streamlit", "run", str(ROOT / "tests/browser/grid_demo.py")]
    with log.open("wb") as output:
        process = subprocess.Popen(
            command + [f"--{name}={value}" for name, value in options.items()],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        yield wait_for_address(process, log)
    finally:
        process.terminate()
        process.wait(timeout=10)


def wait_for_address(process: "subprocess.Popen[bytes]", log: Path) -> str:
    deadline = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < deadline:
        found = re.search(r"http://127\.0\.0\.1:[1-9]\d*", log.read_text(errors="replace"))
        try:
            if found and urllib.request.urlopen(f"{found[0]}/_stcore/health", timeout=2):  # noqa: S310
                return found[0]
        except OSError:
            pass
        time.sleep(0.1)
    pytest.fail(f"the demo did not start; it printed:\n{log.read_text(errors='replace')[-2000:]}")


@pytest.fixture
def demo(page: Page, demo_url: str) -> Callable[[str], Bare]:
    def visit(query: str = "") -> Bare:
        page.goto(f"{demo_url}/{query}")
        bare = Bare(page)
        expect(bare.root).to_have_attribute("data-decoded", "true", timeout=30_000)
        return bare

    return visit


def test_a_burst_of_clicks_arrives_whole(demo: Callable[[str], Bare]):
    live = demo("")
    live.root.evaluate(
        """(root) => {
          for (let click = 0; click < 20; click += 1) {
            root.querySelector(`.pick[data-slot="${click % 15}"]`).click();
          }
        }"""
    )
    expect(live.root.locator('.pick[data-saved="true"]')).to_have_count(10)
    expect(live.page.get_by_text("saved=[5, 6, 7, 8, 9, 10, 11, 12, 13, 14]")).to_be_visible()


def test_picks_that_the_server_lost_are_sent_again(demo: Callable[[str], Bare]):
    live = demo("?lose=1")
    live.pick(3).click()
    expect(live.pick(3)).to_have_attribute("data-saved", "true", timeout=20_000)


def test_evolve_right_after_a_pick_breeds_from_it(demo: Callable[[str], Bare]):
    live = demo("")
    live.root.evaluate(
        """(root) => {
          root.querySelector('.pick[data-slot="2"]').click();
          root.querySelector('[data-act="evolve"]').click();
        }"""
    )
    expect(live.root).to_have_attribute("data-generation", "g2")
    expect(live.root).to_have_attribute("data-decoded", "true")
    expect(live.root.locator(".status")).to_have_text("evolve with 1 picks")
    expect(live.root.locator('[data-broken="true"]')).to_have_count(0)
    assert live.picked() == []
    live.page.keyboard.press("z")
    expect(live.root).to_have_attribute("data-generation", "g1")


def test_an_action_without_a_new_grid_lets_one_act_again(demo: Callable[[str], Bare]):
    live = demo("?stuck=1")
    live.page.keyboard.press("r")
    expect(live.page.get_by_text("actions=['reroll']")).to_be_visible()
    expect(live.root).to_have_attribute("data-busy", "false", timeout=10_000)


def test_every_star_of_a_burst_arrives(demo: Callable[[str], Bare]):
    live = demo("")
    for slot in range(4):
        live.pick(slot).focus()
        live.page.keyboard.press("f")
    expect(live.page.get_by_text(f"actions={['favourite'] * 4}")).to_be_visible()
    expect(live.root.locator('.star[aria-pressed="true"]')).to_have_count(4)


def test_r_is_other_children_and_not_streamlits_rerun(demo: Callable[[str], Bare]):
    live = demo("")
    live.page.keyboard.press("r")
    expect(live.root).to_have_attribute("data-generation", "g2")
    expect(live.page.get_by_text("app-runs=1", exact=True)).to_be_visible()


def test_streamlits_own_dialog_and_fields_silence_the_keys(demo: Callable[[str], Bare]):
    live = demo("")
    field = live.page.get_by_label("Title")
    field.fill("owl")
    field.press("f")
    expect(field).to_have_value("owlf")
    field.press("Enter")
    live.page.get_by_role("button", name="Open a dialog").click()
    expect(live.page.get_by_role("dialog")).to_be_visible()
    live.page.keyboard.press("f")
    live.page.keyboard.press("Escape")
    expect(live.page.get_by_role("dialog")).to_be_hidden()
    expect(live.page.get_by_text("actions=[]")).to_be_visible()


def test_leaving_and_coming_back_shows_the_same_pictures(demo: Callable[[str], Bare]):
    live = demo("")
    live.pick(3).click()
    expect(live.pick(3)).to_have_attribute("data-saved", "true")
    toggle = live.page.get_by_text("Hide the grid")
    toggle.click()
    expect(live.root).to_have_count(0)
    toggle.click()
    expect(live.root).to_have_attribute("data-decoded", "true")
    expect(live.root.locator('[data-broken="true"]')).to_have_count(0)
    expect(live.pick(3)).to_have_attribute("data-saved", "true")
