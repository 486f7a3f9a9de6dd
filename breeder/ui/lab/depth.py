"""Depth against width: a study over many seeds, in the background, shape after shape."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, partial

import streamlit as st

from breeder.errors import SettingsError
from breeder.lab.settings import to_query
from breeder.lab.study import STUDIES, Row, Study, median_ratio, run_study, table
from breeder.ui.lab import charts
from breeder.ui.lab.latest import Latest, Task
from breeder.ui.lab.state import LabState
from breeder.ui.text import as_text

_TASK = "lab-study"
LOOK_EVERY = 0.7

TITLES = {
    "depth-against-width": "16 × 16 against 8 × 32",
    "equal-weights": "Equal weights",
    "depth": "Deeper and deeper",
    "width": "Wider and wider",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """The shapes that were measured so far."""

    rows: tuple[Row, ...]


@cache
def studies() -> Latest[Rows]:
    """Return the server's."""
    return Latest("study", at_once=2, kept=6)


def show(state: LabState) -> None:
    """Show the section."""
    st.caption(
        "Shapes drawn from many seeds with all other settings of the picture above: the middle of "
        "what is measured, with its quartiles. One lucky picture proves nothing."
    )
    name, seeds, start = st.columns([3, 2, 1.2], vertical_alignment="bottom")
    chosen = name.selectbox(
        "Study", list(STUDIES), format_func=TITLES.__getitem__, key="lab-study-name"
    )
    count = seeds.slider("Seeds for each shape", 4, 60, 12, 4, key="lab-study-seeds")
    st.markdown(as_text(STUDIES[chosen][0]))
    try:
        study = Study(base=state.settings, shapes=STUDIES[chosen][1], seeds=count)
    except SettingsError as error:
        st.error(as_text(str(error)), icon=":material/error:")
        return
    task = _asked(_key(study, chosen))
    start.button(
        "Measure",
        icon=":material/play_arrow:",
        width="stretch",
        disabled=task is not None and not task.message and not task.cancelled,
        on_click=partial(_start, study, _key(study, chosen)),
    )
    if task is None:
        return
    if task.cancelled:
        st.caption("Stopped; this was measured so far.")
    if task.done or task.cancelled:
        _shown(task)
    else:
        st.fragment(_measuring, run_every=LOOK_EVERY)(task)


def _key(study: Study, name: str) -> str:
    return f"{name}:{study.seeds}:{to_query(study.base)}"


def _asked(key: str) -> Task[Rows] | None:
    """Return this tab's task, if it still belongs to what the page shows."""
    task = st.session_state.get(_TASK)
    if not isinstance(task, Task):
        return None
    if task.key != key:
        task.cancel()
        return None
    return task


def _start(study: Study, key: str) -> None:
    before = st.session_state.get(_TASK)
    st.session_state[_TASK] = studies().want(
        key, partial(work, study), before if isinstance(before, Task) else None
    )


def work(study: Study, task: Task[Rows]) -> Rows:
    """Run a study for a task, which has its rows as they come."""
    done, rows = [0], list[Row]()

    def advance(steps: int) -> None:
        done[0] += steps
        task.share = done[0] / study.steps

    for row in run_study(study, cancelled=lambda: task.cancelled, advance=advance):
        rows.append(row)
        task.result = Rows(rows=tuple(rows))
    return Rows(rows=tuple(rows))


def _measuring(task: Task[Rows]) -> None:
    if task.ask():
        st.rerun()
    bar, stop = st.columns([5, 1], vertical_alignment="center")
    bar.progress(task.share, text=f"Measuring: {task.share:.0%}")
    if stop.button("Stop", icon=":material/stop:", width="stretch", key="lab-study-stop"):
        task.cancel()
        st.rerun()
    _shown(task)


def _shown(task: Task[Rows]) -> None:
    if task.message:
        st.error(as_text(task.message), icon=":material/error:")
    if task.result is None or not task.result.rows:
        return
    rows = task.result.rows
    columns = st.columns(max(4, len(rows)))
    for column, row in zip(columns, rows, strict=False):
        words = f"{row.title}: {row.weights:,} weights, seed {row.example_seed}"
        column.image(row.example, caption=words, width="stretch")
    if task.done:
        st.markdown(sentence(rows))
    st.altair_chart(charts.study_chart(rows))
    st.dataframe(table(rows), hide_index=True)


def sentence(rows: tuple[Row, ...]) -> str:
    """Return what the first two shapes differ in, as Markdown."""
    if len(rows) < 2:
        return ""
    one, other = rows[0], rows[1]
    parts = []
    for name, words in (
        ("compressed", "the compressed size"),
        ("sharpness", "the sharpness"),
        ("zoomable", "the reach of the zoom"),
    ):
        ratio = median_ratio(one, other, name)
        if ratio is not None:
            parts.append(f"**{ratio:.2g} ×** {words}")
    share = one.weights / other.weights
    return (
        f"{one.title} has {share:.2g} × the weights of {other.title}, and {', '.join(parts)} "
        "(medians)."
    )
