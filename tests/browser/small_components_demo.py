"""A page with the list of runs and a large picture, for their browser tests.

The address chooses: `?part=runs` or `large`; `?count=` of runs; `?lazy=1`
answers an action without doing it. Pictures are fetched from /pictures/, which the test answers.
"""

from datetime import UTC, datetime, timedelta

import streamlit as st

from breeder.ui.large_picture import large_picture
from breeder.ui.run_list import GoneRun, RunAction, RunItem, run_list

NAMES = (
    "owls",
    "<b>Bold</b> waves",
    "A study of slow colours, drawn on a long night in the north",
    "Grey founders",
    "poster for May",
    "moths",
)

st.set_page_config(layout="wide", page_title="Small components")
state = st.session_state
lazy = "lazy" in st.query_params


def first_runs(count: int) -> list[RunItem]:
    now = datetime.now(UTC)
    return [
        RunItem(
            id=f"run-{number}",
            name=NAMES[number % len(NAMES)] + (f" {number}" if number >= len(NAMES) else ""),
            url=f"/pictures/{number}" if number != 3 else "",
            generations=1 + number * 7 % 40,
            updated=now - timedelta(minutes=number**3 * 7 + number),
        )
        for number in range(count)
    ]


def hear_run(action: RunAction) -> None:
    state.actions.append(action)
    if lazy:
        return
    runs = {run.id: run for run in state.listed}
    if action.kind == "open":
        state.current = action.id
    elif action.kind == "delete":
        state.gone = runs.pop(action.id)
        state.listed = list(runs.values())
    elif action.kind == "undo" or action.kind == "restore":
        state.listed, state.gone = [state.gone, *state.listed], None
    elif action.kind == "rename":
        old = runs[action.id]
        new = RunItem(
            id=old.id,
            name=action.name,
            url=old.url,
            generations=old.generations,
            updated=old.updated,
        )
        state.listed = [new if run is old else run for run in state.listed]


def show_runs() -> None:
    with st.sidebar:
        run_list(
            runs=state.listed,
            current=state.current,
            deleted=(state.gone.id, state.gone.name) if state.gone else None,
            gone=[GoneRun(id=state.gone.id, name=state.gone.name, days=29)] if state.gone else [],
            on_action=hear_run,
            key="runs",
        )


@st.dialog("Picture", width="large")
def show_large(picture_id: str) -> None:
    left, right = st.columns([3, 2])
    with left:
        large_picture(
            picture_id=picture_id, url=f"/pictures/{picture_id}", alt="<i>An</i> owl", key="large"
        )
    right.write("What changed, and where it came from.")


part = st.query_params.get("part", "runs")
count = int(st.query_params.get("count", "6"))
state.setdefault("actions", [])
state.setdefault("gone", None)
state.setdefault("current", "run-0")
state.setdefault("listed", first_runs(count))
state.app_runs = state.get("app_runs", 0) + 1

if part == "runs":
    show_runs()
else:
    show_large(st.query_params.get("picture", "1"))
st.text(f"app-runs={state.app_runs}")
st.text("did=" + " ".join(action.kind for action in state.actions) + ".")
if state.actions:
    last = state.actions[-1]
    st.text(f"last={last.id}|{last.name}|.")
