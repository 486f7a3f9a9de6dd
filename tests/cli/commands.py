"""Commands run in this process or as processes of their own, and what they printed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

from typer.testing import CliRunner, Result

from breeder.cli import app

Cli = Callable[..., Result]


def invoke(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments, prog_name="breeder")


def grid(result: Result) -> dict[str, Any]:
    """The grid that a command printed with --json."""
    found: dict[str, Any] = json.loads(result.stdout)["generation"]
    return found


def genome_ids(result: Result) -> list[str]:
    return [child["genome"] for child in grid(result)["children"]]


def start(*arguments: str, code: str = "") -> subprocess.Popen[str]:
    """Start a command as a process of its own, which obeys Ctrl-C wherever the tests run."""
    program = (
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        f"{code}\nfrom breeder.cli import main; main()"
    )
    return subprocess.Popen(
        [sys.executable, "-c", program, *arguments],
        env=dict(os.environ),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
