"""Pictures from strangers become small pixels, or one sentence; whatever they are."""

from __future__ import annotations

import io
import struct
import zlib
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageOps

from breeder.errors import FormatError
from breeder.formats import targets
from breeder.formats.targets import KINDS, read_pixels


def saved(image: Image.Image, kind: str = "PNG", **options: object) -> io.BytesIO:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file


def refusal(data: bytes) -> str:
    with pytest.raises(FormatError) as error:
        read_pixels(io.BytesIO(data), "'owl.png'", longest=64)
    return str(error.value)


def gradient(width: int, height: int) -> Image.Image:
    ramp = np.linspace(0, 255, width)[None, :, None] * np.ones((height, 1, 3))
    return Image.fromarray(ramp.astype(np.uint8))


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_read_and_made_smaller(kind: str):
    got = read_pixels(saved(gradient(400, 300), kind), "it", longest=64)
    assert got.shape == (48, 64, 3)
    assert got.dtype == np.uint8
    assert np.abs(got[20, :, 0] - np.linspace(2, 253, 64)).max() < 14


def test_small_pictures_stay_as_they_are_and_a_square_is_the_middle():
    picture = np.random.default_rng(1).integers(0, 256, (20, 30, 3)).astype(np.uint8)
    file = saved(Image.fromarray(picture))
    np.testing.assert_array_equal(read_pixels(file, "it", longest=64), picture)
    square = read_pixels(file, "it", longest=64, square=True)
    np.testing.assert_array_equal(square, picture[:, 5:25])


def test_what_is_transparent_lies_on_white():
    clear = Image.new("RGBA", (16, 16), (200, 0, 0, 0))
    clear.paste((0, 0, 255, 255), (0, 0, 8, 16))
    got = read_pixels(saved(clear), "it", longest=64)
    assert got[5, 2].tolist() == [0, 0, 255]
    assert got[5, 12].tolist() == [255, 255, 255]
    palette = clear.quantize(4)
    assert read_pixels(saved(palette), "it", longest=64)[5, 12].tolist() == [255, 255, 255]


def test_sixteen_bits_of_grey_are_not_cut_off():
    deep = Image.fromarray(np.linspace(0, 65535, 256).astype(np.uint16).reshape(16, 16))
    got = read_pixels(saved(deep), "it", longest=64)
    assert got[0, 0, 0] == 0
    assert got[15, 15, 0] == 255
    assert 120 < got[8, 0, 1] < 136


def test_a_picture_taken_on_its_side_stands_upright():
    exif = Image.Exif()
    exif[0x0112] = 6
    got = read_pixels(saved(gradient(40, 20), "JPEG", exif=exif), "it", longest=64)
    assert got.shape == (40, 20, 3)


@pytest.mark.parametrize("turn", range(10))
def test_every_way_to_hold_a_camera_is_known(turn: int):
    exif = Image.Exif()
    exif[0x0112] = turn
    noise = np.random.default_rng(1).integers(0, 256, (12, 20, 3), dtype=np.uint8)
    file = saved(Image.fromarray(noise), exif=exif)
    with Image.open(file) as image:
        upright = np.asarray(ImageOps.exif_transpose(image))
    np.testing.assert_array_equal(read_pixels(file, "it", longest=64), upright)


def test_strange_notes_of_a_camera_do_no_harm():
    # A description that is a number (kind 11), and then the orientation.
    entries = struct.pack("<HHIfHHIHH", 0x010E, 11, 1, 0.5, 0x0112, 3, 1, 6, 0)
    exif = b"Exif\0\0II*\0" + struct.pack("<IH", 8, 2) + entries + bytes(4)
    got = read_pixels(saved(gradient(40, 20), "JPEG", exif=exif), "it", longest=64)
    assert got.shape == (40, 20, 3)


def bomb(width: int, height: int) -> bytes:
    def chunk(name: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        )

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        [chunk(b"IHDR", head), chunk(b"IDAT", zlib.compress(bytes(1000))), chunk(b"IEND", b"")]
    )


@pytest.mark.parametrize("sides", [(8_000, 8_000), (40_000, 40_000), (2**31 - 1, 2**31 - 1)])
def test_a_picture_that_claims_to_be_huge_is_refused_before_it_is_unpacked(sides):
    said = refusal(bomb(*sides))
    assert said.startswith("Cannot read 'owl.png': ")
    assert "the most" in said or "it is no whole" in said


@pytest.mark.parametrize(
    ("sides", "words"), [((4, 60), "fewer than 8"), ((900, 90), "more than 8 times")]
)
def test_tiny_and_uneven_pictures_are_refused(sides, words: str):
    assert words in refusal(saved(Image.new("RGB", sides)).getvalue())


def test_a_file_too_large_is_refused(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(targets, "MAX_BYTES", 1 << 20)
    assert "larger than 1 MB" in refusal(bytes((1 << 20) + 1))


@pytest.mark.parametrize("kind", ["BMP", "TIFF", "PPM"])
def test_other_kinds_are_refused(kind: str):
    assert "no whole PNG, JPEG, WebP or GIF" in refusal(saved(gradient(20, 20), kind).getvalue())


whole = {kind: saved(gradient(40, 30), kind).getvalue() for kind in KINDS}


@pytest.mark.filterwarnings("ignore::UserWarning")
@settings(max_examples=120, deadline=None)
@given(
    kind=st.sampled_from(KINDS),
    cut=st.integers(0, 4000),
    changes=st.lists(st.tuples(st.integers(0, 4000), st.integers(0, 255)), max_size=6),
)
def test_damaged_files_give_pixels_or_one_sentence(kind: str, cut: int, changes):
    data = bytearray(whole[kind])
    for place, byte in changes:
        data[place % len(data)] = byte
    with suppress(FormatError):  # anything else would come through
        got = read_pixels(io.BytesIO(bytes(data[:cut])), "it", longest=32)
        assert got.ndim == 3
        assert max(got.shape[:2]) <= 32
