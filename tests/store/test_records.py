from __future__ import annotations

import zlib
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breeder.errors import StoreError
from breeder.evolve.mutation_record import MUTATION_KINDS, Mutation
from breeder.genome import COLOR_MODELS, WEIGHT_LIMIT, Genome
from breeder.store.records import (
    genome_columns,
    genome_from_data,
    mutation_from_plain,
    mutation_to_plain,
)
from tests.store.grids import genome

weights = st.floats(-WEIGHT_LIMIT, WEIGHT_LIMIT)
words = st.text(max_size=20)


@st.composite
def genomes(draw: st.DrawFn) -> Genome:
    made = genome(draw(st.integers(0, 2**32)), color=draw(st.sampled_from(COLOR_MODELS)))
    nodes = tuple(replace(node, bias=draw(weights)) for node in made.nodes)
    connections = tuple(replace(each, weight=draw(weights)) for each in made.connections)
    return replace(made, nodes=nodes, connections=connections)


mutations = st.builds(
    Mutation,
    kind=st.sampled_from(MUTATION_KINDS),
    source=words,
    target=words,
    before=words,
    after=words,
    count=st.integers(0, 10**6),
    size=st.floats(0, WEIGHT_LIMIT),
)


def data_of(made: Genome) -> bytes:
    data = genome_columns(made)["data"]
    assert isinstance(data, bytes)
    return data


@given(genomes())
def test_a_genome_comes_back_bit_for_bit(made: Genome) -> None:
    back = genome_from_data(data_of(made))
    assert back == made
    assert back.id == made.id


@given(mutations)
def test_a_mutation_comes_back_as_it_was(made: Mutation) -> None:
    assert mutation_from_plain(mutation_to_plain(made)) == made


def test_a_mutation_keeps_only_what_is_not_default() -> None:
    assert mutation_to_plain(Mutation(kind="add_color")) == {"kind": "add_color"}


def test_a_field_of_a_later_version_is_left_out() -> None:
    assert mutation_from_plain({"kind": "add_color", "mood": "bright"}).kind == "add_color"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"not zlib",
        data_of(genome(1))[:-9],
        zlib.compress(b"[1, 2]"),
        zlib.compress(b'{"inputs": ["x"]}'),
        zlib.compress(b"\xff\xfe"),
        zlib.compress(b'{"inputs": ["x"], "color": "grey", "nodes": [], "connections": []}'),
    ],
)
def test_a_damaged_genome_gets_a_sentence(data: bytes) -> None:
    with pytest.raises(StoreError, match="picture in the database cannot be read"):
        genome_from_data(data)
