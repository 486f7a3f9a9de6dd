"""The server is killed at any moment: what the page showed as taken is there afterwards."""

from __future__ import annotations

import os
import signal
import sqlite3
import time
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Error, Page, expect

from tests.server import free_port, start, stop

GRID = "[data-testid=breeder-grid]"
KILLS = 5

# What the page shows as taken: its generation, and the picks that carry the solid mark.
TAKEN = """
() => {
  const grid = [...document.querySelectorAll("*")]
    .map((each) => each.shadowRoot?.querySelector("[data-testid=breeder-grid]")).find(Boolean);
  if (!grid || grid.dataset.decoded !== "true") return null;
  const taken = [...grid.querySelectorAll('.pick[data-saved="true"]')]
    .map((tile) => Number(tile.dataset.slot));
  return [grid.dataset.generation, taken];
}
"""


def be_busy(page: Page, seconds: float, rng: np.random.Generator) -> tuple[str, set[int]]:
    """Pick and evolve for a while; return the last that was shown as taken."""
    shown: tuple[str, set[int]] = ("", set())
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        # Picks are only made, never taken back, so that a click on its way cannot remove one.
        free = page.locator('.pick[aria-pressed="false"]')
        if free.count() and rng.random() < 0.8:
            free.nth(int(rng.integers(free.count()))).click(no_wait_after=True, timeout=2000)
        else:
            page.keyboard.press("Enter")
        taken = page.evaluate(TAKEN)
        if taken is not None:
            shown = (taken[0], set(taken[1]))
    return shown


@pytest.mark.timeout(240)
def test_no_pick_shown_as_taken_is_lost_when_the_server_is_killed(
    browser: Browser, tmp_path: Path
) -> None:
    rng = np.random.default_rng(7)
    port = free_port()
    address = ""
    for kill in range(KILLS):
        process, url = start(tmp_path, port=port)
        context = browser.new_context()
        page = context.new_page()
        try:
            page.goto(address or url)
            expect(page.locator(GRID)).to_have_attribute("data-decoded", "true", timeout=60_000)
            shown = be_busy(page, rng.uniform(0.3, 1.5), rng)
            address = page.url
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            taken = page.evaluate(TAKEN)
            if taken is not None:
                shown = (taken[0], set(taken[1]))
        except Error as error:
            pytest.fail(f"kill {kill}: {error}")
        finally:
            stop(process)
            context.close()
        check(tmp_path / "breeder.db", *shown)


def check(path: Path, generation: str, taken: set[int]) -> None:
    """Compare what was shown as taken with what a fresh connection finds in the file."""
    with sqlite3.connect(path) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert database.execute("PRAGMA foreign_key_check").fetchall() == []
        found = database.execute(
            "SELECT individuals.slot FROM picks"
            " JOIN individuals ON individuals.id = picks.individual_id"
            " JOIN generations ON generations.id = individuals.generation_id"
            " WHERE generations.public_id = ?",
            (generation,),
        ).fetchall()
        known = database.execute(
            "SELECT count(*) FROM generations WHERE public_id = ?", (generation,)
        ).fetchone()
    assert known == (1,)
    assert taken <= {slot for (slot,) in found}
