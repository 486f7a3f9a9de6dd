"""The Lab: how random networks paint, and why.

    from breeder.lab import LabSettings, draw, to_query

    picture = draw(LabSettings(widths=(16,) * 8, seed=7), 512)

Names are loaded when first used: importing this loads no torch and compiles nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from breeder.lab.captions import set_over
    from breeder.lab.complexity import measure
    from breeder.lab.convolution_drawing import draw_convolution
    from breeder.lab.convolutions import CONVOLUTION_PRESETS, ConvolutionSettings
    from breeder.lab.drawing import Stage, draw, stages
    from breeder.lab.explanation import explain
    from breeder.lab.files import palette_of, settings_in, stream_picture
    from breeder.lab.founding import start_run, to_genome, why_not
    from breeder.lab.networks import Network, build
    from breeder.lab.presets import PRESETS, Preset, preset
    from breeder.lab.settings import (
        CustomInput,
        Initialisation,
        LabSettings,
        from_query,
        to_query,
    )
    from breeder.lab.study import STUDIES, Study, run_study
    from breeder.lab.sweep_presets import SWEEPS, SweepPreset, sweep_preset
    from breeder.lab.sweeps import Axis, Sheet, Sweep, draw_sheet, read_axis, sheet_of

__all__ = [
    "CONVOLUTION_PRESETS",
    "PRESETS",
    "STUDIES",
    "SWEEPS",
    "Axis",
    "ConvolutionSettings",
    "CustomInput",
    "Initialisation",
    "LabSettings",
    "Network",
    "Preset",
    "Sheet",
    "Stage",
    "Study",
    "Sweep",
    "SweepPreset",
    "build",
    "draw",
    "draw_convolution",
    "draw_sheet",
    "explain",
    "from_query",
    "measure",
    "palette_of",
    "preset",
    "read_axis",
    "run_study",
    "set_over",
    "settings_in",
    "sheet_of",
    "stages",
    "start_run",
    "stream_picture",
    "sweep_preset",
    "to_genome",
    "to_query",
    "why_not",
]

_HOMES = {
    "Axis": "sweeps",
    "CONVOLUTION_PRESETS": "convolutions",
    "ConvolutionSettings": "convolutions",
    "CustomInput": "settings",
    "Initialisation": "settings",
    "LabSettings": "settings",
    "Network": "networks",
    "PRESETS": "presets",
    "Preset": "presets",
    "STUDIES": "study",
    "SWEEPS": "sweep_presets",
    "Sheet": "sweeps",
    "Stage": "drawing",
    "Study": "study",
    "Sweep": "sweeps",
    "SweepPreset": "sweep_presets",
    "build": "networks",
    "draw": "drawing",
    "draw_convolution": "convolution_drawing",
    "draw_sheet": "sweeps",
    "explain": "explanation",
    "from_query": "settings",
    "measure": "complexity",
    "palette_of": "files",
    "preset": "presets",
    "read_axis": "sweeps",
    "run_study": "study",
    "set_over": "captions",
    "settings_in": "files",
    "sheet_of": "sweeps",
    "stages": "drawing",
    "start_run": "founding",
    "stream_picture": "files",
    "sweep_preset": "sweep_presets",
    "to_genome": "founding",
    "to_query": "settings",
    "why_not": "founding",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'breeder.lab' has no attribute {name!r}")
    value = getattr(importlib.import_module(f"breeder.lab.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
