"""Bundles: a zip of a picture in many formats."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from breeder import Canvas, Genome, load, save
from breeder.errors import FormatError
from breeder.formats import FORMATS, load_document, loads_any
from breeder.formats.bundle import CONTENTS
from breeder.formats.code import glsl
from breeder.formats.native import Document
from tests.genomes import random_genome

GENOME = random_genome(3)
CANVAS = Canvas(width=40, height=40)
TEXTS = {"title": 'Owl ../"\n=', "origin": "Picbreeder 1/2, from 1/1\nFiles:", "a\nb": "c"}


def packed(genome: Genome = GENOME, **texts: str) -> bytes:
    document = Document(genome=genome, meta=texts or TEXTS)
    return b"".join(FORMATS["bundle"].pieces(document, CANVAS, "cpu"))


def opened(data: bytes) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(data))


def test_a_bundle_holds_each_file_as_it_would_be_saved_alone():
    with opened(packed()) as archive:
        assert archive.testzip() is None
        assert set(archive.namelist()) == {*CONTENTS.values(), "README.txt"}
        document = Document(genome=GENOME, meta=TEXTS)
        for name, file in CONTENTS.items():
            assert archive.read(file) == b"".join(FORMATS[name].pieces(document, CANVAS, "cpu"))
        for file in ("genome.json", "picture.png", "page.html", "drawing.svg"):
            assert loads_any(archive.read(file), name=file) == GENOME


def test_the_readme_names_the_genome_its_title_and_origin():
    with opened(packed()) as archive:
        readme = archive.read("README.txt").decode()
    assert readme.startswith("Owl")
    assert f"Identity: {GENOME.id}" in readme.splitlines()
    assert "Origin: Picbreeder 1/2, from 1/1 Files:" in readme.splitlines()
    assert all(file in readme for file in CONTENTS.values())
    assert "A b: c" in readme.splitlines()
    assert "Left out" not in readme


def test_what_cannot_hold_the_genome_is_left_out_and_the_readme_says_why(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(glsl, "MOST_STEPS", 2)
    with opened(packed()) as archive:
        names = archive.namelist()
        readme = archive.read("README.txt").decode()
    assert "shader.glsl" not in names
    assert {"genome.json", "picture.png", "palette.ase"} <= set(names)
    missing = readme.partition("Left out:")[2]
    assert "shader.glsl" in missing
    assert "too large" in missing


def test_the_same_picture_gives_the_same_bytes_at_any_time():
    first = packed()
    assert packed() == first
    with opened(first) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_a_bundle_reads_back(tmp_path: Path):
    path = tmp_path / "owl.zip"
    save(GENOME, path, title="Owl", canvas=CANVAS)
    assert load(path) == GENOME
    assert load_document(path).title == "Owl"


def test_a_broken_bundle_gets_one_sentence():
    whole = packed()
    without = io.BytesIO()
    with opened(whole) as archive, zipfile.ZipFile(without, "w") as other:
        other.writestr("genome.json.txt", archive.read("genome.json"))
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("genome.json", b" " * 200_000_000)
    for data in (whole[:-100], whole[:2000], without.getvalue(), bomb.getvalue()):
        with pytest.raises(FormatError, match=r"^Cannot read owl\.zip: ") as caught:
            loads_any(data, name="owl.zip")
        assert len(str(caught.value).splitlines()) == 1
