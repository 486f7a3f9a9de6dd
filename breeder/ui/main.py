"""The script that Streamlit runs for every visit: style and navigation."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from breeder.errors import BreederError
from breeder.ui.resources import settle
from breeder.ui.text import as_text

HERE = Path(__file__).parent
# The pages lie in views/: a folder called pages/ beside this script would be taken by Streamlit for
# its own kind of pages, and run without this script after a server was restarted under an open tab.

st.set_page_config(page_title="breeder", page_icon=HERE / "assets" / "icon.png", layout="wide")
st.html(HERE / "assets" / "page.css")


def to_gallery() -> None:
    """Lead on from the address that the gallery had in earlier versions."""
    st.switch_page(HERE / "views" / "gallery.py")


page = st.navigation(
    [
        st.Page(
            HERE / "views" / "breed.py", title="Breed", icon=":material/grid_view:", default=True
        ),
        st.Page(HERE / "views" / "tree.py", title="Family tree", icon=":material/account_tree:"),
        st.Page(HERE / "views" / "gallery.py", title="Gallery", icon=":material/star:"),
        st.Page(HERE / "views" / "taste.py", title="Taste", icon=":material/psychology:"),
        st.Page(HERE / "views" / "lab.py", title="Lab", icon=":material/experiment:"),
        st.Page(HERE / "views" / "shared.py", title="Shared picture", visibility="hidden"),
        st.Page(to_gallery, title="Favourites", url_path="favourites", visibility="hidden"),
    ]
)
try:
    page.run()
except BreederError as error:  # the database cannot be used, say: nothing on a page would help
    st.error(as_text(str(error)), icon=":material/error:")
settle()
