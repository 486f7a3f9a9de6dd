"""The address of the gallery in earlier versions: leads there."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

st.switch_page(Path(__file__).parent / "gallery.py")
