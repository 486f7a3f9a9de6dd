"""The table of inputs: what a network may be told about a point.

A point has x (to the right) and y (down), where the shorter side of the picture spans -1 to 1,
and z, which is one number for a whole picture. This module knows nothing of genomes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """One row of the table.

    Attributes:
        name: The name that genomes use.
        formula: The value in ordinary notation, r standing for sqrt(x^2 + y^2).
        reference: The value for float64 arrays x and y of one shape and the number z.
    """

    name: str
    formula: str
    reference: Callable[[Array, Array, float], Array]


_ROWS = (
    Input(name="x", formula="x", reference=lambda x, y, z: x),
    Input(name="y", formula="y", reference=lambda x, y, z: y),
    Input(
        name="d",
        formula="sqrt(2) r",
        reference=lambda x, y, z: np.sqrt(2.0) * np.sqrt(x * x + y * y),
    ),
    Input(name="bias", formula="1", reference=lambda x, y, z: np.ones_like(x)),
    Input(name="z", formula="z", reference=lambda x, y, z: np.full_like(x, z)),
    Input(name="r", formula="r", reference=lambda x, y, z: np.sqrt(x * x + y * y)),
    Input(name="x2", formula="x^2", reference=lambda x, y, z: x * x),
    Input(name="y2", formula="y^2", reference=lambda x, y, z: y * y),
    Input(
        name="cos10r",
        formula="cos(min(10 r, 10000))",
        reference=lambda x, y, z: np.cos(np.minimum(10.0 * np.sqrt(x * x + y * y), 1e4)),
    ),
)

INPUTS: Mapping[str, Input] = MappingProxyType({row.name: row for row in _ROWS})
"""Every input by name."""

INPUT_CODES: Mapping[str, int] = MappingProxyType(
    {row.name: code for code, row in enumerate(_ROWS)}
)
"""The small integer that stands for each input in a compiled program."""
