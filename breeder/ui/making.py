"""A button that has a file made in the background: a browser component with progress and cancel.

The browser orders the file from an address of the page's own, which ends in `job_routes.order_job`,
and saves it when it is done; the page's script does not run for it, and may show something else
meanwhile. Every such component of a tab shows all that the tab is having made.
"""

from __future__ import annotations

from breeder.ui.components import component


def make_button(*, order: str, label: str, name: str, hint: str = "", key: str) -> None:
    """Show the button, and what is being made.

    Args:
        order: The address that takes the order, with its query: "/lab/film?..."; empty while there
            is nothing to order, which disables the button.
        label: On the button: "Make the film".
        name: What the file is, in the list: "Film, 640 px MP4". Text, never HTML.
        hint: A line below the button.
        key: Tells components of one page apart.
    """
    data = {"order": order, "label": label, "name": name, "hint": hint}
    component("making")(key=key, data=data)
