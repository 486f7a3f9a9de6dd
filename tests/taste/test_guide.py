"""A guide is a value: what it judges by is in its key, and its words are about its drawings."""

from dataclasses import replace

import numpy as np
import pytest

from breeder.looks import FINGERPRINT_BYTES, draw_small
from breeder.taste.features import features_of
from breeder.taste.guide import TasteGuide
from breeder.taste.model import Choice, learn
from breeder.taste.trial import Trial
from tests.genomes import random_genome

NOTHING = np.empty((0, FINGERPRINT_BYTES), np.uint8)
DRAWINGS = draw_small([random_genome(seed) for seed in range(8)])
ROWS = features_of(DRAWINGS)

pytestmark = pytest.mark.usefixtures("one_thread")


def guide(picked: int = 2, evidence: float = 5.0, count: int = 4) -> TasteGuide:
    told = [Choice(features=ROWS, picked=np.arange(8) == picked)] * count
    return TasteGuide(taste=learn(told), trial=Trial(evidence=evidence), seen=NOTHING)


def test_guides_share_a_key_only_if_they_judge_alike():
    one = guide()
    assert one.key == guide().key
    seen = replace(one, seen=np.zeros((1, FINGERPRINT_BYTES), np.uint8))
    others = [guide(picked=3), guide(evidence=0.0), seen]
    assert len({each.key for each in (one, *others)}) == 4
    assert (one.trusted, others[1].trusted) == (True, False)


def test_it_judges_as_its_taste_scores():
    one = guide()
    mean, spread = one.judge(DRAWINGS)
    assert int(np.argmax(mean)) == 2
    wanted = one.taste.score(ROWS)
    np.testing.assert_array_equal(mean, wanted[0])
    np.testing.assert_array_equal(spread, wanted[1])
    assert (one.choices, one.accuracy) == (4, 0.5)


def test_it_looks_through_what_it_learnt_with():
    blind = replace(guide(), look=lambda drawings: np.zeros_like(features_of(drawings)))
    assert np.ptp(blind.judge(DRAWINGS)[0]) == 0.0
    assert blind.reasons(DRAWINGS, [2]) == [()]


def test_reasons_are_given_for_the_chosen_in_their_order():
    one = guide(count=200)
    both = one.reasons(DRAWINGS, [2, 5])
    assert len(both) == 2
    assert both[0] != both[1]
    assert both == [one.reasons(DRAWINGS, [2])[0], one.reasons(DRAWINGS, [5])[0]]
