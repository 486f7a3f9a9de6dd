"""What a gallery remembers of a picture: its colours, how complex it is, what it is like."""

import numpy as np
import pytest
from numpy.typing import NDArray

from breeder.evolve.founders import founder
from breeder.evolve.mutation import mutate
from breeder.genome import Genome
from breeder.impression import (
    COLOR_NAMES,
    PREVIEW_SIDE,
    SIDE,
    VECTOR_BYTES,
    Impression,
    color_bits,
    impressions,
    impressions_of,
    nearest,
    preview,
)
from breeder.rendering import render
from breeder.rendering.canvas import Canvas

STEPS = np.linspace(0, 1, SIDE)


def plain(*rgb: int) -> NDArray[np.uint8]:
    return np.broadcast_to(np.array(rgb, dtype=np.uint8), (SIDE, SIDE, 3))


def seen(drawing: NDArray[np.uint8]) -> Impression:
    return impressions_of(np.ascontiguousarray(drawing)[None])[0]


def family(count: int, strength: float) -> tuple[list[Genome], list[Genome]]:
    """Return some pictures, bred for a while, and a child of each."""
    rng = np.random.default_rng(3)
    parents = [founder(rng=rng) for _ in range(count)]
    for _ in range(8):
        parents = [mutate(each, strength=0.5, rng=rng)[0] for each in parents]
    return parents, [mutate(each, strength=strength, rng=rng)[0] for each in parents]


def matrix(found: list[Impression]) -> NDArray[np.uint8]:
    return np.stack([np.frombuffer(each.vector, dtype=np.uint8) for each in found])


@pytest.mark.parametrize(
    ("rgb", "name"),
    [
        ((255, 0, 0), "red"),
        ((178, 34, 34), "red"),
        ((255, 140, 0), "orange"),
        ((255, 225, 50), "yellow"),
        ((0, 128, 0), "green"),
        ((50, 205, 50), "green"),
        ((0, 150, 150), "teal"),
        ((0, 0, 255), "blue"),
        ((100, 149, 237), "blue"),
        ((75, 0, 130), "purple"),
        ((255, 105, 180), "pink"),
        ((255, 192, 203), "pink"),
        ((139, 69, 19), "brown"),
        ((0, 0, 0), "black"),
        ((128, 128, 128), "grey"),
        ((255, 255, 255), "white"),
    ],
)
def test_a_colour_is_called_what_people_call_it(rgb: tuple[int, int, int], name: str):
    assert seen(plain(*rgb)).colors == (name,)


def test_colours_count_from_a_tenth_of_the_picture_on_the_most_first():
    drawing = plain(0, 0, 255).copy()
    drawing[: SIDE // 4] = (255, 0, 0)
    drawing[SIDE - 4 :] = (255, 255, 255)  # a sixteenth
    found = seen(drawing)
    assert found.colors == ("blue", "red")
    assert found.color_bits == color_bits(["red", "blue"]) == 0b100001
    assert color_bits(COLOR_NAMES) == (1 << len(COLOR_NAMES)) - 1


def test_complexity_grows_with_the_detail():
    light = np.broadcast_to(255 * STEPS, (SIDE, SIDE))
    noise = np.random.default_rng(0).uniform(0, 255, (SIDE, SIDE))
    waves = [127 + 120 * np.sin(STEPS * np.pi * count) for count in (3, 8, 24)]
    greys = [np.full((SIDE, SIDE), 90.0), light, *waves, noise]
    drawings = [np.repeat(np.broadcast_to(each, (SIDE, SIDE))[..., None], 3, 2) for each in greys]
    found = [seen(each.astype(np.uint8)).complexity for each in drawings]
    assert found[0] == 0.0
    assert found[1] < 0.3, "an even gradient is plain"
    assert found == sorted(found)
    assert 0.97 < found[-1] <= 1.0


def test_a_child_hardly_changed_is_nearer_to_its_parent_than_strangers_are():
    parents, children = family(60, 0.15)
    old, new = impressions(parents), matrix(impressions(children))
    assert new.shape == (60, VECTOR_BYTES)
    apart = np.stack([nearest(each.vector, new) for each in old])
    own, order = np.diag(apart), np.argsort(apart, axis=1)
    found = np.mean([index in order[index, :3] for index in range(60)])
    assert found > 0.9
    strangers = apart[~np.eye(60, dtype=bool)]
    assert np.median(own) < 0.25 * np.median(strangers)


def test_the_same_picture_in_another_size_is_nearest_to_itself():
    parents, _ = family(40, 0.1)
    large = render(parents, Canvas(width=256, height=256), device="cpu").astype(np.float64)
    small = large.reshape(40, SIDE, 4, SIDE, 4, 3).mean(axis=(2, 4)).round().astype(np.uint8)
    vectors = matrix(impressions_of(small))
    mine = impressions(parents)
    assert all(
        nearest(each.vector, vectors).argmin() == index
        or np.array_equal(vectors[nearest(each.vector, vectors).argmin()], vectors[index])
        for index, each in enumerate(mine)
    )
    for each, other in zip(mine, impressions_of(small), strict=True):
        assert abs(each.complexity - other.complexity) < 0.12


def test_an_impression_depends_on_nothing_but_the_picture():
    parents, _ = family(5, 0.1)
    assert impressions(parents) == [impressions([each])[0] for each in parents]
    assert impressions([]) == []


def test_the_vector_begins_with_a_tiny_picture():
    drawing = plain(20, 60, 200).copy()
    drawing[: SIDE // 2] = (240, 200, 40)
    tiny = preview(seen(drawing).vector)
    assert tiny.shape == (PREVIEW_SIDE, PREVIEW_SIDE, 3)
    assert np.abs(tiny[0].astype(int) - (240, 200, 40)).max() <= 6
    assert np.abs(tiny[-1].astype(int) - (20, 60, 200)).max() <= 6
