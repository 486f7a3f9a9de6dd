"""Fitting: it comes closer, keeps the best, stops when told, and gives a genome drawn so."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from breeder.errors import SettingsError
from breeder.genome import COLOR_MODELS, ColorModel
from breeder.lab.scenes import scene
from breeder.lab.settings import LabSettings
from breeder.lab.training import (
    STARTS,
    Look,
    Training,
    check_size,
    psnr,
    rate_at,
    starting_genome,
    starting_settings,
    train,
)
from breeder.rendering import render
from breeder.rendering.canvas import Canvas
from tests.genomes import dense_genome, random_genome

pytestmark = pytest.mark.usefixtures("one_thread")

TARGET = scene("landscape", 24, 18)
SMALL = starting_settings((12, 12))


def ticking() -> Iterator[float]:
    """Seconds that pass by a tenth with every look at the clock."""
    return (tick / 10 for tick in range(1_000_000))


def trained(training: Training, steps: int) -> list[Look]:
    looks: list[Look] = []
    ticks = ticking()
    train(training, steps / 10, look=looks.append, clock=lambda: next(ticks))
    return looks


def test_a_network_comes_close_to_a_picture():
    training = Training(starting_genome(SMALL), TARGET)
    looks = trained(training, 300)
    assert psnr(looks[-1].loss) > psnr(looks[0].loss) + 10
    assert psnr(training.best_loss) > 24
    assert (looks[0].steps, looks[-1].steps) == (0, 300)
    assert (looks[0].share, looks[-1].share) == (0, 1)


def test_what_comes_out_is_a_genome_that_is_drawn_so():
    training = Training(starting_genome(SMALL), TARGET)
    trained(training, 60)
    drawn = render([training.best], Canvas(width=24, height=18), device="reference")[0]
    error = ((drawn.astype(float) - TARGET) ** 2).mean() / 255**2
    assert error == pytest.approx(training.best_loss, rel=0.02)


@pytest.mark.parametrize("color", COLOR_MODELS)
def test_bred_genomes_learn_too_in_every_colour_model(color: ColorModel):
    names = ("sin", "tanh", "gaussian", "sigmoid", "identity")
    genome = random_genome(3, color=color, activations=names, scale=0.5)
    training = Training(genome, TARGET, batch=100)
    before = training.measure()
    for step in range(80):
        training.step(step / 80)
    training.measure()
    assert training.best_loss < before
    assert [node.key for node in training.best.nodes] == [node.key for node in genome.nodes]
    assert [gene.ends for gene in training.best.connections] == [
        gene.ends for gene in genome.connections
    ]


def test_the_best_is_kept_when_it_gets_worse():
    training = Training(starting_genome(SMALL), TARGET)
    trained(training, 40)
    best, loss = training.best, training.best_loss
    training._rate = 50.0  # far too fast
    for _ in range(20):
        training.step(0.3)
    assert training.measure() > loss
    assert (training.best, training.best_loss) == (best, loss)


def test_numbers_stay_finite_in_networks_that_explode():
    genome = random_genome(
        8, hidden=20, connections=80, activations=("square", "identity"), scale=9
    )
    training = Training(genome, TARGET)
    for _ in range(10):
        training.step(0.5)
    training.measure()
    numbers = [gene.weight for gene in training.best.connections]
    assert np.isfinite(numbers).all()


def test_pausing_stops_time_and_stopping_ends_it():
    training = Training(starting_genome(SMALL), TARGET)
    looks: list[Look] = []
    ticks = ticking()
    told = iter([True] * 3 + [False] * 1000)
    asked: list[int] = []

    def stopped() -> bool:
        asked.append(1)
        return training.steps >= 5

    train(
        training,
        100.0,
        look=looks.append,
        paused=lambda: next(told),
        stopped=stopped,
        clock=lambda: next(ticks),
    )
    assert training.steps == 5
    assert looks[-1].steps == 5
    assert looks[-1].seconds == pytest.approx(0.5)


def test_the_rate_rises_at_once_and_falls_to_little():
    rates = [rate_at(share) for share in np.linspace(0, 1, 101)]
    assert max(rates) == pytest.approx(1.0)
    assert rates.index(max(rates)) <= 3
    assert rates[-1] == pytest.approx(0.02)
    assert (np.diff(rates[3:]) < 0).all()
    assert rate_at(7.0) == rate_at(1.0)


def test_decibels_of_known_errors():
    assert psnr(1.0) == 0
    assert psnr(0.01) == pytest.approx(20)
    assert psnr(0.0) == pytest.approx(120)


def test_networks_too_large_to_be_fitted_are_refused():
    with pytest.raises(SettingsError, match=r"about 116,\d+ nodes and .*, and 12,000 is the most"):
        starting_genome(LabSettings(widths=(128,) * 8))
    with pytest.raises(SettingsError, match=r"connections, and 30,000 is the most"):
        check_size(dense_genome(128, layers=3))


@pytest.mark.parametrize("name", STARTS)
def test_every_network_to_begin_with_can_be_fitted(name: str):
    genome = starting_genome(starting_settings(STARTS[name]))
    assert len(genome.connections) < 10_000
    assert genome.color == "rgb"
