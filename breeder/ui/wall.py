"""The wall of favourite pictures: a browser component.

Its role is the talk between the page and the browser; it knows nothing of genomes or stores.
Which pictures are selected is the browser's own affair until they are bred together.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal, TypeGuard, get_args

from breeder.ui.components import (
    answer,
    component,
    hear,
    is_token,
    parse_line,
    plain_time,
)

WallActionKind = Literal["open", "rename", "remove", "undo", "start", "breed"]

MAX_SELECTED: Final = 64
"""Most pictures that are bred together; wall.js holds the same number."""

_KINDS: Final = frozenset(get_args(WallActionKind))


@dataclass(frozen=True, slots=True, kw_only=True)
class WallPicture:
    """One picture of the wall.

    Attributes:
        id: Identity of the picture.
        url: Its address, to which `?size=` is added.
        title: May be empty. Shown as text, never HTML.
        subtitle: A quiet line below, such as the run it came from. Text too.
        created: When it was kept, UTC.
    """

    id: str
    url: str
    title: str
    subtitle: str
    created: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class WallAction:
    """A button of the wall that was pressed.

    Attributes:
        kind: What is asked for.
        id: The picture meant; for "undo" the removed one, empty for "breed".
        ids: The selected pictures for "breed", 1 to 64 in the order of their selection; else none.
        title: The new title for "rename", the picture's title for "start"; at most 200
            characters on one line, may be empty.
    """

    kind: WallActionKind
    id: str
    ids: tuple[str, ...]
    title: str


def parse_wall_action(value: object) -> WallAction | None:
    """Returns the action a browser sent, or None for a malformed message."""
    if not isinstance(value, Mapping):
        return None
    kind, title = value.get("kind"), parse_line(value.get("title", ""))
    if not _is_kind(kind) or title is None:
        return None
    if kind == "breed":
        ids = _ids(value.get("ids"))
        return WallAction(kind=kind, id="", ids=ids, title="") if ids else None
    picture_id = value.get("id")
    if not is_token(picture_id) or (kind == "rename" and "title" not in value):
        return None
    return WallAction(kind=kind, id=picture_id, ids=(), title=title)


def wall(
    *,
    pictures: Sequence[WallPicture],
    removed: tuple[str, str] | None = None,
    on_action: Callable[[WallAction], None],
    empty_text: str = "",
    key: str = "wall",
) -> None:
    """Shows the wall and hands what the person does to the callback, before the next rerun.

    Args:
        pictures: The pictures in the order to be shown.
        removed: Identity and title of the picture removed last, which the person may bring back.
        on_action: Does what was asked; called once for a press.
        empty_text: What is said where there is no picture.
        key: Tells walls of one page apart.
    """
    component("wall")(
        key=key,
        data={
            "pictures": [_plain_picture(picture) for picture in pictures],
            "removed": {"id": removed[0], "title": removed[1]} if removed else None,
            "empty_text": empty_text,
            **answer(key),
        },
        on_said_change=functools.partial(hear, key, parse_wall_action, on_action),
    )


def _plain_picture(picture: WallPicture) -> dict[str, Any]:
    return {
        "id": picture.id,
        "url": picture.url,
        "title": picture.title,
        "subtitle": picture.subtitle,
        "created": plain_time(picture.created),
    }


def _ids(value: object) -> tuple[str, ...] | None:
    """Return identities without repeats, in their order; None if malformed or none at all."""
    if not isinstance(value, list | tuple) or not 0 < len(value) <= MAX_SELECTED:
        return None
    return tuple(dict.fromkeys(value)) if all(is_token(each) for each in value) else None


def _is_kind(value: object) -> TypeGuard[WallActionKind]:
    return isinstance(value, str) and value in _KINDS
