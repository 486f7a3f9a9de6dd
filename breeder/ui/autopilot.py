"""The autopilot on the page of the grid: its controls, and the film strip of what it has bred.

A browser component below the grid. It asks `autopilot_routes` for the strip and for how far a
flight is; the page's script runs only for what starts one or goes to a grid.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from breeder.guidance import Guide
from breeder.taste.autopilot import MOST_GENERATIONS, NOVELTY, goes_by_taste
from breeder.ui.components import answer, component, hear, is_int, is_token
from breeder.ui.flights import Flights, Order, flights
from breeder.ui.state import PageState

USUAL: Final = 10
"""Generations, if nobody says otherwise."""

STEPS: Final = 20
"""Places of the dial from what is liked to what is new."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AutopilotAction:
    """What a person asks of the autopilot.

    Attributes:
        kind: To start from the grid shown, or to go to a grid of the strip.
        generation: The grid that is meant.
        generations: How many to breed, for "start"; else 0.
        novelty: What being new weighs, 0 to 1, for "start"; else 0.
    """

    kind: Literal["start", "go"]
    generation: str
    generations: int = 0
    novelty: float = 0.0


def parse_autopilot_action(value: object) -> AutopilotAction | None:
    """Return the action a browser sent, or None for a malformed message."""
    if not isinstance(value, Mapping):
        return None
    kind, generation = value.get("kind"), value.get("generation")
    if not is_token(generation):
        return None
    if kind == "go":
        return AutopilotAction(kind="go", generation=generation)
    generations, novelty = value.get("generations"), value.get("novelty")
    if kind != "start" or not is_int(generations, 1, MOST_GENERATIONS):
        return None
    if not is_int(novelty, 0, STEPS):
        return None
    return AutopilotAction(
        kind="start", generation=generation, generations=generations, novelty=novelty / STEPS
    )


def autopilot_strip(
    *,
    run_id: str,
    generation: str,
    number: int,
    picks: tuple[int, ...],
    by_taste: bool,
    words: str,
    on_action: Callable[[AutopilotAction], None],
    key: str = "autopilot",
) -> None:
    """Show the controls and the strip, and hand what the person does to the callback.

    Args:
        run_id: The run shown.
        generation: The grid shown.
        number: Its number.
        picks: The slots picked in it: who has picked there is not led away from it.
        by_taste: Whether the autopilot would go by what is liked; if not, by novelty alone.
        words: What it would go by, in a sentence. Text, never HTML.
        on_action: Does what was asked; called once for a press.
        key: Tells components of one page apart.
    """
    component("strip")(
        key=key,
        data={
            "run": run_id,
            "generation": generation,
            "number": number,
            "picks": list(picks),
            "by_taste": by_taste,
            "words": words,
            "usual": USUAL,
            "most": MOST_GENERATIONS,
            "steps": STEPS,
            "novelty": round(NOVELTY * STEPS),
            **answer(key),
        },
        on_said_change=functools.partial(hear, key, parse_autopilot_action, on_action),
    )


def show(state: PageState) -> None:
    """Show the autopilot of the run that a tab is on."""
    generation, guide = state.generation, state.guide
    by_taste = goes_by_taste(guide, state.breeder.settings)
    autopilot_strip(
        run_id=state.breeder.run_id,
        generation=generation.id,
        number=generation.number,
        picks=generation.picks,
        by_taste=by_taste,
        words=what_it_goes_by(guide, guided=state.breeder.settings.guided),
        on_action=functools.partial(hear_autopilot, state),
    )


def what_it_goes_by(guide: Guide | None, *, guided: bool) -> str:
    """Return in a sentence what an autopilot would go by."""
    if not guided:
        return "Your taste is switched off, so it goes by novelty alone."
    if guide is None or not guide.trusted:
        return "Your taste is not known well enough yet, so it goes by novelty alone."
    return "It goes by your taste and by novelty, and learns nothing on the way."


def hear_autopilot(
    state: PageState, action: AutopilotAction, at_work: Callable[[], Flights] | None = None
) -> None:
    """Do what was asked of the autopilot.

    Args:
        state: The tab it was asked in.
        action: What was asked.
        at_work: Returns the autopilots of the server; those of the tab's store if left out.
    """
    with state.reporting():
        if action.kind == "go":
            _go(state, action.generation)
        elif action.generation == state.generation.id:  # else of a grid that was left meanwhile
            _start(state, action, at_work() if at_work else flights(state.store))


def _start(state: PageState, action: AutopilotAction, at_work: Flights) -> None:
    person, run_id = state.person, state.breeder.run_id
    at_work.start(
        Order(
            generation=state.generation,
            settings=state.breeder.settings,
            generations=action.generations,
            novelty=action.novelty,
            guide=lambda: person.learn(run_id) if person else None,
        )
    )


def _go(state: PageState, generation_id: str) -> None:
    if generation_id == state.generation.id:
        return
    state.breeder.go(generation_id)
    state.stand_on(state.breeder)
    state.to_grid = False
