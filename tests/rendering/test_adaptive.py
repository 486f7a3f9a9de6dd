"""Small pictures: truer where busy, untouched where calm, the same everywhere, within a budget."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future

import numpy as np
import pytest
from numpy.typing import NDArray

from breeder.genome import COLOR_MODELS, ConnectionGene, Genome, NodeGene
from breeder.program import Program
from breeder.rendering import cpu, render
from breeder.rendering.adaptive import FACTORS, TOLERANCE, busyness, render_adaptive
from breeder.rendering.canvas import Canvas
from breeder.rendering.color import bytes_to_light
from breeder.rendering.cpu import CpuRenderer
from tests.genomes import random_genome

SMALL = Canvas(width=64, height=64)
TILE = Canvas(width=256, height=256)
MIXED = [
    random_genome(seed, color=COLOR_MODELS[seed % 4], scale=(0.5, 1.0, 4.0)[seed % 3])
    for seed in range(12)
]
BUSY = [random_genome(seed, color=COLOR_MODELS[seed % 4], scale=8.0) for seed in range(40)]


def ripples(to_a_pixel: float, canvas: Canvas, *, slant: float = 0.0) -> Genome:
    """Return a genome of so many full waves across each pixel of a canvas."""
    weight = np.pi * to_a_pixel * min(canvas.width, canvas.height)
    return Genome(
        inputs=("x", "y"),
        nodes=(
            NodeGene(key="wave", activation="sin", bias=0.7),
            NodeGene(key="brightness", activation="identity", bias=0.5),
        ),
        connections=(
            ConnectionGene(source="x", target="wave", weight=weight),
            ConnectionGene(source="y", target="wave", weight=weight * slant),
            ConnectionGene(source="wave", target="brightness", weight=0.5),
        ),
        color="grey",
    )


def slope() -> Genome:
    """Return a genome of the calmest picture that is not plain: dark to light."""
    return Genome(
        inputs=("x",),
        nodes=(NodeGene(key="brightness", activation="identity", bias=0.5),),
        connections=(ConnectionGene(source="x", target="brightness", weight=0.4),),
        color="grey",
    )


def errors(pictures: NDArray[np.uint8], truth: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the root of the mean square in linear light, for each picture."""
    squares = np.square(bytes_to_light(pictures) - truth, dtype=np.float64)
    return np.asarray(np.sqrt(squares.mean(axis=(1, 2, 3))))


def truth(genomes: Sequence[Genome], side: int) -> NDArray[np.float32]:
    """Return the light of pictures of 16 x 16 samples for each pixel."""
    fine = bytes_to_light(render(genomes, Canvas(width=2 * side, height=2 * side, supersample=8)))
    return np.asarray(fine.reshape(len(genomes), side, 2, side, 2, 3).mean((2, 4)))


def factor_of(genome: Genome, canvas: Canvas, picture: NDArray[np.uint8]) -> int:
    """Return the least supersampling that gives a picture; 0 where none does."""
    for factor in FACTORS:
        again = Canvas(width=canvas.width, height=canvas.height, supersample=factor)
        if np.array_equal(render([genome], again)[0], picture):
            return factor
    return 0


@pytest.fixture
def samples(monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """Count the samples that the CPU draws."""
    drawn = [0]
    draw = CpuRenderer.draw

    def counting(
        self: CpuRenderer, programs: Sequence[Program], canvas: Canvas, rows: range
    ) -> NDArray[np.uint8]:
        drawn[0] += len(programs) * len(rows) * canvas.width
        return draw(self, programs, canvas, rows)

    monkeypatch.setattr(CpuRenderer, "draw", counting)
    return lambda: drawn[0]


@pytest.mark.parametrize(("side", "times"), [(64, 5.0), (256, 2.0)])
def test_busy_pictures_come_nearer_to_the_truth(side: int, times: float):
    genomes = BUSY if side == 64 else BUSY[12:15]
    canvas, true = Canvas(width=side, height=side), truth(genomes, side)
    single = errors(render(genomes, canvas), true)
    adaptive = errors(render_adaptive(genomes, canvas), true)
    assert single.mean() > 0.02
    assert adaptive.mean() < single.mean() / times
    assert (adaptive <= single + 1e-6).all()


@pytest.mark.parametrize("to_a_pixel", [0.45, 0.9, 1.0, 2.0, 3.0, 7.0])
@pytest.mark.parametrize("slant", [0.0, 1.0])
@pytest.mark.parametrize("canvas", [SMALL, Canvas(width=128, height=128), TILE])
def test_ripples_finer_than_pixels_are_found_even_where_they_look_smooth(
    to_a_pixel: float, slant: float, canvas: Canvas
):
    genome = ripples(to_a_pixel, canvas, slant=slant)
    assert busyness([genome], render([genome], canvas), canvas)[0] > TOLERANCE


@pytest.mark.parametrize("canvas", [SMALL, TILE, Canvas(width=33, height=80, zoom=2, rotation=30)])
def test_calm_pictures_are_those_of_a_single_sample(canvas: Canvas, samples: Callable[[], int]):
    calm = [slope(), ripples(0.01, canvas), ripples(0.01, canvas, slant=0.5)]
    wanted = render(calm, canvas)
    before = samples()
    np.testing.assert_array_equal(render_adaptive(calm, canvas), wanted)
    assert samples() - before <= 2 * wanted[..., 0].size


@pytest.mark.parametrize("canvas", [SMALL, Canvas(width=300, height=170, rotation=10)])
def test_what_else_is_drawn_changes_nothing(canvas: Canvas):
    together = render_adaptive(MIXED, canvas)
    backwards = render_adaptive(MIXED[::-1], canvas)[::-1]
    alone = np.concatenate([render_adaptive([genome], canvas) for genome in MIXED])
    np.testing.assert_array_equal(together, backwards)
    np.testing.assert_array_equal(together, alone)


def test_each_picture_is_one_that_render_gives():
    pictures = render_adaptive(MIXED, SMALL)
    found = {factor_of(*pair) for pair in zip(MIXED, [SMALL] * 12, pictures, strict=True)}
    assert 0 not in found
    assert {1, 8} <= found


def test_the_bytes_do_not_depend_on_whether_the_fast_loops_are_ready(
    monkeypatch: pytest.MonkeyPatch,
):
    ready = render_adaptive(MIXED, SMALL, device="cpu")
    monkeypatch.setattr(cpu, "_loops", Future)
    np.testing.assert_array_equal(render_adaptive(MIXED, SMALL, device="cpu"), ready)


def test_a_calm_tile_costs_a_sixteenth_more(samples: Callable[[], int]):
    render_adaptive([slope()] * 15, TILE, device="cpu")
    assert samples() == 15 * (256 * 256 + 64 * 64)


@pytest.mark.parametrize(
    ("side", "times"), [(256, 5.07), (128, 17.26), (64, 66.0), (32, 66.0), (500, 5.07)]
)
def test_the_busiest_pictures_stay_within_the_budget(
    side: int, times: float, samples: Callable[[], int]
):
    canvas = Canvas(width=side, height=side)
    render_adaptive([ripples(0.9, canvas)] * 2, canvas, device="cpu")
    assert 0.95 * times <= samples() / (2 * side * side) <= times


def test_the_canvas_s_supersampling_is_the_least():
    canvas = Canvas(width=64, height=64, supersample=2)
    np.testing.assert_array_equal(render_adaptive([slope()], canvas), render([slope()], canvas))
    large = Canvas(width=512, height=512, supersample=2)
    busy = ripples(0.9, large)
    finer = Canvas(width=512, height=512, supersample=4)
    np.testing.assert_array_equal(render_adaptive([busy], large), render([busy], finer))


def test_no_genomes_and_the_smallest_canvases_are_drawn():
    assert render_adaptive([]).shape == (0, 256, 256, 3)
    for width, height in [(1, 1), (1, 9), (2, 2), (5, 3)]:
        canvas = Canvas(width=width, height=height)
        assert render_adaptive([BUSY[0]], canvas).shape == (1, height, width, 3)
