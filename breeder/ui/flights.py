"""Autopilots at work in threads of the server, one for a run; what they breed is in the store.

A flight belongs to its run, not to a page: it goes on when pages come and go, and any tab on the
run sees how far it is and may end it. Of one that the server took along when it ended, all grids
that were bred are there. Knows nothing of Streamlit.
"""

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal

from breeder.breeder import Breeder
from breeder.errors import BreederError, CancelledError, RenderError
from breeder.guidance import Guide
from breeder.history import BreederSettings, Generation
from breeder.plan import Plan
from breeder.store import Store
from breeder.taste.autopilot import autopilot, check_flight
from breeder.ui.resources import ahead

AT_ONCE = 2
"""Autopilots that breed at a time."""

MOST = 6
"""Autopilots waiting or at work; further ones are refused."""

REMEMBERED = 32
"""Flights that are over and can still be told of."""

YIELD = 0.0002
"""Seconds for which an autopilot steps aside between two candidates."""

PATIENCE = 10.0
"""Seconds in a grid for which an autopilot lets people who wait for grids go first."""

State = Literal["waiting", "breeding", "done", "cancelled", "failed"]

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """An autopilot that somebody wants.

    Attributes:
        generation: The grid it starts from, as it stands in its tab.
        settings: What grids are bred with.
        generations: How many.
        novelty: What being new weighs, 0 to 1.
        guide: Learns what is known of the person; called in the thread, and may take its time.
    """

    generation: Generation
    settings: BreederSettings
    generations: int
    novelty: float
    guide: Callable[[], Guide | None]


@dataclass(slots=True, kw_only=True, eq=False)
class _Flight:
    """An order on its way."""

    order: Order
    state: State = "waiting"
    done: int = 0
    last: Generation | None = None
    began: float = 0.0
    message: str = ""
    ended: threading.Event = field(default_factory=threading.Event)
    waited: float = 0.0
    token: str = field(default_factory=lambda: secrets.token_hex(8))

    @property
    def is_over(self) -> bool:
        return self.state not in ("waiting", "breeding")


class Flights:
    """All autopilots of the server.

    Args:
        store: Where the runs are.
        busy: Whether somebody waits for a grid now.
    """

    def __init__(self, store: Store, busy: Callable[[], bool] = lambda: False) -> None:
        self._store = store
        self._busy = busy
        self._lock = threading.Lock()
        self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="autopilot")
        self._flights: dict[str, _Flight] = {}  # by run, the newest last

    def start(self, order: Order) -> None:
        """Have an autopilot begin as soon as it is its turn, and leave its run at its first grid.

        Raises:
            SettingsError: A number is outside its range.
            RenderError: One breeds in this run already, or too many in others.
            NotFoundError: The run was deleted.
        """
        check_flight(order.generations, order.novelty)
        grid = order.generation
        with self._lock:
            under_way = [each for each in self._flights.values() if not each.is_over]
            before = self._flights.get(grid.run_id)
            if before in under_way:
                raise RenderError(
                    "The autopilot is breeding in this run already; wait for it, or stop it."
                )
            if len(under_way) >= MOST:
                raise RenderError(
                    "Too many autopilots are at work on this server; try again in some minutes."
                )
            self._store.move(grid.run_id, grid.id, leaving=grid.id)
            flight = _Flight(order=order)
            self._flights.pop(grid.run_id, None)
            self._flights[grid.run_id] = flight
            self._forget()
        self._pool.submit(self._fly, flight)

    def progress(self, run_id: str) -> dict[str, Any] | None:
        """Return how far the autopilot of a run is, as plain values; None if there was none."""
        with self._lock:
            flight = self._flights.get(run_id)
            if flight is None:
                return None
            waiting = [each for each in self._flights.values() if each.state == "waiting"]
            return {
                "token": flight.token,
                "state": flight.state,
                "done": flight.done,
                "total": flight.order.generations,
                "ahead": waiting.index(flight) if flight in waiting else 0,
                "seconds_left": _seconds_left(flight),
                "from": flight.order.generation.id,
                "last": flight.last.id if flight.last else "",
                "number": flight.last.number if flight.last else flight.order.generation.number,
                "message": flight.message,
            }

    def cancel(self, run_id: str) -> None:
        """End the autopilot of a run, if there is one; what it has bred stays."""
        with self._lock:
            flight = self._flights.get(run_id)
            if flight is None:
                return
            flight.ended.set()
            if flight.state == "waiting":
                flight.state = "cancelled"

    def close(self) -> None:
        """End all."""
        with self._lock:
            for each in self._flights.values():
                each.ended.set()
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _forget(self) -> None:
        over = [run_id for run_id, each in self._flights.items() if each.is_over]
        for run_id in over[:-REMEMBERED]:
            del self._flights[run_id]

    def _fly(self, flight: _Flight) -> None:
        with self._lock:
            if flight.is_over:
                return
            flight.state, flight.began = "breeding", time.monotonic()
        state: State = "failed"
        try:
            state = "cancelled" if self._bred(flight) else "done"
        except BreederError as error:
            flight.message = str(error)
        except Exception:  # whatever it is, the page must not wait for ever
            logger.exception("An autopilot failed.")
            flight.message = "The autopilot could not go on; the server's log says why."
        with self._lock:
            flight.state = state

    def _bred(self, flight: _Flight) -> bool:
        """Breed all, and return whether it was cancelled on the way."""
        order = flight.order
        guide = order.guide()
        breeder = Breeder.beside(self._store, order.generation.id)
        breeder.settings = order.settings

        def bred(plan: Plan) -> Generation:
            flight.waited = 0.0
            return plan.breed(lambda: self._between(flight))

        def advance(grid: Generation) -> None:
            with self._lock:
                flight.last, flight.done = grid, flight.done + 1

        breeder.bred = bred
        found = autopilot(
            breeder,
            guide,
            order.generations,
            novelty=order.novelty,
            advance=advance,
            cancelled=flight.ended.is_set,
        )
        return found.cancelled

    def _between(self, flight: _Flight) -> None:
        """Let people go first, and end where nobody wants it any more."""
        while self._busy() and flight.waited < PATIENCE and not flight.ended.is_set():
            flight.ended.wait(0.01)
            flight.waited += 0.01
        if flight.ended.is_set():
            raise CancelledError("The autopilot was stopped.")
        time.sleep(YIELD)


def _seconds_left(flight: _Flight) -> float | None:
    if flight.state != "breeding" or not flight.done:
        return None
    spent = time.monotonic() - flight.began
    return spent / flight.done * (flight.order.generations - flight.done)


@cache
def flights(store: Store) -> Flights:
    """Return the server's, of a store."""
    return Flights(store, busy=lambda: ahead().busy)
