"""The controls above the grid: the run's name, and what the next grid is bred with."""

from __future__ import annotations

import streamlit as st

from breeder.evolve.mutation import Focus
from breeder.ui.state import POPULATIONS, PageState, change_settings

FOCUS_LABELS: dict[Focus, str] = {"both": "Both", "structure": "Form", "color": "Colour"}


def show(state: PageState) -> None:
    """Show the controls."""
    settings = state.breeder.settings
    row = st.container(key="controls")
    name, strength, focus, color, more = row.columns([2, 2, 1.7, 0.9, 1.1])
    run = state.breeder.run
    key = f"name-{run.id}"
    st.session_state.setdefault(key, run.name)
    name.text_input("Run", key=key, max_chars=200, on_change=rename, args=(state, key))
    strength.slider(
        "Strength",
        0.0,
        1.0,
        settings.strength,
        0.05,
        key=f"strength-{run.id}",
        help="How far children move from their parents: left hardly visible, right wild.",
        on_change=changed,
        args=(state, "strength", f"strength-{run.id}"),
    )
    focus.segmented_control(
        "What may change",
        list(FOCUS_LABELS),
        default=settings.focus,
        format_func=FOCUS_LABELS.__getitem__,
        key=f"focus-{run.id}",
        on_change=changed,
        args=(state, "focus", f"focus-{run.id}"),
    )
    color.toggle(
        "Colour",
        settings.color,
        help="Founders in colour; children of a grey picture may turn to colour.",
        key=f"color-{run.id}",
        on_change=changed,
        args=(state, "color", f"color-{run.id}"),
    )
    with more.popover("More", icon=":material/tune:", width="stretch"):
        more_options(state, run.id)


def more_options(state: PageState, run_id: str) -> None:
    """Show the settings that are changed rarely."""
    settings = state.breeder.settings
    sizes = sorted({*POPULATIONS, settings.population})  # the command line takes any
    st.selectbox(
        "Pictures in a grid",
        sizes,
        index=sizes.index(settings.population),
        key=f"population-{run_id}",
        on_change=changed,
        args=(state, "population", f"population-{run_id}"),
    )
    for name, label, why in (
        ("carry_over", "Keep picks", "Picks stay, unchanged, in the next grid."),
        ("screening", "Screen children", "Leave out dull, repeated and unrelated children."),
    ):
        key = f"{name}-{run_id}"
        st.toggle(
            label,
            getattr(settings, name),
            help=why,
            key=key,
            on_change=changed,
            args=(state, name, key),
        )


def changed(state: PageState, name: str, key: str) -> None:
    """Take over a control's new value; an emptied choice changes nothing."""
    value = st.session_state[key]
    if value is not None:
        change_settings(state, **{name: value})


def rename(state: PageState, key: str) -> None:
    """Take over the run's new name; an empty one changes nothing."""
    with state.reporting():
        state.store.rename_run(state.breeder.run_id, st.session_state[key])
        state.runs = None
    st.session_state[key] = state.breeder.run.name
