"""The page of family trees: of a run, and of one picture over all runs."""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path

import streamlit as st

from breeder.ui import sidebar
from breeder.ui.large import large_view
from breeder.ui.session import page_state
from breeder.ui.state import PageState
from breeder.ui.text import as_text
from breeder.ui.tree import family_tree
from breeder.ui.tree_actions import hear_tree, tree_version


def asked(name: str) -> str:
    """Return the picture that the address names; empty where it names none."""
    value = st.query_params.get(name, "")
    return value if re.fullmatch("[0-9a-f]{32}", value) else ""


def show(state: PageState) -> None:
    """Show the tree of the run that the tab is on, or of the picture that the address names."""
    family_tree(
        run_id=state.breeder.run_id,
        run_name=state.breeder.run.name,
        family=asked("family"),
        selected=asked("picture"),
        version=tree_version(state),
        on_action=partial(hear_tree, state),
    )


def stay_or_leave(state: PageState) -> None:
    """Show another run's tree when that run was chosen; a run just begun has only its grid."""
    if state.to_grid and state.breeder.run.generations == 1:
        st.switch_page(Path(__file__).parent / "breed.py")
    if state.to_grid:
        state.to_grid = False
        for name in ("family", "picture"):
            st.query_params.pop(name, None)


state = page_state()
stay_or_leave(state)
if state.notice:
    st.error(as_text(state.notice), icon=":material/error:")
show(state)
sidebar.show(state)
if state.opened:
    large_view(state)
