"""A picture opened large: its title, what changed, its parents, and files to take away."""

from __future__ import annotations

import streamlit as st

from breeder.formats.limits import MAX_TEXT
from breeder.genome import Genome
from breeder.history import Favourite
from breeder.ui.download import picture_download
from breeder.ui.file_routes import share_query
from breeder.ui.files import files_to_take, link_to_copy
from breeder.ui.large_picture import large_picture
from breeder.ui.pictures import picture_address
from breeder.ui.state import PageState, start_from, toggle_favourite
from breeder.ui.text import as_text

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
    if state.opened is None:
        return
    genome = state.store.genome(state.opened)
    favourite = state.store.favourite(genome.id)
    picture, facts = st.columns([3, 2], gap="medium")
    title = favourite.title if favourite else ""
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
        _favourite(state, genome, favourite)
        _lineage(state, genome)
        st.caption(facts_of(genome))
        picture_download(genome_id=genome.id, title=title)
        start, link = st.columns(2)
        if start.button("Start a new run from this", icon=":material/add:", width="stretch"):
            start_from(state, [genome], title)
            st.rerun()
        with link:
            link_to_copy(share=share_query(genome, title))
    files_to_take(genome_id=genome.id, title=title)


def facts_of(genome: Genome) -> str:
    """Return what a genome is made of, in one line."""
    return (
        f"{len(genome.nodes)} nodes, {len(genome.connections)} connections, "
        f"{COLOR_WORDS[genome.color]}, {genome.id[:12]}"
    )


def _favourite(state: PageState, genome: Genome, favourite: Favourite | None) -> None:
    name, star = st.columns([2.4, 1], vertical_alignment="bottom")
    label = "★ Kept" if favourite else "☆ Keep"
    star.button(
        label,
        help="Keep as a favourite, or no longer",
        key=f"star-{genome.id}",
        on_click=_toggle,
        args=(state, genome),
    )
    key = f"title-{genome.id}"
    st.session_state.setdefault(key, favourite.title if favourite else "")
    name.text_input(
        "Title",
        key=key,
        placeholder="Give it a title to keep it",
        on_change=_rename,
        args=(state, genome, key),
    )


def _toggle(state: PageState, genome: Genome) -> None:
    with state.reporting():
        toggle_favourite(state, genome)


def _rename(state: PageState, genome: Genome, key: str) -> None:
    """Take over the title; a picture that gets one is kept."""
    with state.reporting():
        # Cut here: a browser that holds a limit takes nothing of a longer text that is pasted.
        title = st.session_state[key].strip()[:MAX_TEXT]
        st.session_state[key] = title
        if state.store.is_favourite([genome.id]):
            state.store.rename_favourite(genome.id, title)
        else:
            state.store.add_favourite(genome.id, title=title, run_id=state.breeder.run_id)


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
