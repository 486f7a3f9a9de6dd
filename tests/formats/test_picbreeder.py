"""Picbreeder's genomes come in whole and draw as they drew there."""

from __future__ import annotations

import math
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from breeder.errors import FormatError
from breeder.formats import load_document, loads_any, loads_document, loads_documents
from breeder.program import compile_genome
from breeder.rendering import Renderer, batched, cpu, portable, render, tiled
from breeder.rendering.canvas import Canvas
from breeder.rendering.reference import ReferenceRenderer
from tests.formats import picbreeder_files as files
from tests.formats.picbreeder_files import LINKS, NODES, data, genome, link, node, zipped

SHARED = Path(__file__).resolve().parents[3] / "shared" / "picbreeder"
ORIGINALS = ("skull.zip", "butterfly.zip", "1009_ButterflyGreyscale.xml", "613_SadFace.xml")
FAST: dict[str, Callable[[], Renderer]] = {
    "cpu": cpu.CpuRenderer,
    "tiled": tiled.TiledRenderer,
    "portable": portable.PortableRenderer,
    "batched": lambda: batched.BatchedRenderer("cpu"),
}


def original(name: str) -> tuple[bytes, NDArray[np.int64]]:
    if not SHARED.is_dir():
        pytest.skip("the original genomes are not here: Picbreeder's own files are not checked")
    with Image.open((SHARED / name).with_suffix(".png")) as picture:
        return (SHARED / name).read_bytes(), np.asarray(picture.convert("RGB")).astype(int)


def drawn(content: bytes, renderer: Renderer) -> NDArray[np.int64]:
    program = compile_genome(loads_any(content, name="genome"))
    canvas = Canvas(width=256, height=256)
    return np.asarray(renderer.draw([program], canvas, range(256))[0].astype(int))


@pytest.mark.parametrize("name", ORIGINALS)
def test_the_reference_draws_the_originals_within_one(name: str):
    content, wanted = original(name)
    assert np.abs(drawn(content, ReferenceRenderer()) - wanted).max() <= 1


@pytest.mark.parametrize("fast", FAST)
@pytest.mark.parametrize("name", ORIGINALS)
def test_the_fast_ways_draw_the_originals_within_three(name: str, fast: str):
    content, wanted = original(name)
    off = np.abs(drawn(content, FAST[fast]()) - wanted)
    assert off.max() <= 3
    assert (off <= 1).mean() >= 0.999


def sigmoid(u: float) -> float:
    k = math.trunc(1000 * u + 0.5)
    return 2 / (1 + math.exp(-k * 0.001)) - 1


def gaussian(u: float) -> float:
    k = math.trunc(1000 * u + 0.5)
    return 2 * math.exp(-((k * 0.001) ** 2)) - 1


def by_hand(i: int, j: int, size: int) -> tuple[float, float, float]:
    """Hue, saturation and light of COLOR at a pixel, from its links one by one."""
    x, y = (2 * i - size + 1) / size, (2 * j - size + 1) / size
    d = math.sqrt(2) * math.sqrt(x * x + y * y)
    hidden = sigmoid(2.5 * x - 1.75 * d)
    twin = math.cos(0.1 + 3.0 * y + 0.4)
    light = gaussian(-0.25 + 1.5 * hidden - 0.8 * twin + 0.3 * gaussian(0.7))
    return math.sin(0.6 * light + 0.45 * x), sigmoid(0.5 + 1.1 * twin), light


def six_sectors(hue: float, saturation: float, light: float) -> tuple[float, ...]:
    h, s, b = hue % 1, min(1.0, max(0.0, saturation)), min(1.0, abs(light))
    q = 6 * h
    n, f = int(q), q - int(q)
    p, down, up = b * (1 - s), b * (1 - s * f), b * (1 - s * (1 - f))
    return ((b, up, p), (down, b, p), (p, b, up), (p, down, b), (up, p, b), (b, p, down))[n]


@pytest.mark.parametrize("color", [True, False])
def test_a_genome_of_our_own_draws_what_it_says(color: bool):
    size = 16
    text = data(files.COLOR if color else files.GREY)
    picture = render([loads_any(text.encode(), name="x")], Canvas(width=size, height=size))[0]
    for i in range(size):
        for j in range(size):
            hue, saturation, light = by_hand(i, j, size)
            grey = (min(1.0, abs(light)),) * 3
            wanted = six_sectors(hue, saturation, light) if color else grey
            assert np.abs(picture[j, i] - 255 * np.array(wanted)).max() <= 1.01


@pytest.mark.parametrize(
    ("text", "nodes", "links", "color"),
    [
        (data(files.COLOR), 6, 10, "hsb"),
        (data(files.GREY), 6, 10, "grey"),
        (data(files.OLDER), 2, 2, "grey"),
        (files.CPPNX, 1, 1, "grey"),
    ],
    ids=["color", "grey", "older", "cppn-x"],
)
def test_every_kind_of_file_comes_in_as_text_and_as_zip(
    text: str, nodes: int, links: int, color: str
):
    for content in (
        text.encode(),
        b"\xef\xbb\xbf" + text.encode(),
        text.replace('encoding="UTF-8"', "").encode("utf-16"),
        text.replace("UTF-8", "iso-8859-1").encode("latin-1"),
        zipped(text),
        zipped(text, name="genome.xml", method=zipfile.ZIP_STORED),
    ):
        found = loads_any(content, name="upload")
        assert (len(found.nodes), len(found.connections), found.color) == (nodes, links, color)
        assert found.inputs == ("x", "y", "d", "bias")


def test_the_weight_in_force_counts_not_the_original_one():
    assert loads_any(files.CPPNX.encode(), name="x").connections[0].weight == 2.0


def test_nodes_are_named_by_branch_and_id_and_outputs_by_what_they_are():
    found = loads_any(data(files.COLOR).encode(), name="x")
    assert found.node_keys == ("3/9", "4/11", "4/9", "brightness", "hue", "saturation")
    grey = loads_any(data(files.GREY).encode(), name="x")
    assert grey.node_keys == ("3/9", "4/11", "4/9", "7/10", "7/9", "brightness")


@pytest.mark.parametrize("phenotype", [None, "grey", "structure", "anything"])
def test_only_color_is_in_colour(phenotype: str | None):
    text = data(genome(NODES, LINKS, phenotype=phenotype))
    assert loads_any(text.encode(), name="x").color == "grey"


def test_the_order_of_nodes_and_links_has_no_meaning():
    turned = genome(NODES[::-1], LINKS[::-1], phenotype="color")
    assert loads_any(data(turned).encode(), name="x") == loads_any(
        data(files.COLOR).encode(), name="x"
    )


def test_the_origin_is_kept():
    origins = [
        loads_document(text.encode(), name="x").meta["origin"]
        for text in (data(files.COLOR), data(files.GREY), data(files.OLDER))
    ]
    assert origins == [
        "Picbreeder 8/31, from 8/30",
        "Picbreeder 8/32",
        "Picbreeder 2/6, from 2/5 and 1/77",
    ]


def test_a_file_of_storage_holds_several_genomes(tmp_path: Path):
    documents = loads_documents(files.STORAGE.encode(), name="x")
    assert [document.meta["origin"].split(",")[0] for document in documents] == [
        "Picbreeder 8/32",
        "Picbreeder 8/31",
        "Picbreeder 2/6",
    ]
    assert [document.genome.color for document in documents] == ["grey", "hsb", "grey"]
    (tmp_path / "all.xml").write_text(files.STORAGE)
    with pytest.raises(FormatError, match=r"^all\.xml holds 3 genomes, and one is needed here"):
        load_document(tmp_path / "all.xml")


def test_a_wrong_genome_among_several_is_named():
    text = files.STORAGE.replace(
        "<activation>cos(x)</activation></node></nodes>", "</node></nodes>"
    )
    with pytest.raises(
        FormatError, match=r"Cannot read x: in its genome 2/6 \(the 3\. of the file"
    ):
        loads_documents(text.encode(), name="x")


def value_of(text: str, x: float = 0.5) -> float:
    """The grey of a genome's picture at one point, from its bytes."""
    canvas = Canvas(width=1, height=1, center=(x, 0.0))
    return float(
        render([loads_any(text.encode(), name="x")], canvas, device="reference")[0, 0, 0, 0]
    )


def light(*links: str, nodes: tuple[str, ...] = files.INPUTS) -> str:
    ink = node(files.LIGHT, "out", "identity(x)", label="ink")
    return data(genome((*nodes, ink), links))


def test_two_links_between_two_nodes_add_up():
    both = light(link(files.X, files.LIGHT, "0.5"), link(files.X, files.LIGHT, "0.25"))
    assert value_of(both) == value_of(light(link(files.X, files.LIGHT, "0.75")))
    assert value_of(both) != value_of(light(link(files.X, files.LIGHT, "0.5")))


def test_an_input_may_have_a_bias_and_be_fed():
    inputs = (
        node(files.X, "in", "identity(x)", label="x", bias="0.25"),
        node(files.BIAS, "in", "identity(x)", label="bias"),
    )
    links = (link(files.BIAS, files.X, "-0.5"), link(files.X, files.LIGHT, "1.0"))
    assert value_of(light(*links, nodes=inputs), x=0.9) == math.floor(255 * 0.65 + 0.5)


def test_nothing_but_a_bias_is_a_picture_too():
    text = data(genome([node(files.LIGHT, "out", "identity(x)", label="ink", bias="-0.5")], []))
    assert value_of(text) == 128


LOOP = (link(files.HIDDEN, files.TWIN, 1), link(files.TWIN, files.HIDDEN, 1))
LOOP_NODES = (*NODES[:4], NODES[4], node(files.HIDDEN), node(files.TWIN))
NUMBERS = (
    "NaN",
    "Infinity",
    "-inf",
    "1e999",
    "1e7",
    "",
    "1_0",
    "0x10",
    "1,5",
    "\u0661",
    "9" * 5000,
)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("<data></data>", "without a genome"),
        ("<svg/>", "without a genome"),
        ("<html><body>hello</body></html>", "without a genome"),
        (data(genome([], [])), "no output called brightness or ink"),
        (data(genome(NODES[:5], [], phenotype="color")), "no output called hue"),
        (data(genome((*NODES[:5], NODES[4]), [])), "two nodes have the marking 1/9"),
        (
            data(genome((*NODES[:5], NODES[4].replace('id="9"', 'id="8"')), [])),
            "two outputs called 'brightness'",
        ),
        (data(genome(NODES, (*LINKS, link(("9", "9"), files.HUE, 1)))), "9/9, which is not a node"),
        (data(genome(NODES, [LINKS[0].replace("<source", "<s")])), "no source or no target"),
        (data(genome(NODES, ["<link><weight>1</weight></link>"])), "no source or no target"),
        (data(genome(LOOP_NODES, LOOP)), "form a cycle"),
        (data(genome([NODES[4].replace("gaussian(x)", "tan(x)")], [])), "activation 'tan\\(x\\)'"),
        (data(genome([NODES[4].replace("gaussian(x)", "")], [])), "activation ''"),
        (data(genome([NODES[4].replace('"out"', '"inner"')], [])), "in, out or hidden"),
        (data(genome([NODES[0].replace('"x"', '"z"'), NODES[4]], [])), "inputs are x, y, d, bias"),
        (data(genome(["<node type='out'/>"], [])), "no marking"),
        (data(genome([NODES[4].replace('branch="1"', "")], [])), "a branch and an id"),
        (data(genome([NODES[4].replace('"9"', f'"{"9" * 99}"')], [])), "a branch and an id"),
        (data(files.COLOR)[:-40], "it is not whole XML"),
        (data(files.COLOR).replace("</nodes>", "", 1), "it is not whole XML"),
    ],
)
def test_a_wrong_genome_is_refused_with_the_reason(text: str, message: str):
    with pytest.raises(FormatError, match=rf"^Cannot read owl\.xml: .*{message}") as caught:
        loads_documents(text.encode(), name="owl.xml")
    assert str(caught.value).count("\n") == 0
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("what", ["weight", "bias"])
def test_only_finite_numbers_within_bounds_are_weights_and_biases(what: str, number: str):
    text = data(files.COLOR)
    old = "<weight>2.5</weight>" if what == "weight" else 'bias="-0.25"'
    new = f"<weight>{number}</weight>" if what == "weight" else f'bias="{number}"'
    assert old in text
    with pytest.raises(FormatError, match="must be a finite number"):
        loads_any(text.replace(old, new).encode(), name="x")
