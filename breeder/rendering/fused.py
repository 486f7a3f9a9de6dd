"""Draws on a GPU in one launch: lays programs out for the kernel and fetches the pictures.

Structure is data to the kernel (`fused_kernel`), so nothing is compiled for a genome. A value's row
of scratch memory is used again once nothing reads the value any more: a tile of Picbreeder's size
then needs some tens of rows, which stay in the cache of a processor.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from triton.errors import TritonError

from breeder.genome import COLOR_MODELS
from breeder.program import Program
from breeder.rendering import fused_kernel
from breeder.rendering.canvas import Canvas

BLOCK = 128
"""Pixels of a tile: four for each thread of the one warp that draws it, moved together. Two or more
warps would share what an instruction fetch costs, but halve the tiles whose rows fit the cache."""

INSTANCES = 16
"""Tiles in work at once on each of the GPU's processors: 30 rows of each fill 240 KB. A guess from
the compiled code (`benchmarks/gpu.py` measures others); never yet run on a GPU."""

SCRATCH = 1 << 26
"""Numbers in the scratch memory of all instances at most, 256 MB: larger programs get fewer."""

LAUNCH_SAMPLES = 1 << 26
"""Samples of all pictures in one launch at most: 200 MB of bytes, whatever is asked for at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Programs as the kernel reads them, largest first, so that no large one begins last.

    Attributes:
        programs: int32, shape (B, 8): see `fused_kernel.PROGRAM_FIELDS`.
        outputs: int32, shape (B, 3): the row of each channel.
        nodes: int32, shape (inputs and nodes, 4): see `fused_kernel.NODE_FIELDS`.
        connections: int64: a row above the 32 bits of a weight; the last one is never used.
        slots: Rows that the program with the most of them needs.
    """

    programs: NDArray[np.int32]
    outputs: NDArray[np.int32]
    nodes: NDArray[np.int32]
    connections: NDArray[np.int64]
    slots: int


def lay_out(programs: Sequence[Program]) -> Layout:
    """Return programs as the kernel reads them."""
    order = sorted(range(len(programs)), key=lambda i: -_cost(programs[i]))
    table = np.zeros((len(programs), 8), dtype=np.int32)
    outputs = np.empty((len(programs), 3), dtype=np.int32)
    nodes: list[NDArray[np.int32]] = []
    connections: list[NDArray[np.int64]] = []
    first_node, first_edge, slots = 0, 0, 0
    for place, picture in enumerate(order):
        program = programs[picture]
        rows, count = rows_of_values(program)
        inputs, inner = program.inputs.size, program.operations.size
        color = COLOR_MODELS.index(program.color)
        table[place, :6] = picture, first_node, inputs, inner, first_edge, color
        outputs[place] = np.resize(rows[program.outputs], 3)  # grey repeats its one
        records = np.zeros((inputs + inner, 4), dtype=np.int32)
        records[:, 0] = np.concatenate([program.inputs, program.operations])
        records[:, 1] = rows
        records[inputs:, 2] = program.offsets[1:] + first_edge
        records[inputs:, 3] = program.biases.astype(np.float32).view(np.int32)
        nodes.append(records)
        bits = program.weights.astype(np.float32).view(np.uint32)
        connections.append(rows[program.sources].astype(np.int64) << 32 | bits)
        first_node += inputs + inner
        first_edge += program.sources.size
        slots = max(slots, count)
    return Layout(
        programs=table,
        outputs=outputs,
        nodes=np.concatenate(nodes),
        # The kernel fetches the connection behind the last one, and one where there are none.
        connections=np.concatenate([*connections, np.zeros(1, dtype=np.int64)]),
        slots=slots,
    )


def _cost(program: Program) -> int:
    return 4 * program.operations.size + program.sources.size


def rows_of_values(program: Program) -> tuple[NDArray[np.int32], int]:
    """Return the row in which each value is kept, and how many rows there are.

    A row is free again behind the last node that reads its value; the channels keep theirs.

    Returns:
        int32, shape (I + N,), and the number of different rows in it.
    """
    inputs, nodes = program.inputs.size, program.operations.size
    readers = np.repeat(np.arange(nodes), np.diff(program.offsets))
    last = np.full(inputs + nodes, nodes)
    last[program.sources] = readers  # ascending, and the last assignment stays
    last[program.outputs] = nodes
    dying = np.argsort(last, kind="stable").tolist()
    last_of, rows = last.tolist(), list(range(inputs))
    free: list[int] = []
    count, dead = inputs, 0
    for node in range(nodes):
        while last_of[dying[dead]] <= node:
            free.append(rows[dying[dead]])
            dead += 1
        if not free:
            free.append(count)
            count += 1
        rows.append(free.pop())
    return np.array(rows, dtype=np.int32), count


def view(canvas: Canvas) -> tuple[float, float, float, float, float, float]:
    """Return x in the middle and what half a pixel to the right and down adds; then those of y."""
    angle = math.radians(canvas.rotation)
    half = 1.0 / (min(canvas.width, canvas.height) * canvas.zoom)
    cos, sin = math.cos(angle) * half, math.sin(angle) * half
    x, y = canvas.center
    return x, cos, sin, y, -sin, cos


class FusedRenderer:
    """Draws programs of any structures in one launch, in float32.

    Args:
        device: A torch device that Triton can compile for; "cpu" with an interpreted kernel.
        kernel: `fused_kernel.draw_tiles`, or the same function in Triton's interpreter.
        block: Pixels of a tile, a power of two.
        instances: Tiles in work at once on each processor.
    """

    def __init__(
        self,
        device: str = "cuda",
        *,
        kernel: Any = fused_kernel.draw_tiles,
        block: int = BLOCK,
        instances: int = INSTANCES,
    ):
        self._device = torch.device(device)
        self._kernel = kernel
        self._block = block
        self._instances = instances * _processors(self._device)

    def draw(self, programs: Sequence[Program], canvas: Canvas, rows: range) -> NDArray[np.uint8]:
        """Return rows of pictures; see `breeder.rendering.Renderer`.

        On a GPU the array lies in pinned memory, which it gives back when it is dropped.
        """
        step = max(1, LAUNCH_SAMPLES // (len(programs) * canvas.width))
        parts = [
            self._fetch(self.launch(programs, canvas, rows[start : start + step]))
            for start in range(0, len(rows), step)
        ]
        return parts[0] if len(parts) == 1 else np.concatenate(parts, axis=1)

    def launch(self, programs: Sequence[Program], canvas: Canvas, rows: range) -> torch.Tensor:
        """Start drawing and return at once.

        Returns:
            uint8 on the device, shape (len(programs), len(rows), canvas.width, 3).

        Raises:
            RuntimeError: The device failed, has too little memory, or cannot run the kernel.
        """
        layout, arrays = _on_device(tuple(programs), self._device)
        shape = (len(programs), len(rows), canvas.width, 3)
        out = torch.empty(shape, dtype=torch.uint8, device=self._device)
        tiles = -(-len(rows) * canvas.width // self._block)
        total = tiles * len(programs)
        row = layout.slots * self._block
        instances = min(self._instances, total, max(1, SCRATCH // row))
        scratch = torch.empty(instances * row, dtype=torch.float32, device=self._device)
        size = (canvas.width, canvas.height, rows.start, len(rows))
        numbers = (*map(float, (*view(canvas), canvas.z)), *size, tiles, total, layout.slots)
        try:
            # A warp, so that threads need not wait for each other; nothing to be pipelined.
            self._kernel[(instances,)](
                *arrays, scratch, out, *numbers,
                BLOCK=self._block, num_warps=1, num_stages=1,
            )  # fmt: skip
        except TritonError as error:
            raise RuntimeError(str(error)) from error
        return out

    def _fetch(self, out: torch.Tensor) -> NDArray[np.uint8]:
        if self._device.type == "cpu":
            return np.asarray(out.numpy())
        host = torch.empty(out.shape, dtype=torch.uint8, pin_memory=True)
        host.copy_(out, non_blocking=True)
        done = torch.cuda.Event()  # type: ignore[no-untyped-call]
        done.record()
        done.synchronize()  # lets other threads run, and waits for this picture alone
        return np.asarray(host.numpy())


@lru_cache(maxsize=4)
def _on_device(
    programs: tuple[Program, ...], device: torch.device
) -> tuple[Layout, tuple[torch.Tensor, ...]]:
    """Return the layout of programs and its arrays on a device, kept for the next band."""
    layout = lay_out(programs)
    arrays = (layout.programs, layout.outputs, layout.nodes, layout.connections)
    return layout, tuple(torch.from_numpy(array).to(device) for array in arrays)


def _processors(device: torch.device) -> int:
    if device.type == "cpu":
        return 1
    return int(torch.cuda.get_device_properties(device).multi_processor_count)
