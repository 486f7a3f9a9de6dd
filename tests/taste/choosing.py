"""People who choose between pictures, made up for tests."""

import numpy as np

from breeder.taste.features import FEATURES
from breeder.taste.model import Choice

WIDTH = len(FEATURES)


def choices(count: int, liked: np.ndarray, *, seed: int = 0, shown: int = 15) -> list[Choice]:
    """Return choices of a person who likes what lies along `liked`, most of the time."""
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(count):
        rows = rng.normal(size=(shown, WIDTH)).astype(np.float32)
        score = rows @ liked + rng.gumbel(size=shown)
        picked = np.zeros(shown, dtype=bool)
        picked[np.argsort(-score)[: rng.integers(1, 3)]] = True
        found.append(Choice(features=rows, picked=picked))
    return found


def liking(seed: int = 1, strength: float = 4.0) -> np.ndarray:
    """Return a liking for one group of features."""
    way = np.zeros(WIDTH, dtype=np.float32)
    rng = np.random.default_rng(seed)
    members = [i for i, feature in enumerate(FEATURES) if feature.group == "colour"]
    way[members] = rng.normal(size=len(members))
    return way * np.float32(strength / np.linalg.norm(way))
