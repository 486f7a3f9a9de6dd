"""Films that a page asks for: a small one to look at, and a file made in the background.

A film's address holds all it follows from: what moves, and either the settings of a network of the
Lab or the identity of a bred picture.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import BinaryIO, Final

import numpy as np
from numpy.typing import NDArray

from breeder.errors import RenderError, SettingsError
from breeder.formats.films import FILMS, check_film, film_bytes, stream_film
from breeder.genome import Genome
from breeder.inputs import INPUT_CODES
from breeder.lab.animation import (
    check_genome_film,
    check_lab_film,
    genome_frames,
    lab_frames,
)
from breeder.lab.captions import set_over
from breeder.lab.movements import FilmSettings, read_movements
from breeder.lab.settings import LabSettings
from breeder.program import compile_genome
from breeder.rendering.canvas import Canvas
from breeder.ui.jobs import Advance, Cancelled, Job

Frame = NDArray[np.uint8]
Subject = LabSettings | Genome

MAX_SIDE: Final = 4096
SIZES: Final = (
    *((480, 480), (720, 720), (1080, 1080)),
    *((1280, 720), (1920, 1080), (3840, 2160), (720, 1280), (1080, 1920)),
)
"""Offered in the page: squares, landscapes and phones held upright."""

PREVIEW_FPS: Final = 12
PREVIEW_FRAMES: Final = (16, 72)
PREVIEW_SIDES: Final = (48, 240)
"""Pixels along the shorter side of what is looked at."""

PREVIEW_WORK: Final[Mapping[str, int]] = {"quick": 1 << 29, "fine": 1 << 32}
"""Connections followed for a preview, a tenth of a second and a second on two cores; large networks
are shown smaller."""

MOST_PREVIEW_WORK: Final = 1 << 36


@dataclass(frozen=True, slots=True, kw_only=True)
class FilmOrder:
    """A film that somebody wants.

    Attributes:
        subject: What it shows.
        film: What moves.
        canvas: Pixels and smoothing.
        format: A name from FILMS.
        title: Names the file; may be empty.

    Raises:
        SettingsError: What is shown has no part in a movement.
        FormatError: The format cannot be this film.
    """

    subject: Subject
    film: FilmSettings
    canvas: Canvas
    format: str = "mp4"
    title: str = ""

    def __post_init__(self) -> None:
        size = (self.canvas.width, self.canvas.height)
        check_film(format=self.format, size=size, fps=self.film.fps, count=self.film.frames)
        if isinstance(self.subject, LabSettings):
            check_lab_film(self.subject, self.film)
        else:
            check_genome_film(compile_genome(self.subject), self.film)

    @property
    def connections(self) -> int:
        """Connections followed for each sample."""
        if isinstance(self.subject, LabSettings):
            return 1 + self.subject.weight_count
        return 1 + compile_genome(self.subject).sources.size

    def frames(self, cancelled: Callable[[], bool]) -> Iterator[Frame]:
        """Return the frames, drawn as they are taken, with the caption over them."""
        subject, film, canvas = self.subject, self.film, self.canvas
        if not isinstance(subject, LabSettings):
            return genome_frames(subject, film, canvas, cancelled=cancelled)
        drawn = lab_frames(subject, film, canvas, cancelled=cancelled)
        return (set_over(frame, subject.caption) for frame in drawn)


def read_film(pairs: Mapping[str, str]) -> FilmSettings:
    """Return the film of an address: `move=zoom:5,rotation&seamless=1&easing=&frames=&fps=`.

    Raises:
        SettingsError: It is none.
    """
    usual = FilmSettings()
    try:
        return FilmSettings(
            movements=read_movements(pairs["move"]) if "move" in pairs else usual.movements,
            seamless=pairs.get("seamless", "1") == "1",
            easing="steady" if pairs.get("easing") == "steady" else "smooth",
            frames=int(pairs.get("frames", usual.frames)),
            fps=float(pairs.get("fps", usual.fps)),
        )
    except ValueError as error:
        raise SettingsError("Frames and frames a second are numbers.") from error


FILM_NAMES: Final = frozenset(
    (
        "move",
        "seamless",
        "easing",
        "frames",
        "fps",
        "width",
        "height",
        "supersample",
        "format",
        "look",
    )
)
"""What an address of a film holds beside the settings of a network."""


def film_job(order: FilmOrder) -> Job:
    """Return the job that draws and packs a film, frame by frame."""

    def make(file: BinaryIO, advance: Advance, cancelled: Cancelled) -> None:
        stream_film(
            file,
            order.frames(cancelled),
            format=order.format,
            fps=order.film.fps,
            count=order.film.frames,
            cancelled=cancelled,
            advance=advance,
        )

    kind = FILMS[order.format]
    return Job(
        title=order.title or _title(order.subject),
        suffix=f"-{order.canvas.width}x{order.canvas.height}{kind.suffix}",
        media_type=kind.media_type,
        total=order.film.frames,
        make=make,
    )


def reads_z(genome: Genome) -> bool:
    """Return whether a bred picture changes along z."""
    return INPUT_CODES["z"] in compile_genome(genome).inputs


def preview(order: FilmOrder, look: str, cancelled: Callable[[], bool]) -> bytes:
    """Return a small moving WebP of a film, as long as the film itself.

    Args:
        order: The film.
        look: "quick" or "fine".
        cancelled: Asked often; True ends the drawing.

    Raises:
        SettingsError: There is no such look.
        RenderError: The network is too large to be looked at in a moment.
        CancelledError: `cancelled` said so.
    """
    if look not in PREVIEW_WORK:
        raise SettingsError(f"A look is one of {', '.join(PREVIEW_WORK)}.")
    small = _small(order, PREVIEW_WORK[look])
    frames = small.frames(cancelled)
    return film_bytes(frames, format="webp", fps=small.film.fps, count=small.film.frames)


def _small(order: FilmOrder, work: int) -> FilmOrder:
    """Return the film with fewer frames and pixels, so few that it is drawn in a moment."""
    film, canvas = order.film, order.canvas
    least, most = PREVIEW_FRAMES
    frames = min(max(round(PREVIEW_FPS * film.seconds), least), most, film.frames)
    shorter, longer = sorted((canvas.width, canvas.height))
    pixels = work / (order.connections * frames)
    side = min(max(math.sqrt(pixels * shorter / longer), PREVIEW_SIDES[0]), PREVIEW_SIDES[1])
    side = min(side, shorter)
    width, height = (max(1, round(each / shorter * side)) for each in (canvas.width, canvas.height))
    if order.connections * frames * width * height > MOST_PREVIEW_WORK:
        raise RenderError(
            "This network is too large for a film to be shown at once; its file can be made."
        )
    return FilmOrder(
        subject=order.subject,
        film=replace(film, frames=frames, fps=max(1.0, frames / film.seconds)),
        canvas=replace(canvas, width=width, height=height, supersample=1),
        format="webp",
    )


def _title(subject: Subject) -> str:
    if isinstance(subject, LabSettings):
        return subject.caption or f"Lab {subject.seed}"
    return subject.id[:12]
