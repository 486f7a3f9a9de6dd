"""Contact sheets of the Lab in the page: what they show, and what a click on one does."""

from __future__ import annotations

import io
import time
from collections.abc import Iterator

import numpy as np
import pytest
from PIL import Image
from starlette.applications import Starlette
from starlette.testclient import TestClient

from breeder.lab.settings import LabSettings, from_query, to_query
from breeder.lab.sweep_presets import SWEEPS
from breeder.lab.sweeps import SWEEPABLES, Sweep, read_axis, sheet_of
from breeder.ui import job_routes
from breeder.ui.jobs import Jobs
from breeder.ui.lab.state import open_lab
from breeder.ui.lab.sweep import SHEETS, axis_text, message, parse_take, take
from breeder.ui.lab_routes import lab_routes

SMALL = LabSettings(widths=(8, 8), seed=5)


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    jobs = Jobs()
    monkeypatch.setattr(job_routes, "jobs", lambda: jobs)
    with TestClient(Starlette(routes=[*lab_routes(), *job_routes.job_routes()])) as client:
        yield client
    jobs.close()


def test_a_sheet_says_its_labels_and_the_address_of_each_picture(client: TestClient) -> None:
    query = f"{to_query(SMALL)}&across=layers=0..2&down=seed=7,8"
    sheet = client.get(f"/lab/tiles?{query}").json()
    assert (sheet["columns"], sheet["rows"]) == (3, 2)
    assert sheet["labels"] == {"across": ["0", "1", "2"], "down": ["7", "8"]}
    found = {(tile["row"], tile["column"]): from_query(tile["query"]) for tile in sheet["tiles"]}
    assert len(found) == 6
    assert (found[1, 2].seed, found[1, 2].widths) == (8, (8, 8))
    assert found[0, 0].widths == ()
    assert sheet["tiles"][-1]["name"] == "seed 8, hidden layers 2"


def test_a_sheet_along_z_says_so_where_the_network_does_not_read_it(client: TestClient) -> None:
    swept = "across=seed=1..2&down=z=0,1"
    assert "does not read z" in client.get(f"/lab/tiles?{to_query(SMALL)}&{swept}").json()["note"]
    reads = to_query(LabSettings(widths=(8, 8), inputs=("x", "y", "z")))
    assert client.get(f"/lab/tiles?{reads}&{swept}").json()["note"] == ""


def test_every_sheet_of_the_articles_is_laid_out(client: TestClient) -> None:
    told = message(open_lab({}))
    assert {row["name"] for row in told["settings"]} == set(SWEEPABLES)
    for row in told["sheets"]:
        query = f"{row['query']}&across={row['across']}&down={row['down']}"
        sheet = client.get(f"/lab/tiles?{query}")
        assert sheet.status_code == 200, sheet.text
        wanted = SHEETS[row["name"]].sweep
        found = [from_query(tile["query"]) for tile in sheet.json()["tiles"]]
        assert found == [tile.settings for tile in wanted.tiles]
        assert not sheet.json()["note"]
    assert {row["name"] for row in told["sheets"]} >= set(SWEEPS)
    assert axis_text(SHEETS["layers-neurons"].sweep.across) == "layers=2..29"


@pytest.mark.parametrize("row", message(open_lab({}))["settings"], ids=lambda row: str(row["name"]))
def test_the_values_that_are_offered_for_a_setting_can_be_drawn(row: dict[str, str]) -> None:
    assert Sweep(settings=SMALL, across=read_axis(f"{row['name']}={row['usual']}")).tiles


@pytest.mark.parametrize(
    "axes",
    [
        *("", "across=hats=1..3", "across=layers=1..99", "across=layers=1&down=layers=2"),
        *("across=z=a", "across=seed=1..30&down=z=-4..4:30", "across=neurons=0"),
    ],
)
def test_a_sheet_that_cannot_be_is_refused_in_one_sentence(client: TestClient, axes: str) -> None:
    for answer in (
        client.get(f"/lab/tiles?{to_query(SMALL)}&{axes}"),
        client.post(f"/lab/sheets?{to_query(SMALL)}&{axes}&tile=5"),
    ):
        assert answer.status_code == 400
        assert answer.text.endswith(".")
        assert "\n" not in answer.text


def test_a_sheet_is_taken_away_with_its_labels(client: TestClient) -> None:
    axes = "across=layers=0..2&down=seed=7,8"
    answer = client.post(f"/lab/sheets?{to_query(SMALL)}&{axes}&tile=48")
    token = answer.json()["token"]
    for _ in range(500):
        if client.get(f"/jobs/{token}").json()["state"] == "done":
            break
        time.sleep(0.01)
    assert client.get(f"/jobs/{token}").json()["done"] == 1000
    file = client.get(f"/jobs/{token}/file")
    assert "-layers-seed.png" in file.headers["content-disposition"]
    wanted = Sweep(
        settings=SMALL, across=read_axis("layers=0..2"), down=read_axis("seed=7,8"), tile=48
    )
    with Image.open(io.BytesIO(file.content)) as image:
        assert np.array_equal(np.asarray(image), sheet_of(wanted))


def test_a_click_takes_a_picture_to_the_desk() -> None:
    state = open_lab({"preset": "slice-0"})
    turn = state.turn
    address = parse_take({"kind": "take", "address": to_query(SMALL)})
    assert address is not None
    take(state, address)
    assert (state.settings, state.desk.preset, state.turn) == (SMALL, "slice-0", turn + 1)
    take(state, "v=1&widths=0")
    assert state.settings == SMALL
    assert "neurons" in state.notice


@pytest.mark.parametrize("value", [None, {}, {"kind": "take"}, {"kind": "x", "address": "v=1"}])
def test_a_malformed_click_is_ignored(value: object) -> None:
    assert parse_take(value) is None
