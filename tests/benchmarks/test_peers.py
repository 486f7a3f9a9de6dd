import os
import subprocess
import sys
from importlib.util import find_spec

import numpy as np
import pytest

from benchmarks import programs
from benchmarks.peers import WrongPeerError, check, neat_pixels, torch_dense, torch_nodes
from breeder.program import Program, compile_once
from tests.server import ROOT

SIDE = 24


@pytest.fixture(scope="module")
def batch() -> list[Program]:
    return programs.grid()[0]


@pytest.mark.parametrize(
    "peer", [torch_nodes.node_by_node, torch_nodes.in_one_block, neat_pixels.pixel_by_pixel]
)
def test_a_peer_draws_what_the_reference_draws(peer, batch) -> None:
    draw = peer(batch, SIDE)
    check(peer.__name__, draw, batch, SIDE)
    assert np.array_equal(draw(), draw())


@pytest.mark.parametrize("block", [None, 100])
def test_matrix_products_draw_what_the_reference_draws(block) -> None:
    batch = [compile_once(programs.dense_genome(width)) for width in programs.DENSE_WIDTHS]
    check("dense", torch_dense.layer_by_layer(batch, SIDE, block), batch, SIDE)


@pytest.mark.parametrize("peer", ["operation_by_operation", "compiled"])
def test_jax_draws_what_the_reference_draws(peer) -> None:
    """In a process of its own: JAX's threads, once started, forbid a fork in other tests."""
    if find_spec("jax") is None:
        pytest.skip("JAX is not installed (make bench installs it): its peers are not checked")
    code = (
        "from benchmarks import peers, programs\n"
        "from benchmarks.peers import jax_nodes\n"
        "batch = programs.grid()[0][4:8]\n"
        f"peers.check({peer!r}, jax_nodes.{peer}(batch, {SIDE}), batch, {SIDE})\n"
        "print('checked')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.endswith("checked\n"), done.stderr


def test_a_peer_that_draws_something_else_is_found_out(batch) -> None:
    right = torch_nodes.node_by_node(batch, SIDE)

    def wrong() -> np.ndarray:
        pictures = right().copy()
        pictures[3, 0] ^= 128
        return pictures

    with pytest.raises(WrongPeerError, match="program 3"):
        check("wrong", wrong, batch, SIDE)
    with pytest.raises(WrongPeerError, match="not uint8"):
        check("short", lambda: right()[:2], batch, SIDE)
