"""The story of a picture: its line, its words, and the pictures and films made of it."""

from __future__ import annotations

import io
from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pytest
from PIL import Image

from breeder import Breeder, BreederSettings, load
from breeder.errors import CancelledError
from breeder.evolve.founders import founder
from breeder.family.story import Step, story_of
from breeder.family.story_film import (
    default_seconds,
    film_genomes,
    frame_count,
    story_frames,
)
from breeder.family.story_pictures import StoryPicture, story_png, words_of
from breeder.rendering import render
from breeder.rendering.canvas import Canvas


@pytest.fixture(scope="module")
def breeder() -> Iterator[Breeder]:
    with Breeder(BreederSettings(population=6, strength=0.6, screening=False), seed=3) as breeder:
        breeder.ask()
        for picks in ([1, 2], [3], [2, 4], [5], [3, 4]):
            breeder.tell(picks)
        yield breeder


@pytest.fixture(scope="module")
def story(breeder: Breeder) -> tuple[Step, ...]:
    child = next(c for c in breeder.ask().children if len(c.parents) > 1)
    return story_of(breeder.store, child.genome.id)


def test_a_story_leads_from_a_founder_along_first_parents(
    breeder: Breeder, story: tuple[Step, ...]
):
    assert len(story) > 3
    assert (story[0].title, story[0].changes) == ("Founder", ())
    for before, step in pairwise(story):
        birth = breeder.store.birth(step.genome.id)
        assert birth is not None
        assert birth.parents[0] == before.genome.id
        assert step.others == birth.parents[1:]
        assert step.changes == tuple(map(str, birth.mutations))
        assert step.title == f"Generation {birth.number}"
    assert f"crossed with {story[-1].others[0][:8]}" in words_of(story[-1])


def test_a_story_says_which_pictures_the_autopilot_bred():
    with Breeder(BreederSettings(population=4, screening=False, carry_over=False), seed=3) as led:
        led.tell([1])
        led.lead([2])
        child = led.tell([3]).children[1]
        steps = story_of(led.store, child.genome.id)
    assert [step.automatic for step in steps] == [False, False, True, False]
    assert [words_of(step)[:1] == ["bred by the autopilot"] for step in steps] == [
        step.automatic for step in steps
    ]


def test_a_picture_that_was_never_bred_is_its_own_story(breeder: Breeder):
    genome = founder(rng=np.random.default_rng(9))
    breeder.store.save_genome(genome)
    assert [step.title for step in story_of(breeder.store, genome.id)] == ["Brought in"]


@pytest.mark.parametrize("kind", ["sheet", "long"])
def test_a_story_as_a_png_shows_every_step_and_holds_the_last_genome(
    story: tuple[Step, ...], kind: StoryPicture, tmp_path
):
    done: list[int] = []
    data = b"".join(story_png(story, kind, title="Owl", advance=done.append))
    assert sum(done) == len(story)
    picture = np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))
    tile = render([story[0].genome], Canvas(width=16, height=16))[0]
    at = picture[96 : 96 + 288 if kind == "sheet" else 96 + 320, 40:][
        :, : 288 if kind == "sheet" else 320
    ]
    small = np.asarray(Image.fromarray(at).resize((16, 16), Image.Resampling.BOX))
    assert np.abs(small.astype(int) - tile).mean() < 12
    (tmp_path / "story.png").write_bytes(data)
    assert load(tmp_path / "story.png") == story[-1].genome


def test_a_story_can_be_cancelled(story: tuple[Step, ...]):
    with pytest.raises(CancelledError):
        b"".join(story_png(story, "long", cancelled=lambda: True))
    genomes = [step.genome for step in story]
    with pytest.raises(CancelledError):
        list(story_frames(genomes, size=16, seconds=1, fps=10, cancelled=lambda: True))


def test_a_film_begins_with_the_founder_ends_with_the_picture_and_flows(story: tuple[Step, ...]):
    genomes = [step.genome for step in story]
    frames = list(film_genomes(genomes, 120, rest=5))
    assert len(frames) == 120
    assert frames[:5] == [genomes[0]] * 5
    assert frames[-5:] == [genomes[-1]] * 5
    assert len(set(frames)) > 100  # networks of their own, not pictures shown again
    looks = render(frames, Canvas(width=16, height=16)).astype(int)
    steps = [float(np.abs(a - b).mean()) for a, b in pairwise(looks)]
    assert max(steps) < 8 * np.mean(steps)
    every = render(genomes, Canvas(width=16, height=16)).astype(int)
    for picture in every:  # each ancestor is passed, or nearly
        assert min(float(np.abs(picture - look).mean()) for look in looks) < 6


def test_a_film_has_as_many_frames_as_it_says(story: tuple[Step, ...]):
    genomes = [step.genome for step in story]
    for few in (genomes, genomes[:1], genomes[:2]):
        frames = list(story_frames(few, size=16, seconds=0.5, fps=10))
        assert len(frames) == frame_count(0.5, 10) == 5
        assert {frame.shape for frame in frames} == {(16, 16, 3)}


def test_long_stories_make_longer_films_up_to_a_limit():
    assert default_seconds(1) == 4
    assert 15 < default_seconds(20) < 20
    assert default_seconds(321) == 90
