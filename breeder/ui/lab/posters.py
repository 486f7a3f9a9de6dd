"""Lab pictures as files of any size, made in the background: PNG, JPEG and TIFF.

A file keeps the address of its settings, so that the picture can be made again; a PNG of a network
that can be bred holds its genome too.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from breeder.errors import SettingsError
from breeder.formats.tiff import encode_tiff
from breeder.lab.captions import layer, over_rows
from breeder.lab.drawing import bands
from breeder.lab.files import LAB_KEYWORD, stream_picture
from breeder.lab.settings import LabSettings, to_query
from breeder.lab.sweeps import Sweep, sheet_of
from breeder.rendering.canvas import Canvas
from breeder.ui.jobs import Advance, Cancelled, Job

MEDIA_TYPES: Final = {"png": "image/png", "jpeg": "image/jpeg", "tif": "image/tiff"}
SUFFIXES: Final = {"png": ".png", "jpeg": ".jpg", "tif": ".tif"}

MOST_JPEG: Final = 8192
"""Pixels along a side of a JPEG, which is packed in one go: its pixels have to be in memory."""

SHEET_STEPS: Final = 1000
"""Into how many steps the work on a contact sheet is counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LabPoster:
    """A picture that somebody wants as a file.

    Attributes:
        settings: What to draw.
        canvas: Its pixels and smoothing.
        kind: "png", "jpeg" or "tif".

    Raises:
        SettingsError: There is no such kind of file, or it is not made as large.
    """

    settings: LabSettings
    canvas: Canvas
    kind: str

    def __post_init__(self) -> None:
        if self.kind not in MEDIA_TYPES:
            raise SettingsError(f"The format must be one of {', '.join(MEDIA_TYPES)}.")
        if self.kind == "jpeg" and max(self.canvas.width, self.canvas.height) > MOST_JPEG:
            raise SettingsError(
                f"A JPEG has at most {MOST_JPEG:,} pixels a side; choose PNG or TIFF."
            )


def poster_job(poster: LabPoster) -> Job:
    """Return the job that draws a picture into a file, row by row."""

    def make(file: BinaryIO, advance: Advance, cancelled: Cancelled) -> None:
        if poster.kind == "png":
            pieces = stream_picture(
                poster.settings, poster.canvas, cancelled=cancelled, advance=advance
            )
            file.writelines(pieces)
        else:
            _write(file, poster, _rows(poster, advance, cancelled))

    settings, canvas = poster.settings, poster.canvas
    return Job(
        title=settings.caption or f"Lab {settings.seed}",
        suffix=f"-{canvas.width}x{canvas.height}{SUFFIXES[poster.kind]}",
        media_type=MEDIA_TYPES[poster.kind],
        total=canvas.height,
        make=make,
    )


def sheet_job(sweep: Sweep) -> Job:
    """Return the job that draws a contact sheet, with its labels, into a PNG file."""

    def make(file: BinaryIO, advance: Advance, cancelled: Cancelled) -> None:
        done = 0

        def tell(share: float) -> None:
            nonlocal done
            steps = int(share * SHEET_STEPS) - done
            done += steps
            advance(steps)

        picture = sheet_of(sweep, cancelled=cancelled, advance=tell)
        Image.fromarray(picture).save(file, "PNG")

    return Job(
        title="Lab sheet",
        suffix=f"-{sweep.across.setting}{f'-{sweep.down.setting}' if sweep.down else ''}.png",
        media_type="image/png",
        total=SHEET_STEPS,
        make=make,
    )


def _rows(poster: LabPoster, advance: Advance, cancelled: Cancelled) -> Iterator[NDArray[np.uint8]]:
    """Yield the picture from top to bottom, with its caption."""
    canvas, top = poster.canvas, 0
    caption = poster.settings.caption
    words = layer(caption, canvas.width, canvas.height) if caption.strip() else None
    for band in bands(poster.settings, canvas, cancelled=cancelled):
        yield over_rows(band, words, top) if words else band
        top += len(band)
        advance(len(band))


def _write(file: BinaryIO, poster: LabPoster, rows: Iterator[NDArray[np.uint8]]) -> None:
    width, height = poster.canvas.width, poster.canvas.height
    comment = f"{LAB_KEYWORD} {to_query(poster.settings)}"
    if poster.kind == "tif":
        encode_tiff(file, rows, width=width, height=height, description=comment)
        return
    pixels, top = np.empty((height, width, 3), np.uint8), 0
    for band in rows:
        pixels[top : top + len(band)] = band
        top += len(band)
    picture = Image.fromarray(pixels)
    picture.save(file, "JPEG", quality=95, subsampling=0, comment=comment.encode())
