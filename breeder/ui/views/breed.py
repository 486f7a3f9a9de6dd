"""The page where pictures are bred: controls above, the grid below."""

from __future__ import annotations

from functools import partial

import streamlit as st

from breeder.evolve.mutation import Focus
from breeder.ui import grid, sidebar
from breeder.ui.large import large_view
from breeder.ui.pictures import data_addresses, picture_address
from breeder.ui.session import page_state
from breeder.ui.state import (
    POPULATIONS,
    PageState,
    change_settings,
    hear_action,
    hear_picks,
    tile_name,
)
from breeder.ui.text import as_text

FOCUS_LABELS: dict[Focus, str] = {"both": "Both", "structure": "Form", "color": "Colour"}
BADGES: dict[str, grid.Badge] = {"kept": "kept", "wild": "wild", "founder": ""}


def controls(state: PageState) -> None:
    """Show what the next grid is bred with."""
    settings = state.breeder.settings
    row = st.container(key="controls")
    name, strength, focus, color, more = row.columns([2, 2, 1.7, 0.9, 1.1])
    run = state.breeder.run
    key = f"name-{run.id}"
    st.session_state.setdefault(key, run.name)
    name.text_input("Run", key=key, max_chars=200, on_change=rename, args=(state, key))
    strength.slider(
        "Strength",
        0.0,
        1.0,
        settings.strength,
        0.05,
        key=f"strength-{run.id}",
        help="How far children move from their parents: left hardly visible, right wild.",
        on_change=changed,
        args=(state, "strength", f"strength-{run.id}"),
    )
    focus.segmented_control(
        "What may change",
        list(FOCUS_LABELS),
        default=settings.focus,
        format_func=FOCUS_LABELS.__getitem__,
        key=f"focus-{run.id}",
        on_change=changed,
        args=(state, "focus", f"focus-{run.id}"),
    )
    color.toggle(
        "Colour",
        settings.color,
        help="Founders in colour; children of a grey picture may turn to colour.",
        key=f"color-{run.id}",
        on_change=changed,
        args=(state, "color", f"color-{run.id}"),
    )
    with more.popover("More", icon=":material/tune:", width="stretch"):
        more_options(state, run.id)


def more_options(state: PageState, run_id: str) -> None:
    """Show the settings that are changed rarely."""
    settings = state.breeder.settings
    sizes = sorted({*POPULATIONS, settings.population})  # the command line takes any
    st.selectbox(
        "Pictures in a grid",
        sizes,
        index=sizes.index(settings.population),
        key=f"population-{run_id}",
        on_change=changed,
        args=(state, "population", f"population-{run_id}"),
    )
    for name, label, why in (
        ("carry_over", "Keep picks", "Picks stay, unchanged, in the next grid."),
        ("screening", "Screen children", "Leave out dull, repeated and unrelated children."),
    ):
        key = f"{name}-{run_id}"
        st.toggle(
            label,
            getattr(settings, name),
            help=why,
            key=key,
            on_change=changed,
            args=(state, name, key),
        )


def changed(state: PageState, name: str, key: str) -> None:
    """Take over a control's new value; an emptied choice changes nothing."""
    value = st.session_state[key]
    if value is not None:
        change_settings(state, **{name: value})


def rename(state: PageState, key: str) -> None:
    """Take over the run's new name; an empty one changes nothing."""
    with state.reporting():
        state.store.rename_run(state.breeder.run_id, st.session_state[key])
        state.runs = None
    st.session_state[key] = state.breeder.run.name


def pictures(state: PageState) -> None:
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
                badge=BADGES.get(child.origin, ""),
                favourite=child.genome.id in kept,
            )
            for child in generation.children
        ],
        inline=data_addresses([c.genome for c in generation.children]) if fresh else None,
        saved=grid.Picks(generation=generation.id, slots=generation.picks, seq=state.seq),
        columns=6 if len(ids) == 24 else 3 if len(ids) == 9 else 4 if len(ids) == 12 else 5,
        can_back=generation.came_from is not None,
        can_forward=state.store.forward_of(generation.id) is not None,
        status=state.status,
        on_picks=partial(hear_picks, state),
        on_action=partial(hear_action, state),
    )


state = page_state()
state.to_grid = False
if state.notice:
    st.error(as_text(state.notice), icon=":material/error:")
controls(state)
pictures(state)
sidebar.show(state)
if state.opened:
    large_view(state)
