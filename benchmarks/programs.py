"""The networks that benchmarks draw: drawn from a seed, of Picbreeder's sizes, and dense ones.

The 16 small ones have 14 to 83 nodes and 27 to 264 connections, as Picbreeder's genomes do, and
its activations; half are grey, half in colour, and none is a plain surface. Where its sample
genomes lie beside the repository, four of them stand in for the four of the nearest size.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np

import breeder
from breeder.errors import BreederError
from breeder.genome import OUTPUTS, ColorModel, ConnectionGene, Genome, NodeGene
from breeder.program import Program, compile_once
from breeder.rendering.canvas import Canvas
from breeder.rendering.reference import ReferenceRenderer

INPUTS = ("x", "y", "d", "bias")
ACTIVATIONS = ("identity", "sin", "cos", "bipolar_sigmoid", "bipolar_gaussian")
NODES = (14, 83)
CONNECTIONS = (27, 264)
COUNT = 16
ALIVE = 25.0  # the least standard deviation of a picture's bytes

SAMPLES = ("skull.zip", "butterfly.zip", "1009_ButterflyGreyscale.xml", "613_SadFace.xml")

DENSE_LAYERS = 8
DENSE_WIDTHS = (16, 32, 128)


def small_genomes(count: int = COUNT, seed: int = 16) -> list[Genome]:
    """Return genomes whose sizes are spread evenly, in proportion, over those of Picbreeder."""
    nodes = np.rint(np.geomspace(*NODES, count)).astype(int)
    connections = np.rint(np.geomspace(*CONNECTIONS, count)).astype(int)
    colors: tuple[ColorModel, ColorModel] = ("grey", "hsb")
    return [
        _living(int(n), int(c), colors[index % 2], np.random.default_rng([seed, index]))
        for index, (n, c) in enumerate(zip(nodes, connections, strict=True))
    ]


def grid() -> tuple[list[Program], str]:
    """Return the 16 programs that are drawn, and one sentence that says which they are."""
    genomes = small_genomes()
    samples, why = sample_genomes()
    for sample in samples:
        away = [
            np.inf if genome in samples else abs(len(genome.connections) - len(sample.connections))
            for genome in genomes
        ]
        genomes[int(np.argmin(away))] = sample
    programs = [compile_once(genome) for genome in genomes]
    nodes, edges = (sum(parts) for parts in zip(*sizes(programs), strict=True))
    from_where = (
        f"{len(samples)} of them Picbreeder's own" if samples else f"all from a seed ({why})"
    )
    return programs, f"{len(programs)} programs, {nodes} nodes, {edges:,} connections, {from_where}"


def sample_genomes() -> tuple[list[Genome], str]:
    """Return Picbreeder's sample genomes, as many as can be read, and why there are no more."""
    shared = Path(os.environ.get("BREEDER_SHARED", Path(__file__).parents[2] / "shared"))
    folder = shared / "picbreeder"
    if not folder.is_dir():
        return [], "no sample genomes beside the repository"
    try:
        return [breeder.load(folder / name) for name in SAMPLES], ""
    except (BreederError, OSError) as error:
        return [], f"the sample genomes could not be read: {error}"


def dense_genome(width: int, layers: int = DENSE_LAYERS, seed: int = 8) -> Genome:
    """Return a fully connected network of tanh nodes that paints in rgb."""
    rng = np.random.default_rng([seed, width])
    rows = [list(INPUTS)]
    rows += [[f"n{layer}_{index:03d}" for index in range(width)] for layer in range(layers)]
    rows.append(list(OUTPUTS["rgb"]))
    connections = tuple(
        ConnectionGene(source=source, target=target, weight=weight)
        for before, after in pairwise(rows)
        for (source, target), weight in zip(
            ((source, target) for target in after for source in before),
            rng.normal(0.0, 2.0 / np.sqrt(len(before)), len(before) * len(after)).tolist(),
            strict=True,
        )
    )
    nodes = tuple(
        NodeGene(key=key, activation="tanh", bias=float(rng.normal(0.0, 0.3)))
        for row in rows[1:]
        for key in row
    )
    return Genome(inputs=INPUTS, nodes=nodes, connections=connections, color="rgb")


def is_alive(program: Program) -> bool:
    """Return whether a program's picture is more than a plain surface."""
    picture = ReferenceRenderer().draw([program], Canvas(width=48, height=48), range(48))
    return float(picture.std(axis=(0, 1, 2)).max()) >= ALIVE


def _living(nodes: int, connections: int, color: ColorModel, rng: np.random.Generator) -> Genome:
    while True:
        genome = _random(nodes, connections, color, rng)
        if is_alive(compile_once(genome)):
            return genome


def _random(nodes: int, connections: int, color: ColorModel, rng: np.random.Generator) -> Genome:
    """Return a genome of exactly so many nodes and connections, every one needed by an output."""
    outputs = OUTPUTS[color]
    keys = [*(f"n{index:02d}" for index in range(nodes - len(outputs))), *outputs]
    ends = _needed_ends(len(keys), len(outputs), rng)
    values = len(INPUTS) + len(keys)
    while len(ends) < connections:
        target = int(rng.integers(len(INPUTS), values))
        ends.add((int(rng.integers(0, min(target, values - len(outputs)))), target))
    names = [*INPUTS, *keys]
    return Genome(
        inputs=INPUTS,
        nodes=tuple(_node(key, rng) for key in keys),
        connections=tuple(
            ConnectionGene(source=names[a], target=names[b], weight=float(rng.normal(0.0, 1.0)))
            for a, b in sorted(ends)
        ),
        color=color,
    )


def _needed_ends(nodes: int, outputs: int, rng: np.random.Generator) -> set[tuple[int, int]]:
    """Return connections, as places of values, that feed every node and lead on from each."""
    first, last = len(INPUTS), len(INPUTS) + nodes - outputs
    ends = {(int(rng.integers(0, min(node, last))), node) for node in range(first, first + nodes)}
    led_on = {source for source, _ in ends}
    for node in range(first, last):
        if node not in led_on:
            ends.add((node, int(rng.integers(node + 1, first + nodes))))
    return ends


def _node(key: str, rng: np.random.Generator) -> NodeGene:
    return NodeGene(
        key=key, activation=str(rng.choice(ACTIVATIONS)), bias=float(rng.normal(0.0, 0.3))
    )


def sizes(programs: Sequence[Program]) -> list[tuple[int, int]]:
    """Return the nodes and connections of each program."""
    return [(program.operations.size, program.sources.size) for program in programs]
