"""Other ways to draw the same programs, each written as its users would write it well.

A peer is a function that takes programs and the side of a square picture, prepares what does not
belong to the drawing (coordinates, and what can be kept between drawings), and returns a function
that draws: programs to bytes, colours included. All leave out the clip of sums at 10,000, which the
programs drawn here never reach. `check` compares a peer's pictures with the reference: a peer that
draws something else proves nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from breeder.program import Program
from breeder.rendering.canvas import Canvas
from breeder.rendering.reference import ReferenceRenderer

Pictures = NDArray[np.uint8]
"""sRGB, uint8, shape (programs, side, side, 3)."""

Draw = Callable[[], Pictures]
Peer = Callable[[Sequence[Program], int], Draw]

CLOSE = 0.999

STEPS = {"picbreeder_sigmoid": (-7601.0, 7601.0), "picbreeder_gaussian": (-2757.0, 2758.0)}
"""The first and last thousandth of the two activations of Picbreeder that go in steps."""


class WrongPeerError(Exception):
    """A peer draws other pictures than the reference."""


def check(name: str, draw: Draw, programs: Sequence[Program], side: int) -> None:
    """Compare a peer's pictures with the reference, as the conformance suite compares renderers.

    Raises:
        WrongPeerError: More than a thousandth of the channels are off by more than 1.
    """
    canvas = Canvas(width=side, height=side)
    wanted = ReferenceRenderer().draw(programs, canvas, range(side))
    got = draw()
    if got.shape != wanted.shape or got.dtype != np.uint8:
        raise WrongPeerError(f"{name} gives {got.dtype} {got.shape}, not uint8 {wanted.shape}")
    close = (np.abs(got.astype(int) - wanted) <= 1).mean(axis=(1, 2, 3))
    if close.mean() < CLOSE:
        worst = int(close.argmin())
        raise WrongPeerError(
            f"{name} is off by more than 1 on {1 - close.mean():.2%} of the channels, "
            f"most on program {worst}"
        )


def inputs(program: Program, side: int) -> NDArray[np.float32]:
    """Return a program's inputs at the pixel centres, float32, shape (inputs, side * side)."""
    from breeder.inputs import INPUTS

    x, y = Canvas(width=side, height=side).points(range(side))
    rows = list(INPUTS.values())
    return np.array([rows[code].reference(x, y, 0.0) for code in program.inputs], np.float32)


def links(program: Program) -> list[tuple[str, float, list[tuple[int, float]]]]:
    """Return each node's activation, bias and incoming connections, as (value, weight)."""
    from breeder.activations import ACTIVATIONS

    names = list(ACTIVATIONS)
    edges = list(zip(program.sources.tolist(), program.weights.tolist(), strict=True))
    return [
        (names[operation], bias, edges[first:last])
        for operation, bias, first, last in zip(
            program.operations.tolist(),
            program.biases.tolist(),
            program.offsets[:-1].tolist(),
            program.offsets[1:].tolist(),
            strict=True,
        )
    ]
