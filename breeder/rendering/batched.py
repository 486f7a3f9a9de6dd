"""Draws a whole grid at once with PyTorch, on CPU, CUDA or MPS.

All programs become one network: their nodes are merged level by level, and within a level grouped
by activation. A level is then one sparse matrix product and one call for each activation that
occurs, whatever the structures, so the number of calls does not grow with the number of pictures.
Pixels go through in chunks small enough for the values of all nodes to stay in cache.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray

from breeder.activations import (
    ACTIVATIONS,
    GELU_CUBE,
    GELU_SLOPE,
    LEAK,
    PICBREEDER_GAUSSIAN_SAMPLES,
    PICBREEDER_SIGMOID_SAMPLES,
    SUM_LIMIT,
)
from breeder.inputs import INPUTS
from breeder.program import Program
from breeder.rendering.canvas import Canvas
from breeder.rendering.color import (
    CIELAB_KNEE,
    CIELAB_ROOTS,
    CIELAB_SLOPE,
    CIELAB_START,
    LAB_TO_LMS,
    LMS_TO_RGB,
    OKLAB_SPAN,
    XYZ_TO_RGB,
)

Tensor = torch.Tensor

# torch says once per process that this layout is in beta; the conformance suite checks its results.
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    torch.zeros(1, 1).to_sparse_csr()

# Node values of a chunk, in numbers: 4 MB in 32 bits measured fastest on CPU among 1 to 64 MB.
CPU_CHUNK = 1 << 20
GPU_CHUNK = 1 << 27

DENSE_PROGRAMS = 16
"""Programs merged where matrices must be dense, which grow with the square of their number."""


def _sigmoid_(u: Tensor) -> Tensor:
    return u.sigmoid_()


def _bipolar_gaussian_(u: Tensor) -> Tensor:
    return u.square_().neg_().exp_().mul_(2.0).sub_(1.0)


def _triangle_(u: Tensor) -> Tensor:
    turns = u.mul_(1.0 / (2.0 * np.pi)).add_(0.25)
    return turns.sub_(turns.floor()).sub_(0.5).abs_().mul_(-4.0).add_(1.0)


def _stepped_(u: Tensor, first: int, last: int) -> Tensor:
    return u.mul_(1000.0).add_(0.5).trunc_().clamp_(first, last).mul_(0.001)


def _elu_(u: Tensor) -> Tensor:
    below = u.clamp(max=0.0).expm1_()
    return u.clamp_(min=0.0).add_(below)


def _gelu_(u: Tensor) -> Tensor:
    # By hand: the one of torch overflows on the way for large sums on some devices.
    gate = (u * u).mul_(GELU_CUBE).add_(1.0).mul_(u).mul_(2.0 * GELU_SLOPE).sigmoid_()
    return u.mul_(gate)


LOWERING: dict[str, Callable[[Tensor], Tensor]] = {
    "identity": lambda u: u,
    "sin": torch.sin_,
    "cos": torch.cos_,
    "tanh": torch.tanh_,
    "sigmoid": _sigmoid_,
    "bipolar_sigmoid": lambda u: u.mul_(0.5).tanh_(),
    "gaussian": lambda u: u.square_().neg_().exp_(),
    "bipolar_gaussian": _bipolar_gaussian_,
    "abs": torch.abs_,
    "square": lambda u: u.square_(),
    "relu": torch.relu_,
    "triangle": _triangle_,
    "picbreeder_sigmoid": lambda u: _stepped_(u, *PICBREEDER_SIGMOID_SAMPLES).mul_(0.5).tanh_(),
    "picbreeder_gaussian": lambda u: _bipolar_gaussian_(_stepped_(u, *PICBREEDER_GAUSSIAN_SAMPLES)),
    "leaky_relu": lambda u: u.copy_(torch.maximum(u, LEAK * u)),
    "elu": _elu_,
    "gelu": _gelu_,
    "sqrt": lambda u: u.abs_().sqrt_(),
}
"""Each activation in place on a tensor of weighted sums."""

_OPERATIONS = tuple(LOWERING[name] for name in ACTIVATIONS)
_INPUTS = tuple(INPUTS.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class _Level:
    """One level of the merged network: rows start to stop of the value matrix."""

    start: int
    stop: int
    matrix: Tensor
    bias: Tensor
    groups: tuple[tuple[int, int, int], ...]  # operation, first row, row behind the last


@dataclass(frozen=True, slots=True, kw_only=True)
class _Network:
    """Programs merged: input codes, levels, and the rows of each picture's channels."""

    inputs: tuple[int, ...]
    rows: int
    levels: tuple[_Level, ...]
    outputs: tuple[NDArray[np.int64], ...]


def is_there(device: str) -> bool:
    """Return whether torch can use a device here: "cpu", "cuda" or "mps"."""
    if device == "cuda":
        return bool(torch.cuda.is_available())
    return device != "mps" or bool(torch.backends.mps.is_available())


class BatchedRenderer:
    """Draws programs of any structures together.

    Args:
        device: A torch device name.
        dtype: float32, or float64 on CPU and CUDA where pictures must not depend on the machine.
    """

    def __init__(self, device: str = "cpu", dtype: Literal["float32", "float64"] = "float32"):
        self._device = torch.device(device)
        self._dtype = torch.float64 if dtype == "float64" else torch.float32
        self._dense = self._device.type == "mps"  # which has no sparse products

    @torch.inference_mode()
    def draw(self, programs: Sequence[Program], canvas: Canvas, rows: range) -> NDArray[np.uint8]:
        """Return rows of pictures; see `breeder.rendering.Renderer`."""
        if not self._dense:
            return self._draw(programs, canvas, rows)
        starts = range(0, len(programs), DENSE_PROGRAMS)
        groups = [programs[start : start + DENSE_PROGRAMS] for start in starts]
        return np.concatenate([self._draw(group, canvas, rows) for group in groups])

    def _draw(self, programs: Sequence[Program], canvas: Canvas, rows: range) -> NDArray[np.uint8]:
        network = self._merge(programs)
        x, y = canvas.points(rows)
        codes = network.inputs
        inputs = np.stack([_INPUTS[code].reference(x, y, canvas.z) for code in codes or (0,)])
        points = torch.from_numpy(inputs).to(self._dtype).to(self._device)
        out = torch.empty((len(programs), x.size, 3), dtype=torch.uint8, device=self._device)
        budget = CPU_CHUNK if self._device.type == "cpu" else GPU_CHUNK
        step = max(256, budget // max(1, network.rows))
        for start in range(0, x.size, step):
            chunk = points[:, start : start + step]
            values = self._evaluate(network, chunk)
            self._paint(programs, network, values, out[:, start : start + step])
        shape = (len(programs), len(rows), canvas.width, 3)
        return np.asarray(out.cpu().numpy().reshape(shape))

    def _evaluate(self, network: _Network, inputs: Tensor) -> Tensor:
        values = torch.empty(
            (network.rows, inputs.shape[1]), dtype=self._dtype, device=self._device
        )
        values[: len(network.inputs)] = inputs[: len(network.inputs)]
        for level in network.levels:
            sums = values[level.start : level.stop]
            torch.addmm(level.bias, level.matrix, values[: level.start], out=sums)
            sums.clamp_(-SUM_LIMIT, SUM_LIMIT)
            for operation, first, last in level.groups:
                _OPERATIONS[operation](values[first:last])
        return values

    def _paint(
        self, programs: Sequence[Program], network: _Network, values: Tensor, out: Tensor
    ) -> None:
        for model in {program.color for program in programs}:
            members = [i for i, program in enumerate(programs) if program.color == model]
            places = np.stack([network.outputs[i] for i in members], axis=1)
            channels = values[torch.from_numpy(places).to(self._device)]  # (C, members, pixels)
            rgb = PAINT[model](channels)
            out[members] = rgb.mul_(255.0).add_(0.5).to(torch.uint8)

    def _merge(self, programs: Sequence[Program]) -> _Network:
        codes = sorted({int(code) for program in programs for code in program.inputs})
        level = np.concatenate([program.levels for program in programs])
        operation = np.concatenate([program.operations for program in programs])
        order = np.lexsort((operation, level))
        row_of = np.empty(order.size, dtype=np.int64)
        row_of[order] = np.arange(order.size) + len(codes)
        sources, outputs, base = [], [], 0
        for program in programs:
            nodes = row_of[base : base + program.operations.size]
            table = np.concatenate([np.searchsorted(codes, program.inputs).astype(np.int64), nodes])
            sources.append(table[program.sources])
            outputs.append(table[program.outputs])
            base += program.operations.size
        fan_in = np.concatenate([np.diff(program.offsets) for program in programs])
        targets = np.repeat(row_of, fan_in)
        by_target = np.argsort(targets, kind="stable")
        merged = _Merged(
            inputs=len(codes),
            level=level[order],
            operation=operation[order],
            bias=np.concatenate([program.biases for program in programs])[order],
            ends=len(codes) + np.cumsum(fan_in[order]) - len(codes),
            sources=np.concatenate(sources)[by_target],
            weights=np.concatenate([program.weights for program in programs])[by_target],
        )
        return _Network(
            inputs=tuple(codes),
            rows=len(codes) + order.size,
            levels=tuple(self._level(merged, number) for number in np.unique(merged.level)),
            outputs=tuple(outputs),
        )

    def _level(self, merged: _Merged, number: int) -> _Level:
        first, last = np.searchsorted(merged.level, [number, number + 1])
        begin = merged.ends[first - 1] if first else 0
        edges = slice(begin, merged.ends[last - 1])
        crow = np.concatenate([[0], merged.ends[first:last] - begin])
        start = merged.inputs + int(first)
        matrix = torch.sparse_csr_tensor(
            torch.from_numpy(crow),
            torch.from_numpy(merged.sources[edges]),
            torch.from_numpy(merged.weights[edges]).to(self._dtype),
            size=(int(last - first), start),
            check_invariants=False,
        )
        if self._dense:
            matrix = matrix.to_dense()
        matrix = matrix.to(self._device)
        bias = torch.from_numpy(merged.bias[first:last, None]).to(self._dtype).to(self._device)
        cuts = np.flatnonzero(np.diff(merged.operation[first:last])) + 1
        bounds = [0, *cuts.tolist(), int(last - first)]
        groups = tuple(
            (int(merged.operation[first + a]), start + a, start + b) for a, b in pairwise(bounds)
        )
        return _Level(
            start=start, stop=start + int(last - first), matrix=matrix, bias=bias, groups=groups
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Merged:
    """The arrays of the merged network, nodes in order of level and activation."""

    inputs: int
    level: NDArray[np.int32]
    operation: NDArray[np.int16]
    bias: NDArray[np.float64]
    ends: NDArray[np.int64]  # where each node's connections end
    sources: NDArray[np.int64]
    weights: NDArray[np.float64]


def _grey(channels: Tensor) -> Tensor:
    return channels[0].abs().clamp_(max=1.0)[..., None].repeat(1, 1, 3)


def _hsb(channels: Tensor) -> Tensor:
    hue, saturation, brightness = channels
    h6 = (hue - hue.floor()).mul_(6.0)
    s = saturation.clamp(0.0, 1.0)
    b = brightness.abs().clamp_(max=1.0)
    rgb = torch.empty((*hue.shape, 3), dtype=hue.dtype, device=hue.device)
    for channel, corner in enumerate((5.0, 3.0, 1.0)):
        k = (h6 + corner).remainder_(6.0)
        fade = torch.minimum(k, 4.0 - k).clamp_(0.0, 1.0)
        rgb[..., channel] = b * (1.0 - s * fade)
    return rgb


def _rgb(channels: Tensor) -> Tensor:
    return channels.permute(1, 2, 0).clamp(0.0, 1.0)


def _oklab(channels: Tensor) -> Tensor:
    light = channels[0].clamp(0.0, 1.0)
    span = light * (1.0 - light) * (4.0 * OKLAB_SPAN)
    lab = (light, channels[1].clamp(-1.0, 1.0) * span, channels[2].clamp(-1.0, 1.0) * span)
    # Rows by hand: a matrix product may use reduced precision on some GPUs.
    cones = [_combine(row, lab).pow_(3) for row in LAB_TO_LMS]
    return _encoded(torch.stack([_combine(row, cones) for row in LMS_TO_RGB], dim=-1))


def _cielab(channels: Tensor) -> Tensor:
    lab = (channels[0].clamp(0.0, 1.0), channels[1].clamp(-1.0, 1.0), channels[2].clamp(-1.0, 1.0))
    roots = [_combine(row, lab).add_(CIELAB_START) for row in CIELAB_ROOTS]
    xyz = [
        torch.where(root > CIELAB_KNEE, root**3, (root - CIELAB_START) * CIELAB_SLOPE)
        for root in roots
    ]
    return _encoded(torch.stack([_combine(row, xyz) for row in XYZ_TO_RGB], dim=-1))


def _encoded(linear: Tensor) -> Tensor:
    linear = linear.clamp_(0.0, 1.0)
    bright = linear.clamp(min=1e-9).pow_(1 / 2.4).mul_(1.055).sub_(0.055)
    return torch.where(linear <= 0.0031308, linear * 12.92, bright)


def _combine(row: NDArray[np.float64], parts: Sequence[Tensor]) -> Tensor:
    return parts[0] * float(row[0]) + parts[1] * float(row[1]) + parts[2] * float(row[2])


PAINT: dict[str, Callable[[Tensor], Tensor]] = {
    "grey": _grey,
    "hsb": _hsb,
    "rgb": _rgb,
    "oklab": _oklab,
    "lab": _cielab,
}
"""Each colour model: channels, shape (C, B, P), to colours in 0..1, shape (B, P, 3)."""
