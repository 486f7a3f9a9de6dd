"""PyTorch's matrix products: a fully connected network, a product for each layer.

Over all pixels at once, as it is mostly written, or over blocks of pixels whose values stay in
cache.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from benchmarks.peers import Draw, Pictures, inputs
from breeder.program import Program

Tensor = torch.Tensor


@dataclass(frozen=True, slots=True)
class _Network:
    points: Tensor  # (pixels, inputs)
    layers: list[tuple[Tensor, Tensor]]  # weights, (nodes before, nodes), and biases


def layer_by_layer(programs: Sequence[Program], side: int, block: int | None = None) -> Draw:
    """Return a drawing of dense tanh networks.

    Args:
        programs: Fully connected from layer to layer, tanh everywhere, painting in rgb.
        side: Of the square pictures, in pixels.
        block: Pixels in one product; all of them by default.
    """
    networks = [_network(program, side) for program in programs]
    step = block or side * side

    @torch.inference_mode()
    def draw() -> Pictures:
        out = torch.empty((len(networks), side * side, 3), dtype=torch.uint8)
        for place, network in enumerate(networks):
            for start in range(0, side * side, step):
                values = network.points[start : start + step]
                for weights, biases in network.layers:
                    values = torch.addmm(biases, values, weights).tanh_()
                colors = values.clamp_(0.0, 1.0).mul_(255.0).add_(0.5)
                out[place, start : start + step] = colors.to(torch.uint8)
        return np.asarray(out.numpy().reshape(-1, side, side, 3), dtype=np.uint8)

    return draw


def _network(program: Program, side: int) -> _Network:
    """Return a dense program's layers; its nodes stand layer after layer."""
    first = program.inputs.size
    layers = []
    before: NDArray[np.intp] = np.arange(first)
    for level in np.unique(program.levels):
        nodes = np.flatnonzero(program.levels == level)
        if level == program.levels[-1]:
            nodes = program.outputs.astype(np.intp) - first
        weights = np.zeros((before.size, nodes.size), np.float32)
        for column, node in enumerate(nodes):
            edges = slice(program.offsets[node], program.offsets[node + 1])
            weights[program.sources[edges] - before[0], column] = program.weights[edges]
        biases = program.biases[nodes].astype(np.float32)
        layers.append((torch.from_numpy(weights), torch.from_numpy(biases)))
        before = nodes + first
    points = torch.from_numpy(np.ascontiguousarray(inputs(program, side).T))
    return _Network(points, layers)
