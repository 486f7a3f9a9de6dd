"""The page that a link leads to: one picture, and the offer to breed from it.

Opening it begins no run and stores nothing.
"""

from __future__ import annotations

import re
from pathlib import Path

import streamlit as st

from breeder.errors import FormatError, NotFoundError
from breeder.formats import Document, share
from breeder.ui.file_routes import document_of
from breeder.ui.large import facts_of
from breeder.ui.large_picture import large_picture
from breeder.ui.pictures import picture_address
from breeder.ui.resources import open_store
from breeder.ui.session import breed_from
from breeder.ui.text import as_text

BREED = Path(__file__).parent / "breed.py"


def shared() -> tuple[Document, str]:
    """Return the picture that the address names, and the address it is drawn at.

    Raises:
        FormatError: The link cannot be read.
        NotFoundError: The picture is not on this server.
    """
    link = st.query_params.get("g")
    if link is not None:
        return share.unpack(link), f"/shared.jpg?g={link}"
    genome_id = st.query_params.get("p", "")
    if not re.fullmatch("[0-9a-f]{32}", genome_id):
        raise FormatError("Cannot read the link: it names no picture.")
    try:
        genome = open_store().genome(genome_id)
    except NotFoundError as error:
        raise NotFoundError(
            "This link names a picture that only the server it was copied from knows."
        ) from error
    favourite = open_store().favourite(genome.id)
    title = favourite.title if favourite else ""
    return document_of(genome, title), picture_address(genome.id)


def show() -> None:
    """Show the picture, or why there is none."""
    try:
        document, address = shared()
    except (FormatError, NotFoundError) as error:
        st.error(as_text(str(error)), icon=":material/link_off:")
        if st.button("Breed pictures of your own", icon=":material/grid_view:"):
            st.switch_page(BREED)
        return
    genome = document.genome
    picture, facts = st.columns([3, 2], gap="large")
    with picture:
        large_picture(
            picture_id=genome.id,
            url=address,
            alt=document.title or f"Picture {genome.id[:8]}",
            key="shared",
        )
    with facts:
        st.header(as_text(document.title) if document.title else "A picture for you")
        st.write(
            "Somebody bred this picture and shared it. Start a run from it: the picture and its "
            "children fill your first grid, and you pick what you like."
        )
        if document.origin:
            st.caption(as_text(document.origin[:1].upper() + document.origin[1:]))
        st.caption(facts_of(genome))
        start = st.container(key=f"start-{st.context.theme.type or 'light'}")
        if start.button(
            "Start a run from this", type="primary", icon=":material/add:", width="stretch"
        ):
            breed_from(document)
            st.switch_page(BREED)


show()
