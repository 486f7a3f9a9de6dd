"""All that is known of the one person of a store: choices read, a taste learnt, a trial kept.

Everything here is made again from what is stored: nothing of it is written. Learning takes its
time in a thread of its own, and whoever breeds takes the guide that was last finished.
"""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from breeder.errors import BreederError, SettingsError
from breeder.looks import draw_small
from breeder.store import Store
from breeder.store.taste import RESET
from breeder.store.values import StoredAnswer, StoredChoice
from breeder.taste import embedding
from breeder.taste.course import Course, Event, weighed
from breeder.taste.embedding import Look
from breeder.taste.facts import Advance, Facts, picks_and_answers, rated, read
from breeder.taste.features import FEATURES, VERSION, features_of
from breeder.taste.guide import TasteGuide
from breeder.taste.model import COSINES, Taste, learn
from breeder.taste.trial import Trial

GUIDES: Final = 8
"""Runs whose guides are kept."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What can be told of a person's taste.

    Attributes:
        choices: How many choices in grids were learnt from.
        runs: In how many runs they were made.
        answers: How many answers between two pictures.
        ratings: How many pictures with stars.
        since: When the first of these was made; None where there is none.
        trial: How well choices were foretold.
    """

    choices: int
    runs: int
    answers: int
    ratings: int
    since: datetime | None
    trial: Trial

    @property
    def accuracy(self) -> float:
        """How often a picture that was picked was ranked above one that was not; 0.5 is chance."""
        return self.trial.accuracy

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval of the accuracy."""
        return self.trial.interval

    @property
    def trusted(self) -> bool:
        """Whether it beats chance, so that it may guide."""
        return self.trial.trusted

    @property
    def foretold(self) -> int:
        """Choices that were foretold before they were learnt from."""
        return len(self.trial.hits)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Learnt:
    """A guide, and the token of what the store held when it was learnt."""

    token: str
    guide: TasteGuide


class Person:
    """The person of a store, and what their choices have taught. Safe under many threads.

    Args:
        store: Where the choices are.

    Attributes:
        trouble: What is wrong with the embedding network that was named, one sentence; empty if
            nothing is. The taste goes without it then.
    """

    def __init__(self, store: Store) -> None:
        self.trouble = ""
        self._store = store
        self._look: Look | None = None
        self._learning = threading.RLock()
        self._token = ""
        self._facts = Facts()
        self._events: list[Event] = []
        self._course = Course()
        self._learnt: OrderedDict[str, _Learnt] = OrderedDict()
        self._last: Taste | None = None
        self._wanted: str | None = None
        self._change = threading.Condition()
        self._thread: threading.Thread | None = None
        self._closed = False

    # What others ask ------------------------------------------------------------------------------

    def guide(self, run_id: str) -> TasteGuide | None:
        """Return what was learnt last, as it counts in a run; None where nothing was yet.

        It never waits: what is being learnt now serves the next grid. Where more was learnt since
        for another run, that serves this one too: it may be that all was to be forgotten.
        """
        learnt = dict(self._learnt)
        if not learnt:
            return None
        last = next(reversed(learnt.values()))
        own = learnt.get(run_id, last)
        return own.guide if own.token == last.token else last.guide

    def look(self, run_id: str) -> None:
        """Learn soon, in a thread of its own, as it counts in a run."""
        with self._change:
            self._wanted = run_id
            if self._thread is None:
                thread = threading.Thread(target=self._work, name="taste", daemon=True)
                with suppress(RuntimeError):  # no more threads: tried again with the next pick
                    thread.start()
                    self._thread = thread
            self._change.notify_all()

    def learn(self, run_id: str = "", advance: Advance | None = None) -> TasteGuide:
        """Learn all that is stored now, and return the guide for a run.

        Args:
            run_id: The run at hand, whose choices count most.
            advance: Called with how many pictures were looked at, of how many.
        """
        with self._learning:
            self._read(advance or (lambda done, total: None))
            return self._guide(run_id)

    def account(self) -> Account:
        """Return what can be told of the taste as it was last learnt."""
        facts = self._facts
        return Account(
            choices=len(facts.choices),
            runs=len({each.run_id for each in facts.choices}),
            answers=len(facts.answers),
            ratings=len(facts.ratings),
            since=facts.since,
            trial=self._course.trial,
        )

    def is_current(self) -> bool:
        """Return whether all that is stored now has been read, and foretold."""
        return self._token == self._store.taste_token()

    def facts(self) -> Facts:
        """Return what was read last."""
        return self._facts

    def answer(self, left: str, right: str, preferred: int, *, token: str, run_id: str) -> None:
        """Keep which of two pictures is liked better, durably, and learn from it soon.

        Args:
            left: The genome shown on the left.
            right: The one on the right.
            preferred: 0 for the left one, 1 for the right one.
            token: The answer's identity, 32 hexadecimal digits: told twice, it counts once.
            run_id: The run that the person is in.

        Raises:
            NotFoundError: One of the genomes is not in the database.
        """
        self._store.add_answer(left, right, preferred, answer_id=token)
        self.look(run_id)

    def reset(self) -> None:
        """Learn from nothing that was done up to now; what is stored stays."""
        self._store.reset_taste()
        self.learn()

    def remember(self) -> None:
        """Undo a reset: learn from everything again."""
        self._store.set_preference(RESET, None)
        self.learn()

    def export(self) -> dict[str, Any]:
        """Return all that was learnt from, and what was learnt, as plain values for JSON."""
        guide = self.learn()
        facts, trial = self._facts, guide.trial
        named = len(FEATURES)
        weights = guide.taste.weights[:named]
        return {
            "format": "breeder-taste",
            "version": 1,
            "choices": [_plain_choice(each) for each in facts.choices],
            "answers": [_plain_answer(each) for each in facts.answers],
            "ratings": dict(sorted(facts.ratings.items())),
            "accuracy": trial.accuracy,
            "interval": list(trial.interval),
            "trusted": trial.trusted,
            "hits": list(trial.hits),
            "features_version": VERSION,
            "features": [
                {"group": each.group, "more": each.more, "less": each.less, "weight": float(weight)}
                for each, weight in zip(FEATURES, weights, strict=True)
            ],
            "embedding_weights": [float(each) for each in guide.taste.weights[named:-COSINES]],
            "curved_weights": [float(each) for each in guide.taste.weights[-COSINES:]],
        }

    def close(self) -> None:
        """End the thread that learns."""
        with self._change:
            self._closed = True
            self._change.notify_all()

    # Learning -------------------------------------------------------------------------------------

    def _work(self) -> None:
        while True:
            with self._change:
                while self._wanted is None and not self._closed:
                    self._change.wait()
                run_id, self._wanted = self._wanted, None
            if self._closed or run_id is None:
                return
            try:
                self.learn(run_id)
            except BreederError as error:
                logger.warning("Nothing was learnt: %s", error)
            except Exception:  # the grid is bred without
                logger.exception("The taste could not be learnt; grids are bred without it.")

    def _read(self, advance: Advance) -> None:
        """Read what is stored, if it is not what was read before, and follow the course."""
        token = self._store.taste_token()
        if token != self._token:
            facts = read(self._store, self._facts, advance, self._eyes())
            self._events = picks_and_answers(facts)
            self._course.follow(self._events)
            self._facts, self._token = facts, token

    def _eyes(self) -> Look:
        """Return what turns drawings into features."""
        if self._look is None:
            try:
                self._look = embedding.look()
            except SettingsError as error:
                logger.warning("The taste goes without its embedding network: %s", error)
                self.trouble, self._look = str(error), features_of
        return self._look

    def _guide(self, run_id: str) -> TasteGuide:
        """Return the guide for a run, learnt anew if anything is new."""
        kept = self._learnt.get(run_id)
        if kept is not None and kept.token == self._token:
            return kept.guide
        look = self._eyes()
        choices = [*rated(self._facts), *weighed(self._events, run_id)]
        width = look(draw_small([])).shape[1]
        # What it expanded takes tens of megabytes: it is kept for the next fit, and only once.
        self._last = learn(choices, self._last, width=width)
        taste = replace(self._last, table=None)
        guide = TasteGuide(taste=taste, trial=self._course.trial, seen=self._facts.seen, look=look)
        self._learnt[run_id] = _Learnt(token=self._token, guide=guide)
        self._learnt.move_to_end(run_id)
        while len(self._learnt) > GUIDES:
            self._learnt.popitem(last=False)
        return guide


def _plain_choice(choice: StoredChoice) -> dict[str, Any]:
    return {
        "generation": choice.generation_id,
        "run": choice.run_id,
        "shown": list(choice.genome_ids),
        "picked": list(choice.picked),
        "at": choice.chosen_at.isoformat(),
    }


def _plain_answer(answer: StoredAnswer) -> dict[str, Any]:
    return {
        "left": answer.left,
        "right": answer.right,
        "preferred": "right" if answer.preferred else "left",
        "at": answer.answered_at.isoformat(),
    }
