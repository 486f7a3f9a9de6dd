"""The server goes and comes back under an open page: what was clicked meanwhile is kept."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.server import free_port, start, stop

GRID = "[data-testid=breeder-grid]"
PATIENCE = 60_000  # ms; the machine may be busy

PICKED = (
    "SELECT individuals.slot FROM picks"
    " JOIN individuals ON individuals.id = picks.individual_id"
    " JOIN generations ON generations.id = individuals.generation_id"
    " WHERE generations.public_id = ? ORDER BY individuals.slot"
)


class Mortal:
    """A server that can be killed and started again on the same port and database."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> str:
        self.process, url = start(self.folder, port=self.port)
        return url

    def kill(self) -> None:
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def picks(self, generation: str) -> list[int]:
        with sqlite3.connect(self.folder / "breeder.db") as database:
            return [slot for (slot,) in database.execute(PICKED, (generation,))]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Mortal]:
    mortal = Mortal(tmp_path)
    yield mortal
    if mortal.process is not None:
        stop(mortal.process)


def tile(page: Page, slot: int) -> Locator:
    return page.locator(f'.pick[data-slot="{slot}"]')


def open_page(page: Page, url: str) -> str:
    """Open the page; return the token of its grid."""
    page.goto(url)
    expect(page.locator(GRID)).to_have_attribute("data-decoded", "true", timeout=PATIENCE)
    return page.locator(GRID).get_attribute("data-generation") or ""


@pytest.mark.timeout(240)
def test_picks_clicked_while_the_server_is_down_are_stored_when_it_is_back(
    page: Page, server: Mortal
) -> None:
    generation = open_page(page, server.start())
    tile(page, 1).click()
    expect(tile(page, 1)).to_have_attribute("data-saved", "true", timeout=PATIENCE)
    server.kill()
    status = page.locator(f"{GRID} .status")
    expect(status).to_contain_text("Not connected")
    tile(page, 3).click()
    tile(page, 1).click()
    expect(status).to_have_text("Not connected: 2 picks wait to be stored.")
    expect(tile(page, 3)).to_have_attribute("data-saved", "false")
    server.start()
    expect(tile(page, 3)).to_have_attribute("data-saved", "true", timeout=PATIENCE)
    expect(tile(page, 1)).to_have_attribute("aria-pressed", "false")
    expect(status).not_to_contain_text("stored")
    assert server.picks(generation) == [3]


@pytest.mark.timeout(240)
def test_the_first_click_after_a_restart_is_not_lost(page: Page, server: Mortal) -> None:
    generation = open_page(page, server.start())
    server.kill()
    server.start()
    status = page.locator(f"{GRID} .status")
    expect(status).not_to_contain_text("Not connected", timeout=PATIENCE)
    tile(page, 4).click()
    expect(tile(page, 4)).to_have_attribute("data-saved", "true", timeout=PATIENCE)
    assert server.picks(generation) == [4]


@pytest.mark.timeout(240)
def test_evolve_as_the_first_press_after_a_restart_breeds_once(page: Page, server: Mortal) -> None:
    generation = open_page(page, server.start())
    tile(page, 2).click()
    expect(tile(page, 2)).to_have_attribute("data-saved", "true", timeout=PATIENCE)
    server.kill()
    server.start()
    expect(page.locator(f"{GRID} .status")).not_to_contain_text("Not connected", timeout=PATIENCE)
    page.keyboard.press("Enter")
    expect(page.locator(GRID)).to_have_attribute("data-number", "1", timeout=PATIENCE)
    expect(page.locator(GRID)).to_have_attribute("data-busy", "false", timeout=PATIENCE)
    with sqlite3.connect(server.folder / "breeder.db") as database:
        assert database.execute("SELECT count(*) FROM generations").fetchall() == [(2,)]
    assert server.picks(generation) == [2]
