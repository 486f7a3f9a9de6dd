"""Random weights have the spread that their name says, and are the same everywhere."""

import math
from statistics import NormalDist

import numpy as np
import pytest

from breeder.lab.initialisation import Source, draw, draw_biases
from breeder.lab.settings import INITIALISATIONS, Initialisation

SHAPE = (96, 400)
N, M = 400, 96

SPREADS = {
    "pytorch": (1 / math.sqrt(3 * N), 1 / math.sqrt(N)),
    "uniform": (2.5 / math.sqrt(3), 2.5),
    "normal": (2.5, None),
    "beta_variance": (math.sqrt(2**2.5 / N), None),
    "beta_std": (2**2.5 / N, None),
    "glorot_uniform": (math.sqrt(2 / (N + M)), math.sqrt(6 / (N + M))),
    "glorot_normal": (math.sqrt(2 / (N + M)), None),
    "he": (math.sqrt(2 / N), None),
    "lecun": (math.sqrt(1 / N), None),
    "siren": (math.sqrt(2 / N), math.sqrt(6 / N)),
    "orthogonal": (2.5 / math.sqrt(N), None),
    "constant": (0.0, 2.5),
}


def initialisation(name: str) -> Initialisation:
    numbers = {"normal": (0.0, 2.5)}.get(name, (2.5,) * len(INITIALISATIONS[name].numbers))
    return Initialisation(name=name, numbers=numbers)


@pytest.mark.parametrize("name", INITIALISATIONS)
def test_weights_have_the_spread_of_their_name(name: str):
    std, bound = SPREADS[name]
    weights = draw(initialisation(name), SHAPE, Source(7, 1, 0))
    assert weights.shape == SHAPE
    assert weights.dtype == np.float32
    assert weights.std() == pytest.approx(std, rel=0.03, abs=1e-6)
    if name != "constant":
        assert abs(weights.mean()) < 4 * std / math.sqrt(N * M)
    if bound is not None:
        assert np.abs(weights).max() <= bound * (1 + 1e-6)
        assert np.abs(weights).max() > 0.99 * bound


def test_the_two_readings_of_beta_agree_where_beta_is_the_number_of_inputs():
    for log2, ratio in ((5, 1.0), (7, 2.0), (3, 0.5)):
        variance, std = (
            draw(Initialisation(name=name, numbers=(log2,)), (64, 32), Source(1, 1, 0))
            for name in ("beta_variance", "beta_std")
        )
        np.testing.assert_allclose(std, variance * ratio, rtol=1e-6)


def test_normal_numbers_are_normal():
    shares, found = Source(3, 1).uniform(20, 100), Source(3, 1).normal(20, 100)
    wanted = [NormalDist().inv_cdf(share) for share in shares.ravel().tolist()]
    np.testing.assert_allclose(found.ravel(), wanted, rtol=1e-13, atol=1e-13)


def test_a_wider_layer_keeps_the_numbers_of_the_narrower():
    small, large = Source(5, 2).uniform(3, 4), Source(5, 2).uniform(30, 40)
    np.testing.assert_array_equal(small, large[:3, :4])
    assert len(np.unique(large)) == large.size
    assert not np.isin(Source(5, 3).uniform(30, 40), large).any()
    assert 0 < large.min() < large.max() < 1


@pytest.mark.parametrize("shape", [(16, 16), (5, 16), (16, 3), (1, 1), (7, 7)])
def test_orthogonal_matrices_are_orthogonal(shape: tuple[int, int]):
    found = draw(Initialisation(name="orthogonal", numbers=(2.0,)), shape, Source(1, 1, 0)).astype(
        float
    )
    product = found @ found.T if shape[0] <= shape[1] else found.T @ found
    np.testing.assert_allclose(product, 4.0 * np.eye(min(shape)), atol=1e-5)


@pytest.mark.parametrize("name", [name for name in INITIALISATIONS if name != "orthogonal"])
def test_biases_are_drawn_like_weights(name: str):
    source = Source(7, 1, 1)
    biases = draw_biases(initialisation(name), (4000, N), source)
    std = SPREADS[name][0]
    if name == "siren":
        std = 1 / math.sqrt(3 * N)
    if name.startswith("glorot"):
        std = math.sqrt(2 / (4000 + N))
    assert biases.shape == (4000,)
    assert biases.std() == pytest.approx(std, rel=0.06, abs=1e-6)


def test_siren_treats_the_first_layer_apart():
    omega = Initialisation(name="siren", numbers=(30.0,))
    first = draw(omega, (512, 2), Source(1, 1, 0), first=True)
    assert 14.5 < np.abs(first).max() <= 15.0
    assert np.abs(draw(omega, (512, 2), Source(1, 1, 0))).max() <= math.sqrt(3) + 1e-6


def test_the_numbers_of_a_seed_are_the_same_for_ever():
    """Written down once: links to seeds have been given away."""
    uniform = draw(Initialisation(name="uniform", numbers=(1.0,)), (2, 2), Source(1, 1, 0))
    normal = draw(Initialisation(name="normal"), (2, 2), Source(2, 0, 0))
    assert uniform.tobytes().hex() == UNIFORM
    assert normal.tobytes().hex() == NORMAL


UNIFORM = "a529acbeb729653efab4bebdecc80dbf"
NORMAL = "156d23bfd75b07bf3537084033ac0240"
