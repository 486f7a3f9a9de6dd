"""Convolutions with spatial normalisation: experiments, controls, picture, chart and download."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import Any
from urllib.parse import parse_qsl, urlencode

import streamlit as st
from PIL import Image

from breeder.errors import SettingsError
from breeder.lab.complexity import MEASURES, Complexity, Finding, find, measure
from breeder.lab.convolution_drawing import ConvolutionPicture, draw_convolution
from breeder.lab.convolutions import (
    ACTIVATIONS,
    COLOURS,
    CONVOLUTION_PRESETS,
    MAX_SEED,
    POOLINGS,
    STRUCTURES,
    ConvolutionSettings,
)
from breeder.ui.lab import charts
from breeder.ui.lab.latest import Latest, Task
from breeder.ui.lab.state import LabState
from breeder.ui.lab.why import NAMED
from breeder.ui.text import as_text

_TASK, _NOTICE, _SHOWN = "lab-conv-task", "lab-conv-notice", "lab-conv-shown"
_KEY = "lab-conv-{}"
SOON = 0.4
LOOK_EVERY = 0.3

WORDS: Mapping[str, str] = {
    "1x1": "1 × 1 (NIN)",
    "3x3": "3 × 3 (VGG)",
    "inception": "Inception",
    "relu": "ReLU",
    "sigmoid": "sigmoid",
    "tanh": "tanh",
    "none": "none",
    "average": "average 3 × 3",
    "halve": "halve every 2",
    "lab": "CIE Lab",
    "rgb": "RGB",
}
SIZES = ((300, 200), (600, 400), (400, 400), (1200, 800))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Drawn:
    """A picture with what was measured of it."""

    picture: ConvolutionPicture
    complexity: Complexity
    findings: tuple[Finding, ...]
    png: bytes


@cache
def drawings() -> Latest[Drawn]:
    """Return the server's."""
    return Latest("convolution", kept=12)


def show(state: LabState) -> None:
    """Show the section."""
    settings = settings_of(state)
    st.caption(
        "Two slopes go in, one down and one across; a random convolutional network bends them, and "
        "its three outputs are the picture. It sees neighbouring pixels, so it cannot be bred."
    )
    _experiments(state, settings)
    picture, controls = st.columns([3, 2], gap="medium")
    with controls:
        _controls(state, settings)
    with picture:
        notice = st.session_state.pop(_NOTICE, "")
        if notice:
            st.error(as_text(notice), icon=":material/error:")
        task = _wanted(settings)
        if task.wait(SOON):
            _finished(task, settings)
        else:
            st.fragment(_drawing, run_every=LOOK_EVERY)(task)


def settings_of(state: LabState) -> ConvolutionSettings:
    """Return the settings that the address holds; those of the first experiment if none."""
    try:
        return read(state.desk.below)
    except SettingsError as error:
        st.session_state[_NOTICE] = str(error)
        _keep(state, ConvolutionSettings())
        return ConvolutionSettings()


def read(text: str) -> ConvolutionSettings:
    """Return the settings of a text as `written` gives it.

    Raises:
        SettingsError: It is none.
    """
    return ConvolutionSettings.from_query(dict(parse_qsl(text, keep_blank_values=True)))


def written(settings: ConvolutionSettings) -> str:
    """Return settings as the text that the page's address holds."""
    return urlencode(settings.to_query())


def draw(settings: ConvolutionSettings, task: Task[Drawn]) -> Drawn:
    """Draw and measure a picture for a task."""

    def advance(share: float) -> None:
        task.share = share

    drawn = draw_convolution(settings, cancelled=lambda: task.cancelled, advance=advance)
    buffer = io.BytesIO()
    Image.fromarray(drawn.pixels).save(buffer, "PNG", compress_level=4)
    complexity = measure(drawn.pixels)
    return Drawn(
        picture=drawn, complexity=complexity, findings=find(complexity), png=buffer.getvalue()
    )


def change(state: LabState, values: Mapping[str, Any]) -> None:
    """Take over changed settings; what cannot be is told of, and changes nothing."""
    try:
        _keep(state, replace(settings_of(state), **values))
    except SettingsError as error:
        st.session_state[_NOTICE] = str(error)


def _keep(state: LabState, settings: ConvolutionSettings) -> None:
    state.desk = replace(state.desk, below=written(settings))
    state.moved = True


def _wanted(settings: ConvolutionSettings) -> Task[Drawn]:
    before = st.session_state.get(_TASK)
    task = drawings().want(
        written(settings), partial(draw, settings), before if isinstance(before, Task) else None
    )
    st.session_state[_TASK] = task
    return task


def _experiments(state: LabState, settings: ConvolutionSettings) -> None:
    rows = {row.name: row for row in CONVOLUTION_PRESETS.values()}
    alike = [row.name for row in rows.values() if replace(settings, seed=0) == row.settings]
    st.session_state[_KEY.format("preset")] = alike[0] if alike else None
    st.pills(
        "Experiments",
        list(rows),
        format_func=lambda name: rows[name].title,
        key=_KEY.format("preset"),
        on_change=_take_preset,
        args=(state,),
    )
    if alike:
        st.markdown(f":material/visibility: {as_text(rows[alike[0]].look_for)}")


def _take_preset(state: LabState) -> None:
    row = CONVOLUTION_PRESETS.get(st.session_state[_KEY.format("preset")] or "")
    if row is not None:
        _keep(state, replace(row.settings, seed=settings_of(state).seed))


def _controls(state: LabState, settings: ConvolutionSettings) -> None:
    for name, label, words in (
        ("structure", "Structure", STRUCTURES),
        ("activation", "Activation", ACTIVATIONS),
        ("pooling", "Pooling", POOLINGS),
        ("colour", "Colour", COLOURS),
    ):
        st.session_state[_KEY.format(name)] = getattr(settings, name)
        st.segmented_control(
            label,
            words,
            format_func=WORDS.__getitem__,
            required=True,
            **_bound(state, name),
        )
    left, right = st.columns(2)
    _slider(left, state, settings, "layers", "Layers", 1, 32, 1)
    _slider(right, state, settings, "channels", "Channels", 4, 128, 1)
    st.session_state[_KEY.format("normalised")] = settings.normalised
    st.toggle(
        "Spatial normalisation",
        help="After every convolution each channel is brought to mean 0 and to one spread over the "
        "image. Without it values explode or vanish exponentially with depth.",
        **_bound(state, "normalised"),
    )
    left, right = st.columns(2)
    if settings.normalised:
        _slider(left, state, settings, "scale", "Scale", 0.25, 10.0, 0.25)
        _slider(right, state, settings, "shift_std", "Spread of shifts", 0.0, 8.0, 0.25)
    else:
        _slider(left, state, settings, "bias_std", "Spread of biases", 0.0, 4.0, 0.1)
        _slider(right, state, settings, "gain", "Weights × He's", 0.1, 4.0, 0.1)
    _seed_and_size(state, settings)


def _seed_and_size(state: LabState, settings: ConvolutionSettings) -> None:
    seed, another, size = st.columns([1.4, 1, 1.6], vertical_alignment="bottom")
    st.session_state[_KEY.format("seed")] = settings.seed
    seed.number_input("Seed", 0, MAX_SEED, step=1, **_bound(state, "seed"))
    another.button(
        "Next",
        width="stretch",
        on_click=change,
        args=(state, {"seed": (settings.seed + 1) % (MAX_SEED + 1)}),
    )
    now = (settings.width, settings.height)
    key = _KEY.format("size")
    st.session_state[key] = now
    size.selectbox(
        "Size",
        sorted({*SIZES, now}),
        format_func=lambda each: f"{each[0]} × {each[1]}",
        key=key,
        on_change=lambda: change(
            state, dict(zip(("width", "height"), st.session_state[key], strict=True))
        ),
    )


def _slider(
    place: Any,
    state: LabState,
    settings: ConvolutionSettings,
    name: str,
    label: str,
    low: float,
    high: float,
    step: float,
) -> None:
    value = getattr(settings, name)
    # A link may hold what no slider offers.
    st.session_state[_KEY.format(name)] = value
    place.slider(label, min(low, value), max(high, value), step=step, **_bound(state, name))


def _bound(state: LabState, name: str) -> dict[str, Any]:
    """Return what binds a control to a setting."""
    key = _KEY.format(name)

    def changed() -> None:
        change(state, {name: st.session_state[key]})

    return {"key": key, "on_change": changed}


def _drawing(task: Task[Drawn]) -> None:
    if task.ask():
        st.rerun()
    st.progress(task.share, text="Drawing …")
    shown = st.session_state.get(_SHOWN)
    if isinstance(shown, Drawn):  # the page keeps its shape, and there is something to look at
        st.image(shown.png, width="stretch")


def _finished(task: Task[Drawn], settings: ConvolutionSettings) -> None:
    if task.message:
        st.error(as_text(task.message), icon=":material/error:")
    if task.result is None:
        return
    drawn = st.session_state[_SHOWN] = task.result
    st.image(drawn.png, width="stretch")
    for finding in drawn.findings:
        title, colour = NAMED[finding.name]
        st.markdown(f":{colour}-badge[{title}] {as_text(_reason(drawn, finding))}")
    _facts(drawn, settings)
    st.markdown(
        "**How far values spread, layer by layer**",
        help="Standard deviation over the image, root mean square over the channels: of the sums "
        "as the convolutions give them, and of what is passed on after normalisation and "
        "activation. On a logarithmic axis an exponential is a straight line.",
    )
    st.altair_chart(charts.layers_chart(drawn.picture.layers), width="stretch")


def _reason(drawn: Drawn, finding: Finding) -> str:
    if not drawn.picture.lost:
        return finding.reason
    return (
        f"In {drawn.picture.lost} of the 3 outputs the differences between pixels are less than a "
        "millionth of the values: in 32 bits nothing is left of them."
    )


def _facts(drawn: Drawn, settings: ConvolutionSettings) -> None:
    counts, one = drawn.picture.counts, drawn.complexity
    place = st.container(horizontal=True, vertical_alignment="center", gap="medium")
    for name, value in (
        ("compressed", f"{one.compressed:.2f} bits"),
        ("edge_density", f"{one.edge_density:.1%}"),
        ("sharpness", f"{one.sharpness:.2f}"),
    ):
        row = MEASURES[name]
        words = f"{row.definition}\n\nSource: {row.source}"
        place.metric(row.title, value, help=words, width="content")
    other = f"{counts.shifts:,} shifts" if settings.normalised else f"{counts.biases:,} biases"
    counted = f"True count; beside them {other}."
    place.metric("Weights", f"{counts.weights:,}", help=counted, width="content")
    place.download_button(
        "PNG",
        drawn.png,
        file_name=f"convolution-{settings.seed}.png",
        mime="image/png",
        icon=":material/download:",
        on_click="ignore",
    )
