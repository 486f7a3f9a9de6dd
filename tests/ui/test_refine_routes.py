"""Refining from the page: ordered by an address, asked about, kept in the tree, or forgotten."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from breeder import Breeder, BreederSettings, Genome, Store
from breeder.errors import NotFoundError
from breeder.evolve.founders import founder
from breeder.looks import FINGERPRINT_BYTES
from breeder.taste import refining as ascent
from breeder.taste.guide import TasteGuide
from breeder.taste.model import learn
from breeder.taste.trial import Trial
from breeder.ui import refine_routes, refinements, routes
from breeder.ui.large import keep_and_lead
from breeder.ui.refinements import Refinements
from breeder.ui.refining import home_of, keep_refined, parse_token
from breeder.ui.state import PageState
from tests.taste.choosing import choices, liking


def guide(*, evidence: float = 9.0) -> TasteGuide:
    return TasteGuide(
        taste=learn(choices(40, liking())),
        trial=Trial(hits=(1.0,) * 9, evidence=evidence),
        seen=np.empty((0, FINGERPRINT_BYTES), dtype=np.uint8),
    )


class Desk:
    """The server's refinements, which wait until they may learn."""

    def __init__(self) -> None:
        self.guide, self.may_learn, self.now = guide(), threading.Event(), 0.0
        self.may_learn.set()
        self.asked: list[str] = []
        self.all = Refinements(self.learn, clock=lambda: self.now)

    def learn(self, run_id: str) -> TasteGuide:
        self.asked.append(run_id)
        assert self.may_learn.wait(20.0)
        return self.guide


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.setattr(ascent, "WORK", 1)  # few steps
    desk = Desk()
    for module in (refine_routes, refinements):
        monkeypatch.setattr(module, "refinements", lambda: desk.all)
    monkeypatch.setattr("breeder.ui.refining.refinements", lambda: desk.all)
    yield desk
    desk.may_learn.set()
    desk.all.close()


@pytest.fixture
def breeder(store: Store) -> Breeder:
    return Breeder.begin(store, settings=BreederSettings(population=4), seed=2)


@pytest.fixture
def client(store: Store, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    monkeypatch.setattr(routes, "open_store", lambda: store)
    with TestClient(Starlette(routes=refine_routes.refine_routes())) as client:
        yield client


def order(client: TestClient, genome: Genome, **query: Any) -> str:
    answer = client.post("/refinements", params={"genome": genome.id, **query})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["token"])


def finished(client: TestClient, token: str) -> dict[str, Any]:
    for _ in range(600):
        news: dict[str, Any] = client.get(f"/refinements/{token}").json()
        if news["state"] in ("done", "failed"):
            return news
        time.sleep(0.05)
    raise AssertionError(news)


def test_a_picture_is_refined_shown_and_kept_as_a_child(client: TestClient, breeder: Breeder):
    grid = breeder.ask()
    genome = grid.children[1].genome
    state = PageState(breeder=breeder, opened=genome.id)
    news = finished(client, token := order(client, genome, reach=0.8, run=breeder.run_id))
    assert (news["state"], news["improved"], news["done"]) == ("done", True, news["total"])
    assert news["picture"].startswith("data:image/jpeg;base64,")
    assert "moved by up to" in news["changed"]
    keep_refined(state, token)
    child = state.generation.children[1]
    assert (child.origin, child.parents) == ("refined", (genome,))
    assert (state.generation.came_from, state.generation.bred_from) == (grid.id, (1,))
    assert (state.opened, state.to_grid) == (None, True)
    assert state.status.startswith("Kept")


def test_a_picture_is_kept_once_though_the_script_is_ended_on_the_way(
    client: TestClient, breeder: Breeder, monkeypatch: pytest.MonkeyPatch
):
    """Streamlit ends a run of the script where it touches the session; the word is said again."""

    class Ended(BaseException):
        pass

    class Session(dict[str, Any]):
        ends = True

        def __setitem__(self, key: str, value: Any) -> None:
            if self.ends:
                self.ends = False
                raise Ended
            super().__setitem__(key, value)

    grid = breeder.ask()
    state = PageState(breeder=breeder)
    token = order_and_wait(client, grid.children[1].genome)
    monkeypatch.setattr("breeder.ui.large.st.session_state", Session())
    with pytest.raises(Ended):
        keep_and_lead(state, token)
    keep_and_lead(state, token)
    assert len(breeder.store.tree(breeder.run_id)) == 2


def test_the_run_at_hand_counts_most(client: TestClient, breeder: Breeder, desk: Desk):
    genome = breeder.ask().children[0].genome
    finished(client, order(client, genome, run=breeder.run_id))
    finished(client, order(client, genome, run="'; drop table"))
    assert desk.asked == [breeder.run_id, ""]


def test_a_picture_without_a_grid_has_its_result_kept_in_the_gallery(
    client: TestClient, breeder: Breeder, store: Store
):
    lone = founder(rng=np.random.default_rng(1))
    store.save_genome(lone)
    state = PageState(breeder=breeder, opened=lone.id)
    keep_refined(state, token := order_and_wait(client, lone))
    assert state.opened not in (None, lone.id)
    assert store.is_favourite([str(state.opened)])
    assert store.provenance(str(state.opened)) == f"refined from {lone.id[:12]}"
    assert token


def order_and_wait(client: TestClient, genome: Genome) -> str:
    token = order(client, genome)
    assert finished(client, token)["improved"]
    return token


def test_a_picture_is_at_home_in_the_grid_shown_else_in_its_newest_of_this_run(breeder: Breeder):
    first = breeder.ask()
    genome = first.children[2].genome
    second = breeder.tell([2])  # carries it over
    slot = next(each.slot for each in second.children if each.genome == genome)
    state = PageState(breeder=breeder)
    assert home_of(state, genome) == (second.id, slot)
    breeder.go(first.id)
    assert home_of(state, genome) == (first.id, 2)
    other = PageState(breeder=Breeder.begin(breeder.store, seed=9))
    assert home_of(other, genome) == (second.id, slot)
    assert home_of(other, founder(rng=np.random.default_rng(1))) is None


def test_what_does_not_beat_chance_refines_nothing(
    client: TestClient, breeder: Breeder, desk: Desk
):
    desk.guide = guide(evidence=0.0)
    token = order(client, breeder.ask().children[0].genome)
    news = finished(client, token)
    assert news["state"] == "failed"
    assert "does not beat chance yet" in news["message"]
    with pytest.raises(NotFoundError):
        desk.all.result(token)


def test_where_nothing_better_is_found_there_is_nothing_to_keep(
    client: TestClient, breeder: Breeder, desk: Desk
):
    desk.guide = TasteGuide(taste=learn([]), trial=desk.guide.trial, seen=desk.guide.seen)
    token = order(client, breeder.ask().children[0].genome)
    assert finished(client, token)["improved"] is False
    with pytest.raises(NotFoundError, match="no refined picture"):
        desk.all.result(token)


def test_others_wait_too_many_are_refused_and_what_is_cancelled_is_forgotten(
    client: TestClient, breeder: Breeder, desk: Desk
):
    desk.may_learn.clear()
    genome = breeder.ask().children[0].genome
    tokens = [order(client, genome) for _ in range(refinements.MOST)]
    refused = client.post("/refinements", params={"genome": genome.id})
    assert refused.status_code == 503
    assert "Too many" in refused.text
    assert client.get(f"/refinements/{tokens[2]}").json()["state"] == "waiting"
    for token in tokens[1:]:
        assert client.delete(f"/refinements/{token}").status_code == 204
    assert client.get(f"/refinements/{tokens[1]}").status_code == 404
    desk.may_learn.set()
    assert finished(client, tokens[0])["state"] == "done"
    assert len(desk.asked) == 1  # the cancelled ones never began


def test_the_newest_results_can_still_be_kept(
    client: TestClient, breeder: Breeder, desk: Desk, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(refinements, "REMEMBERED", 6)
    monkeypatch.setattr(Refinements, "_refine", lambda self, made: None)
    genome = breeder.ask().children[0].genome
    tokens = [order_and_end(client, genome) for _ in range(8)]
    there = [client.get(f"/refinements/{token}").status_code for token in tokens]
    assert there == [404] * 2 + [200] * 6


def order_and_end(client: TestClient, genome: Genome) -> str:
    finished(client, token := order(client, genome))
    return token


def test_what_no_page_asks_about_is_ended(client: TestClient, breeder: Breeder, desk: Desk):
    desk.may_learn.clear()
    genome = breeder.ask().children[0].genome
    left = [order(client, genome), order(client, genome)]
    desk.now += refinements.UNASKED_SECONDS + 1
    last = order(client, genome)
    desk.may_learn.set()
    assert finished(client, last)["state"] == "done"  # its turn came after theirs
    assert [client.get(f"/refinements/{token}").json()["state"] for token in left] == ["failed"] * 2


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"reach": "2"}, 400),
        ({"reach": "nan"}, 400),
        ({"reach": "far"}, 400),
        ({"genome": "ffff"}, 404),
        ({"genome": "f" * 32}, 404),
    ],
)
def test_nonsense_gets_one_sentence(
    client: TestClient, breeder: Breeder, query: dict[str, str], status: int
):
    genome = breeder.ask().children[0].genome
    answer = client.post("/refinements", params={"genome": genome.id, **query})
    assert answer.status_code == status
    assert len(answer.text.splitlines()) == 1


def test_another_site_cannot_order_or_end_anything(client: TestClient, breeder: Breeder):
    site = {"sec-fetch-site": "cross-site"}
    query = {"genome": breeder.ask().children[0].genome.id}
    assert client.post("/refinements", params=query, headers=site).status_code == 403
    assert client.delete("/refinements/abc", headers=site).status_code == 403


def test_a_browser_s_word_is_checked():
    assert parse_token({"kind": "keep", "token": "a" * 32}) == "a" * 32
    others: tuple[object, ...] = (None, {}, {"token": 3}, {"token": "A" * 32}, [], "a" * 32)
    assert [parse_token(value) for value in others] == [None] * len(others)
