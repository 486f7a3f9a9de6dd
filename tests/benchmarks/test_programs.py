import numpy as np
import pytest

from benchmarks import programs
from breeder.program import compile_once


def test_the_small_programs_have_picbreeders_sizes_from_end_to_end() -> None:
    batch = [compile_once(genome) for genome in programs.small_genomes()]
    sizes = programs.sizes(batch)
    assert len(sizes) == 16
    assert (sizes[0], sizes[-1]) == ((14, 27), (83, 264))
    assert sizes == sorted(sizes)
    steps = np.diff(np.log(sizes), axis=0)
    assert steps.max() < 3 * np.median(steps), "the sizes leave a gap"


def test_nothing_that_counts_towards_a_size_is_left_out_when_compiled() -> None:
    for genome in programs.small_genomes():
        program = compile_once(genome)
        assert program.operations.size == len(genome.nodes)
        assert program.sources.size == len(genome.connections)


def test_the_small_programs_are_alive_grey_and_in_colour() -> None:
    genomes = programs.small_genomes()
    assert all(programs.is_alive(compile_once(genome)) for genome in genomes)
    assert [genome.color for genome in genomes].count("grey") == 8
    used = {node.activation for genome in genomes for node in genome.nodes}
    assert used == set(programs.ACTIVATIONS)


def test_the_same_seed_gives_the_same_programs_and_another_seed_others() -> None:
    assert programs.small_genomes(4) == programs.small_genomes(4)
    assert programs.small_genomes(4) != programs.small_genomes(4, seed=17)


def test_picbreeders_own_stand_in_where_they_are_there(shared, monkeypatch) -> None:
    monkeypatch.setenv("BREEDER_SHARED", str(shared))
    batch, sentence = programs.grid()
    assert len(batch) == 16
    assert "4 of them Picbreeder's own" in sentence
    assert {(19, 57), (30, 108), (21, 74), (23, 61)} <= set(programs.sizes(batch))
    assert (programs.sizes(batch)[0], programs.sizes(batch)[-1]) == ((14, 27), (83, 264))


def test_without_the_samples_all_come_from_the_seed(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("BREEDER_SHARED", str(tmp_path))
    batch, sentence = programs.grid()
    assert programs.sizes(batch) == programs.sizes(
        [compile_once(genome) for genome in programs.small_genomes()]
    )
    assert "all from a seed" in sentence


@pytest.mark.parametrize("width", programs.DENSE_WIDTHS)
def test_the_dense_networks_are_dense_and_alive(width: int) -> None:
    program = compile_once(programs.dense_genome(width))
    assert program.operations.size == 8 * width + 3
    assert program.sources.size == 4 * width + 7 * width * width + 3 * width
    assert programs.is_alive(program)
