"""Contact sheets: a grid as one picture, each tile with the number of its slot."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from breeder.cli.files import whole_file
from breeder.errors import FormatError

if TYPE_CHECKING:
    from breeder.genome import Genome

TILE = 256
GAP = 12
LINE = 24
"""The height of the line with the number."""
PAPER = (17, 17, 20)
INK = (230, 230, 235)


def check_sheet(path: Path | None) -> None:
    """Check a sheet's name before anything is bred for it.

    Raises:
        FormatError: It is no name for a PNG file, or its folder is not there.
    """
    if path is None:
        return
    if path.suffix.lower() != ".png":
        raise FormatError(f"A sheet is a PNG picture: call it {path.stem}.png, not {path.name}.")
    if not path.absolute().parent.is_dir():
        raise FormatError(f"Cannot write {path}: there is no such folder.")


def write_sheet(genomes: Sequence[Genome], path: Path) -> None:
    """Draw genomes into one PNG file, row by row, each with its number below it.

    Raises:
        FormatError: The file cannot be written.
    """
    from PIL import Image, ImageDraw, ImageFont

    from breeder.rendering.adaptive import render_adaptive
    from breeder.rendering.canvas import Canvas

    check_sheet(path)
    columns = math.ceil(math.sqrt(len(genomes)))
    rows = math.ceil(len(genomes) / columns)
    size = (GAP + columns * (TILE + GAP), rows * (GAP + TILE + LINE))
    sheet = Image.new("RGB", size, PAPER)
    pen = ImageDraw.Draw(sheet)
    font = ImageFont.load_default(size=16)
    for slot, tile in enumerate(render_adaptive(genomes, Canvas(width=TILE, height=TILE))):
        left = GAP + slot % columns * (TILE + GAP)
        top = GAP + slot // columns * (GAP + TILE + LINE)
        sheet.paste(Image.fromarray(tile), (left, top))
        pen.text((left + TILE // 2, top + TILE + LINE // 2), str(slot), INK, font=font, anchor="mm")
    with whole_file(path) as file:
        sheet.save(file, "PNG")
