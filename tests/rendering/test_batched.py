"""PyTorch's renderer where matrices must be dense. The conformance suite judges its pictures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from breeder.genome import COLOR_MODELS
from breeder.program import Program, compile_genome
from breeder.rendering import batched
from breeder.rendering.canvas import Canvas
from tests.genomes import random_genome


def test_dense_matrices_are_kept_small_and_draw_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on MPS, which has no sparse products."""
    programs = [
        compile_genome(random_genome(seed, color=COLOR_MODELS[seed % 4])) for seed in range(11)
    ]
    canvas = Canvas(width=24, height=17)
    sparse = batched.BatchedRenderer("cpu", "float64")
    dense = batched.BatchedRenderer("cpu", "float64")
    monkeypatch.setattr(batched, "DENSE_PROGRAMS", 4)
    monkeypatch.setattr(dense, "_dense", True)
    merged: list[int] = []
    merge = dense._merge

    def counted(some: Sequence[Program]) -> Any:
        merged.append(len(some))
        return merge(some)

    monkeypatch.setattr(dense, "_merge", counted)
    wanted = sparse.draw(programs, canvas, range(17)).astype(int)
    got = dense.draw(programs, canvas, range(17))
    assert np.abs(got - wanted).max() <= 1
    assert (got == wanted).mean() > 0.999
    assert merged == [4, 4, 3]
