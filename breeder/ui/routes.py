"""Addresses beside the page: pictures that never change, and files to take away.

A picture's address is named by its genome, so a browser may keep it for ever.
"""

from __future__ import annotations

import re
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from breeder.errors import BreederError, NotFoundError
from breeder.formats import native
from breeder.formats.png import stream_png
from breeder.genome import Genome
from breeder.rendering.canvas import Canvas
from breeder.ui.pictures import MAX_SIZE, TILE, jpegs
from breeder.ui.resources import open_store

MAX_DOWNLOAD = 16_384
FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable"}


def routes() -> list[BaseRoute]:
    """Return the routes of the app."""
    return [
        Route("/picture/{genome_id:str}.jpg", picture),
        Route("/download/{genome_id:str}.png", download_png),
        Route("/download/{genome_id:str}.json", download_json),
    ]


async def picture(request: Request) -> Response:
    """Answer with a JPEG of a genome, `?size=` pixels along a side."""
    try:
        size = _size(request, TILE, MAX_SIZE)
        genome = await _genome(request)
    except (BreederError, ValueError) as error:
        return _refusal(error)
    data = await run_in_threadpool(lambda: jpegs([genome], size)[genome.id])
    return Response(data, media_type="image/jpeg", headers=FOR_EVER)


async def download_png(request: Request) -> Response:
    """Answer with a PNG of a genome that holds the genome, streamed at any size."""
    try:
        size = _size(request, 1024, MAX_DOWNLOAD)
        genome = await _genome(request)
        title = request.query_params.get("title", "")[:200]
        native.dumps(genome, title=title)  # a genome too large for a file is refused here
    except (BreederError, ValueError) as error:
        return _refusal(error)
    canvas = Canvas(width=size, height=size, supersample=2 if size <= 4096 else 1)
    pieces = stream_png(genome, canvas, title=title)
    headers = _attachment(title or genome.id[:12], f"-{size}.png")
    return StreamingResponse(pieces, media_type="image/png", headers=headers)


async def download_json(request: Request) -> Response:
    """Answer with a genome in the native format."""
    try:
        genome = await _genome(request)
        title = request.query_params.get("title", "")[:200]
        text = native.dumps(genome, title=title)
    except (BreederError, ValueError) as error:
        return _refusal(error)
    headers = _attachment(title or genome.id[:12], ".json")
    return Response(text, media_type="application/json", headers=headers)


async def _genome(request: Request) -> Genome:
    genome_id = request.path_params["genome_id"]
    if not re.fullmatch("[0-9a-f]{32}", genome_id):  # the start of one may become ambiguous
        raise NotFoundError(f"{genome_id[:40]!r} is not the whole identity of a picture.")
    return await run_in_threadpool(open_store().genome, genome_id)


def _size(request: Request, default: int, largest: int) -> int:
    text = request.query_params.get("size", str(default))
    if not re.fullmatch(r"[0-9]{1,5}", text) or not 16 <= int(text) <= largest:
        raise ValueError(f"The size must be a whole number of pixels from 16 to {largest}.")
    return int(text)


def _refusal(error: Exception) -> Response:
    status = 404 if isinstance(error, NotFoundError) else 400
    return PlainTextResponse(str(error), status_code=status)


def _attachment(name: str, ending: str) -> dict[str, str]:
    plain = re.sub(r"[^A-Za-z0-9 _.-]", "_", name).strip(" .") or "picture"
    exact = quote(name.replace("/", "_") + ending, safe="")
    value = f"attachment; filename=\"{plain}{ending}\"; filename*=UTF-8''{exact}"
    return {"Content-Disposition": value}
