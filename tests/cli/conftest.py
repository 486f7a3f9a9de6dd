from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from typer.testing import Result

from tests.cli.commands import Cli, invoke


@pytest.fixture(scope="session")
def bred_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with the run "owls" of four pictures, two generations after its first grid."""
    path = tmp_path_factory.mktemp("bred") / "art.db"
    url = f"sqlite:///{path}"
    options = ("--database", url)
    assert invoke("new", "owls", "--seed", "7", "--population", "4", *options).exit_code == 0
    assert invoke("evolve", "owls", "--pick", "1", "--pick", "2", *options).exit_code == 0
    assert invoke("evolve", "owls", "--pick", "3", *options).exit_code == 0
    return path


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in; the database is `art.db` in it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BREEDER_DATABASE_URL", "sqlite:///art.db")
    return tmp_path


@pytest.fixture
def owls(folder: Path, bred_once: Path) -> Path:
    """The folder, with a copy of the database in which the owls are."""
    for file in bred_once.parent.glob("art.db*"):
        shutil.copy(file, folder)
    return folder


@pytest.fixture
def cli(folder: Path) -> Cli:
    """Run a command in this process, and fail unless it ends with the status expected."""

    def run(*arguments: str, status: int = 0) -> Result:
        result = invoke(*arguments)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code == status, result.output
        if status:
            assert result.stdout == ""
            assert result.stderr.startswith("breeder: ")
            assert result.stderr.count("\n") == 1
        return result

    return run
