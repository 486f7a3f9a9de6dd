"""The typed state of a tab, kept in Streamlit's session and named in the address."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from breeder.formats import Document
from breeder.ui.resources import ahead, open_store, person
from breeder.ui.state import (
    PageState,
    begin_with,
    leave_a_deleted_run,
    open_state,
    resume,
    start_from,
)

VIEWS = Path(__file__).parent / "views"

_KEY = "breeder"


def page_state() -> PageState:
    """Return the state of this tab, made when it is opened, and put its run into the address.

    The address decides first, also when the browser goes back to an older one; then what this
    browser showed last; then a new run begins.
    """
    asked = st.query_params.get("run")
    state = st.session_state.get(_KEY)
    if not isinstance(state, PageState):
        cookie = st.context.cookies.get("breeder_run")
        remembered = cookie if isinstance(cookie, str) else None
        state = open_state(open_store(), asked, remembered, ahead=ahead(), person=person())
        st.session_state[_KEY] = state
    elif asked and asked != state.address:
        resume(state, asked)
    _follow(state)
    leave_a_deleted_run(state)
    state.address = state.breeder.run_id
    if asked != state.address:
        st.query_params["run"] = state.address
    return state


def _follow(state: PageState) -> None:
    """Go to the page that something on the page before leads to."""
    if state.leads_to is not None:
        page, query = state.leads_to
        state.leads_to = None
        st.switch_page(VIEWS / page, query_params=query)


def breed_from(document: Document) -> None:
    """Begin a run from a picture that is perhaps not stored yet, in this tab.

    Raises:
        BreederError: It cannot be stored.
    """
    store = open_store()
    store.save_genome(document.genome, origin=document.origin)
    state = st.session_state.get(_KEY)
    if isinstance(state, PageState):
        start_from(state, [document.genome], document.title)
    else:
        st.session_state[_KEY] = begin_with(store, document, ahead=ahead(), person=person())
