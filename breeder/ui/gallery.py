"""The gallery of all that is kept: a browser component.

Its role is the talk between the page and the browser where another page is to be shown; it knows
nothing of genomes or stores. Searching, scrolling and editing are between the browser and the
addresses of `gallery_routes`.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeGuard, get_args

from breeder.formats.table import FORMATS, FileFormat
from breeder.ui.components import answer, component, hear, is_token

GalleryActionKind = Literal["open", "start", "breed"]

MOST_BRED: Final = 64
"""Most pictures that a browser may ask to breed together; a run takes fewer."""

USUAL_EXPORT: Final = ("png", "json")
"""The formats that a zip of several pictures has if nobody chooses others."""

_KINDS: Final = frozenset(get_args(GalleryActionKind))


@dataclass(frozen=True, slots=True, kw_only=True)
class GalleryAction:
    """What leads to another page.

    Attributes:
        kind: "open" shows a picture large, "start" and "breed" begin a run.
        ids: The pictures meant, one but for "breed", in the order of their selection.
    """

    kind: GalleryActionKind
    ids: tuple[str, ...]


def parse_gallery_action(value: object) -> GalleryAction | None:
    """Returns the action a browser sent, or None for a malformed message."""
    if not isinstance(value, Mapping):
        return None
    kind, ids = value.get("kind"), value.get("ids")
    most = MOST_BRED if kind == "breed" else 1
    if not _is_kind(kind) or not isinstance(ids, Sequence) or not 0 < len(ids) <= most:
        return None
    if isinstance(ids, str | bytes) or not all(map(is_token, ids)):
        return None
    return GalleryAction(kind=kind, ids=tuple(dict.fromkeys(ids)))


def gallery(
    *,
    most: int,
    on_action: Callable[[GalleryAction], None],
    empty_text: str = "",
    key: str = "gallery",
) -> None:
    """Shows the gallery and hands what the person does to the callback, before the next rerun.

    Args:
        most: How many pictures a run can start from.
        on_action: Does what was asked; called once for a press.
        empty_text: What is said where nothing is kept yet.
        key: Tells galleries of one page apart.
    """
    component("gallery")(
        key=key,
        data={"most": most, "formats": _formats(), "empty_text": empty_text, **answer(key)},
        on_said_change=functools.partial(hear, key, parse_gallery_action, on_action),
    )


def _formats() -> list[dict[str, Any]]:
    rows = [row for row in FORMATS.values() if row.writes]
    short = [_short(row) for row in rows]
    titles = [
        name if short.count(name) == 1 else row.title for name, row in zip(short, rows, strict=True)
    ]
    return [
        {
            "name": row.name,
            "title": f"{title[:1].upper()}{title[1:]} ({row.name})",
            "usual": row.name in USUAL_EXPORT,
        }
        for title, row in zip(titles, rows, strict=True)
    ]


def _short(row: FileFormat) -> str:
    """Return what a format is called in a narrow list."""
    return re.split(r"[,:(]| with | of its own| of picture| that ", row.title)[0].strip()


def _is_kind(value: object) -> TypeGuard[GalleryActionKind]:
    return isinstance(value, str) and value in _KINDS
