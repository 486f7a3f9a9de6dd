"""`breeder export`: pictures and whole runs into files."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from breeder.cli.desk import Desk, Picture
from breeder.cli.files import poster_suffix, whole_file, whole_folder, write_poster
from breeder.cli.grids import plain_grid, plain_run
from breeder.cli.options import PICTURE, Database, DeviceName, Supersample
from breeder.cli.output import progress, say
from breeder.errors import FormatError, SettingsError

if TYPE_CHECKING:
    from breeder.genome import Genome
    from breeder.history import Run
    from breeder.rendering import Device
    from breeder.rendering.canvas import Canvas
    from breeder.store import Store

Put = Callable[[str, Iterable[bytes]], object]
"""Puts a file, by its name with slashes, into a folder or an archive, piece by piece."""

Encode = Callable[[Picture], Iterable[bytes]]

RUN_FORMAT = "breeder-run"
RUN_VERSION = 1


def export(
    things: Annotated[
        list[str],
        typer.Argument(metavar="RUN|PICTURE...", help=f"One run, or any number. {PICTURE}"),
    ],
    out: Annotated[
        Path,
        typer.Argument(metavar="OUT", help="For one picture a file; else a folder, or a .zip."),
    ],
    kind: Annotated[
        str,
        typer.Option(
            "--format",
            metavar="NAME",
            help="Of the files, as 'breeder formats' names it; if left out, json in a folder, and "
            "what the suffix says for one file.",
            show_default=False,
        ),
    ] = "",
    size: Annotated[int, typer.Option(min=1, help="Pixels along the sides of pictures.")] = 1024,
    supersample: Supersample = 2,
    colors: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="How many colours a drawing (svg) or a palette (css, gpl, ase) is made of.",
            show_default=False,
        ),
    ] = None,
    device: DeviceName = "auto",
    database: Database = None,
) -> None:
    """Write one picture to a file, or several, or a whole run, to a folder or a .zip file.

    A run is written as run.json, which has its tree (grids, picks, parents, what changed), and a
    file for each genome under genomes/, named by its identity.
    """
    from breeder.rendering.canvas import Canvas

    canvas = Canvas(width=size, height=size, supersample=supersample)
    with Desk(database) as desk:
        found = [desk.run_or_picture(text) for text in things]
        pictures = [each for each in found if isinstance(each, Picture)]
        runs = [each for each in found if not isinstance(each, Picture)]
        if runs and len(found) > 1:
            raise typer.BadParameter("export a run by itself", param_hint="RUN|PICTURE...")
        if runs or not _is_file(pictures, out, kind):
            encode, suffix = _encoder(kind or "json", canvas, device, colors)
            with _sink(out) as put:
                if runs:
                    _put_run(desk.store, runs[0], put, encode, suffix)
                else:
                    _put_pictures(pictures, put, encode, suffix)
        else:
            _write_one(pictures[0], out, kind, canvas, device, colors)
    say(f"Wrote {out}.")


def _is_file(pictures: Sequence[Picture], out: Path, kind: str) -> bool:
    if len(pictures) != 1 or not out.suffix:
        return False
    return out.suffix.lower() != ".zip" or kind.lower() == "bundle"


def _write_one(
    picture: Picture, out: Path, kind: str, canvas: Canvas, device: Device, colors: int | None
) -> None:
    from breeder.formats import save

    if not kind and colors is None and poster_suffix(out):
        write_poster(picture, out, canvas, device)  # shows how far it is
    else:
        save(
            picture.genome,
            out,
            format=kind,
            canvas=canvas,
            title=picture.title,
            meta=picture.meta,
            device=device,
            colors=colors,
        )


def _encoder(kind: str, canvas: Canvas, device: Device, colors: int | None) -> tuple[Encode, str]:
    """Return what makes a picture's file, and the suffix of its name."""
    from breeder.formats import FORMATS, Document

    row = FORMATS.get(kind.lower())
    if row is None or not row.writes:
        known = ", ".join(name for name, each in FORMATS.items() if each.writes)
        raise SettingsError(f"There is no format {kind!r}; the formats are {known}.")

    def encode(picture: Picture) -> Iterable[bytes]:
        texts = picture.meta | ({"title": picture.title} if picture.title else {})
        document = Document(genome=picture.genome, meta=texts)
        return row.pieces(document, canvas, device, colors=colors)

    return encode, row.suffix


@contextmanager
def _sink(out: Path) -> Iterator[Put]:
    """Yield what puts files into a folder or archive, which is there whole or not at all."""
    from breeder.formats import FORMATS

    suffix = out.suffix.lower()
    if suffix != ".zip" and any(suffix == row.suffix for row in FORMATS.values()):
        raise FormatError(f"{out} can hold one picture only; name a folder or a .zip file.")
    if suffix == ".zip":
        with whole_file(out) as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:

            def pack(name: str, pieces: Iterable[bytes]) -> None:
                with archive.open(name, "w", force_zip64=True) as packed:
                    packed.writelines(pieces)

            yield pack
        return
    with whole_folder(out) as folder:

        def put(name: str, pieces: Iterable[bytes]) -> None:
            path = folder / name
            path.parent.mkdir(exist_ok=True)
            with path.open("wb") as file:
                file.writelines(pieces)

        yield put


def _put_pictures(pictures: Sequence[Picture], put: Put, encode: Encode, suffix: str) -> None:
    unique = {picture.genome.id: picture for picture in pictures}
    with progress("Exporting", len(unique)) as advance:
        for id_, picture in unique.items():
            put(f"{id_}{suffix}", encode(picture))
            advance(1)


def _put_run(store: Store, run: Run, put: Put, encode: Encode, suffix: str) -> None:
    """Put a run's tree and all its genomes, parents that are in no grid of it included."""
    import json

    tree = store.tree(run.id)
    titles = store.titles()
    origins: dict[str, str] = {}
    grids: list[dict[str, Any]] = []
    done: set[str] = set()

    def put_genome(genome: Genome) -> None:
        if genome.id not in done:
            done.add(genome.id)
            title, origin = titles.get(genome.id, ""), origins.get(genome.id, "")
            picture = Picture(genome=genome, title=title, origin=origin)
            put(f"genomes/{genome.id}{suffix}", encode(picture))

    with progress(f"Exporting {run.name}", len(tree)) as advance:
        for branch in tree:
            grid = store.generation(branch.id)
            shown = [each for child in grid.children for each in (child.genome, *child.parents)]
            origins |= store.origins(genome.id for genome in shown)
            for genome in shown:
                put_genome(genome)
            grids.append(plain_grid(grid))
            advance(1)
    document = {
        "format": RUN_FORMAT,
        "version": RUN_VERSION,
        "run": plain_run(run),
        "generations": grids,
    }
    put("run.json", [json.dumps(document, indent=1, allow_nan=False).encode()])
