"""The story of a picture: its line of ancestors from a founder to itself, and what changed.

Where a picture has two parents, the line goes on through the first: the one whose form led in the
crossover. The other is named beside it.
"""

from __future__ import annotations

from dataclasses import dataclass

from breeder.genome import Genome
from breeder.history import Origin
from breeder.store import Ancestor, Store

RULE = "Where two were crossed, the story follows the parent whose form led."


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One picture of a story.

    Attributes:
        genome: What it is drawn from.
        changes: What changed from the one before, in plain words; empty for the first.
        others: The identities of parents beside the one before.
        origin: How it came to its slot.
        run_id: The run it was bred in; empty for a picture that was never in a grid.
        generation_id: The grid it was first shown in; likewise.
        number: That grid's number.
        slot: Its place there.
        automatic: Whether the autopilot chose its parents, and not a person.
    """

    genome: Genome
    changes: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    origin: Origin = "import"
    run_id: str = ""
    generation_id: str = ""
    number: int = 0
    slot: int = 0
    automatic: bool = False

    @property
    def title(self) -> str:
        """What the step is called: "Founder", "Generation 12"."""
        if not self.run_id:
            return "Brought in"
        first = {"founder": "Founder", "import": "Brought in"}.get(self.origin)
        return first or f"Generation {self.number}"


def story_of(store: Store, genome_id: str) -> tuple[Step, ...]:
    """Return the story of a picture, the oldest ancestor first and itself last.

    Raises:
        NotFoundError: The genome is not in the database.
    """
    family = {each.genome.id: each for each in store.lineage(genome_id)}
    if genome_id not in family:
        return (Step(genome=store.genome(genome_id)),)
    line: list[Ancestor] = []
    seen: set[str] = set()
    next_id: str | None = genome_id
    while next_id in family and next_id not in seen:  # a family may close in a circle
        seen.add(next_id)
        line.append(family[next_id])
        next_id = next(iter(line[-1].parents), None)
    return tuple(_step(each) for each in reversed(line))


def _step(ancestor: Ancestor) -> Step:
    return Step(
        genome=ancestor.genome,
        changes=tuple(str(mutation) for mutation in ancestor.mutations),
        others=tuple(
            each for each in dict.fromkeys(ancestor.parents[1:]) if each != ancestor.parents[0]
        ),
        origin=ancestor.origin,
        run_id=ancestor.run_id,
        generation_id=ancestor.generation_id,
        number=ancestor.number,
        slot=ancestor.slot,
        automatic=ancestor.automatic,
    )
