"""`breeder lineage`: where a picture comes from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from breeder.cli.desk import Desk
from breeder.cli.grids import in_words, plain_mutations
from breeder.cli.options import Database, Json, PictureName
from breeder.cli.output import ID_DIGITS, remark, say_json, say_table

if TYPE_CHECKING:
    from breeder.store import Ancestor


def lineage(picture: PictureName, as_json: Json = False, database: Database = None) -> None:
    """Print a picture's ancestors, oldest first and itself last, with what changed in words.

    Of a picture that was brought in, it says from where, if its file did.

    On a terminal it prints a table; else a line for each with its identity, origin, generation,
    slot, parents and changes, with tabs between them.
    """
    with Desk(database) as desk:
        genome = desk.picture(picture).genome
        family = oldest_first(desk.store.lineage(genome.id))
        origins = desk.store.origins([genome.id, *(each.genome.id for each in family)])
    if as_json:
        say_json([_plain(each, origins) for each in family])
        return
    if not family:
        where = f" It comes from {origins[genome.id]}." if origins else ""
        remark(f"this picture was never in a grid, and has no ancestors here.{where}")
        return
    rows = [
        (
            each.genome.id[:ID_DIGITS],
            each.origin,
            each.number,
            each.slot,
            " ".join(parent[:ID_DIGITS] for parent in each.parents),
            in_words(each.mutations) or origins.get(each.genome.id, ""),
        )
        for each in family
    ]
    say_table(("picture", "origin", "generation", "slot", "parents", "what changed"), rows)


def oldest_first(family: Sequence[Ancestor]) -> list[Ancestor]:
    """Return a family with every picture after its parents.

    Args:
        family: The picture asked for, then its ancestors.

    Returns:
        All of them, ordered by their longest way from a picture without parents.
    """
    by_id = {each.genome.id: each for each in family}
    depths: dict[str, int] = {}
    entered: set[str] = set()
    stack = [each.genome.id for each in reversed(family)]
    while stack:  # no recursion: a run may be thousands of generations deep
        id_ = stack[-1]
        # A family may close in a circle, where a picture was bred twice: it counts once.
        waiting = [p for p in by_id[id_].parents if p in by_id and p not in entered | depths.keys()]
        if id_ in entered or not waiting:
            stack.pop()
            before = [depths[p] for p in by_id[id_].parents if p in depths]
            depths.setdefault(id_, 1 + max(before, default=-1))
        else:
            stack.extend(waiting)
        entered.add(id_)
    return sorted(family, key=lambda each: (depths[each.genome.id], -each.steps))


def _plain(ancestor: Ancestor, origins: Mapping[str, str]) -> Mapping[str, Any]:
    return {
        "genome": ancestor.genome.id,
        "from": origins.get(ancestor.genome.id, ""),
        "parents": list(ancestor.parents),
        "origin": ancestor.origin,
        "mutations": plain_mutations(ancestor.mutations),
        "run": ancestor.run_id,
        "generation": ancestor.generation_id,
        "number": ancestor.number,
        "slot": ancestor.slot,
        "steps": ancestor.steps,
    }
