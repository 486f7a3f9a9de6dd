"""What the browser components share: their assets, and how a browser is heard.

A browser repeats what it has said until it is answered (assets/outbox.js), and every message to it
names the ear that answers. Streamlit runs callbacks only in a session that has run the page
before: what is said first to a restarted server arrives, but calls nobody. The browser sees the
new ear and says it again.

What a browser sends is never trusted: each component parses its messages, and the checks here are
what it parses them with. Knows nothing of any one component.
"""

from __future__ import annotations

import functools
import secrets
import threading
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeGuard, TypeVar

import streamlit as st

if TYPE_CHECKING:
    from streamlit.components.v2.types import ComponentRenderer

MAX_TOKEN: Final = 128
"""Longest identity that a browser may send, in characters."""
MAX_LINE: Final = 200
"""Longest name or title, in characters."""
MAX_SEQ: Final = 2**53 - 1
"""Largest number of a message: JavaScript counts exactly up to it."""
MAX_MESSAGES: Final = 256
"""Most messages that are heard at once; the rest is heard when it is repeated."""

_ASSETS: Final = Path(__file__).parent / "assets"
_TALKING: Final = ("shared", "outbox")
_PARTS: Final[dict[str, tuple[str, ...]]] = {
    "grid": (*_TALKING, "grid_selection", "grid_pictures", "grid_reasons", "grid_keys", "grid"),
    "run_list": (*_TALKING, "run_list"),
    "strip": (*_TALKING, "shelf", "strip"),
    "card": (*_TALKING, "gallery_desk", "card"),
    "gallery": (
        *(*_TALKING, "gallery_desk", "gallery_source", "gallery_filters", "gallery_tiles"),
        *("gallery_bulk", "gallery"),
    ),
    "ab": (*_TALKING, "ab"),
    "learnt": (*_TALKING, "learnt"),
    "refine": (*_TALKING, "shelf", "refine"),
    "files": ("shared", "clipboard", "files"),
    "download": ("shared", "shelf", "download"),
    "making": ("shared", "shelf", "making"),
    "film": ("shared", "shelf", "film"),
    "link": ("shared", "clipboard", "link"),
    "tree": (
        "vendor/d3",
        *_TALKING,
        "shelf",
        "tree_model",
        "tree_thumbs",
        "tree_paint",
        "tree_panel",
        "tree_story",
        "tree",
    ),
    "lab": (
        *(*_TALKING, "clipboard", "shelf", "lab_stream", "lab_controls", "lab_kinds", "lab_view"),
        *("lab_gallery", "lab_take", "lab"),
    ),
    "lab_sweep": (*(*_TALKING, "shelf", "lab_controls", "lab_view", "lab_gallery", "lab_sweep"),),
}
"""The assets that make a component, in order; the shared ones and its own where not named."""

A = TypeVar("A")


@dataclass(slots=True, kw_only=True)
class Ear:
    """What one session of the server has heard from one component.

    Attributes:
        token: Different for every session, so that a browser knows when another one answers.
        answered: The highest number of a message that is done.
        busy: Held while messages are done. Streamlit begins a run of the script in another thread
            as soon as the browser speaks, also while the run before it still does what was said.
    """

    token: str = field(default_factory=lambda: secrets.token_hex(8))
    answered: int = 0
    busy: threading.Lock = field(default_factory=threading.Lock)


@functools.cache
def component(name: str) -> ComponentRenderer:
    """Return the component `breeder.<name>`, made of assets/<name>.html, .css and its script."""
    html = (_ASSETS / f"{name}.html").read_text("utf-8")
    return st.components.v2.component(
        f"breeder.{name}", html=html, css=style(name), js=script(name)
    )


def script(name: str) -> str:
    """Return a component's script: what it shares with others, then its own (one module)."""
    return "\n".join((_ASSETS / f"{part}.js").read_text("utf-8") for part in _parts(name))


def style(name: str) -> str:
    """Return a component's style: that of each part which has one."""
    files = (_ASSETS / f"{part}.css" for part in _parts(name))
    return "\n".join(file.read_text("utf-8") for file in files if file.is_file())


def answer(key: str) -> dict[str, Any]:
    """Return what every message to a component that talks carries: whose answer, and how far."""
    ear = _ear(key)
    return {"ear": ear.token, "answered": ear.answered}


def hear(key: str, parse: Callable[[object], A | None], do: Callable[[A], None]) -> None:
    """Do what the browser said and was not yet answered, in order; the malformed is ignored.

    A message that fails counts as answered, so that it is not repeated for ever; the ones after it
    are done when the browser repeats them.
    """
    # Streamlit may end a callback wherever it reads the session: read all before doing anything.
    ear, said = _ear(key), heard(key, "said")
    with ear.busy:
        for seq, value in _messages(said):
            if seq <= ear.answered:
                continue
            try:
                parsed = parse(value)
                if parsed is not None:
                    do(parsed)
            except Exception:
                ear.answered = seq
                raise
            ear.answered = seq


def heard(key: str, name: str) -> object:
    """Return what the browser last sent as `name`, unchecked; None if nothing."""
    state = st.session_state.get(key)
    return state.get(name) if isinstance(state, Mapping) else None


def is_int(value: object, low: int, high: int) -> TypeGuard[int]:
    """Return whether a value is a whole number within bounds; True and False are none."""
    return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high


def is_token(value: object) -> TypeGuard[str]:
    """Return whether a value can be an identity."""
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


def _parts(name: str) -> tuple[str, ...]:
    return _PARTS.get(name, ("shared", name))


def _ear(key: str) -> Ear:
    ear = st.session_state.setdefault(f"{key}-ear", Ear())
    return ear if isinstance(ear, Ear) else Ear()


def _messages(said: object) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """Yield the numbered messages of what a browser said, in their order."""
    messages = said.get("messages") if isinstance(said, Mapping) else None
    if not isinstance(messages, Sequence) or isinstance(messages, str | bytes):
        return
    for message in messages[:MAX_MESSAGES]:
        seq = message.get("seq") if isinstance(message, Mapping) else None
        if is_int(seq, 1, MAX_SEQ):
            yield seq, message
