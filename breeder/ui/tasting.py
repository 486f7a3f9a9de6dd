"""What the page of the grid says of a person's taste: plain words, knowing nothing of Streamlit.

All of it is text: reasons are shown letter by letter, never as Markdown or HTML.
"""

from __future__ import annotations

from typing import Protocol

from breeder.history import BreederSettings, Child, Generation

REASONS = 4
"""Most reasons told of one picture."""

REASON_LENGTH = 60
"""Longest reason told, in characters; a longer one is left out."""

MOST_CHARACTERS = 240
"""What the page tells of one picture at most."""

ENOUGH = 3
"""Choices that must have been foretold before a share of them says anything."""

SOME = 20
"""Choices and answers from which on a taste that is not trusted has learnt nothing."""

TASTE = "Chosen for your taste"
NEW = "Chosen because it is unlike what you have seen"
MOSTLY_NEW = "Chosen mostly because it is unlike what you have seen"
REFINED = "Moved towards your taste"


class Account(Protocol):
    """How well a person's taste is known, as far as the page tells it."""

    @property
    def choices(self) -> int:
        """How many choices in grids were learnt from."""

    @property
    def answers(self) -> int:
        """How many answers between two pictures."""

    @property
    def foretold(self) -> int:
        """How many choices were foretold before they were learnt from."""

    @property
    def accuracy(self) -> float:
        """How often a picked picture was ranked above one that was not; 0.5 is chance."""

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval of the accuracy."""

    @property
    def trusted(self) -> bool:
        """Whether it beats chance."""


def why(child: Child, generation: Generation) -> str:
    """Return why a picture of a grid was chosen, in one line; empty where no guide chose it."""
    if child.origin not in ("guided", "refined"):
        return ""
    head = REFINED if child.origin == "refined" else _head(generation)
    guidance = generation.guidance
    if guidance is None or head in (NEW, MOSTLY_NEW):  # the reasons are those of a taste
        return f"{head}."
    plain = [" ".join(reason.split()) for reason in guidance.reasons.get(child.slot, ())]
    reasons = [reason for reason in plain if 0 < len(reason) <= REASON_LENGTH][:REASONS]
    line = f"{head}: {', '.join(reasons)}" if reasons else f"{head}."
    return line[:MOST_CHARACTERS]


def is_for_the_new(generation: Generation) -> bool:
    """Return whether the guided pictures of a grid were chosen for being new, mostly or alone."""
    return _head(generation) != TASTE


def _head(generation: Generation) -> str:
    """Return what the guided pictures of a grid were chosen for."""
    guidance, novelty = generation.guidance, generation.settings.novelty
    if guidance is not None and guidance.kind in ("novelty", "surprise"):
        return NEW
    return TASTE if novelty <= 0.5 else MOSTLY_NEW if novelty < 1.0 else NEW


def in_short(account: Account | None, settings: BreederSettings) -> str:
    """Return in a few words how well a taste is known; None is still being read."""
    if not settings.guided:
        return "Taste is off"
    if account is None:
        return "Taste: reading your picks"
    if not account.choices and not account.answers:
        return "Taste: nothing learnt yet"
    if account.foretold < ENOUGH:
        return "Taste: learning"
    right = f"{_percent(account.accuracy)} of pairs right"
    figures = f"{right} ({_interval(account)}, chance 50 %)"
    if account.trusted:
        return f"Taste ranks {figures}"
    if account.choices + account.answers >= SOME:
        return f"Taste has learnt nothing: {figures}"
    return f"Taste is learning, and off until it is sure: {figures}"


def in_full(account: Account | None, settings: BreederSettings) -> str:
    """Return how well a taste is known, and what it does in the next grid."""
    if account is None:
        return "Reading what you have picked so far."
    if not account.choices and not account.answers:
        return "Nothing learnt yet: it needs your picks."
    learnt = _counts(account)
    if account.foretold < ENOUGH:
        return (
            f"Learning from {learnt}: too few to say how well. It stays off until it beats chance."
        )
    # Of pairs, not of picks; and what was answered is learnt from, but not in it.
    figures = (
        f"it put what you picked above what you left {_percent(account.accuracy)} of the time "
        f"(chance 50 %, 95 % interval {_interval(account)}). Learnt from {learnt}."
    )
    if not account.trusted:
        return (
            f"Has learnt nothing you could rely on yet: {figures} "
            "It stays off until it beats chance."
        )
    return f"Asked before each pick, {figures} {_effect(settings)}"


def _effect(settings: BreederSettings) -> str:
    if not settings.guided:
        return "It is switched off and chooses nothing."
    if settings.novelty == 1.0:
        return "The dial asks for something else alone, so it chooses nothing."
    share = 1.0 - settings.unguided
    if share == 0.0:
        return "It chooses nothing: all is left to chance."
    if share == 1.0:
        return "It chooses all new pictures."
    return f"It chooses {_percent(share)} of the new pictures."


def _counts(account: Account) -> str:
    choices, answers = account.choices, account.answers
    counted = [f"{choices} choice{'s' * (choices != 1)}"] if choices else []
    if answers:
        counted.append(f"{answers} answer{'s' * (answers != 1)}")
    return " and ".join(counted)


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _interval(account: Account) -> str:
    low, high = account.interval
    return f"{100 * low:.0f} to {100 * high:.0f} %"
