"""The Lab page's address: a link rebuilds the page exactly, a bad one is told of in a sentence."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breeder.errors import SettingsError
from breeder.lab.presets import PRESETS
from breeder.lab.settings import QUERY_NAMES, CustomInput, Initialisation, LabSettings, from_query
from breeder.ui.lab.address import Desk, read_address, write_address
from breeder.ui.lab.controls import DEFAULTS, groups
from breeder.ui.lab.desk import message
from breeder.ui.lab.presets import FIRST, plain_presets
from breeder.ui.lab.state import LabState, hear, open_lab, parse_message

OFTEN = LabSettings(
    topology="densenet",
    widths=(8, 8, 3),
    weights=Initialisation(name="beta_std", numbers=(7.25,)),
    output_weights=Initialisation(name="glorot_normal"),
    inputs=("x", "r", "z", CustomInput(function="cos", r=10.0, shift=0.1)),
    zoom=1 / 3,
    center=(0.1, -2.5e-7),
    z=-1.3,
    seed=2**53 - 1,
    color="oklab",
    black_and_white=True,
    caption="My neural network is a stoic & 100 % so? #1 = +",
)


@pytest.mark.parametrize("size", ["screen", "128x128", "1920x1080"])
@pytest.mark.parametrize("section", ["", "why"])
def test_an_address_rebuilds_the_page_exactly(size: str, section: str) -> None:
    desk = Desk(settings=OFTEN, preset="usual", size=size, section=section)
    assert read_address(write_address(desk)) == desk


def test_every_experiment_is_rebuilt_by_its_name_and_by_its_address() -> None:
    rows = plain_presets()
    assert {row["id"] for row in rows} >= set(PRESETS)
    for row in rows:
        named = read_address({"preset": row["id"]})
        assert named.settings == from_query(row["query"])
        if row["id"] in PRESETS:
            assert named.settings == PRESETS[row["id"]].settings
        assert read_address({**row["settings"], "preset": row["id"]}) == named
        assert row["look"].endswith(".")


def test_no_address_is_the_first_experiment() -> None:
    assert read_address("").preset == FIRST


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("v=1&seed=x", "seed"),
        ("v=7", "version"),
        ("seed=4", "version"),
        ("preset=mona-lisa", "'mona-lisa'"),
        ("v=1&size=9x9", "size"),
        ("v=1&size=99999x99999", "size"),
        ("v=1&widths=9999", "512"),
        ("v=1&nothing=1", "'nothing'"),
        ("v=1&inputs=os.system:1:1:1:1", "function"),
    ],
)
def test_a_bad_link_gives_one_sentence_and_the_first_experiment(query: str, words: str) -> None:
    with pytest.raises(SettingsError) as raised:
        read_address(query)
    sentence = str(raised.value)
    assert words in sentence
    assert "\n" not in sentence
    state = open_lab(dict(part.split("=") for part in query.split("&")))
    assert state.notice == sentence
    assert state.desk.preset == FIRST


@given(st.dictionaries(st.sampled_from([*DEFAULTS, "v", "preset", "size"]), st.text(max_size=20)))
def test_whatever_a_link_holds_it_is_read_or_refused(pairs: dict[str, str]) -> None:
    state = open_lab(pairs)
    assert read_address(write_address(state.desk)) == state.desk


def test_the_browser_knows_the_usual_text_of_every_setting() -> None:
    assert set(DEFAULTS) == QUERY_NAMES
    for name, text in DEFAULTS.items():
        if text or name != "output_weights":
            assert from_query({"v": "1", name: text}) == LabSettings()


def test_every_setting_has_a_control() -> None:
    keys = {field["key"] for group in groups() for field in group["fields"]}
    assert keys == QUERY_NAMES | {"size"}


def test_what_the_desk_says_is_taken_over_and_not_told_again() -> None:
    state = open_lab({})
    turn = state.turn
    said = parse_message({"kind": "settings", "address": write_address(Desk(settings=OFTEN))})
    assert said is not None
    hear(state, said)
    assert (state.settings, state.turn, state.breed) == (OFTEN, turn, None)
    assert message(state)["settings"]["caption"] == OFTEN.caption


def test_settings_from_another_section_are_told_to_the_desk() -> None:
    state = open_lab({})
    turn = message(state)["turn"]
    state.take(OFTEN)
    assert message(state)["turn"] > turn
    assert read_address(message(state)["settings"]).settings == OFTEN


def test_settings_that_cannot_be_leave_the_page_as_it_was() -> None:
    state = LabState(desk=Desk(settings=OFTEN))
    for kind in ("settings", "breed"):
        said = parse_message({"kind": kind, "address": "v=1&widths=0"})
        assert said is not None
        hear(state, said)
    assert state.settings == OFTEN
    assert state.breed is None
    assert "neurons" in state.notice


@pytest.mark.parametrize(
    "value",
    [
        *(None, 7, {}, {"kind": "settings"}, {"kind": "eval", "address": ""}),
        {"kind": "breed", "address": "v=1&" + "x" * 9999},
        {"kind": ["breed"], "address": "v=1"},
    ],
)
def test_a_malformed_message_is_ignored(value: object) -> None:
    assert parse_message(value) is None
