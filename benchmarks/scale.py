"""Does every page open as fast on a database of years as on one of an evening?

Two servers: one on a run of 20 grids, one on 200 runs with 20,000 grids, 300,000 individuals and a
gallery of 10,000 (`benchmarks/large_store.py` says what is real of them). One Chromium opens each
page of both in turns. The tree of the large one is that of a run of 100 grids, five times as many
as in the small one. Then the same for the questions that pages put to the store, in CPU time.
Run: python -m benchmarks.scale [FOLDER]; databases that are in the folder are used again.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from benchmarks.large_store import GRIDS, POPULATION, RUNS, make
from benchmarks.machine import describe_machine
from benchmarks.rows import Row, Sample, number
from breeder.breeder import Breeder
from breeder.store import Search, Store
from tests.browser.chromium import FLAGS, find_chromium
from tests.server import running_app

SIZES = {"small": (1, 20, 40), "large": (RUNS, GRIDS, 10_000)}
"""Runs, grids of each, and pictures in the gallery."""

ROUNDS = 12
WARM_UP = 2  # rounds that are not counted
GOAL = 2.0
MOST_BYTES = 3_000
REPEATS = 15

PAGES = {
    "breed": ("/?run={run}", "[data-testid=breeder-grid][data-decoded=true]"),
    "runs": ("/?run={run}", "[data-testid=breeder-run-list] .row[data-current=true] img"),
    "gallery": ("/gallery?run={run}", "[data-testid=breeder-gallery] .tile img"),
    "tree": ("/tree?run={run}", "[data-testid=breeder-tree][data-ready=run]"),
}
"""The address of each page, and what is there when it is open."""


def prepare(folder: Path) -> dict[str, Path]:
    """Return the folders of both databases, made if they are not there."""
    folders = {}
    for name, (runs, grids, entries) in SIZES.items():
        folders[name] = folder / name
        folders[name].mkdir(exist_ok=True)
        path = folders[name] / "breeder.db"
        if not path.exists():
            began = time.perf_counter()
            make(path, runs=runs, grids=grids, entries=entries)
            print(f"made the {name} database in {time.perf_counter() - began:.0f} s")
    return folders


def bytes_each(path: Path) -> float:
    """Return the bytes of a database's file for each individual of the large one."""
    return path.stat().st_size / (RUNS * GRIDS * POPULATION)


# In the browser -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Visit:
    """A tab on a server, and the run that its pages are opened on."""

    page: Page
    url: str
    run: str

    def open(self, name: str) -> float:
        """Open a page and return the milliseconds until what it is for is there."""
        address, sign = PAGES[name]
        self.page.goto("about:blank")
        began = time.perf_counter()
        self.page.goto(self.url + address.format(run=self.run), wait_until="commit")
        self.page.locator(sign).first.wait_for(timeout=120_000)
        return (time.perf_counter() - began) * 1e3


@contextmanager
def visits(folders: dict[str, Path]) -> Iterator[dict[str, Visit]]:
    """Open a tab on a server of each database, in one browser."""
    with ExitStack() as stack:
        playwright = stack.enter_context(sync_playwright())
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=list(FLAGS))
        stack.callback(browser.close)
        found = {}
        for name, folder in folders.items():
            with Store.open(f"sqlite:///{folder / 'breeder.db'}") as store:
                run = store.runs()[0].id
            url = stack.enter_context(running_app(folder))
            page = browser.new_page(viewport={"width": 1440, "height": 900})
            found[name] = Visit(page, url, run)
        yield found


def measure_pages(folders: dict[str, Path], rounds: int) -> dict[str, dict[str, Sample]]:
    """Return the milliseconds to open each page, by page and database."""
    times: dict[str, dict[str, list[float]]] = {
        page: {name: [] for name in folders} for page in PAGES
    }
    with visits(folders) as tabs:
        for turn in range(rounds + WARM_UP):
            for page in PAGES:
                for name, tab in tabs.items():
                    took = tab.open(page)
                    if turn >= WARM_UP:
                        times[page][name].append(took)
    return {
        page: {name: Sample(tuple(values)) for name, values in found.items()}
        for page, found in times.items()
    }


# In the store -------------------------------------------------------------------------------------


def questions(store: Store) -> dict[str, Callable[[], object]]:
    """Return what the pages ask the store, by name."""
    run = store.runs()[0]
    grids = [each.id for each in store.run_tree(run.id).grids]
    shown = store.generation(grids[-1])
    star = store.gallery(limit=1).entries[0].genome_id
    return {
        "the list of runs": store.runs,
        "a run resumed": lambda: Breeder.resume(store, run.id).ask(),
        "what it has shown": lambda: store.fingerprints(run.id),
        "the gallery": store.gallery,
        "the gallery by stars": lambda: store.gallery(Search(sort="stars")),
        "words": lambda: store.gallery(Search(text="owl nig")),
        "a tag": lambda: store.gallery(Search(tags=("face",))),
        "a colour": lambda: store.gallery(Search(colors=4)),
        "a run's pictures": lambda: store.gallery(Search(run_id=run.id)),
        "how many": store.gallery_count,
        "homes": lambda: store.homes(star),
        "a tree's shape": lambda: store.run_tree(run.id),
        "pictures of 20 grids": lambda: store.tree_pictures(grids[-20:]),
        "ancestors": lambda: store.ancestors(shown.children[-1].genome.id),
    }


def measure_store(folders: dict[str, Path]) -> dict[str, dict[str, Sample]]:
    """Return the milliseconds of CPU time of each question, by question and database."""
    with ExitStack() as stack:
        asked = {}
        for name, folder in folders.items():
            url = f"sqlite:///{folder / 'breeder.db'}"
            asked[name] = questions(stack.enter_context(Store.open(url)))
        return {
            question: {name: Sample(tuple(_cpu_ms(asked[name][question]))) for name in folders}
            for question in asked["small"]
        }


def _cpu_ms(call: Callable[[], object]) -> Iterator[float]:
    call()
    for _ in range(REPEATS):
        began = time.process_time()
        call()
        yield (time.process_time() - began) * 1e3


# What is printed ----------------------------------------------------------------------------------


def rows() -> Iterable[Row]:
    """Yield how every page compares, and how large the file is."""
    with tempfile.TemporaryDirectory() as folder:
        folders = prepare(Path(folder))
        each = bytes_each(folders["large"] / "breeder.db")
        yield Row(
            promise="scale-bytes",
            measured=f"{number(each)} bytes",
            met=each < MOST_BYTES,
            note="genomes of 1 to 100 grids, bred by breeder",
        )
        found = measure_pages(folders, ROUNDS)
    report(found, "ms")
    for page, sample in found.items():
        ratio = sample["large"].median / sample["small"].median
        yield Row(
            promise=f"scale-{page}",
            measured=sample["large"].text,
            spread=sample["large"].spread,
            peer=f"a run of 20 grids: {sample['small'].text} ({sample['small'].spread})",
            ratio=sample["large"].over(sample["small"]),
            met=ratio <= GOAL,
        )


def report(found: dict[str, dict[str, Sample]], unit: str) -> None:
    """Print medians and ratios."""
    print(f"{'':<24}{'small':>10}{'large':>10}   {unit}{'ratio (quartiles)':>26}")
    for name, sample in found.items():
        small, large = sample["small"], sample["large"]
        print(f"{name:<24}{small.median:>10.1f}{large.median:>10.1f}{large.over(small):>31}")


def main() -> None:
    """Print the tables."""
    print(describe_machine())
    with ExitStack() as stack:
        given = sys.argv[1] if len(sys.argv) > 1 else ""
        folders = prepare(
            Path(given or stack.enter_context(tempfile.TemporaryDirectory(prefix="scale-")))
        )
        print(f"{bytes_each(folders['large'] / 'breeder.db'):,.0f} bytes for each individual")
        report(measure_store(folders), "ms of CPU")
        before = os.getloadavg()[0]
        report(measure_pages(folders, ROUNDS), "ms")
        print(f"load {before:.1f} before, {os.getloadavg()[0]:.1f} after")


if __name__ == "__main__":
    main()
