"""`breeder import`: pictures from files become runs or favourites."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from breeder.cli.breed import begin_run
from breeder.cli.desk import Desk, Picture
from breeder.cli.grids import plain_run
from breeder.cli.names import NAME_LENGTH, free_name
from breeder.cli.options import Database, Json
from breeder.cli.output import ID_DIGITS, remark, say, say_json

if TYPE_CHECKING:
    from breeder.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class _Batch:
    """The pictures of one file, and what a run of them is called."""

    title: str
    pictures: list[Picture]


def import_(
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE...", help="Files of any format that 'breeder formats' says is read."
        ),
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
    """Start a run from each file: its pictures have the first slots, their children the others.

    A file may hold several pictures; where they are more than half of a grid, they are kept as
    favourites instead. All files are read first: if one of them cannot be, nothing changes.
    """
    if run is not None and (favourite or len(files) > 1):
        raise typer.BadParameter("it names one run, of one file", param_hint="--run")
    batches = [_batch(file) for file in files]
    with Desk(database) as desk:
        plain: list[dict[str, Any]] = []
        for batch in batches:
            for picture in batch.pictures:
                desk.store.save_genome(picture.genome, origin=picture.origin)
            if favourite or not _fits(batch):
                if not favourite:
                    remark(
                        f"{batch.title} holds {len(batch.pictures)} pictures, too many for a grid; "
                        "they are kept as favourites."
                    )
                plain += [_keep(desk.store, each, quiet=as_json) for each in batch.pictures]
            else:
                plain.append(_start(desk.store, batch, run, quiet=as_json))
    if as_json:
        say_json(plain)


def _batch(file: Path) -> _Batch:
    """Return the pictures in a file, each once."""
    from breeder.formats import load_documents

    documents = {each.genome.id: each for each in load_documents(file)}
    several = len(documents) > 1
    stem = file.stem.strip()
    pictures = [
        Picture(
            genome=each.genome,
            title=(each.title or (f"{stem[: NAME_LENGTH - 8]} {number}" if several else stem)),
            origin=each.origin.strip(),
        )
        for number, each in enumerate(documents.values(), 1)
    ]
    pictures = [replace(each, title=each.title.strip()[:NAME_LENGTH]) for each in pictures]
    return _Batch(title=stem[:NAME_LENGTH] if several else pictures[0].title, pictures=pictures)


def _fits(batch: _Batch) -> bool:
    from breeder.breeder import Breeder
    from breeder.history import BreederSettings

    return len(batch.pictures) <= Breeder.most_starts(BreederSettings())


def _keep(store: Store, picture: Picture, *, quiet: bool) -> dict[str, Any]:
    kept = store.add_favourite(picture.genome.id, title=picture.title)
    if not quiet:
        say(
            f"Kept {kept.title!r} ({picture.genome.id[:ID_DIGITS]}) among the favourites."
            + _from(picture)
        )
    return {"genome": picture.genome.id, "title": kept.title, "from": picture.origin}


def _start(store: Store, batch: _Batch, name: str | None, *, quiet: bool) -> dict[str, Any]:
    genomes = [picture.genome for picture in batch.pictures]
    breeder = begin_run(store, name=name or free_name(store, batch.title), start=genomes)
    run, first = breeder.run, batch.pictures[0]
    if not quiet:
        starts = ", ".join(genome.id[:ID_DIGITS] for genome in genomes)
        say(f"Run {run.name!r} ({run.id[:ID_DIGITS]}) starts from {starts}." + _from(first))
    return {
        "genome": first.genome.id,
        "genomes": [genome.id for genome in genomes],
        "from": first.origin,
        "run": plain_run(run),
    }


def _from(picture: Picture) -> str:
    return f" It comes from {picture.origin}." if picture.origin else ""
