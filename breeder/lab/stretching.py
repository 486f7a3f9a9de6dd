"""Stretches outputs from their least to their largest value, for colours that ask for it.

The values are found in bytes, by the loops that draw: those give the same on every machine, which
a library's product of matrices does not.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from breeder.activations import ACTIVATIONS, SUM_LIMIT
from breeder.lab.lowering import Stretch, lower, to_program
from breeder.lab.networks import Network
from breeder.lab.settings import LabSettings
from breeder.program import Program
from breeder.rendering import render_programs
from breeder.rendering.canvas import Canvas

Array = NDArray[np.float64]

SIDE = 48
"""The pixels along a side of the drawings in which least and largest values are sought."""

ROUNDS = 4
"""How many drawings: each shows some 7 more bits."""

CHANNELS = 3
FLAT = 1e-6
"""A range smaller than this is none: the channel is in the middle everywhere."""


def stretches_of(settings: LabSettings, network: Network) -> tuple[Stretch, ...] | None:
    """Return how each output is stretched; None where it is not, which is everywhere but in hsv.

    Least and largest are those of the whole square frame, at zoom 1 and not turned: neither size
    nor view change the colour of a place.
    """
    if settings.color != "hsv":
        return None
    still = replace(
        settings, zoom=1.0, center=(0.0, 0.0), rotation=0.0, black_and_white=False, color="rgb"
    )
    marks = [Stretch(factor=2.0, shift=0.0)] * CHANNELS  # replaced below, once for each drawing
    program = to_program(lower(still, network, marks))
    least, largest = _extremes(program, *_range(network.output.activation))
    return tuple(_stretch(low, high) for low, high in zip(least, largest, strict=True))


def _range(activation: str) -> tuple[float, float]:
    row = ACTIVATIONS[activation]
    return max(row.low, -SUM_LIMIT), min(row.high, SUM_LIMIT)


def _extremes(program: Program, low: float, high: float) -> tuple[list[float], list[float]]:
    """Return the least and the largest value of each channel, within some millionths of the range.

    Args:
        program: Shows an affine map of each channel.
        low: The least that any value can be.
        high: The largest.
    """
    begin, width = np.full((2, CHANNELS), low), np.full((2, CHANNELS), high - low)
    canvas = Canvas(width=SIDE, height=SIDE)
    for _ in range(ROUNDS):
        seen = [_with_maps(program, 1.0 / width[end], -begin[end] / width[end]) for end in (0, 1)]
        drawn = render_programs(seen, canvas, device="cpu").reshape(2, -1, CHANNELS)
        byte = np.stack([drawn[0].min(axis=0), drawn[1].max(axis=0)]).astype(np.float64)
        # The step of this byte and one on either side, for the rounding of 32 bits.
        begin, width = begin + (byte - 1.5) / 255.0 * width, 3.0 / 255.0 * width
        width = np.maximum(width, 1e-9)
    middle = begin + width / 2
    return middle[0].tolist(), middle[1].tolist()


def _with_maps(program: Program, factors: Array, shifts: Array) -> Program:
    """Return a program with other maps of its channels, which are nodes of one connection."""
    nodes = program.outputs - program.inputs.size
    weights, biases = program.weights.copy(), program.biases.copy()
    weights[program.offsets[nodes]], biases[nodes] = factors, shifts
    return replace(program, weights=weights, biases=biases)


def _stretch(low: float, high: float) -> Stretch:
    if high - low < FLAT:
        return Stretch(factor=0.0, shift=0.5)
    return Stretch(factor=1.0 / (high - low), shift=-low / (high - low))
