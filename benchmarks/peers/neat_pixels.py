"""neat-python: its feed-forward network, asked once for every pixel.

The network is neat-python's own; the activations are plain Python functions, as its are.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import Any

import numpy as np

from benchmarks.peers import STEPS, Draw, Pictures, inputs, links
from breeder.program import Program


def _step(u: float, name: str) -> float:
    low, high = STEPS[name]
    return int(min(max(1000.0 * u + 0.5, low), high)) * 0.001


FUNCTIONS: Mapping[str, Callable[[float], float]] = {
    "identity": lambda u: u,
    "sin": math.sin,
    "cos": math.cos,
    "tanh": math.tanh,
    "bipolar_sigmoid": lambda u: math.tanh(0.5 * u),
    "bipolar_gaussian": lambda u: 2.0 * math.exp(-u * u) - 1.0,
    "picbreeder_sigmoid": lambda u: math.tanh(0.5 * _step(u, "picbreeder_sigmoid")),
    "picbreeder_gaussian": lambda u: 2.0 * math.exp(-(_step(u, "picbreeder_gaussian") ** 2)) - 1.0,
}


def pixel_by_pixel(programs: Sequence[Program], side: int) -> Draw:
    """Return a drawing that activates a network for each pixel and paints it."""
    networks = [_network(program) for program in programs]
    points = [inputs(program, side).astype(float).T.tolist() for program in programs]

    def draw() -> Pictures:
        pictures = [
            [_pixel(program.color, network.activate(point)) for point in pixels]
            for program, network, pixels in zip(programs, networks, points, strict=True)
        ]
        return np.array(pictures, dtype=np.uint8).reshape(-1, side, side, 3)

    return draw


def _network(program: Program) -> Any:
    neat_sum = import_module("neat.aggregations").sum_aggregation
    first = program.inputs.size
    # neat-python names inputs by negative numbers, and nodes from 0.
    keys = [*range(-first, 0), *range(program.operations.size)]
    evals = [
        (node, FUNCTIONS[activation], neat_sum, bias, 1.0, [(keys[a], w) for a, w in edges])
        for node, (activation, bias, edges) in enumerate(links(program))
    ]
    outputs = [keys[row] for row in program.outputs.tolist()]
    return import_module("neat").nn.FeedForwardNetwork(keys[:first], outputs, evals)


def _pixel(color: str, channels: Sequence[float]) -> tuple[int, int, int]:
    if color == "grey":
        level = int(min(abs(channels[0]), 1.0) * 255.0 + 0.5)
        return level, level, level
    if color == "rgb":
        red, green, blue = (int(min(max(each, 0.0), 1.0) * 255.0 + 0.5) for each in channels)
        return red, green, blue
    sixths = 6.0 * (channels[0] % 1.0)
    saturation = min(max(channels[1], 0.0), 1.0)
    bright = min(abs(channels[2]), 1.0) * 255.0
    red, green, blue = (
        int(bright * (1.0 - saturation * _fade((sixths + corner) % 6.0)) + 0.5)
        for corner in (5.0, 3.0, 1.0)
    )
    return red, green, blue


def _fade(k: float) -> float:
    return min(max(min(k, 4.0 - k), 0.0), 1.0)
