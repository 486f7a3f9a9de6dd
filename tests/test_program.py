"""Compiling: what no output needs is left out, structure and numbers are apart, pictures stay."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from breeder.activations import ACTIVATIONS, OPERATION_CODES, SUM_LIMIT
from breeder.genome import OUTPUTS, Genome
from breeder.inputs import INPUTS
from breeder.program import compile_genome
from breeder.rendering import render
from breeder.rendering.canvas import Canvas
from breeder.rendering.reference import evaluate
from tests.genomes import random_genome
from tests.strategies import genomes, link, net, node, weights

X, Y = Canvas(width=7, height=5).points(range(5))


def by_definition(genome: Genome, z: float = 0.3) -> NDArray[np.float64]:
    """The output channels as the genome's docstrings define them, with nothing left out."""
    values = {name: INPUTS[name].reference(X, Y, z) for name in genome.inputs}
    waiting = {gene.key: gene for gene in genome.nodes}
    while waiting:
        for key, gene in list(waiting.items()):
            feeding = [g for g in genome.connections if g.target == key]
            if any(g.source in waiting for g in feeding):
                continue
            total = np.full_like(X, gene.bias)
            for each in feeding:
                if each.enabled:
                    total += each.weight * values[each.source]
            total = np.clip(total, -SUM_LIMIT, SUM_LIMIT)
            values[key] = ACTIVATIONS[gene.activation].reference(total)
            del waiting[key]
    return np.stack([values[key] for key in OUTPUTS[genome.color]])


def needed_only(genome: Genome) -> Genome:
    """The genome without disabled connections and without the nodes that no output needs."""
    genes = {gene for gene in genome.connections if gene.enabled}
    keys = set(OUTPUTS[genome.color])
    while more := {g.source for g in genes if g.target in keys} - keys - set(genome.inputs):
        keys |= more
    return replace(
        genome,
        nodes=tuple(gene for gene in genome.nodes if gene.key in keys),
        connections=tuple(gene for gene in genes if gene.target in keys),
    )


def picture(genome: Genome) -> bytes:
    canvas = Canvas(width=7, height=5, z=0.3)
    return render([genome], canvas, device="reference").tobytes()


@settings(max_examples=150, deadline=None)
@given(genome=genomes())
def test_a_program_computes_what_the_genome_means(genome: Genome):
    np.testing.assert_array_equal(
        evaluate(compile_genome(genome), X, Y, 0.3), by_definition(genome)
    )


@settings(max_examples=100, deadline=None)
@given(genome=genomes())
def test_nodes_that_no_output_needs_are_dropped_and_the_picture_stays(genome: Genome):
    smaller = needed_only(genome)
    program, same = compile_genome(genome), compile_genome(smaller)
    assert program.operations.size == len(smaller.nodes)
    assert program.sources.size == program.weights.size == len(smaller.connections)
    assert program.inputs.size == len({g.source for g in smaller.connections} & set(genome.inputs))
    assert program.structure == same.structure
    np.testing.assert_array_equal(program.weights, same.weights)
    assert picture(genome) == picture(smaller)


def test_dead_ends_of_every_kind_leave_no_trace():
    alive = net("grey", [node("h", "sin")], [link("x", "h", 2), link("h", "brightness")])
    cluttered = replace(
        alive,
        nodes=(*alive.nodes, node("dead"), node("deader", "cos"), node("a"), node("unfed")),
        connections=(
            *alive.connections,
            link("h", "dead"),
            link("dead", "deader"),
            link("y", "a"),
            link("a", "h", enabled=False),
            link("brightness", "deader"),
        ),
    )
    assert compile_genome(cluttered).structure == compile_genome(alive).structure
    assert picture(cluttered) == picture(alive)


@settings(max_examples=80, deadline=None)
@given(genome=genomes(), data=st.data())
def test_a_change_of_numbers_alone_keeps_the_structure(genome: Genome, data: st.DataObject):
    other = replace(
        genome,
        nodes=tuple(replace(gene, bias=data.draw(weights)) for gene in genome.nodes),
        connections=tuple(replace(gene, weight=data.draw(weights)) for gene in genome.connections),
    )
    one, two = compile_genome(genome), compile_genome(other)
    assert one.structure == two.structure
    for name in ("inputs", "operations", "levels", "offsets", "sources", "outputs"):
        np.testing.assert_array_equal(getattr(one, name), getattr(two, name))


def variants() -> dict[str, Genome]:
    genome = net(
        "grey",
        [node("h", "sin"), node("i", "sin"), node("brightness", "tanh")],
        [link("x", "h"), link("y", "i"), link("h", "brightness"), link("i", "brightness")],
    )
    h, i, x, y = (gene for gene in genome.connections)
    nodes = {gene.key: gene for gene in genome.nodes}
    return {
        "as it is": genome,
        "another activation": replace(
            genome, nodes=(replace(nodes["h"], activation="cos"), nodes["i"], nodes["brightness"])
        ),
        "another output activation": replace(
            genome, nodes=(nodes["h"], nodes["i"], node("brightness", "sin"))
        ),
        "a connection off": replace(genome, connections=(h, i, x, replace(y, enabled=False))),
        "a branch less": replace(genome, connections=(h, x, y)),
        "another input": replace(genome, connections=(h, i, x, link("d", "i"))),
        "both from one input": replace(genome, connections=(h, i, x, link("x", "i"))),
        "a connection more": replace(genome, connections=(h, i, x, y, link("x", "i"))),
        "a chain": replace(genome, connections=(h, x, link("i", "h"), y)),
        "in colour": net(
            "hsb", list(genome.nodes), genome.connections
        ),  # the same nodes, two outputs more
    }


def test_every_change_of_structure_changes_its_key():
    structures = {name: compile_genome(genome).structure for name, genome in variants().items()}
    assert len(set(structures.values())) == len(structures), structures


def test_colour_models_of_equal_shape_have_different_structures():
    structures = set()
    for color in ("hsb", "rgb", "oklab"):
        structures.add(compile_genome(net(color, [])).structure)
    assert len(structures) == 3


def test_a_node_that_nothing_feeds_stays_as_a_constant():
    genome = net(
        "grey",
        [node("c", "sin", 0.5), node("brightness", "identity", 0.125)],
        [link("c", "brightness", 0.5)],
    )
    program = compile_genome(genome)
    assert program.inputs.size == 0
    expected = 0.125 + 0.5 * np.sin(0.5)
    np.testing.assert_array_equal(evaluate(program, X, Y, 0.0), np.full((1, X.size), expected))


def test_an_output_that_nothing_feeds_is_its_activation_of_its_bias():
    program = compile_genome(net("rgb", [node("green", "cos", 0.25)]))
    channels = evaluate(program, X, Y, 0.0)
    assert channels.shape == (3, X.size)
    assert (channels == np.array([[0.0], [np.cos(0.25)], [0.0]])).all()


def test_outputs_may_feed_each_other():
    genome = net(
        "rgb",
        [node("green", "square"), node("blue", "cos")],
        [link("x", "red"), link("red", "green", 0.5), link("green", "blue", 2.0)],
    )
    red, green, blue = evaluate(compile_genome(genome), X, Y, 0.0)
    np.testing.assert_array_equal(red, X)
    np.testing.assert_array_equal(green, (0.5 * X) ** 2)
    np.testing.assert_array_equal(blue, np.cos(2.0 * green))


@pytest.mark.parametrize("weight", [1e6, -1e6])
def test_sums_are_clipped_before_their_activation(weight: float):
    genome = net("grey", [node("h")], [link("bias", "h", weight), link("h", "brightness", 1e-4)])
    value = evaluate(compile_genome(genome), X, Y, 0.0)[0, 0]
    assert value == pytest.approx(np.sign(weight), rel=1e-12)


@settings(max_examples=60, deadline=None)
@given(genome=genomes())
def test_arrays_are_in_order_and_of_their_types(genome: Genome):
    program = compile_genome(genome)
    count, inputs = program.operations.size, program.inputs.size
    assert (np.diff(program.levels) >= 0).all()
    assert program.offsets[0] == 0
    assert program.offsets[-1] == program.sources.size
    assert (np.diff(program.offsets) >= 0).all()
    for index in range(count):
        sources = program.sources[program.offsets[index] : program.offsets[index + 1]]
        assert (sources < inputs + index).all()
        assert (program.levels[sources[sources >= inputs] - inputs] < program.levels[index]).all()
    assert ((inputs <= program.outputs) & (program.outputs < inputs + count)).all()
    types = {name: getattr(program, name).dtype.name for name in ("inputs", "levels", "weights")}
    assert types == {"inputs": "int16", "levels": "int32", "weights": "float64"}


def test_within_a_level_nodes_of_one_activation_stand_together():
    program = compile_genome(random_genome(3, hidden=60, connections=300))
    for level in set(program.levels.tolist()):
        operations = program.operations[program.levels == level].tolist()
        assert operations == sorted(operations)


def test_equal_genomes_share_one_program():
    one, other = random_genome(4), random_genome(4)
    assert one is not other
    assert compile_genome(one) is compile_genome(other)


def test_compiling_does_not_change_the_genome():
    genome = random_genome(5)
    before = (genome.nodes, genome.connections, genome.id)
    compile_genome(genome)
    assert (genome.nodes, genome.connections, genome.id) == before
    assert replace(genome).id == genome.id


def test_operations_are_the_table_s_codes():
    for name, code in OPERATION_CODES.items():
        assert compile_genome(net("grey", [node("brightness", name)])).operations.tolist() == [code]
