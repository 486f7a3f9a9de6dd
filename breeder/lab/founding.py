"""From the Lab to breeding: a network as a genome drawn the same, and a run that starts from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from breeder.breeder import Breeder
from breeder.errors import GenomeError, SettingsError
from breeder.genome import WEIGHT_LIMIT, ConnectionGene, Genome, NodeGene
from breeder.history import BreederSettings
from breeder.lab.lowering import Graph, lower
from breeder.lab.networks import Network, build
from breeder.lab.settings import LabSettings, to_query
from breeder.lab.stretching import stretches_of
from breeder.offspring import MOST_GENES

if TYPE_CHECKING:
    from breeder.store import Store

MOST_ORIGIN = 200
"""Characters in which a picture says where it comes from."""


def genes_of(settings: LabSettings) -> int:
    """Return about how many nodes and connections a founder has: never fewer than it has."""
    neurons = sum(width for _, width in settings.shapes)
    added = 0
    if settings.topology == "resnet":
        pairs = zip(settings.widths, settings.widths[1:], strict=False)
        added = 3 * sum(width for before, width in pairs if before == width)
    readers = neurons if settings.topology == "densenet" else settings.shapes[0][1]
    return settings.weight_count + neurons + added + 3 * readers + 8 * len(settings.inputs) + 8


def why_not(settings: LabSettings) -> str:
    """Return why a network cannot be bred, in a sentence; empty where it can."""
    genes = genes_of(settings)
    if genes <= MOST_GENES:
        return ""
    return (
        f"This network is too large to breed well: it has about {genes:,} nodes and connections, "
        f"and {MOST_GENES:,} is the most. Fewer or smaller layers can be bred."
    )


def to_genome(settings: LabSettings, network: Network | None = None) -> Genome:
    """Return the genome that is drawn as the settings are, on a plain canvas, to the byte.

    View, coordinates, z and colour are folded into its weights; the caption is left out.

    Args:
        settings: What the Lab shows.
        network: Another network of the same shape, a trained one say; that of the settings if left
            out.

    Raises:
        SettingsError: It is too large to breed well, or its weights are larger than genomes have.
    """
    reason = why_not(settings)
    if reason:
        raise SettingsError(reason)
    shown = network or build(settings)
    try:
        return _genome(lower(settings, shown, stretches_of(settings, shown)))
    except GenomeError as error:
        raise SettingsError(
            f"This network cannot be bred: times its coordinates, a weight is beyond "
            f"±{WEIGHT_LIMIT:,.0f}, the most that a genome holds."
        ) from error


def _genome(graph: Graph) -> Genome:
    keys = [*graph.inputs, *(key for group in graph.groups for key in group.keys)]
    nodes = [
        NodeGene(key=key, activation=group.activation, bias=bias)
        for group in graph.groups
        for key, bias in zip(group.keys, group.biases.tolist(), strict=True)
    ]
    connections = [
        ConnectionGene(source=keys[source], target=key, weight=weight)
        for group in graph.groups
        for key, sources, weights in zip(
            group.keys, group.sources.tolist(), group.weights.tolist(), strict=True
        )
        for source, weight in zip(sources, weights, strict=True)
    ]
    return Genome(
        inputs=graph.inputs or ("x",),  # a picture of constants reads nothing
        nodes=tuple(nodes),
        connections=tuple(connections),
        color=graph.color,
    )


def start_run(
    store: Store,
    settings: LabSettings,
    *,
    name: str = "",
    breeding: BreederSettings | None = None,
    seed: int | None = None,
    network: Network | None = None,
) -> Breeder:
    """Return a breeder on a new run that starts from a picture of the Lab.

    The picture has the first slot, and its children the others. Where it comes from, its address
    in the Lab, is kept with it.

    Args:
        store: An open store.
        settings: What the Lab shows.
        name: The run's name; one is made up if empty.
        breeding: What grids are bred with.
        seed: Where the seed path starts; random if left out.
        network: Another network of the same shape; that of the settings if left out.

    Raises:
        SettingsError: The network cannot be bred.
    """
    genome = to_genome(settings, network)
    store.save_genome(genome, origin=origin_of(settings))
    return Breeder.begin(store, name=name, settings=breeding, seed=seed, start=[genome])


def origin_of(settings: LabSettings) -> str:
    """Return where a founder says that it comes from: its address, where that is short enough."""
    whole = f"the Lab, {to_query(settings)}"
    return whole if len(whole) <= MOST_ORIGIN else "the Lab"
