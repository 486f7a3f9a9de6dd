"""The page of the gallery, across all runs."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import streamlit as st

from breeder.breeder import Breeder
from breeder.ui import sidebar
from breeder.ui.gallery import GalleryAction, gallery
from breeder.ui.large import large_view
from breeder.ui.session import page_state
from breeder.ui.state import PageState, start_from
from breeder.ui.text import as_text

_NAMED = "gallery-picture"


def hear_gallery(state: PageState, action: GalleryAction) -> None:
    """Do what leads from the gallery to another page."""
    with state.reporting():
        if action.kind == "open":
            state.opened = state.store.genome(action.ids[0]).id
            return
        found = [state.store.genome(genome_id) for genome_id in action.ids]
        kept = state.store.favourite(found[0].id) if len(found) == 1 else None
        start_from(state, found, kept.title if kept else "")


def name_opened(state: PageState) -> None:
    """Keep the picture that is open in the address: one named there is opened, once."""
    asked, named = st.query_params.get("picture"), st.session_state.get(_NAMED)
    if state.opened is None and asked and asked != named:
        with state.reporting():
            state.opened = state.store.genome(asked).id
    st.session_state[_NAMED] = state.opened
    if state.opened is not None and asked != state.opened:
        st.query_params["picture"] = state.opened
    elif state.opened is None and asked:
        del st.query_params["picture"]


state = page_state()
name_opened(state)
if state.notice:
    st.error(as_text(state.notice), icon=":material/error:")
gallery(
    most=Breeder.most_starts(state.breeder.settings),
    on_action=partial(hear_gallery, state),
    empty_text="Nothing kept yet. Press F on a picture, or the star on it, to keep it here.",
)
sidebar.show(state)
if state.opened:
    large_view(state)
if state.to_grid:
    st.switch_page(Path(__file__).parent / "breed.py")
