"""Genomes and mutations as the tables keep them, both ways. Knows nothing of queries."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from dataclasses import MISSING, fields
from typing import Any

from breeder.errors import GenomeError, StoreError
from breeder.evolve.mutation_record import Mutation
from breeder.genome import ConnectionGene, Genome, NodeGene, canonical_json

MOST_PLAIN = 16 * 1024 * 1024
"""Of a genome as text: four times what a file of one may hold."""

MUTATION_DEFAULTS = {f.name: f.default for f in fields(Mutation) if f.default is not MISSING}


def genome_columns(genome: Genome) -> dict[str, object]:
    """Return the row of a genome, without its integer key."""
    return {
        "public_id": genome.id,
        "color": genome.color,
        "nodes": len(genome.nodes),
        "connections": len(genome.connections),
        "data": zlib.compress(canonical_json(genome).encode(), 9),
    }


def genome_from_data(data: bytes) -> Genome:
    """Return a genome from its compressed canonical JSON.

    Raises:
        StoreError: The bytes are damaged, or a gene is of a later version.
    """
    try:
        plain = json.loads(_unpacked(data))
        return Genome(
            inputs=tuple(plain["inputs"]),
            color=plain["color"],
            nodes=tuple(NodeGene(key=k, activation=a, bias=b) for k, a, b in plain["nodes"]),
            connections=tuple(
                ConnectionGene(source=s, target=t, weight=w, enabled=e)
                for s, t, w, e in plain["connections"]
            ),
        )
    except (zlib.error, ValueError, KeyError, TypeError, GenomeError) as error:
        raise StoreError(f"A picture in the database cannot be read: {error}") from error


def _unpacked(data: bytes) -> bytes:
    """Return what zlib packed, if it is of a size that a genome can have."""
    unpacking = zlib.decompressobj()
    plain = unpacking.decompress(data, MOST_PLAIN)
    if not unpacking.eof:
        raise ValueError("it is cut off, or larger than any genome.")
    return plain


def mutation_to_plain(mutation: Mutation) -> dict[str, Any]:
    """Return a mutation as a plain dictionary, without what has its default value."""
    plain = {name: getattr(mutation, name) for name in MUTATION_DEFAULTS}
    told = {name: value for name, value in plain.items() if value != MUTATION_DEFAULTS[name]}
    return {"kind": mutation.kind, **told}


def mutation_from_plain(plain: Mapping[str, Any]) -> Mutation:
    """Return a mutation from its plain dictionary; unknown names are left out."""
    told = {name: value for name, value in plain.items() if name in MUTATION_DEFAULTS}
    return Mutation(kind=plain["kind"], **told)
