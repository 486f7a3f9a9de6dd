"""Films from the command line."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from breeder import Canvas, load, render
from tests.cli.commands import Cli

SHORT = ("--frames", "5", "--fps", "5", "--width", "40", "--supersample", "1", "--device", "cpu")


@pytest.mark.parametrize("kind", ["gif", "webp"])
def test_a_film_begins_with_the_picture(owls: Path, cli: Cli, kind: str):
    cli("export", "owls:1", "owl.json")
    told = cli("film", "owls:1", f"owl.{kind}", "--move", "wave", "--move", "zoom:2", *SHORT)
    assert told.stdout == f"Wrote owl.{kind} (5 frames, 1.0 s).\n"
    with Image.open(f"owl.{kind}") as shown:
        assert shown.n_frames == 5  # type: ignore[attr-defined]
        assert shown.info["loop"] == 0
        first = np.asarray(shown.convert("RGB")).astype(float)
    exact = render([load("owl.json")], Canvas(width=40, height=40), device="cpu")[0]
    assert np.abs(first - exact).mean() < 8


def test_a_film_that_runs_once_ends_elsewhere(owls: Path, cli: Cli):
    cli("film", "owls:1", "owl.mp4", "--once", "--easing", "steady", "--height", "30", *SHORT)
    with av.open("owl.mp4", "r") as film:
        frames = [frame.to_ndarray(format="rgb24") for frame in film.decode(video=0)]
    assert frames[0].shape == (30, 40, 3)
    assert np.abs(frames[0].astype(float) - frames[-1]).mean() > 3


def test_a_network_of_the_lab_becomes_another_with_its_caption_over_it(owls: Path, cli: Cli):
    from breeder.lab import LabSettings, draw, to_query
    from breeder.lab.captions import set_over

    settings = LabSettings(widths=(6, 6), seed=4, caption="hi")
    asked = ("lab", "film", to_query(settings), "lab.webp", "--move", "morph:9", "--once")
    cli(*asked, "--set", "zoom=1.5", *SHORT)
    with Image.open("lab.webp") as shown:
        for number, seed in ((0, 4), (4, 9)):
            shown.seek(number)
            there = replace(settings, seed=seed, zoom=1.5)
            exact = set_over(draw(there, 40), "hi").astype(float)
            assert np.abs(np.asarray(shown.convert("RGB")) - exact).mean() < 5
    assert "does not read z" in cli(*asked, "--move", "z", status=1).stderr


def test_what_cannot_be_filmed_is_said_in_one_line(owls: Path, cli: Cli):
    for arguments, told in {
        ("owl.avi",): "one of mp4, webp, gif",
        ("owl.mp4", "--move", "warp"): "no movement 'warp'",
        ("owl.mp4", "--move", "morph"): "only the networks of the Lab",
        ("owl.gif", "--fps", "60"): "50 frames a second",
        ("no/owl.mp4",): "Cannot write owl.mp4",
    }.items():
        error = cli("film", "owls:1", *arguments, "--frames", "2", "--width", "16", status=1).stderr
        assert told in error
        assert len(error.splitlines()) == 1
    assert not [path for path in owls.iterdir() if path.stem == "owl"]
