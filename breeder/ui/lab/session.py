"""The Lab's state of a tab in Streamlit's session, and the page's address."""

from __future__ import annotations

from urllib.parse import parse_qsl

import streamlit as st

from breeder.ui.lab.state import LabState, address_of, open_lab

_KEY = "lab-state"


def lab_state() -> LabState:
    """Return the Lab's state of this tab, made from the address when the Lab is first opened.

    Afterwards the desk in the browser leads: it tells of every change, and of an address that the
    person went back to.
    """
    state = st.session_state.get(_KEY)
    if not isinstance(state, LabState):
        state = open_lab(st.query_params.to_dict())
        st.session_state[_KEY] = state
    return state


def keep_address(state: LabState) -> None:
    """Put what the desk shows into the page's address, where it changed."""
    if state.moved or not st.query_params:
        state.moved = False
        st.query_params.from_dict(dict(parse_qsl(address_of(state), keep_blank_values=True)))


def breed_if_asked(state: LabState) -> bool:
    """Begin a run from the network that the person wants to breed; tell whether there is one."""
    return False
