"""What the gallery's page changes of pictures, and how it is taken back.

A change names pictures and what is to hold of them from then on, so that hearing it twice does no
harm. What several pictures had before, or one that was removed, is kept for a while, so that the
person can take the change back.
"""

from __future__ import annotations

import secrets
import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from breeder.store import Entry, Store
from breeder.ui.components import is_int, is_token, parse_line

MOST_IDS: Final = 1_000
"""Pictures changed at once; gallery_bulk.js holds the same number."""

MOST_TEXT: Final = 8_000
MOST_TAGS: Final = 100
KEPT_UNDOS: Final = 100
"""Changes that can be taken back, of all tabs of the server; the oldest are forgotten."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What is to hold of pictures; None leaves a part as it is.

    Attributes:
        ids: The pictures, 0 to 1,000.
        title: On one line, at most 200 characters.
        description: May have several lines.
        tags: All of them.
        add_tags: Further ones.
        drop_tags: No longer these.
        stars: 0 to 5.
        published: Whether it is published.
        kept: Whether it is in the gallery. A picture of which something is said is kept, too.
        run_id: The run in which it is kept, if it was not kept before.
        undo: Takes back the change of this token instead.
    """

    ids: tuple[str, ...] = ()
    title: str | None = None
    description: str | None = None
    tags: tuple[str, ...] | None = None
    add_tags: tuple[str, ...] = ()
    drop_tags: tuple[str, ...] = ()
    stars: int | None = None
    published: bool | None = None
    kept: bool | None = None
    run_id: str | None = None
    undo: str = ""

    @property
    def describes(self) -> Mapping[str, Any]:
        """What is said of each picture alone."""
        names = ("title", "description", "tags", "stars", "published")
        told = {name: getattr(self, name) for name in names}
        return {name: value for name, value in told.items() if value is not None}


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """What came of a change.

    Attributes:
        ids: The pictures that it named.
        entries: As they are now; those that are not kept are missing.
        undo: Takes it back; empty where there is nothing to take back.
        text: What was done, in words.
    """

    ids: tuple[str, ...]
    entries: tuple[Entry, ...]
    undo: str = ""
    text: str = ""


def parse_change(value: object) -> Change:
    """Return a change that a browser sent.

    Raises:
        ValueError: It is malformed.
    """
    if not isinstance(value, Mapping):
        raise ValueError("A change names pictures, and what is to hold of them.")
    undo = value.get("undo", "")
    if undo:
        return Change(undo=_checked(undo, is_token(undo), "undo"))
    ids = value.get("ids")
    stars, run_id = value.get("stars"), value.get("run")
    return Change(
        ids=parse_ids(ids),
        title=_line(value.get("title")),
        description=_text(value.get("description")),
        tags=None if value.get("tags") is None else _tags(value.get("tags")),
        add_tags=_tags(value.get("add_tags", ())),
        drop_tags=_tags(value.get("drop_tags", ())),
        stars=_checked(stars, stars is None or is_int(stars, 0, 5), "stars"),
        published=_switch(value.get("published"), "published"),
        kept=_switch(value.get("kept"), "kept"),
        run_id=_checked(run_id, run_id is None or is_token(run_id), "run"),
    )


def parse_ids(value: object) -> tuple[str, ...]:
    """Return the pictures that a browser named, without repeats.

    Raises:
        ValueError: They are none, too many, or malformed.
    """
    fits = isinstance(value, list) and 0 < len(value) <= MOST_IDS and all(map(is_token, value))
    return tuple(dict.fromkeys(_checked(value, fits, "list of pictures")))


class Changes:
    """Makes changes, and remembers how things were. Shared by all tabs of the server."""

    def __init__(self) -> None:
        self._before: OrderedDict[str, tuple[Entry, ...]] = OrderedDict()
        self._lock = threading.Lock()

    def make(self, store: Store, change: Change) -> Changed:
        """Make a change and return what came of it.

        Raises:
            BreederError: It cannot be made; what it named first may have been changed.
            ValueError: It is to take back what is not remembered any more.
        """
        if change.undo:
            return self._take_back(store, change.undo)
        before = tuple(filter(None, map(store.entry, change.ids)))
        if change.kept is False:
            for entry in before:
                store.remove_favourite(entry.genome_id)
        else:
            _keep(store, change, before)
            for genome_id in change.ids if change.describes else ():
                store.describe(genome_id, **change.describes)
            if change.add_tags or change.drop_tags:
                store.tag(change.ids, add=change.add_tags, drop=change.drop_tags)
        token = self._remember(before) if _is_large(change) and before else ""
        return Changed(
            ids=change.ids,
            entries=tuple(filter(None, map(store.entry, change.ids))),
            undo=token,
            text=_words(change, before) if token else "",
        )

    def _remember(self, before: tuple[Entry, ...]) -> str:
        token = secrets.token_urlsafe(12)
        with self._lock:
            self._before[token] = before
            while len(self._before) > KEPT_UNDOS:
                self._before.popitem(last=False)
        return token

    def _take_back(self, store: Store, token: str) -> Changed:
        with self._lock:
            before = self._before.get(token)
        if before is None:
            raise ValueError("It is too long ago to be taken back.")
        entries = tuple(store.put_entry(entry) for entry in before)
        with self._lock:
            self._before.pop(token, None)
        return Changed(ids=tuple(entry.genome_id for entry in entries), entries=entries)


@cache
def changes() -> Changes:
    """Return the server's."""
    return Changes()


def _keep(store: Store, change: Change, before: Iterable[Entry]) -> None:
    """Keep those that were not kept: what something is said of is kept."""
    there = {entry.genome_id for entry in before}
    for genome_id in change.ids:
        if genome_id not in there:
            store.add_favourite(genome_id, run_id=change.run_id)


def _is_large(change: Change) -> bool:
    """Return whether taking it back is worth an offer; one picture is edited again as easily."""
    return change.kept is False or (len(change.ids) > 1 and change.kept is None)


def _words(change: Change, before: tuple[Entry, ...]) -> str:
    count = len(before)
    what = f"{count} pictures" if count != 1 else before[0].title or "a picture"
    if change.kept is False:
        return f"Removed {what}."
    if change.add_tags:
        return f"Tagged {what}: {', '.join(change.add_tags)}."
    if change.drop_tags:
        return f"Took {', '.join(change.drop_tags)} from {what}."
    if change.published is not None:
        return f"Published {what}." if change.published else f"Unpublished {what}."
    return f"Changed {what}."


# Parsing ------------------------------------------------------------------------------------------


def _checked(value: Any, fits: bool, what: str) -> Any:
    if not fits:
        raise ValueError(f"A change has a malformed {what}.")
    return value


def _line(value: object) -> str | None:
    if value is None:
        return None
    line = parse_line(value)
    return str(_checked(line, line is not None, "title"))


def _text(value: object) -> str | None:
    if value is None:
        return None
    fits = isinstance(value, str) and len(value) <= MOST_TEXT
    return str(_checked(value, fits, "description"))


def _tags(value: object) -> tuple[str, ...]:
    if not isinstance(value, list | tuple) or len(value) > MOST_TAGS:
        raise ValueError("A change has a malformed list of tags.")
    lines = [parse_line(tag) for tag in value]
    return tuple(_checked(line, bool(line), "tag") for line in lines)


def _switch(value: object, what: str) -> bool | None:
    return None if value is None else bool(_checked(value, isinstance(value, bool), what))
