"""The autopilot as a person uses it: started, watched in the strip, stepped back into, stopped."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from breeder import BreederSettings, Store
from breeder.breeder import Breeder
from tests.server import ServerError, running_app

GRID = "[data-testid=breeder-grid]"
AUTOPILOT = "[data-testid=breeder-autopilot]"
STEP = 60_000


@dataclass(frozen=True, kw_only=True)
class Owls:
    """A run of two grids of nine, in the server's database."""

    folder: Path
    run: str

    def store(self) -> Store:
        return Store.open(f"sqlite:///{self.folder / 'breeder.db'}")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("autopilot")


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[str]:
    try:
        with running_app(folder) as url:
            yield url
    except ServerError as error:
        pytest.fail(str(error), pytrace=False)


@pytest.fixture
def bred(folder: Path, server: str) -> Owls:
    settings = BreederSettings(population=9, screening=False)
    with Store.open(f"sqlite:///{folder / 'breeder.db'}") as store:
        breeder = Breeder.begin(store, settings=settings, seed=7)
        breeder.tell([2])
        return Owls(folder=folder, run=breeder.run_id)


def opened(page: Page, server: str, bred: Owls) -> tuple[Locator, Locator]:
    """Open the run; return the grid and the autopilot below it."""
    page.goto(f"{server}/?run={bred.run}")
    grid, autopilot = page.locator(GRID), page.locator(AUTOPILOT)
    expect(grid).to_have_attribute("data-decoded", "true", timeout=STEP)
    expect(autopilot).to_be_visible(timeout=STEP)
    return grid, autopilot


def start(autopilot: Locator, generations: int) -> None:
    autopilot.get_by_role("button", name="Autopilot", exact=True).click()
    autopilot.get_by_label("Generations, as a number").fill(str(generations))
    autopilot.get_by_role("button", name=f"Breed {generations} generation").click()


def frames(autopilot: Locator) -> list[int]:
    return [int(text) for text in autopilot.locator(".frame .number").all_text_contents()]


def check_pictures(autopilot: Locator, bred: Owls) -> None:
    """A frame shows what was chosen in its grid."""
    with bred.store() as store:
        way = store.way(store.tree(bred.run)[-1].id)
    shown = (
        autopilot.locator(".frame")
        .nth(2)
        .locator("img")
        .evaluate_all(
            "images => images.map((image) => [image.complete && image.naturalWidth, image.src])"
        )
    )
    assert [width for width, _ in shown] == [160] * len(way[4].bred_from)
    for (_, address), slot in zip(shown, way[4].bred_from, strict=True):
        assert f"/picture/{way[3].genome_ids[slot]}.jpg" in address


def carry_on_by_hand(page: Page, grid: Locator, autopilot: Locator, bred: Owls) -> None:
    """From the middle: a branch of its own, whose strip ends there."""
    expect(grid).to_have_attribute("data-decoded", "true", timeout=STEP)
    page.locator(".pick").nth(4).click()
    page.get_by_role("button", name="Evolve 1 pick").click()
    expect(grid).to_have_attribute("data-number", "3", timeout=STEP)
    expect(grid.locator(".status")).not_to_contain_text("autopilot")
    expect(autopilot.locator(".frame")).to_have_count(2)
    assert frames(autopilot) == [1, 2]
    with bred.store() as store:
        tree = store.tree(bred.run)
    assert [each.automatic for each in tree] == [False, False, True, True, True, False]


def check_tree(page: Page) -> None:
    """The family tree says in words what the autopilot bred, and of nothing else."""
    page.get_by_role("link", name="Family tree").click()
    tree = page.locator("[data-testid=breeder-tree]")
    expect(tree).to_have_attribute("data-ready", "run", timeout=STEP)
    for number, by_autopilot in (("1", False), ("2", True)):
        tree.get_by_label("Go to a generation or picture").fill(number)
        page.keyboard.press("Enter")
        expect(tree.locator(".picture h3")).to_have_text(f"Generation {number}")
        expect(tree.locator(".automatic")).to_be_visible(visible=by_autopilot)


def test_breeding_by_itself_and_stepping_back_into_it(
    page: Page, browser: Browser, server: str, bred: Owls
) -> None:
    grid, autopilot = opened(page, server, bred)
    other = browser.new_context().new_page()
    there, beside = opened(other, server, bred)
    expect(autopilot.locator(".film")).to_be_hidden()
    start(autopilot, 3)
    expect(autopilot.locator(".film")).to_be_in_viewport(timeout=STEP)
    # The grid follows to the last one in the tab that stayed, and in no other.
    expect(grid).to_have_attribute("data-number", "4", timeout=STEP)
    expect(grid.locator(".status")).to_contain_text("Bred by the autopilot")
    expect(autopilot.locator(".said")).to_have_text("Bred 3 generations.")
    expect(there).to_have_attribute("data-number", "1")
    assert frames(autopilot) == [1, 2, 3, 4]
    expect(autopilot.locator(".frame [aria-current]")).to_have_text("4")
    expect(autopilot.locator(".film")).to_have_attribute("data-growing", "false")
    check_pictures(autopilot, bred)

    # The other tab hears of it when it is looked at again; it may go there itself.
    beside.evaluate("() => document.dispatchEvent(new Event('visibilitychange'))")
    other.on("pageerror", lambda error: pytest.fail(str(error)))
    go_there = beside.get_by_role("button", name="Go to generation 4")
    go_there.click()
    expect(there).to_have_attribute("data-number", "4", timeout=STEP)
    expect(go_there).to_be_hidden()
    other.context.close()

    # Arrow keys along the strip, Enter to a frame; the whole strip stays, after a reload too.
    autopilot.locator(".frame [aria-current]").focus()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")
    expect(grid).to_have_attribute("data-number", "2", timeout=STEP)
    expect(autopilot.locator(".frame [aria-current]")).to_have_text("2")
    assert frames(autopilot) == [1, 2, 3, 4]
    page.reload()
    expect(autopilot.locator(".frame [aria-current]")).to_have_text("2", timeout=STEP)
    assert frames(autopilot) == [1, 2, 3, 4]

    carry_on_by_hand(page, grid, autopilot, bred)
    check_tree(page)


def test_who_moves_on_is_not_led_away_and_stopping_keeps_what_was_bred(
    page: Page, server: str, bred: Owls
) -> None:
    grid, autopilot = opened(page, server, bred)
    number = int(grid.get_attribute("data-number") or "")
    start(autopilot, 50)
    expect(autopilot.locator(".said")).to_contain_text("of 50 bred", timeout=STEP)
    expect(autopilot.get_by_role("progressbar")).to_be_visible()
    page.locator(".pick").nth(3).click()  # who picks has not gone away, but is at work here
    page.get_by_role("button", name="Evolve 1 pick").click()
    expect(grid).to_have_attribute("data-number", str(number + 1), timeout=STEP)
    mine = grid.get_attribute("data-generation")
    autopilot.get_by_role("button", name="Stop").click()
    expect(autopilot.locator(".said")).to_contain_text("Stopped after", timeout=STEP)
    expect(grid).to_have_attribute("data-generation", mine or "")
    with bred.store() as store:
        current = store.current(bred.run)
        assert current is not None
        assert current.id == mine
        kept = [each.id for each in store.tree(current.run_id) if each.automatic]
    go_there = autopilot.get_by_role("button", name="Go to generation")
    go_there.click()
    expect(autopilot.locator(".frame [aria-current]")).to_have_attribute("data-frame", kept[-1])
    expect(grid).to_have_attribute("data-generation", kept[-1], timeout=STEP)
    page.set_viewport_size({"width": 400, "height": 800})
    page.reload()
    expect(grid).to_have_attribute("data-decoded", "true", timeout=STEP)
    autopilot.locator(".film").scroll_into_view_if_needed()
    expect(autopilot.locator(".frame [aria-current]")).to_be_in_viewport()
    start_button = autopilot.get_by_role("button", name="Autopilot", exact=True)
    start_button.click()
    wide = page.evaluate("() => document.documentElement.scrollWidth - innerWidth")
    assert wide <= 0
    expect(autopilot.locator(".words")).to_contain_text("novelty alone")
    page.keyboard.press("Escape")
    expect(autopilot.locator(".form")).to_be_hidden()
    expect(start_button).to_be_focused()
