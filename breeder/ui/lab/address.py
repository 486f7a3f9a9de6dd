"""The Lab page's address: the picture's settings, the experiment it began with, and its size.

An address rebuilds the page exactly. Its picture is `breeder.lab.settings`' own query; what belongs
to the page alone stands beside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

from breeder.errors import SettingsError
from breeder.lab.settings import LabSettings, from_query, to_query
from breeder.ui.lab.presets import FIRST, find_preset, size_of
from breeder.ui.lab.sizes import SCREEN, sides

MAX_BELOW = 400
"""Letters that a section may keep in the address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What the page shows.

    Attributes:
        settings: The picture.
        preset: The name of the experiment that it began with; empty for none.
        size: "screen", or the pixels of the picture: "1080x720".
        section: The name of the section below the desk; empty for the first.
        below: What that section keeps of its own, in its own words; empty for nothing.
    """

    settings: LabSettings
    preset: str = ""
    size: str = SCREEN
    section: str = ""
    below: str = ""


def read_address(query: str | Mapping[str, str]) -> Desk:
    """Return what an address shows: nothing is the first experiment, `preset` alone that one.

    Raises:
        SettingsError: It cannot be read; one sentence says why.
    """
    pairs = dict(parse_qsl(query, keep_blank_values=True) if isinstance(query, str) else query)
    name, size = (pairs.pop(key, "") for key in ("preset", "size"))
    section, below = pairs.pop("section", "")[:20], pairs.pop("below", "")[:MAX_BELOW]
    sides(size or SCREEN)
    if pairs:
        known = name if find_preset(name) else ""
        settings = from_query(pairs)
        size = size or SCREEN
        return Desk(settings=settings, preset=known, size=size, section=section, below=below)
    row = find_preset(name or FIRST)
    if row is None:
        raise SettingsError(f"Cannot read the Lab's address: there is no experiment {name[:40]!r}.")
    size = size or size_of(row)
    return Desk(settings=row.settings, preset=row.name, size=size, section=section, below=below)


def write_address(desk: Desk) -> str:
    """Return the query that `read_address` reads back exactly."""
    more = {"preset": desk.preset} if desk.preset else {}
    if desk.size != SCREEN:
        more["size"] = desk.size
    if desk.section:
        more["section"] = desk.section
    if desk.below:
        more["below"] = desk.below
    return "&".join(part for part in (to_query(desk.settings), urlencode(more)) if part)
