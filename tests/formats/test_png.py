"""PNG pictures: right pixels for everyone, the genome inside, memory that stays bounded."""

import struct
import tracemalloc
import zlib
from collections.abc import Iterator
from io import BytesIO

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image, PngImagePlugin

from breeder.errors import CancelledError, FormatError, RenderError
from breeder.formats import png
from breeder.formats.native import dumps, loads
from breeder.genome import Genome
from breeder.rendering import render
from breeder.rendering.canvas import Canvas
from tests.genomes import random_genome

CANVAS = Canvas(width=40, height=30)
GENOME = random_genome(8)


def picture(**options) -> bytes:
    return b"".join(png.stream_png(GENOME, CANVAS, device="reference", **options))


def genome_in(data: bytes, *, source: str = "the file") -> Genome:
    return png.read(BytesIO(data), source).genome


def chunk(kind: bytes, data: bytes, *, length: int | None = None, crc: int | None = None) -> bytes:
    """A chunk, which may lie about its length and checksum."""
    length = len(data) if length is None else length
    crc = zlib.crc32(kind + data) if crc is None else crc
    return struct.pack(">I", length) + kind + data + struct.pack(">I", crc)


def itxt(text: bytes, *, compressed: int = 0, keyword: bytes = b"breeder-genome") -> bytes:
    return keyword + b"\0" + bytes([compressed, 0]) + b"en\0translated\0" + text


def text_of(image: Image.Image) -> str:
    assert isinstance(image, PngImagePlugin.PngImageFile)
    return str(image.text["breeder-genome"])


def carrying(*chunks: bytes, end: bool = True) -> bytes:
    """A PNG of one black pixel with chunks between its header and pixels."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    pixels = chunk(b"IDAT", zlib.compress(b"\0\0"))
    tail = chunk(b"IEND", b"") if end else b""
    return png.SIGNATURE + header + b"".join(chunks) + pixels + tail


@pytest.mark.parametrize("size", [(40, 30), (1, 1), (1, 9), (700, 1), (301, 257)])
def test_pillow_sees_the_pixels_that_were_drawn(size: tuple[int, int]):
    canvas = Canvas(width=size[0], height=size[1])
    data = b"".join(png.stream_png(GENOME, canvas, device="reference"))
    with Image.open(BytesIO(data)) as image:
        assert image.mode == "RGB"
        drawn = render([GENOME], canvas, device="reference")[0]
        np.testing.assert_array_equal(np.asarray(image), drawn)
        assert loads(text_of(image)) == GENOME


@settings(max_examples=40, deadline=None)
@given(
    width=st.integers(1, 40),
    rows=st.lists(st.integers(1, 9), min_size=1, max_size=5),
    seed=st.integers(0, 2**32 - 1),
    spread=st.sampled_from([1, 3, 256]),
)
def test_any_pixels_in_any_bands_survive(width: int, rows: list[int], seed: int, spread: int):
    rng = np.random.default_rng(seed)
    bands = [
        rng.integers(0, spread, (n, width, 3)).astype(np.uint8).cumsum(1, np.uint8) for n in rows
    ]
    data = b"".join(png.encode_png(bands, width=width, height=sum(rows), texts={}))
    with Image.open(BytesIO(data)) as image:
        np.testing.assert_array_equal(np.asarray(image), np.concatenate(bands))


def test_the_genome_comes_back_with_its_title():
    data = picture(title="Gül 🦉")
    assert genome_in(data) == GENOME
    assert png.read(BytesIO(data), "it").title == "Gül 🦉"


@pytest.mark.parametrize("rows", [1, 7, 300])
def test_a_file_does_not_depend_on_the_bands_it_was_drawn_in(rows: int):
    rng = np.random.default_rng(3)
    pixels = rng.integers(0, 256, (300, 700, 3), dtype=np.uint8)
    bands = (pixels[top : top + rows] for top in range(0, 300, rows))
    whole = b"".join(png.encode_png([pixels], width=700, height=300, texts={}))
    assert b"".join(png.encode_png(bands, width=700, height=300, texts={})) == whole


def test_pieces_are_small_and_memory_does_not_grow_with_the_height():
    def noise(rows: int) -> Iterator[NDArray[np.uint8]]:
        rng = np.random.default_rng(0)
        for _ in range(rows // 32):
            yield rng.integers(0, 256, (32, 2000, 3), dtype=np.uint8)

    peaks = []
    for height in (1600, 6400):
        tracemalloc.start()
        sizes = [
            len(piece)
            for piece in png.encode_png(noise(height), width=2000, height=height, texts={})
        ]
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert max(sizes) < 1_000_000
        assert sum(sizes) > height * 2000 * 3
    assert peaks[1] < peaks[0] * 1.2


def test_files_are_no_larger_than_a_little_above_pillow_s():
    canvas = Canvas(width=256, height=256)
    ours = theirs = 0
    for seed in range(6):
        genome = random_genome(seed)
        ours += sum(map(len, png.stream_png(genome, canvas))) - len(dumps(genome, compact=True))
        plain = BytesIO()
        Image.fromarray(render([genome], canvas)[0]).save(plain, "png")
        theirs += plain.tell()
    assert ours < 1.15 * theirs


def test_cancelling_ends_the_drawing():
    pieces = png.stream_png(GENOME, CANVAS, device="reference", cancelled=lambda: True)
    with pytest.raises(CancelledError):
        list(pieces)


def test_an_unknown_device_is_an_error_of_drawing():
    with pytest.raises(RenderError):
        list(png.stream_png(GENOME, CANVAS, device="abacus"))  # type: ignore[arg-type]


def test_a_title_too_long_is_said_before_anything_is_drawn():
    with pytest.raises(FormatError, match="201 characters"):
        png.stream_png(GENOME, CANVAS, title="x" * 201)


TEXT = dumps(GENOME).encode()
ASCII = dumps(GENOME, compact=True).encode()


@pytest.mark.parametrize(
    "inside",
    [
        chunk(b"iTXt", itxt(TEXT)),
        chunk(b"iTXt", itxt(zlib.compress(TEXT), compressed=1)),
        chunk(b"tEXt", b"breeder-genome\0" + ASCII),
        chunk(b"zTXt", b"breeder-genome\0\0" + zlib.compress(ASCII)),
        chunk(b"tEXt", b"Title\0breeder-genome") + chunk(b"iTXt", itxt(TEXT)),
        chunk(b"iTXt", itxt(TEXT)) + chunk(b"iTXt", itxt(b"only the first counts")),
    ],
)
def test_all_ways_to_carry_a_text_are_read(inside: bytes):
    assert genome_in(carrying(inside)) == GENOME


def test_a_genome_after_the_pixels_is_found():
    whole = carrying(end=False) + chunk(b"iTXt", itxt(TEXT)) + chunk(b"IEND", b"")
    assert genome_in(whole) == GENOME


def test_a_picture_saved_again_by_pillow_can_keep_its_genome():
    with Image.open(BytesIO(picture())) as image:
        info = PngImagePlugin.PngInfo()
        info.add_text("breeder-genome", text_of(image), zip=True)
        again = BytesIO()
        image.save(again, "png", pnginfo=info)
    assert genome_in(again.getvalue()) == GENOME


def test_a_picture_cut_short_after_its_genome_still_gives_it():
    data = picture()
    assert genome_in(data[: data.index(b"IDAT") + 9]) == GENOME


def test_a_picture_without_a_genome_is_told_so():
    with pytest.raises(FormatError, match=r"^Cannot read owl\.png: the picture has no genome"):
        genome_in(carrying(), source="owl.png")


BOMB = zlib.compress(bytes(200_000_000), 9)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "not a PNG"),
        (png.SIGNATURE, "cut short at byte 8"),
        (carrying(end=False), "cut short"),
        (carrying()[:20], "claims 13 bytes"),
        (carrying(chunk(b"iTXt", b"", length=2**32 - 1)), "claims 4,294,967,295 bytes"),
        (carrying(chunk(b"IDAT", b"", length=2**31)), "claims 2,147,483,648 bytes"),
        (carrying(chunk(b"iTXt", itxt(TEXT), crc=1)), "checksum at byte 33"),
        (carrying(chunk(b"iTXt", itxt(BOMB, compressed=1))), "larger than 4,194,304 bytes"),
        (carrying(chunk(b"zTXt", b"breeder-genome\0\0" + BOMB)), "larger than 4,194,304 bytes"),
        (carrying(chunk(b"iTXt", itxt(bytes(5_000_000)))), "takes 5,000,0"),
        (carrying(chunk(b"iTXt", itxt(b"junk", compressed=1))), "cannot be decompressed"),
        (carrying(chunk(b"iTXt", itxt(zlib.compress(TEXT)[:-9], compressed=1))), "cut short"),
        (carrying(chunk(b"iTXt", itxt(TEXT, compressed=2))), "not a valid iTXt"),
        (carrying(chunk(b"iTXt", b"breeder-genome\0")), "not a valid iTXt"),
        (carrying(chunk(b"iTXt", b"breeder-genome\0\0\0no ends")), "not a valid iTXt"),
        (carrying(chunk(b"iTXt", b"breeder-genome\0\1\5\0\0x")), "does not know"),
        (carrying(chunk(b"zTXt", b"breeder-genome\0")), "does not know"),
        (carrying(chunk(b"iTXt", itxt(b""))), "it is empty"),
        (carrying(chunk(b"iTXt", itxt(b"\xff\xfe"))), "UTF-8"),
        (carrying(chunk(b"iTXt", itxt(b"{"))), "not JSON"),
        (carrying(*[chunk(b"tEXt", b"")] * 100_001), "more than 100,000 chunks"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
@pytest.mark.timeout(5)
def test_a_hostile_picture_gets_one_sentence(data: bytes, message: str):
    with pytest.raises(FormatError, match=message) as caught:
        genome_in(data)
    assert str(caught.value).startswith("Cannot read the file: ")
    assert str(caught.value).endswith(".")
    assert "\n" not in str(caught.value)


def test_a_bomb_is_not_unpacked():
    data = carrying(chunk(b"iTXt", itxt(BOMB, compressed=1)))
    tracemalloc.start()
    with pytest.raises(FormatError):
        genome_in(data)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 16_000_000
