"""Guided grids: chosen among many, a share left alone, and nothing at all without trust."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray

from breeder import offspring
from breeder.breeder import Breeder
from breeder.genome import Genome
from breeder.guidance import TWIN, Aim, Floats, aim_of, choose_worthy, worth
from breeder.history import BreederSettings, Child, Generation
from breeder.looks import FINGERPRINT_BYTES, distances, draw_small, look_at, nearest_shown
from breeder.offspring import Brood, breed
from breeder.plan import Plan
from breeder.store import Store
from tests.strategies import net, node

NOTHING: NDArray[np.uint8] = np.empty((0, FINGERPRINT_BYTES), dtype=np.uint8)
NINE = BreederSettings(population=9)
CONSTANT = net("grey", [node("brightness", "sin", 0.5)])

pytestmark = pytest.mark.usefixtures("one_thread")


class Light:
    """A guide who likes light pictures, and is as sure of all of them."""

    def __init__(self, *, trusted: bool = True, seen: NDArray[np.uint8] = NOTHING) -> None:
        self.key, self.trusted, self.seen = f"light {trusted} {len(seen)}", trusted, seen
        self.choices, self.accuracy = 30, 0.75

    def judge(self, drawings: NDArray[np.uint8]) -> tuple[Floats, Floats]:
        assert self.trusted, "who is not trusted is not asked"
        return lightness(drawings), np.ones(len(drawings), np.float32)

    def reasons(self, drawings: NDArray[np.uint8], chosen: Sequence[int]) -> list[tuple[str, ...]]:
        return [(f"light {lightness(drawings[[each]])[0]:.2f}",) for each in chosen]


def lightness(drawings: NDArray[np.uint8]) -> Floats:
    return np.asarray(drawings.astype(np.float32).mean(axis=(1, 2, 3)) / 255, dtype=np.float32)


@cache
def parents(count: int = 2) -> list[Child]:
    return list(breed([], NINE, "f", shown=NOTHING).children[:count])


def aim(guide: Light, settings: BreederSettings = NINE, *, surprise: bool = False) -> Aim:
    found = aim_of(guide, settings, surprise=surprise)
    assert found is not None
    return found


def bred(found: Aim | None, settings: BreederSettings = NINE, *, seed: str = "a1") -> Brood:
    return breed(parents(), settings, seed, shown=NOTHING, aim=found)


def drawn(children: Sequence[Child]) -> NDArray[np.uint8]:
    return draw_small([child.genome for child in children])


def of(brood: Brood, *origins: str) -> list[Child]:
    return [child for child in brood.children if child.origin in origins]


class Doubtful(Light):
    """A guide who likes all pictures alike, and is less sure of light ones."""

    def judge(self, drawings: NDArray[np.uint8]) -> tuple[Floats, Floats]:
        return np.ones(len(drawings), np.float32), 1.0 + lightness(drawings)


# What is aimed at


def test_doubt_is_tried_where_a_pick_will_follow_and_avoided_where_none_will():
    drawings = drawn(breed([], NINE, "d", shown=NOTHING).children)
    light = lightness(drawings)
    for automatic, sign in ((False, 1.0), (True, -1.0)):
        found = aim_of(Doubtful(), NINE, automatic=automatic)
        assert found is not None
        value = worth(found, drawings, look_at(drawings))
        assert np.corrcoef(value, light)[0, 1] * sign > 0.99


def test_nothing_is_aimed_at_without_trust_or_against_the_switch():
    off = replace(NINE, guided=False)
    assert aim_of(None, replace(NINE, novelty=1.0), surprise=True) is None
    assert aim_of(Light(trusted=False), NINE, surprise=False) is None
    assert aim_of(Light(), off, surprise=False) is None
    dial = aim(Light(trusted=False), replace(NINE, novelty=0.5))
    assert (dial.kind, dial.liking) == ("novelty", 0.0)
    for guide, settings in ((Light(trusted=False), NINE), (Light(), off)):
        surprise = aim(guide, settings, surprise=True)
        assert (surprise.kind, surprise.liking, surprise.unguided) == ("surprise", 0.0, 0.0)


def test_a_guide_that_is_not_trusted_changes_no_bit_of_a_grid():
    def grid(guide: Light | None) -> Generation:
        with Breeder(NINE, seed=4) as breeder:
            breeder.guide = lambda: guide
            breeder.tell([1, 3])
            return breeder.tell([2])

    known, unknown = grid(Light(trusted=False)), grid(None)
    assert known.children == unknown.children
    assert known.screening == unknown.screening
    assert known.guidance is None


# Choosing


def test_it_chooses_among_hundreds_what_is_liked_and_is_varied():
    settings = BreederSettings(population=15, carry_over=False, unguided=0.0)
    plain = breed(parents(), settings, "a1", shown=NOTHING)
    led = breed(parents(), settings, "a1", shown=NOTHING, aim=aim(Light(), settings))
    assert led.screening.proposed >= 240
    assert lightness(drawn(led.children)).mean() > lightness(drawn(plain.children)).mean() + 0.05
    lab = look_at(drawn(led.children)).lab
    assert distances(lab, lab)[np.triu_indices(15, 1)].min() >= TWIN


@pytest.mark.parametrize(("unguided", "left"), [(0.0, 0), (1 / 3, 2), (1.0, 7)])
def test_a_share_is_left_as_it_is_without_a_guide(unguided: float, left: int):
    settings = replace(NINE, unguided=unguided)
    led, plain = bred(aim(Light(), settings), settings), bred(None, settings)
    assert len(of(led, "kept")) == 2
    assert len(of(led, "guided")) == 7 - left
    alone = of(led, "child", "wild")
    usual = {child.genome.id for child in plain.children}
    assert {child.genome.id for child in alone} <= usual
    assert set(led.reasons) == {child.slot for child in of(led, "guided")}
    for child in of(led, "guided"):
        assert led.reasons[child.slot] == (f"light {lightness(drawn([child]))[0]:.2f}",)


def test_the_unsure_is_tried_before_the_sure():
    class Unsure(Light):
        def judge(self, drawings: NDArray[np.uint8]) -> tuple[Floats, Floats]:
            return np.zeros(len(drawings), np.float32), lightness(drawings)

    settings = replace(NINE, unguided=0.0, carry_over=False)
    led = bred(aim(Unsure(), settings), settings)
    plain = bred(None, settings)
    assert lightness(drawn(led.children)).mean() > lightness(drawn(plain.children)).mean()


def test_twins_are_not_chosen_and_fewer_come_where_only_twins_are_left():
    one, other = drawn(parents())
    looks = look_at(np.stack([one, one, other, other]))
    worth = np.array([3.0, 2.9, 0.0, 0.1])
    assert choose_worthy(worth, looks, range(4), 4) == [0, 3]
    assert choose_worthy(worth, looks, [2, 3], 2, beside=[0]) == [3]


# Novelty


def test_a_surprise_is_unlike_what_was_seen_and_still_akin():
    settings = replace(NINE, carry_over=False)
    usual = [*parents(), *bred(None, settings).children, *bred(None, settings, seed="b2").children]
    seen = look_at(drawn(usual)).fingerprints

    def away(brood: Brood) -> float:
        return float(nearest_shown(look_at(drawn(brood.children)).fingerprints, seen).mean())

    surprise = bred(aim(Light(trusted=False, seen=seen), settings, surprise=True), settings)
    assert away(surprise) > 1.3 * away(bred(None, settings, seed="c3"))
    assert {child.origin for child in surprise.children} == {"guided"}
    chosen = {parent.genome.id for parent in parents()}
    assert all({each.id for each in child.parents} <= chosen for child in surprise.children)
    assert not any(surprise.reasons.values())


def test_the_dial_leads_from_the_liked_to_the_new():
    seen = look_at(drawn([*parents(), *bred(None).children])).fingerprints
    liked, new = [], []
    for novelty in (0.0, 0.5, 1.0):
        settings = replace(NINE, carry_over=False, unguided=0.0, novelty=novelty)
        drawings = drawn(bred(aim(Light(seen=seen), settings), settings).children)
        liked.append(float(lightness(drawings).mean()))
        new.append(float(nearest_shown(look_at(drawings).fingerprints, seen).mean()))
    assert liked[0] > liked[2]
    assert new[0] < new[1] < new[2]


# Every grid is whole, and can be bred again


@pytest.mark.parametrize("population", [1, 2, 3, 12])
@pytest.mark.parametrize("screening", [True, False])
@pytest.mark.parametrize("start", ["nothing", "two", "dull"])
def test_every_guided_grid_is_full(population: int, screening: bool, start: str):
    setup = BreederSettings(population=population, screening=screening, unguided=0.0)
    dull = [Child(slot=0, genome=CONSTANT)]
    family = {"nothing": [], "two": parents(), "dull": dull}[start]
    found = aim(Light(seen=look_at(drawn(parents())).fingerprints), setup, surprise=True)
    brood = breed(family, setup, "b4", shown=NOTHING, aim=found)
    assert [child.slot for child in brood.children] == list(range(population))
    wanted = look_at(drawn(brood.children)).fingerprints
    np.testing.assert_array_equal(np.frombuffer(brood.fingerprints, np.uint8), wanted.ravel())


def test_of_large_networks_some_are_chosen_among_too(monkeypatch: pytest.MonkeyPatch):
    """Fewer candidates are bred of them, screened or not, but more than there are places."""
    monkeypatch.setattr(offspring, "GENES_AT_ONCE", 2_000)
    for screening in (True, False):
        settings = replace(NINE, screening=screening, unguided=0.0, carry_over=False)
        brood = bred(aim(Light(), settings), settings)
        assert brood.screening.proposed > 9


def test_guided_children_can_be_bred_again_from_the_seed_path_alone():
    with Store.in_memory() as store:
        breeder = Breeder.begin(store, settings=NINE, seed=2, guide=Light())
        breeder.guide = Light
        grids = [breeder.ask(), breeder.tell([0, 4])]
        guided = next(child.slot for child in grids[1].children if child.origin == "guided")
        grids.append(breeder.tell([guided]))
        grids += [breeder.surprise([2]), breeder.lead([3], steering=replace(NINE, novelty=0.4))]
        for grid in map(store.generation, (each.id for each in grids)):
            assert any(child.origin == "guided" for child in grid.children)
            for child in grid.children:
                again = breeder.breed_again(grid, child.slot)
                assert (again.genome, again.parents) == (child.genome, child.parents)
        assert grids[2].children[0].origin == "kept"
        told = store.generation(grids[1].id).guidance
        assert told is not None
        assert (told.kind, told.choices, told.accuracy) == ("taste", 30, 0.75)
        assert told.reasons == grids[1].guidance.reasons  # type: ignore[union-attr]


# What a grid follows from


def test_plans_share_a_key_only_if_they_breed_the_same_grid():
    with Breeder(NINE, seed=4) as breeder:
        breeder.ask()

        def key(guide: Light | None, **how: bool) -> str:
            breeder.guide = lambda: guide
            return breeder.plan([1], **how).key

        assert key(None) == key(Light(trusted=False))  # neither guides
        keys = [key(Light()), key(None), key(Light(seen=look_at(drawn(parents())).fingerprints))]
        keys += [key(Light(), surprise=True), key(Light(), automatic=True)]
        keys.append(key(None, automatic=True))
        led = breeder.plan([1])
        keys.append(replace(led, guide=Light(), steering=replace(NINE, novelty=0.2)).key)
        assert len(set(keys)) == len(keys)


def test_what_was_picked_is_stored_whatever_guides_and_a_lead_picks_nothing():
    with Breeder(NINE, seed=4) as breeder:
        breeder.guide = Light
        first = breeder.pick([5])
        led = breeder.lead([1])
        assert led.automatic
        assert breeder.store.generation(first.id).picks == (5,)
        breeder.go(first.id)
        surprise = breeder.surprise([2], among=[2])
        assert not surprise.automatic
        assert breeder.store.generation(first.id).picks == (2, 5)
        assert led.settings == surprise.settings == NINE


def test_a_plan_of_nothing_known_tells_of_no_guide():
    genome: Genome = parents()[0].genome
    plan = Plan(
        run_id="ab" * 16,
        run_seed=1,
        parents=(Child(slot=0, genome=genome, origin="import"),),
        settings=NINE,
        shown=NOTHING,
        surprise=True,
    )
    assert plan.breed().guidance is None
