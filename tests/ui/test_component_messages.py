"""What the list of runs, the gallery and the card hear from a browser is parsed, never trusted."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import streamlit
from hypothesis import given
from hypothesis import strategies as some
from streamlit.runtime.scriptrunner_utils.exceptions import RerunException
from streamlit.runtime.scriptrunner_utils.script_requests import RerunData

from breeder.ui import components
from breeder.ui import gallery as gallery_component
from breeder.ui.card import CardAction, parse_card_action
from breeder.ui.components import MAX_MESSAGES, hear, parse_line, plain_time
from breeder.ui.gallery import MOST_BRED, GalleryAction, parse_gallery_action
from breeder.ui.gallery_changes import MOST_IDS
from breeder.ui.gallery_routes import MOST_AT_ONCE
from breeder.ui.run_list import RunAction, parse_run_action

ASSETS = Path(components.__file__).parent / "assets"

RENAME: dict[str, Any] = {"kind": "rename", "id": "run-1", "name": "owls"}
BREED: dict[str, Any] = {"kind": "breed", "ids": ["a", "b"]}
OPEN: dict[str, Any] = {"kind": "open", "ids": ["a"]}
GO: dict[str, Any] = {"kind": "go", "id": "a"}

ANYTHING = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats() | some.text(),
    lambda inner: some.lists(inner) | some.dictionaries(some.text(), inner),
    max_leaves=10,
)
FIELDS = some.sampled_from(["kind", "id", "ids", "name", "title"])
WORDS = some.sampled_from(["open", "rename", "breed", "new", "undo", "start"])

# Runs ---------------------------------------------------------------------------------------------


def test_a_new_name_comes_back_on_one_line():
    heard = parse_run_action({**RENAME, "name": "  grey\n\towls\x00 "})
    assert heard == RunAction(kind="rename", id="run-1", name="grey owls")


@pytest.mark.parametrize("kind", ["open", "duplicate", "delete", "undo"])
def test_only_a_rename_carries_a_name(kind: str):
    heard = parse_run_action({**RENAME, "kind": kind, "name": 5})
    assert heard is not None
    assert (heard.kind, heard.id, heard.name) == (kind, "run-1", "")


@pytest.mark.parametrize("kind", ["new", "new_grey"])
def test_a_new_run_means_no_other(kind: str):
    heard = parse_run_action({"kind": kind, "id": ["x"]})
    assert heard is not None
    assert (heard.kind, heard.id, heard.name) == (kind, "", "")


@pytest.mark.parametrize(
    "value",
    [
        None,
        "open",
        [],
        {},
        {**RENAME, "kind": "drop"},
        {**RENAME, "kind": ["rename"]},
        {**RENAME, "id": ""},
        {**RENAME, "id": "x" * 129},
        {**RENAME, "id": 7},
        {**RENAME, "id": "\ud800"},
        {**RENAME, "name": " \n "},
        {**RENAME, "name": None},
        {**RENAME, "name": "x" * 201},
        {**RENAME, "name": "half \udc00"},
    ],
)
def test_malformed_actions_of_the_list_are_ignored(value: object):
    assert parse_run_action(value) is None


# Gallery and card ---------------------------------------------------------------------------------


def test_pictures_to_breed_come_back_in_order_and_without_repeats():
    heard = parse_gallery_action({**BREED, "ids": ["b", "a", "b"]})
    assert heard == GalleryAction(kind="breed", ids=("b", "a"))


def test_formats_to_export_are_told_apart_by_name_and_title(monkeypatch: pytest.MonkeyPatch):
    shown: dict[str, Any] = {}
    monkeypatch.setattr(gallery_component, "component", lambda name: shown.update)
    gallery_component.gallery(most=2, on_action=print)
    titles = [each["title"] for each in shown["data"]["formats"]]
    assert len({title.rpartition(" (")[0] for title in titles}) == len(titles)
    assert "PNG picture (png)" in titles


@pytest.mark.parametrize("kind", ["open", "start"])
def test_other_actions_mean_one_picture(kind: str):
    assert parse_gallery_action({"kind": kind, "ids": ["a"], "title": 7}) == GalleryAction(
        kind=kind,  # type: ignore[arg-type]
        ids=("a",),
    )
    assert parse_gallery_action({"kind": kind, "ids": ["a", "b"]}) is None


@pytest.mark.parametrize(
    "value",
    [
        None,
        {},
        {**BREED, "ids": []},
        {**BREED, "ids": "ab"},
        {**BREED, "ids": [1]},
        {**BREED, "ids": [["a"]]},
        {**BREED, "ids": [""]},
        {**BREED, "ids": [str(number) for number in range(MOST_BRED + 1)]},
        {**BREED, "ids": None},
        {**OPEN, "kind": "remove"},
        {**OPEN, "kind": ["open"]},
    ],
)
def test_malformed_actions_of_the_gallery_are_ignored(value: object):
    assert parse_gallery_action(value) is None


@pytest.mark.parametrize("kind", ["open", "like", "family", "close", "go"])
def test_the_card_leads_to_a_picture_or_grid(kind: str):
    heard = parse_card_action({**GO, "kind": kind})
    assert heard == CardAction(kind=kind, id="a")  # type: ignore[arg-type]
    assert parse_card_action({**GO, "kind": kind, "id": ""}) is None


def test_a_change_on_the_card_names_nothing():
    assert parse_card_action({"kind": "changed", "id": 7}) == CardAction(kind="changed", id="")


@pytest.mark.parametrize("value", [None, [], {}, {**GO, "kind": "edit"}, {**GO, "id": "\ud800"}])
def test_malformed_actions_of_the_card_are_ignored(value: object):
    assert parse_card_action(value) is None


# All ----------------------------------------------------------------------------------------------


@given(value=some.dictionaries(FIELDS, ANYTHING | WORDS))
def test_no_message_raises(value: object):
    parse_run_action(value)
    parse_gallery_action(value)
    parse_card_action(value)


@given(text=some.text(some.characters(exclude_categories=[]), max_size=500))
def test_a_line_is_short_clean_and_can_be_stored(text: str):
    line = parse_line(text)
    if line is not None:
        assert len(line) <= 200
        assert line == " ".join(line.split())
        assert line.encode("utf-8").decode("utf-8") == line
        assert parse_line(line) == line


def test_letters_that_are_joined_stay_joined():
    assert parse_line("owl 👩‍👧 née") == "owl 👩‍👧 née"


def test_a_moment_goes_out_with_its_zone():
    moment = datetime(2025, 3, 1, 12, 30, tzinfo=UTC)
    assert plain_time(moment) == plain_time(moment.replace(tzinfo=None))
    assert plain_time(moment) == "2025-03-01T12:30:00+00:00"


# How messages are heard ---------------------------------------------------------------------------


def said(*messages: object) -> dict[str, object]:
    return {"said": {"turn": 1, "messages": list(messages)}}


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    """Stand in for the session of one tab."""
    state: dict[str, object] = {}
    monkeypatch.setattr(streamlit, "session_state", state)
    return state


def names(session: dict[str, object], *messages: object) -> list[str]:
    """Return the names that a list of renames asks for, as they are done."""
    done: list[RunAction] = []
    session["runs"] = said(*messages)
    hear("runs", parse_run_action, done.append)
    return [action.name for action in done]


def test_messages_are_done_once_and_in_order_though_all_are_said_again(
    session: dict[str, object],
) -> None:
    one, two, three = ({**RENAME, "name": f"owl {seq}", "seq": seq} for seq in (1, 2, 3))
    assert names(session, one, two) == ["owl 1", "owl 2"]
    assert components.answer("runs")["answered"] == 2
    assert names(session, one, two, three) == ["owl 3"]
    assert names(session, one, three) == []
    assert components.answer("runs")["answered"] == 3


def test_what_is_said_again_while_it_is_being_done_is_done_once(
    session: dict[str, object],
) -> None:
    """Streamlit answers each saying in a thread of its own, and waits for none of them."""
    begun, go, done = threading.Event(), threading.Event(), list[str]()

    def slowly(action: RunAction) -> None:
        begun.set()
        assert go.wait(20)
        done.append(action.name)

    one, two = ({**RENAME, "name": f"owl {seq}", "seq": seq} for seq in (1, 2))
    components.answer("runs")  # the page has been shown
    with ThreadPoolExecutor(3) as runs:
        session["runs"] = said(one)
        first = runs.submit(hear, "runs", parse_run_action, slowly)
        assert begun.wait(20)
        begun.clear()
        again = runs.submit(hear, "runs", parse_run_action, slowly)
        session["runs"] = said(one, two)
        later = runs.submit(hear, "runs", parse_run_action, slowly)
        assert not begun.wait(0.1)
        go.set()
        for each in (first, again, later):
            each.result(20)
    assert done == ["owl 1", "owl 2"]


def test_every_session_has_an_ear_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    ears = []
    for _ in range(2):
        monkeypatch.setattr(streamlit, "session_state", {})
        ears.append(components.answer("runs")["ear"])
        assert components.answer("runs") == {"ear": ears[-1], "answered": 0}
    assert ears[0] != ears[1]


def test_a_message_that_fails_is_answered_and_the_next_is_not(session: dict[str, object]) -> None:
    session["wall"] = said({**OPEN, "seq": 4}, {**OPEN, "seq": 5})

    def fail(action: GalleryAction) -> None:
        raise RuntimeError(action.kind)

    with pytest.raises(RuntimeError):
        hear("wall", parse_gallery_action, fail)
    assert components.answer("wall")["answered"] == 4


def test_a_callback_that_streamlit_ends_is_not_answered(session: dict[str, object]) -> None:
    session["wall"] = said({**OPEN, "seq": 4})

    def end(action: GalleryAction) -> None:
        raise RerunException(RerunData())

    with pytest.raises(RerunException):
        hear("wall", parse_gallery_action, end)
    assert components.answer("wall")["answered"] == 0


def test_a_malformed_message_is_answered_and_calls_nobody(session: dict[str, object]) -> None:
    assert names(session, {"kind": "drop", "seq": 7}) == []
    assert components.answer("runs")["answered"] == 7


@pytest.mark.parametrize(
    "heard",
    [
        None,
        {},
        {"said": "x"},
        {"said": {}},
        {"said": {"messages": "abc"}},
        said(RENAME),
        said("x", None, 3),
        said({**RENAME, "seq": 0}),
        said({**RENAME, "seq": 2**53}),
        said({**RENAME, "seq": True}),
        said({**RENAME, "seq": "1"}),
    ],
)
def test_what_is_not_a_numbered_message_calls_nobody(
    session: dict[str, object], heard: object
) -> None:
    session["runs"] = heard
    hear("runs", parse_run_action, lambda action: pytest.fail(str(action)))
    assert components.answer("runs")["answered"] == 0


def test_more_messages_than_are_heard_at_once_are_heard_later(session: dict[str, object]) -> None:
    messages = [{**RENAME, "name": str(seq), "seq": seq} for seq in range(1, MAX_MESSAGES + 3)]
    assert len(names(session, *messages)) == MAX_MESSAGES
    assert names(session, *messages[MAX_MESSAGES:]) == ["257", "258"]


@pytest.mark.parametrize("name", ["grid", "run_list", "gallery", "card", "large_picture"])
@pytest.mark.parametrize("kind", ["html", "css", "js"])
def test_streamlit_takes_the_assets_for_content_not_for_file_names(name: str, kind: str):
    assert "\n" in (ASSETS / f"{name}.{kind}").read_text("utf-8").strip()


def test_browser_and_server_agree_on_how_much_goes_at_once():
    bulk = (ASSETS / "gallery_bulk.js").read_text("utf-8")
    assert f"MOST_SELECTED = {MOST_IDS:_};" in bulk
    source = (ASSETS / "gallery_source.js").read_text("utf-8")
    assert f"SOURCE_LARGE_PAGE = {MOST_AT_ONCE:_};" in source
