"""The desk: experiments, the live picture and its controls, one browser component."""

from __future__ import annotations

import functools
from typing import Any
from urllib.parse import parse_qsl

from breeder.lab.settings import VERSION
from breeder.ui.components import answer, component, hear
from breeder.ui.lab.controls import DEFAULTS, groups
from breeder.ui.lab.presets import plain_presets
from breeder.ui.lab.sizes import SCREEN
from breeder.ui.lab.state import LabState, address_of, parse_message
from breeder.ui.lab.state import hear as hear_desk


def desk(state: LabState, *, key: str = "lab") -> None:
    """Show the desk; what it says is done before the next run of the page's script."""
    component("lab")(
        key=key,
        data={**message(state), **answer(key)},
        on_said_change=functools.partial(
            hear, key, parse_message, functools.partial(hear_desk, state)
        ),
    )


def message(state: LabState) -> dict[str, Any]:
    """Return what the browser is told."""
    return {
        "version": str(VERSION),
        "names": list(DEFAULTS),
        "defaults": {**DEFAULTS, "size": SCREEN, "preset": ""},
        "settings": dict(parse_qsl(address_of(state), keep_blank_values=True)),
        "turn": state.turn,
        "section": state.desk.section,
        "below": state.desk.below,
        "notice": state.notice,
        "groups": groups(),
        "presets": plain_presets(),
    }
