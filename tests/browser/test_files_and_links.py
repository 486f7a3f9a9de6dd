"""The large view's files, colours and link; and what a link opens for somebody else."""

from __future__ import annotations

import io
import re
import sqlite3
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect

from breeder.formats import FORMATS, load, share
from breeder.formats.native import Document
from tests.genomes import random_genome
from tests.server import running_app

GRID = "[data-testid=breeder-grid]"
PICTURE = "[data-testid=breeder-large-picture]"


@pytest.fixture
def dialog(page: Page, app_server: str) -> Locator:
    """Open the app as a first visitor, and its third picture."""
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(app_server)
    expect(page.locator(GRID)).to_have_attribute("data-decoded", "true", timeout=60_000)
    page.locator('.pick[data-slot="2"]').focus()
    page.keyboard.press("o")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_test_id("breeder-files")).to_have_attribute("data-colours", "6")
    return dialog


def clipboard(page: Page) -> str:
    text = page.evaluate("navigator.clipboard.readText()")
    assert isinstance(text, str)
    return text


def copied_link(dialog: Locator, page: Page) -> str:
    dialog.get_by_role("button", name="Copy link").click()
    expect(dialog.get_by_role("button", name="Link copied")).to_be_visible()
    return clipboard(page)


def shown_pixels(place: Locator | Page) -> np.ndarray:
    """The pixels of the coarse picture that is shown large."""
    image = place.locator(f"{PICTURE} .coarse img")
    expect(image).to_have_count(1)
    body = place.locator(PICTURE).page.request.get(image.evaluate("image => image.src")).body()
    return np.asarray(Image.open(io.BytesIO(body)).convert("RGB"))


def test_every_format_of_the_table_is_listed_and_named_by_its_suffix(dialog: Locator) -> None:
    files = dialog.get_by_test_id("breeder-files").locator("a[data-format]")
    listed = {each.get_attribute("data-format"): each for each in files.all()}
    assert set(listed) == {name for name, row in FORMATS.items() if row.writes}
    for name, link in listed.items():
        assert FORMATS[str(name)].suffix in link.inner_text()
        assert FORMATS[str(name)].loses in link.inner_text()


@pytest.mark.parametrize("name", ["svg", "bundle", "css", "onnx"])
def test_a_file_is_saved_under_the_title(
    dialog: Locator, page: Page, tmp_path: Path, name: str
) -> None:
    dialog.get_by_label("Title").fill("Night owl")
    dialog.get_by_label("Title").press("Enter")
    expect(dialog.get_by_role("button", name="Kept")).to_be_visible()
    link = dialog.locator(f"a[data-format={name}]")
    expect(link).to_have_attribute("href", re.compile("Night"))
    with page.expect_download() as started:
        link.click()
    path = tmp_path / started.value.suggested_filename
    started.value.save_as(path)
    assert path.name == f"Night owl{FORMATS[name].suffix}"
    assert path.stat().st_size > 300
    if FORMATS[name].reads:
        assert len(load(path).id) == 32


def test_a_format_that_refuses_says_so_in_the_page(dialog: Locator, page: Page) -> None:
    sentence = "The network is <b>too large</b> for a shader."
    page.route("**/files/*/shader?*", lambda route: route.fulfill(status=400, body=sentence))
    dialog.locator("a[data-format=shader]").click()
    expect(dialog.get_by_text(sentence)).to_be_visible()
    with page.expect_download():
        dialog.locator("a[data-format=json]").click()


def test_colours_are_chosen_copied_and_go_into_the_files(
    dialog: Locator, page: Page, tmp_path: Path
) -> None:
    files = dialog.get_by_test_id("breeder-files")
    files.get_by_role("button", name="More colours").click()
    expect(files).to_have_attribute("data-colours", "7")
    swatches = files.get_by_role("button", name=re.compile("^Copy #"))
    swatches.first.click()
    expect(files.get_by_text("Copied", exact=True)).to_be_visible()
    assert re.fullmatch("#[0-9a-f]{6}", clipboard(page))
    with page.expect_download() as started:
        dialog.locator("a[data-format=css]").click()
    started.value.save_as(tmp_path / "owl.css")
    assert clipboard(page) in (tmp_path / "owl.css").read_text("utf-8")
    for _ in range(12):
        if files.get_by_role("button", name="Fewer colours").is_enabled():
            files.get_by_role("button", name="Fewer colours").click()
    expect(files.get_by_text("3 colours")).to_be_visible()


def test_a_link_shows_the_same_picture_to_somebody_else_who_breeds_from_it(
    dialog: Locator, page: Page, browser: Browser, app_server: str
) -> None:
    link = copied_link(dialog, page)
    assert link.startswith(f"{app_server}/shared?g=1.")
    original = shown_pixels(dialog)
    genome = share.unpack(parse_qs(urlsplit(link).query)["g"][0]).genome
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    other = context.new_page()
    other.goto(link)
    expect(other.locator(PICTURE)).to_have_attribute("data-sharp", "true", timeout=30_000)
    np.testing.assert_array_equal(shown_pixels(other), original)
    assert "breeder_run" not in {cookie.get("name") for cookie in context.cookies()}
    other.get_by_role("button", name="Start a run from this").click()
    expect(other.locator(GRID)).to_have_attribute("data-decoded", "true", timeout=30_000)
    assert "g=" not in other.url
    assert "run=" in other.url
    other.locator('.pick[data-slot="0"]').focus()
    other.keyboard.press("o")
    expect(other.get_by_role("dialog").get_by_text(genome.id[:12])).to_be_visible()
    other.keyboard.press("Escape")
    other.locator('.pick[data-slot="0"]').click()
    other.keyboard.press("Enter")
    expect(other.locator(GRID)).to_have_attribute("data-number", "1")
    context.close()


def rows(folder: Path) -> dict[str, int]:
    """How many rows each table of the app's database has."""
    with sqlite3.connect(folder / "breeder.db") as database:
        tables = database.execute("select name from sqlite_master where type = 'table'")
        names = [name for (name,) in tables]
        counts = {n: database.execute(f"select count(*) from {n}").fetchone()[0] for n in names}  # noqa: S608
    database.close()
    return counts


def test_opening_links_stores_nothing_until_the_person_starts_a_run(
    page: Page, tmp_path: Path
) -> None:
    good = share.pack(Document(genome=random_genome(12), meta={"title": "Owl <b>*x*</b>"}))
    with running_app(tmp_path) as url:
        before = rows(tmp_path)
        page.goto(f"{url}/shared?g={good}")
        expect(page.get_by_role("heading", name="Owl <b>*x*</b>")).to_be_visible(timeout=60_000)
        expect(page.locator(PICTURE)).to_have_attribute("data-sharp", "true", timeout=30_000)
        for query, sentence in (
            ("g=1.AAAA", "Cannot read the link: it is damaged or cut short."),
            ("g=7.AAAA", "it is of version 7"),
            (f"g={'1.' + 'a' * 7000}", "characters"),
            ("g=", "a part of it is missing"),
            (f"p={'0' * 32}", "only the server it was copied from knows"),
            ("p=<script>", "it names no picture"),
            ("", "it names no picture"),
        ):
            page.goto(f"{url}/shared?{query}")
            expect(page.get_by_text(sentence)).to_be_visible()
        assert rows(tmp_path) == before
        page.get_by_role("button", name="Breed pictures of your own").click()
        expect(page.locator(GRID)).to_have_attribute("data-decoded", "true", timeout=30_000)
        assert rows(tmp_path)["runs"] == 1


def test_a_link_by_identity_shows_the_picture_of_this_server(
    dialog: Locator, page: Page, app_server: str
) -> None:
    original = shown_pixels(dialog)
    link = copied_link(dialog, page)
    genome = share.unpack(parse_qs(urlsplit(link).query)["g"][0]).genome
    page.goto(f"{app_server}/shared?p={genome.id}")
    expect(page.locator(PICTURE)).to_have_attribute("data-sharp", "true", timeout=30_000)
    np.testing.assert_array_equal(shown_pixels(page), original)


@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_of_the_list_sticks_out(dialog: Locator, page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    files = dialog.get_by_test_id("breeder-files")
    page.wait_for_timeout(300)
    box = files.bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width
    assert files.evaluate("e => e.scrollWidth <= e.clientWidth + 8")
