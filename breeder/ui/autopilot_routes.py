"""Addresses of the autopilot: how far one is, to stop it, and the film strip of a grid."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from breeder.errors import BreederError
from breeder.store.ways import WayGrid
from breeder.ui.flights import flights
from breeder.ui.job_routes import NO_STORE, same_origin
from breeder.ui.resources import open_store
from breeder.ui.routes import refusal

MOST_FRAMES = 200
"""Grids before the one shown that the strip tells of, and as many after it."""


def autopilot_routes() -> list[BaseRoute]:
    """Return the routes."""
    return [
        Route("/autopilots/{run_id:str}.json", progress, methods=["GET"]),
        Route("/autopilots/{run_id:str}.json", stop, methods=["DELETE"]),
        Route("/strips/{generation_id:str}.json", strip, methods=["GET"]),
    ]


async def progress(request: Request) -> Response:
    """Answer how far the autopilot of a run is; null where none was at work."""
    # In a thread: a flight that begins holds the others until the database has it.
    found = await run_in_threadpool(flights(open_store()).progress, request.path_params["run_id"])
    return JSONResponse(found, headers=NO_STORE)


async def stop(request: Request) -> Response:
    """End the autopilot of a run; what it has bred stays."""
    if not same_origin(request):
        return PlainTextResponse("Stop it on breeder's own page.", status_code=403)
    await run_in_threadpool(flights(open_store()).cancel, request.path_params["run_id"])
    return Response(status_code=204)


async def strip(request: Request) -> Response:
    """Answer with the frames of the automatic grids on the way through a grid, in their order."""
    generation_id = request.path_params["generation_id"]
    try:
        way = await run_in_threadpool(open_store().way, generation_id, most=MOST_FRAMES)
    except BreederError as error:
        return refusal(error)
    return JSONResponse({"frames": frames_of(way)}, headers=NO_STORE)


def frames_of(way: Sequence[WayGrid]) -> list[dict[str, Any]]:
    """Return a frame for each automatic grid of a way, and for each that one began from.

    Returns:
        Plain values: "id" and "number" of the grid, "automatic", "pictures" (the genomes that the
        next grid was bred from; in the last, the one that the guide put first), and "by_hand", the
        grids that a person bred since the frame before and that have no frame.
    """
    frames: list[dict[str, Any]] = []
    by_hand = 0
    for here, after in pairwise([*way, None]):
        if here is None:
            break
        if not here.automatic and not (after and after.automatic):
            by_hand += 1
            continue
        frames.append(
            {
                "id": here.id,
                "number": here.number,
                "automatic": here.automatic,
                "pictures": _chosen(here, after),
                "by_hand": by_hand if frames else 0,
            }
        )
        by_hand = 0
    return frames


def _chosen(here: WayGrid, after: WayGrid | None) -> list[str]:
    slots: Sequence[int] = after.bred_from if after else ()
    there = [here.genome_ids[slot] for slot in slots if slot < len(here.genome_ids)]
    return there[:2] or [here.genome_ids[here.first_guided or 0]]
