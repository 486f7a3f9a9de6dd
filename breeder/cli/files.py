"""Files that are there whole or not at all, whatever ends the command in between."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from breeder.cli.output import progress
from breeder.errors import FormatError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from breeder.cli.desk import Picture
    from breeder.rendering import Device
    from breeder.rendering.canvas import Canvas


@contextmanager
def whole_file(target: Path) -> Iterator[BinaryIO]:
    """Open a file for the block that takes its name when the block has ended well.

    Raises:
        FormatError: It cannot be written.
    """
    with _beside(target) as beside:
        with beside.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        beside.replace(target.resolve())  # a link stays a link to the new content


@contextmanager
def whole_folder(target: Path) -> Iterator[Path]:
    """Make a folder for the block that takes its name when the block has ended well.

    Raises:
        FormatError: It cannot be made, or one of that name has something in it.
    """
    with _beside(target) as beside:
        if target.exists() and not (target.is_dir() and not any(target.iterdir())):
            raise FormatError(f"{target} is there already; choose another name or remove it.")
        beside.mkdir()
        yield beside
        with suppress(FileNotFoundError):
            target.rmdir()
        beside.replace(target)


@contextmanager
def _beside(target: Path) -> Iterator[Path]:
    """Yield a free name next to the target; what bears it afterwards is removed."""
    try:
        beside = target.resolve().with_name(f".breeder-{secrets.token_hex(8)}.tmp")
    except ValueError as error:
        raise FormatError(f"No file can be called {str(target)!r}.") from error
    try:
        yield beside
    except FileNotFoundError as error:
        raise FormatError(f"Cannot write {target}: there is no such folder.") from error
    except OSError as error:
        raise FormatError(f"Cannot write {target}: {error.strerror or error}.") from error
    finally:
        if beside.is_dir():
            shutil.rmtree(beside, ignore_errors=True)
        else:
            beside.unlink(missing_ok=True)


def write_png(picture: Picture, path: Path, canvas: Canvas, device: Device) -> None:
    """Draw a picture into a PNG file, with its genome inside, showing how far it is.

    Memory does not grow with the picture: bands of it are drawn and written one by one.

    Raises:
        FormatError: The file cannot be written.
        RenderError: The picture cannot be drawn.
    """
    from breeder.formats.native import dumps
    from breeder.formats.png import KEYWORD, encode_png
    from breeder.rendering import render_bands

    texts = {KEYWORD: dumps(picture.genome, title=picture.title, compact=True)}
    with whole_file(path) as file, progress(f"Drawing {path.name}", canvas.height) as advance:

        def bands() -> Iterator[NDArray[np.uint8]]:
            for band in render_bands([picture.genome], canvas, device=device):
                yield band[0]
                advance(band.shape[1])

        for piece in encode_png(bands(), width=canvas.width, height=canvas.height, texts=texts):
            file.write(piece)
