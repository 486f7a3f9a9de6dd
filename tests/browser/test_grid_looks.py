"""How the grid looks and sounds, on every screen."""

import re

import pytest
from playwright.sync_api import Browser, Route, expect

from tests.browser.bare_grid import COUNT, SHARP, SITE, Bare, later, message, open_bare, saved


def test_the_pointer_finds_the_star_and_the_large_view(shown: Bare):
    shown.pick(6).hover()
    frame = shown.root.locator(".tile").nth(6)
    frame.get_by_role("button", name="Open large").click()
    assert [action["kind"] for action in shown.actions()] == ["open"]
    assert shown.picked() == []


def test_names_and_status_are_text_whatever_they_hold(bare: Bare):
    evil = message(status="<img src=x onerror=fail()>")
    evil["tiles"][0]["name"] = "<b>Bold</b> child"
    bare.show(evil)
    expect(bare.pick(0)).to_have_attribute("aria-label", "<b>Bold</b> child")
    expect(bare.status).to_have_text("<img src=x onerror=fail()>")
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


@pytest.mark.parametrize("width", [320, 390, 600, 820, 980, 1180, 1440])
def test_the_status_line_is_never_cut(bare: Bare, width: int):
    bare.page.set_viewport_size({"width": width, "height": 900})
    line = "Other children of the same parents; screened out 113 of 120 (98 dull, 15 repeated)."
    bare.show(message("g104", status=line, saved=saved(*range(12), seq=0, generation="g104")))
    shown, whole = bare.status.evaluate("(line) => [line.clientWidth, line.scrollWidth]")
    assert whole <= shown
    box = bare.status.bounding_box()
    assert box is not None
    assert box["x"] + box["width"] <= width
