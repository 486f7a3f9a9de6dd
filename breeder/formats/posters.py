"""Pictures of any size drawn into files, with progress and a way to cancel."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import BinaryIO

from breeder.formats.png import stream_png
from breeder.formats.tiff import write_tiff
from breeder.genome import Genome
from breeder.rendering import Device
from breeder.rendering.canvas import Canvas

MEDIA_TYPES: Mapping[str, str] = MappingProxyType({".png": "image/png", ".tif": "image/tiff"})
"""What posters can be, by suffix."""


def draw_poster(
    file: BinaryIO,
    genome: Genome,
    canvas: Canvas,
    *,
    suffix: str,
    title: str = "",
    meta: Mapping[str, str] | None = None,
    device: Device = "auto",
    cancelled: Callable[[], bool] = lambda: False,
    advance: Callable[[int], object] = lambda rows: None,
) -> None:
    """Draw a picture into a file as it is written; memory does not grow with its height.

    Args:
        file: Empty, open for writing in binary, able to seek.
        genome: What to draw; it travels inside the file.
        canvas: What to show.
        suffix: One of MEDIA_TYPES.
        title: Kept beside the genome.
        meta: Further short texts, kept likewise.
        device: Where to draw.
        cancelled: Asked before every band; True ends the drawing.
        advance: Called with the number of rows just drawn.

    Raises:
        FormatError: The genome or title exceeds a limit of the format.
        CancelledError: `cancelled` said so.
        RenderError: The picture cannot be drawn.
        OSError: The file cannot be written.
    """
    if suffix == ".tif":
        write_tiff(
            file,
            genome,
            canvas,
            title=title,
            meta=meta,
            device=device,
            cancelled=cancelled,
            advance=advance,
        )
        return
    pieces = stream_png(
        genome,
        canvas,
        title=title,
        meta=meta,
        device=device,
        cancelled=cancelled,
        advance=advance,
    )
    for piece in pieces:
        file.write(piece)
