"""Two pictures, one key: the browser component of a comparison.

Its role is the talk between the page and the browser: the pairs go down with their pictures before
they are needed, answers come back and are parsed here, since what a browser sends is never trusted.
It knows nothing of genomes, stores or tastes.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeGuard, get_args

from breeder.ui.components import answer, component, hear, is_int

AnswerKind = Literal["answer", "back", "skip", "open", "more"]

_KINDS: Final = frozenset(get_args(AnswerKind))
_HEX_ID: Final = re.compile("[0-9a-f]{32}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One of two pictures.

    Attributes:
        genome_id: Identity of the genome.
        url: Address of the picture; `?size=` chooses its size.
        words: What it looks like, for those who cannot see it. Shown as text, never HTML.
    """

    genome_id: str
    url: str
    words: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Two pictures to be compared.

    Attributes:
        id: Tells it from other questions, 32 hexadecimal digits.
        left: The picture that is called A.
        right: The picture that is called B.
    """

    id: str
    left: Side
    right: Side


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a browser says of a comparison.

    Attributes:
        kind: "answer" prefers a picture, "back" takes an answer back, "skip" prefers neither,
            "open" opens a picture large, "more" asks for questions where none is left.
        question: The question that is answered or skipped; else empty.
        token: The identity of the answer, given or taken back; else empty.
        left: The genome that was shown on the left of the question, or the one to open.
        right: The one on the right.
        preferred: 0 for the left picture, 1 for the right one.
    """

    kind: AnswerKind
    question: str = ""
    token: str = ""
    left: str = ""
    right: str = ""
    preferred: int = 0


def parse_said(value: object) -> Said | None:
    """Return what a browser sent, or None for a malformed message."""
    if not isinstance(value, Mapping) or not _is_kind(kind := value.get("kind")):
        return None
    names = _FIELDS[kind]
    found = {field: value.get(name) for field, name in names.items()}
    if not all(isinstance(each, str) and _HEX_ID.fullmatch(each) for each in found.values()):
        return None
    preferred = value.get("preferred", 0) if kind == "answer" else 0
    if not is_int(preferred, 0, 1) or (kind == "answer" and found["left"] == found["right"]):
        return None
    return Said(kind=kind, preferred=preferred, **{name: str(each) for name, each in found.items()})


_FIELDS: Final[dict[AnswerKind, dict[str, str]]] = {
    "answer": {"question": "pair", "token": "token", "left": "left", "right": "right"},
    "back": {"token": "token"},
    "skip": {"question": "pair"},
    "open": {"left": "id"},
    "more": {},
}


def comparison(
    *,
    questions: Sequence[Question],
    answers: int,
    tally: str,
    on_said: Callable[[Said], None],
    inline: Mapping[str, str] | None = None,
    key: str = "ab",
) -> None:
    """Show the first of some questions and hand what the person does to the callback.

    Args:
        questions: The one to ask now and the ones after it; the browser shows them by itself.
        answers: How many answers are stored.
        tally: One line beside their number: how well they were foretold.
        on_said: Does what was asked; called once for a press, before the next rerun.
        inline: Genome id to `data:image/...` address for pictures that were not sent yet.
        key: Tells comparisons of one page apart.
    """
    message: dict[str, Any] = {
        "pairs": [_plain(question) for question in questions],
        "answers": answers,
        "tally": tally,
        "inline": dict(inline or {}),
    }
    component("ab")(
        key=key,
        data={**message, **answer(key)},
        on_said_change=functools.partial(hear, key, parse_said, on_said),
    )


def _plain(question: Question) -> dict[str, Any]:
    left, right = (
        {"id": side.genome_id, "url": side.url, "words": side.words}
        for side in (question.left, question.right)
    )
    return {"id": question.id, "left": left, "right": right}


def _is_kind(value: object) -> TypeGuard[AnswerKind]:
    return isinstance(value, str) and value in _KINDS
