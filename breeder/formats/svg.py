"""SVG: a picture in a few flat colours, as smooth filled paths; for plotters, cutters and logos.

Every colour is one path that lies over the ones before it. Of the later colours, a path covers
whatever is nearer to its own colour than to any earlier one; they are painted over it. So
neighbours share no edge, and no gap or fringe can show between them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import BinaryIO
from xml.sax.saxutils import escape, quoteattr, unescape  # escapes only; nothing is parsed with it

import contourpy
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from breeder.errors import FormatError
from breeder.formats import native
from breeder.formats.clusters import Color, colors_of, linear_to_oklab, squared_distances
from breeder.formats.curves import fit_curves
from breeder.formats.limits import MAX_BYTES
from breeder.formats.native import Document
from breeder.genome import Genome
from breeder.program import Program, compile_genome
from breeder.rendering import Device, render
from breeder.rendering.canvas import Canvas
from breeder.rendering.color import srgb_to_linear, srgb_to_oklab, to_rgb
from breeder.rendering.reference import evaluate

CELLS = 512
"""Cells along the shorter side of the grid in which edges are looked for."""

LONGEST = 4
"""How many times longer than the shorter the longer side of that grid may be."""

SAMPLES = 3
TOLERANCE = 0.35
"""How far a curve may be from the edge it follows, in cells."""

SMALLEST = 12.0
"""Islands and holes of fewer cells are left out."""

THINNEST = 1.25
"""Parts of a colour that are thinner than this all along, in cells, go to their neighbours."""

SEAM_REACH = 3
"""How far, in cells, the neighbours of such a part may lie."""

MOST_EDGES = 240_000
MOST_BYTES = 1 << 20
"""Pictures with more edges between cells, or longer paths, are drawn more and more coarsely."""

COARSEST = 5

MOST_WORK = 300_000_000
"""Values and terms that are worked out in 64 bits, a second or two; larger networks are drawn fast
and blurred a little."""

STEEP = 0.04
"""A difference in Oklab between neighbours in the grid, from which an edge is no slow change."""

BAND = 16_384
"""Cells worked out at a time."""

_FAR = 10.0
"""A distance in Oklab beyond all others, squared."""

_START = b'<svg xmlns="http://www.w3.org/2000/svg"'
_GENOME = (b'<metadata id="breeder-genome">', b"</metadata>")
_HEAD_BYTES = 16 * 1024

Floats = NDArray[np.float64]


def write_svg(document: Document, canvas: Canvas, device: Device, colors: int) -> Iterable[bytes]:
    """Return an SVG of a picture's colours, with its genome inside.

    Args:
        document: The genome and its texts.
        canvas: What is shown; its size is that of the drawing, in its own units.
        device: Where to draw.
        colors: How many colours at most.

    Raises:
        FormatError: The number of colours is out of range.
    """
    found = colors_of(document.genome, canvas, colors, device)
    paths = layer_paths(document.genome, canvas, found, device)
    genome = document.genome
    title = _xml_text(document.title or f"Picture {genome.id[:8]}")
    text = native.dumps(genome, meta=document.meta, compact=True)
    head = (
        f'{_START.decode()} width="{canvas.width}" height="{canvas.height}" '
        f'viewBox="0 0 {canvas.width} {canvas.height}" role="img" aria-label={quoteattr(title)}>\n'
        f"<title>{escape(title)}</title>\n"
        f"<desc>Picture {genome.id} in {len(found)} colours, made with breeder.</desc>\n"
        f"{_GENOME[0].decode()}{escape(text)}{_GENOME[1].decode()}\n"
    )
    body = "".join(
        f'<path id="color-{number}" fill="{color.hex}" fill-rule="evenodd" d="{path}"/>\n'
        for number, (color, path) in enumerate(zip(found, paths, strict=True), 1)
        if path
    )
    return [head.encode(), body.encode(), b"</svg>\n"]


def read(file: BinaryIO, source: str) -> Sequence[Document]:
    """Return the genome inside an SVG that `write_svg` made.

    Raises:
        FormatError: There is none.
    """
    data = file.read(_HEAD_BYTES + 2 * MAX_BYTES)
    start = data.find(_GENOME[0], 0, _HEAD_BYTES)
    end = data.find(_GENOME[1], start)
    if start < 0 or end < 0:
        raise FormatError(
            f"Cannot read {source}: no genome is in this SVG; open one as breeder saved it."
        )
    text = data[start + len(_GENOME[0]) : end].decode("utf-8", "replace")
    return (native.parse(unescape(text), source=source),)


def layer_paths(
    genome: Genome, canvas: Canvas, colors: Sequence[Color], device: Device
) -> list[str]:
    """Return what SVG calls path data for each colour, the first lowest, some perhaps empty."""
    lab = _lab_at_corners(genome, canvas, device)
    rgb = np.array([color.rgb for color in colors], dtype=np.uint8)
    centres = srgb_to_oklab(rgb).astype(np.float64)
    for coarseness in range(COARSEST + 1):
        last = coarseness == COARSEST
        far = squared_distances(lab.reshape(-1, 3), centres).reshape(-1, *lab.shape[:2])
        if last or _edges(far.argmin(0)) <= MOST_EDGES:
            layers = _layers(far, SMALLEST * 2.0**coarseness)
            paths = _as_paths(layers, lab.shape[:2], canvas, TOLERANCE * 1.5**coarseness)
            if last or sum(map(len, paths)) <= MOST_BYTES:
                break
        lab = _blurred(lab, 2 << coarseness)
    return paths


def _lab_at_corners(genome: Genome, canvas: Canvas, device: Device) -> Floats:
    """Return Oklab at the corners of the grid's cells, the outermost on the picture's edge."""
    shorter = min(canvas.width, canvas.height)
    cells = [
        min(LONGEST * CELLS, round(CELLS * s / shorter)) for s in (canvas.width, canvas.height)
    ]
    grid = replace(
        canvas,
        width=cells[0] + 1,
        height=cells[1] + 1,
        zoom=canvas.zoom * CELLS / (CELLS + 1),
        supersample=SAMPLES,
    )
    drawn = srgb_to_oklab(render([genome], grid, device=device)[0]).astype(np.float64)
    program = compile_genome(genome)
    work = (program.sources.size + 4 * program.operations.size) * grid.width * grid.height
    if work > MOST_WORK:
        return _blurred(drawn, 3)
    # Where colours change slowly, bytes leave steps; where they jump, single points do.
    rows = max(1, BAND // grid.width)
    bands = (range(top, min(top + rows, grid.height)) for top in range(0, grid.height, rows))
    exact = np.concatenate([_exact_lab(program, grid, band) for band in bands])
    return np.where(_steep(exact)[:, :, None], drawn, exact)


def _exact_lab(program: Program, grid: Canvas, rows: range) -> Floats:
    x, y = grid.points(rows)
    light = srgb_to_linear(to_rgb(program.color, evaluate(program, x, y, grid.z)))
    return linear_to_oklab(light).reshape(len(rows), grid.width, 3)


def _steep(lab: Floats) -> NDArray[np.bool_]:
    """Tell where neighbours differ by more than some bytes."""
    found = np.zeros(lab.shape[:2], dtype=bool)
    found[1:] |= np.abs(np.diff(lab, axis=0)).max(2) > STEEP
    found[:, 1:] |= np.abs(np.diff(lab, axis=1)).max(2) > STEEP
    return _grown(found, 1)


def _edges(nearest: NDArray[np.intp]) -> int:
    """Return how many neighbours differ in colour."""
    across, down = np.diff(nearest, axis=1), np.diff(nearest, axis=0)
    return int(np.count_nonzero(across) + np.count_nonzero(down))


def _layers(far: Floats, smallest: float) -> list[list[Floats]]:
    """Return the closed lines around each colour, in cells, islands and holes alike.

    Args:
        far: Squared distances of the grid's corners from each colour, shape (colours, H, W).
        smallest: Cells of the smallest islands and holes that are kept.
    """
    shape = far.shape[1:]
    far = far + _FAR * ~_allowed(far)
    shown = np.unique(far.argmin(0))
    layers: list[list[Floats]] = [[] for _ in far]
    layers[shown[0]] = [_frame(shape)]
    nearest = far[shown[0]]
    for own in shown[1:]:
        layers[own] = _outlines(nearest - far[own], smallest)
        nearest = np.minimum(nearest, far[own])
    return layers


def _allowed(far: Floats) -> NDArray[np.bool_]:
    """Tell where each colour is at most some cells from a part of it that is more than a seam.

    An edge between blue and yellow is drawn with greyish points, which are no grey line.
    """
    nearest = far.argmin(0)
    kept = np.stack([(nearest == own) & ~_seams(far, own) for own in range(len(far))])
    near = np.stack([_grown(mask, SEAM_REACH) for mask in kept])
    return near | ~near.any(0)  # in noise, nothing is more than a seam, and everything may stay


def _seams(far: Floats, own: int) -> NDArray[np.bool_]:
    """Return the points of those parts of a colour that are thin all along."""
    others = np.delete(far, own, axis=0).min(0) if len(far) > 1 else far[0] + _FAR
    mask = Image.new("1", far.shape[:0:-1])
    pen = ImageDraw.Draw(mask)
    for rings in _polygons(others - far[own]):
        area = _area(rings[0]) - sum(map(_area, rings[1:]))
        if 2.0 * area < THINNEST * sum(map(_length, rings)):
            pen.polygon([tuple(point) for point in rings[0].tolist()], fill=1, outline=1)
            for hole in rings[1:]:
                pen.polygon([tuple(point) for point in hole.tolist()], fill=0, outline=1)
    return np.asarray(mask)


def _grown(mask: NDArray[np.bool_], by: int) -> NDArray[np.bool_]:
    for _ in range(by):
        wide = mask.copy()
        wide[1:] |= mask[:-1]
        wide[:-1] |= mask[1:]
        mask = wide.copy()
        mask[:, 1:] |= wide[:, :-1]
        mask[:, :-1] |= wide[:, 1:]
    return mask


def _outlines(field: Floats, smallest: float) -> list[Floats]:
    """Return the lines around where a field is positive, those around little areas left out."""
    found = [rings for rings in _polygons(field) if _area(rings[0]) >= smallest]
    return [ring[:-1] for rings in found for ring in rings if _area(ring) >= smallest]


def _polygons(field: Floats) -> Iterator[list[Floats]]:
    """Yield the parts where a field is positive: the line around each, and those of its holes.

    The last point of a line repeats the first.
    """
    generator = contourpy.contour_generator(z=field, fill_type=contourpy.FillType.OuterOffset)
    for points, bounds in zip(*generator.filled(0.0, 4.0 * _FAR), strict=True):
        rings = [points[a:b] for a, b in pairwise(bounds)]
        yield [ring for ring in rings if len(ring) > 3]


def _area(ring: Floats) -> float:
    x, y = ring[:, 0], ring[:, 1]
    return abs(float(x[:-1] @ y[1:] - y[:-1] @ x[1:])) / 2.0


def _length(ring: Floats) -> float:
    steps = ring[1:] - ring[:-1]
    return float(np.sqrt((steps * steps).sum(1)).sum())


def _frame(shape: tuple[int, ...]) -> Floats:
    bottom, right = shape[0] - 1.0, shape[1] - 1.0
    return np.array([[0.0, 0.0], [right, 0.0], [right, bottom], [0.0, bottom]])


def _blurred(lab: Floats, times: int) -> Floats:
    for _ in range(times):
        for axis in (0, 1):
            wide = np.concatenate([lab.take([0], axis), lab, lab.take([-1], axis)], axis)
            count = lab.shape[axis]
            parts = [wide.take(range(start, start + count), axis) for start in range(3)]
            lab = 0.25 * parts[0] + 0.5 * parts[1] + 0.25 * parts[2]
    return lab


def _as_paths(
    layers: Sequence[Sequence[Floats]], shape: tuple[int, ...], canvas: Canvas, tolerance: float
) -> list[str]:
    size = (shape[1] - 1.0, shape[0] - 1.0)
    curves = iter(fit_curves([ring for layer in layers for ring in layer], tolerance, size))
    scale = np.array([canvas.width / size[0], canvas.height / size[1]])
    digits = max(0, 5 - len(str(max(canvas.width, canvas.height))))
    return ["".join(_path(next(curves) * scale, digits) for _ in layer) for layer in layers]


def _path(curves: Floats, digits: int) -> str:
    """Return a closed line of curves as path data, in steps from point to point."""
    whole = np.rint(curves * 10**digits).astype(np.int64)
    start = whole[0, 0]
    steps = (whole[:, 1:] - whole[:, :1]).reshape(len(whole), 6)
    pieces = [f"M{_number(start[0], digits)} {_number(start[1], digits)}"]
    flat = _straight(whole)
    if flat[-1]:  # closing the path draws this one
        steps, flat = steps[:-1], flat[:-1]
    for step, straight in zip(steps.tolist(), flat, strict=True):
        if straight:
            pieces.append(f"l{_numbers(step[4:], digits)}")
        elif any(step):
            pieces.append(f"c{_numbers(step, digits)}")
    return "".join([*pieces, "z"])


def _straight(curves: NDArray[np.int64]) -> list[bool]:
    """Tell which curves are lines: their handles lie on them, but for rounding, in order."""
    chord = curves[:, 3] - curves[:, 0]
    length = np.maximum(np.hypot(*chord.T), 1e-9)
    found = np.ones(len(curves), dtype=bool)
    for handle in (1, 2):
        arm = curves[:, handle] - curves[:, 0]
        across = np.abs(chord[:, 0] * arm[:, 1] - chord[:, 1] * arm[:, 0]) / length
        ahead = (chord * arm).sum(1) / length
        found &= (across <= 1.0) & (ahead >= 0.0) & (ahead <= length)
    return [bool(each) for each in found]


def _numbers(values: Sequence[int], digits: int) -> str:
    text = " ".join(_number(value, digits) for value in values)
    return text.replace(" -", "-")


def _number(value: int, digits: int) -> str:
    if not digits:
        return str(value)
    text = f"{abs(value):0{digits + 1}d}"
    part = text[-digits:].rstrip("0")
    return (
        f"{'-' if value < 0 else ''}{text[:-digits].lstrip('0') or '0'}{'.' + part if part else ''}"
    )


def _xml_text(text: str) -> str:
    """Return a text on one line without what XML cannot hold."""
    fit = "".join(char if char.isprintable() else " " for char in text)
    return " ".join(fit.split())
