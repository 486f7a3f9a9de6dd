"""The autopilot: it goes on without a person, gets somewhere, and does not get stuck."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from breeder.breeder import Breeder
from breeder.errors import CancelledError, SettingsError
from breeder.history import BreederSettings, Generation
from breeder.looks import FINGERPRINT_BYTES, draw_small
from breeder.plan import Plan
from breeder.store import Store
from breeder.taste import autopilot as module
from breeder.taste.autopilot import Flight, Underway, autopilot

pytestmark = pytest.mark.usefixtures("one_thread")

SMALL = BreederSettings(population=4, strength=0.6, unguided=0.4, novelty=0.1)


@dataclass(kw_only=True)
class Warm:
    """A guide who likes warm pictures."""

    key: str = "warm"
    trusted: bool = True
    choices: int = 30
    accuracy: float = 0.8
    seen: NDArray[np.uint8] = field(default_factory=lambda: np.empty((0, 192), np.uint8))

    def judge(self, drawings: NDArray[np.uint8]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        assert self.trusted, "who is not trusted is not asked"
        return warmth(drawings), np.zeros(len(drawings), np.float32)

    def reasons(self, drawings: NDArray[np.uint8], chosen: Sequence[int]) -> list[tuple[str, ...]]:
        return [("warm",)] * len(chosen)


def warmth(drawings: NDArray[np.uint8]) -> NDArray[np.float32]:
    pixels = drawings.astype(np.float32)
    return np.asarray((pixels[..., 0] - pixels[..., 2]).mean(axis=(1, 2)), dtype=np.float32)


def warmth_of(grid: Generation) -> float:
    drawings = draw_small([child.genome for child in grid.children if child.origin != "kept"])
    return float(warmth(drawings).mean())


@pytest.fixture
def breeder() -> Iterator[Breeder]:
    with Store.in_memory() as store:
        yield Breeder.begin(store, name="owls", settings=SMALL, seed=3)


def fly(breeder: Breeder, generations: int, guide: Warm | None = None, **how: object) -> Flight:
    return autopilot(breeder, guide or Warm(), generations, **how)  # type: ignore[arg-type]


def test_it_breeds_towards_what_is_liked_and_stores_it_like_a_persons_grids(breeder: Breeder):
    first = breeder.pick([2])
    told: list[str] = []
    flight = fly(breeder, 4, advance=lambda grid: told.append(grid.id))
    assert flight.by_taste
    assert not flight.cancelled
    assert warmth_of(flight.grids[-1]) > warmth_of(first) + 30
    stored = [breeder.store.generation(each.id) for each in breeder.store.tree(breeder.run_id)]
    assert [grid.id for grid in stored] == [first.id, *told]
    assert [grid.automatic for grid in stored] == [False] + [True] * 4
    assert [grid.picks for grid in stored] == [(2,)] + [()] * 4  # nothing was picked
    assert [grid.came_from for grid in stored[1:]] == [grid.id for grid in stored[:-1]]
    assert all(1 <= len(grid.bred_from) <= 2 for grid in stored[1:])
    # What a person has set stays as it was set, whatever the autopilot went by.
    assert {grid.settings for grid in stored} == {SMALL}
    new = [child for child in stored[-1].children if child.origin != "kept"]
    # As in a person's grid, some are left to chance: two of three new ones here, by the settings.
    assert 0 < [child.origin for child in new].count("guided") < len(new)
    current = breeder.store.current(breeder.run_id)
    assert current is not None
    assert current.id == told[-1] == breeder.ask().id
    # A child can be bred again, and a person goes on from any of the grids.
    last = stored[-1].children[-1]
    assert breeder.breed_again(stored[-1], last.slot).genome == last.genome
    breeder.go(stored[2].id)
    assert not breeder.tell([1]).automatic


def test_the_same_guide_and_database_give_the_same_pictures(breeder: Breeder):
    with Store.in_memory() as store:
        other = Breeder.begin(store, settings=SMALL, seed=3)
        ways = [
            [[child.genome.id for child in grid.children] for grid in fly(each, 2).grids]
            for each in (breeder, other)
        ]
    assert ways[0] == ways[1]


def test_no_picture_is_bred_from_for_ever_and_each_step_has_a_new_parent(breeder: Breeder):
    fly(breeder, 7, novelty=0.0)
    bred_from: Counter[str] = Counter()
    grids = [breeder.store.generation(each.id) for each in breeder.store.tree(breeder.run_id)]
    for before, grid in pairwise(grids):
        parents = [before.children[slot] for slot in grid.bred_from]
        assert any(parent.origin != "kept" for parent in parents)
        bred_from.update(parent.genome.id for parent in parents)
    assert max(bred_from.values()) <= module.OFTEN
    assert len(bred_from) >= 7


def test_the_dial_leads_away_from_what_was_seen(breeder: Breeder):
    first = breeder.ask()
    near = fly(breeder, 3, novelty=0.0).grids
    breeder.go(first.id)
    away = fly(breeder, 3, novelty=1.0).grids
    assert warmth_of(near[-1]) > warmth_of(away[-1]) + 20


@pytest.mark.parametrize("why", ["not trusted", "nothing known", "switched off"])
def test_without_a_trusted_taste_novelty_alone_decides_and_it_says_so(breeder: Breeder, why: str):
    guide = Warm(trusted=why != "not trusted")
    if why == "switched off":
        breeder.settings = replace(SMALL, guided=False)
        guide.judge = lambda drawings: pytest.fail("the taste was asked")  # type: ignore[method-assign]
    flight = autopilot(breeder, None if why == "nothing known" else guide, 1, novelty=0.0)
    assert not flight.by_taste
    for grid in flight.grids:
        assert grid.guidance is not None
        assert (grid.guidance.kind, grid.guidance.automatic) == ("novelty", True)
        assert "guided" in {child.origin for child in grid.children}


def test_what_was_bred_counts_as_seen_by_the_next_step():
    mark = np.full((1, FINGERPRINT_BYTES), 7, np.uint8)
    some = Underway(guide=Warm(), seen=mark)
    more = Underway(guide=Warm(), seen=np.concatenate([mark, mark + 1]))
    assert some.key != more.key
    assert (some.trusted, some.choices, some.accuracy) == (True, 30, 0.8)


def test_the_grid_shown_is_judged_as_new_although_it_was_seen(breeder: Breeder):
    grid = breeder.ask()
    seen = np.frombuffer(grid.fingerprints, np.uint8).reshape(-1, FINGERPRINT_BYTES)
    before = np.full((1, FINGERPRINT_BYTES), 99, np.uint8)
    judged = [
        fly(Breeder.beside(breeder.store, grid.id), 1, Warm(seen=marks), novelty=0.7).grids[0]
        for marks in (before, np.concatenate([before, seen]))
    ]
    assert judged[0].bred_from == judged[1].bred_from


def test_what_was_bred_stays_when_it_is_stopped(breeder: Breeder):
    grids: list[Generation] = []
    found = fly(breeder, 9, advance=grids.append, cancelled=lambda: len(grids) == 2)
    assert (len(found.grids), found.cancelled) == (2, True)

    def bred(plan: Plan) -> Generation:
        if len(grids) == 3:
            raise CancelledError("Stopped in the middle of a grid.")
        return plan.breed()

    breeder.bred, guided_by = bred, breeder.guide
    found = fly(breeder, 9, advance=grids.append)
    assert (len(found.grids), found.cancelled) == (1, True)
    assert breeder.guide is guided_by
    assert [each.id for each in breeder.store.tree(breeder.run_id)][1:] == [g.id for g in grids]


def test_what_is_asked_for_is_checked_before_anything_is_bred(breeder: Breeder):
    for generations, novelty in ((0, 0.3), (51, 0.3), (1, -0.1), (1, 1.1)):
        with pytest.raises(SettingsError, match=r"autopilot|novelty"):
            fly(breeder, generations, novelty=novelty)
    assert len(breeder.store.tree(breeder.run_id)) == 1
