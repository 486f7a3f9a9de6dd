"""The addresses of the gallery: what is found, what is changed and taken back, and zips."""

from __future__ import annotations

import io
import time
from base64 import b64decode
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from httpx2 import Response
from starlette.applications import Starlette
from starlette.testclient import TestClient

from breeder import Genome, Store
from breeder.formats import loads_documents
from breeder.gallery import Likenesses, measure
from breeder.impression import VERSION
from breeder.store import Entry
from breeder.ui import gallery_routes, job_routes
from breeder.ui.gallery_changes import KEPT_UNDOS, Change, Changes, parse_change
from breeder.ui.jobs import Jobs
from tests.genomes import random_genome


@pytest.fixture
def genomes(store: Store) -> list[Genome]:
    found = [random_genome(seed) for seed in range(5)]
    for number, genome in enumerate(found):
        store.save_genome(genome)
        moment = datetime(2026, 1, 1 + number, tzinfo=UTC)
        store.put_entry(
            Entry(genome_id=genome.id, title=f"Owl {number}", created_at=moment, updated_at=moment)
        )
    return found


@pytest.fixture
def client(store: Store, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    jobs, known, done = Jobs(), Likenesses(store), Changes()
    monkeypatch.setattr(gallery_routes, "open_store", lambda: store)
    monkeypatch.setattr(gallery_routes, "likenesses", lambda: known)
    monkeypatch.setattr(gallery_routes, "changes", lambda: done)
    monkeypatch.setattr(job_routes, "jobs", lambda: jobs)
    routes = [*gallery_routes.gallery_routes(), *job_routes.job_routes()]
    with TestClient(Starlette(routes=routes)) as client:
        yield client
    jobs.close()


def found(client: TestClient, query: str = "") -> list[str]:
    answer = client.get(f"/gallery/pictures?{query}")
    assert answer.status_code == 200, answer.text
    return [item["title"] for item in answer.json()["items"]]


def change(client: TestClient, **what: Any) -> dict[str, Any]:
    answer: Response = client.post("/gallery/change", json=what)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


# Finding ------------------------------------------------------------------------------------------


def test_pieces_follow_one_another_without_gaps_or_repeats(client: TestClient, genomes: Any):
    first = client.get("/gallery/pictures?limit=2").json()
    second = client.get("/gallery/pictures", params={"limit": 2, "after": first["next"]}).json()
    third = client.get("/gallery/pictures", params={"limit": 2, "after": second["next"]}).json()
    titles = [item["title"] for piece in (first, second, third) for item in piece["items"]]
    assert titles == [f"Owl {number}" for number in (4, 3, 2, 1, 0)]
    assert (first["total"], second["total"], third["next"]) == (5, None, None)
    assert len(b64decode(first["items"][0]["preview"])) == 4 * 4 * 3


def test_every_part_of_the_address_narrows(client: TestClient, genomes: list[Genome]):
    ids = [genome.id for genome in genomes]
    change(client, ids=ids[:2], add_tags=["Night", "by the river"])
    change(client, ids=[ids[1]], stars=4, published=True)
    assert found(client, "q=owl+2") == ["Owl 2"]
    assert found(client, "tag=night") == ["Owl 1", "Owl 0"]
    assert found(client, "tag=night&tag=by+the+river&stars=3") == ["Owl 1"]
    assert found(client, "kind=published") == ["Owl 1"]
    assert found(client, "kind=private&sort=title") == ["Owl 0", "Owl 2", "Owl 3", "Owl 4"]
    assert found(client, "since=2026-01-02&until=2026-01-03") == ["Owl 2", "Owl 1"]
    assert found(client, "sort=oldest")[0] == "Owl 0"
    assert found(client, "in=" + "0" * 32) == []
    assert set(found(client, "complexity=1-5")) == set(found(client))


def test_colours_and_complexity_are_measured_when_somebody_searches(
    client: TestClient, store: Store, genomes: list[Genome]
):
    assert all(entry.looks_version == 0 for entry in map(store.entry, [genomes[0].id]) if entry)
    by_color = [set(found(client, f"color={name}")) for name in ("black", "white", "red", "blue")]
    assert set().union(*by_color)
    by_level = [found(client, f"complexity={level}") for level in range(1, 6)]
    assert sorted(title for titles in by_level for title in titles) == sorted(found(client))


def test_the_most_alike_come_first_and_filters_still_hold(
    client: TestClient, genomes: list[Genome]
):
    like = f"like={genomes[2].id}"
    everything = found(client, like)
    assert everything[0] == "Owl 2"
    assert len(everything) == 5
    assert found(client, f"{like}&limit=2&after=2") == everything[2:4]
    change(client, ids=[genomes[0].id], stars=5)
    assert found(client, f"{like}&stars=5") == ["Owl 0"]
    assert found(client, f"{like}&sort=title")[0] == "Owl 0"


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=501",
        "limit=x",
        "color=mauve",
        "complexity=0",
        "complexity=4-2",
        "complexity=1-6",
        "since=yesterday",
        "until=9999-12-31",
        "stars=6",
        "kind=best",
        "sort=size",
        "in=owls",
        "like=owls",
        "after=here",
    ],
)
def test_an_address_that_makes_no_sense_gets_one_sentence(client: TestClient, query: str):
    answer = client.get(f"/gallery/pictures?{query}")
    assert answer.status_code in (400, 404)
    assert answer.text.endswith(".")
    assert "\n" not in answer.text


def test_facets_tell_what_there_is_to_choose_from(client: TestClient, genomes: list[Genome]):
    change(client, ids=[genome.id for genome in genomes[:3]], add_tags=["night"])
    facets = client.get("/gallery/facets").json()
    assert facets["tags"] == [{"tag": "night", "count": 3}]
    assert facets["total"] == 5
    assert facets["colors"][0] == "red"


def test_a_search_does_not_wait_until_a_large_gallery_is_measured(
    client: TestClient, store: Store, genomes: Any, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(gallery_routes, "MEASURED_AT_ONCE", 2)
    assert len(found(client)) == 5
    for _ in range(1000):
        if not store.unmeasured(VERSION, limit=1):
            break
        time.sleep(0.01)
    assert not store.unmeasured(VERSION, limit=1)


# Changing -----------------------------------------------------------------------------------------


def test_what_is_said_of_a_picture_is_kept(client: TestClient, store: Store, genomes: list[Genome]):
    told = change(
        client,
        ids=[genomes[0].id],
        title=" An  <b>owl</b> ",
        description="It sees\nin the dark.",
        tags=["Night", "owl"],
        stars=5,
        published=True,
    )
    entry = store.entry(genomes[0].id)
    assert entry is not None
    assert (entry.title, entry.description) == ("An <b>owl</b>", "It sees\nin the dark.")
    assert (entry.tags, entry.stars) == (("night", "owl"), 5)
    assert entry.published_at is not None
    assert told["items"][0]["tags"] == ["night", "owl"]
    assert told["undo"] == ""
    change(client, ids=[genomes[0].id], published=False, title="")
    entry = store.entry(genomes[0].id)
    assert entry is not None
    assert (entry.title, entry.published_at, entry.stars) == ("", None, 5)


def test_a_picture_of_which_something_is_said_is_kept(client: TestClient, store: Store):
    new = random_genome(77)
    store.save_genome(new)
    run = store.create_run(name="owls", seed=1)
    change(client, ids=[new.id], title="found", run=run.id)
    entry = store.entry(new.id)
    assert entry is not None
    assert (entry.title, entry.run_name) == ("found", "owls")


def test_what_was_removed_comes_back_with_all_that_was_said(
    client: TestClient, store: Store, genomes: list[Genome]
):
    ids = [genome.id for genome in genomes[:3]]
    change(client, ids=ids, add_tags=["night"])
    change(client, ids=ids[:1], stars=3, description="the first")
    before = [store.entry(id_) for id_ in ids]
    told = change(client, ids=ids, kept=False)
    assert told["text"] == "Removed 3 pictures."
    assert [item["kept"] for item in told["items"]] == [False] * 3
    assert found(client) == ["Owl 4", "Owl 3"]
    back = change(client, ids=[], undo=told["undo"])
    assert [item["title"] for item in back["items"]] == ["Owl 0", "Owl 1", "Owl 2"]
    after = [store.entry(id_) for id_ in ids]
    for old, new in zip(before, after, strict=True):
        assert old is not None
        assert new is not None
        assert (old.tags, old.stars, old.description) == (new.tags, new.stars, new.description)
        assert old.created_at == new.created_at
    again = client.post("/gallery/change", json={"undo": told["undo"]})
    assert (again.status_code, again.text) == (400, "It is too long ago to be taken back.")


def test_tags_of_several_are_added_taken_away_and_taken_back_each_to_its_own(
    client: TestClient, store: Store, genomes: list[Genome]
):
    ids = [genome.id for genome in genomes[:2]]
    change(client, ids=ids[:1], tags=["old"])
    told = change(client, ids=ids, add_tags=["new"], drop_tags=["old"])
    assert [item["tags"] for item in told["items"]] == [["new"], ["new"]]
    told = change(client, undo=told["undo"])
    assert [item["tags"] for item in told["items"]] == [["old"], []]


def test_a_change_heard_twice_does_no_harm(client: TestClient, genomes: list[Genome]):
    one = {"ids": [genomes[0].id], "add_tags": ["night"], "stars": 2, "kept": True}
    assert change(client, **one)["items"] == change(client, **one)["items"]
    gone = {"ids": [genomes[0].id], "kept": False}
    change(client, **gone)
    assert change(client, **gone)["undo"] == ""


def test_a_change_of_another_site_is_refused(client: TestClient, genomes: list[Genome]):
    body = {"ids": [genomes[0].id], "kept": False}
    for headers in ({"sec-fetch-site": "cross-site"}, {"origin": "https://elsewhere.example"}):
        answer = client.post("/gallery/change", json=body, headers=headers)
        assert answer.status_code == 403
        assert client.post("/gallery/export", json=body, headers=headers).status_code == 403
    assert len(found(client)) == 5


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[1]",
        b"{}",
        b'{"ids": []}',
        b'{"ids": "ab"}',
        b'{"ids": [7]}',
        b'{"ids": ["a"], "stars": 6}',
        b'{"ids": ["a"], "stars": true}',
        b'{"ids": ["a"], "title": 3}',
        b'{"ids": ["a"], "description": ["x"]}',
        b'{"ids": ["a"], "tags": [""]}',
        b'{"ids": ["a"], "tags": "night"}',
        b'{"ids": ["a"], "published": 1}',
        b'{"ids": ["a"], "kept": "no"}',
        b'{"ids": ["a"], "run": 7}',
        b'{"undo": 7}',
        b'{"ids": ["nobody"], "title": "x"}',
        b"[" * 100_000,
        b'{"ids": ["' + b"a" * 300_000 + b'"]}',
    ],
)
def test_a_malformed_change_gets_one_sentence_and_changes_nothing(
    client: TestClient, genomes: Any, body: bytes
):
    answer = client.post("/gallery/change", content=body)
    assert answer.status_code in (400, 404)
    assert answer.text.endswith(".")
    assert len(found(client)) == 5


def test_old_changes_are_forgotten_first(store: Store, genomes: list[Genome]):
    made = Changes()
    ids = tuple(genome.id for genome in genomes[:2])
    tokens = [
        made.make(store, Change(ids=ids, published=bool(turn % 2))).undo
        for turn in range(KEPT_UNDOS + 1)
    ]
    with pytest.raises(ValueError, match="too long ago"):
        made.make(store, Change(undo=tokens[0]))
    assert made.make(store, Change(undo=tokens[1])).entries


def test_a_title_is_brought_to_one_line():
    assert parse_change({"ids": ["a"], "title": " two\nlines "}).title == "two lines"


# Zips ---------------------------------------------------------------------------------------------


def test_a_zip_of_several_pictures_is_made_and_read_back(
    client: TestClient, store: Store, genomes: list[Genome]
):
    measure(store)
    ids = [genome.id for genome in genomes[:3]]
    answer = client.post("/gallery/export", json={"ids": ids, "formats": ["json", "css"]})
    assert answer.status_code == 201, answer.text
    token = answer.json()["token"]
    for _ in range(4000):
        told = client.get(f"/jobs/{token}").json()
        if told["state"] not in ("waiting", "drawing"):
            break
        time.sleep(0.005)
    assert (told["state"], told["done"], told["total"]) == ("done", 6, 6)
    file = client.get(f"/jobs/{token}/file")
    assert "3 pictures.zip" in file.headers["content-disposition"]
    documents = loads_documents(io.BytesIO(file.content).getvalue(), name="3 pictures.zip")
    assert [each.genome for each in documents] == genomes[:3]
    assert [each.title for each in documents] == ["Owl 0", "Owl 1", "Owl 2"]


@pytest.mark.parametrize(
    "body",
    [{"ids": ["a"]}, {"formats": ["png"]}, {"ids": ["0" * 32], "formats": ["png"]}, []],
)
def test_a_malformed_order_is_refused(client: TestClient, genomes: Any, body: Any):
    answer = client.post("/gallery/export", json=body)
    assert answer.status_code in (400, 404)


def test_an_unknown_format_is_refused(client: TestClient, genomes: list[Genome]):
    body = {"ids": [genomes[0].id], "formats": ["gif!"]}
    assert client.post("/gallery/export", json=body).status_code == 400
