"""Shaders and the page that stands alone, run in a real browser and held against the reference."""

import base64
import io
import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page

from breeder.activations import ACTIVATIONS, SUM_LIMIT
from breeder.formats import FORMATS, load, loads_document, save
from breeder.formats.native import Document
from breeder.genome import COLOR_MODELS, ColorModel, ConnectionGene, Genome, NodeGene
from breeder.inputs import INPUTS
from breeder.rendering import render
from breeder.rendering.canvas import Canvas
from tests.conformance.test_renderers import AWKWARD
from tests.genomes import random_genome

Frame = Callable[[Genome, Canvas], np.ndarray]

HARNESS = (Path(__file__).parent / "shader_harness.js").read_text()
SIZE = 96


@pytest.fixture(scope="module")
def bench(browser: Browser) -> Iterator[Page]:
    """Open a page that runs shaders."""
    page = browser.new_page()
    page.set_content("<title>shaders</title>")
    page.add_script_tag(content=HARNESS)
    yield page
    page.close()


def pixels(address: str) -> np.ndarray:
    data = base64.b64decode(address.partition(",")[2])
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))


def written(name: str, genome: Genome, canvas: Canvas, title: str = "") -> str:
    document = Document(genome=genome, meta={"title": title} if title else {})
    return b"".join(FORMATS[name].pieces(document, canvas, "cpu")).decode()


def shader_pixels(bench: Page, genome: Genome, canvas: Canvas, time: float = 0.0) -> np.ndarray:
    source = written("shader", genome, canvas)
    arguments = [source, canvas.width, canvas.height, time]
    return pixels(bench.evaluate("a => drawShader(...a)", arguments))


@pytest.fixture(scope="module")
def frame(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Frame]:
    """Open a page in which saved pages are shown one after another."""
    page = browser.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    file = tmp_path_factory.mktemp("pages") / "picture.html"

    def show(genome: Genome, canvas: Canvas) -> np.ndarray:
        file.write_text(written("page", genome, canvas), encoding="utf-8")
        page.set_viewport_size({"width": canvas.width, "height": canvas.height})
        page.goto(file.as_uri())
        address = page.evaluate("() => { play(false); draw(start, 1); return canvas.toDataURL(); }")
        assert not errors
        return pixels(address)

    yield show
    page.close()


def assert_close(got: np.ndarray, genome: Genome, canvas: Canvas) -> None:
    wanted = render([genome], canvas, device="reference")[0].astype(int)
    share = (np.abs(got - wanted) <= 2).mean()
    assert share >= 0.995, f"{1 - share:.3%} of the channels are off by more than 2"


CHANNELS = ("red", "green", "blue")


def probes(name: str, arguments: Sequence[float]) -> Genome:
    """Return a genome whose channels show an activation at three arguments."""
    nodes, connections = [], []
    for channel, argument in zip(CHANNELS, arguments, strict=True):
        value = float(ACTIVATIONS[name].reference(np.clip(argument, -SUM_LIMIT, SUM_LIMIT)))
        nodes.append(NodeGene(key=f"probe {channel}", activation=name, bias=argument))
        nodes.append(NodeGene(key=channel, activation="identity", bias=0.5))
        gain = 0.4 / max(1.0, abs(value))
        for source, target, weight in (
            ("x", f"probe {channel}", 0.01),
            (f"probe {channel}", channel, gain),
        ):
            connections.append(ConnectionGene(source=source, target=target, weight=weight))
    return Genome(inputs=("x",), nodes=tuple(nodes), connections=tuple(connections), color="rgb")


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_every_activation_with_awkward_arguments(bench: Page, frame: Frame, name: str) -> None:
    canvas = Canvas(width=SIZE, height=8)
    arguments = [*AWKWARD, *AWKWARD[: -len(AWKWARD) % 3]]
    for first in range(0, len(arguments), 3):
        genome = probes(name, arguments[first : first + 3])
        assert_close(shader_pixels(bench, genome, canvas), genome, canvas)
        assert_close(frame(genome, canvas), genome, canvas)


@pytest.mark.parametrize("color", COLOR_MODELS)
def test_random_genomes_seen_from_other_sides(bench: Page, frame: Frame, color: ColorModel) -> None:
    for seed in range(3):
        genome = random_genome(seed, hidden=20, connections=70, color=color)
        canvas = Canvas(
            width=SIZE, height=64, zoom=(1, 0.3, 2.5)[seed], rotation=25 * seed, center=(0.1, -seed)
        )
        assert_close(shader_pixels(bench, genome, canvas), genome, canvas)
        assert_close(frame(genome, canvas), genome, canvas)


def every_input() -> Genome:
    """Return a genome in which each input shows."""
    names = tuple(INPUTS)
    return Genome(
        inputs=names,
        nodes=tuple(NodeGene(key=key, activation="sigmoid") for key in CHANNELS),
        connections=tuple(
            ConnectionGene(source=name, target=CHANNELS[place % 3], weight=0.5 + 0.3 * place)
            for place, name in enumerate(names)
        ),
        color="rgb",
    )


def test_every_input(bench: Page, frame: Frame) -> None:
    for canvas in (
        Canvas(width=SIZE, height=64, z=0.4),
        Canvas(width=SIZE, height=64, zoom=3, center=(0.6, -0.2), z=-1),
    ):
        genome = every_input()
        assert_close(shader_pixels(bench, genome, canvas), genome, canvas)
        assert_close(frame(genome, canvas), genome, canvas)


def test_time_moves_z_in_the_shader(bench: Page) -> None:
    genome = every_input()
    canvas = Canvas(width=SIZE, height=32, z=0.25)
    time = np.pi / 2
    later = shader_pixels(bench, genome, canvas, time)
    moved = Canvas(width=SIZE, height=32, z=0.25 + float(np.sin(0.5 * time)))
    assert_close(later, genome, moved)
    assert np.abs(later.astype(int) - shader_pixels(bench, genome, canvas)).max() > 10


def fine_lines() -> Genome:
    """Return a genome with lines so fine that they fill a view a million times magnified."""
    return Genome(
        inputs=("x", "y", "d"),
        nodes=(
            NodeGene(key="deep", activation="sin", bias=0.7),
            NodeGene(key="fine", activation="cos", bias=-0.2),
            NodeGene(key="brightness", activation="sin", bias=0.3),
        ),
        connections=(
            ConnectionGene(source="x", target="deep", weight=300.0),
            ConnectionGene(source="d", target="deep", weight=200.0),
            ConnectionGene(source="deep", target="fine", weight=1000.0),
            ConnectionGene(source="y", target="fine", weight=-5000.0),
            ConnectionGene(source="fine", target="brightness", weight=7.0),
        ),
        color="grey",
    )


def test_the_page_is_exact_where_32_bits_no_longer_tell_pixels_apart(
    bench: Page, frame: Frame
) -> None:
    genome = fine_lines()
    canvas = Canvas(width=SIZE, height=SIZE, zoom=1e6, center=(0.7123456789, -0.3141592653))
    wanted = render([genome], canvas, device="reference")[0].astype(int)
    assert np.ptp(wanted) > 60, "the view must show something"
    assert_close(frame(genome, canvas), genome, canvas)
    plain = np.abs(shader_pixels(bench, genome, canvas) - wanted)
    assert (plain > 2).mean() > 0.2, "else the page's way is not needed"


def open_page(page: Page, folder: Path, genome: Genome, title: str) -> None:
    page.set_viewport_size({"width": 420, "height": 300})  # software draws it here
    path = folder / "owl.html"
    save(genome, path, title=title)
    page.goto(path.as_uri())


def test_the_page_is_moved_zoomed_and_played_by_hand(page: Page, tmp_path: Path) -> None:
    open_page(page, tmp_path, every_input(), "Owl")
    assert page.title() == "Owl"
    first = page.evaluate("({...view})")
    page.mouse.move(210, 120)
    page.mouse.wheel(0, -600)
    page.wait_for_function("view.zoom > 1.5")
    page.mouse.down()
    page.mouse.move(310, 150, steps=4)
    page.mouse.up()
    page.wait_for_function("x => view.x < x - 0.01", arg=first["x"])
    before = page.evaluate("view.z")
    page.wait_for_function("z => Math.abs(view.z - z) > 0.05", arg=before)
    page.locator("#play").click()
    page.get_by_role("button", name="Whole").click()
    page.wait_for_function("view.zoom === 1 && view.x === 0")


def test_a_picture_without_z_has_no_controls_of_time(page: Page, tmp_path: Path) -> None:
    open_page(page, tmp_path, random_genome(2), "")
    assert page.locator("#time").is_hidden()


def test_the_page_asks_nothing_of_the_network(page: Page, tmp_path: Path) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    open_page(page, tmp_path, random_genome(3), "alone")
    page.wait_for_timeout(300)
    assert [url for url in asked if not url.startswith("file:")] == []


def test_a_title_stays_a_title(bench: Page, page: Page, tmp_path: Path) -> None:
    title = "a</title></script><script>window.broken=1</script>*/ ' \" \\ ` ${1} \u2028 -->[[VIEW]]"
    genome = random_genome(1)
    open_page(page, tmp_path, genome, title)
    assert page.evaluate("typeof window.broken") == "undefined"
    assert page.locator("#bar b").text_content() == title
    kept = json.loads(page.locator("#genome").text_content() or "")
    assert loads_document(json.dumps(kept).encode(), name="x").title == title
    canvas = Canvas(width=SIZE, height=32)
    source = written("shader", genome, canvas, title)
    assert_close(
        pixels(bench.evaluate("a => drawShader(...a)", [source, SIZE, 32, 0])), genome, canvas
    )


def test_the_genome_in_a_page_can_be_read_back(tmp_path: Path) -> None:
    genome = random_genome(5)
    save(genome, tmp_path / "owl.html", title="Owl <b>")
    assert load(tmp_path / "owl.html") == genome
