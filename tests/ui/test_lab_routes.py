"""The addresses of Lab pictures: coarse first, only for those who wait, and files of any size."""

from __future__ import annotations

import http.client
import io
import json
import re
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest
import uvicorn
from numpy.typing import NDArray
from PIL import Image
from starlette.applications import Starlette
from starlette.testclient import TestClient

from breeder.errors import CancelledError
from breeder.lab.captions import set_over
from breeder.lab.drawing import Stage, draw
from breeder.lab.settings import Initialisation, LabSettings, to_query
from breeder.ui import job_routes
from breeder.ui.jobs import Jobs
from breeder.ui.lab import live
from breeder.ui.lab_routes import lab_routes
from breeder.ui.pictures import PictureCache
from tests.server import free_port

SMALL = LabSettings(widths=(8, 8), seed=5)
LARGE = LabSettings(widths=(64,) * 6, seed=5)


@pytest.fixture(autouse=True)
def nothing_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "KEPT", PictureCache(1 << 20))


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    jobs = Jobs()
    monkeypatch.setattr(job_routes, "jobs", lambda: jobs)
    routes = [*lab_routes(), *job_routes.job_routes()]
    with TestClient(Starlette(routes=routes)) as client:
        yield client
    jobs.close()


def frames(content: bytes) -> list[tuple[dict[str, Any], bytes]]:
    """Return the heads of a stream, and what follows each."""
    found, place = [], 0
    while place < len(content):
        (size,) = struct.unpack_from(">I", content, place)
        head = json.loads(content[place + 4 : place + 4 + size])
        place += 4 + size
        body = content[place : place + head.get("bytes", 0)]
        place += len(body)
        found.append((head, body))
    return found


def pictures(content: bytes) -> list[tuple[dict[str, Any], bytes]]:
    """Return the frames of a stream that are pictures."""
    return [(head, body) for head, body in frames(content) if head["kind"] == "picture"]


def pixels(data: bytes) -> NDArray[np.uint8]:
    with Image.open(io.BytesIO(data)) as image:
        return np.asarray(image.convert("RGB"))


def close(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> bool:
    """Whether two pictures are the same but for what a JPEG loses."""
    return bool(np.abs(one.astype(int) - other).mean() < 4)


def test_a_small_picture_is_streamed_at_once_and_is_the_one_asked_for(client: TestClient) -> None:
    answer = client.get(f"/lab/live?{to_query(SMALL)}&width=96&height=64")
    assert answer.headers["content-encoding"] == "identity"  # packing would hold frames back
    ((head, body),) = pictures(answer.content)
    assert (head["width"], head["height"], head["last"], head["share"]) == (96, 64, True, 1.0)
    assert "2 × 8" in head["facts"]["words"]
    assert close(pixels(body), draw(SMALL, 96, 64))


def test_a_large_one_comes_coarse_first_then_finer_and_says_how_far_it_is(
    client: TestClient,
) -> None:
    told = frames(client.get(f"/lab/live?{to_query(LARGE)}&width=256").content)
    widths = [head["width"] for head, _ in told if head["kind"] == "picture"]
    shares = [head["share"] for head, _ in told]
    assert len(widths) > 1
    assert widths == sorted(set(widths))
    assert widths[-1] == 256
    assert shares == sorted(shares)
    assert [head["kind"] == "picture" and head["last"] for head, _ in told].count(True) == 1
    assert close(pixels(told[-1][1]), draw(LARGE, 256))


def test_a_picture_that_was_drawn_is_shown_again_without_drawing(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = f"?{to_query(SMALL)}&width=64"
    first = client.get(f"/lab/picture.jpg{address}").content
    monkeypatch.setattr(live, "stages", lambda *_, **__: pytest.fail("drawn again"))
    assert client.get(f"/lab/picture.jpg{address}").content == first
    ((head, body),) = pictures(client.get(f"/lab/live{address}").content)
    assert head["last"]
    assert body == first


def test_the_caption_is_on_every_picture(client: TestClient) -> None:
    said = LabSettings(widths=(8, 8), seed=5, caption="My neural network is a stoic")
    picture = pixels(client.get(f"/lab/picture.jpg?{to_query(said)}&width=200").content)
    assert close(picture, set_over(draw(SMALL, 200), said.caption))
    assert not close(picture, draw(SMALL, 200))


@pytest.mark.parametrize("path", ["live", "picture.jpg"])
@pytest.mark.parametrize(
    "query", ["v=1&seed=x", "seed=1", "v=1&width=5", "v=1&widths=999", "v=1&q=1"]
)
def test_a_bad_address_is_refused_in_one_sentence(
    client: TestClient, path: str, query: str
) -> None:
    answer = client.get(f"/lab/{path}?{query}")
    assert answer.status_code == 400
    assert answer.text.endswith(".")
    assert "\n" not in answer.text


def test_what_there_is_to_see_is_named_with_its_reason(client: TestClient) -> None:
    goo = LabSettings(weights=Initialisation(name="pytorch"))
    (found,) = client.get(f"/lab/findings?{to_query(goo)}").json()
    assert found["name"] == "grey goo"
    assert "varies by" in found["reason"]
    assert client.get(f"/lab/findings?{to_query(LabSettings(seed=3))}").json() == []
    assert client.get("/lab/findings?v=1&seed=x").status_code == 400


def test_a_picture_tells_its_colours(client: TestClient) -> None:
    colors = client.get(f"/lab/colors?{to_query(LabSettings(seed=3))}").json()
    assert len(colors) == 6
    assert all(re.fullmatch("#[0-9a-f]{6}", each["hex"]) for each in colors)
    assert sum(each["share"] for each in colors) == pytest.approx(1)


def test_a_sketch_of_a_large_network_is_small_and_nothing_is_told_of_it(client: TestClient) -> None:
    large = to_query(LabSettings(widths=(512,) * 29))
    asked = f"/lab/picture.jpg?{to_query(SMALL)}&width=128&sketch=1"
    assert pixels(client.get(asked).content).shape[0] == 128
    assert live.sketch_side(LabSettings(widths=(200,) * 8), 128) < 128
    refused = client.get(f"/lab/picture.jpg?{large}&width=128&sketch=1")
    assert (refused.status_code, refused.text[-8:]) == (400, "draw it.")
    assert client.get(f"/lab/findings?{large}").json() == []
    assert client.get(f"/lab/colors?{large}").json() == []


class Slow:
    """Stands for a drawing of many bands; counts them, and those under way at once."""

    def __init__(self, bands: int = 400) -> None:
        self.bands, self.drawn, self.ended, self.most, self._now = bands, 0, 0, 0, 0
        self._lock = threading.Lock()

    def __call__(
        self, settings: LabSettings, width: int, height: int, **how: Any
    ) -> Iterator[Stage]:
        picture = np.zeros((height, width, 3), dtype=np.uint8)
        yield Stage(picture=picture[::4, ::4], factor=4, share=0.1)
        cancelled: Callable[[], bool] = how["cancelled"]
        with self._counted():
            for band in range(self.bands):
                if cancelled():
                    raise CancelledError("The drawing was cancelled.")
                self.drawn += 1
                how["advance"](0.1 + 0.9 * band / self.bands)
                time.sleep(0.01)
        yield Stage(picture=picture, factor=1, share=1.0)

    @contextmanager
    def _counted(self) -> Iterator[None]:
        with self._lock:
            self._now += 1
            self.most = max(self.most, self._now)
        try:
            yield
        finally:
            with self._lock:
                self._now -= 1
                self.ended += 1


@pytest.fixture
def server() -> Iterator[int]:
    """Serve the routes as they are served in earnest; yield the port."""
    port = free_port()
    config = uvicorn.Config(Starlette(routes=lab_routes()), port=port, log_level="error")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield port
    server.should_exit = True
    thread.join()


def ask(port: int, seed: int, path: str = "live") -> http.client.HTTPConnection:
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request("GET", f"/lab/{path}?v=1&seed={seed}&width=64")
    return connection


def until(done: Callable[[], bool]) -> bool:
    for _ in range(500):
        if done():
            return True
        time.sleep(0.01)
    return False


@pytest.mark.parametrize("path", ["live", "picture.jpg"])
def test_what_a_browser_dropped_is_drawn_no_further(
    server: int, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    slow = Slow()
    monkeypatch.setattr(live, "stages", slow)
    connection = ask(server, 1, path)
    assert until(lambda: slow.drawn > 3)
    connection.close()
    assert until(lambda: slow.ended == 1)
    assert slow.drawn < slow.bands / 2


def test_many_people_draw_a_few_at_a_time_and_all_see_something_at_once(
    server: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = Slow(60)
    monkeypatch.setattr(live, "stages", slow)
    connections = [ask(server, seed) for seed in range(6)]
    answers = [connection.getresponse() for connection in connections]
    firsts = [answer.read(4) for answer in answers]  # all, long before the fine ones are drawn
    assert all(firsts)
    assert slow.ended < len(connections)
    for answer, connection in zip(answers, connections, strict=True):
        assert frames_after(answer.read())
        connection.close()
    assert slow.ended == len(connections)
    assert slow.most == live.AT_ONCE


def test_what_there_is_to_see_is_told_while_large_pictures_are_drawn(
    server: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = Slow()
    monkeypatch.setattr(live, "stages", slow)
    sheet = [ask(server, seed, "picture.jpg") for seed in range(live.AT_ONCE + 1)]
    assert until(lambda: slow.most == live.AT_ONCE)
    for path in ("findings", "colors"):
        told = ask(server, 3, path)
        assert told.getresponse().status == 200
        told.close()
    assert slow.ended == 0
    for connection in sheet:
        connection.close()


def frames_after(rest: bytes) -> bool:
    return b'"last": true' in rest


@pytest.mark.parametrize(("kind", "suffix"), [("png", ".png"), ("tif", ".tif"), ("jpeg", ".jpg")])
def test_a_file_of_any_shape_has_the_picture_and_its_address(
    client: TestClient, kind: str, suffix: str
) -> None:
    settings = LabSettings(widths=(8, 8), seed=5, caption="stoic")
    query = f"{to_query(settings)}&width=300&height=200&format={kind}&supersample=2"
    answer = client.post(f"/lab/posters?{query}")
    assert answer.status_code == 201
    token = answer.json()["token"]
    assert until(lambda: client.get(f"/jobs/{token}").json()["state"] == "done")
    file = client.get(f"/jobs/{token}/file")
    assert f"stoic-300x200{suffix}" in file.headers["content-disposition"]
    wanted = set_over(draw(settings, 300, 200, supersample=2), "stoic")
    found = pixels(file.content)
    assert close(found, wanted) if kind == "jpeg" else np.array_equal(found, wanted)
    assert to_query(settings).encode() in file.content


@pytest.mark.parametrize(
    "wrong", ["format=gif", "format=jpeg&width=9000", "width=99999", "width=8"]
)
def test_a_file_that_cannot_be_is_refused_in_one_sentence(client: TestClient, wrong: str) -> None:
    answer = client.post(f"/lab/posters?v=1&{wrong}")
    assert answer.status_code == 400
    assert answer.text.endswith(".")
