"""The CPU's renderer draws, whatever happens to its compiled loops."""

from __future__ import annotations

import logging
import time
from concurrent.futures import Future
from typing import Any

import numpy as np
import pytest

from breeder.program import compile_genome
from breeder.rendering import averaging, cpu, kernels, placing, precise_loop, render, tiled
from breeder.rendering.canvas import Canvas
from tests.genomes import random_genome

CANVAS = Canvas(width=24, height=16)


def draw(renderer: Any) -> np.ndarray:
    return np.asarray(renderer.draw([compile_genome(random_genome(3))], CANVAS, range(16)))


def test_pictures_are_the_same_before_and_after_the_loops_are_ready(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ready = draw(tiled.TiledRenderer())
    never: Future[None] = Future()
    monkeypatch.setattr(cpu, "_loops", lambda: never)
    monkeypatch.setattr(cpu, "PATIENCE", 0.0)
    assert np.array_equal(draw(cpu.CpuRenderer()), ready)


def test_a_fresh_installation_waits_once_and_not_for_each_kind_of_loop(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    waits: list[float] = []

    class Never:
        def result(self, timeout: float) -> None:
            waits.append(timeout)
            time.sleep(timeout)
            raise TimeoutError

    for name in ("_loops", "_precise_loops"):
        monkeypatch.setattr(cpu, name, Never)
    monkeypatch.setattr(cpu, "PATIENCE", 0.05)
    programs = [
        compile_genome(random_genome(3)),
        compile_genome(random_genome(4, activations=("picbreeder_sigmoid", "sin"))),
    ]
    renderer = cpu.CpuRenderer()
    for _ in range(2):
        renderer.draw(programs, CANVAS, range(16))
    assert waits[1:] == [0.0, 0.0, 0.0]


def test_a_failing_compiler_is_logged_once_and_pictures_are_drawn(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("cannot cache function: no locator available")

    monkeypatch.setattr(tiled.TiledRenderer, "draw", broken)
    with caplog.at_level(logging.WARNING):
        assert cpu._compile(cpu._tiled) is None
    assert "no locator" in caplog.text
    done: Future[None] = Future()
    done.set_result(None)
    monkeypatch.setattr(cpu, "_loops", lambda: done)
    assert draw(cpu.CpuRenderer()).shape == (1, 16, 24, 3)


def test_what_is_prepared_is_not_compiled_again_for_a_picture() -> None:
    """A compiled loop is one for the types of its arguments: those of the first must be all."""
    assert cpu.prepare()
    loops = (
        *(kernels.draw_tiles, placing.place_values),
        *(precise_loop.evaluate, precise_loop._paint_plain, averaging._average_rows),
    )
    before = [list(loop.signatures) for loop in loops]
    canvas = Canvas(width=24, height=16, supersample=2, rotation=5, center=(1, 2), z=1)
    steps = ("picbreeder_sigmoid", "sin")
    render([random_genome(3), random_genome(4, activations=steps)], canvas, device="cpu")
    assert [list(loop.signatures) for loop in loops] == before
    assert all(before)
