"""Refining a picture that is open: a browser component, and what its word to keep one does.

The browser has the picture refined by `refine_routes` and shows it before and after; the page's
script hears of it only when a result is to be kept.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

from breeder.breeder import Breeder
from breeder.genome import Genome
from breeder.store.values import Home
from breeder.ui.components import answer, component, hear
from breeder.ui.pictures import picture_address
from breeder.ui.refinements import refinements
from breeder.ui.state import PageState

_TOKEN: Final = re.compile("[0-9a-f]{32}")

NOT_YET: Final = (
    "Taste has not learnt enough to beat chance yet. Pick on, or compare pictures on the page "
    "Taste; then a picture can be moved towards what you like."
)


def refiner(
    *,
    genome_id: str,
    run_id: str,
    trusted: bool,
    lives: bool,
    on_keep: Callable[[str], None],
    key: str = "refine",
) -> None:
    """Show how far a picture may move, the button, and what came of it.

    Args:
        genome_id: The picture.
        run_id: The run at hand, whose choices count most.
        trusted: Whether what was learnt beats chance.
        lives: Whether the picture is in a grid, so that the result can be its child there.
        on_keep: Keeps a result, named by its token.
        key: Tells components of one page apart.
    """
    data = {
        "genome": genome_id,
        "run": run_id,
        "picture": picture_address(genome_id),
        "trusted": trusted,
        "not_yet": NOT_YET,
        "keep": "Keep as child" if lives else "Keep in the gallery",
    }
    component("refine")(
        key=key,
        data={**data, **answer(key)},
        on_said_change=partial(hear, key, parse_token, on_keep),
    )


def parse_token(value: object) -> str | None:
    """Return the token of a result that the browser wants kept; None for a malformed message."""
    token = value.get("token") if isinstance(value, Mapping) else None
    return token if isinstance(token, str) and _TOKEN.fullmatch(token) else None


def keep_refined(state: PageState, token: str) -> None:
    """Keep a result as a child of the picture, and show the grid it is in.

    A picture that lives in no grid has its result kept in the gallery, and shown instead of it.

    Raises:
        NotFoundError: There is no such result, or its grid is gone.
    """
    genome, refined = refinements().result(token)
    home = home_of(state, genome)
    if home is None:
        origin = f"refined from {genome.id[:12]}"
        state.store.save_genome(refined.genome, origin=origin)
        state.store.add_favourite(refined.genome.id)
        state.opened = refined.genome.id
        return
    generation_id, slot = home
    breeder = Breeder.beside(state.store, generation_id)
    breeder.guide = state.breeder.guide
    breeder.adopt(slot, refined.as_child(genome))
    state.stand_on(breeder, "Kept: the refined picture stands beside the one it began with.")


def home_of(state: PageState, genome: Genome) -> tuple[str, int] | None:
    """Return the grid and the slot where a picture lives; None where it lives in none.

    The grid shown comes first, then those of its run, the newest first, then those of others.
    """
    here = state.generation
    for child in here.children:
        if child.genome == genome:
            return here.id, child.slot
    homes = [home for home in state.store.homes(genome.id) if not home.copied]

    def nearness(home: Home) -> tuple[bool, int]:
        return (home.run_id == here.run_id, home.number)

    best = max(homes, key=nearness, default=None)
    return (best.generation_id, best.slot) if best else None
