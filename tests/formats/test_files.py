"""Saving and loading: the suffix names what is written, the content decides what is read."""

import os
import re
import stat
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import breeder.formats
from breeder.errors import FormatError, RenderError
from breeder.formats import FORMATS, load, load_document, loads_any, loads_document, native, save
from breeder.rendering import render
from breeder.rendering.canvas import Canvas
from tests.genomes import random_genome

GENOME = random_genome(12)
SMALL = Canvas(width=12, height=9)
HEADS = (
    b"{",
    b"\x89PNG\r\n\x1a\n",
    b"II+\0",
    b"<data>",
    b"<!DOCTYPE html>",
    b"RIFF\0\0\0\0WEBP",
    b'<svg xmlns="http://www.w3.org/2000/svg" width="8">',
    b"PK\3\4" + bytes(26) + b"genome.json",
)
"""How files of each format that is read begin."""


def store(path: Path, **options) -> Path:
    save(GENOME, path, **{"canvas": SMALL, "device": "reference", **options})
    return path


WHOLE = [name for name, row in FORMATS.items() if row.reads and row.writes and not row.loses]


@pytest.mark.parametrize("name", WHOLE)
def test_every_format_that_loses_nothing_keeps_the_genome(tmp_path: Path, name: str):
    path = store(tmp_path / f"owl{FORMATS[name].suffix}", title="Owl", format=name)
    assert load(path) == GENOME
    assert load(str(path)).id == GENOME.id
    assert load_document(path).title == "Owl"
    assert loads_any(path.read_bytes(), name="upload") == GENOME
    assert loads_document(path.read_bytes(), name="upload").title == "Owl"
    assert os.listdir(tmp_path) == [path.name]


def test_the_table_names_each_format_once_and_every_suffix_has_a_writer():
    assert {"json", "png"} <= set(WHOLE)
    for name, row in FORMATS.items():
        assert name == row.name == name.lower()
        assert re.fullmatch(r"\.[a-z0-9]+", row.suffix)
        assert row.title
        assert row.reads or row.writes
        assert row.reads == any(row.recognises(head) for head in HEADS), name


def test_a_name_chooses_among_formats_and_outranks_the_suffix(tmp_path: Path):
    path = store(tmp_path / "owl.txt", format="JSON")
    assert path.read_bytes().startswith(b"{")
    with pytest.raises(FormatError, match=r"^Cannot write owl\.json: there is no format 'gif' "):
        store(tmp_path / "owl.json", format="gif")


def test_a_tiff_may_be_called_so_in_full(tmp_path: Path):
    assert store(tmp_path / "owl.tiff").read_bytes().startswith(b"II+")
    assert load(tmp_path / "owl.tiff") == GENOME


def test_the_suffix_may_be_written_in_capitals(tmp_path: Path):
    with Image.open(store(tmp_path / "OWL.PNG")) as image:
        assert image.size == (12, 9)


def test_a_picture_is_1024_pixels_smoothed_by_default(tmp_path: Path, monkeypatch):
    canvas = breeder.formats.DEFAULT_CANVAS
    assert (canvas.width, canvas.height, canvas.supersample) == (1024, 1024, 2)
    monkeypatch.setattr(breeder.formats, "DEFAULT_CANVAS", Canvas(width=20, height=10))
    with Image.open(store(tmp_path / "owl.png", canvas=None)) as image:
        drawn = render([GENOME], Canvas(width=20, height=10), device="reference")[0]
        np.testing.assert_array_equal(np.asarray(image), drawn)


@pytest.mark.parametrize("name", ["owl", "owl.gif", "owl.json.gz", ".png", "owl."])
def test_an_unknown_suffix_is_refused_with_the_known_ones(tmp_path: Path, name: str):
    with pytest.raises(FormatError, match=r"use one of \.json, \.png\b") as caught:
        store(tmp_path / name)
    assert str(caught.value).startswith(f"Cannot write {name}: ")
    assert not os.listdir(tmp_path)


def test_saving_replaces_a_file_and_follows_a_link(tmp_path: Path):
    target = tmp_path / "real.json"
    target.write_text("old")
    link = tmp_path / "link.json"
    link.symlink_to(target)
    store(link)
    assert link.is_symlink()
    assert load(target) == GENOME


@pytest.mark.skipif(os.name == "nt", reason="permissions are those of POSIX")
def test_a_saved_file_has_the_permissions_of_any_new_file(tmp_path: Path):
    other = tmp_path / "other"
    other.touch()
    assert stat.S_IMODE(store(tmp_path / "owl.json").stat().st_mode) == stat.S_IMODE(
        other.stat().st_mode
    )


@pytest.mark.parametrize(
    "failure", [RenderError("no"), KeyboardInterrupt(), OSError(28, "No space")]
)
def test_a_save_that_fails_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch, failure: BaseException
):
    path = store(tmp_path / "owl.png")
    before = path.read_bytes()

    def broken(*args, **options):
        yield before[:50]
        raise failure

    monkeypatch.setattr("breeder.formats.png.stream_png", broken)
    expected = FormatError if isinstance(failure, OSError) else type(failure)
    with pytest.raises(expected):
        store(path)
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == ["owl.png"]


def test_a_folder_that_is_not_there_is_said(tmp_path: Path):
    with pytest.raises(FormatError, match="no such file or folder"):
        store(tmp_path / "nowhere" / "owl.json")


def test_a_folder_in_the_way_is_said(tmp_path: Path):
    (tmp_path / "owl.json").mkdir()
    with pytest.raises(FormatError, match="Cannot write"):
        store(tmp_path / "owl.json")
    assert os.listdir(tmp_path) == ["owl.json"]
    with pytest.raises(FormatError, match=r"Cannot read owl\.json: it is not a file"):
        load(tmp_path / "owl.json")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
@pytest.mark.timeout(10)
def test_a_pipe_is_not_waited_for(tmp_path: Path):
    os.mkfifo(tmp_path / "owl.json")
    with pytest.raises(FormatError, match="not a file"):
        load(tmp_path / "owl.json")


@pytest.mark.parametrize("name", ["owl\0.json", "\ud800.json", "x" * 300 + ".json"])
def test_a_name_no_file_can_have_is_said(tmp_path: Path, name: str):
    for attempt in (store, load):
        with pytest.raises(FormatError) as caught:
            attempt(tmp_path / name)
        assert str(caught.value).isprintable()
    assert not os.listdir(tmp_path)


def test_a_file_that_is_not_there_is_said(tmp_path: Path):
    with pytest.raises(FormatError, match="no such file"):
        load(tmp_path / "owl.png")


def test_the_content_decides_not_the_suffix(tmp_path: Path):
    store(tmp_path / "a.png").rename(tmp_path / "picture.json")
    store(tmp_path / "a.json").rename(tmp_path / "text.png")
    assert load(tmp_path / "picture.json") == GENOME
    assert load(tmp_path / "text.png") == GENOME
    assert loads_any(b"\n" * 500 + native.dumps(GENOME).encode(), name="x") == GENOME


def other_picture(kind: str) -> bytes:
    file = BytesIO()
    Image.new("RGB", (4, 4)).save(file, kind)
    return file.getvalue()


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (other_picture("JPEG"), "it is a JPEG picture, which carries no genome"),
        (other_picture("GIF"), "it is a GIF picture, which carries no genome"),
        (other_picture("WebP"), "the picture has no genome inside"),
        (other_picture("PNG"), "the picture has no genome inside"),
        (other_picture("BMP"), "none of the formats read here: json, png, "),
        (b"%PDF-1.7", "none of the formats"),
        (b"\xff\xfe{\0", "none of the formats"),
        (b"PK\3\4", "the zip is damaged or cut short"),
        (b"", "it is empty"),
        (b"[1, 2]", "one JSON object"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_file_of_another_kind_is_told_apart(tmp_path: Path, data: bytes, message: str):
    path = tmp_path / "owl.png"
    path.write_bytes(data)
    for attempt in (lambda: load(path), lambda: loads_any(data, name="owl.png")):
        with pytest.raises(FormatError, match=rf"^Cannot read owl\.png: .*{message}"):
            attempt()


def test_an_upload_s_name_cannot_spoil_the_message():
    with pytest.raises(FormatError) as caught:
        loads_any(b"%PDF", name="\x1b[2J\n" + "x" * 9999)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 400
