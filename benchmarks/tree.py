"""Does a family tree of 5,000 pictures pan and zoom as well as one of 100?

Two databases from one seed, a server for each, one Chromium without a GPU; all pictures of the
trees are shown, not the picked ones alone. A person drags the tree to and fro near its end, from
half afar and with the whole in view, and turns the wheel in and out, in both trees by turns; the
browser's own clock tells the time of every frame.
Run: python -m benchmarks.tree [number of grids]
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import numpy as np
from playwright.sync_api import Locator, Page, sync_playwright

from benchmarks.large_store import make
from benchmarks.machine import describe_machine
from benchmarks.rows import Row, Sample, number
from breeder.store import Store
from tests.browser.chromium import FLAGS, find_chromium
from tests.server import running_app

GRIDS = {"few": 8, "many": 385}  # of 15 pictures, two of them kept ones
ROUNDS = 6
SETTLE_MS = 1200  # until the thumbnails that came into view have come
STEPS = 60
GOAL = 1.5
SMOOTH_MS = 34.0  # two frames of a screen of 60 Hz

TREE = "[data-testid=breeder-tree][data-ready=run]"
WATCH = """
() => {
  window.breederFrames = [];
  let before = performance.now();
  const next = (now) => {
    window.breederFrames.push(now - before);
    before = now;
    window.breederWatch = requestAnimationFrame(next);
  };
  window.breederWatch = requestAnimationFrame(next);
}
"""
SEEN = "() => { cancelAnimationFrame(window.breederWatch); return window.breederFrames.slice(2); }"


def drag(page: Page, paper: Locator) -> list[float]:
    """Drag the tree to and fro; return the milliseconds of each frame."""
    box = paper.bounding_box()
    assert box is not None
    x, y = box["x"] + 0.7 * box["width"], box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.evaluate(WATCH)
    for step in range(STEPS):
        far = step if step < STEPS / 2 else STEPS - step
        page.mouse.move(x - 14 * far, y + step % 5)
    frames = page.evaluate(SEEN)
    page.mouse.up()
    return list(map(float, frames))


def wheel(page: Page, paper: Locator) -> list[float]:
    """Zoom out and in again; return the milliseconds of each frame."""
    box = paper.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.evaluate(WATCH)
    for step in range(STEPS):
        page.mouse.wheel(0, 60 if step < STEPS / 2 else -60)
    return list(map(float, page.evaluate(SEEN)))


def one_round(page: Page) -> dict[str, list[float]]:
    """Return the frames of a round: panned near, half afar and afar, and zoomed."""
    paper = page.locator(f"{TREE} .paper")
    frames: dict[str, list[float]] = {"pan": [], "zoom": []}
    for act in ("now", "out", "out", "fit"):
        page.locator(f'{TREE} [data-act="{act}"]').click()
        page.wait_for_timeout(SETTLE_MS)
        frames["pan"] += drag(page, paper)
    page.locator(f'{TREE} [data-act="now"]').click()
    page.wait_for_timeout(SETTLE_MS)
    frames["zoom"] += wheel(page, paper)
    return frames


@contextmanager
def opened_trees() -> Iterator[dict[str, Page]]:
    """Open both trees, each on a server of its own, in one browser."""
    with ExitStack() as stack:
        playwright = stack.enter_context(sync_playwright())
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=list(FLAGS))
        stack.callback(browser.close)
        pages = {}
        for name, grids in GRIDS.items():
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            make(folder / "breeder.db", runs=1, grids=grids, entries=10)
            with Store.open(f"sqlite:///{folder / 'breeder.db'}") as store:
                run = store.runs()[0].id
            url = stack.enter_context(running_app(folder))
            page = pages[name] = browser.new_page(viewport={"width": 1440, "height": 900})
            page.goto(f"{url}/tree?run={run}")
            page.locator(TREE).wait_for()
            page.locator(f'{TREE} [data-act="all"]').click()
            print(f"{name}: {page.locator(f'{TREE} .count').text_content()}")
        yield pages


def measure(pages: dict[str, Page], rounds: int) -> dict[str, dict[str, list[float]]]:
    """Return the frames of each tree, by what was done; the first round is not counted."""
    found = {name: {"pan": list[float](), "zoom": list[float]()} for name in pages}
    for turn in range(rounds + 1):
        for name, page in pages.items():
            page.bring_to_front()
            for what, frames in one_round(page).items():
                if turn:
                    found[name][what] += frames
    return found


def rows() -> Iterable[Row]:
    """Yield how a frame of the large tree compares with one of the small."""
    with opened_trees() as pages:
        found = measure(pages, ROUNDS)
    report(found)
    for what in ("pan", "zoom"):
        many, few = found["many"][what], found["few"][what]
        late, early = float(np.quantile(many, 0.95)), float(np.quantile(few, 0.95))
        ratio = float(np.mean(many) / np.mean(few))
        yield Row(
            promise=f"tree-{what}",
            measured=f"{number(float(np.mean(many)))} ms",
            spread=Sample(tuple(many)).spread,
            peer=f"100 pictures: {number(float(np.mean(few)))} ms",
            ratio=number(ratio),
            met=ratio <= GOAL and late <= max(SMOOTH_MS, early),
            note=f"95 % within {number(late)} ms, with 100 pictures {number(early)} ms",
        )


def report(found: dict[str, dict[str, list[float]]]) -> None:
    """Print the figures."""
    print(f"{'':<16}{'mean':>8}{'median':>9}{'p95':>8}{'p99':>8}   ms a frame")
    for name, kinds in found.items():
        for what, frames in kinds.items():
            middle, late, last = np.quantile(frames, [0.5, 0.95, 0.99])
            mean = float(np.mean(frames))
            print(f"{name + ', ' + what:<16}{mean:>8.1f}{middle:>9.1f}{late:>8.1f}{last:>8.1f}")


def main() -> None:
    """Print the table."""
    if len(sys.argv) > 1:
        GRIDS["many"] = int(sys.argv[1])
    print("A family tree panned and zoomed in Chromium, all pictures shown")
    print(describe_machine())
    before = os.getloadavg()[0]
    with opened_trees() as pages:
        found = measure(pages, ROUNDS)
    print(f"load {before:.1f} before, {os.getloadavg()[0]:.1f} after")
    report(found)


if __name__ == "__main__":
    main()
