"""What was learnt, shown, taken away, forgotten and used on the command line."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from breeder import Store
from breeder.taste.features import FEATURES
from tests.cli.commands import Cli, grid

URL = "sqlite:///art.db"


@pytest.fixture
def told(owls: Path) -> Path:
    """The owls, with two answers and some stars."""
    with Store.open(URL) as store:
        current = store.current(store.run("owls").id)
        assert current is not None
        ids = [child.genome.id for child in current.children]
        store.add_answer(ids[0], ids[1], 1)
        store.add_answer(ids[2], ids[1], 0)
        for number, id_ in enumerate(ids[:2]):
            store.add_favourite(id_)
            store.describe(id_, stars=2 + number)
    return owls


def test_show_says_what_it_learnt_from_and_that_it_is_off(told: Path, cli: Cli):
    plain = json.loads(cli("taste", "show", "--json").stdout)
    assert (plain["choices"], plain["runs"], plain["answers"], plain["ratings"]) == (2, 1, 2, 2)
    assert plain["foretold"] == 1
    assert plain["interval"] == [0.0, 1.0]
    assert not plain["trusted"]
    assert (plain["likes"], plain["dislikes"], plain["reset"]) == ([], [], None)
    lines = cli("taste", "show").stdout.splitlines()
    assert lines[0] == "learnt from 2 choices in 1 run, 2 answers, 2 pictures with stars"
    assert lines[1:] == [
        "foretold: too few choices to say",
        "it does not beat chance, and chooses nothing",
    ]


def test_a_network_that_cannot_be_used_is_left_out_and_said(
    told: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("BREEDER_EMBEDDING", str(told / "eye.onnx"))
    lines = cli("taste", "show").stdout.splitlines()
    assert lines[1].startswith("without your network: There is no embedding network at")
    assert json.loads(cli("taste", "show", "--json").stdout)["choices"] == 2


def test_export_holds_every_choice_and_the_weights_with_their_names(told: Path, cli: Cli):
    cli("taste", "export", "taste.json")
    plain = json.loads((told / "taste.json").read_text("utf-8"))
    assert json.loads(cli("taste", "export", "-").stdout) == plain
    with Store.open(URL) as store:
        choices = store.choices()
    assert [each["shown"] for each in plain["choices"]] == [list(c.genome_ids) for c in choices]
    assert [each["picked"] for each in plain["choices"]] == [[1, 2], [3]]
    assert [each["preferred"] for each in plain["answers"]] == ["right", "left"]
    assert sorted(plain["ratings"].values()) == [2, 3]
    assert [each["more"] for each in plain["features"]] == [each.more for each in FEATURES]
    weights = [each["weight"] for each in plain["features"]]
    assert any(weights)
    assert all(map(math.isfinite, weights))
    cli("taste", "export", "no such folder/taste.json", status=1)


def test_reset_forgets_deletes_nothing_and_is_undone(told: Path, cli: Cli):
    before = json.loads(cli("taste", "show", "--json").stdout)
    assert "--undo" in cli("taste", "reset").stderr
    after = json.loads(cli("taste", "show", "--json").stdout)
    assert (after["choices"], after["answers"], after["ratings"]) == (0, 0, 0)
    assert after["reset"]
    assert "forgotten: what was done before" in cli("taste", "show").stdout
    cli("taste", "reset", "--undo")
    assert json.loads(cli("taste", "show", "--json").stdout) == before


def test_a_grid_of_the_command_line_is_guided_only_as_asked(owls: Path, cli: Cli):
    usual = grid(cli("evolve", "owls", "--pick", "1", "--json"))
    assert usual["guidance"] is None  # not trusted: nothing goes by it
    new = grid(cli("evolve", "owls", "--novelty", "1", "--unguided", "0", "--json"))
    assert new["guidance"]["kind"] == "novelty"
    assert (new["settings"]["novelty"], new["settings"]["unguided"]) == (1.0, 0.0)
    assert "guided" in {child["origin"] for child in new["children"]}
    with Store.open(URL) as store:
        store.change_picks(new["id"], add=[1], drop=[])
    odd = cli("evolve", "owls", "--pick", "0", "--novelty", "0", "--surprise")
    assert "unlike what you have seen" in odd.stdout.splitlines()[0]
    with Store.open(URL) as store:
        assert store.generation(new["id"]).picks == (0,)  # as it is without --surprise
    off = grid(cli("evolve", "owls", "--pick", "0", "--no-guided", "--json"))
    assert off["guidance"] is None
    assert not off["settings"]["guided"]
    cli("evolve", "owls", "--back", "--surprise", status=2)
