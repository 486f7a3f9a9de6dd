"""Each page opens by itself, and its plain controls do what they say.

The grid's own clicks are the browser tests': this way of running a page cannot press a component.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

import breeder.ui
from breeder.errors import StoreError
from breeder.formats import Document, share
from breeder.ui.resources import open_store
from breeder.ui.state import PageState
from breeder.ui.text import as_text
from tests.genomes import random_genome

PAGES = Path(breeder.ui.__file__).parent / "views"


@pytest.fixture(autouse=True)
def empty_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("BREEDER_DATABASE_URL", f"sqlite:///{tmp_path / 'art.db'}")
    open_store.cache_clear()
    yield
    open_store().close()
    open_store.cache_clear()


def opened(name: str) -> AppTest:
    page = AppTest.from_file(PAGES / name, default_timeout=60).run()
    assert not page.exception
    return page


def tab(page: AppTest) -> PageState:
    state = page.session_state["breeder"]
    assert isinstance(state, PageState)
    return state


def test_every_page_opens() -> None:
    names = sorted(path.name for path in PAGES.glob("*.py"))
    assert names == ["breed.py", "gallery.py", "lab.py", "shared.py", "taste.py", "tree.py"]
    for name in names:
        opened(name)


@pytest.mark.parametrize("by", ["g", "p"])
def test_a_shared_picture_shows_title_and_origin_as_text(by: str) -> None:
    genome = random_genome(3)
    store = open_store()
    if by == "p":
        store.save_genome(genome, origin="Picbreeder 1/2")
        store.add_favourite(genome.id, title="<b>Owl")
    meta = {"title": "<b>Owl", "origin": "Picbreeder 1/2"}
    link = share.pack(Document(genome=genome, meta=meta))
    page = AppTest.from_file(PAGES / "shared.py", default_timeout=60)
    page.query_params[by] = genome.id if by == "p" else str(link)
    page.run()
    assert not page.exception
    assert page.header[0].value == as_text("<b>Owl")
    assert page.caption[0].value == as_text("Picbreeder 1/2")
    assert not store.runs()


def test_a_first_visit_has_a_fresh_grid_and_its_run_in_the_address() -> None:
    page = opened("breed.py")
    state = tab(page)
    assert len(state.generation.children) == 15
    assert page.query_params["run"] in (state.breeder.run_id, [state.breeder.run_id])


def test_the_controls_change_what_the_next_grid_is_bred_with() -> None:
    page = opened("breed.py")
    page.slider[0].set_value(0.8).run()
    page.selectbox[0].set_value(9).run()
    for toggle in page.toggle:
        toggle.set_value(False)
    page.run()
    settings = tab(page).breeder.settings
    assert (settings.strength, settings.population) == (0.8, 9)
    assert (settings.color, settings.carry_over, settings.screening) == (False, False, False)
    assert not page.exception


def test_a_run_is_renamed_and_an_empty_name_changes_nothing() -> None:
    page = opened("breed.py")
    page.text_input[0].set_value("night birds").run()
    assert tab(page).breeder.run.name == "night birds"
    page.text_input[0].set_value(" ").run()
    assert tab(page).breeder.run.name == "night birds"
    assert page.error[0].value


def test_a_database_that_cannot_be_read_gives_one_sentence_and_no_traceback(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(*_: object) -> None:
        raise StoreError("The disk is full; make room.")

    monkeypatch.setattr("breeder.store.Store.is_favourite", broken)
    page = AppTest.from_file(PAGES.parent / "main.py", default_timeout=60).run()
    assert not page.exception
    assert [error.value for error in page.error] == [as_text("The disk is full; make room.")]
