"""The page of a person's taste as a person uses it: in a real browser, on the real app."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from breeder import BreederSettings, Store
from breeder.breeder import Breeder
from tests.server import free_port, start, stop


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with Store.open(f"sqlite:///{tmp_path / 'breeder.db'}") as store:
        breeder = Breeder.begin(store, settings=BreederSettings(population=9), seed=1)
        breeder.tell([0, 3])
    return tmp_path


@pytest.fixture
def store(folder: Path) -> Iterator[Store]:
    """The server's database, which another process may read too."""
    with Store.open(f"sqlite:///{folder / 'breeder.db'}") as store:
        yield store


def shown(root: Locator) -> str:
    """Return which question is shown, once both its pictures are."""
    expect(root).to_have_attribute("data-pair", re.compile("[0-9a-f]{32}"), timeout=60_000)
    expect(root.locator(".picture img")).to_have_count(2)
    return str(root.get_attribute("data-pair"))


def after(root: Locator, question: str) -> str:
    expect(root).to_have_attribute(
        "data-pair", re.compile(f"(?!{question})[0-9a-f]{{32}}"), timeout=30_000
    )
    return shown(root)


class Compared:
    """The page with its comparison, and where its answers go."""

    def __init__(self, page: Page, store: Store) -> None:
        self.page = page
        self.store = store
        self.ab = page.get_by_test_id("breeder-ab")
        self.learnt = page.get_by_test_id("breeder-learnt")
        self.sides = [self.ab.locator(f'[data-side="{side}"] .choose') for side in (0, 1)]
        self.status = self.ab.locator(".status")

    def press(self, key: str, question: str) -> str:
        """Press a key and return which question is shown then."""
        self.page.keyboard.press(key)
        return after(self.ab, question)

    def stored(self, *preferred: int) -> None:
        """Wait until these answers are stored, and no others."""
        for _ in range(150):
            if [each.preferred for each in self.store.answers()] == list(preferred):
                return
            self.page.wait_for_timeout(200)
        assert [each.preferred for each in self.store.answers()] == list(preferred)


def test_two_pictures_are_compared_and_no_answer_is_lost(
    chromium: str, folder: Path, store: Store, page: Page
):
    port = free_port()
    process, url = start(folder, port=port)
    try:
        page.goto(f"{url}/taste")
        compared = Compared(page, store)
        chooses_leaves_and_takes_back(compared)
        stop(process)
        answers_while_the_server_is_away(compared)
        process, _ = start(folder, port=port)
        compared.stored(1, 0, 0, 0)
        expect(compared.status).not_to_contain_text("waits", timeout=30_000)
        shown(compared.ab)
        takes_the_data_away_and_forgets_it(compared)
        fits_a_phone_and_lies_behind_the_large_view(compared)
    finally:
        stop(process)


def chooses_leaves_and_takes_back(compared: Compared) -> None:
    ab, press = compared.ab, compared.press
    first = shown(ab)
    for letter, side in zip("AB", compared.sides, strict=True):
        expect(side).to_have_attribute("aria-label", re.compile(f"^{letter}: |Picture"))
    third = press("a", press("ArrowRight", first))
    compared.sides[1].click()
    fourth = after(ab, third)
    fifth = press("n", fourth)
    expect(ab.locator(".tally")).to_contain_text("3 answers")
    compared.stored(1, 0, 1)
    assert press("z", fifth) == fourth  # the one left, then the last answer
    assert press("z", fourth) == third
    expect(compared.status).to_contain_text("Taken back")
    compared.stored(1, 0)
    assert press("1", third) == fourth
    expect(ab.locator(".live")).to_have_text(re.compile("^A. 3 answers. A: .+ B: .+"))
    compared.stored(1, 0, 0)


def answers_while_the_server_is_away(compared: Compared) -> None:
    expect(compared.status).to_contain_text("Not connected", timeout=30_000)
    compared.page.keyboard.press("ArrowLeft")  # its pictures are here already
    expect(compared.ab.locator(".tally")).to_contain_text("4 answers")
    expect(compared.status).to_contain_text("1 answer waits to be stored")


def takes_the_data_away_and_forgets_it(compared: Compared) -> None:
    learnt, page = compared.learnt, compared.page
    headline, counts = learnt.locator(".headline"), learnt.locator(".counts")
    expect(headline).to_have_text("Still learning", timeout=30_000)
    expect(counts).to_contain_text("4answers", timeout=30_000)
    expect(learnt.get_by_text("You seem to like")).to_be_hidden()
    expect(learnt.get_by_role("button", name="Learn from everything again")).to_be_hidden()
    with page.expect_download() as download:
        learnt.get_by_role("link", name="Export").click()
    assert download.value.suggested_filename == "breeder-taste.json"
    plain = json.loads(Path(download.value.path()).read_text("utf-8"))
    assert len(plain["answers"]) == 4
    assert [each["picked"] for each in plain["choices"]] == [[0, 3]]

    learnt.get_by_role("button", name="Forget what was learnt").click()
    page.keyboard.press("Escape")
    learnt.get_by_role("button", name="Forget what was learnt").click()
    learnt.get_by_role("button", name="Forget", exact=True).click()
    expect(learnt.get_by_role("button", name="Forget what was learnt")).to_be_focused()
    expect(headline).to_have_text("Nothing learnt yet", timeout=30_000)
    expect(learnt.locator(".news")).to_contain_text("Forgotten: what was done before")
    learnt.get_by_role("button", name="Learn from everything again").click()
    expect(counts).to_contain_text("4answers", timeout=30_000)
    compared.stored(1, 0, 0, 0)


def fits_a_phone_and_lies_behind_the_large_view(compared: Compared) -> None:
    page, ab = compared.page, compared.ab
    page.set_viewport_size({"width": 400, "height": 800})
    upper, lower = (side.bounding_box() for side in compared.sides)
    assert upper is not None
    assert lower is not None
    assert lower["y"] > upper["y"] + upper["height"]
    assert page.evaluate("document.documentElement.scrollWidth") <= 400
    ab.get_by_role("button", name="Open B large").click()
    expect(page.get_by_role("dialog")).to_be_visible(timeout=30_000)
    page.keyboard.press("b")  # belongs to the large view, not to the pictures behind it
    page.wait_for_timeout(300)
    compared.stored(1, 0, 0, 0)
