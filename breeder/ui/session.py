"""The typed state of a tab, kept in Streamlit's session and named in the address."""

from __future__ import annotations

import streamlit as st

from breeder.ui.resources import open_store
from breeder.ui.state import PageState, open_state

_KEY = "breeder"


def page_state() -> PageState:
    """Return the state of this tab, made when it is opened, and put its run into the address.

    The address decides first, then what this browser showed last, then a new run begins.
    """
    asked = st.query_params.get("run")
    state = st.session_state.get(_KEY)
    if not isinstance(state, PageState):
        remembered = st.context.cookies.get("breeder_run")
        state = open_state(open_store(), asked, remembered)
        st.session_state[_KEY] = state
    if asked != state.breeder.run_id:
        st.query_params["run"] = state.breeder.run_id
    return state
