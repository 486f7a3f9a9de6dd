"""The 64-bit constants of the precise renderer, shared with its compiled loops.

As with `constants`, Numba does not see a change here: touch `precise_loop.py` too.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from breeder.activations import (
    PICBREEDER_GAUSSIAN_SAMPLES,
    PICBREEDER_SIGMOID_SAMPLES,
    picbreeder_gaussian,
    picbreeder_sigmoid,
)

Array = NDArray[np.float64]

# Pi in three parts, two short enough that their multiples are exact (Cody and Waite 1980).
PI_1, PI_2, PI_3 = 3.1415926218032837, 3.178650954705639e-08, 1.2246467864107189e-16
INV_PI, INV_TURN = 1 / math.pi, 0.5 / math.pi
SINE = tuple((-1.0) ** k / math.factorial(2 * k + 1) for k in range(9, 0, -1))
"""Taylor's, from r^19 down to r^3: 2e-15 off at most on [-pi/2, pi/2]."""

LOG2_E = 1 / math.log(2)
LN2_1, LN2_2 = 6.93147180369123816490e-01, 1.90821492927058770002e-10
"""The logarithm of 2 in two parts, the first with 21 zero bits at its end."""
EXPONENTIAL = tuple(1 / math.factorial(k) for k in range(13, -1, -1))
"""Taylor's, from r^13 down: 4e-18 off at most on [-ln 2 / 2, ln 2 / 2]."""
EXP_LIMIT = 700.0


def _table(curve: Callable[[Array], Array], first: int, last: int) -> tuple[Array, int, int, float]:
    """Return a stepped curve's samples, the first and last, and up to which sum the first holds."""
    k = np.arange(first, last + 1)
    samples = curve(np.where(k < 0, k - 1, k) * 0.001)
    samples.setflags(write=False)
    low, high = (first - 2) * 0.001, (first + 1) * 0.001
    while (middle := 0.5 * (low + high)) not in (low, high):
        same = curve(np.array([middle]))[0] == samples[0]
        low, high = (middle, high) if same else (low, middle)
    return samples, first, last, low


SIGMOID = _table(picbreeder_sigmoid, *PICBREEDER_SIGMOID_SAMPLES)
GAUSSIAN = _table(picbreeder_gaussian, *PICBREEDER_GAUSSIAN_SAMPLES)
