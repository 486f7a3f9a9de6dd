"""How long from Evolve pressed to the next grid decoded in the browser?

Compared with the same page when its pictures are already drawn and stored: back and forward, which
only read. And with a server that breeds nothing ahead: two servers, asked in turns, in one run, in
one Chromium. The person of this benchmark looks for a second between the last pick and Evolve.
Run: python -m benchmarks.page [number of presses]
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import numpy as np
from playwright.sync_api import Page, sync_playwright

from benchmarks.machine import describe_machine
from benchmarks.rows import Row, Sample, number
from tests.browser.chromium import FLAGS, find_chromium
from tests.server import running_app

LOOK_MS = 1000
PAUSE_MS = 300
ROUNDS = 30
WARM_UP = 2  # rounds that are not counted
SERVERS = {"bred ahead": "1", "bred when asked": "0"}

GRID = "[data-testid=breeder-grid][data-decoded=true]"

# Waits for the grid to be swapped in, and reads both marks from the browser's own clock.
PRESS = """
async ([key, kind]) => {
  const arrived = new Promise((resolve) =>
    window.addEventListener("breeder:shown", (event) => resolve(event.detail), { once: true }));
  const press = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true });
  document.body.dispatchEvent(press);
  const { generation } = await arrived;
  const last = (name) => performance.getEntriesByName(name).at(-1).startTime;
  return last(`breeder:shown:${generation}`) - last(`breeder:action:${kind}`);
}
"""


def press(page: Page, key: str, kind: str) -> float:
    """Return the milliseconds from a key pressed to the next grid shown."""
    return float(page.evaluate(PRESS, [key, kind]))


def pick(page: Page, slot: int) -> None:
    """Pick a tile and wait until the server has it."""
    page.locator(f'.pick[data-slot="{slot}"]').click()
    page.locator(f'.pick[data-slot="{slot}"][data-saved=true]').wait_for()


def one_round(page: Page, rng: np.random.Generator) -> tuple[float, list[float]]:
    """Pick two, look, evolve, go back and forward; return the times of fresh and stored grids."""
    for slot in rng.choice(15, size=2, replace=False):
        pick(page, int(slot))
    page.wait_for_timeout(LOOK_MS)
    fresh = press(page, "Enter", "evolve")
    stored = []
    for key, kind in (("z", "back"), ("y", "forward")):
        page.wait_for_timeout(PAUSE_MS)
        stored.append(press(page, key, kind))
    page.wait_for_timeout(PAUSE_MS)
    return fresh, stored


def measure(pages: dict[str, Page], rounds: int) -> dict[str, list[float]]:
    """Return the times of fresh grids by server, and of stored ones."""
    rng = np.random.default_rng(0)
    times: dict[str, list[float]] = {name: [] for name in (*pages, "stored")}
    for turn in range(rounds):
        for name, page in pages.items():
            fresh, stored = one_round(page, rng)
            if turn >= WARM_UP:
                times[name].append(fresh)
                times["stored"] += stored
    return times


@contextmanager
def opened_pages() -> Iterator[dict[str, Page]]:
    """Open the page on a server of each kind, in one browser."""
    with ExitStack() as stack:
        playwright = stack.enter_context(sync_playwright())
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=list(FLAGS))
        stack.callback(browser.close)
        pages = {}
        for name, ahead in SERVERS.items():
            os.environ["BREEDER_AHEAD"] = ahead
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            url = stack.enter_context(running_app(folder))
            pages[name] = browser.new_page(viewport={"width": 1440, "height": 900})
            pages[name].goto(url)
            pages[name].locator(GRID).wait_for()
        yield pages


def rows() -> Iterable[Row]:
    """Yield how fresh grids compare with stored ones, and print what breeding ahead saves."""
    with opened_pages() as pages:
        times = measure(pages, ROUNDS)
    report(times)
    for promise, share, goal in (("evolve-median", 0.5, 1.5), ("evolve-p95", 0.95, 2.0)):
        fresh, asked, stored = (float(np.quantile(each, share)) for each in times.values())
        ratio = fresh / stored
        yield Row(
            promise=promise,
            measured=f"{number(fresh)} ms",
            spread=Sample(tuple(times["bred ahead"])).spread if share == 0.5 else "",
            peer=f"stored pictures: {number(stored)} ms",
            ratio=number(ratio),
            met=ratio <= goal,
            note=f"{number(asked)} ms ({number(asked / stored)} x) with nothing bred ahead",
        )


def report(times: dict[str, list[float]]) -> None:
    """Print the figures."""
    floor = np.quantile(times["stored"], [0.5, 0.95])
    print(f"{'':<20}{'median':>10}{'p95':>10}   ms{'to stored':>14}{'p95':>8}")
    for name, values in times.items():
        middle, late = np.quantile(values, [0.5, 0.95])
        ratios = f"{middle / floor[0]:>14.2f}{late / floor[1]:>8.2f}"
        print(f"{name:<20}{middle:>10.0f}{late:>10.0f}     {ratios}")


def main() -> None:
    """Print the table."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    print("From the key to 15 tiles of 256 pixels decoded and shown, in Chromium")
    print(describe_machine())
    before = os.getloadavg()[0]
    with opened_pages() as pages:
        times = measure(pages, rounds)
    print(f"load {before:.1f} before, {os.getloadavg()[0]:.1f} after")
    report(times)


if __name__ == "__main__":
    main()
