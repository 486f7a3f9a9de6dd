"""Drawings: what is in them, and that hostile titles and busy pictures keep them whole."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from defusedxml import ElementTree  # type: ignore[import-untyped]

from breeder import Canvas, Genome, load, save
from breeder.errors import FormatError
from breeder.formats import loads_any, loads_document
from breeder.formats.clusters import colors_of
from breeder.formats.native import Document
from breeder.formats.svg import MOST_BYTES, write_svg
from breeder.genome import COLOR_MODELS, OUTPUTS, ConnectionGene, NodeGene
from tests.genomes import random_genome

SVG = "{http://www.w3.org/2000/svg}"
CANVAS = Canvas(width=300, height=200)
NASTY = "Owl </title><script>alert(1)</script> \"&amp;' ]]> \x00\n\u2028\ufffe"


def drawn(genome: Genome, canvas: Canvas = CANVAS, colors: int = 6, title: str = "") -> bytes:
    document = Document(genome=genome, meta={"title": title} if title else {})
    return b"".join(write_svg(document, canvas, "cpu", colors))


def stripes(weight: float) -> Genome:
    """A picture of rings, finer with the weight; far out, noise."""
    keys = OUTPUTS["hsb"]
    return Genome(
        inputs=("x", "d"),
        nodes=tuple(NodeGene(key=key, activation="sin", bias=0.3) for key in keys),
        connections=tuple(
            ConnectionGene(source=source, target=key, weight=weight * (number + 1))
            for number, key in enumerate(keys)
            for source in ("x", "d")
        ),
        color="hsb",
    )


@pytest.mark.parametrize("color", COLOR_MODELS)
def test_each_colour_is_one_closed_path_over_the_ones_before(color):
    genome = random_genome(3, color=color)
    root = ElementTree.fromstring(drawn(genome))
    paths = root.findall(f"{SVG}path")
    found = colors_of(genome, CANVAS, 6, "cpu")
    assert [path.get("fill") for path in paths] == [each.hex for each in found]
    for path in paths:
        data = path.get("d")
        assert re.fullmatch(r"(M[-\d. ]+([cl][-\d. ]+)*z)+", data)
    assert paths[0].get("d") == "M0 0l300 0l0 200l-300 0z"
    assert root.get("viewBox") == "0 0 300 200"


def test_nothing_is_drawn_beyond_the_frame():
    root = ElementTree.fromstring(drawn(random_genome(51, scale=3.0, hidden=20), colors=8))
    for path in root.findall(f"{SVG}path"):
        for piece in re.findall(r"M[^M]+", path.get("d")):
            x, y = map(float, re.findall(r"-?\d*\.?\d+", piece.partition("c")[0].partition("l")[0]))
            for kind, numbers in re.findall(r"([cl])([^clz]+)", piece):
                steps = [float(number) for number in re.findall(r"-?\d*\.?\d+", numbers)]
                x, y = x + steps[-2], y + steps[-1]
                assert len(steps) == {"c": 6, "l": 2}[kind]
                assert -0.1 <= x <= 300.1
                assert -0.1 <= y <= 200.1


@pytest.mark.parametrize("title", ["Owl", NASTY.replace("\ufffe", "")])
def test_the_genome_and_title_travel_along_and_no_title_gets_out(title: str):
    genome = random_genome(4)
    data = drawn(genome, title=title)
    root = ElementTree.fromstring(data)
    assert [child.tag for child in root if child.tag != f"{SVG}path"] == [
        f"{SVG}title",
        f"{SVG}desc",
        f"{SVG}metadata",
    ]
    assert genome.id in root.findtext(f"{SVG}desc")
    document = loads_document(data, name="owl.svg")
    assert document.genome == genome
    assert document.title == title


def test_what_xml_cannot_hold_is_left_out_of_the_title():
    text = ElementTree.fromstring(drawn(random_genome(4), title=NASTY)).findtext(f"{SVG}title")
    assert text == "Owl </title><script>alert(1)</script> \"&amp;' ]]>"


def test_the_number_of_colours_is_chosen_when_saving(tmp_path: Path):
    genome = random_genome(5, color="rgb")
    save(genome, tmp_path / "owl.svg", colors=3, canvas=CANVAS)
    assert (tmp_path / "owl.svg").read_text("utf-8").count("<path") == 3
    save(genome, tmp_path / "owl.svg", canvas=CANVAS)
    assert (tmp_path / "owl.svg").read_text("utf-8").count("<path") == 8
    assert load(tmp_path / "owl.svg") == genome


def test_a_smooth_picture_takes_few_curves():
    rings = Genome(
        inputs=("d",),
        nodes=(NodeGene(key="brightness", activation="sin", bias=0.2),),
        connections=(ConnectionGene(source="d", target="brightness", weight=4.0),),
        color="grey",
    )
    data = drawn(rings, Canvas(width=1024, height=1024))
    curves = len(re.findall(rb"c[-\d]", b"".join(re.findall(rb' d="[^"]+"', data))))
    assert 10 < curves < 250


def test_an_edge_between_blue_and_yellow_is_no_line_of_a_third_colour():
    slant = {"red": 9000.0, "green": 9000.0, "blue": -9000.0}
    halves = Genome(
        inputs=("x", "y"),
        nodes=tuple(NodeGene(key=key, activation="sigmoid") for key in OUTPUTS["rgb"]),
        connections=tuple(
            ConnectionGene(source=source, target=key, weight=share * weight)
            for key, weight in slant.items()
            for source, share in (("x", 1.0), ("y", 0.37))
        ),
        color="rgb",
    )
    canvas = Canvas(width=300, height=300)
    assert len(colors_of(halves, canvas, 8, "cpu")) > 2  # the blended pixels along the edge
    root = ElementTree.fromstring(drawn(halves, canvas, 8))
    assert {path.get("fill") for path in root.findall(f"{SVG}path")} == {"#0000ff", "#ffff00"}


@pytest.mark.parametrize("weight", [40.0, 300.0, 5000.0])
def test_a_busy_picture_stays_within_bounds(weight: float):
    data = drawn(stripes(weight), Canvas(width=1024, height=1024))
    assert len(data) < MOST_BYTES + 10_000
    assert ElementTree.fromstring(data).find(f"{SVG}path") is not None


@pytest.mark.parametrize(("width", "height"), [(1, 1), (2000, 10), (10, 2000), (8, 3)])
def test_a_drawing_of_any_shape_comes_out(width: int, height: int):
    data = drawn(random_genome(3), Canvas(width=width, height=height, rotation=20.0))
    assert ElementTree.fromstring(data).get("width") == str(width)


@pytest.mark.parametrize(
    "data",
    [
        b'<svg xmlns="http://www.w3.org/2000/svg"><circle r="5"/></svg>',
        drawn(random_genome(4))[:900],
        drawn(random_genome(4)).replace(b'"version":1', b'"version":x'),
    ],
)
def test_a_drawing_without_a_whole_genome_gets_one_sentence(data: bytes):
    with pytest.raises(FormatError, match=r"^Cannot read owl\.svg: ") as caught:
        loads_any(data, name="owl.svg")
    assert len(str(caught.value).splitlines()) == 1


def test_the_same_picture_gives_the_same_bytes():
    first = drawn(random_genome(6))
    assert first == drawn(random_genome(6))
    assert first.startswith(b"<svg")
