"""Addresses of Lab pictures, which carry all that a picture follows from; nothing is stored."""

from __future__ import annotations

import threading
from collections.abc import Awaitable, Callable
from dataclasses import replace
from urllib.parse import parse_qsl

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from breeder.errors import BreederError, CancelledError
from breeder.lab.settings import LabSettings, from_query
from breeder.lab.sweeps import LEAST_TILE, MOST_TILE, Sweep, read_axis
from breeder.rendering.canvas import MAX_SUPERSAMPLE, Canvas
from breeder.ui.job_routes import order_job
from breeder.ui.jobs import Job
from breeder.ui.lab import live
from breeder.ui.lab.posters import LabPoster, poster_job, sheet_job
from breeder.ui.lab.sizes import LEAST_SIDE, MOST_SIDE
from breeder.ui.lab.sweep import tiles_of
from breeder.ui.pictures import MAX_SIZE
from breeder.ui.routes import FOR_EVER, refusal, watched, whole_number

# `identity` keeps the answer from being packed, which would hold its first frames back.
STREAM = {"Cache-Control": "no-store", "Content-Encoding": "identity"}

_OF_THE_FILE = frozenset(
    {"width", "height", "sketch", "format", "supersample", "across", "down", "tile"}
)
"""What an address of these holds beside the settings."""


def lab_routes() -> list[BaseRoute]:
    """Return the routes."""
    return [
        Route("/lab/live", stream),
        Route("/lab/picture.jpg", picture),
        Route("/lab/findings", findings),
        Route("/lab/colors", colors),
        Route("/lab/posters", poster, methods=["POST"]),
        Route("/lab/tiles", tiles),
        Route("/lab/sheets", sheet, methods=["POST"]),
    ]


async def stream(request: Request) -> Response:
    """Answer with a picture coarse first, then finer, as frames (see `live.frames`).

    `?v=1&...&width=&height=`: the settings as a link has them. It ends where the browser goes away.
    """
    try:
        wish = _wish(request)
    except (BreederError, ValueError) as error:
        return refusal(error)
    return StreamingResponse(
        live.frames(wish), media_type="application/octet-stream", headers=STREAM
    )


async def picture(request: Request) -> Response:
    """Answer with a JPEG: `?v=1&...&width=&height=`, the settings as a link has them.

    With `&sketch=1` that of a large network is drawn smaller, so that it does not take long.
    """
    try:
        wish = _wish(request)
        if request.query_params.get("sketch") == "1":
            side = live.sketch_side(wish.settings, min(wish.width, wish.height))
            wish = replace(wish, width=side, height=side)
        async with watched(request, wish.gone):
            data = await live.picture(wish)
    except CancelledError:
        return Response(status_code=499)  # nobody hears it
    except (BreederError, ValueError) as error:
        return refusal(error)
    return Response(data, media_type="image/jpeg", headers=FOR_EVER)


async def findings(request: Request) -> Response:
    """Answer with what has a name in a picture, as JSON: `[{"name": "noise", "reason": ...}]`."""
    return await _told(request, live.findings)


async def colors(request: Request) -> Response:
    """Answer with the colours that sum up a picture, as JSON: their hex and share."""
    return await _told(request, live.colors)


async def _told(
    request: Request, ask: Callable[[LabSettings, threading.Event], Awaitable[object]]
) -> Response:
    gone = threading.Event()
    try:
        settings = _settings(request)
        async with watched(request, gone):
            found = await ask(settings, gone)
    except CancelledError:
        return Response(status_code=499)
    except (BreederError, ValueError) as error:
        return refusal(error)
    return JSONResponse(found, headers=FOR_EVER)


async def poster(request: Request) -> Response:
    """Order a file and answer its token: `?v=1&...&width=&height=&format=&supersample=`."""
    return await order_job(request, _poster)


async def _poster(request: Request) -> Job:
    width = whole_number(request, "width", 1024, LEAST_SIDE, MOST_SIDE)
    height = whole_number(request, "height", width, LEAST_SIDE, MOST_SIDE)
    samples = whole_number(request, "supersample", 1, 1, MAX_SUPERSAMPLE)
    canvas = Canvas(width=width, height=height, supersample=samples)
    kind = request.query_params.get("format", "png")
    return poster_job(LabPoster(settings=_settings(request), canvas=canvas, kind=kind))


async def tiles(request: Request) -> Response:
    """Answer with what a contact sheet shows, as JSON: `?v=1&...&across=layers=2..29&down=`."""
    try:
        found = await run_in_threadpool(lambda: tiles_of(_sweep(request)))
    except (BreederError, ValueError) as error:
        return refusal(error)
    return JSONResponse(found, headers=FOR_EVER)


async def sheet(request: Request) -> Response:
    """Order a contact sheet as a PNG with its labels; `&tile=` says how large its pictures are."""
    return await order_job(request, _sheet)


async def _sheet(request: Request) -> Job:
    return sheet_job(_sweep(request))


def _sweep(request: Request) -> Sweep:
    down = request.query_params.get("down", "")
    return Sweep(
        settings=_settings(request),
        across=read_axis(request.query_params.get("across", "")),
        down=read_axis(down) if down else None,
        tile=whole_number(request, "tile", 160, LEAST_TILE, MOST_TILE),
    )


def _wish(request: Request) -> live.Wish:
    width = whole_number(request, "width", 512, LEAST_SIDE, MAX_SIZE)
    height = whole_number(request, "height", width, LEAST_SIDE, MAX_SIZE)
    return live.Wish(settings=_settings(request), width=width, height=height)


def _settings(request: Request) -> LabSettings:
    pairs = parse_qsl(request.url.query, keep_blank_values=True)
    return from_query({name: text for name, text in pairs if name not in _OF_THE_FILE})
