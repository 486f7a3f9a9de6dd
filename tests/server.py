"""Starts the app as a person would, on an empty database: for tests and benchmarks."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
STARTUP_SECONDS = 90.0


class ServerError(Exception):
    """The server did not come up; the message holds what it printed."""


@contextmanager
def running_app(folder: Path, *, port: int | None = None) -> Iterator[str]:
    """Run `breeder serve` with its database in a folder; yield its address without a final slash.

    Args:
        folder: Where the database and the log are kept; a database there is gone on with.
        port: The port to serve on; a free one if None.

    Raises:
        ServerError: It ended or was not healthy in time.
    """
    process, url = start(folder, port=port)
    try:
        yield url
    finally:
        stop(process)


def start(folder: Path, *, port: int | None = None) -> tuple[subprocess.Popen[bytes], str]:
    """Start the server and wait until it answers; return its process and address."""
    port = port or free_port()
    url = f"http://127.0.0.1:{port}"
    log = folder / "serve.log"
    with log.open("ab") as output:
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
    except BaseException:
        stop(process)
        raise
    return process, url


def free_port() -> int:
    """Return a port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def stop(process: subprocess.Popen[bytes]) -> None:
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
    raise ServerError(f"`breeder serve` {state}; it printed:\n{tail}")
