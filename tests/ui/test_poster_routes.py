"""The addresses of large pictures."""

from __future__ import annotations

import io
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from PIL import Image
from starlette.applications import Starlette
from starlette.testclient import TestClient

from breeder import Canvas, Genome, Store, render
from breeder.formats import loads_any, loads_document
from breeder.ui import job_routes, poster_routes, routes
from breeder.ui.jobs import MOST, Jobs


@pytest.fixture
def client(store: Store, genome: Genome, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    jobs = Jobs()
    store.save_genome(genome)
    monkeypatch.setattr(routes, "open_store", lambda: store)
    monkeypatch.setattr(job_routes, "jobs", lambda: jobs)
    with TestClient(
        Starlette(routes=[*poster_routes.poster_routes(), *job_routes.job_routes()])
    ) as client:
        yield client
    jobs.close()


def order(client: TestClient, genome: Genome, **wanted: Any) -> str:
    answer = client.post("/posters", params={"genome": genome.id, **wanted})
    assert answer.status_code == 201
    token: str = answer.json()["token"]
    return token


def finish(client: TestClient, token: str) -> list[dict[str, Any]]:
    """Ask until it is done; return all that was told."""
    told = []
    for _ in range(4000):
        told.append(client.get(f"/jobs/{token}").json())
        if told[-1]["state"] not in ("waiting", "drawing"):
            break
        time.sleep(0.005)
    return told


@pytest.mark.parametrize("kind", ["png", "tif"])
def test_a_picture_takes_along_where_its_genome_comes_from(
    client: TestClient, store: Store, genome: Genome, kind: str
) -> None:
    store.save_genome(genome, origin="Picbreeder 4/7")
    token = order(client, genome, size=16, format=kind)
    assert finish(client, token)[-1]["state"] == "done"
    content = client.get(f"/jobs/{token}/file").content
    assert loads_document(content, name="x").origin == "Picbreeder 4/7"


@pytest.mark.parametrize("kind", ["png", "tif"])
def test_a_picture_is_ordered_watched_and_taken_away(
    client: TestClient, genome: Genome, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("breeder.rendering.BAND_SAMPLES", 300 * 4 * 10)
    wanted = {"size": 300, "format": kind, "supersample": 2, "title": "Eule/ö"}
    token = order(client, genome, **wanted)
    told = finish(client, token)
    assert told[-1]["state"] == "done"
    rows = [each["done"] for each in told]
    assert rows == sorted(rows)
    assert rows[-1] == told[-1]["total"] == 300
    answer = client.get(f"/jobs/{token}/file")
    assert answer.status_code == 200
    assert int(answer.headers["content-length"]) == len(answer.content) == told[-1]["bytes"]
    assert f"Eule_%C3%B6-300.{kind}" in answer.headers["content-disposition"]
    assert loads_any(answer.content, name="x") == genome
    with Image.open(io.BytesIO(answer.content)) as image:
        exact = render([genome], Canvas(width=300, height=300, supersample=2))[0]
        np.testing.assert_array_equal(np.asarray(image), exact)


def test_two_people_make_pictures_at_once_and_cannot_touch_each_other_s(
    client: TestClient, genome: Genome
) -> None:
    mine = order(client, genome, size=64, format="png")
    theirs = order(client, genome, size=96, format="tif")
    assert mine != theirs
    assert len(mine) >= 20
    assert client.delete("/jobs/guessed").status_code == 404
    for token, size in ((mine, 64), (theirs, 96)):
        assert finish(client, token)[-1]["state"] == "done"
        with Image.open(io.BytesIO(client.get(f"/jobs/{token}/file").content)) as image:
            assert image.size == (size, size)


def test_a_cancelled_picture_is_gone(client: TestClient, genome: Genome) -> None:
    token = order(client, genome, size=16384, supersample=8)
    assert client.get(f"/jobs/{token}").json()["state"] in ("waiting", "drawing")
    assert client.get(f"/jobs/{token}/file").status_code == 404
    assert client.delete(f"/jobs/{token}").status_code == 204
    for path in (f"/jobs/{token}", f"/jobs/{token}/file"):
        answer = client.get(path)
        assert answer.status_code == 404
        assert len(answer.text.splitlines()) == 1


@pytest.mark.parametrize(
    ("wanted", "status", "told"),
    [
        ({"size": "20000"}, 400, "size must be a whole number from 16 to 16,384"),
        ({"size": "8"}, 400, "size"),
        ({"size": "-64"}, 400, "size"),
        ({"size": "1e3"}, 400, "size"),
        ({"supersample": "9"}, 400, "supersample must be a whole number from 1 to 8"),
        ({"supersample": "0"}, 400, "supersample"),
        ({"format": "exe"}, 400, "format must be one of png, tif"),
        ({"genome": "ffff"}, 404, "not the whole identity"),
        ({"genome": "0" * 32}, 404, ""),
        ({"genome": ""}, 404, ""),
    ],
)
def test_nonsense_gets_one_sentence(
    client: TestClient, genome: Genome, wanted: dict[str, str], status: int, told: str
) -> None:
    answer = client.post("/posters", params={"genome": genome.id, **wanted})
    assert answer.status_code == status
    assert told in answer.text
    assert len(answer.text.splitlines()) == 1


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"origin": "https://elsewhere.example"}, 403),
        ({"origin": "null"}, 403),
        ({"sec-fetch-site": "same-origin", "origin": "http://testserver"}, 201),
        ({"origin": "http://testserver"}, 201),
        ({}, 201),
    ],
)
def test_pages_of_other_sites_order_nothing(
    client: TestClient, genome: Genome, headers: dict[str, str], status: int
) -> None:
    wanted = {"genome": genome.id, "size": "64"}
    assert client.post("/posters", params=wanted, headers=headers).status_code == status
    token = order(client, genome, size=64)
    cancelled = client.delete(f"/jobs/{token}", headers=headers)
    assert cancelled.status_code == (204 if status == 201 else 403)


def test_a_crowd_is_told_to_try_again(client: TestClient, genome: Genome) -> None:
    for _ in range(MOST):
        order(client, genome, size=16384, supersample=8)
    answer = client.post("/posters", params={"genome": genome.id})
    assert answer.status_code == 503
    assert "try again" in answer.text
