"""A film of a picture, chosen, looked at and made: a browser component.

The browser asks `film_routes` for what it shows and for the file; the page's script does not run.
"""

from __future__ import annotations

from typing import Any

from breeder.formats.films import FILMS
from breeder.lab.movements import MAX_FPS, MAX_FRAMES, MOVEMENTS
from breeder.ui.components import component
from breeder.ui.films import SIZES

FPS = (12, 24, 30, 60)


def film_maker(*, subject: str, name: str, network: bool, reads_z: bool, key: str = "film") -> None:
    """Show the choice of movements with a film to look at, and the button that makes it.

    Args:
        subject: The query of what is shown: settings of the Lab, or "genome=...&title=...".
        name: What it is called in the list of files being made. Text, never HTML.
        network: Whether it is a network of the Lab, which can change itself.
        reads_z: Whether anything would move along z.
        key: Tells components of one page apart.
    """
    data = {"subject": subject, "name": name, **choices(network=network, reads_z=reads_z)}
    component("film")(key=key, data=data)


def choices(*, network: bool, reads_z: bool) -> dict[str, Any]:
    """Return what can be chosen, as the browser shows it."""
    return {
        "movements": [
            {
                "name": name,
                "title": row.title,
                "does": row.does,
                "unit": row.unit,
                "amount": row.amount,
                "low": row.low,
                "high": row.high,
            }
            for name, row in MOVEMENTS.items()
            if (network or not row.network) and (reads_z or name != "z")
        ],
        "kinds": [
            {"name": name, "label": row.label, "hint": row.hint, "most": row.max_fps}
            for name, row in FILMS.items()
        ],
        "sizes": [list(size) for size in SIZES],
        "fps": list(FPS),
        "frames": MAX_FRAMES,
        "fastest": MAX_FPS,
    }
