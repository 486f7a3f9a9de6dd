"""Films in the page: chosen, looked at, made, cancelled, and taken away."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from breeder.lab.drawing import draw
from breeder.lab.settings import LabSettings, to_query

NETWORK = LabSettings(widths=(8, 8), inputs=("x", "y", "z"), seed=11)
SOON = 60_000


def choose(film: Locator, *, size: str, frames: int, file: str) -> None:
    film.locator("[name=size]").select_option(size)
    film.locator("[name=frames]").fill(str(frames))
    film.get_by_text(file, exact=True).click()


def test_a_film_of_a_network_is_looked_at_made_and_another_is_cancelled(
    page: Page, app_server: str, tmp_path: Path
) -> None:
    page.goto(f"{app_server}/lab?{to_query(NETWORK)}&section=film")
    film = page.get_by_test_id("breeder-film")
    expect(film).to_have_attribute("data-playing", "fine", timeout=SOON)
    image = film.locator("img")
    assert image.evaluate("image => image.naturalWidth") > 40
    before = image.get_attribute("src")

    film.get_by_role("button", name="Along z").click()
    film.get_by_role("button", name="Zoom", exact=True).click()  # off
    film.get_by_label("Along z").fill("1.5")
    expect(film.get_by_text("Moves along z by 1.5")).to_be_visible()
    expect(image).not_to_have_attribute("src", before or "", timeout=SOON)
    choose(film, size="480x480", frames=6, file="MP4")
    with page.expect_download(timeout=SOON) as started:
        film.get_by_role("button", name="Make the MP4").click()
    path = tmp_path / started.value.suggested_filename
    started.value.save_as(path)
    assert path.name == "Lab 11-480x480.mp4"
    with av.open(str(path), "r") as opened:
        frames = [frame.to_ndarray(format="rgb24") for frame in opened.decode(video=0)]
    assert len(frames) == 6
    assert np.abs(frames[0].astype(float) - draw(NETWORK, 480)).mean() < 4

    choose(film, size="3840x2160", frames=2000, file="WebP")
    film.get_by_role("button", name="Make the WebP").click()
    long = film.locator(".job", has_text="2000 frames")
    expect(long.get_by_role("progressbar")).to_be_visible()
    long.get_by_role("button", name="Cancel").click()
    expect(long).to_have_count(0)

    choose(film, size="480x480", frames=1, file="GIF")
    expect(film.get_by_text("A film has 2 to 3,600 frames.")).to_be_visible()
    expect(film.get_by_role("button", name="Make the GIF")).to_be_disabled()
    choose(film, size="480x480", frames=30, file="GIF")
    film.locator("[name=fps]").select_option("60")
    expect(film.get_by_text("A GIF shows at most 50 frames a second.")).to_be_visible()


def test_a_bred_picture_is_filmed_in_its_large_view(
    page: Page, app_server: str, tmp_path: Path
) -> None:
    page.goto(app_server)
    grid = page.locator("[data-testid=breeder-grid]")
    expect(grid).to_have_attribute("data-decoded", "true", timeout=SOON)
    page.locator('.pick[data-slot="2"]').focus()
    page.keyboard.press("o")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_test_id("breeder-download")).to_be_visible()
    dialog.get_by_text("Film", exact=True).click()
    film = dialog.get_by_test_id("breeder-film")
    expect(film).to_have_attribute("data-playing", "fine", timeout=SOON)
    expect(film.get_by_role("button", name="Morph")).to_have_count(0)
    film.get_by_role("button", name="Rotation").click()
    choose(film, size="480x480", frames=4, file="GIF")
    with page.expect_download(timeout=SOON) as started:
        film.get_by_role("button", name="Make the GIF").click()
    expect(dialog.locator(".job")).to_have_count(1)  # in one of the two lists
    started.value.save_as(tmp_path / "loop.gif")
    with Image.open(tmp_path / "loop.gif") as shown:
        assert (shown.n_frames, shown.size) == (4, (480, 480))  # type: ignore[attr-defined]
