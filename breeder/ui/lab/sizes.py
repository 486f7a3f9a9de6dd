"""Sizes of Lab pictures as an address writes them: "1080x720", or "screen" for what is shown."""

from __future__ import annotations

import re

from breeder.errors import SettingsError

SCREEN = "screen"
"""The size that has as many pixels as the page shows."""
LEAST_SIDE, MOST_SIDE = 16, 16_384


def sides(size: str) -> tuple[int, int] | None:
    """Return the width and height of a size in pixels; None for the screen's.

    Raises:
        SettingsError: It is none, or out of range.
    """
    if size == SCREEN:
        return None
    found = re.fullmatch(r"(\d{1,5})x(\d{1,5})", size, re.ASCII)
    if found is None or not all(LEAST_SIDE <= int(side) <= MOST_SIDE for side in found.groups()):
        raise SettingsError(
            f"Cannot read the Lab's address: a size is two whole numbers from {LEAST_SIDE} to "
            f"{MOST_SIDE:,}, such as 1080x720, not {size[:40]!r}."
        )
    return int(found[1]), int(found[2])
