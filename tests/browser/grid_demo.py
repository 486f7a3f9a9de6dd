"""A page with nothing but the picture grid, for its browser tests and for looking at it.

Pictures are cheap random waves. The address chooses what goes wrong: `?lose=1` ignores the first
picks that arrive, `?stuck=1` answers an action without a new grid.
"""

import base64
import io

import numpy as np
import streamlit as st
from PIL import Image

from breeder.ui.grid import Action, Badge, Picks, Tile, needs_pictures, picture_grid

COUNT = 15
ADJECTIVES = ("calm", "bold", "pale", "odd", "soft", "<b>loud</b>", "still", "wide")
BADGES: tuple[Badge, ...] = ("kept", "", "", "wild", "")

st.set_page_config(layout="wide", page_title="Grid")


@st.cache_data(max_entries=200)
def picture(seed: int) -> str:
    """A data address of a JPEG of 256 x 256 pixels."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[-1:1:256j, -1:1:256j]
    d = np.hypot(x, y)
    channels = []
    for _ in range(3):
        a, b, c, phase = rng.normal(0, 2.2, 4)
        inner = np.sin(a * x + b * y + phase) + np.cos(c * d * 2)
        channels.append(0.5 + 0.5 * np.sin(2 * inner + rng.normal()))
    pixels = (np.stack(channels, axis=-1) * 255).astype(np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", quality=88)
    return "data:image/jpeg;base64," + base64.b64encode(buffer.getvalue()).decode()


def tile(seed: int, slot: int, number: int) -> Tile:
    return Tile(
        slot=slot,
        genome_id=f"genome-{seed}",
        url=f"/missing/{seed}.jpg",
        name=f"Picture {slot + 1}, {ADJECTIVES[slot % len(ADJECTIVES)]} child",
        badge=BADGES[slot % len(BADGES)] if number > 1 else "founder" if slot == 0 else "",
        favourite=(number, slot) in st.session_state.stars,
    )


def hear_picks(picks: Picks) -> None:
    state = st.session_state
    state.heard.append(picks)
    if "lose" in st.query_params and len(state.heard) == 1:
        return
    if picks.generation == f"g{state.number}":
        state.saved = picks


def hear_action(action: Action) -> None:
    state = st.session_state
    state.actions.append(action)
    if action.kind == "favourite":
        state.stars ^= {(state.number, action.slot)}
    elif action.kind != "open" and "stuck" not in st.query_params:
        step = -1 if action.kind == "back" else 1
        state.number += step
        state.saved = None
        state.status = f"{action.kind} with {len(action.slots)} picks"


@st.fragment
def grid() -> None:
    state = st.session_state
    number = state.number
    generation = f"g{number}"
    seeds = [number * 100 + slot for slot in range(COUNT)]
    inline = {}
    if needs_pictures(generation):
        inline = {f"genome-{seed}": picture(seed) for seed in seeds}
    picture_grid(
        generation=generation,
        number=number,
        tiles=[tile(seed, slot, number) for slot, seed in enumerate(seeds)],
        inline=inline,
        saved=state.saved,
        can_back=number > 1,
        can_forward=number < 3,
        status=state.status,
        on_picks=hear_picks,
        on_action=hear_action,
    )
    saved = list(state.saved.slots) if state.saved else []
    st.text(f"saved={saved} actions={[a.kind for a in state.actions]}")


st.session_state.setdefault("number", 1)
st.session_state.setdefault("saved", None)
st.session_state.setdefault("status", "Founders drawn.")
st.session_state.setdefault("heard", [])
st.session_state.setdefault("actions", [])
st.session_state.setdefault("stars", set())
st.session_state.runs = st.session_state.get("runs", 0) + 1
st.subheader("breeder")
if not st.toggle("Hide the grid"):
    grid()
st.text_input("Title")
st.text(f"app-runs={st.session_state.runs}")


@st.dialog("A dialog")
def dialog() -> None:
    st.write("Keys are not the grid's while this is open.")


if st.button("Open a dialog"):
    dialog()
