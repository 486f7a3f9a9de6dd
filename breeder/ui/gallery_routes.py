"""Addresses of the gallery: what a search finds, what it can be narrowed by, and what is changed.

The gallery's script in the browser speaks to these; the page's own script does not run for them.
What comes in is parsed here and never trusted.
"""

from __future__ import annotations

import base64
import json
import re
import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, Final

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from breeder.errors import BreederError, NotFoundError
from breeder.gallery import LEVELS, Likenesses, complexity_range, found_ids, measure
from breeder.impression import COLOR_NAMES, color_bits
from breeder.store import Entry, Kind, Search, Sort, Store
from breeder.ui.components import is_token, plain_time
from breeder.ui.gallery_changes import changes, parse_change, parse_ids
from breeder.ui.gallery_zip import zip_job
from breeder.ui.job_routes import NO_STORE, order_job, same_origin
from breeder.ui.jobs import Job
from breeder.ui.resources import open_store
from breeder.ui.routes import refusal, whole_number

MOST_AT_ONCE: Final = 500
"""Pictures in one answer; gallery_source.js holds the same number."""

MOST_BODY: Final = 256 * 1024
"""Bytes of a change."""

MEASURED_AT_ONCE: Final = 64
"""Pictures that a search waits for, some 0.15 s; the others are measured in the background."""

SORTS: Final[dict[str, Sort]] = {
    "": "newest",
    "newest": "newest",
    "oldest": "oldest",
    "title": "title",
    "stars": "stars",
    "published": "published",
    "complex": "complex",
    "plain": "simple",
}
KINDS: Final[dict[str, Kind]] = {"": "all", "published": "published", "private": "unpublished"}


def gallery_routes() -> list[BaseRoute]:
    """Return the routes."""
    return [
        Route("/gallery/pictures", pictures),
        Route("/gallery/facets", facets),
        Route("/gallery/change", change, methods=["POST"]),
        Route("/gallery/export", export, methods=["POST"]),
    ]


async def pictures(request: Request) -> Response:
    """Answer with a piece of what is found: `items`, the `total`, and `next` to go on with."""
    try:
        limit = whole_number(request, "limit", 120, 1, MOST_AT_ONCE)
        search = parse_search(request.query_params)
        like = _like(request.query_params)
        after = request.query_params.get("after") or None
        work = (search, after, limit)
        answer = (
            await run_in_threadpool(_alike, like, *work)
            if like
            else (await run_in_threadpool(_found, *work))
        )
    except (BreederError, ValueError) as error:
        return refusal(error)
    return JSONResponse(answer, headers=NO_STORE)


async def facets(request: Request) -> Response:
    """Answer with the tags, runs and colours that the gallery can be narrowed by."""
    return JSONResponse(await run_in_threadpool(_facets, open_store()), headers=NO_STORE)


async def change(request: Request) -> Response:
    """Change what is said of pictures: see `gallery_changes`; answers how they are now."""
    if not same_origin(request):
        return PlainTextResponse("Change pictures on breeder's own page.", status_code=403)
    try:
        wanted = parse_change(await _body(request))
        done = await run_in_threadpool(changes().make, open_store(), wanted)
    except (BreederError, ValueError) as error:
        return refusal(error)
    there = {entry.genome_id for entry in done.entries}
    gone = [{"id": id_, "kept": False} for id_ in done.ids if id_ not in there]
    items = await run_in_threadpool(plain_entries, done.entries)
    answer = {"items": [*items, *gone], "undo": done.undo, "text": done.text}
    return JSONResponse(answer, headers=NO_STORE)


async def export(request: Request) -> Response:
    """Order a zip of pictures: `{"ids": [...], "formats": [...]}`; answers the token of a job."""
    return await order_job(request, _zip_job)


async def _zip_job(request: Request) -> Job:
    value = await _body(request)
    if not isinstance(value, Mapping):
        raise ValueError("An order names pictures and formats.")
    ids, formats = parse_ids(value.get("ids")), value.get("formats")
    if not isinstance(formats, list) or not all(map(is_token, formats)):
        raise ValueError("An order names the formats of the zip.")
    return await run_in_threadpool(zip_job, open_store(), ids, tuple(dict.fromkeys(formats)))


def parse_search(asked: QueryParams) -> Search:
    """Return what an address asks for.

    Raises:
        ValueError: A part of it makes no sense.
    """
    run_id = asked.get("in") or None
    if run_id and not re.fullmatch("[0-9a-f]{32}", run_id):
        raise ValueError("A run is named by its whole identity.")
    colors = [name for name in asked.get("color", "").split(",") if name]
    unknown = [name for name in colors if name not in COLOR_NAMES]
    if unknown:
        raise ValueError(f"The colours are {', '.join(COLOR_NAMES)}.")
    return Search(
        text=asked.get("q", "")[:200],
        tags=tuple(tag[:100] for tag in asked.getlist("tag")[:50]),
        colors=color_bits(colors),
        complexity=_levels(asked.get("complexity", "")),
        since=_day(asked.get("since", "")),
        before=_day(asked.get("until", ""), days=1),
        run_id=run_id,
        stars=_stars(asked.get("stars", "")),
        kind=_one_of(KINDS, asked.get("kind", ""), "kind"),
        sort=_one_of(SORTS, asked.get("sort", "").replace("like", ""), "order"),
    )


def plain_entries(entries: Sequence[Entry]) -> list[dict[str, Any]]:
    """Return entries as the browser shows them, each with its tiny picture."""
    previews = likenesses().previews([entry.genome_id for entry in entries])
    return [plain_entry(entry, previews.get(entry.genome_id, b"")) for entry in entries]


def plain_entry(entry: Entry, preview: bytes = b"") -> dict[str, Any]:
    """Return an entry as the browser shows it."""
    return {
        "id": entry.genome_id,
        "kept": True,
        "title": entry.title,
        "description": entry.description,
        "tags": list(entry.tags),
        "stars": entry.stars,
        "published": entry.published_at is not None,
        "run": entry.run_name or "",
        "created": plain_time(entry.created_at),
        "preview": base64.b64encode(preview).decode(),
    }


def bare_entry(genome_id: str) -> dict[str, Any]:
    """Return a picture that is not kept likewise."""
    nothing = {"title": "", "description": "", "tags": [], "stars": 0, "published": False}
    return {"id": genome_id, "kept": False, **nothing}


@cache
def likenesses() -> Likenesses:
    """Return how the gallery's pictures look, for all who ask."""
    return Likenesses(open_store())


# Finding ------------------------------------------------------------------------------------------


def _found(search: Search, after: str | None, limit: int) -> dict[str, Any]:
    store = open_store()
    if after is None:
        _measure(store)
    page = store.gallery(search, after=after, limit=limit)
    total = store.gallery_count(search) if after is None else None
    return {"items": plain_entries(page.entries), "next": page.after, "total": total}


def _alike(like: str, search: Search, after: str | None, limit: int) -> dict[str, Any]:
    """Return a piece of what is found, the most alike first; `next` is a place in that order."""
    store = open_store()
    start = int(after) if after and re.fullmatch(r"[0-9]{1,7}", after) else 0
    if not start:
        _measure(store)
    genome = store.genome(like)
    order = [id_ for id_, _ in likenesses().alike(genome)]
    if search != Search(sort=search.sort):
        wanted = set(found_ids(store, replace(search, sort="newest")))
        order = [id_ for id_ in order if id_ in wanted]
    entries = [store.entry(id_) for id_ in order[start : start + limit]]
    there = [entry for entry in entries if entry is not None]
    end = start + limit
    following = str(end) if end < len(order) else None
    return {"items": plain_entries(there), "next": following, "total": len(order)}


def _facets(store: Store) -> dict[str, Any]:
    return {
        "tags": [{"tag": tag, "count": number} for tag, number in store.tags()],
        "runs": [{"id": run.id, "name": run.name} for run in store.runs()],
        "colors": list(COLOR_NAMES),
        "total": store.gallery_count(),
    }


_measuring = threading.Lock()


def _measure(store: Store) -> None:
    """Measure what was kept since: some now, and many more in the background."""
    if _measuring.locked() or measure(store, most=MEASURED_AT_ONCE) < MEASURED_AT_ONCE:
        return
    threading.Thread(target=_measure_all, args=(store,), name="measure", daemon=True).start()


def _measure_all(store: Store) -> None:
    if _measuring.acquire(blocking=False):
        try:
            measure(store)
        except BreederError:
            pass  # the store was closed, or is busy: the next search goes on
        finally:
            _measuring.release()


# Parsing ------------------------------------------------------------------------------------------


def _like(asked: QueryParams) -> str:
    like = asked.get("like", "")
    if like and not re.fullmatch("[0-9a-f]{32}", like):
        raise NotFoundError(f"{like[:40]!r} is not the whole identity of a picture.")
    return like if asked.get("sort", "") in ("", "like") else ""


def _levels(text: str) -> tuple[float, float]:
    if not text:
        return 0.0, 1.0
    found = re.fullmatch(r"([1-9])(?:-([1-9]))?", text)
    low, high = (int(found[1]), int(found[2] or found[1])) if found else (0, 0)
    if not 1 <= low <= high <= LEVELS:
        raise ValueError(f"The complexity is 1 to {LEVELS}, or two of these such as 2-4.")
    return complexity_range(low, high)


def _day(text: str, *, days: int = 0) -> datetime | None:
    if not text:
        return None
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC) + timedelta(days=days)
    except (ValueError, OverflowError) as error:
        raise ValueError("A date is written as 2026-03-31.") from error


def _stars(text: str) -> int:
    if not re.fullmatch("[0-5]?", text):
        raise ValueError("The stars are 0 to 5.")
    return int(text or 0)


def _one_of(table: Mapping[str, Any], name: str, what: str) -> Any:
    if name not in table:
        raise ValueError(f"The {what} must be one of {', '.join(filter(None, table))}.")
    return table[name]


async def _body(request: Request) -> object:
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > MOST_BODY:
            raise ValueError(f"A change has at most {MOST_BODY:,} bytes.")
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise ValueError("A change is written as JSON.") from error
