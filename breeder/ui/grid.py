"""The picture grid: one browser component, the heart of the page.

Its role is the talk between the page and the browser: what is shown goes down as one message,
picks and actions come back and are parsed here, since what a browser sends is never trusted. It
knows nothing of genomes, stores or drawing.

The talk, in short. The browser keeps all it has said and not been answered, numbered and in order,
and says the whole again with every change, so nothing replaces anything on the way. Every change
of the picks says the whole set with its generation; the browser shows a pick as taken only when
`saved` confirms it. A message is done once in a session; where a restarted server is told again
what the one before it had done, the generation and the wanted star make it harmless.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeGuard, get_args

import streamlit as st

from breeder.ui.components import MAX_SEQ, answer, component, hear, is_int, is_token

Badge = Literal["", "kept", "founder", "wild", "guided", "new", "refined"]
ActionKind = Literal["evolve", "back", "forward", "reroll", "surprise", "open", "favourite", "tree"]

MAX_SLOTS: Final = 64
"""Most pictures in one grid; slots run from 0 to one less."""

MAX_WHY: Final = 240
"""Longest reason why a picture was chosen, in characters; what is longer is cut."""

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
        why: Why it was chosen, shown when its badge is pressed; empty where nobody chose. Text.
    """

    slot: int
    genome_id: str
    url: str
    name: str
    badge: Badge = ""
    favourite: bool = False
    why: str = ""


class Said:
    """What a browser says of a grid: picks or an action."""

    __slots__ = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Picks(Said):
    """The whole set of picked slots of one generation.

    Attributes:
        generation: Token of the grid the picks were made in.
        slots: Picked slots, ascending, without repeats.
        touched: The slots this browser has picked or taken back in this grid; of the others it
            knows only what it was told.
        seq: Number of the message; rises with every change. 0 for picks no browser has sent.
    """

    generation: str
    slots: tuple[int, ...] = ()
    touched: tuple[int, ...] = ()
    seq: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Action(Said):
    """A button or key of the grid that was pressed.

    Attributes:
        kind: What is asked for. "reroll" is other children of the same parents (also sent when
            Evolve is pressed with nothing picked); its `slots` are to be ignored. "surprise" is
            children of the picks, or of the same parents, unlike all that was seen.
        generation: Token of the grid that was shown.
        slots: The picks at that moment, confirmed or not.
        slot: The picture meant by "open" and "favourite", else None.
        star: Whether the picture is to be a favourite afterwards, for "favourite"; else None.
    """

    kind: ActionKind
    generation: str
    slots: tuple[int, ...]
    slot: int | None
    star: bool | None = None


def parse_message(value: object) -> Said | None:
    """Returns the picks or the action a browser sent, or None for a malformed message."""
    is_picks = isinstance(value, Mapping) and value.get("kind") == "picks"
    return parse_picks(value) if is_picks else parse_action(value)


def parse_picks(value: object) -> Picks | None:
    """Returns the picks a browser sent, or None for a malformed message."""
    if not isinstance(value, Mapping):
        return None
    generation, seq = value.get("generation"), value.get("seq")
    slots, touched = _slots(value.get("slots")), _slots(value.get("touched"))
    if not is_token(generation) or slots is None or touched is None:
        return None
    if not is_int(seq, 0, MAX_SEQ):
        return None
    return Picks(generation=generation, slots=slots, touched=touched, seq=seq)


def parse_action(value: object) -> Action | None:
    """Returns the action a browser sent, or None for a malformed message."""
    if not isinstance(value, Mapping):
        return None
    kind, generation = value.get("kind"), value.get("generation")
    slots, slot, star = _slots(value.get("slots")), value.get("slot"), value.get("star")
    if not _is_kind(kind) or not is_token(generation) or slots is None:
        return None
    if kind not in _KINDS_WITH_SLOT:
        slot = None
    elif not is_int(slot, 0, MAX_SLOTS - 1):
        return None
    if kind != "favourite":
        star = None
    elif not isinstance(star, bool):
        return None
    return Action(kind=kind, generation=generation, slots=slots, slot=slot, star=star)


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
    taste: str = "",
    key: str = "grid",
) -> None:
    """Shows the grid and hands what the person does to the callbacks, before the next rerun.

    Args:
        generation: Token that changes for every new grid.
        number: Its number in the run, for people.
        tiles: The pictures in order, each slot once; ValueError otherwise.
        on_picks: Stores the picks. Those of a generation that was left may still come.
        on_action: Does what was asked; called once for a press.
        inline: Genome id to `data:image/...` address for a fresh grid (see `needs_pictures`).
        saved: The picks that are durably stored, with their sequence number.
        columns: Wished columns on a wide screen.
        can_back: Whether there is an earlier grid.
        can_forward: Whether there is a later one.
        status: One line: what happened last.
        taste: A few words: how well the person's taste is known.
        key: Tells grids of one page apart.
    """
    message = {
        "generation": generation,
        "number": number,
        "columns": columns,
        "saved": _plain_picks(saved or Picks(generation=generation)),
        "can_back": can_back,
        "can_forward": can_forward,
        "status": status,
        "taste": taste,
        "tiles": _plain_tiles(tiles),
    }
    if inline:
        message["inline"] = dict(inline)
    _mount(key, message, on_picks, on_action)
    if inline:  # not before: Streamlit may end the script wherever it touches the session
        st.session_state[_sent_key(key)] = generation


def _mount(
    key: str,
    message: dict[str, Any],
    on_picks: Callable[[Picks], None],
    on_action: Callable[[Action], None],
) -> None:
    def do(said: Said) -> None:
        if isinstance(said, Picks):
            on_picks(said)
        elif isinstance(said, Action):
            on_action(said)

    component("grid")(
        key=key,
        data={**message, **answer(key)},
        on_said_change=functools.partial(hear, key, parse_message, do),
    )


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
            **({"why": _short(tile.why)} if tile.why else {}),
        }
        for tile in tiles
    ]


def _short(why: str) -> str:
    return why if len(why) <= MAX_WHY else f"{why[: MAX_WHY - 1]}…"


def _plain_picks(picks: Picks) -> dict[str, Any]:
    return {"generation": picks.generation, "slots": list(picks.slots), "seq": picks.seq}


def _slots(value: object) -> tuple[int, ...] | None:
    if not isinstance(value, Sequence) or isinstance(value, str | bytes) or len(value) > MAX_SLOTS:
        return None
    if not all(is_int(slot, 0, MAX_SLOTS - 1) for slot in value):
        return None
    return tuple(sorted(set(value)))


def _is_kind(value: object) -> TypeGuard[ActionKind]:
    return isinstance(value, str) and value in _KINDS


def _sent_key(key: str) -> str:
    return f"{key}-sent"
