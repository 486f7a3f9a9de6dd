"""Large pictures from the page: chosen, made, watched, cancelled, and taken away."""

from __future__ import annotations

import re
import time
import urllib.error
import urllib.request
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, Request, expect

from breeder import Canvas, Genome, load, render

GRID = "[data-testid=breeder-grid]"


@pytest.fixture
def dialog(page: Page, app_server: str) -> Locator:
    """Open the app as a first visitor, and its third picture."""
    page.goto(app_server)
    expect(page.locator(GRID)).to_have_attribute("data-decoded", "true", timeout=60_000)
    page.locator('.pick[data-slot="2"]').focus()
    page.keyboard.press("o")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_test_id("breeder-download")).to_be_visible()
    return dialog


def choose(dialog: Locator, size: int, file: str, smoothing: str) -> None:
    dialog.get_by_label("Download size").fill(str(size))
    dialog.get_by_text(file, exact=True).click()
    dialog.get_by_text(smoothing, exact=True).click()


def percent(bar: Locator) -> int:
    return int(bar.get_attribute("aria-valuenow") or 0)


def shows(path: Path, genome: Genome, canvas: Canvas) -> bool:
    """Whether a file has exactly a picture's pixels."""
    with Image.open(path) as image:
        return np.array_equal(np.asarray(image), render([genome], canvas)[0])


def tokens_of(page: Page) -> list[str]:
    """Return a list that is filled with the tokens of the posters that the page asks about."""
    tokens: list[str] = []

    def hear(request: Request) -> None:
        tokens.extend(re.findall(r"/jobs/([\w-]+)$", request.url))

    page.on("request", hear)
    return tokens


def test_a_poster_is_made_with_progress_and_another_is_cancelled(
    dialog: Locator, page: Page, tmp_path: Path
) -> None:
    choose(dialog, 4096, "TIFF", "2×")
    with page.expect_download(timeout=120_000) as started:
        dialog.get_by_role("button", name="Make the TIFF, 4,096 px").click()
        poster = dialog.locator(".job", has_text="4,096 px TIFF")
        bar = poster.locator(".track")
        seen = [percent(bar)]
        while seen[-1] < 30:
            page.wait_for_timeout(20)
            seen.append(percent(bar))
        assert seen == sorted(seen)
    path = tmp_path / started.value.suggested_filename
    started.value.save_as(path)
    expect(poster.get_by_text("Done")).to_be_visible()
    assert path.suffix == ".tif"
    assert shows(path, load(path), Canvas(width=4096, height=4096, supersample=2))

    tokens = tokens_of(page)
    choose(dialog, 16384, "PNG", "8×")
    dialog.get_by_role("button", name="Make the PNG, 16,384 px").click()
    huge = dialog.locator(".job", has_text="16,384 px PNG")
    dialog.get_by_role("button", name="Make the PNG, 16,384 px").click()  # it is being made
    expect(huge.get_by_text("left")).to_be_visible(timeout=30_000)
    expect(huge).to_have_count(1)
    huge.get_by_role("button", name="Cancel").click()
    expect(huge).to_have_count(0)
    assert gone(f"{origin(page)}/jobs/{tokens[0]}")
    poster.get_by_role("button", name="Clear").click()
    expect(dialog.locator(".job")).to_have_count(0)


def origin(page: Page) -> str:
    return "/".join(page.url.split("/")[:3])


def gone(url: str) -> bool:
    """Whether the server forgets a picture soon."""
    for _ in range(100):
        try:
            urllib.request.urlopen(url).close()  # noqa: S310
        except urllib.error.HTTPError as error:
            with error:
                return error.code == 404
        time.sleep(0.1)
    return False


def test_breeding_goes_on_while_a_poster_is_made_and_its_file_comes_all_the_same(
    dialog: Locator, page: Page
) -> None:
    choose(dialog, 5000, "TIFF", "2×")
    with page.expect_download(timeout=120_000) as started:
        dialog.get_by_role("button", name="Make the TIFF").click()
        expect(dialog.get_by_role("progressbar")).to_be_visible()
        page.keyboard.press("Escape")
        expect(dialog).to_have_count(0)
        page.locator('.pick[data-slot="2"]').click()
        page.keyboard.press("Enter")
        expect(page.locator(GRID)).to_have_attribute("data-number", "1")
    assert started.value.suggested_filename.endswith("-5000.tif")
    page.locator('.pick[data-slot="0"]').focus()
    page.keyboard.press("o")
    expect(page.get_by_role("dialog").get_by_text(re.compile("^Done, "))).to_be_visible()


@pytest.mark.parametrize(("file", "suffix"), [("PNG", ".png"), ("TIFF", ".tif")])
def test_a_small_picture_comes_at_once(
    dialog: Locator, page: Page, tmp_path: Path, file: str, suffix: str
) -> None:
    choose(dialog, 600, file, "4×")
    with page.expect_download() as started:
        dialog.get_by_role("link", name=f"Download {file}, 600 px").click()
    path = tmp_path / started.value.suggested_filename
    started.value.save_as(path)
    assert path.suffix == suffix
    genome = load(path)
    assert shows(path, genome, Canvas(width=600, height=600, supersample=4))
    expect(dialog.locator(".job")).to_have_count(0)


@pytest.mark.parametrize("size", ["", "63", "16385", "1024.5"])
def test_a_size_that_is_none_is_said_and_makes_nothing(
    dialog: Locator, page: Page, size: str
) -> None:
    field = dialog.get_by_label("Download size")
    field.fill(size)
    expect(dialog.get_by_text("whole number of pixels from 64 to 16,384")).to_be_visible()
    expect(dialog.get_by_role("button", name="Choose a size")).to_be_disabled()
    field.press("Enter")
    expect(dialog.locator(".job")).to_have_count(0)
    dialog.get_by_role("button", name="8k").click()
    expect(field).to_have_value("8192")
    expect(dialog.get_by_role("button", name="Make the PNG, 8,192 px")).to_be_enabled()


def test_a_page_that_is_left_takes_its_drawing_along(dialog: Locator, page: Page) -> None:
    tokens, server = tokens_of(page), origin(page)
    choose(dialog, 16384, "TIFF", "8×")
    dialog.get_by_role("button", name="Make the TIFF").click()
    expect(dialog.get_by_role("progressbar")).to_be_visible()
    expect(dialog.get_by_text("left")).to_be_visible(timeout=30_000)
    page.goto("about:blank")
    assert gone(f"{server}/jobs/{tokens[0]}")


def test_a_server_that_refuses_is_quoted(dialog: Locator, page: Page) -> None:
    page.route(
        "**/posters?*",
        lambda route: route.fulfill(status=503, body="Too many <b>pictures</b>; try again."),
    )
    choose(dialog, 8192, "PNG", "2×")
    dialog.get_by_role("button", name="Make the PNG").click()
    poster = dialog.locator(".job")
    expect(poster.get_by_text("Too many <b>pictures</b>; try again.")).to_be_visible()
    poster.get_by_role("button", name="Clear").click()
    expect(poster).to_have_count(0)
