"""The Lab's state of a tab in Streamlit's session, the page's address, and the way to the grid."""

from __future__ import annotations

from urllib.parse import parse_qsl

import streamlit as st

from breeder.errors import BreederError
from breeder.formats import Document
from breeder.lab.founding import origin_of, to_genome
from breeder.lab.settings import LabSettings
from breeder.ui.lab.presets import find_preset
from breeder.ui.lab.state import LabState, address_of, open_lab
from breeder.ui.session import breed_from

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
    """Begin a run from the network that the person wants to breed; tell whether to go to its grid.

    One that cannot be bred gives a notice. Both wishes stay until they are done: Streamlit may end
    a run of the script wherever it reads the session, and the next run then does them.
    """
    if state.breed is not None:
        try:
            breed_from(_founder(state.breed, state.desk.preset))
        except BreederError as error:
            state.notice, state.breed = str(error), None
            return False
        state.breed, state.leaving = None, True
    # Breeding takes seconds, in which the browser asks again. The run of the script that this ends
    # is ended here, before the wish is forgotten.
    st.session_state.get(_KEY)
    leaving, state.leaving = state.leaving, False
    return leaving


def _founder(settings: LabSettings, preset: str) -> Document:
    row = find_preset(preset)
    title = settings.caption or (f"{row.title}, seed {settings.seed}" if row else "")
    meta = {"title": title, "origin": origin_of(settings)}
    return Document(
        genome=to_genome(settings), meta={name: text for name, text in meta.items() if text}
    )
