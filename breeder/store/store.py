"""The store: one open database with all queries on it."""

from __future__ import annotations

from breeder.store.favourites import Favourites
from breeder.store.generations import Generations
from breeder.store.genomes import Genomes
from breeder.store.runs import Runs


class Store(Runs, Generations, Genomes, Favourites):
    """Runs, generations, genomes and favourites in a database.

    Every method is one transaction, durable when it returns. Many threads may share a store, and
    several processes a file. `Store.open()` and `Store.in_memory()` make one; `close()`, or the
    end of a `with` block, closes it.
    """
