"""The questions of a tab: prepared in the background while the person looks at the one before.

Knows nothing of Streamlit. What is asked is stored with its pictures before it is shown, so that an
answer finds them whatever happens to the server in between.
"""

from __future__ import annotations

import logging
import secrets
import threading
from collections import OrderedDict, deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np

from breeder.errors import BreederError
from breeder.store import Store
from breeder.taste.features import features_of
from breeder.taste.model import learn
from breeder.taste.pairs import Key, Pair, candidates, informative_pair
from breeder.taste.person import Person
from breeder.ui.pictures import jpegs

READY: Final = 3
"""Questions that a browser has at a time: the one shown and two to come."""

RESTING: Final = 12
"""Pictures that were shown last, which are left out of the next questions."""

REMEMBERED: Final = 500
"""Questions of a tab whose foretold answers are remembered."""

SIDE: Final = 512
"""Pixels along a side of the pictures that travel with a question."""

Prepare = Callable[[int, frozenset[Key], frozenset[str]], Pair | None]

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question with its identity, which names the tab's message and not the answer."""

    id: str
    pair: Pair


class Asker:
    """The questions of one tab. Safe under many threads.

    Args:
        prepare: Makes a question of a seed, the pairs not to ask, and the pictures to leave out.
        seed: The questions follow from it, and from what is known of the person.

    Attributes:
        foretold: Answers of this tab that were foretold rightly, before they were known.
        given: Answers of this tab.
    """

    def __init__(self, prepare: Prepare, *, seed: int | None = None) -> None:
        self.foretold = 0
        self.given = 0
        self._prepare = prepare
        self._seed = secrets.randbits(53) if seed is None else seed
        self._number = 0
        self._change = threading.Condition()
        self._ready: deque[Asked] = deque()
        self._busy = False
        self._avoid: set[Key] = set()
        self._shown: deque[str] = deque(maxlen=RESTING)
        self._expected: OrderedDict[str, float] = OrderedDict()
        self._hits: OrderedDict[str, bool] = OrderedDict()

    def questions(self, *, least: int = 1, wait: float = 0.0) -> list[Asked]:
        """Return the questions that are ready, the next one first, and let others be prepared.

        Args:
            least: How many to wait for.
            wait: For how many seconds at most.
        """
        with self._change:
            self._start()
            self._change.wait_for(lambda: len(self._ready) >= least or not self._busy, wait)
            return list(self._ready)

    def left(self, question: str) -> None:
        """Ask a question no more: it was answered, or skipped."""
        with self._change:
            self._ready = deque(each for each in self._ready if each.id != question)
            self._start()

    def answered(self, question: str, token: str, preferred: int) -> None:
        """Take note of an answer: whether it was foretold."""
        with self._change:
            expected = self._expected.get(question)
            if expected is not None and token not in self._hits:
                self._hits[token] = (expected < 0.5) == bool(preferred)
                self.given += 1
                self.foretold += self._hits[token]
        self.left(question)

    def taken_back(self, token: str) -> None:
        """Forget an answer."""
        with self._change:
            hit = self._hits.pop(token, None)
            if hit is not None:
                self.given -= 1
                self.foretold -= hit

    def _start(self) -> None:
        if not self._busy and len(self._ready) < READY:
            self._busy = True
            _preparers().submit(self._fill)

    def _fill(self) -> None:
        try:
            while self._add():
                pass
        except BreederError as error:
            logger.warning("No question could be prepared: %s", error)
        except Exception:
            logger.exception("No question could be prepared.")
        finally:
            with self._change:
                self._busy = False
                self._change.notify_all()

    def _add(self) -> bool:
        """Prepare a question; return whether another one is wanted."""
        with self._change:
            self._number += 1
            seed, avoid, resting = (
                self._seed + self._number,
                frozenset(self._avoid),
                frozenset(self._shown),
            )
        pair = self._prepare(seed, avoid, resting)
        with self._change:
            if pair is None:
                self._shown.clear()
                return False
            asked = Asked(id=secrets.token_hex(16), pair=pair)
            self._avoid.add(pair.key)
            self._shown.extend(pair.key)
            self._expected[asked.id] = pair.expected
            while len(self._expected) > REMEMBERED:
                self._expected.popitem(last=False)
            self._ready.append(asked)
            self._change.notify_all()
            return len(self._ready) < READY


def preparer(store: Store, person: Person, run_id: Callable[[], str]) -> Prepare:
    """Return what makes the questions of a tab.

    Args:
        store: Where pictures come from; those of a question are stored.
        person: Whose answers are wanted.
        run_id: Returns the run at hand.
    """

    def prepare(seed: int, avoid: frozenset[Key], resting: frozenset[str]) -> Pair | None:
        rng = np.random.default_rng(seed)
        guide, facts = person.guide(run_id()), person.facts()
        asked = {frozenset({each.left, each.right}) for each in facts.answers}
        pair = informative_pair(
            candidates(store, facts, rng),
            guide.taste if guide else learn([]),
            rng=rng,
            look=guide.look if guide else features_of,
            asked=avoid | asked,
            resting=resting,
        )
        if pair is not None:
            for genome in (pair.left, pair.right):
                store.save_genome(genome)
            jpegs([pair.left, pair.right], SIDE)  # drawn now, sent with the next message
        return pair

    return prepare


@cache
def _preparers() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(1, thread_name_prefix="questions")
