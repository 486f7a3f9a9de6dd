"""One picture shown large, coarse at once and then fine: a browser component without actions."""

from __future__ import annotations

from breeder.ui.components import component


def large_picture(*, picture_id: str, url: str, alt: str, key: str = "large") -> None:
    """Shows a square picture as large as its place allows, at most 78 % of the window's height.

    Args:
        picture_id: Changes with the picture, and with nothing else.
        url: Address of the picture; `?size=256` gives the coarse one, then `?size=1024`, 1536 or
            2048 the fine one, as the screen can show.
        alt: What a screen reader says of it. Text, never HTML.
        key: Tells pictures of one page apart.
    """
    component("large_picture")(key=key, data={"id": picture_id, "url": url, "alt": alt})
