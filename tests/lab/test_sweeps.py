"""Contact sheets show what they say, coarse first, and can be stopped."""

import numpy as np
import pytest
from PIL import Image

from breeder.errors import CancelledError, SettingsError
from breeder.lab.drawing import draw
from breeder.lab.settings import Initialisation, LabSettings
from breeder.lab.sweep_presets import SWEEPS, sweep_preset
from breeder.lab.sweeps import (
    COARSE,
    PAPER,
    SWEEPABLES,
    Axis,
    Sweep,
    _corner,
    draw_sheet,
    read_axis,
    sheet_of,
)

BASE = LabSettings(widths=(8, 8), seed=5)
SHEET = Sweep(settings=BASE, across=read_axis("layers=1..3"), down=read_axis("seed=4,7"), tile=48)


def test_every_tile_shows_its_settings():
    picture = sheet_of(SHEET)
    assert len(SHEET.tiles) == 6
    for tile in SHEET.tiles:
        left, top = _corner(SHEET, tile)
        shown = picture[top : top + 48, left : left + 48]
        np.testing.assert_array_equal(shown, draw(tile.settings, 48, supersample=2))
    assert [len(tile.settings.widths) for tile in SHEET.tiles] == [1, 2, 3] * 2
    assert [tile.settings.seed for tile in SHEET.tiles] == [4] * 3 + [7] * 3


def test_sheets_are_labelled():
    picture = sheet_of(SHEET)
    left, top = _corner(SHEET, SHEET.tiles[0])
    above, beside = picture[: top - 2], picture[top : top + 48, : left - 2]
    for part in (above, beside):
        assert (part != PAPER).any()
    other = Sweep(settings=BASE, across=read_axis("layers=2..4"), down=SHEET.down, tile=48)
    assert (sheet_of(other)[: top - 2] != above).any()


def test_a_sheet_comes_coarse_first():
    told: list[float] = []
    sheets = list(draw_sheet(SHEET, every=0.0, advance=told.append))
    assert {sheet.picture.shape for sheet in sheets} == {sheets[0].picture.shape}
    shares = [sheet.share for sheet in sheets]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert shares[0] < 2 / COARSE**2
    left, top = _corner(SHEET, SHEET.tiles[0])
    coarse = Image.fromarray(draw(SHEET.tiles[0].settings, 48 // COARSE))
    np.testing.assert_array_equal(
        sheets[0].picture[top : top + 48, left : left + 48],
        np.asarray(coarse.resize((48, 48), Image.Resampling.BILINEAR)),
    )
    assert told == sorted(told)
    assert told[-1] == 1.0


def test_a_sheet_can_be_stopped_between_two_tiles():
    asked = []

    def cancelled() -> bool:
        asked.append(True)
        return len(asked) > 8

    with pytest.raises(CancelledError):
        list(draw_sheet(SHEET, cancelled=cancelled))
    assert len(asked) == 9


def test_lines_are_broken_where_there_is_one_axis():
    sweep = Sweep(settings=BASE, across=read_axis("seed=1..11"), tile=32)
    assert sweep.columns == 6
    assert [(tile.row, tile.column) for tile in sweep.tiles][5:7] == [(0, 5), (1, 0)]
    assert [tile.label for tile in sweep.tiles] == [str(number) for number in range(1, 12)]


@pytest.mark.parametrize("name", SWEEPABLES)
def test_every_setting_can_be_swept(name: str):
    row = SWEEPABLES[name]
    values: tuple[str | float, ...] = (row.low, row.high)
    if row.names:
        values = row.names
    if row.read:
        values = ("pytorch", "uniform:3")
    tiles = Sweep(settings=BASE, across=Axis(setting=name, values=values), tile=32).tiles
    assert len({tile.settings for tile in tiles}) == len(values)


def test_the_spread_changes_weights_however_they_are_drawn():
    for name, numbers in (("pytorch", (3.0,)), ("uniform", (3.0,)), ("normal", (0.0, 3.0))):
        base = LabSettings(weights=Initialisation(name=name))
        (tile,) = Sweep(settings=base, across=read_axis("spread=3"), tile=32).tiles
        assert tile.settings.weights.numbers == numbers


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("layers=2..5", (2, 3, 4, 5)),
        ("z=-4..4:9", (-4, -3, -2, -1, 0, 1, 2, 3, 4)),
        ("z = 0..0.5:3", (0, 0.25, 0.5)),
        ("neurons=2, 8,32", (2, 8, 32)),
        ("activation=tanh,relu", ("tanh", "relu")),
        ("weights=pytorch,uniform:100", ("pytorch", "uniform:100")),
        ("seed=5..1", (5, 4, 3, 2, 1)),
        ("zoom=1..0.2:5", (1, 0.8, 0.6, 0.4, 0.2)),
    ],
)
def test_axes_are_read_as_people_write_them(text: str, values: tuple[str | float, ...]):
    assert read_axis(text).values == pytest.approx(values) if text[0] == "z" else values


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("size=1..4", "There is no setting 'size' to sweep; there are layers"),
        ("layers", "such as layers=2..8"),
        ("layers=", "such as layers=2..8"),
        ("layers=a..b", "takes numbers, not 'a..b'"),
        ("layers=1.5", "takes whole numbers, not 1.5"),
        ("layers=1..99", "1 to 40 values of layers, not 99"),
        ("layers=1..1e300", "1 to 40 values of layers, not 1e+300"),
        ("z=nan", "takes finite numbers"),
        ("z=0..1e999", "from one finite number to another, not 0.0..inf"),
        ("z=-1.7e308..1.7e308", "from one finite number to another"),
        ("activation=tanh,swish", "There is no activation 'swish'"),
        ("weights=magic", "There is no initialisation 'magic'"),
    ],
)
def test_a_wrong_axis_gets_one_sentence(text: str, said: str):
    with pytest.raises(SettingsError) as error:
        read_axis(text)
    assert said in str(error.value)
    assert "\n" not in str(error.value)


def test_a_sheet_has_limits():
    many = read_axis("seed=1..40")
    with pytest.raises(SettingsError, match="at most 144 pictures, not 160"):
        Sweep(settings=BASE, across=many, down=read_axis("z=1..4:4"))
    with pytest.raises(SettingsError, match="Both directions change seed"):
        Sweep(settings=BASE, across=many, down=read_axis("seed=1"))
    with pytest.raises(SettingsError, match="32 to 512 pixels"):
        Sweep(settings=BASE, across=many, tile=8)
    for count, said in (("65", "65"), ("-1", "-1"), ("1e13", r"1e\+13")):
        deep = Sweep(settings=BASE, across=read_axis(f"layers={count}"))
        with pytest.raises(SettingsError, match=f"0 to 64 hidden layers, not {said}"):
            list(draw_sheet(deep))


def test_the_sweeps_of_the_articles_are_there():
    values = {name: list(each.sweep.across.values) for name, each in SWEEPS.items()}
    assert values["layers"] == list(range(2, 30))
    assert values["neurons"] == [2, 8, 32, 128, 512]
    assert values["depth"] == [0, 1, 8, 16]
    assert values["beta"] == list(range(3, 14))
    assert (values["slices"][0], values["slices"][-1]) == (-4, 4)
    assert {"tanh", "relu", "leaky_relu", "elu", "gelu", "sigmoid"} == set(
        SWEEPS["activations"].sweep.across.values
    )
    assert SWEEPS["seeds"].sweep.across.setting == "seed"


@pytest.mark.parametrize("name", SWEEPS)
def test_a_named_sweep_can_be_drawn(name: str):
    each = sweep_preset(name)
    assert each.look.endswith(".")
    assert len({tile.settings for tile in each.sweep.tiles}) == len(each.sweep.tiles)
    for tile in each.sweep.tiles:
        draw(tile.settings, 6)


def test_an_unknown_sweep_is_said_to_be_so():
    with pytest.raises(SettingsError, match="there are layers, neurons"):
        sweep_preset("owls")
