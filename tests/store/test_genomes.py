from __future__ import annotations

import inspect
import sys
from dataclasses import replace

import pytest

from breeder.errors import AmbiguousError, NotFoundError
from breeder.history import Child
from breeder.store import Store
from tests.store.grids import MUTATIONS, genome, grid, holds


def test_a_genome_is_kept_once_and_found_by_identity_or_start(store: Store) -> None:
    made = genome(1)
    assert not holds(store, made)
    store.save_genome(made)
    store.save_genome(made)
    assert holds(store, made)
    for text in (made.id, made.id[:9], made.id[:9].upper()):
        assert store.genome(text) == made


def test_the_origin_of_a_genome_is_kept_apart_from_its_identity(store: Store) -> None:
    store.save_genome(genome(1), origin="Picbreeder 4/7")
    store.save_genome(genome(2))
    assert store.origins(genome(seed).id for seed in (1, 2, 3)) == {genome(1).id: "Picbreeder 4/7"}
    store.save_genome(genome(1))
    assert store.origins([genome(1).id]) == {genome(1).id: "Picbreeder 4/7"}
    store.save_genome(genome(1), origin="Picbreeder 5/1, from 4/7")
    assert store.origins([genome(1).id]) == {genome(1).id: "Picbreeder 5/1, from 4/7"}
    assert store.genome(genome(1).id) == genome(1)


def test_a_child_tells_what_its_ancestors_were_brought_in_from(store: Store, run_id: str) -> None:
    first = grid(run_id)
    second = grid(run_id, after=first, picks=(0, 2))
    store.add_generation(first)
    store.add_generation(second)
    child = next(c for c in second.children if c.parents)
    assert store.provenance(child.genome.id) == ""
    parent = child.parents[0]
    store.save_genome(parent, origin="Picbreeder 4/7, from 4/6")
    store.save_genome(genome(400), origin="not of the family")
    assert store.provenance(parent.id) == "Picbreeder 4/7, from 4/6"
    assert store.provenance(child.genome.id) == "bred from Picbreeder 4/7, from 4/6"
    store.save_genome(parent, origin="w" * 200)
    assert len(store.provenance(child.genome.id)) == 200
    with pytest.raises(NotFoundError):
        store.provenance("0" * 32)


def test_a_start_that_fits_two_genomes_is_ambiguous(store: Store) -> None:
    for seed in range(17):
        store.save_genome(genome(seed))
    first = [genome(seed).id[0] for seed in range(17)]
    with pytest.raises(AmbiguousError, match="more than one picture"):
        store.genome(next(digit for digit in first if first.count(digit) > 1))


@pytest.mark.parametrize("text", ["", "owl", "%", "0" * 32, "g", "\ud800"])
def test_what_is_no_genome_is_not_found(store: Store, text: str) -> None:
    store.save_genome(genome(1))
    with pytest.raises(NotFoundError, match="no picture"):
        store.genome(text)


def test_the_lineage_of_a_picture_goes_back_to_the_founders(store: Store, run_id: str) -> None:
    first = grid(run_id)
    second = grid(run_id, after=first, picks=(0, 2))
    third = grid(run_id, after=second, picks=(1,))
    for each in (first, second, third):
        store.add_generation(each)
    family = store.lineage(third.children[0].genome.id)
    assert store.birth(third.children[0].genome.id) == family[0]
    assert [(a.steps, a.number, a.slot, a.origin) for a in family] == [
        (0, 2, 0, "child"),
        (1, 1, 1, "child"),
        (2, 0, 0, "founder"),
        (2, 0, 2, "founder"),
    ]
    assert family[0].genome == third.children[0].genome
    assert family[0].mutations == MUTATIONS
    assert family[0].generation_id == third.id
    assert {a.run_id for a in family} == {run_id}
    assert family[1].parents == (first.children[0].genome.id, first.children[2].genome.id)
    assert family[2].parents == ()


def test_a_pick_carried_over_stands_where_it_was_bred(store: Store, run_id: str) -> None:
    first = grid(run_id)
    kept = replace(first.children[1], slot=0, origin="kept", parents=(first.children[1].genome,))
    second = grid(run_id, after=first, picks=(1,))
    second = replace(second, children=(kept, *second.children[1:]))
    for each in (first, second):
        store.add_generation(each)
    assert [(a.number, a.slot) for a in store.lineage(kept.genome.id)] == [(0, 1)]


def test_a_family_in_a_circle_ends(store: Store, run_id: str) -> None:
    a, b = genome(1), genome(2)
    first = replace(
        grid(run_id),
        children=(
            Child(slot=0, genome=a, parents=(b,)),
            Child(slot=1, genome=b, parents=(a, b)),
        ),
    )
    store.add_generation(first)
    assert [(x.genome, x.steps) for x in store.lineage(a.id)] == [(a, 0), (b, 1)]


def test_a_genome_outside_all_grids_has_no_lineage(store: Store, run_id: str) -> None:
    imported, child = genome(1), genome(2)
    store.save_genome(imported)
    assert store.lineage(imported.id) == []
    assert store.birth(imported.id) is None
    one = Child(slot=0, genome=child, parents=(imported,))
    store.add_generation(replace(grid(run_id), children=(one,)))
    (only,) = store.lineage(child.id)
    assert only.parents == (imported.id,)
    with pytest.raises(NotFoundError):
        store.lineage("0" * 32)


def test_a_long_lineage_needs_no_recursion() -> None:
    with Store.in_memory() as store:
        run_id = store.create_run(name="owls", seed=7).id
        last = grid(run_id, population=1)
        store.add_generation(last)
        for _ in range(200):
            last = grid(run_id, after=last, picks=(0,), population=1)
            store.add_generation(last)
        usual = sys.getrecursionlimit()
        sys.setrecursionlimit(len(inspect.stack(0)) + 150)
        try:
            family = store.lineage(last.children[0].genome.id)
        finally:
            sys.setrecursionlimit(usual)
    assert [a.steps for a in family] == list(range(201))
    assert [a.number for a in family] == list(range(200, -1, -1))
