"""The Lab's sections that explain, as a person uses them: they follow the desk and the address."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

import numpy as np
from PIL import Image
from playwright.sync_api import Page, expect

from breeder.lab.convolution_drawing import draw_convolution
from breeder.lab.convolutions import ConvolutionSettings
from breeder.ui.lab.convolutions import written

SMALL = ConvolutionSettings(width=60, height=40, layers=3, activation="sigmoid")
PATIENCE = 90_000


def test_why_follows_the_desk_and_convolutions_follow_their_address(
    page: Page, app_server: str, tmp_path: Path
) -> None:
    page.goto(f"{app_server}/lab?preset=grey-goo&section=why")
    expect(page.get_by_text("The signal dies in hidden")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text("How far values spread")).to_be_visible()
    page.goto(f"{app_server}/lab?preset=usual&section=why")
    expect(page.get_by_text("The signal comes through")).to_be_visible(timeout=PATIENCE)
    expect(page.locator("canvas.marks, svg.marks").first).to_be_visible(timeout=PATIENCE)

    page.goto(f"{app_server}/lab?preset=usual&section=convolutions&below={quote(written(SMALL))}")
    expect(page.get_by_test_id("stDownloadButton").get_by_role("button")).to_be_visible(
        timeout=PATIENCE
    )
    page.get_by_role("button", name="Next", exact=True).click()
    expect(page).to_have_url(re.compile("conv-seed%3D1"), timeout=PATIENCE)
    expect(page.get_by_text("Drawing …")).to_have_count(0, timeout=PATIENCE)
    page.reload()  # a link rebuilds it
    button = page.get_by_test_id("stDownloadButton").get_by_role("button")
    expect(button).to_be_visible(timeout=PATIENCE)
    with page.expect_download() as started:
        button.click()
    path = tmp_path / started.value.suggested_filename
    started.value.save_as(path)
    with Image.open(path) as image:
        drawn = np.asarray(image)
    assert np.array_equal(drawn, draw_convolution(replace(SMALL, seed=1)).pixels)
