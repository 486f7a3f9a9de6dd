"""Writes to a store and is killed, over and over: python kill_worker.py URL RUN_ID KILLS SEED.

The process imports the store once and forks each writer, which would else spend its life on
imports. A writer says on the standard output what it is about to do ("try"), and that it was done
("done"), each line with one call, so that a kill cannot tear a line. Every other writer is killed
after some writes were done, however slow the machine is, and the others after a short time.
"""

from __future__ import annotations

import os
import signal
import sys
import time

import numpy as np

from breeder.store import Store
from tests.store.grids import grid, pick


def say(*words: object) -> None:
    os.write(1, (" ".join(map(str, words)) + "\n").encode())


def write_for_ever(url: str, run_id: str, take: int, count: int) -> None:
    rng = np.random.default_rng(take)
    store = Store.open(url)
    while True:
        shown = store.current(run_id)
        picks: tuple[int, ...] = ()
        for _ in range(4):
            if shown is not None:
                picks = tuple(sorted({int(slot) for slot in rng.integers(0, 3, 2)}))
                say("try", shown.id, *picks)
                pick(store, shown.id, picks)
                say("done", shown.id, *picks)
                os.write(count, b".")
        child = grid(run_id, after=shown, picks=picks, take=take)
        say("try", child.id)
        store.add_generation(child)
        say("done", child.id)
        os.write(count, b".")


def main() -> None:
    url, run_id, kills, seed = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    rng = np.random.default_rng(seed)
    for take in range(kills):
        counted, count = os.pipe()
        writer = os.fork()
        if writer == 0:
            write_for_ever(url, run_id, take, count)
        os.close(count)
        if take % 2:
            for _ in range(int(rng.integers(1, 8))):
                os.read(counted, 1)
            time.sleep(rng.uniform(0.0, 0.01))
        else:
            time.sleep(rng.uniform(0.0, 0.06))  # some die while they open the file
        os.kill(writer, signal.SIGKILL)
        os.waitpid(writer, 0)
        os.close(counted)
        say("killed", take)


if __name__ == "__main__":
    main()
