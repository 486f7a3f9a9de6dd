"""Bundles: one zip with a picture in several formats and a README that says what is what.

The same genome, title and texts give the same bytes.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Sequence
from io import BytesIO
from typing import BinaryIO

from breeder.errors import FormatError
from breeder.formats import collection, guarded, native
from breeder.formats.code.listing import plain_title
from breeder.formats.limits import MAX_BYTES
from breeder.formats.native import Document
from breeder.formats.table import FORMATS
from breeder.rendering import Device
from breeder.rendering.canvas import Canvas

# The genome comes first, unpacked, so that the first bytes of a bundle tell what it is.
CONTENTS = {
    "json": "genome.json",
    "png": "picture.png",
    "svg": "drawing.svg",
    "page": "page.html",
    "shader": "shader.glsl",
    "onnx": "model.onnx",
    "css": "palette.css",
    "gpl": "palette.gpl",
    "ase": "palette.ase",
}
"""What is in a bundle, by format."""

_PACKED_ALREADY = frozenset({"json", "png"})
_EPOCH = (1980, 1, 1, 0, 0, 0)
_COLOR_WORDS = {
    "grey": "shades of grey",
    "hsb": "hue, saturation and brightness",
    "rgb": "red, green and blue",
    "oklab": "Oklab",
    "lab": "CIE L*a*b*",
}


def write_bundle(document: Document, canvas: Canvas, device: Device) -> Iterable[bytes]:
    """Return a zip of what `CONTENTS` lists; what cannot hold the genome is left out, and says why.

    Raises:
        FormatError: Not even the native format can hold it.
    """
    buffer = BytesIO()
    refusals: dict[str, str] = {}
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, file in CONTENTS.items():
            try:
                content = b"".join(FORMATS[name].pieces(document, canvas, device))
            except FormatError as error:
                if name == "json":
                    raise
                refusals[file] = str(error)
                continue
            _put(archive, file, content, packed=name not in _PACKED_ALREADY)
        readme = _readme(document, refusals).encode()
        _put(archive, "README.txt", readme, packed=True)
    return [buffer.getvalue()]


def read(file: BinaryIO, source: str) -> Sequence[Document]:
    """Return the genome in a bundle, or all in a zip of many pictures (collection.py).

    Raises:
        FormatError: There is none, or the zip is damaged.
    """
    try:
        guarded.check_directory(file)
        with guarded.opened_zip(file) as archive:
            entry = next(iter(archive.infolist()), None)
            if entry is not None and entry.filename == collection.GENOMES:
                return collection.documents(archive, entry, source)
            if entry is None or entry.filename != CONTENTS["json"]:
                raise FormatError(f"the first file in the zip is not {CONTENTS['json']}.")
            data = guarded.unpacked(archive, entry, MAX_BYTES)
    except FormatError as error:
        raise FormatError(f"Cannot read {source}: {error}") from error
    return (native.parse(data, source=source),)


def _put(archive: zipfile.ZipFile, name: str, content: bytes, *, packed: bool) -> None:
    entry = zipfile.ZipInfo(name, _EPOCH)
    entry.create_system = 3  # so that the bytes are the same on every system
    entry.external_attr = 0o644 << 16
    kind = zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED
    archive.writestr(entry, content, kind, 9)


def _readme(document: Document, refusals: dict[str, str]) -> str:
    genome = document.genome
    title = plain_title(document.title) or f"Picture {genome.id[:8]}"
    about = [_line(f"{name.capitalize()}: {text}") for name, text in document.meta.items()]
    files = [
        f"  {file:<13} {FORMATS[name].title}"
        for name, file in CONTENTS.items()
        if file not in refusals
    ]
    missing = [f"  {file:<13} {sentence}" for file, sentence in refusals.items()]
    lines = [
        title,
        "=" * len(title),
        "",
        "A picture bred with breeder: a small network that turns a position into a colour.",
        "",
        f"Identity: {genome.id}",
        *(line for line in sorted(about) if not line.startswith("Title:")),
        f"Network: {len(genome.nodes):,} nodes, {len(genome.connections):,} connections",
        f"Colours: {_COLOR_WORDS[genome.color]}",
        "",
        "In this folder:",
        "",
        *files,
        *(["", "Left out:", "", *missing] if missing else []),
        "",
        "Drop this zip, genome.json or picture.png on breeder's page to go on breeding from it.",
    ]
    return "\n".join(lines) + "\n"


def _line(text: str) -> str:
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())
