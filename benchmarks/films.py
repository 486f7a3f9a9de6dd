"""What does packing add to a film, and does its memory stay the same however long it is?

A film of the Lab's usual network, 8 layers of 16, turning: 24 frames of 720 x 720, one sample for
each pixel, drawn on the CPU and thrown away, against the same frames packed as MP4, WebP and GIF.
They take turns. What counts is the work, in seconds of all cores together: drawing and packing
share them. Memory is that of a process of its own which packs 60 or 240 frames of 1,920 x 1,080
that cost nothing to draw, above what it had before the first.
Run: python -m benchmarks.films [rounds]
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.machine import Bystanders, describe_machine
from benchmarks.posters import peak
from benchmarks.rows import Row, Sample

SIDE = 720
FRAMES = 24
ROUNDS = 5
MOST = {"mp4": 2.0, "webp": 1.75, "gif": 2.5}
"""Times the work of the bare frames that a whole film may be."""

SHORT, LONG = 60, 240
FLAT = 1.15
WIDTH, HEIGHT = 1920, 1080

Frame = NDArray[np.uint8]


def drawn() -> Iterator[Frame]:
    """Draw the frames of the film, one by one."""
    from breeder.lab.animation import lab_frames
    from breeder.lab.movements import FilmSettings, read_movements
    from breeder.lab.settings import LabSettings
    from breeder.rendering.canvas import Canvas

    film = FilmSettings(movements=read_movements("rotation"), frames=FRAMES)
    return lab_frames(LabSettings(seed=1), film, Canvas(width=SIDE, height=SIDE))


def contenders() -> dict[str, Callable[[], object]]:
    """Return what takes turns: the bare frames, and each kind of film."""
    from breeder.formats.films import stream_film

    def film(kind: str) -> Callable[[], object]:
        def pack() -> None:
            with tempfile.TemporaryFile() as file:
                stream_film(file, drawn(), format=kind, fps=24, count=FRAMES)

        return pack

    return {"bare": lambda: [None for _ in drawn()], **{kind: film(kind) for kind in MOST}}


def works(rounds: int) -> dict[str, Sample]:
    """Return the milliseconds of all cores that each takes, one for each round."""
    found: dict[str, list[float]] = {}
    calls = contenders()
    for number in range(rounds + 1):
        for name, call in calls.items():
            start = time.process_time()
            call()
            if number:  # the first round loads and compiles
                found.setdefault(name, []).append((time.process_time() - start) * 1e3)
    return {name: Sample(tuple(each)) for name, each in found.items()}


def moving(count: int) -> Iterator[Frame]:
    """Yield frames that cost nothing to draw: smooth waves that move sideways."""
    across, down = np.linspace(0, 12, WIDTH), np.linspace(0, 9, HEIGHT)
    picture = np.empty((HEIGHT, WIDTH, 3), dtype=np.uint8)  # filled without larger arrays
    for channel in range(3):
        one, other = (60 + 60 * np.sin(each + channel) for each in (across, down))
        picture[..., channel] = one.astype(np.uint8)[None] + other.astype(np.uint8)[:, None]
    return (np.roll(picture, 8 * number, axis=1) for number in range(count))


def above(kind: str, count: int) -> int:
    """Return the bytes that packing so many frames adds to this process at the most."""
    from breeder.formats.films import film_bytes, stream_film

    tiny = np.zeros((16, 16, 3), dtype=np.uint8)
    film_bytes([tiny], format=kind, fps=30, count=1)  # what is loaded once does not count
    frames = moving(count)
    before = peak()
    with tempfile.TemporaryFile() as file:
        stream_film(file, frames, format=kind, fps=30, count=count)
    return peak() - before


def memory() -> Mapping[str, tuple[int, int]]:
    """Return the bytes added by a short and by a long film of each kind."""
    found: dict[str, list[int]] = {kind: [] for kind in MOST}
    for count in (SHORT, LONG):
        for kind, bytes_added in found.items():
            command = [sys.executable, "-m", "benchmarks.films", "--memory", kind, str(count)]
            done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
            bytes_added.append(json.loads(done.stdout))
    return {kind: (short, long) for kind, (short, long) in found.items()}


def rows() -> Iterable[Row]:
    """Yield the rows of the table of promises."""
    yield from judged_works(works(ROUNDS))
    yield judged_memory(memory())


def judged_works(times: Mapping[str, Sample]) -> Iterable[Row]:
    """Yield what works say about each kind of film."""
    bare = times["bare"]
    for kind, most in MOST.items():
        film = times[kind]
        yield Row(
            promise=f"film-{kind}",
            measured=film.text,
            spread=film.spread,
            peer=f"{bare.text} ({bare.spread})",
            ratio=film.over(bare),
            met=film.median <= most * bare.median,
            note=f"{FRAMES} frames of {SIDE} x {SIDE}",
        )


def judged_memory(added: Mapping[str, tuple[int, int]]) -> Row:
    """Return what memory says about long films."""
    worst = max(long / short for short, long in added.values())
    told = ", ".join(
        f"{kind} {short / 1e6:,.0f} and {long / 1e6:,.0f} MB"
        for kind, (short, long) in added.items()
    )
    return Row(
        promise="film-memory",
        measured=f"{worst:.2f} x",
        met=worst <= FLAT,
        note=f"{WIDTH:,} x {HEIGHT:,}: {told}",
    )


def main() -> None:
    """Print what was measured, or measure the memory of one film for it."""
    arguments: list[Any] = sys.argv[1:]
    if arguments[:1] == ["--memory"]:
        print(json.dumps(above(arguments[1], int(arguments[2]))))
        return
    print(describe_machine())
    bystanders = Bystanders()
    times = works(int(arguments[0]) if arguments else ROUNDS)
    for name, sample in times.items():
        print(f"{name:<6}{sample.text:>12} ({sample.spread})  {sample.over(times['bare'])} x bare")
    print(judged_memory(memory()).note)
    print(bystanders.text)


if __name__ == "__main__":
    main()
