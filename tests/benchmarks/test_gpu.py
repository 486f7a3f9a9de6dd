"""The GPU's benchmark says plainly that there is no GPU, and counts the work it times."""

from __future__ import annotations

import sys

import pytest
import torch

from benchmarks import gpu
from benchmarks.rows import PROMISES
from breeder.program import compile_once
from tests.genomes import random_genome


@pytest.fixture
def no_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)


def test_without_a_gpu_every_promise_has_a_row_that_says_why(no_gpu: None) -> None:
    rows = list(gpu.rows())
    assert {row.promise for row in rows} == {
        name for name, promise in PROMISES.items() if promise.benchmark == "gpu"
    }
    assert all("no CUDA device" in row.note and row.met is None for row in rows)


def test_without_a_gpu_it_ends_in_one_sentence(
    no_gpu: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["gpu"])
    gpu.main()
    assert capsys.readouterr().out.splitlines()[-1] == (
        "Nothing to measure: no CUDA device on this machine."
    )


def test_the_work_counted_grows_with_pixels_nodes_and_connections() -> None:
    program = compile_once(random_genome(3))
    one = gpu.Case(promise="gpu-15", batch=[program], side=4, goal=None)
    four = gpu.Case(promise="gpu-15", batch=[program] * 4, side=8, goal=None)
    assert one.row_bytes == 4.0 * 16 * program.sources.size
    assert one.operations == 16 * (2.0 * program.sources.size + 20 * program.operations.size)
    assert four.operations == 16 * one.operations
    assert four.row_bytes == 16 * one.row_bytes
