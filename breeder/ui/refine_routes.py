"""Addresses of refining: order one, ask how far it is, and end it."""

from __future__ import annotations

import math
import re

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from breeder.errors import BreederError, RenderError
from breeder.ui.job_routes import NO_STORE, same_origin
from breeder.ui.refinements import refinements
from breeder.ui.routes import find_genome, refusal


def refine_routes() -> list[BaseRoute]:
    """Return the routes."""
    return [
        Route("/refinements", order, methods=["POST"]),
        Route("/refinements/{token:str}", progress, methods=["GET"]),
        Route("/refinements/{token:str}", cancel, methods=["DELETE"]),
    ]


async def order(request: Request) -> Response:
    """Have a picture refined and answer its token: `?genome=&reach=&run=`."""
    if not same_origin(request):
        return PlainTextResponse("Refine pictures on breeder's own page.", status_code=403)
    run_id = request.query_params.get("run", "")
    try:
        reach = _share(request.query_params.get("reach", "0.5"))
        genome = await find_genome(request.query_params.get("genome", ""))
        known = run_id if re.fullmatch("[0-9a-f]{32}", run_id) else ""
        token = refinements().order(genome, reach=reach, run_id=known)
    except RenderError as error:
        return PlainTextResponse(str(error), status_code=503)
    except (BreederError, ValueError) as error:
        return refusal(error)
    return JSONResponse({"token": token}, status_code=201, headers=NO_STORE)


async def progress(request: Request) -> Response:
    """Answer how far one is, with its result when it is done."""
    try:
        found = refinements().progress(request.path_params["token"])
    except BreederError as error:
        return refusal(error)
    return JSONResponse(found, headers=NO_STORE)


async def cancel(request: Request) -> Response:
    """End one and forget its result."""
    if not same_origin(request):
        return PlainTextResponse("Refine pictures on breeder's own page.", status_code=403)
    await run_in_threadpool(refinements().cancel, request.path_params["token"])
    return Response(status_code=204)


def _share(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not 0.0 <= number <= 1.0:
        raise ValueError("The reach must be a number from 0 to 1.")
    return number
