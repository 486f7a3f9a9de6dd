"""Two networks, compared in words."""

from __future__ import annotations

import pytest
from hypothesis import given

from breeder.evolve.difference import COLOR_WORDS, difference, in_common
from breeder.genome import COLOR_MODELS, Genome
from tests.strategies import genomes, link, net, node


def test_every_kind_of_difference_is_said():
    first = net(
        "grey",
        [node("a", "sin"), node("gone", "cos"), node("b", "abs", 1.0)],
        [
            link("x", "a", 1.0),
            link("y", "b", 2.0, enabled=False),
            link("a", "brightness"),
            link("d", "gone"),
        ],
        inputs=("x", "y", "d"),
    )
    second = net(
        "hsb",
        [node("a", "tanh"), node("b", "abs", 1.25)],
        [link("x", "a", -0.5), link("y", "b", 2.0), link("z", "b"), link("b", "hue")],
        inputs=("x", "y", "z"),
    )
    assert difference(first, second) == (
        "colour by hue instead of grey",
        "new input z; without the input d",
        "2 new nodes (2 identity)",
        "without the cos node gone",
        "node a is tanh instead of sin",
        "1 bias differs by up to 0.25",
        "new connections b to hue, z to b",
        "without the connections a to brightness, d to gone",
        "switched on: connection y to b",
        "1 weight differs by up to 1.50",
    )


def test_many_of_a_kind_are_counted():
    keys = "abcefg"
    links = [link(key, "brightness") for key in keys]
    first = net("grey", [node(key, "sin") for key in keys], links)
    second = net("grey", [node(key, "cos") for key in keys], [])
    assert difference(first, second) == (
        "node a is cos instead of sin",
        "node b is cos instead of sin",
        "node c is cos instead of sin",
        "3 more nodes compute other functions",
        "without 6 connections",
    )


@given(genomes(), genomes())
def test_equal_networks_have_no_difference_and_others_have_one(one: Genome, other: Genome):
    assert not difference(one, one)
    assert bool(difference(one, other)) == (one != other)
    assert 0.0 <= in_common(one, other) <= 1.0
    assert in_common(one, one) == 1.0


@pytest.mark.parametrize("color", COLOR_MODELS)
def test_every_colour_model_has_words(color: str):
    assert COLOR_WORDS[color]
