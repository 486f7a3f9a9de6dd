"""Files made in the background: queueing, progress, cancelling, and what is left behind."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Any, BinaryIO, Literal

import numpy as np
import pytest

from breeder.errors import CancelledError, NotFoundError, RenderError
from breeder.formats import tiff
from breeder.formats.films import stream_film
from breeder.rendering.canvas import Canvas
from breeder.ui import jobs as module
from breeder.ui.jobs import AT_ONCE, MOST, Job, Jobs
from breeder.ui.posters import Order, poster_job
from tests.genomes import random_genome

GENOME = random_genome(9)


class Studio:
    """A way to make files that waits for the test, step by step."""

    def __init__(self) -> None:
        self.now = 0.0
        self.go_on = threading.Semaphore(0)
        self.failure: BaseException | None = None
        self.files: list[Any] = []
        self.jobs = Jobs(clock=lambda: self.now)

    def order(self, steps: int = 4) -> str:
        def make(file: Any, advance: Any, cancelled: Any) -> None:
            self.files.append(file)
            for _ in range(steps):
                while not self.go_on.acquire(timeout=0.01):
                    if cancelled():
                        raise CancelledError("The drawing was cancelled.")
                if self.failure is not None:
                    raise self.failure
                file.write(b"row ")
                advance(1)

        return self.jobs.order(
            Job(title="Owl", suffix=".png", media_type="image/png", total=steps, make=make)
        )

    def steps(self, count: int) -> None:
        self.go_on.release(count)

    def state(self, token: str) -> str:
        return str(self.jobs.progress(token)["state"])


@pytest.fixture
def studio() -> Iterator[Studio]:
    studio = Studio()
    yield studio
    studio.jobs.close()
    until(lambda: all(file.closed for file in studio.files))


def until(reached: Callable[[], object]) -> None:
    deadline = time.monotonic() + 20
    while not reached():
        assert time.monotonic() < deadline, "it did not come to that"
        time.sleep(0.005)


def test_a_real_picture_is_drawn_and_read_back() -> None:
    jobs = Jobs()
    canvas = Canvas(width=40, height=30)
    job = poster_job(Order(genome=GENOME, canvas=canvas, suffix=".tif", title="Owl"))
    token = jobs.order(job)
    until(lambda: jobs.progress(token)["state"] == "done")
    assert jobs.progress(token)["done"] == job.total == 30
    wanted, size = jobs.finished(token)
    data = b"".join(iter_pieces(jobs, token, 1000))
    assert (wanted, len(data)) == (job, size)
    document = tiff.read(BytesIO(data), "it")
    assert (document.genome, document.title) == (GENOME, "Owl")
    jobs.close()


@pytest.mark.parametrize("format", ["mp4", "webp"])
def test_a_film_is_a_job_like_any_other(format: Literal["mp4", "webp"]) -> None:
    def make(file: BinaryIO, advance: Callable[[int], object], cancelled: Any) -> None:
        frames = (np.full((16, 16, 3), 20 * n, dtype=np.uint8) for n in range(9))
        stream_film(
            file, frames, format=format, fps=9, count=9, advance=advance, cancelled=cancelled
        )

    jobs = Jobs()
    token = jobs.order(Job(title="", suffix="", media_type="", total=9, make=make))
    until(lambda: jobs.progress(token)["state"] == "done")
    assert jobs.progress(token)["done"] == 9
    data = b"".join(iter_pieces(jobs, token, 1000))
    assert data[8:12] == b"WEBP" if format == "webp" else data[4:8] == b"ftyp"
    jobs.close()


def iter_pieces(jobs: Jobs, token: str, count: int) -> Iterator[bytes]:
    place = 0
    while piece := jobs.read(token, place, count):
        place += len(piece)
        yield piece


def test_progress_rises_row_by_row_with_the_time_that_is_left(studio: Studio) -> None:
    token = studio.order(4)
    until(lambda: studio.state(token) == "drawing")
    assert studio.jobs.progress(token)["seconds_left"] is None
    studio.now += 10
    studio.steps(1)
    until(lambda: studio.jobs.progress(token)["done"] == 1)
    assert studio.jobs.progress(token)["seconds_left"] == 30
    studio.steps(3)
    until(lambda: studio.state(token) == "done")
    told = studio.jobs.progress(token)
    assert (told["done"], told["total"], told["bytes"]) == (4, 4, 16)


def test_others_wait_for_their_turn_and_are_told_how_many_are_before_them(studio: Studio) -> None:
    tokens = [studio.order() for _ in range(AT_ONCE + 2)]
    until(lambda: len(studio.files) == AT_ONCE)
    told = [studio.jobs.progress(token) for token in tokens]
    assert [each["state"] for each in told] == ["drawing"] * AT_ONCE + ["waiting"] * 2
    assert [each["ahead"] for each in told[AT_ONCE:]] == [0, 1]
    studio.jobs.cancel(tokens[AT_ONCE])
    assert studio.jobs.progress(tokens[-1])["ahead"] == 0
    studio.jobs.cancel(tokens[0])
    until(lambda: studio.state(tokens[-1]) == "drawing")
    assert studio.state(tokens[1]) == "drawing"


def test_cancelling_halfway_leaves_nothing(studio: Studio) -> None:
    token = studio.order()
    studio.steps(2)
    until(lambda: studio.jobs.progress(token)["done"] == 2)
    studio.jobs.cancel(token)
    until(lambda: studio.files[0].closed)
    for ask in (studio.jobs.progress, studio.jobs.cancel, studio.jobs.finished):
        with pytest.raises(NotFoundError, match="make it again"):
            ask(token)


def test_a_finished_file_is_kept_for_a_while_and_then_dropped(studio: Studio) -> None:
    token = studio.order(1)
    studio.steps(1)
    until(lambda: studio.state(token) == "done")
    studio.now += module.UNCLAIMED_SECONDS - 1
    studio.jobs.sweep()
    assert list(iter_pieces(studio.jobs, token, 3)) == [b"row", b" "]
    studio.now += module.SENT_SECONDS - 1
    studio.jobs.sweep()
    assert not studio.files[0].closed
    studio.now += 2
    studio.jobs.sweep()
    assert studio.files[0].closed
    with pytest.raises(NotFoundError):
        studio.jobs.read(token, 0, 1)


def test_what_no_page_asks_about_any_more_is_cancelled(studio: Studio) -> None:
    left, watched = (studio.order() for _ in range(2))
    until(lambda: len(studio.files) == 2)
    for _ in range(3):
        studio.now += module.UNASKED_SECONDS / 2 + 1
        studio.jobs.progress(watched)
        studio.jobs.sweep()
    with pytest.raises(NotFoundError):
        studio.jobs.progress(left)
    assert studio.state(watched) == "drawing"


def test_sweeping_goes_on_by_itself_while_there_is_anything(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SWEEP_SECONDS", 0.01)
    token = studio.order(1)
    studio.steps(1)
    until(lambda: studio.state(token) == "done")
    studio.now += module.UNCLAIMED_SECONDS + 1
    until(lambda: studio.files[0].closed)


def test_more_than_the_server_takes_is_refused_in_one_sentence(studio: Studio) -> None:
    tokens = [studio.order() for _ in range(MOST)]
    with pytest.raises(RenderError, match="try again in some minutes"):
        studio.order()
    studio.jobs.cancel(tokens[-1])
    studio.order()


@pytest.mark.parametrize(
    ("failure", "told"),
    [
        (OSError(28, "No space left on device"), "disk of the server is full"),
        (OSError(5, "Input/output error"), "could not write the file: Input/output error."),
        (RenderError("Drawing on cuda failed."), "Drawing on cuda failed."),
        (ZeroDivisionError("a bug"), "the server's log says why"),
    ],
)
def test_a_drawing_that_fails_says_so_and_makes_room_for_the_next(
    studio: Studio, failure: Exception, told: str
) -> None:
    studio.failure = failure
    token = studio.order()
    studio.steps(1)
    until(lambda: studio.state(token) == "failed")
    message = studio.jobs.progress(token)["message"]
    assert told in message
    assert len(message.splitlines()) == 1
    assert studio.files[0].closed
    with pytest.raises(NotFoundError, match="not finished"):
        studio.jobs.finished(token)
    studio.failure = None
    again = studio.order(1)
    studio.steps(1)
    until(lambda: studio.state(again) == "done")


def test_a_machine_without_another_thread_says_so_and_draws_the_next(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as crowded:
        crowded.setattr(threading.Thread, "start", refuse)
        refused = [studio.order() for _ in range(AT_ONCE + 1)]
    assert [studio.state(token) for token in refused] == ["failed"] * (AT_ONCE + 1)
    assert "too busy" in studio.jobs.progress(refused[0])["message"]
    token = studio.order()
    studio.steps(4)
    until(lambda: studio.state(token) == "done")


def test_closing_ends_everything(studio: Studio) -> None:
    tokens = [studio.order() for _ in range(3)]
    until(lambda: len(studio.files) == AT_ONCE)
    studio.jobs.close()
    until(lambda: all(file.closed for file in studio.files))
    for token in tokens:
        with pytest.raises(NotFoundError):
            studio.jobs.progress(token)
    time.sleep(0.05)
    assert len(studio.files) == AT_ONCE
