"""Rows are used again, and never while somebody still reads them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from breeder.program import Program, compile_genome
from breeder.rendering import tiled
from tests.genomes import dense_genome, random_genome


def placed(program: Program) -> tuple[Any, ...]:
    """Return offsets, reads, factors, outputs, rows, together and how many rows there are."""
    (_, _, _, offsets, reads, factors, _, outputs, rows, together), most = tiled._flatten([program])
    return offsets, reads, factors, outputs[0], rows, together, most


@pytest.mark.parametrize("seed", range(8))
def test_every_connection_reads_the_value_it_was_meant_to_read(seed: int) -> None:
    program = compile_genome(random_genome(seed, hidden=40, connections=120))
    offsets, reads, factors, outputs, rows, together, most = placed(program)
    held = {0: "zero", **{place + 1: place for place in range(program.inputs.size)}}
    for node in range(program.operations.size):
        if together[node]:
            for other in range(node, node + together[node]):
                held[int(rows[other])] = "being summed"
        wanted = program.sources[program.offsets[node] : program.offsets[node + 1]]
        got = [held[int(row)] for row in reads[offsets[node] : offsets[node + 1]]]
        assert got == [*wanted.tolist(), *["zero"] * (len(got) - wanted.size)]
        assert len(got) >= 4
        assert len(got) % 4 == 0
        assert not factors[offsets[node] + wanted.size : offsets[node + 1]].any()
        held[int(rows[node])] = program.inputs.size + node
    assert [held[int(row)] for row in outputs] == np.resize(program.outputs, 3).tolist()
    assert max(held) < most


def test_far_fewer_rows_than_values_are_needed() -> None:
    program = compile_genome(dense_genome(16, layers=12))
    assert placed(program)[-1] <= 1 + 4 + 2 * 16


def test_nodes_of_a_dense_layer_are_summed_in_fours() -> None:
    program = compile_genome(dense_genome(9, layers=3))
    together = placed(program)[5]
    # Four inputs are one pass; then two fours and one node, twice; then the three outputs.
    assert together.tolist() == [1] * 9 + [4, 0, 0, 0, 4, 0, 0, 0, 1] * 2 + [1] * 3
