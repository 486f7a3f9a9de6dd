"""A grid as a command shows it: as a table, as JSON, as one picture."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from breeder.cli.output import ID_DIGITS, say, say_json, say_table

if TYPE_CHECKING:
    from breeder.evolve.mutation_record import Mutation
    from breeder.history import Generation, Run


def show_grid(run: Run, grid: Generation, *, as_json: bool, sheet: Path | None = None) -> None:
    """Print a grid, and draw it into a file if one is named."""
    if sheet is not None:
        from breeder.cli.sheets import write_sheet

        write_sheet([child.genome for child in grid.children], sheet)
    if as_json:
        say_json({"run": plain_run(run), "generation": plain_grid(grid)})
        return
    say(f"Run {run.name!r} ({run.id[:ID_DIGITS]}), generation {grid.number}: {how_bred(grid)}")
    rows = [
        (child.slot, child.genome.id[:ID_DIGITS], child.origin, in_words(child.mutations))
        for child in grid.children
    ]
    say_table(("slot", "picture", "origin", "what changed"), rows)


def how_bred(grid: Generation) -> str:
    """Return in one line how a grid came about and what was left out."""
    if grid.bred_from:
        slots = ", ".join(map(str, grid.bred_from))
        how = f"bred from slot{'s' if len(grid.bred_from) > 1 else ''} {slots}"
    elif grid.came_from is not None:
        how = "other children of the same parents"
    elif any(child.origin == "import" for child in grid.children):
        how = "the start and its children"
    else:
        how = "fresh founders"
    how += _guided(grid)
    screening = grid.screening
    if not screening.dropped:
        return f"{how}."
    return (
        f"{how}; of {screening.proposed} proposed, {screening.dropped} were left out "
        f"({screening.dull} dull, {screening.repeats} repeats, {screening.strangers} unrelated)."
    )


def _guided(grid: Generation) -> str:
    guidance = grid.guidance
    count = sum(child.origin == "guided" for child in grid.children)
    if guidance is None or not count:
        return ""
    why = "chosen by your taste" if guidance.kind == "taste" else "unlike what you have seen"
    return f"; {count} {why}"


def in_words(mutations: Sequence[Mutation]) -> str:
    """Return what changed, in plain words."""
    return "; ".join(map(str, mutations))


def plain_run(run: Run) -> dict[str, Any]:
    """Return a run as JSON has it."""
    return {
        "id": run.id,
        "name": run.name,
        "seed": run.seed,
        "generations": run.generations,
        "current": run.current,
        "thumbnail": run.thumbnail,
        "created_at": run.created_at.isoformat(),
        "updated_at": run.updated_at.isoformat(),
    }


def plain_grid(grid: Generation) -> dict[str, Any]:
    """Return a grid as JSON has it; genomes are named by their identities."""
    from dataclasses import asdict

    return {
        "id": grid.id,
        "number": grid.number,
        "came_from": grid.came_from,
        "bred_from": list(grid.bred_from),
        "picks": list(grid.picks),
        "seed": grid.seed,
        "settings": grid.settings.to_plain(),
        "screening": asdict(grid.screening),
        "guidance": grid.guidance.to_plain() if grid.guidance else None,
        "created_at": grid.created_at.isoformat(),
        "children": [
            {
                "slot": child.slot,
                "genome": child.genome.id,
                "origin": child.origin,
                "parents": [parent.id for parent in child.parents],
                "mutations": plain_mutations(child.mutations),
                "candidate": child.candidate,
            }
            for child in grid.children
        ],
    }


def plain_mutations(mutations: Sequence[Mutation]) -> list[dict[str, Any]]:
    """Return mutations as JSON has them: what they are, and the same in words."""
    from breeder.store.records import mutation_to_plain

    return [{**mutation_to_plain(each), "words": str(each)} for each in mutations]
