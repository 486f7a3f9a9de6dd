"""Files of other programs, mutated: genomes or one FormatError, never anything else.

With test_fuzz.py, which does the same to our own files, 10,000 inputs in every run.
"""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Callable, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from breeder.errors import FormatError
from breeder.formats import load_documents, loads_documents, native, save, share
from breeder.rendering.canvas import Canvas
from tests.formats import picbreeder_files as files
from tests.formats.picbreeder_files import data, zipped
from tests.genomes import random_genome

SHARED = Path(__file__).resolve().parents[3] / "shared" / "picbreeder"
NEAT: dict[str, Any] = {
    "format_version": "1.0",
    "network_type": "feedforward",
    "metadata": {"genome_id": 7},
    "topology": {"num_inputs": 2, "num_outputs": 1, "input_keys": [-1, -2], "output_keys": [0]},
    "nodes": [
        {"id": 0, "type": "output", "activation": {"name": "sin"}, "bias": 0.5, "response": 1.0},
        {"id": 3, "type": "hidden", "activation": "clamped", "aggregation": "max", "bias": 0},
        {"id": -1, "type": "input"},
    ],
    "connections": [
        {"from": -1, "to": 3, "weight": 1.5, "enabled": True},
        {"from": -2, "to": 3, "weight": -30.0, "enabled": True},
        {"from": 3, "to": 0, "weight": 2.5, "enabled": True},
        {"from": -1, "to": 0, "weight": 0.5, "enabled": False},
    ],
}
XML = [data(files.COLOR), data(files.OLDER), files.CPPNX, files.STORAGE]
OURS = [*(text.encode() for text in XML), zipped(XML[0]), zipped(XML[3]), json.dumps(NEAT).encode()]
TOKENS = re.compile(r"<[/?!]?[\w-]*|[\w-]+=|\"[^\"]*\"|/?>|[^<>\s\"]+")
SPLICES = (
    *("", "<genome>", "</genome>", "<data/>", "<!DOCTYPE x>", "<![CDATA[", "<!--", "-->", "&lt;"),
    *("&#0;", '"', ">", "</node>", 'type="out"', 'phenotype="color"', "NaN", "1e999", "-0"),
    *('"9"', "\x00", "\ud800", "9" * 400, "sin(x)", "<?xml?>", "<storage>", 'label="hue"'),
)

fuzz = settings(max_examples=1000, deadline=None, suppress_health_check=list(HealthCheck))


def upload(content: bytes) -> Sequence[native.Document]:
    return loads_documents(content, name="upload")


def linked(content: bytes) -> Sequence[native.Document]:
    return (share.unpack(content.decode("latin-1")),)


def judge(content: bytes, read: Callable[[bytes], Sequence[native.Document]] = upload) -> None:
    try:
        documents = read(content)
    except FormatError as error:
        sentence = str(error)
        assert sentence.isprintable(), sentence
        assert sentence.endswith("."), sentence
        assert len(sentence) < 400, sentence
    else:
        assert documents
        for document in documents:
            text = native.dumps(document.genome, meta=document.meta)
            assert native.parse(text).genome.id == document.genome.id


def test_what_is_mutated_is_valid_before() -> None:
    for content in OURS:
        assert loads_documents(content, name="x")


@fuzz
@given(
    text=st.sampled_from(XML),
    edits=st.lists(
        st.tuples(st.floats(0, 1), st.floats(0, 1) | st.sampled_from(SPLICES)),
        min_size=1,
        max_size=3,
    ),
    packed=st.booleans(),
)
def test_xml_with_tokens_replaced_or_moved(
    text: str, edits: list[tuple[float, float | str]], packed: bool
):
    """Mostly well-formed, so that the meaning of elements is looked at."""
    tokens = TOKENS.findall(text)
    for where, what in edits:
        place = int(where * (len(tokens) - 1))
        other = what if isinstance(what, str) else tokens[int(what * (len(tokens) - 1))]
        tokens[place] = other
    content = " ".join(tokens).replace("= ", "=").encode("utf-8", "surrogatepass")
    judge(zipped(content) if packed else content)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)


@fuzz
@given(path=st.lists(st.floats(0, 1), min_size=1, max_size=5), value=json_values)
def test_networks_of_neat_python_with_any_value_in_any_place(path: list[float], value: Any):
    whole = json.loads(json.dumps(NEAT))
    place = whole
    for step in path[:-1]:
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        inner = place[keys[int(step * (len(keys) - 1))]]
        if not isinstance(inner, (dict, list)) or not inner:
            break
        place = inner
    keys = list(place) if isinstance(place, dict) else list(range(len(place)))
    place[keys[int(path[-1] * (len(keys) - 1))]] = value
    judge(json.dumps(whole).encode())


def mutated(content: bytes, rng: np.random.Generator) -> bytes:
    """A file with some bytes changed, put in, taken out, doubled, or its end cut off."""
    out = bytearray(content)
    for _ in range(int(rng.integers(1, 5))):
        place = int(rng.integers(0, len(out) + 1))
        length = int(rng.integers(1, 20))
        match int(rng.integers(0, 6)):
            case 0:
                out[place : place + 1] = rng.bytes(1)
            case 1:
                out[place:place] = rng.bytes(length)
            case 2:
                del out[place : place + length]
            case 3:
                out[place:place] = out[place : place + 20 * length]
            case 4 if out[place : place + 1]:
                out[place] ^= 1 << int(rng.integers(0, 8))
            case _:
                if rng.random() < 0.2:
                    del out[place:]
    return bytes(out)


def mutate(contents: list[bytes], count: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    for number in range(count):
        content = contents[number % len(contents)]
        if content.startswith(b"PK") and rng.random() < 0.5:
            judge(zipped(mutated(unzipped(content), rng)))
        else:
            judge(mutated(content, rng))


def unzipped(content: bytes) -> bytes:
    with zipfile.ZipFile(BytesIO(content)) as archive:
        return archive.read(archive.namelist()[0])


def test_small_files_with_bytes_changed(tmp_path: Path):
    names = ("a.png", "a.json", "a.webp", "a.tif", "a.svg", "a.html", "a.zip")
    for seed, name in enumerate(names):
        save(random_genome(seed), tmp_path / name, canvas=Canvas(width=8, height=8), title="Owl")
        assert load_documents(tmp_path / name)
    mine = [(tmp_path / name).read_bytes() for name in names]
    mutate([*OURS, *mine], 3000, seed=1)


def test_links_with_letters_changed():
    rng = np.random.default_rng(3)
    link = share.pack(native.Document(genome=random_genome(3), meta={"title": "Owl"})) or ""
    assert share.unpack(link).title == "Owl"
    for _ in range(500):
        judge(mutated(link.encode(), rng), linked)


def test_original_files_with_bytes_changed():
    if not SHARED.is_dir():
        pytest.skip("the original genomes are not here: Picbreeder's own files are not mutated")
    originals = [path.read_bytes() for path in sorted(SHARED.glob("*.*ml"))]
    originals += [path.read_bytes() for path in sorted(SHARED.glob("*.zip"))]
    assert len(originals) == 4
    mutate(originals, 1000, seed=2)
