"""Files made in the background: a few at a time, with progress, kept until taken away.

For whatever takes longer than a moment: large pictures, films, contact sheets. What is to be made
is a `Job`; its function writes the file, says how far it is, and asks whether to go on:

    def make(file, advance, cancelled):
        stream_film(file, frames, format="mp4", fps=30, count=90,
                    advance=advance, cancelled=cancelled)

    Job(title="Owl", suffix=".mp4", media_type="video/mp4", total=90, make=make)

A page orders it through an address of its own: `job_routes.order_job` answers the POST with the
job's token, and `making.make_button` shows a button for that address and the list of what this tab
is having made (assets/shelf.js). The browser asks how far each is, offers to cancel it, and saves
it when it is done; the page's script does not run for it.

The files have no name on the disk: they are gone when they are closed, when the server ends, and
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

AT_ONCE = 2
"""Files made at a time; others wait for their turn, so that a grid still appears at once."""

MOST = 16
"""Files waiting, being made or kept; further ones are refused."""

UNASKED_SECONDS = 180.0
"""Until what no page asks about is cancelled; browsers wake a hidden page each minute."""

UNCLAIMED_SECONDS = 600.0
"""Until a finished file that nobody takes away is dropped."""

SENT_SECONDS = 60.0
"""Until a file that was taken away is dropped: somebody may want it again."""

SWEEP_SECONDS = 20.0

State = Literal["waiting", "drawing", "done", "failed"]

logger = logging.getLogger(__name__)


Advance = Callable[[int], object]
Cancelled = Callable[[], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A file that somebody wants made.

    Attributes:
        title: What the file is called, in any letters.
        suffix: What its name ends with: "-1024.png".
        media_type: For browsers.
        total: Of the steps that `make` counts: rows, frames, tiles; at least 1.
        make: Called in a thread with the open file, empty, able to seek; a function to call with
            the number of steps just done; and one to ask often, which says True when nobody
            wants the file any more. It raises then, and in any other case, a BreederError, whose
            sentence the page shows.
    """

    title: str
    suffix: str
    media_type: str
    total: int
    make: Callable[[BinaryIO, Advance, Cancelled], None]


@dataclass(slots=True, kw_only=True, eq=False)
class _Making:
    """One job on its way."""

    job: Job
    asked: float
    state: State = "waiting"
    done: int = 0
    started: float = 0.0
    message: str = ""
    file: BinaryIO | None = None
    bytes: int = 0
    sent: bool = False
    ended: threading.Event = field(default_factory=threading.Event)
    """Set when it is cancelled or dropped."""


class Jobs:
    """Makes what is ordered, in threads of its own."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.RLock()
        self._jobs: dict[str, _Making] = {}  # in the order they came
        self._at_work = 0
        self._timer: threading.Timer | None = None

    def order(self, job: Job) -> str:
        """Take a job and return its token, which only who ordered knows.

        Raises:
            RenderError: Too many are waiting.
        """
        with self._lock:
            self.sweep()
            if len(self._jobs) >= MOST:
                raise RenderError(
                    "Too many files are being made on this server; try again in some minutes."
                )
            token = secrets.token_urlsafe(16)
            self._jobs[token] = _Making(job=job, asked=self._clock())
            self._start_next()
            self._keep_sweeping()
            return token

    def progress(self, token: str) -> dict[str, Any]:
        """Return how far a job is, as plain values: `state` and what belongs to it.

        Raises:
            NotFoundError: There is none of that token, or no more.
        """
        with self._lock:
            making = self._find(token)
            waiting = [each for each in self._jobs.values() if each.state == "waiting"]
            return {
                "state": making.state,
                "done": making.done,
                "total": making.job.total,
                "ahead": waiting.index(making) if making in waiting else 0,
                "seconds_left": self._seconds_left(making),
                "bytes": making.bytes,
                "message": making.message,
            }

    def cancel(self, token: str) -> None:
        """End a job, or drop its file.

        Raises:
            NotFoundError: There is none of that token, or no more.
        """
        with self._lock:
            self._find(token)
            self._drop(token)

    def finished(self, token: str) -> tuple[Job, int]:
        """Return a job and the size of its file in bytes, once it is done.

        Raises:
            NotFoundError: There is none of that token, no more, or not yet.
        """
        with self._lock:
            making = self._find(token)
            if making.state != "done":
                raise NotFoundError("This file is not finished.")
            return making.job, making.bytes

    def read(self, token: str, start: int, count: int) -> bytes:
        """Return bytes of a finished file; none at its end, which counts as taken away.

        Raises:
            NotFoundError: It was dropped.
        """
        with self._lock:
            making = self._find(token)
            if making.file is None:
                raise NotFoundError("This file is not finished.")
            making.file.seek(start)
            piece = making.file.read(count)
            making.sent = making.sent or start + len(piece) >= making.bytes
            return piece

    def sweep(self) -> None:
        """Cancel what no page asks about, and drop what nobody takes away."""
        with self._lock:
            now = self._clock()
            for token, making in list(self._jobs.items()):
                patience = UNASKED_SECONDS
                if making.state == "done":
                    patience = SENT_SECONDS if making.sent else UNCLAIMED_SECONDS
                if now - making.asked > patience:
                    self._drop(token)

    def close(self) -> None:
        """Cancel all jobs and drop all files."""
        with self._lock:
            for token in list(self._jobs):
                self._drop(token)
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None

    def _find(self, token: str) -> _Making:
        making = self._jobs.get(token)
        if making is None:
            raise NotFoundError("This file is not being made, or no longer kept; make it again.")
        making.asked = self._clock()
        return making

    def _drop(self, token: str) -> None:
        making = self._jobs.pop(token)
        making.ended.set()
        if making.file is not None:
            making.file.close()

    def _seconds_left(self, making: _Making) -> float | None:
        spent = self._clock() - making.started
        if making.state != "drawing" or not making.done or spent < 1:
            return None
        return spent / making.done * max(0, making.job.total - making.done)

    def _start_next(self) -> None:
        for making in self._jobs.values():
            if self._at_work >= AT_ONCE:
                return
            if making.state != "waiting":
                continue
            thread = threading.Thread(target=self._make, args=(making,), name="job", daemon=True)
            try:
                thread.start()
            except RuntimeError:  # the machine gives no more threads
                making.message = "The server is too busy to make it; try again later."
                making.state = "failed"
                continue
            making.state, making.started = "drawing", self._clock()
            self._at_work += 1

    def _make(self, making: _Making) -> None:
        file, message = None, ""
        try:
            file = self._made(making)
        except BreederError as error:  # a CancelledError among them, which nobody reads
            message = str(error)
        except OSError as error:
            message = _disk(error)
        except Exception:  # whatever it is, the page must not wait for ever
            logger.exception("%s could not be made.", making.job.suffix)
            message = "The file could not be made; the server's log says why."
        with self._lock:
            if file is not None and making.ended.is_set():
                file.close()
            elif file is not None:
                making.bytes = file.seek(0, 2)
                making.file, making.state, making.asked = file, "done", self._clock()
            else:
                making.message, making.state = message, "failed"
            self._at_work -= 1
            self._start_next()

    def _made(self, making: _Making) -> BinaryIO:
        def advance(steps: int) -> None:
            making.done += steps

        file = scratch_file()
        try:
            making.job.make(file, advance, making.ended.is_set)
            file.flush()
        except BaseException:
            file.close()
            raise
        return file

    def _keep_sweeping(self) -> None:
        """Sweep every now and then for as long as there is anything."""
        if self._timer is None and self._jobs:
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
            "The disk of the server is full, so the file could not be finished; choose a "
            "smaller size, or make room."
        )
    return f"The server could not write the file: {error.strerror or error}."


@cache
def jobs() -> Jobs:
    """Return the server's."""
    return Jobs()
