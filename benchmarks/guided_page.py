"""How much longer does Evolve take where a learnt taste chooses among hundreds of children?

From the key to 15 tiles decoded in the browser, in turns on one page with a taste and one without,
on a server that breeds ahead and on one that does not, in one Chromium. The person picks the two
warmest pictures of each grid, by the pixels on the page, so that the taste stays trusted, and looks
for a second before Evolve.
Run: python -m benchmarks.guided_page [number of rounds]
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
from benchmarks.page import GRID, LOOK_MS, PAUSE_MS, SERVERS, WARM_UP, pick, press
from benchmarks.rows import Row, Sample, number
from breeder import BreederSettings, Store
from breeder.breeder import Breeder
from breeder.looks import draw_small
from breeder.taste.person import Person
from tests.browser.chromium import FLAGS, find_chromium
from tests.server import running_app

ROUNDS = 22
LESSONS = 14  # choices that the taste is learnt from before the first round
TASTES = {"guided": True, "unguided": False}

# Red over blue of each tile, as the browser decoded it.
WARMTH = """
(grid) => [...grid.querySelectorAll(".pick img")].map((image) => {
  const context = new OffscreenCanvas(8, 8).getContext("2d");
  context.drawImage(image, 0, 0, 8, 8);
  const { data } = context.getImageData(0, 0, 8, 8);
  return data.reduce((sum, value, at) => sum + [value, 0, -value, 0][at % 4], 0);
})
"""

Times = dict[tuple[str, str], list[float]]


def teach(store: Store) -> dict[str, str]:
    """Breed a run by warmth; return the address of a run with the taste and of one without."""
    breeder = Breeder.begin(store, seed=4)
    for _ in range(LESSONS):
        drawings = draw_small([child.genome for child in breeder.ask().children]).astype(float)
        warmth = (drawings[..., 0] - drawings[..., 2]).mean(axis=(1, 2))
        breeder.tell([int(slot) for slot in np.argsort(-warmth)[:2]])
    person = Person(store)
    try:
        if not person.learn().trusted:
            raise RuntimeError("The taste was not learnt, so nothing can be measured.")
    finally:
        person.close()
    found = {}
    for name, guided in TASTES.items():
        run = Breeder.begin(store, name=name, settings=BreederSettings(guided=guided), seed=7)
        found[name] = f"?run={run.run_id}"
    return found


def one_round(page: Page, *, guided: bool) -> float:
    """Pick the two warmest, look, and return the milliseconds from Evolve to the next grid."""
    warmth = page.locator(GRID).evaluate(WARMTH)
    for slot in np.argsort(-np.array(warmth))[:2]:
        pick(page, int(slot))
    page.wait_for_timeout(LOOK_MS)
    taken = press(page, "Enter", "evolve")
    if bool(page.locator(".why").filter(visible=True).count()) != guided:
        raise RuntimeError("A grid was guided, or not, against what its run asks for.")
    page.wait_for_timeout(PAUSE_MS)
    return taken


def measure(pages: dict[tuple[str, str], Page], rounds: int) -> Times:
    """Return the times by server and run."""
    times: Times = {key: [] for key in pages}
    for turn in range(rounds):
        for key, page in pages.items():
            page.bring_to_front()
            taken = one_round(page, guided=TASTES[key[1]])
            if turn >= WARM_UP:
                times[key].append(taken)
    return times


@contextmanager
def opened_pages() -> Iterator[dict[tuple[str, str], Page]]:
    """Open both runs on a server of each kind, in one browser, the taste learnt."""
    with ExitStack() as stack:
        playwright = stack.enter_context(sync_playwright())
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=list(FLAGS))
        stack.callback(browser.close)
        pages = {}
        for server, ahead in SERVERS.items():
            os.environ["BREEDER_AHEAD"] = ahead
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            with Store.open(f"sqlite:///{folder / 'breeder.db'}") as store:
                addresses = teach(store)
            url = stack.enter_context(running_app(folder))
            for run, address in addresses.items():
                page = browser.new_page(viewport={"width": 1440, "height": 900})
                page.goto(f"{url}/{address}")
                page.locator(GRID).wait_for(timeout=60_000)
                pages[server, run] = page
        for (_, run), page in pages.items():  # the first grids: the taste is read meanwhile
            page.wait_for_timeout(5_000 if run == "guided" else 0)
        yield pages


def rows() -> Iterable[Row]:
    """Yield how guided grids compare with unguided ones."""
    with opened_pages() as pages:
        times = measure(pages, ROUNDS)
    report(times)
    asked = [float(np.median(times["bred when asked", run])) for run in TASTES]
    for promise, share, goal in (("guided-median", 0.5, 1.25), ("guided-p95", 0.95, 1.5)):
        guided, plain = (float(np.quantile(times["bred ahead", run], share)) for run in TASTES)
        yield Row(
            promise=promise,
            measured=f"{number(guided)} ms",
            spread=Sample(tuple(times["bred ahead", "guided"])).spread if share == 0.5 else "",
            peer=f"without a taste: {number(plain)} ms",
            ratio=number(guided / plain),
            met=guided / plain <= goal,
            note=f"{number(asked[0] / asked[1])} x with nothing bred ahead",
        )


def report(times: Times) -> None:
    """Print the figures."""
    print(f"{'':<28}{'median':>10}{'p95':>10}   ms")
    for (server, run), values in times.items():
        middle, late = np.quantile(values, [0.5, 0.95])
        print(f"{server + ', ' + run:<28}{middle:>10.0f}{late:>10.0f}")


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
