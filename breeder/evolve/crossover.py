"""Crossover: genes of two parents in one child, aligned by their marks."""

from __future__ import annotations

import numpy as np

from breeder.evolve.draft import FORM_OUTPUT, Draft
from breeder.evolve.mutation import DIGITS
from breeder.evolve.mutation_record import Mutation
from breeder.genome import OUTPUTS, ConnectionGene, Genome

GRAFT_SHARE = 0.35
"""How often the colouring of one parent is put on the form of the other."""

BLEND_SHARE = 0.2
"""How often a matching weight becomes the mean of both parents' instead of one of them."""


def crossover(
    first: Genome, second: Genome, *, rng: np.random.Generator, color_only: bool = False
) -> tuple[Genome, tuple[Mutation, ...]]:
    """Return a child of two parents, and what it took from the second.

    The child has the first parent's outputs. Either the second parent's colouring replaces the
    first's (where both tell form from colour), or matching genes come from either parent and the
    second's other genes join as long as no cycle arises.

    Args:
        first: The parent whose form leads.
        second: The other parent.
        rng: Where the choices come from.
        color_only: Whether the form has to stay the first parent's: then only the colouring is
            taken, where both tell form from colour.

    Returns:
        The child, and the record of the crossover; no record where the parents' genes are equal.
    """
    if first == second:
        return first, ()
    draft = Draft(first)
    other = Draft(second)
    joined = [name for name in other.inputs if name not in (*draft.inputs, *draft.nodes)]
    draft.inputs += tuple(joined)
    can_graft = draft.color in ("grey", "hsb") and other.color == "hsb"
    can_graft = can_graft or (draft.color in ("oklab", "lab") and other.color == draft.color)
    if color_only and not can_graft:
        return first, ()
    if can_graft and (color_only or rng.random() < GRAFT_SHARE):
        taken = _graft_color(draft, other)
    else:
        taken = _mix(draft, other, rng)
    child = draft.freeze()
    if child == first:
        return child, ()
    return child, (Mutation(kind="crossover", count=taken + len(joined)),)


def _graft_color(draft: Draft, other: Draft) -> int:
    """Replace the colour half of a draft by another's; return how many genes came over."""
    mine = [key for key in draft.outputs if key != FORM_OUTPUT[draft.color]]
    for key in sorted(draft.color_nodes() & draft.upstream(mine)):
        draft.remove_node(key)
    draft.color = other.color
    # What the other's colour is computed from comes along, but the form keeps its own nodes.
    colors = [key for key in OUTPUTS[other.color] if key != FORM_OUTPUT[other.color]]
    needed = other.upstream(colors)
    fresh = sorted(needed - set(draft.nodes) - set(draft.inputs))
    draft.nodes.update({key: other.nodes[key] for key in fresh})
    genes = [gene for gene in other.connections.values() if gene.target in fresh]
    return len(fresh) + sum(_join(draft, gene) for gene in genes)


def _mix(draft: Draft, other: Draft, rng: np.random.Generator) -> int:
    """Take matching weights from either parent and join the rest; return how many came over."""
    taken = 0
    for ends in sorted(set(draft.connections) & set(other.connections)):
        mine, theirs = draft.connections[ends].weight, other.connections[ends].weight
        chance = rng.random()
        if mine == theirs or chance < 0.5 - BLEND_SHARE / 2:
            continue
        blended = (mine + theirs) / 2 if chance < 0.5 + BLEND_SHARE / 2 else theirs
        draft.set_weight(ends, blended)
        taken += 1
    for key in sorted(set(draft.nodes) & set(other.nodes)):
        if draft.nodes[key] != other.nodes[key] and rng.random() < 0.5:
            draft.nodes[key] = other.nodes[key]
            taken += 1
    if rng.random() < 0.5:
        taken += _join_rest(draft, other, rng)
    return taken


def _join_rest(draft: Draft, other: Draft, rng: np.random.Generator) -> int:
    """Add the genes that only the other parent has, each output keeping its scale."""
    outputs = {key for keys in OUTPUTS.values() for key in keys}
    fresh = sorted(set(other.nodes) - set(draft.nodes) - set(draft.inputs) - outputs)
    draft.nodes.update({key: other.nodes[key] for key in fresh})
    taken = len(fresh)
    for ends in sorted(set(other.connections) - set(draft.connections)):
        gene = other.connections[ends]
        if gene.target in draft.outputs:
            gene = ConnectionGene(
                source=gene.source,
                target=gene.target,
                weight=round(gene.weight * float(rng.uniform(0.3, 0.9)), DIGITS),
                enabled=gene.enabled,
            )
        taken += _join(draft, gene)
    return taken


def _join(draft: Draft, gene: ConnectionGene) -> bool:
    """Add a connection where both ends are there and no cycle arises."""
    known = gene.source in draft.nodes or gene.source in draft.inputs
    if not known or gene.target not in draft.nodes or gene.ends in draft.connections:
        return False
    if draft.reaches(gene.target, gene.source):
        return False
    draft.connections[gene.ends] = gene
    return True
