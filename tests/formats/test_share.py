"""Genomes in links."""

from __future__ import annotations

import base64
import json
import re
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breeder.errors import FormatError
from breeder.formats import native
from breeder.formats.native import Document
from breeder.formats.share import MAX_LINK, MAX_TEXT_BYTES, pack, unpack
from tests.genomes import random_genome
from tests.strategies import genomes

GENOME = random_genome(3)


def link(text: bytes, version: str = "1") -> str:
    packer = zlib.compressobj(9, wbits=-15)
    packed = packer.compress(text) + packer.flush()
    return f"{version}.{base64.urlsafe_b64encode(packed).decode().rstrip('=')}"


WHOLE = pack(Document(genome=GENOME)) or ""
NATIVE = native.dumps(GENOME, compact=True)


@given(genomes(), st.text(st.characters(codec="utf-8"), max_size=60))
def test_a_link_gives_back_exactly_the_genome_and_title(genome, title):
    packed = pack(Document(genome=genome, meta={"title": title} if title else {}))
    assert packed is not None
    assert re.fullmatch(r"[A-Za-z0-9._-]+", packed)  # needs no escapes in an address
    found = unpack(packed)
    assert found.genome == genome
    assert found.genome.id == genome.id
    assert found.title == title


def test_the_origin_travels_along():
    packed = pack(Document(genome=GENOME, meta={"origin": "Picbreeder 1/2"}))
    assert unpack(packed or "").origin == "Picbreeder 1/2"


def test_a_bred_genome_fits_and_one_too_large_makes_no_link():
    assert len(pack(Document(genome=random_genome(1, hidden=40, connections=120))) or "") > 500
    assert pack(Document(genome=random_genome(1, hidden=200, connections=800))) is None
    assert pack(Document(genome=random_genome(1, hidden=900, connections=9_000))) is None


FIRST = (
    "1.XY2xbsMwEEP_hbMStEGz6DO6Fh5ki1GF2qfgdE5QGP73SMmWkeQjueFSdAkGj1HJSD0kSlkIhxu15i"
    "Lwnw4LLcBvsGwzG_ydJVXsDlOZizYjKf9bJ8t1tQr_g4jBQUpkVxv-Wtw_cvo1Ya2NDZPlW7DnBWqWZo"
    "05NPzjeN6HPi3CqeeviVpWnfp5bKQFTbT3yTu7gP86ns4OlDDOjPCmK_dhfwA"
)
"""A link of version 1. It stays here for ever, and so does what it opens."""


def test_a_link_of_version_1_opens_for_ever():
    document = unpack(FIRST)
    assert document.title == "Rings"
    assert document.genome.id == "ac571d34083afa367ed5cea364065fcb"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "a part of it is missing"),
        ("1.", "a part of it is missing"),
        (".abc", "a part of it is missing"),
        ("1.ab cd", "a part of it is missing"),
        ("1.ab%00", "a part of it is missing"),
        ("1.é", "a part of it is missing"),
        ("\u0661.abc", "a part of it is missing"),
        (WHOLE.replace("1.", "2.", 1), "it is of version 2"),
        (WHOLE.replace("1.", "999999.", 1), "it is of version 999999"),
        ("1.a", "damaged or cut short"),
        ("1." + "A" * 5000, "damaged or cut short"),
        (WHOLE[:-8], "damaged or cut short"),
        (WHOLE + "AAAA", "damaged or cut short"),
        ("1." + "a" * MAX_LINK, "characters"),
        (link(b"0" * 4_000_000), "unpacks to more than a picture needs"),
        (link(b"0" * MAX_TEXT_BYTES + b"0"), "unpacks to more than a picture needs"),
        (link(b""), "it is empty"),
        (link(b"\xff\xfe"), "not UTF-8"),
        (link(b"[]"), "one JSON object"),
        (link(b"[" * 100_000), "nested"),
        (link(b'{"format":"breeder-genome","version":7}'), "a later version"),
        (link(NATIVE.replace("0.", "1e999.", 1).encode()), ""),
        (link(NATIVE.replace('"sin"', '"cin"').encode()), ""),
        (link(json.dumps({**json.loads(NATIVE), "color": "<script>"}).encode()), "color"),
    ],
)
def test_a_hostile_link_gets_one_sentence(text: str, reason: str):
    with pytest.raises(FormatError, match=r"^Cannot read the link: ") as caught:
        unpack(text)
    assert reason in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1
    assert len(str(caught.value)) < 400


@given(st.binary(max_size=400))
def test_anything_in_place_of_a_genome_is_refused(data):
    for text in (link(data), "1." + base64.urlsafe_b64encode(data).decode().rstrip("=")):
        with pytest.raises(FormatError):
            unpack(text)
