"""The 32-bit constants of the kernels, shared with their mirror in NumPy."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from breeder.activations import SUM_LIMIT, picbreeder_gaussian, picbreeder_sigmoid
from breeder.rendering.color import LAB_TO_LMS, LMS_TO_RGB, OKLAB_SPAN, linear_to_srgb, to_bytes

F = np.float32


def _samples(first: int, last: int) -> NDArray[np.float64]:
    # The middle of the sums that are cut to each sample: a step further out below zero.
    k = np.arange(first, last + 1)
    return np.asarray((k - (k < 0)) * 0.001, dtype=np.float64)


ZERO, HALF, ONE, TWO, THREE, FOUR, FIVE, SIX = map(F, (0, 0.5, 1, 2, 3, 4, 5, 6))
LIMIT = F(SUM_LIMIT)
BYTE = F(255.0)

# Adding and subtracting this rounds to the nearest integer below 2^22, without a branch or call.
MAGIC = F(12582912.0)

# Pi in three parts (Cody and Waite 1980), the first short enough that its multiples are exact.
PI_1, PI_2, PI_3 = F(3.140625), F(9.67502593994140625e-4), F(1.509957990978376432e-7)
INV_PI = F(1 / np.pi)
INV_TURN = F(0.5 / np.pi)
QUARTER = F(0.25)
# Minimax coefficients on [-pi/2, pi/2], error 3e-7.
SIN_3, SIN_5, SIN_7, SIN_9 = F(-0.16666660), F(0.0083330786), F(-1.9810691e-4), F(2.6083160e-6)

LOG2_E = F(1 / np.log(2))
LN2_1, LN2_2 = F(0.693359375), F(-2.12194440e-4)
EXP_2, EXP_3, EXP_4, EXP_5, EXP_6 = map(
    F, (0.5, 0.16666667, 0.041666485, 0.0083333608, 0.0013930436)
)
EXP_LIMIT = F(87.0)

SPAN = F(4 * OKLAB_SPAN)
SQRT_2, TEN = F(np.sqrt(2.0)), F(10.0)
M1 = LAB_TO_LMS.astype(np.float32)
M2 = LMS_TO_RGB.astype(np.float32)
# sRGB bytes by the square root of linear light, so that the dark end has steps enough.
GAMMA_STEPS = 4096
GAMMA_TOP = F(GAMMA_STEPS - 1)
GAMMA = to_bytes(linear_to_srgb((np.arange(GAMMA_STEPS) / (GAMMA_STEPS - 1)) ** 2))

# Picbreeder's two stepped activations, sample by sample: thousandths from the first to the last.
THOUSAND = F(1000.0)
SIGMOID_FIRST, SIGMOID_LAST = -7601, 7601
GAUSSIAN_FIRST, GAUSSIAN_LAST = -2757, 2758
SIGMOID_SAMPLES = picbreeder_sigmoid(_samples(SIGMOID_FIRST, SIGMOID_LAST)).astype(np.float32)
GAUSSIAN_SAMPLES = picbreeder_gaussian(_samples(GAUSSIAN_FIRST, GAUSSIAN_LAST)).astype(np.float32)
