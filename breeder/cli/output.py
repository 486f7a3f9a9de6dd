"""What commands print: lines and JSON for scripts, tables and progress for people.

Results go to standard output; progress and remarks to standard error, and progress only where that
is a terminal. Rich is loaded only there.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

ID_DIGITS = 12
"""Of an identity, in tables: two of a million pictures share them once in 500 such databases."""


def one_line(text: str) -> str:
    """Return a text on one line, without characters that a terminal would obey."""
    flat = " ".join(text.split())
    return "".join(letter if letter.isprintable() else "?" for letter in flat)


def say(text: str) -> None:
    """Print a line of the result."""
    print(one_line(text))


def remark(text: str) -> None:
    """Print a line that is no part of the result."""
    print(f"breeder: {one_line(text)}", file=sys.stderr)


def say_json(value: object) -> None:
    """Print a value as JSON, in ASCII."""
    print(json.dumps(value, indent=2, allow_nan=False))


def say_table(headings: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print rows: aligned under headings on a terminal, else with tabs and without headings."""
    cells = [[one_line(str(cell)) for cell in row] for row in rows]
    if not sys.stdout.isatty():
        for row in cells:
            print("\t".join(row))
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(*headings, box=None, pad_edge=False, header_style="bold")
    for row in cells:
        table.add_row(*map(Text, row))  # as they are: a name may look like markup
    Console().print(table)


@contextmanager
def working(label: str) -> Iterator[None]:
    """Show that something is going on whose length is not known."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status(f"{label} ..."):
        yield


@contextmanager
def progress(label: str, total: int) -> Iterator[Callable[[int], object]]:
    """Show how far a long work is; the block calls what it gets with the steps just done."""
    if not sys.stderr.isatty():
        yield lambda steps: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bars:
        bar = bars.add_task(label, total=total)
        yield lambda steps: bars.advance(bar, steps)
