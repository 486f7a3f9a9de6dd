"""The Lab: how random networks paint, and why.

    from breeder.lab import LabSettings, draw, to_query

    picture = draw(LabSettings(widths=(16,) * 8, seed=7), 512)

Names are loaded when first used: importing this loads no torch and compiles nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from breeder.lab.drawing import Stage, draw, stages
    from breeder.lab.networks import Network, build
    from breeder.lab.presets import PRESETS, Preset, preset
    from breeder.lab.settings import (
        CustomInput,
        Initialisation,
        LabSettings,
        from_query,
        to_query,
    )

__all__ = [
    "PRESETS",
    "CustomInput",
    "Initialisation",
    "LabSettings",
    "Network",
    "Preset",
    "Stage",
    "build",
    "draw",
    "from_query",
    "preset",
    "stages",
    "to_query",
]

_HOMES = {
    "PRESETS": "presets",
    "CustomInput": "settings",
    "Initialisation": "settings",
    "LabSettings": "settings",
    "Network": "networks",
    "Preset": "presets",
    "Stage": "drawing",
    "build": "networks",
    "draw": "drawing",
    "from_query": "settings",
    "preset": "presets",
    "stages": "drawing",
    "to_query": "settings",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'breeder.lab' has no attribute {name!r}")
    value = getattr(importlib.import_module(f"breeder.lab.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
