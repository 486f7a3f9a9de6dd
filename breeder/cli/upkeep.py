"""`breeder backup`, `restore`, `merge` and `vacuum`: keeping a database safe, and small."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from breeder.cli.desk import Desk
from breeder.cli.options import Database
from breeder.cli.output import progress, say, working

DAYS = 30
"""How long deleted runs can be brought back; `store.purging` has it too, and a test compares."""


def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where the copy goes.")],
    database: Database = None,
) -> None:
    """Copy the database to a file, also while the page or another command uses it.

    The copy holds everything up to the moment it began. A backup of that name is replaced once the
    new one is whole.
    """
    from breeder.store.copies import back_up

    with _bar("Copying") as report:
        size = back_up(database, file, progress=report)
    say(f"Backed up to {file} ({_size(size)}).")


def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A copy that 'backup' made.")],
    database: Database = None,
) -> None:
    """Put a backup in the place of the database.

    The backup is checked first. What was there is kept in a file beside it. Nothing is done while
    a page or another program has the database open.
    """
    from breeder.store.copies import restore as put_back

    with working("Checking and copying"):
        place, kept = put_back(database, file)
    aside = "" if kept is None else f" What was there is kept in {kept}."
    say(f"Restored {place} from {file}.{aside}")


def merge(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The other database; only read.")],
    database: Database = None,
) -> None:
    """Take over the runs and the gallery of another database; no picture is lost on either side.

    What both have is there once, however often they are merged. A run that was continued in both
    keeps both futures, as branches. Where a favourite's title, description or stars differ, those
    of the side that changed it last hold; tags of both stay.
    """
    from breeder.store.merging import merge as take_over

    with _bar("Reading") as report:
        done = take_over(database, file, progress=report)
    new = (
        _many(done.runs, "run"),
        _many(done.generations, "grid"),
        _many(done.pictures, "picture"),
        _many(done.favourites, "favourite"),
        _many(done.answers, "answer"),
    )
    found = [words for words in new if words]
    if not found:
        say(f"Everything in {file} was here already.")
        return
    branches = (
        f"; {_many(done.branches, 'second branch', 'second branches')}" if done.branches else ""
    )
    say(f"Merged {file}: {', '.join(found)} new{branches}.")


def vacuum(
    now: Annotated[
        bool, typer.Option("--now", help="All deleted runs, not only those of 30 days ago.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before --now.")] = False,
    database: Database = None,
) -> None:
    """Remove for good what was deleted 30 days ago or earlier, and make the file smaller.

    Favourites, and all that they and other runs descend from, stay, with their stories. Until this
    is done, 'breeder runs restore' brings a deleted run back.
    """
    with Desk(database) as desk:
        names = desk.store.purgeable(everything=now)
        if now and names and not yes:
            _ask(names)
        with working("Clearing up"):
            done = desk.store.purge(everything=now)
    gone = f"Removed {_many(done.runs, 'run')} with {done.pictures:,} pictures" if names else ""
    kept = (
        f"; {_many(done.ancestors, 'ancestor')} of others stay" if names and done.ancestors else ""
    )
    say(f"{f'{gone}{kept}. ' if gone else 'Nothing to remove. '}{_size(done.freed)} freed.")


def _ask(names: list[str]) -> None:
    shown = ", ".join(map(repr, names[:5])) + (", ..." if len(names) > 5 else "")
    if not sys.stdin.isatty():
        raise typer.BadParameter(
            f"this cannot be undone ({shown}); write --yes as well", param_hint="--now"
        )
    typer.confirm(f"Remove {shown} for good? This cannot be undone.", abort=True)


@contextmanager
def _bar(label: str) -> Iterator[Callable[[int, int], None]]:
    """Show how far a work is that reports what it has done, and how much there is."""
    with progress(label, 1000) as advance:
        shown = 0

        def report(done: int, total: int) -> None:
            nonlocal shown
            now = 1000 * done // max(total, 1)
            advance(now - shown)
            shown = now

        yield report


def _many(count: int, one: str, more: str = "") -> str:
    if not count:
        return ""
    return f"1 {one}" if count == 1 else f"{count:,} {more or one + 's'}"


def _size(size: int) -> str:
    return f"{size / 1e6:.1f} MB" if size >= 1e5 else f"{size / 1e3:.0f} KB"
