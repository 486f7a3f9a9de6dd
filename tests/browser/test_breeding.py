"""The main job, as a person does it: in a real browser, on the real app."""

from __future__ import annotations

import io
import json
import re
import urllib.request
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect

from breeder import Canvas, load, render
from breeder.formats import native
from tests.formats import picbreeder_files
from tests.genomes import random_genome

GRID = "[data-testid=breeder-grid]"

# The pixels of a tile as the browser decoded them.
TILE_PIXELS = """
(tile) => {
  const image = tile.querySelector("img");
  const canvas = new OffscreenCanvas(image.naturalWidth, image.naturalHeight);
  const context = canvas.getContext("2d");
  context.drawImage(image, 0, 0);
  return [...context.getImageData(0, 0, canvas.width, canvas.height).data];
}
"""


@pytest.fixture
def breeding(page: Page, app_server: str) -> Page:
    """Open the app as a first visitor and wait for the first grid."""
    page.goto(app_server)
    expect(page.locator(GRID)).to_have_attribute("data-decoded", "true", timeout=60_000)
    return page


def tile(page: Page, slot: int) -> Locator:
    return page.locator(f'.pick[data-slot="{slot}"]')


def pick(page: Page, *slots: int) -> None:
    """Pick tiles, and wait until each is shown as taken."""
    for slot in slots:
        tile(page, slot).click()
    for slot in slots:
        expect(tile(page, slot)).to_have_attribute("data-saved", "true")


def number(page: Page) -> int:
    return int(page.locator(GRID).get_attribute("data-number") or -1)


def token(page: Page) -> str:
    return page.locator(GRID).get_attribute("data-generation") or ""


def shows(page: Page, wanted: int) -> None:
    """Wait until a generation of this number is on the page."""
    expect(page.locator(GRID)).to_have_attribute("data-number", str(wanted))
    expect(page.locator(GRID)).to_have_attribute("data-decoded", "true")


def press(page: Page, key: str, wanted: int) -> None:
    """Press a key that changes the grid, and wait for the new one."""
    before = token(page)
    page.keyboard.press(key)
    expect(page.locator(GRID)).not_to_have_attribute("data-generation", before)
    shows(page, wanted)


def open_large(page: Page, slot: int) -> Locator:
    tile(page, slot).focus()
    page.keyboard.press("o")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("Download size")).to_be_visible()
    return dialog


def download(page: Page, link: Locator, folder: Path) -> Path:
    with page.expect_download() as started:
        link.click()
    path = folder / started.value.suggested_filename
    started.value.save_as(path)
    return path


def test_twenty_generations_a_branch_a_reload_and_a_picture_that_comes_back(
    breeding: Page, tmp_path: Path
) -> None:
    page = breeding
    for generation in range(20):
        pick(page, generation % 15, (generation + 4) % 15)
        press(page, "Enter", generation + 1)
    newest = token(page)

    for step in range(3):
        press(page, "z", 19 - step)
    pick(page, 4)
    press(page, "Enter", 18)
    branch = token(page)
    assert branch != newest

    pick(page, 2, 6)
    page.reload()
    shows(page, 18)
    assert token(page) == branch
    for slot in (2, 6):
        expect(tile(page, slot)).to_have_attribute("aria-pressed", "true")
        expect(tile(page, slot)).to_have_attribute("data-saved", "true")

    shown = tile(page, 6).evaluate(TILE_PIXELS)
    dialog = open_large(page, 6)
    file = download(page, dialog.get_by_role("link", name="Download PNG"), tmp_path)
    genome = load(file)
    exact = render([genome], Canvas(width=1024, height=1024, supersample=2))[0]
    with Image.open(file) as picture:
        assert np.abs(np.asarray(picture).astype(int) - exact).max() <= 1
    page.keyboard.press("Escape")

    run = page.url
    page.locator("input[type=file]").set_input_files(file)
    shows(page, 0)
    assert page.url != run
    assert tile(page, 0).evaluate(TILE_PIXELS) == shown
    again = download(page, open_large(page, 0).get_by_role("link", name="Download PNG"), tmp_path)
    assert load(again) == genome
    assert again.read_bytes() == file.read_bytes()


def test_both_futures_of_a_grid_stay(breeding: Page) -> None:
    page = breeding
    pick(page, 1)
    press(page, "Enter", 1)
    first = token(page)
    press(page, "z", 0)
    tile(page, 1).click()
    pick(page, 5)
    press(page, "Enter", 1)
    second = token(page)
    assert second != first
    press(page, "z", 0)
    press(page, "y", 1)
    assert token(page) == second


def test_a_second_tab_shows_the_same_grid_and_picks_and_grows_a_branch_of_its_own(
    breeding: Page,
) -> None:
    page = breeding
    pick(page, 3, 8)
    other = page.context.new_page()
    other.goto(page.url)
    shows(other, 0)
    assert token(other) == token(page)
    for slot in (3, 8):
        expect(tile(other, slot)).to_have_attribute("aria-pressed", "true")
    press(page, "Enter", 1)
    tile(other, 3).click()
    expect(tile(other, 3)).to_have_attribute("aria-pressed", "false")
    pick(other, 9)
    press(other, "Enter", 1)
    assert token(other) != token(page)


def test_a_visit_without_an_address_goes_on_where_this_browser_was(breeding: Page) -> None:
    page = breeding
    pick(page, 7)
    run = page.url
    expect(page.locator('[aria-current="true"]').first).to_be_visible()
    page.goto(run.split("?")[0])
    shows(page, 0)
    expect(page).to_have_url(run)
    expect(tile(page, 7)).to_have_attribute("aria-pressed", "true")


def test_twenty_fast_clicks_all_count(breeding: Page) -> None:
    page = breeding
    slots = [*range(15), 0, 2, 4, 6, 8]
    page.evaluate(
        """(slots) => {
          const grids = [...document.querySelectorAll("*")]
            .map((each) => each.shadowRoot?.querySelector("[data-testid=breeder-grid]"));
          const grid = grids.find(Boolean);
          for (const slot of slots) grid.querySelector(`.pick[data-slot="${slot}"]`).click();
        }""",
        slots,
    )
    odd_or_late = [slot for slot in range(15) if slots.count(slot) == 1]
    for slot in odd_or_late:
        expect(tile(page, slot)).to_have_attribute("data-saved", "true")
    page.reload()
    shows(page, 0)
    for slot in range(15):
        pressed = "true" if slot in odd_or_late else "false"
        expect(tile(page, slot)).to_have_attribute("aria-pressed", pressed)


def test_a_wrong_file_gets_one_sentence_and_changes_nothing(breeding: Page, tmp_path: Path) -> None:
    page = breeding
    before, run = token(page), page.url
    wrong = tmp_path / "holiday <b>.png"
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8)).save(buffer, "PNG")
    wrong.write_bytes(buffer.getvalue())
    page.locator("input[type=file]").set_input_files(wrong)
    alert = page.get_by_role("alert").first
    expect(alert).to_contain_text("no genome")
    assert token(page) == before
    assert page.url == run


def test_a_message_about_a_file_fetches_nothing_from_elsewhere(
    breeding: Page, tmp_path: Path
) -> None:
    page = breeding
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    plain = json.loads(native.dumps(random_genome(8)))
    plain["nodes"][0]["activation"] = "![](https://elsewhere.example/a.png)"
    wrong = tmp_path / "picture.json"
    wrong.write_text(json.dumps(plain))
    page.locator("input[type=file]").set_input_files(wrong)
    expect(page.get_by_role("alert").first).to_contain_text("![](https://elsewhere.example")
    assert not [url for url in asked if "elsewhere" in url]


def test_a_run_chosen_in_the_gallery_shows_its_grid(breeding: Page) -> None:
    page = breeding
    page.get_by_role("link", name="Gallery").click()
    expect(page.get_by_role("heading", name="Gallery")).to_be_visible()
    page.get_by_role("button", name="New run", exact=True).click()
    shows(page, 0)


def test_a_file_dropped_anywhere_on_the_page_begins_a_run(breeding: Page) -> None:
    page, run = breeding, breeding.url
    text = native.dumps(random_genome(8), title="dropped owl")
    page.locator(GRID).evaluate(
        """(grid, text) => {
          const dataTransfer = new DataTransfer();
          dataTransfer.items.add(new File([text], "owl.json", { type: "application/json" }));
          for (const type of ["dragenter", "dragover", "drop"]) {
            const event = { dataTransfer, bubbles: true, cancelable: true, composed: true };
            grid.dispatchEvent(new DragEvent(type, event));
          }
        }""",
        text,
    )
    expect(page).not_to_have_url(run)
    expect(page.get_by_role("textbox", name="Run", exact=True)).to_have_value("dropped owl")
    shows(page, 0)


def test_a_genome_of_picbreeder_begins_a_run_and_shows_where_it_comes_from(
    breeding: Page, tmp_path: Path
) -> None:
    page = breeding
    before = token(page)
    moth = tmp_path / "moth.zip"
    moth.write_bytes(picbreeder_files.zipped(picbreeder_files.data(picbreeder_files.COLOR)))
    page.locator("input[type=file]").set_input_files(moth)
    expect(page.locator(GRID)).not_to_have_attribute("data-generation", before)
    shows(page, 0)
    expect(page.get_by_role("textbox", name="Run", exact=True)).to_have_value("moth")
    dialog = open_large(page, 0)
    expect(dialog).to_contain_text("Brought in: Picbreeder 8/31, from 8/30.")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(open_large(page, 4)).to_contain_text("Bred from Picbreeder 8/31, from 8/30")


def test_a_favourite_gets_a_title_and_stands_in_the_gallery(breeding: Page) -> None:
    page = breeding
    dialog = open_large(page, 3)
    dialog.get_by_label("Title").fill("An <b>owl</b>")
    dialog.get_by_label("Title").press("Enter")
    expect(dialog.get_by_role("button", name="Kept")).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_role("link", name="Gallery").click()
    expect(page.get_by_text("An <b>owl</b>").first).to_be_visible()


def test_a_run_is_renamed_duplicated_deleted_and_brought_back(breeding: Page) -> None:
    page = breeding
    name = page.get_by_role("textbox", name="Run", exact=True)
    name.fill("night birds")
    name.press("Enter")
    runs = page.get_by_test_id("breeder-run-list")
    expect(runs.locator(".row .name", has_text="night birds")).to_have_count(1)

    def choose(what: str, row: str) -> None:
        line = runs.locator(".row", has=page.locator(".name", has_text=re.compile(f"^{row}$")))
        line.hover()
        line.locator("[data-act=more]").click()
        page.get_by_role("menuitem", name=what).click()

    choose("Duplicate", "night birds")
    copy = "night birds \\(copy\\)"
    expect(name).to_have_value("night birds (copy)")
    choose("Delete", copy)
    runs.get_by_role("button", name="Yes").click()
    expect(runs.locator(".row .name", has_text=re.compile(f"^{copy}$"))).to_have_count(0)
    runs.get_by_role("button", name="Undo").click()
    expect(runs.locator(".row .name", has_text=re.compile(f"^{copy}$"))).to_have_count(1)
    expect(name).to_have_value("night birds (copy)")


def test_addresses_of_pictures_and_files_refuse_nonsense(app_server: str) -> None:
    for path in ("/picture/none.jpg", f"/picture/{'0' * 32}.jpg", "/download/x.png?size=99999"):
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(app_server + path)  # noqa: S310
        assert refused.value.code in (400, 404)
        assert len(refused.value.read().splitlines()) == 1


@pytest.mark.parametrize("size", [(1440, 900), (1366, 768)])
def test_a_laptop_shows_the_whole_grid_without_scrolling(
    breeding: Page, size: tuple[int, int]
) -> None:
    breeding.set_viewport_size({"width": size[0], "height": size[1]})
    expect(tile(breeding, 14)).to_be_in_viewport(ratio=1)


def test_the_page_fits_a_phone(browser: Browser, app_server: str) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 740}, has_touch=True)
    page = context.new_page()
    page.goto(app_server)
    expect(page.locator(GRID)).to_have_attribute("data-decoded", "true", timeout=60_000)
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= 360
    box = tile(page, 0).bounding_box()
    assert box is not None
    assert box["y"] < 740 / 2 + 120  # the grid begins on the first screen
    context.close()


def test_on_a_phone_the_sidebar_closes_once_something_is_chosen_in_it(
    browser: Browser, app_server: str, tmp_path: Path
) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True)
    page = context.new_page()
    page.goto(app_server)
    expect(page.locator(GRID)).to_have_attribute("data-decoded", "true", timeout=60_000)
    sidebar = page.locator('[data-testid="stSidebar"]')

    def choose(act: Callable[[], object]) -> None:
        page.locator('[data-testid="stExpandSidebarButton"]').click()
        expect(sidebar).to_have_attribute("data-collapsed", "false")
        act()
        expect(sidebar).to_have_attribute("data-collapsed", "true")

    choose(lambda: page.get_by_role("button", name="New run").click())
    text = tmp_path / "notes.txt"
    text.write_text("no genome")
    choose(lambda: page.locator("input[type=file]").set_input_files(text))
    expect(page.get_by_text("Cannot read notes.txt")).to_be_in_viewport()
    choose(lambda: page.get_by_role("link", name="Gallery").click())
    context.close()
