from __future__ import annotations

import itertools
import json
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from breeder import Canvas, Store, load, render
from breeder.evolve.founders import founder
from breeder.formats import FORMATS
from tests.cli.commands import Cli, genome_ids, invoke

URL = "sqlite:///art.db"


@pytest.fixture
def ids(owls: Path, cli: Cli) -> list[str]:
    return genome_ids(cli("runs", "show", "owls", "--json"))


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir() if not path.name.startswith("art.db")}


def test_render_draws_what_is_asked_with_the_genome_inside(owls: Path, cli: Cli, ids: list[str]):
    view = ("--zoom", "2", "--center", "-0.5", "0.25", "--rotation", "30", "--z", "0.1")
    cli("render", "owls:1", "owl.png", "--width", "60", "--height", "40", *view)
    with Image.open(owls / "owl.png") as picture:
        assert picture.size == (60, 40)
    assert load(owls / "owl.png").id == ids[1]


@pytest.mark.parametrize("command", [("render", "--width"), ("export", "--size")])
@pytest.mark.parametrize("suffix", [".png", ".tif", ".tiff"])
def test_a_poster_is_smoothed_as_asked_and_keeps_its_genome(
    owls: Path, cli: Cli, ids: list[str], suffix: str, command: tuple[str, str]
):
    name, size = command
    for samples in (1, 8):
        out = f"owl-{samples}{suffix}"
        cli(name, "owls:1", out, size, "40", "--supersample", str(samples), "--device", "reference")
        genome = load(out)
        assert genome.id == ids[1]
        canvas = Canvas(width=40, height=40, supersample=samples)
        with Image.open(out) as picture:
            drawn = render([genome], canvas, device="reference")[0]
            np.testing.assert_array_equal(np.asarray(picture), drawn)


@pytest.mark.parametrize("name", ["id", "file", "path", "grid"])
def test_a_picture_has_three_kinds_of_names(owls: Path, cli: Cli, ids: list[str], name: str):
    cli("export", ids[2], "owl.json")
    (owls / "owl").write_bytes((owls / "owl.json").read_bytes())
    words = {"id": ids[2][:10].upper(), "file": "owl.json", "path": "./owl", "grid": "owls:2"}
    cli("render", words[name], "out.png", "--width", "8")
    assert load("out.png").id == ids[2]


def test_a_file_is_drawn_without_a_database(owls: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch):
    cli("export", "owls:1", "owl.json")
    monkeypatch.setenv("BREEDER_DATABASE_URL", "sqlite:///absent.db")
    cli("render", "owl.json", "out.png", "--width", "8")
    assert not (owls / "absent.db").exists()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("owls:1", "owl.jpg"), "owl.png or owl.tif"),
        (("owls:1", "no/owl.png"), "no such folder"),
        (("owls:9", "owl.png"), "slot 9"),
        (("nobody:1", "owl.png"), "nobody"),
        (("absent.json", "owl.png"), "absent.json"),
        (("ffffffffffff", "owl.png"), "ffffffffffff"),
        (("owls:1", "owl.png", "--zoom", "nan"), "finite"),
        (("owls:1", "owl.png", "--width", "70000", "--supersample", "8"), "width"),
    ],
)
def test_what_cannot_be_drawn_is_said_and_leaves_no_file(
    owls: Path, cli: Cli, arguments: tuple[str, ...], told: str
):
    assert told in cli("render", *arguments, status=1).stderr
    assert names(owls) == set()


@pytest.mark.parametrize("out", ["owl.png", "owl.tif"])
def test_a_failed_drawing_leaves_the_older_file(
    owls: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch, out: str
):
    cli("render", "owls:1", out, "--width", "8")
    before = (owls / out).read_bytes()

    def full(*_: object, **__: object) -> object:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("breeder.formats.png.encode_png", full)
    monkeypatch.setattr("breeder.formats.tiff.encode_tiff", full)
    assert "No space left" in cli("render", "owls:2", out, status=1).stderr
    assert names(owls) == {out}
    assert (owls / out).read_bytes() == before


def test_a_run_is_exported_whole(owls: Path, cli: Cli):
    cli("evolve", "owls", "--back")
    cli("evolve", "owls", "--pick", "0")
    cli("export", "owls", "out")
    tree = json.loads((owls / "out" / "run.json").read_text())
    assert (tree["format"], tree["version"], tree["run"]["name"]) == ("breeder-run", 1, "owls")
    grids = tree["generations"]
    assert [each["number"] for each in grids] == [0, 1, 2, 2]
    assert grids[2]["came_from"] == grids[3]["came_from"] == grids[1]["id"]
    files = {path.stem: load(path).id for path in (owls / "out" / "genomes").iterdir()}
    assert all(name == id_ for name, id_ in files.items())
    children = [child for each in grids for child in each["children"]]
    family = {child["genome"] for child in children}
    family |= {parent for child in children for parent in child["parents"]}
    assert files.keys() == family


def test_a_zip_holds_the_same_as_a_folder(owls: Path, cli: Cli):
    cli("export", "owls", "out")
    cli("export", "owls", "out.zip")
    inside = {p.relative_to("out").as_posix(): p.read_bytes() for p in Path("out").rglob("*.json")}
    with zipfile.ZipFile("out.zip") as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == inside


def test_several_pictures_go_to_a_folder(owls: Path, cli: Cli, ids: list[str]):
    cli("export", "owls:1", ids[2], "owls:1", "out", "--format", "png", "--size", "8")
    assert names(owls / "out") == {f"{ids[1]}.png", f"{ids[2]}.png"}
    assert load(f"out/{ids[1]}.png").id == ids[1]


@pytest.mark.parametrize("out", ["owl.json", "owl.png"])
def test_a_favourite_takes_its_title_along(owls: Path, cli: Cli, ids: list[str], out: str):
    with Store.open(URL) as store:
        store.add_favourite(ids[1], title="barn owl")
    cli("export", "owls:1", out, "--size", "8")
    assert json.loads(cli("import", out, "--favourite", "--json").stdout)[0]["title"] == "barn owl"


@pytest.mark.parametrize("name", ["page", "onnx", "numpy", "neat-python"])
def test_several_pictures_are_exported_in_any_format(
    owls: Path, cli: Cli, ids: list[str], name: str
):
    cli("export", "owls:1", "owls:2", "out", "--format", name, "--size", "8")
    suffix = FORMATS[name].suffix
    assert names(owls / "out") == {f"{id_}{suffix}" for id_ in ids[1:3]}


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (("owls", "owls.json"), 1),
        (("owls:1", "owl.gif"), 1),
        (("owls:1", "owls:2", "two.png"), 1),
        (("owls", "full"), 1),
        (("owls", "no/such/folder"), 1),
        (("owls:1", "owls:2", "two", "--format", "gif"), 1),
        (("nothing", "out"), 1),
        (("owls", "owls:1", "out"), 2),
        (("owls",), 2),
    ],
)
def test_what_cannot_be_exported_leaves_nothing(
    owls: Path, cli: Cli, arguments: tuple[str, ...], status: int
):
    (owls / "full").mkdir()
    (owls / "full" / "mine.txt").touch()
    cli("export", *arguments, status=status)
    assert names(owls) == {"full"}
    assert names(owls / "full") == {"mine.txt"}


def test_digits_that_begin_a_run_and_a_picture_are_refused(owls: Path, cli: Cli):
    (run,) = json.loads(cli("runs", "--json").stdout)
    drawn = (founder(rng=np.random.default_rng(seed)) for seed in itertools.count())
    namesake = next(genome for genome in drawn if genome.id[0] == run["id"][0])
    with Store.open(URL) as store:
        store.save_genome(namesake)
    assert "more digits" in cli("export", run["id"][0], "out", status=1).stderr
    cli("runs", "rename", "owls", namesake.id[:6])
    cli("export", namesake.id[:6], "out")  # a run's name comes before any identity
    assert (owls / "out" / "run.json").exists()


def test_import_starts_a_run_from_each_file(owls: Path, cli: Cli, ids: list[str]):
    cli("export", "owls:1", "barn.json")
    cli("export", "owls:2", "tawny.png", "--size", "8")
    cli("import", "barn.json", "tawny.png", "barn.json")
    runs = json.loads(cli("runs", "--json").stdout)
    assert [run["name"] for run in runs][:3] == ["barn 2", "tawny", "barn"]
    assert genome_ids(cli("runs", "show", "tawny", "--json"))[0] == ids[2]


def test_import_under_a_name(owls: Path, cli: Cli):
    cli("export", "owls:1", "barn.json")
    cli("import", "barn.json", "--run", "barn owls")
    assert "barn owls" in cli("runs").stdout
    assert "already" in cli("import", "barn.json", "--run", "barn owls", status=1).stderr
    cli("import", "barn.json", "barn.json", "--run", "one name", status=2)
    cli("import", "barn.json", "--favourite", "--run", "one name", status=2)


@pytest.mark.parametrize("option", [(), ("--favourite",)])
def test_a_bad_file_among_good_ones_changes_nothing(owls: Path, cli: Cli, option: tuple[str, ...]):
    cli("export", "owls:1", "good.json")
    (owls / "bad.json").write_text('{"format": "breeder-genome", "version": 1}')
    before = cli("runs", "--json").stdout
    assert "bad.json" in cli("import", "good.json", "bad.json", *option, status=1).stderr
    assert cli("runs", "--json").stdout == before
    with Store.open(URL) as store:
        assert store.favourites() == []


WRITTEN = [name for name, row in FORMATS.items() if row.writes]


@pytest.mark.parametrize("name", WRITTEN)
def test_every_format_is_written_or_refused_in_one_line(owls: Path, cli: Cli, name: str):
    out = f"owl{FORMATS[name].suffix}"
    result = invoke("export", "owls:1", out, "--format", name, "--size", "48")
    if result.exit_code:
        assert result.stderr.startswith("breeder: ")
        assert result.stderr.count("\n") == 1
    assert names(owls) == (set() if result.exit_code else {out})


def test_the_number_of_colours_is_chosen(owls: Path, cli: Cli):
    cli("export", "owls:1", "owl.svg", "--colors", "3")
    cli("export", "owls:1", "owl.gpl", "--colors", "5")
    assert (owls / "owl.svg").read_text("utf-8").count("<path") == 3
    assert "Columns: 5" in (owls / "owl.gpl").read_text("utf-8").splitlines()
    for out, count in (("owl.ase", "13"), ("other.svg", "1"), ("owl.png", "6")):
        cli("export", "owls:1", out, "--colors", count, status=1)
        assert out not in names(owls)


def test_a_bundle_is_one_picture_in_many_formats(owls: Path, cli: Cli, ids: list[str]):
    cli("export", "owls:1", "owl.zip", "--format", "bundle", "--size", "48")
    with zipfile.ZipFile(owls / "owl.zip") as archive:
        assert "README.txt" in archive.namelist()
    assert load(owls / "owl.zip").id == ids[1]
    cli("import", "owl.zip", "--run", "again")
