"""`breeder film`: a film of a picture; and what `breeder lab film` shares with it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias

import typer

from breeder.cli.desk import Desk
from breeder.cli.options import Database, DeviceName, PictureName, Supersample
from breeder.cli.output import progress, say

if TYPE_CHECKING:
    from breeder.lab.movements import FilmSettings

Easing = Literal["smooth", "steady"]

Out: TypeAlias = Annotated[
    Path, typer.Argument(metavar="OUT.mp4|OUT.webp|OUT.gif", help="The film to write.")
]
Move: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        "--move",
        metavar="NAME[:AMOUNT]",
        help="What moves: zoom, rotation, pan-circle, pan-across, pan-down, wave, spiral, z, and "
        "in the Lab weights and morph (to a seed). Several are combined; zoom if left out.",
        show_default=False,
    ),
]
Once: TypeAlias = Annotated[
    bool, typer.Option("--once", help="Go from start to end, instead of a loop without a seam.")
]
EasingName: TypeAlias = Annotated[
    Easing, typer.Option("--easing", help="Start and stop gently, or move at one speed.")
]
Frames: TypeAlias = Annotated[int, typer.Option("--frames", min=2, max=3600, help="How many.")]
Fps: TypeAlias = Annotated[
    float, typer.Option("--fps", min=1, max=60, help="Frames a second; a GIF has at most 50.")
]
Width: TypeAlias = Annotated[int, typer.Option("--width", min=1, help="Pixels across.")]
Height: TypeAlias = Annotated[
    int | None,
    typer.Option(
        "--height",
        min=1,
        help="Pixels down; as many as across if left out.",
        show_default=False,
    ),
]


def film(
    picture: PictureName,
    out: Out,
    move: Move = None,
    once: Once = False,
    easing: EasingName = "smooth",
    frames: Frames = 120,
    fps: Fps = 30,
    width: Width = 720,
    height: Height = None,
    supersample: Supersample = 2,
    device: DeviceName = "auto",
    database: Database = None,
) -> None:
    """Draw a film of a picture: a camera moves over it, or its plane is bent.

    The film begins with the picture and comes back to it without a seam, unless --once is given.
    """
    from breeder.lab.animation import genome_frames
    from breeder.rendering.canvas import Canvas

    settings = film_settings(move, once=once, easing=easing, frames=frames, fps=fps)
    canvas = Canvas(width=width, height=height or width, supersample=supersample)
    check(out, settings, canvas.width, canvas.height)
    with Desk(database) as desk:
        genome = desk.picture(picture).genome
    write(out, settings, genome_frames(genome, settings, canvas, device=device))


def film_settings(
    move: list[str] | None, *, once: bool, easing: Easing, frames: int, fps: float
) -> FilmSettings:
    """Return what the options of a film ask for.

    Raises:
        SettingsError: A movement is unknown, or a number outside its range.
    """
    from breeder.lab.movements import FilmSettings, read_movements

    movements = read_movements(",".join(move or ["zoom"]))
    return FilmSettings(
        movements=movements, seamless=not once, easing=easing, frames=frames, fps=fps
    )


def check(out: Path, film: FilmSettings, width: int, height: int) -> None:
    """Check what is asked for before a database is opened or anything is drawn.

    Raises:
        FormatError: No file of that name can be this film.
    """
    from breeder.formats.films import check_film

    name = out.suffix[1:].lower()
    check_film(format=name, size=(width, height), fps=film.fps, count=film.frames)


def write(out: Path, film: FilmSettings, frames: Iterator[Any]) -> None:
    """Write the frames of a film, showing how far it is.

    Raises:
        FormatError: The file cannot be written.
    """
    from breeder.formats.films import write_film

    with progress(f"Drawing {out.name}", film.frames) as advance:
        write_film(
            out, frames, fps=film.fps, count=film.frames, loop=film.seamless, advance=advance
        )
    say(f"Wrote {out} ({film.frames} frames, {film.seconds:.1f} s).")
