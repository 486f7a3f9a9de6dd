"""The queries behind the pages: SQLite reads no large table from end to end for any of them.

Every statement that a page's question comes to is caught on its way, and SQLite asked for its plan.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, get_args

import pytest
from sqlalchemy import event

from breeder.history import Generation
from breeder.store import Search, Sort, Store
from breeder.store.tables import Base
from tests.store.grids import grid, pick

LARGE = ("individuals", "generations", "genomes", "parentage", "picks", "tags")
SCAN = re.compile(r"^SCAN (\w+)")
SPARE = {
    "ix_runs_name": "runs are few",
    "ix_runs_updated_at": "runs are few",
    "ix_favourites_run_id": "a gallery's rows are few, and this one lets runs be deleted",
    "ix_generations_forward_id": "lets generations be deleted; no plan shows it",
    "ix_generations_copied_from_id": "lets generations be deleted; no plan shows it",
    "ix_answers_left_genome_id": "lets pictures be deleted; no plan shows it",
    "ix_answers_right_genome_id": "lets pictures be deleted; no plan shows it",
    "ix_answers_answered_at": "answers are few",
}
"""Indexes that no question here would read a large table without, and what for they are there."""


@dataclass
class Plans:
    """The statements that were run, each with its plan."""

    found: list[tuple[str, list[str]]] = field(default_factory=list)

    def faults(self) -> list[str]:
        """Steps that read a large table from end to end."""
        return [
            f"{step}: {statement}"
            for statement, steps in self.found
            for step in steps
            if "AUTOMATIC" in step
            or ((scan := SCAN.match(step)) and _table(scan[1], statement) in LARGE)
        ]


def _table(name: str, statement: str) -> str:
    """The table behind a name in a plan, which may be an alias."""
    aliased = re.search(rf"\b({'|'.join(LARGE)}) (?:AS )?{name}\b", statement)
    return aliased[1] if aliased else name


@contextmanager
def plans(store: Store) -> Iterator[Plans]:
    engine, caught = store._engine, Plans()

    def explain(
        connection: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: bool
    ) -> None:
        if many or not statement.lstrip().upper().startswith(
            ("SELECT", "WITH", "UPDATE", "DELETE")
        ):
            return
        raw = cursor.connection.cursor()
        steps = raw.execute(f"EXPLAIN QUERY PLAN {statement}", parameters).fetchall()
        caught.found.append((" ".join(statement.split()), [str(step[3]) for step in steps]))

    event.listen(engine, "before_cursor_execute", explain)
    try:
        yield caught
    finally:
        event.remove(engine, "before_cursor_execute", explain)


@dataclass(frozen=True)
class Scene:
    store: Store
    run_id: str
    grids: list[Generation]

    @property
    def star(self) -> str:
        return self.grids[-1].children[0].genome.id


@pytest.fixture
def scene() -> Iterator[Scene]:
    with Store.in_memory() as store:
        run = store.create_run(name="owls", seed=7)
        grids = [grid(run.id)]
        for _ in range(3):
            grids.append(grid(run.id, after=grids[-1], picks=(0, 1)))
        for each in grids:
            store.add_generation(each)
            pick(store, each.id, [0, 1])
        for child in grids[-1].children:
            store.add_favourite(child.genome.id, title="Owl", run_id=run.id)
            store.describe(child.genome.id, tags=["night"], stars=3, published=True)
        store.duplicate_run(run.id, "copy")
        yield Scene(store, run.id, grids)


def _give_again(store: Store, star: str) -> None:
    entry = store.entry(star)
    assert entry is not None
    store.remove_favourite(star)
    store.put_entry(entry)


QUESTIONS: dict[str, Callable[[Scene], object]] = {
    "the list of runs": lambda s: s.store.runs(),
    "the deleted runs": lambda s: s.store.runs(deleted=True),
    "a run by name": lambda s: s.store.run("owls"),
    "a run by its identity": lambda s: s.store.run(s.run_id[:9]),
    "the grid a run was left at": lambda s: s.store.current(s.run_id),
    "a grid": lambda s: s.store.generation(s.grids[1].id),
    "a pick": lambda s: s.store.change_picks(s.grids[2].id, add=[2], drop=[0]),
    "back": lambda s: s.store.move(s.run_id, s.grids[1].id),
    "forward": lambda s: s.store.forward_of(s.grids[1].id),
    "what was shown": lambda s: s.store.fingerprints(s.run_id, after=1),
    "how often the same was told": lambda s: s.store.count_bred(s.grids[0].id, [0, 1]),
    "another grid": lambda s: s.store.add_generation(grid(s.run_id, after=s.grids[2], picks=(2,))),
    "a picture": lambda s: s.store.genome(s.star[:9]),
    "several pictures": lambda s: s.store.genomes([s.star]),
    "where a picture was born": lambda s: s.store.birth(s.star),
    "where a picture comes from": lambda s: s.store.lineage(s.star),
    "what was brought in": lambda s: s.store.provenance(s.star),
    "ancestors": lambda s: s.store.ancestors(s.star),
    "descendants": lambda s: s.store.descendants(s.grids[0].children[0].genome.id),
    "the shape of a tree": lambda s: s.store.run_tree(s.run_id),
    "the tree's pictures": lambda s: s.store.tree_pictures([each.id for each in s.grids]),
    "the way to a grid": lambda s: s.store.way(s.grids[2].id),
    "the run of a grid": lambda s: s.store.run_of(s.grids[0].id),
    "favourites among some": lambda s: s.store.is_favourite([s.star]),
    "an entry": lambda s: s.store.entry(s.star),
    "homes": lambda s: s.store.homes(s.star),
    "a star": lambda s: s.store.add_favourite(s.grids[0].children[0].genome.id, run_id=s.run_id),
    "words": lambda s: s.store.describe(s.star, title="New", tags=["a", "b"]),
    "an answer": lambda s: s.store.add_answer(s.star, s.grids[0].children[0].genome.id, 1),
    "the answers": lambda s: s.store.answers(),
    "the stars": lambda s: s.store.ratings(),
    "what was set": lambda s: s.store.preference("dial"),
    "a star taken back, and given again": lambda s: _give_again(s.store, s.star),
}
SEARCHES = {
    "everything": Search(),
    "words": Search(text="owl nig"),
    "a tag": Search(tags=("night",)),
    "a run": Search(stars=2, kind="published"),
    "a colour": Search(colors=4, complexity=(0.2, 0.7)),
    "a time": Search(
        since=datetime(2020, 1, 1, tzinfo=UTC), before=datetime(2090, 1, 1, tzinfo=UTC)
    ),
}


def faults(scene: Scene) -> dict[str, list[str]]:
    """What is wrong with the plans of all questions and searches, by question."""
    searches = SEARCHES | {"a picture that lives in a run": Search(run_id=scene.run_id)}
    found: dict[str, list[str]] = {}
    for question, ask in QUESTIONS.items():
        with plans(scene.store) as caught:
            ask(scene)
        assert caught.found, question
        found[question] = caught.faults()
    for sought, search in searches.items():
        with plans(scene.store) as caught:
            scene.store.gallery(search)
            scene.store.gallery_count(search)
        found[sought] = caught.faults()
    for sort in get_args(Sort):
        found[sort] = sorting(scene.store, sort)
    return {question: wrong for question, wrong in found.items() if wrong}


def sorting(store: Store, sort: Sort) -> list[str]:
    """Steps of a later piece of the gallery that sort, or read it from its beginning."""
    first = store.gallery(Search(sort=sort), limit=1)
    with plans(store) as caught:
        assert store.gallery(Search(sort=sort), limit=1, after=first.after).entries
    (_, steps), (_, details) = caught.found
    off_index = re.compile(r"^SEARCH favourites USING \w+ INDEX ix_favourites_\w+_id ")
    wrong = [step for step in steps if "TEMP B-TREE" in step]
    wrong += [] if off_index.match(steps[0]) else [steps[0]]
    by_key = details[0].startswith("SEARCH favourites USING INTEGER PRIMARY KEY")
    return wrong if by_key else [*wrong, details[0]]


def test_no_question_of_a_page_reads_a_large_table_from_end_to_end(scene: Scene) -> None:
    assert faults(scene) == {}


def test_without_any_of_the_indexes_a_question_would_read_a_large_table(scene: Scene) -> None:
    indexes = [index for table in Base.metadata.sorted_tables for index in table.indexes]
    assert {index.name for index in indexes} >= SPARE.keys()
    for index in indexes:
        with scene.store._engine.begin() as connection:
            index.drop(connection)
        assert bool(faults(scene)) == (index.name not in SPARE), index.name
        with scene.store._engine.begin() as connection:
            index.create(connection)


def test_a_plan_without_an_index_would_be_found(scene: Scene) -> None:
    with plans(scene.store) as caught, scene.store._transaction() as session:
        session.connection().exec_driver_sql("SELECT i.id FROM individuals AS i WHERE origin = 'x'")
    assert len(caught.faults()) == 1
