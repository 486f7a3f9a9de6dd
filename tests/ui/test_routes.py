"""The addresses beside the page."""

from __future__ import annotations

import io
from collections.abc import Iterator

import numpy as np
import pytest
from PIL import Image
from starlette.applications import Starlette
from starlette.testclient import TestClient

from breeder import Canvas, Genome, Store, render
from breeder.formats import loads_any, loads_document
from breeder.ui import routes


@pytest.fixture
def client(store: Store, genome: Genome, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    store.save_genome(genome)
    monkeypatch.setattr(routes, "open_store", lambda: store)
    with TestClient(Starlette(routes=routes.routes())) as client:
        yield client


def test_a_picture_s_address_never_changes_what_it_gives(
    client: TestClient, genome: Genome
) -> None:
    answer = client.get(f"/picture/{genome.id}.jpg?size=96")
    assert answer.status_code == 200
    assert Image.open(io.BytesIO(answer.content)).size == (96, 96)
    assert "immutable" in answer.headers["cache-control"]


def test_a_png_holds_its_genome_and_has_the_title_for_a_name(
    client: TestClient, genome: Genome
) -> None:
    answer = client.get(f"/download/{genome.id}.png", params={"size": 64, "title": "Eule/ö <b>"})
    assert answer.status_code == 200
    assert loads_any(answer.content, name="x.png") == genome
    assert np.asarray(Image.open(io.BytesIO(answer.content))).shape == (64, 64, 3)
    disposition = answer.headers["content-disposition"]
    assert 'filename="Eule__ _b_-64.png"' in disposition
    assert "Eule_%C3%B6%20%3Cb%3E-64.png" in disposition


@pytest.mark.parametrize("suffix", ["png", "tif"])
def test_a_picture_is_smoothed_as_asked(client: TestClient, genome: Genome, suffix: str) -> None:
    answer = client.get(f"/download/{genome.id}.{suffix}?size=50&supersample=8")
    assert loads_any(answer.content, name="x") == genome
    exact = render([genome], Canvas(width=50, height=50, supersample=8))[0]
    np.testing.assert_array_equal(np.asarray(Image.open(io.BytesIO(answer.content))), exact)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/picture/{id}.jpg?size=9000", 400),
        ("/picture/{id}.jpg?size=abc", 400),
        ("/picture/{id}.jpg?size=-5", 400),
        ("/picture/ffff.jpg", 404),
        ("/picture/%2e%2e.jpg", 404),
        ("/download/{id}.png?size=20000", 400),
        ("/download/{id}.png?supersample=9", 400),
        ("/download/{id}.tif?size=5000", 400),
        ("/download/zz.png", 404),
    ],
)
def test_nonsense_gets_one_sentence(
    client: TestClient, genome: Genome, path: str, status: int
) -> None:
    answer = client.get(path.format(id=genome.id))
    assert answer.status_code == status
    assert len(answer.text.splitlines()) == 1


@pytest.mark.parametrize("kind", ["png", "tif"])
def test_a_download_takes_along_where_its_genome_comes_from(
    client: TestClient, store: Store, genome: Genome, kind: str
) -> None:
    store.save_genome(genome, origin="Picbreeder 4/7")
    answer = client.get(f"/download/{genome.id}.{kind}", params={"size": 16})
    assert loads_document(answer.content, name="x").origin == "Picbreeder 4/7"
