"""A story as a film: each picture turns into the next through networks, not by fading over.

Steps that change more take longer, and within a step the frames lie evenly far apart on the
screen, so that a film flows where networks jump.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from breeder.errors import CancelledError
from breeder.evolve.morph import morph
from breeder.genome import Genome
from breeder.looks import draw_small
from breeder.rendering import render
from breeder.rendering.canvas import Canvas

Floats = NDArray[np.float64]

PROBES = (8, 4)
"""Moments of a step that are looked at to see where it changes most, in short and long stories."""

LONG = 60
"""Steps from which a story is long: its steps are short in the film, and looking takes time."""

CALM = 0.2
"""The share of the time that all steps get alike; the rest goes by how much they change."""

REST_SECONDS = 0.7
"""How long the first and the last picture stand still."""

FRAMES_AT_ONCE = 6


def default_seconds(steps: int) -> float:
    """Return how long the film of a story is if nobody says: 0.8 s a step, 4 to 90 s."""
    return float(min(90.0, max(4.0, 0.8 * (steps - 1) + 2 * REST_SECONDS)))


def frame_count(seconds: float, fps: float) -> int:
    """Return how many frames a film has: at least one."""
    return max(1, round(seconds * fps))


def story_frames(
    genomes: Sequence[Genome],
    *,
    size: int,
    seconds: float,
    fps: float,
    cancelled: Callable[[], bool] = lambda: False,
) -> Iterator[NDArray[np.uint8]]:
    """Yield the frames of a film through some pictures.

    Args:
        genomes: The story, at least one.
        size: Pixels along a side.
        seconds: How long the film is.
        fps: Frames a second.
        cancelled: Asked while the film is planned, which takes seconds for long stories; True
            ends it. Afterwards whoever takes the frames may stop.

    Yields:
        `frame_count(seconds, fps)` frames, sRGB uint8, shape (size, size, 3).

    Raises:
        CancelledError: `cancelled` said so.
    """
    canvas = Canvas(width=size, height=size, supersample=2)
    waiting: list[Genome] = []
    count, rest = frame_count(seconds, fps), round(REST_SECONDS * fps)
    for frame in film_genomes(genomes, count, rest=rest, cancelled=cancelled):
        waiting.append(frame)
        if len(waiting) == FRAMES_AT_ONCE:
            yield from render(waiting, canvas)
            waiting = []
    yield from render(waiting, canvas)


def film_genomes(
    genomes: Sequence[Genome],
    count: int,
    *,
    rest: int,
    cancelled: Callable[[], bool] = lambda: False,
) -> Iterator[Genome]:
    """Yield the genome of each frame: the first and the last are those of the story.

    Args:
        genomes: The story, at least one.
        count: Frames in all.
        rest: Frames for which the first and the last stand still, where there are enough.
        cancelled: As in `story_frames`.
    """
    rest = min(rest, count // 4) if len(genomes) > 1 else count
    yield from [genomes[0]] * rest
    if len(genomes) == 1:
        return
    moments = np.linspace(0.0, 1.0, PROBES[len(genomes) > LONG] + 1)
    ways: list[Floats] = []
    for first, second in pairwise(genomes):
        if cancelled():
            raise CancelledError("The film was cancelled.")
        ways.append(_way(first, second, moments))
    ends = _ends([float(way[-1]) for way in ways])
    times = np.linspace(0.0, 1.0, count - 2 * rest)
    steps = np.clip(np.searchsorted(ends, times, side="right") - 1, 0, len(ways) - 1)
    for time, step in zip(times, steps, strict=True):
        share = (time - ends[step]) / (ends[step + 1] - ends[step])
        t = float(np.interp(share * ways[step][-1], ways[step], moments))
        yield morph(genomes[step], genomes[step + 1], t)
    yield from [genomes[-1]] * rest


def _ends(lengths: Sequence[float]) -> Floats:
    """Return when each picture of a story is reached, 0 to 1, from how far its steps go."""
    moves = np.array(lengths)
    share = CALM / len(moves) + (1.0 - CALM) * moves / moves.sum()
    return np.concatenate([[0.0], np.cumsum(share) / share.sum()])


def _way(first: Genome, second: Genome, moments: Floats) -> Floats:
    """Return how much has changed on the screen at each of some moments, from 0 on, rising."""
    looks = draw_small([morph(first, second, float(t)) for t in moments]).astype(np.float64)
    moves = np.abs(looks[1:] - looks[:-1]).mean(axis=(1, 2, 3)) + 1e-3
    return np.concatenate([[0.0], np.cumsum(moves)])
