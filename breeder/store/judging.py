"""What a database from elsewhere must be like before anything of it is taken over.

Its file is whole and has this version's tables by then. Here every row is read and held against
what breeder writes; the first that is otherwise ends it, with one sentence.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any, Final, get_args

from breeder.errors import BreederError, StoreError
from breeder.evolve.mutation_record import MUTATION_KINDS
from breeder.history import (
    MAX_POPULATION,
    ORIGINS,
    BreederSettings,
    Guidance,
    GuidanceKind,
    Screening,
)
from breeder.store.database import TEXT_LENGTH
from breeder.store.gallery import MOST_STARS, checked_tags
from breeder.store.records import genome_from_data, mutation_from_plain
from breeder.store.tables import MOST_JSON, NAME_LENGTH, PREFERENCE_LENGTH, Base

MOST_ROWS: Final = 20_000_000
MOST_BYTES: Final = 4 * 1024 * 1024
"""Of one value."""

MOST_CHANGES: Final = 10_000
MOST_MOVE: Final = 1e9
MOST_NUMBER: Final = 10_000_000

_ID = re.compile(r"[0-9a-f]{32}")
_SLOTS = re.compile(r"(?:\d{1,2}(?:,\d{1,2})*)?")
_SEED = re.compile(r"\d{1,80}")

_OTHERWISE: Final = (
    BreederError,
    ValueError,
    TypeError,
    KeyError,
    AttributeError,
    OverflowError,
    RecursionError,
)
"""What comes of reading a value that has another shape."""

Check = Callable[[Any], bool]
Report = Callable[[int], object]
"""Called with the rows that were just read."""


def judge(
    connection: sqlite3.Connection, known: Callable[[Sequence[str]], set[str]], report: Report
) -> None:
    """Raise StoreError unless all rows are such as breeder writes.

    Args:
        connection: A copy of a database, at this version's tables.
        known: Returns those of some genomes' identities that need no look, since the database
            that takes them over has them already.
        report: Told how far it is.
    """
    connection.execute("PRAGMA cell_size_check = ON")
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MOST_BYTES)
    for table, columns in _RULES.items():
        for rows in _read(connection, table, list(columns)):
            for row in rows:
                _judge_row(table, dict(zip(columns, row, strict=True)), columns)
            report(len(rows))
    _judge_genomes(connection, known, report)
    _judge_ways(connection)


def count_rows(connection: sqlite3.Connection) -> int:
    """Return how many rows `judge` will report.

    Raises:
        StoreError: They are too many.
    """
    tables = {*_RULES, "genomes"}
    wanted = {table.name for table in Base.metadata.sorted_tables}
    there = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
    if not wanted <= there:
        raise StoreError(f"The table {min(wanted - there)!r} is missing in it.")
    count = sum(
        int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])  # noqa: S608
        for table in tables
    )
    if count > MOST_ROWS:
        raise StoreError(f"It holds {count:,} rows; at most {MOST_ROWS:,} are taken over.")
    return count


def _read(
    connection: sqlite3.Connection, table: str, columns: Sequence[str]
) -> Iterator[list[tuple[Any, ...]]]:
    cursor = connection.execute(f"SELECT {', '.join(columns)} FROM {table}")  # noqa: S608
    while rows := cursor.fetchmany(2_000):
        yield rows


def _judge_row(table: str, row: dict[str, Any], rules: dict[str, Check]) -> None:
    for name, fits in rules.items():
        try:
            good = fits(row[name])
        except _OTHERWISE:
            good = False
        if not good:
            raise StoreError(f"A row of {table!r} in it has a wrong {name!r}: {_short(row[name])}.")


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:60]}..."


def _judge_genomes(
    connection: sqlite3.Connection, known: Callable[[Sequence[str]], set[str]], report: Report
) -> None:
    columns = ("public_id", "color", "nodes", "connections", "data")
    for rows in _read(connection, "genomes", columns):
        familiar = known([row[0] for row in rows if _is_id(row[0])])
        for public_id, *said, data in rows:
            if public_id in familiar:
                continue
            if not isinstance(data, bytes):
                raise StoreError(f"The picture {_short(public_id)} in it cannot be read.")
            genome = genome_from_data(data)
            if (genome.id, [genome.color, len(genome.nodes), len(genome.connections)]) != (
                public_id,
                said,
            ):
                raise StoreError(f"The picture {_short(public_id)} in it is not what it says.")
        report(len(rows))


def _judge_ways(connection: sqlite3.Connection) -> None:
    """Refuse trees that are none, since a circle would never end, and answers that say nothing."""
    wrong = connection.execute(_ASTRAY).fetchone()
    if wrong is not None:
        raise StoreError(f"The generation {_short(wrong[0])} in it leads astray.")
    wrong = connection.execute(_SELF).fetchone()
    if wrong is not None:
        raise StoreError(f"The answer {_short(wrong[0])} in it compares a picture with itself.")


_ASTRAY = """
    SELECT one.public_id FROM generations AS one
    LEFT JOIN generations AS before ON before.id = one.parent_id
    LEFT JOIN generations AS after ON after.id = one.forward_id
    WHERE (one.parent_id IS NOT NULL AND (before.id >= one.id OR before.run_id != one.run_id))
    OR (one.forward_id IS NOT NULL AND after.parent_id IS NOT one.id)
    UNION ALL
    SELECT one.public_id FROM generations AS one JOIN cursors ON cursors.generation_id = one.id
    WHERE cursors.run_id != one.run_id
    LIMIT 1"""
_SELF = "SELECT public_id FROM answers WHERE left_genome_id = right_genome_id LIMIT 1"


# Rules --------------------------------------------------------------------------------------------


def _is_id(value: object) -> bool:
    return isinstance(value, str) and _ID.fullmatch(value) is not None


def _text(most: int, least: int = 0) -> Check:
    def fits(value: Any) -> bool:
        return isinstance(value, str) and least <= len(value) <= most and "\0" not in value

    return fits


def _number(most: int, least: int = 0) -> Check:
    return lambda value: type(value) is int and least <= value <= most


def _blob(most: int) -> Check:
    return lambda value: isinstance(value, bytes) and len(value) <= most


def _or_none(check: Check) -> Check:
    return lambda value: value is None or check(value)


def _is_moment(value: Any) -> bool:
    return len(value) <= 40 and datetime.fromisoformat(value).tzinfo is None


def _is_tag(value: Any) -> bool:
    return isinstance(value, str) and checked_tags([value]) == (value,)


def _like(pattern: re.Pattern[str]) -> Check:
    return lambda value: pattern.fullmatch(value) is not None


def _are_slots(value: Any) -> bool:
    return _SLOTS.fullmatch(value) is not None and len(value) <= NAME_LENGTH


def _are_settings(value: Any) -> bool:
    settings = BreederSettings.from_plain(json.loads(value))
    switches = ("color", "carry_over", "screening", "guided")
    return all(isinstance(getattr(settings, name), bool) for name in switches)


def _is_screening(value: Any) -> bool:
    plain = json.loads(value)
    Screening(**plain)
    return all(type(count) is int for count in plain.values())


def _is_guidance(value: Any) -> bool:
    plain = json.loads(value)
    guidance = Guidance.from_plain(plain)
    lists = list(plain["reasons"].values())
    words = [word for some in lists for word in some]
    return (
        guidance.kind in get_args(GuidanceKind)
        and type(plain["automatic"]) is bool
        and 0 <= guidance.choices <= MOST_NUMBER
        and 0.0 <= guidance.accuracy <= 1.0
        and all(0 <= slot < MAX_POPULATION for slot in guidance.reasons)
        and all(isinstance(some, list) for some in lists)
        and all(map(_text(NAME_LENGTH), words))
    )


def _is_json(value: Any) -> bool:
    json.loads(value)
    return len(value) <= MOST_JSON


def _are_mutations(value: Any) -> bool:
    found: list[Any] = [mutation_from_plain(each) for each in json.loads(value)]
    return len(found) <= MOST_CHANGES and all(map(_is_mutation, found))


def _is_mutation(mutation: Any) -> bool:
    words = (mutation.source, mutation.target, mutation.before, mutation.after)
    return (
        mutation.kind in MUTATION_KINDS
        and type(mutation.count) is int
        and isinstance(mutation.size, int | float)
        and abs(mutation.size) < MOST_MOVE
        and all(isinstance(word, str) and len(word) <= NAME_LENGTH for word in words)
    )


_RULES: Final[dict[str, dict[str, Check]]] = {
    "runs": {
        "public_id": _is_id,
        "name": _text(NAME_LENGTH, 1),
        "seed": _like(_SEED),
        "created_at": _is_moment,
        "updated_at": _is_moment,
        "deleted_at": _or_none(_is_moment),
        "purged_at": _or_none(_is_moment),
    },
    "generations": {
        "public_id": _is_id,
        "number": _number(MOST_NUMBER),
        "bred_from": _are_slots,
        "seed": _is_id,
        "settings": _are_settings,
        "screening": _is_screening,
        "created_at": _is_moment,
        "fingerprints": _blob(MAX_POPULATION * 1024),
        "guidance": _or_none(_is_guidance),
    },
    "individuals": {
        "slot": _number(MAX_POPULATION - 1),
        "origin": lambda value: value in ORIGINS,
        "candidate": _or_none(_number(MOST_NUMBER)),
        "mutations": _are_mutations,
    },
    "parentage": {"position": _number(MAX_POPULATION)},
    "picks": {"picked_at": _is_moment},
    "favourites": {
        "title": _text(NAME_LENGTH),
        "title_key": _text(3 * NAME_LENGTH),  # folding cases makes up to three letters of one
        "description": _text(TEXT_LENGTH),
        "tags": _text(TEXT_LENGTH),
        "stars": _number(MOST_STARS),
        "created_at": _is_moment,
        "updated_at": _is_moment,
        "published_at": _or_none(_is_moment),
    },
    "tags": {"tag": _is_tag},
    "origins": {"words": _text(NAME_LENGTH, 1)},
    "answers": {
        "public_id": _is_id,
        "preferred": _number(1),
        "answered_at": _is_moment,
    },
    "preferences": {
        "name": _text(PREFERENCE_LENGTH, 1),
        "value": _is_json,
        "updated_at": _is_moment,
    },
}
