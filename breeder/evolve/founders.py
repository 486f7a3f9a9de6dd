"""Founders: small random networks that make a first grid worth looking at."""

from __future__ import annotations

import numpy as np

from breeder.evolve.mutation import drawn, random_activation
from breeder.genome import OUTPUTS, ColorModel, ConnectionGene, Genome, NodeGene

INPUTS = ("x", "y", "d", "bias")

OUTPUT_ACTIVATIONS: dict[str, tuple[str, ...]] = {
    "brightness": ("identity", "sin", "cos", "gaussian", "bipolar_sigmoid", "sigmoid"),
    "hue": ("identity", "sin"),
    "saturation": ("sigmoid", "gaussian", "sigmoid", "sin"),
    "lightness": ("sigmoid", "gaussian", "abs"),
    "green_red": ("tanh", "sin"),
    "blue_yellow": ("tanh", "sin"),
}
"""What each output may start with; later mutations may change it."""

COLOR_SPREAD = 0.6
"""The spread of weights into colour outputs; at 1.2, as for the form, all are rainbows."""

BIAS_SPREAD = {"hue": 1.0, "saturation": 0.5, "green_red": 0.4, "blue_yellow": 0.4}
"""The spread of the biases of colour outputs, which set a founder's general tint."""


def founder(*, color: bool = True, rng: np.random.Generator) -> Genome:
    """Return a small random genome.

    Args:
        color: In colour, or in grey.
        rng: Where the choices come from.

    Returns:
        A genome with the inputs x, y, d and bias, and three to seven hidden nodes.
    """
    model: ColorModel = "grey"
    if color:
        # Oklab gives calmer colours than hsb; both, since their pictures differ in kind.
        model = "oklab" if rng.random() < 0.6 else "hsb"
    hidden = [f"founder{index}" for index in range(rng.integers(3, 8))]
    genes: dict[tuple[str, str], ConnectionGene] = {}
    nodes = [NodeGene(key=key, activation=random_activation(rng)) for key in hidden]
    for index, key in enumerate(hidden):
        sources = [*INPUTS, *hidden[:index]]
        _connect(genes, sources, key, int(rng.integers(2, 4)), 1.6, rng)
    for output in OUTPUTS[model]:
        choices = OUTPUT_ACTIVATIONS[output]
        activation = str(choices[rng.integers(len(choices))])
        bias = drawn(rng, BIAS_SPREAD.get(output, 0.0))
        nodes.append(NodeGene(key=output, activation=activation, bias=bias))
        spread = 1.2 if output in ("brightness", "lightness") else COLOR_SPREAD
        _connect(genes, hidden, output, int(rng.integers(1, 4)), spread, rng)
        if rng.random() < 0.5:
            _connect(genes, INPUTS, output, 1, 0.6 * spread, rng)
    return Genome(inputs=INPUTS, nodes=tuple(nodes), connections=tuple(genes.values()), color=model)


def _connect(
    genes: dict[tuple[str, str], ConnectionGene],
    sources: list[str] | tuple[str, ...],
    target: str,
    count: int,
    spread: float,
    rng: np.random.Generator,
) -> None:
    """Connect some sources, drawn without repeats, to a target."""
    for index in rng.permutation(len(sources))[:count]:
        source = sources[int(index)]
        genes[source, target] = ConnectionGene(
            source=source, target=target, weight=drawn(rng, spread)
        )
