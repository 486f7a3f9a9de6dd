from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from breeder.history import Generation
from breeder.store import Store
from tests.store.grids import followers, genome, grid, pick

THREADS = 8


def together(work: Callable[[int], object]) -> None:
    """Do the work in all threads at once; raise what any of them raised."""
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(work, range(THREADS)))


def test_many_threads_share_a_store_and_lose_nothing(store: Store) -> None:
    def breed(thread: int) -> None:
        run = store.create_run(name=f"run {thread}", seed=thread)
        last = grid(run.id)
        store.add_generation(last)
        for _ in range(4):
            pick(store, last.id, (0, 2))
            last = grid(run.id, after=last, picks=(0, 2))
            store.add_generation(last)
            assert store.current(run.id) == last
            assert run.id in [each.id for each in store.runs()]

    together(breed)
    assert [run.generations for run in store.runs()] == [5] * THREADS
    for run in store.runs():
        assert [store.generation(b.id).picks for b in store.tree(run.id)] == [(0, 2)] * 4 + [()]


def test_the_same_grid_from_many_threads_is_kept_once(store: Store, run_id: str) -> None:
    first = grid(run_id)
    store.add_generation(first)
    child = grid(run_id, after=first, picks=(1,))
    added: list[bool] = []
    together(lambda _: added.append(store.add_generation(child)))
    assert sorted(added) == [False] * (THREADS - 1) + [True]
    assert store.run(run_id).generations == 2


def test_the_same_genome_from_many_threads_is_kept_once(store: Store) -> None:
    def save(_thread: int) -> None:
        for seed in range(10):
            store.save_genome(genome(seed))

    together(save)
    assert all(store.genome(genome(seed).id) == genome(seed) for seed in range(10))


def test_a_run_opened_by_name_in_many_threads_is_made_once(store: Store) -> None:
    together(lambda thread: store.find_or_create_run(name="owls", seed=thread))
    assert len(store.runs()) == 1


def test_picks_set_at_once_are_one_of_the_sets_and_never_a_mixture(
    store: Store, run_id: str
) -> None:
    first = grid(run_id, population=2 * THREADS)
    store.add_generation(first)
    sets = [(2 * thread, 2 * thread + 1) for thread in range(THREADS)]

    def choose(thread: int) -> None:
        for _ in range(10):
            pick(store, first.id, sets[thread])
            assert store.generation(first.id).picks in sets

    together(choose)


def test_two_pages_on_one_run_make_two_branches(url: str) -> None:
    with Store.open(url) as one, Store.open(url) as other:
        run = one.create_run(name="owls", seed=7)
        first = grid(run.id)
        one.add_generation(first)
        seen = other.current(run.id)
        assert seen == first
        left = grid(run.id, after=first, picks=(0,))
        right = grid(run.id, after=seen, picks=(1,))
        one.add_generation(left)
        other.add_generation(right)
        for store in (one, other):
            assert followers(store, first) == [left.id, right.id]
            assert store.current(run.id) == right


def test_two_stores_on_one_file_write_at_once_and_lose_nothing(url: str) -> None:
    with Store.open(url) as one, Store.open(url) as other:
        run = one.create_run(name="owls", seed=7)
        first = grid(run.id)
        one.add_generation(first)

        def branch(thread: int) -> None:
            store = (one, other)[thread % 2]
            last: Generation = first
            for step in range(5):
                last = grid(run.id, after=last, picks=(step % 3,), take=thread)
                store.add_generation(last)

        together(branch)
        assert one.run(run.id).generations == 1 + 5 * THREADS
        assert len(followers(other, first)) == THREADS
