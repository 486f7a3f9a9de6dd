"""Does what was learnt from a person's picks help? Users with hidden tastes breed with and without.

Each user breeds the same run, with the same unsteady hand: unguided, guided as a first-time person
(learnt from nothing, off until it foretells picks better than chance), guided as a returning person
(the same taste has bred another run before, unguided), and with an autopilot after some picks;
beside them fresh grids. The best picture of a run is refined. Everything goes the way of the app:
runs in a database, a `Person` who reads it, and a guide that has learnt from all grids before the
one shown. Random pickers do the same, to see that then nothing changes.

Run: python -m benchmarks.guiding [--seeds 20] [--keep results.json] [--workers 2]
"""

from __future__ import annotations

import argparse
import hashlib
import json
import multiprocessing
import os
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from functools import cache, lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks import judge
from benchmarks.guiding_report import report
from benchmarks.machine import Bystanders, describe_machine
from benchmarks.users import CANVAS, KINDS, NOVELTY, Taste, choose, make_watcher
from breeder import Breeder, BreederSettings, render
from breeder.genome import Genome
from breeder.history import Generation
from breeder.plan import Plan, digest
from breeder.store import Store
from breeder.taste.autopilot import autopilot
from breeder.taste.guide import TasteGuide
from breeder.taste.person import Person
from breeder.taste.refining import refine

PICKS = 20
REFINED_AFTER = (8, 20)  # picks after which the best picture is refined
FLOWN_AFTER = {"first-time": 8, "returning": 5}  # picks before the autopilot breeds the rest
DIAL = 2 / 3  # towards the new: what the new weighs to a seeker
RANDOM = "random picks"
USERS = (*KINDS, NOVELTY, RANDOM)
JUDGED = "linear"  # the taste by which the pictures of random pickers are judged

FOUNDER_SEED, FOUNDER_GRIDS = 10_000, 20  # as in benchmarks/breeding.py
RUN_SEED, EARLIER_SEED, FRESH_SEED = 500_000, 600_000, 700_000  # no run is used twice
THREADS = ("OMP_NUM_THREADS", "NUMBA_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")

Floats = NDArray[np.float64]
Hand = Callable[[Floats, np.random.Generator], list[int]]
"""Takes scores, shape (B,), and returns the slots picked."""


@dataclass
class Record:
    """What came of one run; lists have an entry for each grid, the first before any pick.

    Attributes:
        best: The best score seen so far.
        top: The best score in the grid.
        mean: The mean score of the grid's pictures.
        guided: Whether it was guided.
        accuracy: How often the next pick was foretold in the end, 0.5 being chance.
        trusted: Whether what was learnt beat chance in the end.
        refined: The score of the best picture seen after some picks, and of it refined.
        seconds: Processor time.
    """

    best: list[float] = field(default_factory=list)
    top: list[float] = field(default_factory=list)
    mean: list[float] = field(default_factory=list)
    guided: list[bool] = field(default_factory=list)
    accuracy: float = 0.5
    trusted: bool = False
    refined: dict[int, tuple[float, float]] = field(default_factory=dict)
    seconds: float = 0.0

    def add(self, scores: Floats, *, guided: bool = False) -> None:
        """Note a grid that was shown."""
        self.top.append(float(scores.max()))
        self.best.append(max([self.top[-1], *self.best[-1:]]))
        self.mean.append(float(scores.mean()))
        self.guided.append(guided)


class Once:
    """Breeds the grids of several runs, each once: what follows from the same plan is the same."""

    def __init__(self) -> None:
        self._grids: dict[str, Generation] = {}

    def __call__(self, plan: Plan) -> Generation:
        """Return the grid that is planned, as one of the plan's run."""
        before = plan.before and replace(plan.before, id="", run_id="")
        key = f"{replace(plan, run_id='', before=before).key} {plan.automatic}"
        if key not in self._grids:
            self._grids[key] = plan.breed()
        return replace(
            self._grids[key],
            id=digest(plan.run_id, plan.seed),
            run_id=plan.run_id,
            came_from=plan.before.id if plan.before else None,
            created_at=datetime.now(UTC),
        )


class Sitting:
    """A user before one run.

    Args:
        store: Where the run is kept.
        seed: Of the run.
        bred: Breeds the grids.
        person: Who learns from the store.
        guided: Whether what was learnt may guide.
        settings: What is bred with.
    """

    def __init__(
        self,
        store: Store,
        seed: int,
        bred: Once,
        *,
        person: Person | None = None,
        guided: bool = True,
        settings: BreederSettings | None = None,
    ) -> None:
        run = store.create_run(name=f"run {seed}", seed=seed)
        self.breeder = Breeder.resume(store, run.id, settings=settings)
        self.breeder.bred = bred
        self.breeder.guide = lambda: self.guide if guided else None
        self.guide: TasteGuide | None = None
        self.record = Record()
        self._best: Genome | None = None
        self._person = person
        self._learn()

    def _learn(self) -> None:
        """Learn from all that was picked; the next grid is bred with that."""
        if self._person is None:
            return
        self.guide = self._person.learn(self.breeder.run_id)
        self.record.accuracy, self.record.trusted = self.guide.accuracy, self.guide.trusted

    def pick(self, picks: Sequence[int]) -> None:
        """Pick slots of the grid shown, and let what was picked be learnt from."""
        self.breeder.tell(picks)
        self._learn()

    def fly(self, count: int, look: Taste) -> None:
        """Let the autopilot breed from the grid shown, and look at its grids."""
        for grid in autopilot(self.breeder, self.guide, count).grids:
            self._note(grid, look)

    def see(self, look: Taste) -> Floats:
        """Look at the grid shown."""
        return self._note(self.breeder.ask(), look)

    def _note(self, grid: Generation, look: Taste) -> Floats:
        scores = look(pictures_of(grid))
        if not self.record.best or scores.max() > self.record.best[-1]:
            self._best = grid.children[int(scores.argmax())].genome
        self.record.add(scores, guided=grid.guidance is not None)
        return scores

    def refine(self, look: Taste) -> None:
        """Refine the best picture seen, where what was learnt is trusted."""
        if self._best is None or self.guide is None or not self.guide.trusted:
            return
        refined = refine(self._best, self.guide.taste).genome
        self.record.refined[len(self.record.best) - 1] = (
            self.record.best[-1],
            float(look(draw([refined]))[0]),
        )


class User:
    """A user of one kind and seed, and all that they do."""

    def __init__(self, kind: str, seed: int, picks: int, settings: BreederSettings) -> None:
        number = USERS.index(kind)
        self._watcher = make_watcher(JUDGED if kind == RANDOM else kind, founders(), seed)
        self._hand: Hand = pick_any if kind == RANDOM else choose
        self._kind, self._seed, self._picks = kind, seed, picks
        self._run = RUN_SEED + len(USERS) * seed + number
        self._noise = [seed, number, 4]  # the same hand in every run, so that runs are paired
        self._settings = settings
        self._bred = Once()
        self._earlier, self._before = self._breed_earlier(
            EARLIER_SEED + len(USERS) * seed + number, np.random.default_rng([seed, number, 5])
        )

    def _breed_earlier(
        self, seed: int, rng: np.random.Generator
    ) -> tuple[tuple[int, list[list[int]]], judge.Pictures]:
        """Return an earlier run, as its seed and picks, and the pictures that were seen in it."""
        look = self._watcher.watch()
        picked: list[list[int]] = []
        seen: list[judge.Pictures] = []
        with Store.in_memory() as store:
            breeder = Sitting(store, seed, self._bred, settings=self._settings).breeder
            for _ in range(self._picks):
                seen.append(pictures_of(breeder.ask()))
                picked.append(self._hand(look(seen[-1]), rng))
                breeder.tell(picked[-1])
        return (seed, picked), np.concatenate(seen)

    def everything(self) -> dict[str, Record]:
        """Return the record of each way to look at pictures."""
        ways: dict[str, Callable[[], Record]] = {
            "re-rolling": self._reroll,
            "unguided": lambda: self._breed(guided=False),
            "first-time": self._breed,
            "returning": lambda: self._breed(returning=True),
        }
        if self._kind == NOVELTY:
            dialled = replace(self._settings, novelty=DIAL)
            ways["dial to the new"] = lambda: self._breed(settings=dialled)
        if self._kind != RANDOM:
            ways["autopilot, first-time"] = lambda: self._breed(fly=True)
            ways["autopilot, returning"] = lambda: self._breed(fly=True, returning=True)
        records = {}
        for name, way in ways.items():
            start = time.process_time()
            records[name] = way()
            records[name].seconds = time.process_time() - start
        return records

    def _look(self) -> Taste:
        return self._watcher.watch(self._before)

    def _reroll(self) -> Record:
        look, record = self._look(), Record()
        for grid in fresh_grids(self._seed, self._picks, self._settings):
            record.add(look(grid))
        return record

    def _breed(
        self,
        *,
        guided: bool = True,
        returning: bool = False,
        fly: bool = False,
        settings: BreederSettings | None = None,
    ) -> Record:
        with Store.in_memory() as store:
            if returning:
                self._remember(store)
            sitting = Sitting(
                store,
                self._run,
                self._bred,
                person=Person(store),
                guided=guided,
                settings=settings or self._settings,
            )
            look, rng = self._look(), np.random.default_rng(self._noise)
            after = FLOWN_AFTER["returning" if returning else "first-time"]
            count = min(after, self._picks - 1) if fly else self._picks
            for picks in range(count + 1):
                scores = sitting.see(look)
                if not fly and self._kind in KINDS and picks in REFINED_AFTER:
                    sitting.refine(look)  # these tastes do not depend on what was seen
                if picks < count:
                    sitting.pick(self._hand(scores, rng))
            if fly:
                sitting.fly(self._picks - count, look)
            return sitting.record

    def _remember(self, store: Store) -> None:
        """Put the earlier run into a store."""
        seed, picked = self._earlier
        breeder = Sitting(store, seed, self._bred, settings=self._settings).breeder
        for picks in picked:
            breeder.ask()
            breeder.tell(picks)


def pick_any(scores: Floats, rng: np.random.Generator) -> list[int]:
    """Return one or two slots, whatever the scores."""
    return choose(np.zeros_like(scores), rng)


def pictures_of(generation: Generation) -> judge.Pictures:
    """Return what the users see of a grid."""
    return draw([child.genome for child in generation.children])


def draw(genomes: Sequence[Genome]) -> judge.Pictures:
    """Return pictures as the users see them."""
    return np.asarray(render(genomes, CANVAS))


@cache
def founders() -> judge.Pictures:
    """Return the pictures that scores are standardised by."""
    seeds = range(FOUNDER_SEED, FOUNDER_SEED + FOUNDER_GRIDS)
    return np.concatenate([pictures_of(Breeder(seed=seed).ask()) for seed in seeds])


@lru_cache(maxsize=2)
def fresh_grids(seed: int, picks: int, settings: BreederSettings) -> list[judge.Pictures]:
    """Return the first grids that a user sees who never picks; those of one seed see the same."""
    first = FRESH_SEED + (PICKS + 1) * seed
    return [pictures_of(Breeder(settings, seed=first + i).ask()) for i in range(picks + 1)]


def try_user(kind: str, seed: int, picks: int, population: int) -> dict[str, dict[str, object]]:
    """Return the record of each thing that a user does, as plain values."""
    user = User(kind, seed, picks, BreederSettings(population=population))
    return {name: asdict(record) for name, record in user.everything().items()}


# The run ------------------------------------------------------------------------------------------


class Kept:
    """Records in a file, so that a run that was ended can go on.

    Args:
        path: The file; None keeps them in memory alone.
        about: What must be the same for records to belong together.

    Raises:
        SystemExit: The file holds records of something else.
    """

    def __init__(self, path: Path | None, about: dict[str, object]) -> None:
        self._path, self._about = path, about
        self.records: dict[str, dict[str, dict[str, object]]] = {}
        if path is None or not path.exists():
            return
        plain = json.loads(path.read_text())
        if plain["about"] != about:
            raise SystemExit(
                f"{path} was made with other code or options: {plain['about']}, not {about}. "
                "Name another file."
            )
        self.records = plain["records"]

    def add(self, name: str, records: dict[str, dict[str, object]]) -> None:
        """Keep the records of a user."""
        self.records[name] = records
        if self._path is None:
            return
        part = self._path.with_suffix(".part")
        part.write_text(json.dumps({"about": self._about, "records": self.records}))
        part.replace(self._path)


def code_version() -> str:
    """Return a name for the code that figures depend on: engine, taste and users."""
    here = Path(__file__).parent
    engine = here.parent / "breeder"
    files = [*engine.glob("*.py"), *engine.glob("evolve/*.py"), *engine.glob("taste/*.py")]
    files += [here / name for name in ("guiding.py", "users.py", "judge.py")]
    told = hashlib.blake2b(digest_size=6)
    for file in sorted(files):
        told.update(file.read_bytes())
    return told.hexdigest()


def run(
    units: Sequence[tuple[str, int]], kept: Kept, *, picks: int, population: int, workers: int
) -> None:
    """Try users, several at a time, and say how long it will take."""
    missing = [unit for unit in units if _name(*unit) not in kept.records]
    if not missing:
        return
    for name in THREADS:  # one thread for each worker, which reads this when it starts
        os.environ[name] = "1"
    spawn = multiprocessing.get_context("spawn")  # loops in threads do not survive a fork
    start = time.monotonic()
    with ProcessPoolExecutor(workers, mp_context=spawn, initializer=_begin) as pool:
        futures = {pool.submit(try_user, *unit, picks, population): unit for unit in missing}
        for done, future in enumerate(as_completed(futures), 1):
            kind, seed = futures[future]
            kept.add(_name(kind, seed), future.result())
            passed = (time.monotonic() - start) / 60
            left = passed / done * (len(missing) - done)
            times = [f"{name} {each['seconds']:.1f}" for name, each in future.result().items()]
            print(
                f"{done} of {len(missing)}: {kind}, seed {seed} (seconds: {', '.join(times)}); "
                f"{passed:.1f} min passed, about {left:.0f} left",
                flush=True,
            )


def _begin() -> None:
    """Prepare a worker: one thread, and what all its users share."""
    import torch

    torch.set_num_threads(1)
    founders()


def _name(kind: str, seed: int) -> str:
    return f"{kind}/{seed}"


def main(arguments: Sequence[str] | None = None) -> None:
    """Try users with and without a guide, and print what came of it."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.guiding")
    parser.add_argument("--seeds", type=int, default=20, help="users of each kind")
    parser.add_argument("--first", type=int, default=0, help="the first of the seeds")
    parser.add_argument("--kinds", nargs="+", choices=USERS, default=USERS)
    parser.add_argument("--keep", type=Path, help="a file of records, to go on with later")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--picks", type=int, default=PICKS)
    parser.add_argument("--population", type=int, default=BreederSettings().population)
    asked = parser.parse_args(arguments)
    size = {"picks": asked.picks, "population": asked.population}
    kept = Kept(asked.keep, {"code": code_version(), **size})
    units = [*_units(asked.kinds, range(asked.first, asked.first + asked.seeds))]
    others = Bystanders()
    print(f"{describe_machine()}\ncode {code_version()}", flush=True)
    run(units, kept, **size, workers=asked.workers)
    print(f"{others.text}\n")
    for line in report({_name(*unit): kept.records[_name(*unit)] for unit in units}):
        print(line)


def _units(kinds: Sequence[str], seeds: range) -> Iterator[tuple[str, int]]:
    return ((kind, seed) for seed in seeds for kind in kinds)


if __name__ == "__main__":
    main()
