"""Fitting a network to a picture by backpropagation: its numbers move, its structure stays.

Whatever has become a genome can be fitted, a network of the Lab as well as a bred picture, and what
comes out is a genome that breeds on. Adam (Kingma and Ba 2015) follows the mean squared error of
sRGB; its rate rises at once and falls along a cosine.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import torch
from numpy.typing import NDArray

from breeder.errors import SettingsError
from breeder.genome import Genome
from breeder.lab.founding import to_genome
from breeder.lab.settings import CustomInput, Initialisation, LabSettings
from breeder.program import compile_once
from breeder.rendering.canvas import Canvas
from breeder.rendering.differentiable import DifferentiablePicture

Picture = NDArray[np.uint8]
Tensor = torch.Tensor

FASTEST = 0.03
"""The rate at its height: how far a number moves in one step, at the most."""

LAST_RATE = 0.02
"""What is left of the rate at the end."""

RISING = 0.02
"""The share of the time in which the rate rises."""

BATCH = 1 << 10
"""Pixels of one step, at the most; others come in the steps after it."""

LOOK_EVERY = 0.5
"""Seconds between two looks at the whole picture."""

MOST_CONNECTIONS = 30_000
"""Of a network that is fitted; larger ones hardly move within a minute."""

LEAST_SIDE, USUAL_SIDE, MOST_SIDE = 16, 128, 256
"""Pixels of the longer side of the picture that is fitted to."""

EPSILON = 1e-8
MOMENTUM, MEMORY = 0.9, 0.99


FEATURES, FINENESS = 14, 8.0
"""Sines among the inputs, and how fine they are: the spread of their frequencies."""


def starting_settings(widths: tuple[int, ...], seed: int = 3) -> LabSettings:
    """Return the network that takes to a picture fastest: tanh layers that read sines of x and y.

    Sines of random frequencies (Fourier features, Tancik et al. 2020) give the layers detail to
    choose from; their frequencies are weights too, and move with the others.
    """
    rng = np.random.default_rng(seed)
    sines = [
        CustomInput(
            function="sin",
            x=round(float(rng.normal(0.0, FINENESS)), 4),
            y=round(float(rng.normal(0.0, FINENESS)), 4),
            shift=round(float(rng.uniform(0.0, 2.0 * math.pi)), 4),
        )
        for _ in range(FEATURES)
    ]
    return LabSettings(
        widths=widths,
        activation="tanh",
        weights=Initialisation(name="glorot_uniform"),
        bias_layers="all",
        coordinates="centred",
        inputs=("x", "y", *sines),
        seed=seed,
    )


STARTS: Mapping[str, tuple[int, ...]] = MappingProxyType(
    {"small": (24, 24, 24), "usual": (32, 32, 32), "large": (64, 64, 64)}
)
"""Networks to begin with, by the widths of their layers. Small ones breed more vividly, large ones
come closer: a child's changes show less among many connections."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Look:
    """How far a training is.

    Attributes:
        seconds: Spent on it, pauses left out.
        share: Of its time.
        steps: Made so far.
        loss: The mean squared error of the whole picture now.
        picture: What it looks like, uint8, shape (H, W, 3).
    """

    seconds: float
    share: float
    steps: int
    loss: float
    picture: Picture


class Training:
    """One genome on its way to a picture.

        training = Training(genome, target)
        while training.share < 1:
            training.step(seconds / 60)
        training.measure()
        better = training.best

    Args:
        genome: Where to begin.
        target: What to come close to, uint8, shape (H, W, 3); its shorter side spans -1 to 1.
        rate: The learning rate at its height.
        batch: Pixels of one step.
        seed: Of the order in which pixels come.

    Attributes:
        best: The genome that came closest when last measured.
        best_loss: Its mean squared error, of sRGB from 0 to 1.
        steps: How many steps were made.
    """

    def __init__(
        self,
        genome: Genome,
        target: Picture,
        *,
        rate: float = FASTEST,
        batch: int = BATCH,
        seed: int = 0,
    ) -> None:
        self.best, self.best_loss, self.steps = genome, math.inf, 0
        self._genome, self._rate = genome, rate
        self._picture = DifferentiablePicture(compile_once(genome))
        kind = self._picture.weights.dtype
        height, width = target.shape[:2]
        canvas = Canvas(width=width, height=height)
        self._inputs = self._picture.inputs(*canvas.points(range(height)))
        self._shape = target.shape
        self._target = torch.from_numpy(target.reshape(-1, 3) / 255.0).to(kind)
        self._batch = min(batch, height * width)
        self._order = torch.randperm(height * width, generator=_generator(seed))
        self._rng, self._place = _generator(seed + 1), 0
        self._parameters = [each for each in self._picture.parameters() if each.numel()]
        self._means = [torch.zeros_like(each) for each in self._parameters]
        self._squares = [torch.zeros_like(each) for each in self._parameters]

    def step(self, share: float) -> float:
        """Move all numbers a little towards the picture.

        Args:
            share: How much of the time has passed, 0 to 1, which sets the rate.

        Returns:
            The mean squared error of the step's pixels, before it.
        """
        some = self._next()
        inputs = self._inputs if some is None else self._inputs[:, some]
        wanted = self._target if some is None else self._target[some]
        loss = (self._picture.colors(inputs) - wanted).square().mean()
        slopes = torch.autograd.grad(loss, self._parameters)
        value = float(loss.detach())
        self.steps += 1
        if math.isfinite(value) and all(bool(torch.isfinite(each).all()) for each in slopes):
            self._move(slopes, self._rate * rate_at(share))
        return value

    @torch.no_grad()
    def measure(self) -> float:
        """Return the mean squared error of the whole picture; the best genome is kept."""
        error = (self._picture.colors(self._inputs) - self._target).square().mean()
        loss = float(error)
        if loss < self.best_loss:
            try:
                self.best, self.best_loss = self._picture.updated(self._genome), loss
            except ValueError:
                return math.inf
        return loss

    @torch.no_grad()
    def picture(self) -> Picture:
        """Return the picture as it is now, uint8, shape (H, W, 3)."""
        colors = self._picture.colors(self._inputs).reshape(self._shape)
        return np.asarray(torch.floor(colors * 255.0 + 0.5).to(torch.uint8).numpy())

    def _next(self) -> Tensor | None:
        """Return which pixels come next; None for all."""
        if self._batch == len(self._order):
            return None
        if self._place + self._batch > len(self._order):
            self._order = torch.randperm(len(self._order), generator=self._rng)
            self._place = 0
        self._place += self._batch
        return self._order[self._place - self._batch : self._place]

    @torch.no_grad()
    def _move(self, slopes: tuple[Tensor, ...], rate: float) -> None:
        # By hand: importing torch's optimisers takes three seconds.
        first, second = 1.0 - MOMENTUM**self.steps, 1.0 - MEMORY**self.steps
        for parameter, slope, mean, square in zip(
            self._parameters, slopes, self._means, self._squares, strict=True
        ):
            mean.lerp_(slope, 1.0 - MOMENTUM)
            square.lerp_(slope * slope, 1.0 - MEMORY)
            spread = (square / second).sqrt_().add_(EPSILON)
            parameter.sub_(mean / spread, alpha=rate / first)


def train(
    training: Training,
    seconds: float,
    *,
    look: Callable[[Look], object] = lambda look: None,
    paused: Callable[[], bool] = lambda: False,
    stopped: Callable[[], bool] = lambda: False,
    clock: Callable[[], float] = time.perf_counter,
) -> None:
    """Train for a time, and look at the whole picture now and then; the best genome is kept.

    Args:
        training: What to train.
        seconds: How long, looks included and pauses left out; above 0.
        look: Called with every look, the first before anything has moved.
        paused: Asked between steps; while it says True, time stands still.
        stopped: Asked between steps; True ends the training early.
        clock: Seconds.
    """
    spent, before, next_look = 0.0, clock(), 0.0
    while True:
        ended = spent >= seconds or stopped()
        if ended or spent >= next_look:
            share = min(spent / seconds, 1.0)
            loss, picture = training.measure(), training.picture()
            steps = training.steps
            look(Look(seconds=spent, share=share, steps=steps, loss=loss, picture=picture))
            next_look = spent + LOOK_EVERY
        if ended:
            return
        if paused():
            time.sleep(0.05)
            before = clock()
            continue
        training.step(spent / seconds)
        now = clock()
        spent, before = spent + now - before, now


def use_threads(count: int) -> None:
    """Compute on so many threads from now on, in this thread and those it starts."""
    torch.set_num_threads(count)


def check_size(genome: Genome) -> None:
    """Check that a network is not too large to be fitted.

    Raises:
        SettingsError: It is; the sentence says what the limit is.
    """
    count = sum(gene.enabled for gene in genome.connections)
    if count > MOST_CONNECTIONS:
        raise SettingsError(
            f"This network has {count:,} connections, and {MOST_CONNECTIONS:,} is the most that is "
            "fitted: choose fewer or smaller layers."
        )


def starting_genome(settings: LabSettings) -> Genome:
    """Return the genome of a network of the Lab, ready to be fitted.

    Raises:
        SettingsError: It cannot be bred, which asks for fewer connections than fitting does.
    """
    return to_genome(settings)


def rate_at(share: float) -> float:
    """Return the learning rate at a share of the time, as a share of its height."""
    share = min(max(share, 0.0), 1.0)
    if share < RISING:
        return max(share / RISING, 0.05)
    falling = 0.5 + 0.5 * math.cos(math.pi * (share - RISING) / (1.0 - RISING))
    return LAST_RATE + (1.0 - LAST_RATE) * falling


def psnr(loss: float) -> float:
    """Return the peak signal-to-noise ratio, in decibels, of a mean squared error in 0..1."""
    return -10.0 * math.log10(max(loss, 1e-12))


def _generator(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)
