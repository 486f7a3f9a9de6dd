"""Zips of many pictures: what is in them, and that they are read back."""

import zipfile
from io import BytesIO
from pathlib import Path

import pytest

from breeder.errors import CancelledError, FormatError
from breeder.formats import FORMATS, load_documents, loads_documents
from breeder.formats.collection import GENOMES, Piece, check_size, steps_of, write_collection
from breeder.formats.native import Document
from breeder.rendering.canvas import Canvas
from tests.genomes import IN_32_BITS, random_genome

CANVAS = Canvas(width=32, height=32)


def piece(
    seed: int, title: str = "", *notes: str, activations: tuple[str, ...] = IN_32_BITS
) -> Piece:
    genome = random_genome(seed, activations=activations)
    meta = {"title": title, "origin": "Picbreeder 1/2"} if title else {}
    return Piece(document=Document(genome=genome, meta=meta), notes=notes)


def zipped(pieces: list[Piece], formats: list[str]) -> bytes:
    file = BytesIO()
    write_collection(file, pieces, formats, CANVAS, "cpu")
    return file.getvalue()


def test_a_zip_holds_each_picture_in_each_format_and_is_read_back_exactly(tmp_path: Path):
    pieces = [piece(1, "Night/owl", "Tags: night"), piece(2), piece(3, "Night/owl")]
    path = tmp_path / "pictures.zip"
    path.write_bytes(zipped(pieces, ["png", "numpy", "torch"]))
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        id_two, id_three = (each.document.genome.id[:12] for each in pieces[1:])
        assert names == [
            GENOMES,
            *("Night_owl.png", "Night_owl.py", "Night_owl-torch.py"),
            *(f"{id_two}.png", f"{id_two}.py", f"{id_two}-torch.py"),
            *(f"Night_owl {id_three}{end}" for end in (".png", ".py", "-torch.py")),
            "README.txt",
        ]
        expected = b"".join(FORMATS["png"].pieces(pieces[0].document, CANVAS, "cpu"))
        assert archive.read("Night_owl.png") == expected
        assert "Tags: night" in archive.read("README.txt").decode()
    found = load_documents(path)
    assert [each.genome for each in found] == [each.document.genome for each in pieces]
    assert [each.title for each in found] == ["Night/owl", "", "Night/owl"]
    assert found[0].origin == "Picbreeder 1/2"


def test_what_a_format_cannot_hold_is_left_out_and_the_readme_says_why():
    pieces = [piece(1, "sines", activations=("sin", "abs")), piece(2, "owl")]
    with zipfile.ZipFile(BytesIO(zipped(pieces, ["picbreeder"]))) as archive:
        readme = archive.read("README.txt").decode()
        left_out = {"sines.xml", "owl.xml"} - set(archive.namelist())
    assert left_out
    assert "Left out:" in readme
    assert all(name in readme.split("Left out:")[1] for name in left_out)


def test_progress_is_told_for_each_file_and_the_work_ends_when_nobody_wants_it():
    steps: list[int] = []
    pieces = [piece(seed) for seed in range(3)]
    with pytest.raises(CancelledError):
        write_collection(
            BytesIO(),
            pieces,
            ["json", "css"],
            CANVAS,
            "cpu",
            advance=steps.append,
            cancelled=lambda: len(steps) == 2,
        )
    assert steps == [1, 1]
    assert steps_of(3, 2) == 6


@pytest.mark.parametrize(("pieces", "formats"), [(0, 1), (999, 1), (500, 2)])
def test_a_zip_that_could_not_be_read_back_is_refused(pieces: int, formats: int):
    check_size(499, 2)
    with pytest.raises(FormatError):
        check_size(pieces, formats)


def test_an_unknown_format_is_refused():
    with pytest.raises(FormatError, match="no format 'gif'"):
        zipped([piece(1)], ["gif"])


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        (b"", "it holds 0 genomes"),
        (b"{}\n" * 1001, "it holds 1,001 genomes"),
        (b'{"format": "breeder-genome"}\n', "genome 1 of many.zip"),
        (b" " * 70_000_000, "it is larger than"),
    ],
)
def test_a_broken_zip_gets_one_sentence(lines: bytes, sentence: str):
    file = BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(GENOMES, lines)
    with pytest.raises(FormatError, match=sentence):
        loads_documents(file.getvalue(), name="many.zip")
