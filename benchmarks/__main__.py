"""Runs every benchmark, or those that are named, and prints one table of what was promised.

Each runs in a process of its own, so that one benchmark's threads, or its end, are none of
another's. With --save the table replaces the one in benchmarks/RESULTS.md.
Run: python -m benchmarks [--save] [name ...]
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path

from benchmarks.machine import Bystanders, describe_machine
from benchmarks.rows import BENCHMARKS, Row, missing, table

RESULTS = Path(__file__).with_name("RESULTS.md")
BEGIN, END = "<!-- the table: begin -->", "<!-- the table: end -->"
BUSY_NOTE = "on a busy machine"
PATIENCE = 15 * 60.0  # seconds for one benchmark


def write_rows(name: str, path: Path) -> int:
    """Run a benchmark in this process and write its rows as they come; return the exit status."""
    with path.open("w") as file:
        try:
            for row in importlib.import_module(f"benchmarks.{name}").rows():
                print(json.dumps(asdict(row)), file=file, flush=True)
        except Exception as error:  # whatever it is becomes the reason in the table
            traceback.print_exc()
            print(json.dumps({"failed": f"{type(error).__name__}: {error}"}), file=file)
            return 1
    return 0


def run(name: str, patience: float = PATIENCE) -> list[Row]:
    """Run a benchmark in a process of its own; return a row for each of its promises."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.jsonl"
        command = [sys.executable, "-m", "benchmarks", "--rows", str(path), name]
        process = subprocess.Popen(command, start_new_session=True)
        try:
            status = process.wait(timeout=patience)
            reason = f"it ended with status {status}" if status else "it has no row for this"
        except subprocess.TimeoutExpired:
            reason = f"it took longer than {patience / 60:.0f} minutes"
        finally:
            _end(process)
        return _read(name, path, reason)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a benchmark that was left running, with the servers and browsers it started."""
    if process.poll() is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _read(name: str, path: Path, reason: str) -> list[Row]:
    lines = path.read_text().splitlines() if path.exists() else []
    found = [json.loads(line) for line in lines]
    rows = [Row(**each) for each in found if "failed" not in each]
    failures = [each["failed"] for each in found if "failed" in each]
    return rows + missing(name, rows, *(failures or [reason]))


def report(names: Sequence[str]) -> str:
    """Run benchmarks one after another; return the machine, the load and the table."""
    whole, rows, disturbed = Bystanders(), [], []
    start = time.monotonic()
    for name in names:
        print(f"\n== {name}", flush=True)
        others = Bystanders()
        found = run(name)
        if others.disturb:
            disturbed.append(f"{name} {others.share:.0%}")
            found = [replace(row, note=f"{row.note}; {BUSY_NOTE}".lstrip("; ")) for row in found]
        rows += found
    lines = [describe_machine() + ".", f"{time.strftime('%Y-%m-%d')}: {whole.text}."]
    if disturbed:
        lines.append(f"Disturbed by other processes, with their share: {', '.join(disturbed)}.")
    lines.append(f"The run took {(time.monotonic() - start) / 60:.1f} minutes.")
    return "\n".join(lines) + "\n\n" + table(rows)


def save(text: str) -> None:
    """Replace the table in the file of results."""
    results = RESULTS.read_text()
    before, after = results.index(BEGIN) + len(BEGIN), results.index(END)
    RESULTS.write_text(f"{results[:before]}\n{text}\n{results[after:]}")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what the command line asks for; return the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("names", nargs="*", metavar="name", help=", ".join(BENCHMARKS))
    parser.add_argument("--save", action="store_true", help=f"write the table to {RESULTS.name}")
    parser.add_argument("--rows", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args(arguments)
    unknown = [name for name in asked.names if name not in BENCHMARKS]
    if unknown:
        parser.error(f"unknown: {', '.join(unknown)}; choose from {', '.join(BENCHMARKS)}")
    if asked.rows:
        return write_rows(asked.names[0], asked.rows)
    if asked.save and asked.names:
        parser.error("a table is saved whole: leave out the names, or --save")
    text = report(asked.names or BENCHMARKS)
    print(f"\n{text}")
    if asked.save:
        save(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
