"""`breeder refine`: a picture moved towards what its person likes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from breeder.cli.desk import IN_A_GRID, Desk
from breeder.cli.options import Database, Json, PictureName, Supersample
from breeder.cli.output import ID_DIGITS, progress, say, say_json
from breeder.errors import FormatError, NotFoundError, SettingsError

if TYPE_CHECKING:
    from breeder.breeder import Breeder
    from breeder.cli.desk import Picture
    from breeder.genome import Genome
    from breeder.taste.guide import TasteGuide
    from breeder.taste.refining import Refined


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """Where a picture lives: a slot of a grid of a run."""

    run_id: str
    generation_id: str
    slot: int


def refine(
    picture: PictureName,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            "-o",
            metavar="OUT",
            help="The file to write, as 'breeder export' does; if left out, the result is kept as "
            "a child in the run where the picture lives.",
            show_default=False,
        ),
    ] = None,
    reach: Annotated[
        float,
        typer.Option(min=0, max=1, help="How far it may move: 0 hardly, 1 to nearly another."),
    ] = 0.5,
    anyway: Annotated[
        bool,
        typer.Option("--anyway", help="Go by what was learnt even if it does not beat chance."),
    ] = False,
    size: Annotated[int, typer.Option(min=1, help="Pixels along the sides of a picture.")] = 1024,
    supersample: Supersample = 2,
    as_json: Json = False,
    database: Database = None,
) -> None:
    """Change a picture's numbers so that it is more to your taste, and stays the picture it is.

    It goes by what your choices have taught, and refuses as long as that does not beat chance.
    """
    from breeder.cli.taste import learnt

    _check(out)
    with Desk(database) as desk:
        found = desk.picture(picture)
        place = _place(desk, picture, found.genome)
        if out is None and place is None:
            raise NotFoundError("This picture lives in no grid: name a file to write with -o.")
        _, guide = learnt(desk.store, place.run_id if place else "")
        refined = _refined(found.genome, guide, reach, anyway=anyway)
        plain = _plain(refined)
        if out is not None:
            _write(found, refined, out, size, supersample)
            plain["file"] = str(out)
        elif place is not None:
            breeder, slot = _keep(desk, place, found.genome, refined)
            plain |= {"run": breeder.run.name, "generation": breeder.ask().number, "slot": slot}
    _tell(plain, as_json=as_json)


def _check(out: Path | None) -> None:
    """Check what is asked for before a database is opened or anything is learnt."""
    from breeder.formats.table import written_as

    if out is None:
        return
    try:
        written_as(out.suffix)
    except FormatError as error:
        raise FormatError(f"Cannot write {out.name!r}: {error}") from error


def _place(desk: Desk, text: str, genome: Genome) -> _Place | None:
    """Return where the picture lives: in the grid that was named, else where it came to last."""
    named = IN_A_GRID.fullmatch(text)
    if named and not Path(text).is_file():
        run = desk.store.run(named["run"])
        grid = desk.store.current(run.id)
        if grid is not None:
            return _Place(run_id=run.id, generation_id=grid.id, slot=int(named["slot"]))
    homes = desk.store.homes(genome.id)
    if not homes:
        return None
    home = next((each for each in reversed(homes) if not each.copied), homes[-1])
    return _Place(run_id=home.run_id, generation_id=home.generation_id, slot=home.slot)


def _refined(genome: Genome, guide: TasteGuide, reach: float, *, anyway: bool) -> Refined:
    from breeder.taste.refining import refine, steps_for

    if not (guide.trusted or anyway):
        raise SettingsError(
            "What was learnt of your choices does not beat chance yet, so there is nothing to go "
            "by; --anyway goes by it all the same."
        )
    with progress("Refining", steps_for(genome)) as advance:
        found = refine(
            genome,
            guide.taste,
            reach=reach,
            look=guide.look,
            advance=lambda done, total: advance(1),
        )
    if not found.improved:
        raise SettingsError(
            f"Nothing that is more to your taste was found within a reach of {reach:g}; the "
            "picture stays as it is."
        )
    return found


def _write(picture: Picture, refined: Refined, out: Path, size: int, supersample: int) -> None:
    from breeder.formats import save
    from breeder.rendering.canvas import Canvas

    save(
        refined.genome,
        out,
        canvas=Canvas(width=size, height=size, supersample=supersample),
        title=picture.title,
        meta={"origin": f"refined from {picture.genome.id[:ID_DIGITS]}"},
    )


def _keep(desk: Desk, place: _Place, genome: Genome, refined: Refined) -> tuple[Breeder, int]:
    """Keep the result as a child; return a breeder at its grid, and its slot."""
    from breeder.breeder import Breeder

    breeder = Breeder.beside(desk.store, place.generation_id)
    grid = breeder.adopt(place.slot, refined.as_child(genome))
    slot = next(each.slot for each in grid.children if each.genome == refined.genome)
    return breeder, slot


def _plain(refined: Refined) -> dict[str, object]:
    return {
        "genome": refined.genome.id,
        "changed": str(refined.mutation),
        "gain": round(refined.after - refined.before, 3),
        "sure": round(refined.sure, 3),
        "moved": round(refined.moved, 4),
    }


def _tell(plain: dict[str, object], *, as_json: bool) -> None:
    if as_json:
        say_json(plain)
        return
    genome = f"genome {str(plain['genome'])[:ID_DIGITS]}"
    if "file" in plain:
        say(f"Wrote {plain['file']} ({genome}): {plain['changed']}.")
        return
    say(
        f"Kept as {plain['run']}:{plain['slot']} in generation {plain['generation']} ({genome}): "
        f"{plain['changed']}."
    )
