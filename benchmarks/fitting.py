"""How close does a network come to a picture in a minute on one processor, and what helps?

Three pictures of our own (`breeder.lab.scenes`): soft, sharp, and full of detail, 128 x 96. The
network that the Lab begins with, tanh layers that read sines of x and y (Fourier features), against
sines of sines (SIREN) and plain tanh, all of 3 layers of 32. The time is the processor time of one
thread, so that other work on the machine changes little. What is measured is the picture that the
found genome is drawn as, in bytes.
Run: python -m benchmarks.fitting [seconds] [fourier siren tanh ...]
"""

from __future__ import annotations

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
from breeder.lab.settings import Initialisation, LabSettings
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
OMEGA = 20.0
"""How fine the first sines are: the best of 10, 20 and 30."""


def tanh() -> LabSettings:
    """Return plain tanh layers."""
    return LabSettings(
        widths=WIDTHS,
        activation="tanh",
        weights=Initialisation(name="glorot_uniform"),
        bias_layers="all",
        coordinates="centred",
    )


def siren() -> LabSettings:
    """Return layers of sines of sines (Sitzmann et al. 2020)."""
    weights = Initialisation(name="siren", numbers=(OMEGA,))
    return LabSettings(
        widths=WIDTHS,
        activation="sin",
        weights=weights,
        biases=weights,
        bias_layers="all",
        coordinates="centred",
    )


KINDS: Mapping[str, Callable[[], LabSettings]] = {
    "fourier": lambda: starting_settings(WIDTHS),
    "siren": siren,
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
        kind: [reach(kind, name, SECONDS).decibels for name in SCENES]
        for kind in ("fourier", "tanh")
    }
    said = {
        kind: ", ".join(f"{each:.1f}" for each in decibels) + " dB"
        for kind, decibels in found.items()
    }
    yield Row(
        promise="fitting",
        measured=said["fourier"],
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
