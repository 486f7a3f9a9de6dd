"""Addresses of family trees: their shape, their pictures by the grid, and two pictures compared."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from breeder.errors import BreederError
from breeder.evolve.difference import difference, in_common
from breeder.family.graph import family_graph, run_graph
from breeder.genome import Genome
from breeder.ui.job_routes import NO_STORE
from breeder.ui.large import facts_of
from breeder.ui.pictures import TILE
from breeder.ui.resources import open_store
from breeder.ui.routes import FOR_EVER, find_genome, refusal, whole_number
from breeder.ui.tree_pictures import difference_jpeg, row_jpeg

MOST_ROW = 64
"""Pixels of each picture where a whole grid comes as one file; larger ones come one by one."""


def tree_routes() -> list[BaseRoute]:
    """Return the routes."""
    return [
        Route("/trees/run/{run_id:str}.json", run_tree),
        Route("/trees/family/{genome_id:str}.json", family_tree),
        Route("/trees/grid/{generation_id:str}.jpg", grid_row),
        Route("/trees/about/{genome_id:str}.json", about),
        Route("/trees/compare/{first:str}/{second:str}.json", compare),
        Route("/trees/difference/{first:str}/{second:str}.jpg", difference_picture),
    ]


async def run_tree(request: Request) -> Response:
    """Answer with the whole tree of a run, laid out, as JSON: `family.graph.Graph.to_plain`."""
    return await _plain(request, lambda: run_graph(open_store(), request.path_params["run_id"]))


async def family_tree(request: Request) -> Response:
    """Answer with the tree of one picture over all runs."""
    try:
        genome = await find_genome(request.path_params["genome_id"])
    except BreederError as error:
        return refusal(error)
    return await _plain(request, lambda: family_graph(open_store(), genome.id))


async def grid_row(request: Request) -> Response:
    """Answer with a JPEG of all pictures of a grid side by side, `?size=` pixels each."""
    try:
        size = whole_number(request, "size", MOST_ROW, 16, MOST_ROW)
        generation_id = request.path_params["generation_id"]
        grid = await run_in_threadpool(open_store().generation, generation_id)
    except (BreederError, ValueError) as error:
        return refusal(error)
    genomes = [child.genome for child in grid.children]
    data = await run_in_threadpool(row_jpeg, genomes, size)
    return Response(data, media_type="image/jpeg", headers=FOR_EVER)


async def about(request: Request) -> Response:
    """Answer with what there is to say of a picture: what changed, its parents, its title."""
    try:
        genome = await find_genome(request.path_params["genome_id"])
        plain = await run_in_threadpool(about_picture, genome)
    except BreederError as error:
        return refusal(error)
    return _json(request, plain)


async def compare(request: Request) -> Response:
    """Answer with what two pictures differ in, in words."""
    try:
        pair = await _pair(request)
    except BreederError as error:
        return refusal(error)
    plain = {"words": list(difference(*pair)), "common": round(in_common(*pair), 4)}
    return _json(request, plain)


async def difference_picture(request: Request) -> Response:
    """Answer with a JPEG that is bright where two pictures differ, `?size=` pixels along a side."""
    try:
        size = whole_number(request, "size", TILE, 16, 1024)
        pair = await _pair(request)
    except (BreederError, ValueError) as error:
        return refusal(error)
    data = await run_in_threadpool(difference_jpeg, *pair, size)
    return Response(data, media_type="image/jpeg", headers=FOR_EVER)


def about_picture(genome: Genome) -> dict[str, Any]:
    """Return what the side of the tree shows of a picture, as plain values."""
    store = open_store()
    birth, kept = store.birth(genome.id), store.favourite(genome.id)
    kin = store.ancestors(genome.id, limit=1)
    return {
        "id": genome.id,
        "title": kept.title if kept else "",
        "favourite": kept is not None,
        "mutations": [str(mutation) for mutation in birth.mutations] if birth else [],
        "parents": list(birth.parents) if birth else [],
        "origin": birth.origin if birth else "import",
        "run": kin[0].run_id if kin else "",
        "run_name": kin[0].run_name if kin else "",
        "deleted": kin[0].deleted if kin else False,
        "number": birth.number if birth else 0,
        "automatic": birth.automatic if birth else False,
        "provenance": store.provenance(genome.id),
        "facts": facts_of(genome),
    }


async def _pair(request: Request) -> tuple[Genome, Genome]:
    first, second = (request.path_params[name] for name in ("first", "second"))
    return await find_genome(first), await find_genome(second)


async def _plain(request: Request, make: Callable[[], Any]) -> Response:
    try:
        graph = await run_in_threadpool(make)
    except BreederError as error:
        return refusal(error)
    return await run_in_threadpool(_json, request, graph.to_plain())


def _json(request: Request, plain: object) -> Response:
    data = json.dumps(plain, separators=(",", ":")).encode()
    headers = dict(NO_STORE)
    if len(data) > 4096 and "gzip" in request.headers.get("accept-encoding", ""):
        data = gzip.compress(data, 3)
        headers |= {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
    return Response(data, media_type="application/json", headers=headers)
