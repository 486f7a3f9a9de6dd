"""The Lab's page, driven as a person would."""

from __future__ import annotations

import hashlib
import re
import time
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from breeder.lab.presets import PRESETS
from breeder.lab.settings import from_query, to_query
from tests.server import free_port, start, stop

LAB = "[data-testid=breeder-lab]"


@pytest.fixture
def lab(page: Page, app_server: str) -> Locator:
    return opened(page, f"{app_server}/lab")


def opened(page: Page, url: str) -> Locator:
    """Open a link of the Lab and wait for its picture."""
    page.goto(url)
    lab = page.locator(LAB)
    expect(lab).to_have_attribute("data-decoded", "true", timeout=60_000)
    return lab


def settings_of(text: str | None) -> str:
    """Return the settings in an address of the page or of a picture, as a link has them."""
    query = (text or "").rpartition("?")[2]
    pairs = re.sub("&?(width|height|preset|size|section|below)=[^&]*", "", query)
    return to_query(from_query(pairs))


def picture(lab: Locator) -> str:
    """Return what tells the picture now shown from others."""
    data = lab.locator("canvas").first.evaluate("canvas => canvas.toDataURL()")
    return hashlib.sha256(data.encode()).hexdigest()


def slide(page: Page, slider: Locator, steps: int) -> None:
    """Drag a slider from its middle to its right quarter."""
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    assert box is not None
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] / 2, y)
    page.mouse.down()
    for step in range(1, steps + 1):
        page.mouse.move(box["x"] + box["width"] * (0.5 + 0.25 * step / steps), y)
    page.mouse.up()


def test_a_slider_never_queues_stale_work_and_its_last_place_is_shown(
    lab: Locator, page: Page
) -> None:
    asked: list[str] = []
    under_way = most = 0

    def slowly(route: Route) -> None:
        nonlocal under_way, most
        asked.append(route.request.url)
        under_way += 1
        most = max(most, under_way)
        answer = route.fetch()
        time.sleep(0.12)  # a network that takes a while to draw
        under_way -= 1
        route.fulfill(response=answer)

    page.route("**/lab/live?*", slowly)
    slide(page, lab.locator("#lab-z"), 60)
    moving = len(asked)
    expect(lab).to_have_attribute("data-decoded", "true")
    last = settings_of(lab.get_attribute("data-shown"))
    assert asked
    assert len(asked) - moving <= 2, "what is asked once the hand rests is where it rests"
    assert most == 1
    assert settings_of(asked[-1]) == last
    typed = lab.get_by_label("z, the slice, typed").input_value()
    assert from_query(last).z == float(typed) == pytest.approx(2, abs=0.2)
    expect(page).to_have_url(re.compile(r"z=[12]\."))
    assert settings_of(page.url) == last


def test_a_link_rebuilds_the_page_exactly_and_back_leads_back(
    lab: Locator, page: Page, app_server: str
) -> None:
    first, start_url = picture(lab), page.url
    lab.get_by_role("button", name="Weights within ±3").click()
    expect(page).to_have_url(re.compile("preset=uniform-3"))
    expect(lab).to_have_attribute("data-decoded", "true")
    expect(lab.get_by_text(PRESETS["uniform-3"].look)).to_have_count(2)  # on the card, below
    lab.get_by_role("button", name="ResNet", exact=True).click()
    lab.locator("[data-key=seed] input").fill("77")
    lab.locator("[data-key=seed] input").press("Enter")
    expect(page).to_have_url(re.compile("seed=77"))
    expect(lab).to_have_attribute("data-decoded", "true")
    changed = picture(lab)
    lab.get_by_role("button", name="Copy link").click()
    link = lab.get_attribute("data-link") or ""
    assert settings_of(link) == settings_of(page.url)
    other = page.context.new_page()
    again = opened(other, link)
    assert picture(again) == changed != first
    expect(again.get_by_role("button", name="ResNet", exact=True)).to_have_attribute(
        "aria-pressed", "true"
    )
    other.close()
    while page.url != start_url:
        before = page.url
        page.go_back()
        expect(page).not_to_have_url(before)
    expect(lab).to_have_attribute("data-shown", re.compile("seed=10&width"))
    expect(lab).to_have_attribute("data-decoded", "true")
    assert picture(lab) == first


def test_a_bad_link_gives_one_sentence_and_a_picture(page: Page, app_server: str) -> None:
    lab = opened(page, f"{app_server}/lab?v=1&widths=<b>")
    expect(lab.get_by_role("alert")).to_contain_text("layers are written as neurons")
    lab.get_by_role("button", name="Another").click()
    expect(lab.get_by_role("alert")).to_be_hidden()


def test_a_sheet_is_drawn_and_a_click_takes_its_settings_and_a_network_is_bred(
    lab: Locator, page: Page
) -> None:
    sweep = page.get_by_test_id("breeder-lab-sweep")
    sweep.get_by_label("Across").select_option("z")
    sweep.get_by_label("Down").select_option("")
    sweep.get_by_role("button", name="Draw the sheet").click()
    expect(sweep.get_by_text("This network does not read z")).to_be_visible(timeout=30_000)
    expect(lab.locator("[data-key=z]")).to_have_attribute("data-idle", "true")
    sweep.get_by_label("Down").select_option("seed")
    sweep.get_by_label("Across").select_option("layers")
    sweep.get_by_label("Values").first.fill("1,nothing")
    sweep.get_by_role("button", name="Draw the sheet").click()
    expect(sweep.get_by_role("alert")).to_contain_text("numbers")
    sweep.get_by_label("Values").first.fill("0,2,4")
    sweep.get_by_label("Values").nth(1).fill("5,6")
    sweep.get_by_role("button", name="Draw the sheet").click()
    expect(sweep).to_have_attribute("data-state", "done", timeout=30_000)
    expect(sweep.locator(".tile img")).to_have_count(6)
    assert sweep.locator(".across").all_inner_texts() == ["0", "2", "4"]
    assert sweep.locator(".down").all_inner_texts() == ["5", "6"]
    sweep.get_by_role("button", name="seed 6, hidden layers 2").click()
    expect(lab).to_have_attribute("data-shown", re.compile("widths=16.*2&seed=6&"))
    with page.expect_download(timeout=30_000) as sheet:
        sweep.get_by_role("button", name="Download the sheet").click()
    assert sheet.value.suggested_filename.endswith("-layers-seed.png")

    lab.get_by_role("button", name="8 × 128").click()
    lab.get_by_label("Neurons in each, typed").fill("512")
    lab.get_by_label("Neurons in each, typed").press("Enter")
    breed = lab.locator("[data-act=breed]")
    expect(breed).to_be_disabled(timeout=30_000)
    expect(lab.get_by_text("too large to breed well: it has about")).to_be_visible()
    lab.get_by_role("button", name="Stop drawing").click()
    sweep.get_by_role("button", name="seed 5, hidden layers 2").click()
    expect(breed).to_be_enabled(timeout=30_000)
    breed.click()
    grid = page.get_by_test_id("breeder-grid")
    expect(grid).to_have_attribute("data-decoded", "true", timeout=60_000)
    expect(page).to_have_url(re.compile("run="))


def test_the_picture_moves_under_the_hand_and_is_taken_away_at_any_size(
    lab: Locator, page: Page, tmp_path: Path
) -> None:
    frame = lab.locator(".frame")
    box = frame.bounding_box()
    assert box is not None
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.move(*middle)
    page.mouse.down()
    page.mouse.move(middle[0] + box["width"] / 4, middle[1], steps=4)
    page.mouse.up()
    frame.press("+")
    expect(page).to_have_url(re.compile("zoom=1.25.*center=-0.5"))
    lab.get_by_role("button", name="Download", exact=True).click()
    lab.get_by_label("Longer side").fill("300")
    with page.expect_download(timeout=30_000) as started:
        lab.get_by_role("button", name="Make the PNG").click()
    assert started.value.suggested_filename.endswith("-300x300.png")


def test_the_desk_outlives_a_restart_of_the_server(page: Page, tmp_path: Path) -> None:
    port = free_port()
    process, url = start(tmp_path, port=port)
    try:
        lab = opened(page, f"{url}/lab")
        stop(process)
        lab.get_by_role("button", name="DenseNet", exact=True).click()
        expect(lab.get_by_role("alert")).to_contain_text("does not answer")
        process, _ = start(tmp_path, port=port)
        expect(lab).to_have_attribute("data-decoded", "true", timeout=30_000)
        expect(lab.get_by_role("alert")).to_be_hidden()
        expect(page).to_have_url(re.compile("topology=densenet"), timeout=30_000)
    finally:
        stop(process)
