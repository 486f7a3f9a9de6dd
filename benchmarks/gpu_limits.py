"""What a CUDA device can do at most, measured: arithmetic, its memory, and its nearest cache.

Arithmetic is a loop of fused multiply-adds; memory a copy of 1 GiB, read and written; the cache a
loop that reads rows of 128 numbers from a few kilobytes for each tile, as the fused kernel does.
Only where there is Triton and a GPU.
"""

# Triton infers the types of these functions, not the type checker.
# mypy: ignore-errors

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
import triton
import triton.language as tl

STEPS = tl.constexpr(16)
FMA_BLOCK, FMA_PASSES = 1024, 2000
ROW_BLOCK, ROW_PASSES = 128, 2000
ROWS = tl.constexpr(16)
COPY = 1 << 28  # float32 numbers
PER_PROCESSOR = 16
QUEUEING = 20_000_000  # cycles, some 10 ms


@dataclass(frozen=True, slots=True, kw_only=True)
class GpuLimits:
    """The best of several measurements.

    Attributes:
        fma: Fused multiply-adds in float32, operations a second (each counts as two).
        memory: Bytes a second, read and written.
        cache: Bytes a second, read from the nearest cache.
    """

    fma: float
    memory: float
    cache: float

    @property
    def text(self) -> str:
        """One line that names all three."""
        return (
            f"limits of the GPU: {self.fma / 1e12:.1f} TFLOP/s in float32, "
            f"{self.memory / 1e12:.2f} TB/s of memory, {self.cache / 1e12:.1f} TB/s of cache"
        )


@triton.jit
def multiply_add(out, passes, BLOCK: tl.constexpr):  # noqa: N803
    place = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    value = place.to(tl.float32) * 1e-9
    for _ in range(passes):
        for _ in tl.static_range(STEPS):
            value = value * 0.999 + 0.001
    tl.store(out + place, value)


@triton.jit
def read_rows(scratch, out, passes, BLOCK: tl.constexpr):  # noqa: N803
    lane = tl.arange(0, BLOCK)
    first = scratch + tl.program_id(0) * ROWS * BLOCK + lane
    total = lane.to(tl.float32)
    for step in range(passes):
        for row in tl.static_range(ROWS):
            total += tl.load(first + row * BLOCK)
        # So that no row can be read once for all.
        tl.store(first + step % ROWS * BLOCK, total * 0.0)
    tl.store(out + tl.program_id(0) * BLOCK + lane, total)


def milliseconds(call: Callable[[], object], times: int = 1) -> float:
    """Return the milliseconds a call takes on the current stream, by CUDA's events.

    Args:
        call: What starts work on the stream.
        times: With more than one the GPU is kept busy until all are queued, and a call's share is
            the time of the work itself, without that of starting it.
    """
    start, stop = (torch.cuda.Event(enable_timing=True) for _ in range(2))
    if times > 1:
        torch.cuda._sleep(QUEUEING)
    start.record()
    for _ in range(times):
        call()
    stop.record()
    stop.synchronize()
    return float(start.elapsed_time(stop)) / times


def measure_gpu_limits(repeats: int = 9) -> GpuLimits:
    """Return the limits of the current CUDA device, as it is now."""
    properties = torch.cuda.get_device_properties(0)
    instances = PER_PROCESSOR * properties.multi_processor_count
    out = torch.empty(instances * FMA_BLOCK, device="cuda")
    scratch = torch.ones(instances * ROWS.value * ROW_BLOCK, device="cuda")
    source, target = (torch.ones(COPY, device="cuda") for _ in range(2))
    grid = (instances,)
    calls: list[tuple[Callable[[], object], float]] = [
        (
            lambda: multiply_add[grid](out, FMA_PASSES, BLOCK=FMA_BLOCK, num_warps=4),
            2.0 * STEPS.value * FMA_PASSES * FMA_BLOCK * instances,
        ),
        (lambda: target.copy_(source), 8.0 * COPY),
        (
            lambda: read_rows[grid](scratch, out, ROW_PASSES, BLOCK=ROW_BLOCK, num_warps=1),
            4.0 * ROWS.value * ROW_PASSES * ROW_BLOCK * instances,
        ),
    ]
    for call, _ in calls:
        call()  # compiles
    fma, memory, cache = (
        amount / min(milliseconds(call) for _ in range(repeats)) * 1e3 for call, amount in calls
    )
    return GpuLimits(fma=fma, memory=memory, cache=cache)
