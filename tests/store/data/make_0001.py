"""Makes breeder-0001.db: `PYTHONPATH=. python tests/store/data/make_0001.py`.

Not to be run again: the file stands for the files people have from version 0001.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from breeder.store import Store
from tests.store.grids import grid, pick

PATH = Path(__file__).with_name("breeder-0001.db")


def main() -> None:
    with Store.open(f"sqlite:///{PATH}") as store:
        run = store.create_run(name="owls", seed=7)
        first = grid(run.id, population=4)
        left = grid(run.id, after=first, picks=(0, 2), population=4)
        right = grid(run.id, after=first, picks=(1,), population=4)
        last = grid(run.id, after=left, picks=(1, 3), population=4)
        for each in (first, left, right, last):
            store.add_generation(each)
        pick(store, first.id, [1])
        pick(store, last.id, [1, 3])
        store.add_favourite(first.children[0].genome.id, title="Owl", run_id=run.id)
        cats = store.create_run(name="cats", seed=8)
        store.add_generation(grid(cats.id, population=4))
        store.delete_run(cats.id)
    with closing(sqlite3.connect(PATH)) as connection:  # one small file
        connection.execute("PRAGMA journal_mode = DELETE")
        connection.execute("PRAGMA page_size = 1024")
        connection.execute("VACUUM")
        connection.execute("PRAGMA journal_mode = WAL")


if __name__ == "__main__":
    main()
