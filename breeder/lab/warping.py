"""Programs whose plane is bent before they see it: by waves, or wound up around the middle.

The bend is a few nodes put before the others, so that every renderer draws it.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from breeder.activations import OPERATION_CODES
from breeder.inputs import INPUT_CODES
from breeder.program import Program

WAVES = math.tau
"""Radians of a wave for each half frame: two waves from edge to edge."""

Sum = dict[int, float]
"""Values of the new program and their weights."""

_X, _Y, _R, _TAKEN = range(4)
_NAMES = ("x", "y", "r")


def warped(program: Program, *, wave: float = 0.0, spiral: float = 0.0) -> Program:
    """Return a program that shows the picture of another, bent; the same one where nothing is bent.

    Args:
        program: What to bend.
        wave: Height of the waves: x moves by its part of sin(tau y), then y by that of cos(tau x).
        spiral: The plane is turned by this many radians times the distance from the middle.
    """
    if not wave and not spiral:
        return program
    codes = {code: name for name, code in INPUT_CODES.items()}
    names = [codes[int(code)] for code in program.inputs]
    needs_r = bool({"r", "d", "cos10r"}.intersection(names))
    before = _Before()
    x, y, r = _X, _Y, _R
    if spiral:
        x, y = before.turn(x, y, r, spiral)
    if wave:
        x = before.add("identity", {x: 1.0, before.add("sin", {y: WAVES}): wave})
        y = before.add("identity", {y: 1.0, before.add("cos", {x: WAVES}): wave})
        r = before.distance(x, y) if needs_r else r
    return _joined(program, before, names, _bent_inputs(before, (x, y, r), names))


@dataclass(slots=True)
class _Before:
    """The nodes that bend: each is an activation of a sum. Values 0 to 2 are x, y and r."""

    operations: list[str] = field(default_factory=list)
    sums: list[Sum] = field(default_factory=list)
    levels: list[int] = field(default_factory=list)

    def add(self, operation: str, terms: Sum) -> int:
        below = [self.levels[value - _TAKEN] for value in terms if value >= _TAKEN]
        self.operations.append(operation)
        self.sums.append(terms)
        self.levels.append(1 + max(below, default=-1))
        return _TAKEN + len(self.sums) - 1

    def turn(self, x: int, y: int, r: int, angle: float) -> tuple[int, int]:
        cos, sin = self.add("cos", {r: angle}), self.add("sin", {r: angle})
        products = {pair: self._product(*pair) for pair in ((x, cos), (y, sin), (y, cos), (x, sin))}
        across = {**products[x, cos], **_times(products[y, sin], -1.0)}
        down = {**products[y, cos], **products[x, sin]}
        return self.add("identity", across), self.add("identity", down)

    def _product(self, one: int, other: int) -> Sum:
        """Return one times other: ((a + b)^2 - (a - b)^2) / 4."""
        plus = self.add("square", {one: 1.0, other: 1.0})
        minus = self.add("square", {one: 1.0, other: -1.0})
        return {plus: 0.25, minus: -0.25}

    def distance(self, x: int, y: int) -> int:
        """Return how far a bent point is from the middle."""
        return self.add("sqrt", {self.add("square", {each: 1.0}): 1.0 for each in (x, y)})


def _times(terms: Sum, factor: float) -> Sum:
    return {value: weight * factor for value, weight in terms.items()}


def _bent_inputs(before: _Before, places: tuple[int, int, int], names: list[str]) -> dict[str, int]:
    """Return which value stands for each input of a program that its place decides.

    Args:
        before: Where nodes are added that are needed for it.
        places: The values that are the bent x, y and r.
        names: The inputs of the program.
    """
    x, y, r = places
    make: dict[str, Callable[[], int]] = {
        "x": lambda: x,
        "y": lambda: y,
        "r": lambda: r,
        "d": lambda: before.add("identity", {r: math.sqrt(2.0)}),
        "x2": lambda: before.add("square", {x: 1.0}),
        "y2": lambda: before.add("square", {y: 1.0}),
        "cos10r": lambda: before.add("cos", {r: 10.0}),
    }
    return {name: make[name]() for name in names if name in make}


def _joined(program: Program, before: _Before, names: list[str], bent: dict[str, int]) -> Program:
    """Return a program that reads the bent inputs, with the nodes that bend before its own."""
    inputs = [*_NAMES, *(name for name in names if name not in bent)]
    shift = len(inputs) - _TAKEN  # the new nodes stand after all inputs
    order = sorted(range(len(before.sums)), key=lambda node: before.levels[node])
    moved = {**dict(zip(range(_TAKEN), range(_TAKEN), strict=True))}
    moved |= {_TAKEN + node: _TAKEN + shift + place for place, node in enumerate(order)}
    sums = [before.sums[node] for node in order]
    old = [moved[bent[name]] if name in bent else inputs.index(name) for name in names]
    nodes = np.arange(program.operations.size) + len(inputs) + len(sums)
    place = np.concatenate([np.array(old, dtype=np.int64), nodes]).astype(np.int32)
    count = sum(map(len, sums))
    arrays: dict[str, NDArray[Any]] = {
        "inputs": np.array([INPUT_CODES[name] for name in inputs], dtype=np.int16),
        "operations": np.concatenate(
            [[OPERATION_CODES[before.operations[node]] for node in order], program.operations]
        ).astype(np.int16),
        "levels": np.concatenate(
            [[before.levels[node] for node in order], program.levels + 1 + max(before.levels)]
        ).astype(np.int32),
        "offsets": np.concatenate(
            [[0], np.cumsum([len(terms) for terms in sums]), program.offsets[1:] + count]
        ).astype(np.int32),
        "sources": np.concatenate(
            [[moved[value] for terms in sums for value in terms], place[program.sources]]
        ).astype(np.int32),
        "outputs": place[program.outputs],
    }
    digest = hashlib.blake2b(program.color.encode(), digest_size=16)
    for array in arrays.values():
        digest.update(array.tobytes())
    weights = [weight for terms in sums for weight in terms.values()]
    return Program(
        **arrays,
        weights=np.concatenate([weights, program.weights]),
        biases=np.concatenate([np.zeros(len(sums)), program.biases]),
        color=program.color,
        structure=digest.hexdigest(),
    )
