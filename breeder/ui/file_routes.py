"""Addresses of files in every format of the table, of a picture's colours, and of shared pictures.

Nothing here is stored: a shared picture is drawn from its link alone.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache, partial
from typing import TypeVar

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from breeder.errors import BreederError
from breeder.formats import DEFAULT_CANVAS, Document, share
from breeder.formats.table import FORMATS, FileFormat
from breeder.genome import Genome
from breeder.ui.pictures import MAX_SIZE, TILE, jpegs
from breeder.ui.resources import open_store
from breeder.ui.routes import FOR_EVER, attachment, find_genome, refusal, whole_number

MEDIA_TYPES = {
    ".json": "application/json",
    ".png": "image/png",
    ".tif": "image/tiff",
    ".webp": "image/webp",
    ".svg": "image/svg+xml",
    ".css": "text/css",
    ".zip": "application/zip",
    ".xml": "application/xml",
}
"""By suffix; other files are only to be kept."""

AT_ONCE = 2
"""Files made at a time: some take a second of a core, and grids must not wait for them."""

MOST_SWATCHES = 12

A = TypeVar("A")


def file_routes() -> list[BaseRoute]:
    """Return the routes."""
    return [
        Route("/files/{genome_id:str}/{name:str}", take),
        Route("/palette/{genome_id:str}.json", palette),
        Route("/shared.jpg", shared_picture),
    ]


async def take(request: Request) -> Response:
    """Answer with a picture as a file of some format: `?title=&colors=`, 1,024 pixels a side.

    A format that cannot hold the genome is refused with one sentence.
    """
    try:
        row = _format(request.path_params["name"])
        colors = None
        if "colors" in request.query_params:
            colors = whole_number(request, "colors", 0, 1, 999)
        genome = await find_genome(request.path_params["genome_id"])
        document = await run_in_threadpool(document_of, genome, _title(request))
        content = await _in_turn(partial(_content, row, document, colors))
    except (BreederError, ValueError) as error:
        return refusal(error)
    name = document.title or genome.id[:12]
    same_suffix = [each for each in FORMATS.values() if each.suffix == row.suffix and each.writes]
    ending = row.suffix if row is same_suffix[0] else f"-{row.name}{row.suffix}"
    media = MEDIA_TYPES.get(row.suffix, "application/octet-stream")
    return Response(content, media_type=media, headers=attachment(name, ending))


async def palette(request: Request) -> Response:
    """Answer with the colours that sum up a picture, `?colors=` of them: their hex and share."""
    try:
        count = whole_number(request, "colors", 6, 1, MOST_SWATCHES)
        genome = await find_genome(request.path_params["genome_id"])
    except (BreederError, ValueError) as error:
        return refusal(error)
    return JSONResponse(await _in_turn(partial(_swatches, genome, count)), headers=FOR_EVER)


async def shared_picture(request: Request) -> Response:
    """Answer with a JPEG of the genome in a link, `?g=&size=`; nothing of it is stored."""
    try:
        size = whole_number(request, "size", TILE, 16, MAX_SIZE)
        link = request.query_params.get("g", "")
        genome = (await run_in_threadpool(share.unpack, link)).genome
    except (BreederError, ValueError) as error:
        return refusal(error)
    data = await run_in_threadpool(lambda: jpegs([genome], size)[genome.id])
    return Response(data, media_type="image/jpeg", headers=FOR_EVER)


def share_query(genome: Genome, title: str) -> str:
    """Return the query of the address that shows a picture to others: "g=..." or "p=...".

    The genome is in the address while it fits; a larger one is named by its identity, which only
    this server knows.
    """
    link = share.pack(document_of(genome, title))
    return f"g={link}" if link else f"p={genome.id}"


def document_of(genome: Genome, title: str) -> Document:
    """Return a stored genome with its title and what it comes from."""
    words = open_store().provenance(genome.id)
    meta = {"title": title, "origin": words}
    return Document(genome=genome, meta={name: text for name, text in meta.items() if text})


def _format(name: str) -> FileFormat:
    row = FORMATS.get(name)
    if row is None or not row.writes:
        known = ", ".join(each.name for each in FORMATS.values() if each.writes)
        raise ValueError(f"The format must be one of {known}.")
    return row


def _title(request: Request) -> str:
    return request.query_params.get("title", "")[:200]


def _content(row: FileFormat, document: Document, colors: int | None) -> bytes:
    return b"".join(row.pieces(document, DEFAULT_CANVAS, "auto", colors=colors))


def _swatches(genome: Genome, count: int) -> list[dict[str, object]]:
    from breeder.formats.clusters import colors_of

    found = colors_of(genome, DEFAULT_CANVAS, count, "auto")
    return [{"hex": color.hex, "share": color.share} for color in found]


async def _in_turn(make: Callable[[], A]) -> A:
    return await asyncio.get_running_loop().run_in_executor(_makers(), make)


@cache
def _makers() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(AT_ONCE, thread_name_prefix="files")
