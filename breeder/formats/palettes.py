"""Palettes of a picture: CSS, GIMP (.gpl) and Adobe Swatch Exchange (.ase)."""

from __future__ import annotations

import struct
from collections.abc import Iterable

from breeder.formats.clusters import Color, colors_of
from breeder.formats.code.listing import plain_title
from breeder.formats.native import Document
from breeder.rendering import Device
from breeder.rendering.canvas import Canvas

_GROUP_START, _COLOR_ENTRY, _GROUP_END = 0xC001, 0x0001, 0xC002
_PROCESS_COLOR = 2


def write_css(document: Document, canvas: Canvas, device: Device, colors: int) -> Iterable[bytes]:
    """Return a style sheet with a variable for each colour and two gradients of them all."""
    found = colors_of(document.genome, canvas, colors, device)
    width = max(len(f"--color-{number}") for number in range(1, len(found) + 1))
    lines = [
        f"  {f'--color-{number}'.ljust(width)}: {color.hex}; /* {_percent(color)} */"
        for number, color in enumerate(found, 1)
    ]
    stops = ", ".join(f"var(--color-{number})" for number in range(1, len(found) + 1))
    if len(found) == 1:
        stops = f"{stops}, {stops}"  # a gradient has at least two stops
    text = f"""\
/*
 * {_words(document)}: its colours from dark to light, and how much of the picture they are.
 * Identity {document.genome.id}, made with breeder.
 *
 * Use it: background: var(--gradient); color: var(--color-1);
 */
:root {{
{chr(10).join(lines)}
  --gradient: linear-gradient(90deg, {stops});
  --gradient-smooth: linear-gradient(90deg in oklab, {stops});
}}
"""
    return [text.encode()]


def write_gpl(document: Document, canvas: Canvas, device: Device, colors: int) -> Iterable[bytes]:
    """Return a palette as GIMP, Inkscape and Krita read it."""
    found = colors_of(document.genome, canvas, colors, device)
    lines = [
        "GIMP Palette",
        f"Name: {_words(document)}",
        f"Columns: {len(found)}",
        f"# Identity {document.genome.id}, made with breeder.",
    ]
    for color in found:
        red, green, blue = color.rgb
        lines.append(f"{red:3d} {green:3d} {blue:3d}\t{color.hex} ({_percent(color)})")
    return [("\n".join(lines) + "\n").encode()]


def write_ase(document: Document, canvas: Canvas, device: Device, colors: int) -> Iterable[bytes]:
    """Return a palette as Adobe's programs read it: one group of process colours in RGB."""
    found = colors_of(document.genome, canvas, colors, device)
    blocks = [
        _block(_GROUP_START, _name(_words(document))),
        *(_block(_COLOR_ENTRY, _entry(color)) for color in found),
        _block(_GROUP_END, b""),
    ]
    return [b"ASEF" + struct.pack(">HHI", 1, 0, len(blocks)), *blocks]


def _entry(color: Color) -> bytes:
    channels = struct.pack(">3f", *(value / 255.0 for value in color.rgb))
    return _name(color.hex) + b"RGB " + channels + struct.pack(">H", _PROCESS_COLOR)


def _block(kind: int, content: bytes) -> bytes:
    return struct.pack(">HI", kind, len(content)) + content


def _name(text: str) -> bytes:
    """Return a text with its length in 16-bit units, the final zero included."""
    coded = f"{text}\0".encode("utf-16-be")
    return struct.pack(">H", len(coded) // 2) + coded


def _words(document: Document) -> str:
    return plain_title(document.title) or f"Picture {document.genome.id[:8]}"


def _percent(color: Color) -> str:
    return f"{100 * color.share:.0f} %" if color.share >= 0.01 else "under 1 %"
