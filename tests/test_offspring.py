"""Grids: full, varied, screened, deterministic, and every child can be bred again."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from breeder import offspring
from breeder.errors import SettingsError
from breeder.evolve.mutation import Focus
from breeder.genome import COLOR_MODELS, Genome, NodeGene
from breeder.guidance import TWIN
from breeder.history import BreederSettings, Child
from breeder.looks import (
    FINGERPRINT_BYTES,
    FINGERPRINT_SIDE,
    distances,
    draw_small,
    look_at,
    nearest_shown,
)
from breeder.offspring import (
    COPY,
    FOUNDER_PROPOSALS,
    PROPOSALS,
    SHOWN,
    Brood,
    breed,
    candidate,
)
from breeder.program import compile_genome
from breeder.rendering.canvas import Canvas
from breeder.rendering.reference import evaluate
from tests.genomes import random_genome
from tests.strategies import link, net, node

NOTHING: NDArray[np.uint8] = np.empty((0, FINGERPRINT_BYTES), dtype=np.uint8)
FOCUSES: tuple[Focus, ...] = ("both", "structure", "color")
SMALL = BreederSettings(population=6)

CONSTANT = net("grey", [node("brightness", "sin", 0.5)])

# Whatever moves, the red half jumps to full red on the left or on the right: two pictures in all.
_SWITCHES = [f"s{index}" for index in range(8)]
TWO_FACED = net(
    "rgb",
    [*map(node, _SWITCHES), node("green", "identity", -1e3), node("blue", "identity", -1e3)],
    [
        *(link("x", key, 1e6) for key in _SWITCHES),
        *(link(key, "red", 1e-5) for key in _SWITCHES),
    ],
)


def parent(genome: Genome, slot: int = 0) -> Child:
    return Child(slot=slot, genome=genome)


@cache
def first_grid(seed: str = "f", *, color: bool = True) -> Brood:
    return breed([], BreederSettings(population=9, color=color), seed, shown=NOTHING)


def picks(count: int) -> list[Child]:
    return list(first_grid().children[:count])


def marks(brood: Brood) -> NDArray[np.uint8]:
    return np.frombuffer(brood.fingerprints, dtype=np.uint8).reshape(-1, FINGERPRINT_BYTES)


def genomes_of(brood: Brood) -> list[Genome]:
    return [child.genome for child in brood.children]


def proposed_at_a_time(brood: Brood, setup: BreederSettings, parents: Sequence[Child]) -> int:
    if not setup.screening:
        return sum(child.origin != "kept" for child in brood.children)
    return setup.population * (PROPOSALS if parents else FOUNDER_PROPOSALS)


# Size and order


@pytest.mark.parametrize("population", [1, 2, 3, 9, 15])
@pytest.mark.parametrize("count", [0, 1, 2, 5])
@pytest.mark.parametrize("screening", [True, False])
def test_every_grid_is_full(population: int, count: int, screening: bool):
    setup = BreederSettings(population=population, screening=screening)
    brood = breed(picks(count), setup, "1a", shown=NOTHING)
    assert [child.slot for child in brood.children] == list(range(population))
    assert len(brood.fingerprints) == population * FINGERPRINT_BYTES


def test_no_picks_found_a_grid():
    brood = first_grid()
    assert {child.origin for child in brood.children} == {"founder"}
    for child in brood.children:
        assert child.parents == ()
        assert child.mutations == ()
        assert child.genome.color != "grey"
    assert {child.genome.color for child in first_grid(color=False).children} == {"grey"}


def test_picks_are_kept_first_and_marked():
    chosen = picks(3)
    brood = breed(chosen, BreederSettings(population=9), "2b", shown=NOTHING)
    kept = [child for child in brood.children if child.origin == "kept"]
    assert list(brood.children[:3]) == kept
    assert [child.genome for child in kept] == [child.genome for child in chosen]
    assert {child.origin for child in brood.children[3:]} <= {"child", "wild"}


@pytest.mark.parametrize(("population", "kept"), [(1, 0), (2, 1), (5, 2), (12, 6), (15, 7)])
def test_kept_picks_fill_at_most_half_of_the_grid(population: int, kept: int):
    brood = breed(picks(9), BreederSettings(population=population), "3c", shown=NOTHING)
    assert [child.origin for child in brood.children].count("kept") == kept


def test_carrying_over_can_be_switched_off():
    setup = replace(SMALL, carry_over=False)
    brood = breed(picks(2), setup, "4d", shown=NOTHING)
    assert "kept" not in {child.origin for child in brood.children}
    assert len(brood.children) == 6
    assert not {child.genome for child in picks(2)} & set(genomes_of(brood))


@pytest.mark.parametrize("setup", [SMALL, replace(SMALL, screening=False)])
def test_one_picture_in_two_slots_may_be_picked_twice(setup: BreederSettings):
    genome = picks(1)[0].genome
    for seed in ("1", "2", "3"):
        brood = breed([parent(genome), parent(genome, 1)], setup, seed, shown=NOTHING)
        assert len(brood.children) == 6
        assert genomes_of(brood).count(genome) == 1, "kept once"


def test_children_climb_from_careful_to_bold_and_wild_ones_come_last():
    (pick,) = picks(1)
    setup = BreederSettings(population=24, strength=0.9, carry_over=False)
    brood = breed([pick], setup, "5e", shown=NOTHING)
    seen = look_at(draw_small([pick.genome, *genomes_of(brood)])).lab
    away = distances(seen[:1], seen[1:])[0]
    origins = [child.origin for child in brood.children]
    tame = origins.count("child")
    assert origins == ["child"] * tame + ["wild"] * (24 - tame)
    assert tame == 24 - round(24 * 0.15 * 0.9)
    assert away[:tame].tolist() == sorted(away[:tame].tolist())


def test_the_careful_are_near_and_the_bold_are_far():
    (pick,) = picks(1)
    setup = BreederSettings(population=15, strength=0.5)
    seen = look_at(
        draw_small(
            [pick.genome, *genomes_of(breed([pick], setup, "6f", shown=NOTHING))],
        )
    ).lab
    away = distances(seen[:1], seen[2:])[0]
    assert away.min() < 0.12
    assert away.max() > 0.2


def test_no_child_is_wild_at_strength_zero():
    brood = breed(picks(1), BreederSettings(strength=0.0), "7a", shown=NOTHING)
    assert "wild" not in {child.origin for child in brood.children}


# Parents


def test_every_child_knows_its_parents_and_what_changed():
    chosen = picks(3)
    brood = breed(chosen, BreederSettings(population=15), "8b", shown=NOTHING)
    family = [child.genome for child in chosen]
    for child in brood.children[3:]:
        assert 1 <= len(child.parents) <= 2
        assert set(child.parents) <= set(family)
        assert len(set(child.parents)) == len(child.parents)
        assert child.mutations
        crossed = [record for record in child.mutations if record.kind == "crossover"]
        assert len(crossed) <= len(child.parents) - 1
    assert {len(child.parents) for child in brood.children[3:]} == {1, 2}


def test_every_pick_takes_part():
    chosen = picks(4)
    setup = BreederSettings(population=20, carry_over=False)
    brood = breed(chosen, setup, "9c", shown=NOTHING)
    first = [child.parents[0] for child in brood.children]
    counts = [first.count(child.genome) for child in chosen]
    assert min(counts) >= 1
    assert max(counts) <= 12


@pytest.mark.parametrize("focus", FOCUSES)
def test_parents_of_different_colour_models_breed(focus: Focus):
    chosen = [
        parent(random_genome(seed, color=color), seed) for seed, color in enumerate(COLOR_MODELS)
    ]
    brood = breed(chosen, BreederSettings(population=9, focus=focus), "ad", shown=NOTHING)
    assert len(brood.children) == 9


def test_a_focus_on_colour_keeps_the_form_of_a_pick():
    pick = next(child for child in first_grid().children if child.genome.color == "oklab")
    brood = breed([pick], replace(SMALL, focus="color"), "be", shown=NOTHING)
    x, y = Canvas(width=5, height=5).points(range(5))
    form = {
        evaluate(compile_genome(genome), x, y, 0.0)[0].tobytes() for genome in genomes_of(brood)
    }
    assert len(form) == 1


def test_grey_pictures_gain_colour_when_colour_is_asked_for():
    chosen = [child for child in first_grid(color=False).children[:2]]
    for setup, colors in (
        (BreederSettings(), {"grey", "hsb"}),
        (BreederSettings(focus="color", carry_over=False), {"hsb"}),
        (BreederSettings(focus="structure"), {"grey"}),
        (BreederSettings(color=False), {"grey"}),
    ):
        brood = breed(chosen, setup, "cf", shown=NOTHING)
        assert {genome.color for genome in genomes_of(brood)} == colors, setup


# Screening


@pytest.mark.parametrize("count", [1, 2, 3])
@pytest.mark.parametrize("seed", ["10", "20", "30"])
def test_no_child_is_a_copy_of_a_parent_a_twin_of_another_or_dull(count: int, seed: str):
    chosen = list(first_grid(seed).children[2 : 2 + count])
    brood = breed(chosen, BreederSettings(carry_over=False), seed, shown=NOTHING)
    seen = look_at(draw_small(genomes_of(brood)))
    family = look_at(draw_small([child.genome for child in chosen]))
    assert distances(seen.lab, family.lab).min() >= COPY
    between = distances(seen.lab, seen.lab)
    np.fill_diagonal(between, 1.0)
    assert between.min() >= TWIN
    assert not seen.dull.any()
    assert len({genome.id for genome in genomes_of(brood)}) == 15


def test_careful_grids_hold_no_twins():
    """Where children hardly move, variety alone does not keep them apart."""
    for seed in ("0", "1", "2", "3"):
        setup = BreederSettings(population=30, strength=0.1, carry_over=False)
        brood = breed([first_grid(seed).children[4]], setup, seed, shown=NOTHING)
        assert brood.screening.proposed < 3 * 30 * PROPOSALS, "the last resort, which may repeat"
        seen = look_at(draw_small(genomes_of(brood))).lab
        between = distances(seen, seen)
        np.fill_diagonal(between, 1.0)
        assert between.min() >= TWIN - 1e-4


def test_founders_are_no_twins_and_not_dull():
    brood = breed([], BreederSettings(population=24), "d0", shown=NOTHING)
    seen = look_at(draw_small(genomes_of(brood)))
    between = distances(seen.lab, seen.lab)
    np.fill_diagonal(between, 1.0)
    assert between.min() >= TWIN
    assert not seen.dull.any()


def test_what_the_run_has_shown_is_not_shown_again():
    chosen = picks(1)
    setup = BreederSettings(population=9, carry_over=False)
    once = breed(chosen, setup, "e1", shown=NOTHING)
    again = breed(chosen, setup, "e1", shown=marks(once))
    assert not set(genomes_of(once)) & set(genomes_of(again))
    assert nearest_shown(marks(again), marks(once)).min() >= SHOWN
    assert again.screening.repeats > once.screening.repeats


@pytest.mark.parametrize("count", [0, 1, 3])
@pytest.mark.parametrize("strength", [0.0, 0.5, 1.0])
def test_the_counts_of_the_screening_add_up(count: int, strength: float):
    setup = BreederSettings(population=9, strength=strength)
    chosen = picks(count)
    shown = marks(first_grid())[4:]  # of the picks, only copies repeat
    brood = breed(chosen, setup, "f2", shown=shown)
    at_a_time = proposed_at_a_time(brood, setup, chosen)
    screened = brood.screening
    assert screened.proposed in (at_a_time, 2 * at_a_time, 3 * at_a_time)
    assert min(screened.dull, screened.repeats, screened.strangers) >= 0
    assert screened.dropped <= screened.proposed

    # Counted again, from every candidate.
    genomes = [child.genome for child in chosen]
    everyone = [candidate(genomes, setup, "f2", index) for index in range(screened.proposed)]
    seen = look_at(draw_small([child.genome for child in everyone]))
    repeat = nearest_shown(seen.fingerprints, shown) < SHOWN
    if chosen:
        repeat |= distances(seen.lab, look_at(draw_small(genomes)).lab).min(axis=1) < COPY
    assert screened.dull == seen.dull.sum()
    assert screened.repeats == (repeat & ~seen.dull).sum()
    assert chosen or not screened.strangers


def test_screening_can_be_switched_off():
    setup = BreederSettings(population=9, screening=False)
    brood = breed(picks(2), setup, "a3", shown=NOTHING)
    assert brood.screening.proposed == 7
    assert brood.screening.dropped == 0
    assert [child.candidate for child in brood.children[2:]] == list(range(0, 56, 8))


@pytest.mark.parametrize("population", [1, 2, 15])
@pytest.mark.parametrize("strength", [0.0, 1.0])
def test_a_parent_whose_every_child_is_dull_still_fills_the_grid(population: int, strength: float):
    setup = BreederSettings(population=population, strength=strength)
    brood = breed([parent(CONSTANT)], setup, "b4", shown=NOTHING)
    assert len(brood.children) == population
    assert brood.screening.dropped == brood.screening.proposed


def test_a_parent_whose_children_are_all_twins_still_fills_the_grid():
    setup = BreederSettings(population=30, strength=0.0, focus="color")
    for seed in ("ab", "cd"):
        brood = breed([parent(TWO_FACED)], setup, seed, shown=NOTHING)
        assert len(brood.children) == 30


def test_a_parent_that_cannot_change_still_fills_the_grid():
    """Grey has no colour to change, and turning it to colour is switched off."""
    (pick, *_) = first_grid(color=False).children
    setup = replace(SMALL, color=False, focus="color")
    brood = breed([pick], setup, "c5", shown=NOTHING)
    assert len(brood.children) == 6


def test_a_run_that_has_shown_everything_still_fills_the_grid():
    """Every candidate repeats something: what comes closest to fit is shown."""
    setup = replace(SMALL, carry_over=False)
    chosen = picks(1)
    genomes = [chosen[0].genome]
    count = 6 * PROPOSALS
    everyone = [candidate(genomes, setup, "d6", i).genome for i in range(3 * count)]
    shown = look_at(draw_small(everyone)).fingerprints
    brood = breed(chosen, setup, "d6", shown=shown)
    assert len(brood.children) == 6
    assert brood.screening.repeats + brood.screening.dull == brood.screening.proposed


def test_children_that_hardly_moved_are_not_all_strangers():
    """Stripes as fine as the cells that are compared leave no form in them to recognise."""
    stripes = net(
        "grey",
        [node("s", "sin"), node("brightness", "identity", 0.5)],
        [link("x", "s", 50.26548), link("s", "brightness", 0.45)],
    )
    setup = replace(SMALL, strength=0.0, color=False)
    brood = breed([parent(stripes)], setup, "aa", shown=NOTHING)
    assert not look_at(draw_small([stripes])).dull[0]
    assert brood.screening.dropped < brood.screening.proposed


def test_fingerprints_are_those_of_the_children():
    brood = breed(picks(2), SMALL, "e7", shown=NOTHING)
    wanted = look_at(draw_small(genomes_of(brood))).fingerprints
    np.testing.assert_array_equal(marks(brood), wanted)
    assert FINGERPRINT_BYTES == 3 * FINGERPRINT_SIDE**2


# The same again


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 2**128 - 1),
    count=st.integers(0, 3),
    strength=st.floats(0, 1),
    focus=st.sampled_from(FOCUSES),
    population=st.integers(1, 8),
    carry_over=st.booleans(),
    screening=st.booleans(),
    color=st.booleans(),
)
def test_any_shown_child_can_be_bred_again_exactly(
    seed: int,
    count: int,
    strength: float,
    focus: Focus,
    population: int,
    carry_over: bool,
    screening: bool,
    color: bool,
):
    setup = BreederSettings(
        population=population,
        strength=strength,
        focus=focus,
        carry_over=carry_over,
        screening=screening,
        color=color,
    )
    chosen = picks(count)
    path = f"{seed:032x}"
    brood = breed(chosen, setup, path, shown=NOTHING)
    genomes = [child.genome for child in chosen]
    for child in brood.children:
        if child.origin == "kept":
            continue
        assert child.candidate is not None
        again = candidate(genomes, setup, path, child.candidate)
        assert replace(again, slot=child.slot) == child


def test_the_same_arguments_breed_the_same_grid():
    one = breed(picks(2), SMALL, "f8", shown=marks(first_grid()))
    assert one == breed(picks(2), SMALL, "f8", shown=marks(first_grid()))


def test_another_seed_breeds_other_children():
    seen = set()
    for seed in ("1", "2", "3"):
        seen |= set(
            genomes_of(breed(picks(1), replace(SMALL, carry_over=False), seed, shown=NOTHING))
        )
    assert len(seen) == 18


def test_breeding_uses_no_global_state():
    one = breed(picks(1), SMALL, "a9", shown=NOTHING)
    np.random.seed(1)  # noqa: NPY002  (what the promise is about)
    breed(picks(3), SMALL, "b9", shown=NOTHING)
    assert breed(picks(1), SMALL, "a9", shown=NOTHING) == one


def test_what_comes_in_is_not_changed():
    shown = marks(first_grid()).copy()
    before = shown.copy()
    chosen = picks(2)
    breed(chosen, SMALL, "ba", shown=shown)
    np.testing.assert_array_equal(shown, before)
    assert chosen == picks(2)


# Strength


@pytest.mark.parametrize("screening", [True, False])
def test_grids_move_farther_from_their_parents_as_strength_grows(screening: bool):
    """By the pixels' root mean square difference, which is no measure of the screening's."""
    chosen = [first_grid(seed).children[4] for seed in ("1", "2", "3", "4")]
    means = []
    for strength in (0.1, 0.3, 0.5, 0.7, 0.9):
        setup = BreederSettings(strength=strength, screening=screening, carry_over=False)
        away = []
        for index, pick in enumerate(chosen):
            brood = breed([pick], setup, f"{index + 16:x}", shown=NOTHING)
            drawn = draw_small([pick.genome, *genomes_of(brood)]).astype(float)
            away += [np.sqrt(((one - drawn[0]) ** 2).mean()) / 255 for one in drawn[1:]]
        means.append(float(np.mean(away)))
    assert means == sorted(means), means
    if screening:
        assert means[-1] > 3 * means[0]


def test_boldness_climbs_within_each_round_and_with_strength():
    for strength in (0.0, 0.3, 1.0):
        setup = BreederSettings(strength=strength)
        steps = [offspring._boldness(setup, index) for index in range(240)]
        tame = [bold for bold, origin in steps[:120] if origin == "child"]
        assert tame == sorted(tame)
        assert steps[:120] == steps[120:]
        assert all(0 <= bold <= 1 for bold, _ in steps)


def test_a_network_too_large_to_breed_is_refused_with_the_limit():
    nodes = tuple(NodeGene(key=f"n{i}", activation="tanh") for i in range(12_001))
    huge = Genome(
        inputs=("x",),
        nodes=(*nodes, NodeGene(key="brightness", activation="sin")),
        connections=(),
        color="grey",
    )
    with pytest.raises(SettingsError, match="12,000"):
        breed([parent(huge)], SMALL, "a1", shown=NOTHING)


def test_colour_alone_changes_with_several_picks_too():
    """Children of the focus "color" have exactly the form of one of the picks."""
    chosen = [each for each in first_grid().children if each.genome.color == "oklab"][:3]
    setup = BreederSettings(population=9, focus="color", carry_over=False)
    points = np.linspace(-1, 1, 40)

    def form(genome: Genome) -> bytes:
        return bytes(evaluate(compile_genome(genome), points, points[::-1].copy(), 0.0)[0])

    forms = {form(each.genome) for each in chosen}
    assert len(chosen) > 1
    for child in breed(chosen, setup, "c0", shown=NOTHING).children:
        assert form(child.genome) in forms
