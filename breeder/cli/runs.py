"""`breeder runs`: runs listed, shown, renamed, deleted, brought back and duplicated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from breeder.cli.desk import Desk, resume
from breeder.cli.grids import plain_run, show_grid
from breeder.cli.names import NAME_LENGTH, check_free, free_name
from breeder.cli.options import Database, Json, RunName, Sheet
from breeder.cli.output import ID_DIGITS, say, say_json, say_table

if TYPE_CHECKING:
    from breeder.history import Run
    from breeder.store import Store

app = typer.Typer(invoke_without_command=True)


@app.callback()
def runs(
    context: typer.Context,
    deleted: Annotated[
        bool, typer.Option("--deleted", help="List the deleted runs instead.")
    ] = False,
    as_json: Json = False,
    database: Database = None,
) -> None:
    """List the runs, the one changed last first; or do something with one of them.

    On a terminal it prints a table; else a line for each run with its identity, name, number of
    grids, and the time of its last change, with tabs between them.
    """
    if context.invoked_subcommand is not None:
        if deleted or as_json or database is not None:
            raise typer.BadParameter(
                f"write options after {context.invoked_subcommand!r}", param_hint="runs"
            )
        return
    with Desk(database) as desk:
        found = desk.store.runs(deleted=deleted)
    if as_json:
        say_json([plain_run(run) for run in found])
        return
    rows = [
        (run.id[:ID_DIGITS], run.name, run.generations, f"{run.updated_at:%Y-%m-%d %H:%M}")
        for run in found
    ]
    say_table(("run", "name", "grids", "changed (UTC)"), rows)


@app.command()
def show(
    run: RunName, sheet: Sheet = None, as_json: Json = False, database: Database = None
) -> None:
    """Print the grid that a run was left at."""
    with Desk(database) as desk:
        show_grid(*resume(desk, run), as_json=as_json, sheet=sheet)


@app.command()
def rename(
    run: RunName,
    name: Annotated[str, typer.Argument(metavar="NAME", help="The new name.")],
    database: Database = None,
) -> None:
    """Give a run another name."""
    with Desk(database) as desk:
        found = desk.store.run(run)
        if name.strip() != found.name:
            check_free(desk.store, name)
        _say_run("Renamed to", desk.store.rename_run(found.id, name))


@app.command()
def delete(run: RunName, database: Database = None) -> None:
    """Take a run out of the list; 'restore' brings it back for 30 days, and until 'vacuum'."""
    with Desk(database) as desk:
        found = desk.store.run(run)
        desk.store.delete_run(found.id)
        say(
            f"Deleted {found.name!r} ({found.id[:ID_DIGITS]}); "
            f"'breeder runs restore {found.id[:ID_DIGITS]}' brings it back."
        )


@app.command()
def restore(run: RunName, database: Database = None) -> None:
    """Bring a deleted run back."""
    with Desk(database) as desk:
        found = _deleted_run(desk.store, run)
        _say_run("Restored", desk.store.restore_run(found.id))


@app.command()
def duplicate(
    run: RunName,
    name: Annotated[
        str, typer.Argument(metavar="[NAME]", help="The copy's name; made from the run's.")
    ] = "",
    database: Database = None,
) -> None:
    """Copy a run with its whole tree."""
    with Desk(database) as desk:
        found = desk.store.run(run)
        check_free(desk.store, name)
        free = name or free_name(desk.store, f"{found.name[: NAME_LENGTH - 5]} copy")
        copy = desk.store.duplicate_run(found.id, free)
        _say_run("Copied to", copy)


def _say_run(what: str, run: Run) -> None:
    say(f"{what} {run.name!r} ({run.id[:ID_DIGITS]}).")


def _deleted_run(store: Store, text: str) -> Run:
    from breeder.errors import AmbiguousError, NotFoundError

    deleted = store.runs(deleted=True)
    found = [run for run in deleted if run.name == text] or [
        run for run in deleted if text and run.id.startswith(text.lower())
    ]
    if not found:
        raise NotFoundError(
            f"There is no deleted run {text!r}; 'breeder runs --deleted' lists them."
        )
    if len(found) > 1:
        some = ", ".join(run.id[:ID_DIGITS] for run in found[:3])
        raise AmbiguousError(f"{text!r} fits more than one deleted run ({some}); use the identity.")
    return found[0]
