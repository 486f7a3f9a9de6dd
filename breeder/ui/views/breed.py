"""The page where pictures are bred: controls above, the grid below."""

from __future__ import annotations

from functools import partial

import streamlit as st

from breeder.history import Child, Generation
from breeder.ui import autopilot, controls, grid, sidebar, tasting
from breeder.ui.large import large_view
from breeder.ui.pictures import data_addresses, picture_address
from breeder.ui.session import page_state
from breeder.ui.state import PageState, hear_action, hear_picks, tile_name
from breeder.ui.text import as_text

BADGES: dict[str, grid.Badge] = {
    "kept": "kept",
    "wild": "wild",
    "guided": "guided",
    "refined": "refined",
}


def badge(child: Child, generation: Generation) -> grid.Badge:
    """Return the word on a picture."""
    if child.origin == "guided" and tasting.is_for_the_new(generation):
        return "new"
    return BADGES.get(child.origin, "")


def pictures(state: PageState, account: tasting.Account | None) -> None:
    """Show the grid."""
    generation = state.generation
    ids = [child.genome.id for child in generation.children]
    kept = state.store.is_favourite(ids)
    fresh = grid.needs_pictures(generation.id)
    grid.picture_grid(
        generation=generation.id,
        number=generation.number,
        tiles=[
            grid.Tile(
                slot=child.slot,
                genome_id=child.genome.id,
                url=picture_address(child.genome.id),
                name=tile_name(child, generation),
                badge=badge(child, generation),
                favourite=child.genome.id in kept,
                why=tasting.why(child, generation),
            )
            for child in generation.children
        ],
        inline=data_addresses([c.genome for c in generation.children]) if fresh else None,
        saved=grid.Picks(generation=generation.id, slots=generation.picks, seq=state.seq),
        columns=6 if len(ids) == 24 else 3 if len(ids) == 9 else 4 if len(ids) == 12 else 5,
        can_back=generation.came_from is not None,
        can_forward=state.store.forward_of(generation.id) is not None,
        status=state.status,
        taste=tasting.in_short(account, state.breeder.settings),
        on_picks=partial(hear_picks, state),
        on_action=partial(hear_action, state),
    )


def known(state: PageState) -> tasting.Account | None:
    """Return how well the person's taste is known; None while it is still being read."""
    person = state.person
    return person.account() if person and person.guide(state.breeder.run_id) else None


state = page_state()
state.to_grid = False
if state.notice:
    st.error(as_text(state.notice), icon=":material/error:")
account = known(state)
controls.show(state, account)
pictures(state, account)
autopilot.show(state)
sidebar.show(state)
if state.opened:
    large_view(state)
