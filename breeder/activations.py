"""The table of activations: what each name means, for every reader of a genome.

Programs of this field share names and not functions, so a name here has one meaning for ever; a
different function gets a different name. Every way to draw lowers every row, which the
conformance suite checks. This module knows nothing of genomes.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

SUM_LIMIT = 1e4
"""A node's weighted sum is clipped to plus or minus this before its activation.

It keeps chains of squares finite in 32 bits, and a sine's argument small enough that 32 and 64
bits draw the same picture.
"""

PICBREEDER_SIGMOID_SAMPLES = (-7601, 7601)
PICBREEDER_GAUSSIAN_SAMPLES = (-2757, 2758)
"""The first and last sample, in thousandths, of the tables of Picbreeder's client."""

PICBREEDER_SIGMOID_EDGE = math.log(1999.0) + 0.001
PICBREEDER_GAUSSIAN_EDGE = math.sqrt(math.log(2000.0)) + 0.001
"""The sum from which on, either side of zero, the last or first sample stands."""

LEAK = 0.01
"""The slope of `leaky_relu` below zero."""

GELU_SLOPE = 0.7978845608028654
GELU_CUBE = 0.044715
"""The two numbers of `gelu`: the square root of 2 / pi, and the share of the cube."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Activation:
    """One row of the table.

    Attributes:
        name: The name that genomes and files use.
        formula: The function of the weighted sum u, in ordinary notation.
        low: The smallest value it takes on [-SUM_LIMIT, SUM_LIMIT].
        high: The largest value it takes there.
        reference: The function itself, float64 arrays of any shape to the same shape.
    """

    name: str
    formula: str
    low: float
    high: float
    reference: Callable[[Array], Array]


def _sigmoid(u: Array) -> Array:
    # Through tanh, because exp(-u) overflows for large negative u.
    return 0.5 + 0.5 * np.tanh(0.5 * u)


def _triangle(u: Array) -> Array:
    # Peaks where the sine peaks: 0 at 0, 1 at pi/2, -1 at -pi/2.
    turns = u / (2 * np.pi) + 0.25
    return 1.0 - 4.0 * np.abs(turns - np.floor(turns) - 0.5)


def _stepped(
    u: Array, curve: Callable[[Array], Array], edge: float, ends: tuple[int, int]
) -> Array:
    # The client of Picbreeder read both curves from tables with samples 0.001 apart, made for sums
    # up to the edge; networks amplify the steps to more than half the range of brightness. The
    # truncation towards zero makes symmetric networks slightly uneven, as their pictures are.
    inside = np.trunc(1000.0 * np.clip(u, -edge, edge) + 0.5)
    low, high = ends
    sample = np.where(u <= -edge, low, np.where(u >= edge, high, inside))
    return curve(sample * 0.001)


def picbreeder_sigmoid(u: Array) -> Array:
    """Return the sigmoid of Picbreeder's client, between about -0.999 and 0.999, in its steps."""
    curve, ends = (lambda t: 2.0 / (1.0 + np.exp(-t)) - 1.0), PICBREEDER_SIGMOID_SAMPLES
    return _stepped(u, curve, PICBREEDER_SIGMOID_EDGE, ends)


def picbreeder_gaussian(u: Array) -> Array:
    """Return the gaussian of Picbreeder's client, between about -0.999 and 1, in its steps."""
    curve, ends = (lambda t: 2.0 * np.exp(-t * t) - 1.0), PICBREEDER_GAUSSIAN_SAMPLES
    return _stepped(u, curve, PICBREEDER_GAUSSIAN_EDGE, ends)


def _elu(u: Array) -> Array:
    return np.where(u > 0.0, u, np.expm1(np.minimum(u, 0.0)))


def _gelu(u: Array) -> Array:
    return 0.5 * u * (1.0 + np.tanh(GELU_SLOPE * (u + GELU_CUBE * u * u * u)))


_ROWS = (
    Activation(
        name="identity", formula="u", low=-SUM_LIMIT, high=SUM_LIMIT, reference=lambda u: u + 0.0
    ),
    Activation(name="sin", formula="sin u", low=-1, high=1, reference=np.sin),
    Activation(name="cos", formula="cos u", low=-1, high=1, reference=np.cos),
    Activation(name="tanh", formula="tanh u", low=-1, high=1, reference=np.tanh),
    Activation(name="sigmoid", formula="1 / (1 + exp(-u))", low=0, high=1, reference=_sigmoid),
    Activation(
        name="bipolar_sigmoid",
        formula="2 / (1 + exp(-u)) - 1",
        low=-1,
        high=1,
        reference=lambda u: np.tanh(0.5 * u),
    ),
    Activation(
        name="gaussian", formula="exp(-u^2)", low=0, high=1, reference=lambda u: np.exp(-u * u)
    ),
    Activation(
        name="bipolar_gaussian",
        formula="2 exp(-u^2) - 1",
        low=-1,
        high=1,
        reference=lambda u: 2.0 * np.exp(-u * u) - 1.0,
    ),
    Activation(name="abs", formula="|u|", low=0, high=SUM_LIMIT, reference=np.abs),
    Activation(name="square", formula="u^2", low=0, high=SUM_LIMIT**2, reference=lambda u: u * u),
    Activation(
        name="relu",
        formula="max(u, 0)",
        low=0,
        high=SUM_LIMIT,
        reference=lambda u: np.maximum(u, 0.0),
    ),
    Activation(
        name="triangle",
        formula="the triangle wave that meets sin u at its zeros and peaks",
        low=-1,
        high=1,
        reference=_triangle,
    ),
    Activation(
        name="picbreeder_sigmoid",
        formula="2 / (1 + exp(-t)) - 1, t = trunc(1000 u + 0.5) / 1000 from -7.601 to 7.601",
        low=-0.9990005971883681,
        high=0.999000597188368,
        reference=picbreeder_sigmoid,
    ),
    Activation(
        name="picbreeder_gaussian",
        formula="2 exp(-t^2) - 1, t = trunc(1000 u + 0.5) / 1000 from -2.757 to 2.758",
        low=-0.99900564554414,
        high=1,
        reference=picbreeder_gaussian,
    ),
    Activation(
        name="leaky_relu",
        formula="max(u, 0.01 u)",
        low=-LEAK * SUM_LIMIT,
        high=SUM_LIMIT,
        reference=lambda u: np.maximum(u, LEAK * u),
    ),
    Activation(
        name="elu",
        formula="u above 0, exp(u) - 1 below",
        low=-1,
        high=SUM_LIMIT,
        reference=_elu,
    ),
    # The form with the tanh (Hendrycks and Gimpel 2016), which every language can compute.
    Activation(
        name="gelu",
        formula="u / 2 (1 + tanh(sqrt(2 / pi) (u + 0.044715 u^3)))",
        low=-0.170040750571255,
        high=SUM_LIMIT,
        reference=_gelu,
    ),
    Activation(
        name="sqrt",
        formula="sqrt(|u|)",
        low=0,
        high=math.sqrt(SUM_LIMIT),
        reference=lambda u: np.sqrt(np.abs(u)),
    ),
)

ACTIVATIONS: Mapping[str, Activation] = MappingProxyType({row.name: row for row in _ROWS})
"""Every activation by name. The order of the rows is the order of operation codes."""

OPERATION_CODES: Mapping[str, int] = MappingProxyType(
    {row.name: code for code, row in enumerate(_ROWS)}
)
"""The small integer that stands for each activation in a compiled program."""
