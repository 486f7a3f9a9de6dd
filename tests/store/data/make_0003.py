"""Makes breeder-0003.db: `PYTHONPATH=. python tests/store/data/make_0003.py`.

Not to be run again: the file stands for the files people have from version 0003. Its pictures were
bred, so that breeding goes on from them.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from breeder.breeder import Breeder
from breeder.history import BreederSettings
from breeder.store import Store

PATH = Path(__file__).with_name("breeder-0003.db")
SETTINGS = BreederSettings(population=5, strength=0.5)


def main() -> None:
    with Store.open(f"sqlite:///{PATH}") as store:
        owls = Breeder.begin(store, name="owls", settings=SETTINGS, seed=7)
        first = owls.ask()
        owls.tell([0, 2])
        owls.tell([1])
        owls.go(first.id)
        branch = owls.tell([3])
        owls.pick([2])
        star = branch.children[2].genome
        store.add_favourite(star.id, title="Owl", run_id=owls.run_id)
        store.add_favourite(first.children[0].genome.id)
        store.describe(star.id, description="It looks at you.", tags=["birds"], stars=4)
        store.save_genome(first.children[4].genome, origin="Picbreeder 1/2")
        more = Breeder.begin(store, name="more owls", settings=SETTINGS, seed=8, start=[star])
        more.tell([1, 2])
        store.duplicate_run(owls.run_id, "owls copy")
        cats = Breeder.begin(store, name="cats", settings=SETTINGS, seed=9)
        cats.tell([0])
        store.delete_run(cats.run_id)
    with closing(sqlite3.connect(PATH)) as connection:  # one small file
        connection.execute("PRAGMA journal_mode = DELETE")
        connection.execute("PRAGMA page_size = 1024")
        connection.execute("VACUUM")
        connection.execute("PRAGMA journal_mode = WAL")


if __name__ == "__main__":
    main()
