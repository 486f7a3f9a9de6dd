"""What the browser components share: their assets, and how a message is heard.

What a browser sends is never trusted: each component parses its actions, and the checks here are
what it parses them with. Knows nothing of any one component.
"""

from __future__ import annotations

import functools
import unicodedata
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol, TypeGuard, TypeVar

import streamlit as st

if TYPE_CHECKING:
    from streamlit.components.v2.types import ComponentRenderer

MAX_TOKEN: Final = 128
"""Longest identity or nonce that a browser may send, in characters."""
MAX_LINE: Final = 200
"""Longest name or title, in characters."""

_ASSETS: Final = Path(__file__).parent / "assets"


class HasNonce(Protocol):
    """An action of a browser: its nonce is different for every press."""

    @property
    def nonce(self) -> str:
        """Return the nonce."""


A = TypeVar("A", bound=HasNonce)


@functools.cache
def component(name: str) -> ComponentRenderer:
    """Return the component `breeder.<name>`, made of assets/<name>.html, .css and its script."""
    html, css = ((_ASSETS / f"{name}.{kind}").read_text("utf-8") for kind in ("html", "css"))
    return st.components.v2.component(f"breeder.{name}", html=html, css=css, js=script(name))


def script(name: str) -> str:
    """Return a component's script: what all share, then assets/<name>.js."""
    return "\n".join((_ASSETS / f"{part}.js").read_text("utf-8") for part in ("shared", name))


def hear_once(
    key: str, parse: Callable[[object], A | None], on_action: Callable[[A], None]
) -> None:
    """Hand the component's newest action to the callback, once; malformed ones are ignored."""
    action = parse(heard(key, "action"))
    # Streamlit calls once for each waiting trigger, and shows each call the newest.
    if action is None or action.nonce == answered(key):
        return
    try:
        on_action(action)
    finally:
        st.session_state[_answered_key(key)] = action.nonce


def heard(key: str, name: str) -> object:
    """Return what the browser last sent as `name`, unchecked; None if nothing."""
    state = st.session_state.get(key)
    return state.get(name) if isinstance(state, Mapping) else None


def answered(key: str) -> str:
    """Return the nonce of the last action done: the browser then sends the next."""
    return str(st.session_state.get(_answered_key(key), ""))


def is_token(value: object) -> TypeGuard[str]:
    """Return whether a value can be an identity or a nonce."""
    return isinstance(value, str) and 0 < len(value) <= MAX_TOKEN and _is_text(value)


def parse_line(value: object) -> str | None:
    """Return a name or title on one line without outer blanks, or None if it is not one."""
    if not isinstance(value, str) or len(value) > 2 * MAX_LINE or not _is_text(value):
        return None
    plain = "".join(" " if unicodedata.category(char) == "Cc" else char for char in value)
    line = " ".join(plain.split())
    return line if len(line) <= MAX_LINE else None


def plain_time(moment: datetime) -> str:
    """Return a moment in ISO 8601 with its offset; one without a zone is taken for UTC."""
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).isoformat()


def _is_text(value: str) -> bool:
    """Return whether a string can be stored: JavaScript's may hold halves of characters."""
    return not any("\ud800" <= char <= "\udfff" for char in value)


def _answered_key(key: str) -> str:
    return f"{key}-answered"
