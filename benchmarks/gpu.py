"""How fast does a GPU draw, and how near to what it can do?

15 and 1,024 programs of Picbreeder's sizes at 256 x 256, and one at 8,192 x 8,192: the fused kernel
against PyTorch node by node on the same GPU, from programs to bytes in the computer's memory, in
turns, timed by CUDA's events. What both keep between drawings is made before: the peer's inputs,
the kernel's layout of the programs. Without a CUDA device it says so.
Run: python -m benchmarks.gpu [rounds] [--sweep]
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING

import numpy as np
import torch

from benchmarks import programs
from benchmarks.drawing import ACTIVATION_COST
from benchmarks.machine import describe_machine
from benchmarks.peers import Draw, Pictures, check, torch_nodes
from benchmarks.rows import Row, Sample, number
from breeder.program import Program, compile_once
from breeder.rendering.canvas import Canvas

if TYPE_CHECKING:
    from benchmarks.gpu_limits import GpuLimits

ROUNDS = 7
GRID, MANY, SIDE, LARGE_SIDE = 15, 1024, 256, 8192
GOAL = 10.0
OURS, ALONE, PEER = "the fused kernel", "the kernel alone", "PyTorch, node by node"
TIMES = 10  # launches of the kernel alone that are timed together
TILES = (128, 256, 512)
INSTANCES = (4, 8, 16, 24, 32)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What is drawn for a promise."""

    promise: str
    batch: Sequence[Program]
    side: int
    goal: float | None

    @property
    def nodes(self) -> int:
        """Nodes of all programs."""
        return sum(nodes for nodes, _ in programs.sizes(self.batch))

    @property
    def connections(self) -> int:
        """Connections of all programs."""
        return sum(edges for _, edges in programs.sizes(self.batch))

    @property
    def text(self) -> str:
        """One line that says how much work it is."""
        return (
            f"{len(self.batch):,} programs ({self.nodes:,} nodes, {self.connections:,} "
            f"connections), {self.side:,} x {self.side:,}"
        )

    @property
    def operations(self) -> float:
        """Arithmetic of all pictures, counted as `benchmarks.drawing` counts it."""
        each = 2.0 * self.connections + ACTIVATION_COST * self.nodes
        return self.side * self.side * each

    @property
    def row_bytes(self) -> float:
        """Bytes of node values that the kernel reads."""
        return 4.0 * self.side * self.side * self.connections


def cases() -> Iterator[Case]:
    """Yield the three cases of the table."""
    grid = [compile_once(genome) for genome in programs.small_genomes(GRID)]
    yield Case(promise="gpu-15", batch=grid, side=SIDE, goal=GOAL)
    many = [compile_once(genome) for genome in programs.small_genomes(MANY)]
    yield Case(promise="gpu-1024", batch=many, side=SIDE, goal=GOAL)
    yield Case(promise="gpu-8192", batch=[grid[GRID // 2]], side=LARGE_SIDE, goal=None)


def why_not() -> str:
    """Return why nothing can be measured here, or nothing."""
    if not torch.cuda.is_available():
        return "no CUDA device on this machine"
    return "" if find_spec("triton") else "no Triton here"


def rows(rounds: int = ROUNDS) -> Iterator[Row]:
    """Measure the three cases; yield a row for each."""
    reason = why_not()
    if reason:
        for promise in ("gpu-15", "gpu-1024", "gpu-8192"):
            yield Row(promise=promise, measured="not measured", note=reason)
        return
    from benchmarks.gpu_limits import measure_gpu_limits

    limits = measure_gpu_limits()
    print(limits.text)
    for case in cases():
        print(case.text)
        yield measure(case, rounds, limits)


def measure(case: Case, rounds: int, limits: GpuLimits) -> Row:
    """Measure a case, printing details; return its row."""
    from breeder.rendering.fused import FusedRenderer, lay_out

    start = time.perf_counter()
    lay_out(case.batch)
    print(f"  laid out for the kernel in {(time.perf_counter() - start) * 1e3:.1f} ms, once")
    renderer = FusedRenderer()
    canvas, lines = Canvas(width=case.side, height=case.side), range(case.side)
    contenders: dict[str, Callable[[], object]] = {
        OURS: lambda: renderer.draw(case.batch, canvas, lines),
        ALONE: lambda: renderer.launch(case.batch, canvas, lines),
    }
    note = ""
    try:
        peer = torch_nodes.node_by_node(case.batch, case.side, "cuda")
        _judge(case, lambda: renderer.draw(case.batch, canvas, lines), peer)
        contenders[PEER] = peer
    except torch.OutOfMemoryError:
        note = "PyTorch ran out of memory"
        torch.cuda.empty_cache()
    found = timed(contenders, rounds)
    for name, sample in found.items():
        print(f"  {name:<24}{sample.text:>12}   {sample.spread}")
    kernel = found[ALONE].median * 1e-3
    fma, cache = case.operations / kernel / limits.fma, case.row_bytes / kernel / limits.cache
    share = f"{fma:.0%} of FMA, {cache:.0%} of cache reads, by the kernel alone"
    print(f"  {share}")
    ours, theirs = found[OURS], found.get(PEER)
    if theirs is None:
        return Row(promise=case.promise, measured=ours.text, spread=ours.spread, share=share,
                   note=note)  # fmt: skip
    return Row(
        promise=case.promise,
        measured=ours.text,
        spread=ours.spread,
        peer=f"{PEER}: {theirs.text} ({theirs.spread})",
        ratio=theirs.over(ours),
        share=share,
        met=None if case.goal is None else theirs.median >= case.goal * ours.median,
        note=f"{ALONE} {found[ALONE].text}",
    )


def _judge(case: Case, ours: Draw, peer: Draw) -> None:
    """See that both draw the same: against the reference where that takes seconds only."""
    if case.operations < 1e9:
        check(OURS, ours, case.batch, case.side)
        check(PEER, peer, case.batch, case.side)
        return
    close = _close(ours(), peer())
    assert close >= 0.999, f"{1 - close:.2%} of the channels differ by more than 1"


def _close(a: Pictures, b: Pictures) -> float:
    shares = [
        (np.abs(one.astype(np.int16) - other) <= 1).mean() for one, other in zip(a, b, strict=True)
    ]
    return float(np.mean(shares))


def timed(
    contenders: Mapping[str, Callable[[], object]], rounds: int, alone: Collection[str] = (ALONE,)
) -> dict[str, Sample]:
    """Return the milliseconds of each contender by CUDA's events, in turns, each warmed up.

    Of those named in `alone` the time of the GPU's work is taken, without that of starting it.
    """
    from benchmarks.gpu_limits import milliseconds

    found: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, call in contenders.items():
            call()
            torch.cuda.synchronize()
            found[name].append(milliseconds(call, TIMES if name in alone else 1))
    return {name: Sample(tuple(times)) for name, times in found.items()}


def sweep(rounds: int) -> None:
    """Print the kernel's times for other tiles, and other numbers of them at once."""
    from breeder.rendering.fused import FusedRenderer

    for case in cases():
        print(f"{case.text}: ms for tiles of pixels (down) by tiles at once (across)")
        print(f"{'':>8}" + "".join(f"{instances:>10}" for instances in INSTANCES))
        canvas, lines = Canvas(width=case.side, height=case.side), range(case.side)
        for block in TILES:
            ways = {
                str(instances): _launch(case.batch, canvas, lines, FusedRenderer(
                    block=block, instances=instances
                ).launch)
                for instances in INSTANCES
            }  # fmt: skip
            found = timed(ways, rounds, ways)
            print(f"{block:>8}" + "".join(f"{number(each.median):>10}" for each in found.values()))


def _launch(
    batch: Sequence[Program], canvas: Canvas, lines: range, launch: Callable[..., object]
) -> Callable[[], object]:
    return lambda: launch(batch, canvas, lines)


def main() -> None:
    """Print the details of every case."""
    counts = [int(word) for word in sys.argv[1:] if word.isdigit()]
    print(describe_machine())
    reason = why_not()
    if reason:
        print(f"Nothing to measure: {reason}.")
        return
    print(torch.cuda.get_device_name(0))
    rounds = counts[0] if counts else ROUNDS
    for row in rows(rounds):
        print(f"  {row.promise}: {row.ratio or row.note}")
    if "--sweep" in sys.argv:
        sweep(rounds)


if __name__ == "__main__":
    main()
