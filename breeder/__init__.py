"""breeder: breed pictures drawn by small networks.

    from breeder import Breeder, BreederSettings, Canvas, Genome, load, save, render

Names are loaded when first used, so that `import breeder` is fast; torch is loaded when a picture
is drawn.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from breeder.breeder import Breeder
    from breeder.errors import BreederError
    from breeder.formats import load, save
    from breeder.genome import ConnectionGene, Genome, NodeGene
    from breeder.history import BreederSettings, Child, Favourite, Generation, Run
    from breeder.rendering import render
    from breeder.rendering.canvas import Canvas
    from breeder.store import Store

__version__ = "0.1.0"

__all__ = [
    "Breeder",
    "BreederError",
    "BreederSettings",
    "Canvas",
    "Child",
    "ConnectionGene",
    "Favourite",
    "Generation",
    "Genome",
    "NodeGene",
    "Run",
    "Store",
    "__version__",
    "load",
    "render",
    "save",
]

_HOMES = {
    "Breeder": "breeder.breeder",
    "BreederError": "breeder.errors",
    "BreederSettings": "breeder.history",
    "Canvas": "breeder.rendering.canvas",
    "Child": "breeder.history",
    "ConnectionGene": "breeder.genome",
    "Favourite": "breeder.history",
    "Generation": "breeder.history",
    "Genome": "breeder.genome",
    "NodeGene": "breeder.genome",
    "Run": "breeder.history",
    "Store": "breeder.store",
    "load": "breeder.formats",
    "render": "breeder.rendering",
    "save": "breeder.formats",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'breeder' has no attribute {name!r}")
    value = getattr(importlib.import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
