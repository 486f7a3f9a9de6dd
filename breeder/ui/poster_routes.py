"""Addresses for large pictures: order one, ask how far it is, take it away, or cancel it."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from breeder.errors import BreederError, RenderError
from breeder.formats import native
from breeder.formats.posters import MEDIA_TYPES
from breeder.rendering.canvas import MAX_SUPERSAMPLE, Canvas
from breeder.ui.posters import Order, posters
from breeder.ui.routes import (
    MAX_DOWNLOAD,
    attachment,
    find_genome,
    refusal,
    texts_of,
    whole_number,
)

PIECE_BYTES = 1 << 18
NO_STORE = {"Cache-Control": "no-store"}


def poster_routes() -> list[BaseRoute]:
    """Return the routes."""
    return [
        Route("/posters", order, methods=["POST"]),
        Route("/posters/{token:str}", progress, methods=["GET"]),
        Route("/posters/{token:str}", cancel, methods=["DELETE"]),
        Route("/posters/{token:str}/file", take, methods=["GET"]),
    ]


async def order(request: Request) -> Response:
    """Order a picture: `?genome=&size=&format=png|tif&supersample=&title=`; answers its token."""
    if not _same_origin(request):
        return PlainTextResponse("Order pictures from breeder's own page.", status_code=403)
    try:
        wanted = await _order(request)
    except (BreederError, ValueError) as error:
        return refusal(error)
    try:
        token = posters().order(wanted)
    except RenderError as error:
        return PlainTextResponse(str(error), status_code=503)
    return JSONResponse({"token": token}, status_code=201, headers=NO_STORE)


async def progress(request: Request) -> Response:
    """Answer how far a picture is."""
    try:
        return JSONResponse(posters().progress(request.path_params["token"]), headers=NO_STORE)
    except BreederError as error:
        return refusal(error)


async def cancel(request: Request) -> Response:
    """End a drawing and drop what there is of its file."""
    if not _same_origin(request):
        return PlainTextResponse("Cancel pictures on breeder's own page.", status_code=403)
    try:
        await run_in_threadpool(posters().cancel, request.path_params["token"])
    except BreederError as error:
        return refusal(error)
    return Response(status_code=204)


async def take(request: Request) -> Response:
    """Answer with the file of a finished picture."""
    token = request.path_params["token"]
    try:
        wanted, size = posters().finished(token)
    except BreederError as error:
        return refusal(error)
    name = wanted.title or wanted.genome.id[:12]
    headers = attachment(name, f"-{wanted.canvas.width}{wanted.suffix}")
    headers |= {"Content-Length": str(size), **NO_STORE}
    media = MEDIA_TYPES[wanted.suffix]
    return StreamingResponse(_pieces(token), media_type=media, headers=headers)


def _pieces(token: str) -> Iterator[bytes]:
    place = 0
    while piece := posters().read(token, place, PIECE_BYTES):
        place += len(piece)
        yield piece


async def _order(request: Request) -> Order:
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
    return Order(genome=genome, canvas=canvas, suffix=suffix, title=title, origin=origin)


def _same_origin(request: Request) -> bool:
    """Tell whether a page of ours asks, or a program; another site's page always says who it is."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = request.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == request.headers.get("host")
