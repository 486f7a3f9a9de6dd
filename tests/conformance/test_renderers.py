"""One judge for all ways to draw: each is compared with the NumPy float64 reference.

A new way to draw registers in RENDERERS in one line.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from breeder.activations import ACTIVATIONS, SUM_LIMIT
from breeder.genome import COLOR_MODELS, ColorModel, ConnectionGene, Genome, NodeGene
from breeder.inputs import INPUTS
from breeder.program import compile_genome
from breeder.rendering import (
    Renderer,
    batched,
    differentiable,
    kernels,
    portable,
    precise,
    precise_loop,
    render,
    tiled,
)
from breeder.rendering.canvas import Canvas
from breeder.rendering.reference import ReferenceRenderer
from tests import fused
from tests.differentiable import DifferentiableRenderer
from tests.genomes import dense_genome, one_node, random_genome


def _torch(device: str) -> Callable[[], Renderer]:
    def make() -> Renderer:
        if not batched.is_there(device):
            pytest.skip(f"no {device} device on this machine: the {device} renderer is not checked")
        return batched.BatchedRenderer(device)

    return make


def _differentiable_on_cuda() -> Renderer:
    if not batched.is_there("cuda"):
        pytest.skip("no cuda device on this machine: differentiable pictures are not checked there")
    return DifferentiableRenderer("cuda")


STEPS = ("picbreeder_sigmoid", "picbreeder_gaussian", "sin", "cos")

RENDERERS: dict[str, Callable[[], Renderer]] = {
    "tiled on cpu": tiled.TiledRenderer,
    "portable on cpu": portable.PortableRenderer,
    "precise on cpu": lambda: precise.PreciseRenderer(precise_loop.evaluate, precise_loop.paint),
    "precise on cpu, NumPy": precise.PreciseRenderer,
    "batched on cpu": _torch("cpu"),
    "batched on cpu, float64": lambda: batched.BatchedRenderer("cpu", "float64"),
    "batched on cuda": _torch("cuda"),
    "batched on mps": _torch("mps"),
    "fused in Triton's interpreter": fused.in_interpreter,
    "fused on cuda": fused.on_cuda,
    "differentiable on cpu": DifferentiableRenderer,
    "differentiable on cuda": _differentiable_on_cuda,
}

AWKWARD = (
    0.0,
    1e-30,
    -1e-30,
    1e-4,
    np.pi / 2,
    -np.pi,
    np.pi,
    2 * np.pi,
    -7 * np.pi,
    3.0,
    -3.0,
    20.0,
    -20.0,
    700.0,
    -1e3,
    1e6,
    -1e6,
)


@pytest.fixture(params=RENDERERS)
def under_test(request: pytest.FixtureRequest) -> Renderer:
    return RENDERERS[request.param]()


def assert_agrees(under_test: Renderer, genomes: list[Genome], canvas: Canvas) -> None:
    programs = [compile_genome(genome) for genome in genomes]
    rows = range(canvas.height)
    wanted = ReferenceRenderer().draw(programs, canvas, rows).astype(int)
    got = under_test.draw(programs, canvas, rows)
    assert got.dtype == np.uint8
    assert got.shape == wanted.shape
    share = (np.abs(got - wanted) <= 1).mean()
    assert share >= 0.999, f"{1 - share:.4%} of the channels are off by more than 1"


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_every_activation_with_awkward_arguments(under_test: Renderer, name: str) -> None:
    genomes = []
    for argument in AWKWARD:
        value = float(ACTIVATIONS[name].reference(np.clip(argument, -SUM_LIMIT, SUM_LIMIT)))
        gain = 0.4 / max(1.0, abs(value))
        genomes.append(one_node(name, argument, gain=gain, offset=0.5))
    assert_agrees(under_test, genomes, Canvas(width=64, height=4))


def test_the_probe_reaches_the_picture() -> None:
    """Guards the judge itself: other activations give other pictures."""
    # Above zero all of a kind are the identity, and Picbreeder's steps are finer than a byte.
    alike = {"abs", "relu", "leaky_relu", "elu", "picbreeder_sigmoid", "picbreeder_gaussian"}
    pictures = {
        render(
            [one_node(name, 1.3, gain=0.2, offset=0.3)],
            Canvas(width=8, height=8),
            device="reference",
        ).tobytes()
        for name in ACTIVATIONS
        if name not in alike
    }
    assert len(pictures) == len(ACTIVATIONS) - len(alike)


@pytest.mark.parametrize("color", COLOR_MODELS)
def test_random_genomes_drawn_together(under_test: Renderer, color: ColorModel) -> None:
    genomes = [random_genome(seed, color=color) for seed in range(24)]
    assert_agrees(under_test, genomes, Canvas(width=48, height=40))


def test_mixed_structures_and_colour_models_in_one_grid(under_test: Renderer) -> None:
    genomes = [
        random_genome(seed, hidden=seed * 3, connections=8 * seed, color=COLOR_MODELS[seed % 5])
        for seed in range(12)
    ]
    assert_agrees(under_test, genomes, Canvas(width=33, height=17))


def test_views_other_than_the_whole(under_test: Renderer) -> None:
    canvas = Canvas(width=50, height=20, zoom=2.5, center=(0.3, -0.2), rotation=33, z=0.7)
    assert_agrees(under_test, [random_genome(seed) for seed in range(6)], canvas)


@pytest.mark.parametrize("size", [(1, 1), (1, 7), (7, 1), (3, 2)])
def test_tiny_pictures(under_test: Renderer, size: tuple[int, int]) -> None:
    # Five genomes of 21 channels or fewer: within 99.9 % means every single one.
    canvas = Canvas(width=size[0], height=size[1])
    assert_agrees(under_test, [random_genome(seed) for seed in range(5)], canvas)


def test_a_stress_program_keeps_every_value_alive(under_test: Renderer) -> None:
    genome = random_genome(5, hidden=300, connections=2500, scale=0.3, activations=("tanh", "sin"))
    assert_agrees(under_test, [genome], Canvas(width=64, height=64))


def test_bands_do_not_change_the_picture(under_test: Renderer) -> None:
    programs = [compile_genome(random_genome(seed)) for seed in range(4)]
    canvas = Canvas(width=40, height=31)
    whole = under_test.draw(programs, canvas, range(31)).astype(int)
    parts = [under_test.draw(programs, canvas, range(a, min(a + 5, 31))) for a in range(0, 31, 5)]
    assert np.abs(np.concatenate(parts, axis=1) - whole).max() <= 1


def test_every_table_lowers_every_activation() -> None:
    assert list(batched.LOWERING) == list(differentiable.LOWERING) == list(ACTIVATIONS)
    assert tuple(batched.PAINT) == tuple(differentiable.PAINT) == COLOR_MODELS
    assert list(ACTIVATIONS) == kernels.LOWERED_OPERATIONS
    assert list(ACTIVATIONS) == list(precise.LOWERING) == precise_loop.LOWERED_OPERATIONS


def test_the_kernels_lower_every_input() -> None:
    assert list(INPUTS) == kernels.LOWERED_INPUTS


@pytest.mark.parametrize("name", INPUTS)
def test_every_input(under_test: Renderer, name: str) -> None:
    genome = Genome(
        inputs=(name,),
        nodes=(NodeGene(key="brightness", activation="sin"),),
        connections=(ConnectionGene(source=name, target="brightness", weight=1.7),),
        color="grey",
    )
    canvas = Canvas(width=37, height=21, center=(0.2, -0.4), z=0.35)
    assert_agrees(under_test, [genome], canvas)


@pytest.mark.parametrize("color", COLOR_MODELS)
def test_the_portable_renderer_gives_the_bytes_of_the_compiled_loops(color: ColorModel) -> None:
    genomes = [random_genome(seed, color=color, scale=1 + seed % 3) for seed in range(30)]
    genomes += [random_genome(seed, color=color, activations=STEPS) for seed in range(10)]
    genomes += [
        one_node(name, argument, gain=0.3, offset=0.5)
        for name in ACTIVATIONS
        for argument in AWKWARD
    ]
    programs = [compile_genome(genome) for genome in genomes]
    canvas = Canvas(width=41, height=27, rotation=15, zoom=0.7, center=(0.3, -2.5), z=0.2)
    wanted = tiled.TiledRenderer().draw(programs, canvas, range(3, 27))
    got = portable.PortableRenderer().draw(programs, canvas, range(3, 27))
    assert np.array_equal(got, wanted)


@pytest.mark.parametrize("width", [3, 5, 16, 33])
def test_dense_networks_have_the_same_bytes_too(width: int) -> None:
    """Nodes with the same sources are summed in fours, whatever their number."""
    program = compile_genome(dense_genome(width, layers=4))
    canvas = Canvas(width=60, height=47, zoom=0.8)
    rows = range(47)
    wanted = tiled.TiledRenderer().draw([program], canvas, rows)
    assert np.array_equal(portable.PortableRenderer().draw([program], canvas, rows), wanted)
    parts = [tiled.TiledRenderer().draw([program], canvas, range(a, a + 1)) for a in rows]
    assert np.array_equal(np.concatenate(parts, axis=1), wanted)


def test_dense_networks(under_test: Renderer) -> None:
    assert_agrees(
        under_test,
        [dense_genome(width, layers=4) for width in (4, 7, 32)],
        Canvas(width=48, height=40),
    )


def test_tiles_leave_no_seams() -> None:
    """Byte for byte: the tiled renderer gives the same picture whatever it is cut into."""
    renderer = tiled.TiledRenderer()
    programs = [
        compile_genome(random_genome(seed, color=COLOR_MODELS[seed % 5])) for seed in range(8)
    ]
    canvas = Canvas(width=83, height=61, rotation=20, zoom=1.3)
    whole = renderer.draw(programs, canvas, range(61))
    parts = [renderer.draw(programs, canvas, range(a, min(a + 7, 61))) for a in range(0, 61, 7)]
    assert np.array_equal(np.concatenate(parts, axis=1), whole)
    alone = np.concatenate([renderer.draw([p], canvas, range(61)) for p in programs])
    assert np.array_equal(alone, whole)


def test_many_threads_draw_at_once_and_agree() -> None:
    genomes = [random_genome(seed) for seed in range(6)]
    wanted = render(genomes, Canvas(width=96, height=96), device="cpu")

    def draw(_: int) -> bool:
        return np.array_equal(render(genomes, Canvas(width=96, height=96), device="cpu"), wanted)

    with ThreadPoolExecutor(16) as threads:
        assert all(threads.map(draw, range(160)))
