"""Networks being fitted to pictures, in threads of the server: one at a time, others wait.

A fit can be paused, goes on, and can be stopped; what came closest is kept. It takes half of the
machine's processors at the most, and gives way to whatever else there is to draw. One that is
paused and that no page looks at any more is stopped, so that it does not keep others waiting for
ever. Knows nothing of Streamlit.
"""

from __future__ import annotations

import io
import logging
import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from breeder.errors import BreederError, RenderError
from breeder.genome import Genome

if TYPE_CHECKING:
    from breeder.lab.training import Look

AT_ONCE = 1
"""Fits at work."""

MOST = 6
"""Fits waiting or at work; further ones are refused."""

UNSEEN_SECONDS = 120.0
"""Until one that is paused or waits, and that no page looks at, is stopped."""

MOST_POINTS = 600
"""Points of the curve; of longer ones every other is dropped, again and again."""

SHOWN_SIDE = 384
"""Pixels of the longer side as shown: small pictures are magnified without smoothing."""

BEHIND = 5
"""The niceness of its thread: a third of what others get where they all want the processor. With 15
a fit stood still on a busy machine."""

State = Literal["waiting", "running", "paused", "done", "failed"]

logger = logging.getLogger(__name__)


class Fit:
    """One network on its way to a picture.

    Args:
        genome: Where it begins.
        target: uint8, shape (H, W, 3).
        seconds: How long to train.
        title: What the picture is called.

    Attributes:
        best: The genome that came closest so far.
        curve: Seconds and decibels (PSNR) of the looks so far.
        png: The picture of the last look; empty before the first.
        target_png: The picture to come close to.
        message: What went wrong; empty if nothing.
    """

    def __init__(
        self,
        genome: Genome,
        target: NDArray[np.uint8],
        *,
        seconds: float,
        title: str,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.best, self.seconds, self.title, self.message = genome, seconds, title, ""
        self.curve: list[tuple[float, float]] = []
        self.spent, self.steps, self.decibels = 0.0, 0, 0.0
        self.target_png, self.png = png(target), b""
        self._target, self._clock, self._seen = target, clock, clock()
        self._begun, self._paused = threading.Event(), threading.Event()
        self._stopped, self._done = threading.Event(), threading.Event()
        self._every, self._looks = 1, 0

    @property
    def state(self) -> State:
        """Where it stands."""
        if self._done.is_set():
            return "failed" if self.message else "done"
        if self._paused.is_set():
            return "paused"
        return "running" if self._begun.is_set() else "waiting"

    @property
    def is_over(self) -> bool:
        """Whether it ended, well or not."""
        return self._done.is_set()

    def seen(self) -> None:
        """Say that a page looks at it."""
        self._seen = self._clock()

    def pause(self) -> None:
        """Have it stand still."""
        self._paused.set()

    def resume(self) -> None:
        """Have it go on."""
        self._paused.clear()

    def stop(self) -> None:
        """Have it end with what it has."""
        self._stopped.set()

    def wait(self, seconds: float) -> bool:
        """Wait for its end, but not longer than this; return whether it ended."""
        return self._done.wait(seconds)

    def run(self, threads: int) -> None:
        """Train until the time is over or it is stopped."""
        try:
            if not self._is_stopped():
                self._begun.set()
                self._train(threads)
        except BreederError as error:
            self.message = str(error)
        except Exception:  # whatever it is, the page must not wait for ever
            logger.exception("A network could not be fitted.")
            self.message = "The network could not be fitted; the server's log says why."
        finally:
            self._done.set()

    def _train(self, threads: int) -> None:
        # Loads torch, when somebody fits something.
        from breeder.lab.training import Training, train, use_threads

        use_threads(threads)
        training = Training(self.best, self._target)

        def look(found: Look) -> None:
            self.best = training.best
            self._keep(found)

        train(
            training,
            self.seconds,
            look=look,
            paused=self._paused.is_set,
            stopped=self._is_stopped,
        )

    def _keep(self, found: Look) -> None:
        from breeder.lab.training import psnr

        self.spent, self.steps, self.decibels = found.seconds, found.steps, psnr(found.loss)
        if self._looks % self._every == 0:
            self.curve = [*self.curve, (self.spent, self.decibels)]
        if len(self.curve) > MOST_POINTS:
            self.curve, self._every = self.curve[::2], 2 * self._every
        self._looks += 1
        self.png = png(found.picture)

    def _is_stopped(self) -> bool:
        waits = self._paused.is_set() or not self._begun.is_set()
        if waits and self._clock() - self._seen > UNSEEN_SECONDS:
            self._stopped.set()
        return self._stopped.is_set()


class Fits:
    """All fits of the server."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="fit", initializer=_step_back)
        self._lock = threading.Lock()
        self._fits: list[Fit] = []

    def order(self, fit: Fit) -> Fit:
        """Have a fit begin as soon as it is its turn.

        Raises:
            RenderError: Too many wait.
        """
        with self._lock:
            self._fits = [each for each in self._fits if not each.is_over]
            if len(self._fits) >= MOST:
                raise RenderError(
                    "Too many networks are being fitted on this server; try again in some minutes."
                )
            self._fits.append(fit)
        self._pool.submit(fit.run, max(1, (os.cpu_count() or 2) // 2))
        return fit

    def ahead(self, fit: Fit) -> int:
        """Return how many are before a fit that waits."""
        with self._lock:
            left = [each for each in self._fits if not each.is_over]
        return left.index(fit) if fit in left else 0

    def close(self) -> None:
        """Stop all."""
        with self._lock:
            for each in self._fits:
                each.stop()
        self._pool.shutdown(wait=False, cancel_futures=True)


def png(picture: NDArray[np.uint8]) -> bytes:
    """Return a small picture magnified by a whole number, its pixels sharp."""
    times = max(1, SHOWN_SIDE // max(picture.shape[:2]))
    large = picture.repeat(times, axis=0).repeat(times, axis=1)
    buffer = io.BytesIO()
    Image.fromarray(large).save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


def _step_back() -> None:
    """Have this thread get the processor when no other wants it, where the system can do that."""
    try:
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), BEHIND)
    except (AttributeError, OSError):  # not on Linux
        logger.debug("Fits run at the usual priority here.")


@cache
def fits() -> Fits:
    """Return the server's."""
    return Fits()
