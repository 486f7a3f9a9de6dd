"""The family tree: a browser component.

The browser fetches the tree and its pictures from the addresses of `tree_routes`, and shows,
filters and compares on its own; the page's script runs only for what changes something. Knows
nothing of genomes or stores.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeGuard, get_args

from breeder.ui.components import answer, component, hear, is_int, is_token

TreeActionKind = Literal["breed", "grid", "open", "favourite", "start"]

MAX_SLOT: Final = 63

_KINDS: Final = frozenset(get_args(TreeActionKind))


@dataclass(frozen=True, slots=True, kw_only=True)
class TreeAction:
    """A button of the tree that was pressed.

    Attributes:
        kind: What is asked for: children of a picture in a new branch, its grid, the large view,
            a star, or a new run.
        id: The picture's genome.
        generation: The grid that "breed" and "grid" mean; empty for the others.
        slot: The picture's place in it, for "breed"; else 0.
        star: Whether it is to be a favourite afterwards, for "favourite".
    """

    kind: TreeActionKind
    id: str
    generation: str = ""
    slot: int = 0
    star: bool = False


def parse_tree_action(value: object) -> TreeAction | None:
    """Return the action a browser sent, or None for a malformed message."""
    if not isinstance(value, Mapping):
        return None
    kind, id_ = value.get("kind"), value.get("id")
    if not _is_kind(kind) or not is_token(id_):
        return None
    if kind in ("open", "start"):
        return TreeAction(kind=kind, id=id_)
    if kind == "favourite":
        star = value.get("star")
        return TreeAction(kind=kind, id=id_, star=star) if isinstance(star, bool) else None
    generation, slot = value.get("generation"), value.get("slot")
    if not is_token(generation) or not is_int(slot, 0, MAX_SLOT):
        return None
    return TreeAction(kind=kind, id=id_, generation=generation, slot=slot)


def family_tree(
    *,
    run_id: str,
    run_name: str,
    family: str,
    selected: str,
    version: str,
    on_action: Callable[[TreeAction], None],
    key: str = "tree",
) -> None:
    """Shows the tree and hands what the person does to the callback, before the next rerun.

    Args:
        run_id: The run whose tree it is.
        run_name: Its name. Text, never HTML.
        family: The picture whose family over all runs is shown instead; empty for none.
        selected: The picture that is chosen at first; may be empty.
        version: Changes whenever the tree has to be fetched again.
        on_action: Does what was asked; called once for a press.
        key: Tells trees of one page apart.
    """
    component("tree")(
        key=key,
        data={
            "run": run_id,
            "name": run_name,
            "family": family,
            "selected": selected,
            "version": version,
            **answer(key),
        },
        on_said_change=functools.partial(hear, key, parse_tree_action, on_action),
    )


def _is_kind(value: object) -> TypeGuard[TreeActionKind]:
    return isinstance(value, str) and value in _KINDS
