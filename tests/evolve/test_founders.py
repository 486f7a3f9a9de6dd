"""Founders: valid, varied, in colour or in grey."""

import itertools

import numpy as np
import pytest

from breeder.evolve.founders import founder
from breeder.genome import OUTPUTS, Genome
from breeder.rendering import render
from breeder.rendering.canvas import Canvas


def founders(count: int, *, color: bool = True) -> list[Genome]:
    return [founder(color=color, rng=np.random.default_rng([9, seed])) for seed in range(count)]


@pytest.mark.parametrize("color", [True, False])
def test_founders_are_small_networks_on_the_four_inputs(color: bool):
    for genome in founders(100, color=color):
        assert genome.inputs == ("x", "y", "d", "bias")
        hidden = set(genome.node_keys) - set(genome.outputs)
        assert 3 <= len(hidden) <= 7
        fed = {gene.target for gene in genome.connections}
        assert fed == set(genome.node_keys), "every node is fed"
        assert all(gene.enabled for gene in genome.connections)
        assert all(abs(gene.weight) < 10 for gene in genome.connections)


def test_sizes_are_drawn_from_the_whole_range():
    sizes = {len(genome.nodes) - len(genome.outputs) for genome in founders(200)}
    assert sizes == {3, 4, 5, 6, 7}


def test_founders_are_in_colour_by_default_and_grey_on_request():
    assert {genome.color for genome in founders(60)} == {"hsb", "oklab"}
    assert founder(rng=np.random.default_rng(1)).color != "grey"
    assert {genome.color for genome in founders(60, color=False)} == {"grey"}
    pictures = render(founders(30, color=False), Canvas(width=8, height=8), device="reference")
    assert (pictures == pictures[..., :1]).all()


def test_no_two_founders_are_the_same():
    assert len({genome.id for genome in founders(300)}) == 300


def test_first_pictures_are_varied():
    canvas = Canvas(width=12, height=12)
    pictures = render(founders(40), canvas, device="reference").astype(float).reshape(40, -1)
    apart = [np.sqrt(((a - b) ** 2).mean()) / 255 for a, b in itertools.combinations(pictures, 2)]
    assert np.median(apart) > 0.2
    assert np.mean(np.array(apart) < 0.02) < 0.02


def test_many_activations_take_part():
    used = {gene.activation for genome in founders(100) for gene in genome.nodes}
    assert len(used) == 12


def test_every_output_of_a_model_gets_more_than_one_activation():
    genomes = founders(200)
    for model in ("hsb", "oklab"):
        for output in OUTPUTS[model]:
            used = {
                gene.activation
                for genome in genomes
                if genome.color == model
                for gene in genome.nodes
                if gene.key == output
            }
            assert len(used) > 1, output


@pytest.mark.parametrize("color", [True, False])
def test_the_same_numbers_make_the_same_founder(color: bool):
    assert founders(20, color=color) == founders(20, color=color)
