"""The Lab: random networks that paint, and why they paint as they do."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from breeder.ui.lab import sections
from breeder.ui.lab.desk import desk
from breeder.ui.lab.session import breed_if_asked, keep_address, lab_state

BREED = Path(__file__).parent / "breed.py"

state = lab_state()
if breed_if_asked(state):
    st.switch_page(BREED)
desk(state)
sections.show(state)
keep_address(state)
