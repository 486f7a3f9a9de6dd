"""Large pictures in the background: queueing, progress, cancelling, and what is left behind."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Any

import pytest

from breeder.errors import CancelledError, NotFoundError, RenderError
from breeder.formats import tiff
from breeder.rendering.canvas import Canvas
from breeder.ui import posters as module
from breeder.ui.posters import AT_ONCE, MOST, Order, Posters
from tests.genomes import random_genome

GENOME = random_genome(9)
SMALL = Order(genome=GENOME, canvas=Canvas(width=40, height=40), suffix=".tif", title="Owl")


class Studio:
    """A way to draw that waits for the test, row by row."""

    def __init__(self) -> None:
        self.now = 0.0
        self.begun: list[Order] = []
        self.go_on = threading.Semaphore(0)
        self.failure: BaseException | None = None
        self.files: list[Any] = []
        self.posters = Posters(draw=self.draw, clock=lambda: self.now)

    def draw(self, file: Any, genome: Any, canvas: Canvas, **options: Any) -> None:
        self.files.append(file)
        for _ in range(canvas.height):
            while not self.go_on.acquire(timeout=0.01):
                if options["cancelled"]():
                    raise CancelledError("The drawing was cancelled.")
            if self.failure is not None:
                raise self.failure
            file.write(b"row ")
            options["advance"](1)

    def rows(self, count: int) -> None:
        self.go_on.release(count)

    def state(self, token: str) -> str:
        return str(self.posters.progress(token)["state"])


@pytest.fixture
def studio() -> Iterator[Studio]:
    studio = Studio()
    yield studio
    studio.posters.close()
    until(lambda: all(file.closed for file in studio.files))


def until(reached: Callable[[], object]) -> None:
    deadline = time.monotonic() + 20
    while not reached():
        assert time.monotonic() < deadline, "it did not come to that"
        time.sleep(0.005)


def order(size: int = 4) -> Order:
    return Order(genome=GENOME, canvas=Canvas(width=size, height=size), suffix=".png")


def test_a_real_picture_is_drawn_and_read_back() -> None:
    posters = Posters()
    token = posters.order(SMALL)
    until(lambda: posters.progress(token)["state"] == "done")
    wanted, size = posters.finished(token)
    data = b"".join(iter_pieces(posters, token, 1000))
    assert (wanted, len(data)) == (SMALL, size)
    document = tiff.read(BytesIO(data), "it")
    assert (document.genome, document.title) == (GENOME, "Owl")
    posters.close()


def iter_pieces(posters: Posters, token: str, count: int) -> Iterator[bytes]:
    place = 0
    while piece := posters.read(token, place, count):
        place += len(piece)
        yield piece


def test_progress_rises_row_by_row_with_the_time_that_is_left(studio: Studio) -> None:
    token = studio.posters.order(order(4))
    until(lambda: studio.state(token) == "drawing")
    assert studio.posters.progress(token)["seconds_left"] is None
    studio.now += 10
    studio.rows(1)
    until(lambda: studio.posters.progress(token)["rows"] == 1)
    assert studio.posters.progress(token)["seconds_left"] == 30
    studio.rows(3)
    until(lambda: studio.state(token) == "done")
    told = studio.posters.progress(token)
    assert (told["rows"], told["height"], told["bytes"]) == (4, 4, 16)


def test_others_wait_for_their_turn_and_are_told_how_many_are_before_them(studio: Studio) -> None:
    tokens = [studio.posters.order(order()) for _ in range(AT_ONCE + 2)]
    until(lambda: len(studio.files) == AT_ONCE)
    told = [studio.posters.progress(token) for token in tokens]
    assert [each["state"] for each in told] == ["drawing"] * AT_ONCE + ["waiting"] * 2
    assert [each["ahead"] for each in told[AT_ONCE:]] == [0, 1]
    studio.posters.cancel(tokens[AT_ONCE])
    assert studio.posters.progress(tokens[-1])["ahead"] == 0
    studio.posters.cancel(tokens[0])
    until(lambda: studio.state(tokens[-1]) == "drawing")
    assert studio.state(tokens[1]) == "drawing"


def test_cancelling_halfway_leaves_nothing(studio: Studio) -> None:
    token = studio.posters.order(order())
    studio.rows(2)
    until(lambda: studio.posters.progress(token)["rows"] == 2)
    studio.posters.cancel(token)
    until(lambda: studio.files[0].closed)
    for ask in (studio.posters.progress, studio.posters.cancel, studio.posters.finished):
        with pytest.raises(NotFoundError, match="make it again"):
            ask(token)


def test_a_finished_file_is_kept_for_a_while_and_then_dropped(studio: Studio) -> None:
    token = studio.posters.order(order(1))
    studio.rows(1)
    until(lambda: studio.state(token) == "done")
    studio.now += module.UNCLAIMED_SECONDS - 1
    studio.posters.sweep()
    assert list(iter_pieces(studio.posters, token, 3)) == [b"row", b" "]
    studio.now += module.SENT_SECONDS - 1
    studio.posters.sweep()
    assert not studio.files[0].closed
    studio.now += 2
    studio.posters.sweep()
    assert studio.files[0].closed
    with pytest.raises(NotFoundError):
        studio.posters.read(token, 0, 1)


def test_what_no_page_asks_about_any_more_is_cancelled(studio: Studio) -> None:
    left, watched = (studio.posters.order(order()) for _ in range(2))
    until(lambda: len(studio.files) == 2)
    for _ in range(3):
        studio.now += module.UNASKED_SECONDS / 2 + 1
        studio.posters.progress(watched)
        studio.posters.sweep()
    with pytest.raises(NotFoundError):
        studio.posters.progress(left)
    assert studio.state(watched) == "drawing"


def test_sweeping_goes_on_by_itself_while_there_is_anything(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SWEEP_SECONDS", 0.01)
    token = studio.posters.order(order(1))
    studio.rows(1)
    until(lambda: studio.state(token) == "done")
    studio.now += module.UNCLAIMED_SECONDS + 1
    until(lambda: studio.files[0].closed)


def test_more_than_the_server_takes_is_refused_in_one_sentence(studio: Studio) -> None:
    tokens = [studio.posters.order(order()) for _ in range(MOST)]
    with pytest.raises(RenderError, match="try again in some minutes"):
        studio.posters.order(order())
    studio.posters.cancel(tokens[-1])
    studio.posters.order(order())


@pytest.mark.parametrize(
    ("failure", "told"),
    [
        (OSError(28, "No space left on device"), "disk of the server is full"),
        (OSError(5, "Input/output error"), "could not write the picture: Input/output error."),
        (RenderError("Drawing on cuda failed."), "Drawing on cuda failed."),
        (ZeroDivisionError("a bug"), "the server's log says why"),
    ],
)
def test_a_drawing_that_fails_says_so_and_makes_room_for_the_next(
    studio: Studio, failure: Exception, told: str
) -> None:
    studio.failure = failure
    token = studio.posters.order(order())
    studio.rows(1)
    until(lambda: studio.state(token) == "failed")
    message = studio.posters.progress(token)["message"]
    assert told in message
    assert len(message.splitlines()) == 1
    assert studio.files[0].closed
    with pytest.raises(NotFoundError, match="not finished"):
        studio.posters.finished(token)
    studio.failure = None
    again = studio.posters.order(order(1))
    studio.rows(1)
    until(lambda: studio.state(again) == "done")


def test_a_machine_without_another_thread_says_so_and_draws_the_next(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as crowded:
        crowded.setattr(threading.Thread, "start", refuse)
        refused = [studio.posters.order(order()) for _ in range(AT_ONCE + 1)]
    assert [studio.state(token) for token in refused] == ["failed"] * (AT_ONCE + 1)
    assert "too busy" in studio.posters.progress(refused[0])["message"]
    token = studio.posters.order(order())
    studio.rows(4)
    until(lambda: studio.state(token) == "done")


def test_closing_ends_everything(studio: Studio) -> None:
    tokens = [studio.posters.order(order()) for _ in range(3)]
    until(lambda: len(studio.files) == AT_ONCE)
    studio.posters.close()
    until(lambda: all(file.closed for file in studio.files))
    for token in tokens:
        with pytest.raises(NotFoundError):
            studio.posters.progress(token)
    time.sleep(0.05)
    assert len(studio.files) == AT_ONCE
