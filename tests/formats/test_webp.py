"""WebP pictures are pictures everywhere, and hold their genome."""

from __future__ import annotations

import struct
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from breeder.errors import FormatError
from breeder.formats import loads_document, save
from breeder.rendering import render
from breeder.rendering.canvas import Canvas
from tests.genomes import random_genome

GENOME = random_genome(12)
SMALL = Canvas(width=21, height=14)


@pytest.fixture
def picture(tmp_path: Path) -> bytes:
    path = tmp_path / "owl.webp"
    save(GENOME, path, canvas=SMALL, title="Öwl <&>", meta={"origin": "Picbreeder 1/2"})
    return path.read_bytes()


def test_the_picture_is_exact_and_its_texts_are_inside(picture: bytes):
    with Image.open(BytesIO(picture)) as image:
        assert image.format == "WEBP"
        drawn = render([GENOME], SMALL)[0]
        np.testing.assert_array_equal(np.asarray(image.convert("RGB")), drawn)
    document = loads_document(picture, name="owl.webp")
    assert (document.genome, document.title) == (GENOME, "Öwl <&>")
    assert document.origin == "Picbreeder 1/2"


def test_a_program_that_keeps_xmp_keeps_the_genome(picture: bytes):
    with Image.open(BytesIO(picture)) as image:
        file = BytesIO()
        image.save(file, "WEBP", quality=40, xmp=image.info["xmp"])
    assert loads_document(file.getvalue(), name="x").genome == GENOME


def test_a_genome_rewritten_as_an_attribute_is_found(picture: bytes):
    packet = picture[picture.index(b"<x:xmp") : picture.index(b"</x:xmpmeta>") + 12]
    text = packet.partition(b"<breeder:genome>")[2].partition(b"</")[0]
    file = BytesIO()
    other = b'<rdf:Description breeder:genome = "%b" />' % text
    Image.new("RGB", (2, 2)).save(file, "WEBP", xmp=other)
    assert loads_document(file.getvalue(), name="x").genome == GENOME


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda data: data[: len(data) // 2], "cut short|no genome inside"),
        (lambda data: data[:12], "no genome inside"),
        (lambda data: data.replace(b"breeder:genome", b"breeder:gnomes"), "no genome inside"),
        (
            lambda data: data.replace(b"<breeder:genome>", b"<breeder:genome>A"),
            "damaged|not JSON|not UTF-8",
        ),
        (lambda data: data[:12] + struct.pack("<4sI", b"XMP ", 2**31), "cut short"),
        (lambda data: data[:12] + struct.pack("<4sI", b"nope", 0) * 2000, "more than 1,000 chunks"),
        (
            lambda data: data[:12] + struct.pack("<4sI", b"XMP ", 9_000_000) + b" " * 9_000_000,
            "its texts are larger than",
        ),
    ],
)
def test_a_wrong_file_is_refused_with_the_reason(picture: bytes, change, message: str):
    with pytest.raises(FormatError, match=f"^Cannot read owl.webp: .*({message})"):
        loads_document(change(picture), name="owl.webp")


def test_a_picture_that_is_too_large_is_refused(tmp_path: Path):
    for canvas in (Canvas(width=16_384, height=1), Canvas(width=16_000, height=16_000)):
        with pytest.raises(FormatError, match=r"at most 16,383 pixels along a side"):
            save(GENOME, tmp_path / "owl.webp", canvas=canvas)
    assert not list(tmp_path.iterdir())
