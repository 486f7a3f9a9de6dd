"""Other ways to learn from picks, each a function from choices to a scorer of pictures.

Each is given what ours is given: the same features, scaled so that each group weighs the same.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from unittest.mock import patch

import numpy as np
from numpy.typing import NDArray

from breeder.taste import model
from breeder.taste.features import FEATURES
from breeder.taste.model import Choice, learn

Floats = NDArray[np.float32]
Scorer = Callable[[Floats], NDArray[np.floating]]
"""Takes features, shape (B, F), and returns scores, shape (B,)."""

PLANES = 16
"""Principal components of the features that a Gaussian process on pairs is given."""


def ours(choices: Sequence[Choice]) -> Scorer:
    """Return breeder's taste."""
    taste = learn(choices)
    return lambda features: taste.score(features)[0]


def plain(choices: Sequence[Choice]) -> Scorer:
    """Return a plain logistic choice model: breeder's without its random cosines."""
    with patch.object(model, "CURVED", 0.0):
        weights = learn(choices).weights[: len(FEATURES)]
        scaled = _scaled
    return lambda features: scaled(features) @ weights


def logistic(choices: Sequence[Choice]) -> Scorer:
    """Return scikit-learn's logistic regression on differences of picked and not picked."""
    from sklearn.linear_model import LogisticRegression

    away, weights = _differences(choices)
    both = np.concatenate([away, -away])
    sides = np.repeat([1, 0], len(away))
    fitted = LogisticRegression(fit_intercept=False, max_iter=500)
    fitted.fit(both, sides, sample_weight=np.tile(weights, 2))
    return lambda features: _scaled(features) @ fitted.coef_[0]


def boosting(choices: Sequence[Choice]) -> Scorer:
    """Return scikit-learn's gradient boosting on whether a picture was picked."""
    from sklearn.ensemble import GradientBoostingClassifier

    rows, picked = _labels(choices)
    fitted = GradientBoostingClassifier(
        n_estimators=100, max_depth=2, subsample=0.7, max_features=0.3, random_state=0
    ).fit(rows, picked)
    return lambda features: np.asarray(fitted.decision_function(_scaled(features)))


def process(choices: Sequence[Choice]) -> Scorer:
    """Return scikit-learn's Gaussian process classifier on whether a picture was picked."""
    from sklearn.gaussian_process import GaussianProcessClassifier
    from sklearn.gaussian_process.kernels import RBF, ConstantKernel

    rows, picked = _labels(choices)
    kernel = ConstantKernel(4.0) * RBF(4.0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of scales at their bounds, where little is known
        fitted = GaussianProcessClassifier(kernel, random_state=0).fit(rows, picked)
    return lambda features: np.asarray(fitted.predict_proba(_scaled(features))[:, 1])


def pairwise(choices: Sequence[Choice]) -> Scorer:
    """Return BoTorch's Gaussian process on pairs, on principal components of the features."""
    import torch

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what its own dependencies do
        from botorch.fit import fit_gpytorch_mll
        from botorch.models.pairwise_gp import PairwiseGP, PairwiseLaplaceMarginalLogLikelihood

    rows, _ = _labels(choices)
    middle = rows.mean(axis=0)
    _, sizes, planes = np.linalg.svd(rows - middle, full_matrices=False)
    planes = planes[:PLANES]
    spread = max(float(sizes[0]) / np.sqrt(len(rows)), 1e-9)

    def placed(features: Floats) -> torch.Tensor:
        return torch.from_numpy(((_scaled(features) - middle) @ planes.T / spread).astype("f8"))

    points = placed(np.concatenate([choice.features for choice in choices]))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fitted = PairwiseGP(points, torch.from_numpy(_pairs(choices)))
        fit_gpytorch_mll(PairwiseLaplaceMarginalLogLikelihood(fitted.likelihood, fitted))

    def score(features: Floats) -> NDArray[np.floating]:
        with warnings.catch_warnings(), torch.no_grad():
            warnings.simplefilter("ignore")
            return np.asarray(fitted.posterior(placed(features)).mean.squeeze(-1).numpy())

    return score


PEERS = {
    "breeder": ours,
    "plain logistic": plain,
    "scikit-learn, logistic on differences": logistic,
    "scikit-learn, gradient boosting": boosting,
    "scikit-learn, Gaussian process": process,
    "BoTorch, pairwise Gaussian process": pairwise,
}


def _scaled(features: Floats) -> Floats:
    """Return features of which each group weighs the same, as ours are."""
    return np.asarray(features * model._scale(features.shape[1]) * np.float32(model.LINEAR))


def _labels(choices: Sequence[Choice]) -> tuple[Floats, NDArray[np.int64]]:
    rows = _scaled(np.concatenate([choice.features for choice in choices]))
    return rows, np.concatenate([choice.picked for choice in choices]).astype(np.int64)


def _differences(choices: Sequence[Choice]) -> tuple[Floats, Floats]:
    """Return picked less not picked, each pair, and weights by which each pick counts as one."""
    away, weights = [], []
    for choice in choices:
        rows = _scaled(choice.features)
        for pick in np.flatnonzero(choice.picked):
            away.append(rows[pick] - rows[~choice.picked])
            weights.append(np.full(len(away[-1]), 1.0 / np.sqrt(len(away[-1]))))
    return np.concatenate(away), np.concatenate(weights)


def _pairs(choices: Sequence[Choice]) -> NDArray[np.int64]:
    """Return the rows of the liked and the other picture of each pair, shape (P, 2)."""
    found, start = [], 0
    for choice in choices:
        picked, left = np.flatnonzero(choice.picked), np.flatnonzero(~choice.picked)
        found += [(start + a, start + b) for a in picked for b in left]
        start += len(choice.picked)
    return np.array(found, dtype=np.int64)
