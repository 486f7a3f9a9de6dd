"""`breeder gallery`: what is kept of all runs, searched."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from breeder.cli.desk import Desk
from breeder.cli.options import Database, Json
from breeder.cli.output import ID_DIGITS, say_json, say_table, working

if TYPE_CHECKING:
    from breeder.store import Entry, Search, Store

SortChoice = Literal["newest", "oldest", "published", "stars", "title", "simple", "complex"]
COLORS = (
    "red", "orange", "yellow", "green", "teal", "blue", "purple", "pink", "brown", "black", "grey",
    "white",
)  # fmt: skip
LEVELS = ("plain", "simple", "moderate", "rich", "busy")

Words = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="WORD", help="Words of title, description or tags, or their beginnings."
    ),
]
Tags = Annotated[
    list[str] | None,
    typer.Option("--tag", metavar="TAG", help="Has this tag; several may be given."),
]
Colors = Annotated[
    list[str] | None,
    typer.Option(
        "--color",
        metavar="COLOR",
        help=f"At least a tenth of it is {', '.join(COLORS[:-1])} or white.",
    ),
]
Levels = Annotated[
    list[str] | None,
    typer.Option(
        "--complexity",
        metavar="LEVEL",
        help=f"How busy it is: {', '.join(LEVELS)}; two mean all between.",
    ),
]
Stars = Annotated[int, typer.Option("--stars", min=0, max=5, help="At least so many.")]
InRun = Annotated[str | None, typer.Option("--run", help="Lives in this run.", show_default=False)]
Since = Annotated[
    datetime | None,
    typer.Option(
        "--since",
        metavar="YYYY-MM-DD",
        formats=["%Y-%m-%d"],
        help="Kept on this day (UTC) or later.",
    ),
]
Until = Annotated[
    datetime | None,
    typer.Option(
        "--until",
        metavar="YYYY-MM-DD",
        formats=["%Y-%m-%d"],
        help="Kept on this day (UTC) or earlier.",
    ),
]
Published = Annotated[
    bool | None, typer.Option("--published/--unpublished", help="Only those.", show_default=False)
]
Like = Annotated[
    str | None,
    typer.Option("--like", metavar="PICTURE", help="The most like this picture first."),
]
Sorted = Annotated[SortChoice, typer.Option("--sort", help="What comes first.")]
Limit = Annotated[int, typer.Option("--limit", min=1, help="At most so many.")]

app = typer.Typer(no_args_is_help=True)


@app.callback()
def gallery() -> None:
    """What is kept of all runs: favourites and published pictures, with what is said of them."""


@app.command()
def search(
    words: Words = None,
    tag: Tags = None,
    color: Colors = None,
    complexity: Levels = None,
    stars: Stars = 0,
    run: InRun = None,
    since: Since = None,
    until: Until = None,
    published: Published = None,
    like: Like = None,
    sort: Sorted = "newest",
    limit: Limit = 50,
    as_json: Json = False,
    database: Database = None,
) -> None:
    """List the pictures of the gallery that fit everything asked for.

    On a terminal it prints a table; else a line for each with its identity, title, stars, tags,
    run, and the time it was kept, with tabs between them.
    """
    from breeder.gallery import complexity_range, measure
    from breeder.impression import color_bits
    from breeder.store import Search

    colors = _chosen(color, COLORS, "--color")
    chosen = _chosen(complexity, LEVELS, "--complexity")
    levels = sorted(LEVELS.index(level) + 1 for level in chosen or LEVELS)
    with Desk(database) as desk:
        with working("measuring pictures"):
            measure(desk.store)
        wanted = Search(
            text=" ".join(words or ()),
            tags=tuple(tag or ()),
            colors=color_bits(colors),
            complexity=complexity_range(levels[0], levels[-1]),
            since=_day(since),
            before=_day(until, days=1),
            run_id=desk.store.run(run).id if run else None,
            stars=stars,
            kind="all" if published is None else "published" if published else "unpublished",
            sort=sort,
        )
        if like:
            found = _most_alike(desk, like, wanted, limit)
        else:
            found = _found(desk.store, wanted, limit)
    if as_json:
        say_json([_plain(entry) for entry in found])
    else:
        say_table(("picture", "title", "stars", "tags", "run", "kept (UTC)"), _rows(found))


def _chosen(names: list[str] | None, known: Sequence[str], option: str) -> list[str]:
    for name in names or ():
        if name not in known:
            raise typer.BadParameter(f"choose from {', '.join(known)}", param_hint=option)
    return names or []


def _rows(entries: list[Entry]) -> list[tuple[object, ...]]:
    return [
        (
            entry.genome_id[:ID_DIGITS],
            entry.title,
            entry.stars,
            ", ".join(entry.tags),
            entry.run_name or "",
            f"{entry.created_at:%Y-%m-%d %H:%M}",
        )
        for entry in entries
    ]


def _found(store: Store, search: Search, limit: int) -> list[Entry]:
    found: list[Entry] = []
    after = None
    while len(found) < limit:
        piece = store.gallery(search, after=after, limit=min(limit - len(found), 500))
        found += piece.entries
        after = piece.after
        if after is None:
            break
    return found


def _most_alike(desk: Desk, like: str, search: Search, limit: int) -> list[Entry]:
    from breeder.gallery import Likenesses, found_ids

    genome = desk.picture(like).genome
    wanted = set(found_ids(desk.store, search))
    order = [id_ for id_, _ in Likenesses(desk.store).alike(genome) if id_ in wanted]
    return [entry for id_ in order[:limit] if (entry := desk.store.entry(id_)) is not None]


def _day(moment: datetime | None, *, days: int = 0) -> datetime | None:
    from datetime import UTC, timedelta

    if moment is None or (days and moment.date() == moment.max.date()):
        return None  # no picture was kept later than on the last day there is
    return moment.replace(tzinfo=UTC) + timedelta(days=days)


def _plain(entry: Entry) -> dict[str, Any]:
    from breeder.gallery import LEVEL_NAMES, level_of
    from breeder.impression import COLOR_NAMES

    level = None if entry.complexity is None else LEVEL_NAMES[level_of(entry.complexity) - 1]
    return {
        "genome": entry.genome_id,
        "title": entry.title,
        "description": entry.description,
        "tags": list(entry.tags),
        "stars": entry.stars,
        "published": entry.published_at.isoformat() if entry.published_at else None,
        "kept": entry.created_at.isoformat(),
        "run": entry.run_id,
        "run_name": entry.run_name,
        "complexity": entry.complexity,
        "level": level,
        "colors": [name for bit, name in enumerate(COLOR_NAMES) if entry.colors >> bit & 1],
    }
