"""`breeder lineage`: the ancestors of a picture, as text, as a graph, as pictures and as a film."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO, Literal

import typer

from breeder.cli.desk import Desk
from breeder.cli.files import whole_file
from breeder.cli.grids import in_words, plain_mutations
from breeder.cli.options import Database, Json, PictureName
from breeder.cli.output import ID_DIGITS, progress, remark, say, say_json, say_table
from breeder.errors import FormatError

if TYPE_CHECKING:
    from breeder.cli.desk import Picture
    from breeder.family.story_pictures import StoryPicture
    from breeder.store import Ancestor, Store

LineageFormat = Literal["text", "json", "dot", "png", "long", "mp4", "webp", "gif"]
SUFFIXES: dict[str, LineageFormat] = {
    ".txt": "text",
    ".json": "json",
    ".dot": "dot",
    ".gv": "dot",
    ".png": "png",
    ".mp4": "mp4",
    ".webp": "webp",
    ".gif": "gif",
}
FILMS = ("mp4", "webp", "gif")
GIF_FPS = 20

Format = Annotated[
    LineageFormat | None,
    typer.Option(
        "--format",
        help="text and json print all ancestors, dot their graph; png is a contact sheet of the "
        "line from the founder, long one picture with the words beside it, and mp4, webp and gif "
        "are films that morph along it. If left out, the suffix of OUT says it.",
        show_default=False,
    ),
]
Out = Annotated[
    Path | None,
    typer.Option(
        "--out",
        metavar="OUT",
        help="Write into this file, not to standard output.",
        show_default=False,
    ),
]
Size = Annotated[int, typer.Option(min=16, max=4096, help="Pixels along a side of a film.")]
Seconds = Annotated[
    float | None,
    typer.Option(
        min=0.1,
        max=3600,
        help="How long a film is; by the number of ancestors if left out.",
        show_default=False,
    ),
]
Fps = Annotated[
    float | None,
    typer.Option(min=1, max=60, help="Frames a second: 30, and 20 for gif.", show_default=False),
]


def lineage(
    picture: PictureName,
    format: Format = None,
    out: Out = None,
    size: Size = 512,
    seconds: Seconds = None,
    fps: Fps = None,
    as_json: Json = False,
    database: Database = None,
) -> None:
    """Print a picture's ancestors, oldest first and itself last, with what changed in words.

    Of a picture that was brought in, it says from where, if its file did. On a terminal it prints a
    table; else a line for each with its identity, origin, generation, slot, parents, changes, and
    who chose its parents where that was the autopilot, with tabs between them.

    Pictures and films show the line from the founder: where two were crossed, it follows the
    parent whose form led.
    """
    kind = _format(format, out, as_json)
    with Desk(database) as desk:
        found = desk.picture(picture)
        if kind in ("png", "long", *FILMS):
            _draw(desk.store, found, kind, out, size=size, seconds=seconds, fps=fps)
            return
        family = oldest_first(desk.store.lineage(found.genome.id))
        origins = desk.store.origins([found.genome.id, *(each.genome.id for each in family)])
    with _printing(out):
        _print(kind, family, origins)


def _format(asked: LineageFormat | None, out: Path | None, as_json: bool) -> LineageFormat:
    """Return what is to be made, from all that says so."""
    named = SUFFIXES.get(out.suffix.lower()) if out else None
    if asked is None and not as_json and out is not None and named is None:
        raise FormatError(
            f"Say with --format what {out.name} is to be, or end its name in one of "
            f"{', '.join(SUFFIXES)}."
        )
    return asked or ("json" if as_json else named or "text")


def _print(kind: LineageFormat, family: Sequence[Ancestor], origins: Mapping[str, str]) -> None:
    if kind == "json":
        say_json([_plain(each, origins) for each in family])
        return
    if kind == "dot":
        from breeder.family.dot import dot_of

        print(dot_of(family), end="")
        return
    if not family:
        where = f" It comes from {next(iter(origins.values()))}." if origins else ""
        remark(f"this picture was never in a grid, and has no ancestors here.{where}")
        return
    rows = [
        (
            each.genome.id[:ID_DIGITS],
            each.origin,
            each.number,
            each.slot,
            " ".join(parent[:ID_DIGITS] for parent in each.parents),
            in_words(each.mutations) or origins.get(each.genome.id, ""),
            "autopilot" if each.automatic else "",
        )
        for each in family
    ]
    say_table(
        ("picture", "origin", "generation", "slot", "parents", "what changed", "chosen by"), rows
    )


@contextmanager
def _printing(out: Path | None) -> Iterator[None]:
    """Let the block print into a file, if one is named."""
    if out is None:
        yield
        return
    import io
    from contextlib import redirect_stdout

    text = io.StringIO()
    with redirect_stdout(text):
        yield
    with whole_file(out) as file:
        file.write(text.getvalue().encode())


def _draw(
    store: Store,
    picture: Picture,
    kind: LineageFormat,
    out: Path | None,
    *,
    size: int,
    seconds: float | None,
    fps: float | None,
) -> None:
    """Write a story as a picture or film, to a file or to what standard output leads to."""
    from breeder.family.story import story_of

    if out is None and sys.stdout.isatty():
        raise FormatError(
            f"Name a file for it with --out: owl.{'png' if kind == 'long' else kind}."
        )
    steps = story_of(store, picture.genome.id)
    with _opened(out) as file:
        if kind in FILMS:
            genomes = [step.genome for step in steps]
            _film(file, genomes, kind, size=size, seconds=seconds, fps=fps)
        else:
            from breeder.family.story_pictures import story_png

            shape: StoryPicture = "long" if kind == "long" else "sheet"
            with progress("Drawing the story", len(steps)) as advance:
                for piece in story_png(steps, shape, title=picture.title, advance=advance):
                    file.write(piece)
    if out is not None:
        pictures = "picture" if len(steps) == 1 else "pictures"
        say(f"Wrote {out} ({len(steps)} {pictures} from the first to the last).")


def _film(
    file: BinaryIO,
    genomes: Sequence[Any],
    kind: str,
    *,
    size: int,
    seconds: float | None,
    fps: float | None,
) -> None:
    from breeder.family.story_film import default_seconds, frame_count, story_frames
    from breeder.formats.films import check_film, stream_film

    rate = fps or (GIF_FPS if kind == "gif" else 30)
    length = seconds or default_seconds(len(genomes))
    count = frame_count(length, rate)
    side = size - size % 2  # what browsers play has even sides
    check_film(format=kind, size=(side, side), fps=rate, count=count)
    frames = story_frames(genomes, size=side, seconds=length, fps=rate)
    with progress("Filming the story", count) as advance:
        stream_film(file, frames, format=kind, fps=rate, count=count, advance=advance)


@contextmanager
def _opened(out: Path | None) -> Iterator[BinaryIO]:
    """Open a file, or one that is copied to standard output: films are not written in order."""
    if out is not None:
        with whole_file(out) as file:
            yield file
        return
    import shutil

    from breeder.formats.packing import scratch_file

    with scratch_file() as scratch:
        yield scratch
        scratch.seek(0)
        shutil.copyfileobj(scratch, sys.stdout.buffer)


def oldest_first(family: Sequence[Ancestor]) -> list[Ancestor]:
    """Return a family with every picture after its parents.

    Args:
        family: The picture asked for, then its ancestors.

    Returns:
        All of them, ordered by their longest way from a picture without parents.
    """
    by_id = {each.genome.id: each for each in family}
    depths: dict[str, int] = {}
    entered: set[str] = set()
    stack = [each.genome.id for each in reversed(family)]
    while stack:  # no recursion: a run may be thousands of generations deep
        id_ = stack[-1]
        # A family may close in a circle, where a picture was bred twice: it counts once.
        waiting = [p for p in by_id[id_].parents if p in by_id and p not in entered | depths.keys()]
        if id_ in entered or not waiting:
            stack.pop()
            before = [depths[p] for p in by_id[id_].parents if p in depths]
            depths.setdefault(id_, 1 + max(before, default=-1))
        else:
            stack.extend(waiting)
        entered.add(id_)
    return sorted(family, key=lambda each: (depths[each.genome.id], -each.steps))


def _plain(ancestor: Ancestor, origins: Mapping[str, str]) -> Mapping[str, Any]:
    return {
        "genome": ancestor.genome.id,
        "from": origins.get(ancestor.genome.id, ""),
        "parents": list(ancestor.parents),
        "origin": ancestor.origin,
        "mutations": plain_mutations(ancestor.mutations),
        "run": ancestor.run_id,
        "generation": ancestor.generation_id,
        "number": ancestor.number,
        "slot": ancestor.slot,
        "steps": ancestor.steps,
        "automatic": ancestor.automatic,
    }
