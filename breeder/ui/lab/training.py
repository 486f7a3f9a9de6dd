"""Fitting a network to a picture: choose both, watch it come closer, breed from it."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

import streamlit as st

from breeder.errors import BreederError, SettingsError
from breeder.formats import Document
from breeder.formats.targets import KINDS, read_pixels
from breeder.genome import Genome
from breeder.lab.scenes import SCENES, scene
from breeder.ui.lab import charts
from breeder.ui.lab.fits import Fit, fits
from breeder.ui.lab.state import LabState
from breeder.ui.resources import open_store
from breeder.ui.session import breed_from
from breeder.ui.text import as_text

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_FIT, _NOTICE, _BREED = "lab-fit", "lab-fit-notice", "lab-fit-breed"
_BREED_PAGE = Path(__file__).parents[1] / "views" / "breed.py"
LOOK_EVERY = 0.6

TARGETS = {"own": "A picture of mine", **{name: name.capitalize() for name in SCENES}}
STARTS = {
    "small": "A small network: 3 layers of 24",
    "usual": "The usual network: 3 layers of 32",
    "large": "A large network: 3 layers of 64",
    "desk": "The network above",
    "favourite": "A favourite",
}
STARTS_HELP = (
    "The first three read sines of x and y (Fourier features), which come close fastest. Small "
    "ones change more vividly when they are bred, large ones come closer."
)
SIDES = (64, 96, 128, 192, 256)
TIMES = {30: "30 s", 60: "1 min", 180: "3 min", 600: "10 min"}
STATES = {"running": "", "paused": "Paused", "waiting": "Waiting", "done": "Done", "failed": ""}


def show(state: LabState) -> None:
    """Show the section."""
    if _went_to_breed():
        st.switch_page(_BREED_PAGE)
    st.caption(
        "A network learns a picture by backpropagation: every weight moves so that the squared "
        "error becomes smaller. What comes out is an ordinary genome, and starts a run."
    )
    picture, choices = st.columns([3, 2], gap="medium")
    with choices:
        _choices(state)
    with picture:
        notice = st.session_state.pop(_NOTICE, "")
        if notice:
            st.error(as_text(notice), icon=":material/error:")
        fit = st.session_state.get(_FIT)
        if not isinstance(fit, Fit):
            _invitation()
        else:
            over = fit.is_over
            st.fragment(_watch, run_every=None if over else LOOK_EVERY)(fit, over=over)


def _choices(state: LabState) -> None:
    target = st.pills(
        "The picture", list(TARGETS), format_func=TARGETS.__getitem__, required=True,
        default="own", key="lab-fit-target",
    )  # fmt: skip
    file = None
    if target == "own":
        kinds = [kind.lower() for kind in KINDS] + ["jpg"]
        file = st.file_uploader("A picture of mine", type=kinds, label_visibility="collapsed")
    start = st.selectbox(
        "Begin with", list(STARTS), index=1, format_func=STARTS.__getitem__, help=STARTS_HELP
    )
    favourite = _favourite() if start == "favourite" else ""
    left, right = st.columns(2)
    side = left.selectbox("Pixels of the longer side", SIDES, index=SIDES.index(128))
    seconds = right.selectbox("Time", list(TIMES), index=1, format_func=TIMES.__getitem__)
    square = st.toggle(
        "Only the square in the middle", value=True, help="Grids show squares; the rest lies beside"
        " them.",
    )  # fmt: skip
    chosen = {"file": file, "target": target, "side": side, "square": square, "seconds": seconds}
    begun = {"start": start, "favourite": favourite, "state": state}
    st.button(
        "Fit",
        type="primary",
        icon=":material/model_training:",
        width="stretch",
        disabled=(target == "own" and file is None) or (start == "favourite" and not favourite),
        on_click=_begin,
        kwargs={**chosen, **begun},
    )


def _favourite() -> str:
    """Return the favourite that is chosen; empty where there is none."""
    rows = open_store().titles()
    if not rows:
        st.info("Nothing is starred yet: star a picture that you bred, and its network can learn.")
        return ""
    chosen = st.selectbox(
        "Favourite", list(rows), format_func=lambda each: rows[each] or f"Picture {each[:8]}"
    )
    return str(chosen or "")


def _begin(
    *, file: Any, target: str, side: int, square: bool, seconds: int,
    start: str, favourite: str, state: LabState,
) -> None:  # fmt: skip
    before = st.session_state.get(_FIT)
    try:
        pixels = _pixels(file, target, side, square=square)
        genome = _genome(start, favourite, state)
        title = Path(file.name).stem[:60] if target == "own" else TARGETS[target]
        fit = Fit(genome, pixels, seconds=seconds, title=f"{title}, learned")
        if isinstance(before, Fit):
            before.stop()
        st.session_state[_FIT] = fits().order(fit)
    except BreederError as error:
        st.session_state[_NOTICE] = str(error)


def _pixels(file: Any, target: str, side: int, *, square: bool) -> NDArray[np.uint8]:
    if target == "own":
        return read_pixels(
            io.BytesIO(file.getvalue()), repr(file.name[:60]), longest=side, square=square
        )
    return scene(target, side, side if square else side * 3 // 4)


def _genome(start: str, favourite: str, state: LabState) -> Genome:
    """Return the network to begin with.

    Raises:
        BreederError: It is too large, or not there any more.
    """
    from breeder.lab import training  # loads torch

    if start == "favourite":
        genome = open_store().genome(favourite)
        training.check_size(genome)
        return genome
    if start == "desk":
        return training.starting_genome(state.settings)
    if start not in training.STARTS:
        raise SettingsError(f"There is no network {start!r} to begin with.")
    return training.starting_genome(training.starting_settings(training.STARTS[start]))


def _invitation() -> None:
    st.info(
        "Choose a picture, or one of the three of ours, and press **Fit**: here it comes into "
        "being, beside a curve of how close it is.",
        icon=":material/image_search:",
    )


def _watch(fit: Fit, *, over: bool) -> None:
    """Show a fit; while it goes on, run again and again."""
    if fit.is_over and not over:
        st.rerun()
    fit.seen()
    _view(fit)


def _view(fit: Fit) -> None:
    left, right = st.columns(2)
    left.image(fit.target_png, caption="The picture", width="stretch")
    if fit.png:
        right.image(fit.png, caption="The network", width="stretch")
    else:
        right.info(_waiting(fit))
    if fit.message:
        st.error(as_text(fit.message), icon=":material/error:")
    if fit.png:
        _figures(fit)
    _buttons(fit)
    if len(fit.curve) > 1:
        st.altair_chart(charts.fit_chart(fit.curve, fit.seconds), width="stretch")


def _waiting(fit: Fit) -> str:
    ahead = fits().ahead(fit)
    return f"Waiting for its turn: {ahead} before it." if ahead else "Beginning …"


def _figures(fit: Fit) -> None:
    place = st.container(horizontal=True, gap="large")  # wraps where it is narrow
    place.metric(
        "Closeness (PSNR)",
        f"{fit.decibels:.1f} dB",
        help="Ten times the logarithm of 1 over the mean squared error of sRGB from 0 to 1. At 20 "
        "one sees what it is, at 30 small differences, from 40 on none.",
        width="content",
    )
    time = f"{fit.spent:.0f} of {fit.seconds:.0f} s {STATES[fit.state]}"
    place.metric("Time", time, width="content")
    place.metric("Steps", f"{fit.steps:,}", width="content")


def _buttons(fit: Fit) -> None:
    pause, stop, breed = st.columns([1, 1, 1.4])
    if fit.state == "paused":
        pause.button("Resume", icon=":material/play_arrow:", on_click=fit.resume, width="stretch")
    else:
        pause.button(
            "Pause", icon=":material/pause:", on_click=fit.pause, width="stretch",
            disabled=fit.is_over,
        )  # fmt: skip
    stop.button(
        "Stop", icon=":material/stop:", on_click=fit.stop, width="stretch", disabled=fit.is_over
    )
    asked = breed.button(
        "Breed from it", icon=":material/grid_view:", type="primary", width="stretch",
        disabled=not fit.png, help="Stops the fit, and starts a run with the network that came "
        "closest.",
    )  # fmt: skip
    if asked:
        fit.stop()
        st.session_state[_BREED] = True
        st.rerun()


def _went_to_breed() -> bool:
    """Begin a run from the fit, if the person asked for it; tell whether that was done."""
    fit = st.session_state.get(_FIT)
    if not st.session_state.pop(_BREED, False) or not isinstance(fit, Fit):
        return False
    try:
        fit.wait(2.0)
        origin = f"the Lab, fitted to {fit.title.removesuffix(', learned')}"
        meta = {"title": fit.title, "origin": origin}
        breed_from(Document(genome=fit.best, meta=meta))
    except BreederError as error:
        st.session_state[_NOTICE] = str(error)
        return False
    return True
