"""What every emitter is judged by, and how: its result is run and held against the reference."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from breeder.activations import ACTIVATIONS, SUM_LIMIT
from breeder.formats import FORMATS
from breeder.formats.native import Document
from breeder.genome import COLOR_MODELS, OUTPUTS, ColorModel, ConnectionGene, Genome, NodeGene
from breeder.rendering import render
from breeder.rendering.canvas import Canvas
from tests.conformance.test_renderers import AWKWARD
from tests.genomes import one_node, random_genome

Draw = Callable[[Genome, Canvas], NDArray[np.uint8]]
"""Runs what was emitted for a genome."""

VIEW = Canvas(width=47, height=30, zoom=2.5, center=(0.3, -0.2), rotation=33, z=0.7)

ORIGINALS = ("skull.zip", "butterfly.zip", "1009_ButterflyGreyscale.xml", "613_SadFace.xml")

HOSTILE_TITLES = (
    '"""\nimport os\n"""',
    "'''\r\nraise SystemExit\r\n'''",
    "a\\",
    "owl\x85raise\u2028raise\u2029raise\x0craise\x0braise",
    "*/ </script><script> -->",
    "\ud800 half \x00 nothing",
    "Eule – 梟 🦉",
    "Gray coding: a draft",
)


def written(name: str, genome: Genome, canvas: Canvas | None = None, title: str = "") -> bytes:
    """Return a file's bytes."""
    document = Document(genome=genome, meta={"title": title} if title else {})
    pieces = FORMATS[name].pieces(document, canvas or Canvas(width=32, height=32), "cpu")
    return b"".join(pieces)


def activation_probes(name: str) -> list[Genome]:
    """Return genomes with one activation at awkward arguments."""
    genomes = []
    for argument in AWKWARD:
        value = float(ACTIVATIONS[name].reference(np.clip(argument, -SUM_LIMIT, SUM_LIMIT)))
        gain = 0.4 / max(1.0, abs(value))
        genomes.append(one_node(name, argument, gain=gain, offset=0.5))
    return genomes


def input_probe(name: str) -> Genome:
    """Return a genome that reads one input."""
    return Genome(
        inputs=(name,),
        nodes=(NodeGene(key="brightness", activation="sin"),),
        connections=(ConnectionGene(source=name, target="brightness", weight=1.7),),
        color="grey",
    )


def constant(color: ColorModel) -> Genome:
    """Return a genome that reads no input at all."""
    return Genome(
        inputs=("x",),
        nodes=tuple(NodeGene(key=key, activation="tanh", bias=0.4) for key in OUTPUTS[color]),
        connections=(),
        color=color,
    )


def large() -> Genome:
    """A network with a node of 9,000 sources: expressions of that length do not compile."""
    hidden = [f"h{number}" for number in range(9000)]
    links = [ConnectionGene(source="x", target=key, weight=1 + len(key) / 7) for key in hidden]
    links += [
        ConnectionGene(source=key, target="brightness", weight=(-1) ** place * 0.01)
        for place, key in enumerate(hidden)
    ]
    nodes = [
        NodeGene(key=key, activation="tanh", bias=place / 900) for place, key in enumerate(hidden)
    ]
    nodes.append(NodeGene(key="brightness", activation="sin", bias=0.2))
    return Genome(inputs=("x",), nodes=tuple(nodes), connections=tuple(links), color="grey")


def varied(count: int = 12) -> list[Genome]:
    """Return random genomes of all sizes and colour models, wild ones among them."""
    return [
        random_genome(
            seed,
            hidden=seed * 3,
            connections=8 * seed,
            color=COLOR_MODELS[seed % 4],
            scale=1 + seed % 3,
        )
        for seed in range(count)
    ]


def assert_agrees(draw: Draw, genomes: list[Genome], canvas: Canvas) -> None:
    """Check that 99.9 % of the channels of pictures drawn are within 1 of the reference."""
    wanted = render(genomes, canvas, device="reference").astype(int)
    got = np.stack([draw(genome, canvas) for genome in genomes])
    assert got.dtype == np.uint8
    assert got.shape == wanted.shape
    share = (np.abs(got - wanted) <= 1).mean()
    assert share >= 0.999, f"{1 - share:.4%} of the channels are off by more than 1"
