"""The addresses of files in every format, of palettes and of shared pictures."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator

import numpy as np
import pytest
from PIL import Image
from starlette.applications import Starlette
from starlette.testclient import TestClient

from breeder import Genome, Store
from breeder.errors import NotFoundError
from breeder.formats import FORMATS, loads_any, loads_document
from breeder.formats.code import glsl
from breeder.formats.native import Document
from breeder.formats.share import pack, unpack
from breeder.ui import file_routes, files, routes
from tests.genomes import random_genome

WRITTEN = [name for name, row in FORMATS.items() if row.writes]


@pytest.fixture
def genome() -> Genome:
    return random_genome(9, activations=("sin", "tanh", "abs"))


@pytest.fixture
def store(genome: Genome) -> Store:
    store = Store.in_memory()
    store.save_genome(genome, origin="Picbreeder 1/2")
    return store


@pytest.fixture
def client(store: Store, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    for module in (routes, file_routes):
        monkeypatch.setattr(module, "open_store", lambda: store)
    app = Starlette(routes=[*routes.routes(), *file_routes.file_routes()])
    with TestClient(app) as client:
        yield client


@pytest.mark.parametrize("name", WRITTEN)
def test_every_format_that_is_written_can_be_taken_or_says_why_not(
    client: TestClient, genome: Genome, name: str
) -> None:
    row = FORMATS[name]
    answer = client.get(f"/files/{genome.id}/{name}", params={"title": "Eule/ö"})
    assert answer.status_code in (200, 400)
    if answer.status_code == 400:
        assert len(answer.text.splitlines()) == 1
        assert answer.text.endswith(".")
        return
    found = re.search(r"filename\*=UTF-8''(\S+)", answer.headers["content-disposition"])
    assert found is not None
    assert found[1].startswith("Eule_%C3%B6")
    assert found[1].endswith(row.suffix)
    if row.read is not None and not row.loses:
        document = loads_document(answer.content, name=name)
        assert document.genome == genome
        assert (document.title, document.origin) == ("Eule/ö", "Picbreeder 1/2")


def test_the_number_of_colours_is_chosen(client: TestClient, genome: Genome) -> None:
    for count in (3, 12):
        text = client.get(f"/files/{genome.id}/gpl", params={"colors": count}).text
        assert f"Columns: {count}" in text.splitlines()
        assert len(client.get(f"/palette/{genome.id}.json?colors={count}").json()) == count


def test_a_palette_is_the_colours_of_its_file(client: TestClient, genome: Genome) -> None:
    shown = [each["hex"] for each in client.get(f"/palette/{genome.id}.json?colors=5").json()]
    text = client.get(f"/files/{genome.id}/css?colors=5").text
    assert re.findall(r"--color-\d+: (#\w+);", text) == shown


def test_a_format_that_cannot_hold_the_genome_answers_with_its_sentence(
    client: TestClient, genome: Genome, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(glsl, "MOST_STEPS", 1)
    answer = client.get(f"/files/{genome.id}/shader")
    assert answer.status_code == 400
    assert answer.text.startswith("The network is too large for ")


def test_a_shared_picture_is_that_of_its_genome_and_is_not_stored(
    client: TestClient, store: Store, genome: Genome
) -> None:
    stranger = random_genome(10)
    link = pack(Document(genome=stranger))
    answer = client.get("/shared.jpg", params={"g": link, "size": 96})
    assert answer.status_code == 200
    assert Image.open(io.BytesIO(answer.content)).size == (96, 96)
    with pytest.raises(NotFoundError):
        store.genome(stranger.id)
    own = client.get("/shared.jpg", params={"g": pack(Document(genome=genome)), "size": 96})
    same = client.get(f"/picture/{genome.id}.jpg?size=96")
    np.testing.assert_array_equal(
        np.asarray(Image.open(io.BytesIO(own.content))),
        np.asarray(Image.open(io.BytesIO(same.content))),
    )


def test_a_link_carries_the_picture_while_it_fits_and_else_names_it(
    client: TestClient, store: Store, genome: Genome
) -> None:
    query = file_routes.share_query(genome, "Owl")
    document = unpack(query.removeprefix("g="))
    assert document.genome == genome
    assert (document.title, document.origin) == ("Owl", "Picbreeder 1/2")
    large = random_genome(1, hidden=300, connections=1_200)
    store.save_genome(large)
    assert file_routes.share_query(large, "Owl") == f"p={large.id}"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/files/{id}/gif", 400),
        ("/files/{id}/svg?colors=1", 400),
        ("/files/{id}/svg?colors=abc", 400),
        ("/files/{id}/png?colors=6", 400),
        ("/files/ffff/png", 404),
        ("/files/{other}/png", 404),
        ("/palette/{id}.json?colors=0", 400),
        ("/palette/{id}.json?colors=13", 400),
        ("/palette/{other}.json", 404),
        ("/shared.jpg", 400),
        ("/shared.jpg?g=1.AAAA", 400),
        ("/shared.jpg?g=9.AAAA", 400),
        ("/shared.jpg?g={link}&size=9000", 400),
    ],
)
def test_nonsense_gets_one_sentence(
    client: TestClient, genome: Genome, path: str, status: int
) -> None:
    link = pack(Document(genome=genome))
    answer = client.get(path.format(id=genome.id, other="0" * 32, link=link))
    assert answer.status_code == status
    assert len(answer.text.splitlines()) == 1


def test_the_page_lists_every_format_that_is_written_once() -> None:
    listed = [file["name"] for group in files.groups() for file in group["files"]]
    assert sorted(listed) == sorted(WRITTEN)
    assert all(group["files"] for group in files.groups())


def test_what_can_be_read_back_is_the_same_picture(client: TestClient, genome: Genome) -> None:
    for name in ("svg", "bundle", "page"):
        assert loads_any(client.get(f"/files/{genome.id}/{name}").content, name=name) == genome
