"""Hypothesis strategies for genomes that can be drawn and bred, and short ways to write genes."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import strategies as st

from breeder.activations import ACTIVATIONS
from breeder.genome import COLOR_MODELS, OUTPUTS, ColorModel, ConnectionGene, Genome, NodeGene
from breeder.inputs import INPUTS

HIDDEN_KEYS = ("a", "b", "founder0", "n0123456789ab", "a to b", "ünïcode", "k" * 64)
"""Keys of hidden nodes: short, derived, with words of the records in them, and of full length."""

AWKWARD_KEYS = (*INPUTS, *dict.fromkeys(key for keys in OUTPUTS.values() for key in keys))
"""Keys a hidden node may have too: inputs this genome lacks, outputs of other colour models."""

weights = st.floats(-4.0, 4.0) | st.sampled_from((0.0, 1.0, -1.0, 8.0, -8.0, 1e-9, 1e6, -1e6))


def node(key: str, activation: str = "identity", bias: float = 0.0) -> NodeGene:
    return NodeGene(key=key, activation=activation, bias=bias)


def link(source: str, target: str, weight: float = 1.0, *, enabled: bool = True) -> ConnectionGene:
    return ConnectionGene(source=source, target=target, weight=weight, enabled=enabled)


def net(
    color: ColorModel,
    nodes: Sequence[NodeGene],
    connections: Sequence[ConnectionGene] = (),
    inputs: Sequence[str] = ("x", "y", "d", "bias"),
) -> Genome:
    """Return a genome; output nodes that are not given are identities that nothing feeds."""
    given = {gene.key for gene in nodes}
    outputs = [node(key) for key in OUTPUTS[color] if key not in given]
    return Genome(
        inputs=tuple(inputs),
        nodes=(*nodes, *outputs),
        connections=tuple(connections),
        color=color,
    )


@st.composite
def genomes(
    draw: st.DrawFn,
    *,
    colors: Sequence[ColorModel] = COLOR_MODELS,
    hidden_keys: Sequence[str] = HIDDEN_KEYS,
) -> Genome:
    """Genomes of any structure: dead ends, constants, disabled links, outputs that feed others."""
    color = draw(st.sampled_from(list(colors)))
    inputs = draw(st.lists(st.sampled_from(list(INPUTS)), min_size=1, max_size=5, unique=True))
    free = [key for key in hidden_keys if key not in (*inputs, *OUTPUTS[color])]
    hidden = draw(st.lists(st.sampled_from(free), unique=True, max_size=5)) if free else []
    order = draw(st.permutations([*hidden, *OUTPUTS[color]]))
    values = [*inputs, *order]
    pairs = [(a, b) for b in range(len(inputs), len(values)) for a in range(b)]
    chosen = draw(st.lists(st.sampled_from(pairs), unique=True, max_size=14))
    activations = st.sampled_from(list(ACTIVATIONS))
    return Genome(
        inputs=tuple(inputs),
        color=color,
        nodes=tuple(node(key, draw(activations), draw(weights)) for key in order),
        connections=tuple(
            link(values[a], values[b], draw(weights), enabled=draw(st.integers(0, 4)) > 0)
            for a, b in chosen
        ),
    )


seeds = st.integers(0, 2**32 - 1)
