"""A picture opened large: its title, what changed, its parents, and files to take away."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from urllib.parse import urlencode

import streamlit as st

from breeder.breeder import Breeder
from breeder.genome import Genome
from breeder.store import Entry
from breeder.ui.card import CardAction, Place, card
from breeder.ui.download import picture_download
from breeder.ui.file_routes import share_query
from breeder.ui.files import files_to_take, link_to_copy
from breeder.ui.film import film_maker
from breeder.ui.films import reads_z
from breeder.ui.gallery_routes import bare_entry, plain_entry
from breeder.ui.large_picture import large_picture
from breeder.ui.pictures import picture_address
from breeder.ui.refining import home_of, keep_refined, refiner
from breeder.ui.state import PageState, start_from
from breeder.ui.text import as_text

MOST_HOMES = 40
"""Grids listed, at most: a picture that is kept lives in one grid after another."""

_LED = "card-led"

COLOR_WORDS = {
    "grey": "grey",
    "hsb": "colour by hue",
    "rgb": "rgb colour",
    "oklab": "Oklab colour",
    "lab": "CIE L*a*b* colour",
}


def large_view(state: PageState) -> None:
    """Open the dialog on the state's opened picture."""

    def close() -> None:
        state.opened = None

    st.dialog("Picture", width="large", on_dismiss=close)(_content)(state)


def _content(state: PageState) -> None:
    if st.session_state.pop(_LED, False):
        st.rerun()  # of the whole page: a dialog alone cannot leave it
    if state.opened is None:
        return
    genome = state.store.genome(state.opened)
    entry = state.store.entry(genome.id)
    picture, facts = st.columns([3, 2], gap="medium")
    title = entry.title if entry else ""
    with picture:
        large_picture(
            picture_id=genome.id,
            url=picture_address(genome.id),
            alt=title or f"Picture {genome.id[:8]}",
            key="large",
        )
    with facts:
        if state.notice:
            st.error(as_text(state.notice), icon=":material/error:")
        _said(state, genome, entry)
        _lineage(state, genome)
        st.caption(facts_of(genome))
        picture_download(genome_id=genome.id, title=title)
        start, link = st.columns(2)
        if start.button("Start a new run from this", icon=":material/add:", width="stretch"):
            start_from(state, [genome], title)
            st.rerun()
        with link:
            link_to_copy(share=share_query(genome, title))
    _refine(state, genome)
    _film(genome, title)
    files_to_take(genome_id=genome.id, title=title)


def _refine(state: PageState, genome: Genome) -> None:
    """Show what moves the picture towards the person's taste, once somebody asks for it."""
    if st.toggle("Refine", help="Moves it towards your taste; it stays the picture it is."):
        refiner(
            genome_id=genome.id,
            run_id=state.breeder.run_id,
            trusted=state.person is not None and state.person.account().trusted,
            lives=home_of(state, genome) is not None,
            on_keep=partial(keep_and_lead, state),
        )


def keep_and_lead(state: PageState, token: str) -> None:
    """Keep what was refined, and lead the whole page to where it is."""
    # First: Streamlit may end this where it touches the session, and it is asked for again then.
    st.session_state[_LED] = True
    with state.reporting():
        keep_refined(state, token)


def _film(genome: Genome, title: str) -> None:
    """Show what makes a film of the picture, once somebody asks for it."""
    if st.toggle("Film", help="Zoom, turn, wind it up: a loop of this picture."):
        subject = urlencode({"genome": genome.id, "title": title})
        name = f"Film of {title or genome.id[:8]}"
        film_maker(subject=subject, name=name, network=False, reads_z=reads_z(genome))


def facts_of(genome: Genome) -> str:
    """Return what a genome is made of, in one line."""
    return (
        f"{len(genome.nodes)} nodes, {len(genome.connections)} connections, "
        f"{COLOR_WORDS[genome.color]}, {genome.id[:12]}"
    )


def _said(state: PageState, genome: Genome, entry: Entry | None) -> None:
    """Show what is said of the picture, where it lives, and what looks like it."""
    card(
        item=plain_entry(entry) if entry else bare_entry(genome.id),
        run=state.breeder.run_id,
        tags=[tag for tag, _ in state.store.tags()],
        homes=[
            Place(
                generation=home.generation_id,
                run=home.run_name,
                number=home.number,
                slot=home.slot,
                note="in a copy" if home.copied else "",
            )
            for home in state.store.homes(genome.id, limit=MOST_HOMES)
        ],
        on_action=partial(hear_card, state),
    )


_LEADS: dict[str, Callable[[str], tuple[str, dict[str, str]] | None]] = {
    "like": lambda genome_id: ("gallery.py", {"like": genome_id}),
    "family": lambda genome_id: ("tree.py", {"family": genome_id, "picture": genome_id}),
    "close": lambda genome_id: None,
}


def hear_card(state: PageState, action: CardAction) -> None:
    """Do what leads from the picture elsewhere."""
    with state.reporting():
        if action.kind == "open":
            state.opened = state.store.genome(action.id).id
        elif action.kind == "go":
            state.stand_on(Breeder.at(state.store, action.id))
        elif action.kind != "changed":
            state.opened = None
            state.leads_to = _LEADS[action.kind](action.id)
        st.session_state[_LED] = action.kind != "changed"


def _lineage(state: PageState, genome: Genome) -> None:
    """Show what changed from the parents, and the parents."""
    child = next((c for c in state.generation.children if c.genome.id == genome.id), None)
    if child is not None:
        mutations, parents = child.mutations, tuple(parent.id for parent in child.parents)
        origin = child.origin
    else:
        birth = state.store.birth(genome.id)
        mutations, parents = (birth.mutations, birth.parents) if birth else ((), ())
        origin = birth.origin if birth else "import"
    if not parents:
        imported = origin == "import"
        known = state.store.provenance(genome.id)
        where = f"{as_text(known)}." if known else "its parents are not known here."
        st.markdown(f"**Brought in**: {where}" if imported else "**A founder**: it has no parents.")
        return
    st.markdown("**What changed**\n" + "\n".join(f"- {as_text(str(m))}" for m in mutations))
    st.markdown("**Parents**" if len(parents) > 1 else "**Parent**")
    images = (f'<img src="{picture_address(p)}?size=128" alt="Parent {p[:8]}">' for p in parents)
    st.html(f'<div class="breeder-parents">{"".join(images)}</div>')
    words = state.store.provenance(genome.id)
    if words:
        st.caption(as_text(words[:1].upper() + words[1:]))
