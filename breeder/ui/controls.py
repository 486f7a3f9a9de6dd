"""The controls above the grid: the run's name, and what the next grid is bred with."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import streamlit as st
from streamlit.errors import StreamlitPageNotFoundError

from breeder.evolve.mutation import Focus
from breeder.ui.state import POPULATIONS, PageState, change_settings
from breeder.ui.tasting import Account, in_full
from breeder.ui.text import as_text

FOCUS_LABELS: dict[Focus, str] = {"both": "Both", "structure": "Form", "color": "Colour"}

NOVELTIES = tuple(step / 10 for step in range(11))
"""The places of the dial from more of this to something else."""

TASTE_PAGE = Path(__file__).parent / "views" / "taste.py"
TASTE_WIDTH = 340
"""Pixels, so that what the popover says is not one long line."""


def show(state: PageState, account: Account | None) -> None:
    """Show the controls.

    Args:
        state: The tab.
        account: How well the person's taste is known; None while it is still being read.
    """
    settings = state.breeder.settings
    row = st.container(key="controls")
    name, strength, focus, taste, more = row.columns([1.5, 1.5, 2.0, 1.1, 1.1])
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
    popover = taste.popover("Taste", icon=":material/psychology:", width="stretch")
    with popover.container(width=TASTE_WIDTH):
        taste_options(state, account, run.id)
    with more.popover("More", icon=":material/tune:", width="stretch"):
        more_options(state, run.id)


def taste_options(state: PageState, account: Account | None, run_id: str) -> None:
    """Show what the person's taste does, and how well it is known."""
    settings = state.breeder.settings
    st.markdown(as_text(in_full(account, settings)))
    st.toggle(
        "Use my taste",
        settings.guided,
        help="Hundreds of children are bred unseen, and those that your picks have taught it to "
        "expect you to like are shown.",
        key=f"guided-{run_id}",
        on_change=changed,
        args=(state, "guided", f"guided-{run_id}"),
    )
    st.slider(
        "Left to chance",
        0,
        100,
        round(100 * settings.unguided),
        format="%d %%",
        help="The share of the new pictures that is bred as if nothing were known of you.",
        key=f"unguided-{run_id}",
        on_change=changed_share,
        args=(state, "unguided", f"unguided-{run_id}"),
    )
    st.select_slider(
        "More of this … something else",
        sorted({*NOVELTIES, settings.novelty}),
        settings.novelty,
        format_func=novelty_label,
        help="More of what you liked, or what is unlike all that you have seen.",
        key=f"novelty-{run_id}",
        on_change=changed,
        args=(state, "novelty", f"novelty-{run_id}"),
    )
    with suppress(StreamlitPageNotFoundError):  # this page may be opened alone, as in a test
        st.page_link(TASTE_PAGE, label="What was learnt", icon=":material/psychology:")


def novelty_label(novelty: float) -> str:
    """Return what a place of the dial is called."""
    ends = {0.0: "More of this", 1.0: "Something else"}
    return ends.get(novelty, f"{100 * novelty:.0f} % something else")


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
        ("color", "Colour", "Founders in colour; children of a grey picture may turn to colour."),
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


def changed_share(state: PageState, name: str, key: str) -> None:
    """Take over the new value of a control that counts in percent."""
    change_settings(state, **{name: st.session_state[key] / 100})


def rename(state: PageState, key: str) -> None:
    """Take over the run's new name; an empty one changes nothing."""
    with state.reporting():
        state.store.rename_run(state.breeder.run_id, st.session_state[key])
        state.runs = None
    st.session_state[key] = state.breeder.run.name
