"""The Lab's films of the network on the desk."""

from __future__ import annotations

from breeder.lab.settings import to_query
from breeder.ui.film import film_maker
from breeder.ui.lab.state import LabState


def show(state: LabState) -> None:
    """Show the choice of a film, what it looks like, and the button that makes it."""
    settings = state.settings
    film_maker(
        subject=to_query(settings),
        name=settings.caption or f"Lab, seed {settings.seed}",
        network=True,
        reads_z="z" in settings.inputs,
        key="lab-film",
    )
