"""How close does a network come to a picture in a minute on one processor, and what helps?

Three pictures of our own (`breeder.lab.scenes`): soft, sharp, and full of detail, 128 x 96. The
network that the Lab begins with, sines of sines, against tanh with Glorot weights and against tanh
after 14 sines of random frequencies as inputs (Fourier features), all of 3 layers of 32. The time
is the processor time of one thread, so that other work on the machine changes little. What is
measured is the picture that the found genome is drawn as, in bytes.
Run: python -m benchmarks.fitting [seconds] [siren fourier tanh ...]
"""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import torch

from benchmarks.machine import Bystanders, describe_machine
from benchmarks.rows import Row
from breeder.genome import Genome
from breeder.lab.scenes import SCENES, scene
from breeder.lab.settings import CustomInput, Initialisation, LabSettings
from breeder.lab.training import (
    STARTS,
    Training,
    psnr,
    starting_genome,
    starting_settings,
    train,
)
from breeder.rendering import render
from breeder.rendering.canvas import Canvas

SECONDS = 60.0
WIDTH, HEIGHT = 128, 96
WIDTHS = STARTS["usual"]
FEATURES, FINENESS = 14, 8.0
"""Sines as inputs, and the spread of their frequencies: the best of 6, 8 and 12."""


def tanh() -> LabSettings:
    """Return plain tanh layers."""
    return LabSettings(
        widths=WIDTHS,
        activation="tanh",
        weights=Initialisation(name="glorot_uniform"),
        bias_layers="all",
        coordinates="centred",
    )


def fourier() -> LabSettings:
    """Return tanh layers that read sines of random frequencies."""
    rng = np.random.default_rng(3)
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
        widths=WIDTHS,
        activation="tanh",
        weights=Initialisation(name="glorot_uniform"),
        bias_layers="all",
        coordinates="centred",
        inputs=("x", "y", *sines),
    )


KINDS: Mapping[str, Callable[[], LabSettings]] = {
    "siren": lambda: starting_settings(WIDTHS),
    "fourier": fourier,
    "tanh": tanh,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """How close one network came to one picture.

    Attributes:
        decibels: PSNR of the bytes that the genome is drawn as.
        steps: Made in the time.
        genes: Nodes and connections.
    """

    decibels: float
    steps: int
    genes: int


def reach(kind: str, name: str, seconds: float) -> Reached:
    """Fit a network of a kind to a picture."""
    torch.set_num_threads(1)
    target = scene(name, WIDTH, HEIGHT)
    training = Training(starting_genome(KINDS[kind]()), target)
    train(training, seconds, clock=time.thread_time)
    return Reached(
        decibels=drawn_decibels(training.best, target),
        steps=training.steps,
        genes=len(training.best.nodes) + len(training.best.connections),
    )


def drawn_decibels(genome: Genome, target: np.ndarray) -> float:
    """Return the PSNR of the picture that a genome is drawn as."""
    drawn = render([genome], Canvas(width=target.shape[1], height=target.shape[0]), device="cpu")
    return psnr(float(((drawn[0] / 255.0 - target / 255.0) ** 2).mean()))


def rows() -> Iterator[Row]:
    """Yield the closeness after a minute, and that of tanh beside it."""
    found = {
        kind: [reach(kind, name, SECONDS).decibels for name in SCENES] for kind in ("siren", "tanh")
    }
    said = {
        kind: ", ".join(f"{each:.1f}" for each in decibels) + " dB"
        for kind, decibels in found.items()
    }
    yield Row(
        promise="fitting",
        measured=said["siren"],
        peer=said["tanh"],
        note=f"{', '.join(SCENES)}; {WIDTH} x {HEIGHT}, processor time of one thread",
    )


def main(seconds: float, kinds: list[str]) -> None:
    """Print what each kind reaches, picture by picture."""
    print(describe_machine())
    bystanders = Bystanders()
    for kind in kinds:
        for name in SCENES:
            began = time.perf_counter()
            found = reach(kind, name, seconds)
            waited = time.perf_counter() - began
            print(
                f"{kind:8} {name:10} {found.decibels:5.1f} dB  {found.steps:6,} steps, "
                f"{found.genes:,} genes ({waited:.0f} s by the clock)",
                flush=True,
            )
    print(bystanders.text)


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else SECONDS, sys.argv[2:] or list(KINDS))
