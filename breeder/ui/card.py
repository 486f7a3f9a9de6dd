"""What is said of a picture, where it lives and what looks like it: a browser component.

Its role is the talk between the page and the browser where another picture or page is to be shown;
edits go to the address of `gallery_routes`. It knows nothing of genomes or stores.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeGuard, get_args

from breeder.ui.components import answer, component, hear, is_token

CardActionKind = Literal["open", "like", "family", "close", "go", "changed"]

_KINDS: Final = frozenset(get_args(CardActionKind))


@dataclass(frozen=True, slots=True, kw_only=True)
class CardAction:
    """What leads from a picture elsewhere.

    Attributes:
        kind: "open" another picture, "like" leads to all that look like this one, "family" to its
            family tree, "close" to what is behind, "go" to a grid where it lives; "changed" says
            that title or star changed, which the page names files by.
        id: Of the picture or grid; empty for "changed".
    """

    kind: CardActionKind
    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A grid where the picture lives.

    Attributes:
        generation: Identity of the grid.
        run: The name of its run. Text, never HTML.
        number: Of the grid in its run.
        slot: Of the picture in the grid, from 0.
        note: A quiet word, such as that the run is a copy.
    """

    generation: str
    run: str
    number: int
    slot: int
    note: str = ""


def parse_card_action(value: object) -> CardAction | None:
    """Returns the action a browser sent, or None for a malformed message."""
    if not isinstance(value, Mapping):
        return None
    kind, subject = value.get("kind"), value.get("id")
    if not _is_kind(kind):
        return None
    if kind == "changed":
        return CardAction(kind=kind, id="")
    return CardAction(kind=kind, id=subject) if is_token(subject) else None


def card(
    *,
    item: Mapping[str, Any],
    run: str | None,
    tags: Sequence[str],
    homes: Sequence[Place],
    on_action: Callable[[CardAction], None],
    key: str = "card",
) -> None:
    """Shows the card and hands what the person does to the callback, before the next rerun.

    Args:
        item: The picture, as `gallery_routes.plain_entry` gives it.
        run: Identity of the run in which it is kept, if it is kept now.
        tags: Those in use, to choose from.
        homes: Where the picture lives.
        on_action: Does what was asked; called once for a press.
        key: Tells cards of one page apart.
    """
    places = [
        {
            "generation": home.generation,
            "run": home.run,
            "number": home.number,
            "slot": home.slot,
            "note": home.note,
        }
        for home in homes
    ]
    component("card")(
        key=key,
        data={
            "item": dict(item),
            "run": run,
            "tags": list(tags),
            "homes": places,
            **answer(key),
        },
        on_said_change=functools.partial(hear, key, parse_card_action, on_action),
    )


def _is_kind(value: object) -> TypeGuard[CardActionKind]:
    return isinstance(value, str) and value in _KINDS
