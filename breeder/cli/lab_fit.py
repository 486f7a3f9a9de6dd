"""`breeder lab fit`: a network learns a picture."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from breeder.cli.options import Database, Json
from breeder.cli.output import ID_DIGITS, progress, remark, say, say_json
from breeder.errors import FormatError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from breeder.cli.desk import Desk
    from breeder.genome import Genome
    from breeder.lab.training import Training

SIDES = (16, 256)


def fit(
    picture: Annotated[
        Path, typer.Argument(metavar="PICTURE", help="A PNG, JPEG, WebP or GIF to come close to.")
    ],
    out: Annotated[
        Path,
        typer.Argument(metavar="OUT", help="The file to write: any that 'breeder formats' writes."),
    ],
    begin: Annotated[
        str,
        typer.Option(
            "--begin",
            metavar="small|usual|large|PICTURE",
            help="The network to begin with: 3 layers of 24, 32 or 64, or a bred picture (a "
            "file, RUN:SLOT, or the first digits of its identity).",
        ),
    ] = "usual",
    seconds: Annotated[
        float, typer.Option("--seconds", min=0.1, max=3600.0, help="How long to learn.")
    ] = 60.0,
    side: Annotated[
        int,
        typer.Option(
            "--side", min=SIDES[0], max=SIDES[1], help="Pixels of the longer side to learn from."
        ),
    ] = 128,
    square: Annotated[
        bool, typer.Option("--square", help="Take only the square in the middle, as grids show.")
    ] = False,
    run: Annotated[
        str | None,
        typer.Option(
            "--run", metavar="NAME", help="Start a run of this name from it.", show_default=False
        ),
    ] = None,
    as_json: Json = False,
    database: Database = None,
) -> None:
    """Fit a network to a picture by backpropagation; what comes out is a genome that breeds on.

    Ctrl-C ends it early, and what came closest is written.
    """
    from breeder.cli.desk import Desk
    from breeder.lab.training import Training

    target = _target(picture, out, side=side, square=square)
    title = picture.stem[:60]
    origin = f"the Lab, fitted to {title}"
    with Desk(database) as desk:
        training = Training(_start(begin, desk), target)
        _train(training, seconds)
        _save(training.best, out, target.shape, title=title, origin=origin)
        begun = _begun(desk, training.best, run, origin) if run is not None else ""
    _tell(training, out, begun, as_json=as_json)


def _target(picture: Path, out: Path, *, side: int, square: bool) -> NDArray[np.uint8]:
    """Return the picture to come close to; a kind of file that is not written is told of first."""
    from breeder.formats.table import written_as
    from breeder.formats.targets import read_pixels

    try:
        written_as(out.suffix)
    except FormatError as error:
        raise FormatError(f"Cannot write {out.name!r}: {error}") from error
    try:
        with picture.open("rb") as file:
            return read_pixels(file, repr(picture.name), longest=side, square=square)
    except OSError as error:
        raise FormatError(f"Cannot read {str(picture)!r}: {error.strerror or error}.") from error


def _save(genome: Genome, out: Path, shape: tuple[int, ...], *, title: str, origin: str) -> None:
    from breeder.formats import save
    from breeder.rendering.canvas import Canvas

    height, width = shape[:2]
    times = max(1, 1024 // max(height, width))
    canvas = Canvas(width=width * times, height=height * times)
    save(genome, out, title=title, meta={"origin": origin}, canvas=canvas)


def _tell(training: Training, out: Path, begun: str, *, as_json: bool) -> None:
    from breeder.lab.training import psnr

    found = {
        "genome": training.best.id,
        "psnr": round(psnr(training.best_loss), 2),
        "steps": training.steps,
        "file": str(out),
    }
    if as_json:
        say_json(found)
        return
    say(
        f"Wrote {out} (genome {training.best.id[:ID_DIGITS]}): {found['psnr']:.1f} dB after "
        f"{training.steps:,} steps.{begun}"
    )


def _start(begin: str, desk: Desk) -> Genome:
    from breeder.lab import training

    if begin in training.STARTS:
        settings = training.starting_settings(training.STARTS[begin])
        return training.starting_genome(settings)
    genome = desk.picture(begin).genome
    training.check_size(genome)
    return genome


def _train(training: Training, seconds: float) -> None:
    """Train, showing how far it is; Ctrl-C ends it with what there is."""
    from breeder.lab.training import Look, train

    done = 0
    with progress("Learning", round(seconds * 10)) as advance:

        def look(found: Look) -> None:
            nonlocal done
            now = round(min(found.seconds, seconds) * 10)
            advance(now - done)
            done = now

        try:
            train(training, seconds, look=look)
        except KeyboardInterrupt:
            training.measure()
            remark("Ended early: what came closest is written.")


def _begun(desk: Desk, genome: Genome, name: str, origin: str) -> str:
    from breeder.cli.breed import begin_run

    desk.store.save_genome(genome, origin=origin)
    run = begin_run(desk.store, name=name, start=[genome]).run
    return f" Run {run.name!r} ({run.id[:ID_DIGITS]}) starts from it."
