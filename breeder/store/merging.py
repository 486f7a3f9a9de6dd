"""Merging: what another database holds comes in, by identity; nothing that is here changes place.

The other is copied, brought to this version and judged first. Then one transaction takes over what
is not here yet: all of it, or nothing.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from breeder.errors import BreederError, StoreError
from breeder.store.copies import Progress, bring_up, checked_copy, no_progress, own_file
from breeder.store.database import batches
from breeder.store.engine import BUSY_SECONDS, explain
from breeder.store.judging import count_rows, judge


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """What came in by merging: all are 0 where everything was here before.

    Attributes:
        runs: Runs that are new here.
        generations: Grids that are new here.
        branches: Of these, those that begin a second future: bred there from the same picks as
            another grid here, with other children.
        pictures: Genomes that are new here.
        favourites: Entries of the gallery that are new here, or were changed there later.
        answers: Answers to comparisons that are new here.
    """

    runs: int = 0
    generations: int = 0
    branches: int = 0
    pictures: int = 0
    favourites: int = 0
    answers: int = 0


def merge(url: str | None, source: Path, *, progress: Progress = no_progress) -> Merged:
    """Take over what another database holds; doing it twice changes nothing.

    A run that was continued in both keeps both futures, as branches. Of what is said of a picture
    of the gallery, the later holds; tags and picks of both stay. A run that was deleted here comes
    back if it was worked on there since; none is deleted. What a person set in the other (its
    preferences, with the moment their taste was reset) is not taken over: here it says how this
    database is used. The other file is only read.

    Args:
        url: The database that takes it over; the default one if None.
        source: The other's file.
        progress: Told how far the judging is, in rows.

    Raises:
        NewerDatabaseError: A later version of breeder wrote one of them.
        StoreError: The other is damaged, not breeder's, or holds what breeder would not write;
            nothing is changed then.
    """
    target = own_file(url)
    if not target.is_file():
        raise StoreError(f"There is no database {target} to merge into; 'breeder new' makes one.")
    if source.exists() and source.samefile(target):
        raise StoreError("A database cannot be merged with itself; name another file.")
    with checked_copy(source, beside=target) as copy:
        bring_up(target)
        try:
            with closing(_connect(target)) as connection:
                _judge(connection, copy, source, progress)
                return _take_over(connection, copy)
        except sqlite3.Error as error:
            raise StoreError(f"The database {target} {explain(str(error))}.") from error


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, timeout=BUSY_SECONDS)
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA synchronous = FULL")
    return connection


def _judge(connection: sqlite3.Connection, copy: Path, source: Path, progress: Progress) -> None:
    def known(ids: Sequence[str]) -> set[str]:
        found: set[str] = set()
        for some in batches(ids):
            marks = ",".join("?" * len(some))
            query = f"SELECT public_id FROM genomes WHERE public_id IN ({marks})"  # noqa: S608
            found.update(id_ for (id_,) in connection.execute(query, some))
        return found

    done = 0

    def report(rows: int) -> None:
        nonlocal done
        done += rows
        progress(done, total)

    try:
        with closing(sqlite3.connect(copy)) as other:
            other.execute("PRAGMA trusted_schema = OFF")
            total = count_rows(other)
            judge(other, known, report)
    except (sqlite3.Error, BreederError) as error:
        text = explain(str(error)) if isinstance(error, sqlite3.Error) else str(error)
        raise StoreError(
            f"The database {source} cannot be merged: {text.rstrip('.')}. Nothing was changed."
        ) from error


def _take_over(connection: sqlite3.Connection, copy: Path) -> Merged:
    connection.execute("ATTACH ? AS other", (str(copy),))
    connection.execute("BEGIN IMMEDIATE")
    try:
        pictures = _run(connection, _GENOMES)
        runs = _runs(connection)
        generations, branches = _generations(connection)
        for statement in _INDIVIDUALS:
            connection.execute(statement)
        favourites = sum(_run(connection, statement) for statement in _FAVOURITES)
        for statement in _TAGS:
            connection.execute(statement)
        answers = _run(connection, _ANSWERS)
        for table in ("genome_map", "run_map", "grid_map", "one_map", "revived"):
            connection.execute(f"DROP TABLE temp.{table}")
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    return Merged(
        runs=runs,
        generations=generations,
        branches=branches,
        pictures=pictures,
        favourites=favourites,
        answers=answers,
    )


def _run(connection: sqlite3.Connection, statement: str) -> int:
    return max(connection.execute(statement).rowcount, 0)


def _runs(connection: sqlite3.Connection) -> int:
    connection.execute(_GENOME_MAP)
    added = _run(connection, _NEW_RUNS)
    for statement in _OLD_RUNS:
        connection.execute(statement)
    return added


# Generations --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Grid:
    """A generation of the other database, and the one of its identity here, if there is one."""

    key: int
    public_id: str
    run: int
    parent: int | None
    here: int | None
    here_run: int | None
    here_parent: int | None
    whole: bool


def _generations(connection: sqlite3.Connection) -> tuple[int, int]:
    """Take over the grids that are not here; return how many, and how many begin a branch."""
    connection.execute(
        "CREATE TEMP TABLE grid_map (old INTEGER PRIMARY KEY, new INTEGER, fresh INTEGER)"
    )
    unlike = {key for (key,) in connection.execute(_UNLIKE)}
    mapped: dict[int, int] = {}
    fresh = branches = 0
    for grid in [_Grid(*row) for row in connection.execute(_GRIDS).fetchall()]:
        parent = None if grid.parent is None else mapped[grid.parent]
        if grid.here is not None and grid.here_run != grid.run:
            raise StoreError(f"The generation {grid.public_id!r} belongs to another run here.")
        moved = grid.whole and grid.here_parent != parent
        is_branch = grid.here is not None and (grid.key in unlike or moved)
        key, is_fresh = _place(connection, grid, parent, is_branch=is_branch)
        mapped[grid.key] = key
        fresh += is_fresh
        branches += is_fresh and is_branch
        connection.execute("INSERT INTO grid_map VALUES (?, ?, ?)", (grid.key, key, is_fresh))
    revives = connection.execute("SELECT 1 FROM revived").fetchone() is not None
    for statement in (*_LINKS, *(_REVIVE if revives else ())):
        connection.execute(statement)
    return fresh, branches


def _place(
    connection: sqlite3.Connection, grid: _Grid, parent: int | None, *, is_branch: bool
) -> tuple[int, bool]:
    """Return the key that a grid has here, and whether it was just inserted."""
    public_id = grid.public_id
    if is_branch:  # the same picks after another history: other children under the same name
        public_id = _other_id(connection, grid, parent)
        query = "SELECT id FROM generations WHERE public_id = ?"
        found = connection.execute(query, (public_id,)).fetchone()
        if found is not None:
            return int(found[0]), False
    elif grid.here is not None:
        return grid.here, False
    cursor = connection.execute(_NEW_GRID, (public_id, grid.run, parent, grid.key))
    assert cursor.lastrowid is not None  # noqa: S101  (a row was inserted)
    return cursor.lastrowid, True


def _other_id(connection: sqlite3.Connection, grid: _Grid, parent: int | None) -> str:
    """Return an identity that follows from a grid's own, the grid before it, and its children."""
    before = connection.execute("SELECT public_id FROM generations WHERE id = ?", (parent,))
    parts = [grid.public_id, *map(str, before.fetchone() or ())]
    parts += [f"{slot} {id_}" for slot, id_ in connection.execute(_CHILDREN, (grid.key,))]
    return hashlib.blake2b("\n".join(parts).encode(), digest_size=16).hexdigest()


# Statements ---------------------------------------------------------------------------------------

_GENOMES: Final = """
    INSERT INTO genomes (public_id, color, nodes, connections, data)
    SELECT public_id, color, nodes, connections, data FROM other.genomes AS theirs
    WHERE NOT EXISTS (SELECT 1 FROM main.genomes WHERE genomes.public_id = theirs.public_id)
    ORDER BY theirs.id"""
_GENOME_MAP: Final = """
    CREATE TEMP TABLE genome_map AS SELECT theirs.id AS old, ours.id AS new
    FROM other.genomes AS theirs JOIN main.genomes AS ours ON ours.public_id = theirs.public_id"""
_NEW_RUNS: Final = """
    INSERT INTO runs (public_id, name, seed, created_at, updated_at, deleted_at, purged_at)
    SELECT public_id, name, seed, created_at, updated_at, deleted_at, purged_at
    FROM other.runs AS theirs
    WHERE NOT EXISTS (SELECT 1 FROM main.runs WHERE runs.public_id = theirs.public_id)
    ORDER BY theirs.id"""
_OLD_RUNS: Final = (
    "CREATE UNIQUE INDEX temp.genome_map_old ON genome_map (old)",
    """CREATE TEMP TABLE revived AS SELECT ours.id FROM main.runs AS ours
        JOIN other.runs AS theirs ON theirs.public_id = ours.public_id
        WHERE ours.purged_at IS NOT NULL AND theirs.deleted_at IS NULL
        AND theirs.updated_at > ours.updated_at""",
    # What was deleted here comes back only if it was worked on there since.
    """UPDATE runs SET deleted_at = NULL, purged_at = NULL FROM other.runs AS theirs
        WHERE theirs.public_id = runs.public_id AND theirs.updated_at > runs.updated_at
        AND runs.deleted_at IS NOT NULL AND theirs.deleted_at IS NULL""",
    """UPDATE runs SET name = theirs.name, updated_at = theirs.updated_at
        FROM other.runs AS theirs
        WHERE theirs.public_id = runs.public_id AND theirs.updated_at > runs.updated_at
        AND runs.deleted_at IS NULL""",
    """CREATE TEMP TABLE run_map AS SELECT theirs.id AS old, ours.id AS new
        FROM other.runs AS theirs JOIN main.runs AS ours ON ours.public_id = theirs.public_id
        WHERE ours.purged_at IS NULL OR theirs.purged_at IS NOT NULL""",
    "CREATE UNIQUE INDEX temp.run_map_old ON run_map (old)",
)
_GRIDS: Final = """
    SELECT theirs.id, theirs.public_id, run_map.new, theirs.parent_id,
        ours.id, ours.run_id, ours.parent_id,
        their_run.purged_at IS NULL AND our_run.purged_at IS NULL
            AND our_run.id NOT IN (SELECT id FROM revived)
    FROM other.generations AS theirs
    JOIN run_map ON run_map.old = theirs.run_id
    JOIN other.runs AS their_run ON their_run.id = theirs.run_id
    JOIN main.runs AS our_run ON our_run.id = run_map.new
    LEFT JOIN main.generations AS ours ON ours.public_id = theirs.public_id
    ORDER BY theirs.id"""
_UNLIKE: Final = """
    SELECT DISTINCT theirs.id FROM other.generations AS theirs
    JOIN main.generations AS ours ON ours.public_id = theirs.public_id
    JOIN other.individuals AS one ON one.generation_id = theirs.id
    JOIN main.individuals AS other_one
        ON other_one.generation_id = ours.id AND other_one.slot = one.slot
    JOIN genome_map ON genome_map.old = one.genome_id
    WHERE genome_map.new != other_one.genome_id"""
_CHILDREN: Final = """
    SELECT slot, public_id FROM other.individuals
    JOIN other.genomes ON genomes.id = individuals.genome_id
    WHERE generation_id = ? ORDER BY slot"""
_NEW_GRID: Final = """
    INSERT INTO generations (public_id, run_id, number, parent_id, bred_from, seed, settings,
        screening, created_at, fingerprints, guidance)
    SELECT ?1, ?2, number, ?3, bred_from, seed, settings, screening, created_at, fingerprints,
        guidance
    FROM other.generations WHERE id = ?4"""
_LINKS: Final = (
    """UPDATE generations SET forward_id = after.new
        FROM grid_map, other.generations AS theirs, grid_map AS after
        WHERE generations.id = grid_map.new AND theirs.id = grid_map.old
        AND after.old = theirs.forward_id AND generations.forward_id IS NULL""",
    """UPDATE generations SET copied_from_id = source.new
        FROM grid_map, other.generations AS theirs, grid_map AS source
        WHERE generations.id = grid_map.new AND theirs.id = grid_map.old AND grid_map.fresh
        AND source.old = theirs.copied_from_id""",
    """INSERT OR IGNORE INTO cursors (run_id, generation_id)
        SELECT run_map.new, grid_map.new FROM other.cursors AS theirs
        JOIN run_map ON run_map.old = theirs.run_id
        JOIN grid_map ON grid_map.old = theirs.generation_id""",
)
_REVIVE: Final = (
    # Of a purged run only some grids were left, each linked to the nearest before it.
    """UPDATE generations SET bred_from = theirs.bred_from, fingerprints = theirs.fingerprints,
        parent_id = (SELECT before.new FROM grid_map AS before WHERE before.old = theirs.parent_id)
        FROM grid_map, other.generations AS theirs
        WHERE generations.id = grid_map.new AND theirs.id = grid_map.old AND NOT grid_map.fresh
        AND generations.run_id IN (SELECT id FROM revived)""",
    # A grid stands after the one it came from: those that were left get later keys.
    """CREATE TEMP TABLE later AS SELECT id AS old,
        (SELECT max(id) FROM main.generations) + row_number() OVER (ORDER BY number, id) AS new
        FROM main.generations WHERE run_id IN (SELECT id FROM revived)""",
    "CREATE UNIQUE INDEX temp.later_old ON later (old)",
    "PRAGMA defer_foreign_keys = ON",
    *(
        f"""UPDATE {table} SET {column} = later.new FROM later WHERE later.old = {table}.{column}"""  # noqa: S608
        for table, column in (
            ("generations", "id"),
            ("generations", "parent_id"),
            ("generations", "forward_id"),
            ("generations", "copied_from_id"),
            ("individuals", "generation_id"),
            ("cursors", "generation_id"),
            ("grid_map", "new"),
        )
    ),
    "DROP TABLE temp.later",
)
_INDIVIDUALS: Final = (
    """INSERT INTO individuals (generation_id, slot, genome_id, origin, candidate, mutations)
        SELECT grid_map.new, theirs.slot, genome_map.new, origin, candidate, mutations
        FROM other.individuals AS theirs
        JOIN grid_map ON grid_map.old = theirs.generation_id
        JOIN genome_map ON genome_map.old = theirs.genome_id
        WHERE NOT EXISTS (SELECT 1 FROM main.individuals AS ours
            WHERE ours.generation_id = grid_map.new AND ours.slot = theirs.slot)
        ORDER BY theirs.id""",
    """CREATE TEMP TABLE one_map AS SELECT theirs.id AS old, ours.id AS new
        FROM other.individuals AS theirs
        JOIN grid_map ON grid_map.old = theirs.generation_id
        JOIN main.individuals AS ours
            ON ours.generation_id = grid_map.new AND ours.slot = theirs.slot""",
    "CREATE UNIQUE INDEX temp.one_map_old ON one_map (old)",
    """INSERT OR IGNORE INTO parentage (individual_id, position, genome_id)
        SELECT one_map.new, theirs.position, genome_map.new FROM other.parentage AS theirs
        JOIN one_map ON one_map.old = theirs.individual_id
        JOIN genome_map ON genome_map.old = theirs.genome_id""",
    """INSERT OR IGNORE INTO picks (individual_id, run_id, picked_at)
        SELECT one_map.new, run_map.new, theirs.picked_at FROM other.picks AS theirs
        JOIN one_map ON one_map.old = theirs.individual_id
        JOIN run_map ON run_map.old = theirs.run_id""",
    """INSERT OR IGNORE INTO origins (genome_id, words)
        SELECT genome_map.new, theirs.words FROM other.origins AS theirs
        JOIN genome_map ON genome_map.old = theirs.genome_id""",
)
_FAVOURITES: Final = (
    """UPDATE favourites SET title = theirs.title, title_key = theirs.title_key,
        description = theirs.description, stars = theirs.stars,
        published_at = theirs.published_at, updated_at = theirs.updated_at
        FROM other.favourites AS theirs, genome_map
        WHERE genome_map.old = theirs.genome_id AND favourites.genome_id = genome_map.new
        AND theirs.updated_at > favourites.updated_at""",
    """INSERT INTO favourites (genome_id, title, run_id, created_at, description, tags, stars,
            published_at, updated_at, title_key, complexity, colors, looks_version)
        SELECT genome_map.new, title, run_map.new, created_at, description, '', stars,
            published_at, updated_at, title_key, -1, 0, 0
        FROM other.favourites AS theirs
        JOIN genome_map ON genome_map.old = theirs.genome_id
        LEFT JOIN run_map ON run_map.old = theirs.run_id
        WHERE NOT EXISTS (SELECT 1 FROM main.favourites WHERE genome_id = genome_map.new)
        ORDER BY theirs.id""",
)
_TAGS: Final = (
    """INSERT OR IGNORE INTO tags (favourite_id, tag)
        SELECT ours.id, theirs.tag FROM other.tags AS theirs
        JOIN other.favourites AS their_entry ON their_entry.id = theirs.favourite_id
        JOIN genome_map ON genome_map.old = their_entry.genome_id
        JOIN main.favourites AS ours ON ours.genome_id = genome_map.new""",
    """UPDATE favourites SET tags = listed.words
        FROM (SELECT favourite_id, group_concat(tag, char(10)) AS words
            FROM (SELECT favourite_id, tag FROM main.tags ORDER BY favourite_id, tag)
            GROUP BY favourite_id) AS listed
        WHERE listed.favourite_id = favourites.id AND favourites.tags != listed.words""",
)
_ANSWERS: Final = """
    INSERT INTO answers (public_id, left_genome_id, right_genome_id, preferred, answered_at)
    SELECT theirs.public_id, one.new, another.new, preferred, answered_at
    FROM other.answers AS theirs
    JOIN genome_map AS one ON one.old = theirs.left_genome_id
    JOIN genome_map AS another ON another.old = theirs.right_genome_id
    WHERE NOT EXISTS (SELECT 1 FROM main.answers WHERE answers.public_id = theirs.public_id)
    ORDER BY theirs.id"""
