"""The address that orders a large picture; `job_routes` has those to watch it and take it away."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from breeder.formats import native
from breeder.formats.posters import MEDIA_TYPES
from breeder.rendering.canvas import MAX_SUPERSAMPLE, Canvas
from breeder.ui.job_routes import order_job
from breeder.ui.jobs import Job
from breeder.ui.posters import Order, poster_job
from breeder.ui.routes import MAX_DOWNLOAD, find_genome, texts_of, whole_number


def poster_routes() -> list[BaseRoute]:
    """Return the routes."""
    return [Route("/posters", order, methods=["POST"])]


async def order(request: Request) -> Response:
    """Order a picture: `?genome=&size=&format=png|tif&supersample=&title=`; answers its token."""
    return await order_job(request, _job)


async def _job(request: Request) -> Job:
    size = whole_number(request, "size", 1024, 16, MAX_DOWNLOAD)
    samples = whole_number(request, "supersample", 2, 1, MAX_SUPERSAMPLE)
    suffix = f".{request.query_params.get('format', 'png')}"
    if suffix not in MEDIA_TYPES:
        known = ", ".join(each[1:] for each in MEDIA_TYPES)
        raise ValueError(f"The format must be one of {known}.")
    title = request.query_params.get("title", "")[:200]
    genome = await find_genome(request.query_params.get("genome", ""))
    meta = await texts_of(genome)
    native.dumps(genome, title=title, meta=meta)  # one too large for a file is refused here
    canvas = Canvas(width=size, height=size, supersample=samples)
    origin = meta.get("origin", "")
    wanted = Order(genome=genome, canvas=canvas, suffix=suffix, title=title, origin=origin)
    return poster_job(wanted)
