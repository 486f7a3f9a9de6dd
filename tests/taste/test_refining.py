"""Refining: a taste's score rises, the picture stays within its bound, or nothing changes."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from breeder.errors import CancelledError, SettingsError
from breeder.evolve.founders import founder
from breeder.evolve.mutation import WEIGHT_BOUND
from breeder.genome import ConnectionGene, Genome, NodeGene
from breeder.looks import distances, draw_small, look_at
from breeder.taste import refining
from breeder.taste.features import FEATURES, features_of
from breeder.taste.model import Taste, expand, learn
from breeder.taste.refining import Refined, bound_of, refine, steps_for
from tests.genomes import dense_genome, random_genome
from tests.taste.choosing import choices, liking

QUICK = 24
"""Steps that show what is promised."""


@cache
def taste() -> Taste:
    """Return what choices by colour taught."""
    return learn(choices(60, liking()))


def taste_for(words: str, strength: float) -> Taste:
    """Return a taste for one feature, however it was learnt."""
    (place,) = [place for place, feature in enumerate(FEATURES) if feature.more == words]
    known = learn([])
    weights = known.weights.copy()
    weights[place] = strength
    return replace(known, weights=weights)


def bred(seed: int) -> Genome:
    return founder(rng=np.random.default_rng(seed))


@cache
def refined(seed: int, reach: float) -> Refined:
    return refine(bred(seed), taste(), reach=reach, steps=QUICK)


def moved(one: Genome, other: Genome) -> float:
    looks = look_at(draw_small([one, other]))
    return float(distances(looks.lab[:1], looks.lab[1:])[0, 0])


def score(genome: Genome) -> float:
    return float(taste().score(features_of(draw_small([genome])))[0][0])


def structure(genome: Genome) -> object:
    return (
        genome.inputs,
        genome.color,
        [(gene.key, gene.activation) for gene in genome.nodes],
        [(gene.ends, gene.enabled) for gene in genome.connections],
    )


@pytest.mark.parametrize("reach", [0.0, 0.5, 1.0])
def test_a_picture_is_liked_better_and_stays_within_its_bound(reach: float):
    for seed in (1, 2):
        before, found = bred(seed), refined(seed, reach)
        assert found.improved
        assert found.after > found.before + (0.1 if reach else 0.0)
        assert moved(before, found.genome) == pytest.approx(found.moved)
        assert 0.0 < found.moved <= bound_of(reach)
        assert structure(found.genome) == structure(before)


def test_scores_are_those_of_the_pictures_as_they_are_drawn():
    before, found = bred(1), refined(1, 0.5)
    assert found.before == pytest.approx(score(before), abs=1e-4)
    assert found.after == pytest.approx(score(found.genome), abs=1e-4)


def test_it_knows_how_sure_it_is_of_the_gain():
    before, found = bred(1), refined(1, 0.5)
    rows = expand(features_of(draw_small([before, found.genome])))
    weights = np.random.default_rng(5).normal(size=(4000, len(rows[0]))) @ taste().root
    better = (weights + taste().weights) @ (rows[1] - rows[0]) > 0.0
    assert found.sure == pytest.approx(better.mean(), abs=0.03)
    assert 0.5 < found.sure <= 1.0


def test_the_record_tells_what_moved():
    before, found = bred(2), refined(2, 0.5)
    pairs = [
        *(
            (a.weight, b.weight)
            for a, b in zip(before.connections, found.genome.connections, strict=True)
        ),
        *((a.bias, b.bias) for a, b in zip(before.nodes, found.genome.nodes, strict=True)),
    ]
    moves = [abs(a - b) for a, b in pairs if a != b]
    assert found.mutation is not None
    assert (found.mutation.kind, found.mutation.count) == ("refined", len(moves))
    assert found.mutation.size == pytest.approx(max(moves))
    assert all(round(b, 6) == b for a, b in pairs if a != b)


def test_more_reach_leads_further():
    assert refined(2, 0.0).after < refined(2, 0.5).after <= refined(2, 1.0).after


def test_where_nothing_was_learnt_a_picture_stays_as_it_is():
    before = bred(0)
    found = refine(before, learn([]), steps=QUICK)
    assert (found.genome, found.improved, found.mutation) == (before, False, None)
    assert (found.before, found.after, found.moved, found.sure) == (0.0, 0.0, 0.0, 0.5)


def test_it_is_the_same_every_time():
    assert refine(bred(2), taste(), steps=QUICK) == refined(2, refining.REACH)


def test_steps_are_counted_and_cancelling_ends_them():
    seen: list[tuple[int, int]] = []
    with pytest.raises(CancelledError):
        refine(
            bred(0), taste(), steps=30,
            advance=lambda done, total: seen.append((done, total)),
            cancelled=lambda: len(seen) == 7,
        )  # fmt: skip
    assert seen == [(done, 30) for done in range(1, 8)]


def test_steps_that_need_64_bits_are_refined():
    stepped = random_genome(3, activations=("picbreeder_gaussian", "picbreeder_sigmoid", "sin"))
    found = refine(stepped, taste(), steps=QUICK)
    assert found.after > found.before + 0.1


@pytest.mark.parametrize("color", ["grey", "hsb", "rgb", "oklab", "lab"])
def test_every_colour_model_and_activation_may_be_refined(color):
    for seed in range(2):
        before = random_genome(seed, hidden=20, connections=70, color=color, scale=0.7)
        found = refine(before, taste(), steps=12)
        assert found.improved == (found.genome != before) == (found.after > found.before)
        assert moved(before, found.genome) <= bound_of(0.5)


def test_a_wide_network_needs_steps_so_short_that_it_stays_itself():
    before = dense_genome(24, layers=3)
    found = refine(before, taste(), steps=QUICK)
    assert found.after > found.before + 0.1


def test_large_networks_make_fewer_steps_and_too_large_ones_none():
    small, large = dense_genome(16, layers=2), dense_genome(96, layers=3)
    assert steps_for(small) == refining.STEPS
    assert refining.LEAST_STEPS <= steps_for(large) < refining.STEPS / 2
    with pytest.raises(SettingsError, match=r"has 3.,... connections, and 30,000 is the most"):
        refine(dense_genome(124, layers=3), taste())


@pytest.mark.parametrize("reach", [-0.1, 1.1, float("nan")])
def test_a_reach_outside_its_range_is_refused(reach: float):
    with pytest.raises(SettingsError, match="The reach must be 0 to 1"):
        refine(bred(0), taste(), reach=reach)


def test_numbers_stay_within_the_bound_of_mutations_or_where_they_were():
    far = bred(1)
    far = replace(
        far,
        connections=(
            replace(far.connections[0], weight=-4000.5),
            *(replace(gene, weight=WEIGHT_BOUND) for gene in far.connections[1:]),
        ),
    )
    found = refine(far, taste(), reach=1.0, steps=QUICK)
    first, *others = found.genome.connections
    assert abs(first.weight) <= 4000.5
    assert all(abs(gene.weight) <= WEIGHT_BOUND for gene in others)


def test_a_network_without_connections_stays_as_it_is():
    nodes = tuple(
        NodeGene(key=key, activation="identity", bias=2.0) for key in ("red", "green", "blue")
    )
    white = Genome(inputs=("x",), nodes=nodes, connections=(), color="rgb")
    assert not refine(
        white, taste(), steps=8
    ).improved  # its colours are cut off: there is no way up


def test_what_no_output_reads_stays_as_it_is():
    before = bred(2)
    idle = NodeGene(key="idle", activation="sin", bias=0.125)
    link = ConnectionGene(source="x", target="idle", weight=0.123456789)
    before = replace(before, nodes=(*before.nodes, idle), connections=(*before.connections, link))
    after = refine(before, taste(), steps=8).genome
    assert idle in after.nodes
    assert link in after.connections


def test_nothing_dull_comes_of_a_taste_for_nothing():
    for seed in (1, 2):  # both become dull where nobody looks
        found = refine(bred(seed), taste_for("large even areas", 40.0), reach=1.0, steps=QUICK)
        assert not look_at(draw_small([found.genome])).dull[0]
