"""Options and arguments that several commands have.

The bounds and choices are written out here, since the modules that own them load NumPy; a test
compares them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, TypeAlias

import typer

MAX_POPULATION = 64
Focus = Literal["both", "structure", "color"]
Device = Literal["auto", "cpu", "cuda", "mps", "reference"]

PICTURE = (
    "A picture: a file breeder wrote, RUN:SLOT for a picture of the grid that a run was left at, "
    "or the first digits of the picture's identity."
)

Database: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--database",
        metavar="URL",
        help="The database, such as sqlite:///art.db; if left out, the one named by "
        "BREEDER_DATABASE_URL, else the one in your data folder.",
        show_default=False,
    ),
]
RunName: TypeAlias = Annotated[
    str, typer.Argument(metavar="RUN", help="The run's name, or the first digits of its identity.")
]
PictureName: TypeAlias = Annotated[str, typer.Argument(metavar="PICTURE", help=PICTURE)]
Json: TypeAlias = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Population: TypeAlias = Annotated[
    int | None,
    typer.Option(
        "--population",
        min=1,
        max=MAX_POPULATION,
        help="How many pictures a grid has.",
        show_default=False,
    ),
]
Sheet: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--sheet",
        metavar="FILE.png",
        help="Also draw the grid into this file, with the slots' numbers.",
        show_default=False,
    ),
]
DeviceName: TypeAlias = Annotated[
    Device, typer.Option("--device", help="What draws; auto takes a GPU if there is one.")
]
Supersample: TypeAlias = Annotated[
    int,
    typer.Option(
        "--supersample",
        min=1,
        max=8,
        help="Samples per pixel along each side, for smooth edges.",
    ),
]
