"""Ask and tell: nothing is lost, every way forward and back is kept, the same picks breed the same.

Every test runs in memory; those on durability, and on several breeders, on a file.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import breeder.plan as module
from breeder import Breeder, BreederSettings, Generation, Genome, Store, offspring
from breeder.breeder import made_up_name
from breeder.errors import NotFoundError, SettingsError
from breeder.evolve.founders import founder
from breeder.looks import FINGERPRINT_BYTES, look_at, nearest_shown
from breeder.looks import draw_small as draw
from breeder.offspring import SHOWN

SMALL = BreederSettings(population=5)
PLAIN = BreederSettings(population=4, screening=False)
"""Without screening, for tests of steps alone: a grid in a few milliseconds."""


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'art.db'}"


@pytest.fixture
def stores() -> Iterator[Callable[..., Store]]:
    opened: list[Store] = []

    def open_one(where: str | None = None) -> Store:
        opened.append(Store.open(where) if where else Store.in_memory())
        return opened[-1]

    yield open_one
    for store in opened:
        store.close()


@pytest.fixture
def store(stores: Callable[..., Store]) -> Store:
    return stores()


@pytest.fixture
def plain(store: Store) -> Breeder:
    return Breeder.begin(store, name="owls", settings=PLAIN, seed=7)


def genomes(generation: Generation) -> list[Genome]:
    return [child.genome for child in generation.children]


def same_but_for_time(one: Generation, other: Generation) -> bool:
    names = ("number", "bred_from", "seed", "settings", "children", "screening", "fingerprints")
    return all(getattr(one, name) == getattr(other, name) for name in names)


# Ask


def test_a_first_grid_is_bred_when_it_is_asked_for():
    breeder = Breeder(SMALL, seed=7)
    generation = breeder.ask()
    assert generation.number == 0
    assert generation.came_from is None
    assert generation.bred_from == generation.picks == ()
    assert [child.slot for child in generation.children] == [0, 1, 2, 3, 4]
    assert {child.origin for child in generation.children} == {"founder"}
    assert generation.settings == SMALL
    assert breeder.run.current == generation.id
    breeder.store.close()


def test_asking_twice_changes_nothing(plain: Breeder):
    once = plain.ask()
    assert plain.ask() is once
    assert plain.run.generations == 1
    assert Breeder.resume(plain.store, plain.run_id).ask() == once
    assert plain.run.generations == 1


# Tell


def test_the_next_grid_is_bred_from_the_picks(plain: Breeder):
    first = plain.ask()
    second = plain.tell([3, 1])
    assert second.number == 1
    assert second.came_from == first.id
    assert second.bred_from == (1, 3)
    assert second.picks == ()
    parents = {first.children[1].genome, first.children[3].genome}
    assert [child.origin for child in second.children[:2]] == ["kept", "kept"]
    assert {child.genome for child in second.children[:2]} == parents
    for child in second.children[2:]:
        assert set(child.parents) <= parents
        assert child.mutations
    assert plain.ask() == second
    assert plain.store.generation(first.id).picks == (1, 3)


def test_a_slot_picked_twice_is_picked_once(plain: Breeder):
    plain.ask()
    assert plain.tell([2, 2]).bred_from == (2,)


def test_nothing_liked_gives_other_children_of_the_same_parents(plain: Breeder):
    first = plain.ask()
    second = plain.tell([1])
    third = plain.tell([])
    assert third.number == 2
    assert third.came_from == second.id
    assert third.bred_from == ()
    parent = first.children[1].genome
    assert third.children[0].genome == parent
    bred = third.children[1:]
    assert {child.parents for child in bred} == {(parent,)}
    assert not set(genomes(second)[1:]) & {child.genome for child in bred}
    again = plain.tell([])
    assert {child.parents for child in again.children[1:]} == {(parent,)}
    assert not set(genomes(third)[1:]) & set(genomes(again)[1:])


def test_nothing_liked_in_a_first_grid_gives_other_founders(plain: Breeder):
    first = plain.ask()
    second = plain.tell([])
    assert {child.origin for child in second.children} == {"founder"}
    assert not set(genomes(first)) & set(genomes(second))
    assert plain.tell([0]).children[0].genome == second.children[0].genome


def test_rerolling_keeps_the_picks_of_the_grid_shown(plain: Breeder):
    first = plain.ask()
    second = plain.tell([1])
    plain.pick([0, 2])
    third = plain.reroll()
    assert plain.store.generation(second.id).picks == (0, 2)
    assert third.came_from == second.id
    assert third.bred_from == ()
    assert third.children[0].genome == first.children[1].genome
    assert plain.back().picks == (0, 2)


def test_telling_nothing_clears_the_picks(plain: Breeder):
    second = plain.ask()
    plain.pick([0, 2])
    plain.tell([])
    assert plain.store.generation(second.id).picks == ()


def test_picks_are_kept_at_once_and_breed_nothing(plain: Breeder):
    first = plain.ask()
    assert plain.pick([2, 0]).picks == (0, 2)
    assert plain.ask().picks == (0, 2)
    assert plain.store.generation(first.id).picks == (0, 2)
    assert plain.pick([1]).picks == (1,)
    assert plain.store.generation(first.id).picks == (1,)
    assert plain.run.generations == 1


@pytest.mark.parametrize("slots", [[4], [-1], [0, 99]])
def test_an_unknown_slot_is_refused_and_changes_nothing(plain: Breeder, slots: list[int]):
    plain.ask()
    before = plain.pick([2])
    for step in (plain.pick, plain.tell):
        with pytest.raises(NotFoundError, match=str(slots[-1])):
            step(slots)
        assert plain.ask() == before
        assert plain.store.generation(before.id).picks == (2,)
        assert plain.run.generations == 1
        assert plain.run.current == before.id


def test_two_equal_pictures_may_both_be_picked(store: Store):
    """A grid whose pictures cannot change holds the same one many times."""
    setup = BreederSettings(population=6, color=False, focus="color")
    breeder = Breeder.begin(store, settings=setup, seed=1)
    breeder.tell([0])
    for _ in range(3):
        assert len(breeder.tell([0, 1, 2]).children) == 6


# The same again


def test_the_same_seed_and_picks_breed_the_same_in_two_databases(
    stores: Callable[..., Store], url: str
):
    def play(store: Store) -> list[Generation]:
        breeder = Breeder.begin(store, settings=SMALL, seed=11)
        seen = [breeder.ask(), breeder.tell([1, 4]), breeder.tell([]), breeder.tell([2])]
        breeder.back()
        return [*seen, breeder.tell([0, 3]), breeder.reroll()]

    for one, other in zip(play(stores()), play(stores(url)), strict=True):
        assert same_but_for_time(one, other)


def test_another_seed_gives_another_run(stores: Callable[..., Store]):
    one = Breeder.begin(stores(), settings=PLAIN, seed=1)
    other = Breeder.begin(stores(), settings=PLAIN, seed=2)
    assert not set(genomes(one.ask())) & set(genomes(other.ask()))


def test_runs_without_a_seed_differ(store: Store):
    seen = {genomes(Breeder.begin(store, settings=PLAIN).ask())[0] for _ in range(3)}
    assert len(seen) == 3


@settings(max_examples=8, deadline=None)
@given(
    seed=st.integers(0, 2**63 - 1),
    steps=st.lists(st.sets(st.integers(0, 3), max_size=3), max_size=4),
    screening=st.booleans(),
    carry_over=st.booleans(),
    starts=st.integers(0, 2),
)
def test_any_child_of_a_run_can_be_bred_again(
    seed: int, steps: list[set[int]], screening: bool, carry_over: bool, starts: int
):
    setup = BreederSettings(population=4, screening=screening, carry_over=carry_over)
    start = [founder(rng=np.random.default_rng(number)) for number in range(starts)]
    with Store.in_memory() as store:
        breeder = Breeder.begin(store, settings=setup, seed=seed, start=start)
        shown = [breeder.ask(), *(breeder.tell(sorted(picks)) for picks in steps)]
        for generation in map(store.generation, (each.id for each in shown)):
            for child in generation.children:
                if child.origin in ("kept", "import"):
                    continue
                again = breeder.breed_again(generation, child.slot)
                assert again.genome == child.genome
                assert (again.parents, again.mutations) == (child.parents, child.mutations)


def test_what_a_run_has_shown_is_not_shown_again(store: Store):
    breeder = Breeder.begin(store, settings=BreederSettings(population=6), seed=5)
    breeder.ask()
    seen = [breeder.tell([4]), breeder.tell([]), breeder.tell([])]
    marks = look_at(draw([c.genome for g in seen for c in g.children[1:]])).fingerprints
    for index in range(1, len(marks)):
        assert nearest_shown(marks[index : index + 1], marks[:index])[0] >= 1
    between = [nearest_shown(marks[5 * i : 5 * i + 5], marks[: 5 * i]) for i in (1, 2)]
    assert min(map(np.min, between)) >= SHOWN


def test_all_that_a_run_has_shown_is_known_when_a_grid_is_bred(
    monkeypatch: pytest.MonkeyPatch, stores: Callable[..., Store], url: str
):
    """In every branch and every tab."""
    known: list[set[bytes]] = []
    breed = offspring.breed

    def watched(*args: Any, shown: Any, **kwargs: Any) -> Any:
        known.append({mark.tobytes() for mark in shown})
        return breed(*args, shown=shown, **kwargs)

    monkeypatch.setattr(module, "breed", watched)
    one = Breeder.begin(stores(url), settings=PLAIN, seed=7)
    shown: set[bytes] = set()

    def see(generation: Generation) -> None:
        assert known[-1] == shown
        marks = generation.fingerprints
        shown.update(
            marks[at : at + FINGERPRINT_BYTES] for at in range(0, len(marks), FINGERPRINT_BYTES)
        )

    see(one.ask())
    see(one.tell([0]))
    other = Breeder.resume(stores(url), one.run_id)
    see(other.tell([1]))
    one.back()
    see(one.tell([2]))
    see(one.reroll())
    see(other.tell([]))
    assert len(known) == 6


def test_the_same_holds_after_reopening(stores: Callable[..., Store]):
    """A breeder that was open all the time and one that reads everything breed the same."""

    def play(reopens: bool) -> list[Generation]:
        store = stores()
        breeder = Breeder.begin(store, settings=SMALL, seed=3)
        seen = [breeder.ask()]
        for picks in ([2], [4], [], [0, 3]):
            if reopens:
                breeder = Breeder.resume(store, breeder.run_id)
            seen.append(breeder.tell(picks))
        return seen

    for one, other in zip(play(True), play(False), strict=True):
        assert same_but_for_time(one, other)
        assert len(one.fingerprints) == 5 * FINGERPRINT_BYTES


# Back, forward, branches


def test_back_and_forward_lead_along_the_same_grids(plain: Breeder):
    seen = [plain.ask(), plain.tell([1]), plain.tell([2]), plain.tell([])]
    assert [plain.back().id for _ in range(3)] == [g.id for g in seen[2::-1]]
    assert [plain.forward().id for _ in range(3)] == [g.id for g in seen[1:]]
    assert plain.run.generations == 4
    assert plain.run.current == seen[3].id


def test_at_either_end_back_and_forward_stay(plain: Breeder):
    first = plain.ask()
    assert plain.back() == first
    assert plain.forward() == first
    second = plain.tell([1])
    assert plain.forward() == second


def test_going_back_shows_the_picks_that_were_made_there(plain: Breeder):
    plain.ask()
    plain.tell([1, 2])
    assert plain.back().picks == (1, 2)


def test_undo_then_pick_keeps_both_futures(plain: Breeder):
    root = plain.ask()
    left = plain.tell([0])
    left_leaf = plain.tell([3])
    plain.back()
    plain.back()
    right = plain.tell([2])
    assert right.came_from == left.came_from == root.id
    tree = plain.store.tree(plain.run_id)
    assert {each.id for each in tree if each.came_from == root.id} == {left.id, right.id}
    for kept in (root, left, left_leaf, right):
        assert genomes(plain.store.generation(kept.id)) == genomes(kept)
    assert plain.run.generations == 4

    # Forward leads where one was last; the other future is reached by its address.
    plain.back()
    assert plain.forward().id == right.id
    assert plain.go(left_leaf.id).id == left_leaf.id
    assert plain.back().id == left.id
    assert plain.back().id == root.id
    assert plain.forward().id == left.id


def test_the_same_picks_after_going_back_breed_other_children(plain: Breeder):
    plain.ask()
    once = plain.tell([1])
    plain.back()
    again = plain.tell([1])
    assert again.id != once.id
    assert again.number == once.number
    assert again.children[0].genome == once.children[0].genome
    assert not set(genomes(once)[1:]) & set(genomes(again)[1:])
    assert plain.run.generations == 3


def test_a_grid_of_another_run_cannot_be_gone_to(store: Store):
    one = Breeder.begin(store, settings=PLAIN, seed=1)
    other = Breeder.begin(store, settings=PLAIN, seed=2)
    stays = one.ask()
    for there in (other.ask().id, "0" * 32):
        with pytest.raises(NotFoundError):
            one.go(there)
        assert one.ask() == stays
        assert one.run.current == stays.id


@settings(max_examples=20, deadline=None)
@given(
    steps=st.lists(
        st.one_of(
            st.just("back"),
            st.just("forward"),
            st.just("reroll"),
            st.tuples(st.just("tell"), st.sets(st.integers(0, 2), max_size=2)),
            st.tuples(st.just("pick"), st.sets(st.integers(0, 2), max_size=3)),
        ),
        max_size=12,
    )
)
def test_no_walk_through_a_run_loses_a_grid_or_a_pick(steps: list[Any]):
    setup = BreederSettings(population=3, screening=False)
    with Store.in_memory() as store:
        breeder = Breeder.begin(store, settings=setup, seed=4)
        breeder.ask()
        known: dict[str, list[Genome]] = {}
        picked: dict[str, tuple[int, ...]] = {}
        for step in steps:
            here = breeder.ask()
            if isinstance(step, str):
                getattr(breeder, step)()
            else:
                name, slots = step
                getattr(breeder, name)(sorted(slots))
                picked[here.id] = tuple(sorted(slots))
            now = breeder.ask()
            known[here.id], known[now.id] = genomes(here), genomes(now)
            assert breeder.run.current == now.id
        for id_, wanted in known.items():
            assert genomes(store.generation(id_)) == wanted
            assert store.generation(id_).picks == picked.get(id_, ())
        assert breeder.run.generations == len(store.tree(breeder.run_id))
        assert set(known) <= {branch.id for branch in store.tree(breeder.run_id)}


# Several breeders on one run


def test_two_tabs_on_one_run_make_two_branches_and_lose_nothing(
    stores: Callable[..., Store], url: str
):
    one = Breeder.begin(stores(url), settings=PLAIN, seed=7)
    root = one.ask()
    other = Breeder.resume(stores(url), one.run_id)
    assert other.ask() == root
    left = one.tell([0])
    right = other.tell([3])
    left_again = one.tell([1])
    right_again = other.tell([])
    assert left.came_from == right.came_from == root.id
    assert left_again.came_from == left.id
    assert right_again.came_from == right.id
    third = Breeder.resume(stores(url), one.run_id)
    assert third.run.generations == 5
    for kept in (root, left, right, left_again, right_again):
        assert genomes(third.store.generation(kept.id)) == genomes(kept)
    assert one.back().id == left.id
    assert other.back().id == right.id
    assert one.ask().id == left.id


def test_each_tab_s_forward_undoes_its_own_back(stores: Callable[..., Store], url: str):
    one = Breeder.begin(stores(url), settings=PLAIN, seed=7)
    root = one.ask()
    other = Breeder.resume(stores(url), one.run_id)
    left, right = one.tell([0]), other.tell([3])
    assert (one.back().id, one.forward().id) == (root.id, left.id)
    one.back()
    assert (other.back().id, other.forward().id) == (root.id, right.id)


def test_two_tabs_with_the_same_picks_make_two_grids(stores: Callable[..., Store], url: str):
    one = Breeder.begin(stores(url), settings=PLAIN, seed=7)
    one.ask()
    other = Breeder.resume(stores(url), one.run_id)
    left, right = one.tell([1]), other.tell([1])
    assert left.id != right.id
    assert not set(genomes(left)[1:]) & set(genomes(right)[1:])


def test_a_race_for_one_grid_gives_both_tabs_that_grid(
    monkeypatch: pytest.MonkeyPatch, stores: Callable[..., Store], url: str
):
    """Both count the same grids before either keeps its own."""
    one = Breeder.begin(stores(url), settings=PLAIN, seed=7)
    one.ask()
    other = Breeder.resume(stores(url), one.run_id)
    winner: list[Generation] = []
    breed = offspring.breed

    def slow(*args: Any, **kwargs: Any) -> Any:
        brood = breed(*args, **kwargs)
        if not winner:
            winner.append(one.ask())
            monkeypatch.setattr(module, "breed", breed)
            winner[0] = one.tell([2])
        return brood

    monkeypatch.setattr(module, "breed", slow)
    late = other.tell([2])
    assert late == winner[0]
    assert one.run.generations == 2


def test_many_tabs_at_once_lose_nothing(stores: Callable[..., Store], url: str):
    first = Breeder.begin(stores(url), settings=PLAIN, seed=7)
    root = first.ask()
    tabs = [Breeder.resume(stores(url), first.run_id) for _ in range(6)]

    def use(number: int) -> list[Generation]:
        return [tabs[number].tell([number % 4]), tabs[number].tell([0]), tabs[number].tell([])]

    with ThreadPoolExecutor(6) as threads:
        seen = [generation for line in threads.map(use, range(6)) for generation in line]
    kept = {branch.id for branch in first.store.tree(first.run_id)}
    assert {generation.id for generation in seen} | {root.id} == kept
    for generation in seen:
        assert genomes(first.store.generation(generation.id)) == genomes(generation)


# Durable


def test_picks_and_grids_are_there_after_reopening(stores: Callable[..., Store], url: str):
    first = Breeder.begin(stores(url), name="owls", settings=SMALL, seed=7)
    first.tell([1, 4])
    shown = first.pick([0, 3])
    first.store.close()
    again = Breeder.resume(stores(url), "owls")
    assert again.ask() == shown
    assert again.ask().picks == (0, 3)
    assert again.back().picks == (1, 4)


def test_a_pick_is_committed_before_anything_is_bred(
    monkeypatch: pytest.MonkeyPatch, stores: Callable[..., Store], url: str
):
    first = Breeder.begin(stores(url), name="owls", settings=PLAIN, seed=7)
    first.ask()

    def killed(*args: Any, **kwargs: Any) -> None:
        assert stores(url).current(first.run_id).picks == (1, 2)  # type: ignore[union-attr]
        raise KeyboardInterrupt

    monkeypatch.setattr(module, "breed", killed)
    with pytest.raises(KeyboardInterrupt):
        first.tell([1, 2])
    monkeypatch.undo()
    again = Breeder.resume(stores(url), "owls")
    assert again.ask().picks == (1, 2)
    assert again.run.generations == 1
    assert first.ask().picks == (1, 2)
    assert first.tell([1, 2]).bred_from == (1, 2)


def test_a_run_is_opened_by_name_and_left_where_it_was(url: str):
    first = Breeder.open(url, run="owls", settings=PLAIN, seed=7)
    shown = first.tell([2])
    first.store.close()
    again = Breeder.open(url, run="owls")
    assert again.run_id == first.run_id
    assert again.ask() == shown
    again.store.close()
    by_id = Breeder.open(url, run=first.run_id[:8])
    assert by_id.ask() == shown
    by_id.store.close()


def test_opening_without_a_run_begins_one(url: str):
    one, other = Breeder.open(url, settings=PLAIN), Breeder.open(url, settings=PLAIN)
    assert one.run_id != other.run_id
    assert one.run.name
    assert {run.id for run in one.store.runs()} == {one.run_id, other.run_id}
    one.store.close()
    other.store.close()


def test_a_missing_run_is_not_resumed(store: Store):
    with pytest.raises(NotFoundError, match="owls"):
        Breeder.resume(store, "owls")
    assert store.runs() == []


def test_settings_are_restored_on_resume(store: Store):
    first = Breeder.begin(store, settings=PLAIN, seed=7)
    first.ask()
    changed = BreederSettings(
        population=3, strength=0.9, focus="color", carry_over=False, screening=False
    )
    first.settings = changed
    shown = first.tell([1])
    assert shown.settings == changed
    assert len(shown.children) == 3
    again = Breeder.resume(store, first.run_id)
    assert again.settings == changed
    assert again.tell([0]).settings == changed
    other = Breeder.resume(store, first.run_id, settings=SMALL)
    assert other.settings == SMALL
    assert other.tell([0]).settings == SMALL


# Beginning from pictures


def start(count: int = 1) -> list[Genome]:
    return [founder(rng=np.random.default_rng([1, number])) for number in range(count)]


@pytest.mark.parametrize("carry_over", [True, False])
def test_a_run_begins_from_pictures(store: Store, carry_over: bool):
    setup = BreederSettings(population=6, carry_over=carry_over)
    first = Breeder.begin(store, name="from", settings=setup, seed=1, start=start(2)).ask()
    assert [child.origin for child in first.children[:2]] == ["import", "import"]
    assert genomes(first)[:2] == start(2)
    for child in first.children[:2]:
        assert (child.parents, child.mutations) == ((), ())
        assert child.candidate is None
    for child in first.children[2:]:
        assert child.origin in ("child", "wild")
        assert set(child.parents) <= set(start(2))
    assert first.settings == setup
    assert first.number == 0
    assert store.current(first.run_id) == first


def test_rerolling_keeps_breeding_from_an_import(store: Store):
    breeder = Breeder.begin(store, settings=PLAIN, seed=1, start=start())
    seen = [breeder.ask(), breeder.reroll(), breeder.tell([]), breeder.reroll()]
    for generation in seen[1:]:
        assert generation.children[0].genome == start()[0]
        assert generation.children[0].origin == "kept"
        assert {child.parents for child in generation.children[1:]} == {(start()[0],)}
    assert len({genome for generation in seen for genome in genomes(generation)}) == 13
    after = breeder.tell([2])
    assert {child.parents for child in after.children[1:]} == {(seen[3].children[2].genome,)}


def test_rerolling_keeps_breeding_from_an_import_in_a_grid_of_one(store: Store):
    setup = BreederSettings(population=1, screening=False)
    breeder = Breeder.begin(store, settings=setup, seed=1, start=start())
    breeder.ask()
    (child,) = breeder.reroll().children
    assert child.origin != "founder"
    assert start()[0] in (child.genome, *child.parents)


def test_one_picture_given_twice_begins_a_run(store: Store):
    breeder = Breeder.begin(store, settings=PLAIN, seed=1, start=start() * 2)
    assert genomes(breeder.ask()).count(start()[0]) == 1


def test_too_many_pictures_to_begin_from_are_refused_and_no_run_is_made(store: Store):
    with pytest.raises(SettingsError, match=r"at most 2.*not 3"):
        Breeder.begin(store, settings=PLAIN, start=start(3))
    assert store.runs() == []


# Names and seeds


@pytest.mark.parametrize("seed", [-1, 2**63])
def test_a_seed_outside_its_range_is_refused(store: Store, seed: int):
    with pytest.raises(SettingsError, match="seed"):
        Breeder.begin(store, seed=seed)
    with pytest.raises(SettingsError, match="seed"):
        Breeder(seed=seed)
    assert store.runs() == []


@pytest.mark.parametrize("seed", [0, 2**63 - 1])
def test_seeds_at_the_ends_of_their_range_breed(store: Store, seed: int):
    breeder = Breeder.begin(store, settings=PLAIN, seed=seed)
    assert len(breeder.tell([0]).children) == 4
    assert breeder.run.seed == seed


def test_made_up_names_do_not_repeat(store: Store):
    runs = [Breeder.begin(store, settings=PLAIN, seed=3).run for _ in range(3)]
    name = made_up_name(3)
    assert [run.name for run in runs] == [name, f"{name} 2", f"{name} 3"]


def test_a_run_without_a_name_is_given_one(store: Store):
    assert Breeder.begin(store, name="  ", settings=PLAIN, seed=3).run.name == made_up_name(3)
    assert Breeder.begin(store, name=" owls ", settings=PLAIN, seed=3).run.name == "owls"
    names = {made_up_name(seed) for seed in range(200)}
    assert len(names) > 100
    assert all(len(name.split()) == 2 for name in names)


def test_a_branch_grows_from_any_grid_and_takes_no_other_pick_back(plain: Breeder):
    first = plain.ask()
    left = plain.tell([0])
    branch = plain.branch(first.id, [2])
    assert (branch.came_from, branch.bred_from) == (first.id, (2,))
    assert plain.back().picks == (0, 2)
    assert {each.came_from for each in plain.store.tree(plain.run_id)} == {None, first.id}
    assert plain.store.generation(left.id) == left


def test_a_breeder_can_stand_at_any_grid_of_any_run(plain: Breeder):
    first = plain.ask()
    plain.tell([1])
    Breeder.begin(plain.store, settings=PLAIN, seed=9)
    there = Breeder.at(plain.store, first.id)
    assert there.run_id == plain.run_id
    assert there.ask().id == first.id
    assert there.settings == PLAIN
    assert there.branch(first.id, [3]).came_from == first.id


def test_a_branch_needs_a_picture_of_the_run(plain: Breeder):
    first = plain.ask()
    other = Breeder.begin(plain.store, settings=PLAIN, seed=9)
    with pytest.raises(SettingsError, match="at least one"):
        plain.branch(first.id, [])
    with pytest.raises(NotFoundError, match="no such picture"):
        plain.branch(first.id, [PLAIN.population])
    with pytest.raises(NotFoundError, match="no such picture"):
        plain.branch(other.ask().id, [0])
    with pytest.raises(NotFoundError):
        Breeder.at(plain.store, "0" * 32)
    assert plain.ask() == first
