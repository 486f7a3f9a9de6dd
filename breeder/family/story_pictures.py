"""A story as one picture: a contact sheet of all steps, or a long picture with the words beside.

Both are PNG files that hold the genome of the last step, like every PNG that breeder writes. They
are drawn some rows at a time, so that memory does not grow with the story.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from breeder.errors import CancelledError
from breeder.family.story import RULE, Step
from breeder.formats.native import dumps
from breeder.formats.png import KEYWORD, encode_png
from breeder.rendering.adaptive import render_adaptive
from breeder.rendering.canvas import Canvas

StoryPicture = Literal["sheet", "long"]

PAPER = (250, 249, 246)
INK = (32, 32, 38)
QUIET = (108, 108, 118)
ACCENT = (91, 75, 219)
MARGIN = 40
GAP = 20
HEAD = 96
CAPTION = 78
"""Pixels below a picture of a contact sheet: what it is called, and two lines of what changed."""
WORDS = 440
"""Pixels beside a picture of a long one."""


def story_png(
    steps: Sequence[Step],
    kind: StoryPicture,
    *,
    title: str = "",
    cancelled: Callable[[], bool] = lambda: False,
    advance: Callable[[int], object] = lambda steps: None,
) -> Iterator[bytes]:
    """Yield a PNG file that shows a story.

    Args:
        steps: The story, at least one step.
        kind: "sheet" for rows of pictures, "long" for one below the other with all the words.
        title: What the last picture is called; may be empty.
        cancelled: Asked before every band; True ends it.
        advance: Called with the number of steps just drawn.

    Raises:
        CancelledError: `cancelled` said so.
    """
    side = tile_side(len(steps), kind)
    columns = columns_of(len(steps), kind)
    cell = (side + GAP, side + CAPTION) if kind == "sheet" else (side + GAP + WORDS, side + GAP)
    rows = math.ceil(len(steps) / columns)
    width = 2 * MARGIN + columns * cell[0] - (GAP if kind == "sheet" else 0)
    height = HEAD + rows * cell[1] + MARGIN

    def bands() -> Iterator[NDArray[np.uint8]]:
        yield _head(steps, title, width)
        for row in range(rows):
            if cancelled():
                raise CancelledError("The story was cancelled.")
            some = steps[row * columns : (row + 1) * columns]
            yield _band(some, kind, side=side, cell=cell, width=width)
            advance(len(some))
        yield np.full((MARGIN, width, 3), PAPER, dtype=np.uint8)

    texts = {KEYWORD: dumps(steps[-1].genome, title=title, compact=True)}
    return encode_png(bands(), width=width, height=height, texts=texts)


def tile_side(count: int, kind: StoryPicture) -> int:
    """Return how large each picture of a story is: the longer the story, the smaller."""
    if kind == "long":
        return 320 if count <= 40 else 224 if count <= 120 else 160
    return 288 if count <= 24 else 224 if count <= 80 else 176


def columns_of(count: int, kind: StoryPicture) -> int:
    """Return how many pictures stand in a row: a sheet is a little wider than high."""
    return 1 if kind == "long" else max(1, min(16, math.ceil(math.sqrt(1.5 * count))))


def _head(steps: Sequence[Step], title: str, width: int) -> NDArray[np.uint8]:
    strip = Image.new("RGB", (width, HEAD), PAPER)
    pen = ImageDraw.Draw(strip)
    pen.text(
        (MARGIN, 26),
        _fitting(pen, title or "The story of a picture", _font(26), width - 2 * MARGIN),
        INK,
        font=_font(26),
    )
    words = f"{len(steps)} pictures from the first to the last. {RULE}"
    if len(steps) == 1:
        words = "Its only picture: it has no ancestors here."
    pen.text(
        (MARGIN, 62), _fitting(pen, words, _font(14), width - 2 * MARGIN), QUIET, font=_font(14)
    )
    return np.asarray(strip)


def _band(
    steps: Sequence[Step], kind: StoryPicture, *, side: int, cell: tuple[int, int], width: int
) -> NDArray[np.uint8]:
    """Return one row of a story."""
    band = Image.new("RGB", (width, cell[1]), PAPER)
    pen = ImageDraw.Draw(band)
    genomes = [step.genome for step in steps]
    pictures = render_adaptive(genomes, Canvas(width=side, height=side))
    for column, (step, picture) in enumerate(zip(steps, pictures, strict=True)):
        left = MARGIN + column * cell[0]
        band.paste(Image.fromarray(picture), (left, 0))
        if kind == "sheet":
            _say(pen, step, (left, side + 6), side, most=2)
        else:
            _say(pen, step, (left + side + GAP, 4), WORDS, most=(side - 28) // 19)
    return np.asarray(band)


def _say(
    pen: ImageDraw.ImageDraw, step: Step, place: tuple[int, int], width: int, *, most: int
) -> None:
    """Write what a step is called and what changed, in at most so many lines."""
    left, top = place
    pen.text((left, top), step.title, INK if step.changes else ACCENT, font=_font(15))
    font, lines = _font(13), list[str]()
    for words in words_of(step):
        lines += _wrapped(pen, words, font, width)
    if len(lines) > most:
        lines = [*lines[: most - 1], _fitting(pen, lines[most - 1] + " …", font, width)]
    for number, line in enumerate(lines):
        pen.text((left, top + 21 + 17 * number), line, QUIET, font=font)


def words_of(step: Step) -> list[str]:
    """Return what is said below a picture of a story."""
    words = list(step.changes)
    if step.others:
        words.insert(0, f"crossed with {', '.join(other[:8] for other in step.others)}")
        words = [each for each in words if not each.endswith("taken from another parent")]
    if step.automatic:
        words.insert(0, "bred by the autopilot")
    return words


def _wrapped(pen: ImageDraw.ImageDraw, text: str, font: Any, width: int) -> list[str]:
    lines, line = list[str](), ""
    for word in text.split():
        longer = f"{line} {word}".strip()
        if line and pen.textlength(longer, font=font) > width:
            lines.append(line)
            longer = word
        line = longer
    return [*lines, line]


def _fitting(pen: ImageDraw.ImageDraw, text: str, font: Any, width: int) -> str:
    """Return a text cut to a width."""
    if pen.textlength(text, font=font) <= width:
        return text
    while text and pen.textlength(f"{text} …", font=font) > width:
        text = text[:-1]
    return f"{text.rstrip(' …')} …"


@cache
def _font(size: int) -> Any:
    return ImageFont.load_default(size=size)
