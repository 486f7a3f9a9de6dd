"""Which two pictures to compare next: the two whose answer teaches most about a person's taste.

An answer's worth is what it is expected to settle (the mutual information of answer and taste;
Houlsby et al. 2011): two pictures that the taste is unsure about, not two that are both unknown
and both alike. The two are never twins, and were never compared before.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from breeder.evolve.founders import founder
from breeder.genome import Genome
from breeder.history import BreederSettings
from breeder.looks import Looks, distances, draw_small, liveliness, look_at
from breeder.offspring import PROPOSALS, candidate
from breeder.store import Store
from breeder.taste.embedding import Look
from breeder.taste.facts import Facts
from breeder.taste.features import FEATURES, features_of, true_words
from breeder.taste.model import Floats, Taste, expand

FRESH: Final = 14
"""Founders among the candidates: what the person has not come upon yet."""

BRED: Final = 28
"""Children of what was picked lately, bred for the comparison alone: where a taste is used."""

RECENT: Final = 20
"""Pictures of the grids that were picked in lately."""

KEPT: Final = 14
"""Pictures of the gallery."""

LEAST: Final = 48
"""Candidates at least: where little was picked, more of them are founders."""

LATELY: Final = 8
"""Choices that count as made lately."""

LARGE: Final = 1_500
"""Genes from which breeding a child takes too long for a comparison."""

APART: Final = 0.06
"""Closer than this (see `looks.distances`), two pictures are hardly told apart."""

TIRED: Final = 0.3
"""The share of candidates with least to see that are not asked about: nobody breeds from them, and
their oddness alone would make them the ones that are known least."""

BEST: Final = 5
"""Of so many best pairs one is taken, so that the pairs vary."""

LEAST_WORDS: Final = 0.8
"""Standard deviations from the usual from which on a feature is said of a picture."""

_KNOTS, _SHARES = np.polynomial.hermite_e.hermegauss(12)
_SHARES = _SHARES / _SHARES.sum()
_FORM = frozenset({"palette", "layout", "edge layout"})

Key = frozenset[str]
"""The identities of two genomes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two pictures to compare.

    Attributes:
        left: One.
        right: The other.
        expected: How likely the left one is preferred, 0 to 1, as far as is known before.
        gain: What the answer is expected to tell, in nats: 0 to 0.69.
        words: What each looks like, in a few plain words, for those who cannot see it.
    """

    left: Genome
    right: Genome
    expected: float
    gain: float
    words: tuple[str, str]

    @property
    def key(self) -> Key:
        """Equal for equal pairs, whichever is on the left."""
        return frozenset({self.left.id, self.right.id})


def informative_pair(
    genomes: Sequence[Genome],
    taste: Taste,
    *,
    rng: np.random.Generator,
    look: Look = features_of,
    asked: Collection[Key] = (),
    resting: Collection[str] = (),
) -> Pair | None:
    """Return the two of some pictures whose comparison is expected to teach most, or nearly so.

    Args:
        genomes: The candidates; dull ones are left out, and those with least to see.
        taste: What is known of the person.
        rng: Chooses among the best pairs, and which one is on the left.
        look: Turns drawings into the features that the taste was learnt from.
        asked: Pairs that were compared before, which are not compared again.
        resting: Pictures that were shown a moment ago, by their genomes' identities.

    Returns:
        None where no two differ enough.
    """
    distinct = {genome.id: genome for genome in genomes if genome.id not in resting}
    drawings = draw_small(list(distinct.values()))
    looks = look_at(drawings)
    lively = _lively(looks)
    pool = [list(distinct.values())[place] for place in lively]
    if len(pool) < 2:
        return None
    rows = look(drawings[lively])
    fit = distances(looks.lab[lively], looks.lab[lively]) >= APART
    places = {genome.id: place for place, genome in enumerate(pool)}
    for key in asked:
        known = [places[id_] for id_ in key if id_ in places]
        fit[np.ix_(known, known)] = False
    found = best_pair(taste, rows, fit, rng)
    if found is None:
        return None
    left, right, gain, expected = found
    return Pair(
        left=pool[left],
        right=pool[right],
        expected=expected,
        gain=gain,
        words=(in_words(rows[left]), in_words(rows[right])),
    )


def best_pair(
    taste: Taste, features: Floats, fit: NDArray[np.bool_], rng: np.random.Generator
) -> tuple[int, int, float, float] | None:
    """Return one of the pairs whose comparison is expected to teach most.

    Args:
        taste: What is known of the person.
        features: Of the candidates, shape (n, F).
        fit: Which may be compared, bool, shape (n, n), symmetric.
        rng: Chooses among the best, and which one is on the left.

    Returns:
        The places of the left one and of the right one, the gain in nats, and the chance that the
        left one is preferred; None where none may be compared.
    """
    one, other = np.nonzero(np.triu(fit, 1))
    if not len(one):
        return None
    gain, expected = gains(*differences(taste, features, one, other))
    # Rounded: the last bits of matrix products differ from machine to machine.
    best = np.argsort(-np.round(gain, 6), kind="stable")[:BEST]
    chosen = best[rng.integers(len(best))]
    left, right, likely = int(one[chosen]), int(other[chosen]), float(expected[chosen])
    if rng.random() < 0.5:
        left, right, likely = right, left, 1.0 - likely
    return left, right, float(gain[chosen]), likely


def differences(
    taste: Taste, features: Floats, one: NDArray[np.intp], other: NDArray[np.intp]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return by how much pictures are liked more than others, and how unsure that is.

    Both pictures of a pair share most of what is unknown of the taste, so that the doubt about
    their difference is less than that about each.

    Args:
        taste: What is known of the person.
        features: shape (n, F).
        one: Places in it, shape (P,).
        other: The places of those they are compared with.

    Returns:
        Two arrays of shape (P,): the expected difference of scores, and its standard deviation.
    """
    rows = expand(features)
    score = (rows @ taste.weights).astype(np.float64)
    half = rows.astype(np.float64) @ taste.root.T
    shared = half @ half.T
    own = np.diag(shared)
    variance = own[one] + own[other] - 2.0 * shared[one, other]
    return score[one] - score[other], np.sqrt(np.maximum(variance, 0.0))


def gains(
    mean: NDArray[np.float64], spread: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return what the answers to comparisons are expected to tell, and what they may be.

    Args:
        mean: The expected difference of the two scores, shape (P,).
        spread: Its standard deviation.

    Returns:
        Two arrays of shape (P,): nats, and the chance that the first picture is preferred.
    """
    likely = 1.0 / (1.0 + np.exp(-(mean[:, None] + spread[:, None] * _KNOTS)))
    expected = likely @ _SHARES
    return _doubt(expected) - _doubt(likely) @ _SHARES, expected


def _lively(looks: Looks) -> NDArray[np.intp]:
    """Return the places of pictures in which there is something to see."""
    places = np.flatnonzero(~looks.dull)
    order = np.argsort(liveliness(looks.lab[places]), kind="stable")
    return np.asarray(np.sort(places[order[int(TIRED * len(places)) :]]))


def _doubt(chance: NDArray[np.float64]) -> NDArray[np.float64]:
    sure = np.clip(chance, 1e-9, 1.0 - 1e-9)
    return np.asarray(-(sure * np.log(sure) + (1.0 - sure) * np.log(1.0 - sure)))


def in_words(features: Floats, most: int = 3) -> str:
    """Return what is unusual about a picture in a few plain words, the most unusual first."""
    found: list[str] = []
    groups: list[str] = []
    true = true_words(features)
    for place in np.argsort(-np.abs(features[: len(FEATURES)]), kind="stable"):
        feature, number = FEATURES[place], float(features[place])
        word = feature.more if number > 0 else feature.less
        if abs(number) < LEAST_WORDS or len(found) == most:
            break
        if not true[number <= 0][place]:
            continue
        if word and feature.group not in _FORM and groups.count(feature.group) < most - 1:
            found.append(word)
            groups.append(feature.group)
    return ", ".join(found)


def candidates(store: Store, facts: Facts, rng: np.random.Generator) -> list[Genome]:
    """Return pictures worth comparing: new ones, children of recent picks, and known ones.

    Args:
        store: Where the known ones are.
        facts: What the person chose.
        rng: Everything random follows from it.
    """
    lately = facts.choices[-LATELY:]
    shown = _some(rng, dict.fromkeys(id_ for each in lately for id_ in each.genome_ids), RECENT)
    picked = [[each.genome_ids[slot] for slot in each.picked] for each in lately]
    kept = _some(rng, store.favourite_ids(), KEPT)
    wanted = dict.fromkeys([*shown, *kept, *(id_ for ids in picked for id_ in ids)])
    known = {genome.id: genome for genome in store.genomes(list(wanted))}
    found = [known[id_] for id_ in dict.fromkeys([*shown, *kept])]
    found += _children(rng, [[known[id_] for id_ in ids] for ids in picked], BRED)
    return [*found, *(founder(rng=rng) for _ in range(max(FRESH, LEAST - len(found))))]


def _children(
    rng: np.random.Generator, families: Sequence[Sequence[Genome]], count: int
) -> list[Genome]:
    settings = BreederSettings()
    small = [family for family in families if max(map(_genes, family)) <= LARGE]
    if not small:
        return []
    found = []
    for _ in range(count):
        # The newest families twice as often as the oldest.
        family = small[int(len(small) * math.sqrt(rng.random()))]
        index = int(rng.integers(settings.population * PROPOSALS))
        seed = f"{int(rng.integers(2**62)):x}"
        found.append(candidate(family, settings, seed, index).genome)
    return found


def _genes(genome: Genome) -> int:
    return len(genome.nodes) + len(genome.connections)


def _some(rng: np.random.Generator, ids: Collection[str], count: int) -> list[str]:
    every = list(ids)
    return [every[place] for place in rng.permutation(len(every))[:count]]
