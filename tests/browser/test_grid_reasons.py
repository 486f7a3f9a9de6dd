"""Guided pictures say so, and why on demand, to eye and ear; and the wish for something else."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.bare_grid import COUNT, Bare, later, message

WHY = "Chosen for your taste: warm, <b>few</b> edges"
GUIDED = range(2, 7)


def guided(generation: str = "g1", **changes: Any) -> dict[str, Any]:
    """A grid some of whose pictures a guide chose."""
    told = message(generation, **changes)
    for slot in GUIDED:
        told["tiles"][slot] |= {
            "name": f"Picture {slot + 1}, guided child",
            "badge": "guided",
            "why": WHY,
        }
    return told


def test_a_guided_picture_says_why_on_demand_and_is_not_picked_by_it(bare: Bare):
    bare.show(guided())
    reasons, badges = bare.root.locator(".reason"), bare.root.locator(".why")
    expect(badges.filter(visible=True)).to_have_text(["Guided"] * len(GUIDED))
    expect(bare.root.locator(".badge").filter(visible=True)).to_have_count(0)
    expect(reasons.filter(visible=True)).to_have_count(0)
    told = bare.root.get_by_role("button", name="Picture 4, guided child", exact=True)
    expect(told).to_have_accessible_description(WHY)
    expect(badges.nth(3)).to_have_accessible_description(WHY)
    expect(bare.pick(0)).to_have_accessible_description("")

    badges.nth(3).hover()
    expect(reasons.filter(visible=True)).to_have_text([WHY])
    badges.nth(3).click()
    bare.pick(14).hover()
    expect(reasons.filter(visible=True)).to_have_text([WHY])
    expect(badges.nth(3)).to_have_attribute("aria-expanded", "true")
    assert bare.picked() == []
    bare.pick(3).click(position={"x": 20, "y": 150})  # through the card
    assert bare.picked() == [3]
    badges.nth(3).click()
    bare.pick(14).hover()
    expect(reasons.filter(visible=True)).to_have_count(0)
    expect(bare.root.locator("b")).to_have_count(0)


def test_a_key_shows_all_reasons_until_it_is_pressed_again(bare: Bare):
    bare.show(guided())
    reasons = bare.root.locator(".reason").filter(visible=True)
    bare.page.keyboard.press("w")
    expect(reasons).to_have_count(len(GUIDED))
    expect(bare.live).to_have_text("Reasons of 5 pictures shown")
    bare.show(guided("g2"))
    expect(reasons).to_have_count(len(GUIDED))
    bare.page.keyboard.press("Escape")
    expect(reasons).to_have_count(0)
    bare.show(message("g3", status="Bred from 2 picks."))
    bare.page.keyboard.press("w")
    expect(bare.status).to_have_text("No picture of this grid was chosen by a guide.")
    assert bare.messages() == []


def test_a_surprise_is_asked_for_once_with_the_picks(shown: Bare):
    shown.pick(3).click()
    shown.button("surprise").click()
    for _ in range(2):
        shown.page.keyboard.press("s")
    expect(shown.status).to_have_text("Looking for what you have not seen…")
    expect(shown.button("surprise")).to_have_attribute("aria-disabled", "true")
    shown.show(message("g2", answered=shown.answer()))
    asked = [(each["kind"], each["generation"], each["slots"]) for each in shown.actions()]
    assert asked == [("surprise", "g1", [3])]


def test_the_page_says_how_well_the_taste_is_known(bare: Bare):
    bare.show(message(taste="Taste ranks 71 % of pairs right (64 to 78 %, chance 50 %)"))
    taste = bare.root.locator(".taste")
    expect(taste).to_have_text("Taste ranks 71 % of pairs right (64 to 78 %, chance 50 %)")
    bare.tell(later(taste="Taste is off"))
    expect(taste).to_have_text("Taste is off")
    bare.tell(later(taste=""))
    expect(taste).to_be_hidden()


@pytest.mark.parametrize("width", [320, 400, 1100])
def test_badges_reasons_and_tools_fit_the_screen(bare: Bare, page: Page, width: int):
    page.set_viewport_size({"width": width, "height": 900})
    bare.show(
        guided(
            saved={"generation": "g1", "slots": [3], "seq": 0},
            status="Bred from 2 picks; 9 chosen by your taste, 4 left to chance; screened out 113.",
            taste="Taste ranks 71 % of pairs right (64 to 78 %, chance 50 %)",
        )
    )
    page.keyboard.press("w")
    assert page.evaluate("() => document.documentElement.scrollWidth - innerWidth") <= 0
    frames = bare.root.locator(".tile").all()
    assert len(frames) == COUNT
    for slot in GUIDED:
        frame, card = frames[slot].bounding_box(), frames[slot].locator(".reason").bounding_box()
        assert frame is not None
        assert card is not None
        assert frame["y"] <= card["y"]
        assert card["x"] + card["width"] <= frame["x"] + frame["width"]
    if width < 560:  # on a phone every tool has its place in one line, the number in the next
        boxes = [bare.button(act).bounding_box() for act in ("evolve", "surprise", "reroll")]
        assert len({box["y"] for box in boxes if box}) == 1
    expect(bare.root.locator(".check").nth(3)).to_be_in_viewport()
