"""Serves one of the demos, a script of Streamlit without breeder's app around it."""

import os
import re
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
OPTIONS = {
    "server.port": "0",
    "server.address": "127.0.0.1",
    "server.headless": "true",
    "server.fileWatcherType": "none",
    "browser.gatherUsageStats": "false",
}


@contextmanager
def serving(name: str, folder: Path) -> Iterator[str]:
    """Serve the demo of this name for the block, its log in a folder; yield its address."""
    log = folder / "serve.log"
    script = Path(__file__).with_name(f"{name}.py")
    command = [sys.executable, "-m", "streamlit", "run", str(script)]
    with log.open("wb") as output:
        process = subprocess.Popen(
            command + [f"--{option}={value}" for option, value in OPTIONS.items()],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        yield _wait_for_address(process, log)
    finally:
        process.terminate()
        process.wait(timeout=10)


def _wait_for_address(process: "subprocess.Popen[bytes]", log: Path) -> str:
    deadline = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < deadline:
        found = re.search(r"http://127\.0\.0\.1:[1-9]\d*", log.read_text(errors="replace"))
        try:
            if found:
                urllib.request.urlopen(f"{found[0]}/_stcore/health", timeout=2).close()  # noqa: S310
                return found[0]
        except OSError:
            pass
        time.sleep(0.1)
    pytest.fail(f"the demo did not start; it printed:\n{log.read_text(errors='replace')[-2000:]}")
