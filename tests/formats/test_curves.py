"""Closed lines as few smooth curves."""

from __future__ import annotations

import numpy as np

from breeder.formats.curves import fit_curves

FRAME = (200.0, 100.0)


def circle(radius: float, points: int = 400) -> np.ndarray:
    angle = np.linspace(0.0, 2.0 * np.pi, points, endpoint=False)
    return np.stack([90.0 + radius * np.cos(angle), 50.0 + radius * np.sin(angle)], 1)


def polygon(*corners: tuple[float, float], step: float = 0.5) -> np.ndarray:
    """The points along the sides of a polygon."""
    sides = []
    for start, end in zip(corners, (*corners[1:], corners[0]), strict=True):
        count = int(np.hypot(end[0] - start[0], end[1] - start[1]) / step)
        sides.append(np.linspace(start, end, count, endpoint=False))
    return np.concatenate(sides)


def points_on(curves: np.ndarray, each: int = 40) -> np.ndarray:
    u = np.linspace(0.0, 1.0, each)[:, None]
    weights = np.concatenate([(1 - u) ** 3, 3 * u * (1 - u) ** 2, 3 * u**2 * (1 - u), u**3], 1)
    return np.asarray(np.einsum("uw,cwx->cux", weights, curves).reshape(-1, 2))


def farthest(points: np.ndarray, others: np.ndarray) -> float:
    """How far a point may be from the nearest of others."""
    return float(np.sqrt(((points[:, None] - others[None]) ** 2).sum(2).min(1).max()))


def test_a_circle_becomes_a_handful_of_curves_that_lie_on_it():
    (curves,) = fit_curves([circle(40.0)], 0.1, FRAME)
    assert len(curves) <= 8
    radii = np.hypot(*(points_on(curves) - [90.0, 50.0]).T)
    assert np.abs(radii - 40.0).max() < 0.15


def test_curves_meet_and_close():
    for ring in (circle(30.0), polygon((10, 10), (90, 20), (40, 80))):
        (curves,) = fit_curves([ring], 0.3, FRAME)
        np.testing.assert_array_equal(curves[:, 3], np.roll(curves[:, 0], -1, axis=0))


def test_corners_stay_sharp_and_sides_straight():
    corners = ((10.0, 10.0), (150.0, 20.0), (60.0, 90.0))
    (curves,) = fit_curves([polygon(*corners)], 0.3, FRAME)
    assert len(curves) == 3
    assert {tuple(point) for point in curves[:, 0].round(6)} == set(corners)
    for curve in curves:
        chord = curve[3] - curve[0]
        for handle in curve[1:3]:
            arm = handle - curve[0]
            assert abs(chord[0] * arm[1] - chord[1] * arm[0]) < 1e-6 * (chord @ chord)


def test_a_line_along_the_frame_stays_on_it():
    ring = polygon((0.0, 30.0), (50.0, 0.0), (200.0, 0.0), (200.0, 100.0), (0.0, 100.0))
    (curves,) = fit_curves([ring], 0.3, FRAME)
    drawn = points_on(curves)
    assert drawn.min() >= -1e-9
    assert (drawn <= np.array(FRAME) + 1e-9).all()
    assert {(0.0, 100.0), (200.0, 100.0), (200.0, 0.0)} <= {tuple(p) for p in curves[:, 0].round(9)}


def test_a_wild_line_is_followed_within_the_tolerance_and_a_looser_one_takes_fewer_curves():
    rng = np.random.default_rng(3)
    angle = np.linspace(0.0, 2.0 * np.pi, 900, endpoint=False)
    waves = sum(rng.normal() / k * np.sin(k * angle + rng.random() * 6) for k in range(2, 14))
    radius = 30.0 + 6.0 * waves
    ring = np.stack([90.0 + radius * np.cos(angle), 50.0 + radius * np.sin(angle)], 1)
    (tight,) = fit_curves([ring], 0.1, FRAME)
    (loose,) = fit_curves([ring], 1.0, FRAME)
    assert farthest(ring, points_on(tight)) < 0.3
    assert farthest(points_on(tight), ring) < 0.5
    assert len(loose) < len(tight) < 120


def test_lines_do_not_disturb_each_other_and_tiny_ones_come_out():
    rings = [circle(40.0), circle(5.0, 30), np.array([[1.0, 1.0], [2.0, 1.0], [1.0, 2.0]])]
    together = fit_curves(rings, 0.2, FRAME)
    for ring, curves in zip(rings, together, strict=True):
        np.testing.assert_allclose(curves, fit_curves([ring], 0.2, FRAME)[0])
    assert fit_curves([], 0.2, FRAME) == []
