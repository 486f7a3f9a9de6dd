"""Clearing up, merging and restoring are killed over and over: all of it was done, or nothing."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from breeder.store import Store
from tests.store.grids import grid, pick

ROOT = Path(__file__).parents[2]
KILLS = 8
WORK = {
    "purge": "Store.open(url).purge(everything=True)",
    "merge": "merge(url, Path(other))",
    "restore": "restore(url, Path(other))",
}
# One process imports everything and forks those that are killed.
PROGRAM = """
import os, sys, time
from pathlib import Path
from breeder.store import Store
from breeder.store.copies import restore
from breeder.store.merging import merge
url, other, work = sys.argv[1:]
for line in sys.stdin:
    worker = os.fork()
    if worker == 0:
        exec(work)
        os._exit(0)
    until = time.monotonic() + float(line)
    ended, status = 0, 0
    while not ended and time.monotonic() < until:
        ended, status = os.waitpid(worker, os.WNOHANG)
        time.sleep(0.001)
    if not ended:
        os.kill(worker, 9)
        status = os.waitpid(worker, 0)[1]
    print(status, flush=True)
"""


def fill(path: Path, seed: int) -> None:
    with Store.open(f"sqlite:///{path}") as store:
        for name in ("kept", "gone"):
            run = store.create_run(name=f"{name} {seed}", seed=seed)
            made = grid(run.id, population=12)
            store.add_generation(made)
            for _ in range(4 + seed):
                made = grid(run.id, after=made, picks=(0,), population=12)
                store.add_generation(made)
                pick(store, made.id, [0])
            store.add_favourite(made.children[3].genome.id, title=name)
            if name == "gone":
                store.delete_run(run.id)


def state(path: Path) -> tuple[int, ...]:
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        return tuple(
            int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])  # noqa: S608
            for table in ("genomes", "runs", "generations", "individuals", "parentage", "picks")
        )


def copy_to(source: Path, path: Path) -> None:
    for old in path.parent.glob(f"{path.name}*"):
        old.unlink()
    shutil.copy(source, path)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="workers are forked, and this system cannot")
@pytest.mark.parametrize("work", WORK)
def test_a_kill_leaves_the_state_before_or_the_one_after(tmp_path: Path, work: str) -> None:
    first, other, path = (tmp_path / name for name in ("first.db", "other.db", "art.db"))
    fill(first, 1)
    fill(other, 2)
    before = state(first)
    rng = np.random.default_rng(3)
    command = [sys.executable, "-c", PROGRAM, f"sqlite:///{path}", str(other), WORK[work]]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    seen = []
    took = 0.0
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for turn in range(KILLS + 1):
            copy_to(first, path)
            # The first is left in peace: what it leaves is the state after.
            wait = rng.uniform(0.0, 1.1 * took) if turn else 60.0
            began = time.monotonic()
            process.stdin.write(f"{wait}\n")
            process.stdin.flush()
            ended = int(process.stdout.readline())
            assert ended in ((0, signal.SIGKILL) if turn else (0,))
            took = took or time.monotonic() - began
            seen.append(state(path))
        process.stdin.close()
    after = seen[0]
    assert after != before
    assert set(seen) <= {before, after}
