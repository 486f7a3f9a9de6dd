"""Crossover: children of two parents are valid, aligned by marks, and keep the first one's form."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from breeder.evolve import crossover as module
from breeder.evolve.crossover import crossover
from breeder.evolve.draft import FORM_OUTPUT
from breeder.evolve.founders import founder
from breeder.evolve.mutation import mutate
from breeder.genome import Genome
from breeder.program import compile_genome
from breeder.rendering import render
from breeder.rendering.canvas import Canvas
from breeder.rendering.reference import evaluate
from tests.genomes import random_genome
from tests.strategies import AWKWARD_KEYS, HIDDEN_KEYS, genomes, link, net, node, seeds

X, Y = Canvas(width=9, height=9).points(range(9))
tinted = genomes(colors=("hsb", "oklab", "lab"))


def rng(seed: int) -> np.random.Generator:
    return np.random.default_rng(seed)


def form_of(genome: Genome) -> np.ndarray:
    channels = evaluate(compile_genome(genome), X, Y, 0.25)
    return np.asarray(channels[genome.outputs.index(FORM_OUTPUT[genome.color])])


@pytest.fixture
def grafting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "GRAFT_SHARE", 1.0)


@pytest.fixture
def mixing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "GRAFT_SHARE", 0.0)


@settings(max_examples=200, deadline=None)
@given(first=genomes(), second=genomes(), seed=seeds)
def test_a_child_is_a_valid_genome_on_the_inputs_of_both(first: Genome, second: Genome, seed: int):
    """Making it checks every invariant, that of no cycle among them."""
    before = (first.id, second.id)
    child, records = crossover(first, second, rng=rng(seed))
    assert set(child.inputs) == {*first.inputs, *second.inputs}
    assert child.inputs[: len(first.inputs)] == first.inputs
    assert set(first.outputs) <= set(child.node_keys)
    assert (first.id, second.id) == before
    assert [record.kind for record in records] == ["crossover"][: len(records)]


@settings(max_examples=200, deadline=None)
@given(
    first=genomes(hidden_keys=(*HIDDEN_KEYS[:2], *AWKWARD_KEYS)),
    second=genomes(hidden_keys=(*HIDDEN_KEYS[:2], *AWKWARD_KEYS)),
    seed=seeds,
)
def test_a_node_of_one_parent_may_be_called_like_an_input_of_the_other(
    first: Genome, second: Genome, seed: int
):
    child, _ = crossover(first, second, rng=rng(seed))
    assert {gene.key for gene in first.nodes} - set(child.inputs)


@settings(max_examples=100, deadline=None)
@given(parent=genomes(), seed=seeds)
def test_equal_parents_give_the_same_genome_and_no_record(parent: Genome, seed: int):
    assert crossover(parent, parent, rng=rng(seed)) == (parent, ())


@settings(max_examples=100, deadline=None)
@given(first=genomes(), second=genomes(), seed=seeds)
def test_the_same_numbers_make_the_same_child(first: Genome, second: Genome, seed: int):
    one = crossover(first, second, rng=rng(seed))
    assert one == crossover(first, second, rng=rng(seed))


@settings(max_examples=150, deadline=None)
@given(first=genomes(), second=genomes(), seed=seeds)
def test_a_record_tells_of_genes_that_came_over(first: Genome, second: Genome, seed: int):
    child, records = crossover(first, second, rng=rng(seed))
    assert bool(records) == (child != first)
    for record in records:
        assert record.count > 0


# Grafting: the colouring of one on the form of the other


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(first=tinted, second=tinted, seed=seeds)
def test_a_grafted_colouring_keeps_the_first_parent_s_form_exactly(
    grafting: None, first: Genome, second: Genome, seed: int
):
    child, _ = crossover(first, second, rng=rng(seed))
    if first.color == second.color:
        assert child.color == first.color
        np.testing.assert_array_equal(form_of(child), form_of(first))


@settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(first=genomes(colors=("grey",)), second=genomes(colors=("hsb",)), seed=seeds)
def test_grey_takes_the_colours_of_a_picture_in_hsb(
    grafting: None, first: Genome, second: Genome, seed: int
):
    child, records = crossover(first, second, rng=rng(seed))
    assert child.color == "hsb"
    assert records
    np.testing.assert_array_equal(form_of(child), form_of(first))


@pytest.mark.usefixtures("grafting")
def test_a_graft_brings_all_that_the_colouring_is_computed_from():
    first = net(
        "hsb",
        [node("f"), node("old"), node("brightness", "sin")],
        [link("x", "f"), link("f", "brightness"), link("f", "old"), link("old", "hue")],
    )
    second = net(
        "hsb",
        [node("t", "cos"), node("u", "sin", 0.5), node("hue", "sin"), node("saturation", "cos")],
        [link("y", "t", 2.0), link("t", "hue", 0.3), link("u", "saturation"), link("u", "t")],
    )
    child, records = crossover(first, second, rng=rng(1))
    one, two, got = (evaluate(compile_genome(g), X, Y, 0.0) for g in (first, second, child))
    np.testing.assert_array_equal(got[2], one[2])
    np.testing.assert_array_equal(got[:2], two[:2])
    assert "old" not in child.node_keys
    assert str(records[0]) == "8 genes taken from another parent"


@pytest.mark.usefixtures("grafting")
@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("oklab", "hsb"),
        ("hsb", "oklab"),
        ("rgb", "hsb"),
        ("hsb", "rgb"),
        ("hsb", "grey"),
        ("lab", "oklab"),
        ("lab", "hsb"),
    ],
)
def test_colours_of_another_kind_are_not_grafted(first, second):
    a, b = random_genome(1, color=first), random_genome(2, color=second)
    child, _ = crossover(a, b, rng=rng(3))
    assert child.color == first
    assert set(a.node_keys) <= set(child.node_keys)


# Mixing: genes with the same marks from either parent


@pytest.mark.usefixtures("mixing")
def test_matching_weights_come_from_either_parent_or_lie_in_the_middle():
    first = net("grey", [], [link("x", "brightness", 1.0)])
    second = net("grey", [], [link("x", "brightness", 3.0)])
    drawn = Counter(
        crossover(first, second, rng=rng(seed))[0].connections[0].weight for seed in range(400)
    )
    assert set(drawn) == {1.0, 2.0, 3.0}
    assert drawn[2.0] == pytest.approx(80, abs=35)
    assert drawn[1.0] == pytest.approx(drawn[3.0], abs=80)


@pytest.mark.usefixtures("mixing")
def test_matching_nodes_come_from_either_parent():
    first = net("grey", [node("brightness", "sin", 1.0)], [link("x", "brightness")])
    second = net("grey", [node("brightness", "cos", 2.0)], [link("x", "brightness")])
    drawn = {crossover(first, second, rng=rng(seed))[0].nodes[0] for seed in range(40)}
    assert drawn == {node("brightness", "sin", 1.0), node("brightness", "cos", 2.0)}


@pytest.mark.usefixtures("mixing")
def test_genes_of_the_second_join_in_about_half_of_the_children():
    first = net("grey", [node("a")], [link("x", "a"), link("a", "brightness")])
    second = net("grey", [node("b", "sin")], [link("y", "b", 1.5), link("b", "brightness", 2.0)])
    joined = 0
    for seed in range(100):
        child, _ = crossover(first, second, rng=rng(seed))
        genes = {gene.ends: gene for gene in child.connections}
        assert {("x", "a"), ("a", "brightness")} <= set(genes)
        if "b" in child.node_keys:
            joined += 1
            assert genes["y", "b"].weight == 1.5
            assert 0.6 <= genes["b", "brightness"].weight <= 1.8, "an output keeps its scale"
    assert 30 < joined < 70


@pytest.mark.usefixtures("mixing")
def test_genes_that_would_close_a_cycle_stay_out():
    first = net("grey", [node("a"), node("b")], [link("a", "b"), link("b", "brightness")])
    second = net("grey", [node("a"), node("b")], [link("b", "a"), link("a", "brightness")])
    children = [crossover(first, second, rng=rng(seed))[0] for seed in range(40)]
    ends = {gene.ends for child in children for gene in child.connections}
    assert ends == {("a", "b"), ("b", "brightness"), ("a", "brightness")}


def test_relatives_align_and_differ_from_both_parents():
    """Children of siblings: most get something of both, since marks agree across lines."""
    ancestor = founder(rng=rng(5))
    first, second = ancestor, ancestor
    for step in range(4):
        first, _ = mutate(first, strength=0.6, rng=rng(step))
        second, _ = mutate(second, strength=0.6, rng=rng(100 + step))
    children = [crossover(first, second, rng=rng(seed))[0] for seed in range(40)]
    assert np.mean([child not in (first, second) for child in children]) > 0.8
    assert len({child.id for child in children}) > 20


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 500))
def test_children_of_founders_can_be_drawn(seed: int):
    first, second = founder(rng=rng(seed)), founder(rng=rng(seed + 1))
    child, _ = crossover(first, second, rng=rng(seed))
    assert render([child], Canvas(width=4, height=4), device="reference").shape == (1, 4, 4, 3)
