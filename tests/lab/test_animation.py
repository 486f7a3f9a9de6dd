"""Films begin with the picture, close where they should, and move as their movements say."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from breeder.errors import CancelledError, SettingsError
from breeder.genome import Genome
from breeder.inputs import INPUT_CODES
from breeder.lab.animation import film_canvas, genome_frames, lab_frames
from breeder.lab.drawing import draw
from breeder.lab.lowering import lower, to_program
from breeder.lab.movements import (
    MOVEMENTS,
    FilmSettings,
    Moment,
    Movement,
    movements_text,
    read_movements,
)
from breeder.lab.networks import build
from breeder.lab.settings import LabSettings
from breeder.lab.warping import warped
from breeder.program import compile_genome
from breeder.rendering import render, render_programs
from breeder.rendering.canvas import Canvas
from breeder.rendering.reference import ReferenceRenderer
from tests.genomes import random_genome

SMALL = Canvas(width=40, height=32)
NETWORK = LabSettings(widths=(8,) * 3, inputs=("x", "y", "z"), seed=5)
EVERY = tuple(MOVEMENTS)
EVERY_INPUT = LabSettings(
    widths=(8,),
    inputs=("x", "y", "r", "d", "x2", "y2", "cos10r", "bias"),
    coordinates="centred",
    seed=2,
)


def film(*names: str, frames: int = 8, **settings: object) -> FilmSettings:
    return FilmSettings(movements=read_movements(",".join(names)), frames=frames, **settings)  # type: ignore[arg-type]


def far(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.abs(one.astype(float) - other).mean())


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize("seamless", [True, False])
def test_the_first_frame_is_the_picture_and_others_are_not(name: str, *, seamless: bool) -> None:
    settings = replace(NETWORK, rotation=20.0, zoom=1.5, center=(0.2, -0.1), z=0.3)
    frames = list(lab_frames(settings, film(name, seamless=seamless), SMALL))
    assert len(frames) == 8
    np.testing.assert_array_equal(frames[0], draw(settings, 40, 32))
    assert all(frame.shape == (32, 40, 3) and frame.dtype == np.uint8 for frame in frames)
    assert far(frames[0], frames[3]) > 2


@pytest.mark.parametrize("name", [*EVERY, "rotation:90,wave,pan-across,morph:9"])
@pytest.mark.parametrize("easing", ["smooth", "steady"])
def test_a_seamless_film_closes_and_its_last_step_is_like_the_others(
    name: str, easing: str
) -> None:
    moves = film(*name.split(","), easing=easing)
    first, last = moves.moment(0.0), moves.moment(1.0)
    for field in ("zoom", "across", "down", "wave", "spiral", "z", "weights"):
        assert getattr(last, field) == pytest.approx(getattr(first, field), abs=1e-9)
    assert math.cos(math.radians(last.rotation)) == pytest.approx(1)
    assert math.cos(last.morph) == pytest.approx(1)
    assert moves.times()[-1] == 1 - 1 / moves.frames

    frames = list(lab_frames(NETWORK, film(*name.split(","), easing=easing, frames=24), SMALL))
    steps = [far(frames[number], frames[number - 1]) for number in range(24)]
    assert steps[0] <= 1.5 * max(steps[1:])


@pytest.mark.parametrize("easing", ["smooth", "steady"])
def test_a_film_that_is_not_seamless_ends_where_its_amounts_say(easing: str) -> None:
    moves = film(
        *("zoom:5", "rotation:90", "pan-across:0.5", "pan-down:-1", "spiral:3", "z:2"),
        *("weights:4", "morph:7"),
        seamless=False,
        easing=easing,
    )
    assert moves.times()[-1] == 1
    end = moves.moment(1.0)
    assert (end.zoom, end.rotation, end.across, end.down) == pytest.approx((5, 90, 0.5, -1))
    assert (end.spiral, end.z, end.weights) == pytest.approx((3, 2, 4))
    assert end.seed == 7
    assert end.morph == pytest.approx(math.pi)


def test_a_film_ends_on_the_pictures_it_names() -> None:
    """A zoom, a turn, a way along z and a morph end on what the settings draw there."""
    moves = film("zoom:5", "rotation:90", "z:2", "morph:9", seamless=False, frames=3)
    last = list(lab_frames(NETWORK, moves, SMALL))[-1]
    there = draw(replace(NETWORK, zoom=5.0, rotation=90.0, z=2.0, seed=9), 40, 32)
    assert far(last, there) < 0.5


def test_smooth_films_start_gently_and_steady_ones_do_not() -> None:
    gentle, even = (
        film("z:1", seamless=False, easing=each, frames=11) for each in ("smooth", "steady")
    )
    assert gentle.moment(0.1).z < 0.03
    assert even.moment(0.1).z == pytest.approx(0.1)
    assert (gentle.moment(0.5).z, even.moment(0.5).z) == pytest.approx((0.5, 0.5))


def test_a_rotation_of_whole_turns_never_turns_back_and_others_do() -> None:
    angles = [film("rotation:720").moment(time).rotation for time in np.linspace(0, 1, 9)]
    assert angles == pytest.approx([90.0 * number for number in range(9)])
    angles = [film("rotation:40").moment(time).rotation for time in (0, 0.5, 1)]
    assert angles == pytest.approx([0, 40, 0])


def test_a_morph_keeps_the_spread_of_the_weights_and_comes_back_by_another_way() -> None:
    settings = LabSettings(widths=(64,) * 3, seed=1)
    from breeder.lab.animation import _Trip

    trip = _Trip(settings, 2.0)
    start, end = build(settings), build(replace(settings, seed=2))
    for angle in np.linspace(0, math.tau, 9):
        weights = trip.at(float(angle)).layers[1].weights
        assert weights.std() == pytest.approx(start.layers[1].weights.std(), rel=0.05)
        assert weights.dtype == np.float32
    np.testing.assert_array_equal(trip.at(0.0).layers[1].weights, start.layers[1].weights)
    np.testing.assert_allclose(trip.at(math.pi).layers[1].weights, end.layers[1].weights, atol=1e-6)
    there, back = trip.at(math.pi / 2).layers[1].weights, trip.at(1.5 * math.pi).layers[1].weights
    assert np.abs(there - back).mean() > 0.5


def test_a_camera_pans_along_the_screen_of_the_first_frame() -> None:
    start = Canvas(width=64, height=64, zoom=2.0, rotation=90.0, center=(0.5, 0.0))
    seen = film_canvas(start, Moment(across=1.0))
    before, after = start.points(range(64)), seen.points(range(64))
    # what was at the right edge of the middle row is in the middle now
    right = np.array([before[0].reshape(64, 64)[32, 63], before[1].reshape(64, 64)[32, 63]])
    middle = np.array([after[0].reshape(64, 64)[32, 32], after[1].reshape(64, 64)[32, 32]])
    np.testing.assert_allclose(right, middle, atol=0.02)


def _genome(*inputs: str) -> Genome:
    wanted = [INPUT_CODES[name] for name in inputs]
    for seed in range(400):
        genome = random_genome(seed)
        if all(code in compile_genome(genome).inputs for code in wanted):
            return genome
    raise AssertionError("no genome reads these inputs")


def _reading(genome: Genome, name: str) -> Genome:
    """Return a genome that reads another input in the place of the distance."""
    return replace(
        genome,
        inputs=("x", "y", "bias", name),
        connections=tuple(
            replace(gene, source=name) if gene.source == "d" else gene
            for gene in genome.connections
        ),
    )


def bend(x: np.ndarray, y: np.ndarray, wave: float, spiral: float) -> tuple[np.ndarray, np.ndarray]:
    """Return where a point of a bent picture lies in the plain one."""
    angle = spiral * np.hypot(x, y)
    x, y = x * np.cos(angle) - y * np.sin(angle), y * np.cos(angle) + x * np.sin(angle)
    x = x + wave * np.sin(math.tau * y)
    return x, y + wave * np.cos(math.tau * x)


@pytest.mark.parametrize(("wave", "spiral"), [(0.2, 0.0), (0.0, 4.0), (-0.15, 2.5)])
def test_a_bent_picture_is_the_plain_one_looked_at_elsewhere(wave: float, spiral: float) -> None:
    program = to_program(lower(EVERY_INPUT, build(EVERY_INPUT)))
    bred = _genome("x", "y", "d", "bias")
    more = [compile_genome(_reading(bred, name)) for name in ("x2", "y2", "r", "cos10r", "z")]
    canvas = Canvas(width=24, height=24)

    class Elsewhere(Canvas):
        def points(self, rows):
            return bend(*super().points(rows), wave, spiral)

    for each in (program, compile_genome(bred), *more):
        bent = warped(each, wave=wave, spiral=spiral)
        shown = ReferenceRenderer().draw([bent], canvas, range(24))[0]
        exact = ReferenceRenderer().draw([each], Elsewhere(width=24, height=24), range(24))[0]
        np.testing.assert_allclose(shown, exact, atol=1.0)
        fast = render_programs([bent], canvas, device="cpu")[0]
        assert np.mean(np.abs(fast.astype(float) - shown) <= 1) > 0.995


@pytest.mark.parametrize("name", [name for name, row in MOVEMENTS.items() if not row.network])
def test_bred_pictures_are_filmed_too(name: str) -> None:
    genome = _genome("x", "y", "d")
    if name == "z":  # the same, with z where the distance was
        genome = _reading(genome, "z")
    canvas = Canvas(width=40, height=32, zoom=1.2, rotation=10.0)
    frames = list(genome_frames(genome, film(name), canvas, device="cpu"))
    np.testing.assert_array_equal(frames[0], render([genome], canvas, device="cpu")[0])
    assert len(frames) == 8
    assert far(frames[0], frames[2]) > 0


def test_what_has_no_part_in_a_movement_is_refused_in_one_sentence() -> None:
    with pytest.raises(SettingsError, match="does not read z"):
        next(lab_frames(LabSettings(), film("z"), SMALL))
    genome = _genome("x", "y")
    with pytest.raises(SettingsError, match="only the networks of the Lab"):
        next(genome_frames(genome, film("morph"), SMALL))
    plain = next(
        each
        for each in map(random_genome, range(99))
        if INPUT_CODES["z"] not in compile_genome(each).inputs
    )
    with pytest.raises(SettingsError, match="does not depend on z"):
        next(genome_frames(plain, film("z"), SMALL))


def test_a_cancelled_film_ends_before_its_next_frame() -> None:
    drawn: list[int] = []
    frames = lab_frames(NETWORK, film("zoom"), SMALL, cancelled=lambda: bool(drawn))
    next(frames)
    drawn.append(1)
    with pytest.raises(CancelledError):
        next(frames)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("warp", "no movement 'warp'; there are zoom"),
        ("zoom:0", "between 0.01 and 1000 times"),
        ("zoom:nan", "between"),
        ("zoom:much", "'much' is not an amount of zoom"),
        ("morph:1.5", "whole number"),
        ("zoom,zoom", "only once"),
        ("", "at least one movement"),
    ],
)
def test_nonsense_gets_one_sentence(text: str, told: str) -> None:
    with pytest.raises(SettingsError, match=told):
        FilmSettings(movements=read_movements(text))


def test_movements_are_written_as_they_are_read() -> None:
    moves = tuple(Movement(name=name) for name in EVERY)
    assert read_movements(movements_text(moves)) == moves
    assert read_movements("zoom:2.5, rotation:-90")[1] == Movement(name="rotation", amount=-90)
    for each in moves:
        assert each.sentence.endswith(".")


@pytest.mark.parametrize("settings", [{"frames": 1}, {"frames": 4000}, {"fps": 0.5}, {"fps": 99}])
def test_lengths_out_of_range_are_refused(settings: dict[str, float]) -> None:
    with pytest.raises(SettingsError):
        film("zoom", **{"frames": 8, **settings})  # type: ignore[arg-type]
