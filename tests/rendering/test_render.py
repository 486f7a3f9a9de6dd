"""Drawing: bands, supersampling, devices, cancelling. The conformance suite judges pixels."""

from collections.abc import Sequence
from concurrent.futures import Future
from typing import Any

import numpy as np
import pytest

from breeder import rendering
from breeder.errors import CancelledError, RenderError
from breeder.genome import COLOR_MODELS
from breeder.looks import draw_small
from breeder.program import Program, compile_genome
from breeder.rendering import cpu, devices, render, render_bands
from breeder.rendering.canvas import Canvas
from breeder.rendering.color import linear_to_srgb, srgb_to_linear, to_bytes
from breeder.rendering.reference import ReferenceRenderer
from tests.genomes import random_genome

GENOMES = [random_genome(seed, color=COLOR_MODELS[seed % 4]) for seed in range(5)]


def use(monkeypatch: pytest.MonkeyPatch, **renderers: Any) -> None:
    monkeypatch.setattr(devices, "renderer", renderers.__getitem__)


def test_pictures_have_the_canvas_s_shape():
    pictures = render(GENOMES, Canvas(width=6, height=4), device="reference")
    assert pictures.shape == (5, 4, 6, 3)
    assert pictures.dtype == np.uint8
    assert render(GENOMES[:1], device="reference").shape == (1, 256, 256, 3)


def test_no_genomes_give_no_pictures():
    assert render([], Canvas(width=6, height=4)).shape == (0, 4, 6, 3)
    assert list(render_bands([], Canvas())) == []


def test_each_genome_gets_its_own_picture():
    canvas = Canvas(width=6, height=4)
    together = render(GENOMES, canvas, device="reference")
    for genome, picture in zip(GENOMES, together, strict=True):
        np.testing.assert_array_equal(render([genome], canvas, device="reference")[0], picture)


@pytest.mark.parametrize("device", ["reference", "cpu"])
@pytest.mark.parametrize("supersample", [1, 3])
@pytest.mark.parametrize("samples", [1, 60, 333])
def test_bands_equal_the_whole(
    monkeypatch: pytest.MonkeyPatch, device: Any, supersample: int, samples: int
):
    canvas = Canvas(width=7, height=13, zoom=1.3, rotation=20, supersample=supersample)
    whole = render(GENOMES, canvas, device=device)
    monkeypatch.setattr(rendering, "BAND_SAMPLES", samples)
    bands = list(render_bands(GENOMES, canvas, device=device))
    assert len(bands) > 1
    np.testing.assert_array_equal(np.concatenate(bands, axis=1), whole)
    np.testing.assert_array_equal(render(GENOMES, canvas, device=device), whole)


def test_bands_bound_the_samples_drawn_at_once(monkeypatch: pytest.MonkeyPatch):
    drawn: list[int] = []

    class Counting(ReferenceRenderer):
        def draw(self, programs: Sequence[Program], canvas: Canvas, rows: range) -> Any:
            drawn.append(len(programs) * len(rows) * canvas.width)
            return super().draw(programs, canvas, rows)

    monkeypatch.setattr(rendering, "BAND_SAMPLES", 500)
    use(monkeypatch, reference=Counting())
    render(GENOMES, Canvas(width=5, height=40, supersample=2), device="reference")
    assert sum(drawn) == 5 * 10 * 80
    assert 250 <= max(drawn) <= 500


def test_a_band_of_a_large_network_is_smaller(monkeypatch: pytest.MonkeyPatch):
    canvas = Canvas(width=10, height=20)
    whole = list(render_bands(GENOMES[:1], canvas, device="reference"))
    connections = compile_genome(GENOMES[0]).sources.size
    monkeypatch.setattr(rendering, "LEAST_SAMPLES", 1)
    monkeypatch.setattr(rendering, "BAND_CONNECTIONS", 70 * (1 + connections))
    bands = list(render_bands(GENOMES[:1], canvas, device="reference"))
    assert len(whole) == 1
    assert [band.shape[1] for band in bands] == [7, 7, 6]
    np.testing.assert_array_equal(np.concatenate(bands, axis=1), whole[0])


@pytest.mark.parametrize("factor", [2, 3, 4])
def test_supersampling_is_the_average_in_linear_light(factor: int):
    canvas = Canvas(width=5, height=4, zoom=0.7, rotation=15, supersample=factor)
    fine = render(GENOMES, canvas.samples, device="reference")
    light = srgb_to_linear(fine / 255).reshape(5, 4, factor, 5, factor, 3).mean((2, 4))
    wanted = to_bytes(linear_to_srgb(light)).astype(int)
    got = render(GENOMES, canvas, device="reference")
    assert np.abs(got - wanted).max() <= 1
    assert (got == wanted).mean() > 0.96


def test_a_cancelled_drawing_ends_before_the_next_band(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(rendering, "BAND_SAMPLES", 40)
    answers = iter([False, False, True])
    bands = render_bands(
        GENOMES[:1],
        Canvas(width=10, height=20),
        device="reference",
        cancelled=lambda: next(answers),
    )
    assert [next(bands).shape[1], next(bands).shape[1]] == [4, 4]
    with pytest.raises(CancelledError):
        next(bands)


def test_an_unknown_device_is_refused_by_name():
    with pytest.raises(RenderError, match=r"'abacus'.*reference"):
        render(GENOMES[:1], Canvas(width=2, height=2), device="abacus")  # type: ignore[arg-type]


def test_a_device_that_is_not_there_is_refused():
    from breeder.rendering import batched

    missing = [device for device in ("cuda", "mps") if not batched.is_there(device)]
    assert missing
    for device in missing:
        with pytest.raises(RenderError, match=f"no {device} device"):
            render(GENOMES[:1], Canvas(width=2, height=2), device=device)  # type: ignore[arg-type]


def test_small_drawings_do_not_depend_on_whether_the_fast_loops_are_ready(
    monkeypatch: pytest.MonkeyPatch,
):
    """They decide what is shown: the first grids of a fresh machine must be bred as later ones."""
    genomes = [random_genome(seed, color=COLOR_MODELS[seed % 4]) for seed in range(120)]
    ready = draw_small(genomes)
    monkeypatch.setattr(cpu, "_loops", Future)
    np.testing.assert_array_equal(draw_small(genomes), ready)
