"""The features of a taste: named, finite, differentiable, and saying what their words say."""

import numpy as np
import pytest
import torch

from breeder.looks import draw_small
from breeder.taste.features import FEATURES, LIMIT, SIDE, features, features_of, true_words
from tests.genomes import random_genome

ROW, COLUMN = np.mgrid[0:SIDE, 0:SIDE] / (SIDE - 1)


def picture(*planes: np.ndarray) -> np.ndarray:
    """Return a picture of one plane for all channels, or of three."""
    full = [
        np.broadcast_to(plane, (SIDE, SIDE))
        for plane in (planes if len(planes) == 3 else planes * 3)
    ]
    return (np.stack(full, axis=-1) * 255).astype(np.uint8)


def number(name: str, drawing: np.ndarray) -> float:
    index = next(i for i, feature in enumerate(FEATURES) if feature.more == name)
    return float(features_of(drawing[None])[0, index])


UPRIGHT = picture(0.5 + 0.5 * np.sin(COLUMN * 20))
LEVEL = picture(0.5 + 0.5 * np.sin(ROW * 20))
RISING = picture(0.5 + 0.5 * np.sin((ROW + COLUMN) * 14))
FALLING = picture(0.5 + 0.5 * np.sin((ROW - COLUMN) * 14))
GREY = picture(np.full((SIDE, SIDE), 0.5))
RED = picture(np.full((SIDE, SIDE), 0.9), np.zeros((SIDE, SIDE)), np.zeros((SIDE, SIDE)))
BLUE = picture(np.zeros((SIDE, SIDE)), np.full((SIDE, SIDE), 0.2), np.full((SIDE, SIDE), 0.9))
RAMP = picture(COLUMN)
HILL = picture(np.exp(-8 * ((ROW - 0.5) ** 2 + (COLUMN - 0.5) ** 2)))
NOISE = picture(np.random.default_rng(0).random((SIDE, SIDE)))


@pytest.mark.parametrize(
    ("name", "more", "less"),
    [
        ("light", picture(np.full((SIDE, SIDE), 0.9)), picture(np.full((SIDE, SIDE), 0.1))),
        ("warm", RED, BLUE),
        ("vivid", RED, GREY),
        ("much red", RED, BLUE),
        ("much blue", BLUE, RED),
        ("many colours", NOISE, GREY),
        ("fine upright lines", UPRIGHT, LEVEL),
        ("fine lines rising to the right", RISING, FALLING),
        ("much fine detail", NOISE, HILL),
        ("grainy", NOISE, HILL),
        ("many edges", NOISE, HILL),
        ("large even areas", GREY, NOISE),
        ("contrast", UPRIGHT, GREY),
        ("the same left and right", HILL, RAMP),
        ("the same above and below", RAMP, picture(ROW)),
        ("light in the middle", HILL, picture(1.0 - HILL[..., 0] / 255)),
        ("detail in the top left corner", NOISE, GREY),
    ],
)
def test_a_feature_means_what_its_words_say(name: str, more: np.ndarray, less: np.ndarray):
    assert number(name, more) > number(name, less) + 0.3


def test_every_number_has_its_place():
    drawings = draw_small([random_genome(seed) for seed in range(8)])
    found = features_of(drawings)
    assert found.shape == (8, len(FEATURES))
    assert np.isfinite(found).all()
    assert np.abs(found).max() <= LIMIT
    assert features_of(drawings[:0]).shape == (0, len(FEATURES))


def test_a_picture_has_the_same_features_alone_and_among_others():
    drawings = draw_small([random_genome(seed) for seed in range(6)])
    alone = np.concatenate([features_of(drawing[None]) for drawing in drawings])
    np.testing.assert_allclose(features_of(drawings), alone, atol=0.0021)


@pytest.mark.parametrize("shade", [0.0, 0.5, 1.0])
def test_gradients_are_finite_even_where_a_picture_is_plain(shade: float):
    pictures = torch.full((1, SIDE, SIDE, 3), shade, requires_grad=True)
    features(pictures).sum().backward()
    assert pictures.grad is not None
    assert torch.isfinite(pictures.grad).all()


def test_gradients_agree_with_small_steps():
    rng = np.random.default_rng(3)
    start = torch.from_numpy(rng.uniform(0.2, 0.8, (1, SIDE, SIDE, 3)).astype(np.float32))
    weights = torch.from_numpy(rng.normal(size=len(FEATURES)).astype(np.float32))
    way = torch.from_numpy(rng.normal(size=start.shape).astype(np.float32))

    def score(pictures: torch.Tensor) -> torch.Tensor:
        return features(pictures)[0] @ weights

    pictures = start.clone().requires_grad_()
    score(pictures).backward()
    assert pictures.grad is not None
    slope = float((pictures.grad * way).sum())
    step = 2e-3
    with torch.no_grad():
        rise = float(score(start + step * way) - score(start - step * way)) / (2 * step)
    assert slope == pytest.approx(rise, rel=0.05, abs=0.05)


@pytest.mark.parametrize(
    ("left", "right", "seen"),
    [
        ((230, 0, 0), (0, 140, 0), {"red", "green"}),  # of which the mean is gold
        ((200, 0, 0), (130, 130, 130), {"red"}),
        ((255, 120, 180), (255, 120, 180), {"pink"}),
        ((128, 128, 128), (20, 20, 20), set()),
    ],
)
def test_no_hue_is_named_that_nobody_sees(
    left: tuple[int, ...], right: tuple[int, ...], seen: set[str]
):
    drawing = np.empty((1, SIDE, SIDE, 3), dtype=np.uint8)
    drawing[:, :, : SIDE // 2], drawing[:, :, SIDE // 2 :] = left, right
    more, less = true_words(features_of(drawing)[0])
    much = {each.more for each, true in zip(FEATURES, more, strict=True) if true}
    none = {each.less for each, true in zip(FEATURES, less, strict=True) if true}
    for hue in ("pink", "red", "gold", "green", "cyan", "blue"):
        assert (f"much {hue}" in much) == (hue in seen)
        assert f"no {hue}" not in none or hue not in seen
    assert "no blue" in none
    assert {"light", "warm", "fine upright lines"} <= much
