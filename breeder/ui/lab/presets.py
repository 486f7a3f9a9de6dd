"""The Lab's experiments as the page shows them: plain values, with the address of each."""

from __future__ import annotations

from functools import cache
from typing import Any
from urllib.parse import parse_qsl

from breeder.lab.presets import PRESETS, SIZE, USE, Preset
from breeder.lab.settings import to_query
from breeder.ui.lab.sizes import SCREEN

FIRST = "usual"
"""The experiment that a page without an address shows."""


def find_preset(name: str) -> Preset | None:
    """Return an experiment by its name, if there is one."""
    return PRESETS.get(name)


def size_of(preset: Preset) -> str:
    """Return the size that an experiment is shown at: its own where size is what it is about."""
    width, height = preset.size
    return f"{width}x{height}" if preset.group in (SIZE, USE) else SCREEN


@cache
def plain_presets() -> list[dict[str, Any]]:
    """Return the experiments as the browser shows them."""
    return [_plain(row) for row in PRESETS.values()]


def _plain(row: Preset) -> dict[str, Any]:
    query = to_query(row.settings)
    return {
        "id": row.name,
        "title": row.title,
        "group": row.group,
        "look": row.look,
        "query": query,
        "settings": dict(parse_qsl(query, keep_blank_values=True)) | {"size": size_of(row)},
    }
