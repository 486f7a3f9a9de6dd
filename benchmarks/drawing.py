"""How fast is a grid drawn on the CPU?

16 programs of the size of Picbreeder's genomes, 256 x 256, all in one run: the tiled renderer, its
mirror in NumPy, PyTorch for the whole grid level by level, PyTorch node by node (preallocated, in
place, all threads), and the float64 reference.
Run: python -m benchmarks.drawing [rounds]
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence

import numpy as np
import torch

from benchmarks.machine import describe_machine
from breeder.activations import ACTIVATIONS, SUM_LIMIT
from breeder.inputs import INPUTS
from breeder.program import Program, compile_genome
from breeder.rendering.batched import LOWERING, PAINT, BatchedRenderer
from breeder.rendering.canvas import Canvas
from breeder.rendering.portable import PortableRenderer
from breeder.rendering.reference import ReferenceRenderer
from breeder.rendering.tiled import TiledRenderer
from tests.genomes import random_genome

CANVAS = Canvas(width=256, height=256)
ROWS = range(256)
PICBREEDER = ("identity", "sin", "cos", "bipolar_sigmoid", "bipolar_gaussian")


def programs() -> list[Program]:
    """Return 16 programs of 14 to 83 nodes and about three connections for each."""
    rng = np.random.default_rng(16)
    sizes = np.sort(rng.integers(14, 84, size=16))
    return [_of_size(int(size), seed) for seed, size in enumerate(sizes)]


def _of_size(nodes: int, seed: int) -> Program:
    """Return a program that keeps about so many nodes after what no output needs is left out."""
    hidden = nodes
    while True:
        genome = random_genome(
            seed, hidden=hidden, connections=int(hidden * 2.8), activations=PICBREEDER
        )
        program = compile_genome(genome)
        if program.operations.size >= nodes:
            return program
        hidden += 2


@torch.inference_mode()
def node_by_node(batch: Sequence[Program]) -> None:
    """Draw with PyTorch one node after another, all threads on each."""
    x, y = (torch.from_numpy(part).float() for part in CANVAS.points(ROWS))
    rows = list(INPUTS.values())
    for program in batch:
        values = torch.empty((program.inputs.size + program.operations.size, x.numel()))
        for place, code in enumerate(program.inputs):
            exact = rows[code].reference(x.double().numpy(), y.double().numpy(), 0.0)
            values[place] = torch.from_numpy(exact).float()
        names = list(ACTIVATIONS)
        for node, operation in enumerate(program.operations):
            row = values[program.inputs.size + node]
            row.fill_(float(program.biases[node]))
            for edge in range(program.offsets[node], program.offsets[node + 1]):
                row.add_(values[program.sources[edge]], alpha=float(program.weights[edge]))
            row.clamp_(-SUM_LIMIT, SUM_LIMIT)
            LOWERING[names[operation]](row)
        channels = values[torch.from_numpy(program.outputs.astype(np.int64))]
        PAINT[program.color](channels[:, None]).mul_(255.0).add_(0.5).to(torch.uint8)


def times(draw: Callable[[], object], rounds: int) -> list[float]:
    """Return the milliseconds of each round, after one that warms up."""
    draw()
    found = []
    for _ in range(rounds):
        start = time.perf_counter()
        draw()
        found.append((time.perf_counter() - start) * 1e3)
    return found


def main() -> None:
    """Print the table."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    batch = programs()
    nodes = sum(program.operations.size for program in batch)
    edges = sum(program.sources.size for program in batch)
    print(f"16 programs ({nodes} nodes, {edges} connections) at 256 x 256")
    print(describe_machine())
    renderers = {
        "tiled (Numba)": TiledRenderer(),
        "PyTorch, whole grid": BatchedRenderer(),
        "portable (NumPy)": PortableRenderer(),
        "reference (NumPy, float64)": ReferenceRenderer(),
    }
    ways: dict[str, Callable[[], object]] = {
        name: (lambda each=each: each.draw(batch, CANVAS, ROWS)) for name, each in renderers.items()
    }
    ways["PyTorch, node by node"] = lambda: node_by_node(batch)
    print(f"{'':<28}{'median':>10}{'p95':>10}   ms{'ratio':>10}")
    found = {name: times(draw, rounds) for name, draw in ways.items()}
    best = np.median(found["tiled (Numba)"])
    for name, values in found.items():
        median = np.median(values)
        print(f"{name:<28}{median:>10.1f}{np.quantile(values, 0.95):>10.1f}{median / best:>15.1f}")


if __name__ == "__main__":
    main()
