"""The addresses of films: a small one to look at, a file to order, and what is refused."""

from __future__ import annotations

import io
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl

import numpy as np
import pytest
from PIL import Image
from starlette.applications import Starlette
from starlette.testclient import TestClient

from breeder import Canvas, Genome, Store, render
from breeder.errors import CancelledError
from breeder.lab.drawing import draw
from breeder.lab.movements import MOVEMENTS
from breeder.lab.settings import LabSettings, layers_of, to_query
from breeder.ui import film, film_routes, job_routes, routes
from breeder.ui.films import FILM_NAMES, FilmOrder, preview, read_film
from breeder.ui.jobs import Jobs

NETWORK = LabSettings(widths=(6, 6), seed=3)
SUBJECT = dict(parse_qsl(to_query(NETWORK)))
SHORT: dict[str, Any] = {"frames": 6, "fps": 6, "width": 32, "height": 24, "supersample": 1}


@pytest.fixture
def client(store: Store, genome: Genome, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    jobs = Jobs()
    store.save_genome(genome)
    monkeypatch.setattr(routes, "open_store", lambda: store)
    monkeypatch.setattr(job_routes, "jobs", lambda: jobs)
    paths = [*film_routes.film_routes(), *job_routes.job_routes()]
    with TestClient(Starlette(routes=paths)) as client:
        yield client
    jobs.close()


def made(client: TestClient, wanted: dict[str, Any]) -> tuple[bytes, dict[str, Any], str]:
    """Order a film; return its bytes, what was told last, and its file's name."""
    answer = client.post("/films", params=wanted)
    assert answer.status_code == 201, answer.text
    token = answer.json()["token"]
    for _ in range(4000):
        told = client.get(f"/jobs/{token}").json()
        if told["state"] not in ("waiting", "drawing"):
            break
        time.sleep(0.005)
    file = client.get(f"/jobs/{token}/file")
    return file.content, told, file.headers["content-disposition"]


def test_a_film_of_a_network_is_ordered_watched_and_taken_away(client: TestClient) -> None:
    wanted = {**SUBJECT, **SHORT, "move": "rotation:90,wave", "format": "gif", "caption": "Hi"}
    data, told, name = made(client, wanted)
    assert (told["state"], told["done"], told["total"]) == ("done", 6, 6)
    assert "Hi-32x24.gif" in name
    with Image.open(io.BytesIO(data)) as shown:
        assert (shown.n_frames, shown.size) == (6, (32, 24))  # type: ignore[attr-defined]


@pytest.mark.parametrize(("kind", "start"), [("mp4", b"ftyp"), ("webp", b"WEBP")])
def test_a_bred_picture_is_filmed_under_its_title(
    client: TestClient, genome: Genome, kind: str, start: bytes
) -> None:
    wanted = {"genome": genome.id, "title": "Owl", **SHORT, "move": "zoom", "format": kind}
    data, told, name = made(client, wanted)
    assert told["state"] == "done"
    assert start in data[:16]
    assert f"Owl-32x24.{kind}" in name


@pytest.mark.parametrize("look", ["quick", "fine"])
def test_what_is_looked_at_is_the_film_small_and_as_long(client: TestClient, look: str) -> None:
    wanted: dict[str, Any] = {
        **SUBJECT,
        "move": "rotation",
        "frames": 60,
        "fps": 30,
        "width": 1920,
        "height": 1080,
    }
    answer = client.get("/film.webp", params={**wanted, "look": look})
    assert answer.headers["content-type"] == "image/webp"
    with Image.open(io.BytesIO(answer.content)) as shown:
        count = shown.n_frames  # type: ignore[attr-defined]
        assert 16 <= count <= 60
        width, height = shown.size
        assert width / height == pytest.approx(16 / 9, rel=0.02)
        assert height <= 240
        first = np.asarray(shown.convert("RGB")).astype(float)
        length = 0
        for number in range(count):
            shown.seek(number)
            shown.load()
            length += shown.info["duration"]
        assert length == pytest.approx(2000, abs=2)
    assert np.abs(first - draw(NETWORK, width, height)).mean() < 4


def test_a_bred_picture_is_looked_at_too(client: TestClient, genome: Genome) -> None:
    wanted: dict[str, Any] = {
        "genome": genome.id,
        "move": "zoom:2",
        "frames": 16,
        "width": 40,
        "height": 40,
    }
    answer = client.get("/film.webp", params=wanted)
    with Image.open(io.BytesIO(answer.content)) as shown:
        exact = render([genome], Canvas(width=40, height=40), device="cpu")[0]
        assert np.abs(np.asarray(shown.convert("RGB")).astype(float) - exact).mean() < 5


def test_a_look_that_nobody_waits_for_ends() -> None:
    order = FilmOrder(
        subject=NETWORK, film=read_film({}), canvas=Canvas(width=64, height=64), format="webp"
    )
    with pytest.raises(CancelledError):
        preview(order, "fine", lambda: True)


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        ({"move": "warp"}, "There is no movement 'warp'"),
        ({"move": ""}, "at least one movement"),
        ({"move": "z"}, "does not read z"),
        ({"frames": "many"}, "are numbers"),
        ({"frames": "1"}, "2 to 3,600 frames"),
        ({"fps": "inf"}, "1 to 60 frames a second"),
        ({"format": "avi"}, "one of mp4, webp, gif"),
        ({"format": "gif", "fps": "60"}, "to 50 frames a second"),
        ({"width": "5000"}, "width must be a whole number"),
        ({"supersample": "99"}, "supersample"),
        ({"seed": "-1"}, "seed"),
        ({"nonsense": "1"}, "no setting 'nonsense'"),
        ({"genome": "ffff"}, "not the whole identity"),
    ],
)
def test_nonsense_gets_one_sentence(client: TestClient, wanted: dict[str, str], told: str) -> None:
    answer = client.post("/films", params={**SUBJECT, **SHORT, **wanted})
    assert answer.status_code in (400, 404)
    assert told in answer.text
    assert len(answer.text.splitlines()) == 1
    if "format" not in wanted:
        seen = client.get("/film.webp", params={**SUBJECT, **SHORT, **wanted})
        assert (seen.status_code, seen.text) == (answer.status_code, answer.text)


def test_a_network_too_large_to_look_at_says_so_and_can_still_be_ordered(
    client: TestClient,
) -> None:
    huge = dict(parse_qsl(to_query(LabSettings(widths=layers_of(29, 512)))))
    answer = client.get("/film.webp", params={**huge, "move": "zoom"})
    assert answer.status_code == 400
    assert "its file can be made" in answer.text
    ordered = client.post("/films", params={**huge, "move": "zoom"})
    assert ordered.status_code == 201
    assert client.delete(f"/jobs/{ordered.json()['token']}").status_code == 204


def test_pages_of_other_sites_order_no_films(client: TestClient) -> None:
    headers = {"sec-fetch-site": "cross-site"}
    assert client.post("/films", params={**SUBJECT, **SHORT}, headers=headers).status_code == 403


def test_names_of_films_are_not_names_of_settings() -> None:
    from breeder.lab.settings import QUERY_NAMES

    assert not FILM_NAMES & QUERY_NAMES


def test_only_movements_that_a_picture_can_do_are_offered() -> None:
    names = [each["name"] for each in film.choices(network=True, reads_z=True)["movements"]]
    assert names == list(MOVEMENTS)
    names = [each["name"] for each in film.choices(network=False, reads_z=False)["movements"]]
    assert not {"weights", "morph", "z"} & set(names)
    assert "zoom" in names
