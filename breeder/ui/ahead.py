"""Breeds and draws ahead what a tab asks for next, most likely, while the person still looks.

A cache in front of a computation that follows from its plan alone, and nothing else: nothing is
written, and a grid bred ahead is shown only where the plan is equal to the last bit. One thread for
the whole server, which gives way: it works while few people breed and nobody waits for a grid.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from breeder.errors import BreederError
from breeder.history import Generation
from breeder.plan import Plan

STILL = 0.35
"""Seconds for which the picks of a tab must have been still."""

FEW = 3
"""Most tabs whose next grids are bred ahead; with more at work, the cores are busy without."""

RECENT = 10.0
"""Seconds after its last pick or press in which a tab counts as at work."""

KEPT = 8
"""Grids kept that were bred ahead, a few hundred kilobytes each at most."""

YIELD = 0.0002
"""Seconds for which the thread steps aside between two candidates."""

logger = logging.getLogger(__name__)


class _GivenUpError(Exception):
    """The work is not wanted any more."""


@dataclass(slots=True, eq=False)
class _Job:
    """The next grid of a tab, to be bred when it is due."""

    tab: str
    due: float
    plan: Callable[[], Plan]
    key: str = ""
    given_up: bool = False
    wanted: bool = False


class Ahead:
    """Grids bred ahead, for all tabs of a server. Safe under many threads.

    Args:
        draw: Draws a grid that was bred ahead, so that its pictures are there too.
        still: Seconds for which the picks of a tab must have been still.
        few: Most tabs at work for which grids are bred ahead; 0 breeds none.

    Attributes:
        hits: Grids asked for that had been bred ahead, or were about to be ready.
        misses: Those that had not.
    """

    def __init__(
        self, draw: Callable[[Generation], object], *, still: float = STILL, few: int = FEW
    ) -> None:
        self.hits = 0
        self.misses = 0
        self._draw = draw
        self._still = still
        self._few = few
        self._change = threading.Condition()
        self._waiting: dict[str, _Job] = {}
        self._job: _Job | None = None
        self._bred: OrderedDict[str, Generation] = OrderedDict()
        self._at_work: dict[str, float] = {}
        # Breeding is Python's own work, one thread at a time: who waits in turn waits half as long,
        # in the middle, as all would side by side.
        self._queue: deque[object] = deque()
        self._thread: threading.Thread | None = None

    def look(self, tab: str, plan: Callable[[], Plan]) -> None:
        """Breed a tab's next grid when it is still; what was to be bred for it before is not.

        Args:
            tab: Which tab.
            plan: Returns what is to be bred; called in another thread, and only when it is due.
        """
        with self._change:
            self._drop(tab)
            if self._note(tab):
                self._waiting[tab] = _Job(tab, time.monotonic() + self._still, plan)
                self._start()
                self._change.notify_all()

    def forget(self, tab: str) -> None:
        """Breed nothing ahead for a tab."""
        with self._change:
            self._drop(tab)
            self._note(tab)

    def bred(self, plan: Plan) -> Generation:
        """Return the grid that is planned: the one bred ahead, if its plan was the same."""
        key = plan.key
        found = self._found(key)
        if found is not None:
            self.hits += 1
            return replace(found, created_at=datetime.now(UTC))
        self.misses += 1
        with self._in_turn():
            return plan.breed()

    @property
    def busy(self) -> bool:
        """Whether somebody waits for a grid; what can wait should."""
        return bool(self._queue)

    def _found(self, key: str) -> Generation | None:
        """Return the grid bred ahead, waited for if it is being bred."""
        with self._change:
            while self._job and self._job.key == key and key not in self._bred:
                self._job.wanted = True
                self._change.wait()
            found = self._bred.get(key)
            if found is None:
                self._put_off()
            return found

    @contextmanager
    def _in_turn(self) -> Iterator[None]:
        """Run the block alone, in the order of asking."""
        ticket = object()
        with self._change:
            self._queue.append(ticket)
        try:
            with self._change:
                while self._queue[0] is not ticket:
                    self._change.wait()
            yield
        finally:
            with self._change:
                self._queue.remove(ticket)
                self._change.notify_all()

    def _put_off(self) -> None:
        """Stop what is bred ahead, for somebody waits for a grid; it is begun again later."""
        job = self._job
        if job and not job.given_up and not job.wanted:
            job.given_up = True
            again = _Job(job.tab, time.monotonic() + self._still, job.plan)
            self._waiting.setdefault(job.tab, again)

    def _note(self, tab: str) -> bool:
        """Note that a tab is at work; return whether few enough are."""
        now = time.monotonic()
        self._at_work = {one: at for one, at in self._at_work.items() if now - at < RECENT}
        self._at_work[tab] = now
        return len(self._at_work) <= self._few

    def _drop(self, tab: str) -> None:
        self._waiting.pop(tab, None)
        if self._job and self._job.tab == tab:
            self._job.given_up = True

    def _start(self) -> None:
        if self._thread is None:
            thread = threading.Thread(target=self._work, name="ahead", daemon=True)
            with suppress(RuntimeError):  # no more threads: tried again with the next pick
                thread.start()
                self._thread = thread

    def _work(self) -> None:
        while True:
            job = self._next()
            try:
                self._breed(job)
            except (_GivenUpError, BreederError):
                pass  # picked anew, or the run is gone: whoever asks gets it bred or the sentence
            except Exception:
                logger.exception("A grid could not be bred ahead; it is bred when asked for.")
            finally:
                with self._change:
                    self._job = None
                    self._change.notify_all()

    def _next(self) -> _Job:
        """Return the job that is due, once nobody waits for a grid."""
        with self._change:
            while True:
                now = time.monotonic()
                first = min(self._waiting.values(), key=lambda job: job.due, default=None)
                if first and first.due <= now and not self._queue:
                    self._job = self._waiting.pop(first.tab)
                    return self._job
                self._change.wait(first.due - now if first and not self._queue else None)

    def _breed(self, job: _Job) -> None:
        plan = job.plan()
        with self._change:
            job.key = plan.key
            if job.key in self._bred:
                return

        def between() -> None:
            if job.given_up:
                raise _GivenUpError
            if not job.wanted:
                time.sleep(YIELD)

        generation = plan.breed(between)
        with self._change:
            self._bred[job.key] = generation
            while len(self._bred) > KEPT:
                self._bred.popitem(last=False)
            self._change.notify_all()
        if not job.given_up and not job.wanted:  # who waits for it draws it at once
            self._draw(generation)
