from __future__ import annotations

import os
from pathlib import Path

from breeder import Store
from breeder.cli.upkeep import DAYS
from breeder.store.purging import KEEP_DAYS
from tests.cli.commands import Cli, genome_ids

URL = "sqlite:///art.db"


def test_a_backup_is_restored_and_what_was_there_is_kept(owls: Path, cli: Cli):
    assert "Backed up to copy.db" in cli("backup", "copy.db").stdout
    cli("runs", "rename", "owls", "hoots")
    said = cli("restore", "copy.db").stdout
    assert "art.db.before-restore.bak" in said
    assert "owls" in cli("runs").stdout
    cli("restore", "art.db.before-restore.bak")
    assert "hoots" in cli("runs").stdout


def test_restoring_waits_for_nobody_who_is_at_work(owls: Path, cli: Cli):
    cli("backup", "copy.db")
    with Store.open(URL) as store:
        assert store.runs()
        assert "in use" in cli("restore", "copy.db", status=1).stderr


def test_merging_says_what_came_in_and_the_second_time_that_nothing_did(owls: Path, cli: Cli):
    cli("new", "cats", "--population", "2", "--database", "sqlite:///other.db")
    assert "1 run, 1 grid, 2 pictures new" in cli("merge", "other.db").stdout
    assert "here already" in cli("merge", "other.db").stdout
    assert {line.split("\t")[1] for line in cli("runs").stdout.splitlines()} == {"owls", "cats"}
    with Store.open("sqlite:///other.db") as store:
        shown = store.current(store.run("cats").id)
        assert shown is not None
        left, right = (child.genome.id for child in shown.children)
        store.add_answer(left, right, 1)
    assert "1 answer new" in cli("merge", "other.db").stdout


def test_a_file_that_is_no_database_gets_one_sentence(owls: Path, cli: Cli):
    Path("notes.txt").write_text("nothing of the kind")
    for command in ("merge", "restore"):
        said = cli(command, "notes.txt", status=1).stderr
        assert said.count("\n") == 1
        assert "notes.txt is not a breeder database" in said


def test_vacuum_asks_before_it_removes_what_was_deleted_today(owls: Path, cli: Cli):
    cli("new", "cats", "--population", "2")
    star = genome_ids(cli("runs", "show", "owls", "--json"))[1]
    with Store.open(URL) as store:
        store.add_favourite(star)
        family = len(store.lineage(star))
    cli("runs", "delete", "owls")
    assert cli("vacuum").stdout.startswith("Nothing to remove.")
    assert "owls" in cli("runs", "--deleted").stdout
    assert "cannot be undone" in cli("vacuum", "--now", status=2).stderr
    said = cli("vacuum", "--now", "--yes").stdout
    assert said.startswith("Removed 1 run with")
    assert f"{family} ancestor" in said
    assert "freed" in said
    assert cli("runs", "--deleted").stdout == ""
    assert len(cli("lineage", star).stdout.splitlines()) == family
    assert "cats" in cli("runs").stdout


def test_the_days_in_the_help_are_those_of_the_store():
    assert DAYS == KEEP_DAYS


def test_nothing_is_left_beside_the_files(owls: Path, cli: Cli):
    cli("backup", "copy.db")
    cli("merge", "copy.db")
    assert not [name for name in os.listdir() if name.startswith(".breeder")]
