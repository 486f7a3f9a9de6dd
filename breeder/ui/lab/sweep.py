"""Sweeps."""

from __future__ import annotations

import streamlit as st

from breeder.ui.lab.state import LabState


def show(state: LabState) -> None:
    """Show the sweeps."""
    st.caption("Sweeps are on their way.")
