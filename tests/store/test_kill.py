from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections import defaultdict
from contextlib import closing
from pathlib import Path

import pytest

from breeder.store import Store

KILLS = 100
WORKER = Path(__file__).with_name("kill_worker.py")
ROOT = Path(__file__).parents[2]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="writers are forked, and this system cannot")
def test_a_hundred_kills_lose_nothing_that_was_acknowledged(tmp_path: Path, url: str) -> None:
    with Store.open(url) as store:
        run_id = store.create_run(name="owls", seed=7).id
    command = [sys.executable, str(WORKER), url, run_id, str(KILLS), "1"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    said = subprocess.run(command, stdout=subprocess.PIPE, check=True, env=environment, timeout=120)
    lines = [line.split() for line in said.stdout.decode().splitlines()]
    assert lines.count(["killed", str(KILLS - 1)]) == 1

    with closing(sqlite3.connect(tmp_path / "art.db")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []

    allowed = states(lines)
    done = [line for line in lines if line[0] == "done"]
    with Store.open(url) as store:
        kept = {branch.id for branch in store.tree(run_id)}
        assert {id_ for _, id_, *_ in done} <= kept <= {id_ for _, id_, *_ in lines[:-1]}
        for id_ in kept:
            generation = store.generation(id_)
            assert generation.picks in allowed[id_]
            assert len(generation.children) == 3
        assert store.current(run_id) is not None
    assert len(done) > KILLS  # the writers did write


def states(lines: list[list[str]]) -> dict[str, set[tuple[int, ...]]]:
    """The picks each grid may have: those last done, and those tried after them."""
    allowed: dict[str, set[tuple[int, ...]]] = defaultdict(lambda: {()})
    for what, id_, *slots in lines:
        picks = tuple(map(int, slots))
        if what == "done":
            allowed[id_] = {picks}
        elif what == "try":
            allowed[id_].add(picks)
    return allowed
