"""A picture to take away at any size: a browser component with progress, without actions.

The browser orders large pictures from the addresses of `poster_routes`, and asks how far they are;
the page's script does not run for it, and the dialog may be closed meanwhile.
"""

from __future__ import annotations

from breeder.ui.components import component
from breeder.ui.routes import MAX_DOWNLOAD


def picture_download(*, genome_id: str, title: str, key: str = "download") -> None:
    """Show the choice of size, file and smoothing, and what is being made.

    Args:
        genome_id: Whole identity of the picture.
        title: Names the file and is kept in it; may be empty. Text, never HTML.
        key: Tells components of one page apart.
    """
    component("download")(key=key, data={"genome": genome_id, "title": title, "most": MAX_DOWNLOAD})
