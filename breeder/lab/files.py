"""Pictures of the Lab as PNG files: their address travels inside, and opens them again.

Where the network can be bred, its genome travels too: such a file can be dropped on the page like
any other picture.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL.PngImagePlugin import PngImageFile

from breeder.errors import FormatError, SettingsError
from breeder.formats.clusters import Color, cluster
from breeder.formats.native import dumps
from breeder.formats.png import KEYWORD, encode_png
from breeder.lab.captions import layer, over_rows
from breeder.lab.drawing import bands, draw
from breeder.lab.founding import origin_of, to_genome
from breeder.lab.networks import Network
from breeder.lab.settings import LabSettings, from_query, to_query
from breeder.rendering import Device
from breeder.rendering.canvas import Canvas
from breeder.rendering.color import srgb_to_oklab

Picture = NDArray[np.uint8]

LAB_KEYWORD = "breeder-lab"
"""What the text of a PNG file is called that holds the address."""

PALETTE_SIDE = 128


def stream_picture(
    settings: LabSettings,
    canvas: Canvas,
    *,
    network: Network | None = None,
    device: Device = "cpu",
    cancelled: Callable[[], bool] = lambda: False,
    advance: Callable[[int], object] = lambda rows: None,
) -> Iterator[bytes]:
    """Return a picture, its caption on it, as the bytes of a PNG file, drawn while they are taken.

    Args:
        settings: What to draw; its address travels inside the file.
        canvas: Its size and supersampling; the settings say what it shows.
        network: Another network of the same shape; that of the settings if left out. Its weights
            are not in the address, so that only its genome is inside.
        device: Where to draw.
        cancelled: Asked before every band; True ends the drawing.
        advance: Called with the number of rows just drawn.

    Returns:
        Pieces of the file; memory does not grow with the picture.

    Raises:
        CancelledError: `cancelled` said so; raised while the bytes are taken.
    """
    drawn = bands(settings, canvas, network=network, device=device, cancelled=cancelled)
    shown = _captioned(drawn, settings.caption, canvas, advance)
    texts = {} if network else {LAB_KEYWORD: to_query(settings)}
    with suppress(SettingsError):  # too large, or with larger weights than genomes hold
        genome = to_genome(settings, network)
        texts[KEYWORD] = dumps(genome, meta={"origin": origin_of(settings)}, compact=True)
    return encode_png(shown, width=canvas.width, height=canvas.height, texts=texts)


def _captioned(
    drawn: Iterable[Picture], caption: str, canvas: Canvas, advance: Callable[[int], object]
) -> Iterator[Picture]:
    words = layer(caption, canvas.width, canvas.height) if caption.strip() else None
    top = 0
    for rows in drawn:
        yield over_rows(rows, words, top) if words else rows
        top += len(rows)
        advance(len(rows))


def settings_in(path: str | os.PathLike[str]) -> LabSettings:
    """Return the settings of a picture that the Lab wrote.

    Raises:
        FormatError: It is no such picture.
        SettingsError: The address inside it cannot be read.
    """
    name = Path(path).name
    try:
        # Not by Image.open, which refuses large pictures: no pixel is read here.
        with PngImageFile(path) as image:
            text = image.info.get(LAB_KEYWORD)
    except (OSError, ValueError, SyntaxError) as error:
        reason = getattr(error, "strerror", None) or "it is not a PNG picture"
        raise FormatError(f"Cannot read {name}: {reason}.") from error
    if not isinstance(text, str):
        raise FormatError(f"Cannot read {name}: the picture has no address of the Lab inside.")
    return from_query(str(text))


def palette_of(settings: LabSettings, count: int = 6) -> tuple[Color, ...]:
    """Return the colours that sum up a picture of the Lab, from dark to light.

    Args:
        settings: What is drawn.
        count: How many, 1 to 32; fewer come back where the picture has fewer.

    Raises:
        FormatError: The count is outside its range.
    """
    picture = draw(settings, PALETTE_SIDE, supersample=2)
    return cluster(srgb_to_oklab(picture.reshape(-1, 3)), count)
