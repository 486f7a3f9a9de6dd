"""Films of the Lab's networks, and of bred pictures: frames drawn one after another.

A camera moves over the picture (zoom, rotation, pan), the plane may be bent before the network sees
it, and the network itself may change. The first frame is the picture, to the byte.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from breeder.errors import CancelledError, SettingsError
from breeder.genome import Genome
from breeder.inputs import INPUT_CODES
from breeder.lab.drawing import program_of
from breeder.lab.lowering import lower, to_program
from breeder.lab.movements import FilmSettings, Moment
from breeder.lab.networks import Layer, Network, Single, build
from breeder.lab.settings import MAX_SEED, LabSettings
from breeder.lab.stretching import stretches_of
from breeder.lab.warping import warped
from breeder.program import Program, compile_genome
from breeder.rendering import Device, render_programs
from breeder.rendering.canvas import Canvas

Frame = NDArray[np.uint8]


def lab_frames(
    settings: LabSettings,
    film: FilmSettings,
    canvas: Canvas,
    *,
    device: Device = "cpu",
    cancelled: Callable[[], bool] = lambda: False,
) -> Iterator[Frame]:
    """Yield the frames of a film of a network, drawn one by one.

    Args:
        settings: The picture it begins with.
        film: What moves.
        canvas: Its size and supersampling; the settings say what it shows.
        device: Where to draw.
        cancelled: Asked often; True ends the drawing.

    Yields:
        sRGB, uint8, shape (H, W, 3), `film.frames` of them.

    Raises:
        SettingsError: The network has no part in a movement.
        CancelledError: `cancelled` said so.
    """
    check_lab_film(settings, film)
    plain = Canvas(width=canvas.width, height=canvas.height, supersample=canvas.supersample)
    program_at = _changing(settings, film) if _rebuilt(film) else _still(program_of(settings))
    return _frames(film, plain, program_at, device, cancelled)


def genome_frames(
    genome: Genome,
    film: FilmSettings,
    canvas: Canvas,
    *,
    device: Device = "auto",
    cancelled: Callable[[], bool] = lambda: False,
) -> Iterator[Frame]:
    """Yield the frames of a film of a bred picture, drawn one by one.

    Args:
        genome: What to show.
        film: What moves.
        canvas: What its first frame shows.
        device: Where to draw.
        cancelled: Asked often; True ends the drawing.

    Yields:
        sRGB, uint8, shape (H, W, 3), `film.frames` of them.

    Raises:
        SettingsError: A movement changes the network, or the network does not read z.
        CancelledError: `cancelled` said so.
    """
    program = compile_genome(genome)
    check_genome_film(program, film)
    return _frames(film, canvas, _still(program), device, cancelled, z=True)


def check_lab_film(settings: LabSettings, film: FilmSettings) -> None:
    """Say why a film of a network cannot be made.

    Raises:
        SettingsError: The network has no part in a movement.
    """
    if film.has("z") and "z" not in settings.inputs:
        raise SettingsError(
            "This network does not read z, so nothing would move along it; add the input z."
        )


def check_genome_film(program: Program, film: FilmSettings) -> None:
    """Say why a film of a bred picture cannot be made.

    Raises:
        SettingsError: A movement changes the network, or the network does not read z.
    """
    if film.changes_network:
        raise SettingsError("Weights and morphs move only the networks of the Lab.")
    if film.has("z") and INPUT_CODES["z"] not in program.inputs:
        raise SettingsError("This picture does not depend on z, so nothing would move along it.")


def film_canvas(canvas: Canvas, moment: Moment) -> Canvas:
    """Return what a camera sees at a moment of a film, which began with a canvas.

    It looks across and down as the first frame lies, by what it sees now: a pan is as fast on the
    screen however close the camera is.
    """
    zoom = canvas.zoom * moment.zoom
    turn = math.radians(canvas.rotation)
    across, down = moment.across / zoom, moment.down / zoom
    x = canvas.center[0] + across * math.cos(turn) + down * math.sin(turn)
    y = canvas.center[1] + down * math.cos(turn) - across * math.sin(turn)
    rotation = canvas.rotation + moment.rotation
    return replace(canvas, zoom=zoom, center=(x, y), rotation=rotation)


def _frames(
    film: FilmSettings,
    canvas: Canvas,
    program_at: Callable[[Moment], Program],
    device: Device,
    cancelled: Callable[[], bool],
    *,
    z: bool = False,
) -> Iterator[Frame]:
    for time in film.times():
        if cancelled():
            raise CancelledError("The film was cancelled.")
        moment = film.moment(time)
        seen = film_canvas(canvas, moment)
        if z:
            seen = replace(seen, z=canvas.z + moment.z)
        program = warped(program_at(moment), wave=moment.wave, spiral=moment.spiral)
        yield render_programs([program], seen, device=device, cancelled=cancelled)[0]


def _still(program: Program) -> Callable[[Moment], Program]:
    return lambda moment: program


def _rebuilt(film: FilmSettings) -> bool:
    return film.changes_network or film.has("z")


def _changing(settings: LabSettings, film: FilmSettings) -> Callable[[Moment], Program]:
    """Return what builds the network of each moment anew."""
    trip = _Trip(settings, next((e.size for e in film.movements if e.name == "morph"), None))

    def program_at(moment: Moment) -> Program:
        network = _scaled(trip.at(moment.morph), moment.weights)
        shown = replace(settings, z=settings.z + moment.z)
        return to_program(lower(shown, network, stretches_of(shown, network)))

    return program_at


class _Trip:
    """A round trip from one random network to another and back by another way.

    Halfway between two networks, weights that were averaged are smaller, and the picture dull. So
    the trip goes round an ellipse, away from both by half the difference of two further networks:
    weights drawn independently from one distribution keep its mean and spread all the way.
    """

    def __init__(self, settings: LabSettings, seed: float | None) -> None:
        self._start = build(settings)
        if seed is None:
            self._others: tuple[Network, ...] = ()
            return
        other = int(seed)
        further = np.random.SeedSequence([settings.seed, other]).generate_state(2, np.uint64)
        seeds = (other, *(int(each) % MAX_SEED for each in further))
        self._others = tuple(build(replace(settings, seed=each)) for each in seeds)

    def at(self, angle: float) -> Network:
        """Return the network at a place, in radians: the other one is at pi."""
        if not self._others or angle == 0.0:
            return self._start
        layers = zip(self._start.layers, *(each.layers for each in self._others), strict=True)
        return replace(
            self._start,
            layers=tuple(
                replace(
                    here[0],
                    weights=_round_trip(angle, *(each.weights for each in here)),
                    biases=_round_trip(angle, *(each.biases for each in here)),
                )
                for here in layers
            ),
        )


def _round_trip(angle: float, start: Single, end: Single, one: Single, other: Single) -> Single:
    cos, sin = np.float32(math.cos(angle)), np.float32(math.sin(angle))
    found: Single = (start + end + cos * (start - end) + sin * (one - other)) * np.float32(0.5)
    return found


def _scaled(network: Network, factor: float) -> Network:
    if factor == 1.0:
        return network

    def grown(layer: Layer) -> Layer:
        return replace(layer, weights=layer.weights * np.float32(factor))

    return replace(network, layers=(*map(grown, network.hidden), network.output))
