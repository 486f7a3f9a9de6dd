"""The 32-bit constants of the kernels, shared with their mirror in NumPy.

Numba keeps compiled loops until the file that holds them changes, and does not see a change here:
whoever changes a number touches `kernels.py`, or deletes `__pycache__`.
"""

from __future__ import annotations

import numpy as np

from breeder.activations import (
    GELU_CUBE,
    GELU_SLOPE,
    LEAK,
    PICBREEDER_GAUSSIAN_SAMPLES,
    PICBREEDER_SIGMOID_SAMPLES,
    SUM_LIMIT,
)
from breeder.rendering.color import (
    CIELAB_KNEE,
    CIELAB_ROOTS,
    CIELAB_SLOPE,
    CIELAB_START,
    LAB_TO_LMS,
    LMS_TO_RGB,
    OKLAB_SPAN,
    XYZ_TO_RGB,
    linear_to_srgb,
    to_bytes,
)

F = np.float32

ZERO, HALF, ONE, TWO, THREE, FOUR, FIVE, SIX = map(F, (0, 0.5, 1, 2, 3, 4, 5, 6))
LIMIT = F(SUM_LIMIT)
BYTE = F(255.0)

# Adding and subtracting this rounds to the nearest integer below 2^22, without a branch or call.
MAGIC = F(12582912.0)

INV_PI = F(1 / np.pi)
INV_TURN = F(0.5 / np.pi)
QUARTER = F(0.25)

# The sine of half turns, minimax on [-1/2, 1/2], error 6e-7. Its argument needs no exact reduction:
# the sums it comes from are rounded as coarsely.
TURN_1, TURN_3, TURN_5, TURN_7 = map(F, (3.1415820, -5.1671428, 2.5418990, -0.55463626))

# Two to a power, minimax on [-1/2, 1/2], relative error 1e-7. The limit keeps values away from
# numbers so small that processors slow down, and e^-u is nothing long before it.
POWER_1, POWER_2, POWER_3, POWER_4, POWER_5 = map(
    F, (0.69314698, 0.24022242, 0.055507337, 0.0096715126, 0.0013264728)
)
POWER_LIMIT = F(60.0)
# Adding this rounds as MAGIC does, and leaves n + 127 in the lowest bits: the exponent of 2^n.
SHIFT = F(12582912.0 + 127.0)
LOG2_E, TWICE_LOG2_E = F(1 / np.log(2)), F(2 / np.log(2))

SPAN = F(4 * OKLAB_SPAN)
SQRT_2, TEN = F(np.sqrt(2.0)), F(10.0)
M1 = LAB_TO_LMS.astype(np.float32)
M2 = LMS_TO_RGB.astype(np.float32)
LAB_LIGHT, LAB_RED, LAB_BLUE = F(CIELAB_ROOTS[0, 0]), F(CIELAB_ROOTS[0, 1]), F(CIELAB_ROOTS[2, 2])
LAB_START, LAB_KNEE, LAB_SLOPE = F(CIELAB_START), F(CIELAB_KNEE), F(CIELAB_SLOPE)
M3 = XYZ_TO_RGB.astype(np.float32)
# sRGB bytes by the square root of linear light, so that the dark end has steps enough.
GAMMA_STEPS = 4096
GAMMA_TOP = F(GAMMA_STEPS - 1)
GAMMA = to_bytes(linear_to_srgb((np.arange(GAMMA_STEPS) / (GAMMA_STEPS - 1)) ** 2))

# Picbreeder's two stepped activations: thousandths from the first sample to the last.
THOUSAND = F(1000.0)
SIGMOID_FIRST, SIGMOID_LAST = PICBREEDER_SIGMOID_SAMPLES
GAUSSIAN_FIRST, GAUSSIAN_LAST = PICBREEDER_GAUSSIAN_SAMPLES
PICBREEDER_STEP = F(0.001)

LEAKING = F(LEAK)
# gelu is u over 1 + 2^(u (first + second u^2)).
GELU_1, GELU_3 = F(-2 * GELU_SLOPE / np.log(2)), F(-2 * GELU_SLOPE * GELU_CUBE / np.log(2))
