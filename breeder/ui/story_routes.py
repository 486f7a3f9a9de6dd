"""Addresses of stories: a picture's line of ancestors, and files of it made in the background."""

from __future__ import annotations

from typing import BinaryIO, get_args

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from breeder.errors import BreederError, NotFoundError
from breeder.family.story import RULE, Step, story_of
from breeder.family.story_film import default_seconds, frame_count, story_frames
from breeder.family.story_pictures import StoryPicture, story_png, words_of
from breeder.formats.films import FILMS, stream_film
from breeder.store import Store
from breeder.ui.job_routes import NO_STORE, order_job
from breeder.ui.jobs import Advance, Cancelled, Job
from breeder.ui.resources import open_store
from breeder.ui.routes import find_genome, refusal, whole_number

FPS = 30
GIF_FPS = 20
MOST_SECONDS = 300
SIZES = (16, 1080)


def story_routes() -> list[BaseRoute]:
    """Return the routes."""
    return [
        Route("/stories/{genome_id:str}.json", story, methods=["GET"]),
        Route("/stories/{genome_id:str}/{kind:str}", order, methods=["POST"]),
    ]


async def story(request: Request) -> Response:
    """Answer with the steps of a story, the oldest first."""
    try:
        genome = await find_genome(request.path_params["genome_id"])
        steps = await run_in_threadpool(story_of, open_store(), genome.id)
        title = await run_in_threadpool(name_of, open_store(), steps[-1])
    except BreederError as error:
        return refusal(error)
    plain = {
        "title": title,
        "rule": RULE,
        "seconds": round(default_seconds(len(steps))),
        "most_seconds": MOST_SECONDS,
        "steps": [
            {
                "id": step.genome.id,
                "title": step.title,
                "words": words_of(step),
                "others": list(step.others),
            }
            for step in steps
        ],
    }
    return JSONResponse(plain, headers=NO_STORE)


def name_of(store: Store, step: Step) -> str:
    """Return what a person calls a picture: its title, else its run and generation."""
    kept = store.favourite(step.genome.id)
    if kept and kept.title:
        return kept.title
    home = store.ancestors(step.genome.id, limit=1)
    return f"{home[0].run_name}, generation {step.number}" if home else step.genome.id[:12]


async def order(request: Request) -> Response:
    """Order a file of a story: /sheet, /long, /mp4, /webp or /gif with `?size=&seconds=`."""
    return await order_job(request, _job)


async def _job(request: Request) -> Job:
    kind = request.path_params["kind"]
    known = (*get_args(StoryPicture), *FILMS)
    if kind not in known:
        raise NotFoundError(f"A story is made as one of {', '.join(known)}, not {kind[:20]!r}.")
    size = whole_number(request, "size", 512, *SIZES)
    seconds = whole_number(request, "seconds", 0, 0, MOST_SECONDS)
    genome = await find_genome(request.path_params["genome_id"])
    store = open_store()
    steps = await run_in_threadpool(story_of, store, genome.id)
    title = await run_in_threadpool(name_of, store, steps[-1])
    if kind in FILMS:
        return film_job(steps, kind, title=title, size=size, seconds=float(seconds))
    return picture_job(steps, "sheet" if kind == "sheet" else "long", title=title)


def picture_job(steps: tuple[Step, ...], kind: StoryPicture, *, title: str) -> Job:
    """Return the job that draws a story into a PNG file."""

    def make(file: BinaryIO, advance: Advance, cancelled: Cancelled) -> None:
        for piece in story_png(steps, kind, title=title, advance=advance, cancelled=cancelled):
            file.write(piece)

    name = "contact sheet" if kind == "sheet" else "story"
    return Job(
        title=f"{title} {name}",
        suffix=".png",
        media_type="image/png",
        total=len(steps),
        make=make,
    )


def film_job(steps: tuple[Step, ...], kind: str, *, title: str, size: int, seconds: float) -> Job:
    """Return the job that films a story; 0 seconds leaves the length to the story's."""
    seconds = seconds or default_seconds(len(steps))
    fps = GIF_FPS if kind == "gif" else FPS
    count = frame_count(seconds, fps)
    even = size - size % 2  # the films that browsers play have even sides

    def make(file: BinaryIO, advance: Advance, cancelled: Cancelled) -> None:
        genomes = [step.genome for step in steps]
        frames = story_frames(genomes, size=even, seconds=seconds, fps=fps, cancelled=cancelled)
        stream_film(
            file,
            frames,
            format=kind,
            fps=fps,
            count=count,
            advance=advance,
            cancelled=cancelled,
        )

    row = FILMS[kind]
    return Job(
        title=f"{title} story",
        suffix=row.suffix,
        media_type=row.media_type,
        total=count,
        make=make,
    )
