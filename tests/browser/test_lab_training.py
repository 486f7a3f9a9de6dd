"""Learning a picture in the Lab, driven as a person would."""

from __future__ import annotations

import io
import re

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import FilePayload, Locator, Page, expect

PATIENCE = 90_000


@pytest.fixture
def section(page: Page, app_server: str) -> Locator:
    page.goto(f"{app_server}/lab?preset=usual&section=training")
    main = page.get_by_test_id("stMain")
    expect(main.get_by_text("A network learns a picture")).to_be_visible(timeout=PATIENCE)
    return main


def decibels(main: Locator) -> float:
    text = main.get_by_test_id("stMetricValue").first.inner_text()
    return float(re.sub("[^0-9.]", "", text))


def test_a_picture_is_learned_paused_stopped_and_bred_from(section: Locator, page: Page) -> None:
    square = Image.fromarray(np.kron([[250, 40], [90, 180]], np.ones((40, 40))).astype(np.uint8))
    file = io.BytesIO()
    square.save(file, "PNG")
    payload: FilePayload = {
        "name": "four squares.png",
        "mimeType": "image/png",
        "buffer": file.getvalue(),
    }
    upload = section.get_by_test_id("stFileUploader").locator("input[type=file]")
    upload.set_input_files(payload)
    fit = section.get_by_role("button", name="Fit", exact=True)
    expect(fit).to_be_enabled(timeout=PATIENCE)
    fit.click()

    pause = section.get_by_role("button", name="Pause")
    expect(pause).to_be_enabled(timeout=PATIENCE)
    expect(section.get_by_text("Closeness (PSNR)")).to_be_visible(timeout=PATIENCE)
    begun = decibels(section)
    page.wait_for_function(
        "least => parseFloat(document.querySelector('[data-testid=stMetricValue]')"
        ".innerText) > least",
        arg=begun + 3,
        timeout=PATIENCE,
    )
    expect(section.get_by_test_id("stVegaLiteChart")).to_be_visible(timeout=PATIENCE)

    pause.click()
    expect(section.get_by_role("button", name="Resume")).to_be_visible(timeout=PATIENCE)
    section.get_by_role("button", name="Resume").click()
    expect(section.get_by_role("button", name="Pause")).to_be_visible(timeout=PATIENCE)
    section.get_by_role("button", name="Stop").click()
    expect(section.get_by_role("button", name="Stop")).to_be_disabled(timeout=PATIENCE)
    assert decibels(section) > begun + 3

    section.get_by_role("button", name="Breed from it").click()
    expect(page.locator("[data-testid=breeder-grid]")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text("four squares, learned").first).to_be_visible(timeout=PATIENCE)


def test_a_file_that_is_no_picture_gets_one_sentence(section: Locator) -> None:
    payload: FilePayload = {
        "name": "trap.png",
        "mimeType": "image/png",
        "buffer": b"\x89PNG\r\n\x1a\n trap",
    }
    section.get_by_test_id("stFileUploader").locator("input[type=file]").set_input_files(payload)
    section.get_by_role("button", name="Fit", exact=True).click(timeout=PATIENCE)
    expect(section.get_by_text("Cannot read 'trap.png': it is no whole")).to_be_visible(
        timeout=PATIENCE
    )
