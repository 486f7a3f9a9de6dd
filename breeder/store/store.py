"""The store: one open database with all queries on it."""

from __future__ import annotations

from breeder.store.favourites import Favourites
from breeder.store.gallery import Gallery
from breeder.store.generations import Generations
from breeder.store.genomes import Genomes
from breeder.store.purging import Purging
from breeder.store.runs import Runs
from breeder.store.taste import TasteRecords
from breeder.store.trees import Trees
from breeder.store.ways import Ways


class Store(Runs, Generations, Trees, Ways, Genomes, Favourites, Gallery, TasteRecords, Purging):
    """Runs, generations, genomes, a person's choices and the gallery of what is kept.

    Every method is one transaction, durable when it returns. Many threads may share a store, and
    several processes a file. `Store.open()` and `Store.in_memory()` make one; `close()`, or the
    end of a `with` block, closes it.
    """
