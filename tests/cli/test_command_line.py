"""Exit status, errors, help, and what real processes do."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import get_args

import pytest

from breeder import __version__
from breeder.cli import options
from breeder.cli.output import one_line
from breeder.history import FOCUSES, MAX_POPULATION
from breeder.rendering import DEVICES
from breeder.store.tables import NAME_LENGTH
from tests.cli.commands import Cli, start

COMMANDS = ("serve", "new", "evolve", "render", "runs", "export", "import", "lineage")
HEAVY = ("torch", "sqlalchemy", "streamlit", "numpy", "PIL", "pydantic", "rich.table")


def test_the_options_know_the_same_choices_as_the_floors_below():
    from breeder.cli import names

    assert get_args(options.Focus) == FOCUSES
    assert get_args(options.Device) == DEVICES
    assert options.MAX_POPULATION == MAX_POPULATION
    assert names.NAME_LENGTH == NAME_LENGTH


def test_the_version_is_printed(cli: Cli):
    assert cli("--version").stdout == f"breeder {__version__}\n"


def test_without_a_command_the_help_is_printed(cli: Cli):
    assert cli().stdout == cli("--help").stdout
    for command in COMMANDS:
        assert command in cli().stdout


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(cli: Cli, command: str):
    help_text = cli(command, "--help").stdout
    assert f"breeder {command}" in help_text
    assert "--database" in help_text


@pytest.mark.parametrize(
    "arguments", [("nonsense",), ("--nonsense",), ("evolve",), ("new", "a", "b"), ("runs", "sort")]
)
def test_what_is_not_understood_points_at_the_help(cli: Cli, arguments: tuple[str, ...]):
    assert "--help'." in cli(*arguments, status=2).stderr


@pytest.mark.parametrize("url", ["art.db", "sqlite:////no/such/folder/art.db", "oracle://x/y"])
def test_a_database_that_cannot_be_used_is_an_error(cli: Cli, url: str):
    cli("runs", "--database", url, status=1)


def test_a_message_is_one_line_that_commands_no_terminal():
    assert one_line("a\n\tb\x1b[31mc\u202e") == "a b?[31mc?"


def test_the_command_line_starts_without_heavy_libraries():
    code = f"import sys, breeder.cli; print([m for m in {HEAVY} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_a_process_ends_with_its_status_and_one_line(folder: Path):
    process = start("evolve", "nobody")
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (1, "")
    assert err == "breeder: There is no run 'nobody'; 'breeder runs' lists them.\n"


def test_a_name_in_letters_that_the_terminal_lacks_is_still_printed(
    owls: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch
):
    cli("runs", "rename", "owls", "Eulen \N{OWL}")
    monkeypatch.setenv("PYTHONIOENCODING", "ascii")
    process = start("runs")
    out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, "")
    assert "Eulen \\U0001f989" in out


def test_a_reader_that_stops_early_gets_no_traceback(owls: Path):
    # The answer is larger than a pipe holds, so that it is still writing when the reader goes.
    # (The name breeder.cli.runs is the command; its module is found by its full name.)
    many = (
        "import sys, breeder.cli\n"
        "sys.modules['breeder.cli.runs'].plain_run = lambda run: ['x' * 2_000_000]"
    )
    process = start("runs", "--json", code=many)
    assert process.stdout is not None
    os.read(process.stdout.fileno(), 1)  # a whole line could be the whole answer
    process.stdout.close()
    assert process.stderr is not None
    with process.stderr:
        told = process.stderr.read()
    assert (process.wait(timeout=60), told) == (1, "")


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C reaches whole consoles on Windows")
@pytest.mark.parametrize(
    "arguments",
    [
        ("render", "owls:1", "huge.png", "--width", "16384", "--supersample", "4"),
        ("render", "owls:1", "huge.tif", "--width", "16384", "--supersample", "8"),
        ("export", "owls:1", "huge.tif", "--size", "16384", "--supersample", "4"),
        ("export", "owls", "huge", "--format", "png", "--size", "16384"),
        ("export", "owls", "huge.zip", "--format", "png", "--size", "16384"),
    ],
)
@pytest.mark.parametrize(
    ("sent", "status", "told"),
    [
        (signal.SIGINT, 130, "breeder: cancelled.\n"),
        (signal.SIGTERM, 143, "breeder: told to end.\n"),
    ],
)
def test_a_command_that_is_stopped_leaves_nothing(
    owls: Path, arguments: tuple[str, ...], sent: signal.Signals, status: int, told: str
):
    before = names(owls)
    process = start(*arguments, "--device", "cpu")
    deadline = time.monotonic() + 60
    while names(owls) == before and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(sent)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err) == (status, "", told)
    assert names(owls) == before


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C reaches whole consoles on Windows")
def test_a_command_that_is_stopped_waits_for_no_thread(owls: Path):
    before = names(owls)
    endless = "import threading; threading.Thread(target=threading.Event().wait).start()"
    process = start("render", "owls:1", "huge.png", "--width", "16384", code=endless)
    deadline = time.monotonic() + 60
    while names(owls) == before and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGTERM)
    try:
        out, err = process.communicate(timeout=60)
    finally:
        process.kill()
    assert (process.returncode, out, err) == (143, "", "breeder: told to end.\n")


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir() if not path.name.startswith("art.db-")}
