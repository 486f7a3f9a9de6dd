"""The command line: `breeder serve | new | evolve | render | runs | export | import | ...`.

It works on the same database as the page. Its modules load what they need inside their functions,
so that `breeder --help` answers at once: torch, SQLAlchemy and NumPy are not among it.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import Annotated

import typer

from breeder.cli.autopilot import autopilot
from breeder.cli.breed import evolve, new
from breeder.cli.command_line import CANCELLED, TERMINATED, CommandLine
from breeder.cli.exporting import export
from breeder.cli.films import film
from breeder.cli.formats import formats
from breeder.cli.gallery import app as gallery
from breeder.cli.importing import import_
from breeder.cli.lab import app as lab
from breeder.cli.lab_fit import fit
from breeder.cli.lab_why import convolve, measure, study
from breeder.cli.lineage import lineage
from breeder.cli.pictures import render
from breeder.cli.refine import refine
from breeder.cli.runs import app as runs
from breeder.cli.serving import serve
from breeder.cli.taste import app as taste
from breeder.cli.upkeep import backup, merge, restore, vacuum

app = typer.Typer(
    name="breeder",
    cls=CommandLine,
    invoke_without_command=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    # Boxes and colours for people; plain text where the help is piped.
    rich_markup_mode="rich" if sys.stdout.isatty() else None,
    context_settings={"help_option_names": ["--help", "-h"]},
)
app.command()(serve)
app.command()(new)
app.command()(evolve)
app.command()(autopilot)
app.command()(refine)
app.command()(render)
app.command()(film)
app.add_typer(runs, name="runs")
app.command()(export)
app.command("import")(import_)
app.add_typer(gallery, name="gallery")
app.add_typer(taste, name="taste")
app.command()(lineage)
app.command()(formats)
for command in (measure, study, convolve, fit):
    lab.command()(command)
app.add_typer(lab, name="lab")
app.command()(backup)
app.command()(restore)
app.command()(merge)
app.command()(vacuum)


@app.callback()
def breeder(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version and end.")] = False,
) -> None:
    """Breed pictures: pick the ones you like, and their children fill the next grid.

    Exit status: 0 if all went well, 1 if it could not be done, 2 if the command is not
    understood, 130 if it was cancelled with Ctrl-C, 143 if it was told to end. Errors are one line
    on standard error.
    """
    if version:
        from breeder import __version__

        typer.echo(f"breeder {__version__}")
    elif context.invoked_subcommand is None:
        typer.echo(context.get_help())


def main() -> None:
    """Run the command that the process was started with, and end it with its exit status."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")  # a name may be in letters it lacks
    try:
        app(prog_name="breeder")
    except SystemExit as end:
        if end.code in (CANCELLED, TERMINATED):
            # All is cleared up. The usual end waits for threads: as long as a compiler takes, and
            # for ever if the signal came while a pool was starting one, which nobody then stops.
            _end_now(end.code)
        raise


def _end_now(status: int) -> None:
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):  # whoever read it may be gone
            stream.flush()
    os._exit(status)
