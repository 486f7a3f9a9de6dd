"""The picture grid: one browser component, the heart of the page.

Its role is the talk between the page and the browser: what is shown goes down as one message,
picks and actions come back and are parsed here, since what a browser sends is never trusted. It
knows nothing of genomes, stores or drawing.

The talk, in short. Every change of the picks sends the whole set with its generation and a rising
sequence number, so a burst of clicks can be coalesced on the way and still arrives; the browser
shows a pick as taken only when `saved` confirms it, and sends it again while it does not. An
action carries a nonce; Streamlit keeps only the newest of several triggers that wait, so the
browser holds the next action back until `answered` repeats the nonce of the last.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeGuard, get_args

import streamlit as st

from breeder.ui.components import answered, component, hear_once, heard, is_token

Badge = Literal["", "kept", "founder", "wild"]
ActionKind = Literal["evolve", "back", "forward", "reroll", "open", "favourite"]

MAX_SLOTS: Final = 64
"""Most pictures in one grid; slots run from 0 to one less."""
MAX_SEQ: Final = 2**53 - 1
"""Largest sequence number that JavaScript counts exactly."""

_KINDS: Final = frozenset(get_args(ActionKind))
_KINDS_WITH_SLOT: Final = frozenset({"open", "favourite"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """One picture of the grid.

    Attributes:
        slot: Place in the generation, 0 to 63.
        genome_id: Identity of the genome; the browser keeps pictures under it.
        url: Address of the picture; `?size=512` is added for a sharper one.
        name: What a screen reader calls it ("Picture 4, bold child"). Shown as text, never HTML.
        badge: A word on the picture, or none.
        favourite: Whether it carries the star.
    """

    slot: int
    genome_id: str
    url: str
    name: str
    badge: Badge = ""
    favourite: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Picks:
    """The whole set of picked slots of one generation.

    Attributes:
        generation: Token of the grid the picks were made in.
        slots: Picked slots, ascending, without repeats.
        touched: The slots this browser has picked or taken back in this grid; of the others it
            knows only what it was told.
        seq: Rises with every change in the browser; 0 for picks no browser has sent.
    """

    generation: str
    slots: tuple[int, ...] = ()
    touched: tuple[int, ...] = ()
    seq: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """A button or key of the grid that was pressed.

    Attributes:
        kind: What is asked for. "reroll" is other children of the same parents (also sent when
            Evolve is pressed with nothing picked); its `slots` are to be ignored.
        generation: Token of the grid that was shown.
        slots: The picks at that moment, confirmed or not.
        slot: The picture meant by "open" and "favourite", else None.
        nonce: Different for every press.
    """

    kind: ActionKind
    generation: str
    slots: tuple[int, ...]
    slot: int | None
    nonce: str


def parse_picks(value: object) -> Picks | None:
    """Returns the picks a browser sent, or None for a malformed message."""
    if not isinstance(value, Mapping):
        return None
    generation, seq = value.get("generation"), value.get("seq")
    slots, touched = _slots(value.get("slots")), _slots(value.get("touched"))
    if not is_token(generation) or slots is None or touched is None:
        return None
    if not _is_int(seq, 0, MAX_SEQ):
        return None
    return Picks(generation=generation, slots=slots, touched=touched, seq=seq)


def parse_action(value: object) -> Action | None:
    """Returns the action a browser sent, or None for a malformed message."""
    if not isinstance(value, Mapping):
        return None
    kind, generation, nonce = value.get("kind"), value.get("generation"), value.get("nonce")
    slots, slot = _slots(value.get("slots")), value.get("slot")
    if not _is_kind(kind) or not is_token(generation) or not is_token(nonce) or slots is None:
        return None
    if kind not in _KINDS_WITH_SLOT:
        slot = None
    elif not _is_int(slot, 0, MAX_SLOTS - 1):
        return None
    return Action(kind=kind, generation=generation, slots=slots, slot=slot, nonce=nonce)


def needs_pictures(generation: str, *, key: str = "grid") -> bool:
    """Returns whether `inline` pictures are still to be sent for this generation.

    False once `picture_grid` has sent them in this session. A browser that lost them all the
    same falls back to each picture's address.
    """
    return st.session_state.get(_sent_key(key)) != generation


def picture_grid(
    *,
    generation: str,
    number: int,
    tiles: Sequence[Tile],
    on_picks: Callable[[Picks], None],
    on_action: Callable[[Action], None],
    inline: Mapping[str, str] | None = None,
    saved: Picks | None = None,
    columns: int = 5,
    can_back: bool = False,
    can_forward: bool = False,
    status: str = "",
    busy_label: str = "",
    key: str = "grid",
) -> None:
    """Shows the grid and hands what the person does to the callbacks, before the next rerun.

    Args:
        generation: Token that changes for every new grid.
        number: Its number in the run, for people.
        tiles: The pictures in order, each slot once; ValueError otherwise.
        on_picks: Stores the picks. After an action those of an older generation may still come.
        on_action: Does what was asked; called once for a press.
        inline: Genome id to `data:image/...` address for a fresh grid (see `needs_pictures`).
        saved: The picks that are durably stored, with their sequence number.
        columns: Wished columns on a wide screen.
        can_back: Whether there is an earlier grid.
        can_forward: Whether there is a later one.
        status: One line: what happened last.
        busy_label: One line while work goes on; it keeps a frozen grid frozen.
        key: Tells grids of one page apart.
    """
    message = {
        "generation": generation,
        "number": number,
        "columns": columns,
        "saved": _plain_picks(saved or Picks(generation=generation)),
        "can_back": can_back,
        "can_forward": can_forward,
        "busy_label": busy_label,
        "status": status,
        "tiles": _plain_tiles(tiles),
    }
    if inline:
        message["inline"] = dict(inline)
        st.session_state[_sent_key(key)] = generation
    _mount(key, message, on_picks, on_action)


def _mount(
    key: str,
    message: dict[str, Any],
    on_picks: Callable[[Picks], None],
    on_action: Callable[[Action], None],
) -> None:
    component("grid")(
        key=key,
        data={**message, "answered": answered(key)},
        on_picks_change=functools.partial(_hear_picks, key, on_picks),
        on_action_change=functools.partial(hear_once, key, parse_action, on_action),
    )


def _hear_picks(key: str, on_picks: Callable[[Picks], None]) -> None:
    picks = parse_picks(heard(key, "picks"))
    if picks is not None:
        on_picks(picks)


def _plain_tiles(tiles: Sequence[Tile]) -> list[dict[str, Any]]:
    slots = [tile.slot for tile in tiles]
    if len(set(slots)) != len(slots) or not all(0 <= slot < MAX_SLOTS for slot in slots):
        raise ValueError(f"expected each slot once, from 0 to {MAX_SLOTS - 1}, got {slots}")
    return [
        {
            "slot": tile.slot,
            "id": tile.genome_id,
            "url": tile.url,
            "name": tile.name,
            "badge": tile.badge,
            "favourite": tile.favourite,
        }
        for tile in tiles
    ]


def _plain_picks(picks: Picks) -> dict[str, Any]:
    return {"generation": picks.generation, "slots": list(picks.slots), "seq": picks.seq}


def _slots(value: object) -> tuple[int, ...] | None:
    if not isinstance(value, Sequence) or isinstance(value, str | bytes) or len(value) > MAX_SLOTS:
        return None
    if not all(_is_int(slot, 0, MAX_SLOTS - 1) for slot in value):
        return None
    return tuple(sorted(set(value)))


def _is_int(value: object, low: int, high: int) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high


def _is_kind(value: object) -> TypeGuard[ActionKind]:
    return isinstance(value, str) and value in _KINDS


def _sent_key(key: str) -> str:
    return f"{key}-sent"
