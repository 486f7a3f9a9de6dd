"""Large pictures drawn in the background: a few at a time, with progress, kept until taken away.

Their files have no name on the disk: they are gone when they are closed, when the server ends, and
when it is killed. What no page asks about any more is cancelled, and what nobody takes away goes
after some minutes. Shared by all sessions of the server, so everything here is under one lock.
"""

from __future__ import annotations

import errno
import logging
import secrets
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from typing import Any, BinaryIO, Literal

from breeder.errors import BreederError, NotFoundError, RenderError
from breeder.formats.packing import scratch_file
from breeder.formats.posters import draw_poster
from breeder.genome import Genome
from breeder.rendering.canvas import Canvas

AT_ONCE = 2
"""Pictures drawn at a time; others wait for their turn, so that a grid still appears at once."""

MOST = 16
"""Pictures waiting, being drawn or kept; further ones are refused."""

UNASKED_SECONDS = 180.0
"""Until a drawing that no page asks about is cancelled; browsers wake a hidden page each minute."""

UNCLAIMED_SECONDS = 600.0
"""Until a finished file that nobody takes away is dropped."""

SENT_SECONDS = 60.0
"""Until a file that was taken away is dropped: somebody may want it again."""

SWEEP_SECONDS = 20.0

State = Literal["waiting", "drawing", "done", "failed"]

logger = logging.getLogger(__name__)


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


@dataclass(slots=True, kw_only=True, eq=False)
class _Poster:
    """One order on its way."""

    order: Order
    asked: float
    state: State = "waiting"
    rows: int = 0
    started: float = 0.0
    message: str = ""
    file: BinaryIO | None = None
    bytes: int = 0
    sent: bool = False
    ended: threading.Event = field(default_factory=threading.Event)
    """Set when it is cancelled or dropped."""


class Posters:
    """Draws what is ordered, in threads of its own."""

    def __init__(
        self,
        *,
        draw: Callable[..., None] = draw_poster,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._draw = draw
        self._clock = clock
        self._lock = threading.RLock()
        self._posters: dict[str, _Poster] = {}  # in the order they came
        self._drawing = 0
        self._timer: threading.Timer | None = None

    def order(self, order: Order) -> str:
        """Take an order and return its token, which only who ordered knows.

        Raises:
            RenderError: Too many are waiting.
        """
        with self._lock:
            self.sweep()
            if len(self._posters) >= MOST:
                raise RenderError(
                    "Too many large pictures are being made on this server; try again in some "
                    "minutes."
                )
            token = secrets.token_urlsafe(16)
            self._posters[token] = _Poster(order=order, asked=self._clock())
            self._start_next()
            self._keep_sweeping()
            return token

    def progress(self, token: str) -> dict[str, Any]:
        """Return how far an order is, as plain values: `state` and what belongs to it.

        Raises:
            NotFoundError: There is none of that token, or no more.
        """
        with self._lock:
            poster = self._find(token)
            waiting = [each for each in self._posters.values() if each.state == "waiting"]
            return {
                "state": poster.state,
                "rows": poster.rows,
                "height": poster.order.canvas.height,
                "ahead": waiting.index(poster) if poster in waiting else 0,
                "seconds_left": self._seconds_left(poster),
                "bytes": poster.bytes,
                "message": poster.message,
            }

    def cancel(self, token: str) -> None:
        """End a drawing, or drop its file.

        Raises:
            NotFoundError: There is none of that token, or no more.
        """
        with self._lock:
            self._find(token)
            self._drop(token)

    def finished(self, token: str) -> tuple[Order, int]:
        """Return what was ordered and the size of its file in bytes, once it is done.

        Raises:
            NotFoundError: There is none of that token, no more, or not yet.
        """
        with self._lock:
            poster = self._find(token)
            if poster.state != "done":
                raise NotFoundError("This picture is not finished.")
            return poster.order, poster.bytes

    def read(self, token: str, start: int, count: int) -> bytes:
        """Return bytes of a finished file; none at its end, which counts as taken away.

        Raises:
            NotFoundError: It was dropped.
        """
        with self._lock:
            poster = self._find(token)
            if poster.file is None:
                raise NotFoundError("This picture is not finished.")
            poster.file.seek(start)
            piece = poster.file.read(count)
            poster.sent = poster.sent or start + len(piece) >= poster.bytes
            return piece

    def sweep(self) -> None:
        """Cancel what no page asks about, and drop what nobody takes away."""
        with self._lock:
            now = self._clock()
            for token, poster in list(self._posters.items()):
                patience = UNASKED_SECONDS
                if poster.state == "done":
                    patience = SENT_SECONDS if poster.sent else UNCLAIMED_SECONDS
                if now - poster.asked > patience:
                    self._drop(token)

    def close(self) -> None:
        """Cancel all drawings and drop all files."""
        with self._lock:
            for token in list(self._posters):
                self._drop(token)
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None

    def _find(self, token: str) -> _Poster:
        poster = self._posters.get(token)
        if poster is None:
            raise NotFoundError("This picture is not being made, or no longer kept; make it again.")
        poster.asked = self._clock()
        return poster

    def _drop(self, token: str) -> None:
        poster = self._posters.pop(token)
        poster.ended.set()
        if poster.file is not None:
            poster.file.close()

    def _seconds_left(self, poster: _Poster) -> float | None:
        spent = self._clock() - poster.started
        if poster.state != "drawing" or not poster.rows or spent < 1:
            return None
        return spent / poster.rows * (poster.order.canvas.height - poster.rows)

    def _start_next(self) -> None:
        for poster in self._posters.values():
            if self._drawing >= AT_ONCE:
                return
            if poster.state != "waiting":
                continue
            thread = threading.Thread(target=self._make, args=(poster,), name="poster", daemon=True)
            try:
                thread.start()
            except RuntimeError:  # the machine gives no more threads
                poster.message = "The server is too busy to draw it; try again later."
                poster.state = "failed"
                continue
            poster.state, poster.started = "drawing", self._clock()
            self._drawing += 1

    def _make(self, poster: _Poster) -> None:
        file, message = None, ""
        try:
            file = self._drawn(poster)
        except BreederError as error:  # a CancelledError among them, which nobody reads
            message = str(error)
        except OSError as error:
            message = _disk(error)
        except Exception:  # whatever it is, the page must not wait for ever
            logger.exception("A large picture could not be drawn.")
            message = "The picture could not be drawn; the server's log says why."
        with self._lock:
            if file is not None and poster.ended.is_set():
                file.close()
            elif file is not None:
                poster.bytes = file.seek(0, 2)
                poster.file, poster.state, poster.asked = file, "done", self._clock()
            else:
                poster.message, poster.state = message, "failed"
            self._drawing -= 1
            self._start_next()

    def _drawn(self, poster: _Poster) -> BinaryIO:
        def advance(rows: int) -> None:
            poster.rows += rows

        file, order = scratch_file(), poster.order
        try:
            self._draw(
                file,
                order.genome,
                order.canvas,
                suffix=order.suffix,
                title=order.title,
                meta={"origin": order.origin} if order.origin else None,
                cancelled=poster.ended.is_set,
                advance=advance,
            )
            file.flush()
        except BaseException:
            file.close()
            raise
        return file

    def _keep_sweeping(self) -> None:
        """Sweep every now and then for as long as there is anything."""
        if self._timer is None and self._posters:
            timer = threading.Timer(SWEEP_SECONDS, self._sweep_again)
            timer.daemon = True
            with suppress(RuntimeError):  # no more threads: the next order sweeps
                timer.start()
                self._timer = timer

    def _sweep_again(self) -> None:
        with self._lock:
            self._timer = None
            self.sweep()
            self._keep_sweeping()


def _disk(error: OSError) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return (
            "The disk of the server is full, so the picture could not be finished; choose a "
            "smaller size, or make room."
        )
    return f"The server could not write the picture: {error.strerror or error}."


@cache
def posters() -> Posters:
    """Return the server's."""
    return Posters()
