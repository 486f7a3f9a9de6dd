"""`breeder lab fit` learns a picture, and writes a genome that breeds on."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image

from breeder import load
from breeder.cli import lab_fit
from breeder.formats import load_document
from breeder.lab import training
from breeder.lab.scenes import scene
from tests.cli.commands import Cli

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture
def logo(folder: Path) -> Path:
    Image.fromarray(scene("logo", 40, 30)).save(folder / "logo.webp")
    return folder


def test_a_picture_is_learned_and_says_what_it_is(cli: Cli, logo: Path):
    options = ("--begin", "small", "--seconds", "0.5", "--side", "32", "--square")
    done = cli("lab", "fit", "logo.webp", "learned.json", *options)
    assert done.stdout.startswith("Wrote learned.json (genome ")
    assert " dB after " in done.stdout
    document = load_document("learned.json")
    assert (document.title, document.origin) == ("logo", "the Lab, fitted to logo")


def test_a_bred_picture_learns_too_keeps_its_genes_and_starts_a_run(cli: Cli, logo: Path):
    cli("new", "owls", "--seed", "7", "--population", "4")
    cli("export", "owls:1", "owl.json")
    begun = load("owl.json")
    done = cli(
        "lab", "fit", "logo.webp", "on.json", "--begin", "owls:1", "--seconds", "0.3",
        "--run", "logos", "--json",
    )  # fmt: skip
    found = json.loads(done.stdout)
    learned = load("on.json")
    assert found["genome"] == learned.id
    assert found["steps"] > 0
    assert "logos" in cli("runs").stdout
    assert [gene.ends for gene in learned.connections] == [gene.ends for gene in begun.connections]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("owl.txt", "a.png"), "Cannot read 'owl.txt': it is no whole PNG"),
        (("missing.png", "a.png"), "Cannot read 'missing.png': No such file"),
        (("logo.webp", "a.xyz"), "Cannot write 'a.xyz': its suffix names no format"),
        (("logo.webp", "a.png", "--begin", "nobody"), "nobody"),
    ],
)
def test_what_cannot_be_done_is_said_at_once(cli: Cli, logo: Path, arguments, words: str):
    (logo / "owl.txt").write_text("hello")
    assert words in cli("lab", "fit", *arguments, status=1).stderr
    assert not (logo / "a.png").exists()


def test_the_bounds_of_the_options_are_those_of_the_training():
    assert (training.LEAST_SIDE, training.MOST_SIDE) == lab_fit.SIDES
    assert tuple(training.STARTS) == ("small", "usual", "large")
