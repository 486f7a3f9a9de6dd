"""What the gallery needs beyond its store: pictures measured, and found by their likeness."""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pytest

from breeder.evolve.founders import founder
from breeder.evolve.mutation import mutate
from breeder.gallery import (
    LEVEL_NAMES,
    LEVELS,
    Likenesses,
    complexity_range,
    found_ids,
    level_of,
    measure,
)
from breeder.genome import Genome
from breeder.impression import PREVIEW_BYTES, impressions
from breeder.store import Search, Store


@pytest.fixture
def store() -> Iterator[Store]:
    with Store.in_memory() as store:
        yield store


def keep(store: Store, genomes: list[Genome]) -> None:
    for number, genome in enumerate(genomes):
        store.save_genome(genome)
        store.add_favourite(genome.id, title=f"picture {number}")


def family(count: int) -> list[Genome]:
    rng = np.random.default_rng(4)
    return [founder(rng=rng) for _ in range(count)]


def test_pictures_are_measured_once_and_found_by_what_was_measured(store: Store):
    genomes = family(6)
    keep(store, genomes)
    assert measure(store, most=4) == 4
    assert measure(store) == 2
    assert measure(store) == 0
    for genome, seen in zip(genomes, impressions(genomes), strict=True):
        entry = store.entry(genome.id)
        assert entry is not None
        assert entry.complexity == pytest.approx(seen.complexity)
        assert entry.colors == seen.color_bits
        level = level_of(seen.complexity)
        search = Search(colors=seen.color_bits, complexity=complexity_range(level, level))
        assert genome.id in found_ids(store, search)


def test_what_is_alike_comes_first_and_a_picture_is_most_like_itself(store: Store):
    genomes = family(12)
    child, _ = mutate(genomes[3], strength=0.05, rng=np.random.default_rng(1))
    keep(store, [*genomes, child])
    measure(store)
    order = [id_ for id_, _ in Likenesses(store).alike(genomes[3])]
    assert len(order) == 13
    assert order[:2] == [genomes[3].id, child.id]


def test_pictures_kept_later_are_seen_too_and_what_is_not_measured_has_no_preview(store: Store):
    first, second = family(2)
    keep(store, [first])
    known = Likenesses(store)
    assert known.previews([first.id]) == {}
    measure(store)
    assert {id_: len(cells) for id_, cells in known.previews([first.id]).items()} == {
        first.id: PREVIEW_BYTES
    }
    keep(store, [second])
    measure(store)
    assert set(known.previews([second.id, "0" * 32])) == {second.id}
    assert known.alike(second)[0][0] == second.id


def test_nothing_is_alike_in_an_empty_gallery(store: Store):
    assert Likenesses(store).alike(family(1)[0]) == []
    assert measure(store) == 0


def test_every_complexity_has_a_level_and_levels_join_without_gaps():
    assert len(LEVEL_NAMES) == LEVELS
    assert [level_of(value) for value in (0.0, 0.199, 0.2, 0.5, 0.99, 1.0)] == [1, 1, 2, 3, 5, 5]
    ends = [complexity_range(level, level) for level in range(1, LEVELS + 1)]
    assert ends[0][0] == 0
    assert ends[-1][1] == 1
    assert all(one[1] == two[0] for one, two in pairwise(ends))
