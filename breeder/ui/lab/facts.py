"""What a network of the Lab is, in a line, and whether it can be bred."""

from __future__ import annotations

from itertools import groupby

from breeder.lab.founding import why_not
from breeder.lab.settings import LabSettings

TOPOLOGIES = {"perceptron": "Perceptron", "resnet": "ResNet", "densenet": "DenseNet"}
"""What people call them."""


def facts_of(settings: LabSettings) -> dict[str, str]:
    """Return what the page says of a network: `words`, and why it cannot be bred, if so."""
    biases = settings.bias_count
    words = f"{shape_of(settings)}, {settings.weight_count:,} weights"
    if biases:
        words += f" and {biases:,} biases"
    return {"words": words, "breed": why_not(settings)}


def shape_of(settings: LabSettings) -> str:
    """Return the topology and the layers in words: "Perceptron 8 × 16"."""
    runs = [(width, len(list(same))) for width, same in groupby(settings.widths)]
    layers = ", ".join(f"{count} × {width}" if count > 1 else str(width) for width, count in runs)
    return f"{TOPOLOGIES[settings.topology]} {layers or 'without hidden layers'}"
