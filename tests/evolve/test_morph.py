"""A morph is a way from one picture to another on which every frame is a picture of a network."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from breeder.errors import SettingsError
from breeder.evolve.crossover import crossover
from breeder.evolve.founders import founder
from breeder.evolve.morph import morph
from breeder.evolve.mutation import mutate
from breeder.genome import COLOR_MODELS, ColorModel, Genome
from breeder.rendering import render
from breeder.rendering.canvas import Canvas
from tests.strategies import AWKWARD_KEYS, HIDDEN_KEYS, genomes, link, net, node, seeds

SMALL = Canvas(width=16, height=16)
parts = st.floats(0.0, 1.0, exclude_min=True, exclude_max=True)


def drawn(*wanted: Genome) -> np.ndarray:
    return render(wanted, SMALL, device="reference").astype(int)


def apart(one: np.ndarray, other: np.ndarray) -> float:
    """Return the mean difference of two pictures, in 255ths."""
    return float(np.abs(one - other).mean())


@settings(max_examples=50, deadline=None)
@given(
    genomes(hidden_keys=(*HIDDEN_KEYS, *AWKWARD_KEYS)),
    genomes(hidden_keys=(*HIDDEN_KEYS, *AWKWARD_KEYS)),
    parts,
)
def test_every_frame_is_a_genome_whatever_the_two_are(first: Genome, second: Genome, t: float):
    frame = morph(first, second, t)  # one with a cycle would be refused
    assert set(frame.inputs) == {*first.inputs, *second.inputs} or first == second
    assert frame.color in (first.color, second.color)


@given(genomes(), genomes())
@settings(max_examples=10, deadline=None)
def test_the_ends_are_the_two_themselves(first: Genome, second: Genome):
    assert morph(first, second, 0.0) == first
    assert morph(first, second, 1.0) == second


@pytest.mark.parametrize("t", [-0.1, 1.1, float("nan")])
def test_a_moment_outside_the_way_is_refused(t: float):
    with pytest.raises(SettingsError, match="0 to 1"):
        morph(net("grey", []), net("rgb", []), t)


def test_what_both_have_moves_and_what_is_new_grows():
    first = net("grey", [node("a", "sin", 1.0)], [link("x", "a", 2.0), link("a", "brightness")])
    second = net(
        "grey",
        [node("a", "sin", 3.0), node("b", "cos", 0.5)],
        [
            link("x", "a", 4.0),
            link("a", "brightness", 0.0),
            link("y", "b", 5.0),
            link("b", "brightness", 8.0),
        ],
    )
    frame = morph(first, second, 0.25)
    assert {gene.ends: gene.weight for gene in frame.connections} == {
        ("x", "a"): 2.5,
        ("a", "brightness"): 0.75,
        ("y", "b"): 5.0,
        ("b", "brightness"): 2.0,
    }
    assert {gene.key: gene.bias for gene in frame.nodes} == {"a": 1.5, "b": 0.5, "brightness": 0.0}


def test_a_disabled_connection_counts_as_none():
    first = net("grey", [], [link("x", "brightness", 3.0, enabled=False)])
    second = net("grey", [], [link("x", "brightness", 4.0)])
    assert [gene.weight for gene in morph(first, second, 0.5).connections] == [2.0]


def test_a_node_that_computes_something_else_hands_over_within_the_network():
    def through(activation: str) -> Genome:
        return net("grey", [node("a", activation)], [link("x", "a", 2.0), link("a", "brightness")])

    frame = morph(through("sin"), through("cos"), 0.25)
    values = {gene.key: gene.activation for gene in frame.nodes}
    out = {values[gene.source]: gene.weight for gene in frame.connections if gene.source in values}
    assert out == {"sin": 0.75, "cos": 0.25}


def test_networks_that_form_a_cycle_together_still_morph():
    def one_way(source: str, target: str) -> Genome:
        nodes = [node("a", "sin"), node("b", "cos")]
        ends = [("x", source), (source, target), (target, "brightness")]
        return net("grey", nodes, [link(*each, 0.9) for each in ends])

    first, second = one_way("a", "b"), one_way("b", "a")
    frames = [morph(first, second, t) for t in np.linspace(0, 1, 33)]
    pictures = drawn(*frames)
    steps = [apart(*pair) for pair in pairwise(pictures)]
    assert max(steps) < 12
    assert apart(pictures[0], pictures[-1]) > 20


def family(seed: int) -> tuple[Genome, Genome]:
    """Return a picture and a descendant of it some generations on, crossed on the way."""
    rng = np.random.default_rng(seed)
    start = founder(rng=rng, color=bool(seed % 2))
    child = start
    for _ in range(4):
        child, _ = mutate(child, strength=0.6, rng=rng)
    other = founder(rng=rng)
    child, _ = crossover(child, other, rng=rng)
    return start, child


@pytest.mark.parametrize("seed", range(8))
def test_the_frames_change_by_little_and_by_less_the_closer_they_stand(seed: int):
    first, second = family(seed)
    ways = []
    for count in (24, 96):
        pictures = drawn(*(morph(first, second, t) for t in np.linspace(0, 1, count + 1)))
        ways.append([apart(*pair) for pair in pairwise(pictures)])
    assert max(ways[1]) < 0.55 * max(ways[0]) + 1.0
    assert max(ways[1]) < 12


@settings(max_examples=25, deadline=None)
@given(seeds, st.sampled_from(COLOR_MODELS), st.sampled_from(COLOR_MODELS))
def test_each_end_is_reached_without_a_jump(seed: int, color: ColorModel, other: ColorModel):
    rng = np.random.default_rng(seed)
    pair = random_picture(rng, color), random_picture(rng, other)
    start, near_start, near_end, end = drawn(
        pair[0], morph(*pair, 1e-6), morph(*pair, 1 - 1e-6), pair[1]
    )
    assert apart(start, near_start) < 1.5
    assert apart(near_end, end) < 1.5


@settings(max_examples=25, deadline=None)
@given(seeds, st.sampled_from(COLOR_MODELS), st.sampled_from(COLOR_MODELS))
def test_where_the_colour_model_changes_nothing_jumps(
    seed: int, color: ColorModel, other: ColorModel
):
    rng = np.random.default_rng(seed)
    pair = random_picture(rng, color), random_picture(rng, other)
    before, after = drawn(morph(*pair, 0.4999999), morph(*pair, 0.5000001))
    assert apart(before, after) < 1.5


def random_picture(rng: np.random.Generator, color: ColorModel) -> Genome:
    """Return a picture with smooth nodes in any colour model."""
    kinds = ("sin", "cos", "tanh", "gaussian", "identity")
    hidden = [node(key, str(rng.choice(kinds)), rng.normal()) for key in "abc"]
    outputs = [
        node(key, str(rng.choice(kinds)), rng.normal() / 2) for key in net(color, []).outputs
    ]
    keys = ["x", "y", "d", *"abc"]
    links = [link(source, "abc"[i], rng.normal()) for i in range(3) for source in keys[: 3 + i]]
    links += [link(key, gene.key, rng.normal()) for gene in outputs for key in "abc"]
    return net(color, [*hidden, *outputs], links)
