"""Genomes for tests: drawn from a seed, small and hostile ones among them."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from breeder.activations import ACTIVATIONS
from breeder.genome import OUTPUTS, ColorModel, ConnectionGene, Genome, NodeGene

INPUT_NAMES = ("x", "y", "d", "bias")


IN_32_BITS = tuple(name for name in ACTIVATIONS if not name.startswith("picbreeder_"))
"""All activations but those whose steps are drawn in 64 bits."""


def random_genome(
    seed: int,
    *,
    hidden: int = 12,
    connections: int = 36,
    color: ColorModel = "hsb",
    activations: tuple[str, ...] = IN_32_BITS,
    scale: float = 1.0,
) -> Genome:
    """Return a genome with random structure, disabled connections and outputs that feed others."""
    rng = np.random.default_rng(seed)
    keys = [*(f"n{index:03d}" for index in range(hidden)), *OUTPUTS[color]]
    rng.shuffle(keys)
    values = [*INPUT_NAMES, *keys]
    genes = {}
    for _ in range(connections):
        target = int(rng.integers(len(INPUT_NAMES), len(values)))
        source = int(rng.integers(0, target))
        ends = (values[source], values[target])
        genes[ends] = ConnectionGene(
            source=ends[0],
            target=ends[1],
            weight=float(rng.normal(0, scale)),
            enabled=bool(rng.random() < 0.9),
        )
    nodes = tuple(
        NodeGene(key=key, activation=str(rng.choice(activations)), bias=float(rng.normal(0, 0.3)))
        for key in keys
    )
    return Genome(inputs=INPUT_NAMES, nodes=nodes, connections=tuple(genes.values()), color=color)


def dense_genome(width: int, *, layers: int, seed: int = 0) -> Genome:
    """Return a fully connected network of tanh nodes, layers of a width, painting in rgb."""
    rng = np.random.default_rng(seed)
    rows: list[tuple[str, ...]] = [INPUT_NAMES]
    rows += [tuple(f"n{layer}_{index:03d}" for index in range(width)) for layer in range(layers)]
    rows.append(OUTPUTS["rgb"])
    connections = [
        ConnectionGene(
            source=source, target=target, weight=float(rng.normal(0, 1.5 / np.sqrt(len(before))))
        )
        for before, after in pairwise(rows)
        for target in after
        for source in before
    ]
    nodes = [
        NodeGene(key=key, activation="tanh", bias=float(rng.normal(0, 0.3)))
        for row in rows[1:]
        for key in row
    ]
    return Genome(
        inputs=INPUT_NAMES, nodes=tuple(nodes), connections=tuple(connections), color="rgb"
    )


def one_node(activation: str, argument: float, *, gain: float, offset: float) -> Genome:
    """Return a genome whose red channel is offset + gain * activation(argument + x / 100)."""
    return Genome(
        inputs=("x",),
        nodes=(
            NodeGene(key="probe", activation=activation, bias=argument),
            NodeGene(key="red", activation="identity", bias=offset),
            NodeGene(key="green", activation="identity"),
            NodeGene(key="blue", activation="identity"),
        ),
        connections=(
            ConnectionGene(source="x", target="probe", weight=0.01),
            ConnectionGene(source="probe", target="red", weight=gain),
        ),
        color="rgb",
    )
