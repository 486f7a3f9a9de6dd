"""What moves in a film, and where everything is at each moment of it.

A film begins with the picture itself. A seamless one comes back to it along closed paths, so that
its last frame leads into the first. Knows nothing of how a frame is drawn.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, get_args

from breeder.errors import SettingsError

Easing = Literal["smooth", "steady"]
EASINGS: tuple[Easing, ...] = get_args(Easing)

MAX_FRAMES = 3_600
MAX_FPS = 60.0
MAX_SEED = 2**53 - 1
TURN = 360.0


@dataclass(frozen=True, slots=True, kw_only=True)
class MovementRow:
    """A kind of movement.

    Attributes:
        title: A few words for people.
        does: What is seen, in a sentence; the amount stands for {amount}.
        unit: What the amount is.
        amount: The usual one.
        low: The least.
        high: The most.
        network: Whether the network itself changes, which only the Lab can draw.
    """

    title: str
    does: str
    unit: str
    amount: float
    low: float
    high: float
    network: bool = False


MOVEMENTS: Mapping[str, MovementRow] = MappingProxyType(
    {
        "zoom": MovementRow(
            title="Zoom",
            does="Comes closer, {amount} times.",
            unit="times",
            amount=5.0,
            low=0.01,
            high=1000.0,
        ),
        "rotation": MovementRow(
            title="Rotation",
            does="Turns by {amount} degrees.",
            unit="degrees",
            amount=TURN,
            low=-3600.0,
            high=3600.0,
        ),
        "pan-circle": MovementRow(
            title="Pan in a circle",
            does="Looks around a circle of radius {amount}.",
            unit="half frames",
            amount=0.6,
            low=-20.0,
            high=20.0,
        ),
        "pan-across": MovementRow(
            title="Pan across",
            does="Looks to the right by {amount} half frames.",
            unit="half frames",
            amount=0.6,
            low=-100.0,
            high=100.0,
        ),
        "pan-down": MovementRow(
            title="Pan down",
            does="Looks downwards by {amount} half frames.",
            unit="half frames",
            amount=0.6,
            low=-100.0,
            high=100.0,
        ),
        "wave": MovementRow(
            title="Wave",
            does="Waves of height {amount} rise, fall and rise the other way.",
            unit="half frames",
            amount=0.2,
            low=-2.0,
            high=2.0,
        ),
        "spiral": MovementRow(
            title="Spiral",
            does="Winds up around the middle, {amount} radians for each half frame outwards.",
            unit="radians",
            amount=4.0,
            low=-50.0,
            high=50.0,
        ),
        "z": MovementRow(
            title="Along z",
            does="Moves along z by {amount}: one slice of the cube after another.",
            unit="of z",
            amount=2.0,
            low=-100.0,
            high=100.0,
        ),
        "weights": MovementRow(
            title="Weights",
            does="Grows the weights of the hidden layers {amount} times.",
            unit="times",
            amount=3.0,
            low=0.001,
            high=1000.0,
            network=True,
        ),
        "morph": MovementRow(
            title="Morph",
            does="Becomes the network of seed {amount}.",
            unit="seed",
            amount=2.0,
            low=0.0,
            high=float(MAX_SEED),
            network=True,
        ),
    }
)
"""Every kind of movement; a film combines any of them, each once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """A kind of movement and how much of it.

    Attributes:
        name: From MOVEMENTS.
        amount: In the unit of its row; the usual one if left out.

    Raises:
        SettingsError: The name is unknown or the amount outside its range.
    """

    name: str
    amount: float | None = None

    def __post_init__(self) -> None:
        row = MOVEMENTS.get(self.name)
        if row is None:
            raise SettingsError(
                f"There is no movement {self.name[:40]!r}; there are {', '.join(MOVEMENTS)}."
            )
        amount = row.amount if self.amount is None else float(self.amount)
        if not (math.isfinite(amount) and row.low <= amount <= row.high):
            raise SettingsError(
                f"The amount of {self.name} must lie between {row.low:g} and {row.high:g} "
                f"{row.unit}, not {amount:g}."
            )
        if self.name == "morph" and amount != int(amount):
            raise SettingsError(f"The seed of a morph is a whole number, not {amount:g}.")
        object.__setattr__(self, "amount", amount)

    @property
    def size(self) -> float:
        """The amount, which is always known."""
        assert self.amount is not None  # noqa: S101 - set above
        return self.amount

    @property
    def sentence(self) -> str:
        """What is seen."""
        return MOVEMENTS[self.name].does.format(amount=_plain(self.size))


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """Where everything is at a moment of a film, against the picture it begins with.

    Attributes:
        zoom: Magnification.
        across: How far it looks to the right, in half the shorter side of what is seen.
        down: Downwards, likewise.
        rotation: Degrees.
        wave: Height of the waves.
        spiral: Radians for each half frame outwards.
        z: Added to z.
        weights: A factor on the weights of the hidden layers.
        morph: The place on the round trip to another network, in radians: there at pi.
        seed: Of that network.
    """

    zoom: float = 1.0
    across: float = 0.0
    down: float = 0.0
    rotation: float = 0.0
    wave: float = 0.0
    spiral: float = 0.0
    z: float = 0.0
    weights: float = 1.0
    morph: float = 0.0
    seed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class FilmSettings:
    """What a film shows, whatever its size and file.

    Attributes:
        movements: At least one; each kind once.
        seamless: Whether the last frame leads into the first.
        easing: "smooth" starts and stops gently, "steady" moves at one speed. Round trips of a
            seamless film that never turn back are steady always.
        frames: How many, 2 to 3,600.
        fps: Frames a second, 1 to 60.

    Raises:
        SettingsError: A setting is outside its range.
    """

    movements: tuple[Movement, ...] = (Movement(name="zoom"),)
    seamless: bool = True
    easing: Easing = "smooth"
    frames: int = 120
    fps: float = 30.0

    def __post_init__(self) -> None:
        names = [each.name for each in self.movements]
        if not names:
            raise SettingsError("A film has at least one movement.")
        if len(set(names)) < len(names):
            raise SettingsError("Each movement is given only once.")
        if self.easing not in EASINGS:
            raise SettingsError(f"The easing is one of {', '.join(EASINGS)}.")
        if not 2 <= self.frames <= MAX_FRAMES or self.frames != int(self.frames):
            raise SettingsError(f"A film has from 2 to {MAX_FRAMES:,} frames, not {self.frames:g}.")
        if not 1 <= self.fps <= MAX_FPS:
            raise SettingsError(f"A film shows from 1 to {MAX_FPS:g} frames a second.")

    @property
    def seconds(self) -> float:
        """How long it is."""
        return self.frames / self.fps

    @property
    def changes_network(self) -> bool:
        """Whether anything moves that only a network of the Lab has."""
        return any(MOVEMENTS[each.name].network for each in self.movements)

    def has(self, name: str) -> bool:
        """Return whether a kind of movement is part of it."""
        return any(each.name == name for each in self.movements)

    def times(self) -> list[float]:
        """Return the moment of each frame, 0 to 1; a seamless film ends one step before 1."""
        steps = self.frames if self.seamless else self.frames - 1
        return [number / steps for number in range(self.frames)]

    def moment(self, time: float) -> Moment:
        """Return where everything is at a time from 0 to 1."""
        found: dict[str, float] = {}
        for each in self.movements:
            found |= self._place(each, time)
        return Moment(**{**found, "seed": int(found.get("seed", 0))})  # type: ignore[arg-type]

    def _place(self, movement: Movement, time: float) -> dict[str, float]:
        size, there, round_trip = movement.size, self._there(time), self._round(time)
        match movement.name:
            case "zoom" | "weights":
                return {movement.name: size**there}
            case "rotation":
                whole = size % TURN == 0 and size != 0
                return {"rotation": size * (round_trip if self.seamless and whole else there)}
            case "pan-circle":
                angle = math.tau * round_trip
                return {"across": size * math.sin(angle), "down": size * (1 - math.cos(angle))}
            case "pan-across" | "pan-down":
                side = movement.name.removeprefix("pan-")
                return {side: size * (math.sin(math.tau * time) if self.seamless else there)}
            case "wave":
                return {"wave": size * math.sin(math.tau * round_trip)}
            case "morph":
                end = math.tau if self.seamless else math.pi
                return {"morph": end * round_trip, "seed": size}
            case _:
                return {movement.name: size * there}

    def _there(self, time: float) -> float:
        """Return how far it is, 0 to 1: there, and back if seamless."""
        if self.easing == "smooth":
            return (1 - math.cos((math.tau if self.seamless else math.pi) * time)) / 2
        return 1 - abs(1 - 2 * time) if self.seamless else time

    def _round(self, time: float) -> float:
        """Return how far it is, 0 to 1, on a way that never turns back."""
        smooth = self.easing == "smooth" and not self.seamless
        return (1 - math.cos(math.pi * time)) / 2 if smooth else time


def read_movements(text: str) -> tuple[Movement, ...]:
    """Return the movements that a text such as "zoom:5,rotation" stands for.

    Raises:
        SettingsError: It stands for none.
    """
    found = []
    for part in [each.strip() for each in text[:400].split(",") if each.strip()]:
        name, _, amount = part.partition(":")
        try:
            found.append(Movement(name=name, amount=float(amount) if amount else None))
        except ValueError as error:
            raise SettingsError(f"{amount[:40]!r} is not an amount of {name[:40]}.") from error
    return tuple(found)


def movements_text(movements: tuple[Movement, ...]) -> str:
    """Return movements as `read_movements` reads them."""
    return ",".join(f"{each.name}:{_plain(each.size)}" for each in movements)


def _plain(number: float) -> str:
    return str(int(number)) if number == int(number) else repr(number)
