"""The compiled loops give the bytes of their mirror in NumPy for whatever a program may be.

They check no bounds. To see that none is broken: NUMBA_BOUNDSCHECK=1 NUMBA_CACHE_DIR=/tmp/checked
before pytest and this file.
"""

from __future__ import annotations

import numpy as np
import pytest

from breeder.activations import ACTIVATIONS
from breeder.genome import COLOR_MODELS, WEIGHT_LIMIT
from breeder.inputs import INPUTS
from breeder.program import Program
from breeder.rendering.canvas import FARTHEST, Canvas
from breeder.rendering.kernels import TILE
from breeder.rendering.portable import PortableRenderer
from breeder.rendering.tiled import TiledRenderer

SIZES = [(1, 1), (1, 1300), (1300, 1), (TILE, 1), (TILE + 1, 1), (TILE // 2, 2), (61, 43)]


def program(rng: np.random.Generator, nodes: int, connections: int) -> Program:
    """Return a program of any structure, with numbers of any size that a genome may have."""
    inputs = int(rng.integers(0, len(INPUTS) + 1))
    fan_in = np.bincount(rng.integers(0, nodes, connections), minlength=nodes)
    sources = [rng.integers(0, max(1, inputs + n), k) for n, k in enumerate(fan_in)]
    if not inputs:
        sources[0] = sources[0][:0]  # there is nothing that the first node could read
    if nodes > 8:  # four in a row that are summed together
        first = int(rng.integers(1, nodes - 4))
        sources[first : first + 4] = [rng.integers(0, inputs + first, 7)] * 4
    color = COLOR_MODELS[rng.integers(4)]
    count = sum(map(len, sources))
    weights = rng.normal(size=count) * 10.0 ** rng.uniform(-8, 6) * (rng.random(count) < 0.9)
    biases = rng.normal(size=nodes) * 10.0 ** rng.uniform(-8, 6)
    outputs = rng.integers(0, inputs + nodes, 1 if color == "grey" else 3)
    if rng.random() < 0.3:
        outputs[:] = outputs[0]
    return Program(
        inputs=rng.permutation(len(INPUTS))[:inputs].astype(np.int16),
        operations=rng.integers(0, len(ACTIVATIONS), nodes).astype(np.int16),
        levels=np.arange(nodes, dtype=np.int32),
        offsets=np.cumsum([0, *map(len, sources)], dtype=np.int32),
        sources=np.concatenate(sources).astype(np.int32),
        outputs=outputs.astype(np.int32),
        weights=weights.clip(-WEIGHT_LIMIT, WEIGHT_LIMIT),
        biases=biases.clip(-WEIGHT_LIMIT, WEIGHT_LIMIT),
        color=color,
        structure="",
    )


def assert_same_bytes(programs: list[Program], canvas: Canvas, rows: range) -> None:
    wanted = PortableRenderer().draw(programs, canvas, rows)
    assert np.array_equal(TiledRenderer().draw(programs, canvas, rows), wanted)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("seed", range(6))
def test_any_programs_on_any_canvas(seed: int, size: tuple[int, int]) -> None:
    rng = np.random.default_rng([seed, *size])
    sizes = [(int(n), int(n * rng.integers(0, 6))) for n in rng.integers(1, 50, seed * 7 + 1)]
    programs = [program(rng, *each) for each in sizes]
    middle = (rng.normal(size=2) * 10.0 ** rng.uniform(-3, 9)).clip(-FARTHEST, FARTHEST)
    canvas = Canvas(
        width=size[0],
        height=size[1],
        zoom=10.0 ** rng.uniform(-6, 6),
        center=(float(middle[0]), float(middle[1])),
        rotation=float(rng.uniform(0, 360)),
        z=float(rng.normal() * 10.0 ** rng.uniform(-3, 8)),
    )
    first = int(rng.integers(0, size[1]))
    assert_same_bytes(programs, canvas, range(first, int(rng.integers(first, size[1])) + 1))


@pytest.mark.parametrize(("nodes", "connections"), [(1, 0), (3000, 0), (3000, 15_000), (9, 4000)])
def test_programs_of_extreme_sizes(nodes: int, connections: int) -> None:
    rng = np.random.default_rng(nodes + connections)
    assert_same_bytes([program(rng, nodes, connections)] * 2, Canvas(width=5, height=3), range(3))
