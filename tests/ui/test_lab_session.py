"""From the Lab's page to the grid."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from breeder import Canvas, render
from breeder.lab.drawing import draw
from breeder.lab.founding import why_not
from breeder.lab.settings import LabSettings, to_query
from breeder.ui.lab import session
from breeder.ui.lab.state import DeskMessage, LabState, hear, open_lab
from breeder.ui.resources import open_store
from breeder.ui.state import PageState

LAB = Path(session.__file__).parents[1] / "views" / "lab.py"
SMALL = LabSettings(widths=(8, 8), seed=5, caption="stoic")


@pytest.fixture(autouse=True)
def empty_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("BREEDER_DATABASE_URL", f"sqlite:///{tmp_path / 'art.db'}")
    open_store.cache_clear()
    yield
    open_store().close()
    open_store.cache_clear()


class Tab(dict[str, Any]):
    """Stands for Streamlit's session; ends the script at the looks that are listed."""

    looks = 0
    interrupts: tuple[int, ...] = ()

    def get(self, *key: Any) -> Any:
        self.looks += 1
        if self.looks in self.interrupts:
            raise InterruptedError
        return super().get(*key)


@pytest.fixture
def tab(monkeypatch: pytest.MonkeyPatch) -> Tab:
    tab = Tab()
    monkeypatch.setattr("streamlit.session_state", tab)
    return tab


def asked(settings: LabSettings) -> LabState:
    state = open_lab({})
    hear(state, DeskMessage(kind="breed", address=to_query(settings)))
    return state


def test_a_network_starts_a_run_whose_first_picture_is_the_one_seen(tab: Tab) -> None:
    state = asked(SMALL)
    assert session.breed_if_asked(state)
    page = tab["breeder"]
    assert isinstance(page, PageState)
    first = page.generation.children[0].genome
    seen = draw(SMALL, 64)
    drawn = render([first], Canvas(width=64, height=64))[0]
    assert np.abs(drawn.astype(int) - seen).max() <= 1
    assert page.breeder.run.name == "stoic"
    assert open_store().provenance(first.id).startswith("the Lab, v=1&")
    assert not session.breed_if_asked(state), "once is enough"


@pytest.mark.parametrize("look", [1, 2], ids=["before breeding", "after it"])
def test_a_run_of_the_script_that_is_ended_loses_no_wish(tab: Tab, look: int) -> None:
    state = asked(SMALL)
    tab.interrupts = (look,)
    with pytest.raises(InterruptedError):
        session.breed_if_asked(state)
    assert session.breed_if_asked(state)
    assert len(open_store().runs()) == 1
    assert not session.breed_if_asked(state), "once is enough"


def test_a_network_that_is_too_large_says_so_with_the_limit_and_starts_nothing(tab: Tab) -> None:
    large = LabSettings(widths=(512,) * 8)
    state = asked(large)
    assert not session.breed_if_asked(state)
    assert state.notice == why_not(large)
    assert re.search("too large to breed.* [0-9,]+ is the most", state.notice)
    assert not open_store().runs()
    assert not session.breed_if_asked(state)


def test_the_page_opens_at_an_address_and_keeps_it() -> None:
    page = AppTest.from_file(LAB, default_timeout=60)
    query = {"v": "1", "seed": "77", "preset": "usual", "section": "sweeps"}
    for name, text in query.items():
        page.query_params[name] = text
    page.run()
    assert not page.exception
    assert page.session_state["lab-state"].settings == LabSettings(seed=77)
    assert {name: str(page.query_params[name]).strip("[']") for name in query} == query
