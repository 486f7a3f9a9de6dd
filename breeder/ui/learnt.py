"""What was learnt of a person's taste, in plain words: a browser component and its report.

The words are made here, of numbers alone; the component draws them. Knows nothing of stores.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final, Literal, Protocol, TypeGuard, get_args

import numpy as np

from breeder.taste.trial import TRUSTED
from breeder.ui.components import answer, component, hear
from breeder.ui.tasting import SOME

LearntKind = Literal["reset", "remember", "look"]
State = Literal["none", "learning", "nothing", "knows", "off"]

FEW: Final = 3
"""Choices that must have been foretold before a share of them is shown."""

POINTS: Final = 160
"""Points of the curve at most."""

DOTS: Final = 300
"""Choices that are shown as dots of their own: the newest."""

WORDS: Final = 8
"""Likes, and dislikes, that are told."""

_KINDS: Final = frozenset(get_args(LearntKind))


class Account(Protocol):
    """What is known of a person, as far as the page tells it."""

    @property
    def choices(self) -> int:
        """How many choices in grids were learnt from."""

    @property
    def runs(self) -> int:
        """In how many runs they were made."""

    @property
    def answers(self) -> int:
        """How many answers between two pictures."""

    @property
    def ratings(self) -> int:
        """How many pictures with stars."""

    @property
    def since(self) -> datetime | None:
        """When the first of these was made."""

    @property
    def trusted(self) -> bool:
        """Whether it beats chance."""

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval of the accuracy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What the page tells.

    Attributes:
        state: "none" has nothing to learn from, "learning" too little, "nothing" enough in vain;
            "knows" is trusted, "off" is trusted and switched off.
        headline: The state in a few words.
        sentence: What follows from it for the person's grids.
        number: How often choices were foretold, such as "63 %"; empty for too few.
        about: What that number is.
        course: For points of the curve the choices so far, their mean, and its 95 % interval.
        hits: Single choices, by their number, and how much of each was foretold.
        foretold: How many choices were foretold.
        course_words: What the curve shows, for those who cannot see it.
        caption: What stands below it.
        likes: What the person seems to like.
        dislikes: What they seem to leave.
        wordless: Why neither is told; else empty.
        counts: Numbers, and of what.
        since: Since when it learns.
        network: Which network of the person's own helps, or what is wrong with it; else empty.
        forgotten: That it was reset, and when; else empty.
        busy: Whether something is being learnt right now.
    """

    state: State
    headline: str
    sentence: str
    number: str
    about: str
    course: tuple[tuple[int, float, float, float], ...]
    hits: tuple[tuple[int, float], ...]
    foretold: int
    course_words: str
    caption: str
    likes: tuple[str, ...]
    dislikes: tuple[str, ...]
    wordless: str
    counts: tuple[tuple[str, str], ...]
    since: str
    network: str
    forgotten: str
    busy: bool


def report(
    account: Account,
    hits: Sequence[float],
    evidence: float,
    *,
    guided: bool,
    unguided: float,
    grids: int,
    likes: Sequence[str] = (),
    dislikes: Sequence[str] = (),
    favourites: int = 0,
    reset: datetime | None = None,
    network: str = "",
    busy: bool = False,
) -> Report:
    """Return what is told of an account.

    Args:
        account: What is known of the person.
        hits: How much of each choice was foretold, in their order; 0.5 is chance.
        evidence: The natural logarithm of the odds that this beats chance.
        guided: Whether it may choose pictures in the run at hand.
        unguided: The share of new pictures that it leaves alone.
        grids: In how many grids something was chosen.
        likes: What the person seems to like, in plain words, the surest first.
        dislikes: What they seem to leave.
        favourites: How many pictures they keep.
        reset: Since when it learns, where it was reset.
        network: What is said of a network of the person's own.
        busy: Whether something is being learnt right now.
    """
    state = _state(account, guided)
    trusted = account.trusted
    return Report(
        state=state,
        headline=_HEADLINES[state],
        sentence=_sentence(state, account, unguided),
        number=_percent(float(np.mean(hits))) if len(hits) >= FEW else "",
        about=_about(account, hits, evidence),
        course=_course(hits),
        hits=_dots(hits),
        foretold=len(hits),
        course_words=_course_words(hits),
        caption=_CAPTION,
        likes=tuple(likes)[:WORDS] if trusted else (),
        dislikes=tuple(dislikes)[:WORDS] if trusted else (),
        wordless="" if trusted else _wordless(state),
        counts=_counts(account, grids, favourites),
        since=f"Since {_day(account.since)}." if account.since else "",
        network=network,
        forgotten=f"Forgotten: what was done before {_moment(reset)}." if reset else "",
        busy=busy,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class LearntAction:
    """What a person asks for: to forget, to learn from everything again, or how it stands."""

    kind: LearntKind


def parse_learnt_action(value: object) -> LearntAction | None:
    """Return what a browser asked for, or None for a malformed message."""
    kind = value.get("kind") if isinstance(value, Mapping) else None
    return LearntAction(kind=kind) if _is_kind(kind) else None


def learnt(told: Report, *, on_action: Callable[[LearntAction], None], key: str = "learnt") -> None:
    """Show what was learnt and hand what the person asks for to the callback.

    Args:
        told: What is shown.
        on_action: Forgets, remembers, or only looks again; called once for a press.
        key: Tells two of a page apart.
    """
    message: dict[str, Any] = asdict(told)
    component("learnt")(
        key=key,
        data={**message, **answer(key)},
        on_said_change=functools.partial(hear, key, parse_learnt_action, on_action),
    )


# Words --------------------------------------------------------------------------------------------

_HEADLINES: Final[dict[State, str]] = {
    "none": "Nothing learnt yet",
    "learning": "Still learning",
    "nothing": "It has learnt nothing",
    "knows": "It knows something of your taste",
    "off": "It knows something of your taste, and is switched off",
}
_CAPTION: Final = (
    "Each choice in a grid was foretold before it was learnt from. The line is how often what you "
    "picked was put above what you left up to then, with its 95 % interval; each dot is one choice."
    " Answers given here are not in it: they are about the hardest pairs."
)


def _state(account: Account, guided: bool) -> State:
    if account.trusted:
        return "knows" if guided else "off"
    told = account.choices + account.answers
    if not told and not account.ratings:
        return "none"
    return "nothing" if told >= SOME else "learning"


def _sentence(state: State, account: Account, unguided: float) -> str:
    chosen = (
        "all new pictures" if unguided <= 0 else f"{_percent(1.0 - unguided)} of the new pictures"
    )
    return {
        "none": "Pick pictures in a grid, or compare two here: after some ten choices it may begin "
        "to see what you like. Until it foretells your choices better than chance, it stays off.",
        "learning": "It cannot tell your choices from chance so far, so it stays off and chooses "
        "nothing in your grids.",
        "nothing": f"After {_made(account)} it foretells you no better than chance, so it is off "
        "and chooses nothing in your grids. You may choose by what it cannot see, or as the mood "
        "goes.",
        "knows": "It foretells your choices better than chance, so it is on: it chooses "
        f"{chosen} in your grids, and leaves the others alone.",
        "off": "It foretells your choices better than chance, but it is switched off.",
    }[state]


def _made(account: Account) -> str:
    parts = [(account.choices, "choice"), (account.answers, "answer")]
    return " and ".join(
        f"{number:,} {word}{'s' * (number != 1)}" for number, word in parts if number
    )


def _about(account: Account, hits: Sequence[float], evidence: float) -> str:
    if len(hits) < FEW:
        return ""
    low, high = account.interval
    return (
        "of the time it put what you picked above what you left, before it knew. Chance is 50 %; "
        f"the 95 % interval over {len(hits):,} choices is {100 * low:.0f} to {100 * high:.0f} %. "
        f"{_odds(evidence)}"
    )


def _odds(evidence: float) -> str:
    """Return the odds against chance in words."""
    limit = f"it is trusted from {TRUSTED:.0f} to 1"
    if evidence < math.log(1.5):
        return f"Nothing speaks against chance; {limit}."
    if evidence > math.log(1e6):
        return "The odds against chance are more than a million to 1."
    odds = math.exp(evidence)
    return f"The odds against chance are {odds:,.0f} to 1; {limit}."


def _wordless(state: State) -> str:
    if state == "none":
        return ""
    return "What it makes of you is not shown until it beats chance: it would be guesswork."


def _counts(account: Account, grids: int, favourites: int) -> tuple[tuple[str, str], ...]:
    def told(number: int, one: str, many: str) -> tuple[str, str]:
        return f"{number:,}", one if number == 1 else many

    of_runs = f"of {account.runs:,} run{'s' * (account.runs != 1)}"
    where = f" in {grids:,} grid{'s' * (grids != 1)} {of_runs}" if grids else ""
    return (
        told(account.choices, f"choice{where}", f"choices{where}"),
        told(account.answers, "answer between two pictures", "answers between two pictures"),
        told(favourites, "favourite", "favourites"),
        told(account.ratings, "picture with stars", "pictures with stars"),
    )


def _day(moment: datetime) -> str:
    return f"{moment.day} {moment:%B %Y}"


def _moment(moment: datetime) -> str:
    return f"{_day(moment)}, {moment:%H:%M} UTC"


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


# The curve ----------------------------------------------------------------------------------------


def _course(hits: Sequence[float]) -> tuple[tuple[int, float, float, float], ...]:
    """Return the running mean of hits and its interval, thinned evenly; the first say nothing."""
    if len(hits) < FEW:
        return ()
    numbers = np.arange(1, len(hits) + 1)
    values = np.asarray(hits, dtype=np.float64)
    mean = np.cumsum(values) / numbers
    # With a hit and a miss more, as the trial's own interval.
    more = numbers + 2
    squares = (np.cumsum(values**2) + 1.0) / more - ((np.cumsum(values) + 1.0) / more) ** 2
    variance = np.maximum(squares, 0.0) * more / (more - 1)
    margin = 1.96 * np.sqrt(variance / numbers)
    low, high = np.maximum(mean - margin, 0.0), np.minimum(mean + margin, 1.0)
    count = min(len(hits) - FEW + 1, POINTS)
    places = np.linspace(FEW - 1, len(hits) - 1, count).round().astype(int)
    return tuple(
        (int(numbers[i]), *(round(float(each[i]), 4) for each in (mean, low, high)))  # type: ignore[misc]
        for i in places
    )


def _dots(hits: Sequence[float]) -> tuple[tuple[int, float], ...]:
    start = max(0, len(hits) - DOTS)
    return tuple((start + i + 1, round(float(hit), 3)) for i, hit in enumerate(hits[start:]))


def _course_words(hits: Sequence[float]) -> str:
    if not hits:
        return ""
    return (
        f"What was picked was put above what was left {_percent(float(np.mean(hits)))} of the time "
        f"over {len(hits):,} choices, where chance is 50 %."
    )


def _is_kind(value: object) -> TypeGuard[LearntKind]:
    return isinstance(value, str) and value in _KINDS
