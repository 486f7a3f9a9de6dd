"""Fits in the background: in turn, paused, stopped, and never left behind."""

from __future__ import annotations

import io
import time
from collections.abc import Iterator

import numpy as np
import pytest
from PIL import Image

from breeder.errors import RenderError
from breeder.genome import Genome
from breeder.lab.scenes import scene
from breeder.lab.training import Look, starting_genome, starting_settings
from breeder.ui.lab import fits as module
from breeder.ui.lab.fits import Fit, Fits, png

LONG = 600.0


@pytest.fixture
def fits() -> Iterator[Fits]:
    made = Fits()
    yield made
    made.close()


@pytest.fixture(scope="module")
def genome() -> Genome:
    return starting_genome(starting_settings((8, 8)))


def fit_of(genome: Genome, seconds: float = LONG, **options: object) -> Fit:
    return Fit(genome, scene("logo", 16, 16), seconds=seconds, title="Owl", **options)  # type: ignore[arg-type]


def wait_for(condition, seconds: float = 30.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.01)


def test_a_fit_runs_to_its_end_and_keeps_what_came_closest(fits: Fits, genome: Genome):
    fit = fits.order(fit_of(genome, 0.3))
    assert fit.wait(60)
    assert (fit.state, fit.message) == ("done", "")
    assert fit.best != genome
    assert fit.curve[-1][1] > fit.curve[0][1]
    assert Image.open(io.BytesIO(fit.png)).size == (384, 384)


def test_a_fit_is_paused_goes_on_and_is_stopped(fits: Fits, genome: Genome):
    fit = fits.order(fit_of(genome))
    wait_for(lambda: fit.state == "running" and fit.steps > 0)
    fit.pause()
    wait_for(lambda: fit.state == "paused")
    time.sleep(0.2)
    spent = fit.spent
    time.sleep(0.3)
    assert fit.spent == spent
    fit.resume()
    wait_for(lambda: fit.spent > spent)
    fit.stop()
    assert fit.wait(30)
    assert fit.is_over
    assert fit.best != genome


def test_one_runs_at_a_time_and_a_stopped_one_that_waits_never_begins(fits: Fits, genome: Genome):
    first, second, third = (fits.order(fit_of(genome)) for _ in range(3))
    wait_for(lambda: first.state == "running")
    assert [second.state, third.state] == ["waiting", "waiting"]
    assert fits.ahead(third) == 2
    second.stop()
    first.stop()
    wait_for(lambda: third.state == "running")
    assert second.is_over
    assert not second.png
    assert fits.ahead(third) == 0


def test_too_many_are_refused(fits: Fits, genome: Genome):
    for _ in range(module.MOST):
        fits.order(fit_of(genome))
    with pytest.raises(RenderError, match="Too many networks"):
        fits.order(fit_of(genome))


def test_a_paused_fit_that_nobody_looks_at_is_stopped(fits: Fits, genome: Genome):
    now = [0.0]
    fit = fits.order(fit_of(genome, clock=lambda: now[0]))
    wait_for(lambda: fit.state == "running")
    now[0] += 10 * module.UNSEEN_SECONDS  # it runs: nobody need look
    time.sleep(0.2)
    assert not fit.is_over
    fit.seen()
    fit.pause()
    time.sleep(0.2)
    assert not fit.is_over
    now[0] += module.UNSEEN_SECONDS + 1
    assert fit.wait(30)


def test_what_goes_wrong_is_told_in_one_sentence(
    fits: Fits, genome: Genome, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("breeder.lab.training.Training", broken)
    fit = fits.order(fit_of(genome))
    assert fit.wait(30)
    assert fit.state == "failed"
    assert "the server's log says why" in fit.message
    assert "ZeroDivisionError" in caplog.text


def test_the_curve_of_a_long_fit_stays_short(genome: Genome, monkeypatch: pytest.MonkeyPatch):
    fit = fit_of(genome)
    monkeypatch.setattr(module, "png", lambda picture: b"")
    picture = np.zeros((8, 8, 3), dtype=np.uint8)
    for number in range(3000):
        share = number / 3000
        fit._keep(Look(seconds=number, share=share, steps=number, loss=0.1, picture=picture))
    assert len(fit.curve) <= module.MOST_POINTS + 1
    seconds = [each for each, _ in fit.curve]
    assert seconds == sorted(seconds)
    assert seconds[-1] > 2900


def test_small_pictures_are_magnified_sharply():
    picture = np.arange(48, dtype=np.uint8).reshape(4, 4, 3)
    shown = np.asarray(Image.open(io.BytesIO(png(picture))))
    assert shown.shape == (384, 384, 3)
    np.testing.assert_array_equal(shown[::96, ::96], picture)
