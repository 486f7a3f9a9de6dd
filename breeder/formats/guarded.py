"""XML and zip files from strangers, read with bounds on time and memory. Knows no format.

The parser is expat with a callback for each element, so that no tree is built and a file is refused
at the first thing too many. Document types are refused, and with them every entity.
"""

from __future__ import annotations

import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import BinaryIO
from xml.parsers import expat  # no document type reaches it: what defusedxml guards against

from breeder.errors import FormatError
from breeder.formats.limits import (
    MAX_XML_BYTES,
    MAX_XML_DEPTH,
    MAX_XML_ELEMENTS,
    MAX_XML_TAG,
    MAX_ZIP_BYTES,
    MAX_ZIP_ENTRIES,
)

_ZIP = b"PK"
_END = struct.Struct("<4s4H2LH")
"""How a zip without a comment ends: entries in all and the length of their list are in it."""

_FAR_END_BYTES = 20
_DECLARATION = re.compile(r"<\?xml\b[^<>]{0,200}\?>")  # spaces before it would take squared time
_ENCODING = re.compile(rb"""^\s*<\?xml\b[^>]{0,150}?\bencoding\s*=\s*["']([A-Za-z0-9._-]{1,40})""")
_LONG_TAG = re.compile(f"<[^<>]{{{MAX_XML_TAG}}}")
_ENCODINGS = {
    "utf-8": "utf-8",
    "utf8": "utf-8",
    "us-ascii": "ascii",
    "ascii": "ascii",
    "iso-8859-1": "iso-8859-1",
    "latin-1": "iso-8859-1",
    "windows-1252": "windows-1252",
}
_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))

Start = Callable[[str, Mapping[str, str]], None]
End = Callable[[str, str], None]


def is_zip(head: bytes) -> bool:
    """Tell from the first bytes of a file whether it is a zip."""
    return head.startswith((_ZIP + b"\3\4", _ZIP + b"\5\6"))


def is_xml(head: bytes) -> bool:
    """Tell from the first bytes of a file whether it may be XML."""
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            return head[: len(head) & ~1].decode(encoding, "ignore").lstrip().startswith("<")
    return head.lstrip().startswith(b"<")


def text_of(file: BinaryIO) -> str:
    """Return the XML text that a file holds, or the only entry of a zip.

    Raises:
        FormatError: The file is too large, no zip of one text, or not text; half a sentence.
    """
    head = file.read(4)
    file.seek(0)
    if is_zip(head):
        return _decoded(_only_entry(file))
    return _decoded(_bounded(file.read(MAX_XML_BYTES + 1), MAX_XML_BYTES))


def parse(text: str, *, start: Start, end: End) -> None:
    """Parse XML, calling back for each element.

    More than one root element may follow another, as some programs write them.

    Args:
        text: The document.
        start: Called with an element's name and attributes.
        end: Called with its name and the text directly before its end; spaces are stripped.

    Raises:
        FormatError: It is not XML, declares a document type, is nested too deep or has too many
            elements; half a sentence. What the callbacks raise passes through.
    """
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise FormatError("it declares a document type or entities, which are not read.")
    if _LONG_TAG.search(text):
        raise FormatError(f"it has a tag of more than {MAX_XML_TAG:,} characters.")
    watch = _Watch(start, end)
    parser = expat.ParserCreate("utf-8")
    parser.buffer_text = True
    parser.StartElementHandler = watch.start
    parser.EndElementHandler = watch.end
    parser.CharacterDataHandler = watch.text
    try:
        # In an element of its own, since several roots are no XML.
        parser.Parse("<all>" + _DECLARATION.sub("", text, count=1) + "</all>", True)
    except expat.ExpatError as error:
        reason = expat.ErrorString(error.code)
        if watch.depth:
            reason += f", inside {watch.names[-1][:40]!a}"
        raise FormatError(f"it is not whole XML: {reason} (line {error.lineno:,}).") from error


def check_directory(file: BinaryIO) -> None:
    """Refuse a zip whose list of entries would take time and memory, before that is read.

    Raises:
        FormatError: It has too many entries, or does not end as zips do; half a sentence.
    """
    size = file.seek(0, 2)
    file.seek(max(0, size - _END.size - _FAR_END_BYTES))
    tail = file.read()
    end = tail[-_END.size :]
    if len(end) < _END.size or not (end.startswith(_ZIP + b"\5\6") and end.endswith(b"\0\0")):
        raise FormatError("the zip is damaged or cut short.")
    # Another end before this one could say other numbers; it is for zips beyond 4 GB.
    far = tail[: -_END.size].startswith(_ZIP + b"\6\7")
    _, _, _, _, entries, length, _, _ = _END.unpack(end)
    if far or entries > MAX_ZIP_ENTRIES or length > MAX_ZIP_BYTES:
        raise FormatError(f"the zip holds more than {MAX_ZIP_ENTRIES:,} files.")


@contextmanager
def opened_zip(file: BinaryIO) -> Iterator[zipfile.ZipFile]:
    """Open a zip, and say in half a sentence what is wrong with it, then or while it is read.

    Raises:
        FormatError: It is damaged, or of a kind that is not read.
    """
    file.seek(0)
    try:
        with zipfile.ZipFile(file) as archive:
            yield archive
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError) as error:
        raise FormatError("the zip is damaged or cut short.") from error
    except (NotImplementedError, RuntimeError) as error:
        raise FormatError("the zip is of a kind that is not read here.") from error


def unpacked(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, most: int) -> bytes:
    """Return what an entry of a zip holds, up to `most` bytes.

    Raises:
        FormatError: It holds more, or is not packed as usual; half a sentence.
    """
    if entry.flag_bits & 1:
        raise FormatError("the file in the zip is encrypted.")
    # Others may ask for gigabytes of memory before the first byte.
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise FormatError("the file in the zip is packed in a way that is not read here.")
    with archive.open(entry) as inner:
        data = _bounded(inner.read(most + 1), most)
    if len(data) != entry.file_size:
        raise FormatError("the zip is damaged: it claims another size of what it holds.")
    return data


class _Watch:
    """Hands elements on, and counts them."""

    def __init__(self, start: Start, end: End) -> None:
        self._start, self._end = start, end
        self._count = 0
        self._pieces: list[str] = []
        self.names: list[str] = []

    @property
    def depth(self) -> int:
        return len(self.names) - 1

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._count += 1
        self.names.append(name)
        self._pieces.clear()
        if len(self.names) > MAX_XML_DEPTH:
            raise FormatError(f"its elements are nested more than {MAX_XML_DEPTH - 1} deep.")
        if self._count > MAX_XML_ELEMENTS:
            raise FormatError(f"it has more than {MAX_XML_ELEMENTS:,} elements.")
        if self.depth:
            self._start(name, attributes)

    def text(self, piece: str) -> None:
        self._pieces.append(piece)

    def end(self, name: str) -> None:
        if self.depth:
            self._end(name, "".join(self._pieces).strip())
        self._pieces.clear()
        self.names.pop()


def _bounded(data: bytes, most: int) -> bytes:
    if len(data) > most:
        raise FormatError(f"it is larger than {most:,} bytes, the most that is read.")
    return data


def _only_entry(file: BinaryIO) -> bytes:
    """Return what the only entry of a zip holds."""
    if file.seek(0, 2) > MAX_ZIP_BYTES:
        raise FormatError(f"the zip is larger than {MAX_ZIP_BYTES:,} bytes, the most that is read.")
    with opened_zip(file) as archive:
        entries = archive.infolist()
        if len(entries) != 1:
            raise FormatError(f"the zip must hold exactly one file, but holds {len(entries):,}.")
        return unpacked(archive, entries[0], MAX_XML_BYTES)


def _decoded(data: bytes) -> str:
    encoding = next((name for mark, name in _MARKS if data.startswith(mark)), "")
    if not encoding:
        declared = _ENCODING.match(data)
        name = declared[1].decode("ascii").lower() if declared else "utf-8"
        encoding = _ENCODINGS.get(name, "")
        if not encoding:
            raise FormatError(f"it declares the encoding {name!r}, which is not read; use UTF-8.")
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise FormatError(f"it is not text in {encoding} (byte {error.start + 1:,}).") from error
    if not text.strip():
        raise FormatError("it is empty.")
    return text
