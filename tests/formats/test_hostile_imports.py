"""XML, zip and other programs' JSON that mean harm: one sentence, quickly, in little memory."""

from __future__ import annotations

import json
import struct
import subprocess
import sys
import zipfile
from collections.abc import Callable
from io import BytesIO
from itertools import pairwise
from pathlib import Path

import pytest

from breeder.errors import FormatError
from breeder.formats import loads_documents
from breeder.formats.limits import MAX_GENOMES, MAX_XML_BYTES, MAX_ZIP_BYTES
from tests.formats import picbreeder_files as files
from tests.formats.picbreeder_files import data, genome, node, zipped

SECONDS = 3.0  # of the processor's time; the slowest takes some 0.6 here
MEGABYTES = 200

GOOD = data(files.COLOR)
LAUGHS = "".join(f'<!ENTITY a{n + 1} "{f"&a{n};" * 10}">' for n in range(9))
BOMB = f'<?xml version="1.0"?><!DOCTYPE data [<!ENTITY a0 "ha">{LAUGHS}]><data>&a9;</data>'
EXTERNAL = '<!DOCTYPE data [<!ENTITY e SYSTEM "file:///etc/passwd">]><data>&e;</data>'
PARAMETER = '<!DOCTYPE data [<!ENTITY % p SYSTEM "http://127.0.0.1:9/x.dtd"> %p;]><data/>'
DOCTYPE = "it declares a document type or entities"


def many_zip(count: int) -> bytes:
    file = BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for number in range(count):
            archive.writestr(str(number), "")
    return file.getvalue()


def patched(zip_file: bytes, signature: bytes, offset: int, value: bytes) -> bytes:
    """A zip with some bytes of a header replaced."""
    place = zip_file.rindex(signature) + offset
    return zip_file[:place] + value + zip_file[place + len(value) :]


def lying(size: int) -> bytes:
    """A zip whose directory and header both claim another size of what is inside."""
    plain, claim = zipped(GOOD), struct.pack("<I", size)
    return patched(patched(plain, b"PK\1\2", 24, claim), b"PK\3\4", 22, claim)


def bundle(content: bytes = b"{}", method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip that begins as bundles do."""
    file = BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        archive.writestr("genome.json", content)
    return file.getvalue()


def bundle_of(count: int) -> bytes:
    """A bundle whose directory has an entry many times."""
    whole = bundle()
    start, end = whole.rindex(b"PK\1\2"), whole.rindex(b"PK\5\6")
    directory = whole[start:end] * count
    total = min(count, 0xFFFF)
    last = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, total, total, len(directory), start, 0)
    return whole[:start] + directory + last


def webp(packet: bytes) -> bytes:
    return b"RIFF\0\0\0\0WEBPXMP " + struct.pack("<I", len(packet)) + packet


def chain(count: int, *, ring: bool) -> str:
    marks = [("1", str(100 + n)) for n in range(count)]
    links = [files.link(a, b, 1) for a, b in pairwise(marks)]
    links += [files.link(marks[-1], marks[0], 1)] if ring else []
    return data(genome([*map(node, marks), files.NODES[4]], links))


HOSTILE: dict[str, tuple[Callable[[], str | bytes], str]] = {
    "an entity bomb": (lambda: BOMB, DOCTYPE),
    "an entity bomb in UTF-16": (lambda: BOMB.encode("utf-16"), DOCTYPE),
    "an entity bomb in a zip": (lambda: zipped(BOMB), DOCTYPE),
    "an external entity": (lambda: EXTERNAL, DOCTYPE),
    "a parameter entity": (lambda: PARAMETER, DOCTYPE),
    "a document type": (lambda: "<!DOCTYPE data><data/>", DOCTYPE),
    "an unknown entity": (lambda: GOOD.replace("2.5", "&nbsp;"), "it is not whole XML: undefined"),
    "half a character": (lambda: GOOD.replace("2.5", "&#xD800;"), "it is not whole XML"),
    "a null": (lambda: GOOD.replace("2.5", "\0"), "it is not whole XML"),
    "cut short": (lambda: GOOD[: len(GOOD) // 2], "it is not whole XML"),
    "a bracket": (lambda: "<", "it is not whole XML"),
    "a declaration only": (lambda: '<?xml version="1.0"?>', "without a genome"),
    "text behind": (lambda: GOOD + "</data>", "it is not whole XML"),
    "too large": (lambda: "<data>" + " " * MAX_XML_BYTES, "it is larger than 8,388,608 bytes"),
    "100,000 nodes": (
        lambda: f"<data><genome><nodes>{'<node/>' * 100_000}</nodes></genome></data>",
        "it has more than 10,000 nodes",
    ),
    "100,000 links": (
        lambda: f"<data><genome><links>{'<link/>' * 100_000}</links></genome></data>",
        "it has more than 50,000 links",
    ),
    "too many genomes": (
        lambda: data(*["<genome/>"] * (MAX_GENOMES + 1)),
        "it has more than 256 genomes",
    ),
    "a million elements": (lambda: f"<data>{'<a/>' * 1_000_000}</data>", "more than 300,000 elem"),
    "a million ends": (lambda: "<data>" + "<a></a>" * 1_000_000, "more than 300,000 elements"),
    "deep nesting": (lambda: "<a>" * 1_000_000, "nested more than 31 deep"),
    "deep genomes": (lambda: "<genome>" * 100_000, "nested more than 31 deep"),
    "a long name": (lambda: f"<{'a' * 8_000_000}", "a tag of more than 16,384 characters"),
    "a long text": (lambda: GOOD.replace("2.5", "9" * 8_000_000), "must be a finite number"),
    "a long text that is no number": (
        lambda: GOOD.replace("2.5", "9" * 8_000_000 + "x"),
        "must be a finite number",
    ),
    "200,000 attributes": (
        lambda: f"<data><genome {' '.join(f'a{n}=`1`' for n in range(200_000))}/></data>".replace(
            "`", '"'
        ),
        "a tag of more than 16,384 characters",
    ),
    "a long ring": (lambda: chain(9_000, ring=True), "form a cycle"),
    "wrong UTF-8": (lambda: GOOD.encode() + b"\xff", "it is not text in utf-8"),
    "half of UTF-16": (lambda: b"\xff\xfe<\0d\0a", "it is not text in utf-16"),
    "an encoding never heard of": (
        lambda: GOOD.replace("UTF-8", "klingon"),
        "it declares the encoding 'klingon'",
    ),
    "an encoding that runs code": (lambda: GOOD.replace("UTF-8", "zlib"), "declares the encoding"),
    "an encoding it does not have": (
        lambda: GOOD.replace("UTF-8", "ascii").replace("2.5", "\xb2"),
        "it is not text in ascii",
    ),
    "a zip of nothing": (lambda: many_zip(0), "must hold exactly one file, but holds 0"),
    "a zip of two": (lambda: zipped(GOOD, copies=2), "exactly one file, but holds 2"),
    "a zip of 8,000": (lambda: many_zip(8_000), "exactly one file, but holds 8,000"),
    "a zip of 20,000": (lambda: many_zip(20_000), f"the zip is larger than {MAX_ZIP_BYTES:,}"),
    "a zip bomb": (lambda: zipped(b" " * 300_000_000), "it is larger than 8,388,608 bytes"),
    "a zip in a zip": (lambda: zipped(zipped(GOOD)), "it is not"),
    "a zip of a picture": (lambda: zipped(b"\x89PNG\r\n\x1a\n"), "it is not text"),
    "a zip of nothing at all": (lambda: zipped(""), "it is empty"),
    "a zip cut short": (lambda: zipped(GOOD)[:-30], "the zip is damaged or cut short"),
    "a zip without its head": (lambda: b"PK\3\4" + zipped(GOOD)[40:], "the zip is damaged"),
    "a zip that claims less": (lambda: lying(100), "the zip is damaged"),
    "a zip that claims more": (lambda: lying(2**31), "the zip is damaged"),
    "an encrypted zip": (
        lambda: patched(patched(zipped(GOOD), b"PK\1\2", 8, b"\1"), b"PK\3\4", 6, b"\1"),
        "the file in the zip is encrypted",
    ),
    "a zip packed with LZMA": (
        lambda: zipped(GOOD, method=zipfile.ZIP_LZMA),
        "packed in a way that is not read here",
    ),
    "a zip of a far place": (
        lambda: patched(zipped(GOOD), b"PK\1\2", 42, b"\xff\xff\xff\x7f"),
        "the zip is damaged",
    ),
    "spaces": (lambda: "<data>" + " " * 8_000_000, "it is not whole XML"),
    "declarations": (lambda: "<data>" + "<?xml " * 1_000_000, "it is not whole XML"),
    "a bundle bomb": (lambda: bundle(b" " * 300_000_000), "it is larger than 4,194,304 bytes"),
    "a bundle of 400,000": (lambda: bundle_of(400_000), "holds more than 1,000 files"),
    "a bundle of 60,000": (lambda: bundle_of(60_000), "holds more than 1,000 files"),
    "a bundle of two ends": (
        lambda: bundle()[:-22] + b"PK\6\7" + bytes(16) + bundle()[-22:],
        "holds more than 1,000 files",
    ),
    "a bundle packed with LZMA": (
        lambda: bundle(method=zipfile.ZIP_LZMA),
        "packed in a way that is not read here",
    ),
    "an encrypted bundle": (
        lambda: patched(patched(bundle(), b"PK\1\2", 8, b"\1"), b"PK\3\4", 6, b"\1"),
        "the file in the zip is encrypted",
    ),
    "a bundle of another name": (
        lambda: patched(bundle(), b"PK\1\2", 46, b"../me.json\0"),
        "the first file in the zip is not genome.json",
    ),
    "WebP, spaces": (
        lambda: webp(b"breeder:genome>" + b" " * 8_000_000 + b"!"),
        "the picture has no genome inside",
    ),
    "WebP, spaces in an attribute": (
        lambda: webp(b"breeder:genome" + b" " * 8_000_000 + b"!"),
        "the picture has no genome inside",
    ),
    "a page of spaces": (lambda: "<!doctype html>" + " " * 9_000_000, "no genome is in this page"),
    "a drawing of spaces": (
        lambda: '<svg xmlns="http://www.w3.org/2000/svg"' + " " * 9_000_000,
        "no genome is in this SVG",
    ),
    "neat-python, 100,000 nodes": (
        lambda: json.dumps(
            {
                "network_type": "feedforward",
                "topology": {"input_keys": [-1], "output_keys": [0]},
                "nodes": [{"id": 1}] * 100_000,
                "connections": [],
            }
        ),
        "nodes has more than 10,000 entries",
    ),
    "neat-python, a node of many": (
        lambda: json.dumps(
            {
                "network_type": "feedforward",
                "topology": {"input_keys": [-1], "output_keys": [0]},
                "nodes": [
                    {"id": 0, "bias": 0, "activation": "identity", "aggregation": "max"},
                ],
                "connections": [{"from": -1, "to": 0, "weight": 1.0}] * 50_000,
            },
            separators=(",", ":"),
        ),
        "it needs more than 10,000 nodes",
    ),
    "neat-python, deep": (lambda: '{"network_type":' + "[" * 100_000, "nested more than 8 deep"),
    "neat-python, a key twice": (
        lambda: '{"network_type": "feedforward", "network_type": "ctrnn"}',
        "network_type is there twice",
    ),
}


def content(name: str) -> bytes:
    made = HOSTILE[name][0]()
    return made if isinstance(made, bytes) else made.encode()


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_gets_one_sentence(name: str):
    with pytest.raises(FormatError) as caught:
        loads_documents(content(name), name="owl")
    sentence = str(caught.value)
    assert sentence.startswith("Cannot read owl: ")
    assert HOSTILE[name][1] in sentence
    assert sentence.endswith(".")
    assert sentence.isprintable()
    assert len(sentence) < 400


def test_the_longest_chain_that_is_allowed_comes_in():
    (document,) = loads_documents(chain(9_000, ring=False).encode(), name="x")
    assert len(document.genome.nodes) == 9_001


CHILD = """
import pathlib, sys, time
from breeder.errors import FormatError
from breeder.formats import load_documents
def peak():  # of this process: getrusage would count the one that started it
    status = pathlib.Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024
try:
    load_documents(sys.argv[1])
except FormatError:
    pass
before, slowest = peak(), (0.0, "")
for path in sys.argv[2:]:
    start = time.process_time()
    try:
        load_documents(path)
    except FormatError:
        pass
    slowest = max(slowest, (time.process_time() - start, path))
print(peak() - before, *slowest)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="memory is measured in Linux's way")
def test_none_of_them_takes_long_or_much_memory(tmp_path: Path):
    paths = []
    for number, name in enumerate(HOSTILE):
        paths.append(tmp_path / str(number))
        paths[-1].write_bytes(content(name))
    (tmp_path / "good.xml").write_text(GOOD)
    command = [sys.executable, "-c", CHILD, str(tmp_path / "good.xml"), *map(str, paths)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    megabytes, seconds, path = done.stdout.split()
    slowest = list(HOSTILE)[int(Path(path).name)]
    assert float(megabytes) < MEGABYTES
    assert float(seconds) < SECONDS, slowest
