"""The addresses of family trees and stories."""

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

from breeder import BreederSettings, Store
from breeder.breeder import Breeder
from breeder.history import Generation
from breeder.rendering import render
from breeder.rendering.canvas import Canvas
from breeder.ui import job_routes, routes, story_routes, tree_routes
from breeder.ui.jobs import Jobs
from breeder.ui.tree_pictures import difference_pixels

SETTINGS = BreederSettings(population=5, strength=0.6, screening=False)


@pytest.fixture(scope="module")
def breeder() -> Iterator[Breeder]:
    with Breeder(SETTINGS, seed=4) as breeder:
        breeder.ask()
        for picks in ([1, 2], [3], [2, 4]):
            breeder.tell(picks)
        yield breeder


@pytest.fixture
def store(breeder: Breeder) -> Store:
    return breeder.store


@pytest.fixture
def grid(breeder: Breeder) -> Generation:
    return breeder.ask()


@pytest.fixture
def client(store: Store, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    for module in (routes, tree_routes, story_routes):
        monkeypatch.setattr(module, "open_store", lambda: store)
    jobs = Jobs()
    monkeypatch.setattr(job_routes, "jobs", lambda: jobs)
    served = [*tree_routes.tree_routes(), *story_routes.story_routes(), *job_routes.job_routes()]
    with TestClient(Starlette(routes=served)) as client:
        yield client
    jobs.close()


def ids(grid: Generation) -> list[str]:
    return [child.genome.id for child in grid.children]


def test_a_tree_comes_whole_and_small(client: TestClient, breeder: Breeder) -> None:
    answer = client.get(f"/trees/run/{breeder.run_id}.json")
    plain = answer.json()
    lists = ("ids", "grid", "slot", "marks", "colors", "column", "row", "chosen_row", "parents")
    assert {len(plain[name]) for name in lists} == {len(plain["ids"])}
    assert set(ids(breeder.ask())) <= set(plain["ids"])
    assert plain["runs"] == [[breeder.run_id, "run", False]]
    assert answer.headers["cache-control"] == "no-store"
    assert client.get("/trees/run/nothing.json").status_code == 404


def test_a_family_comes_with_its_focus(client: TestClient, grid: Generation) -> None:
    chosen = ids(grid)[3]
    plain = client.get(f"/trees/family/{chosen}.json").json()
    assert plain["ids"][plain["focus"]] == chosen
    assert client.get(f"/trees/family/{'0' * 32}.json").status_code == 404


def test_a_grid_comes_as_one_row_of_its_pictures(client: TestClient, grid: Generation) -> None:
    answer = client.get(f"/trees/grid/{grid.id}.jpg", params={"size": 32})
    row = np.asarray(Image.open(io.BytesIO(answer.content)).convert("RGB")).astype(int)
    assert row.shape == (32, 5 * 32, 3)
    assert "immutable" in answer.headers["cache-control"]
    tiles = render([child.genome for child in grid.children], Canvas(width=32, height=32))
    for slot, tile in enumerate(tiles):
        assert np.abs(row[:, 32 * slot : 32 * (slot + 1)] - tile).mean() < 16
    assert client.get(f"/trees/grid/{grid.id}.jpg?size=128").status_code == 400


def test_what_is_said_of_a_picture(client: TestClient, grid: Generation, store: Store) -> None:
    child = next(c for c in grid.children if c.origin == "child")
    store.add_favourite(child.genome.id, title="<Owl>")
    told = client.get(f"/trees/about/{child.genome.id}.json").json()
    assert told["mutations"] == [str(each) for each in child.mutations]
    assert told["parents"] == [parent.id for parent in child.parents]
    assert (told["title"], told["favourite"], told["run_name"]) == ("<Owl>", True, "run")
    assert told["number"] == grid.number


def test_two_pictures_are_compared_in_words_and_pixels(
    client: TestClient, grid: Generation
) -> None:
    first, second = ids(grid)[0], ids(grid)[-1]
    told = client.get(f"/trees/compare/{first}/{second}.json").json()
    assert told["words"]
    assert 0 < told["common"] <= 1
    assert client.get(f"/trees/compare/{first}/{first}.json").json() == {"words": [], "common": 1.0}
    apart = [
        np.asarray(Image.open(io.BytesIO(client.get(f"/trees/difference/{each}.jpg").content)))
        for each in (f"{first}/{first}", f"{first}/{second}")
    ]
    assert apart[0].max() == 0
    assert apart[1].mean() > 4
    assert client.get(f"/trees/difference/{first}/nothing.jpg").status_code == 404


def test_the_difference_of_pixels_is_lifted_and_has_its_ends() -> None:
    black, dim = np.zeros((1, 1, 3), np.uint8), np.full((1, 1, 3), 4, np.uint8)
    white = np.full((1, 1, 3), 255, np.uint8)
    assert difference_pixels(white, black).max() == 255
    assert difference_pixels(dim, black)[0, 0, 0] == difference_pixels(black, dim)[0, 0, 0] == 32


def test_a_story_is_told_step_by_step(client: TestClient, grid: Generation) -> None:
    child = next(c for c in grid.children if len(c.parents) > 1)
    told = client.get(f"/stories/{child.genome.id}.json").json()
    assert told["steps"][0]["title"] == "Founder"
    assert told["steps"][-1]["id"] == child.genome.id
    assert told["steps"][-1]["others"] == [child.parents[1].id]
    assert 4 <= told["seconds"] <= told["most_seconds"]


def test_a_story_is_called_by_its_title_or_by_where_it_was_bred(
    client: TestClient, store: Store, grid: Generation
) -> None:
    run = store.run(grid.run_id).name
    titled, plain = "", ""
    for child in grid.children:
        told = client.get(f"/stories/{child.genome.id}.json").json()["title"]
        kept = store.favourite(child.genome.id)
        titled, plain = (told, plain) if kept and kept.title else (titled, told)
    assert titled == "<Owl>"
    assert plain == f"{run}, generation {grid.number}"


def made(client: TestClient, address: str) -> Any:
    token = client.post(address).json()["token"]
    end = time.monotonic() + 60
    while (far := client.get(f"/jobs/{token}").json())["state"] != "done":
        assert far["state"] != "failed", far["message"]
        assert time.monotonic() < end
        time.sleep(0.02)
    return client.get(f"/jobs/{token}/file")


@pytest.mark.parametrize("kind", ["sheet", "long", "webp", "gif", "mp4"])
def test_a_story_is_made_into_a_file(client: TestClient, grid: Generation, kind: str) -> None:
    answer = made(client, f"/stories/{ids(grid)[2]}/{kind}?size=32&seconds=1")
    data = answer.content
    starts = {"webp": b"RIFF", "gif": b"GIF89a", "sheet": b"\x89PNG", "long": b"\x89PNG"}
    assert data[4:8] == b"ftyp" if kind == "mp4" else data.startswith(starts[kind])
    assert "story" in answer.headers["content-disposition"] or kind == "sheet"
    if kind == "gif":
        assert getattr(Image.open(io.BytesIO(data)), "n_frames", 0) == story_routes.GIF_FPS


@pytest.mark.parametrize("query", ["poem", "gif?size=4000", "gif?seconds=-1", "mp4?seconds=9999"])
def test_what_no_story_can_be_is_refused_in_one_sentence(
    client: TestClient, grid: Generation, query: str
) -> None:
    answer = client.post(f"/stories/{ids(grid)[0]}/{query}")
    assert answer.status_code in (400, 404)
    assert answer.text.endswith(".")
    assert len(answer.text.splitlines()) == 1
