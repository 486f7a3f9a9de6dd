"""Grey tones of the colour models, as small networks: the bridge on which a morph changes models.

A tone is the sRGB value of a grey, 0 to 1, and may lie beyond. Curves are lines with corners, made
of nodes that compute max(u, 0); they are within 1/255 of the curve they stand for.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Protocol

import numpy as np

from breeder.genome import ColorModel
from breeder.rendering.color import to_rgb

Terms = Sequence[tuple[str, float]]

LUMA = (0.299, 0.587, 0.114)
"""How much of a tone red, green and blue are (ITU-R BT.601)."""

_CORNERS = (0.0, 0.03, 0.07, 0.11, 0.146, 0.18, 0.23, 0.3, 0.4, 0.55, 0.75, 1.0)
"""The lightnesses at which the curve from lightness to tone has its corners."""


class Network(Protocol):
    """What nodes can be added to."""

    def total(self, name: str, terms: Terms, activation: str = "identity", bias: float = 0) -> str:
        """Add a node that computes something from a weighted sum, and return its name."""
        ...


def tone(network: Network, model: ColorModel, channels: Sequence[Terms], name: str) -> Terms:
    """Return the tone of a picture.

    Args:
        network: What nodes are added to.
        model: Its colour model.
        channels: Its channels.
        name: Begins the names of the nodes added.
    """
    if model in ("grey", "hsb"):
        return [(network.total(f"{name}\nabs", channels[-1], "abs"), 1.0)]
    if model == "rgb":
        return [
            (source, factor * share)
            for number, (channel, share) in enumerate(zip(channels, LUMA, strict=True))
            for source, factor in _clipped(network, channel, f"{name}\n{number}")
        ]
    return _curve(network, channels[0], _corners(model), name)


def faded(
    network: Network, model: ColorModel, channels: Sequence[Terms], grey: Terms, vivid: float
) -> list[Terms]:
    """Return channels whose colours have faded towards a tone.

    Args:
        network: What nodes are added to.
        model: The colour model of the channels.
        channels: The channels in full colour.
        grey: The tone.
        vivid: How much of the colour is left, 0 to 1.
    """
    if model == "grey":
        return [grey]
    if model == "hsb":
        hue, saturation, brightness = channels
        some = _clipped(network, saturation, "saturation\nclip")
        bright = network.total("brightness\nabs", brightness, "abs")
        return [hue, _mixed(some, [], vivid), _mixed([(bright, 1.0)], grey, vivid)]
    if model == "rgb":
        return [
            _mixed(_clipped(network, channel, f"rgb\n{number}"), grey, vivid)
            for number, channel in enumerate(channels)
        ]
    back = [(tone, lightness) for lightness, tone in _corners(model)]
    light = _curve(network, grey, back, "lightness\ncurve")
    own = _clipped(network, channels[0], "lightness\nclip")
    tints = [
        _mixed(_within(network, each, f"tint\n{i}"), [], vivid)
        for i, each in enumerate(channels[1:])
    ]
    return [_mixed(own, light, vivid), *tints]


def _mixed(color: Terms, grey: Terms, vivid: float) -> Terms:
    parts: dict[str, float] = {}
    for terms, share in ((color, vivid), (grey, 1.0 - vivid)):
        for source, factor in terms:
            parts[source] = parts.get(source, 0.0) + factor * share
    return list(parts.items())


def _clipped(network: Network, channel: Terms, name: str) -> Terms:
    """Return a value clipped to 0 to 1."""
    low = network.total(f"{name}\nlow", channel, "relu")
    high = network.total(f"{name}\nhigh", channel, "relu", -1.0)
    return [(low, 1.0), (high, -1.0)]


def _within(network: Network, channel: Terms, name: str) -> Terms:
    """Return a value clipped to -1 to 1."""
    opposite = [(source, -factor) for source, factor in channel]
    below = _clipped(network, opposite, f"{name}\nbelow")
    above = _clipped(network, channel, f"{name}\nabove")
    return [*above, *((source, -factor) for source, factor in below)]


def _curve(
    network: Network, value: Terms, corners: Sequence[tuple[float, float]], name: str
) -> Terms:
    """Return a curve through corners, level outside them."""
    terms: list[tuple[str, float]] = []
    before = 0.0
    slopes = [(y1 - y0) / (x1 - x0) for (x0, y0), (x1, y1) in pairwise(corners)]
    for (x, _), slope in zip(corners, [*slopes, 0.0], strict=True):
        node = network.total(f"{name}\n{x:.5f}", value, "relu", -x)
        terms.append((node, slope - before))
        before = slope
    return terms


def _corners(model: ColorModel) -> list[tuple[float, float]]:
    """Return lightnesses with their tones, of a model whose first channel is a lightness."""
    channels = np.array([_CORNERS, [0.0] * len(_CORNERS), [0.0] * len(_CORNERS)])
    return [
        (light, float(rgb[1])) for light, rgb in zip(_CORNERS, to_rgb(model, channels), strict=True)
    ]
