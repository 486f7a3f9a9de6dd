"""Addresses of films: a small one to look at, and one to order as a file."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import cache, partial
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from breeder.errors import BreederError, CancelledError
from breeder.lab.settings import from_query
from breeder.rendering.canvas import MAX_SUPERSAMPLE, Canvas
from breeder.ui.films import FILM_NAMES, MAX_SIDE, FilmOrder, film_job, preview, read_film
from breeder.ui.job_routes import order_job
from breeder.ui.jobs import Job
from breeder.ui.routes import find_genome, refusal, watched, whole_number

PREVIEWS_AT_ONCE = 2


def film_routes() -> list[BaseRoute]:
    """Return the routes."""
    return [
        Route("/film.webp", small_film, methods=["GET"]),
        Route("/films", order, methods=["POST"]),
    ]


async def small_film(request: Request) -> Response:
    """Answer with a small film to look at, `&look=quick|fine`; it ends where the browser goes."""
    gone, look = threading.Event(), request.query_params.get("look", "fine")
    try:
        wanted = await _order(request)
        async with watched(request, gone):
            draw = partial(preview, wanted, look, gone.is_set)
            data = await asyncio.get_running_loop().run_in_executor(_previews(), draw)
    except CancelledError:
        return Response(status_code=499)  # nobody hears it
    except (BreederError, ValueError) as error:
        return refusal(error)
    return Response(
        data, media_type="image/webp", headers={"Cache-Control": "private, max-age=600"}
    )


async def order(request: Request) -> Response:
    """Order a film and answer its token.

    `?move=&seamless=&easing=&frames=&fps=&width=&height=&supersample=&format=`, and either
    `genome=&title=` or the settings of a network of the Lab as a link has them.
    """
    return await order_job(request, _job)


async def _job(request: Request) -> Job:
    return film_job(await _order(request))


async def _order(request: Request) -> FilmOrder:
    pairs = dict(parse_qsl(request.url.query, keep_blank_values=True))
    width = whole_number(request, "width", 720, 16, MAX_SIDE)
    height = whole_number(request, "height", width, 16, MAX_SIDE)
    samples = whole_number(request, "supersample", 1, 1, MAX_SUPERSAMPLE)
    film = read_film(pairs)
    rest = {name: text for name, text in pairs.items() if name not in FILM_NAMES}
    title = ""
    if "genome" in rest:
        title = rest.get("title", "")[:200]
        genome = await find_genome(rest["genome"])
    return FilmOrder(
        subject=genome if "genome" in rest else from_query(rest),
        film=film,
        canvas=Canvas(width=width, height=height, supersample=samples),
        format=pairs.get("format", "mp4"),
        title=title,
    )


@cache
def _previews() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(PREVIEWS_AT_ONCE, thread_name_prefix="film")
