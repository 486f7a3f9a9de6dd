"""Ask and tell: the one writer of a run's history.

A `Breeder` stands at one grid of one run. It is cheap to make: a page makes one for each tab, so
that two tabs on one run stand where they stand and grow branches of their own.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import chain, count

import numpy as np

from breeder.errors import NotFoundError, SettingsError
from breeder.genome import Genome
from breeder.guidance import Guide
from breeder.history import BreederSettings, Child, Generation, Run
from breeder.offspring import candidate
from breeder.plan import Marks, Plan, as_marks
from breeder.store import Store


class Breeder:
    """Breeds pictures: `ask` for the grid, `tell` which were picked.

    Args:
        settings: What grids are bred with; the defaults of `BreederSettings` if left out.
        seed: Where the run's seed path starts: the same seed and picks give the same children on
            every machine. Random if left out.

    A breeder made this way keeps its run in memory; `Breeder.open` keeps it in a database.

    Attributes:
        bred: Breeds what is planned. A server of many puts one here that has bred ahead.
        guide: Returns what is known of the person, which may guide the next grid; None leaves all
            to the picks.
    """

    def __init__(self, settings: BreederSettings | None = None, *, seed: int | None = None) -> None:
        store = Store.in_memory()
        self._stand(store, store.create_run(name="run", seed=_seed(seed)), settings)

    @classmethod
    def open(
        cls,
        url: str | None = None,
        run: str | None = None,
        settings: BreederSettings | None = None,
        *,
        seed: int | None = None,
    ) -> Breeder:
        """Return a breeder at the grid where a run was left; every step is durable.

        Args:
            url: The database, such as "sqlite:///art.db"; the default one if left out.
            run: The run's name or the start of its identity. A name that is not there yet begins
                a run, and so does leaving it out.
            settings: What the next grids are bred with; those of the grid shown if left out.
            seed: The seed of a run that begins.

        Raises:
            AmbiguousError: Several runs have this name.
            StoreError: The database cannot be used.
        """
        store = Store.open(url)
        if run is None:
            return cls.begin(store, settings=settings, seed=seed)
        try:
            return cls.resume(store, run, settings=settings)
        except NotFoundError:
            found = store.find_or_create_run(name=run, seed=_seed(seed))
            return cls.resume(store, found.id, settings=settings)

    @classmethod
    def resume(cls, store: Store, run: str, *, settings: BreederSettings | None = None) -> Breeder:
        """Return a breeder on a run of an open store.

        Args:
            store: An open store.
            run: The run's name or the start of its identity.
            settings: What the next grids are bred with; those of the grid shown if left out.

        Raises:
            NotFoundError: There is no such run.
            AmbiguousError: Several runs fit.
        """
        breeder = cls.__new__(cls)
        breeder._stand(store, store.run(run), settings)
        return breeder

    @classmethod
    def begin(
        cls,
        store: Store,
        *,
        name: str = "",
        settings: BreederSettings | None = None,
        seed: int | None = None,
        start: Sequence[Genome] = (),
        guide: Guide | None = None,
    ) -> Breeder:
        """Return a breeder on a new run of an open store.

        Args:
            store: An open store.
            name: The run's name; one is made up if empty.
            settings: What grids are bred with.
            seed: Where the seed path starts; random if left out.
            start: Genomes to start from, at most half of a grid: they have the first slots, and
                their children the others.
            guide: What is known of the person, for the first grid.

        Raises:
            SettingsError: There are too many genomes to start from.
        """
        most = cls.most_starts(settings or BreederSettings())
        if len(start) > most:
            raise SettingsError(f"Choose at most {most} pictures to start from, not {len(start)}.")
        chosen = _seed(seed)
        parents = [
            Child(slot=slot, genome=genome, origin="import") for slot, genome in enumerate(start)
        ]
        first = Plan(
            run_id=secrets.token_hex(16),
            run_seed=chosen,
            parents=tuple(parents),
            settings=settings or BreederSettings(),
            shown=as_marks([]),
            guide=guide,
        ).breed()
        run = store.create_run(
            name=name.strip() or _free_name(store, made_up_name(chosen)), seed=chosen, first=first
        )
        return cls.resume(store, run.id, settings=settings)

    @staticmethod
    def most_starts(settings: BreederSettings) -> int:
        """Return how many genomes a run may start from: half of a grid."""
        return max(1, settings.population // 2)

    def _stand(self, store: Store, run: Run, settings: BreederSettings | None) -> None:
        self.store = store
        self.run_id = run.id
        self._seed = run.seed
        self._shown: list[bytes] = []
        self._shown_lock = threading.Lock()
        self.bred: Callable[[Plan], Generation] = Plan.breed
        self.guide: Callable[[], Guide | None] = _nobody
        self._generation = store.current(run.id)
        bred_with = self._generation.settings if self._generation else BreederSettings()
        self.settings = settings or bred_with

    def close(self) -> None:
        """Close the store; a run in memory is gone."""
        self.store.close()

    def __enter__(self) -> Breeder:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def run(self) -> Run:
        """The run as it is now in the store."""
        return self.store.run(self.run_id)

    @property
    def place(self) -> str:
        """The identity of the grid now shown; empty before the first one is bred."""
        return self._generation.id if self._generation else ""

    def ask(self) -> Generation:
        """Return the grid now shown; the first one is bred when it is asked for."""
        return self._generation or self._keep(self._plan(None, [], ()))

    def pick(self, slots: Sequence[int], *, among: Sequence[int] | None = None) -> Generation:
        """Make these slots the selection of the grid shown, durably, and breed nothing.

        Picks that somebody else made in the same grid meanwhile, in another tab say, stay.

        Args:
            slots: The slots that are picked.
            among: The slots that are decided here; others stay as they are stored. If left out,
                these are all that this breeder has seen picked.

        Raises:
            NotFoundError: The grid has no such slot.
        """
        generation = self.ask()
        picked = set(slots)
        decided = picked | set(generation.picks) if among is None else set(among)
        picks = self.store.change_picks(generation.id, add=picked & decided, drop=decided - picked)
        self._generation = replace(generation, picks=picks)
        return self._generation

    def tell(self, picks: Sequence[int], *, among: Sequence[int] | None = None) -> Generation:
        """Pick these slots and return the grid bred from them.

        The picks are committed before anything is bred or drawn.

        Args:
            picks: Slots of the grid shown; none means that nothing was liked, and gives other
                children of the same parents.
            among: The slots that are decided here, as in `pick`.

        Raises:
            NotFoundError: The grid has no such slot.
        """
        self.pick(picks, among=among)
        return self._keep(self.plan(picks))

    def reroll(self) -> Generation:
        """Return other children of the same parents; picks in the grid shown stay as they are."""
        return self._keep(self.plan([]))

    def surprise(self, picks: Sequence[int], *, among: Sequence[int] | None = None) -> Generation:
        """Pick these slots and return a grid of their children unlike all that was seen.

        Without a guide it is the grid that `tell` returns.

        Args:
            picks: Slots of the grid shown; none takes the parents of that grid.
            among: The slots that are decided here, as in `pick`.

        Raises:
            NotFoundError: The grid has no such slot.
        """
        self.pick(picks, among=among)
        return self._keep(self.plan(picks, surprise=True))

    def lead(self, slots: Sequence[int], *, steering: BreederSettings | None = None) -> Generation:
        """Return the grid bred from these slots, chosen by a guide: it is marked as automatic.

        The person's picks in the grid shown stay as they are.

        Args:
            slots: Slots of the grid shown.
            steering: What the guide is asked with, where that is not what the person has set; the
                grid is kept with the person's settings.

        Raises:
            NotFoundError: The grid has no such slot.
        """
        return self._keep(replace(self.plan(slots, automatic=True), steering=steering))

    def adopt(self, slot: int, child: Child) -> Generation:
        """Keep a picture made otherwise as a child of one in the grid shown, and return its grid.

        That grid is bred from the slot as `tell` breeds it; the picture stands behind what is
        carried over. Nothing is picked by it.

        Args:
            slot: The parent's.
            child: The picture, what changed in it, and its origin; its own slot counts for nothing.

        Raises:
            NotFoundError: The grid has no such slot.
            SettingsError: Its network is too large to be bred from.
        """
        return self._keep(replace(self.plan([slot]), adopted=child))

    def plan(
        self, picks: Sequence[int], *, surprise: bool = False, automatic: bool = False
    ) -> Plan:
        """Return what `tell` with these picks would breed now; nothing is written.

        Another thread may ask for it while this breeder works.

        Args:
            picks: Slots of the grid shown; none takes the parents of that grid.
            surprise: Plan what `surprise` would breed.
            automatic: Plan what `lead` would breed.

        Raises:
            NotFoundError: The grid has no such slot.
        """
        generation = self.ask()
        chosen = tuple(sorted(set(picks)))
        for slot in chosen:
            if not 0 <= slot < len(generation.children):
                raise NotFoundError(f"This grid has no slot {slot}.")
        parents = [generation.children[slot] for slot in chosen]
        plan = self._plan(generation, parents or self._parents(generation), chosen)
        return replace(plan, surprise=surprise, automatic=automatic)

    def back(self) -> Generation:
        """Return to the grid this one came from; at a first grid, stay."""
        generation = self.ask()
        return generation if generation.came_from is None else self.go(generation.came_from)

    def forward(self) -> Generation:
        """Return to the grid that was last seen after this one; if there is none, stay."""
        after = self.store.forward_of(self.ask().id)
        return self.ask() if after is None else self.go(after)

    def go(self, generation_id: str) -> Generation:
        """Go to any grid of the run and return it.

        Raises:
            NotFoundError: The run has no such grid.
        """
        leaving = self.ask().id
        self.store.move(self.run_id, generation_id, leaving=leaving)
        self._generation = self.store.generation(generation_id)
        return self._generation

    @classmethod
    def at(cls, store: Store, generation_id: str) -> Breeder:
        """Return a breeder at any grid of any run; the run is left there.

        Raises:
            NotFoundError: There is no such grid, or its run was deleted.
        """
        breeder = cls.resume(store, store.run_of(generation_id))
        breeder.go(generation_id)
        breeder.settings = breeder.ask().settings
        return breeder

    @classmethod
    def beside(cls, store: Store, generation_id: str) -> Breeder:
        """Return a breeder at any grid of any run; the run stays where it was left.

        Raises:
            NotFoundError: There is no such grid, or its run was deleted.
        """
        breeder = cls.resume(store, store.run_of(generation_id))
        breeder._generation = store.generation(generation_id)
        breeder.settings = breeder._generation.settings
        return breeder

    def branch(self, generation_id: str, slots: Sequence[int]) -> Generation:
        """Breed from pictures of any grid of the run, and return the grid that begins a branch.

        As going there and telling these slots, but that other picks of that grid stay.

        Args:
            generation_id: A grid of this run.
            slots: Slots of it, one at least.

        Raises:
            NotFoundError: The run has no such grid, or the grid no such slot.
            SettingsError: No slot was named.
        """
        if not slots:
            raise SettingsError("Choose at least one picture to breed from.")
        there = self.store.generation(generation_id)
        if there.run_id != self.run_id or not set(slots) <= {
            child.slot for child in there.children
        }:
            raise NotFoundError("This run has no such picture to breed from.")
        self.go(generation_id)
        return self.tell(slots, among=slots)

    def breed_again(self, generation: Generation, slot: int) -> Child:
        """Breed a child again from the seed path alone; it is the same to the last bit.

        Args:
            generation: A grid of this run.
            slot: A slot of it.

        Raises:
            NotFoundError: The grid has no such slot.
            SettingsError: The individual was imported, not bred.
        """
        if not 0 <= slot < len(generation.children):
            raise NotFoundError(f"This grid has no slot {slot}.")
        child = generation.children[slot]
        while child.origin == "kept":  # it was bred where it was picked, or kept there too
            generation = self._picked_in(generation)
            child = next(each for each in generation.children if each.genome == child.genome)
        if child.origin == "refined":
            raise SettingsError("A refined picture was not bred.")
        if child.candidate is None:
            raise SettingsError("An imported picture was not bred here.")
        parents = [parent.genome for parent in self._parents(generation)]
        again = candidate(parents, generation.settings, generation.seed, child.candidate)
        return replace(again, slot=slot)

    def _parents(self, generation: Generation) -> list[Child]:
        """Return what a grid was bred from: picks, or the import a run began with, or nothing."""
        while not generation.bred_from and generation.came_from is not None:
            generation = self.store.generation(generation.came_from)
        if generation.came_from is None:
            return [child for child in generation.children if child.origin == "import"]
        before = self.store.generation(generation.came_from)
        return [before.children[slot] for slot in generation.bred_from]

    def _picked_in(self, generation: Generation) -> Generation:
        """Return the grid in which the parents of a grid were picked, or where they began."""
        while generation.came_from is not None:
            is_bred = bool(generation.bred_from)
            generation = self.store.generation(generation.came_from)
            if is_bred:
                break
        return generation

    def _plan(
        self, before: Generation | None, parents: Sequence[Child], picks: tuple[int, ...]
    ) -> Plan:
        return Plan(
            run_id=self.run_id,
            run_seed=self._seed,
            before=before,
            picks=picks,
            times=self.store.count_bred(before.id, picks) if before else 0,
            parents=tuple(parents),
            settings=self.settings,
            shown=self._shown_so_far(),
            guide=self.guide(),
        )

    def _keep(self, plan: Plan) -> Generation:
        """Breed the grid that is planned, keep it, and stand there."""
        generation = self.bred(plan)
        if not self.store.add_generation(generation):
            generation = self.store.generation(generation.id)  # another tab was first
        self._generation = generation
        return generation

    def _shown_so_far(self) -> Marks:
        """Return the fingerprints of all that the run has shown, in every branch and tab."""
        with self._shown_lock:
            self._shown += self.store.fingerprints(self.run_id, after=len(self._shown))
            return as_marks(self._shown)


def made_up_name(seed: int) -> str:
    """Return a name for a run that was given none: two words that a seed draws."""
    rng = np.random.default_rng(seed)
    first, second = (words[int(rng.integers(len(words)))] for words in (_FIRST, _SECOND))
    return f"{first} {second}"


def _free_name(store: Store, name: str) -> str:
    """Return a name that no run has: this one, or with a number."""
    taken = {run.name for run in store.runs()}
    numbered = (f"{name} {number}" for number in count(2))
    return next(free for free in chain([name], numbered) if free not in taken)


# fmt: off
_FIRST = (
    "amber", "azure", "bright", "calm", "coral", "crimson", "drifting", "early",
    "golden", "hidden", "indigo", "jade", "late", "quiet", "rosy", "silver",
    "slow", "still", "violet", "wandering",
)
_SECOND = (
    "bloom", "canyon", "cloud", "comet", "dune", "ember", "fern", "garden",
    "harbour", "horizon", "island", "lantern", "meadow", "moth", "orchard", "owl",
    "reef", "river", "shell", "tide",
)
# fmt: on


def _nobody() -> None:
    """Know nothing of the person."""


def _seed(seed: int | None) -> int:
    if seed is None:
        return secrets.randbits(53)
    if not 0 <= seed < 2**63:
        raise SettingsError(f"The seed must be a whole number from 0 to 2^63 - 1, not {seed}.")
    return seed
