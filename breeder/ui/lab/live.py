"""Lab pictures drawn while somebody waits for them, and no longer: bounded, and in turn.

Two drawings run at a time on the server; the coarse first look of everybody has threads of its
own, so that nobody's large picture keeps a slider of another from answering. Whoever goes away sets
`gone`, and a drawing ends at its next band.
"""

from __future__ import annotations

import asyncio
import io
import json
import math
import struct
import threading
import time
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from breeder.errors import BreederError, CancelledError, SettingsError
from breeder.lab.captions import set_over
from breeder.lab.complexity import SIDE, find, measure
from breeder.lab.drawing import draw, stages
from breeder.lab.files import PALETTE_SIDE, palette_of
from breeder.lab.settings import LabSettings, to_query
from breeder.ui.lab.facts import facts_of
from breeder.ui.pictures import JPEG_QUALITY, PictureCache

AT_ONCE = 2
"""Fine pictures drawn at a time, and first looks at a time: each uses all cores anyway."""

TELL_EVERY = 0.15
"""Seconds between two words of how far a picture is."""

KEPT_SIDE = 1024
"""Pictures up to this many pixels a side are kept for a while: going back shows them at once."""

MOST_ASIDE = 1 << 33
"""Weights times pixels beyond which nothing is told of a picture: more than a second of a core."""

MOST_SKETCH = 1 << 31
LEAST_SKETCH = 24
MOST_SKETCHED = 500_000
"""The same for one of the pictures of other seeds, the pixels along a side that it has at the
least, and the weights beyond which there is none."""

Picture = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A picture that somebody waits for.

    Attributes:
        settings: What to draw.
        width: Pixels across.
        height: Pixels down.
        gone: Set when nobody waits any more.
    """

    settings: LabSettings
    width: int
    height: int
    gone: threading.Event = field(default_factory=threading.Event)

    @property
    def key(self) -> str:
        """What tells its picture from others."""
        return f"{self.width}x{self.height}?{to_query(self.settings)}"

    @property
    def is_kept(self) -> bool:
        """Whether its picture is kept once it is drawn."""
        return max(self.width, self.height) <= KEPT_SIDE


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One picture of a drawing.

    Attributes:
        data: A JPEG.
        size: Its pixels across and down.
        share: How much of the work is done.
        last: Whether it is the one asked for.
    """

    data: bytes
    size: tuple[int, int]
    share: float
    last: bool


KEPT = PictureCache(32 << 20)


async def frames(wish: Wish) -> AsyncIterator[bytes]:
    """Yield the frames of a stream: pictures coarse first, and how far it is between them.

    A frame is the length of its head (32 bits, big-endian), the head in JSON, and as many bytes as
    the head's `bytes` says: a JPEG. The last picture is marked; a failure ends with a sentence.
    """
    began, share = time.monotonic(), 0.0
    try:
        if (data := KEPT.get(wish.key, 0)) is not None:
            size = (wish.width, wish.height)
            yield _picture_frame(wish, Look(data=data, size=size, share=1.0, last=True), began)
            return
        far = [0.0]
        looks = _looks(wish, far)
        pool, last = _first_looks(), False
        while not last:
            step = asyncio.wrap_future(pool.submit(next, looks))
            step.add_done_callback(_ignore)
            while not (await asyncio.wait({step}, timeout=TELL_EVERY))[0]:
                if far[0] > share:
                    share = far[0]
                    yield _frame({"kind": "progress", "share": round(share, 3)})
            look = step.result()
            share, last, pool = look.share, look.last, _fine_drawings()
            yield _picture_frame(wish, look, began)
    except CancelledError:
        return
    except BreederError as error:
        yield _frame({"kind": "failed", "message": str(error)})
    finally:
        wish.gone.set()


async def picture(wish: Wish) -> bytes:
    """Return the JPEG of a wish; it is drawn where it is not kept.

    Raises:
        CancelledError: Nobody waits any more.
        SettingsError: It cannot be drawn.
    """
    if (data := KEPT.get(wish.key, 0)) is not None:
        return data
    step = asyncio.wrap_future(_small_pictures().submit(_finished, wish))
    step.add_done_callback(_ignore)
    try:
        return await step
    finally:
        wish.gone.set()


async def findings(settings: LabSettings, gone: threading.Event) -> list[dict[str, str]]:
    """Return what has a name in a picture, goo or noise say, each with its reason.

    Raises:
        CancelledError: Nobody waits any more.
        SettingsError: It cannot be drawn.
    """
    step = asyncio.wrap_future(_words().submit(_findings, settings, gone))
    step.add_done_callback(_ignore)
    try:
        return await step
    finally:
        gone.set()


async def colors(settings: LabSettings, gone: threading.Event) -> list[dict[str, object]]:
    """Return the colours that sum up a picture, with the share of each; errors of `findings`."""
    step = asyncio.wrap_future(_words().submit(_colors, settings, gone))
    step.add_done_callback(_ignore)
    try:
        return await step
    finally:
        gone.set()


def _colors(settings: LabSettings, gone: threading.Event) -> list[dict[str, object]]:
    if gone.is_set():
        raise CancelledError("Nobody waits for it any more.")
    if _is_slow(settings, PALETTE_SIDE * 2):
        return []
    return [{"hex": each.hex, "share": each.share} for each in palette_of(settings)]


def _findings(settings: LabSettings, gone: threading.Event) -> list[dict[str, str]]:
    if gone.is_set():
        raise CancelledError("Nobody waits for it any more.")
    if _is_slow(settings, SIDE):
        return []
    found = find(measure(draw(settings, SIDE, cancelled=gone.is_set)))
    return [{"name": each.name, "reason": each.reason} for each in found]


def _is_slow(settings: LabSettings, side: int) -> bool:
    return settings.weight_count * side * side > MOST_ASIDE


def sketch_side(settings: LabSettings, side: int) -> int:
    """Return how large the sketch of a picture is that must not take long: small if it is dear.

    Raises:
        SettingsError: Even to make the network takes long.
    """
    if settings.weight_count > MOST_SKETCHED:
        raise SettingsError("A network this large is not drawn ahead; click to draw it.")
    return max(LEAST_SKETCH, min(side, math.isqrt(MOST_SKETCH // settings.weight_count)))


def _looks(wish: Wish, far: list[float]) -> Iterator[Look]:
    """Yield the pictures of a drawing, coarse first, and put into `far` how far it is."""

    def advance(share: float) -> None:
        far[0] = share

    if wish.gone.is_set():
        raise CancelledError("Nobody waits for the picture any more.")
    size = (wish.width, wish.height)
    for stage in stages(wish.settings, *size, cancelled=wish.gone.is_set, advance=advance):
        data = _jpeg(set_over(stage.picture, wish.settings.caption))
        last = stage.factor == 1
        if last and wish.is_kept:
            KEPT.put(wish.key, 0, data)
        height, width = stage.picture.shape[:2]
        yield Look(data=data, size=(width, height), share=stage.share, last=last)


def _jpeg(picture: Picture) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "JPEG", quality=JPEG_QUALITY, subsampling=0)
    return buffer.getvalue()


def _picture_frame(wish: Wish, look: Look, began: float) -> bytes:
    head = {
        "kind": "picture",
        "whole": {"width": wish.width, "height": wish.height},
        "width": look.size[0],
        "height": look.size[1],
        "share": round(look.share, 3),
        "last": look.last,
        "seconds": round(time.monotonic() - began, 4),
        "facts": facts_of(wish.settings),
        "bytes": len(look.data),
    }
    return _frame(head) + look.data


def _frame(head: dict[str, Any]) -> bytes:
    text = json.dumps(head).encode()
    return struct.pack(">I", len(text)) + text


def _finished(wish: Wish) -> bytes:
    *_, last = _looks(wish, [0.0])
    return last.data


def _ignore(step: asyncio.Future[Any]) -> None:
    """Take the error of a drawing that nobody waits for any more, which asyncio would tell of."""
    if not step.cancelled():
        step.exception()


@cache
def _first_looks() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(AT_ONCE, thread_name_prefix="look")


@cache
def _fine_drawings() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(AT_ONCE, thread_name_prefix="fine")


@cache
def _small_pictures() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(AT_ONCE, thread_name_prefix="small")


@cache
def _words() -> ThreadPoolExecutor:
    # Of their own: a sheet of large networks keeps the small pictures waiting for minutes.
    return ThreadPoolExecutor(AT_ONCE, thread_name_prefix="words")
