"""Work in the background of which only the newest counts: measures, studies, slow pictures.

A tab asks for a result by what it follows from. Asking for another cancels the one before, a few
are made at a time for all tabs together, and the newest results are kept, so that going back shows
them at once. Knows nothing of Streamlit.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Generic, TypeVar

from breeder.errors import BreederError, CancelledError

Result = TypeVar("Result")

UNASKED_SECONDS = 180.0
"""Until work that no page asks about is given up; browsers wake a hidden page each minute."""

logger = logging.getLogger(__name__)


class Task(Generic[Result]):
    """One result on its way.

    Attributes:
        key: What it follows from.
        share: How much is done, 0 to 1.
        result: The result, once there is one; some work puts parts of it here before.
        message: What went wrong, one sentence; empty if nothing.
    """

    def __init__(self, key: str) -> None:
        self.key = key
        self.share = 0.0
        self.result: Result | None = None
        self.message = ""
        self._asked = time.monotonic()
        self._cancelled = threading.Event()
        self._done = threading.Event()

    @property
    def done(self) -> bool:
        """Whether it ended, well or not."""
        return self._done.is_set()

    @property
    def cancelled(self) -> bool:
        """Whether nobody wants it any more: a tab moved on, or was closed."""
        if not self.done and time.monotonic() - self._asked > UNASKED_SECONDS:
            self._cancelled.set()
        return self._cancelled.is_set()

    def ask(self) -> bool:
        """Say that a page still waits, and return whether it ended."""
        self._asked = time.monotonic()
        return self.done

    def pause(self, seconds: float) -> None:
        """Wait before the work, so that what changes quickly is not begun at every step."""
        self._cancelled.wait(seconds)
        if self.cancelled:
            raise CancelledError("Nobody waits for it any more.")

    def cancel(self) -> None:
        """Have it end soon."""
        self._cancelled.set()

    def wait(self, seconds: float) -> bool:
        """Wait for its end, but not longer than this; return whether it ended."""
        return self._done.wait(seconds)

    def run(self, work: Callable[[Task[Result]], Result]) -> None:
        """Do the work, which asks `cancelled` often, and keep what comes of it."""
        try:
            if not self.cancelled:
                self.result = work(self)
        except CancelledError:
            self.cancel()
        except BreederError as error:
            self.message = str(error)
        except Exception:  # whatever it is, the page must not wait for ever
            logger.exception("Work for the Lab failed.")
            self.message = "This could not be worked out; the server's log says why."
        finally:
            self._done.set()


class Latest(Generic[Result]):
    """Makes results of one kind for all tabs of the server.

    Args:
        name: Of its threads.
        at_once: How many are made at a time.
        kept: How many finished ones are kept.
    """

    def __init__(self, name: str, *, at_once: int = 1, kept: int = 24) -> None:
        self._pool = ThreadPoolExecutor(at_once, thread_name_prefix=name)
        self._kept = kept
        self._lock = threading.Lock()
        self._finished: OrderedDict[str, Task[Result]] = OrderedDict()

    def want(
        self, key: str, work: Callable[[Task[Result]], Result], before: Task[Result] | None
    ) -> Task[Result]:
        """Return the task of a key: what the tab had before, a kept one, or a new one.

        Args:
            key: What the result follows from.
            work: Makes it.
            before: What this tab wanted before; it is cancelled where it was something else.
        """
        if before is not None:
            if before.key == key and not before.cancelled:
                before.ask()
                return before
            before.cancel()
        with self._lock:
            kept = self._finished.get(key)
            if kept is not None:
                self._finished.move_to_end(key)
                return kept
        task: Task[Result] = Task(key)
        self._pool.submit(self._run, task, work)
        return task

    def _run(self, task: Task[Result], work: Callable[[Task[Result]], Result]) -> None:
        task.run(work)
        if task.result is None or task.message or task.cancelled:
            return
        with self._lock:
            self._finished[task.key] = task
            while len(self._finished) > self._kept:
                self._finished.popitem(last=False)
