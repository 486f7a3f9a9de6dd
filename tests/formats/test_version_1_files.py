"""Files written by version 1 open for ever, as the same genomes and the same pictures.

The files beside this promise are never changed and never made again; new ones are added.
"""

import hashlib
import json
from pathlib import Path

import pytest

from breeder.formats import load_document
from breeder.rendering import render
from breeder.rendering.canvas import Canvas

FILES = Path(__file__).parents[1] / "data" / "formats" / "v1"
EXPECTED = json.loads((FILES / "expected.json").read_text("utf-8"))


def test_every_file_has_its_expectation():
    assert {path.name for path in FILES.iterdir()} == {"expected.json", *EXPECTED}


@pytest.mark.parametrize("name", EXPECTED)
def test_a_file_of_version_1_is_the_same_genome_and_picture(name: str):
    document = load_document(FILES / name)
    pixels = render([document.genome], Canvas(width=32, height=24), device="reference")
    assert EXPECTED[name] == {
        "id": document.genome.id,
        "title": document.title,
        "pixels": hashlib.sha256(pixels.tobytes()).hexdigest(),
    }
