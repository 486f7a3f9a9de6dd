"""Genomes written for Picbreeder come back the same; what it never had is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from defusedxml import ElementTree  # type: ignore[import-untyped]

from breeder.activations import ACTIVATIONS
from breeder.errors import FormatError
from breeder.formats import FORMATS, load_document, loads_document, loads_documents, save
from breeder.formats.native import Document
from breeder.formats.picbreeder import ACTIVATIONS as PICBREEDERS
from breeder.genome import ColorModel, ConnectionGene, Genome, NodeGene
from breeder.inputs import INPUTS
from breeder.rendering import render
from breeder.rendering.canvas import Canvas
from tests.formats import picbreeder_files as files
from tests.formats.code import probes
from tests.genomes import one_node, random_genome

OURS = tuple(PICBREEDERS.values())


def written(genome: Genome, **texts: str) -> bytes:
    document = Document(genome=genome, meta=texts)
    return b"".join(FORMATS["picbreeder"].pieces(document, Canvas(), "cpu"))


def assert_same_picture(genome: Genome, other: Genome) -> None:
    for canvas in (Canvas(width=64, height=64), probes.VIEW):
        pictures = render([genome, other], canvas, device="reference").astype(int)
        assert np.abs(pictures[0] - pictures[1]).max() <= 1


@pytest.mark.parametrize("scale", [0.8, 3.0])
@pytest.mark.parametrize("color", ["grey", "hsb"])
def test_random_genomes_come_back_as_the_same_picture(color: ColorModel, scale: float):
    for seed in range(15):
        genome = random_genome(seed, color=color, activations=OURS, scale=scale)
        back = loads_document(written(genome), name="owl.xml").genome
        assert_same_picture(genome, back)
        assert len(back.nodes) == len(genome.nodes)
        assert sorted(n.bias for n in back.nodes) == sorted(n.bias for n in genome.nodes)


@pytest.mark.parametrize("name", OURS)
def test_every_activation_of_picbreeder(name: str):
    for probe in probes.activation_probes(name):
        grey = Genome(
            inputs=("x",),
            nodes=(
                *(node for node in probe.nodes if node.key == "probe"),
                NodeGene(key="brightness", activation="identity", bias=0.5),
            ),
            connections=tuple(
                ConnectionGene(
                    source=gene.source,
                    target=gene.target.replace("red", "brightness"),
                    weight=gene.weight,
                )
                for gene in probe.connections
            ),
            color="grey",
        )
        assert_same_picture(grey, loads_document(written(grey), name="owl.xml").genome)


@pytest.mark.parametrize("text", [files.COLOR, files.GREY, files.OLDER], ids=["hsb", "grey", "ink"])
def test_a_genome_of_picbreeder_comes_back_equal_with_its_origin(text: str):
    document = loads_document(files.data(text).encode(), name="x")
    again = loads_document(written(document.genome, **document.meta), name="y")
    assert again.genome == document.genome
    assert again.origin == document.origin


@pytest.mark.parametrize("name", probes.ORIGINALS)
def test_the_originals_come_back_equal(name: str, shared: Path):
    document = load_document(shared / "picbreeder" / name)
    again = loads_document(written(document.genome, **document.meta), name="y")
    assert again.genome.inputs == document.genome.inputs
    assert again.origin == document.origin
    assert_same_picture(document.genome, again.genome)


@pytest.mark.parametrize(
    ("origin", "kept"),
    [
        ("Picbreeder 8/31", "Picbreeder 8/31"),
        ("Picbreeder 8/31, from 8/30 and 7/2", "Picbreeder 8/31, from 8/30 and 7/2"),
        ("bred from Picbreeder 8/31, from 8/30", "bred from Picbreeder 8/31"),
        (
            "bred from Picbreeder 8/31, from 8/30; Picbreeder 9/1; Picbreeder 9/2",
            "bred from Picbreeder 8/31 and 9/1",
        ),
        ("neat-python, genome 3", ""),
        ('Picbreeder "/><x/>', ""),
        ("", ""),
    ],
)
def test_the_origin_is_kept_where_it_is_picbreeders(origin: str, kept: str):
    genome = random_genome(4, color="grey", activations=OURS)
    text = written(genome, **({"origin": origin} if origin else {}))
    assert loads_document(text, name="x").origin == kept
    mark = ElementTree.fromstring(text).find("genome/identifier").attrib
    if not origin.startswith("Picbreeder 8"):
        assert mark == {"branch": "breeder", "id": genome.id[:16]}


def test_marks_are_kept_and_new_ones_never_collide():
    nodes = [
        NodeGene(key=key, activation="sin", bias=place / 7)
        for place, key in enumerate(
            ("1/0", "1/4", "2/4", "3/x", "d", "mine", "a/b/c", "brightness")
        )
    ]
    links = [
        ConnectionGene(source="x", target="d", weight=0.7),
        *(
            ConnectionGene(source=node.key, target="brightness", weight=0.3)
            for node in nodes
            if node.key != "brightness"
        ),
    ]
    genome = Genome(inputs=("x",), nodes=tuple(nodes), connections=tuple(links), color="grey")
    text = written(genome)
    root = ElementTree.fromstring(text)
    marks = [tuple(each.attrib.values()) for each in root.iter("marking")]
    assert len(set(marks)) == len(marks) == len(nodes) + 4 + len(links)
    back = loads_document(text, name="x").genome
    assert {"1/0", "1/4", "2/4", "3/x", "brightness"} <= set(back.node_keys)
    assert_same_picture(genome, back)


def test_disabled_parts_and_idle_strangers_stay_behind():
    nodes = (
        NodeGene(key="brightness", activation="cos"),
        NodeGene(key="idle", activation="sin"),
        NodeGene(key="strange", activation="relu"),
    )
    links = (
        ConnectionGene(source="x", target="brightness", weight=1.0),
        ConnectionGene(source="y", target="brightness", weight=2.0, enabled=False),
        ConnectionGene(source="strange", target="brightness", weight=2.0, enabled=False),
        ConnectionGene(source="strange", target="idle", weight=2.0),
        ConnectionGene(source="z", target="idle", weight=2.0),
        ConnectionGene(source="y", target="idle", weight=3.0),
    )
    genome = Genome(inputs=("x", "y", "z"), nodes=nodes, connections=links, color="grey")
    back = loads_document(written(genome), name="x").genome
    assert sorted(node.activation for node in back.nodes) == ["cos", "sin"]
    assert sorted(gene.weight for gene in back.connections) == [1.0, 3.0]
    assert_same_picture(genome, back)


@pytest.mark.parametrize("name", [name for name in ACTIVATIONS if name not in OURS])
def test_other_activations_are_refused(name: str, tmp_path: Path):
    nodes = (NodeGene(key="brightness", activation=name),)
    genome = Genome(inputs=("x",), nodes=nodes, connections=(), color="grey")
    with pytest.raises(FormatError, match=f"^The picture cannot be .*: it uses {name}, and Pic"):
        save(genome, tmp_path / "owl.xml")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", [name for name in INPUTS if name not in ("x", "y", "d", "bias")])
def test_other_inputs_are_refused(name: str):
    with pytest.raises(FormatError, match=f"it reads the input {name}, and Picbreeder has only"):
        written(probes.input_probe(name))


def test_other_colours_are_refused():
    with pytest.raises(FormatError, match="its colours are rgb, and Picbreeder knows only"):
        written(one_node("sin", 0.1, gain=1.0, offset=0.0))


@pytest.mark.parametrize("title", [*probes.HOSTILE_TITLES, "--", "-->", "a - -- - b-"], ids=ascii)
def test_a_title_stays_in_its_comment(title: str):
    genome = random_genome(5, color="hsb", activations=OURS)
    plain, titled = (written(genome, **texts).splitlines() for texts in ({}, {"title": title}))
    assert titled[2:] == plain[2:]
    assert len(loads_documents(b"\n".join(titled), name="x")) == 1
    assert b"Made with breeder; its genome is " + genome.id.encode() in titled[1]
