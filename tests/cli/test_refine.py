"""`breeder refine` keeps a better picture as a child, or writes it, or says why not."""

from __future__ import annotations

import json
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from breeder import Store, load, save
from breeder.errors import CancelledError
from breeder.evolve.founders import founder
from breeder.formats import load_document
from breeder.genome import Genome
from breeder.history import Generation
from breeder.looks import distances, draw_small, look_at
from breeder.taste import refining
from breeder.taste.refining import bound_of
from tests.cli.commands import Cli

URL = "sqlite:///art.db"


@pytest.fixture(autouse=True)
def few_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refining, "WORK", 1 << 16)


@pytest.fixture
def fond(owls: Path) -> Path:
    """The owls, and somebody who likes light pictures and said so."""
    with Store.open(URL) as store:
        grids = [store.generation(each.id) for each in store.tree(store.run("owls").id)]
        genomes = list({child.genome for grid in grids for child in grid.children})
        genomes.sort(key=lambda genome: genome.id)
        light = look_at(draw_small(genomes)).lab[..., 0].mean(axis=(1, 2))
        for one, other in combinations(range(len(genomes)), 2):
            for _ in range(3):
                preferred = int(light[other] > light[one])
                store.add_answer(genomes[one].id, genomes[other].id, preferred)
    return owls


def shown(name: str = "owls") -> Generation:
    with Store.open(URL) as store:
        grid = store.current(store.run(name).id)
    assert grid is not None
    return grid


def moved(one: Genome, other: Genome) -> float:
    looks = look_at(draw_small([one, other]))
    return float(distances(looks.lab[:1], looks.lab[1:])[0, 0])


def test_the_result_is_a_child_in_the_tree(fond: Path, cli: Cli):
    before = shown()
    found = json.loads(cli("refine", "owls:2", "--anyway", "--json").stdout)
    after = shown()
    child = after.children[found["slot"]]
    assert (after.came_from, after.bred_from) == (before.id, (2,))
    assert (found["run"], found["generation"], found["genome"]) == ("owls", 3, child.genome.id)
    assert (child.origin, child.parents) == ("refined", (before.children[2].genome,))
    assert [str(each) for each in child.mutations] == [found["changed"]]
    assert 0.0 < found["moved"] <= bound_of(0.5)
    assert found["gain"] > 0.0
    assert 0.5 < found["sure"] <= 1.0
    line = cli("refine", "owls:0", "--anyway", "--reach", "1").stdout
    assert line.startswith("Kept as owls:1 in generation 4 (genome ")
    assert "refined, " in line


def test_a_picture_named_by_its_identity_goes_where_it_lives(fond: Path, cli: Cli):
    with Store.open(URL) as store:
        run = store.run("owls")
        first = store.tree(run.id)[0].id
        genome = store.generation(first).children[0].genome
    cli("refine", genome.id, "--anyway")
    assert (shown().came_from, shown().bred_from) == (first, (0,))


def test_a_file_is_written_whole_and_the_tree_stays_as_it_is(fond: Path, cli: Cli):
    before = shown()
    options = ("--anyway", "--reach", "0.2", "--size", "64")
    line = cli("refine", "owls:1", "-o", "owl.png", *options).stdout
    written = load_document("owl.png")
    original = before.children[1].genome
    assert line.startswith(f"Wrote owl.png (genome {written.genome.id[:12]}): refined, ")
    assert written.origin == f"refined from {original.id[:12]}"
    assert 0.0 < moved(original, written.genome) <= bound_of(0.2)
    assert shown() == before


def test_a_file_of_elsewhere_is_refined_into_a_file(fond: Path, cli: Cli):
    stranger = founder(rng=np.random.default_rng(5))
    save(stranger, "stranger.json")
    cli("refine", "stranger.json", "-o", "better.json", "--anyway")
    assert load("better.json") != stranger
    refused = cli("refine", "stranger.json", "--anyway", status=1)
    assert "lives in no grid: name a file to write with -o" in refused.stderr


def test_it_goes_by_nothing_that_does_not_beat_chance(owls: Path, cli: Cli):
    before = shown()
    refused = cli("refine", "owls:1", "-o", "owl.png", status=1)
    assert "does not beat chance yet" in refused.stderr
    assert "--anyway" in refused.stderr
    assert not Path("owl.png").exists()
    assert shown() == before


def test_where_nothing_better_is_found_it_says_so(folder: Path, cli: Cli):
    cli("new", "mice", "--seed", "3", "--population", "3")
    refused = cli("refine", "mice:0", "--anyway", status=1)
    assert "Nothing that is more to your taste was found within a reach of 0.5" in refused.stderr
    assert shown("mice").number == 0


def test_a_kind_of_file_that_is_not_written_is_told_of_first(
    owls: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch
):
    def never(*arguments: Any, **options: Any) -> Any:
        raise CancelledError("Something was refined.")

    monkeypatch.setattr(refining, "refine", never)
    refused = cli("refine", "owls:1", "-o", "owl.xyz", "--anyway", status=1)
    assert "Cannot write 'owl.xyz': its suffix names no format" in refused.stderr
