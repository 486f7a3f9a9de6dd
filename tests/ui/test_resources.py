"""What all sessions of the server share is made once."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator

import pytest

from breeder.ui import resources


@pytest.fixture
def python_as_before() -> Iterator[None]:
    switch = sys.getswitchinterval()
    resources.settle.cache_clear()
    yield
    resources.settle.cache_clear()
    gc.unfreeze()
    sys.setswitchinterval(switch)


@pytest.mark.usefixtures("python_as_before")
def test_what_is_loaded_is_searched_for_garbage_once() -> None:
    gc.unfreeze()
    resources.settle()
    frozen = gc.get_freeze_count()
    assert frozen > 10_000
    assert len(gc.get_objects()) < frozen / 10
    later = [[] for _ in range(1000)]  # type: list[list[int]]
    resources.settle()
    assert gc.get_freeze_count() <= frozen
    assert len(later) == 1000


def test_grids_are_bred_ahead_unless_it_is_switched_off(monkeypatch: pytest.MonkeyPatch) -> None:
    resources.ahead.cache_clear()
    assert resources.ahead() is resources.ahead()
    assert resources.ahead()._few > 0
    resources.ahead.cache_clear()
    monkeypatch.setenv("BREEDER_AHEAD", "0")
    assert resources.ahead()._few == 0
    resources.ahead.cache_clear()
