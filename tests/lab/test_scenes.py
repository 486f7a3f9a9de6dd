"""The three pictures of our own: alike at every size, and different in kind."""

from __future__ import annotations

import numpy as np
import pytest

from breeder.lab.scenes import SCENES, scene


@pytest.mark.parametrize("name", SCENES)
def test_a_scene_is_the_same_picture_at_every_size(name: str):
    small, large = scene(name, 32, 24), scene(name, 128, 96)
    assert small.dtype == np.uint8
    assert large.shape == (96, 128, 3)
    means = large.reshape(24, 4, 32, 4, 3).mean((1, 3))
    assert np.abs(means - small).mean() < 6
    np.testing.assert_array_equal(scene(name, 32, 24), small)


def test_the_scenes_are_soft_sharp_and_detailed():
    steps = {name: np.abs(np.diff(scene(name).astype(float), axis=1)) for name in SCENES}
    assert np.median(steps["landscape"]) < 2
    assert steps["logo"].max() > 200
    assert np.median(steps["logo"]) == 0
    assert np.median(steps["texture"]) > 3 * np.median(steps["landscape"])
