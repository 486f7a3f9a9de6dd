"""The page of favourites, across all runs."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import streamlit as st

from breeder.ui import sidebar
from breeder.ui.large import large_view
from breeder.ui.pictures import picture_address
from breeder.ui.session import page_state
from breeder.ui.state import PageState, hear_wall
from breeder.ui.text import as_text
from breeder.ui.wall import WallPicture, wall


def favourites(state: PageState) -> None:
    """Show the favourites."""
    removed = state.removed
    wall(
        pictures=[
            WallPicture(
                id=each.genome.id,
                url=picture_address(each.genome.id),
                title=each.title,
                subtitle=each.run_name or "",
                created=each.created_at,
            )
            for each in state.store.favourites()
        ],
        removed=(removed.genome.id, removed.title) if removed else None,
        on_action=partial(hear_wall, state),
        empty_text="Nothing kept yet. Press F on a picture, or the star on it, to keep it here.",
        key="favourites",
    )


state = page_state()
st.subheader("Favourites")
if state.notice:
    st.error(as_text(state.notice), icon=":material/error:")
favourites(state)
sidebar.show(state)
if state.opened:
    large_view(state)
if state.to_grid:
    st.switch_page(Path(__file__).parent / "breed.py")
