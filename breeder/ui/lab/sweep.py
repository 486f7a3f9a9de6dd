"""Contact sheets: one or two settings swept, the articles' sweeps among them."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any, Final

from breeder.errors import SettingsError
from breeder.lab.presets import RADIAL, USUAL
from breeder.lab.settings import from_query, to_query
from breeder.lab.sweep_presets import SWEEPS, SweepPreset
from breeder.lab.sweeps import SWEEPABLES, Axis, Sweep, Sweepable, between, read_axis
from breeder.ui.components import answer, component, hear
from breeder.ui.lab.state import MAX_ADDRESS, LabState

KEY = "lab-sweep"

MOST_STEPS: Final = 30
"""Whole numbers that are offered one by one; of more, eight."""
RUN: Final = 3
"""Numbers in a row that are written one by one; more are written from..to."""


TOGETHER: Final = (
    SweepPreset(
        name="layers-neurons",
        title="Layers 2 to 29 × neurons 2 to 512",
        look="Detail grows to the right, with depth, and downwards, with width. The lowest row "
        "takes long: 29 layers of 512 have 7.3 million weights.",
        sweep=Sweep(
            settings=USUAL,
            across=read_axis("layers=2..29"),
            down=read_axis("neurons=2,8,32,128,512"),
            tile=128,
        ),
    ),
    SweepPreset(
        name="z-beta",
        title="z from -4 to 4 × log2 β from 3 to 13",
        look="Each row is one cube, seen slice by slice; the larger β, the harder and finer it is.",
        sweep=Sweep(
            settings=RADIAL, across=read_axis("z=-4..4:9"), down=read_axis("beta=3..13:6"), tile=128
        ),
    ),
)
"""Two of the articles' sweeps at once."""

SHEETS: Final = {row.name: row for row in (*SWEEPS.values(), *TOGETHER)}
"""Every sheet that the page offers by name."""


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
        "sheets": [_plain_sheet(sheet) for sheet in SHEETS.values()],
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
        "note": _note(sweep),
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


def _note(sweep: Sweep) -> str:
    """Return why pictures of a sheet are all the same, if they are; a sentence, or nothing."""
    axes = {axis.setting for axis in (sweep.across, sweep.down) if axis}
    if "z" in axes and "z" not in sweep.settings.inputs:
        return "This network does not read z, so z changes nothing: add z to its inputs first."
    return ""


def _name(sweep: Sweep, label: str, row: int) -> str:
    words = f"{SWEEPABLES[sweep.across.setting].title} {label}"
    if sweep.down is None:
        return words
    return f"{SWEEPABLES[sweep.down.setting].title} {sweep.down.labels[row]}, {words}"


def _plain_setting(name: str, row: Sweepable) -> dict[str, Any]:
    if row.read is not None:
        usual = "pytorch,uniform:100,uniform:3,normal"
    elif row.names:
        usual = ",".join(row.names[:6])
    else:
        usual = f"{row.low:g}..{row.high:g}"
        usual += ":8" if not row.whole or row.high - row.low > MOST_STEPS else ""
    return {"name": name, "title": row.title, "names": list(row.names), "usual": usual}


def _plain_sheet(sheet: SweepPreset) -> dict[str, Any]:
    sweep = sheet.sweep
    return {
        "name": sheet.name,
        "title": sheet.title,
        "look": sheet.look,
        "query": to_query(sweep.settings),
        "across": axis_text(sweep.across),
        "down": axis_text(sweep.down) if sweep.down else "",
    }


def axis_text(axis: Axis) -> str:
    """Return the text that `read_axis` reads as an axis: "layers=2..29", "z=-4..4:9"."""
    numbers = [value for value in axis.values if isinstance(value, float)]
    if len(numbers) == len(axis.values) > RUN:
        low, high, count = numbers[0], numbers[-1], len(numbers)
        ends = f"{axis.setting}={low:.10g}..{high:.10g}"
        if numbers == [low + step for step in range(count)]:
            return ends
        if between(axis.setting, low, high, count) == axis.values:
            return f"{ends}:{count}"
    texts = (value if isinstance(value, str) else f"{value!r}" for value in axis.values)
    return f"{axis.setting}={','.join(text.removesuffix('.0') for text in texts)}"
