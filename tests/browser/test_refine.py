"""A picture is refined in its large view, as a person does it: in a browser, on the real app."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from breeder import BreederSettings, Store
from breeder.breeder import Breeder
from breeder.looks import draw_small, look_at
from tests.server import running_app

GRID = "[data-testid=breeder-grid]"
LONG = 60_000


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """The server's database: a run, and somebody who likes light pictures and said so often."""
    with Store.open(f"sqlite:///{tmp_path / 'breeder.db'}") as store:
        breeder = Breeder.begin(store, settings=BreederSettings(population=12), seed=1, name="owls")
        genomes = [child.genome for child in breeder.ask().children]
        light = look_at(draw_small(genomes)).lab[..., 0].mean(axis=(1, 2))
        for one in range(len(genomes)):
            for other in range(one):
                if abs(light[one] - light[other]) > 0.05:
                    preferred = int(light[other] > light[one])
                    store.add_answer(genomes[one].id, genomes[other].id, preferred)
        yield store


@pytest.fixture
def url(store: Store, tmp_path: Path, chromium: str) -> Iterator[str]:
    with running_app(tmp_path) as url:
        yield url


def opened(page: Page, slot: int) -> Locator:
    """Open a picture of the grid large, and what refines it."""
    page.locator(f'.pick[data-slot="{slot}"]').focus()
    page.keyboard.press("o")
    dialog = page.get_by_role("dialog")
    dialog.locator("label", has_text="Refine").first.click(timeout=LONG)
    refine = dialog.get_by_test_id("breeder-refine")
    expect(refine).to_have_attribute("data-state", "ready", timeout=LONG)
    return refine


def test_a_picture_is_refined_looked_at_thrown_away_and_kept_as_a_child(
    store: Store, url: str, page: Page
):
    page.goto(f"{url}/?run=owls")
    grid = page.locator(GRID)
    expect(grid).to_have_attribute("data-decoded", "true", timeout=LONG)
    first = store.current(store.run("owls").id)
    assert first is not None
    refine = opened(page, 2)
    before, after = refine.locator(".before img"), refine.locator(".after img")
    expect(before).to_be_visible()
    expect(after).to_be_hidden()

    slider = refine.get_by_role("slider")
    slider.fill("80")
    expect(refine.locator("output")).to_have_text("far")
    refine.get_by_role("button", name="Refine", exact=True).click()
    expect(refine).to_have_attribute("data-state", "done", timeout=LONG)
    expect(after).to_be_visible()
    expect(refine.get_by_role("button", name="Refine again")).to_be_focused()
    expect(refine.locator(".line")).to_have_text("Probably more to your taste.")
    expect(refine.locator(".why")).to_contain_text("moved by up to")
    assert store.current(first.run_id) == first  # nothing is kept unless it is asked for

    refine.get_by_role("button", name="Throw away").click()
    expect(refine).to_have_attribute("data-state", "ready")
    expect(after).to_be_hidden()

    refine.get_by_role("button", name="Refine", exact=True).click()
    expect(refine).to_have_attribute("data-state", "done", timeout=LONG)
    refine.get_by_role("button", name="Keep as child").click()
    expect(grid).to_have_attribute("data-number", "1", timeout=LONG)
    expect(page.get_by_role("dialog")).to_be_hidden()
    kept = store.current(first.run_id)
    assert kept is not None
    assert (kept.came_from, kept.bred_from) == (first.id, (2,))
    assert kept.children[1].origin == "refined"
    assert kept.children[1].parents == (first.children[2].genome,)
    expect(grid.locator(".why-label", has_text="Refined")).to_be_visible()


def test_where_the_taste_is_not_trusted_it_says_so_in_one_line(app_server: str, page: Page):
    page.goto(app_server)
    expect(page.locator(GRID)).to_have_attribute("data-decoded", "true", timeout=LONG)
    refine = opened(page, 1)
    expect(refine.locator(".not-yet")).to_contain_text("not learnt enough to beat chance yet")
    expect(refine.locator(".work")).to_be_hidden()
