"""Programs: genomes compiled to flat arrays, the one thing that everything which draws reads.

Structure and numbers are apart: programs whose `structure` keys are equal differ in weights and
biases alone, so a backend that prepares something for a structure can keep it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from breeder.activations import OPERATION_CODES
from breeder.genome import ColorModel, ConnectionGene, Genome, topological_order
from breeder.inputs import INPUT_CODES


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Program:
    """A compiled genome, with I inputs, N nodes, E connections and C output channels.

    A value is an input (0 to I - 1) or a node (I to I + N - 1); nodes stand in an order in which
    sources come first, grouped by level. Node n sums the connections offsets[n] to offsets[n + 1].

    Attributes:
        inputs: Codes from the table of inputs, int16, shape (I,).
        operations: Activation codes, int16, shape (N,).
        levels: Level of each node, int32, ascending, shape (N,).
        offsets: Where each node's connections start, int32, shape (N + 1,).
        sources: The value each connection reads, int32, shape (E,).
        outputs: The value of each channel, int32, shape (C,).
        weights: float64, shape (E,).
        biases: float64, shape (N,).
        color: How the channels become a colour.
        structure: A hash of everything but weights and biases.
    """

    inputs: NDArray[np.int16]
    operations: NDArray[np.int16]
    levels: NDArray[np.int32]
    offsets: NDArray[np.int32]
    sources: NDArray[np.int32]
    outputs: NDArray[np.int32]
    weights: NDArray[np.float64]
    biases: NDArray[np.float64]
    color: ColorModel
    structure: str


@lru_cache(maxsize=512)
def compile_genome(genome: Genome) -> Program:
    """Return the program of a genome, kept for a while; see `compile_once`."""
    return compile_once(genome)


def compile_once(genome: Genome) -> Program:
    """Return the program of a genome; what no output needs is left out, and nothing else changes.

    Disabled connections and nodes from which no output can be reached over enabled connections
    do not appear. A node that nothing feeds stays: it is the constant f(bias).
    """
    incoming = _incoming_of_needed(genome)
    ends = [(gene.source, gene.target) for genes in incoming.values() for gene in genes]
    levels = topological_order(incoming, ends)
    operation = {node.key: OPERATION_CODES[node.activation] for node in genome.nodes}
    order = sorted(levels, key=lambda key: (levels[key], operation[key], key))
    used = {source for source, _ in ends}
    inputs = [name for name in genome.inputs if name in used]
    place = {key: index for index, key in enumerate([*inputs, *order])}
    bias = {node.key: node.bias for node in genome.nodes}
    genes = [gene for key in order for gene in incoming[key]]
    arrays: dict[str, NDArray[Any]] = {
        "inputs": np.array([INPUT_CODES[name] for name in inputs], dtype=np.int16),
        "operations": np.array([operation[key] for key in order], dtype=np.int16),
        "levels": np.array([levels[key] for key in order], dtype=np.int32),
        "offsets": np.cumsum([0, *(len(incoming[key]) for key in order)], dtype=np.int32),
        "sources": np.array([place[gene.source] for gene in genes], dtype=np.int32),
        "outputs": np.array([place[key] for key in genome.outputs], dtype=np.int32),
    }
    digest = hashlib.blake2b(genome.color.encode(), digest_size=16)
    for name, array in arrays.items():
        digest.update(f"{name}{array.size}".encode())
        digest.update(array.tobytes())
    arrays["weights"] = np.array([gene.weight for gene in genes], dtype=np.float64)
    arrays["biases"] = np.array([bias[key] for key in order], dtype=np.float64)
    for array in arrays.values():
        array.setflags(write=False)  # programs are cached and shared
    return Program(
        **arrays,
        color=genome.color,
        structure=digest.hexdigest(),
    )


def _incoming_of_needed(genome: Genome) -> dict[str, list[ConnectionGene]]:
    """Return the enabled connections into each node that an output needs."""
    incoming: dict[str, list[ConnectionGene]] = {node.key: [] for node in genome.nodes}
    for gene in genome.connections:
        if gene.enabled:
            incoming[gene.target].append(gene)
    needed = dict.fromkeys(genome.outputs)
    queue = list(needed)
    for key in queue:
        for gene in incoming[key]:
            if gene.source in incoming and gene.source not in needed:
                needed[gene.source] = None
                queue.append(gene.source)
    return {key: incoming[key] for key in needed}
