"""Drafts: genes taken apart, which of them carry form or colour, and the marks of new nodes."""

import numpy as np
import pytest
from hypothesis import given, settings

from breeder.errors import GenomeError
from breeder.evolve.draft import Draft, split_key
from breeder.genome import Genome
from tests.genomes import random_genome
from tests.strategies import AWKWARD_KEYS, HIDDEN_KEYS, genomes, link, net, node


@settings(max_examples=60, deadline=None)
@given(genome=genomes(hidden_keys=(*HIDDEN_KEYS, *AWKWARD_KEYS)))
def test_a_draft_that_is_not_changed_freezes_to_the_same_genome(genome: Genome):
    assert Draft(genome).freeze() == genome


def test_changing_a_draft_leaves_its_genome_as_it_was():
    genome = random_genome(1)
    before = genome.id
    draft = Draft(genome)
    draft.remove_node("n001")
    draft.connect("x", "hue", 9.0)
    draft.set_weight(next(iter(draft.connections)), 3.0)
    assert genome == random_genome(1)
    assert genome.id == before


def test_a_draft_is_checked_when_it_freezes():
    draft = Draft(net("grey", [node("h")], [link("h", "brightness")]))
    draft.connect("brightness", "h", 1.0)
    with pytest.raises(GenomeError, match="cycle"):
        draft.freeze()


def test_removing_a_node_removes_every_connection_that_touches_it():
    draft = Draft(
        net(
            "grey",
            [node("h"), node("i")],
            [
                link("x", "h"),
                link("h", "i"),
                link("h", "brightness", enabled=False),
                link("i", "brightness"),
            ],
        )
    )
    draft.remove_node("h")
    assert set(draft.nodes) == {"i", "brightness"}
    assert set(draft.connections) == {("i", "brightness")}


@settings(max_examples=80, deadline=None)
@given(genome=genomes())
def test_reaching_is_the_transitive_closure_of_all_connections(genome: Genome):
    draft = Draft(genome)
    keys = [*genome.inputs, *genome.node_keys]
    place = {key: index for index, key in enumerate(keys)}
    reach = np.eye(len(keys), dtype=bool)
    for gene in genome.connections:
        reach[place[gene.source], place[gene.target]] = True
    for _ in keys:
        reach |= (reach.astype(int) @ reach.astype(int)) > 0
    for goal in genome.node_keys:
        wanted = {key for key in genome.node_keys if reach[place[key], place[goal]]}
        assert draft.upstream([goal]) == wanted
        for start in genome.node_keys:
            assert draft.reaches(start, goal) == reach[place[start], place[goal]]
    assert all(draft.reaches(key, key) for key in keys)


def test_disabled_connections_count_since_they_may_be_enabled_again():
    genome = net("hsb", [node("h")], [link("h", "brightness", enabled=False), link("h", "hue")])
    assert Draft(genome).reaches("h", "brightness")
    assert "h" not in Draft(genome).color_nodes()


@pytest.mark.parametrize(
    ("color", "expected"),
    [
        ("grey", set()),
        ("hsb", {"hue", "saturation", "tint", "dead"}),
        ("rgb", {"red", "green", "blue"}),
        ("oklab", {"green_red", "blue_yellow", "tint", "dead"}),
        ("lab", {"green_red", "blue_yellow", "tint", "dead"}),
    ],
)
def test_colour_nodes_are_those_that_do_not_feed_the_form(color, expected: set[str]):
    form = {"rgb": "red", "oklab": "lightness", "lab": "lightness"}.get(color, "brightness")
    tinted = {
        "hsb": "hue",
        "rgb": "green",
        "oklab": "green_red",
        "lab": "green_red",
        "grey": "dead",
    }[color]
    genome = net(
        color,
        [node("form"), node("tint"), node("dead")],
        [link("x", "form"), link("form", form), link("form", "tint"), link("tint", tinted)],
    )
    assert Draft(genome).color_nodes() == expected


def test_a_colour_output_that_feeds_the_form_is_form():
    genome = net("hsb", [], [link("x", "hue"), link("hue", "brightness")])
    assert Draft(genome).color_nodes() == {"saturation"}


def test_the_mark_of_a_split_follows_from_the_connection_alone():
    """Other runs, machines and versions must derive the same; should this fail, the change is
    wrong."""
    assert split_key("x", "hue", []) == "n02bd52183d16"
    assert split_key("x", "hue", ["n02bd52183d16", "h"]) == "ne2726d828089"
    assert split_key("x", "hue", ["unrelated", "n123"]) == split_key("x", "hue", [])


def test_marks_of_different_connections_differ():
    keys = ["x", "y", "hue", "n0", "n1", "xhue"]
    marks = {split_key(a, b, []) for a in keys for b in keys}
    assert len(marks) == len(keys) ** 2


def test_marks_differ_whatever_letters_the_ends_are_written_with():
    assert split_key("a\nb", "c", []) != split_key("a", "b\nc", [])


def test_the_same_connection_split_again_has_a_further_mark():
    taken: list[str] = []
    for _ in range(20):
        taken.append(split_key("x", "y", taken))
    assert len(set(taken)) == 20
    assert all(len(key) == 13 and key.startswith("n") for key in taken)
