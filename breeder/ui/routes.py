"""Addresses beside the page: pictures that never change, and files to take away.

A picture's address is named by its genome, so a browser may keep it for ever.
"""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from breeder.errors import BreederError, NotFoundError
from breeder.formats import native
from breeder.formats.png import stream_png
from breeder.formats.posters import MEDIA_TYPES
from breeder.formats.tiff import stream_tiff
from breeder.genome import Genome
from breeder.rendering.canvas import MAX_SUPERSAMPLE, Canvas
from breeder.ui.pictures import MAX_SIZE, TILE, jpegs
from breeder.ui.resources import open_store

MAX_DOWNLOAD = 16_384
MAX_DIRECT = 4096
"""Pixels along a side of a TIFF that is sent at once; larger ones are made in the background."""

LOOK_EVERY = 0.1
"""Seconds between two looks at whether a browser still waits."""

FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable"}


def routes() -> list[BaseRoute]:
    """Return the routes of the app."""
    return [
        Route("/picture/{genome_id:str}.jpg", picture),
        Route("/download/{genome_id:str}.png", download_png),
        Route("/download/{genome_id:str}.tif", download_tiff),
    ]


async def picture(request: Request) -> Response:
    """Answer with a JPEG of a genome, `?size=` pixels along a side."""
    try:
        size = whole_number(request, "size", TILE, 16, MAX_SIZE)
        genome = await find_genome(request.path_params["genome_id"])
    except (BreederError, ValueError) as error:
        return refusal(error)
    data = await run_in_threadpool(lambda: jpegs([genome], size)[genome.id])
    return Response(data, media_type="image/jpeg", headers=FOR_EVER)


async def download_png(request: Request) -> Response:
    """Answer with a PNG of a genome that holds the genome, streamed at any size."""
    return await _download(request, ".png", MAX_DOWNLOAD, stream_png)


async def download_tiff(request: Request) -> Response:
    """Answer with a TIFF likewise, of moderate size: it is drawn before its first byte is sent."""
    return await _download(request, ".tif", MAX_DIRECT, stream_tiff)


async def _download(
    request: Request, suffix: str, largest: int, stream: Callable[..., Iterator[bytes]]
) -> Response:
    try:
        size = whole_number(request, "size", 1024, 16, largest)
        samples = whole_number(request, "supersample", 2 if size <= 4096 else 1, 1, MAX_SUPERSAMPLE)
        genome = await find_genome(request.path_params["genome_id"])
        title = request.query_params.get("title", "")[:200]
        meta = await texts_of(genome)
        native.dumps(genome, title=title, meta=meta)  # one too large for a file is refused here
    except (BreederError, ValueError) as error:
        return refusal(error)
    canvas = Canvas(width=size, height=size, supersample=samples)
    headers = attachment(title or genome.id[:12], f"-{size}{suffix}")
    pieces = stream(genome, canvas, title=title, meta=meta)
    return StreamingResponse(pieces, media_type=MEDIA_TYPES[suffix], headers=headers)


async def texts_of(genome: Genome) -> dict[str, str]:
    """Return what a file keeps about a genome beside its title."""
    words = await run_in_threadpool(open_store().provenance, genome.id)
    return {"origin": words} if words else {}


async def find_genome(genome_id: str) -> Genome:
    """Return a genome of the store by its whole identity.

    Raises:
        NotFoundError: There is none.
    """
    if not re.fullmatch("[0-9a-f]{32}", genome_id):  # the start of one may become ambiguous
        raise NotFoundError(f"{genome_id[:40]!r} is not the whole identity of a picture.")
    return await run_in_threadpool(open_store().genome, genome_id)


def whole_number(request: Request, name: str, default: int, least: int, most: int) -> int:
    """Return a number of the address.

    Raises:
        ValueError: It is none, or out of its range.
    """
    text = request.query_params.get(name, str(default))
    if not re.fullmatch(r"[0-9]{1,5}", text) or not least <= int(text) <= most:
        raise ValueError(f"The {name} must be a whole number from {least:,} to {most:,}.")
    return int(text)


@asynccontextmanager
async def watched(request: Request, gone: threading.Event) -> AsyncIterator[None]:
    """Set an event when the browser goes away, so that what it waited for can end."""

    async def watch() -> None:
        while not await request.is_disconnected():
            await asyncio.sleep(LOOK_EVERY)
        gone.set()

    task = asyncio.create_task(watch())
    try:
        yield
    finally:
        task.cancel()


def refusal(error: Exception) -> Response:
    """Answer with the sentence of an error."""
    status = 404 if isinstance(error, NotFoundError) else 400
    return PlainTextResponse(str(error), status_code=status)


def attachment(name: str, ending: str) -> dict[str, str]:
    """Return the headers that make an answer a file of this name, whatever letters it has."""
    plain = re.sub(r"[^A-Za-z0-9 _.-]", "_", name).strip(" .") or "picture"
    exact = quote(name.replace("/", "_") + ending, safe="")
    value = f"attachment; filename=\"{plain}{ending}\"; filename*=UTF-8''{exact}"
    return {"Content-Disposition": value}
