"""The script that Streamlit runs for every visit: style and navigation."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from breeder.errors import BreederError
from breeder.ui.text import as_text

HERE = Path(__file__).parent

st.set_page_config(page_title="breeder", page_icon=HERE / "assets" / "icon.png", layout="wide")
st.html(HERE / "assets" / "page.css")

page = st.navigation(
    [
        st.Page(
            HERE / "pages" / "breed.py", title="Breed", icon=":material/grid_view:", default=True
        ),
        st.Page(HERE / "pages" / "favourites.py", title="Favourites", icon=":material/star:"),
    ]
)
try:
    page.run()
except BreederError as error:  # the database cannot be used, say: nothing on a page would help
    st.error(as_text(str(error)), icon=":material/error:")
