"""The values of a person's breeding history: settings, children, generations, runs, favourites.

A run is one person's breeding history. Its generations form a tree: each knows the grid it came
from and which of that grid's pictures were picked. Nothing here draws or stores.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime
from typing import Any, Literal, get_args

from breeder.errors import SettingsError
from breeder.evolve.mutation import Focus
from breeder.evolve.mutation_record import Mutation
from breeder.genome import Genome

FOCUSES: tuple[Focus, ...] = get_args(Focus)

Origin = Literal["founder", "import", "kept", "child", "wild", "guided", "refined"]
"""How an individual came to its slot: `kept` is a pick carried over unchanged, `wild` a child bred
far bolder than the strength asks for, `guided` a child chosen among hundreds by a guide, `refined`
its parent with weights moved towards a taste."""
ORIGINS: tuple[Origin, ...] = get_args(Origin)

GuidanceKind = Literal["taste", "novelty", "surprise", "refine"]
"""What guided a grid: what the person likes, the dial towards the new, the wish to be surprised, or
a taste's gradient."""

MAX_POPULATION = 64


_SHARES = {"strength": "strength", "unguided": "unguided share", "novelty": "novelty"}


@dataclass(frozen=True, slots=True, kw_only=True)
class BreederSettings:
    """What a grid is bred with; stored with every generation.

    Attributes:
        population: Pictures in a grid, 1 to 64.
        strength: How far children move from their parents, 0 (hardly visible) to 1 (wild).
        focus: What may change: "structure" is the form, "color" the colouring, or "both".
        color: Whether founders are in colour; False founds in grey.
        carry_over: Whether picks stay, unchanged, in the next grid.
        screening: Whether dull, repeated and unrelated children are left out.
        guided: Whether children are chosen by what the person's picks have taught, where they have.
        unguided: The share of a guided grid's new children that is chosen without it, 0 to 1.
        novelty: How much a guided choice looks for what was not seen before: 0 is more of this, 1
            something else.

    Raises:
        SettingsError: A value is outside its range.
    """

    population: int = 15
    strength: float = 0.5
    focus: Focus = "both"
    color: bool = True
    carry_over: bool = True
    screening: bool = True
    guided: bool = True
    unguided: float = 1 / 3
    novelty: float = 0.0

    def __post_init__(self) -> None:
        if self.population not in range(1, MAX_POPULATION + 1):
            raise SettingsError(
                f"The population must be a whole number from 1 to {MAX_POPULATION}, "
                f"not {self.population}."
            )
        for name in ("strength", "unguided", "novelty"):
            if not 0.0 <= getattr(self, name) <= 1.0:
                raise SettingsError(
                    f"The {_SHARES[name]} must be 0 to 1, but is {getattr(self, name)}."
                )
        if self.focus not in FOCUSES:
            raise SettingsError(
                f"The focus must be one of {', '.join(FOCUSES)}, but is {self.focus!r}."
            )

    def to_plain(self) -> dict[str, Any]:
        """Return the settings as a plain dictionary."""
        return asdict(self)

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> BreederSettings:
        """Return settings from a plain dictionary, leaving out names it does not know."""
        known = {field.name for field in fields(cls)}
        return cls(**{name: value for name, value in plain.items() if name in known})


@dataclass(frozen=True, slots=True, kw_only=True)
class Child:
    """An individual: a genome in a slot of a generation.

    Attributes:
        slot: Its place in the grid, from 0.
        genome: What it is drawn from.
        parents: The genomes it came from: none for a founder or an import.
        mutations: What changed on the way, in order; `str()` of each says it in plain words.
        origin: How it came to its slot.
        candidate: Its place on the seed path of the generation it was bred in, from which it can
            be bred again; None for an individual that was not bred: an import.
    """

    slot: int
    genome: Genome
    parents: tuple[Genome, ...] = ()
    mutations: tuple[Mutation, ...] = ()
    origin: Origin = "child"
    candidate: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Screening:
    """How many candidates were proposed for a grid, and how many were left out, and why."""

    proposed: int = 0
    dull: int = 0
    repeats: int = 0
    strangers: int = 0

    @property
    def dropped(self) -> int:
        """Candidates left out for any reason."""
        return self.dull + self.repeats + self.strangers


@dataclass(frozen=True, slots=True, kw_only=True)
class Guidance:
    """What a grid was guided by, beside its parents; stored with it.

    Attributes:
        kind: What guided it.
        automatic: Whether its parents were chosen by a guide too, and not picked by a person.
        choices: How many of the person's choices had been learnt from.
        accuracy: How often the next choice had been foretold, 0.5 being chance.
        reasons: Why children were chosen, in plain words, by slot; only of those that were guided.
    """

    kind: GuidanceKind
    automatic: bool = False
    choices: int = 0
    accuracy: float = 0.5
    reasons: Mapping[int, tuple[str, ...]] = field(default_factory=dict)

    def to_plain(self) -> dict[str, Any]:
        """Return it as a plain dictionary, for JSON."""
        reasons = {str(slot): list(words) for slot, words in self.reasons.items()}
        return {
            "kind": self.kind,
            "automatic": self.automatic,
            "choices": self.choices,
            "accuracy": round(self.accuracy, 4),
            "reasons": reasons,
        }

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Guidance:
        """Return it from a plain dictionary."""
        reasons = {int(slot): tuple(words) for slot, words in plain.get("reasons", {}).items()}
        return cls(
            kind=plain["kind"],
            automatic=bool(plain.get("automatic")),
            choices=int(plain.get("choices", 0)),
            accuracy=float(plain.get("accuracy", 0.5)),
            reasons=reasons,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Generation:
    """One grid: a node of a run's tree.

    Attributes:
        id: Its identity: 32 hexadecimal digits, derived from the run and the seed path.
        run_id: The run it belongs to.
        number: How many steps it lies from the run's first grid, which has 0.
        came_from: The id of the grid shown before it; None for a first grid.
        bred_from: The slots of that grid which were picked; empty where nothing was liked.
        seed: Its place on the seed path, 32 hexadecimal digits: every random choice in the grid
            follows from it.
        settings: What it was bred with.
        children: Its individuals, by slot.
        picks: The slots now picked in it, ascending.
        screening: What was left out when it was bred.
        fingerprints: Small drawings of its children, so that later grids do not repeat them:
            `len(children)` records of equal length.
        created_at: When, in UTC.
        guidance: What guided it; None where its parents alone did.
    """

    id: str
    run_id: str
    number: int
    came_from: str | None
    bred_from: tuple[int, ...]
    seed: str
    settings: BreederSettings
    children: tuple[Child, ...]
    picks: tuple[int, ...]
    screening: Screening
    fingerprints: bytes
    created_at: datetime
    guidance: Guidance | None = None

    @property
    def automatic(self) -> bool:
        """Whether a guide chose its parents, and not a person."""
        return self.guidance is not None and self.guidance.automatic


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A run as lists show it.

    Attributes:
        id: Its identity, 32 hexadecimal digits.
        name: As the person named it.
        seed: Where its seed path starts.
        generations: How many grids its tree holds.
        current: The id of the grid it was left at; None before the first.
        thumbnail: The identity of a genome that stands for it: the last pick, else the first tile.
        created_at: When it began, in UTC.
        updated_at: When it last changed, in UTC.
        deleted_at: When it was deleted, in UTC; None for one that is there.
    """

    id: str
    name: str
    seed: int
    generations: int
    current: str | None
    thumbnail: str | None
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Favourite:
    """A picture kept with a title.

    Attributes:
        genome: The picture's genome.
        title: As the person named it; may be empty.
        run_id: The run it was found in; None once that run is gone, or for an import.
        run_name: That run's name.
        created_at: When it was kept, in UTC.
    """

    genome: Genome
    title: str
    run_id: str | None
    run_name: str | None
    created_at: datetime
