"""What the output channels of each colour model mean, in NumPy float64: the reference.

Grey and hsb follow the rules of Picbreeder's pictures (Secretan et al. 2011): brightness is a
magnitude, hue wraps, saturation clips. Oklab is B. Ottosson's space of 2020
(bottosson.github.io/posts/oklab), lab is CIE L*a*b* of 1976 with the white D65, rgb clips to 0..1.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from breeder.genome import ColorModel

Array = NDArray[np.float64]

OKLAB_SPAN = 0.26
"""The a and b of Oklab at a channel value of 1 and middle lightness; sRGB reaches about 0.28 and
-0.31 at the most. Towards black and white they shrink by 4 L (1 - L), as the colours that a screen
can show do; without it dark and light parts clip to a few garish hues."""

LAB_TO_LMS = np.array(
    [
        [1.0, 0.3963377774, 0.2158037573],
        [1.0, -0.1055613458, -0.0638541728],
        [1.0, -0.0894841775, -1.2914855480],
    ]
)
"""Oklab to the cube roots of cone responses (Ottosson's constants)."""

LMS_TO_RGB = np.array(
    [
        [4.0767416621, -3.3077115913, 0.2309699292],
        [-1.2684380046, 2.6097574011, -0.3413193965],
        [-0.0041960863, -0.7034186147, 1.7076147010],
    ]
)
"""Cone responses to linear sRGB (Ottosson's constants)."""

CIELAB_SPAN = 100.0
"""The a* and b* of CIE L*a*b* at a channel value of 1, at every lightness; sRGB reaches from -86 to
98 in a* and from -108 to 94 in b*. What a screen cannot show is clipped."""

CIELAB_ROOTS = np.array(
    [
        [100.0 / 116.0, CIELAB_SPAN / 500.0, 0.0],
        [100.0 / 116.0, 0.0, 0.0],
        [100.0 / 116.0, 0.0, -CIELAB_SPAN / 200.0],
    ]
)
CIELAB_START = 16.0 / 116.0
"""Clipped channels to the roots of X, Y and Z relative to white: the product plus the start."""

CIELAB_KNEE = 6.0 / 29.0
CIELAB_SLOPE = 3.0 * CIELAB_KNEE**2
"""Above the knee a root's cube is the light; below, the slope times what is above the start."""

XYZ_TO_RGB = np.array(
    [
        [3.0802145162, -1.5372079722, -0.5430065440],
        [-0.9209686444, 1.8757560609, 0.0452125835],
        [0.0529524695, -0.2040210506, 1.1510685811],
    ]
)
"""X, Y and Z relative to the white D65 to linear sRGB: the inverse of the matrix of IEC 61966-2-1,
times its white. The rows add up to 1, so that L* alone is grey."""


def to_rgb(model: ColorModel, channels: Array) -> Array:
    """Return colours for channel values.

    Args:
        model: The colour model.
        channels: float64, shape (C, P), any finite values.

    Returns:
        sRGB, float64 in 0..1, shape (P, 3).
    """
    if model == "grey":
        return np.repeat(np.minimum(np.abs(channels[0]), 1.0)[:, None], 3, axis=1)
    if model == "hsb":
        return _hsb(channels[0], channels[1], channels[2])
    if model == "rgb":
        return np.clip(channels.T, 0.0, 1.0)
    return _oklab(channels) if model == "oklab" else _cielab(channels)


def to_bytes(rgb: Array) -> NDArray[np.uint8]:
    """Return colours in 0..1 as bytes, rounded to the nearest."""
    return np.floor(rgb * 255.0 + 0.5).astype(np.uint8)


def linear_to_srgb(linear: Array) -> Array:
    """Return the sRGB encoding (IEC 61966-2-1) of linear light in 0..1."""
    return np.where(
        linear <= 0.0031308, 12.92 * linear, 1.055 * np.maximum(linear, 1e-9) ** (1 / 2.4) - 0.055
    )


def srgb_to_linear(encoded: Array) -> Array:
    """Return the linear light of sRGB values in 0..1 (IEC 61966-2-1)."""
    return np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)


def _hsb(hue: Array, saturation: Array, brightness: Array) -> Array:
    h = hue - np.floor(hue)
    s = np.clip(saturation, 0.0, 1.0)
    b = np.minimum(np.abs(brightness), 1.0)
    # One formula for the six sectors of the hue circle: red, green, blue at k = 5, 3, 1.
    k = (np.array([5.0, 3.0, 1.0])[None, :] + 6.0 * h[:, None]) % 6.0
    fade = np.clip(np.minimum(k, 4.0 - k), 0.0, 1.0)
    return np.asarray(b[:, None] * (1.0 - s[:, None] * fade))


def _oklab(channels: Array) -> Array:
    light = np.clip(channels[0], 0.0, 1.0)
    span = OKLAB_SPAN * 4.0 * light * (1.0 - light)
    tints = [span * np.clip(channel, -1.0, 1.0) for channel in channels[1:]]
    lab = np.stack([light, *tints], axis=1)
    linear = (lab @ LAB_TO_LMS.T) ** 3 @ LMS_TO_RGB.T
    return linear_to_srgb(np.clip(linear, 0.0, 1.0))


def _cielab(channels: Array) -> Array:
    tints = [np.clip(channel, -1.0, 1.0) for channel in channels[1:]]
    lab = np.stack([np.clip(channels[0], 0.0, 1.0), *tints], axis=1)
    roots = lab @ CIELAB_ROOTS.T + CIELAB_START
    xyz = np.where(roots > CIELAB_KNEE, roots**3, CIELAB_SLOPE * (roots - CIELAB_START))
    return linear_to_srgb(np.clip(xyz @ XYZ_TO_RGB.T, 0.0, 1.0))


def _linear_steps() -> NDArray[np.float32]:
    return srgb_to_linear(np.arange(256) / 255.0).astype(np.float32)


_TO_LINEAR = _linear_steps()
_RGB_TO_LMS = np.linalg.inv(LMS_TO_RGB).T.astype(np.float32)
_LMS_TO_LAB = np.linalg.inv(LAB_TO_LMS).T.astype(np.float32)
LIGHT_STEPS = np.rint(srgb_to_linear(np.arange(256) / 255.0) * 65535.0).astype(np.uint16)
"""The linear light of each byte, in 65,535ths."""
FROM_LIGHT = to_bytes(linear_to_srgb(np.arange(65536) / 65535.0))
"""The byte of each 65,535th of linear light."""


def srgb_to_oklab(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return the Oklab values of sRGB bytes.

    Args:
        pixels: shape (..., 3).

    Returns:
        float32, shape (..., 3): lightness 0..1, then a and b within about ±0.3.
    """
    cones = _TO_LINEAR[pixels] @ _RGB_TO_LMS
    return np.asarray(np.cbrt(cones) @ _LMS_TO_LAB, dtype=np.float32)


def bytes_to_light(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return the linear light, 0..1, of sRGB bytes of any shape."""
    return np.asarray(_TO_LINEAR[pixels])


def average(samples: NDArray[np.uint8], factor: int) -> NDArray[np.uint8]:
    """Return pixels averaged from samples in linear light.

    Args:
        samples: shape (B, H * factor, W * factor, 3).
        factor: Samples per pixel along each side.

    Returns:
        uint8, shape (B, H, W, 3).
    """
    if factor == 1:
        return samples
    # Sums of whole numbers, one sample of each pixel after the other: exact, and five times as fast
    # as a mean over the axes of samples.
    total = np.zeros((len(samples), *(side // factor for side in samples.shape[1:3]), 3), np.uint32)
    for row in range(factor):
        for column in range(factor):
            total += LIGHT_STEPS.take(samples[:, row::factor, column::factor])
    count = np.uint32(factor * factor)
    return np.asarray(FROM_LIGHT.take((total + count // np.uint32(2)) // count))
