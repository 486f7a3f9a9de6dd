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


def poster_suffix(path: Path) -> str | None:
    """Return the suffix of the format in which `write_poster` draws a picture; None for others."""
    return {".png": ".png", ".tif": ".tif", ".tiff": ".tif"}.get(path.suffix.lower())


def write_poster(picture: Picture, path: Path, canvas: Canvas, device: Device) -> None:
    """Draw a picture into a PNG or TIFF file, its genome inside, showing how far it is.

    Memory does not grow with the picture: bands of it are drawn and written one by one.

    Raises:
        FormatError: The file cannot be written.
        RenderError: The picture cannot be drawn.
    """
    from breeder.formats.posters import draw_poster

    with whole_file(path) as file, progress(f"Drawing {path.name}", canvas.height) as advance:
        draw_poster(
            file,
            picture.genome,
            canvas,
            suffix=poster_suffix(path) or ".png",
            title=picture.title,
            meta=picture.meta,
            device=device,
            advance=advance,
        )
