"""The table of file formats: what each is called, whether it is read and written, what is lost.

A new format is one more row. Rows name functions of their own modules, which are imported when
first called, so that the table costs nothing to whoever saves a PNG.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from types import MappingProxyType
from typing import Any, BinaryIO, Literal

from breeder.errors import FormatError
from breeder.formats import json_files, native, picbreeder, png, tiff
from breeder.formats.native import Document
from breeder.genome import Genome
from breeder.rendering import Device
from breeder.rendering.canvas import Canvas

Writer = Callable[[Genome, Canvas, str, Device], Iterable[bytes]]
"""From genome, canvas, title and device to the pieces of a file.

Raises FormatError, with one sentence why, for a genome that the format cannot hold.
"""

TextsWriter = Callable[[Document, Canvas, Device], Iterable[bytes]]
"""The same for formats that keep more texts about a genome than its title."""

ColorsWriter = Callable[[Document, Canvas, Device, int], Iterable[bytes]]
"""The same for formats of some number of colours, which comes last."""

Reader = Callable[[BinaryIO, str], Sequence[Document]]
"""From a file and what messages call it to what it holds, at least one; raises FormatError only."""


Group = Literal["picture", "colors", "code", "genome", "everything"]
"""What a file is, for lists: formats of one group stand together, in this order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ColorCount:
    """How many colours a file may be made of."""

    least: int
    usual: int
    most: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FileFormat:
    """One row of the table.

    Attributes:
        name: What commands, addresses and code call it; unique.
        title: What people call it.
        suffix: The end of its files' names, lower case, with its dot. Where several formats that
            are written share one, the first row is what a file of that suffix is saved as.
        loses: What of a genome and its texts such a file does not keep; empty for nothing.
        group: Where it stands in lists.
        colors: How many colours it may be made of; None where it has all.
        write: Makes such a file. A row has one of the three, or none where breeder cannot.
        write_texts: Makes such a file with all texts about the genome, where the format keeps them.
        write_colors: Makes such a file of some number of colours; goes with `colors`.
        read: Reads such a file; None where breeder cannot.
        recognises: Tells from a file's first 64 bytes whether `read` should try.
    """

    name: str
    title: str
    suffix: str
    loses: str
    group: Group = "code"
    colors: ColorCount | None = None
    write: Writer | None = None
    write_texts: TextsWriter | None = None
    write_colors: ColorsWriter | None = None
    read: Reader | None = None
    recognises: Callable[[bytes], bool] = lambda head: False

    @property
    def reads(self) -> bool:
        """Whether breeder reads such files."""
        return self.read is not None

    @property
    def writes(self) -> bool:
        """Whether breeder writes such files."""
        return any((self.write, self.write_texts, self.write_colors))

    def pieces(
        self, document: Document, canvas: Canvas, device: Device, *, colors: int | None = None
    ) -> Iterable[bytes]:
        """Return the pieces of such a file, with as many texts as it keeps.

        Args:
            document: The genome and its texts.
            canvas: What a picture shows.
            device: Where a picture is drawn.
            colors: How many colours it is made of; the usual number if left out.

        Raises:
            FormatError: The format is not written, cannot hold this genome, or is not made of
                this many colours.
        """
        count = self._color_count(colors)
        if self.write_colors is not None:
            return self.write_colors(document, canvas, device, count)
        if self.write_texts is not None:
            return self.write_texts(document, canvas, device)
        if self.write is None:
            raise FormatError(f"breeder does not write {self.title} files ({self.name}).")
        return self.write(document.genome, canvas, document.title, device)

    def _color_count(self, asked: int | None) -> int:
        if self.colors is None:
            if asked is not None:
                raise FormatError(f"A file of the format {self.name} has no number of colours.")
            return 0
        count = self.colors.usual if asked is None else asked
        if not self.colors.least <= count <= self.colors.most:
            raise FormatError(
                f"A file of the format {self.name} is made of {self.colors.least} to "
                f"{self.colors.most} colours, not {count}."
            )
        return count


def _later(module: str, name: str) -> Any:
    """Return a function of a module that is imported when the function is first called."""

    def call(*arguments: Any) -> Any:
        return getattr(import_module(f"breeder.formats.{module}"), name)(*arguments)

    return call


def _write_json(document: Document, canvas: Canvas, device: Device) -> Iterable[bytes]:
    return [native.dumps(document.genome, meta=document.meta).encode()]


def _write_png(document: Document, canvas: Canvas, device: Device) -> Iterable[bytes]:
    return png.stream_png(document.genome, canvas, meta=document.meta, device=device)


def _read_png(file: BinaryIO, source: str) -> Sequence[Document]:
    return (png.read(file, source),)


def _write_tiff(document: Document, canvas: Canvas, device: Device) -> Iterable[bytes]:
    return tiff.stream_tiff(document.genome, canvas, meta=document.meta, device=device)


def _read_tiff(file: BinaryIO, source: str) -> Sequence[Document]:
    return (tiff.read(file, source),)


def _is_ours(first: bytes) -> bool:
    """Tell from the name of a zip's first file: of one genome, or of many."""
    return first.startswith((b"genome.json", b"genomes.jsonl"))


def _is_page(head: bytes) -> bool:
    return head.lstrip().lower().startswith(b"<!doctype html")


_PALETTE = ColorCount(least=3, usual=6, most=12)

_ROWS = (
    FileFormat(
        name="json",
        title="breeder genome",
        suffix=".json",
        group="genome",
        loses="",
        write_texts=_write_json,
        read=json_files.read,
        recognises=native.recognises,
    ),
    FileFormat(
        name="png",
        title="PNG picture with its genome inside",
        suffix=".png",
        group="picture",
        loses="",
        write_texts=_write_png,
        read=_read_png,
        recognises=png.recognises,
    ),
    FileFormat(
        name="tiff",
        title="TIFF picture in tiles (BigTIFF) with its genome inside",
        suffix=".tif",
        group="picture",
        loses="",
        write_texts=_write_tiff,
        read=_read_tiff,
        recognises=tiff.recognises,
    ),
    FileFormat(
        name="webp",
        title="WebP picture with its genome inside (in XMP)",
        suffix=".webp",
        group="picture",
        loses="",
        write_texts=_later("webp", "write"),
        read=_later("webp", "read"),
        recognises=lambda head: head.startswith(b"RIFF") and head[8:12] == b"WEBP",
    ),
    FileFormat(
        name="svg",
        title="SVG drawing: smooth filled areas, for plotters and logos, with its genome inside",
        suffix=".svg",
        group="picture",
        loses="all but 2 to 32 colours; its genome is kept",
        colors=ColorCount(least=2, usual=8, most=32),
        write_colors=_later("svg", "write_svg"),
        read=_later("svg", "read"),
        recognises=lambda head: head.startswith(b'<svg xmlns="http://www.w3.org/2000/svg"'),
    ),
    FileFormat(
        name="css",
        title="palette as CSS variables, and gradients of it",
        suffix=".css",
        group="colors",
        loses="all but 3 to 12 colours",
        colors=_PALETTE,
        write_colors=_later("palettes", "write_css"),
    ),
    FileFormat(
        name="gpl",
        title="palette for GIMP, Inkscape and Krita",
        suffix=".gpl",
        group="colors",
        loses="all but 3 to 12 colours",
        colors=_PALETTE,
        write_colors=_later("palettes", "write_gpl"),
    ),
    FileFormat(
        name="ase",
        title="palette for Adobe's programs (Swatch Exchange)",
        suffix=".ase",
        group="colors",
        loses="all but 3 to 12 colours",
        colors=_PALETTE,
        write_colors=_later("palettes", "write_ase"),
    ),
    FileFormat(
        name="bundle",
        title="zip of picture, drawing, genome, page, shader, model and palettes, with a README",
        suffix=".zip",
        group="everything",
        loses="",
        write_texts=_later("bundle", "write_bundle"),
        read=_later("bundle", "read"),
        recognises=lambda head: head.startswith(b"PK\3\4") and _is_ours(head[30:43]),
    ),
    FileFormat(
        name="page",
        title="web page that pans, zooms and moves z, offline, with its genome inside",
        suffix=".html",
        group="code",
        loses="",
        write_texts=_later("code.web_page", "write_page"),
        read=_later("code.web_page", "read"),
        recognises=_is_page,
    ),
    FileFormat(
        name="shader",
        title="GLSL shader, ready for Shadertoy",
        suffix=".glsl",
        group="code",
        loses="names of nodes; parts switched off or unused; figures beyond 32 bits",
        write=_later("code.glsl", "write_shader"),
    ),
    FileFormat(
        name="numpy",
        title="Python function of its own, which needs only NumPy",
        suffix=".py",
        group="code",
        loses="names of nodes; parts switched off or unused",
        write=_later("code.numpy_function", "write_function"),
    ),
    FileFormat(
        name="torch",
        title="PyTorch module of its own, whose weights can be trained",
        suffix=".py",
        group="code",
        loses="names of nodes; parts switched off or unused; figures beyond 32 bits",
        write=_later("code.torch_module", "write_module"),
    ),
    FileFormat(
        name="onnx",
        title="ONNX model: colours of points, at any number of them",
        suffix=".onnx",
        group="code",
        loses="figures beyond 32 bits",
        write_texts=_later("code.onnx_graph", "write_colors"),
    ),
    FileFormat(
        name="onnx-picture",
        title="ONNX model: a picture by width, height, zoom and z",
        suffix=".onnx",
        group="code",
        loses="figures beyond 32 bits",
        write_texts=_later("code.onnx_graph", "write_picture"),
    ),
    FileFormat(
        name="picbreeder",
        title="Picbreeder genome (XML, or a zip of it; CPPN-X too)",
        suffix=".xml",
        group="genome",
        loses="names of connections; texts of CPPN-X; parts switched off",
        read=picbreeder.read,
        write_texts=_later("picbreeder_out", "write_genome"),
        recognises=picbreeder.recognises,
    ),
    FileFormat(
        name="neat-python",
        title="network of neat-python 2 (its JSON export)",
        suffix=".json",
        group="genome",
        loses="names of nodes; parts switched off or unused; its record of how it was evolved",
        write=_later("neat_python_out", "write_network"),
        read=json_files.read,
        recognises=native.recognises,
    ),
)

FORMATS: Mapping[str, FileFormat] = MappingProxyType({row.name: row for row in _ROWS})
"""Every file format by name."""

OTHER_SUFFIXES: Mapping[str, str] = MappingProxyType({".tiff": ".tif"})
"""What else files are called, and the suffix in the table that it means."""


def reading() -> Iterator[FileFormat]:
    """Yield the formats that are read."""
    return (row for row in FORMATS.values() if row.reads)


def written_as(suffix: str, name: str = "") -> FileFormat:
    """Return the format that a file is written in.

    Args:
        suffix: The end of the file's name with its dot; "" if it has none.
        name: A format's name; else the suffix decides, and the first row that has it.

    Raises:
        FormatError: There is no such format, or it is not written; half a sentence says so.
    """
    writing = [row for row in FORMATS.values() if row.writes]
    if name:
        row = FORMATS.get(name.lower())
        if row is None or not row.writes:
            known = ", ".join(each.name for each in writing)
            raise FormatError(
                f"there is no format {name[:40]!a} to write; the formats are {known}."
            )
        return row
    wanted = OTHER_SUFFIXES.get(suffix.lower(), suffix.lower())
    for row in writing:
        if row.suffix == wanted:
            return row
    known = ", ".join(dict.fromkeys(each.suffix for each in writing))
    raise FormatError(
        f"its suffix names no format; use one of {known} ('breeder formats' describes them)."
    )
