"""Addresses for files made in the background: ask how far one is, take it away, or cancel it.

Each kind of file has an address of its own to order it, which ends in `order_job`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from breeder.errors import BreederError, RenderError
from breeder.ui.jobs import Job, jobs
from breeder.ui.routes import attachment, refusal

PIECE_BYTES = 1 << 18
NO_STORE = {"Cache-Control": "no-store"}


def job_routes() -> list[BaseRoute]:
    """Return the routes."""
    return [
        Route("/jobs/{token:str}", progress, methods=["GET"]),
        Route("/jobs/{token:str}", cancel, methods=["DELETE"]),
        Route("/jobs/{token:str}/file", take, methods=["GET"]),
    ]


async def order_job(request: Request, job_of: Callable[[Request], Awaitable[Job]]) -> Response:
    """Order a file and answer with its token as JSON, `{"token": ...}`, or with one sentence.

    Args:
        request: A POST, from a page of ours or from a program.
        job_of: Makes the job from the request; a ValueError or BreederError refuses it.
    """
    if not same_origin(request):
        return PlainTextResponse("Order files from breeder's own page.", status_code=403)
    try:
        job = await job_of(request)
    except (BreederError, ValueError) as error:
        return refusal(error)
    try:
        token = jobs().order(job)
    except RenderError as error:
        return PlainTextResponse(str(error), status_code=503)
    return JSONResponse({"token": token}, status_code=201, headers=NO_STORE)


def same_origin(request: Request) -> bool:
    """Tell whether a page of ours asks, or a program; another site's page always says who it is."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = request.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == request.headers.get("host")


async def progress(request: Request) -> Response:
    """Answer how far a file is."""
    try:
        return JSONResponse(jobs().progress(request.path_params["token"]), headers=NO_STORE)
    except BreederError as error:
        return refusal(error)


async def cancel(request: Request) -> Response:
    """End a job and drop what there is of its file."""
    if not same_origin(request):
        return PlainTextResponse("Cancel files on breeder's own page.", status_code=403)
    try:
        await run_in_threadpool(jobs().cancel, request.path_params["token"])
    except BreederError as error:
        return refusal(error)
    return Response(status_code=204)


async def take(request: Request) -> Response:
    """Answer with a finished file."""
    token = request.path_params["token"]
    try:
        job, size = jobs().finished(token)
    except BreederError as error:
        return refusal(error)
    headers = attachment(job.title, job.suffix) | {"Content-Length": str(size), **NO_STORE}
    return StreamingResponse(_pieces(token), media_type=job.media_type, headers=headers)


def _pieces(token: str) -> Iterator[bytes]:
    place = 0
    while piece := jobs().read(token, place, PIECE_BYTES):
        place += len(piece)
        yield piece
