"""Mutations, and `mutate`, which composes them by strength.

Each operator changes a draft in place and returns a record of what it did, or None where the draft
offers nothing to change.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeVar

import numpy as np

from breeder.evolve.draft import Draft, split_key
from breeder.evolve.mutation_record import Mutation
from breeder.genome import Genome, NodeGene

Focus = Literal["both", "structure", "color"]
"""What may change: the form ("structure"), the colouring, or both."""

WEIGHT_BOUND = 8.0
"""Mutation moves weights and biases within plus or minus this; imported larger ones may stay."""

ACTIVATION_ODDS: dict[str, float] = {
    "sin": 5,
    "cos": 4,
    "bipolar_gaussian": 4,
    "gaussian": 2,
    "tanh": 3,
    "bipolar_sigmoid": 2,
    "triangle": 2,
    "abs": 2,
    "identity": 2,
    "sigmoid": 1,
    "square": 1,
    "relu": 1,
}
"""How often a new or changed node gets each activation, relative to each other."""

T = TypeVar("T")

_NAMES = tuple(ACTIVATION_ODDS)
_ODDS = np.array(list(ACTIVATION_ODDS.values())) / sum(ACTIVATION_ODDS.values())


DIGITS = 6
"""Decimals of a weight or bias that is drawn or moved: finer than any eye can see, the same on
machines whose mathematical libraries differ in the last bit, and short to write."""


def drawn(rng: np.random.Generator, spread: float) -> float:
    """Return a weight or bias drawn from a normal distribution about 0."""
    return round(float(rng.normal(0.0, spread)), DIGITS)


def random_activation(rng: np.random.Generator) -> str:
    """Return an activation's name, drawn by `ACTIVATION_ODDS`."""
    return str(_NAMES[rng.choice(len(_NAMES), p=_ODDS)])


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What a mutation may touch.

    Attributes:
        targets: Nodes that may change, and into which connections may change.
        sources: Values from which new connections may start.
        strength: How far to move, 0 to 1.
    """

    targets: frozenset[str]
    sources: frozenset[str]
    strength: float

    @property
    def step(self) -> float:
        """The spread of a normal step of a weight: 0.08 at strength 0, 1.0 at strength 1."""
        # Rounded, because powers differ in their last bit between machines.
        return round(float(0.08 * 12.5**self.strength), 6)


def scope_of(draft: Draft, focus: Focus, strength: float) -> Scope:
    """Return what may change in a draft under a focus."""
    colored = draft.color_nodes()
    everything = set(draft.nodes)
    targets = {"both": everything, "color": colored, "structure": everything - colored}[focus]
    # A colour node that fed the form would become form itself.
    sources = everything - colored if focus == "structure" else everything
    return Scope(
        targets=frozenset(targets),
        sources=frozenset(sources | set(draft.inputs)),
        strength=strength,
    )


def mutate(
    genome: Genome,
    *,
    strength: float,
    focus: Focus = "both",
    add_color: bool = False,
    rng: np.random.Generator,
) -> tuple[Genome, tuple[Mutation, ...]]:
    """Return a changed copy of a genome, and what was changed.

    Args:
        genome: The parent.
        strength: How many changes and how large, 0 to 1.
        focus: What may change.
        add_color: Whether a grey genome is turned into a colour one first; its form stays.
        rng: Where the choices come from.

    Returns:
        The child, and at least one record of a change unless the scope offers nothing to change.
    """
    draft = Draft(genome)
    records: list[Mutation | None] = []
    if add_color and draft.color == "grey":
        records.append(turn_to_color(draft, rng))
        # New colour has to become visible, and the form keep its likeness.
        records += [_color_burst(draft, strength, rng)]
    for _ in range(rng.poisson(0.1 + 1.9 * strength)):
        operator = _STRUCTURAL[rng.choice(len(_STRUCTURAL), p=_STRUCTURAL_ODDS)]
        records.append(operator(draft, scope_of(draft, focus, strength), rng))
    scope = scope_of(draft, focus, strength)
    records.append(move_weights(draft, scope, rng))
    if rng.random() < 0.3 + 0.4 * strength or not any(records):
        records.append(move_biases(draft, scope, rng))
    return draft.freeze(), tuple(record for record in records if record is not None)


def move_weights(draft: Draft, scope: Scope, rng: np.random.Generator) -> Mutation | None:
    """Move a share of the weights, 20 % at strength 0 to 70 % at 1, at least one."""
    ends = sorted(
        ends
        for ends, gene in draft.connections.items()
        if gene.enabled and gene.target in scope.targets
    )
    chosen = _share(ends, 0.2 + 0.5 * scope.strength, rng)
    largest = 0.0
    for each in chosen:
        weight = draft.connections[each].weight
        moved = _bounded(weight, rng.normal(0.0, scope.step))
        draft.set_weight(each, moved)
        largest = max(largest, abs(moved - weight))
    return Mutation(kind="weights", count=len(chosen), size=largest) if chosen else None


def move_biases(draft: Draft, scope: Scope, rng: np.random.Generator) -> Mutation | None:
    """Move a share of the biases, 10 % at strength 0 to 40 % at 1, at least one."""
    chosen = _share(sorted(scope.targets), 0.1 + 0.3 * scope.strength, rng)
    largest = 0.0
    for key in chosen:
        node = draft.nodes[key]
        bias = _bounded(node.bias, rng.normal(0.0, 0.5 * scope.step))
        largest = max(largest, abs(bias - node.bias))
        draft.nodes[key] = replace(node, bias=bias)
    return Mutation(kind="biases", count=len(chosen), size=largest) if chosen else None


def add_connection(draft: Draft, scope: Scope, rng: np.random.Generator) -> Mutation | None:
    """Connect two values that are not connected; never makes a cycle."""
    targets = sorted(scope.targets)
    sources = sorted(scope.sources)
    for _ in range(8):  # rejection: nearly every pair is free in a small network
        if not targets:
            return None
        source, target = _pick(sources, rng), _pick(targets, rng)
        if (source, target) in draft.connections or draft.reaches(target, source):
            continue
        draft.connect(source, target, drawn(rng, 0.3 + 1.2 * scope.strength))
        return Mutation(kind="add_connection", source=source, target=target)
    return None


def add_node(draft: Draft, scope: Scope, rng: np.random.Generator) -> Mutation | None:
    """Split an enabled connection by a new node; the old connection is switched off.

    The new node is fed with weight 1 and feeds with the old weight (Stanley and Miikkulainen
    2002, NEAT), so that an identity would leave the picture as it was.
    """
    gene = _pick_connection(draft, scope, rng, enabled=True)
    if gene is None:
        return None
    source, target = gene
    key = split_key(source, target, draft.nodes)
    activation = random_activation(rng)
    old = draft.connections[gene]
    draft.nodes[key] = NodeGene(key=key, activation=activation)
    draft.connections[gene] = replace(old, enabled=False)
    draft.connect(source, key, 1.0)
    draft.connect(key, target, old.weight)
    return Mutation(kind="add_node", source=source, target=target, after=activation)


def delete_connection(draft: Draft, scope: Scope, rng: np.random.Generator) -> Mutation | None:
    """Remove a connection, but not the last one into an output."""
    gene = _pick_connection(draft, scope, rng)
    if gene is None or _is_last_into_output(draft, gene[1]):
        return None
    del draft.connections[gene]
    return Mutation(kind="delete_connection", source=gene[0], target=gene[1])


def delete_node(draft: Draft, scope: Scope, rng: np.random.Generator) -> Mutation | None:
    """Remove a hidden node with its connections; its strongest source feeds its targets instead.

    Without that bridge a removal mostly kills what hangs behind the node.
    """
    hidden = sorted(
        key
        for key in scope.targets - set(draft.outputs)
        if all(e[1] in scope.targets for e in draft.connections if e[0] == key)
    )
    if not hidden:
        return None
    key = _pick(hidden, rng)
    fed = [g for g in draft.connections.values() if g.target == key and g.enabled]
    feeds = [g for g in draft.connections.values() if g.source == key and g.enabled]
    draft.remove_node(key)
    if fed:
        strongest = max(fed, key=lambda gene: (abs(gene.weight), gene.source))
        for gene in feeds:
            if (strongest.source, gene.target) not in draft.connections:
                draft.connect(strongest.source, gene.target, gene.weight)
    return Mutation(kind="delete_node", target=key)


def enable_connection(draft: Draft, scope: Scope, rng: np.random.Generator) -> Mutation | None:
    """Switch on a connection that is off."""
    gene = _pick_connection(draft, scope, rng, enabled=False)
    if gene is None:
        return None
    draft.connections[gene] = replace(draft.connections[gene], enabled=True)
    return Mutation(kind="enable_connection", source=gene[0], target=gene[1])


def disable_connection(draft: Draft, scope: Scope, rng: np.random.Generator) -> Mutation | None:
    """Switch off a connection, but not the last one into an output."""
    gene = _pick_connection(draft, scope, rng, enabled=True)
    if gene is None or _is_last_into_output(draft, gene[1]):
        return None
    draft.connections[gene] = replace(draft.connections[gene], enabled=False)
    return Mutation(kind="disable_connection", source=gene[0], target=gene[1])


def change_activation(draft: Draft, scope: Scope, rng: np.random.Generator) -> Mutation | None:
    """Give a node another activation."""
    if not scope.targets:
        return None
    key = _pick(sorted(scope.targets), rng)
    before = draft.nodes[key].activation
    after = random_activation(rng)
    if after == before:
        return None
    draft.nodes[key] = replace(draft.nodes[key], activation=after)
    return Mutation(kind="activation", target=key, before=before, after=after)


def turn_to_color(draft: Draft, rng: np.random.Generator) -> Mutation | None:
    """Turn a grey draft into an hsb one that draws the same picture.

    Hue and saturation enter with zero weights, and a saturation of zero is grey.
    """
    if draft.color != "grey":
        return None
    draft.color = "hsb"
    for output in ("hue", "saturation"):
        if output in draft.nodes:  # an imported grey genome may have hidden nodes of these names
            draft.rename_node(output, split_key(output, "brightness", draft.nodes))
    form = sorted({*draft.inputs, *(key for key in draft.nodes if key != "brightness")})
    for output in ("hue", "saturation"):
        draft.nodes[output] = NodeGene(key=output, activation="identity")
        for source in dict.fromkeys(["brightness", *(_pick(form, rng) for _ in range(3))]):
            draft.connect(source, output, 0.0)
    return Mutation(kind="add_color")


def _color_burst(draft: Draft, strength: float, rng: np.random.Generator) -> Mutation | None:
    """Make fresh colour parts visible: weights from zero, and a saturation above zero."""
    scope = scope_of(draft, "color", max(strength, 0.5))
    for key, low, high in (("saturation", 0.2, 0.7), ("hue", 0.0, 1.0)):
        bias = round(float(rng.uniform(low, high)), DIGITS)
        draft.nodes[key] = replace(draft.nodes[key], bias=bias)
    return move_weights(draft, scope, rng)


Operator = Callable[[Draft, Scope, np.random.Generator], Mutation | None]

STRUCTURAL_ODDS: dict[Operator, float] = {
    add_connection: 3.0,
    add_node: 3.0,
    change_activation: 1.5,
    delete_connection: 1.0,
    delete_node: 0.5,
    disable_connection: 0.5,
    enable_connection: 0.5,
}
"""How often each structural mutation is tried, relative to each other. Additions outweigh
removals: pictures gain detail over generations, as Picbreeder's did."""

_STRUCTURAL = tuple(STRUCTURAL_ODDS)
_STRUCTURAL_ODDS = np.array(list(STRUCTURAL_ODDS.values())) / sum(STRUCTURAL_ODDS.values())


def _pick(items: Sequence[str], rng: np.random.Generator) -> str:
    return items[int(rng.integers(len(items)))]


def _share(items: Sequence[T], share: float, rng: np.random.Generator) -> list[T]:
    if not items:
        return []
    chosen = [item for item in items if rng.random() < share]
    return chosen or [items[int(rng.integers(len(items)))]]


def _bounded(value: float, step: float) -> float:
    """Return a number moved by a step, turned round where it would leave the bounds."""
    bound = max(WEIGHT_BOUND, abs(value))
    moved = value + step if abs(value + step) <= bound else value - step
    return round(min(max(float(moved), -bound), bound), DIGITS)


def _pick_connection(
    draft: Draft, scope: Scope, rng: np.random.Generator, *, enabled: bool | None = None
) -> tuple[str, str] | None:
    ends = sorted(
        gene.ends
        for gene in draft.connections.values()
        if gene.target in scope.targets and (enabled is None or gene.enabled == enabled)
    )
    return ends[rng.integers(len(ends))] if ends else None


def _is_last_into_output(draft: Draft, target: str) -> bool:
    if target not in draft.outputs:
        return False
    fed = [g for g in draft.connections.values() if g.target == target and g.enabled]
    return len(fed) <= 1
