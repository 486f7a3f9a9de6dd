"""`breeder new` and `breeder evolve`: runs are begun and bred on, as in the page."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

import typer

from breeder.cli.desk import Desk
from breeder.cli.grids import show_grid
from breeder.cli.names import check_free, free_name
from breeder.cli.options import (
    PICTURE,
    Database,
    Focus,
    Json,
    Population,
    RunName,
    Sheet,
)
from breeder.cli.output import remark, working

if TYPE_CHECKING:
    from breeder.breeder import Breeder
    from breeder.genome import Genome
    from breeder.history import BreederSettings
    from breeder.store import Store

SEED_LIMIT = 2**63 - 1

Picks = Annotated[
    list[int] | None,
    typer.Option(
        "--pick",
        "-p",
        min=0,
        metavar="SLOT",
        help="A slot that you like; repeat it for several. The first slot is 0.",
        show_default=False,
    ),
]
Strength = Annotated[
    float | None,
    typer.Option(min=0, max=1, help="How far children move: 0 hardly, 1 wild.", show_default=False),
]
Focused = Annotated[
    Focus | None,
    typer.Option(help="What may change: form (structure), colouring, or both.", show_default=False),
]
CarryOver = Annotated[
    bool | None,
    typer.Option(
        "--carry-over/--no-carry-over",
        help="Whether picks stay in the next grid.",
        show_default=False,
    ),
]
Screened = Annotated[
    bool | None,
    typer.Option(
        "--screening/--no-screening",
        help="Whether dull, repeated and unrelated children are left out.",
        show_default=False,
    ),
]
Guided = Annotated[
    bool | None,
    typer.Option(
        "--guided/--no-guided",
        help="Whether what your choices have taught may choose children, once it beats chance.",
        show_default=False,
    ),
]
Unguided = Annotated[
    float | None,
    typer.Option(
        min=0, max=1, help="The share of new children that it leaves alone.", show_default=False
    ),
]
Novelty = Annotated[
    float | None,
    typer.Option(
        min=0,
        max=1,
        help="What it looks for: 0 more of what you like, 1 what you have not seen.",
        show_default=False,
    ),
]
Surprise = Annotated[
    bool,
    typer.Option("--surprise", help="This once, children unlike anything that you have seen."),
]
Back = Annotated[bool, typer.Option("--back", help="Breed nothing: go back to the grid before.")]
Forward = Annotated[bool, typer.Option("--forward", help="Breed nothing: go forward again.")]
Seed = Annotated[
    int | None,
    typer.Option(
        min=0,
        max=SEED_LIMIT,
        help="The same seed and picks give the same pictures everywhere; random if left out.",
        show_default=False,
    ),
]
Start = Annotated[
    list[str] | None,
    typer.Option(
        "--from",
        metavar="PICTURE",
        help=f"Start from it; repeat it for several. {PICTURE}",
        show_default=False,
    ),
]


def new(
    name: Annotated[
        str, typer.Argument(metavar="[NAME]", help="The run's name; made up if left out.")
    ] = "",
    seed: Seed = None,
    grey: Annotated[bool, typer.Option("--grey", help="Found the run in grey.")] = False,
    population: Population = None,
    start: Start = None,
    sheet: Sheet = None,
    as_json: Json = False,
    database: Database = None,
) -> None:
    """Start a run, and print its name, its identity and its first grid."""
    from breeder.cli.sheets import check_sheet
    from breeder.history import BreederSettings

    check_sheet(sheet)
    settings = BreederSettings(color=not grey, **_given(population=population))
    with Desk(database) as desk:
        first = [desk.picture(text).genome for text in start or ()]
        breeder = begin_run(desk.store, name=name, settings=settings, seed=seed, start=first)
        show_grid(breeder.run, breeder.ask(), as_json=as_json, sheet=sheet)


def evolve(
    run: RunName,
    pick: Picks = None,
    strength: Strength = None,
    focus: Focused = None,
    population: Population = None,
    carry_over: CarryOver = None,
    screening: Screened = None,
    guided: Guided = None,
    unguided: Unguided = None,
    novelty: Novelty = None,
    surprise: Surprise = False,
    back: Back = False,
    forward: Forward = False,
    sheet: Sheet = None,
    as_json: Json = False,
    database: Database = None,
) -> None:
    """Breed the next grid of a run from the slots picked, and print it.

    Without picks it breeds other children of the same parents. Settings left out stay as they
    were. All grids are kept: go back, pick differently, and both futures stay. What your choices
    have taught is learnt first, which takes a while with many of them; --no-guided leaves it out.
    """
    from breeder.breeder import Breeder
    from breeder.cli.sheets import check_sheet

    check_sheet(sheet)
    changes = _given(strength=strength, focus=focus, population=population)
    changes |= _given(carry_over=carry_over, screening=screening)
    changes |= _given(guided=guided, unguided=unguided, novelty=novelty)
    if (back or forward) and (pick or changes or surprise or (back and forward)):
        raise typer.BadParameter("it breeds nothing, and goes alone", param_hint="--back/--forward")
    with Desk(database) as desk:
        breeder = Breeder.resume(desk.store, run)
        if back or forward:
            _walk(breeder, back=back)
        else:
            breeder.settings = replace(breeder.settings, **changes)
            _breed(breeder, pick or [], surprise=surprise)
        show_grid(breeder.run, breeder.ask(), as_json=as_json, sheet=sheet)


def _walk(breeder: Breeder, *, back: bool) -> None:
    before = breeder.ask().id
    after = breeder.back() if back else breeder.forward()
    if after.id == before:
        remark(f"there is no grid {'before' if back else 'after'} this one.")


def _breed(breeder: Breeder, picks: list[int], *, surprise: bool) -> None:
    grid = breeder.ask()
    settings = breeder.settings
    if settings.guided or settings.novelty or surprise:
        from breeder.cli.taste import learnt

        _, guide = learnt(breeder.store, breeder.run_id)
        breeder.guide = lambda: guide
    with working("Breeding"):
        if surprise:
            breeder.surprise(picks, among=None if picks else [])
        elif picks:
            breeder.tell(picks)
        else:
            breeder.reroll()  # unlike tell([]), it leaves picks made in the page as they are
    if grid.picks and not picks:
        picked = " ".join(f"--pick {slot}" for slot in grid.picks)
        remark(f"the picks already made in generation {grid.number} were not used: {picked}")


def _given(**options: Any) -> dict[str, Any]:
    """Return the options that were given."""
    return {name: value for name, value in options.items() if value is not None}


def begin_run(
    store: Store,
    *,
    name: str,
    settings: BreederSettings | None = None,
    seed: int | None = None,
    start: Sequence[Genome] = (),
) -> Breeder:
    """Begin a run with its first grid; cancelled on the way, it leaves no run behind.

    Raises:
        StoreError: A run has this name: commands could not tell two of them apart.
        SettingsError: There are too many pictures to start from.
    """
    from breeder.breeder import Breeder, made_up_name

    check_free(store, name)
    seed = secrets.randbits(53) if seed is None else seed
    name = name.strip() or free_name(store, made_up_name(seed))
    with working("Breeding"):
        return Breeder.begin(store, name=name, settings=settings, seed=seed, start=start)
