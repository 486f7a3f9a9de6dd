"""What people see on a terminal: tables and progress. Scripts get neither."""

from __future__ import annotations

import sys

import pytest

from breeder.cli.output import progress, say_table, working


def pretend_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Call it in the test itself: its streams are not those of its fixtures."""
    for stream in (sys.stdout, sys.stderr):
        monkeypatch.setattr(stream, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "60")


def test_a_table_has_headings_on_a_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    pretend_terminal(monkeypatch)
    say_table(("slot", "name"), [(0, "[bold]owl[/bold]"), (1, "a\tb")])
    shown = capsys.readouterr().out
    assert "slot" in shown
    assert "[bold]owl[/bold]" in shown
    assert "\t" not in shown


def test_progress_is_shown_on_a_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    pretend_terminal(monkeypatch)
    with progress("Drawing owl.png", 4) as advance:
        advance(1)
        advance(3)
    with working("Breeding"):
        pass
    shown = capsys.readouterr()
    assert "Drawing owl.png" in shown.err
    assert "100%" in shown.err
    assert "Breeding" in shown.err
    assert shown.out == ""


def test_a_script_gets_lines_and_no_progress(capsys: pytest.CaptureFixture[str]):
    say_table(("slot", "name"), [(0, "owl"), (1, "")])
    with progress("Drawing", 2) as advance, working("Breeding"):
        advance(2)
    shown = capsys.readouterr()
    assert (shown.out, shown.err) == ("0\towl\n1\t\n", "")
