"""`breeder import`: pictures from files become runs or favourites."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from breeder.cli.breed import begin_run
from breeder.cli.desk import Desk, Picture
from breeder.cli.grids import plain_run
from breeder.cli.names import NAME_LENGTH, free_name
from breeder.cli.options import Database, Json
from breeder.cli.output import ID_DIGITS, say, say_json

if TYPE_CHECKING:
    from breeder.store import Store


def import_(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE...", help="JSON or PNG files that breeder wrote.")
    ],
    run: Annotated[
        str | None,
        typer.Option(
            "--run",
            metavar="NAME",
            help="The run's name, where there is one file; else a file's title names its run, or "
            "the file's name.",
            show_default=False,
        ),
    ] = None,
    favourite: Annotated[
        bool, typer.Option("--favourite", help="Keep them as favourites; start no runs.")
    ] = False,
    as_json: Json = False,
    database: Database = None,
) -> None:
    """Start a run from each file: the picture has the first slot, its children the others.

    All files are read first: if one of them cannot be, nothing changes.
    """
    from breeder.formats import load_document

    if run is not None and (favourite or len(files) > 1):
        raise typer.BadParameter("it names one run, of one file", param_hint="--run")
    pictures = []
    for file in files:
        document = load_document(file)
        title = (document.title or file.stem).strip()[:NAME_LENGTH]
        pictures.append(Picture(genome=document.genome, title=title))
    with Desk(database) as desk:
        take = _keep if favourite else _start
        plain = [take(desk.store, picture, run, quiet=as_json) for picture in pictures]
    if as_json:
        say_json(plain)


def _keep(store: Store, picture: Picture, name: str | None, *, quiet: bool) -> dict[str, Any]:
    store.save_genome(picture.genome)
    kept = store.add_favourite(picture.genome.id, title=picture.title)
    if not quiet:
        say(f"Kept {kept.title!r} ({picture.genome.id[:ID_DIGITS]}) among the favourites.")
    return {"genome": picture.genome.id, "title": kept.title}


def _start(store: Store, picture: Picture, name: str | None, *, quiet: bool) -> dict[str, Any]:
    breeder = begin_run(store, name=name or free_name(store, picture.title), start=[picture.genome])
    run = breeder.run
    if not quiet:
        say(f"Run {run.name!r} ({run.id[:ID_DIGITS]}) starts from {picture.genome.id[:ID_DIGITS]}.")
    return {"genome": picture.genome.id, "run": plain_run(run)}
