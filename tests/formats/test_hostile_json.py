"""Files that mean harm or were harmed: one clear sentence each, quickly, and nothing else."""

import json
import re
import time
from typing import Any

import pytest

from breeder.errors import FormatError
from breeder.formats import native
from breeder.formats.limits import MAX_BYTES
from tests.genomes import random_genome

SECONDS = 3.0  # of the processor's time; the slowest takes some 0.5 here


def members(**changes: Any) -> dict[str, Any]:
    """The members of a valid file with two hidden nodes, some of them changed or gone (None)."""
    plain = json.loads(native.dumps(random_genome(1, hidden=2, connections=6)))
    return {name: value for name, value in {**plain, **changes}.items() if value is not None}


def changed(where: str, index: int, **changes: Any) -> str:
    """A valid file but for one gene."""
    plain = members()
    plain[where][index] = {**plain[where][index], **changes}
    return json.dumps(plain)


def raw(where: str, index: int, member: str, text: str) -> str:
    """A valid file but for one value, written as the text says."""
    return changed(where, index, **{member: "@"}).replace('"@"', text)


def without(where: str, index: int, member: str) -> str:
    plain = members()
    del plain[where][index][member]
    return json.dumps(plain)


def nodes(count: int) -> list[dict[str, Any]]:
    return [{"key": f"{n}", "activation": "sin", "bias": 0} for n in range(count)]


def link(source: str, target: str) -> dict[str, Any]:
    return {"source": source, "target": target, "weight": 1, "enabled": True}


def links(*ends: tuple[str, str]) -> str:
    return json.dumps(members(connections=[link(*pair) for pair in ends]))


VALID = json.dumps(members())
RANGE = "within ±1e+06"

HOSTILE: dict[str, tuple[str | bytes, str]] = {
    # The text itself.
    "empty": (b"", "it is empty"),
    "only spaces": (" \n\t ", "it is empty"),
    "only a byte order mark": (b"\xef\xbb\xbf", "it is empty"),
    "a zero byte": (b"\0", "not JSON"),
    "UTF-16": (VALID.encode("utf-16"), "not UTF-8 text (byte 1)"),
    "UTF-32": (VALID.encode("utf-32-le"), "not JSON"),
    "Latin-1": (VALID.replace("hsb", "hüb").encode("latin-1"), "not UTF-8 text"),
    "overlong UTF-8": (b'{"a": "\xc0\x80"}', "not UTF-8 text"),
    "a lone surrogate in bytes": (b'{"a": "\xed\xa0\x80"}', "not UTF-8 text"),
    "too large": (b" " * MAX_BYTES + b"{}", "larger than 4,194,304 bytes"),
    "cut short": (VALID[:-20], "not JSON"),
    "two values": (VALID + VALID, "not JSON: Extra data in line 1"),
    "a comment": ("// a genome\n" + VALID, "line 1, column 1"),
    "a control character in text": ('{"format": "bree\nder"}', "not JSON"),
    "a program": (b"\x7fELF" + bytes(60), "not JSON"),
    # Depth.
    "lists all the way": ("[" * 4_000_000, "nested more than 8 deep"),
    "objects all the way": ('{"a":' * 600_000, "nested more than 8 deep"),
    "lists and objects": ('[{"a":' * 600_000, "nested more than 8 deep"),
    "closed lists": ("[" * 2_000_000 + "]" * 2_000_000, "nested more than 8 deep"),
    "depth in a member": (json.dumps(members(meta={"a": "@"})).replace('"@"', "[" * 9999), "deep"),
    "closed before opened": ("]" * 50 + "[" * 50, "not JSON"),
    "depth behind an open string": ('["' + "[" * 99, "not JSON"),
    "brackets in text": (json.dumps(members(format="[" * 99)), "no breeder genome"),
    "quotes without end": ('"\\"' * 1_300_000, "not JSON"),
    "backslashes without end": ('["' + "\\" * 4_000_000, "not JSON"),
    # Structure.
    "null": ("null", "one JSON object, not null"),
    "a number": ("7", "one JSON object, not a number"),
    "a list": ("[]", "one JSON object, not a list"),
    "another JSON": ('{"name": "breeder"}', "no breeder genome"),
    "a later version": (json.dumps(members(version=2)), "a later version of breeder wrote it"),
    "a later version of another shape": (
        '{"format": "breeder-genome", "version": 3, "graph": {}}',
        "version 3 of the format; this breeder reads up to 1",
    ),
    "version 0": (json.dumps(members(version=0)), "version must be a whole number from 1, not 0"),
    "a fractional version": (json.dumps(members(version=1.0)), "version must be a whole number"),
    "version true": (json.dumps(members(version=True)), "version must be a whole number"),
    "a version in text": (json.dumps(members(version="1")), "version must be a whole number"),
    "no version": (json.dumps(members(version=None)), "version must be a whole number"),
    "no nodes": (json.dumps(members(nodes=None)), "nodes is missing"),
    "empty nodes": (json.dumps(members(nodes=[])), "nodes must not be empty"),
    "no inputs": (json.dumps(members(inputs=[])), "inputs must not be empty"),
    "no connections": (json.dumps(members(connections=None)), "connections is missing"),
    "nodes as an object": (json.dumps(members(nodes={"0": 1})), "nodes must be a list"),
    "nodes as text": (json.dumps(members(nodes="abc")), "nodes must be a list, not text"),
    "a node as a list": (json.dumps(members(nodes=[[]])), "nodes[0] must be an object, not a list"),
    "an unknown member": (json.dumps(members(extra=1)), "extra is not a member of the format"),
    "a member with a wild name": (json.dumps(members(**{"\n\x1b[2J": 1})), r"'\n\x1b[2J' is not"),
    "an unknown member of a node": (changed("nodes", 1, colour=1), "nodes[1].colour is not a"),
    "a missing member of a node": (without("nodes", 2, "bias"), "nodes[2].bias is missing"),
    "a missing switch": (without("connections", 0, "enabled"), "connections[0].enabled is missing"),
    "a number as a switch": (changed("connections", 0, enabled=1), "must be true or false, not a"),
    "an unknown colour model": (json.dumps(members(color="cmyk")), "color must be 'grey', 'hsb'"),
    "a colour model in a list": (json.dumps(members(color=[[]])), "color must be 'grey', 'hsb'"),
    "meta as a list": (json.dumps(members(meta=[])), "meta must be an object, not a list"),
    "a number in meta": (json.dumps(members(meta={"title": 1})), "meta.title must be text"),
    "a long title": (json.dumps(members(meta={"title": "x" * 201})), "more than 200 characters"),
    "a long name in meta": (json.dumps(members(meta={"x" * 201: ""})), "more than 200 characters"),
    "much in meta": (json.dumps(members(meta={str(n): "" for n in range(33)})), "32 members"),
    # Members twice.
    "format twice": (VALID.replace("{", '{"format": "x", ', 1), "format is there twice"),
    "nodes twice": (VALID.replace("{", '{"nodes": [], ', 1), "nodes is there twice"),
    "a bias twice": (raw("nodes", 3, "bias", '1, "bias": 2'), "nodes[3].bias is there twice"),
    "an escaped name twice": (raw("nodes", 0, "key", r'"a", "k\u0065y": "b"'), "nodes[0].key is"),
    "a title twice": (
        json.dumps(members(meta={"a": "@"})).replace('"@"', '"", "a": ""'),
        "meta.a is there twice",
    ),
    "many members": (json.dumps({str(n): n for n in range(200_000)}), "more than 32 members"),
    "one member many times": ("{" + ",".join(['"a":1'] * 500_000) + "}", "more than 32 members"),
    # Numbers.
    "NaN": (raw("nodes", 3, "bias", "NaN"), "nodes[3].bias must be a finite number"),
    "infinity": (raw("connections", 1, "weight", "Infinity"), "connections[1].weight must be"),
    "minus infinity": (raw("nodes", 0, "bias", "-Infinity"), "nodes[0].bias must be a finite"),
    "1e999": (raw("connections", 2, "weight", "1e999"), "connections[2].weight must be a finite"),
    "-1e999": (raw("nodes", 0, "bias", "-1e999"), "nodes[0].bias must be a finite number"),
    "an integer of 400 digits": (raw("nodes", 0, "bias", "1" + "0" * 400), "nodes[0].bias must be"),
    "an integer of 4,000,000 digits": (raw("nodes", 0, "bias", "7" * 4_000_000), "nodes[0].bias"),
    "an integer of 30 digits": (raw("nodes", 0, "bias", "7" * 30), RANGE),
    "a weight above the limit": (raw("nodes", 0, "bias", "1000000.0000000001"), RANGE),
    "a weight below the limit": (raw("connections", 0, "weight", "-1000001"), RANGE),
    "a number in text": (changed("nodes", 0, bias="1.5"), "nodes[0].bias must be a number, not"),
    "true as a number": (changed("nodes", 0, bias=True), "nodes[0].bias must be a number, not"),
    "null as a number": (changed("nodes", 0, bias=None), "nodes[0].bias must be a number, not nu"),
    "a list as a number": (changed("nodes", 0, bias=[1]), "nodes[0].bias must be a number, not a"),
    "a version of 400 digits": (VALID.replace('"version": 1', '"version": 1' + "0" * 400), "whole"),
    # Names.
    "an unknown activation": (changed("nodes", 1, activation="swish"), "nodes[1].activation is 's"),
    "an unknown input": (json.dumps(members(inputs=["x", "time"])), "inputs[1] is 'time', which"),
    "an input twice": (json.dumps(members(inputs=["x", "x"])), "each input only once"),
    "an empty key": (changed("nodes", 1, key=""), "nodes[1].key must not be empty"),
    "a long key": (changed("nodes", 1, key="k" * 65), "nodes[1].key has more than 64 characters"),
    "a very long key": (changed("nodes", 1, key="k" * 1_000_000), "more than 64 characters"),
    "half a surrogate pair": (raw("nodes", 1, "key", r'"\ud800"'), "nodes[1].key holds half a"),
    "a key twice": (json.dumps(members(nodes=nodes(2) + nodes(1))), "the key '0' is used twice"),
    "an input's name as a key": (changed("nodes", 0, key="x"), "'x' is used twice or is the name"),
    "no output": (json.dumps(members(nodes=nodes(2), connections=[])), "output node 'hue'"),
    # Links.
    "a link from nowhere": (links(("nobody", "hue")), "comes from 'nobody', which is not"),
    "a link from an input not listed": (links(("r", "hue")), "comes from 'r', which is not"),
    "a link to nowhere": (links(("x", "nobody")), "goes to 'nobody', which is not"),
    "a link to an input": (links(("hue", "x")), "goes to 'x', which is not"),
    "a link twice": (
        links(("x", "hue"), ("y", "hue"), ("x", "hue")),
        "'x' to 'hue' is there twice",
    ),
    "a link to itself": (links(("hue", "hue")), "the connections form a cycle"),
    "a cycle": (links(("hue", "n000"), ("n000", "n001"), ("n001", "hue")), "form a cycle"),
    # Size.
    "100,000 nodes": (
        json.dumps(members(nodes=nodes(100_000)), separators=(",", ":")).replace(".0", ""),
        "larger than 4,194,304 bytes",
    ),
    "60,000 nodes": (
        json.dumps(members(nodes=nodes(60_000))),
        "nodes has more than 10,000 entries",
    ),
    "100,000 wrong nodes": (json.dumps(members(nodes=[7] * 100_000)), "nodes[0] must be an object"),
    "60,000 links": (
        json.dumps(members(connections=[link("x", "hue")] * 60_000), separators=(",", ":")),
        "connections has more than 50,000 entries",
    ),
    "a long chain in a ring": (
        json.dumps(
            members(
                nodes=members()["nodes"] + nodes(9_000),
                connections=[link(str(n), str((n + 1) % 9_000)) for n in range(9_000)],
            )
        ),
        "form a cycle",
    ),
    "a million empty lists": (json.dumps(members(nodes=[[]] * 900_000)), "nodes[0] must be an"),
    "a million empty objects": (json.dumps(members(nodes=[{}] * 900_000)), "nodes[0].key is miss"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_gets_one_sentence_quickly(name: str):
    text, message = HOSTILE[name]
    start = time.process_time()
    with pytest.raises(FormatError, match=re.escape(message)) as caught:
        native.loads(text, source="owl.json")
    assert time.process_time() - start < SECONDS
    sentence = str(caught.value)
    assert sentence.startswith("Cannot read owl.json: ")
    assert sentence.endswith(".")
    assert sentence.isprintable()
    assert len(sentence) < 400
    assert "pydantic" not in sentence.lower()


def test_a_deep_file_is_refused_on_a_deep_stack_too():
    def descend(levels: int) -> str:
        if levels:
            return descend(levels - 1)
        with pytest.raises(FormatError, match="nested more than 8 deep") as caught:
            native.loads("[" * 100_000)
        return str(caught.value)

    assert descend(500)


def test_text_and_bytes_are_judged_alike():
    for text, message in HOSTILE.values():
        if isinstance(text, str) and len(text) < 10_000:
            with pytest.raises(FormatError, match=re.escape(message)):
                native.loads(text.encode())
