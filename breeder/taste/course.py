"""A person's choices in the order they were made, foretold one after the other.

What is foretold depends on the stored choices and their order alone: a course that is followed for
years, and one that is read again from the database, end at the same trial.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from breeder.taste.model import Choice, Taste, learn
from breeder.taste.trial import Trial

EARLIER: Final = 0.4
"""What a choice in another run counts for: tastes last, but not quite."""

AGAIN: Final = 7
"""A fit foretells the next seventh of what it has learnt from; the first ones, one choice each."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Event:
    """One choice in a person's course.

    Attributes:
        key: Tells it from others: equal keys are equal choices.
        run_id: The run it was made in; empty for what belongs to none.
        choice: What was chosen, its weight that of a choice in the run at hand.
        is_pick: Whether it is a pick in a grid, which the accuracy is about.
        shown: Equal for choices among the same pictures: only the first of them is foretold. Empty
            for a choice among others than any.
    """

    key: str
    run_id: str
    choice: Choice
    is_pick: bool = True
    shown: str = ""


def weighed(events: Sequence[Event], run_id: str) -> list[Choice]:
    """Return the choices of events as they count while a person breeds in a run."""
    return [
        event.choice
        if event.run_id in ("", run_id)
        else replace(event.choice, weight=event.choice.weight * EARLIER)
        for event in events
    ]


class Course:
    """The trial over a person's choices, which goes on as they come.

    Attributes:
        trial: How well the choices that were followed so far were foretold.
    """

    def __init__(self) -> None:
        self._begin()

    def _begin(self) -> None:
        self.trial = Trial()
        self._keys: list[str] = []
        self._met: set[str] = set()
        self._taste: Taste | None = None
        self._next = 1

    def follow(self, events: Sequence[Event]) -> Trial:
        """Foretell what is new, and return the trial over all events, oldest first.

        Where earlier ones are not what they were, a pick taken back say, all are foretold again.
        """
        keys = [event.key for event in events]
        if keys[: len(self._keys)] != self._keys:
            self._begin()
        for index in range(len(self._keys), len(events)):
            self._foretell(events, index)
            self._keys.append(keys[index])  # one by one: what fails half-way is not foretold twice
            self._met.update(filter(None, [events[index].shown]))
        return self.trial

    def _foretell(self, events: Sequence[Event], index: int) -> None:
        event = events[index]
        if index >= self._next:
            self._taste = learn(weighed(events[:index], event.run_id), self._taste)
            self._next = index + max(1, index // AGAIN)
        # Who goes back to a grid finds the earlier picks in it: to foretell those is no feat.
        if self._taste is None or event.shown in self._met:
            return
        trial = self.trial.after(self._taste, [event.choice])
        self.trial = trial if event.is_pick else replace(trial, hits=self.trial.hits)
