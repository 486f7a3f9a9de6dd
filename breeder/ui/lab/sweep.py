"""Contact sheets: one or two settings swept, the articles' sweeps among them."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from breeder.errors import SettingsError
from breeder.lab.presets import PRESETS
from breeder.lab.settings import from_query, to_query
from breeder.lab.sweeps import SWEEPABLES, Sweep, Sweepable
from breeder.ui.components import answer, component, hear
from breeder.ui.lab.state import MAX_ADDRESS, LabState

KEY = "lab-sweep"


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedSheet:
    """A sweep of the articles.

    Attributes:
        name: Tells it from others.
        title: A few words.
        look: What to look for.
        preset: The experiment that the sheet starts from.
        across: What changes from left to right, as `read_axis` reads it.
        down: What changes from top to bottom; empty for nothing.
    """

    name: str
    title: str
    look: str
    preset: str
    across: str
    down: str = ""


SHEETS = (
    NamedSheet(
        name="layers-neurons",
        title="Layers 2 to 29 × neurons 2 to 512",
        look="Detail grows to the right, with depth; width makes it finer, and steadier from one "
        "depth to the next. The lowest row takes long: 29 layers of 512 have 7.3 million weights.",
        preset="usual",
        across="layers=2..29",
        down="neurons=2,8,32,128,512",
    ),
    NamedSheet(
        name="depth",
        title="Depth 0, 1, 8, 16",
        look="Without hidden layers there are only slopes; each layer folds what it reads again.",
        preset="usual",
        across="layers=0,1,8,16",
        down="seed=1..4",
    ),
    NamedSheet(
        name="width",
        title="Width 16, 32, 128",
        look="128 neurons in each layer are the article's Neuro-pollock.",
        preset="usual",
        across="neurons=16,32,128",
        down="seed=1..4",
    ),
    NamedSheet(
        name="spread",
        title="Weights from ±0.25 to ±100",
        look="Grey at the left, flat colours with hard edges at the right: zoom by weights.",
        preset="uniform-100",
        across="spread=0.25,1,3,10,30,100",
        down="seed=1..4",
    ),
    NamedSheet(
        name="activations",
        title="Activations",
        look="Smooth functions bend, those with a corner break: look at the edges.",
        preset="usual",
        across="activation=tanh,relu,leaky_relu,elu,gelu,sigmoid",
        down="seed=1..4",
    ),
    NamedSheet(
        name="z-beta",
        title="z from -4 to 4 × log₂ β from 3 to 13",
        look="Each row is a cube seen slice by slice; the larger β, the harder and finer it is.",
        preset="slice-0",
        across="z=-4..4:9",
        down="beta=3..13:6",
    ),
    NamedSheet(
        name="topologies",
        title="Topologies over seeds",
        look="ResNet keeps the circles of r; DenseNet still sees x and y in its last layer.",
        preset="slice-0",
        across="seed=1..6",
        down="topology=perceptron,resnet,densenet",
    ),
    NamedSheet(
        name="initialisations",
        title="Initialisations over seeds",
        look="One row, one way to draw weights: what stays the same whatever the seed?",
        preset="usual",
        across="seed=1..6",
        down="weights=pytorch,uniform,normal,glorot_normal,he,siren,orthogonal",
    ),
)


def show(state: LabState) -> None:
    """Show what to sweep, and the sheet that was drawn."""
    component("lab_sweep")(
        key=KEY,
        data={**message(state), **answer(KEY)},
        on_said_change=functools.partial(hear, KEY, parse_take, functools.partial(take, state)),
    )


def message(state: LabState) -> dict[str, Any]:
    """Return what the browser is told."""
    return {
        "query": to_query(state.settings),
        "settings": [_plain_setting(name, row) for name, row in SWEEPABLES.items()],
        "sheets": [_plain_sheet(sheet) for sheet in SHEETS],
    }


def tiles_of(sweep: Sweep) -> dict[str, Any]:
    """Return a sheet as the browser lays it out: labels, and the address of each picture."""
    tiles = sweep.tiles
    down = sweep.down
    across = SWEEPABLES[sweep.across.setting].title
    return {
        "columns": sweep.columns,
        "rows": len(down.values) if down else 0,
        "title": f"{SWEEPABLES[down.setting].title} × {across}" if down else across,
        "labels": {
            "across": list(sweep.across.labels),
            "down": list(down.labels) if down else [],
        },
        "tiles": [
            {
                "row": tile.row,
                "column": tile.column,
                "label": tile.label,
                "name": _name(sweep, tile.label, tile.row),
                "query": to_query(tile.settings),
            }
            for tile in tiles
        ],
    }


def parse_take(value: object) -> str | None:
    """Return the address of the picture that the browser wants on the desk; None if malformed."""
    if not isinstance(value, Mapping) or value.get("kind") != "take":
        return None
    address = value.get("address")
    return address if isinstance(address, str) and len(address) <= MAX_ADDRESS else None


def take(state: LabState, address: str) -> None:
    """Show a picture of a sheet on the desk."""
    try:
        state.take(from_query(address), state.desk.preset)
    except SettingsError as error:
        state.notice = str(error)


def _name(sweep: Sweep, label: str, row: int) -> str:
    words = f"{SWEEPABLES[sweep.across.setting].title} {label}"
    if sweep.down is None:
        return words
    return f"{SWEEPABLES[sweep.down.setting].title} {sweep.down.labels[row]}, {words}"


def _plain_setting(name: str, row: Sweepable) -> dict[str, Any]:
    usual = ",".join(row.names[:6])
    if not row.names:
        usual = f"{row.low:g}..{row.high:g}"
        usual += ":8" if not row.whole or row.high - row.low > 30 else ""
    return {"name": name, "title": row.title, "names": list(row.names), "usual": usual}


def _plain_sheet(sheet: NamedSheet) -> dict[str, Any]:
    return {
        "name": sheet.name,
        "title": sheet.title,
        "look": sheet.look,
        "query": to_query(PRESETS[sheet.preset].settings),
        "across": sheet.across,
        "down": sheet.down,
    }
