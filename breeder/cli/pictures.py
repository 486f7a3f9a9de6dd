"""`breeder render`: a picture at any size."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from breeder.cli.desk import Desk
from breeder.cli.options import Database, DeviceName, PictureName
from breeder.cli.output import say
from breeder.errors import FormatError, SettingsError

Center = Annotated[
    tuple[float, float],
    typer.Option("--center", metavar="X Y", help="The point in the middle; y points down."),
]


def render(
    picture: PictureName,
    out: Annotated[Path, typer.Argument(metavar="OUT.png", help="The file to write.")],
    width: Annotated[int, typer.Option(min=1, help="Pixels across.")] = 1024,
    height: Annotated[
        int | None, typer.Option(min=1, help="Pixels down; as many as across if left out.")
    ] = None,
    zoom: Annotated[float, typer.Option(help="Magnification about the centre.")] = 1.0,
    center: Center = (0.0, 0.0),
    rotation: Annotated[float, typer.Option(help="Degrees clockwise.")] = 0.0,
    z: Annotated[float, typer.Option("--z", help="The value of the input z.")] = 0.0,
    supersample: Annotated[
        int, typer.Option(min=1, max=8, help="Samples per pixel along each side.")
    ] = 2,
    device: DeviceName = "auto",
    database: Database = None,
) -> None:
    """Draw a picture into a PNG file, its genome inside.

    The shorter side shows -1 to 1 at zoom 1. Large pictures are drawn band by band, so that
    memory does not grow with them; Ctrl-C ends the drawing and leaves no file.
    """
    from breeder.cli.files import write_png
    from breeder.rendering.canvas import MAX_SIDE, Canvas

    if out.suffix.lower() != ".png":
        raise FormatError(
            f"'breeder render' draws PNG pictures: call it {out.stem}.png, not {out.name}; "
            "'breeder export' writes other formats."
        )
    canvas = Canvas(
        width=width,
        height=width if height is None else height,
        zoom=zoom,
        center=center,
        rotation=rotation,
        z=z,
        supersample=supersample,
    )
    if max(canvas.width, canvas.height) * supersample > MAX_SIDE:
        raise SettingsError(
            f"{max(canvas.width, canvas.height)} pixels with {supersample} samples each are more "
            f"than {MAX_SIDE} along a side; use a lower --supersample."
        )
    with Desk(database) as desk:
        write_png(desk.picture(picture), out, canvas, device)
    say(f"Wrote {out} ({canvas.width} x {canvas.height} pixels).")
