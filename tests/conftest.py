"""Fixtures for every test: sample genomes that are not in the repository, and the running app."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
STARTUP_SECONDS = 90.0


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that use a browser and run them last.

    Last, because they are the slowest, and because Playwright's synchronous interface keeps an
    event loop running in this thread, in which an `asyncio.run` of another test would fail.
    """
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.browser)
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)


@pytest.fixture(scope="session")
def shared() -> Path:
    """Return the folder that holds `picbreeder/`, or skip: the samples are not ours to ship."""
    folder = Path(os.environ.get("BREEDER_SHARED", ROOT.parent / "shared"))
    if not (folder / "picbreeder").is_dir():
        pytest.skip(f"no sample genomes: {folder / 'picbreeder'} is absent (set BREEDER_SHARED)")
    return folder


@pytest.fixture(scope="session")
def app_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Start `breeder serve` on an empty database; yield its address, without a final slash."""
    folder = tmp_path_factory.mktemp("app")
    port = _free_port()
    url = f"http://127.0.0.1:{port}"
    log = folder / "serve.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "breeder", "serve", "--port", str(port), "--no-browser"],
            cwd=ROOT,
            env={**os.environ, "BREEDER_DATABASE_URL": f"sqlite:///{folder / 'breeder.db'}"},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        _wait_until_healthy(process, url, log)
        yield url
    finally:
        _stop(process)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_until_healthy(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    deadline = time.monotonic() + STARTUP_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"{url}/_stcore/health", timeout=2):  # noqa: S310
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
    ended = process.poll()
    state = "is not healthy" if ended is None else f"ended with status {ended}"
    tail = log.read_text(errors="replace")[-3000:]
    pytest.fail(f"`breeder serve` {state}; it printed:\n{tail}", pytrace=False)


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Stop the server and whatever it started: they share a process group of their own."""
    for order in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, order)
            process.wait(timeout=10)
        except ProcessLookupError:
            return
        except subprocess.TimeoutExpired:
            continue
    process.wait()
