"""Records of changes: plain words for every kind."""

import string
from dataclasses import FrozenInstanceError

import pytest

from breeder.evolve.mutation_record import MUTATION_KINDS, Mutation, MutationKind, short_key

EXAMPLES: list[tuple[Mutation, str]] = [
    (Mutation(kind="weights", count=3, size=0.417), "3 weights moved by up to 0.42"),
    (Mutation(kind="weights", count=1, size=1.0), "1 weight moved by up to 1.00"),
    (Mutation(kind="biases", count=2, size=0.5), "2 biases moved by up to 0.50"),
    (Mutation(kind="biases", count=1, size=0.5), "1 bias moved by up to 0.50"),
    (
        Mutation(kind="add_connection", source="x", target="hue"),
        "new connection from x to hue",
    ),
    (
        Mutation(kind="delete_connection", source="x", target="hue"),
        "connection from x to hue removed",
    ),
    (
        Mutation(kind="enable_connection", source="x", target="hue"),
        "connection from x to hue switched on",
    ),
    (
        Mutation(kind="disable_connection", source="x", target="hue"),
        "connection from x to hue switched off",
    ),
    (
        Mutation(kind="add_node", source="x", target="hue", after="sin"),
        "new sin node between x and hue",
    ),
    (
        Mutation(kind="add_node", source="a to b", target="hue", after="sin"),
        "new sin node between a to b and hue",
    ),
    (Mutation(kind="delete_node", target="founder3"), "node founder3 removed"),
    (
        Mutation(kind="activation", target="hue", before="sin", after="cos"),
        "node hue changed from sin to cos",
    ),
    (Mutation(kind="add_color"), "grey turned to colour"),
    (Mutation(kind="crossover", count=5), "5 genes taken from another parent"),
    (Mutation(kind="crossover", count=1), "1 gene taken from another parent"),
    (
        Mutation(kind="refined", count=41, size=0.1234),
        "refined, 41 weights and biases moved by up to 0.12",
    ),
    (
        Mutation(kind="add_connection", source="n0123456789ab", target="saturation"),
        "new connection from n01234 to saturation",
    ),
]


@pytest.mark.parametrize(("record", "words"), EXAMPLES, ids=str)
def test_a_record_says_what_changed_in_plain_words(record: Mutation, words: str):
    assert str(record) == words


def test_every_kind_has_an_example_here():
    assert {record.kind for record, _ in EXAMPLES} == set(MUTATION_KINDS)


@pytest.mark.parametrize("kind", MUTATION_KINDS)
def test_no_kind_shows_its_code_name_or_marks_of_python(kind: MutationKind):
    words = str(Mutation(kind=kind, source="x", target="y", before="sin", after="cos", size=0.1))
    assert set(words) <= {*string.ascii_letters, *string.digits, *" .,"}
    assert "None" not in words


def test_keys_are_shown_as_people_read_them():
    assert short_key("saturation") == "saturation"
    assert short_key("blue_yellow") == "blue_yellow"
    assert short_key("n0123456789ab") == "n01234"


def test_a_record_cannot_be_changed():
    with pytest.raises(FrozenInstanceError):
        EXAMPLES[0][0].count = 4  # type: ignore[misc]
