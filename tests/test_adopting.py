"""A picture made otherwise is kept as a child: in a grid of its own, and the tree stays whole."""

from dataclasses import replace

import pytest

from breeder import Breeder, BreederSettings
from breeder.errors import NotFoundError, SettingsError
from breeder.evolve.mutation_record import Mutation
from breeder.genome import Genome
from breeder.history import Child, Guidance
from breeder.looks import draw_small, look_at
from tests.genomes import random_genome

MADE = random_genome(5)


def child_of(parent: Genome, genome: Genome = MADE) -> Child:
    record = Mutation(kind="refined", count=3, size=0.2)
    return Child(slot=0, genome=genome, parents=(parent,), mutations=(record,), origin="refined")


@pytest.fixture
def plain() -> Breeder:
    return Breeder(BreederSettings(population=6), seed=3)


def test_it_stands_behind_its_parent_in_a_grid_bred_from_it(plain: Breeder):
    first = plain.ask()
    parent = first.children[4].genome
    grid = plain.adopt(4, child_of(parent))
    assert (grid.came_from, grid.bred_from, grid.number) == (first.id, (4,), 1)
    assert [each.slot for each in grid.children] == list(range(6))
    assert [each.origin for each in grid.children[:2]] == ["kept", "refined"]
    assert grid.children[1] == replace(child_of(parent), slot=1)
    assert grid.guidance == Guidance(kind="refine")
    assert plain.store.generation(grid.id) == grid
    assert plain.ask() == grid
    assert plain.store.generation(first.id).picks == ()
    birth = plain.store.birth(MADE.id)
    assert birth is not None
    assert (birth.parents, birth.origin) == ((parent.id,), "refined")


def test_its_parent_was_chosen_though_it_is_not_picked(plain: Breeder):
    """A taste learns from it as from a grid that was bred from the slot."""
    first = plain.ask()
    plain.adopt(2, child_of(first.children[2].genome))
    assert plain.store.generation(first.id).picks == ()
    assert [each.picked for each in plain.store.choices()] == [(2,)]


def test_its_grid_remembers_how_every_picture_looks(plain: Breeder):
    plain.ask()
    grid = plain.adopt(0, child_of(plain.ask().children[0].genome))
    looks = look_at(draw_small([child.genome for child in grid.children]))
    assert grid.fingerprints == looks.fingerprints.tobytes()


def test_the_others_are_those_that_telling_its_parent_breeds_and_can_be_bred_again(plain: Breeder):
    grid = plain.adopt(2, child_of(plain.ask().children[2].genome))
    for child in grid.children:
        if child.origin == "refined":
            with pytest.raises(SettingsError, match="was not bred"):
                plain.breed_again(grid, child.slot)
        elif child.origin != "kept":
            assert plain.breed_again(grid, child.slot) == child


def test_the_same_picture_adopted_again_and_another_have_grids_of_their_own(plain: Breeder):
    first = plain.ask()
    parent = first.children[2].genome
    one = plain.adopt(2, child_of(parent))
    plain.go(first.id)
    again = plain.adopt(2, child_of(parent))
    plain.go(first.id)
    other = plain.adopt(2, child_of(parent, random_genome(6)))
    plain.go(first.id)
    told = plain.tell([2])
    assert len({one.id, again.id, other.id, told.id}) == 4
    assert "refined" not in {child.origin for child in told.children}


def test_it_is_bred_from_as_any_other(plain: Breeder):
    grid = plain.adopt(1, child_of(plain.ask().children[1].genome))
    after = plain.tell([1])
    assert after.bred_from == (1,)
    assert MADE in [child.genome for child in after.children if child.origin == "kept"]
    assert all(MADE in child.parents for child in after.children if child.origin != "kept")
    assert grid.id == after.came_from


@pytest.mark.parametrize("population", [1, 2])
def test_small_grids_have_a_place_for_it(population: int):
    breeder = Breeder(BreederSettings(population=population), seed=1)
    grid = breeder.adopt(0, child_of(breeder.ask().children[0].genome))
    assert len(grid.children) == population
    assert MADE in [child.genome for child in grid.children]


def test_a_slot_that_is_not_there_is_refused(plain: Breeder):
    with pytest.raises(NotFoundError, match="no slot 6"):
        plain.adopt(6, child_of(MADE))
