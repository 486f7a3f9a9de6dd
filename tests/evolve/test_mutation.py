"""Mutation: children are valid, bounded, within the focus, recorded, and farther for strength."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from breeder.activations import ACTIVATIONS
from breeder.evolve import mutation
from breeder.evolve.draft import FORM_OUTPUT, Draft
from breeder.evolve.founders import founder
from breeder.evolve.mutation import (
    STRUCTURAL_ODDS,
    WEIGHT_BOUND,
    Focus,
    Scope,
    mutate,
    scope_of,
    turn_to_color,
)
from breeder.evolve.mutation_record import MUTATION_KINDS
from breeder.genome import ConnectionGene, Genome, NodeGene
from breeder.program import compile_genome
from breeder.rendering import render
from breeder.rendering.canvas import Canvas
from breeder.rendering.reference import evaluate
from tests.genomes import random_genome
from tests.strategies import AWKWARD_KEYS, HIDDEN_KEYS, genomes, link, net, node, seeds

X, Y = Canvas(width=9, height=9).points(range(9))
FOCUSES: tuple[Focus, ...] = ("both", "structure", "color")
strengths = st.sampled_from((0.0, 0.1, 0.5, 0.9, 1.0))
any_genomes = genomes(hidden_keys=(*HIDDEN_KEYS, *AWKWARD_KEYS))


def rng(seed: int) -> np.random.Generator:
    return np.random.default_rng(seed)


def form_of(genome: Genome) -> NDArray[np.float64]:
    """The channel that carries the form, at some points."""
    channels = evaluate(compile_genome(genome), X, Y, 0.25)
    return np.asarray(channels[genome.outputs.index(FORM_OUTPUT[genome.color])])


def picture(genome: Genome) -> bytes:
    return render([genome], Canvas(width=9, height=9), device="reference").tobytes()


def genes_into(genome: Genome, keys: set[str]) -> tuple[list[NodeGene], list[ConnectionGene]]:
    return (
        [gene for gene in genome.nodes if gene.key in keys],
        [gene for gene in genome.connections if gene.target in keys],
    )


def colouring(genome: Genome) -> set[str]:
    """The nodes that carry colour alone, found without the code under test."""
    if genome.color == "rgb":
        return set(genome.outputs)
    if genome.color == "grey":
        return set()
    form = {FORM_OUTPUT[genome.color]}
    while more := {g.source for g in genome.connections if g.target in form} - form:
        form |= more
    return set(genome.node_keys) - form


# Any parent, any strength, any focus


@settings(max_examples=250, deadline=None)
@given(
    parent=any_genomes,
    seed=seeds,
    strength=strengths,
    focus=st.sampled_from(FOCUSES),
    add_color=st.booleans(),
)
def test_a_child_is_a_valid_genome_on_the_same_inputs(
    parent: Genome, seed: int, strength: float, focus: Focus, add_color: bool
):
    """Making it checks every invariant, that of no cycle among them."""
    before = parent.id
    child, records = mutate(
        parent, strength=strength, focus=focus, add_color=add_color, rng=rng(seed)
    )
    assert child.inputs == parent.inputs
    assert (
        parent.id
        == before
        == Genome(
            inputs=parent.inputs,
            nodes=parent.nodes,
            connections=parent.connections,
            color=parent.color,
        ).id
    )
    assert child.color == ("hsb" if add_color and parent.color == "grey" else parent.color)
    assert {record.kind for record in records} <= set(MUTATION_KINDS)


@settings(max_examples=150, deadline=None)
@given(parent=genomes(), seed=seeds, strength=strengths)
def test_at_least_one_change_is_recorded_and_changes_the_genome(
    parent: Genome, seed: int, strength: float
):
    child, records = mutate(parent, strength=strength, rng=rng(seed))
    assert records
    assert child != parent


@settings(max_examples=100, deadline=None)
@given(parent=genomes(), seed=seeds, focus=st.sampled_from(FOCUSES))
def test_no_record_means_no_change(parent: Genome, seed: int, focus: Focus):
    child, records = mutate(parent, strength=0.5, focus=focus, rng=rng(seed))
    assert bool(records) == (child != parent)


@settings(max_examples=100, deadline=None)
@given(parent=any_genomes, seed=seeds, strength=strengths)
def test_the_same_numbers_make_the_same_child(parent: Genome, seed: int, strength: float):
    one = mutate(parent, strength=strength, rng=rng(seed))
    assert one == mutate(parent, strength=strength, rng=rng(seed))


@settings(max_examples=100, deadline=None)
@given(parent=genomes(), seed=seeds, strength=strengths)
def test_weights_and_biases_stay_within_their_bound(parent: Genome, seed: int, strength: float):
    """Larger ones, which come from imports, never grow."""

    def largest(genome: Genome) -> float:
        numbers = [gene.weight for gene in genome.connections]
        return max(map(abs, [*numbers, *(gene.bias for gene in genome.nodes)]))

    child = parent
    for step in range(5):
        child, _ = mutate(child, strength=strength, rng=rng(seed + step))
    assert largest(child) <= max(WEIGHT_BOUND, largest(parent))


@pytest.mark.parametrize("bound", [WEIGHT_BOUND, -WEIGHT_BOUND])
def test_numbers_at_their_bound_still_move(bound: float):
    parent = net("grey", [], [link("x", "brightness", bound)])
    for seed in range(40):
        child, record = apply(mutation.move_weights, parent, seed)
        assert child != parent
        assert record is not None
        assert record.size > 0


def test_a_long_line_of_children_stays_valid_and_grows():
    genome = founder(rng=rng(3))
    for step in range(300):
        genome, records = mutate(genome, strength=0.7, rng=rng(step))
        assert records
    assert len(genome.nodes) > 30
    assert all(abs(gene.weight) <= WEIGHT_BOUND for gene in genome.connections)
    channels = evaluate(compile_genome(genome), X, Y, 0.0)
    assert np.isfinite(channels).all()


def test_every_kind_of_change_happens_and_says_so():
    kinds = set()
    for seed in range(300):
        _, records = mutate(random_genome(seed % 20), strength=1.0, rng=rng(seed))
        kinds |= {record.kind for record in records}
        assert all(str(record) for record in records)
    assert kinds == set(MUTATION_KINDS) - {"crossover", "add_color", "refined"}


def test_children_are_the_same_whatever_the_order_of_sets_in_python():
    """Two processes whose strings hash differently must breed the same."""
    code = (
        "import numpy as np\n"
        "from breeder.evolve.mutation import mutate\n"
        "from breeder.evolve.crossover import crossover\n"
        "from tests.genomes import random_genome\n"
        "for seed in range(60):\n"
        "    color = ('grey', 'hsb', 'oklab', 'rgb')[seed % 4]\n"
        "    rng = np.random.default_rng(seed)\n"
        "    one, two = random_genome(seed, color=color), random_genome(seed + 1, color='hsb')\n"
        "    child, records = crossover(one, two, rng=rng)\n"
        "    for focus in ('both', 'structure', 'color'):\n"
        "        child, more = mutate(child, strength=1, focus=focus, add_color=True, rng=rng)\n"
        "        records += more\n"
        "    print(child.id, *records)\n"
    )
    said = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": str(hash_seed), "PATH": ""},
            cwd=Path(__file__).parents[2],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for hash_seed in (0, 1, 2)
    }
    assert len(said) == 1
    assert len(said.pop().splitlines()) == 60


# Focus


@settings(max_examples=200, deadline=None)
@given(parent=genomes(colors=("hsb", "oklab")), seed=seeds, strength=strengths)
def test_a_change_of_colour_leaves_the_form_exactly_as_it_is(
    parent: Genome, seed: int, strength: float
):
    child, _ = mutate(parent, strength=strength, focus="color", rng=rng(seed))
    np.testing.assert_array_equal(form_of(child), form_of(parent))


@pytest.mark.parametrize("color", ["hsb", "oklab"])
def test_a_change_of_colour_changes_colours(color):
    parents = [random_genome(seed, color=color) for seed in range(60)]
    children = [
        mutate(parent, strength=0.8, focus="color", rng=rng(seed))[0]
        for seed, parent in enumerate(parents)
    ]
    assert all(child != parent for child, parent in zip(children, parents, strict=True))
    seen = [picture(a) != picture(b) for a, b in zip(children, parents, strict=True)]
    assert np.mean(seen) > 0.5


@settings(max_examples=200, deadline=None)
@given(parent=genomes(), seed=seeds, strength=strengths)
def test_a_change_of_structure_leaves_the_colour_nodes_genes_as_they_are(
    parent: Genome, seed: int, strength: float
):
    child, _ = mutate(parent, strength=strength, focus="structure", rng=rng(seed))
    keys = colouring(parent)
    assert genes_into(child, keys) == genes_into(parent, keys)
    if parent.color != "rgb":
        assert keys <= colouring(child), "a colour node feeds the form now"


def test_a_change_of_structure_changes_the_form():
    parents = [founder(rng=rng(seed)) for seed in range(30)]
    children = [
        mutate(parent, strength=0.8, focus="structure", rng=rng(seed))[0]
        for seed, parent in enumerate(parents)
    ]
    moved = [
        np.abs(form_of(a) - form_of(b)).max() > 1e-3 for a, b in zip(children, parents, strict=True)
    ]
    assert np.mean(moved) > 0.8


@settings(max_examples=60, deadline=None)
@given(parent=genomes(), seed=seeds)
def test_focus_both_may_change_everything(parent: Genome, seed: int):
    scope = scope_of(Draft(parent), "both", 0.5)
    assert scope.targets == set(parent.node_keys)
    assert scope.sources == {*parent.node_keys, *parent.inputs}


def test_there_is_no_colour_to_change_in_grey():
    parent = random_genome(4, color="grey")
    assert mutate(parent, strength=1.0, focus="color", rng=rng(1)) == (parent, ())


# Turning grey to colour


@settings(max_examples=120, deadline=None)
@given(parent=genomes(colors=("grey",)), seed=seeds)
def test_turning_to_colour_keeps_the_picture_exactly(parent: Genome, seed: int):
    draft = Draft(parent)
    record = turn_to_color(draft, rng(seed))
    child = draft.freeze()
    assert record is not None
    assert record.kind == "add_color"
    assert child.color == "hsb"
    assert picture(child) == picture(parent)
    fresh = [gene for gene in child.connections if gene.target in ("hue", "saturation")]
    assert {gene.target for gene in fresh} == {"hue", "saturation"}
    assert all(gene.weight == 0.0 and gene.enabled for gene in fresh)


@settings(max_examples=120, deadline=None)
@given(parent=genomes(colors=("grey",), hidden_keys=("hue", "saturation", "h")), seed=seeds)
def test_nodes_that_are_called_like_colours_keep_their_part_in_the_form(parent: Genome, seed: int):
    draft = Draft(parent)
    turn_to_color(draft, rng(seed))
    assert picture(draft.freeze()) == picture(parent)


@settings(max_examples=60, deadline=None)
@given(parent=genomes(colors=("grey",)), seed=seeds, strength=strengths)
def test_colour_added_with_focus_on_colour_keeps_the_form(
    parent: Genome, seed: int, strength: float
):
    child, records = mutate(parent, strength=strength, focus="color", add_color=True, rng=rng(seed))
    assert records[0].kind == "add_color"
    np.testing.assert_array_equal(form_of(child), form_of(parent))


def test_added_colour_becomes_visible():
    coloured = 0
    for seed in range(30):
        parent = founder(color=False, rng=rng(seed))
        child, _ = mutate(parent, strength=0.3, focus="color", add_color=True, rng=rng(seed))
        drawn = render([child], Canvas(width=9, height=9), device="reference").astype(int)
        coloured += (np.ptp(drawn, axis=3) > 10).mean() > 0.1
    assert coloured > 20


def test_a_picture_in_colour_is_not_turned_again():
    draft = Draft(random_genome(1, color="oklab"))
    assert turn_to_color(draft, rng(1)) is None
    assert draft.freeze() == random_genome(1, color="oklab")


# Single operators

CHAIN = net(
    "grey",
    [node("a", "sin"), node("b", "cos"), node("brightness", "tanh")],
    [link("x", "a", 2.0), link("a", "b", 0.5), link("b", "brightness", -3.0)],
    inputs=("x",),
)


def apply(operator: mutation.Operator, genome: Genome, seed: int = 0, strength: float = 0.5):
    draft = Draft(genome)
    record = operator(draft, scope_of(draft, "both", strength), rng(seed))
    return draft.freeze(), record


@pytest.mark.parametrize("operator", STRUCTURAL_ODDS, ids=lambda operator: operator.__name__)
def test_an_operator_without_targets_changes_nothing(operator: mutation.Operator):
    draft = Draft(CHAIN)
    nothing = Scope(targets=frozenset(), sources=frozenset(("x",)), strength=1.0)
    assert operator(draft, nothing, rng(0)) is None
    assert draft.freeze() == CHAIN


@pytest.mark.parametrize("operator", STRUCTURAL_ODDS, ids=lambda operator: operator.__name__)
def test_an_operator_changes_exactly_when_it_records(operator: mutation.Operator):
    recorded = 0
    for seed in range(60):
        parent = random_genome(seed, hidden=4, connections=14, color="grey")
        child, record = apply(operator, parent, seed)
        assert (record is not None) == (child != parent)
        recorded += record is not None
    assert recorded > 15


@pytest.mark.parametrize(
    "operator",
    [*STRUCTURAL_ODDS, mutation.move_weights, mutation.move_biases],
    ids=lambda operator: operator.__name__,
)
def test_every_operator_stays_within_the_focus(operator: mutation.Operator):
    for seed in range(120):
        parent = random_genome(seed, hidden=6, connections=24, color=("hsb", "oklab")[seed % 2])
        keys = colouring(parent)
        draft = Draft(parent)
        operator(draft, scope_of(draft, "color", 0.8), rng(seed))
        np.testing.assert_array_equal(form_of(draft.freeze()), form_of(parent))
        draft = Draft(parent)
        operator(draft, scope_of(draft, "structure", 0.8), rng(seed))
        assert genes_into(draft.freeze(), keys) == genes_into(parent, keys)
        assert keys <= colouring(draft.freeze())


def test_a_node_is_added_by_splitting_a_connection():
    for seed in range(30):
        child, record = apply(mutation.add_node, CHAIN, seed)
        assert record is not None
        old = next(g for g in CHAIN.connections if g.ends == (record.source, record.target))
        genes = {gene.ends: gene for gene in child.connections}
        (key,) = set(child.node_keys) - set(CHAIN.node_keys)
        assert genes[old.ends].enabled is False
        assert genes[old.ends].weight == old.weight
        assert genes[old.source, key].weight == 1.0
        assert genes[key, old.target].weight == old.weight
        assert next(n for n in child.nodes if n.key == key).activation == record.after


def test_a_split_by_an_identity_leaves_the_picture_as_it_was(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(mutation, "random_activation", lambda rng: "identity")
    for seed in range(20):
        parent = random_genome(seed, color="hsb")
        child, _ = apply(mutation.add_node, parent, seed)
        assert child != parent
        one, two = (evaluate(compile_genome(g), X, Y, 0.0) for g in (parent, child))
        np.testing.assert_allclose(one, two, rtol=1e-6, atol=1e-6)


def test_the_same_split_has_the_same_mark_wherever_it_is_made():
    other = net("hsb", [node("a")], [link("x", "a", -7.0), link("d", "hue")])
    marks = set()
    for genome in (CHAIN, other):
        for seed in range(40):
            child, record = apply(mutation.add_node, genome, seed)
            assert record is not None
            if (record.source, record.target) == ("x", "a"):
                marks |= set(child.node_keys) - set(genome.node_keys)
    assert len(marks) == 1


def test_a_connection_is_never_added_twice_or_into_a_cycle():
    dense = net(
        "grey",
        [node("a"), node("b")],
        [link("x", "a"), link("x", "b"), link("a", "b"), link("a", "brightness")],
        inputs=("x",),
    )
    made = set()
    for seed in range(60):
        child, record = apply(mutation.add_connection, dense, seed)
        if record is not None:
            made |= {gene.ends for gene in child.connections}
    free = made - {gene.ends for gene in dense.connections}
    assert free == {("x", "brightness"), ("b", "brightness"), ("brightness", "b")}


@pytest.mark.parametrize("operator", [mutation.delete_connection, mutation.disable_connection])
def test_an_output_keeps_its_last_connection(operator: mutation.Operator):
    genome = net("grey", [], [link("x", "brightness"), link("y", "brightness")])
    for seed in range(30):
        child = genome
        for step in range(5):
            child, _ = apply(operator, child, seed * 10 + step)
        assert sum(gene.enabled for gene in child.connections) == 1


def test_a_removed_node_is_bridged_by_its_strongest_source():
    genome = net(
        "grey",
        [node("h", "sin")],
        [
            link("x", "h", 0.5),
            link("y", "h", -2.0),
            link("d", "h", 9.0, enabled=False),
            link("h", "brightness", 0.75),
        ],
    )
    child, record = apply(mutation.delete_node, genome)
    assert record is not None
    assert str(record) == "node h removed"
    assert child.connections == (link("y", "brightness", 0.75),)


def test_a_disabled_connection_can_be_enabled_again():
    genome = net("grey", [], [link("x", "brightness", 0.5, enabled=False)])
    child, record = apply(mutation.enable_connection, genome)
    assert child.connections == (link("x", "brightness", 0.5),)
    assert record is not None
    assert apply(mutation.enable_connection, child)[1] is None


def test_the_activations_that_breeding_draws_from_stay_the_same():
    """The same seed gives the same children for ever: later rows of the table are not drawn."""
    drawn = {mutation.random_activation(rng(seed)) for seed in range(400)}
    assert drawn == set(list(ACTIVATIONS)[:12])


def test_activations_and_colours_that_are_not_drawn_are_bred_on():
    parent = random_genome(3, color="lab", activations=("gelu", "elu", "leaky_relu"))
    for seed in range(20):
        child, _ = mutate(parent, strength=0.3, rng=rng(seed))
        assert child.color == "lab"
        assert {node.activation for node in child.nodes} & {"gelu", "elu", "leaky_relu"}


# Strength


def distance(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> float:
    """Root mean square difference of the pixels, 0 to 1: no measure of the screening's."""
    return float(np.sqrt(((one.astype(float) - other) ** 2).mean()) / 255)


def mean_distance(make: Callable[[int, float], tuple[Genome, Genome]], strength: float) -> float:
    pairs = [make(seed, strength) for seed in range(160)]
    flat = [genome for pair in pairs for genome in pair]
    drawn = render(flat, Canvas(width=16, height=16), device="cpu")
    return float(np.mean([distance(a, b) for a, b in zip(drawn[::2], drawn[1::2], strict=True)]))


@pytest.mark.parametrize("focus", FOCUSES)
def test_the_picture_moves_farther_as_strength_grows(focus: Focus):
    parents = [founder(rng=rng(seed)) for seed in range(40)]
    for step in range(4):
        parents = [mutate(p, strength=0.5, rng=rng(step))[0] for p in parents]

    def make(seed: int, strength: float) -> tuple[Genome, Genome]:
        parent = parents[seed % 40]
        return parent, mutate(parent, strength=strength, focus=focus, rng=rng(seed))[0]

    away = [mean_distance(make, strength) for strength in (0.1, 0.3, 0.5, 0.7, 0.9)]
    assert away == sorted(away), away
    assert away[-1] > 1.5 * away[0]


def test_strength_is_how_many_changes_and_how_large():
    parent = random_genome(2)

    def mean_of(strength: float, kind: str, what: str) -> float:
        numbers = []
        for seed in range(80):
            _, records = mutate(parent, strength=strength, rng=rng(seed))
            numbers += [getattr(record, what) for record in records if record.kind == kind]
        return float(np.mean(numbers))

    for kind in ("weights", "biases"):
        for what in ("count", "size"):
            low, high = mean_of(0.1, kind, what), mean_of(0.9, kind, what)
            assert high > 1.5 * low, f"{what} of {kind}"
    records = [
        np.mean([len(mutate(parent, strength=s, rng=rng(i))[1]) for i in range(80)])
        for s in (0.1, 0.5, 0.9)
    ]
    assert records == sorted(records)
