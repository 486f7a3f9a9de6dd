"""The whole page as a place to drop files on: they go to the uploader of the sidebar."""

from __future__ import annotations

from breeder.ui.components import component


def drop_anywhere(*, key: str = "drop") -> None:
    """Let a file be dropped anywhere on the page.

    Args:
        key: Tells components of one page apart.
    """
    component("drop")(key=key)
