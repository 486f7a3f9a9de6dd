"""TIFF pictures: the pixels that were drawn, in tiles without seams, and the genome inside."""

import re
import struct
import subprocess
import sys
import tracemalloc
from io import BytesIO
from itertools import pairwise
from typing import Literal

import numpy as np
import pytest
import tifffile
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from breeder.errors import CancelledError, FormatError, RenderError
from breeder.formats import png, tiff
from breeder.formats.native import dumps
from breeder.formats.packing import in_threads, regroup, scratch_file
from breeder.rendering import render
from breeder.rendering.canvas import Canvas
from tests.genomes import random_genome
from tests.server import ROOT

GENOME = random_genome(8)
TEXT = dumps(GENOME, compact=True).encode()


def picture(canvas: Canvas, **options) -> bytes:
    return b"".join(tiff.stream_tiff(GENOME, canvas, device="reference", **options))


@pytest.mark.parametrize("size", [(1, 1), (256, 256), (300, 513), (257, 40)])
def test_other_programs_see_the_pixels_that_were_drawn(size: tuple[int, int]):
    canvas = Canvas(width=size[0], height=size[1], supersample=2)
    data = picture(canvas)
    drawn = render([GENOME], canvas, device="reference")[0]
    with Image.open(BytesIO(data)) as image:
        assert image.mode == "RGB"
        np.testing.assert_array_equal(np.asarray(image), drawn)
    with tifffile.TiffFile(BytesIO(data)) as file:
        np.testing.assert_array_equal(file.asarray(), drawn)
        assert file.is_bigtiff
        assert file.pages.first.tile == (tiff.TILE, tiff.TILE)
        assert file.pages.first.software == "breeder"
        assert file.pages.first.get_resolution("inch") == (300.0, 300.0)


@pytest.mark.parametrize("samples", [1 << 21, 1, 40_000])
def test_a_png_a_tiff_and_the_whole_picture_agree_whatever_bands_they_were_drawn_in(
    samples: int, monkeypatch: pytest.MonkeyPatch
):
    canvas = Canvas(width=530, height=300, supersample=2, rotation=20)
    whole = render([GENOME], canvas)[0]
    monkeypatch.setattr("breeder.rendering.BAND_SAMPLES", samples)
    as_tiff = b"".join(tiff.stream_tiff(GENOME, canvas))
    as_png = b"".join(png.stream_png(GENOME, canvas))
    for data in (as_tiff, as_png):
        with Image.open(BytesIO(data)) as image:
            assert np.asarray(image).tobytes() == whole.tobytes()


@settings(max_examples=30, deadline=None)
@given(
    width=st.integers(1, 600),
    rows=st.lists(st.integers(1, 300), min_size=1, max_size=4),
    seed=st.integers(0, 2**32 - 1),
)
def test_any_pixels_in_any_bands_survive(width: int, rows: list[int], seed: int):
    rng = np.random.default_rng(seed)
    bands = [rng.integers(0, 256, (n, width, 3), dtype=np.uint8) for n in rows]
    file = BytesIO()
    tiff.encode_tiff(file, bands, width=width, height=sum(rows), description="{}")
    np.testing.assert_array_equal(tifffile.imread(BytesIO(file.getvalue())), np.concatenate(bands))


def test_the_genome_comes_back_with_its_title_and_texts():
    data = picture(Canvas(width=9, height=9), title="Gül 🦉", meta={"author": "B. <x>"})
    document = tiff.read(BytesIO(data), "it")
    assert document.genome == GENOME
    assert document.meta == {"title": "Gül 🦉", "author": "B. <x>"}


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("big", [True, False])
def test_a_picture_saved_by_another_program_with_its_description_is_read(
    order: Literal["<", ">"], big: bool
):
    file = BytesIO()
    pixels = np.zeros((4, 4, 3), np.uint8)
    tifffile.imwrite(file, pixels, bigtiff=big, byteorder=order, description=TEXT, metadata=None)
    assert tiff.read(BytesIO(file.getvalue()), "it").genome == GENOME


def test_a_picture_saved_again_by_pillow_can_keep_its_genome():
    with Image.open(BytesIO(picture(Canvas(width=9, height=9)))) as image:
        again = BytesIO()
        image.save(again, "tiff", description=image.tag_v2[270])  # type: ignore[attr-defined]
    assert tiff.read(BytesIO(again.getvalue()), "it").genome == GENOME


@pytest.mark.parametrize("last", [0, 1, 3])
def test_cancelling_ends_the_drawing_and_rows_are_told_as_they_are_drawn(
    last: int, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("breeder.rendering.BAND_SAMPLES", 40 * 100)
    canvas = Canvas(width=40, height=400)
    drawn: list[int] = []
    with pytest.raises(CancelledError):
        tiff.write_tiff(
            BytesIO(), GENOME, canvas, cancelled=lambda: len(drawn) == last, advance=drawn.append
        )
    assert drawn == [100] * last
    tiff.write_tiff(BytesIO(), GENOME, canvas, advance=drawn.append)
    assert sum(drawn[last:]) == 400


def test_an_unknown_device_is_an_error_of_drawing():
    with pytest.raises(RenderError):
        tiff.write_tiff(BytesIO(), GENOME, Canvas(), device="abacus")  # type: ignore[arg-type]


MEASURE = """
import sys
from breeder.formats.posters import draw_poster
from breeder.rendering.canvas import Canvas
from breeder.rendering.cpu import prepare
from tests.genomes import random_genome

def most(reset=False):
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) / 1024

prepare()
genome = random_genome(3, hidden=4, connections=12, activations=("identity", "sin"))
for size in (256, int(sys.argv[2])):
    with open(sys.argv[3], "w+b") as file:
        draw_poster(file, genome, Canvas(width=size, height=size), suffix=sys.argv[1], device="cpu")
    print(most())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the peak of memory is read from /proc")
@pytest.mark.parametrize("suffix", [".tif", ".png"])
def test_memory_stays_bounded_while_a_large_picture_is_drawn(suffix: str, tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, suffix, "8192", str(tmp_path / "large")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    before, after = map(float, done.stdout.split())
    assert after - before < 150, done.stdout  # MB; the pixels alone would be 192
    assert after < 600


def test_scratch_files_have_no_name(tmp_path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with scratch_file() as file:
        file.write(b"something")
        assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_pieces_are_packed_in_their_order_and_only_some_ahead():
    taken: list[int] = []

    def pieces():
        for number in range(100):
            taken.append(number)
            yield number

    packed = in_threads(lambda number: number * number, pieces(), ahead=3)
    assert [next(packed), next(packed)] == [0, 1]
    assert len(taken) <= 6
    assert list(packed) == [number * number for number in range(2, 100)]


@given(st.lists(st.integers(1, 9)), st.integers(1, 9))
def test_rows_are_regrouped_without_loss(bands: list[int], rows: int):
    pixels = np.arange(sum(bands))
    ends = np.cumsum([0, *bands])
    groups = list(regroup([pixels[a:b] for a, b in pairwise(ends)], rows))
    assert all(len(group) == rows for group in groups[:-1])
    assert all(0 < len(group) <= rows for group in groups[-1:])
    assert [*np.concatenate([*groups, pixels[:0]])] == [*pixels]


def classic(
    *entries: bytes, order: str = "<", count: int | None = None, tail: bytes = b""
) -> bytes:
    """A classic TIFF of one directory right after its header, which may lie."""
    mark = b"II" if order == "<" else b"MM"
    number = len(entries) if count is None else count
    body = struct.pack(f"{order}H", number) + b"".join(entries) + bytes(4)
    return mark + struct.pack(f"{order}HI", 42, 8) + body + tail


def big(*entries: bytes, count: int | None = None, start: int = 16) -> bytes:
    """A BigTIFF likewise."""
    number = len(entries) if count is None else count
    head = b"II" + struct.pack("<HHHQ", 43, 8, 0, start)
    return head + struct.pack("<Q", number) + b"".join(entries) + bytes(8)


def entry(tag: int, kind: int, count: int, place: int) -> bytes:
    return struct.pack("<HHII", tag, kind, count, place)


def large_entry(tag: int, kind: int, count: int, place: int) -> bytes:
    return struct.pack("<HHQQ", tag, kind, count, place)


AFTER = 8 + 2 + 12 + 4


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "not a TIFF"),
        (b"II*\0", "cut short at byte 4"),
        (b"II+\0" + bytes(9), "cut short at byte 13"),
        (b"II*\0" + struct.pack("<I", 99), "should be at byte 99, but the file has 8"),
        (b"MM\0*" + struct.pack(">I", 2**32 - 1), "should be at byte 4,294,967,295"),
        (big(start=2**64 - 1), "should be at byte 18,446,744,073,709,551,615"),
        (classic(count=65_535), "claims 65,535 entries"),
        (big(count=2**63), "claims 9,223,372,036,854,775,808 entries"),
        (classic(count=4000), "cut short at byte 14, in its directory"),
        (classic(), "no genome inside"),
        (classic(entry(256, 3, 1, 1)), "no genome inside"),
        (classic(entry(270, 2, 3, 0x6968)), "no genome inside"),
        (classic(entry(270, 5, 1, 8)), "not text"),
        (classic(entry(270, 2, 2**32 - 1, 8)), "takes 4,294,967,295 bytes"),
        (classic(entry(270, 2, 4_000_000, 8)), "4,000,000 bytes from byte 8 on"),
        (big(large_entry(270, 2, 2**62, 0)), "takes 4,611,686,018,427,387,904 bytes"),
        (big(large_entry(270, 2, 99, 2**64 - 1)), "from byte 18,446,744,073,709,551,615 on"),
        (classic(entry(270, 2, 20, AFTER), tail=b"ImageJ=1.53t        "), "no genome inside"),
        (classic(entry(270, 2, 30, AFTER), tail=b'{"shape": [1], "x": "y"}      '), "no genome"),
        (
            classic(entry(270, 2, 40, AFTER), tail=b'{"format":"breeder-genome",' + bytes(13)),
            "JSON",
        ),
        (
            classic(entry(270, 2, 40, AFTER), tail=b'{"format":"breeder-genome"\xff' + bytes(13)),
            "UTF",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
@pytest.mark.timeout(5)
def test_a_hostile_picture_gets_one_sentence(data: bytes, message: str):
    tracemalloc.start()
    with pytest.raises(FormatError, match=re.escape(message)) as caught:
        tiff.read(BytesIO(data), "owl.tif")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert str(caught.value).startswith("Cannot read owl.tif: ")
    assert str(caught.value).endswith(".")
    assert str(caught.value).isprintable()
    assert peak < 4_000_000


WHOLE = picture(Canvas(width=9, height=9))


@settings(max_examples=500, deadline=None)
@given(
    edits=st.lists(
        st.tuples(st.integers(0, len(WHOLE) - 1), st.binary(max_size=4)), min_size=1, max_size=4
    ),
    near=st.integers(1, 400),
    keep=st.integers(0, len(WHOLE)) | st.just(len(WHOLE)),
)
def test_any_damage_gives_a_genome_or_one_sentence(edits, near: int, keep: int):
    data = bytearray(WHOLE)
    for where, insert in edits:
        place = where % near if near < 300 else where  # mostly in the header and directory
        data[place : place + len(insert)] = insert
    try:
        tiff.read(BytesIO(bytes(data[:keep])), "owl.tif")
        sentence = ""
    except FormatError as error:
        sentence = str(error)
    assert sentence.isprintable()
    assert len(sentence) < 400
