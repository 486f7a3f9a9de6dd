"""The Lab's experiments as the page shows them: plain values, with the address of each."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any, Final
from urllib.parse import parse_qsl

from breeder.lab.presets import PRESETS, SIZE, USE, Preset
from breeder.lab.settings import to_query
from breeder.ui.lab.facts import TOPOLOGIES
from breeder.ui.lab.sizes import SCREEN

FIRST = "usual"
"""The experiment that a page without an address shows."""


EXAMPLES: Final = {
    "perceptron": (5, 17, 28),
    "resnet": (3, 4, 29, 39),
    "densenet": (2, 12, 15, 16, 19, 29, 32, 35),
}
"""Seeds worth a look, by the experiment whose settings they have."""

_LOOK = "A seed worth a look, among forty that were drawn: z and beta lead from it to others."


@cache
def all_presets() -> dict[str, Preset]:
    """Return the experiments and the example seeds, by name."""
    seeds = [
        replace(
            PRESETS[kind],
            name=f"{kind}-seed-{seed}",
            group="Example seeds",
            title=f"{TOPOLOGIES[kind]}, seed {seed}",
            look=_LOOK,
            settings=replace(PRESETS[kind].settings, seed=seed),
        )
        for kind, numbers in EXAMPLES.items()
        for seed in numbers
    ]
    return {**PRESETS, **{row.name: row for row in seeds}}


def find_preset(name: str) -> Preset | None:
    """Return an experiment or example seed by its name, if there is one."""
    return all_presets().get(name)


def size_of(preset: Preset) -> str:
    """Return the size that an experiment is shown at: its own where size is what it is about."""
    width, height = preset.size
    return f"{width}x{height}" if preset.group in (SIZE, USE) else SCREEN


@cache
def plain_presets() -> list[dict[str, Any]]:
    """Return the experiments as the browser shows them."""
    return [_plain(row) for row in all_presets().values()]


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
