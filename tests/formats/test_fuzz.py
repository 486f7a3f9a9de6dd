"""Whatever bytes arrive: a valid genome or one FormatError, never anything else."""

import json
import re
import zlib
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from breeder.errors import FormatError
from breeder.formats import loads_any, native

FILES = Path(__file__).parents[1] / "data" / "formats" / "v1"
REAL = [path.read_bytes() for path in sorted(FILES.iterdir())]
TOKENS = re.compile(rb'"[^"]*"|[-+.\w]+|[^\s]')
SPLICES = (
    b"",
    b'"',
    b"[",
    b"}",
    b",",
    b"null",
    b"true",
    b"NaN",
    b"1e999",
    b"-0",
    b"9" * 400,
    b'"x"',
    b'"hue"',
    b'"\\ud800"',
    b"[[[[[[[[[[",
    b"\0",
    b"\xff",
    b"IEND",
    b"\xff\xff\xff\xff",
)

fuzz = settings(max_examples=1000, deadline=None, suppress_health_check=list(HealthCheck))


def judge(data: bytes) -> None:
    try:
        genome = loads_any(data, name="upload")
    except FormatError as error:
        sentence = str(error)
        assert sentence.isprintable(), sentence
        assert len(sentence) < 400
    else:
        assert native.loads(native.dumps(genome)).id == genome.id


def crc_repaired(data: bytes) -> bytes:
    """A PNG whose chunks have right checksums, so that what is inside them is looked at."""
    parts, place = [data[:8]], 8
    while place + 12 <= len(data):
        length = int.from_bytes(data[place : place + 4], "big")
        body = data[place + 4 : place + 8 + length]
        parts.append(data[place : place + 4] + body + zlib.crc32(body).to_bytes(4, "big"))
        place += 12 + length
    return b"".join([*parts, data[place:]])


@fuzz
@given(
    real=st.sampled_from(REAL),
    edits=st.lists(
        st.tuples(
            st.floats(0, 1), st.integers(0, 12), st.binary(max_size=8) | st.sampled_from(SPLICES)
        ),
        min_size=1,
        max_size=4,
    ),
    keep=st.floats(0, 1) | st.just(1.0),
    repair=st.booleans(),
)
def test_real_files_with_bytes_replaced_or_cut(real, edits, keep, repair):
    data = bytearray(real)
    for where, length, insert in edits:
        start = int(where * len(data))
        data[start : start + length] = insert
    cut = bytes(data[: int(keep * len(data))])
    judge(crc_repaired(cut) if repair else cut)


@fuzz
@given(
    real=st.sampled_from([file for file in REAL if file.startswith(b"{")]),
    edits=st.lists(
        st.tuples(st.floats(0, 1), st.floats(0, 1) | st.sampled_from(SPLICES)),
        min_size=1,
        max_size=3,
    ),
)
def test_real_files_with_tokens_replaced_or_moved(real, edits):
    """Mostly valid JSON, so that the schema and the genome's own checks see it."""
    tokens = TOKENS.findall(real)
    for where, what in edits:
        place = int(where * (len(tokens) - 1))
        other = what if isinstance(what, bytes) else tokens[int(what * (len(tokens) - 1))]
        tokens[place] = other
    judge(b" ".join(tokens))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)


@fuzz
@given(
    name=st.sampled_from(["small.json", "full.json", "grey.json"]),
    path=st.lists(st.floats(0, 1), min_size=1, max_size=3),
    value=json_values,
)
def test_real_files_with_any_value_in_any_place(name, path, value):
    whole = json.loads((FILES / name).read_text("utf-8"))
    place = whole
    for step in path[:-1]:
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        inner = place[keys[int(step * (len(keys) - 1))]] if keys else None
        if not isinstance(inner, (dict, list)) or not inner:
            break
        place = inner
    keys = list(place) if isinstance(place, dict) else list(range(len(place)))
    place[keys[int(path[-1] * (len(keys) - 1))]] = value
    judge(json.dumps(whole).encode())


@fuzz
@given(data=st.binary(max_size=200), real=st.sampled_from([b"", b"{", b"\x89PNG\r\n\x1a\n"]))
def test_any_bytes(data, real):
    judge(real + data)
