"""`breeder lab`: random networks that paint: presets, sweeps, and runs that start from them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from breeder.cli import films
from breeder.cli.options import Database, DeviceName, Json, Supersample
from breeder.cli.output import ID_DIGITS, progress, say, say_json, say_table
from breeder.errors import FormatError, SettingsError

if TYPE_CHECKING:
    from breeder.lab.settings import LabSettings
    from breeder.lab.sweeps import Sweep
    from breeder.rendering.canvas import Canvas

WHAT = (
    "A preset's name (see 'breeder lab list'), an address of the Lab (the page's, or what follows "
    "its question mark), or a PNG file that the Lab wrote."
)
STEPS = 1000
"""Of a progress bar."""

What = Annotated[str, typer.Argument(metavar="WHAT", help=WHAT)]
Changes = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="NAME=VALUE",
        help="Change a setting, written as in an address: seed=7, widths=16*8, "
        "weights=uniform:100, inputs=x,y,r,z. May be given several times.",
        show_default=False,
    ),
]

app = typer.Typer(
    help="Random networks that paint: presets, sweeps, and runs that start from them.",
    no_args_is_help=True,
)


@app.command("list")
def list_(as_json: Json = False) -> None:
    """List the experiments: presets for 'draw' and 'breed', and sheets for 'sweep'."""
    from breeder.lab import PRESETS, SWEEPS, to_query

    if as_json:
        presets = [
            {
                "name": each.name,
                "group": each.group,
                "title": each.title,
                "look": each.look,
                "size": list(each.size),
                "address": to_query(each.settings),
            }
            for each in PRESETS.values()
        ]
        sweeps = [
            {"name": each.name, "title": each.title, "look": each.look} for each in SWEEPS.values()
        ]
        say_json({"presets": presets, "sweeps": sweeps})
        return
    rows = [[each.name, each.group, each.title, each.look] for each in PRESETS.values()]
    rows += [[each.name, "Sweep", each.title, each.look] for each in SWEEPS.values()]
    say_table(["Name", "Group", "Title", "Look for"], rows)


@app.command()
def draw(
    what: What,
    out: Annotated[
        Path,
        typer.Argument(
            metavar="OUT", help="A PNG file, or any other that 'breeder formats' writes."
        ),
    ],
    changes: Changes = None,
    width: Annotated[
        int | None,
        typer.Option(min=1, help="Pixels across; the preset's if left out.", show_default=False),
    ] = None,
    height: Annotated[
        int | None,
        typer.Option(min=1, help="Pixels down; as many as across if left out.", show_default=False),
    ] = None,
    supersample: Supersample = 2,
) -> None:
    """Draw a network into a file; a PNG file holds its address, and opens again.

    The shorter side shows the frame, so that every size shows the same picture. Files that are
    not PNG hold the network itself, as when a bred picture is exported, without its caption.
    """
    from breeder.lab import to_query
    from breeder.rendering.canvas import Canvas

    settings, size = _settings(what, changes or [])
    across = width or (height if height and not width else None) or size[0]
    canvas = Canvas(
        width=across,
        height=height or (width if width else size[1]),
        supersample=supersample,
    )
    if out.suffix.lower() == ".png":
        _write_png(settings, canvas, out)
    else:
        from breeder.formats import save
        from breeder.lab import to_genome

        save(to_genome(settings), out, canvas=canvas)
    say(f"Wrote {out} ({canvas.width} x {canvas.height} pixels): {to_query(settings)}")


@app.command()
def sweep(
    what: Annotated[
        str, typer.Argument(metavar="WHAT", help=f"A sweep's name, or what to change. {WHAT}")
    ],
    out: Annotated[Path, typer.Argument(metavar="OUT.png", help="The file to write.")],
    across: Annotated[
        str,
        typer.Option(
            metavar="NAME=VALUES",
            help="What changes from left to right: layers=2..29, z=-4..4:9, activation=tanh,relu.",
            show_default=False,
        ),
    ] = "",
    down: Annotated[
        str,
        typer.Option(
            metavar="NAME=VALUES", help="What changes downwards, likewise.", show_default=False
        ),
    ] = "",
    changes: Changes = None,
    tile: Annotated[
        int | None,
        typer.Option(help="Pixels along the sides of each picture.", show_default=False),
    ] = None,
) -> None:
    """Draw a contact sheet: a network with one or two of its settings changed, with labels."""
    if out.suffix.lower() != ".png":
        raise FormatError(f"A sheet is a PNG picture: call it {out.stem}.png, not {out.name}.")
    chosen = _sweep(what, across, down, changes or [], tile)
    picture = _drawn_sheet(chosen, out)
    say(f"Wrote {out} ({len(chosen.tiles)} pictures, {picture[0]} x {picture[1]} pixels).")


@app.command()
def film(
    what: What,
    out: films.Out,
    changes: Changes = None,
    move: films.Move = None,
    once: films.Once = False,
    easing: films.EasingName = "smooth",
    frames: films.Frames = 120,
    fps: films.Fps = 30,
    width: films.Width = 720,
    height: films.Height = None,
    supersample: Supersample = 2,
    device: DeviceName = "cpu",
) -> None:
    """Draw a film of a network, which may change itself: zoom, spiral, along z, weights, morph.

    The film begins with the picture and comes back to it without a seam, unless --once is given.
    """
    from breeder.lab.animation import lab_frames
    from breeder.lab.captions import set_over
    from breeder.rendering.canvas import Canvas

    settings, _ = _settings(what, changes or [])
    moving = films.film_settings(move, once=once, easing=easing, frames=frames, fps=fps)
    canvas = Canvas(width=width, height=height or width, supersample=supersample)
    films.check(out, moving, canvas.width, canvas.height)
    drawn = lab_frames(settings, moving, canvas, device=device)
    films.write(out, moving, (set_over(frame, settings.caption) for frame in drawn))


@app.command()
def breed(
    what: What,
    changes: Changes = None,
    run: Annotated[
        str | None,
        typer.Option("--run", metavar="NAME", help="The run's name.", show_default=False),
    ] = None,
    as_json: Json = False,
    database: Database = None,
) -> None:
    """Start a run from a network: it has the first slot, and its children the others."""
    from breeder.cli.breed import begin_run
    from breeder.cli.desk import Desk
    from breeder.cli.grids import plain_run
    from breeder.lab.founding import origin_of, to_genome

    settings, _ = _settings(what, changes or [])
    genome = to_genome(settings)
    with Desk(database) as desk:
        desk.store.save_genome(genome, origin=origin_of(settings))
        begun = begin_run(desk.store, name=run or "", start=[genome]).run
        if as_json:
            say_json({"genome": genome.id, "run": plain_run(begun)})
        else:
            say(f"Run {begun.name!r} ({begun.id[:ID_DIGITS]}) starts from {genome.id[:ID_DIGITS]}.")


def _settings(what: str, changes: list[str]) -> tuple[LabSettings, tuple[int, int]]:
    """Return the settings that a person named, with their changes, and their usual size.

    Raises:
        SettingsError: There is nothing of this name, or a change is no setting.
        FormatError: The file has no address inside.
    """
    from breeder.lab import PRESETS, from_query, preset, settings_in

    size = (512, 512)
    if what in PRESETS:
        settings, size = PRESETS[what].settings, PRESETS[what].size
    elif what.startswith("v=") or "?" in what or "&" in what:
        settings = from_query(_query(what))
    elif Path(what).suffix.lower() == ".png":
        settings = settings_in(what)
    else:
        settings = preset(what).settings  # which says what there is
    return _changed(settings, changes), size


def _query(text: str) -> dict[str, str]:
    """Return what an address says of the picture; the page's own names beside it do not matter."""
    from urllib.parse import parse_qsl

    from breeder.lab.settings import QUERY_NAMES

    found = dict(parse_qsl(text.rpartition("?")[2], keep_blank_values=True))
    return {name: value for name, value in found.items() if name == "v" or name in QUERY_NAMES}


def _changed(settings: LabSettings, changes: list[str]) -> LabSettings:
    from urllib.parse import parse_qsl

    from breeder.lab import from_query, to_query

    if not changes:
        return settings
    pairs = dict(parse_qsl(to_query(settings), keep_blank_values=True))
    for change in changes:
        name, equals, value = change.partition("=")
        if not equals:
            raise SettingsError(f"A change is NAME=VALUE, such as seed=7, not {change[:40]!r}.")
        pairs[name.strip()] = value
    return from_query(pairs)


def _sweep(what: str, across: str, down: str, changes: list[str], tile: int | None) -> Sweep:
    from dataclasses import replace

    from breeder.lab import SWEEPS, Sweep, read_axis

    if what in SWEEPS and not across:
        named = SWEEPS[what].sweep
        return replace(
            named,
            settings=_changed(named.settings, changes),
            down=read_axis(down) if down else named.down,
            tile=tile or named.tile,
        )
    if not across:
        raise SettingsError(
            f"Say what changes with --across, such as --across layers=2..29, or name a sheet: "
            f"{', '.join(SWEEPS)}."
        )
    base = SWEEPS[what].sweep.settings if what in SWEEPS else _settings(what, [])[0]
    return Sweep(
        settings=_changed(base, changes),
        across=read_axis(across),
        down=read_axis(down) if down else None,
        tile=tile or 160,
    )


def _write_png(settings: LabSettings, canvas: Canvas, out: Path) -> None:
    from breeder.cli.files import whole_file
    from breeder.lab import stream_picture

    with whole_file(out) as file, progress(f"Drawing {out.name}", canvas.height) as advance:
        file.writelines(stream_picture(settings, canvas, advance=advance))


def _drawn_sheet(chosen: Sweep, out: Path) -> tuple[int, int]:
    """Draw a sheet into a file, showing how far it is; return its size."""
    from PIL import Image

    from breeder.cli.files import whole_file
    from breeder.lab import sheet_of

    with whole_file(out) as file, progress(f"Drawing {out.name}", STEPS) as advance:
        done = 0

        def tell(share: float) -> None:
            nonlocal done
            advance(round(share * STEPS) - done)
            done = round(share * STEPS)

        image = Image.fromarray(sheet_of(chosen, advance=tell))
        image.save(file, "PNG")
    return image.size
