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


def _why(state: LabState) -> None:
    from breeder.ui.lab import why

    why.show(state)


def _depth(state: LabState) -> None:
    from breeder.ui.lab import depth

    depth.show(state)


def _convolutions(state: LabState) -> None:
    from breeder.ui.lab import convolutions

    convolutions.show(state)


def _film(state: LabState) -> None:
    from breeder.ui.lab import film

    film.show(state)


def _training(state: LabState) -> None:
    from breeder.ui.lab import training

    training.show(state)


SECTIONS: tuple[Section, ...] = (
    Section(name="sweeps", title="Sweeps", show=_sweeps),
    Section(name="why", title="Why", show=_why),
    Section(name="depth", title="Depth and width", show=_depth),
    Section(name="convolutions", title="Convolutions", show=_convolutions),
    Section(name="film", title="Film", show=_film),
    Section(name="training", title="Learn a picture", show=_training),
)
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
    state.desk = replace(state.desk, section=st.session_state["lab-section"], below="")
    state.moved = True
