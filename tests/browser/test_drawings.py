"""SVG drawings as a browser shows them, held against the picture in flat colours."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page

from breeder import Canvas, Genome, render, save
from breeder.formats.clusters import colors_of, squared_distances
from breeder.genome import ColorModel
from breeder.rendering.color import srgb_to_oklab
from tests.genomes import random_genome

SIZE = 512


@pytest.fixture(scope="module")
def sheet(browser: Browser) -> Iterator[Page]:
    page = browser.new_page(viewport={"width": SIZE, "height": SIZE})
    yield page
    page.close()


def drawn(sheet: Page, genome: Genome, canvas: Canvas, folder: Path, colors: int) -> np.ndarray:
    """What a browser makes of a picture's drawing, on magenta where nothing is drawn."""
    path = folder / "owl.svg"
    save(genome, path, canvas=canvas, colors=colors, title="Owl </title> <x>", device="cpu")
    sheet.goto("about:blank")
    sheet.set_viewport_size({"width": canvas.width, "height": canvas.height})
    sheet.set_content(
        "<style>body { margin: 0; background: #f0f } svg { display: block }</style>"
        + path.read_text("utf-8")
    )
    return np.asarray(Image.open(io.BytesIO(sheet.screenshot())).convert("RGB"))


def flat(genome: Genome, canvas: Canvas, colors: int) -> np.ndarray:
    """The picture with each pixel in the nearest of its colours."""
    rgb = np.array([each.rgb for each in colors_of(genome, canvas, colors, "cpu")], dtype=np.uint8)
    lab = srgb_to_oklab(render([genome], canvas, device="cpu")[0]).reshape(-1, 3)
    nearest = squared_distances(lab.astype(float), srgb_to_oklab(rgb).astype(float)).argmin(0)
    return np.asarray(rgb[nearest].reshape(canvas.height, canvas.width, 3))


def distances(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    return np.asarray(np.sqrt(((srgb_to_oklab(one) - srgb_to_oklab(other)) ** 2).sum(2)))


@pytest.mark.parametrize("color", ["grey", "hsb", "rgb", "oklab"])
@pytest.mark.parametrize("colors", [2, 8])
def test_a_drawing_is_the_picture_in_flat_colours(
    sheet: Page, tmp_path: Path, color: ColorModel, colors: int
) -> None:
    for seed in (3, 14):
        genome = random_genome(seed, color=color)
        canvas = Canvas(width=SIZE, height=SIZE, supersample=2)
        shown = drawn(sheet, genome, canvas, tmp_path, colors)
        off = distances(shown, flat(genome, canvas, colors))
        assert off.mean() < 0.005
        assert (off > 0.02).mean() < 0.05  # the browser blends the pixels along edges


def test_a_drawing_shows_what_its_canvas_shows(sheet: Page, tmp_path: Path) -> None:
    genome = random_genome(14, color="oklab")
    canvas = Canvas(width=480, height=270, zoom=2.5, center=(0.3, -0.2), rotation=30.0)
    off = distances(drawn(sheet, genome, canvas, tmp_path, 8), flat(genome, canvas, 8))
    assert off.mean() < 0.006


def test_no_gap_shows_between_neighbours(sheet: Page, tmp_path: Path) -> None:
    for seed in (21, 22):
        genome = random_genome(seed, color="hsb", scale=2.0)
        canvas = Canvas(width=SIZE, height=SIZE)
        shown = drawn(sheet, genome, canvas, tmp_path, 12)
        # Every pixel is one of the colours, or a blend of two that are both dark of magenta.
        rgb = np.array([each.rgb for each in colors_of(genome, canvas, 12, "cpu")])
        low, high = rgb.min(0) - 1, rgb.max(0) + 1
        assert ((shown >= low) & (shown <= high)).all()
