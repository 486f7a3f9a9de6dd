"""Films: frames taken one by one, written as GIF, animated WebP or MP4 while they come.

Only the few frames being packed are in memory, however long a film is. A new kind is one more row
of FILMS. Knows nothing of what the frames show, nor of how they are drawn.

    write_film("owl.mp4", frames, fps=30, count=120)
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from io import BytesIO
from itertools import chain, pairwise
from pathlib import Path
from types import MappingProxyType
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from breeder.errors import CancelledError, FormatError
from breeder.formats import film_frames
from breeder.formats.film_mp4 import write_mp4
from breeder.formats.packing import in_threads
from breeder.formats.whole_files import replacing
from breeder.rendering.threads import CORES

Frame = NDArray[np.uint8]

MIN_FPS = 0.1
MOST_FRAMES = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class FilmKind:
    """A kind of film.

    Attributes:
        label: As people write it.
        suffix: Of its files.
        media_type: For browsers.
        max_side: Pixels along a side.
        max_fps: Frames a second that viewers show.
        hint: What it is good for, in a few words.
    """

    label: str
    suffix: str
    media_type: str
    max_side: int
    max_fps: int
    hint: str


FILMS: Mapping[str, FilmKind] = MappingProxyType(
    {
        "mp4": FilmKind(
            label="MP4",
            suffix=".mp4",
            media_type="video/mp4",
            max_side=4096,  # further than that, phones and browsers do not decode
            max_fps=120,
            hint="smallest and smoothest; plays everywhere, repeats where the player does",
        ),
        "webp": FilmKind(
            label="WebP",
            suffix=".webp",
            media_type="image/webp",
            max_side=16_383,
            max_fps=100,
            hint="a moving picture in full colour; repeats by itself in every browser",
        ),
        "gif": FilmKind(
            label="GIF",
            suffix=".gif",
            media_type="image/gif",
            max_side=16_383,
            max_fps=50,  # faster ones are slowed down by every browser
            hint="opens anywhere a picture does; 256 colours a frame, and the largest file",
        ),
    }
)
"""What films can be, by name."""


def write_film(
    path: str | os.PathLike[str],
    frames: Iterable[Frame],
    *,
    fps: float,
    count: int,
    format: str = "",
    loop: bool = True,
    cancelled: Callable[[], bool] = lambda: False,
    advance: Callable[[int], object] = lambda frames: None,
) -> None:
    """Write a film to a file, whole or not at all.

    Args:
        path: Where. A file of that name is replaced.
        frames: `count` frames, each sRGB uint8 of shape (H, W, 3), all of one size.
        fps: Frames a second.
        count: How many frames there are.
        format: A name from FILMS; else the path's suffix names it.
        loop: Whether a GIF or WebP begins again at its end; players decide about an MP4.
        cancelled: Asked before every frame; True ends it, and the file is as it was.
        advance: Called with the number of frames just written.

    Raises:
        FormatError: The format cannot be this film, the frames do not fit together, or the file
            cannot be written.
        CancelledError: `cancelled` said so.
    """
    target = Path(path)
    name = format or target.suffix[1:].lower()
    film_kind(name)
    try:
        with replacing(target) as file:
            stream_film(
                file,
                frames,
                format=name,
                fps=fps,
                count=count,
                loop=loop,
                cancelled=cancelled,
                advance=advance,
            )
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise FormatError(f"Cannot write {target.name}: {reason}.") from error


def film_bytes(frames: Iterable[Frame], *, format: str, fps: float, count: int) -> bytes:
    """Return a short film as the bytes of a file; see `write_film`."""
    file = BytesIO()
    stream_film(file, frames, format=format, fps=fps, count=count)
    return file.getvalue()


def film_kind(name: str) -> FilmKind:
    """Return a row of FILMS.

    Raises:
        FormatError: There is none of that name.
    """
    if name not in FILMS:
        raise FormatError(f"A film is one of {', '.join(FILMS)}, not {name[:20]!r}.")
    return FILMS[name]


def check_film(*, format: str, size: tuple[int, int], fps: float, count: int) -> None:
    """Say what is wrong with a film before its first frame is drawn.

    Args:
        format: A name from FILMS.
        size: Width and height in pixels.
        fps: Frames a second.
        count: Frames.

    Raises:
        FormatError: The format cannot be this film.
    """
    kind = film_kind(format)
    if not 1 <= count <= MOST_FRAMES:
        raise FormatError(f"A film has from 1 to {MOST_FRAMES:,} frames, not {count:,}.")
    if not MIN_FPS <= fps <= kind.max_fps:
        raise FormatError(
            f"A {kind.label} shows from {MIN_FPS} to {kind.max_fps} frames a second, not {fps:g}."
        )
    if not all(1 <= side <= kind.max_side for side in size):
        raise FormatError(
            f"A {kind.label} has at most {kind.max_side:,} pixels along a side, not "
            f"{size[0]:,} x {size[1]:,}."
        )


def stream_film(
    file: BinaryIO,
    frames: Iterable[Frame],
    *,
    format: str,
    fps: float,
    count: int,
    loop: bool = True,
    cancelled: Callable[[], bool] = lambda: False,
    advance: Callable[[int], object] = lambda frames: None,
) -> None:
    """Write a film into an open file as its frames come; see `write_film`.

    Args:
        file: Empty, open for writing in binary, able to seek.
        frames: As in `write_film`.
        format: A name from FILMS.
        fps: Likewise.
        count: Likewise.
        loop: Likewise.
        cancelled: Likewise.
        advance: Likewise.

    Raises:
        FormatError: The format cannot be this film, or the frames do not fit together.
        CancelledError: `cancelled` said so.
        OSError: The file cannot be written.
    """
    coming = iter(frames)
    first = next(coming, None)
    if first is None:
        raise FormatError("A film has at least one frame.")
    size = (first.shape[1], first.shape[0])
    check_film(format=format, size=size, fps=fps, count=count)
    checked = _checked(chain([first], coming), first.shape, count, cancelled)
    rate = Fraction(fps).limit_denominator(1001)
    if format == "mp4":
        write_mp4(file, _told(checked, advance), size=size, fps=rate, count=count)
    else:
        _write_frames(file, checked, format, size, rate, count, loop, advance)


def _write_frames(
    file: BinaryIO,
    frames: Iterator[Frame],
    format: str,
    size: tuple[int, int],
    rate: Fraction,
    count: int,
    loop: bool,
    advance: Callable[[int], object],
) -> None:
    """Write a GIF or WebP: a head, the frames packed on all cores, an end."""
    gif = format == "gif"
    head = film_frames.gif_head if gif else film_frames.webp_head
    pack = film_frames.gif_frame if gif else film_frames.webp_frame
    file.write(head(*size, loop=loop))
    timed = zip(frames, durations(rate, count, ticks=100 if gif else 1000), strict=False)
    for piece in in_threads(lambda each: pack(*each), timed, ahead=CORES):
        file.write(piece)
        advance(1)
    if gif:
        file.write(film_frames.GIF_END)
        return
    length = file.tell()
    if length >= 1 << 32:
        raise FormatError("A WebP has at most 4 GB; make the film shorter, smaller, or an MP4.")
    file.seek(4)
    file.write(film_frames.webp_length(length))
    file.seek(length)


def durations(rate: Fraction, count: int, *, ticks: int) -> list[int]:
    """Return how long each frame is shown, in whole parts of a second that add up to the film.

    Args:
        rate: Frames a second.
        count: Frames.
        ticks: Parts that a second has.
    """
    ends = [round(number * ticks / rate) for number in range(count + 1)]
    return [end - start for start, end in pairwise(ends)]


def _checked(
    frames: Iterator[Frame], shape: tuple[int, ...], count: int, cancelled: Callable[[], bool]
) -> Iterator[Frame]:
    """Yield frames that fit together, as many as were promised."""
    number = 0
    for number, frame in enumerate(frames, start=1):
        if cancelled():
            raise CancelledError("The film was cancelled.")
        if frame.dtype != np.uint8 or frame.shape != shape or shape[2:] != (3,):
            raise FormatError(
                f"Frame {number} is {frame.dtype} of shape {frame.shape}; the frames of a film are "
                "uint8 of one shape (height, width, 3)."
            )
        if number > count:
            raise FormatError(f"The film has more than the {count:,} frames it was to have.")
        yield frame
    if number < count:
        raise FormatError(f"The film ended after {number:,} of {count:,} frames.")


def _told(frames: Iterator[Frame], advance: Callable[[int], object]) -> Iterator[Frame]:
    for frame in frames:
        yield frame
        advance(1)
