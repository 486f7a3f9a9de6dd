"""How fast is a grid drawn on the CPU, and how near to what the processor can do?

16 programs of the size of Picbreeder's genomes, 256 x 256, against PyTorch, JAX and neat-python,
and dense networks against PyTorch's matrix products; all in turns in one run, each peer checked
against the reference before.
Run: python -m benchmarks.drawing [rounds]
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from benchmarks import programs
from benchmarks.limits import Limits, measure_limits
from benchmarks.machine import Bystanders, describe_machine
from benchmarks.peers import Draw, Peer, check, jax_nodes, neat_pixels, torch_dense, torch_nodes
from benchmarks.rounds import in_turns
from benchmarks.rows import Row, Sample, number
from breeder.activations import OPERATION_CODES
from breeder.program import Program, compile_once
from breeder.rendering import Renderer
from breeder.rendering.batched import BatchedRenderer
from breeder.rendering.canvas import Canvas
from breeder.rendering.cpu import CpuRenderer, prepare
from breeder.rendering.portable import PortableRenderer
from breeder.rendering.reference import ReferenceRenderer

SIDE = 256
PIXEL_SIDE = 32  # neat-python's pictures: it would take minutes for whole ones
DENSE_COUNT = 4
DENSE_BLOCK = 4096
ROUNDS = 15

ACTIVATION_COST = 20
"""Operations counted for one activation but identity: a range reduction and a short polynomial."""

OURS = "breeder"
PEERS: Mapping[str, tuple[str, Peer, int]] = {
    "torch": ("PyTorch, node by node", torch_nodes.node_by_node, SIDE),
    "torch-in-place": ("PyTorch, in one block", torch_nodes.in_one_block, SIDE),
    "jax": ("JAX, operation by operation", jax_nodes.operation_by_operation, SIDE),
    "jax-jit": ("JAX, compiled", jax_nodes.compiled, SIDE),
    "neat": ("neat-python, per pixel", neat_pixels.pixel_by_pixel, PIXEL_SIDE),
}
"""The peers of the grid by promise: a name, how to prepare it, and the side of its pictures."""

GOALS = {"torch": 6.0, "jax": 15.0, "neat": 1000.0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """Peers ready to draw, those that are not there, and what JAX took to compile, in seconds."""

    draws: Mapping[str, Draw]
    absent: Mapping[str, str]
    compiling: float | None


def ours(batch: Sequence[Program], renderer: Renderer | None = None) -> Draw:
    """Return a drawing of the batch by breeder, compiled loops and all."""
    if not prepare():
        print("The loops could not be compiled here: NumPy draws in their place.")
    chosen = renderer or CpuRenderer()
    canvas = Canvas(width=SIDE, height=SIDE)
    return lambda: chosen.draw(batch, canvas, range(SIDE))


def prepare_peers(batch: Sequence[Program]) -> Prepared:
    """Return the peers, each checked against the reference."""
    draws, absent, compiling = {}, {}, None
    for promise, (name, peer, side) in PEERS.items():
        start = time.perf_counter()
        try:
            draw = peer(batch, side)
        except ModuleNotFoundError as error:
            absent[promise] = f"{error.name} is not installed"
            continue
        if promise == "jax-jit":
            compiling = time.perf_counter() - start
        check(name, draw, batch, side)
        draws[promise] = draw
    return Prepared(draws=draws, absent=absent, compiling=compiling)


def operations(batch: Sequence[Program]) -> tuple[float, float]:
    """Return the arithmetic operations of drawing a batch: of sums alone, and with activations."""
    pixels = SIDE * SIDE
    sums = sum(2.0 * program.sources.size for program in batch) * pixels
    identity = OPERATION_CODES["identity"]
    curved = sum(int((program.operations != identity).sum()) for program in batch)
    return sums, sums + float(ACTIVATION_COST * curved * pixels)


def share(batch: Sequence[Program], time_of: Sample, limits: Limits) -> str:
    """Return the share of the processor's peak that a drawing reaches."""
    sums, everything = (
        amount / (time_of.median * 1e6 * limits.fused) for amount in operations(batch)
    )
    return f"{everything:.0%} of FMA (sums alone {sums:.0%})"


def grid_rows(rounds: int, limits: Limits) -> Iterator[Row]:
    """Measure the grid of small programs against its peers."""
    batch, sentence = programs.grid()
    print(f"\n{sentence}, {SIDE} x {SIDE}, {rounds} rounds in turns")
    peers = prepare_peers(batch)
    found = in_turns({OURS: ours(batch), **peers.draws}, rounds)
    if "neat" in found:
        found["neat"] = found["neat"].scaled((SIDE / PIXEL_SIDE) ** 2)
    own = found.pop(OURS)
    print_line(OURS, own, own)
    for promise, sample in found.items():
        print_line(PEERS[promise][0], sample, own)
        ratio, goal = sample.median / own.median, GOALS.get(promise)
        yield Row(
            promise=promise,
            measured=own.text,
            spread=own.spread,
            peer=f"{sample.text} ({sample.spread})",
            ratio=sample.over(own),
            share=share(batch, own, limits),
            met=None if goal is None else ratio >= goal,
            note=f"drawn at {PIXEL_SIDE} x {PIXEL_SIDE} and scaled" if promise == "neat" else "",
        )
    for promise, reason in peers.absent.items():
        yield Row(promise=promise, measured=own.text, spread=own.spread, note=reason)
    if peers.compiling is not None:
        yield _compiling(peers.compiling, len(batch), own)


def _compiling(seconds: float, count: int, own: Sample) -> Row:
    return Row(
        promise="jax-compile",
        measured="0 ms: breeder compiles nothing for a genome",
        peer=f"{number(seconds * 1e3)} ms, {number(seconds * 1e3 / count)} ms for each genome",
        ratio=f"{number(seconds * 1e3 / own.median)} grids drawn meanwhile",
    )


def dense_rows(rounds: int, limits: Limits) -> Iterator[Row]:
    """Measure dense networks against the better of two ways with matrix products."""
    print(f"\n{DENSE_COUNT} dense networks of {programs.DENSE_LAYERS} layers, {SIDE} x {SIDE}")
    for width in programs.DENSE_WIDTHS:
        batch = [
            compile_once(programs.dense_genome(width, seed=seed)) for seed in range(DENSE_COUNT)
        ]
        ways = {
            "all pixels at once": torch_dense.layer_by_layer(batch, SIDE),
            f"{DENSE_BLOCK:,} pixels at a time": torch_dense.layer_by_layer(
                batch, SIDE, DENSE_BLOCK
            ),
        }
        for name, way in ways.items():
            check(f"PyTorch, {name}", way, batch[:DENSE_COUNT], SIDE)
        found = in_turns({OURS: ours(batch), **ways}, rounds)
        own = found.pop(OURS)
        print_line(f"{OURS}, layers of {width}", own, own)
        for name, sample in found.items():
            print_line(f"PyTorch, {name}", sample, own)
        name, best = min(found.items(), key=lambda item: item[1].median)
        yield Row(
            promise=f"dense-{width}",
            measured=own.text,
            spread=own.spread,
            peer=f"{best.text} ({best.spread})",
            ratio=best.over(own),
            share=share(batch, own, limits),
            met=best.median >= own.median,
            note=f"{DENSE_COUNT} networks, {SIDE} x {SIDE}; PyTorch {name}",
        )


def rows(rounds: int = ROUNDS) -> Iterator[Row]:
    """Measure every promise of drawing on the CPU."""
    prepare()
    limits = measure_limits()
    print(limits.text)
    print(
        "Operations counted: two for each connection and pixel, and "
        f"{ACTIVATION_COST} for each activation but identity"
    )
    yield from grid_rows(rounds, limits)
    yield from dense_rows(max(3, rounds // 2), limits)


def print_line(name: str, sample: Sample, own: Sample) -> None:
    """Print one line of the details: median, quartiles, ratio to breeder."""
    print(f"{name:<34}{sample.text:>12}{sample.spread:>22}{sample.over(own):>28}", flush=True)


def print_renderers(rounds: int) -> None:
    """Print breeder's own ways to draw, beside each other."""
    batch, _ = programs.grid()
    ways: dict[str, Renderer] = {
        "compiled loops": CpuRenderer(),
        "PyTorch, whole grid": BatchedRenderer(),
        "NumPy, float32": PortableRenderer(),
        "the reference, NumPy, float64": ReferenceRenderer(),
    }
    found = in_turns({name: ours(batch, way) for name, way in ways.items()}, rounds)
    print("\nbreeder's own ways to draw the grid")
    for name, sample in found.items():
        print_line(name, sample, found["compiled loops"])


def main() -> None:
    """Print the details."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    others = Bystanders()
    print(describe_machine())
    for _ in rows(rounds):
        pass  # each row is printed as a line of details
    print_renderers(max(3, rounds // 3))
    print(f"\n{others.text}")


if __name__ == "__main__":
    main()
