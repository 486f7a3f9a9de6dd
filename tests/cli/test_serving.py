from __future__ import annotations

import os
from typing import Any

import pytest

from tests.cli.commands import Cli


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the page was served with."""
    import breeder.ui.server

    told: dict[str, Any] = {}

    def serve(**options: Any) -> None:
        told.update(options, database=os.environ["BREEDER_DATABASE_URL"])

    monkeypatch.setattr(breeder.ui.server, "serve", serve)
    return told


def test_serve_has_safe_defaults(cli: Cli, served: dict[str, Any]):
    cli("serve")
    assert served == {
        "host": "127.0.0.1",
        "port": 8501,
        "open_browser": True,
        "database": "sqlite:///art.db",
    }


def test_serve_passes_on_what_is_given(cli: Cli, served: dict[str, Any]):
    options = ("--host", "0.0.0.0", "--port", "80", "--database", "sqlite:///other.db")  # noqa: S104
    cli("serve", "--no-browser", *options)
    assert served == {
        "host": "0.0.0.0",  # noqa: S104
        "port": 80,
        "open_browser": False,
        "database": "sqlite:///other.db",
    }


@pytest.mark.parametrize("port", ["0", "65536", "http"])
def test_a_port_that_is_none_is_refused(cli: Cli, served: dict[str, Any], port: str):
    cli("serve", "--port", port, status=2)
    assert served == {}


def test_ctrl_c_is_the_way_to_stop(cli: Cli, monkeypatch: pytest.MonkeyPatch):
    import breeder.ui.server

    def interrupted(**_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(breeder.ui.server, "serve", interrupted)
    result = cli("serve")
    assert result.stderr == ""
