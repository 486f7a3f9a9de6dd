"""A family tree laid out: everybody once, after their parents, and nobody over another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import numpy as np
import pytest

from breeder import Breeder, BreederSettings
from breeder.evolve.founders import founder
from breeder.family.graph import Graph, Mark, family_graph, mean_colors, run_graph
from breeder.looks import draw_small, look_at
from breeder.store import Store

SETTINGS = BreederSettings(population=6, strength=0.6, screening=False)


@pytest.fixture
def breeder() -> Iterator[Breeder]:
    with Breeder(SETTINGS, seed=5) as breeder:
        yield breeder


def grown(breeder: Breeder) -> tuple[Graph, str, str]:
    """Grow two branches; return the tree and the grids at their ends, the current one last."""
    first = breeder.ask()
    breeder.tell([1])
    breeder.tell([2])
    other_end = breeder.tell([3, 4]).id
    breeder.go(first.id)
    breeder.tell([0, 2])
    end = breeder.tell([1]).id
    breeder.pick([3])
    return run_graph(breeder.store, breeder.run_id), other_end, end


def test_every_picture_stands_once_and_after_its_parents(breeder: Breeder):
    graph, _, _ = grown(breeder)
    shown = {
        child.genome.id
        for grid in graph.grids
        for child in breeder.store.generation(grid.id).children
    }
    assert sorted(node.id for node in graph.nodes) == sorted(shown)
    for position, node in enumerate(graph.nodes):
        assert all(parent < position for parent in node.parents)
        assert all(graph.nodes[parent].column < node.column for parent in node.parents)


def test_what_the_autopilot_bred_is_marked_and_counts_for_no_picks(breeder: Breeder):
    first = breeder.ask()
    led = breeder.lead([2])
    mine = breeder.tell([3])
    graph = run_graph(breeder.store, breeder.run_id)
    assert [grid.automatic for grid in graph.grids] == [False, True, False]
    assert [grid[5] for grid in graph.to_plain()["grids"]] == [0, 1, 0]
    marks = {node.id: node.marks for node in graph.nodes}
    by_autopilot = marks[first.children[2].genome.id]
    assert by_autopilot & Mark.PATH
    assert by_autopilot & Mark.CHOSEN
    assert not by_autopilot & Mark.PICKED
    assert marks[led.children[3].genome.id] & Mark.PICKED
    family = family_graph(breeder.store, mine.children[-1].genome.id)
    assert {grid.id: grid.automatic for grid in family.grids}[led.id]


@pytest.mark.parametrize("name", ["row", "chosen_row"])
def test_no_two_pictures_stand_in_one_place(breeder: Breeder, name: str):
    graph, _, _ = grown(breeder)
    nodes = graph.nodes if name == "row" else [n for n in graph.nodes if n.marks & Mark.CHOSEN]
    places = Counter((node.column, getattr(node, name)) for node in nodes)
    assert set(places.values()) == {1}


def test_marks_say_how_a_picture_came_and_what_became_of_it(breeder: Breeder):
    graph, other_end, end = grown(breeder)
    by_id = {node.id: node for node in graph.nodes}

    def marks(grid: str, slot: int) -> Mark:
        return by_id[breeder.store.generation(grid).children[slot].genome.id].marks

    first = graph.grids[0].id
    assert marks(first, 0) & (Mark.FOUNDER | Mark.PATH | Mark.PICKED) == (
        Mark.FOUNDER | Mark.PATH | Mark.PICKED
    )
    assert marks(first, 1) & Mark.PICKED
    assert not marks(first, 1) & Mark.PATH  # the other branch grew from it
    assert not marks(first, 5) & Mark.CHOSEN
    assert marks(end, 3) & Mark.PATH
    assert marks(end, 3) & Mark.CURRENT
    assert not marks(other_end, 5) & Mark.CURRENT
    crossed = [node for node in graph.nodes if node.marks & Mark.CROSSED]
    assert crossed
    assert all(len(node.parents) == 2 for node in crossed)
    breeder.store.add_favourite(by_id[crossed[0].id].id, title="x")
    again = run_graph(breeder.store, breeder.run_id)
    assert [n.id for n in again.nodes if n.marks & Mark.FAVOURITE] == [crossed[0].id]
    assert [grid.id for grid in graph.grids if grid.current] == [end]


def test_before_the_first_pick_everything_is_shown(breeder: Breeder):
    breeder.ask()
    graph = run_graph(breeder.store, breeder.run_id)
    assert len(graph.nodes) == 6
    assert all(node.marks & Mark.CHOSEN for node in graph.nodes)


def test_colours_are_those_of_the_pictures():
    genomes = [founder(rng=np.random.default_rng(seed)) for seed in range(12)]
    drawings = draw_small(genomes)
    told = mean_colors(look_at(drawings).fingerprints.tobytes())
    for color, drawing in zip(told, drawings, strict=True):
        channels = np.array([color >> 16, color >> 8 & 255, color & 255])
        assert np.abs(channels - drawing.mean(axis=(0, 1))).max() < 60


def test_a_family_goes_over_runs_and_shows_what_descends_too():
    with Store.in_memory() as store:
        first = Breeder.begin(store, name="one", settings=SETTINGS, seed=3)
        first.ask()
        child = next(c for c in first.tell([1, 2]).children if c.origin == "child")
        second = Breeder.begin(store, name="two", settings=SETTINGS, seed=4, start=[child.genome])
        grandchild = second.ask().children[3]
        assert grandchild.parents
        graph = family_graph(store, child.genome.id)
        ids = [node.id for node in graph.nodes]
        assert ids[graph.focus] == child.genome.id
        assert set(ids) >= {grandchild.genome.id, *(p.id for p in child.parents)}
        assert {run[1] for run in graph.runs} == {"one", "two"}
        columns = {node.id: node.column for node in graph.nodes}
        assert columns[grandchild.genome.id] > columns[child.genome.id]
        assert columns[child.genome.id] > columns[child.parents[0].id]
        places = Counter((node.column, node.row) for node in graph.nodes)
        assert set(places.values()) == {1}


def test_a_picture_that_was_never_in_a_grid_has_an_empty_family():
    with Store.in_memory() as store:
        genome = founder(rng=np.random.default_rng(1))
        store.save_genome(genome)
        graph = family_graph(store, genome.id)
        assert graph.nodes == ()
        assert graph.focus == -1
