"""`breeder import` takes files of every format that is read, and says where genomes come from."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from breeder import Store, save
from breeder.formats import load_document
from tests.cli.commands import Cli, genome_ids
from tests.formats import picbreeder_files as files
from tests.genomes import random_genome

URL = "sqlite:///art.db"


@pytest.fixture
def moth(owls: Path) -> Path:
    """A genome of Picbreeder, as its server kept it."""
    path = owls / "moth.zip"
    path.write_bytes(files.zipped(files.data(files.COLOR)))
    return path


def test_a_genome_of_picbreeder_starts_a_run(moth: Path, cli: Cli):
    printed = cli("import", "moth.zip").stdout
    assert "Run 'moth' " in printed
    assert "It comes from Picbreeder 8/31, from 8/30." in printed
    first = genome_ids(cli("runs", "show", "moth", "--json"))[0]
    assert first == load_document(moth).genome.id


def test_the_origin_goes_on_into_files(moth: Path, cli: Cli):
    cli("import", "moth.zip")
    for name in ("a.json", "a.png", "a.tif"):
        cli("export", "moth:0", name, "--size", "8")
        assert load_document(name).origin == "Picbreeder 8/31, from 8/30"
        cli("export", "moth:5", name, "--size", "8")
        assert load_document(name).origin == "bred from Picbreeder 8/31, from 8/30"
    cli("export", "moth", "all")
    (first,) = [path for path in Path("all/genomes").iterdir() if path.stem == _first(cli)]
    assert load_document(first).origin == "Picbreeder 8/31, from 8/30"
    cli("import", "a.json", "--database", "sqlite:///other.db")
    assert (
        "bred from Picbreeder 8/31"
        in cli("lineage", "a.json", "--database", "sqlite:///other.db").stdout
    )


def test_what_was_bred_from_something_bred_says_so_once(moth: Path, cli: Cli):
    cli("import", "moth.zip")
    cli("export", "moth:5", "child.json")
    other = ("--database", "sqlite:///other.db")
    cli("import", "child.json", *other)
    cli("export", "child:5", "grandchild.json", *other)
    assert load_document("grandchild.json").origin == "bred from Picbreeder 8/31, from 8/30"


def test_an_origin_of_blanks_is_none(owls: Path, cli: Cli):
    save(random_genome(3), "a.json", meta={"origin": " "})
    assert "comes from" not in cli("import", "a.json").stdout


def _first(cli: Cli) -> str:
    return genome_ids(cli("runs", "show", "moth", "--json"))[0]


def test_lineage_says_where_a_start_was_brought_in_from(moth: Path, cli: Cli):
    cli("import", "moth.zip")
    rows = [line.split("\t") for line in cli("lineage", "moth:9").stdout.splitlines()]
    assert (rows[0][1], rows[0][5]) == ("import", "Picbreeder 8/31, from 8/30")
    family = json.loads(cli("lineage", "moth:9", "--json").stdout)
    assert [each["from"] for each in family] == ["Picbreeder 8/31, from 8/30", ""]
    cli("import", "moth.zip", "--favourite", "--database", "sqlite:///other.db")
    alone = cli("lineage", "moth.zip", "--database", "sqlite:///other.db")
    assert "It comes from Picbreeder 8/31" in alone.stderr


def test_a_file_of_several_genomes_starts_one_run(owls: Path, cli: Cli):
    (owls / "three.xml").write_text(files.STORAGE)
    (plain,) = json.loads(cli("import", "three.xml", "--json").stdout)
    assert plain["genomes"] == genome_ids(cli("runs", "show", "three", "--json"))[:3]
    assert "holds 3 genomes" in cli("render", "three.xml", "x.png", status=1).stderr


@pytest.mark.parametrize("option", [(), ("--favourite",)])
def test_many_genomes_become_favourites(owls: Path, cli: Cli, option: tuple[str, ...]):
    ink = [
        files.node(files.LIGHT, "out", "sin(x)", label="ink", bias=f"0.{n}") for n in range(1, 9)
    ]
    genomes = [files.genome((*files.INPUTS, each), ()) for each in ink]
    (owls / "eight.xml").write_text(files.data(*genomes))
    result = cli("import", "eight.xml", *option)
    assert ("too many for a grid" in result.stderr) == (not option)
    with Store.open(URL) as store:
        titles = {kept.title for kept in store.favourites()}
        assert titles == {f"eight {n}" for n in range(1, 9)}


def test_a_bad_genome_of_several_stores_nothing(owls: Path, cli: Cli):
    good = "<activation>cos(x)</activation></node></nodes>"
    (owls / "three.xml").write_text(files.STORAGE.replace(good, "</node></nodes>"))
    before = cli("runs", "--json").stdout
    assert "in its genome 2/6" in cli("import", "three.xml", "--favourite", status=1).stderr
    assert cli("runs", "--json").stdout == before
    with Store.open(URL) as store:
        assert store.favourites() == []
