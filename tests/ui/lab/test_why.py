"""The sections that explain: names, numbers with their sources, charts, studies, convolutions."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from breeder.errors import CancelledError
from breeder.lab.complexity import MEASURES
from breeder.lab.convolution_drawing import draw_convolution
from breeder.lab.convolutions import CONVOLUTION_PRESETS, ConvolutionSettings
from breeder.lab.explanation import Explanation, explain
from breeder.lab.networks import build
from breeder.lab.settings import Initialisation, LabSettings
from breeder.lab.signals import signals
from breeder.lab.study import STUDIES, Study
from breeder.ui.lab import charts, convolutions, depth, why
from breeder.ui.lab.latest import Task
from breeder.ui.lab.state import LabState, address_of, hear, open_lab, parse_message

GOO = LabSettings(weights=Initialisation(name="pytorch"))
SMALL = ConvolutionSettings(width=48, height=32, layers=3)


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have sections wait for their work instead of asking again and again."""
    monkeypatch.setattr(why, "SOON", 60.0)
    monkeypatch.setattr(convolutions, "SOON", 60.0)


def _why_page() -> None:
    import streamlit as st

    from breeder.ui.lab import why
    from breeder.ui.lab.state import open_lab

    why.show(st.session_state.setdefault("state", open_lab(st.query_params.to_dict())))


def _depth_page() -> None:
    import streamlit as st

    from breeder.ui.lab import depth
    from breeder.ui.lab.state import open_lab

    depth.show(st.session_state.setdefault("state", open_lab(st.query_params.to_dict())))


def _convolutions_page() -> None:
    import streamlit as st

    from breeder.ui.lab import convolutions
    from breeder.ui.lab.state import open_lab

    convolutions.show(st.session_state.setdefault("state", open_lab(st.query_params.to_dict())))


def opened(page: Callable[[], None], **query: str) -> AppTest:
    app = AppTest.from_function(page, default_timeout=90)
    for name, text in query.items():
        app.query_params[name] = text
    app.run()
    assert not app.exception
    return app


def words(app: AppTest) -> str:
    return "\n".join(each.value for each in app.markdown)


def state_of(app: AppTest) -> LabState:
    state = app.session_state["state"]
    assert isinstance(state, LabState)
    return state


def test_goo_is_named_on_the_page_with_the_layer_where_the_signal_dies():
    app = opened(_why_page, v="1", weights="pytorch")
    assert "gray-badge[Grey goo]" in words(app)
    assert "The signal dies in hidden" in words(app)


def test_a_good_picture_is_called_nothing_and_every_number_has_its_meaning_and_source():
    app = opened(_why_page, v="1", activation="relu", widths="8*3", seed="5")
    assert "Grey goo" not in words(app)
    shown = {metric.label: metric for metric in app.metric}
    for row in MEASURES.values():
        assert row.source in shown[row.title].proto.help, row.name
    assert "a line" in shown["Linear regions"].value
    assert "Weights" in shown


def test_the_numbers_say_where_they_are_only_bounds():
    found = explain(LabSettings(widths=(128,) * 8), closer=(1.0,))
    numbers = dict(why.numbers_of(found))
    assert not found.curve.dense
    assert numbers["curve_growth"].startswith("≥ ×")
    assert "regions" not in numbers


def test_what_cannot_be_measured_is_said_to_be_none():
    found = explain(GOO, closer=(1.0,))
    flat = replace(found.frames[0].complexity, spectral_slope=None)
    bare = replace(
        found,
        frames=(replace(found.frames[0], complexity=flat),),
        curve=replace(found.curve, growth=None),
        zoomable=None,
    )
    assert isinstance(bare, Explanation)
    numbers = dict(why.numbers_of(bare))
    assert numbers["spectral_slope"] == numbers["zoomable"] == numbers["curve_growth"] == "none"


def values_of(chart: dict[str, Any]) -> list[dict[str, Any]]:
    """All rows of data anywhere in a chart."""
    found = [row for each in chart.get("datasets", {}).values() for row in each]
    for part in (chart, *chart.get("layer", []), *chart.get("concat", [])):
        found += part.get("data", {}).get("values", [])
        for inner in part.get("layer", []):
            found += inner.get("data", {}).get("values", [])
    return found


def test_charts_hold_what_was_measured_and_are_valid():
    settings = LabSettings(widths=(8,) * 20)
    found = signals(settings, build(settings), side=16)
    spread = charts.spread_chart(found).to_dict()
    assert [row["Spread"] for row in values_of(spread) if "Layer" in row] == [
        layer.spread for layer in found.layers
    ]
    histograms = [chart.to_dict() for chart in charts.histogram_charts(found)]
    names = [chart["title"]["text"] for chart in histograms]
    assert len(names) == charts.MOST_HISTOGRAMS
    assert (names[0], names[-1]) == ("inputs", "outputs")
    for chart in histograms:
        assert sum(row["Share"] for row in values_of(chart)) == pytest.approx(1.0)
    assert charts.passing_chart(found).to_dict()
    goo = charts.spread_chart(signals(GOO, build(GOO), side=16)).to_dict()
    assert "layer" in goo  # with the line below which the signal is dead


def test_layers_of_any_size_fit_on_the_logarithmic_axis():
    drawn = draw_convolution(
        replace(SMALL, normalised=False, gain=8.0, layers=20, width=16, height=16)
    )
    chart = charts.layers_chart(drawn.layers).to_dict()
    low, high = chart["encoding"]["y"]["scale"]["domain"]
    spreads = [row["Spread"] for row in values_of(chart)]
    assert 0 < low <= min(spreads) < max(spreads) <= high
    assert charts.layers_chart([replace(drawn.layers[0], sums=0.0, values=0.0)]).to_dict()


def test_a_study_is_measured_on_demand_shows_its_rows_and_says_what_differs(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(depth, "STUDIES", {"depth": ("Small.", ((4,), (4, 4)))})
    app = opened(_depth_page, v="1")
    assert not app.dataframe
    app.slider(key="lab-study-seeds").set_value(4).run()
    button = next(each for each in app.button if each.label == "Measure")
    button.click().run()
    task = app.session_state["lab-study"]
    assert task.wait(60)
    app.run()
    assert not app.exception
    assert "1 layer of 4 has" in words(app)
    assert len(app.dataframe[0].value) == 2
    task.cancel()  # as Stop does
    app.run()
    assert "Stopped" in app.caption[1].value
    assert len(app.dataframe[0].value) == 2
    assert not next(each for each in app.button if each.label == "Measure").disabled


def test_a_study_can_be_stopped_and_gives_rows_as_they_come():
    study = Study(base=LabSettings(), shapes=((4,), (4, 4)), seeds=2)
    task: Task[depth.Rows] = Task("study")
    assert len(depth.work(study, task).rows) == 2
    assert task.share == 1.0
    assert task.result is not None  # the rows, as they came
    task.cancel()
    with pytest.raises(CancelledError):
        depth.work(study, task)


def test_every_study_has_a_title():
    assert depth.TITLES.keys() == STUDIES.keys()


def test_the_address_rebuilds_a_convolution_and_its_controls():
    chosen = replace(SMALL, structure="3x3", seed=7, colour="rgb")
    app = opened(_convolutions_page, section="convolutions", below=convolutions.written(chosen))
    assert convolutions.settings_of(state_of(app)) == chosen
    assert app.number_input[0].value == 7
    assert app.metric[-1].value == "2,010"  # (2 x 10 + 10 x 10 + 10 x 10) x 9 + 10 x 3


def test_a_control_changes_the_picture_and_the_address():
    app = opened(_convolutions_page, below=convolutions.written(SMALL))
    next(each for each in app.button if each.label == "Next").click().run()
    assert not app.exception
    assert convolutions.settings_of(state_of(app)).seed == 1
    state = state_of(app)
    again = open_lab({"v": "1", "below": state.desk.below, "section": "convolutions"})
    assert convolutions.settings_of(again).seed == 1
    assert "below=" in address_of(state)


def test_a_desk_that_speaks_does_not_lose_what_the_section_keeps():
    state = open_lab({"v": "1", "section": "convolutions", "below": convolutions.written(SMALL)})
    message = parse_message({"kind": "settings", "address": "v=1&seed=9"})
    assert message is not None
    hear(state, message)
    assert state.settings.seed == 9
    assert convolutions.settings_of(state) == SMALL


def test_a_wrong_address_of_a_convolution_is_told_in_one_sentence():
    app = opened(_convolutions_page, below="conv-v=1&conv-layers=900&conv-width=48&conv-height=32")
    assert ["layers must be" in error.value for error in app.error] == [True]


def test_what_vanished_is_named_with_its_own_reason():
    chosen = replace(CONVOLUTION_PRESETS["vanish"].settings, width=48, height=32)
    app = opened(_convolutions_page, below=convolutions.written(chosen))
    assert "Grey goo" in words(app)
    assert "millionth" in words(app)


def test_the_download_holds_the_picture():
    drawn = convolutions.draw(SMALL, Task("x"))
    with Image.open(io.BytesIO(drawn.png)) as image:
        assert np.array_equal(np.asarray(image), draw_convolution(SMALL).pixels)
