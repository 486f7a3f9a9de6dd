"""The GPU's renderer for tests: on a GPU where there is one, in Triton's interpreter anywhere."""

from __future__ import annotations

import importlib.util
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import torch

from breeder.rendering import Renderer

BLOCK = 1024
"""Pixels of a tile in the interpreter, which takes as long for one as for a thousand."""


def on_cuda() -> Renderer:
    """Return the renderer of this machine's GPU, or skip."""
    pytest.importorskip("triton", reason="no Triton here: the GPU's kernel is not checked")
    if not torch.cuda.is_available():
        pytest.skip("no cuda device on this machine: the fused kernel is not run on a GPU")
    from breeder.rendering.fused import FusedRenderer

    return FusedRenderer("cuda")


def in_interpreter(block: int = BLOCK, instances: int = 3) -> Renderer:
    """Return the renderer with its kernel in Triton's interpreter, or skip."""
    kernel = interpreted_kernel()
    from breeder.rendering.fused import FusedRenderer

    return FusedRenderer("cpu", kernel=kernel, block=block, instances=instances)


@cache
def interpreted_kernel() -> Any:
    """Return the kernel in Triton's interpreter, beside the real one, which stays as it is."""
    knobs = pytest.importorskip(
        "triton.knobs", reason="no Triton here: the GPU's kernel is not checked"
    )
    name = "breeder.rendering.fused_kernel"
    found = importlib.util.find_spec(name)
    assert found is not None
    assert found.origin is not None
    # A second copy of the module: Triton decides for each function when it is decorated.
    spec = importlib.util.spec_from_file_location("interpreted_kernel", Path(found.origin))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    with knobs.runtime.scope():
        knobs.runtime.interpret = True
        spec.loader.exec_module(module)
    assert name not in sys.modules or module is not sys.modules[name]
    return module.draw_tiles
