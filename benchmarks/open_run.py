"""Does a run of 2,000 generations open as fast as one of 2? And how large does its file get?

    python -m benchmarks.open_run

Prints, for both, the median time to open the file, to read the run's current grid, to pick, to go
back and forward, and to add a grid; the ratios; the bytes of the file for each individual; and the
machine. The pictures are bred as breeder breeds them, but neither drawn nor screened.
"""

from __future__ import annotations

import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from benchmarks.machine import describe_machine
from breeder.evolve.founders import founder
from breeder.evolve.mutation import mutate
from breeder.history import BreederSettings, Child, Generation, Screening
from breeder.store import Store

POPULATION = 15
FINGERPRINT = 192  # bytes of one small drawing, 8 x 8 pixels in colour
FRESH = 27  # founders come in again after so many grids: genomes stay of the usual size, and the
# last grids of both runs (numbers 1 and 1999) are bred from founders
REPEATS = 30


def bred(run_id: str, after: Generation | None, rng: np.random.Generator) -> Generation:
    children = []
    number = after.number + 1 if after else 0
    for slot in range(POPULATION):
        if after is None or number % FRESH == 0:
            children.append(Child(slot=slot, genome=founder(rng=rng), origin="founder"))
            continue
        parent = after.children[int(rng.integers(2))].genome
        genome, mutations = mutate(parent, strength=0.5, rng=rng)
        children.append(
            Child(slot=slot, genome=genome, parents=(parent,), mutations=mutations, candidate=slot)
        )
    return Generation(
        id=rng.bytes(16).hex(),
        run_id=run_id,
        number=number,
        came_from=after.id if after else None,
        bred_from=(0, 1) if after else (),
        seed=rng.bytes(16).hex(),
        settings=BreederSettings(),
        children=tuple(children),
        picks=(0, 1),
        screening=Screening(proposed=60, dull=9, repeats=3),
        fingerprints=rng.bytes(FINGERPRINT * POPULATION),
        created_at=datetime.now(UTC),
    )


def median_ms(work: Callable[[], object]) -> float:
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return statistics.median(times) * 1e3


def measured(path: Path, generations: int) -> tuple[dict[str, float], float]:
    """Return the times in milliseconds by name, and the bytes for each individual."""
    rng = np.random.default_rng(7)
    url = f"sqlite:///{path}"
    with Store.open(url) as store:
        run_id = store.create_run(name="owls", seed=7).id
        last = bred(run_id, None, rng)
        store.add_generation(last)
        for _ in range(generations - 1):
            last = bred(run_id, last, rng)
            store.add_generation(last)
    size = path.stat().st_size / (generations * POPULATION)
    with Store.open(url) as store:
        here, before = last.id, str(last.came_from)

        def back_and_forward() -> None:
            store.move(run_id, before)
            store.move(run_id, here)

        times = {
            "open the file": median_ms(lambda: Store.open(url).close()),
            "read the current grid": median_ms(lambda: store.current(run_id)),
            "list the runs": median_ms(store.runs),
            "new fingerprints": median_ms(
                lambda: store.fingerprints(run_id, after=generations - 1)
            ),
            "set picks": median_ms(lambda: store.change_picks(here, add=(0, 3), drop=())),
            "go back and forward": median_ms(back_and_forward),
            "lineage": median_ms(lambda: store.lineage(last.children[-1].genome.id)),
        }
        children = iter([bred(run_id, last, rng) for _ in range(REPEATS)])
        times["add a grid"] = median_ms(lambda: store.add_generation(next(children)))
    return times, size


def main() -> None:
    print(f"{describe_machine()}, SQLite {sqlite3.sqlite_version}; medians of {REPEATS}")
    with tempfile.TemporaryDirectory() as folder:
        small, _ = measured(Path(folder) / "small.db", 2)
        large, size = measured(Path(folder) / "large.db", 2000)
    print(f"{'':24}{'2':>10}{'2,000':>10}{'ratio':>8}")
    for name in small:
        print(f"{name:24}{small[name]:8.2f}ms{large[name]:8.2f}ms{large[name] / small[name]:8.2f}")
    print(f"{size:.0f} bytes for each individual in a file of {2000 * POPULATION:,}")


if __name__ == "__main__":
    main()
