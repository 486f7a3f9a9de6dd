from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageSequence

from breeder import Genome, load
from breeder.cli.lineage import oldest_first
from breeder.evolve.founders import founder
from breeder.store import Ancestor
from tests.cli.commands import Cli


def genome(seed: int) -> Genome:
    return founder(rng=np.random.default_rng(seed))


def ancestor(of: Genome, *parents: Genome, steps: int = 0) -> Ancestor:
    return Ancestor(
        genome=of,
        parents=tuple(parent.id for parent in parents),
        mutations=(),
        origin="child",
        run_id="",
        generation_id="",
        number=0,
        slot=0,
        steps=steps,
    )


def test_lineage_tells_the_ancestors_oldest_first(owls: Path, cli: Cli):
    family = json.loads(cli("lineage", "owls:3", "--json").stdout)
    seen: set[str] = set()
    for each in family:
        assert seen.issuperset(each["parents"])
        seen.add(each["genome"])
    assert family[0]["origin"] == "founder"
    assert family[-1]["steps"] == 0
    rows = [line.split("\t") for line in cli("lineage", "owls:3").stdout.splitlines()]
    assert [row[0] for row in rows] == [each["genome"][:12] for each in family]
    assert rows[-1][5] == "; ".join(change["words"] for change in family[-1]["mutations"])


def test_a_picture_that_was_never_in_a_grid_has_no_ancestors(owls: Path, cli: Cli):
    cli("export", "owls:1", "owl.json")
    url = ("--database", "sqlite:///other.db")
    cli("import", "owl.json", "--favourite", *url)
    result = cli("lineage", "owl.json", *url)
    assert result.stdout == ""
    assert "never in a grid" in result.stderr
    assert json.loads(cli("lineage", "owl.json", "--json", *url).stdout) == []


def test_a_picture_of_another_database_is_an_error(owls: Path, cli: Cli):
    cli("export", "owls:1", "owl.json")
    cli("lineage", "owl.json", "--database", "sqlite:///other.db", status=1)


def test_parents_come_first_even_where_the_short_way_is_shorter():
    old, middle, young = genome(1), genome(2), genome(3)
    family = [
        ancestor(young, old, middle),
        ancestor(old, steps=1),
        ancestor(middle, old, steps=1),
    ]
    assert [each.genome for each in oldest_first(family)] == [old, middle, young]


def test_a_family_that_closes_in_a_circle_is_told_once():
    one, other = genome(1), genome(2)
    family = [ancestor(one, other), ancestor(other, one, steps=1)]
    assert sorted(each.genome.id for each in oldest_first(family)) == sorted([one.id, other.id])


def test_a_line_of_thousands_is_no_recursion():
    line = [genome(seed) for seed in range(3000)]
    family = [ancestor(line[0])] + [
        ancestor(young, old, steps=3000 - index)
        for index, (old, young) in enumerate(pairwise(line))
    ]
    assert [each.genome for each in oldest_first(family[::-1])] == line


def test_the_graph_has_every_ancestor_and_every_parent(owls: Path, cli: Cli):
    family = json.loads(cli("lineage", "owls:3", "--format", "json").stdout)
    graph = cli("lineage", "owls:3", "--format", "dot").stdout
    assert graph.startswith("digraph lineage {\n")
    assert graph.count(" [label=") == len(family)
    for each in family:
        for place, parent in enumerate(each["parents"]):
            dashed = " [style=dashed]" if place else ""
            assert f'"{parent}" -> "{each["genome"]}"{dashed};\n' in graph


def test_a_file_is_what_its_name_or_the_format_says(owls: Path, cli: Cli):
    cli("lineage", "owls:3", "--out", "owl.gv")
    assert (owls / "owl.gv").read_text() == cli("lineage", "owls:3", "--format", "dot").stdout
    cli("lineage", "owls:3", "--out", "owl.txt")
    assert (owls / "owl.txt").read_text() == cli("lineage", "owls:3").stdout
    result = cli("lineage", "owls:3", "--out", "owl.dat", status=1)
    assert "--format" in result.stderr
    assert not (owls / "owl.dat").exists()


@pytest.mark.parametrize("name", ["png", "long"])
def test_a_story_is_drawn_as_a_picture_that_holds_the_genome(owls: Path, cli: Cli, name: str):
    result = cli("lineage", "owls:3", "--format", name, "--out", "story.png")
    assert result.stdout.startswith("Wrote story.png (")
    identity = json.loads(cli("lineage", "owls:3", "--json").stdout)[-1]["genome"]
    assert load(owls / "story.png").id == identity


def test_a_story_is_filmed(owls: Path, cli: Cli):
    options = ("--size", "32", "--seconds", "0.5", "--fps", "10")
    cli("lineage", "owls:3", "--out", "owl.gif", *options)
    with Image.open(owls / "owl.gif") as film:
        assert film.size == (32, 32)
        assert len(list(ImageSequence.Iterator(film))) == 5
    written = cli("lineage", "owls:3", "--format", "webp", *options).stdout_bytes
    assert written[:4] == b"RIFF"
    assert written[8:12] == b"WEBP"


def test_what_no_film_can_be_is_said_before_anything_is_drawn(owls: Path, cli: Cli):
    result = cli("lineage", "owls:3", "--out", "owl.gif", "--fps", "60", status=1)
    assert "GIF" in result.stderr
    assert not (owls / "owl.gif").exists()
