"""Closed lines of many points turned into few smooth Bézier curves.

Curves are fitted by least squares between corners and split where they are farthest off, as P.
J. Schneider described ("An Algorithm for Automatically Fitting Digitized Curves", Graphics Gems,
1990); here all curves of a picture are fitted at once, round by round. Knows nothing of files.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

REACH = 3
"""How many points to either side tell the direction of a line there."""

CORNER = 0.5
"""The cosine of the turn from which a point is a corner: 60 degrees."""

CLOSEST = 0.3
"""Points nearer to each other than this are one, in the unit of the points."""

REFITS = 3
ROUNDS = 64

Floats = NDArray[np.float64]
Whole = NDArray[np.intp]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Line:
    """One closed line, opened at a point where curves meet.

    Attributes:
        points: shape (n + 1, 2); the last repeats the first.
        ends: Places in `points` where curves must end, from 0 to n.
        leaving: Unit direction after each point, shape (n + 1, 2).
        arriving: Unit direction before each point, shape (n + 1, 2).
    """

    points: Floats
    ends: Whole
    leaving: Floats
    arriving: Floats


def fit_curves(
    rings: Sequence[Floats], tolerance: float, size: tuple[float, float]
) -> list[Floats]:
    """Return cubic Bézier curves that follow closed lines.

    Args:
        rings: Closed lines, each of shape (n, 2), n at least 3, the first point not repeated.
        tolerance: How far a point may lie from its curve.
        size: Width and height of the frame from (0, 0); what runs along its edges stays on them.

    Returns:
        For each line its curves in order, shape (curves, 4, 2): start, two handles, end.
    """
    if not rings:
        return []
    lines = [_opened(_thinned(ring, size), size) for ring in rings]
    starts = np.cumsum([0, *(len(line.points) for line in lines)])
    points = np.concatenate([line.points for line in lines])
    leaving = np.concatenate([line.leaving for line in lines])
    arriving = np.concatenate([line.arriving for line in lines])
    first = np.concatenate([line.ends[:-1] + s for line, s in zip(lines, starts, strict=False)])
    last = np.concatenate([line.ends[1:] + s for line, s in zip(lines, starts, strict=False)])
    done: list[tuple[Whole, Floats]] = []
    for _ in range(ROUNDS):
        curves, error, worst = _fit(points, leaving, arriving, first, last)
        good = (error <= tolerance**2) | (last - first < 2)
        done.append((first[good], curves[good]))
        first, last, worst = first[~good], last[~good], worst[~good]
        if not first.size:
            break
        first, last = np.concatenate([first, worst]), np.concatenate([worst, last])
    begins = np.concatenate([begin for begin, _ in done])
    order = np.argsort(begins)
    curves = np.concatenate([curve for _, curve in done])[order]
    return np.split(curves, np.searchsorted(begins[order], starts[1:-1]))


def _thinned(ring: Floats, size: tuple[float, float]) -> Floats:
    """Return a line without points that all but repeat the one before; the frame's corners stay."""
    steps = np.hypot(*(ring - np.roll(ring, 1, axis=0)).T)
    places = np.floor(np.cumsum(steps) / CLOSEST)
    kept = np.diff(places, prepend=places[-1]) != 0.0
    kept |= ((ring == 0.0) | (ring == size)).all(1)
    return ring[kept] if np.count_nonzero(kept) >= 3 else ring


def _opened(ring: Floats, size: tuple[float, float]) -> _Line:
    corners = np.flatnonzero(_corners(ring, size))
    start = corners[0] if corners.size else 0
    ring = np.roll(ring, -start, axis=0)
    count = len(ring)
    sharp = np.zeros(count, dtype=bool)
    sharp[corners - start] = True
    ends = np.flatnonzero(sharp)
    if ends.size < 2:  # a curve that ends where it begins has no middle to aim for
        ends = np.array([0, count // 2])
    reach = min(REACH, max(1, count // 8))
    ahead = np.roll(ring, -reach, axis=0) - ring
    behind = ring - np.roll(ring, reach, axis=0)
    through = ahead + behind
    leaving = np.where(sharp[:, None], np.roll(ring, -1, axis=0) - ring, through)
    arriving = np.where(sharp[:, None], ring - np.roll(ring, 1, axis=0), through)
    return _Line(
        points=np.concatenate([ring, ring[:1]]),
        ends=np.append(ends, count),
        leaving=_unit(np.concatenate([leaving, leaving[:1]])),
        arriving=_unit(np.concatenate([arriving, arriving[:1]])),
    )


def _corners(ring: Floats, size: tuple[float, float]) -> NDArray[np.bool_]:
    """Tell which points are corners: sharp turns, and the ends of runs along the frame."""
    before = ring - np.roll(ring, REACH, axis=0)
    after = np.roll(ring, -REACH, axis=0) - ring
    cosine = (_unit(before) * _unit(after)).sum(1)
    # Of a turn that several points see, the sharpest is the corner.
    neighbours = np.stack([np.roll(cosine, step) for step in range(-REACH, REACH + 1) if step])
    corner = (cosine < CORNER) & (cosine <= neighbours.min(0))
    for axis, far in enumerate(size):
        for edge in (0.0, far):
            on = ring[:, axis] == edge
            corner |= on & ~(np.roll(on, 1) & np.roll(on, -1))
    return np.asarray(corner)


def _unit(vectors: Floats) -> Floats:
    return np.asarray(vectors / np.maximum(np.hypot(*vectors.T), 1e-12)[:, None])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Stretches:
    """S stretches of lines, each to become one curve, with all P points of theirs in one array.

    Attributes:
        path: The points, stretch after stretch, shape (P, 2).
        span: Which stretch each point is of, shape (P,).
        begins: Where each stretch begins in `path`, shape (S,).
        along: How far along its stretch each point is, shape (P,).
        length: How long each stretch is, shape (S,).
        leaving: Unit direction at the start of each, shape (S, 2).
        arriving: Unit direction at its end.
    """

    path: Floats
    span: Whole
    begins: Whole
    along: Floats
    length: Floats
    leaving: Floats
    arriving: Floats

    @property
    def ends(self) -> Whole:
        return np.append(self.begins[1:], len(self.path)) - 1


def _fit(
    points: Floats, leaving: Floats, arriving: Floats, first: Whole, last: Whole
) -> tuple[Floats, Floats, Whole]:
    """Return a curve for each stretch of points, its squared error, and the point farthest off."""
    counts = last - first + 1
    begins = np.cumsum(counts) - counts
    span = np.repeat(np.arange(first.size), counts)
    place = np.arange(span.size) - begins[span] + first[span]
    path = points[place]
    steps = np.hypot(*np.diff(path, axis=0, prepend=path[:1]).T)
    steps[begins] = 0.0
    along = np.cumsum(steps)
    along -= along[begins][span]
    parts = _Stretches(
        path=path,
        span=span,
        begins=begins,
        along=along,
        length=along[begins + counts - 1],
        leaving=leaving[first],
        arriving=arriving[last],
    )
    u = along / np.maximum(parts.length, 1e-12)[span]
    curves = _solved(parts, u)
    for _ in range(REFITS):
        u = _nearer(parts, curves, u)
        curves = _solved(parts, u)
    off = ((_bezier(curves[span], u) - path) ** 2).sum(1)
    off[begins] = off[parts.ends] = 0.0
    error = np.maximum.reduceat(off, begins)
    found = np.flatnonzero(off == error[span])[::-1]
    worst = np.empty(first.size, dtype=np.intp)
    worst[span[found]] = place[found]  # the first of equals stays
    return curves, error, np.clip(worst, first + 1, np.maximum(last - 1, first + 1))


def _solved(parts: _Stretches, u: Floats) -> Floats:
    """Return the curves whose handles, along the given directions, fit the points at u best."""
    start, end = parts.path[parts.begins], parts.path[parts.ends]
    v = 1.0 - u
    b0, b1, b2, b3 = v**3, 3.0 * u * v**2, 3.0 * u**2 * v, u**3
    reach = b1[:, None] * parts.leaving[parts.span]
    back = -b2[:, None] * parts.arriving[parts.span]
    rest = (
        parts.path - (b0 + b1)[:, None] * start[parts.span] - (b2 + b3)[:, None] * end[parts.span]
    )
    pairs = ((reach, reach), (reach, back), (back, back), (reach, rest), (back, rest))
    c00, c01, c11, x0, x1 = (np.add.reduceat((a * b).sum(1), parts.begins) for a, b in pairs)
    area = c00 * c11 - c01**2
    safe = np.where(np.abs(area) > 1e-9, area, 1.0)
    lengths = np.stack([x0 * c11 - x1 * c01, c00 * x1 - c01 * x0]) / safe
    # Where the points decide nothing, or the handles would turn back or run far, a third is right.
    good = (np.abs(area) > 1e-9) & (lengths > 0.01 * parts.length).all(0)
    good &= (lengths < 1.5 * parts.length).all(0)
    one, other = np.where(good, lengths, parts.length / 3.0)[:, :, None]
    return np.stack([start, start + one * parts.leaving, end - other * parts.arriving, end], 1)


def _nearer(parts: _Stretches, curves: Floats, u: Floats) -> Floats:
    """Return for each point a place on its curve that is nearer to it: one step of Newton's."""
    own = curves[parts.span]
    slopes = 3.0 * np.diff(own, axis=1)
    bends = 2.0 * np.diff(slopes, axis=1)
    v = 1.0 - u
    off = _bezier(own, u) - parts.path
    weights = np.stack([v**2, 2.0 * u * v, u**2], 1)[:, :, None]
    slope = (weights * slopes).sum(1)
    bend = v[:, None] * bends[:, 0] + u[:, None] * bends[:, 1]
    down = (slope**2).sum(1) + (off * bend).sum(1)
    step = (off * slope).sum(1) / np.where(np.abs(down) > 1e-9, down, np.inf)
    return np.asarray(np.clip(u - step, 0.0, 1.0))


def _bezier(curves: Floats, u: Floats) -> Floats:
    """Return the point at u of each curve, shapes (P, 4, 2) and (P,)."""
    v = 1.0 - u
    weights = np.stack([v**3, 3.0 * u * v**2, 3.0 * u**2 * v, u**3], 1)
    return np.asarray((weights[:, :, None] * curves).sum(1))
