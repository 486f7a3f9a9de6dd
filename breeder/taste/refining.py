"""Refining a picture: its network's numbers climb a taste, while the picture stays itself.

Gradient ascent through `breeder.rendering.differentiable`: the structure stays, weights and biases
move. How far the picture may move is bounded, in the distances that grids are bred by. What counts
is never the gradient's own view: stages on the way are drawn as all small drawings are, and the
best of those within the bound is taken, or none. Where a colour is cut off it has no gradient; such
parts move only with others.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from breeder.errors import CancelledError, SettingsError
from breeder.evolve.mutation import DIGITS, WEIGHT_BOUND
from breeder.evolve.mutation_record import Mutation
from breeder.genome import Genome
from breeder.history import Child
from breeder.looks import distances, draw_small, look_at
from breeder.offspring import COPY
from breeder.program import Program, compile_once
from breeder.rendering.canvas import Canvas
from breeder.rendering.differentiable import DifferentiablePicture, with_numbers
from breeder.taste.features import SIDE, features, features_of, oklab
from breeder.taste.model import Floats, Taste, expand, slopes

NEAREST: Final = 0.02
"""How far a picture may move at reach 0 (see `breeder.looks.distances`): hardly seen."""

FARTHEST: Final = 0.25
"""The same at reach 1, where it is easily taken for another picture."""

REACH: Final = 0.5
STEPS: Final = 80
LEAST_STEPS: Final = 12

MOST_CONNECTIONS: Final = 30_000
"""Of a network that is refined."""

WORK: Final = 1 << 22
"""Points times connections of one step from which on fewer steps are made."""

STAGE: Final = 4
"""Steps between two stages that are drawn and judged."""

WARY: Final = 1.0
"""What a standard deviation of doubt about the gain costs, in units of the score."""

PULL: Final = 40.0
"""What it costs to pass the bound by as much again."""

EASE: Final = 0.9
"""The share of the bound from which on it costs."""

ASTRAY: Final = 1.2
"""The share of the bound beyond which steps are taken back, and made half as long."""

SHORTER: Final = (0.75, 0.5, 0.25, 0.12, 0.06, 0.03)
"""Shares of the way to the last stage that are judged too."""

RATE: Final = 0.03
SLOWER: Final = 0.1
"""The bound below which steps are shorter, in proportion."""

RISING: Final = 5
LAST_RATE: Final = 0.05
MOMENTUM, MEMORY, EPSILON = 0.9, 0.98, 1e-8

SHIFTS: Final = ((0.0, 0.0), (0.25, 0.25), (-0.25, 0.25), (0.25, -0.25), (-0.25, -0.25))
"""Where within its pixels the picture is looked at, in turns: what lives between the points of one
drawing shows in another."""

Look = Callable[[NDArray[np.uint8]], Floats]


@dataclass(frozen=True, slots=True, kw_only=True)
class Refined:
    """What refining came to.

    Attributes:
        genome: The refined picture; the one it began with where nothing better was found.
        improved: Whether something better was found.
        before: The score of the picture it began with (see `Taste.score`).
        after: The score of `genome`.
        doubt: The standard deviation of their difference.
        moved: How far the picture moved, at most what the reach allows.
        mutation: The record of what moved; None where nothing did.
    """

    genome: Genome
    improved: bool
    before: float
    after: float
    doubt: float = 0.0
    moved: float = 0.0
    mutation: Mutation | None = None

    @property
    def sure(self) -> float:
        """The probability, to the taste, that it is liked better; 0.5 where nothing changed.

        It was sought by the same taste, so it is too high: see docs/taste.md.
        """
        if not self.doubt:
            return 0.5
        return 0.5 + 0.5 * math.erf((self.after - self.before) / self.doubt / math.sqrt(2.0))

    def as_child(self, parent: Genome) -> Child:
        """Return the refined picture as a child of the one it began with, to be kept."""
        mutations = (self.mutation,) if self.mutation else ()
        return Child(
            slot=0, genome=self.genome, parents=(parent,), mutations=mutations, origin="refined"
        )


def bound_of(reach: float) -> float:
    """Return how far a picture may move, in `breeder.looks.distances`.

    Raises:
        SettingsError: The reach is not 0 to 1.
    """
    if not 0.0 <= reach <= 1.0:
        raise SettingsError(f"The reach must be 0 to 1, but is {reach}.")
    return NEAREST + (FARTHEST - NEAREST) * reach


def refine(
    genome: Genome,
    taste: Taste,
    *,
    reach: float = REACH,
    steps: int = STEPS,
    look: Look = features_of,
    advance: Callable[[int, int], object] = lambda done, total: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Refined:
    """Return a picture that a taste likes better and that is still the same picture.

    The same arguments give the same result on one machine; on another, sums of 32 bits may differ.

    Args:
        genome: The picture.
        taste: What the person likes.
        reach: How far it may move, 0 (hardly visible) to 1 (nearly another picture).
        steps: Of the ascent, at most; large networks make fewer.
        look: Returns the features of drawings, as the taste knows them; the first ones are those of
            `breeder.taste.features`, and only these are climbed.
        advance: Called with how many steps were made, of how many.
        cancelled: Asked before every step.

    Raises:
        CancelledError: `cancelled` said so.
        SettingsError: The reach is not 0 to 1, or the network is too large.
    """
    bound = bound_of(reach)
    _check_size(genome)
    count = steps_for(genome, steps)
    start = draw_small([genome])
    ascent = _Ascent(genome, taste, bound, look(start)[0])
    stages = []
    for step in range(1, count + 1):
        if cancelled():
            raise CancelledError("Refining was cancelled.")
        going = ascent.step(step, count)
        if step % STAGE == 0 or step == count or not going:
            stages.append(ascent.program())
        advance(step, count)
        if not going:
            break
    return _best(genome, stages, taste, bound, look)


def use_threads(count: int) -> None:
    """Compute on so many threads from now on, in this thread and those it starts."""
    torch.set_num_threads(count)


def steps_for(genome: Genome, steps: int = STEPS) -> int:
    """Return how many steps a network of this size makes."""
    work = sum(gene.enabled for gene in genome.connections) * SIDE * SIDE
    return max(min(steps, LEAST_STEPS), min(steps, steps * WORK // max(work, 1)))


def _check_size(genome: Genome) -> None:
    count = sum(gene.enabled for gene in genome.connections)
    if count > MOST_CONNECTIONS:
        raise SettingsError(
            f"This network has {count:,} connections, and {MOST_CONNECTIONS:,} is the most that is "
            "refined."
        )


class _Ascent:
    """A network on its way up."""

    def __init__(self, genome: Genome, taste: Taste, bound: float, known: Floats) -> None:
        self._program = compile_once(genome)
        self._picture = DifferentiablePicture(self._program)
        self._taste, self._bound, self._known = taste, bound, known
        self._row = expand(known[None])[0].astype(np.float64)
        canvas = Canvas(width=SIDE, height=SIDE)
        x, y = canvas.points(range(SIDE))
        pixel = 2.0 / SIDE
        self._inputs = [
            self._picture.inputs(x + across * pixel, y + down * pixel) for across, down in SHIFTS
        ]
        with torch.no_grad():
            self._first = [_cells(self._drawn(inputs)) for inputs in self._inputs]
        self._parameters = [each for each in self._picture.parameters() if each.numel()]
        self._limits = [each.detach().abs().clamp(min=WEIGHT_BOUND) for each in self._parameters]
        self._means = [torch.zeros_like(each) for each in self._parameters]
        self._squares = [torch.zeros_like(each) for each in self._parameters]
        self._kept = [each.detach().clone() for each in self._parameters]
        self._rate, self._moves = RATE * min(1.0, bound / SLOWER), 0

    def step(self, step: int, count: int) -> bool:
        """Move all numbers a little upwards; returns False where there is no way on."""
        place = step % len(SHIFTS)
        drawn = self._drawn(self._inputs[place])
        found = features(drawn)
        slope = torch.from_numpy(self._slope(found.detach().numpy()[0]))
        away = (_cells(drawn) - self._first[place]).square().mean((2, 3)).sum()
        share = (away + 1e-12).sqrt() / self._bound
        aim = (found[0] * slope).sum() - PULL * torch.relu(share - EASE).square()
        if not aim.requires_grad:
            return False
        upwards = torch.autograd.grad(aim, self._parameters)
        fine = all(bool(torch.isfinite(each).all()) for each in upwards)
        if not fine or float(share.detach()) > ASTRAY:
            self._return()
            return True
        falling = 0.5 + 0.5 * math.cos(math.pi * step / count)
        self._move(upwards, LAST_RATE + (1.0 - LAST_RATE) * falling)
        return True

    def program(self) -> Program:
        """Return the program with the numbers of now, those that hardly moved as they were."""
        now = self._picture.program()
        return replace(
            now,
            weights=_settled(self._program.weights, now.weights),
            biases=_settled(self._program.biases, now.biases),
        )

    def _drawn(self, inputs: Tensor) -> Tensor:
        return self._picture.colors(inputs).float().reshape(1, SIDE, SIDE, 3)

    def _slope(self, found: Floats) -> Floats:
        """Return how the wary score rises with each feature of `breeder.taste.features`."""
        known = np.concatenate([found, self._known[len(found) :]]).astype(np.float32)
        doubt = self._taste.root @ (expand(known[None])[0] - self._row)
        pull = doubt @ self._taste.root / max(float(np.linalg.norm(doubt)), 1e-9)
        climb = self._taste.weights - WARY * pull
        return np.asarray(slopes(known)[: len(found)] @ climb, dtype=np.float32)

    @torch.no_grad()
    def _return(self) -> None:
        """Go back to where the last move began, and go on more slowly."""
        for parameter, kept, mean in zip(self._parameters, self._kept, self._means, strict=True):
            parameter.copy_(kept)
            mean.zero_()
        self._rate *= 0.5

    @torch.no_grad()
    def _move(self, upwards: Sequence[Tensor], pace: float) -> None:
        # Adam (Kingma and Ba 2015) by hand: importing torch's optimisers takes three seconds.
        self._moves += 1
        first, second = 1.0 - MOMENTUM**self._moves, 1.0 - MEMORY**self._moves
        rate = self._rate * pace * min(1.0, self._moves / RISING)
        for parameter, slope, mean, square, limit, kept in zip(
            self._parameters,
            upwards,
            self._means,
            self._squares,
            self._limits,
            self._kept,
            strict=True,
        ):
            kept.copy_(parameter)
            mean.lerp_(slope, 1.0 - MOMENTUM)
            square.lerp_(slope * slope, 1.0 - MEMORY)
            spread = (square / second).sqrt_().add_(EPSILON)
            parameter.add_(mean / spread, alpha=rate / first)
            parameter.copy_(torch.maximum(torch.minimum(parameter, limit), -limit))


_WEIGHTS = torch.tensor([1.0, 1.2, 1.2])[:, None, None]


def _cells(drawn: Tensor) -> Tensor:
    """Return what `breeder.looks.distances` compares, shape (1, 3, 16, 16)."""
    return functional.avg_pool2d(oklab(drawn), 2) * _WEIGHTS


def _settled(before: NDArray[np.float64], now: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return numbers rounded as mutations round theirs, where they moved."""
    rounded = np.round(now, DIGITS)
    # 32 bits keep seven digits of a large number.
    least = 10.0**-DIGITS * np.maximum(1.0, np.abs(before))
    found = np.where(np.abs(rounded - before) < least, before, rounded)
    found.setflags(write=False)
    return found


def _best(
    genome: Genome, stages: Sequence[Program], taste: Taste, bound: float, look: Look
) -> Refined:
    """Return the best stage that can be told apart, lies within the bound and is not dull."""
    start = compile_once(genome)
    programs = [*stages, *(_on_the_way(start, stages[-1], share) for share in SHORTER)]
    genomes = [genome, *(with_numbers(genome, program) for program in programs)]
    drawings = draw_small(genomes)
    looks = look_at(drawings)
    rows = expand(look(drawings))
    score = rows @ taste.weights
    doubt = taste.unsure(rows - rows[0])
    moved = distances(looks.lab[:1], looks.lab)[0]
    worth = score - score[0] - WARY * doubt
    fine = (moved >= COPY) & (moved <= bound) & ~looks.dull & (worth > 0.0)
    best = int(np.argmax(np.where(fine, worth, -np.inf))) if fine.any() else 0
    return Refined(
        genome=genomes[best],
        improved=best > 0,
        before=float(score[0]),
        after=float(score[best]),
        doubt=float(doubt[best]) if best else 0.0,
        moved=float(moved[best]) if best else 0.0,
        mutation=_record(start, programs[best - 1]) if best else None,
    )


def _on_the_way(start: Program, end: Program, share: float) -> Program:
    return replace(
        end,
        weights=_settled(start.weights, start.weights + share * (end.weights - start.weights)),
        biases=_settled(start.biases, start.biases + share * (end.biases - start.biases)),
    )


def _record(start: Program, end: Program) -> Mutation:
    moves = np.abs(np.concatenate([end.weights - start.weights, end.biases - start.biases]))
    return Mutation(kind="refined", count=int((moves > 0).sum()), size=float(moves.max()))
