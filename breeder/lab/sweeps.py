"""Contact sheets: one network, with one or two of its settings changed from tile to tile."""

from __future__ import annotations

import math
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from breeder.activations import ACTIVATIONS
from breeder.errors import SettingsError
from breeder.lab.drawing import draw
from breeder.lab.settings import (
    BIAS_LAYERS,
    COORDINATES,
    LAB_COLORS,
    MAX_LAYERS,
    TOPOLOGIES,
    Initialisation,
    LabSettings,
    layers_of,
    read_initialisation,
)

Picture = NDArray[np.uint8]
Value = str | float

MOST_VALUES = 40
MOST_TILES = 144
LEAST_TILE, MOST_TILE = 32, 512
COARSE = 4
"""How many times smaller the tiles are drawn first."""

LIGHT = 1 << 28
"""Weights times pixels up to which a tile is drawn with four samples for each pixel."""

GAP, EDGE = 10, 20
LETTERS = 15
LINE = LETTERS + 8
"""The height of a line of labels."""
PAPER, INK, FAINT = (17, 17, 20), (230, 230, 235), (160, 160, 170)

Apply = Callable[[LabSettings, Any], LabSettings]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweepable:
    """A setting that tiles may differ in.

    Attributes:
        title: A few words.
        apply: Gives settings with the value.
        names: The values there are, for settings that are names; empty for others.
        read: Checks a value that is a text of its own; it raises SettingsError.
        whole: Whether numbers are whole ones.
        low: The least worth a sweep.
        high: The largest.
    """

    title: str
    apply: Apply
    names: tuple[str, ...] = ()
    read: Callable[[str], object] | None = None
    whole: bool = False
    low: float = 0.0
    high: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """A setting and the values it takes.

    Attributes:
        setting: A name from SWEEPABLES.
        values: 1 to 40 numbers or names.

    Raises:
        SettingsError: There is no such setting, or a value is none of its.
    """

    setting: str
    values: tuple[Value, ...]

    def __post_init__(self) -> None:
        row = SWEEPABLES.get(self.setting)
        if row is None:
            raise SettingsError(
                f"There is no setting {self.setting[:40]!r} to sweep; there are "
                f"{', '.join(SWEEPABLES)}."
            )
        if not 1 <= len(self.values) <= MOST_VALUES:
            raise SettingsError(
                f"A sweep has 1 to {MOST_VALUES} values of {self.setting}, not {len(self.values)}."
            )
        object.__setattr__(self, "values", tuple(_value(row, each) for each in self.values))

    @property
    def labels(self) -> tuple[str, ...]:
        """The values as people read them."""
        return tuple(each if isinstance(each, str) else f"{each:g}" for each in self.values)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """One picture of a sheet.

    Attributes:
        row: Its row, from the top.
        column: Its column, from the left.
        label: What it says below it, where there is one axis.
        settings: What it shows.
    """

    row: int
    column: int
    label: str
    settings: LabSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """A contact sheet.

    Attributes:
        settings: What the tiles share.
        across: What changes from left to right; where nothing changes downwards, lines are broken.
        down: What changes from top to bottom.
        tile: Pixels along the sides of a tile, 32 to 512.

    Raises:
        SettingsError: There are too many tiles, or both axes have one setting.
    """

    settings: LabSettings
    across: Axis
    down: Axis | None = None
    tile: int = 160

    def __post_init__(self) -> None:
        count = len(self.across.values) * (len(self.down.values) if self.down else 1)
        if count > MOST_TILES:
            raise SettingsError(f"A sheet has at most {MOST_TILES} pictures, not {count}.")
        if self.down and self.down.setting == self.across.setting:
            raise SettingsError(f"Both directions change {self.across.setting}; choose another.")
        if not LEAST_TILE <= self.tile <= MOST_TILE:
            raise SettingsError(
                f"A tile has {LEAST_TILE} to {MOST_TILE} pixels a side, not {self.tile}."
            )

    @property
    def columns(self) -> int:
        """How many tiles stand beside each other."""
        count = len(self.across.values)
        if self.down or count <= 6:
            return count
        near = math.ceil(math.sqrt(1.6 * count))
        # As few empty places as may be, and rather a wider sheet.
        return min(range(near + 1, near - 2, -1), key=lambda columns: -count % columns)

    @property
    def tiles(self) -> tuple[Tile, ...]:
        """Every tile, row by row.

        Raises:
            SettingsError: A value does not suit the other settings.
        """
        found = []
        for row, below in enumerate(self.down.values if self.down else [None]):
            for column, value in enumerate(self.across.values):
                changed = SWEEPABLES[self.across.setting].apply(self.settings, value)
                if self.down:
                    changed = SWEEPABLES[self.down.setting].apply(changed, below)
                place = (row, column) if self.down else divmod(column, self.columns)
                found.append(
                    Tile(
                        row=place[0],
                        column=place[1],
                        label=self.across.labels[column],
                        settings=replace(changed, caption=""),
                    )
                )
        return tuple(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A contact sheet as far as it is drawn.

    Attributes:
        picture: sRGB, uint8, shape (H, W, 3), as large at every stage.
        share: How much of the work is done, 0 to 1; 1 for the last.
    """

    picture: Picture
    share: float


def draw_sheet(
    sweep: Sweep,
    *,
    every: float = 0.4,
    cancelled: Callable[[], bool] = lambda: False,
    advance: Callable[[float], object] = lambda share: None,
) -> Iterator[Sheet]:
    """Yield a contact sheet: first with coarse pictures, and then again as finer ones come.

    Args:
        sweep: What to draw.
        every: Seconds between one sheet and the next, at least.
        cancelled: Asked before every band of every tile; True ends the drawing.
        advance: Called with the share of the work that is done, 0 to 1.

    Raises:
        CancelledError: `cancelled` said so.
        SettingsError: A value does not suit the other settings.
    """
    tiles = sweep.tiles
    image = _paper(sweep, tiles)
    work = [float(1 + each.settings.weight_count) for each in tiles]
    whole = sum(work) * (1.0 + 1.0 / COARSE**2)
    done, said = 0.0, -math.inf
    for factor in (COARSE, 1):
        for tile, cost in zip(tiles, work, strict=True):
            image.paste(_picture(tile, sweep.tile, factor, cancelled), _corner(sweep, tile))
            done += cost / factor**2
            share = min(done / whole, 0.999)
            advance(share)
            # The coarse sheet is shown as a whole: it comes soon.
            if factor == 1 and time.monotonic() - said >= every:
                said = time.monotonic()
                yield Sheet(picture=np.array(image), share=share)
        if factor > 1:
            said = time.monotonic()
            yield Sheet(picture=np.array(image), share=min(done / whole, 0.999))
    advance(1.0)
    yield Sheet(picture=np.array(image), share=1.0)


def _picture(tile: Tile, side: int, factor: int, cancelled: Callable[[], bool]) -> Image.Image:
    """Return a tile's picture at its whole size, coarser by a factor."""
    light = tile.settings.weight_count * side * side <= LIGHT
    picture = draw(
        tile.settings,
        max(8, side // factor),
        supersample=2 if light and factor == 1 else 1,
        cancelled=cancelled,
    )
    return Image.fromarray(picture).resize((side, side), Image.Resampling.BILINEAR)


def sheet_of(
    sweep: Sweep,
    *,
    cancelled: Callable[[], bool] = lambda: False,
    advance: Callable[[float], object] = lambda share: None,
) -> Picture:
    """Return a finished contact sheet, uint8, shape (H, W, 3); see `draw_sheet`."""
    *_, last = draw_sheet(sweep, every=math.inf, cancelled=cancelled, advance=advance)
    return last.picture


def _paper(sweep: Sweep, tiles: Sequence[Tile]) -> Image.Image:
    """Return a sheet with its words and no pictures."""
    places = [_corner(sweep, tile) for tile in tiles]
    right, bottom = (max(place) + sweep.tile + EDGE for place in zip(*places, strict=True))
    image = Image.new("RGB", (right, bottom), PAPER)
    pen, font = ImageDraw.Draw(image), ImageFont.load_default(size=LETTERS)
    title = SWEEPABLES[sweep.across.setting].title
    if sweep.down:
        title = f"{SWEEPABLES[sweep.down.setting].title} down, {title} across"
    pen.text((EDGE, EDGE), _shortened(title, font, image.width - 2 * EDGE), FAINT, font, "lt")
    half = sweep.tile // 2
    for tile in tiles:
        x, y = _corner(sweep, tile)
        if not sweep.down or tile.row == 0:
            words = _shortened(tile.label, font, sweep.tile)
            pen.text((x + half, y - LETTERS // 2 - 4), words, INK, font, "mm")
        if sweep.down and tile.column == 0:
            words = sweep.down.labels[tile.row]
            pen.text((x - GAP, y + half), words, INK, font, "rm")
    return image


def _corner(sweep: Sweep, tile: Tile) -> tuple[int, int]:
    """Return where a tile's picture begins."""
    line = 0 if sweep.down else LINE
    left = EDGE + _side(sweep) + tile.column * (sweep.tile + GAP)
    top = EDGE + 2 * LETTERS + LINE + tile.row * (sweep.tile + GAP + line)
    return left, top


def _side(sweep: Sweep) -> int:
    """Return the width of the labels at the left."""
    if not sweep.down:
        return 0
    font = ImageFont.load_default(size=LETTERS)
    return GAP + math.ceil(max(font.getlength(label) for label in sweep.down.labels))


def _shortened(text: str, font: Any, most: float) -> str:
    if font.getlength(text) <= most:
        return text
    while text and font.getlength(f"{text}…") > most:
        text = text[:-1]
    return f"{text}…"


def read_axis(text: str) -> Axis:
    """Return the axis that a text stands for.

    "layers=2..29" takes every whole number, "z=-4..4:9" nine numbers from -4 to 4, and
    "neurons=2,8,32" or "activation=tanh,relu" what is listed.

    Raises:
        SettingsError: It stands for none.
    """
    setting, _, values = text.partition("=")
    setting = setting.strip()
    if setting not in SWEEPABLES or not values.strip():
        hint = f"There is no setting {setting[:40]!r} to sweep; there are {', '.join(SWEEPABLES)}."
        if setting in SWEEPABLES:
            hint = f"Say which values of {setting} to sweep, such as {setting}=2..8 or 2,4,8."
        raise SettingsError(hint)
    number = r"([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?)"
    shape = re.fullmatch(rf"{number}\.\.{number}(?::(\d{{1,3}}))?", values.strip(), re.ASCII)
    if shape is None:
        return Axis(setting=setting, values=tuple(part.strip() for part in values.split(",")))
    low, high = float(shape[1]), float(shape[2])
    return Axis(setting=setting, values=between(setting, low, high, int(shape[3] or 0)))


def between(setting: str, low: float, high: float, count: int = 0) -> tuple[Value, ...]:
    """Return values of a setting from one to another.

    Args:
        setting: A name from SWEEPABLES.
        low: The first.
        high: The last.
        count: How many; if 0, every whole number between them, or nine of others.

    Raises:
        SettingsError: There would be too many, or an end is not finite.
    """
    whole = SWEEPABLES[setting].whole
    if not math.isfinite(high - low):
        raise SettingsError(f"{setting} goes from one finite number to another, not {low}..{high}.")
    integral = low == int(low) and high == int(high) and abs(high - low) < MOST_VALUES
    wanted = count or (int(abs(high - low)) + 1 if whole or integral else 9)
    if not 1 <= wanted <= MOST_VALUES:
        raise SettingsError(f"A sweep has 1 to {MOST_VALUES} values of {setting}, not {wanted:g}.")
    found = [float(each) for each in np.linspace(low, high, wanted)]
    return tuple(dict.fromkeys(float(round(each)) if whole else each for each in found))


def _value(row: Sweepable, value: Value) -> Value:
    """Return a value of a setting, checked.

    Raises:
        SettingsError: It is none.
    """
    if row.read:
        row.read(str(value))
        return str(value)
    if row.names:
        if value not in row.names:
            raise SettingsError(
                f"There is no {row.title} {str(value)[:40]!r}; there are {', '.join(row.names)}."
            )
        return value
    try:
        number = float(value)
    except ValueError as error:
        raise SettingsError(f"{row.title} takes numbers, not {str(value)[:40]!r}.") from error
    if not math.isfinite(number) or (row.whole and number != int(number)):
        kind = "whole numbers" if row.whole else "finite numbers"
        raise SettingsError(f"{row.title} takes {kind}, not {value}.")
    return number


def _layers(settings: LabSettings, count: float) -> LabSettings:
    if not 0 <= count <= MAX_LAYERS:  # asked before a list is made as long as that
        raise SettingsError(f"A network has 0 to {MAX_LAYERS} hidden layers, not {count:g}.")
    width = settings.widths[0] if settings.widths else 16
    return replace(settings, widths=layers_of(int(count), width))


def _neurons(settings: LabSettings, count: float) -> LabSettings:
    return replace(settings, widths=layers_of(len(settings.widths), int(count)))


def _spread(settings: LabSettings, size: float) -> LabSettings:
    """Return settings whose weights have the spread, in whatever way they are drawn."""
    drawn = settings.weights
    if not drawn.numbers:  # PyTorch's and such have none of their own
        return replace(settings, weights=Initialisation(name="uniform", numbers=(size,)))
    return replace(settings, weights=replace(drawn, numbers=(*drawn.numbers[:-1], size)))


def _beta(settings: LabSettings, log2: float) -> LabSettings:
    name = settings.weights.name if settings.weights.name.startswith("beta") else "beta_variance"
    return replace(settings, weights=Initialisation(name=name, numbers=(log2,)))


def _field(name: str) -> Apply:
    return lambda settings, value: replace(settings, **{name: value})


def _center(place: int) -> Apply:
    def apply(settings: LabSettings, value: float) -> LabSettings:
        both = [*settings.center]
        both[place] = value
        return replace(settings, center=(both[0], both[1]))

    return apply


SWEEPABLES: Mapping[str, Sweepable] = MappingProxyType(
    {
        "layers": Sweepable(title="hidden layers", apply=_layers, whole=True, low=0, high=29),
        "neurons": Sweepable(
            title="neurons of each layer", apply=_neurons, whole=True, low=1, high=512
        ),
        "topology": Sweepable(title="topology", apply=_field("topology"), names=TOPOLOGIES),
        "activation": Sweepable(
            title="activation", apply=_field("activation"), names=tuple(ACTIVATIONS)
        ),
        "output_activation": Sweepable(
            title="output activation", apply=_field("output_activation"), names=tuple(ACTIVATIONS)
        ),
        "weights": Sweepable(
            title="initialisation",
            apply=lambda settings, name: replace(settings, weights=read_initialisation(name)),
            read=read_initialisation,
        ),
        "spread": Sweepable(title="spread of the weights", apply=_spread, low=0.1, high=100),
        "beta": Sweepable(title="log2 beta", apply=_beta, low=3, high=13),
        "bias_layers": Sweepable(
            title="layers with biases", apply=_field("bias_layers"), names=BIAS_LAYERS
        ),
        "coordinates": Sweepable(
            title="coordinates", apply=_field("coordinates"), names=COORDINATES
        ),
        "scale": Sweepable(title="x and y times", apply=_field("scale"), low=0.01, high=10),
        "zoom": Sweepable(title="zoom", apply=_field("zoom"), low=0.2, high=8),
        "center_x": Sweepable(title="centre, x", apply=_center(0), low=-1, high=1),
        "center_y": Sweepable(title="centre, y", apply=_center(1), low=-1, high=1),
        "rotation": Sweepable(title="rotation", apply=_field("rotation"), low=0, high=360),
        "z": Sweepable(title="z", apply=_field("z"), low=-4, high=4),
        "seed": Sweepable(
            title="seed",
            apply=lambda settings, seed: replace(settings, seed=int(seed)),
            whole=True,
            low=1,
            high=24,
        ),
        "color": Sweepable(title="colour", apply=_field("color"), names=LAB_COLORS),
    }
)
"""Every setting that a sheet can sweep."""
