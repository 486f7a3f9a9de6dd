"""Genomes by identity, and the family a picture comes from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import cast

from sqlalchemy import CTE, ColumnElement, FromClause, Row, ScalarSelect, case, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased, load_only

from breeder.genome import Genome
from breeder.history import Origin
from breeder.store.database import (
    Database,
    batches,
    checked_text,
    genome_key,
    one_of,
    put_genomes,
)
from breeder.store.records import genome_from_data, mutation_from_plain
from breeder.store.tables import (
    NAME_LENGTH,
    GenerationRow,
    GenomeRow,
    IndividualRow,
    OriginRow,
    ParentRow,
    RunRow,
)
from breeder.store.values import Ancestor

HEX = frozenset("0123456789abcdef")
BRED_FROM = "bred from "
_HEAD = (GenerationRow.public_id, GenerationRow.number, GenerationRow.guidance)


def birth_sql(family: str) -> str:
    """Return `first_birth` as SQL text, for the genomes of a table or walk of this name."""
    return f"""(
    SELECT coalesce(
        min(CASE WHEN origin NOT IN ('kept', 'import') THEN id END),
        min(CASE WHEN origin = 'import' THEN id END),
        min(id))
    FROM individuals WHERE genome_id = {family}.genome_id)"""  # noqa: S608


class Genomes(Database):
    """The queries on genomes."""

    def genome(self, text: str) -> Genome:
        """Return a genome by its identity or the start of it.

        Raises:
            NotFoundError: None fits.
            AmbiguousError: Several fit.
        """
        start = text.lower()
        with self._transaction() as session:
            found: Sequence[Row[str, bytes]] = []
            if start and HEX.issuperset(start):
                within = GenomeRow.public_id.between(start, start + "g")
                query = select(GenomeRow.public_id, GenomeRow.data).where(within)
                found = session.execute(query.order_by(GenomeRow.public_id).limit(4)).all()
        one_of([row.public_id for row in found], text, "picture")
        return genome_from_data(found[0].data)

    def save_genome(self, genome: Genome, *, origin: str = "") -> None:
        """Keep a genome that is in no grid, such as an import.

        Args:
            genome: Any genome.
            origin: Where it comes from, in up to 200 characters; what was said last holds.
        """
        words = checked_text(origin, "An origin", may_be_empty=True)
        with self._transaction(write=True) as session:
            key = put_genomes(session, [genome])[genome.id]
            if words:
                session.merge(OriginRow(genome_id=key, words=words))

    def origins(self, genome_ids: Iterable[str]) -> dict[str, str]:
        """Return where genomes come from that came from elsewhere, by their identities."""
        found: dict[str, str] = {}
        with self._transaction() as session:
            for ids in batches(genome_ids):
                query = select(GenomeRow.public_id, OriginRow.words).join(
                    OriginRow, OriginRow.genome_id == GenomeRow.id
                )
                rows = session.execute(query.where(GenomeRow.public_id.in_(ids)))
                found.update((public_id, words) for public_id, words in rows)
        return found

    def provenance(self, genome_id: str) -> str:
        """Return where a genome comes from, or else what its ancestors were brought in from.

        Returns:
            Up to 200 characters, such as "Picbreeder 812/31, from 812/30" or "bred from
            Picbreeder 740/5"; empty where nothing was brought in from elsewhere.

        Raises:
            NotFoundError: The genome is not in the database.
        """
        with self._transaction() as session:
            key = genome_key(session, genome_id)
            own = session.scalar(select(OriginRow.words).where(OriginRow.genome_id == key))
            if own is not None:
                return own
            if session.scalar(select(OriginRow.genome_id).limit(1)) is None:
                return ""  # the usual case: no walk along the family
            births = _births(key)
            query = (
                select(OriginRow.words)
                .join(IndividualRow, IndividualRow.genome_id == OriginRow.genome_id)
                .join(births, births.c.individual_id == IndividualRow.id)
            )
            # What was brought in may have been bred elsewhere, and say so in these words.
            found = sorted({words.removeprefix(BRED_FROM) for words in session.scalars(query)})
        return _shortened([f"{BRED_FROM}{found[0]}", *found[1:]]) if found else ""

    def lineage(self, genome_id: str) -> list[Ancestor]:
        """Return a picture and all its ancestors, the picture first, then by steps.

        Each stands where it was first bred; grids it was only kept in do not count. Empty for a
        genome that was never in a grid. Deleted runs are part of the family.

        Raises:
            NotFoundError: The genome is not in the database.
        """
        return self._family(genome_id, _births)

    def birth(self, genome_id: str) -> Ancestor | None:
        """Return a picture where it was first bred, without its ancestors; None if it never was.

        Raises:
            NotFoundError: The genome is not in the database.
        """
        found = self._family(genome_id, _own_birth)
        return found[0] if found else None

    def _family(self, genome_id: str, births_of: Callable[[int], CTE]) -> list[Ancestor]:
        with self._transaction() as session:
            births = births_of(genome_key(session, genome_id))
            rows = session.execute(
                select(IndividualRow, GenomeRow, GenerationRow, RunRow.public_id)
                .join(births, births.c.individual_id == IndividualRow.id)
                .join(GenomeRow, GenomeRow.id == IndividualRow.genome_id)
                .join(GenerationRow, GenerationRow.id == IndividualRow.generation_id)
                .join(RunRow, RunRow.id == GenerationRow.run_id)
                .options(load_only(*_HEAD))
            ).all()
            parents = _parents(session, births)
        found = {genome.public_id: (born, genome, grid, run) for born, genome, grid, run in rows}
        steps = steps_from(genome_id, {id_: parents[row[0].id] for id_, row in found.items()})
        return [_ancestor(*found[id_], parents, steps[id_]) for id_ in steps]


def _shortened(words: Sequence[str]) -> str:
    """Return as many texts as fit in an origin, and how many more there are."""
    shown = words
    while len(text := "; ".join(shown)) > NAME_LENGTH - 20 and len(shown) > 1:
        shown = shown[:-1]
    more = len(words) - len(shown)
    return (f"{text} and {more} more" if more else text)[:NAME_LENGTH]


def _births(key: int) -> CTE:
    """Select the individuals in which a genome and its ancestors were first bred."""
    family = select(GenomeRow.id.label("genome_id")).where(GenomeRow.id == key).cte(recursive=True)
    family = family.union(  # not union_all: a family may hold a genome twice, even in a circle
        select(ParentRow.genome_id)
        .select_from(family)
        .join(ParentRow, ParentRow.individual_id == _birth(family))
    )
    return select(_birth(family).label("individual_id")).select_from(family).cte("births")


def _own_birth(key: int) -> CTE:
    """Select the individual in which a genome was first bred."""
    own = select(GenomeRow.id.label("genome_id")).where(GenomeRow.id == key).cte()
    return select(_birth(own).label("individual_id")).select_from(own).cte("births")


def _birth(family: CTE) -> ScalarSelect[int]:
    return first_birth(family.c.genome_id, family)


def first_birth(
    genome_key: ColumnElement[int] | InstrumentedAttribute[int], of: FromClause | type
) -> ScalarSelect[int]:
    """Select the individual in which a genome was first bred.

    One that was brought in comes after those that were bred, and a pick carried over last: a run
    may start from a picture of another that was merged into the database later.

    Args:
        genome_key: The genome's integer key, a column of the query around this.
        of: What that column belongs to.
    """
    each = aliased(IndividualRow)
    bred = func.min(case((each.origin.not_in(("kept", "import")), each.id)))
    brought = func.min(case((each.origin == "import", each.id)))
    return (
        select(func.coalesce(bred, brought, func.min(each.id)))
        .where(each.genome_id == genome_key)
        .correlate(of)
        .scalar_subquery()
    )


def _parents(session: Session, births: CTE) -> dict[int, list[str]]:
    """Return the identities of the parents of each birth, in order, by its integer key."""
    query = (
        select(ParentRow.individual_id, GenomeRow.public_id)
        .join(births, births.c.individual_id == ParentRow.individual_id)
        .join(GenomeRow, GenomeRow.id == ParentRow.genome_id)
        .order_by(ParentRow.individual_id, ParentRow.position)
    )
    parents: dict[int, list[str]] = defaultdict(list)
    for individual, parent in session.execute(query):
        parents[individual].append(parent)
    return parents


def steps_from(start: str, parents: Mapping[str, Iterable[str]]) -> dict[str, int]:
    """Return how far each genome that has a birth lies from the first, nearest first."""
    steps = {start: 0} if start in parents else {}
    queue = list(steps)
    for id_ in queue:
        for parent in parents[id_]:
            # A parent without a birth came with an import, and was never in a grid.
            if parent in parents and parent not in steps:
                steps[parent] = steps[id_] + 1
                queue.append(parent)
    return steps


def _ancestor(
    born: IndividualRow,
    genome: GenomeRow,
    grid: GenerationRow,
    run_id: str,
    parents: Mapping[int, Iterable[str]],
    steps: int,
) -> Ancestor:
    return Ancestor(
        genome=genome_from_data(genome.data),
        parents=tuple(parents[born.id]),
        mutations=tuple(map(mutation_from_plain, born.mutations)),
        origin=cast("Origin", born.origin),
        run_id=run_id,
        generation_id=grid.public_id,
        number=grid.number,
        slot=born.slot,
        steps=steps,
        automatic=bool((grid.guidance or {}).get("automatic")),
    )
