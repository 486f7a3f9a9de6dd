"""A program spelled out step by step, with names, as every emitter of code reads it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from breeder.activations import (
    ACTIVATIONS,
    PICBREEDER_GAUSSIAN_EDGE,
    PICBREEDER_GAUSSIAN_SAMPLES,
    PICBREEDER_SIGMOID_EDGE,
    PICBREEDER_SIGMOID_SAMPLES,
)
from breeder.errors import FormatError
from breeder.genome import OUTPUTS, ColorModel
from breeder.inputs import INPUTS
from breeder.program import Program


def _numbers(edge: float, samples: tuple[int, int]) -> str:
    return ", ".join(repr(float(number)) for number in (edge, *samples))


STEPPED_SIGMOID = _numbers(PICBREEDER_SIGMOID_EDGE, PICBREEDER_SIGMOID_SAMPLES)
STEPPED_GAUSSIAN = _numbers(PICBREEDER_GAUSSIAN_EDGE, PICBREEDER_GAUSSIAN_SAMPLES)
"""What `stepped(u, edge, low, high)` is called with, in every language, for Picbreeder's curves."""

_ACTIVATIONS = tuple(ACTIVATIONS)
_INPUTS = tuple(INPUTS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One node: a weighted sum of earlier values, limited, and its activation.

    Attributes:
        name: What the node's value is called, "n0" upwards.
        operation: The activation's name.
        bias: What the sum starts from.
        terms: Weights and the names of the values they multiply.
    """

    name: str
    operation: str
    bias: float
    terms: tuple[tuple[float, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A program as steps in an order in which sources come first.

    Attributes:
        inputs: The inputs it reads, by their names in the table of inputs.
        steps: The nodes.
        channels: Each channel's name and the name of the value it shows.
        color: How the channels become a colour.
    """

    inputs: tuple[str, ...]
    steps: tuple[Step, ...]
    channels: tuple[tuple[str, str], ...]
    color: ColorModel

    @property
    def operations(self) -> tuple[str, ...]:
        """The activations that occur, in the order of the table."""
        used = {step.operation for step in self.steps}
        return tuple(name for name in _ACTIVATIONS if name in used)

    @property
    def connections(self) -> int:
        """The number of weights."""
        return sum(len(step.terms) for step in self.steps)


def listing(program: Program) -> Listing:
    """Return a program spelled out."""
    inputs = tuple(_INPUTS[code] for code in program.inputs)
    names = [*inputs, *(f"n{node}" for node in range(program.operations.size))]
    steps = []
    for node, operation in enumerate(program.operations):
        edges = slice(program.offsets[node], program.offsets[node + 1])
        sources = [names[source] for source in program.sources[edges]]
        weights = program.weights[edges].tolist()
        steps.append(
            Step(
                name=f"n{node}",
                operation=_ACTIVATIONS[operation],
                bias=float(program.biases[node]),
                terms=tuple(zip(weights, sources, strict=True)),
            )
        )
    shown = [names[place] for place in program.outputs]
    return Listing(
        inputs=inputs,
        steps=tuple(steps),
        channels=tuple(zip(OUTPUTS[program.color], shown, strict=True)),
        color=program.color,
    )


def require_small(spelled: Listing, *, steps: int, connections: int, what: str) -> None:
    """Refuse a network that the readers of some language choke on.

    Raises:
        FormatError: It has more steps or connections than that.
    """
    if len(spelled.steps) > steps or spelled.connections > connections:
        raise FormatError(
            f"The network is too large for {what}: {len(spelled.steps):,} nodes and "
            f"{spelled.connections:,} connections, where {steps:,} and {connections:,} is the most."
        )


def plain_title(title: str) -> str:
    """Return a title that can stand in a comment of any language: one line that ends no comment."""
    words = re.sub(r"[^\w .,:;!?()+=&%#@'\"’-]", " ", title)
    return " ".join(words.split())[:200]


def wrapped(terms: list[str], indent: str, width: int = 84) -> str:
    """Return terms joined by plus signs, broken into indented lines."""
    lines = [""]
    for term in terms:
        piece = term if lines == [""] else f" + {term}"
        if len(indent) + len(lines[-1]) + len(piece) > width and lines != [""]:
            lines.append(f"+ {term}")
        else:
            lines[-1] += piece
    return f"\n{indent}".join(lines)


def sums(spelled: Listing, prefix: str = "") -> Iterator[tuple[Step, list[str]]]:
    """Yield each step and the terms of its sum, the bias first where it is not zero.

    Numbers are written so that reading them gives the same float64.
    """
    for step in spelled.steps:
        terms = [f"{weight!r} * {prefix}{source}" for weight, source in step.terms]
        if step.bias != 0.0 or not terms:
            terms.insert(0, repr(step.bias))
        yield step, terms
