"""Programs with Picbreeder's steps are drawn as exactly as the reference draws them."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from breeder.activations import ACTIVATIONS, SUM_LIMIT
from breeder.formats import loads_any
from breeder.genome import COLOR_MODELS, Genome
from breeder.program import compile_genome
from breeder.rendering import cpu, devices, precise, precise_loop, render
from breeder.rendering.canvas import Canvas
from breeder.rendering.cpu import CpuRenderer
from breeder.rendering.precise import LOWERING, PreciseRenderer, needs_precision
from tests.formats import picbreeder_files as files
from tests.genomes import one_node, random_genome

CANVAS = Canvas(width=70, height=41, rotation=12, zoom=0.8, center=(0.2, -0.1), z=0.3)
ROWS = range(3, 41)
STEPPED = ("picbreeder_sigmoid", "picbreeder_gaussian")


def stepped(seed: int, **options: Any) -> Genome:
    return random_genome(seed, activations=(*STEPPED, "sin", "cos", "tanh"), **options)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_every_activation_is_that_of_the_reference(name: str):
    u = np.concatenate([np.linspace(-9, 9, 90_001), np.linspace(-SUM_LIMIT, SUM_LIMIT, 90_001)])
    wanted = ACTIVATIONS[name].reference(u)
    tolerance = 0.0 if name in STEPPED else 2e-12
    np.testing.assert_allclose(LOWERING[name](u), wanted, atol=tolerance, rtol=tolerance)


def test_the_compiled_loop_gives_the_bytes_of_numpy():
    genomes = [stepped(seed, color=COLOR_MODELS[seed % 4]) for seed in range(16)]
    genomes += [one_node(name, u, gain=0.3, offset=0.5) for name in LOWERING for u in (-2.0, 0.7)]
    programs = [compile_genome(genome) for genome in genomes]
    wanted = PreciseRenderer().draw(programs, CANVAS, ROWS)
    compiled = PreciseRenderer(precise_loop.evaluate, precise_loop.paint)
    assert np.array_equal(compiled.draw(programs, CANVAS, ROWS), wanted)


def test_deep_networks_of_steps_are_within_one_of_the_reference():
    genomes = [stepped(seed, hidden=40, connections=160, scale=2.0) for seed in range(12)]
    wanted = render(genomes, CANVAS, device="reference").astype(int)
    assert np.abs(render(genomes, CANVAS, device="cpu") - wanted).max() <= 1


def test_only_programs_that_need_it_are_drawn_in_64_bits():
    moth = loads_any(files.data(files.COLOR).encode(), name="x")
    plain = replace(moth, nodes=tuple(replace(node, activation="sin") for node in moth.nodes))
    programs = [compile_genome(genome) for genome in (plain, moth, plain)]
    assert [needs_precision(program) for program in programs] == [False, True, False]
    together = CpuRenderer().draw(programs, CANVAS, ROWS)
    for picture, program in zip(together, programs, strict=True):
        assert np.array_equal(CpuRenderer().draw([program], CANVAS, ROWS)[0], picture)


def test_no_gpu_is_chosen_for_them(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(devices, "_gpu_for", lambda work: "cuda")
    steps = compile_genome(stepped(2))
    plain = compile_genome(random_genome(2, activations=("sin", "tanh")))
    assert devices.choose([plain], CANVAS, "auto")._device == "cuda"
    assert devices.choose([plain, steps], CANVAS, "auto")._device == "cpu"
    assert devices.choose([steps], CANVAS, "cuda")._device == "cuda"


def test_numpy_draws_them_until_the_loop_is_compiled(monkeypatch: pytest.MonkeyPatch):
    never: Future[None] = Future()
    monkeypatch.setattr(cpu, "_precise_loops", lambda: never)
    monkeypatch.setattr(cpu, "PATIENCE", 0.0)
    monkeypatch.setattr(precise_loop, "evaluate", lambda *_: pytest.fail("not compiled yet"))
    program = compile_genome(stepped(2))
    wanted = PreciseRenderer().draw([program], CANVAS, ROWS)
    assert np.array_equal(CpuRenderer().draw([program], CANVAS, ROWS), wanted)


def test_large_programs_take_fewer_pixels_at_a_time(monkeypatch: pytest.MonkeyPatch):
    program = compile_genome(stepped(2))
    wanted = PreciseRenderer().draw([program], CANVAS, ROWS)
    sizes: list[int] = []

    def loop(values: np.ndarray, *rest: Any) -> None:
        sizes.append(values.size)
        precise.evaluate(values, *rest)

    monkeypatch.setattr(precise, "CHUNK_VALUES", 1000)
    assert np.array_equal(PreciseRenderer(loop).draw([program], CANVAS, ROWS), wanted)
    assert max(sizes) <= 1000
