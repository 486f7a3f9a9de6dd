"""What stands below the Lab's desk, one section at a time: a row of this table for each.

A section is a function of the tab's state. It reads `state.settings`, and may show others on the
desk with `state.take`. Only the one that is chosen runs, again whenever the desk has changed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import streamlit as st

from breeder.ui.lab.state import LabState


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One section.

    Attributes:
        name: What the address calls it.
        title: On its tab.
        show: Shows it; imports what it needs when it is called.
    """

    name: str
    title: str
    show: Callable[[LabState], None]


def _sweeps(state: LabState) -> None:
    from breeder.ui.lab import sweep

    sweep.show(state)


SECTIONS: tuple[Section, ...] = (Section(name="sweeps", title="Sweeps", show=_sweeps),)
"""The sections, in the order of their tabs."""


def show(state: LabState) -> None:
    """Show the tabs and the section that is chosen."""
    rows = {row.name: row for row in SECTIONS}
    chosen = state.desk.section if state.desk.section in rows else next(iter(rows))
    st.session_state.setdefault("lab-section", chosen)
    st.segmented_control(
        "Section",
        list(rows),
        format_func=lambda name: rows[name].title,
        key="lab-section",
        label_visibility="collapsed",
        required=True,
        on_change=_choose,
        args=(state,),
    )
    rows[chosen].show(state)


def _choose(state: LabState) -> None:
    state.desk = replace(state.desk, section=st.session_state["lab-section"])
    state.moved = True
