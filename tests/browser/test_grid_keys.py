"""The keys of the grid: for every hand, and never somebody else's."""

import pytest
from playwright.sync_api import expect

from tests.browser.bare_grid import Bare, message, stored

KEYS = {"z": "back", "y": "forward", "r": "reroll", "s": "surprise", "f": "favourite", "o": "open"}


@pytest.mark.parametrize("focused", [True, False])
@pytest.mark.parametrize(("key", "kind"), KEYS.items())
def test_letters_act_in_the_grid_and_on_the_bare_page(
    shown: Bare, key: str, kind: str, focused: bool
):
    if focused:
        shown.pick(0).focus()
    shown.page.keyboard.press(key)
    (action,) = shown.actions()
    assert action["kind"] == kind
    assert action.get("slot") == (0 if kind in ("favourite", "open") else None)


@pytest.mark.parametrize("focused", [True, False])
def test_space_picks_and_enter_evolves(shown: Bare, focused: bool):
    if focused:
        shown.pick(0).focus()
    shown.page.keyboard.press("Space")
    assert shown.picked() == [0]
    shown.page.keyboard.press("Enter")
    assert [action["kind"] for action in shown.actions()] == ["evolve"]


def test_enter_on_a_button_of_the_toolbar_presses_that_button(shown: Bare):
    shown.button("back").focus()
    shown.page.keyboard.press("Enter")
    assert [action["kind"] for action in shown.actions()] == ["back"]


def test_arrows_follow_the_columns_that_are_shown(shown: Bare):
    shown.pick(0).focus()
    journey = []
    for key in ("ArrowRight", "ArrowDown", "ArrowDown", "ArrowDown", "ArrowLeft", "ArrowUp"):
        shown.page.keyboard.press(key)
        journey.append(shown.focused())
    assert journey == [1, 6, 11, 11, 10, 5]
    shown.page.set_viewport_size({"width": 390, "height": 844})
    expect(shown.root).to_have_attribute("data-narrow", "true")
    shown.page.keyboard.press("ArrowDown")
    assert shown.focused() == 8
    shown.page.keyboard.press("End")
    assert shown.focused() == 14
    shown.page.keyboard.press("ArrowRight")
    assert shown.focused() == 14
    shown.page.keyboard.press("Home")
    assert shown.focused() == 0


def test_the_first_arrow_on_the_bare_page_only_shows_where_one_is(shown: Bare):
    shown.page.keyboard.press("ArrowRight")
    assert shown.focused() == 0
    shown.page.keyboard.press("ArrowRight")
    assert shown.focused() == 1


def test_the_grid_is_one_stop_on_the_way_of_the_tab_key(shown: Bare):
    shown.pick(7).click()
    stops = shown.root.locator(".grid [tabindex='0']")
    expect(stops).to_have_count(1)
    expect(stops).to_have_attribute("data-slot", "7")


def test_the_focus_stays_in_its_place_when_the_next_grid_comes(shown: Bare):
    shown.pick(7).click()
    shown.page.keyboard.press("Enter")
    shown.show(message("g2"))
    assert shown.focused() == 7


@pytest.mark.parametrize("field", ["input", "textarea"])
def test_nothing_is_done_while_the_person_types(shown: Bare, field: str):
    shown.page.locator(field).focus()
    shown.page.keyboard.type("zyrsfow? ")
    shown.page.keyboard.press("Enter")
    assert shown.actions() == []
    assert shown.picks() == []
    assert shown.page.locator(field).input_value().startswith("zyrsfow? ")


@pytest.mark.parametrize("modifier", ["Control", "Alt", "Meta", "Shift"])
def test_a_key_with_a_modifier_is_somebody_elses(shown: Bare, modifier: str):
    shown.page.evaluate("() => addEventListener('keydown', (e) => e.preventDefault())")
    for key in ("z", "f", "ArrowRight", "Space"):
        shown.page.keyboard.press(f"{modifier}+{key}")
    assert shown.actions() == []
    assert shown.picks() == []


def test_keys_are_silent_while_a_dialog_is_open(shown: Bare):
    shown.page.evaluate(
        "() => { const dialog = document.createElement('div'); dialog.role = 'dialog';"
        " dialog.textContent = 'Large'; document.body.append(dialog) }"
    )
    shown.page.keyboard.press("r")
    assert shown.actions() == []


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
    assert shown.actions() == []
    shown.page.keyboard.press("Escape")
    expect(keys).to_be_hidden()
    shown.button("help").click()
    expect(keys).to_be_visible()
    keys.get_by_role("button", name="Close").click()
    expect(keys).to_be_hidden()


# While a grid is on its way -----------------------------------------------------------------------


def breed(shown: Bare) -> None:
    """Press Enter on a pick; the answer is the test's."""
    shown.pick(0).focus()
    shown.page.keyboard.press("Space")
    shown.page.keyboard.press("Enter")
    assert [action["kind"] for action in shown.actions()] == ["evolve"]


def test_space_waits_for_the_grid_on_its_way(shown: Bare):
    breed(shown)
    for key in ("ArrowRight", "ArrowRight", "Space", "ArrowDown", "Space"):
        shown.page.keyboard.press(key)
    assert shown.focused() == 7
    assert shown.picked() == [0]
    shown.show(message("g2", answered=shown.answer()))
    assert shown.picked() == [2, 7]
    assert shown.focused() == 7
    assert (shown.picks()[-1]["generation"], shown.picks()[-1]["slots"]) == ("g2", [2, 7])


@pytest.mark.parametrize("key", ["Enter", "r"])
def test_a_second_press_while_a_grid_is_bred_breeds_no_other(shown: Bare, key: str):
    breed(shown)
    shown.page.keyboard.press(key)
    shown.show(message("g2", answered=shown.answer()))
    assert [action["kind"] for action in shown.actions()] == ["evolve"]


def test_a_double_press_of_enter_is_one_also_where_the_grid_is_quick(timed: Bare):
    breed(timed)
    timed.page.clock.run_for(150)
    timed.show(message("g2", answered=timed.answer()))
    timed.page.keyboard.press("Enter")
    assert [action["kind"] for action in timed.actions()] == ["evolve"]
    timed.page.clock.run_for(500)
    timed.page.keyboard.press("Enter")
    assert [action["kind"] for action in timed.actions()] == ["evolve", "reroll"]


def test_steps_back_are_taken_one_after_the_other(shown: Bare):
    for _ in range(3):
        shown.page.keyboard.press("z")
    assert [action["generation"] for action in shown.actions()] == ["g1"]
    shown.show(message("g2", answered=shown.answer()))
    shown.show(message("g3", answered=shown.answer()))
    expect(shown.root).to_have_attribute("data-busy", "true")
    shown.show(message("g4", answered=shown.answer(), can_back=False))
    told = [(action["kind"], action["generation"]) for action in shown.actions()]
    assert told == [("back", "g1"), ("back", "g2"), ("back", "g3")]
    expect(shown.root).to_have_attribute("data-busy", "false")


def test_a_whole_round_can_be_typed_ahead(shown: Bare):
    breed(shown)
    for key in ("Space", "Enter", "Enter"):
        shown.page.keyboard.press(key)
    shown.show(message("g2", answered=shown.answer()))
    assert [action["kind"] for action in shown.actions()] == ["evolve", "evolve"]
    assert (shown.actions()[-1]["generation"], shown.actions()[-1]["slots"]) == ("g2", [0])


def test_what_waits_for_a_grid_that_does_not_come_is_forgotten(shown: Bare):
    breed(shown)
    for key in ("ArrowRight", "Space", "z"):
        shown.page.keyboard.press(key)
    shown.tell(stored(0, seq=shown.answer(), status="Nothing could be bred."))
    expect(shown.root).to_have_attribute("data-busy", "false")
    assert shown.picked() == [0]
    shown.show(message("g2", ear="ear-1", answered=shown.answer()))
    assert shown.picked() == []
    assert [action["kind"] for action in shown.actions()] == ["evolve"]


def test_a_star_means_the_picture_that_is_seen(shown: Bare):
    breed(shown)
    shown.page.keyboard.press("f")
    star = shown.actions()[-1]
    assert (star["kind"], star["generation"], star["slot"]) == ("favourite", "g1", 0)
