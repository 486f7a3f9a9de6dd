"""The address of what is known of a person's taste, as a file of their own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import islice
from typing import Any, Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from breeder.errors import BreederError
from breeder.ui.job_routes import NO_STORE
from breeder.ui.resources import person
from breeder.ui.routes import attachment, refusal

PARTS: Final = 4_000
"""Words of JSON, brackets and commas among them, that are sent at a time."""


def taste_routes() -> list[BaseRoute]:
    """Return the routes."""
    return [Route("/taste/export.json", export)]


async def export(request: Request) -> Response:
    """Answer with all that was learnt from and what was learnt, as a JSON file."""
    try:
        plain = await run_in_threadpool(person().export)
    except BreederError as error:
        return refusal(error)
    headers = {**attachment("breeder-taste", ".json"), **NO_STORE}
    return StreamingResponse(_pieces(plain), media_type="application/json", headers=headers)


def _pieces(plain: dict[str, Any]) -> Iterator[bytes]:
    words = json.JSONEncoder(indent=1, allow_nan=False).iterencode(plain)
    while some := "".join(islice(words, PARTS)):
        yield some.encode()
