"""How long from Evolve pressed to the next grid decoded in the browser?

Compared with the same page when its pictures are already drawn and stored: back and forward, which
only read. Both in one run, in Chromium, on a server of their own.
Run: python -m benchmarks.page [number of presses]
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import numpy as np
from playwright.sync_api import Page, sync_playwright

from benchmarks.machine import describe_machine
from tests.browser.chromium import FLAGS, find_chromium
from tests.server import running_app

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


def measure(page: Page, url: str, presses: int) -> dict[str, list[float]]:
    """Return the times of fresh grids, and of stored ones."""
    page.goto(url)
    page.locator(GRID).wait_for()
    times: dict[str, list[float]] = {"fresh": [], "stored": []}
    rng = np.random.default_rng(0)
    for _ in range(presses):
        for slot in rng.choice(15, size=2, replace=False):
            pick(page, int(slot))
        page.wait_for_timeout(300)
        times["fresh"].append(press(page, "Enter", "evolve"))
        page.wait_for_timeout(300)
        times["stored"].append(press(page, "z", "back"))
        page.wait_for_timeout(300)
        times["stored"].append(press(page, "y", "forward"))
        page.wait_for_timeout(300)
    return {name: values[2:] for name, values in times.items()}  # the first ones warm up


def main() -> None:
    """Print the table."""
    presses = int(sys.argv[1]) if len(sys.argv) > 1 else 30
    print("From the key to 15 tiles of 256 pixels decoded and shown, in Chromium")
    print(describe_machine())
    with (
        tempfile.TemporaryDirectory() as folder,
        running_app(Path(folder)) as url,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=list(FLAGS))
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        times = measure(page, url, presses)
        browser.close()
    print(f"{'':<28}{'median':>10}{'p95':>10}   ms")
    for name, values in times.items():
        print(f"{name:<28}{np.median(values):>10.0f}{np.quantile(values, 0.95):>10.0f}")
    fresh, stored = (np.array(times[name]) for name in ("fresh", "stored"))
    print(
        f"{'fresh / stored':<28}{np.median(fresh) / np.median(stored):>10.2f}"
        f"{np.quantile(fresh, 0.95) / np.quantile(stored, 0.95):>10.2f}"
    )


if __name__ == "__main__":
    main()
