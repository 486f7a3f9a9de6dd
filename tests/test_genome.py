"""Genomes: immutable, checked when made, with one identity for all equal ones."""

import copy
import itertools
from dataclasses import FrozenInstanceError, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from breeder.activations import ACTIVATIONS
from breeder.errors import BreederError, GenomeError
from breeder.genome import (
    COLOR_MODELS,
    KEY_LENGTH,
    OUTPUTS,
    WEIGHT_LIMIT,
    ConnectionGene,
    Genome,
    NodeGene,
    canonical_json,
    to_plain,
    topological_order,
)
from breeder.program import compile_genome
from tests.strategies import AWKWARD_KEYS, HIDDEN_KEYS, genomes, link, net, node

CMYK: Any = "cmyk"
BASE = net(
    "grey",
    [node("h", "sin", 0.25), node("brightness", "tanh", -0.5)],
    [link("x", "h", 1.5), link("y", "h", -0.5, enabled=False), link("h", "brightness", 0.75)],
    inputs=("x", "y"),
)


# Identity


@settings(max_examples=60, deadline=None)
@given(genome=genomes(hidden_keys=(*HIDDEN_KEYS, *AWKWARD_KEYS)), data=st.data())
def test_the_order_in_which_genes_are_given_does_not_matter(genome: Genome, data: st.DataObject):
    shuffled = Genome(
        inputs=genome.inputs,
        nodes=tuple(data.draw(st.permutations(genome.nodes))),
        connections=tuple(data.draw(st.permutations(genome.connections))),
        color=genome.color,
    )
    assert shuffled == genome
    assert shuffled.id == genome.id
    assert hash(shuffled) == hash(genome)
    assert shuffled.nodes == genome.nodes


@settings(max_examples=60, deadline=None)
@given(one=genomes(), other=genomes())
def test_genomes_are_equal_exactly_when_their_identities_are(one: Genome, other: Genome):
    assert (one == other) == (one.id == other.id) == (canonical_json(one) == canonical_json(other))


def changes() -> dict[str, Genome]:
    nodes, genes = BASE.nodes, BASE.connections
    at = {gene.ends: gene for gene in genes}
    h = next(n for n in nodes if n.key == "h")
    without_h = tuple(n for n in nodes if n != h)
    feeds = at["h", "brightness"]
    ulp = float(np.nextafter(feeds.weight, 2.0))

    def with_gene(gene: ConnectionGene, **new: Any) -> Genome:
        rest = tuple(g for g in genes if g != gene)
        return replace(BASE, connections=(*rest, replace(gene, **new)))

    return {
        "a bias": replace(BASE, nodes=(*without_h, replace(h, bias=0.5))),
        "the last bit of a bias": replace(
            BASE, nodes=(*without_h, replace(h, bias=float(np.nextafter(0.25, 1))))
        ),
        "an activation": replace(BASE, nodes=(*without_h, replace(h, activation="cos"))),
        "a node more": replace(BASE, nodes=(*nodes, node("dead"))),
        "a weight": with_gene(feeds, weight=0.5),
        "the last bit of a weight": with_gene(feeds, weight=ulp),
        "a sign": with_gene(feeds, weight=-feeds.weight),
        "a connection switched off": with_gene(feeds, enabled=False),
        "a connection switched on": with_gene(at["y", "h"], enabled=True),
        "a source": with_gene(at["x", "h"], source="y", target="brightness"),
        "a connection less": replace(BASE, connections=genes[1:]),
        "an input more": replace(BASE, inputs=("x", "y", "d")),
        "a key": Genome(
            inputs=BASE.inputs,
            nodes=(*without_h, replace(h, key="g")),
            connections=(
                link("x", "g", 1.5),
                link("y", "g", -0.5, enabled=False),
                link("g", "brightness", 0.75),
            ),
            color="grey",
        ),
        "the colour model": Genome(
            inputs=BASE.inputs,
            nodes=(*nodes, node("hue"), node("saturation")),
            connections=genes,
            color="hsb",
        ),
        "its outputs alone": replace(BASE, nodes=(*nodes, node("hue"), node("saturation"))),
    }


def test_every_change_of_a_gene_changes_the_identity():
    changed = {"nothing": BASE, **changes()}
    for (one, a), (other, b) in itertools.combinations(changed.items(), 2):
        assert a.id != b.id, f"{one} and {other} have one identity"
        assert a != b


def test_minus_zero_is_zero():
    minus = net("grey", [node("brightness", "sin", -0.0)], [link("x", "brightness", -0.0)])
    zero = net("grey", [node("brightness", "sin", 0.0)], [link("x", "brightness", 0.0)])
    assert minus.id == zero.id
    assert minus == zero
    assert str(minus.nodes[0].bias) == str(minus.connections[0].weight) == "0.0"


@given(value=st.floats(-WEIGHT_LIMIT, WEIGHT_LIMIT))
def test_floats_are_kept_to_the_last_bit(value: float):
    genome = net("grey", [node("brightness", "sin", value)], [link("x", "brightness", value)])
    assert genome.nodes[0].bias == genome.connections[0].weight == value
    plain = to_plain(genome)
    assert plain["nodes"] == [["brightness", "sin", value]]
    assert repr(value + 0.0) in canonical_json(genome)


@pytest.mark.parametrize("two", [2, np.float64(2), np.float32(2), np.int64(2)])
def test_numbers_of_every_type_become_the_same_float(two: Any):
    genome = net("grey", [node("brightness", "sin", two)], [link("x", "brightness", two)])
    same = net("grey", [node("brightness", "sin", 2.0)], [link("x", "brightness", 2.0)])
    assert genome.id == same.id
    assert type(genome.nodes[0].bias) is type(genome.connections[0].weight) is float


@pytest.mark.parametrize("yes", [1, np.True_, 1.0])
def test_truths_of_every_type_become_the_same_one(yes: Any):
    genome = net("grey", [], [link("x", "brightness", 2.0, enabled=yes)])
    assert genome.id == net("grey", [], [link("x", "brightness", 2.0)]).id


def test_an_identity_is_the_same_for_ever():
    """Addresses, databases and files hold it: should this fail, the change is wrong."""
    assert len(BASE.id) == 32
    assert canonical_json(BASE) == (
        '{"color":"grey","connections":[["h","brightness",0.75,true],["x","h",1.5,true],'
        '["y","h",-0.5,false]],"inputs":["x","y"],"nodes":[["brightness","tanh",-0.5],'
        '["h","sin",0.25]]}'
    )
    assert BASE.id == "818eb6a78ed29397042dd6389f3ef2c7"


# Immutability


def test_nothing_of_a_genome_can_be_changed():
    genome = copy.copy(BASE)
    for name in ("inputs", "nodes", "connections", "color"):
        with pytest.raises(FrozenInstanceError):
            setattr(genome, name, getattr(genome, name))
    with pytest.raises((AttributeError, TypeError)):  # TypeError: a frozen class with slots, 3.11
        genome.id = "0" * 32  # type: ignore[misc]
    with pytest.raises(FrozenInstanceError):
        genome.nodes[0].bias = 1.0  # type: ignore[misc]
    with pytest.raises(FrozenInstanceError):
        genome.connections[0].weight = 1.0  # type: ignore[misc]
    assert all(type(genes) is tuple for genes in (genome.inputs, genome.nodes, genome.connections))


def test_lists_given_to_a_genome_are_not_kept():
    nodes: list[NodeGene] = [node("brightness")]
    inputs, genes = ["x"], [link("x", "brightness")]
    genome = Genome(inputs=inputs, nodes=nodes, connections=genes, color="grey")  # type: ignore[arg-type]
    before = genome.id
    nodes.append(node("late"))
    inputs.append("y")
    genes.clear()
    assert genome.inputs == ("x",)
    assert len(genome.nodes) == len(genome.connections) == 1
    assert replace(genome).id == before


# Invariants: each has an error, and the error names the gene


@pytest.mark.parametrize(
    ("make", "names"),
    [
        (lambda: net("grey", [], inputs=("x", "q")), ["'q'", "x"]),
        (lambda: net("grey", [], inputs=()), ["input"]),
        (lambda: net("grey", [], inputs=("x", "x")), ["only once"]),
        (lambda: replace(BASE, color=CMYK), ["'cmyk'", "oklab"]),
        (lambda: net("grey", [node("h", "sine")]), ["'sine'", "'h'", "tanh"]),
        (lambda: net("grey", [node("h"), node("h", "sin")]), ["'h'", "twice"]),
        (lambda: net("grey", [node("x")]), ["'x'", "input"]),
        (lambda: net("grey", [node("")]), ["''", "64"]),
        (lambda: net("grey", [node("k" * 65)]), ["k" * 65, "64"]),
        (lambda: net("grey", [node("\ud800")]), ["ud800"]),
        (lambda: net("grey", [node("h", "sin", float("nan"))]), ["'h'", "bias", "nan"]),
        (lambda: net("grey", [node("h", "sin", float("inf"))]), ["'h'", "bias", "inf"]),
        (lambda: net("grey", [node("h", "sin", 1.1e6)]), ["'h'", "1e+06"]),
        (lambda: net("grey", [], [link("x", "brightness", float("nan"))]), ["'x'", "'brightness'"]),
        (lambda: net("grey", [], [link("x", "brightness", float("-inf"))]), ["'x'", "weight"]),
        (lambda: net("grey", [], [link("x", "brightness", -1.1e6)]), ["'x'", "-1100000.0"]),
        (lambda: net("grey", [], [link("q", "brightness")]), ["'q'"]),
        (lambda: net("grey", [], [link("z", "brightness")]), ["'z'"]),
        (lambda: net("grey", [], [link("x", "q")]), ["'q'"]),
        (lambda: net("grey", [], [link("x", "y")]), ["'y'"]),
        (
            lambda: net("grey", [], [link("x", "brightness"), link("x", "brightness", 2)]),
            ["'x'", "'brightness'", "twice"],
        ),
        (lambda: net("grey", [], [link("brightness", "brightness")]), ["cycle", "'brightness'"]),
    ],
)
def test_a_broken_invariant_is_refused_by_name(make: Any, names: list[str]):
    with pytest.raises(GenomeError) as caught:
        make()
    for name in names:
        assert name in str(caught.value)
    assert isinstance(caught.value, BreederError)


@pytest.mark.parametrize("color", COLOR_MODELS)
def test_every_output_of_the_colour_model_must_be_there(color: Any):
    for missing in OUTPUTS[color]:
        nodes = tuple(node(key) for key in OUTPUTS[color] if key != missing)
        with pytest.raises(GenomeError, match=missing):
            Genome(inputs=("x",), nodes=nodes, connections=(), color=color)


def test_limits_themselves_are_allowed():
    key = "k" * KEY_LENGTH
    genome = net("grey", [node(key, "sin", WEIGHT_LIMIT)], [link(key, "brightness", -WEIGHT_LIMIT)])
    assert genome.nodes[1].bias == WEIGHT_LIMIT


@pytest.mark.parametrize("enabled", [True, False])
@pytest.mark.parametrize("length", [2, 3, 50])
def test_cycles_are_refused_also_through_disabled_connections(enabled: bool, length: int):
    keys = [f"n{index}" for index in range(length)]
    ring = [link(a, b) for a, b in itertools.pairwise(keys)]
    nodes = [node(key) for key in keys]
    net("grey", nodes, ring)
    with pytest.raises(GenomeError, match="cycle"):
        net("grey", nodes, [*ring, link(keys[-1], keys[0], enabled=enabled)])


# Order


@settings(max_examples=60, deadline=None)
@given(genome=genomes())
def test_sources_stand_before_their_targets_and_levels_rise(genome: Genome):
    ends = [gene.ends for gene in genome.connections]
    levels = topological_order(genome.node_keys, ends)
    assert sorted(levels) == sorted(genome.node_keys)
    place = {key: index for index, key in enumerate(levels)}
    for key, level in levels.items():
        sources = [source for source, target in ends if target == key and source in levels]
        assert all(place[source] < place[key] for source in sources)
        assert level == max((levels[source] + 1 for source in sources), default=0)


def deep_chain(length: int) -> Genome:
    keys = [f"n{index:05d}" for index in range(length)]
    genes = [link(a, b) for a, b in itertools.pairwise(["x", *keys, "brightness"])]
    return net("grey", [node(key) for key in keys], genes)


def test_a_chain_of_five_thousand_nodes_does_not_recurse():
    genome = deep_chain(5_000)
    assert len(genome.id) == 32
    program = compile_genome(genome)
    assert program.levels.tolist() == list(range(5_001))
    with pytest.raises(GenomeError, match="cycle"):
        replace(genome, connections=(*genome.connections, link("brightness", "n00000")))


def test_every_activation_can_be_in_a_genome():
    genome = net("grey", [node(f"n{name}", name) for name in ACTIVATIONS])
    assert {gene.activation for gene in genome.nodes} == set(ACTIVATIONS)
