from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image

from breeder import Breeder, BreederSettings, Store
from tests.cli.commands import Cli, genome_ids, grid

URL = "sqlite:///art.db"


def test_new_prints_the_run_and_its_grid(cli: Cli):
    lines = cli("new", "owls", "--seed", "7", "--population", "3").stdout.splitlines()
    with Store.open(URL) as store:
        run = store.run("owls")
        children = store.current(run.id).children  # type: ignore[union-attr]
    assert run.seed == 7
    assert "'owls'" in lines[0]
    assert run.id[:12] in lines[0]
    rows = [line.split("\t") for line in lines[1:]]
    assert [row[:3] for row in rows] == [
        [str(child.slot), child.genome.id[:12], "founder"] for child in children
    ]


def test_the_same_seed_and_picks_give_the_same_pictures_as_the_api(owls: Path, cli: Cli):
    breeder = Breeder(BreederSettings(population=4), seed=7)
    breeder.tell([1, 2])
    expected = [child.genome.id for child in breeder.tell([3]).children]
    assert genome_ids(cli("runs", "show", "owls", "--json")) == expected


def test_new_without_a_name_makes_one_up_that_is_free(cli: Cli):
    names = [
        json.loads(cli("new", "--seed", "7", "--population", "1", "--json").stdout)["run"]["name"]
        for _ in range(2)
    ]
    assert names[1] == f"{names[0]} 2"


def test_new_in_grey_founds_in_grey(cli: Cli):
    cli("new", "mist", "--grey", "--population", "2")
    with Store.open(URL) as store:
        children = store.current(store.run("mist").id).children  # type: ignore[union-attr]
    assert {child.genome.color for child in children} == {"grey"}


def test_a_name_that_is_taken_is_refused(owls: Path, cli: Cli):
    assert "already" in cli("new", "owls", status=1).stderr


def test_new_from_pictures_gives_them_the_first_slots(owls: Path, cli: Cli):
    cli("export", "owls:2", "owl.json")
    start = genome_ids(cli("runs", "show", "owls", "--json"))
    arguments = ("--from", "owl.json", "--from", "owls:3", "--population", "4", "--json")
    made = grid(cli("new", "friends", *arguments))
    assert [child["genome"] for child in made["children"]][:2] == start[2:4]
    assert [child["origin"] for child in made["children"]][:2] == ["import", "import"]


def test_a_run_cancelled_before_its_first_grid_is_not_left_behind(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
):
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("breeder.plan.breed", interrupted)
    assert cli("new", "owls", status=130).stderr == "breeder: cancelled.\n"
    assert cli("runs").stdout == ""


def test_evolve_breeds_from_the_picks_and_says_what_changed(owls: Path, cli: Cli):
    before = genome_ids(cli("runs", "show", "owls", "--json"))
    after = grid(cli("evolve", "owls", "-p", "0", "--pick", "3", "--json"))
    assert after["bred_from"] == [0, 3]
    assert after["number"] == 3
    kept, changed = after["children"][0], after["children"][-1]
    assert (kept["origin"], kept["genome"]) == ("kept", before[0])
    assert changed["parents"]
    assert all(mutation["words"] for mutation in changed["mutations"])
    shown = cli("runs", "show", "owls").stdout
    assert "bred from slots 0, 3" in shown
    assert changed["mutations"][0]["words"] in shown


def test_settings_given_stay_and_the_others_too(owls: Path, cli: Cli):
    options = (
        *("--strength", "0.25", "--focus", "color", "--no-carry-over", "--no-screening"),
        *("--no-guided", "--unguided", "0.5", "--novelty", "0.25"),
    )
    first = grid(cli("evolve", "owls", "--pick", "1", "--population", "3", *options, "--json"))
    expected = {
        "population": 3,
        "strength": 0.25,
        "focus": "color",
        "color": True,
        "carry_over": False,
        "screening": False,
        "guided": False,
        "unguided": 0.5,
        "novelty": 0.25,
    }
    assert first["settings"] == expected
    second = grid(cli("evolve", "owls", "--pick", "1", "--carry-over", "--json"))
    assert second["settings"] == {**expected, "carry_over": True}


def test_without_picks_other_children_of_the_same_parents_are_bred(owls: Path, cli: Cli):
    shown = grid(cli("runs", "show", "owls", "--json"))
    other = grid(cli("evolve", "owls", "--json"))
    assert other["bred_from"] == []
    assert other["children"][0]["genome"] == shown["children"][0]["genome"]  # the pick, kept
    assert other["children"][1]["genome"] != shown["children"][1]["genome"]


def test_picks_made_in_the_page_are_neither_used_nor_lost(owls: Path, cli: Cli):
    with Store.open(URL) as store:
        grid_id = Breeder.resume(store, "owls").pick([1, 3]).id
    assert "--pick 1 --pick 3" in cli("evolve", "owls").stderr
    with Store.open(URL) as store:
        assert store.generation(grid_id).picks == (1, 3)


def test_back_and_another_pick_keep_both_futures(owls: Path, cli: Cli):
    first = grid(cli("runs", "show", "owls", "--json"))
    back = grid(cli("evolve", "owls", "--back", "--json"))
    assert back["id"] == first["came_from"]
    assert grid(cli("evolve", "owls", "--forward", "--json"))["id"] == first["id"]
    cli("evolve", "owls", "--back")
    second = grid(cli("evolve", "owls", "--pick", "0", "--json"))
    assert (second["came_from"], second["bred_from"]) == (back["id"], [0])
    with Store.open(URL) as store:
        grids = {branch.id for branch in store.tree(store.run("owls").id)}
    assert {first["id"], second["id"]} <= grids


@pytest.mark.parametrize(("way", "word"), [("--back", "before"), ("--forward", "after")])
def test_at_an_end_the_walk_stays_and_says_so(cli: Cli, way: str, word: str):
    made = genome_ids(cli("new", "owls", "--population", "1", "--json"))
    result = cli("evolve", "owls", way, "--json")
    assert f"no grid {word} this one" in result.stderr
    assert genome_ids(result) == made


@pytest.mark.parametrize(
    "arguments",
    [
        ("--back", "--forward"),
        ("--back", "--pick", "1"),
        ("--forward", "--strength", "1"),
        ("--strength", "2"),
        ("--focus", "shape"),
        ("--population", "65"),
        ("--pick", "one"),
    ],
)
def test_what_makes_no_sense_is_refused_and_breeds_nothing(
    owls: Path, cli: Cli, arguments: tuple[str, ...]
):
    before = cli("runs", "--json").stdout
    assert "breeder evolve --help" in cli("evolve", "owls", *arguments, status=2).stderr
    assert cli("runs", "--json").stdout == before


@pytest.mark.parametrize("arguments", [("owls", "--pick", "9"), ("nobody",), ("",)])
def test_what_is_not_there_is_an_error(owls: Path, cli: Cli, arguments: tuple[str, ...]):
    cli("evolve", *arguments, status=1)


def test_a_sheet_shows_the_whole_grid(owls: Path, cli: Cli):
    cli("runs", "show", "owls", "--sheet", "grid.png")
    with Image.open(owls / "grid.png") as sheet:
        assert sheet.size == (548, 584)  # two by two
        tiles = [sheet.getpixel((140 + x * 268, 140 + y * 292)) for y in (0, 1) for x in (0, 1)]
    assert (17, 17, 20) not in tiles


@pytest.mark.parametrize("sheet", ["grid.jpg", "no/such/folder/grid.png"])
def test_a_sheet_that_cannot_be_written_is_refused_before_anything_is_bred(
    owls: Path, cli: Cli, sheet: str
):
    before = cli("runs", "--json").stdout
    cli("evolve", "owls", "--pick", "1", "--sheet", sheet, status=1)
    assert cli("runs", "--json").stdout == before


def test_another_database_is_used_where_one_is_named(owls: Path, cli: Cli):
    cli("new", "moths", "--population", "1", "--database", "sqlite:///other.db")
    assert "moths" in cli("runs", "--database", "sqlite:///other.db").stdout
    assert "moths" not in cli("runs").stdout
