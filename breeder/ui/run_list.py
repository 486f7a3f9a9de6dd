"""The list of breeding runs in the sidebar: a browser component.

Its role is the talk between the page and the browser; it knows nothing of stores. The browser
shows what was asked for at once and takes it back if the answer says otherwise. It also keeps the
current run in the cookie `breeder_run`, so that a visit without an address can resume it.
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

RunActionKind = Literal[
    "open", "rename", "duplicate", "delete", "undo", "restore", "new", "new_grey"
]

_KINDS: Final = frozenset(get_args(RunActionKind))
_KINDS_WITHOUT_RUN: Final = frozenset({"new", "new_grey"})


@dataclass(frozen=True, slots=True, kw_only=True)
class RunItem:
    """One run of the list.

    Attributes:
        id: Identity of the run.
        name: Shown as text, never HTML.
        url: Address of its thumbnail, to which `?size=` is added; empty if it has none.
        generations: Number of grids bred so far.
        updated: When it changed last, UTC.
    """

    id: str
    name: str
    url: str
    generations: int
    updated: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class GoneRun:
    """A deleted run that can still be brought back.

    Attributes:
        id: Identity of the run.
        name: Shown as text, never HTML.
        days: How many days it can be brought back for certain, 0 or more.
    """

    id: str
    name: str
    days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RunAction:
    """A button of the list that was pressed.

    Attributes:
        kind: What is asked for.
        id: The run meant; for "undo" and "restore" a deleted one, empty for "new" and "new_grey".
        name: The new name for "rename", 1 to 200 characters on one line; else empty.
    """

    kind: RunActionKind
    id: str
    name: str


def parse_run_action(value: object) -> RunAction | None:
    """Returns the action a browser sent, or None for a malformed message."""
    if not isinstance(value, Mapping):
        return None
    kind, run_id = value.get("kind"), value.get("id")
    if not _is_kind(kind):
        return None
    if kind in _KINDS_WITHOUT_RUN:
        return RunAction(kind=kind, id="", name="")
    name = parse_line(value.get("name")) if kind == "rename" else ""
    if not is_token(run_id) or name is None or (kind == "rename" and not name):
        return None
    return RunAction(kind=kind, id=run_id, name=name)


def run_list(
    *,
    runs: Sequence[RunItem],
    current: str,
    deleted: tuple[str, str] | None = None,
    gone: Sequence[GoneRun] = (),
    on_action: Callable[[RunAction], None],
    key: str = "runs",
) -> None:
    """Shows the list and hands what the person does to the callback, before the next rerun.

    Args:
        runs: The runs in the order to be shown.
        current: Identity of the run on the page.
        deleted: Identity and name of the run deleted last, which the person may bring back.
        gone: All deleted runs that can be brought back, the one deleted last first.
        on_action: Does what was asked; called once for a press.
        key: Tells lists of one page apart.
    """
    component("run_list")(
        key=key,
        data={
            "runs": [_plain_run(run) for run in runs],
            "current": current,
            "deleted": {"id": deleted[0], "name": deleted[1]} if deleted else None,
            "gone": [{"id": run.id, "name": run.name, "days": run.days} for run in gone],
            **answer(key),
        },
        on_said_change=functools.partial(hear, key, parse_run_action, on_action),
    )


def _plain_run(run: RunItem) -> dict[str, Any]:
    return {
        "id": run.id,
        "name": run.name,
        "url": run.url,
        "generations": run.generations,
        "updated": plain_time(run.updated),
    }


def _is_kind(value: object) -> TypeGuard[RunActionKind]:
    return isinstance(value, str) and value in _KINDS
