"""Large pictures as jobs: what somebody wants drawn, and how it becomes a file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import BinaryIO

from breeder.formats.posters import MEDIA_TYPES, draw_poster
from breeder.genome import Genome
from breeder.rendering.canvas import Canvas
from breeder.ui.jobs import Advance, Cancelled, Job


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What somebody wants drawn.

    Attributes:
        genome: What to draw.
        canvas: What to show.
        suffix: Of the file: ".png" or ".tif".
        title: Kept in the file; may be empty.
        origin: Where the genome comes from, kept likewise.
    """

    genome: Genome
    canvas: Canvas
    suffix: str
    title: str = ""
    origin: str = ""


def poster_job(order: Order) -> Job:
    """Return the job that draws a picture into a file, row by row."""

    def make(file: BinaryIO, advance: Advance, cancelled: Cancelled) -> None:
        draw_poster(
            file,
            order.genome,
            order.canvas,
            suffix=order.suffix,
            title=order.title,
            meta={"origin": order.origin} if order.origin else None,
            cancelled=cancelled,
            advance=advance,
        )

    return Job(
        title=order.title or order.genome.id[:12],
        suffix=f"-{order.canvas.width}{order.suffix}",
        media_type=MEDIA_TYPES[order.suffix],
        total=order.canvas.height,
        make=make,
    )
