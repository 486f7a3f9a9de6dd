"""PNG files of the Lab carry their address and their genome."""

import struct
import zlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from breeder import load
from breeder.errors import CancelledError, FormatError
from breeder.lab.captions import set_over
from breeder.lab.drawing import draw
from breeder.lab.files import palette_of, settings_in, stream_picture
from breeder.lab.founding import to_genome
from breeder.lab.networks import build
from breeder.lab.presets import PRESETS
from breeder.lab.settings import Initialisation, LabSettings
from breeder.rendering.canvas import Canvas

SETTINGS = LabSettings(widths=(6, 6), caption="owl & co", seed=9, zoom=1 / 3)
CANVAS = Canvas(width=80, height=60)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "picture.png"
    path.write_bytes(b"".join(stream_picture(SETTINGS, CANVAS)))
    return path


def test_a_file_opens_again_with_its_settings(file: Path):
    assert settings_in(file) == SETTINGS
    with Image.open(file) as image:
        shown = np.asarray(image)
    np.testing.assert_array_equal(shown, set_over(draw(SETTINGS, 80, 60), SETTINGS.caption))


def test_a_file_can_be_bred_from(file: Path):
    assert load(file) == to_genome(SETTINGS)


def test_a_network_too_large_to_breed_has_its_address_alone(tmp_path: Path):
    large = replace(PRESETS["neuro-pollock"].settings, widths=(128,) * 4)
    path = tmp_path / "large.png"
    path.write_bytes(b"".join(stream_picture(large, Canvas(width=16, height=16))))
    assert settings_in(path) == large
    with pytest.raises(FormatError, match="no genome"):
        load(path)


def test_a_network_with_larger_weights_than_genomes_have_is_drawn_all_the_same(tmp_path: Path):
    weights = Initialisation(name="uniform", numbers=(1e4,))
    steep = replace(SETTINGS, weights=weights, coordinates="pixels", scale=100.0)
    path = tmp_path / "steep.png"
    path.write_bytes(b"".join(stream_picture(steep, Canvas(width=16, height=16))))
    assert settings_in(path) == steep
    with pytest.raises(FormatError, match="no genome"):
        load(path)


def test_the_address_of_a_very_large_picture_is_read(tmp_path: Path):
    path = tmp_path / "huge.png"
    head = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", head), (b"tEXt", b"breeder-lab\0v=1&seed=4"), (b"IDAT", b"")]
    parts = [kind + data for kind, data in chunks]
    sizes = [struct.pack(">I", len(part) - 4) for part in parts]
    sums = [struct.pack(">I", zlib.crc32(part)) for part in parts]
    whole = zip(sizes, parts, sums, strict=True)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(map(b"".join, whole)))
    assert settings_in(path) == LabSettings(seed=4)


def test_another_network_has_no_address(tmp_path: Path):
    path = tmp_path / "trained.png"
    other = build(replace(SETTINGS, seed=10))
    path.write_bytes(b"".join(stream_picture(SETTINGS, CANVAS, network=other)))
    with pytest.raises(FormatError, match="no address"):
        settings_in(path)
    assert load(path) == to_genome(SETTINGS, other)


def test_large_pictures_are_drawn_as_they_are_written():
    large = LabSettings(widths=(256,) * 6)
    rows: list[int] = []
    pieces = stream_picture(
        large, Canvas(width=512, height=512), cancelled=lambda: len(rows) > 0, advance=rows.append
    )
    with pytest.raises(CancelledError):
        list(pieces)
    assert 0 < sum(rows) < 512


@pytest.mark.parametrize("data", [b"", b"GIF89a", b"\x89PNG\r\n\x1a\n broken"])
def test_a_file_that_is_no_picture_gets_one_sentence(tmp_path: Path, data: bytes):
    path = tmp_path / "broken.png"
    path.write_bytes(data)
    with pytest.raises(FormatError, match=r"Cannot read broken\.png: it is not a PNG picture\."):
        settings_in(path)
    with pytest.raises(FormatError, match=r"Cannot read none\.png: No such file"):
        settings_in(tmp_path / "none.png")


def test_a_palette_has_the_colours_of_the_picture():
    colors = palette_of(PRESETS["gradient"].settings, 5)
    assert len(colors) == 5
    assert sum(color.share for color in colors) == pytest.approx(1.0)
    pixels = draw(PRESETS["gradient"].settings, 64).reshape(-1, 3).astype(int)
    for color in colors:
        assert np.abs(pixels - color.rgb).max(axis=1).min() < 12
    with pytest.raises(FormatError):
        palette_of(SETTINGS, 33)
