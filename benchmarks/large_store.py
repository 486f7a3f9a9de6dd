"""Makes a database as large as somebody has after years, from a seed.

    python -m benchmarks.large_store FILE [RUNS [GRIDS]]

By default 200 runs of 100 grids of 15 pictures: 20,000 grids and 300,000 individuals, and a
gallery of 10,000 of them. What is real: the pictures of every twentieth run are founded, crossed
and mutated as breeder does it, two picks are carried over into each next grid, every tenth grid
is a branch from further up, and identities, parents, changes and sizes are theirs. What is
synthetic: the other runs have the same family trees with one weight moved in every genome, so
that their genomes are as large and all different. Nobody screened or looked: picks, fingerprints,
and the gallery's words, stars and looks are random.
"""

from __future__ import annotations

import json
import sqlite3
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from breeder.evolve.crossover import crossover
from breeder.evolve.founders import founder
from breeder.evolve.mutation import mutate
from breeder.genome import Genome
from breeder.history import BreederSettings, Screening
from breeder.looks import FINGERPRINT_BYTES
from breeder.store import Store
from breeder.store.records import genome_columns, mutation_to_plain

RUNS, GRIDS, POPULATION = 200, 100, 15
REAL = 20
"""One of so many runs is bred; the others are like it."""

KEPT, PICKS = 2, (0, 1)
BRANCH = 10
BACK = 4
STRENGTH = 0.5
ENTRIES = 10_000
VECTOR = 166
START = datetime(2024, 1, 1, tzinfo=UTC)
NOUNS = ("owl", "moth", "reef", "comet", "mask", "fern", "tide", "lantern", "dune", "garden")
TAGS = ("face", "blue", "night", "best", "poster", "spiral", "calm", "odd")


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """An individual of a family tree that has no run yet; parents by their places in the list."""

    grid: int
    slot: int
    genome: Genome
    same_as: int | None
    parents: tuple[int, ...]
    origin: str
    mutations: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """The grids of a run, each with the one it came from, and all its pictures."""

    came_from: tuple[int | None, ...]
    numbers: tuple[int, ...]
    pictures: tuple[Picture, ...]


def family(grids: int, rng: np.random.Generator) -> Family:
    """Return a family tree, really bred but for who picked what."""
    came_from: list[int | None] = []
    numbers: list[int] = []
    pictures: list[Picture] = []
    for grid in range(grids):
        before = None if grid == 0 else max(grid - (BACK if grid % BRANCH == 0 else 1), 0)
        came_from.append(before)
        numbers.append(0 if before is None else numbers[before] + 1)
        parents = [] if before is None else [before * POPULATION + slot for slot in PICKS]
        # Beside the first pick, the other is any child: else the same two were kept for ever.
        if before is not None:
            parents[1] = before * POPULATION + int(rng.integers(KEPT, POPULATION))
        pictures += _grid(grid, parents, pictures, rng)
    return Family(came_from=tuple(came_from), numbers=tuple(numbers), pictures=tuple(pictures))


def _grid(
    grid: int, parents: list[int], there: list[Picture], rng: np.random.Generator
) -> Iterator[Picture]:
    for slot in range(POPULATION):
        if not parents:
            made = founder(rng=rng)
            yield Picture(
                grid=grid, slot=slot, genome=made, same_as=None, parents=(), origin="founder",
                mutations="[]",
            )  # fmt: skip
        elif slot < KEPT:
            pick = parents[-1 - slot]
            yield replace(
                there[pick], grid=grid, slot=slot, origin="kept", same_as=_first(there, pick)
            )
        else:
            yield _child(grid, slot, parents, there, rng)


def _child(
    grid: int, slot: int, parents: list[int], there: list[Picture], rng: np.random.Generator
) -> Picture:
    chosen = [parents[slot % 2]]
    made, changes = there[chosen[0]].genome, []
    if slot % 4 == 0:
        chosen = parents
        made, crossed = crossover(*(there[each].genome for each in parents), rng=rng)
        changes += crossed
    made, mutated = mutate(made, strength=STRENGTH, rng=rng)
    told = [mutation_to_plain(each) for each in (*changes, *mutated)]
    return Picture(
        grid=grid,
        slot=slot,
        genome=made,
        same_as=None,
        parents=tuple(dict.fromkeys(_first(there, each) for each in chosen)),
        origin="wild" if slot == POPULATION - 1 else "child",
        mutations=json.dumps(told, separators=(",", ":")),
    )


def _first(there: list[Picture], place: int) -> int:
    same = there[place].same_as
    return place if same is None else same


def make(
    path: Path, *, runs: int = RUNS, grids: int = GRIDS, entries: int = ENTRIES, seed: int = 1
) -> None:
    """Write a database to a new file."""
    rng = np.random.default_rng(seed)
    Store.open(f"sqlite:///{path}").close()
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("PRAGMA cache_size = -200000")
        connection.execute("BEGIN")
        keys = _Keys()
        families: list[Family] = []
        for run in range(runs):
            if run < max(1, runs // REAL):
                families.append(family(grids, rng))
            _write_run(connection, run, families[run % len(families)], keys, rng)
        _write_gallery(connection, min(entries, keys.genome), keys, rng)
        connection.execute("COMMIT")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


@dataclass(slots=True)
class _Keys:
    genome: int = 0
    generation: int = 0
    individual: int = 0


def _insert(connection: sqlite3.Connection, table: str, rows: list[dict[str, Any]]) -> None:
    if rows:
        names = list(rows[0])
        marks = ", ".join(f":{name}" for name in names)
        statement = f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})"  # noqa: S608
        connection.executemany(statement, rows)


def _write_run(
    connection: sqlite3.Connection, run: int, made: Family, keys: _Keys, rng: np.random.Generator
) -> None:
    moment = START + timedelta(hours=run)
    name = f"{NOUNS[run % 10]} {run}"
    run_row = {"id": run + 1, "public_id": _id(rng), "name": name, "seed": str(run)}
    times = {"created_at": _text(moment), "updated_at": _text(moment)}
    _insert(connection, "runs", [run_row | times])
    first_grid, first_one = keys.generation + 1, keys.individual + 1
    grids = []
    for grid, before in enumerate(made.came_from):
        keys.generation += 1
        grids.append(
            {
                "id": keys.generation,
                "public_id": _id(rng),
                "run_id": run + 1,
                "number": made.numbers[grid],
                "parent_id": None if before is None else first_grid + before,
                "bred_from": "" if before is None else "0,1",
                "seed": _id(rng),
                "settings": json.dumps(asdict(BreederSettings()), separators=(",", ":")),
                "screening": json.dumps(asdict(Screening(proposed=60)), separators=(",", ":")),
                "created_at": _text(moment + timedelta(seconds=30 * grid)),
                "fingerprints": rng.bytes(POPULATION * FINGERPRINT_BYTES),
            }
        )
    _insert(connection, "generations", grids)
    _insert(connection, "cursors", [{"run_id": run + 1, "generation_id": keys.generation}])
    _write_pictures(connection, run, made, keys, first_grid=first_grid, first_one=first_one)


def _write_pictures(
    connection: sqlite3.Connection,
    run: int,
    made: Family,
    keys: _Keys,
    *,
    first_grid: int,
    first_one: int,
) -> None:
    genomes, ones, parentage, picks = [], [], [], []
    genome_of: list[int] = []
    for place, each in enumerate(made.pictures):
        if each.same_as is None:
            keys.genome += 1
            genomes.append({"id": keys.genome, **genome_columns(_moved(each.genome, run))})
            genome_of.append(keys.genome)
        else:
            genome_of.append(genome_of[each.same_as])
        keys.individual += 1
        key = keys.individual
        ones.append({"id": key, "generation_id": first_grid + each.grid, "slot": each.slot,
                     "genome_id": genome_of[place], "origin": each.origin, "candidate": each.slot,
                     "mutations": each.mutations})  # fmt: skip
        parentage += [
            {"individual_id": key, "position": position, "genome_id": genome_of[parent]}
            for position, parent in enumerate(each.parents)
        ]
        if each.slot in PICKS:
            moment = _text(START + timedelta(hours=run, seconds=30 * each.grid))
            picks.append({"individual_id": key, "run_id": run + 1, "picked_at": moment})
    _insert(connection, "genomes", genomes)
    _insert(connection, "individuals", ones)
    _insert(connection, "parentage", parentage)
    _insert(connection, "picks", picks)


def _moved(genome: Genome, run: int) -> Genome:
    """Return a genome like another with one weight moved, by as much as tells the runs apart."""
    if not genome.connections:
        return genome
    first, *rest = genome.connections
    moved = replace(first, weight=round(first.weight + run * 0.000_1, 6))
    return replace(genome, connections=(moved, *rest))


def _write_gallery(
    connection: sqlite3.Connection, entries: int, keys: _Keys, rng: np.random.Generator
) -> None:
    chosen = rng.choice(keys.genome, size=entries, replace=False) + 1
    favourites, tags = [], []
    for entry, genome in enumerate(chosen, start=1):
        moment = _text(START + timedelta(days=300, seconds=int(rng.integers(10_000_000))))
        title = f"{NOUNS[int(rng.integers(10))]} {int(rng.integers(1000))}"
        found = sorted({TAGS[int(each)] for each in rng.integers(len(TAGS), size=2)})
        favourites.append(
            {
                "id": entry, "genome_id": int(genome), "title": title, "created_at": moment,
                "description": f"A {title}, bred in the night.", "tags": "\n".join(found),
                "stars": int(rng.integers(6)), "updated_at": moment, "title_key": title,
                "published_at": moment if entry % 10 == 0 else None,
                "complexity": round(float(rng.random()), 4),
                "colors": 1 << int(rng.integers(12)), "looks_version": 1,
                "vector": rng.bytes(VECTOR),
            }
        )  # fmt: skip
        tags += [{"favourite_id": entry, "tag": tag} for tag in found]
    _insert(connection, "favourites", favourites)
    _insert(connection, "tags", tags)


def _id(rng: np.random.Generator) -> str:
    return rng.bytes(16).hex()


def _text(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%S.%f")


def main() -> None:
    path = Path(sys.argv[1])
    sizes = [int(each) for each in sys.argv[2:4]]
    start = time.perf_counter()
    make(path, **dict(zip(("runs", "grids"), sizes, strict=False)))
    with closing(sqlite3.connect(path)) as connection:
        count = connection.execute("SELECT count(*) FROM individuals").fetchone()[0]
    size = path.stat().st_size
    print(
        f"{count:,} individuals in {size / 1e6:,.0f} MB, {size / count:,.0f} bytes each, "
        f"made in {time.perf_counter() - start:.0f} s"
    )


if __name__ == "__main__":
    main()
