"""The comparison of tastes: every model is asked alike, and about what it has not seen."""

from importlib.util import find_spec

import numpy as np
import pytest

from benchmarks import taste
from benchmarks.peers.tastes import PEERS
from tests.taste.choosing import choices, liking

PACKAGES = {"scikit-learn": "sklearn", "BoTorch": "botorch"}


@pytest.mark.parametrize("name", PEERS)
def test_every_model_learns_what_is_liked(name: str) -> None:
    package = PACKAGES.get(name.split(",")[0])
    if package and find_spec(package) is None:
        pytest.skip(f"{package} is not installed: pip install -e .[bench] for the peers")
    some = choices(24, liking(strength=8.0))
    score = PEERS[name](some[:20])
    hits = [taste.ranked(score(each.features), each.picked) for each in some[20:]]
    assert np.mean(hits) > 0.55


def test_only_grids_to_come_are_foretold(monkeypatch: pytest.MonkeyPatch) -> None:
    learnt = []

    def peer(some):
        learnt.append(len(some))
        return lambda features: np.zeros(len(features))

    monkeypatch.setattr(taste, "PEERS", {"nothing": peer})
    shares = taste.foretell(choices(taste.AFTER[-1] + taste.NEXT, liking()))
    assert learnt == list(taste.AFTER)
    np.testing.assert_array_equal(shares, 0.5)


def test_pairs_are_counted_by_which_is_ahead() -> None:
    picked = np.array([True, False, False, False])
    assert taste.ranked(np.array([2.0, 1.0, 2.0, 3.0]), picked) == pytest.approx(0.5)
    assert taste.ranked(np.array([9.0, 1.0, 2.0, 3.0]), picked) == 1.0


def test_an_interval_holds_the_mean_and_narrows_with_users() -> None:
    values = np.tile([0.4, 0.6], 50)
    middle, low, high = taste.interval(values)
    assert low < middle < high
    assert high - low < np.diff(taste.interval(values[:8])[1:])[0]


def test_many_choices_are_none_twice_the_same() -> None:
    found = taste.many([choices(3, liking())], 10)
    assert len(found) == 10
    assert len({each.features.tobytes() for each in found}) == 10
