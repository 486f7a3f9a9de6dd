"""The gallery searched from the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from breeder import Store
from breeder.cli.gallery import COLORS, LEVELS
from breeder.gallery import LEVEL_NAMES
from breeder.impression import COLOR_NAMES
from tests.cli.commands import Cli


@pytest.fixture
def kept(owls: Path) -> list[str]:
    """Four pictures of the owls, kept; the identities of their genomes."""
    with Store.open("sqlite:///art.db") as store:
        run = store.run("owls")
        first = store.generation(store.tree(run.id)[0].id)
        ids = [child.genome.id for child in first.children]
        for number, id_ in enumerate(ids):
            store.add_favourite(id_, title=f"Owl {'abcd'[number]}", run_id=run.id)
            store.describe(id_, stars=number, tags=["night"] if number % 2 else ["day", "night"])
        store.describe(ids[3], published=True, description="seen by the river")
    return ids


def found(cli: Cli, *options: str) -> list[str]:
    return [
        each["title"] for each in json.loads(cli("gallery", "search", *options, "--json").stdout)
    ]


def test_words_tags_stars_and_orders_narrow_and_sort(kept: list[str], cli: Cli):
    assert found(cli) == ["Owl d", "Owl c", "Owl b", "Owl a"]
    assert found(cli, "--sort", "title", "--limit", "3") == ["Owl a", "Owl b", "Owl c"]
    assert found(cli, "riv", "owl") == ["Owl d"]
    assert found(cli, "--tag", "day", "--tag", "night", "--stars", "1") == ["Owl c"]
    assert found(cli, "--published") == ["Owl d"]
    assert found(cli, "--unpublished", "--sort", "stars") == ["Owl c", "Owl b", "Owl a"]
    assert found(cli, "--run", "owls", "--since", "2020-01-31") == found(cli)
    assert found(cli, "--until", "2020-01-31") == []
    assert found(cli, "--since", "0001-01-01", "--until", "9999-12-31") == found(cli)
    assert found(cli, "no such thing") == []


def test_what_is_told_of_a_picture_finds_it_again(kept: list[str], cli: Cli):
    for each in json.loads(cli("gallery", "search", "--json").stdout):
        colors = [part for name in each["colors"] for part in ("--color", name)]
        assert each["title"] in found(cli, *colors, "--complexity", each["level"])
        assert 0 <= each["complexity"] <= 1
    assert len(found(cli, "--complexity", "plain", "--complexity", "busy")) == 4


def test_the_most_alike_comes_first(kept: list[str], cli: Cli):
    for id_, title in zip(kept, "abcd", strict=True):
        assert found(cli, "--like", id_)[0] == f"Owl {title}"
    assert found(cli, "--like", kept[0], "--stars", "3") == ["Owl d"]


def test_the_table_has_a_line_for_each(kept: list[str], cli: Cli):
    lines = cli("gallery", "search", "--sort", "title").stdout.splitlines()
    cells = [line.split("\t") for line in lines]
    assert [row[0] for row in cells] == [id_[:12] for id_ in kept]
    assert cells[0][1:5] == ["Owl a", "0", "day, night", "owls"]


def test_a_colour_or_level_that_is_none_is_refused(kept: list[str], cli: Cli):
    assert "choose from red, orange" in cli("gallery", "search", "--color", "x", status=2).stderr
    cli("gallery", "search", "--complexity", "9", status=2)
    cli("gallery", "search", "--run", "no such run", status=1)


def test_the_choices_are_those_that_are_measured():
    assert COLORS == COLOR_NAMES
    assert LEVELS == LEVEL_NAMES
