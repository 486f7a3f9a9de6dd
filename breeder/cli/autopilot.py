"""`breeder autopilot`: some generations bred by what was learnt, without a person."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from breeder.cli.desk import Desk
from breeder.cli.grids import plain_grid, plain_run
from breeder.cli.options import Database, Json, RunName
from breeder.cli.output import ID_DIGITS, progress, remark, say, say_json, say_table

if TYPE_CHECKING:
    from breeder.breeder import Breeder
    from breeder.guidance import Guide
    from breeder.history import Generation

MOST_GENERATIONS = 50
NOVELTY = 0.3


def autopilot(
    run: RunName,
    generations: Annotated[
        int,
        typer.Option(
            "--generations", "-n", min=1, max=MOST_GENERATIONS, help="How many grids to breed."
        ),
    ] = 10,
    novelty: Annotated[
        float,
        typer.Option(
            min=0, max=1, help="What it looks for: 0 what you like, 1 what you have not seen."
        ),
    ] = NOVELTY,
    as_json: Json = False,
    database: Database = None,
) -> None:
    """Breed some generations of a run by your taste, and print them.

    It goes on from the grid that the run was left at, with the settings of that grid, and leaves
    the run at the last one. Every grid is stored when it is bred, marked as automatic: Ctrl-C ends
    it early, and what was bred stays. Where your taste is not known well enough, or is switched
    off, it goes by novelty alone, and says so.
    """
    from breeder.breeder import Breeder
    from breeder.cli.taste import learnt

    with Desk(database) as desk:
        breeder = Breeder.resume(desk.store, run)
        first = breeder.ask()
        _, guide = learnt(desk.store, breeder.run_id)
        grids = _fly(breeder, guide, generations, novelty)
        told = {
            "run": plain_run(breeder.run),
            "by_taste": novelty < 1.0 and _says_by_taste(breeder, guide),
            "novelty": novelty,
            "asked": generations,
            "grids": [
                _plain(before, grid) for before, grid in zip([first, *grids], grids, strict=False)
            ],
            "generation": plain_grid(breeder.ask()),
        }
    if as_json:
        say_json(told)
        return
    _tell(told)


def _fly(
    breeder: Breeder, guide: Guide | None, generations: int, novelty: float
) -> Sequence[Generation]:
    """Breed, showing how far it is; Ctrl-C ends it with what there is."""
    from breeder.taste import autopilot as pilot

    grids: list[Generation] = []
    with progress("Breeding", generations) as advance:

        def keep(grid: Generation) -> None:
            grids.append(grid)
            advance(1)

        try:
            pilot.autopilot(breeder, guide, generations, novelty=novelty, advance=keep)
        except KeyboardInterrupt:
            bred = "what was bred stays" if grids else "nothing was bred"
            remark(f"ended after {len(grids)} of {generations} generations; {bred}.")
    return grids


def _says_by_taste(breeder: Breeder, guide: Guide | None) -> bool:
    from breeder.taste.autopilot import goes_by_taste

    by_taste = goes_by_taste(guide, breeder.settings)
    if not by_taste:
        why = "is switched off" if not breeder.settings.guided else "is not known well enough yet"
        remark(f"your taste {why}: it went by novelty alone.")
    return by_taste


def _plain(before: Generation, grid: Generation) -> dict[str, Any]:
    return {
        "id": grid.id,
        "number": grid.number,
        "bred_from": list(grid.bred_from),
        "parents": [before.children[slot].genome.id for slot in grid.bred_from],
        "guided": sum(child.origin == "guided" for child in grid.children),
        "automatic": grid.automatic,
    }


def _tell(told: dict[str, Any]) -> None:
    run, grids = told["run"], told["grids"]
    how = "by your taste" if told["by_taste"] else "by novelty"
    many = "generation" if len(grids) == 1 else "generations"
    say(
        f"Run {run['name']!r} ({run['id'][:ID_DIGITS]}): bred {len(grids)} {many} {how}, to "
        f"generation {told['generation']['number']}."
    )
    rows = [
        (
            grid["number"],
            ", ".join(map(str, grid["bred_from"])),
            " ".join(parent[:ID_DIGITS] for parent in grid["parents"]),
            grid["guided"],
        )
        for grid in grids
    ]
    say_table(("generation", "from slots", "pictures", "chosen"), rows)
