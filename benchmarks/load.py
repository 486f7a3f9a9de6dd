"""Do twenty people breed at once on this machine, without waiting, errors, or memory that grows?

Each person is a real session over the websocket (`benchmarks/visitor.py`), in one process beside
the server on the same cores: opens the page, thinks, picks one to three tiles, thinks, presses
Evolve. Measured from the press sent to the message with all pictures of the next grid received;
decoding and showing them is not in it.
Run: python -m benchmarks.load [--people 20] [--grids 1000] [--think 3] [--check]
"""

from __future__ import annotations

import argparse
import asyncio
import os
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from playwright.sync_api import sync_playwright

from benchmarks.machine import describe_machine
from benchmarks.rows import Row, Sample, number
from benchmarks.visitor import SessionError, Visitor
from breeder.store import Store
from tests.browser.chromium import FLAGS, find_chromium
from tests.server import start, stop

SAMPLE_EVERY = 50
"""Grids between two readings of the server's memory."""

PEOPLE, GRIDS, THINK = 20, 1000, 3.0
ATTEMPTS = 3
PATIENCE = 1.5
"""Seconds that half of the presses may take."""

FLAT = 30.0
"""MiB for each 1,000 grids that the later half of a run may still rise and count as flat."""


@dataclass(kw_only=True)
class Log:
    """What was measured: seconds of each press, and memory after so many grids."""

    wanted: int
    server: int
    evolve: list[float] = field(default_factory=list)
    picks: list[float] = field(default_factory=list)
    memory: list[tuple[int, float]] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    started: int = 0

    def add(self, seconds: float) -> None:
        """Note one grid."""
        self.evolve.append(seconds)
        if len(self.evolve) % SAMPLE_EVERY == 0:
            self.memory.append((len(self.evolve), resident_mib(self.server)))


def resident_mib(process: int) -> float:
    """Return the resident memory of a process in MiB."""
    pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def processor_seconds(process: int) -> float:
    """Return how long a process has kept a core busy, all its threads together."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def person(url: str, log: Log, seed: int, think: float) -> None:
    """Breed until enough grids were bred by all together."""
    rng = np.random.default_rng([7, seed])
    await asyncio.sleep(float(rng.uniform(0, think)))
    failures = 0
    while log.started < log.wanted and failures < ATTEMPTS:
        visitor = None
        try:
            visitor = await Visitor.open(url)
            while log.started < log.wanted:
                log.started += 1
                await breed_once(visitor, log, rng, think)
        except (SessionError, OSError) as error:
            failures += 1
            log.errors.append(f"person {seed}: {error}")
        finally:
            if visitor:
                await visitor.close()


async def breed_once(visitor: Visitor, log: Log, rng: np.random.Generator, think: float) -> None:
    """Look, pick one to three tiles one by one, look again, evolve."""
    count = int(rng.integers(1, 4))
    slots = [int(slot) for slot in rng.choice(len(visitor.grid["tiles"]), count, replace=False)]
    for place in range(count):
        await asyncio.sleep(float(rng.uniform(0.5, 1.5)) * think / (count + 1))
        began = time.perf_counter()
        await visitor.pick(slots[: place + 1])
        log.picks.append(time.perf_counter() - began)
    await asyncio.sleep(float(rng.uniform(0.5, 1.5)) * think / (count + 1))
    log.add(await visitor.evolve(slots))


async def crowd(url: str, log: Log, people: int, think: float) -> float:
    """Let all breed at once; return how many seconds that took."""
    began = time.perf_counter()
    await asyncio.gather(*(person(url, log, seed, think) for seed in range(people)))
    return time.perf_counter() - began


def check(url: str, database: str) -> str:
    """Breed the same in a browser and over the websocket; say whether the grids are the same.

    A run is opened over the websocket and copied with its seed path; then both are bred from the
    same picks.
    """
    picks = [1, 4]
    run, _ = asyncio.run(_visit(url, "", []))
    with Store.open(database) as store:
        copy = store.duplicate_run(run, "copy").id
        _breed_in_chromium(f"{url}/?run={copy}", picks)
        grid = store.current(copy)
    _, heard = asyncio.run(_visit(url, f"run={run}", picks))
    shown = [child.genome.id for child in grid.children] if grid else []
    return "the same grid" if heard == shown else "ANOTHER GRID"


def _breed_in_chromium(address: str, picks: list[int]) -> None:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=find_chromium(), args=list(FLAGS))
        page = chromium.new_page()
        page.goto(address)
        for slot in picks:
            page.locator(f'.pick[data-slot="{slot}"]').click()
            page.locator(f'.pick[data-slot="{slot}"][data-saved=true]').wait_for()
        page.keyboard.press("Enter")
        page.locator("[data-testid=breeder-grid][data-number='1'][data-decoded=true]").wait_for()
        chromium.close()


async def _visit(url: str, query: str, slots: list[int]) -> tuple[str, list[str]]:
    visitor = await Visitor.open(url, query)
    if slots:
        await visitor.pick(slots)
        await visitor.evolve(slots)
    await visitor.close()
    return visitor.run, [tile["id"] for tile in visitor.grid["tiles"]]


def report(log: Log, seconds: float, busy: float) -> None:
    """Print the figures."""
    for name, times in (("Evolve", log.evolve), ("one pick stored", log.picks)):
        middle, late, worst = np.quantile(times, [0.5, 0.95, 1.0]) * 1000
        print(f"{name:<24}{middle:>8.0f} ms median{late:>8.0f} p95{worst:>8.0f} worst")
    print(f"{'grids':<24}{len(log.evolve):>8} in {seconds:.0f} s, {len(log.errors)} errors")
    print(f"{'server on a core':<24}{busy / len(log.evolve) * 1000:>8.0f} ms for each grid")
    print("memory, MiB: " + ", ".join(f"{grids}: {mib:.0f}" for grids, mib in log.memory))
    print(f"{'slope of the later half':<24}{slope(log):>8.1f} MiB per 1,000 grids")
    for error in log.errors[:5]:
        print("error:", error)


def slope(log: Log) -> float:
    """Return by how many MiB per 1,000 grids the memory rose in the later half; nan if unknown."""
    later = log.memory[len(log.memory) // 2 :]
    if len(later) < 2:
        return float("nan")
    grids, mib = np.array(later).T
    return float(np.polyfit(grids, mib, 1)[0] * 1000)


def measure(people: int, grids: int, think: float, *, compare: bool) -> Log:
    """Let people breed on a server of their own; print and return what was measured."""
    with tempfile.TemporaryDirectory() as folder:
        process, url = start(Path(folder))
        try:
            if compare:
                print("bred in Chromium:", check(url, f"sqlite:///{folder}/breeder.db"))
            log = Log(wanted=grids, server=process.pid)
            before = processor_seconds(process.pid)
            seconds = asyncio.run(crowd(url, log, people, think))
            report(log, seconds, processor_seconds(process.pid) - before)
        finally:
            stop(process)
    return log


def rows() -> Iterable[Row]:
    """Yield how long twenty people wait, what went wrong, and how memory rose."""
    log = measure(PEOPLE, GRIDS, THINK, compare=False)
    times = Sample(tuple(second * 1000 for second in log.evolve))
    late = number(float(np.quantile(times.values, 0.95)))
    yield Row(
        promise="load-median",
        measured=times.text,
        spread=times.spread,
        met=times.median < PATIENCE * 1000,
        note=f"p95 {late} ms; {THINK:g} s to look and pick; the people run on the same cores",
    )
    yield Row(promise="load-errors", measured=f"{len(log.errors)}", met=not log.errors)
    rise = slope(log)
    yield Row(
        promise="load-memory",
        measured=f"{rise:+.0f} MiB for 1,000 grids in the later half",
        met=rise <= FLAT,
        note=", ".join(f"{mib:.0f} MiB after {grids:,}" for grids, mib in log.memory[4::5]),
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--people", type=int, default=PEOPLE)
    parser.add_argument("--grids", type=int, default=GRIDS)
    parser.add_argument("--think", type=float, default=THINK, help="mean seconds between grids")
    parser.add_argument("--check", action="store_true", help="compare with a browser first")
    options = parser.parse_args()
    print(f"{options.people} people at once, {options.think:g} s to look and pick, one machine")
    print(f"{describe_machine()}; load before {os.getloadavg()[0]:.1f}")
    measure(options.people, options.grids, options.think, compare=options.check)


if __name__ == "__main__":
    main()
