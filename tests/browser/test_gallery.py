"""The gallery as a person uses it: in a real browser, on the real app."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, Route, expect

from breeder import BreederSettings, Store
from breeder.breeder import Breeder
from breeder.evolve.founders import founder
from breeder.formats import load_documents
from breeder.gallery import measure
from breeder.store import Entry, Search
from tests.server import running_app

COUNT = 300
GRID = "[data-testid=breeder-grid]"
MOMENT = datetime(2026, 3, 1, tzinfo=UTC)
FEW = BreederSettings(population=9)


def fill(store: Store) -> None:
    """Two runs with a favourite each, and many pictures that are in no run."""
    for run, seed in (("owls", 1), ("moths", 2)):
        breeder = Breeder.begin(store, name=run, settings=FEW, seed=seed)
        genome = breeder.ask().children[3].genome
        breeder.tell([3])
        store.add_favourite(genome.id, title=f"best of {run}", run_id=breeder.run_id)
        store.describe(genome.id, tags=["bred"])
    rng = np.random.default_rng(3)
    for number in range(COUNT):
        genome = founder(rng=rng)
        store.save_genome(genome)
        moment = MOMENT - timedelta(hours=number)
        store.put_entry(
            Entry(
                genome_id=genome.id,
                title=f"picture {number:03}",
                tags=("night", "river") if number < 5 else ("day",),
                stars=5 if number == 7 else 0,
                created_at=moment,
                updated_at=moment,
            )
        )
    measure(store)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("gallery")
    with Store.open(f"sqlite:///{folder / 'breeder.db'}") as store:
        fill(store)
    return folder


@pytest.fixture(scope="module")
def server(chromium: str, folder: Path) -> Iterator[str]:
    with running_app(folder) as url:
        yield url


@pytest.fixture
def store(folder: Path) -> Iterator[Store]:
    """The server's database, which another process may read too."""
    with Store.open(f"sqlite:///{folder / 'breeder.db'}") as store:
        yield store


@pytest.fixture
def gallery(page: Page, server: str) -> Locator:
    page.goto(f"{server}/favourites")  # the address of earlier versions
    root = page.get_by_test_id("breeder-gallery")
    expect(root.locator(".tile[data-picture]").first).to_be_visible(timeout=60_000)
    expect(page).to_have_url(re.compile("/gallery"))
    return root


def titles(root: Locator) -> Locator:
    return root.locator(".tile[data-picture]:not([hidden]) .title-text")


def select(root: Locator, *names: str) -> None:
    for name in names:
        tile = root.locator(".tile", has=root.page.get_by_text(name, exact=True))
        tile.locator(".frame").hover()
        tile.get_by_role("checkbox").click()


def found(root: Locator) -> str:
    return root.locator(".total").inner_text()


def test_a_search_narrows_as_one_types_and_lives_in_the_address(gallery: Locator, page: Page):
    total = int(found(gallery))
    assert total >= COUNT
    slow: list[Route] = []

    def hold(route: Route) -> None:
        if "q=pict" in route.request.url and "q=picture" not in route.request.url:
            slow.append(route)  # never answered: a later search must not wait for it
        else:
            route.continue_()

    page.route("**/gallery/pictures?*", hold)
    field = gallery.get_by_label("Search the gallery")
    field.fill("pict")
    page.wait_for_timeout(400)
    field.fill("picture 00")
    expect(titles(gallery)).to_have_count(10)
    expect(gallery.locator(".total")).to_have_text(f"10 of {total}")
    assert slow
    gallery.get_by_role("button", name="Tags", exact=True).click()
    gallery.get_by_role("group", name="Tags").get_by_role("button", name="night").click()
    expect(titles(gallery)).to_have_count(5)
    page.keyboard.press("Escape")
    gallery.get_by_label("Sort by").select_option("title")
    expect(titles(gallery).first).to_have_text("picture 000")
    assert re.search(r"q=picture\+00.*tag=night", page.url)

    gallery.get_by_role("button", name="Open picture 003").click()
    title = page.get_by_role("dialog").get_by_role("textbox", name="Title")
    expect(title).to_have_value("picture 003", timeout=30_000)
    expect(page).to_have_url(re.compile("picture=[0-9a-f]{32}"))
    page.keyboard.press("Escape")
    expect(page).not_to_have_url(re.compile("picture=[0-9a-f]{32}"))
    page.reload()
    expect(titles(gallery)).to_have_count(5, timeout=30_000)
    expect(field).to_have_value("picture 00")
    gallery.get_by_role("button", name="Clear all").click()
    expect(gallery.locator(".total")).to_have_text(str(total))
    gallery.get_by_role("button", name="5 stars", exact=True).click()
    expect(titles(gallery)).to_have_text(["picture 007"])
    gallery.get_by_role("group", name="Colours").get_by_role("button", name="Blue").click()
    expect(page).to_have_url(re.compile("color=blue"))


def test_an_address_that_makes_no_sense_is_asked_once_and_can_be_left(page: Page, server: str):
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{server}/gallery?complexity=9")
    gallery = page.get_by_test_id("breeder-gallery")
    expect(gallery.locator(".problem")).to_contain_text("The complexity is 1 to 5", timeout=60_000)
    page.wait_for_timeout(2_500)  # what the server could not answer is tried again after 2 s
    assert len([url for url in asked if "/gallery/pictures?" in url]) == 1
    gallery.get_by_role("button", name="Show all pictures").click()
    expect(gallery.locator(".tile[data-picture]").first).to_be_visible()
    expect(gallery.locator(".problem")).to_be_hidden()


def test_endless_scrolling_needs_few_elements_and_ends_with_the_last_picture(
    gallery: Locator, page: Page
):
    expect(titles(gallery).first).to_be_visible()
    for _ in range(4):
        gallery.locator(".tile[data-picture] .open").first.focus()
        page.keyboard.press("End")
        page.wait_for_timeout(150)
    box = gallery.locator(".wall").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 200, 500)
    for _ in range(60):
        page.mouse.wheel(0, 3000)
        if gallery.get_by_text(f"picture {COUNT - 1:03}").count():
            break
        page.wait_for_timeout(100)
    last = gallery.locator(".tile", has=page.get_by_text(f"picture {COUNT - 1:03}"))
    expect(last).to_be_in_viewport()
    expect(last.locator("img")).to_have_js_property("complete", True)
    assert gallery.locator(".tile").count() < 100
    page.keyboard.press("Tab")
    shown = titles(gallery).all_inner_texts()
    assert len(set(shown)) == len(shown), "no picture is shown twice"


def test_favourites_of_two_runs_are_bred_together_and_stand_as_parents(
    gallery: Locator, page: Page, store: Store
):
    gallery.get_by_label("Search the gallery").fill("best")
    expect(titles(gallery)).to_have_count(2)
    select(gallery, "best of owls", "best of moths")
    expect(gallery.get_by_text("2 selected")).to_be_visible()
    gallery.get_by_role("button", name="Breed together").click()
    grid = page.locator(GRID)
    expect(grid).to_have_attribute("data-decoded", "true", timeout=60_000)
    expect(grid).to_have_attribute("data-number", "0")
    run = store.run(page.url.split("run=")[1][:32])
    first = store.current(run.id)
    assert first is not None
    chosen = {kept.genome for kept in store.favourites() if kept.title.startswith("best of")}
    assert {child.genome for child in first.children[:2]} == chosen
    parents = {parent for child in first.children[2:] for parent in child.parents}
    assert parents == chosen


def test_what_is_said_of_a_picture_is_saved_though_the_server_is_away_for_a_moment(
    gallery: Locator, page: Page, store: Store
):
    failed: list[str] = []

    def flaky(route: Route) -> None:
        if len(failed) < 2:
            failed.append(route.request.url)
            route.abort()
        else:
            route.continue_()

    gallery.get_by_label("Search the gallery").fill("best of owls")
    expect(titles(gallery)).to_have_count(1)
    gallery.get_by_role("button", name="Open best of owls").click()
    card = page.get_by_test_id("breeder-card")
    expect(card.get_by_role("button", name="Kept")).to_be_visible(timeout=30_000)
    page.route("**/gallery/change", flaky)
    card.get_by_role("radio", name="4 stars").click()
    card.get_by_label("Description").fill("Two eyes,\n<b>one</b> beak")
    card.get_by_placeholder("Add a tag").fill("Bird")
    card.get_by_placeholder("Add a tag").press("Enter")
    card.get_by_role("switch", name="Published").click()
    card.get_by_role("textbox", name="Title").fill("best of <i>owls</i>")
    expect(card.get_by_text("Saved", exact=True)).to_be_visible(timeout=20_000)
    assert len(failed) == 2
    (entry,) = store.gallery(Search(text="owls")).entries
    assert (entry.title, entry.description) == (
        "best of <i>owls</i>",
        "Two eyes,\n<b>one</b> beak",
    )
    assert (entry.tags, entry.stars) == (("bird", "bred"), 4)
    assert entry.published_at is not None

    expect(card.get_by_role("button", name=re.compile("Open picture")).first).to_be_visible()
    homes = card.locator(".homes")
    expect(homes.locator("summary")).to_have_text(re.compile("Lives in [23] grids"))
    page.keyboard.press("Escape")
    expect(titles(gallery)).to_have_text(["best of <i>owls</i>"])
    expect(gallery.locator(".tile:not([hidden]) .published")).to_be_visible()
    gallery.locator(".open").first.click()
    card.get_by_role("button", name="owls, generation 1").click()
    expect(page.locator(GRID)).to_have_attribute("data-number", "1", timeout=30_000)
    expect(page.get_by_role("textbox", name="Run", exact=True)).to_have_value("owls")


def test_an_edit_that_the_server_has_not_answered_outlives_a_reload(
    gallery: Locator, page: Page, store: Store
):
    gallery.get_by_label("Search the gallery").fill("best of moths")
    expect(titles(gallery)).to_have_count(1)
    gallery.get_by_role("button", name="Open best of moths").click()
    card = page.get_by_test_id("breeder-card")
    expect(card.get_by_role("button", name="Kept")).to_be_visible(timeout=30_000)
    page.route("**/gallery/change", lambda route: route.abort())
    card.get_by_role("radio", name="2 stars").click()
    expect(card.get_by_text("Not saved yet")).to_be_visible()
    page.unroute("**/gallery/change")
    page.reload()  # the picture opens again, and the edit goes out by itself
    expect(card.get_by_role("radio", name="2 stars")).to_be_checked(timeout=30_000)
    for _ in range(100):
        (entry,) = store.gallery(Search(text="moths")).entries
        if entry.stars == 2:
            break
        page.wait_for_timeout(100)
    assert entry.stars == 2


def test_several_are_tagged_exported_removed_and_brought_back(
    gallery: Locator, page: Page, tmp_path: Path
):
    total = int(found(gallery))
    gallery.get_by_label("Search the gallery").fill("picture 02")
    expect(titles(gallery)).to_have_count(10)
    names = [f"picture {number:03}" for number in (21, 23, 26)]
    select(gallery, *names)
    gallery.get_by_role("button", name="Tag", exact=True).click()
    gallery.get_by_label("Tags for the selected").fill("chosen, few")
    gallery.get_by_role("button", name="Add", exact=True).click()
    expect(gallery.get_by_text("Tagged 3 pictures: chosen, few.")).to_be_visible()
    expect(gallery.locator(".words", has_text="chosen, day, few")).to_have_count(3)

    gallery.get_by_role("button", name="Export").click()
    with page.expect_download() as download:
        gallery.get_by_role("button", name="Make the zip").click()
    path = tmp_path / "three.zip"
    download.value.save_as(path)
    assert download.value.suggested_filename == "3 pictures.zip"
    assert {each.title for each in load_documents(path)} == set(names)
    page.keyboard.press("Escape")

    gallery.get_by_role("button", name="Remove", exact=True).click()
    expect(titles(gallery)).to_have_count(7)
    expect(gallery.locator(".total")).to_have_text(f"7 of {total - 3}")
    gallery.get_by_role("button", name="Undo").click()
    expect(titles(gallery)).to_have_count(10)
    expect(gallery.locator(".words", has_text="chosen, day, few")).to_have_count(3)

    tile = gallery.locator(".tile", has=page.get_by_text("picture 020", exact=True))
    tile.get_by_role("button", name="Rename picture 020").click()
    page.keyboard.type("rc <b>dusk</b>")  # R and C are keys of Streamlit
    page.keyboard.press("Enter")
    expect(titles(gallery).filter(has_text="rc <b>dusk</b>")).to_have_count(1)
    page.locator("input[type=file]").set_input_files(path)
    expect(page.locator(GRID)).to_have_attribute("data-decoded", "true", timeout=30_000)
    expect(page.get_by_role("textbox", name="Run", exact=True)).to_have_value("three")
