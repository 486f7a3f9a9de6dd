"""Captions are set over a picture, readable and within it."""

import numpy as np
import pytest

from breeder.lab.captions import layer, over_rows, set_over

GREY = np.full((200, 300, 3), 128, dtype=np.uint8)


@pytest.mark.parametrize(
    "caption", ["My neural network is a stoic", "a", "W" * 120, "many words " * 10, "ü é — 网络"]
)
@pytest.mark.parametrize("size", [(200, 300), (40, 40), (90, 600), (600, 90)])
def test_words_stay_within_the_picture(caption: str, size: tuple[int, int]):
    words = layer(caption, size[1], size[0])
    drawn = set_over(np.full((*size, 3), 128, dtype=np.uint8), caption)
    assert drawn.shape == (*size, 3)
    assert words.top >= 0
    assert (drawn != 128).any()
    if len(caption) < 40 and min(size) > 80:
        assert not words.ink[:, 0].any()
        assert not words.ink[:, -1].any()


def test_words_are_white_on_a_shadow_and_low_in_the_picture():
    drawn = set_over(GREY, "My neural network is a stoic").astype(int)
    changed = np.flatnonzero((drawn != 128).any(axis=(1, 2)))
    assert changed.min() > 120
    assert changed.max() < 190
    assert (drawn > 250).any()
    assert (drawn < 60).any()
    assert (GREY == 128).all()


def test_words_are_the_same_band_by_band():
    caption = "two words"
    whole = set_over(GREY, caption)
    words = layer(caption, 300, 200)
    bands = [over_rows(GREY[top : top + 7], words, top) for top in range(0, 200, 7)]
    np.testing.assert_array_equal(np.concatenate(bands), whole)


def test_no_words_change_nothing():
    assert set_over(GREY, "  ") is GREY
