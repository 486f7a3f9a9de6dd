"""Genomes and grids made up for the tests of the store: no breeding behind them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime

import numpy as np

from breeder.activations import ACTIVATIONS
from breeder.errors import NotFoundError
from breeder.evolve.mutation_record import Mutation
from breeder.genome import OUTPUTS, ColorModel, ConnectionGene, Genome, NodeGene
from breeder.history import MAX_POPULATION, BreederSettings, Child, Generation, Origin, Screening
from breeder.store import Store

FINGERPRINT = 16


def mark(*parts: object) -> str:
    """32 hexadecimal digits that follow from the parts."""
    return hashlib.blake2b("/".join(map(str, parts)).encode(), digest_size=16).hexdigest()


def genome(
    seed: int, *, hidden: int = 2, connections: int = 6, color: ColorModel = "hsb"
) -> Genome:
    """A genome of random weights; as many nodes and about as many connections as asked for."""
    rng = np.random.default_rng(seed)
    inputs = ("x", "y", "d", "bias")
    names = [mark(seed, i) for i in range(hidden)] + list(OUTPUTS[color])
    activations = list(ACTIVATIONS)
    nodes = tuple(
        NodeGene(
            key=name,
            activation=activations[int(rng.integers(len(activations)))],
            bias=float(rng.normal()),
        )
        for name in names
    )
    ends = set()
    for _ in range(connections):
        target = int(rng.integers(len(names)))
        source = int(rng.integers(len(inputs) + target))
        ends.add(((*inputs, *names)[source], names[target]))
    genes = tuple(
        ConnectionGene(source=s, target=t, weight=float(rng.normal()), enabled=rng.random() < 0.9)
        for s, t in sorted(ends)
    )
    return Genome(inputs=inputs, nodes=nodes, connections=genes, color=color)


MUTATIONS = (
    Mutation(kind="weights", count=4, size=0.7310585786300049),
    Mutation(kind="add_node", source="x", target="hue", after="sin"),
)


def grid(
    run_id: str,
    *,
    after: Generation | None = None,
    picks: tuple[int, ...] = (),
    take: int = 0,
    population: int = 3,
    hidden: int = 2,
    connections: int = 6,
) -> Generation:
    """The grid bred from these picks of another, or a first grid; `take` tells repeats apart."""
    id_ = mark(run_id, after.id if after else "", picks, take)
    seed = int(id_[:12], 16)
    parents = tuple(after.children[slot].genome for slot in picks) if after else ()
    origin: Origin = "child" if after else "founder"
    children = tuple(
        Child(
            slot=slot,
            genome=genome(seed + slot, hidden=hidden, connections=connections),
            parents=parents,
            mutations=MUTATIONS if after else (),
            origin=origin,
            candidate=slot + take,
        )
        for slot in range(population)
    )
    return Generation(
        id=id_,
        run_id=run_id,
        number=after.number + 1 if after else 0,
        came_from=after.id if after else None,
        bred_from=picks,
        seed=mark("seed", id_),
        settings=BreederSettings(population=population, strength=0.25),
        children=children,
        picks=(),
        screening=Screening(proposed=9, dull=2, repeats=1),
        fingerprints=bytes(seed % 251 for _ in range(FINGERPRINT * population)),
        created_at=datetime.now(UTC),
    )


def pick(store: Store, generation_id: str, slots: Iterable[int]) -> None:
    """Make these slots the whole selection of a grid."""
    wanted = set(slots)
    store.change_picks(generation_id, add=wanted, drop=set(range(MAX_POPULATION)) - wanted)


def holds(store: Store, genome: Genome) -> bool:
    """Whether the database holds a genome."""
    try:
        return store.genome(genome.id) == genome
    except NotFoundError:
        return False


def followers(store: Store, before: Generation) -> list[str]:
    """The grids that came from one, oldest first."""
    return [each.id for each in store.tree(before.run_id) if each.came_from == before.id]
