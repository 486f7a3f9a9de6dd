"""The gallery: what is kept of all runs, searched, read piece by piece, and described."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, Final, cast

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    and_,
    column,
    delete,
    func,
    insert,
    literal,
    literal_column,
    select,
    table,
    tuple_,
    update,
)
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from breeder.errors import NotFoundError, StoreError
from breeder.genome import Genome
from breeder.history import Origin
from breeder.store.database import (
    Database,
    batches,
    checked_lines,
    checked_text,
    genome_key,
    now,
)
from breeder.store.records import genome_from_data
from breeder.store.tables import (
    TAG_LENGTH,
    WORDS_TABLE,
    FavouriteRow,
    GenerationRow,
    GenomeRow,
    IndividualRow,
    RunRow,
    TagRow,
    UtcDateTime,
)
from breeder.store.values import Entry, GalleryPage, Home, Measured, Search, Sort

MOST_STARS: Final = 5
MOST_TAGS: Final = 50
MOST_WORDS: Final = 20
PIECE: Final = 60
"""Entries that are read at once if no other number is asked for."""

MOST_AT_ONCE: Final = 500

_WORD = re.compile(r"\w+")
_ORDERS: Final[dict[Sort, tuple[InstrumentedAttribute[Any], bool]]] = {
    "newest": (FavouriteRow.created_at, True),
    "oldest": (FavouriteRow.created_at, False),
    "published": (FavouriteRow.published_at, True),
    "stars": (FavouriteRow.stars, True),
    "title": (FavouriteRow.title_key, False),
    "simple": (FavouriteRow.complexity, False),
    "complex": (FavouriteRow.complexity, True),
}
"""The column of each order, and whether it descends. Each has an index, ended by the key."""

_SAID: Final = FavouriteRow.title + " " + FavouriteRow.description + " " + FavouriteRow.tags


class Gallery(Database):
    """The queries on the gallery."""

    def gallery(
        self, search: Search | None = None, *, after: str | None = None, limit: int = PIECE
    ) -> GalleryPage:
        """Return a piece of what is found; the last takes as long as the first.

        Args:
            search: What is sought; everything if left out.
            after: Where the piece begins, as `GalleryPage.after` had it; the beginning if None.
            limit: The most entries, 1 to 500.

        Raises:
            StoreError: `after` is not of a search in this order.
        """
        search = search or Search()
        limit = min(max(limit, 1), MOST_AT_ONCE)
        by, descends = _ORDERS[search.sort]
        order = (by.desc(), FavouriteRow.id.desc()) if descends else (by, FavouriteRow.id)
        with self._transaction() as session:
            query = select(FavouriteRow.id).where(*_conditions(session, search))
            if after is not None:
                query = query.where(_beyond(search.sort, after))
            # Which, and only then what: sorting many found by a word takes their keys alone.
            keys = session.scalars(query.order_by(*order).limit(limit + 1)).all()
            shown = entries_query().where(FavouriteRow.id.in_(keys[:limit]))
            rows = session.execute(shown.order_by(*order)).all()
        return GalleryPage(
            entries=tuple(_entry(*row) for row in rows),
            after=_place(search.sort, rows[-1][0]) if len(keys) > limit else None,
        )

    def gallery_count(self, search: Search | None = None) -> int:
        """Return how many entries are found."""
        with self._transaction() as session:
            query = select(func.count()).select_from(FavouriteRow)
            return session.scalars(query.where(*_conditions(session, search or Search()))).one()

    def entry(self, genome_id: str) -> Entry | None:
        """Return the entry of a genome; None if it is not kept."""
        with self._transaction() as session:
            return _one_entry(session, genome_id)

    def describe(
        self,
        genome_id: str,
        *,
        title: str | None = None,
        description: str | None = None,
        tags: Iterable[str] | None = None,
        stars: int | None = None,
        published: bool | None = None,
    ) -> Entry:
        """Change what is said of a kept picture, and return its entry; None leaves a part as it is.

        Raises:
            NotFoundError: The picture is not kept.
            StoreError: A text is too long, a tag is none, or the stars are not 0 to 5.
        """
        changes: dict[str, object] = {}
        if title is not None:
            changes |= titled(title)
        if description is not None:
            changes["description"] = checked_lines(description, "A description")
        if stars is not None:
            changes["stars"] = _checked_stars(stars)
        chosen = None if tags is None else checked_tags(tags)
        with self._transaction(write=True) as session:
            row = _kept(session, genome_id)
            for name, value in changes.items():
                setattr(row, name, value)
            if published is not None and published != (row.published_at is not None):
                row.published_at = now() if published else None
            if chosen is not None:
                set_tags(session, row, chosen)
            row.updated_at = now()
            session.flush()
            return _entry_there(session, genome_id)

    def tag(
        self, genome_ids: Sequence[str], *, add: Iterable[str] = (), drop: Iterable[str] = ()
    ) -> None:
        """Give kept pictures some tags and take others away.

        Raises:
            NotFoundError: One of the pictures is not kept.
            StoreError: A tag is none.
        """
        added, dropped = set(checked_tags(add)), set(checked_tags(drop))
        with self._transaction(write=True) as session:
            for genome_id in genome_ids:
                row = _kept(session, genome_id)
                set_tags(session, row, checked_tags((_tags(row) | added) - dropped))
                row.updated_at = now()

    def put_entry(self, entry: Entry) -> Entry:
        """Keep a picture again with all that was said of it, as after an undone removal.

        Raises:
            NotFoundError: Its genome is not in the database.
        """
        with self._transaction(write=True) as session:
            key = genome_key(session, entry.genome_id)
            row = session.scalar(select(FavouriteRow).where(FavouriteRow.genome_id == key))
            run = session.scalar(select(RunRow.id).where(RunRow.public_id == entry.run_id))
            if row is None:
                row = FavouriteRow(genome_id=key, created_at=entry.created_at)
                session.add(row)
            row.title, row.title_key = entry.title, entry.title.casefold()
            row.description, row.stars = entry.description, entry.stars
            row.published_at, row.updated_at = entry.published_at, entry.updated_at
            row.run_id = run
            session.flush()
            set_tags(session, row, entry.tags)
            session.flush()
            return _entry_there(session, entry.genome_id)

    def tags(self) -> list[tuple[str, int]]:
        """Return all tags with how many entries have each, in alphabetical order."""
        with self._transaction() as session:
            query = select(TagRow.tag, func.count()).group_by(TagRow.tag).order_by(TagRow.tag)
            return [(tag, count) for tag, count in session.execute(query)]

    def titles(self) -> dict[str, str]:
        """Return the titles of all that is kept, by genome, the one kept last first."""
        query = (
            select(GenomeRow.public_id, FavouriteRow.title)
            .join(FavouriteRow, FavouriteRow.genome_id == GenomeRow.id)
            .order_by(FavouriteRow.created_at.desc(), FavouriteRow.id.desc())
        )
        with self._transaction() as session:
            return {genome_id: title for genome_id, title in session.execute(query)}

    def homes(self, genome_id: str, *, limit: int = 100) -> list[Home]:
        """Return the places where a picture lives, oldest first; those in deleted runs left out."""
        with self._transaction() as session:
            query = (
                select(IndividualRow, GenerationRow, RunRow.public_id, RunRow.name)
                .join(GenomeRow, GenomeRow.id == IndividualRow.genome_id)
                .join(GenerationRow, GenerationRow.id == IndividualRow.generation_id)
                .join(RunRow, RunRow.id == GenerationRow.run_id)
                .where(GenomeRow.public_id == genome_id, RunRow.deleted_at.is_(None))
                .order_by(IndividualRow.id)
                .limit(limit)
            )
            return [
                Home(
                    run_id=run_id,
                    run_name=name,
                    generation_id=grid.public_id,
                    number=grid.number,
                    slot=one.slot,
                    origin=cast("Origin", one.origin),
                    copied=grid.copied_from_id is not None,
                    created_at=grid.created_at,
                )
                for one, grid, run_id, name in session.execute(query)
            ]

    def genomes(self, genome_ids: Sequence[str]) -> list[Genome]:
        """Return several genomes by their whole identities, in the order asked for.

        Raises:
            NotFoundError: One is not in the database.
        """
        found: dict[str, Genome] = {}
        with self._transaction() as session:
            for ids in batches(dict.fromkeys(genome_ids)):
                query = select(GenomeRow.public_id, GenomeRow.data)
                rows = session.execute(query.where(GenomeRow.public_id.in_(ids)))
                found |= {id_: genome_from_data(data) for id_, data in rows}
        missing = [id_ for id_ in genome_ids if id_ not in found]
        if missing:
            raise NotFoundError(f"There is no picture {missing[0]!r} in the database.")
        return [found[id_] for id_ in genome_ids]

    def unmeasured(self, version: int, *, limit: int = 100) -> list[Genome]:
        """Return genomes of the gallery whose looks were not measured in this version."""
        with self._transaction() as session:
            query = (
                select(GenomeRow.data)
                .join(FavouriteRow, FavouriteRow.genome_id == GenomeRow.id)
                .where(FavouriteRow.looks_version != version)
                .order_by(FavouriteRow.id.desc())
                .limit(limit)
            )
            return [genome_from_data(data) for data in session.scalars(query)]

    def put_looks(self, looks: Iterable[Measured]) -> None:
        """Keep how pictures of the gallery look; of others nothing is kept."""
        with self._transaction(write=True) as session:
            for each in looks:
                key = select(GenomeRow.id).where(GenomeRow.public_id == each.genome_id)
                session.execute(
                    update(FavouriteRow)
                    .where(FavouriteRow.genome_id == key.scalar_subquery())
                    .values(
                        complexity=each.complexity,
                        colors=each.colors,
                        vector=each.vector,
                        looks_version=each.looks_version,
                    )
                )

    def vectors(self, version: int) -> tuple[list[str], list[bytes]]:
        """Return the genomes whose looks were measured in this version, and their vectors."""
        with self._transaction() as session:
            query = (
                select(GenomeRow.public_id, FavouriteRow.vector)
                .join(GenomeRow, GenomeRow.id == FavouriteRow.genome_id)
                .where(FavouriteRow.looks_version == version, FavouriteRow.vector.is_not(None))
                .order_by(FavouriteRow.id)
            )
            rows = session.execute(query).all()
        return [row[0] for row in rows], [bytes(row[1] or b"") for row in rows]


# What is said of a picture ------------------------------------------------------------------------


def titled(title: str) -> dict[str, object]:
    """Return the columns of a title."""
    checked = checked_text(title, "A title", may_be_empty=True)
    return {"title": checked, "title_key": checked.casefold()}


def checked_tags(tags: Iterable[str]) -> tuple[str, ...]:
    """Return tags as they are kept: in lower case, without blanks around, each once, ascending.

    Raises:
        StoreError: One is empty or longer than 50 characters, has several lines, or there are
            more than 50.
    """
    found = set()
    for tag in tags:
        word = " ".join(unicodedata.normalize("NFC", tag).casefold().split())
        if len(word) > TAG_LENGTH:
            raise StoreError(f"A tag must have 1 to {TAG_LENGTH} characters, but has {len(word)}.")
        found.add(checked_text(word, "A tag"))
    if len(found) > MOST_TAGS:
        raise StoreError(f"A picture can have {MOST_TAGS} tags, not {len(found)}.")
    return tuple(sorted(found))


def set_tags(session: Session, row: FavouriteRow, tags: Sequence[str]) -> None:
    """Give an entry exactly these tags."""
    row.tags = "\n".join(tags)
    session.execute(delete(TagRow).where(TagRow.favourite_id == row.id))
    if tags:
        session.execute(insert(TagRow), [{"favourite_id": row.id, "tag": tag} for tag in tags])


def _tags(row: FavouriteRow) -> set[str]:
    return set(filter(None, row.tags.split("\n")))


def _checked_stars(stars: int) -> int:
    if stars not in range(MOST_STARS + 1):
        raise StoreError(f"A picture has 0 to {MOST_STARS} stars, not {stars}.")
    return stars


def _kept(session: Session, genome_id: str) -> FavouriteRow:
    query = select(FavouriteRow).join(GenomeRow, GenomeRow.id == FavouriteRow.genome_id)
    row = session.scalar(query.where(GenomeRow.public_id == genome_id))
    if row is None:
        raise NotFoundError(f"The picture {genome_id!r} is not among the favourites.")
    return row


# Entries ------------------------------------------------------------------------------------------


def entries_query() -> Select[FavouriteRow, str, int, int, str, str]:
    """Select entries with their genome's identity and size, and the run they were found in."""
    return (
        select(
            FavouriteRow,
            GenomeRow.public_id,
            GenomeRow.nodes,
            GenomeRow.connections,
            RunRow.public_id,
            RunRow.name,
        )
        .join(GenomeRow, GenomeRow.id == FavouriteRow.genome_id)
        .outerjoin(RunRow, and_(RunRow.id == FavouriteRow.run_id, RunRow.deleted_at.is_(None)))
    )


def _entry(
    row: FavouriteRow,
    genome_id: str,
    nodes: int,
    connections: int,
    run_id: str | None,
    run_name: str | None,
) -> Entry:
    return Entry(
        genome_id=genome_id,
        title=row.title,
        description=row.description,
        tags=tuple(sorted(_tags(row))),
        stars=row.stars,
        published_at=row.published_at,
        created_at=row.created_at,
        updated_at=row.updated_at,
        run_id=run_id,
        run_name=run_name,
        nodes=nodes,
        connections=connections,
        complexity=row.complexity if row.looks_version else None,
        colors=row.colors,
        looks_version=row.looks_version,
    )


def _one_entry(session: Session, genome_id: str) -> Entry | None:
    row = session.execute(entries_query().where(GenomeRow.public_id == genome_id)).one_or_none()
    return None if row is None else _entry(*row)


def _entry_there(session: Session, genome_id: str) -> Entry:
    session.expire_all()
    found = _one_entry(session, genome_id)
    assert found is not None  # noqa: S101  (its row was just written)
    return found


# Searching ----------------------------------------------------------------------------------------


def _conditions(session: Session, search: Search) -> list[ColumnElement[bool]]:
    found = list(_on_own_columns(search))
    words = _WORD.findall(search.text)[:MOST_WORDS]
    if words:
        found.append(_has_words(session, words))
    found += map(_has_symbol, _symbols(search.text))
    for tag in search.tags:
        tagged = select(TagRow.favourite_id).where(TagRow.tag == " ".join(tag.casefold().split()))
        found.append(FavouriteRow.id.in_(tagged))
    if search.run_id is not None:
        found.append(_lives_in(search.run_id))
    return found


def _on_own_columns(search: Search) -> Iterable[ColumnElement[bool]]:
    least, most = search.complexity
    if (least, most) != (0.0, 1.0):
        yield FavouriteRow.complexity.between(least, most)
    if search.colors:
        yield FavouriteRow.colors.bitwise_and(search.colors) == search.colors
    if search.since is not None:
        yield FavouriteRow.created_at >= search.since
    if search.before is not None:
        yield FavouriteRow.created_at < search.before
    if search.stars:
        yield FavouriteRow.stars >= search.stars
    if search.kind == "published" or search.sort == "published":
        yield FavouriteRow.published_at.is_not(None)
    if search.kind == "unpublished":
        yield FavouriteRow.published_at.is_(None)


def _has_words(session: Session, words: Sequence[str]) -> ColumnElement[bool]:
    """Return the condition that all words, or words that begin so, are said of an entry."""
    if session.get_bind().dialect.name == "sqlite":
        # In quotes a word is a word, whatever it is: AND, NEAR and * mean nothing there.
        sought = " ".join(f'"{word}"*' for word in words)
        words_table = table(WORDS_TABLE, column("rowid", Integer))
        matching = literal_column(WORDS_TABLE).op("MATCH", is_comparison=True)(sought)
        return FavouriteRow.id.in_(select(words_table.c.rowid).where(matching))
    return and_(*(_SAID.icontains(word, autoescape=True) for word in words))


def _symbols(text: str) -> Sequence[str]:
    """Return the emoji and other such symbols of a text: the index of words has none of them."""
    found = (letter for letter in text if unicodedata.category(letter) == "So")
    return list(dict.fromkeys(found))[:MOST_WORDS]


def _has_symbol(symbol: str) -> ColumnElement[bool]:
    return _SAID.contains(symbol, autoescape=True)


def _lives_in(run_id: str) -> ColumnElement[bool]:
    """Return the condition that an entry was found in a run, or lives there.

    From the run to its entries, which are few of many: the other way, each entry of the gallery
    would be asked for all its homes.
    """
    run = select(RunRow.id).where(RunRow.public_id == run_id).scalar_subquery()
    kept = aliased(FavouriteRow)
    found = select(kept.id).where(kept.run_id == run)
    lives = (
        select(kept.id)
        .join(IndividualRow, IndividualRow.genome_id == kept.genome_id)
        .join(GenerationRow, GenerationRow.id == IndividualRow.generation_id)
        .where(GenerationRow.run_id == run)
    )
    return FavouriteRow.id.in_(found.union(lives))


def _place(sort: Sort, row: FavouriteRow) -> str:
    """Return where the piece after this entry begins, as a text that goes through addresses."""
    value = getattr(row, _ORDERS[sort][0].key)
    plain = value.isoformat() if hasattr(value, "isoformat") else value
    return json.dumps([sort, plain, row.id], ensure_ascii=True, separators=(",", ":"))


def _beyond(sort: Sort, after: str) -> ColumnElement[bool]:
    by, descends = _ORDERS[sort]
    try:
        of, plain, key = json.loads(after)
        value = _from_plain(by, plain)
        if of != sort or type(key) is not int or not 0 <= key < 2**63:
            raise ValueError
    except (ValueError, TypeError, OverflowError, RecursionError) as error:
        raise StoreError("The gallery cannot go on from there; search again.") from error
    here = tuple_(literal(value, by.type), literal(key))
    place = tuple_(by, FavouriteRow.id)
    return place < here if descends else place > here


def _from_plain(by: InstrumentedAttribute[Any], plain: object) -> object:
    if isinstance(by.type, UtcDateTime):
        moment = datetime.fromisoformat(cast("str", plain))
        if moment.tzinfo is None:
            raise ValueError
        return moment.astimezone(UTC)
    if by is FavouriteRow.title_key:
        if not isinstance(plain, str):
            raise TypeError
        return plain
    return float(cast("float", plain))  # numbers compare alike, and a float is never too large
