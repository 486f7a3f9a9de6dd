"""What the store answers beyond the values of history.py. Knows nothing of tables."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from breeder.evolve.mutation_record import Mutation
from breeder.genome import Genome
from breeder.history import Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """A generation as a tree shows it, without its pictures.

    Attributes:
        id: The generation's identity.
        number: How many steps it lies from the run's first grid.
        came_from: The id of the grid shown before it; None for a first grid.
        bred_from: The slots of that grid it was bred from.
        created_at: When, in UTC.
    """

    id: str
    number: int
    came_from: str | None
    bred_from: tuple[int, ...]
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Ancestor:
    """A picture in the family of another, at the place where it first came up.

    Attributes:
        genome: What it is drawn from.
        parents: The identities of the genomes it came from.
        mutations: What changed on the way from them.
        origin: How it came to its slot.
        run_id: The run it was bred in.
        generation_id: The grid it was first shown in.
        number: That grid's number.
        slot: Its place there.
        steps: How many births lie between it and the picture asked for, on the shortest way.
    """

    genome: Genome
    parents: tuple[str, ...]
    mutations: tuple[Mutation, ...]
    origin: Origin
    run_id: str
    generation_id: str
    number: int
    slot: int
    steps: int
