"""`breeder autopilot` breeds on by itself, and keeps what it bred."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import pytest

from breeder.cli.autopilot import MOST_GENERATIONS, NOVELTY
from breeder.store import Store
from breeder.taste import autopilot as module
from tests.cli.commands import Cli, start

pytestmark = pytest.mark.usefixtures("one_thread")


def test_it_breeds_on_from_where_a_run_was_left_and_says_what_it_went_by(owls: Path, cli: Cli):
    done = cli("autopilot", "owls", "-n", "2", "--json")
    assert "your taste is not known well enough yet" in done.stderr
    told = json.loads(done.stdout)
    assert told["by_taste"] is False
    assert [grid["number"] for grid in told["grids"]] == [3, 4]
    assert all(grid["automatic"] and 1 <= len(grid["parents"]) <= 2 for grid in told["grids"])
    shown = json.loads(cli("runs", "show", "owls", "--json").stdout)["generation"]
    assert shown["id"] == told["grids"][-1]["id"] == told["generation"]["id"]
    assert shown["guidance"]["automatic"] is True
    parents = {parent for child in shown["children"] for parent in child["parents"]}
    assert parents >= set(told["grids"][-1]["parents"])

    lines = cli("autopilot", "owls", "-n", "1").stdout.splitlines()
    assert lines[0].endswith("bred 1 generation by novelty, to generation 5.")
    assert lines[1].split("\t")[0] == "5"
    cli("evolve", "owls", "--pick", "1")  # and a person goes on by hand

    family = json.loads(cli("lineage", "owls:3", "--json").stdout)
    assert {each["number"] for each in family if each["automatic"]} <= {3, 4, 5}
    assert family[-1]["automatic"] is False
    rows = [line.split("\t") for line in cli("lineage", "owls:3").stdout.splitlines()]
    by_autopilot = ["autopilot" if each["automatic"] else "" for each in family]
    assert [row[6] for row in rows] == by_autopilot
    assert "autopilot" in by_autopilot
    assert "autopilot" in cli("lineage", "owls:3", "--format", "dot").stdout


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGKILL])
def test_however_it_ends_what_was_bred_stays(owls: Path, ending: signal.Signals):
    # It comes once the second grid is stored, in the middle of the third.
    code = (
        "import os\n"
        "from breeder.store import Store\n"
        "add, bred = Store.add_generation, []\n"
        "def adding(self, grid):\n"
        f"    if len(bred) == 2: os.kill(os.getpid(), {ending:d})\n"
        "    bred.append(grid)\n"
        "    return add(self, grid)\n"
        "Store.add_generation = adding"
    )
    process = start("autopilot", "owls", "-n", "5", "--json", code=code)
    output, errors = process.communicate(timeout=120)
    with Store.open("sqlite:///art.db") as store:
        run = store.run("owls")
        tree = store.tree(run.id)
    assert [each.automatic for each in tree[-3:]] == [False, True, True]
    assert run.current == tree[-1].id
    if ending == signal.SIGKILL:
        assert process.returncode == -signal.SIGKILL
        return
    assert process.returncode == 0, errors
    assert "ended after 2 of 5 generations; what was bred stays" in errors
    told = json.loads(output)
    assert [each.id for each in tree[-2:]] == [grid["id"] for grid in told["grids"]]


def test_what_it_cannot_do_is_told_in_a_sentence(owls: Path, cli: Cli):
    assert "nobody" in cli("autopilot", "nobody", status=1).stderr
    assert "equal to 50" in cli("autopilot", "owls", "-n", "51", status=2).stderr


def test_the_options_know_the_numbers_of_the_floor_below():
    assert MOST_GENERATIONS == module.MOST_GENERATIONS
    assert NOVELTY == module.NOVELTY
