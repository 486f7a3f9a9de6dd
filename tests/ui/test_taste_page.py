"""What the page of a taste does with what a browser says, and its export, without Streamlit."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from starlette.applications import Starlette
from starlette.testclient import TestClient

from breeder import BreederSettings, Store
from breeder.breeder import Breeder
from breeder.taste.person import Person
from breeder.ui import taste_routes
from breeder.ui.asking import READY, SIDE
from breeder.ui.comparing import Said
from breeder.ui.learnt import LearntAction
from breeder.ui.state import PageState
from breeder.ui.taste_page import (
    TastePage,
    hear_comparison,
    hear_learnt,
    inline_pictures,
    network_in_words,
)

TOKEN = "a" * 32


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(f"sqlite:///{tmp_path / 'art.db'}") as store:
        yield store


@pytest.fixture
def person(store: Store) -> Iterator[Person]:
    person = Person(store)
    yield person
    person.close()


@pytest.fixture
def page(store: Store, person: Person) -> TastePage:
    breeder = Breeder.begin(store, settings=BreederSettings(population=4), seed=5)
    breeder.tell([1])
    person.learn()
    return TastePage(PageState(breeder=breeder, person=person))


def answered(page: TastePage, preferred: int = 1, question: str = "e" * 32) -> Said:
    left, right = (child.genome.id for child in page.state.generation.children[:2])
    return Said(
        kind="answer",
        question=question,
        token=TOKEN,
        left=left,
        right=right,
        preferred=preferred,
    )


def test_an_answer_told_twice_counts_once_and_can_be_taken_back(page: TastePage, store: Store):
    hear_comparison(page, answered(page))
    hear_comparison(page, answered(page, 0))
    page.refresh()
    assert page.answers == 1
    assert [(each.id, each.preferred) for each in store.answers()] == [(TOKEN, 1)]
    for _ in range(2):
        hear_comparison(page, Said(kind="back", token=TOKEN))
        assert store.answers() == []
    assert page.state.notice == ""


def test_an_answer_about_a_picture_that_is_gone_gives_one_sentence(page: TastePage, store: Store):
    hear_comparison(page, Said(kind="answer", token=TOKEN, left="b" * 32, right="c" * 32))
    assert "picture" in page.state.notice
    assert store.answers() == []
    hear_comparison(page, Said(kind="open", left="b" * 32))
    assert not page.state.opened
    opened = page.state.generation.children[0].genome.id
    hear_comparison(page, Said(kind="open", left=opened))
    assert page.state.opened == opened
    assert page.state.notice == ""


def test_a_skipped_question_is_followed_by_another_and_stores_nothing(
    page: TastePage, store: Store
):
    hear_comparison(page, Said(kind="more"))
    asked = page.asker.questions(least=READY, wait=20)
    hear_comparison(page, Said(kind="skip", question=asked[0].id))
    after = page.asker.questions(least=READY, wait=20)
    assert [each.id for each in after[:2]] == [each.id for each in asked[1:]]
    assert store.answers() == []


def test_pictures_travel_once_with_the_questions(page: TastePage):
    asked = page.asker.questions(least=READY, wait=20)
    sent = inline_pictures(page, asked)
    sides = {genome.id for each in asked for genome in (each.pair.left, each.pair.right)}
    assert set(sent) == sides
    data = next(iter(sent.values())).removeprefix("data:image/jpeg;base64,")
    assert Image.open(io.BytesIO(base64.b64decode(data))).size == (SIDE, SIDE)
    assert inline_pictures(page, asked) == {}
    told = page.questions(asked)
    assert {side.genome_id for each in told for side in (each.left, each.right)} == sides


def test_the_tally_counts_what_was_foretold_here_once_that_says_anything(page: TastePage):
    asked = page.asker.questions(least=1, wait=20)[0]
    page.asker.answered(asked.id, TOKEN, int(asked.pair.expected < 0.5))
    assert page.tally == ""
    page.asker.given, page.asker.foretold = 12, 7
    assert page.tally == "7 of 12 foretold here"


def test_forgetting_deletes_nothing_and_is_undone(page: TastePage, store: Store, person: Person):
    hear_comparison(page, answered(page))
    person.learn(page.state.breeder.run_id)
    before = page.report()
    assert [number for number, _ in before.counts[:2]] == ["1", "1"]
    assert not before.busy
    hear_learnt(page, LearntAction(kind="reset"))
    assert len(store.answers(everything=True)) == 1
    person.learn(page.state.breeder.run_id)
    forgotten = page.report()
    assert forgotten.state == "none"
    assert forgotten.forgotten.startswith("Forgotten: what was done before")
    hear_learnt(page, LearntAction(kind="remember"))
    person.learn(page.state.breeder.run_id)
    assert page.report() == before


def test_it_is_said_that_something_is_being_learnt_until_all_of_it_is(
    page: TastePage, person: Person, monkeypatch: pytest.MonkeyPatch
):
    run_id = page.state.breeder.run_id
    person.learn(run_id)
    assert not page.report().busy
    old = person.guide(run_id)
    left, right = (child.genome.id for child in page.state.generation.children[:2])
    page.state.store.add_answer(left, right, 0)
    assert page.report().busy
    person.learn(run_id)
    assert not page.report().busy
    monkeypatch.setattr(person, "guide", lambda run_id: old)  # foretold, not learnt from yet
    assert page.report().busy


def test_a_network_of_ones_own_is_named_or_its_fault(monkeypatch: pytest.MonkeyPatch):
    assert network_in_words("") == ""
    monkeypatch.setenv("BREEDER_EMBEDDING", "/home/me/eye.onnx")
    assert network_in_words("") == "It also looks through your network eye.onnx."
    assert network_in_words("There is none.") == "There is none. It is left out."


def test_the_export_is_a_file_of_everything(
    page: TastePage, person: Person, monkeypatch: pytest.MonkeyPatch
):
    hear_comparison(page, answered(page))
    monkeypatch.setattr(taste_routes, "person", lambda: person)
    with TestClient(Starlette(routes=taste_routes.taste_routes())) as client:
        found = client.get("/taste/export.json")
    assert found.status_code == 200
    assert 'filename="breeder-taste.json"' in found.headers["content-disposition"]
    assert found.headers["cache-control"] == "no-store"
    assert json.loads(found.text) == person.export()
    assert len(person.export()["answers"]) == 1
