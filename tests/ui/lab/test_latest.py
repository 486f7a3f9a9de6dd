"""Only the newest wish of a tab is worked on; what is finished is kept."""

from __future__ import annotations

import threading

import pytest

from breeder.errors import CancelledError, RenderError
from breeder.ui.lab.latest import UNASKED_SECONDS, Latest, Task


def number(value: int):
    return lambda task: value


def test_a_result_comes_is_kept_and_is_not_made_twice():
    latest: Latest[int] = Latest("test")
    made: list[int] = []

    def make(task: Task[int]) -> int:
        made.append(1)
        return 7

    first = latest.want("a", make, None)
    assert first.wait(10)
    assert (first.result, first.message) == (7, "")
    assert latest.want("a", make, first) is first
    other = latest.want("b", number(8), first)
    assert other.wait(10)
    assert latest.want("a", make, other).result == 7
    assert made == [1]


def test_moving_on_cancels_what_runs_and_never_starts_what_waits():
    latest: Latest[int] = Latest("test")
    started, seen = threading.Event(), []

    def slow(task: Task[int]) -> int:
        started.set()
        while not task.cancelled:
            task.wait(0.005)
        raise CancelledError("cancelled")

    def note(value: int):
        def work(task: Task[int]) -> int:
            seen.append(value)
            return value

        return work

    task = latest.want("0", slow, None)
    assert started.wait(10)
    for position in range(1, 50):  # a slider on its way
        task = latest.want(str(position), note(position), task)
    assert task.wait(10)
    assert task.result == 49
    assert len(seen) <= 2  # those between were cancelled before their turn


@pytest.mark.filterwarnings("ignore")
def test_an_error_is_said_in_a_sentence_and_is_tried_again():
    latest: Latest[int] = Latest("test")

    def fail(task: Task[int]) -> int:
        raise RenderError("There is no such device.")

    def crash(task: Task[int]) -> int:
        raise ZeroDivisionError

    task = latest.want("a", fail, None)
    assert task.wait(10)
    assert task.message == "There is no such device."
    again = latest.want("a", number(1), None)
    assert again.wait(10)
    assert again.result == 1
    broken = latest.want("c", crash, None)
    assert broken.wait(10)
    assert "log" in broken.message


def test_a_cancelled_task_of_the_same_key_is_made_anew():
    latest: Latest[int] = Latest("test")
    task = latest.want("a", number(1), None)
    assert task.wait(10)
    task.cancel()
    again = latest.want("b", number(2), task)
    again.cancel()
    anew = latest.want("b", number(3), again)
    assert anew.wait(10)
    assert anew.result == 3


def test_what_no_page_asks_about_is_given_up(monkeypatch: pytest.MonkeyPatch):
    now = [0.0]
    monkeypatch.setattr("breeder.ui.lab.latest.time.monotonic", lambda: now[0])
    task: Task[int] = Task("a")
    now[0] = UNASKED_SECONDS - 1
    ended = [task.ask(), task.cancelled]
    now[0] += UNASKED_SECONDS - 1
    ended.append(task.cancelled)
    now[0] += 2
    assert [*ended, task.cancelled] == [False, False, False, True]
    task.run(number(1))
    assert task.result is None


def test_a_pause_ends_at_once_where_the_tab_moved_on():
    task: Task[int] = Task("a")
    task.pause(0.0)
    task.cancel()
    with pytest.raises(CancelledError):
        task.pause(60.0)


def test_only_so_many_are_kept():
    latest: Latest[int] = Latest("test", kept=2)
    tasks = [latest.want(str(value), number(value), None) for value in range(4)]
    assert all(task.wait(10) for task in tasks)
    barrier = latest.want("last", number(9), None)
    assert barrier.wait(10)
    assert latest.want("0", number(-1), None) is not tasks[0]
