from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from breeder.errors import NotFoundError, StoreError
from breeder.history import Generation
from breeder.store import Entry, Measured, Search, Sort, Store
from tests.store.grids import genome, grid

WORDS = {
    "owl": "a bird of the night",
    "reef": "Fische über Sand",
    "mask": "don't look: it's 100% red",
}


@pytest.fixture
def store() -> Iterator[Store]:
    """In memory: the questions are the same, and a file takes longer to make."""
    with Store.in_memory() as opened:
        yield opened


@pytest.fixture
def shown(store: Store, run_id: str) -> Generation:
    """A grid of five pictures; the first three are kept, with a title each."""
    made = grid(run_id, population=5)
    store.add_generation(made)
    for child, (title, words) in zip(made.children, WORDS.items(), strict=False):
        store.add_favourite(child.genome.id, title=title, run_id=run_id)
        store.describe(child.genome.id, description=words)
    return made


@pytest.fixture(scope="module")
def many() -> Iterator[Store]:
    """A gallery in which every order has ties, and three of ten pictures are published."""
    with Store.in_memory() as store:
        moment = datetime(2026, 1, 1, tzinfo=UTC)
        for seed in range(60):
            made = genome(seed)
            store.save_genome(made)
            kept = moment + timedelta(hours=seed // 7)
            store.put_entry(
                Entry(
                    genome_id=made.id,
                    title=("Ärger", "apfel", "", "Zebra")[seed % 4],
                    stars=seed % 3,
                    tags=("odd",) if seed % 2 else (),
                    published_at=kept if seed % 10 < 3 else None,
                    created_at=kept,
                    updated_at=kept,
                )
            )
            if seed % 5:
                looks = Measured(
                    genome_id=made.id,
                    complexity=seed % 4 / 4,
                    colors=1 << seed % 3 | 8,
                    vector=bytes([seed]),
                    looks_version=1,
                )
                store.put_looks([looks])
        yield store


def found(store: Store, text: str) -> list[str]:
    return sorted(entry.title for entry in store.gallery(Search(text=text)).entries)


def test_pictures_are_found_by_their_words_and_beginnings_of_them(
    store: Store, shown: Generation
) -> None:
    assert found(store, "OWL") == ["owl"]
    assert found(store, "bird nig") == ["owl"]
    assert found(store, "uber") == ["reef"]
    assert found(store, "look it's") == ["mask"]
    assert found(store, "bird reef") == []
    assert found(store, "100%") == ["mask"]
    assert found(store, "") == found(store, " ?! ") == ["mask", "owl", "reef"]


def test_pictures_are_found_by_symbols_that_are_no_words(store: Store, shown: Generation) -> None:
    owl, reef, _ = (child.genome.id for child in shown.children[:3])
    store.describe(owl, title="owl 🦉", tags=["☾"])
    store.describe(reef, description="☾ über Sand")
    assert found(store, "🦉") == found(store, "ow🦉 ☾") == ["owl 🦉"]
    assert found(store, "☾") == ["owl 🦉", "reef"]
    assert found(store, "🐸") == found(store, "reef 🦉") == []


@pytest.mark.parametrize(
    "text",
    ["AND", "owl AND reef", "NEAR(owl", "title:owl", "owl*", '"', "'", "-owl", "^owl", "{a}"],
)
def test_what_means_something_to_a_search_engine_is_but_words(
    store: Store, shown: Generation, text: str
) -> None:
    words = Counter(found(store, text))
    assert set(words) <= set(WORDS)
    assert words == Counter(found(store, text.lower()))


@example("\x00").via("a text that SQLite would cut")
@example("̀").via("a mark that stands on nothing")
@example("\ud800".encode("utf-16", "surrogatepass").decode("utf-16", "replace"))
@example("a" * 5000)
@example("x " * 5000)
@given(st.text(max_size=60))
@settings(max_examples=150, deadline=None)
def test_nothing_that_a_person_types_is_an_error(many: Store, text: str) -> None:
    page = many.gallery(Search(text=text, tags=(text,)))
    assert len(page.entries) <= many.gallery_count(Search(text=text))


def test_words_are_found_as_soon_as_they_are_said_and_no_longer_than_that(
    store: Store, shown: Generation
) -> None:
    owl = shown.children[0].genome.id
    store.describe(owl, title="Eule", tags=["Winter Night"])
    assert found(store, "owl") == []
    assert found(store, "eule winter") == ["Eule"]
    store.rename_favourite(owl, "Uhu")
    assert found(store, "uhu") == ["Uhu"]
    store.tag([owl], drop=["winter night"])
    assert found(store, "winter") == []
    store.remove_favourite(owl)
    assert found(store, "uhu") == []


def test_the_index_of_words_keeps_in_step_with_whoever_writes(tmp_path: Path, url: str) -> None:
    made = genome(1)
    with Store.open(url) as store:
        store.save_genome(made)
        store.add_favourite(made.id, title="owl")
    with closing(sqlite3.connect(tmp_path / "art.db")) as connection, connection:
        connection.execute("UPDATE favourites SET title = 'reef', description = 'deep'")
    with Store.open(url) as store:
        assert (found(store, "owl"), found(store, "deep")) == ([], ["reef"])
    with closing(sqlite3.connect(tmp_path / "art.db")) as connection, connection:
        connection.execute("DELETE FROM favourites")
        # Rank 1: the index is compared with the table as well, not only with itself.
        query = "INSERT INTO gallery_words (gallery_words, rank) VALUES ('integrity-check', 1)"
        connection.execute(query)
    with Store.open(url) as store:
        assert found(store, "deep") == []


def pieces(store: Store, search: Search, limit: int) -> Iterator[Entry]:
    page = store.gallery(search, limit=limit)
    yield from page.entries
    while page.after is not None:
        page = store.gallery(search, after=page.after, limit=limit)
        assert len(page.entries) <= limit
        yield from page.entries


KEYS = {
    "newest": lambda entry: -entry.created_at.timestamp(),
    "oldest": lambda entry: entry.created_at.timestamp(),
    "published": lambda entry: -entry.published_at.timestamp(),
    "stars": lambda entry: -entry.stars,
    "title": lambda entry: entry.title.casefold(),
    "simple": lambda entry: -1.0 if entry.complexity is None else entry.complexity,
    "complex": lambda entry: 1.0 if entry.complexity is None else -entry.complexity,
}


@pytest.mark.parametrize("sort", get_args(Sort))
@pytest.mark.parametrize("limit", [1, 7, 59, 60])
def test_in_every_order_the_pieces_make_the_whole(many: Store, sort: Sort, limit: int) -> None:
    search = Search(sort=sort)
    entries = list(pieces(many, search, limit))
    assert len({entry.genome_id for entry in entries}) == len(entries) == many.gallery_count(search)
    values = [KEYS[sort](entry) for entry in entries]
    assert values == sorted(values)


def test_what_is_kept_meanwhile_moves_no_later_piece(store: Store, shown: Generation) -> None:
    first = store.gallery(limit=2)
    store.add_favourite(shown.children[4].genome.id, title="new")
    second = store.gallery(after=first.after, limit=2)
    assert [entry.title for entry in (*first.entries, *second.entries)] == ["mask", "reef", "owl"]


@pytest.mark.parametrize(
    "after",
    ["", "x", "[]", "[1,2,3]", '["newest","yesterday",1]', '["stars",1,1]', '["newest",1,1]',
     '["newest","2026-01-01",-1]', '["newest","2026-01-01",1e400]', '["newest",null,1]',
     "[" * 10_000, '["newest","2026-01-01",true]', '["newest","2026-01-01",1]',
     '["newest","0001-01-01T00:00:00+14:00",1]'],
)  # fmt: skip
def test_a_place_that_was_never_handed_out_is_refused_in_one_sentence(
    many: Store, after: str
) -> None:
    with pytest.raises(StoreError, match="search again"):
        many.gallery(Search(sort="newest"), after=after)


def test_a_place_among_numbers_may_be_any_number_but_nothing_else(many: Store) -> None:
    assert len(many.gallery(Search(sort="stars"), after=f'["stars",{10**30},1]').entries) == 60
    for plain in (f"{10**400}", '"many"', "[]"):
        with pytest.raises(StoreError, match="search again"):
            many.gallery(Search(sort="stars"), after=f'["stars",{plain},1]')


@pytest.mark.parametrize(
    ("search", "fits"),
    [
        (Search(tags=("odd",)), lambda entry: entry.tags == ("odd",)),
        (Search(tags=(" ODD ", "even")), lambda entry: False),
        (Search(stars=2), lambda entry: entry.stars == 2),
        (Search(kind="published"), lambda entry: entry.published_at is not None),
        (Search(kind="unpublished"), lambda entry: entry.published_at is None),
        (Search(colors=8), lambda entry: entry.colors & 8),
        (Search(colors=10), lambda entry: entry.colors & 10 == 10),
        (
            Search(complexity=(0.25, 0.5)),
            lambda entry: entry.complexity is not None and 0.25 <= entry.complexity <= 0.5,
        ),
        (
            Search(
                since=datetime(2026, 1, 1, 2, tzinfo=UTC),
                before=datetime(2026, 1, 1, 4, tzinfo=UTC),
            ),
            lambda entry: 2 <= entry.created_at.hour < 4,
        ),
        (
            Search(text="zeb", stars=1, kind="published", sort="complex"),
            lambda entry: entry.title == "Zebra" and entry.stars and entry.published_at is not None,
        ),
    ],
)
def test_a_search_finds_all_that_fit_and_nothing_else(many: Store, search: Search, fits) -> None:
    wanted = {entry.genome_id for entry in many.gallery(limit=500).entries if fits(entry)}
    assert {entry.genome_id for entry in pieces(many, search, 7)} == wanted
    assert many.gallery_count(search) == len(wanted)


def test_a_picture_is_one_entry_with_all_its_homes(store: Store, shown: Generation) -> None:
    owl = shown.children[0].genome
    copy = store.duplicate_run(shown.run_id, "copy")
    other = store.create_run(name="other", seed=2)
    gone = store.create_run(name="gone", seed=3)
    for run in (other, gone):
        store.add_generation(grid(run.id))
    store.delete_run(gone.id)
    assert store.gallery_count(Search(text="owl")) == 1
    assert list(store.titles().values()) == ["mask", "reef", "owl"]
    homes = store.homes(owl.id)
    assert [(home.run_name, home.number, home.slot, home.copied) for home in homes] == [
        ("owls", 0, 0, False),
        ("copy", 0, 0, True),
    ]
    assert store.gallery_count(Search(run_id=copy.id)) == 3
    assert store.gallery_count(Search(run_id=other.id)) == 0
    store.delete_run(copy.id)
    assert len(store.homes(owl.id)) == 1


def test_what_is_said_of_a_picture_is_kept_and_can_be_put_back(
    store: Store, shown: Generation
) -> None:
    owl = shown.children[0].genome.id
    said = store.describe(
        owl, title=" Great owl ", description=" two\nlines ", tags=["B  b", "a", "A"], stars=5,
        published=True,
    )  # fmt: skip
    assert (said.title, said.description, said.tags, said.stars) == (
        "Great owl", "two\nlines", ("a", "b b"), 5,
    )  # fmt: skip
    assert said.published_at is not None
    assert store.entry(owl) == said
    assert store.describe(owl, published=True).published_at == said.published_at
    assert store.tags() == [("a", 1), ("b b", 1)]
    said = store.describe(owl, stars=4)
    store.remove_favourite(owl)
    assert store.entry(owl) is None
    assert store.tags() == []
    assert store.put_entry(said) == said
    assert store.gallery(Search(tags=("b b",))).entries == (said,)


@pytest.mark.parametrize(
    ("said", "match"),
    [
        ({"title": "x" * 201}, "title"),
        ({"description": "x" * 4001}, "description"),
        ({"description": "\ud800"}, "not text"),
        ({"tags": [""]}, "tag"),
        ({"tags": ["x" * 51]}, "tag"),
        ({"tags": [str(each) for each in range(51)]}, "50 tags"),
        ({"stars": 6}, "0 to 5 stars"),
        ({"stars": -1}, "0 to 5 stars"),
    ],
)
def test_what_cannot_be_said_changes_nothing(
    store: Store, shown: Generation, said: dict[str, object], match: str
) -> None:
    owl = shown.children[0].genome.id
    before = store.entry(owl)
    with pytest.raises(StoreError, match=match):
        store.describe(owl, **{"stars": 1, **said})  # type: ignore[arg-type]
    assert store.entry(owl) == before
    with pytest.raises(NotFoundError):
        store.describe(shown.children[4].genome.id, title="x")


def test_several_pictures_are_tagged_at_once_or_none(store: Store, shown: Generation) -> None:
    ids = [child.genome.id for child in shown.children]
    store.tag(ids[:3], add=["Night", "sea"])
    store.tag(ids[:2], add=["sky"], drop=["sea"])
    assert store.tags() == [("night", 3), ("sea", 1), ("sky", 2)]
    with pytest.raises(NotFoundError):
        store.tag(ids, add=["more"])
    assert store.tags() == [("night", 3), ("sea", 1), ("sky", 2)]


def test_several_genomes_come_in_the_order_asked_for(store: Store, shown: Generation) -> None:
    wanted = [child.genome for child in (*reversed(shown.children), shown.children[1])]
    assert store.genomes([each.id for each in wanted]) == wanted
    with pytest.raises(NotFoundError, match="no picture"):
        store.genomes([wanted[0].id, "0" * 32])


def test_looks_are_measured_again_in_a_later_version(store: Store, shown: Generation) -> None:
    owl = shown.children[0].genome
    assert len(store.unmeasured(1)) == 3
    looks = Measured(genome_id=owl.id, complexity=0.5, colors=5, vector=b"abc", looks_version=1)
    other = Measured(
        genome_id=shown.children[4].genome.id, complexity=0.5, colors=5, vector=b"", looks_version=1
    )
    store.put_looks([looks, other])
    entry = store.entry(owl.id)
    assert entry is not None
    assert (entry.complexity, entry.colors, entry.looks_version) == (0.5, 5, 1)
    assert owl not in store.unmeasured(1)
    assert owl in store.unmeasured(2)
    assert store.vectors(1) == ([owl.id], [b"abc"])
    assert store.vectors(2) == ([], [])
