"""`breeder render`: a picture at any size."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from breeder.cli.desk import Desk
from breeder.cli.options import Database, DeviceName, PictureName, Supersample
from breeder.cli.output import say
from breeder.errors import FormatError

Out = Annotated[Path, typer.Argument(metavar="OUT.png|OUT.tif", help="The file to write.")]
Width = Annotated[int, typer.Option(min=1, help="Pixels across.")]
Height = Annotated[
    int | None,
    typer.Option(min=1, help="Pixels down; as many as across if left out.", show_default=False),
]
Zoom = Annotated[float, typer.Option(help="Magnification about the centre.")]
Center = Annotated[
    tuple[float, float],
    typer.Option("--center", metavar="X Y", help="The point in the middle; y points down."),
]
Rotation = Annotated[float, typer.Option(help="Degrees by which the picture is turned clockwise.")]
Z = Annotated[float, typer.Option("--z", help="The value of the input z.")]


def render(
    picture: PictureName,
    out: Out,
    width: Width = 1024,
    height: Height = None,
    zoom: Zoom = 1.0,
    center: Center = (0.0, 0.0),
    rotation: Rotation = 0.0,
    z: Z = 0.0,
    supersample: Supersample = 2,
    device: DeviceName = "auto",
    database: Database = None,
) -> None:
    """Draw a picture into a PNG or tiled TIFF file, its genome inside.

    The shorter side shows -1 to 1 at zoom 1. Large pictures are drawn band by band, so that
    memory does not grow with them; Ctrl-C ends the drawing and leaves no file.
    """
    from breeder.cli.files import write_poster
    from breeder.rendering.canvas import Canvas

    canvas = Canvas(
        width=width,
        height=width if height is None else height,
        zoom=zoom,
        center=center,
        rotation=rotation,
        z=z,
        supersample=supersample,
    )
    _check(out)
    with Desk(database) as desk:
        write_poster(desk.picture(picture), out, canvas, device)
    say(f"Wrote {out} ({canvas.width} x {canvas.height} pixels).")


def _check(out: Path) -> None:
    """Check what is asked for before a database is opened or anything is drawn."""
    from breeder.cli.files import poster_suffix

    if poster_suffix(out) is None:
        raise FormatError(
            f"'breeder render' draws PNG and TIFF pictures: call it {out.stem}.png or "
            f"{out.stem}.tif, not {out.name}; 'breeder export' writes other formats."
        )
