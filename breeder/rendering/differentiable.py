"""A picture as a function of its network's numbers, with gradients: for fitting and refining.

PyTorch draws on CPU or CUDA. The nodes of a level are summed by one matrix product, so that layered
networks cost what they would cost in PyTorch itself. Gradients are those of the picture as it is
drawn: none where a colour is cut off, and none beyond the limit of sums. Picbreeder's stepped
activations have the values of their steps and the gradients of their smooth curves
(straight-through), in 64 bits, which their steps need; everything else is drawn in 32.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from types import MappingProxyType

import numpy as np
import torch
from numpy.typing import NDArray

from breeder.activations import (
    ACTIVATIONS,
    GELU_CUBE,
    GELU_SLOPE,
    LEAK,
    PICBREEDER_GAUSSIAN_EDGE,
    PICBREEDER_GAUSSIAN_SAMPLES,
    PICBREEDER_SIGMOID_EDGE,
    PICBREEDER_SIGMOID_SAMPLES,
    SUM_LIMIT,
)
from breeder.genome import WEIGHT_LIMIT, ColorModel, Genome
from breeder.inputs import INPUTS
from breeder.program import Program, compile_once
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
from breeder.rendering.precise import needs_precision

Tensor = torch.Tensor
Array = NDArray[np.float64]

CHUNK = 1 << 22
"""Node values at a time where no gradient is asked for: 16 MB."""


def _stepped(u: Tensor, edge: float, samples: tuple[int, int]) -> Tensor:
    low, high = samples
    inside = torch.trunc(1000.0 * u.clamp(-edge, edge) + 0.5)
    cut = torch.where(u <= -edge, low, torch.where(u >= edge, high, inside))
    smooth = u.clamp(0.001 * low, 0.001 * high)
    return smooth + (0.001 * cut - smooth).detach()


def _bell(u: Tensor) -> Tensor:
    return 2.0 * torch.exp(-u * u) - 1.0


def _triangle(u: Tensor) -> Tensor:
    turns = u / (2.0 * np.pi) + 0.25
    return 1.0 - 4.0 * (turns - torch.floor(turns) - 0.5).abs()


LOWERING: Mapping[str, Callable[[Tensor], Tensor]] = MappingProxyType(
    {
        "identity": lambda u: u,
        "sin": torch.sin,
        "cos": torch.cos,
        "tanh": torch.tanh,
        "sigmoid": torch.sigmoid,
        "bipolar_sigmoid": lambda u: torch.tanh(0.5 * u),
        "gaussian": lambda u: torch.exp(-u * u),
        "bipolar_gaussian": _bell,
        "abs": torch.abs,
        "square": lambda u: u * u,
        "relu": torch.relu,
        "triangle": _triangle,
        "picbreeder_sigmoid": lambda u: torch.tanh(
            0.5 * _stepped(u, PICBREEDER_SIGMOID_EDGE, PICBREEDER_SIGMOID_SAMPLES)
        ),
        "picbreeder_gaussian": lambda u: _bell(
            _stepped(u, PICBREEDER_GAUSSIAN_EDGE, PICBREEDER_GAUSSIAN_SAMPLES)
        ),
        "leaky_relu": lambda u: torch.maximum(u, LEAK * u),
        "elu": lambda u: u.clamp(min=0.0) + torch.expm1(u.clamp(max=0.0)),
        "gelu": lambda u: u * torch.sigmoid(2.0 * GELU_SLOPE * (u + GELU_CUBE * u * u * u)),
        # Its slope at 0 has no end: kept to 5,000, for an error of 0.0001.
        "sqrt": lambda u: u.abs().clamp(min=1e-8).sqrt(),
    }
)
"""Each activation of the limited sum u."""

_OPERATIONS = tuple(LOWERING[name] for name in ACTIVATIONS)
_INPUTS = tuple(INPUTS.values())


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Level:
    """The nodes of one level, in the order of the program.

    Attributes:
        nodes: From which node to which, as a slice of the biases.
        edges: Their connections, as a slice of the weights.
        sources: The values they read, ascending, int64, shape (S,).
        shape: Nodes and S.
        order: Where every node reads all of them in one order: the column of each source, None
            where that is their own.
        cells: Elsewhere, where each weight goes in the flat matrix; None where the weights are the
            matrix as they stand.
        groups: Activation, first and last node (behind) within the level.
    """

    nodes: slice
    edges: slice
    sources: NDArray[np.int64]
    shape: tuple[int, int]
    order: Tensor | None
    cells: Tensor | None
    groups: tuple[tuple[int, int, int], ...]


class DifferentiablePicture(torch.nn.Module):
    """A program's picture, with its weights and biases as parameters.

        picture = DifferentiablePicture(compile_genome(genome))
        loss = (picture(Canvas(width=64, height=64)) - target).square().mean()
        loss.backward()                       # picture.weights.grad, picture.biases.grad
        better = picture.updated(genome)      # the genome with the numbers of now

    Args:
        program: What to draw. Its structure stays; its numbers are where the parameters begin.
        device: "cpu", or "cuda".
        dtype: float32 or float64; by default float32, and float64 for stepped activations.

    Attributes:
        weights: A parameter, shape (E,), in the order of the program's connections.
        biases: A parameter, shape (N,), in the order of its nodes.
    """

    def __init__(
        self,
        program: Program,
        *,
        device: str | torch.device = "cpu",
        dtype: torch.dtype | None = None,
    ) -> None:
        super().__init__()
        dtype = dtype or (torch.float64 if needs_precision(program) else torch.float32)
        self._program = program
        self._device = torch.device(device)
        numbers = [
            torch.nn.Parameter(torch.tensor(each, dtype=dtype, device=self._device))
            for each in (program.weights, program.biases)
        ]
        self.weights, self.biases = numbers
        self._levels = [_level(program, number, self._device) for number in _numbers(program)]

    def forward(self, canvas: Canvas, rows: range | None = None) -> Tensor:
        """Return the picture, or some rows of it.

        Args:
            canvas: What to show; supersampling is not done here.
            rows: Which rows; all if left out.

        Returns:
            sRGB in 0..1, shape (rows, W, 3).
        """
        rows = rows if rows is not None else range(canvas.height)
        inputs = self.inputs(*canvas.points(rows), canvas.z)
        return self.colors(inputs).reshape(len(rows), canvas.width, 3)

    def inputs(self, x: Array, y: Array, z: float = 0.0) -> Tensor:
        """Return what the network reads at points: prepared once, drawn often.

        Args:
            x: float64, shape (P,).
            y: float64, shape (P,), downwards.
            z: The input z.

        Returns:
            Shape (I, P).
        """
        rows = [_INPUTS[code].reference(x, y, z) for code in self._program.inputs.tolist()]
        values = np.stack(rows) if rows else np.empty((0, x.size))
        return torch.from_numpy(values).to(self.weights.dtype).to(self._device)

    def colors(self, inputs: Tensor) -> Tensor:
        """Return the colours at points whose inputs are given, sRGB in 0..1, shape (P, 3)."""
        if torch.is_grad_enabled():
            return self._colors(inputs)
        rows = self._program.inputs.size + self._program.operations.size
        step = max(256, CHUNK // max(1, rows))
        parts = [self._colors(part) for part in torch.split(inputs, step, dim=1)]
        return torch.cat(parts) if len(parts) > 1 else parts[0]

    def channels(self, inputs: Tensor) -> Tensor:
        """Return the raw channels at points whose inputs are given, shape (C, P)."""
        starts, blocks = [0], [inputs]
        behind = inputs.shape[0]
        for level in self._levels:
            starts.append(behind)
            blocks.append(self._evaluated(level, starts, blocks, inputs.shape[1]))
            behind += level.shape[0]
        return torch.stack([_row(starts, blocks, place) for place in self._program.outputs])

    def program(self) -> Program:
        """Return the program with the numbers of now, rounded to 32 bits if drawn in 32.

        Raises:
            ValueError: They are not finite, or larger than genomes have.
        """
        numbers = {}
        for name, tensor in (("weights", self.weights), ("biases", self.biases)):
            array = tensor.detach().cpu().numpy().astype(np.float64)
            if not np.isfinite(array).all() or (np.abs(array) > WEIGHT_LIMIT).any():
                raise ValueError(f"The {name} are not finite, or beyond ±{WEIGHT_LIMIT:g}.")
            array.setflags(write=False)
            numbers[name] = array
        return replace(self._program, weights=numbers["weights"], biases=numbers["biases"])

    def updated(self, genome: Genome) -> Genome:
        """Return the genome that the program was compiled from, with the numbers of now.

        Raises:
            ValueError: They are not finite, too large, or the genome is another.
        """
        return with_numbers(genome, self.program())

    def _colors(self, inputs: Tensor) -> Tensor:
        return PAINT[self._program.color](self.channels(inputs))

    def _evaluated(
        self, level: _Level, starts: Sequence[int], blocks: Sequence[Tensor], points: int
    ) -> Tensor:
        biases = self.biases[level.nodes, None]
        if level.sources.size:
            read = _read(starts, blocks, level.sources)
            total = torch.addmm(biases, self._matrix(level), read)
        else:
            total = biases.expand(level.shape[0], points)
        total = total.clamp(-SUM_LIMIT, SUM_LIMIT)
        parts = [_OPERATIONS[code](total[first:last]) for code, first, last in level.groups]
        return torch.cat(parts) if len(parts) > 1 else parts[0]

    def _matrix(self, level: _Level) -> Tensor:
        weights = self.weights[level.edges]
        if level.cells is None:
            matrix = weights.view(level.shape)
            return matrix if level.order is None else matrix[:, level.order]
        flat = weights.new_zeros(level.shape[0] * level.shape[1])
        return flat.index_put((level.cells,), weights, accumulate=True).view(level.shape)


def with_numbers(genome: Genome, program: Program) -> Genome:
    """Return a genome with the weights and biases of a program of its structure.

    What the program left out, since no output needs it, stays as it is.

    Raises:
        ValueError: The program is not of this genome's structure.
    """
    # Compiled with its places as weights, the genome tells which gene each number belongs to.
    labelled = replace(
        genome,
        nodes=tuple(replace(gene, bias=float(n)) for n, gene in enumerate(genome.nodes)),
        connections=tuple(
            replace(gene, weight=float(n + 1)) for n, gene in enumerate(genome.connections)
        ),
    )
    labels = compile_once(labelled)
    if labels.structure != program.structure:
        raise ValueError("The program was compiled from a genome of another structure.")
    nodes, connections = list(genome.nodes), list(genome.connections)
    for label, bias in zip(labels.biases, program.biases.tolist(), strict=True):
        nodes[int(label)] = replace(nodes[int(label)], bias=bias)
    for label, weight in zip(labels.weights, program.weights.tolist(), strict=True):
        connections[int(label) - 1] = replace(connections[int(label) - 1], weight=weight)
    return replace(genome, nodes=tuple(nodes), connections=tuple(connections))


def _numbers(program: Program) -> list[int]:
    return [int(number) for number in np.unique(program.levels)]


def _level(program: Program, number: int, device: torch.device) -> _Level:
    """Return a level's place in the program, and how its weights become a matrix."""
    first, last = (int(place) for place in np.searchsorted(program.levels, [number, number + 1]))
    begin, end = int(program.offsets[first]), int(program.offsets[last])
    read = program.sources[begin:end].astype(np.int64)
    counts = np.diff(program.offsets[first : last + 1])
    sources, columns = np.unique(read, return_inverse=True)
    shape = (last - first, sources.size)
    grid = columns.reshape(shape) if read.size == shape[0] * shape[1] else None
    dense = grid is not None and bool((grid == grid[0]).all() and (counts == shape[1]).all())
    order = cells = None
    if dense and grid is not None:
        place = np.argsort(grid[0])
        order = None if (place == np.arange(place.size)).all() else torch.from_numpy(place)
    else:
        rows = np.repeat(np.arange(shape[0]), counts)
        cells = torch.from_numpy(rows * shape[1] + columns)
    operations = program.operations[first:last]
    bounds = [0, *(np.flatnonzero(np.diff(operations)) + 1).tolist(), last - first]
    return _Level(
        nodes=slice(first, last),
        edges=slice(begin, end),
        sources=sources,
        shape=shape,
        order=None if order is None else order.to(device),
        cells=None if cells is None else cells.to(device),
        groups=tuple((int(operations[a]), a, b) for a, b in pairwise(bounds)),
    )


def _row(starts: Sequence[int], blocks: Sequence[Tensor], place: int) -> Tensor:
    block = int(np.searchsorted(starts, place, side="right")) - 1
    return blocks[block][int(place) - starts[block]]


def _read(starts: Sequence[int], blocks: Sequence[Tensor], sources: NDArray[np.int64]) -> Tensor:
    """Return the rows of some values, ascending, out of the blocks that hold them."""
    parts = []
    cuts = [*np.searchsorted(sources, starts).tolist(), sources.size]
    for block, (first, last) in enumerate(pairwise(cuts)):
        if first == last:
            continue
        places = sources[first:last] - starts[block]
        rows = blocks[block]
        if len(places) < rows.shape[0]:
            rows = rows[torch.from_numpy(places).to(rows.device)]
        parts.append(rows)
    return torch.cat(parts) if len(parts) > 1 else parts[0]


def _grey(channels: Tensor) -> Tensor:
    return channels[0].abs().clamp(max=1.0)[:, None].expand(-1, 3)


def _hsb(channels: Tensor) -> Tensor:
    hue, saturation, brightness = channels
    hue = 6.0 * (hue - torch.floor(hue))
    saturation, light = saturation.clamp(0.0, 1.0), brightness.abs().clamp(max=1.0)
    parts = []
    for corner in (5.0, 3.0, 1.0):
        k = torch.remainder(hue + corner, 6.0)
        parts.append(light * (1.0 - saturation * torch.minimum(k, 4.0 - k).clamp(0.0, 1.0)))
    return torch.stack(parts, dim=-1)


def _rgb(channels: Tensor) -> Tensor:
    return channels.T.clamp(0.0, 1.0)


def _oklab(channels: Tensor) -> Tensor:
    light = channels[0].clamp(0.0, 1.0)
    span = 4.0 * OKLAB_SPAN * light * (1.0 - light)
    lab = torch.stack([light, *(span * tint.clamp(-1.0, 1.0) for tint in channels[1:])])
    return _encoded(_product(LMS_TO_RGB, _product(LAB_TO_LMS, lab) ** 3))


def _cielab(channels: Tensor) -> Tensor:
    light, tints = channels[:1].clamp(0.0, 1.0), channels[1:].clamp(-1.0, 1.0)
    roots = _product(CIELAB_ROOTS, torch.cat([light, tints])) + CIELAB_START
    dark = CIELAB_SLOPE * (roots - CIELAB_START)
    return _encoded(_product(XYZ_TO_RGB, torch.where(roots > CIELAB_KNEE, roots**3, dark)))


def _product(matrix: Array, values: Tensor) -> Tensor:
    return torch.from_numpy(matrix).to(values) @ values


def _encoded(linear: Tensor) -> Tensor:
    linear = linear.clamp(0.0, 1.0)
    bright = 1.055 * linear.clamp(min=1e-9) ** (1 / 2.4) - 0.055
    return torch.where(linear <= 0.0031308, 12.92 * linear, bright).T


PAINT: Mapping[ColorModel, Callable[[Tensor], Tensor]] = MappingProxyType(
    {"grey": _grey, "hsb": _hsb, "rgb": _rgb, "oklab": _oklab, "lab": _cielab}
)
"""Each colour model: channels, shape (C, P), to sRGB in 0..1, shape (P, 3)."""
