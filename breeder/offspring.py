"""Breeds a grid: proposes many children, screens them, and chooses which are shown.

Dull, repeated and unrelated ones are left out; the rest is a varied ladder from careful to bold.
Everything follows from (parents, settings, seed, what was shown): no global state, no clock.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from breeder.errors import SettingsError
from breeder.evolve.crossover import crossover
from breeder.evolve.founders import founder
from breeder.evolve.mutation import mutate
from breeder.evolve.mutation_record import Mutation
from breeder.genome import Genome
from breeder.guidance import TWIN, Aim, choose_worthy, worth
from breeder.history import BreederSettings, Child, Origin, Screening
from breeder.looks import distances, draw_small, join, likeness, liveliness, look_at, nearest_shown

PROPOSALS = 8
"""Candidates bred for each tile that is shown."""

FOUNDER_PROPOSALS = 16
"""The same for a first grid, where there is no likeness to keep and first sight counts."""

GUIDED_ROUNDS = 2
"""How many times as many candidates are bred where a guide chooses among them."""

WILD_SHARE = 0.15
"""The share of tiles, at strength 1, that are bred far bolder than the strength asks for."""

CROSSOVER_SHARE = 0.6
"""How often a child of several picks has two parents."""

COPY = 0.012
"""Closer than this to a parent (see `looks.distances`), a child is a copy."""

SHOWN = 2.5
"""Closer than this to a picture of this run (see `looks.nearest_shown`), a child is a repeat."""

KIN = 0.5
"""Less alike than this to every parent (see `looks.likeness`), a child is a stranger."""

VARIETY = 1.0
"""What a place far from the chosen is worth, against one rung missed by a factor of e."""

NEAR = 0.05
"""Closer than this to a parent (see `looks.distances`), a child is no stranger, however fine the
pattern that the cells of a correlation cannot see."""

GENES_AT_ONCE = 100_000
"""Genes of all candidates of a round together, half a second's work: more are not proposed."""

MOST_GENES = 12_000
"""The largest network that is bred: every grid of a larger one would take many seconds."""

ROUNDS = 3
"""How often candidates are proposed, as long as too few are left to fill the grid."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Brood:
    """A grid as bred: its children, what was left out, its fingerprints, and why some were chosen.

    The reasons are a guide's, in plain words, by slot.
    """

    children: tuple[Child, ...]
    screening: Screening
    fingerprints: bytes
    reasons: Mapping[int, tuple[str, ...]]


def breed(
    parents: Sequence[Child],
    settings: BreederSettings,
    seed: str,
    *,
    shown: NDArray[np.uint8],
    keep: int | None = None,
    aim: Aim | None = None,
    between: Callable[[], object] | None = None,
) -> Brood:
    """Return the next grid.

    Args:
        parents: The picks; none founds a first grid.
        settings: Size, strength, focus and so on.
        seed: The generation's place on the seed path, hexadecimal.
        shown: Fingerprints of what the run has shown, uint8, shape (S, FINGERPRINT_BYTES).
        keep: How many picks may stay; half of the grid if None, or none without `carry_over`.
        aim: What a guide is asked for; None leaves all to the parents.
        between: Called between candidates; what it raises ends the breeding.

    Raises:
        SettingsError: A parent has more than MOST_GENES genes.

    Returns:
        `settings.population` children: the picks that are carried over, then those that a guide
        chose, the best first, then the others from careful to bold.
    """
    largest = max((_size(parent.genome) for parent in parents), default=0)
    if largest > MOST_GENES:
        raise SettingsError(
            f"This network has {largest:,} nodes and connections; breeding takes up to "
            f"{MOST_GENES:,}. It can still be kept, drawn and exported."
        )
    if keep is None:
        keep = settings.population // 2 if settings.carry_over else 0
    kept = _kept(parents, keep)
    genomes = [parent.genome for parent in parents]
    wanted = settings.population - len(kept)
    pool = _Pool(genomes, settings, seed, wanted, shown, between or _nothing)
    guided, chosen = pool.choose_guided(aim) if aim else ([], pool.choose())
    led = [replace(pool.children[index], origin="guided") for index in guided]
    bred = [*kept, *led, *(pool.children[index] for index in chosen)]
    places = range(len(kept), len(kept) + len(guided))
    reasons = zip(places, pool.reasons(aim, guided), strict=True) if aim and guided else ()
    marks = [look_at(draw_small([child.genome for child in kept])).fingerprints]
    marks.append(pool.looks.fingerprints[[*guided, *chosen]])
    return Brood(
        children=tuple(replace(child, slot=slot) for slot, child in enumerate(bred)),
        screening=pool.screening,
        fingerprints=np.concatenate(marks).tobytes(),
        reasons=dict(reasons),
    )


def with_adopted(brood: Brood, child: Child) -> Brood:
    """Return a grid with a picture made otherwise behind what is carried over.

    The last child gives way to it, and to the last place goes the one whose place it takes.
    """
    children, reasons = list(brood.children), dict(brood.reasons)
    marks = bytearray(brood.fingerprints)
    size, last = len(marks) // len(children), len(children) - 1
    place = min(sum(each.origin == "kept" for each in children), last)
    moved = children[place]
    children[last] = replace(moved, slot=last)
    marks[last * size :] = marks[place * size : (place + 1) * size]
    reasons.pop(last, None)
    if place in reasons:
        reasons[last] = reasons.pop(place)
    children[place] = replace(child, slot=place)
    mark = look_at(draw_small([child.genome])).fingerprints.tobytes()
    marks[place * size : (place + 1) * size] = mark
    return replace(brood, children=tuple(children), fingerprints=bytes(marks), reasons=reasons)


def candidate(parents: Sequence[Genome], settings: BreederSettings, seed: str, index: int) -> Child:
    """Return one candidate of a grid; the same arguments give the same child on every machine.

    Args:
        parents: The picks' genomes; none makes a founder.
        settings: Strength, focus, colour, and the size of the grid.
        seed: The generation's place on the seed path, hexadecimal.
        index: The candidate's number; boldness grows with it.

    Returns:
        The child, its slot left at 0.
    """
    rng = np.random.default_rng([int(seed, 16), index])
    if not parents:
        genome = founder(color=settings.color, rng=rng)
        return Child(slot=0, genome=genome, origin="founder", candidate=index)
    strength, origin = _boldness(settings, index)
    first = parents[index % len(parents)]
    family: tuple[Genome, ...] = (first,)
    genome, records = first, tuple[Mutation, ...]()
    others = [parent for parent in parents if parent != first]
    # Crossing mixes both: where the form is held only colour is crossed, where colour is, nothing.
    crosses = others and settings.focus != "structure" and rng.random() < CROSSOVER_SHARE
    if crosses:
        second = others[int(rng.integers(len(others)))]
        genome, records = crossover(first, second, rng=rng, color_only=settings.focus == "color")
        family = (first, second)
        strength *= 0.6  # crossing has moved it already
    add_color = settings.color and genome.color == "grey" and settings.focus != "structure"
    genome, changes = mutate(
        genome,
        strength=strength,
        focus=settings.focus,
        add_color=add_color and (settings.focus == "color" or rng.random() < 0.3),
        rng=rng,
    )
    return Child(
        slot=0,
        genome=genome,
        parents=family,
        mutations=(*records, *changes),
        origin=origin,
        candidate=index,
    )


def _boldness(settings: BreederSettings, index: int) -> tuple[float, Origin]:
    """Return the strength of a candidate, and whether it is a wild one.

    In each round, candidates climb from a fifth of the asked strength to a little over it; the
    last of a round are wild.
    """
    count = settings.population * PROPOSALS
    wild = round(count * WILD_SHARE * settings.strength)
    step = index % count
    if step >= count - wild:
        return min(1.0, settings.strength + 0.5), "wild"
    climb = step / max(1, count - wild - 1)
    return min(1.0, settings.strength * (0.2 + climb) + 0.05 * climb), "child"


def _kept(parents: Sequence[Child], places: int) -> list[Child]:
    """Return the picks that stay, each picture once."""
    distinct = {parent.genome.id: parent for parent in parents}
    return [replace(parent, origin="kept") for parent in list(distinct.values())[:places]]


def _nothing() -> None:
    pass


def _spread(count: int, wanted: int) -> list[int]:
    """Return some of `count` places, evenly spread from the first to the last."""
    return [int(place) for place in np.linspace(0, count - 1, max(wanted, 0)).round()]


def _size(genome: Genome) -> int:
    return len(genome.nodes) + len(genome.connections)


class _Pool:
    """The candidates of one grid, how they look, and which of them may be shown."""

    def __init__(
        self,
        parents: Sequence[Genome],
        settings: BreederSettings,
        seed: str,
        wanted: int,
        shown: NDArray[np.uint8],
        between: Callable[[], object],
    ) -> None:
        self._parents = parents
        self._settings = settings
        self._seed = seed
        self._wanted = wanted
        self._shown = shown
        self._between = between
        self._family = look_at(draw_small(parents)).lab
        self.children: list[Child] = []
        self.drawings = draw_small([])
        self.looks = look_at(self.drawings)
        self.screening = Screening()
        self._gaps = np.empty((0, 0), dtype=np.float32)
        self._rounds = 0

    def choose(self) -> list[int]:
        """Propose, screen and choose; return the chosen candidates in the order shown."""
        if not self._settings.screening:
            # Every eighth of the ladder, so that unscreened grids climb from careful to bold too.
            self._propose(range(0, self._wanted * PROPOSALS, PROPOSALS))
            self.screening = Screening(proposed=self._wanted)
            return list(range(self._wanted))
        for turn in range(ROUNDS if self._stride == 1 else 1):
            self._propose_round(turn)
            fit, spare = self._screen()
            chosen = self._ladder(fit) if self._parents else self._varied(fit)
            if len(chosen) == self._wanted:
                return chosen
        # A last resort, such as a parent whose every child is dull: twins, then what is least bad.
        rest = [int(index) for index in (*fit, *spare) if index not in chosen]
        return [*chosen, *rest][: self._wanted]

    def choose_guided(self, aim: Aim) -> tuple[list[int], list[int]]:
        """Return the candidates that an aim chooses, the best first, and those it does not.

        The others are some of those that would be shown without it.
        """
        ladder = self.choose()
        count = self._wanted - round(self._wanted * aim.unguided)
        unled = [ladder[place] for place in _spread(len(ladder), len(ladder) - count)]
        for turn in range(self._rounds, GUIDED_ROUNDS if self._stride == 1 else 1):
            self._propose_round(turn)
        if self._settings.screening:
            fit = self._screen()[0].tolist()
        else:
            fit = list(range(len(self.children)))
            self.screening = Screening(proposed=len(fit))
        places = sorted({*fit, *unled})
        looks = self.looks.at(places)
        value = worth(aim, self.drawings[places], looks)
        beside = [places.index(index) for index in unled]
        pool = [place for place in range(len(places)) if place not in beside]
        guided = [places[each] for each in choose_worthy(value, looks, pool, count, beside=beside)]
        rest = [index for index in ladder if index not in guided and index not in unled]
        missing = self._wanted - len(guided) - len(unled)
        return guided, [index for index in ladder if index in unled or index in rest[:missing]]

    def reasons(self, aim: Aim, chosen: list[int]) -> list[tuple[str, ...]]:
        """Return why an aim chose candidates, in plain words."""
        if not aim.liking:
            return [()] * len(chosen)
        return aim.guide.reasons(self.drawings, chosen)

    @property
    def _stride(self) -> int:
        """Of large networks only every so many candidates are bred, so that a grid stays prompt."""
        genes = max((_size(parent) for parent in self._parents), default=0)
        return min(PROPOSALS, 1 + self._proposals * genes // GENES_AT_ONCE)

    @property
    def _proposals(self) -> int:
        return self._settings.population * (PROPOSALS if self._parents else FOUNDER_PROPOSALS)

    def _propose_round(self, turn: int) -> None:
        proposals = self._proposals
        self._propose(range(turn * proposals, (turn + 1) * proposals, self._stride))
        self._rounds = turn + 1

    def _propose(self, indices: range) -> None:
        fresh = []
        known = {child.candidate for child in self.children}
        for index in indices:
            if index in known:
                continue
            self._between()
            fresh.append(candidate(self._parents, self._settings, self._seed, index))
        self.children += fresh
        drawings = draw_small([child.genome for child in fresh])
        self.drawings = np.concatenate([self.drawings, drawings])
        self.looks = join(self.looks, look_at(drawings))
        self._gaps = distances(self.looks.lab, self.looks.lab)

    def _screen(self) -> tuple[NDArray[np.intp], list[int]]:
        """Return the candidates fit to be shown, and the others, the best of them first."""
        dull = self.looks.dull
        repeat = nearest_shown(self.looks.fingerprints, self._shown) < SHOWN
        stranger = np.zeros(len(self.children), dtype=bool)
        copy = stranger.copy()
        if self._parents:
            away = distances(self.looks.lab, self._family).min(axis=1)
            copy = away < COPY
            kin = likeness(self.looks.lab, self._family).max(axis=1)
            wild = np.array([child.origin == "wild" for child in self.children])
            stranger = (kin < np.where(wild, KIN * 0.7, KIN)) & (away > NEAR)
        repeat |= copy
        self.screening = Screening(
            proposed=len(self.children),
            dull=int(dull.sum()),
            repeats=int((repeat & ~dull).sum()),
            strangers=int((stranger & ~repeat & ~dull).sum()),
        )
        faults = 1 * stranger + 2 * repeat + 3 * copy + 4 * dull
        order = np.argsort(faults, kind="stable")
        return np.flatnonzero(faults == 0), [int(index) for index in order if faults[index]]

    def _ladder(self, fit: NDArray[np.intp]) -> list[int]:
        """Choose children at rising distances from their parents, then the wild ones."""
        origins = np.array([self.children[index].origin for index in fit])
        tame, wild = fit[origins == "child"], fit[origins == "wild"]
        places = min(round(self._wanted * WILD_SHARE * self._settings.strength), len(wild))
        chosen: list[int] = []
        away = distances(self.looks.lab, self._family).min(axis=1)
        top = 0.05 + 0.45 * self._settings.strength
        for rung in np.linspace(0.3 * top, top, self._wanted - places):
            cost = np.abs(np.log(away[tame] / rung)) + self._crowding(tame, chosen)
            self._take(chosen, tame, cost)
        chosen.sort(key=lambda index: float(away[index]))
        for _ in range(places):
            self._take(chosen, wild, np.zeros(len(wild)))
        return chosen

    def _crowding(self, pool: NDArray[np.intp], chosen: list[int]) -> NDArray[np.float64]:
        """Return how many of the chosen have the same first parent as each of a pool, halved.

        Without it the parent whose children suit the ladder best fills the grid.
        """
        seen = Counter(self.children[index].parents[0].id for index in chosen)
        return np.array([0.5 * seen[self.children[index].parents[0].id] for index in pool])

    def _varied(self, fit: NDArray[np.intp]) -> list[int]:
        """Choose founders as far from each other as they come, lively ones first."""
        chosen: list[int] = []
        cost = -1.5 * liveliness(self.looks.lab[fit])
        for _ in range(self._wanted):
            self._take(chosen, fit, cost)
        return chosen

    def _take(self, chosen: list[int], pool: NDArray[np.intp], cost: NDArray[np.floating]) -> None:
        """Add the cheapest of a pool that is no twin of the chosen; far from them is cheaper."""
        if not len(pool):
            return
        apart = np.full(len(pool), 1.0)
        if chosen:
            apart = self._gaps[pool][:, chosen].min(axis=1)
        cost = np.where(apart < TWIN, np.inf, cost - VARIETY * np.minimum(apart, 0.25) / 0.25)
        best = int(np.argmin(cost))
        if np.isfinite(cost[best]):
            chosen.append(int(pool[best]))
