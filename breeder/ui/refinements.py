"""Pictures being refined in a thread of the server: one at a time, others wait.

A result is kept until newer ones push it out, so that it can be looked at beside the picture it
began with, and then be kept as a child or not. Knows nothing of Streamlit.
"""

from __future__ import annotations

import base64
import logging
import os
import secrets
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, Final, Literal

from breeder.errors import BreederError, CancelledError, NotFoundError, RenderError, SettingsError
from breeder.genome import Genome
from breeder.looks import draw_small
from breeder.ui.pictures import jpegs
from breeder.ui.resources import person

if TYPE_CHECKING:
    from breeder.taste.guide import TasteGuide
    from breeder.taste.refining import Refined

MOST: Final = 8
"""Pictures waiting or at work; further ones are refused."""

REMEMBERED: Final = 24
"""Results that can still be kept."""

UNASKED_SECONDS: Final = 60.0
"""Until what no page asks about is ended; browsers wake a hidden page each minute."""

SHOWN: Final = 512
"""Pixels along a side of a result."""

BEHIND: Final = 5
"""The niceness of the thread: it gives way to whoever breeds."""

UNTRUSTED: Final = (
    "What was learnt of your choices does not beat chance yet, so there is nothing to go by."
)

State = Literal["waiting", "working", "done", "failed"]

logger = logging.getLogger(__name__)


@dataclass(slots=True, kw_only=True, eq=False)
class _Refinement:
    """One picture on its way."""

    genome: Genome
    reach: float
    run_id: str
    asked: float
    state: State = "waiting"
    done: int = 0
    total: int = 1
    message: str = ""
    result: Refined | None = None
    shown: dict[str, Any] = field(default_factory=dict)
    ended: threading.Event = field(default_factory=threading.Event)

    @property
    def is_over(self) -> bool:
        return self.state in ("done", "failed")


class Refinements:
    """All that the server refines.

    Args:
        guide: Learns what is known of the person for a run; called in the thread.
    """

    def __init__(
        self,
        guide: Callable[[str], TasteGuide],
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._guide, self._clock = guide, clock
        self._lock = threading.Lock()
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="refine", initializer=_step_back)
        self._all: dict[str, _Refinement] = {}  # by token, the newest last

    def order(self, genome: Genome, *, reach: float, run_id: str) -> str:
        """Have a picture refined as soon as it is its turn, and return its token.

        Args:
            genome: The picture.
            reach: How far it may move, 0 to 1.
            run_id: The run at hand, whose choices count most; may be empty.

        Raises:
            SettingsError: The reach is not 0 to 1.
            RenderError: Too many are waiting.
        """
        if not 0.0 <= reach <= 1.0:
            raise SettingsError(f"The reach must be 0 to 1, but is {reach}.")
        made = _Refinement(genome=genome, reach=reach, run_id=run_id, asked=self._clock())
        with self._lock:
            if sum(not each.is_over for each in self._all.values()) >= MOST:
                raise RenderError(
                    "Too many pictures are being refined on this server; try again in a minute."
                )
            token = secrets.token_hex(16)
            self._all[token] = made
            over = [key for key, each in self._all.items() if each.is_over]
            for key in over[: max(0, len(self._all) - REMEMBERED)]:
                del self._all[key]
        self._pool.submit(self._work, made)
        return token

    def progress(self, token: str) -> dict[str, Any]:
        """Return how far one is, as plain values, with its result when it is done.

        Raises:
            NotFoundError: There is none of this token.
        """
        with self._lock:
            made = self._found(token)
            made.asked = self._clock()
            waiting = [each for each in self._all.values() if each.state == "waiting"]
            return {
                "state": made.state,
                "done": made.done,
                "total": made.total,
                "ahead": waiting.index(made) if made in waiting else 0,
                "message": made.message,
                **made.shown,
            }

    def result(self, token: str) -> tuple[Genome, Refined]:
        """Return the picture that was refined, and what came of it.

        Raises:
            NotFoundError: There is no such result any more.
        """
        with self._lock:
            made = self._found(token)
            if made.result is None or not made.result.improved:
                raise NotFoundError("There is no refined picture to keep.")
            return made.genome, made.result

    def cancel(self, token: str) -> None:
        """End one, and forget it."""
        with self._lock:
            made = self._all.pop(token, None)
            if made is not None:
                made.ended.set()

    def close(self) -> None:
        """End all."""
        with self._lock:
            for each in self._all.values():
                each.ended.set()
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _found(self, token: str) -> _Refinement:
        made = self._all.get(token)
        if made is None:
            raise NotFoundError("This refined picture is not here any more; refine it again.")
        return made

    def _work(self, made: _Refinement) -> None:
        if self._is_unwanted(made):
            made.state = "failed"
            return
        made.state = "working"
        state: State = "failed"
        try:
            self._refine(made)
            state = "done"
        except CancelledError as error:
            made.message = str(error)
        except BreederError as error:
            made.message = str(error)
        except Exception:  # whatever it is, the page must not wait for ever
            logger.exception("A picture could not be refined.")
            made.message = "The picture could not be refined; the server's log says why."
        made.state = state

    def _refine(self, made: _Refinement) -> None:
        from breeder.taste.refining import refine, use_threads

        use_threads(1)
        guide = self._guide(made.run_id)
        if not guide.trusted:
            raise SettingsError(UNTRUSTED)

        def advance(done: int, total: int) -> None:
            made.done, made.total = done, total

        found = refine(
            made.genome,
            guide.taste,
            reach=made.reach,
            look=guide.look,
            advance=advance,
            cancelled=lambda: self._is_unwanted(made),
        )
        made.shown = _shown(made.genome, found, guide)
        made.result = found

    def _is_unwanted(self, made: _Refinement) -> bool:
        return made.ended.is_set() or self._clock() - made.asked > UNASKED_SECONDS


def _shown(genome: Genome, found: Refined, guide: TasteGuide) -> dict[str, Any]:
    """Return what the page shows of a result."""
    if not found.improved:
        return {"improved": False}
    data = jpegs([found.genome], SHOWN)[found.genome.id]
    reasons = guide.reasons(draw_small([genome, found.genome]), [1])[0]
    return {
        "improved": True,
        "picture": "data:image/jpeg;base64," + base64.b64encode(data).decode(),
        "reasons": list(reasons),
        "changed": _sentence(str(found.mutation).removeprefix("refined, ")),
    }


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]


def _step_back() -> None:
    """Have this thread give way to others, where the system can do that."""
    try:
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), BEHIND)
    except (AttributeError, OSError):  # not on Linux
        logger.debug("Pictures are refined at the usual priority here.")


@cache
def refinements() -> Refinements:
    """Return the server's."""
    return Refinements(lambda run_id: person().learn(run_id))
