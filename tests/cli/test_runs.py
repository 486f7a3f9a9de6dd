from __future__ import annotations

import json
from pathlib import Path

import pytest

from breeder import Store
from tests.cli.commands import Cli

URL = "sqlite:///art.db"


def test_runs_are_lines_with_tabs_for_scripts(owls: Path, cli: Cli):
    with Store.open(URL) as store:
        run = store.run("owls")
    (line,) = cli("runs").stdout.splitlines()
    assert line.split("\t")[:3] == [run.id[:12], "owls", "3"]
    (plain,) = json.loads(cli("runs", "--json").stdout)
    assert (plain["id"], plain["name"], plain["seed"]) == (run.id, "owls", 7)


def test_a_run_is_found_by_the_start_of_its_identity(owls: Path, cli: Cli):
    (run,) = json.loads(cli("runs", "--json").stdout)
    shown = cli("runs", "show", run["id"][:8], "--json").stdout
    assert json.loads(shown)["run"] == run


def test_a_deleted_run_comes_back(owls: Path, cli: Cli):
    cli("runs", "delete", "owls")
    assert cli("runs").stdout == ""
    assert "owls" in cli("runs", "--deleted").stdout
    cli("runs", "restore", "owls")
    assert "owls" in cli("runs").stdout
    assert cli("runs", "--deleted").stdout == ""


def test_of_deleted_runs_with_one_name_the_identity_chooses(owls: Path, cli: Cli):
    (first,) = json.loads(cli("runs", "--json").stdout)
    cli("runs", "delete", "owls")
    cli("new", "owls", "--population", "1")
    cli("runs", "delete", "owls")
    assert "more than one" in cli("runs", "restore", "owls", status=1).stderr
    cli("runs", "restore", first["id"][:12])
    assert first["id"][:12] in cli("runs").stdout


def test_renamed_and_duplicated(owls: Path, cli: Cli):
    cli("runs", "rename", "owls", "hoots")
    cli("runs", "duplicate", "hoots")
    cli("runs", "duplicate", "hoots")
    cli("runs", "duplicate", "hoots", "spare")
    names = [run["name"] for run in json.loads(cli("runs", "--json").stdout)]
    assert sorted(names) == ["hoots", "hoots copy", "hoots copy 2", "spare"]


@pytest.mark.parametrize(
    "arguments",
    [
        ("rename", "owls", "taken"),
        ("rename", "owls", " "),
        ("rename", "nobody", "somebody"),
        ("duplicate", "owls", "taken"),
        ("delete", "nobody"),
        ("restore", "owls"),
        ("show", "nobody"),
    ],
)
def test_what_cannot_be_done_changes_nothing(owls: Path, cli: Cli, arguments: tuple[str, ...]):
    cli("new", "taken", "--population", "1")
    before = cli("runs", "--json").stdout
    cli("runs", *arguments, status=1)
    assert cli("runs", "--json").stdout == before


@pytest.mark.parametrize("option", [("--json",), ("--deleted",), ("--database", URL)])
def test_an_option_in_the_wrong_place_is_not_passed_over(cli: Cli, option: tuple[str, ...]):
    assert "after 'delete'" in cli("runs", *option, "delete", "owls", status=2).stderr


def test_a_name_cannot_command_the_terminal(owls: Path, cli: Cli):
    cli("runs", "rename", "owls", "a\x1b[31m\nb\tc")
    (line,) = cli("runs").stdout.splitlines()
    assert line.split("\t")[1] == "a?[31m b c"
