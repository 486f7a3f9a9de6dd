"""`breeder lab` draws, sweeps and breeds what the page shows."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from breeder import load
from breeder.lab import PRESETS, SWEEPS, draw, from_query, settings_in, to_genome
from tests.cli.commands import Cli


def test_list_names_every_preset_and_sheet(cli: Cli, folder: Path):
    lines = cli("lab", "list").stdout.splitlines()
    assert [line.split("\t")[0] for line in lines] == [*PRESETS, *SWEEPS]
    plain = json.loads(cli("lab", "list", "--json").stdout)
    assert [each["name"] for each in plain["sweeps"]] == list(SWEEPS)
    for each in plain["presets"]:
        assert from_query(each["address"]) == PRESETS[each["name"]].settings


def test_draw_writes_a_picture_that_opens_again(cli: Cli, folder: Path):
    done = cli("lab", "draw", "gradient", "a.png", "--width", "32", "--supersample", "1")
    assert done.stdout.startswith("Wrote a.png (32 x 32 pixels): v=1&")
    settings = PRESETS["gradient"].settings
    assert settings_in("a.png") == settings
    with Image.open("a.png") as image:
        np.testing.assert_array_equal(np.asarray(image), draw(settings, 32))
    cli("lab", "draw", "a.png", "b.png", "--set", "seed=9", "--set", "widths=4*2", "--height", "8")
    assert settings_in("b.png").seed == 9
    assert settings_in("b.png").widths == (4, 4)
    link = "http://127.0.0.1:8501/lab?v=1&seed=12&widths=4&preset=usual&size=screen"
    cli("lab", "draw", link, "c.png", "--width", "8")
    assert settings_in("c.png") == from_query("v=1&seed=12&widths=4")


def test_a_preset_is_drawn_at_its_size(cli: Cli, folder: Path):
    cli("lab", "draw", "size-1080x720", "a.png", "--set", "widths=2", "--supersample", "1")
    with Image.open("a.png") as image:
        assert image.size == (1080, 720)


def test_draw_writes_other_formats_too(cli: Cli, folder: Path):
    cli("lab", "draw", "gradient", "a.json")
    assert load("a.json") == to_genome(PRESETS["gradient"].settings)


def test_sweep_writes_a_sheet(cli: Cli, folder: Path):
    done = cli(
        *("lab", "sweep", "gradient", "s.png", "--across", "z=0..1:3", "--down", "seed=1,2"),
        *("--tile", "32", "--set", "widths=4"),
    )
    assert "6 pictures" in done.stdout
    with Image.open("s.png") as image:
        assert f"{image.width} x {image.height}" in done.stdout
    named = cli("lab", "sweep", "spread", "t.png", "--tile", "32", "--set", "widths=4")
    assert "6 pictures" in named.stdout


def test_breed_starts_a_run(cli: Cli, folder: Path):
    done = cli("lab", "breed", "gradient", "--run", "dusk", "--set", "seed=4", "--json")
    plain = json.loads(done.stdout)
    assert plain["run"]["name"] == "dusk"
    shown = json.loads(cli("runs", "show", "dusk", "--json").stdout)
    assert shown["generation"]["children"][0]["genome"] == plain["genome"]
    assert "'dawn'" in cli("lab", "breed", "gradient", "--run", "dawn").stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("draw", "gradiant", "a.png"), "There is no preset 'gradiant'"),
        (("draw", "v=1&seed=x", "a.png"), "a seed is a whole number"),
        (("draw", "none.png", "a.png"), "Cannot read none.png"),
        (("draw", "gradient", "a.png", "--set", "sede=4"), "there is no setting 'sede'"),
        (("draw", "gradient", "a.png", "--set", "seed"), "A change is NAME=VALUE"),
        (("draw", "gradient", "no/a.png", "--width", "8"), "there is no such folder"),
        (("draw", "neuro-pollock", "a.json"), "too large to breed well"),
        (("breed", "neuro-pollock"), "12,000 is the most"),
        (("sweep", "gradient", "s.png"), "Say what changes with --across"),
        (("sweep", "layers", "s.gif"), "A sheet is a PNG picture: call it s.png"),
        (("sweep", "gradient", "s.png", "--across", "owls=3"), "no setting 'owls' to sweep"),
    ],
)
def test_errors_are_one_line(cli: Cli, folder: Path, arguments: tuple[str, ...], said: str):
    done = cli("lab", *arguments, status=1)
    assert said in done.stderr
    assert [path.name for path in folder.iterdir() if path.suffix != ".db"] == []
