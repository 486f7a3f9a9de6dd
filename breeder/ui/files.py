"""Every file to take away, the picture's colours, and its link: two browser components.

The table of formats drives them: a new row appears by itself. Files are made by the addresses of
`file_routes`; the page's script does not run for them.
"""

from __future__ import annotations

from typing import Any, Final

from breeder.formats.table import FORMATS, ColorCount, FileFormat, Group
from breeder.ui.components import component

GROUPS: Final[dict[Group, str]] = {
    "picture": "Pictures",
    "colors": "Colours",
    "code": "Code and models",
    "genome": "Genomes",
    "everything": "Everything",
}


def files_to_take(*, genome_id: str, title: str, key: str = "files") -> None:
    """Show the picture's colours and the list of formats.

    Args:
        genome_id: Whole identity of the picture.
        title: Names the files and is kept in them; may be empty. Text, never HTML.
        key: Tells components of one page apart.
    """
    data = {"genome": genome_id, "title": title, "groups": groups()}
    component("files")(key=key, data=data)


def link_to_copy(*, share: str, key: str = "link") -> None:
    """Show the button that copies the link to a picture.

    Args:
        share: The query of the link, from `file_routes.share_query`.
        key: Tells components of one page apart.
    """
    component("link")(key=key, data={"share": share})


def groups() -> list[dict[str, Any]]:
    """Return the formats that are written, by group, as the browser shows them."""
    rows = [row for row in FORMATS.values() if row.writes]
    return [
        {"name": label, "files": [_plain(row) for row in rows if row.group == group]}
        for group, label in GROUPS.items()
    ]


def _plain(row: FileFormat) -> dict[str, Any]:
    return {
        "name": row.name,
        "title": row.title[:1].upper() + row.title[1:],
        "suffix": row.suffix,
        "loses": row.loses,
        "colors": _bounds(row.colors) if row.colors else None,
    }


def _bounds(count: ColorCount) -> list[int]:
    return [count.least, count.most]
