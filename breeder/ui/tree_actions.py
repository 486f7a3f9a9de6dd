"""What the buttons of a family tree do. Knows nothing of Streamlit."""

from __future__ import annotations

from collections.abc import Callable

from breeder.breeder import Breeder
from breeder.ui.state import PageState, start_from, toggle_favourite
from breeder.ui.tree import TreeAction


def hear_tree(state: PageState, action: TreeAction) -> None:
    """Do what a button of the tree asks for."""
    with state.reporting():
        _ACTIONS[action.kind](state, action)
        if action.kind in ("breed", "grid", "start"):
            state.leads_to = ("breed.py", {})


def tree_version(state: PageState) -> str:
    """Return what changes whenever a run's tree looks otherwise than before."""
    return f"{state.breeder.run_id}-{state.generation.id}-{state.breeder.run.generations}"


def _breed(state: PageState, action: TreeAction) -> None:
    """Breed children of one picture of any grid: a branch of its own, and nothing is lost."""
    breeder = _at(state, action)
    breeder.branch(action.generation, [action.slot])
    state.stand_on(breeder, f"A new branch, bred from generation {_number(state, action)}.")


def _grid(state: PageState, action: TreeAction) -> None:
    state.stand_on(_at(state, action), f"Back at generation {_number(state, action)}.")


def _at(state: PageState, action: TreeAction) -> Breeder:
    """Return a breeder on the grid that is meant, of whichever run it is."""
    run_id = state.store.run_of(action.generation)
    same = run_id == state.breeder.run_id
    settings = state.breeder.settings if same else None
    breeder = Breeder.resume(state.store, run_id, settings=settings)
    breeder.go(action.generation)
    return breeder


def _number(state: PageState, action: TreeAction) -> int:
    return state.store.generation(action.generation).number


def _open(state: PageState, action: TreeAction) -> None:
    state.opened = state.store.genome(action.id).id


def _favourite(state: PageState, action: TreeAction) -> None:
    genome = state.store.genome(action.id)
    if action.star != bool(state.store.is_favourite([genome.id])):
        toggle_favourite(state, genome)


def _start(state: PageState, action: TreeAction) -> None:
    kept = state.store.favourite(action.id)
    start_from(state, [state.store.genome(action.id)], kept.title if kept else "")


_ACTIONS: dict[str, Callable[[PageState, TreeAction], None]] = {
    "breed": _breed,
    "grid": _grid,
    "open": _open,
    "favourite": _favourite,
    "start": _start,
}
