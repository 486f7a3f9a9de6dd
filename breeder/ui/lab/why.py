"""Why: what is measured of the picture on the desk, with the meaning of every number.

Measured in the background, so that the picture itself never waits, and only for what the desk shows
now.
"""

from __future__ import annotations

from functools import cache, partial

import streamlit as st

from breeder.lab.complexity import MEASURES
from breeder.lab.explanation import Explanation, explain
from breeder.lab.settings import LabSettings, to_query
from breeder.ui.lab import charts
from breeder.ui.lab.latest import Latest, Task
from breeder.ui.lab.state import LabState
from breeder.ui.text import as_text

_TASK = "lab-why"
SOON = 0.25
"""Seconds for which the page waits before it says that it is measuring."""

LOOK_EVERY = 0.5

PAUSE = 0.3
"""Seconds before measuring begins: the picture comes first, and a moving slider starts nothing."""

NAMED = {
    "grey goo": ("Grey goo", "gray"),
    "flat": ("One flat colour", "gray"),
    "saturated": ("Saturated", "orange"),
    "noise": ("Noise", "red"),
}


@cache
def explanations() -> Latest[Explanation]:
    """Return the server's."""
    return Latest("why", at_once=2, kept=12)


def show(state: LabState) -> None:
    """Show the section."""
    task = _wanted(state.settings)
    if task.wait(SOON):
        _finished(task)
    else:
        st.fragment(_measuring, run_every=LOOK_EVERY)(task)


def _wanted(settings: LabSettings) -> Task[Explanation]:
    before = st.session_state.get(_TASK)
    task = explanations().want(
        to_query(settings),
        partial(work, settings),
        before if isinstance(before, Task) else None,
    )
    st.session_state[_TASK] = task
    return task


def work(settings: LabSettings, task: Task[Explanation]) -> Explanation:
    """Measure a picture for a task, once it is drawn and the hand rests."""
    task.pause(PAUSE)
    return explain(settings, cancelled=lambda: task.cancelled)


def _measuring(task: Task[Explanation]) -> None:
    if task.ask():
        st.rerun()
    st.caption(":material/hourglass_empty: Measuring the picture …")


def _finished(task: Task[Explanation]) -> None:
    if task.message:
        st.error(as_text(task.message), icon=":material/error:")
    elif task.result is not None:
        _explanation(task.result)


def _explanation(found: Explanation) -> None:
    _states(found)
    _numbers(found)
    _layers(found)
    _closer(found)
    with st.expander("What the numbers mean, and where they come from"):
        st.markdown(meanings())


def _states(found: Explanation) -> None:
    """Name what the picture is, with the reason."""
    for finding in found.findings:
        title, colour = NAMED[finding.name]
        st.markdown(f":{colour}-badge[{title}] {as_text(finding.reason)}")
    st.markdown(f"**{as_text(found.signals.verdict)}**")


def _numbers(found: Explanation) -> None:
    shown = numbers_of(found)
    for start in range(0, len(shown), 4):
        columns = st.columns(4)
        for column, (name, value) in zip(columns, shown[start : start + 4], strict=False):
            row = MEASURES.get(name)
            if row is None:
                column.metric(
                    "Weights", value, help="True counts: weights, and biases beside them."
                )
            else:
                column.metric(row.title, value, help=f"{row.definition}\n\nSource: {row.source}")


def numbers_of(found: Explanation) -> list[tuple[str, str]]:
    """Return the measures by name with their values as people read them."""
    one = found.complexity
    slope = "none" if one.spectral_slope is None else f"{one.spectral_slope:.1f}".replace("-", "−")
    growth = "none"
    if found.curve.growth is not None:
        growth = f"{'' if found.curve.dense else '≥ '}× {found.curve.growth:.2f}"
    shown = [
        ("edge_density", f"{one.edge_density:.1%}"),
        ("spectral_slope", slope),
        ("compressed", f"{one.compressed:.2f} bits"),
        ("sharpness", f"{one.sharpness:.2f}"),
        ("zoomable", "none" if found.zoomable is None else f"× {found.zoomable:,.0f}"),
        ("curve_growth", growth),
    ]
    if found.regions is not None:
        shown.append(("regions", regions_text(found)))
    shown.append(("weights", f"{found.weights:,} + {found.biases:,}"))
    return shown


def regions_text(found: Explanation) -> str:
    """Return the linear regions in a few words."""
    regions = found.regions
    if regions is None:
        return ""
    least = f"≥ {regions.patterns:,} in all"
    if regions.mean is None:
        return least
    return f"{'' if regions.whole else '≥ '}{regions.mean:,.0f} a line"


def _layers(found: Explanation) -> None:
    left, middle, right = st.columns(3)
    with left:
        st.markdown(
            "**How far values spread**",
            help="The standard deviation of each neuron over the picture, root mean square over "
            "the layer. Where the line falls, the signal dies; below 0.02 (dashed) a bounded layer "
            "says nearly the same everywhere.",
        )
        st.altair_chart(charts.spread_chart(found.signals), width="stretch")
    with middle:
        st.markdown(
            "**What still passes**",
            help="Flat values: the activation's slope there is below a hundredth of its steepest, "
            "because it is saturated or, for ReLU, off. Still neurons vary by less than 0.01 over "
            "the whole picture.",
        )
        st.altair_chart(charts.passing_chart(found.signals), width="stretch")
    with right:
        row = MEASURES["curve_growth"]
        st.markdown("**How a circle grows**", help=f"{row.definition}\n\nSource: {row.source}")
        st.altair_chart(charts.curve_chart(found.curve, found.signals), width="stretch")
        if not found.curve.dense:
            st.caption(
                f"It turns faster than {found.curve.points:,} points show: the true lengths are "
                "greater."
            )
    st.markdown(
        "**Histograms of the values, layer by layer**",
        help=f"Of {found.signals.points:,} points of the picture; each on an axis of its own, the "
        "outermost hundredth of unbounded layers left out.",
    )
    with st.container(horizontal=True):  # as many beside each other as there is room for
        for chart in charts.histogram_charts(found.signals):
            st.altair_chart(chart, width="content")


def _closer(found: Explanation) -> None:
    st.markdown(
        "**The middle, closer up**",
        help="The same place drawn again. Sharpness is taken within each frame: where it stays "
        "high, there is structure within structure.",
    )
    for column, frame in zip(st.columns(len(found.frames)), found.frames, strict=True):
        words = f"× {frame.zoom:.0f}: sharpness {frame.complexity.sharpness:.2f}"
        column.image(frame.picture, caption=words, width="stretch")
    if found.regions is not None:
        regions = found.regions
        lines = ", ".join(map(str, regions.along_lines)) or "too many to count here"
        st.caption(
            f"Linear regions, counted exactly along lines: {lines}. Patterns of active neurons "
            f"among {regions.points:,} points: {regions.patterns:,}, so the picture has at least "
            "as many regions."
        )


def meanings() -> str:
    """Return the definitions and sources of all measures as Markdown."""
    return "\n".join(
        f"- **{row.title}**: {row.definition} *{row.source}*" for row in MEASURES.values()
    )
