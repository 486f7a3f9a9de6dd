"""Networks of the Lab become genomes that are drawn the same, and start runs."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as profile

from breeder import Store
from breeder.errors import SettingsError
from breeder.lab.drawing import draw
from breeder.lab.founding import genes_of, origin_of, start_run, to_genome, why_not
from breeder.lab.networks import build
from breeder.lab.presets import PRESETS
from breeder.lab.settings import Initialisation, LabSettings, from_query, layers_of
from breeder.offspring import MOST_GENES
from breeder.rendering import render
from breeder.rendering.canvas import Canvas
from tests.lab.test_settings import lab_settings

BRED = [name for name, preset in PRESETS.items() if not why_not(preset.settings)]


@pytest.mark.parametrize("name", BRED)
def test_every_preset_is_drawn_to_the_byte_by_its_genome(name: str):
    settings = PRESETS[name].settings
    drawn = render([to_genome(settings)], Canvas(width=40, height=30), device="cpu")[0]
    np.testing.assert_array_equal(drawn, draw(settings, 40, 30))


def test_nearly_every_preset_can_be_bred():
    assert [name for name in PRESETS if name not in BRED] == ["neuro-pollock"]


@given(lab_settings)
@profile(max_examples=15, deadline=None)
def test_whatever_is_set_is_drawn_alike_or_refused_in_a_sentence(settings: LabSettings):
    try:
        genome = to_genome(settings)
    except SettingsError:
        assert why_not(settings) or settings.scale * settings.frame > 50
        return
    drawn = render([genome], Canvas(width=6, height=5), device="cpu")[0]
    np.testing.assert_array_equal(drawn, draw(settings, 6, 5))
    assert len(genome.nodes) + len(genome.connections) <= genes_of(settings)


def test_the_reference_sees_the_same_picture():
    settings = LabSettings(
        widths=(8, 8), weights=Initialisation(name="lecun"), zoom=1.5, center=(0.2, 0.1), seed=4
    )
    drawn = render([to_genome(settings)], Canvas(width=40, height=30), device="reference")[0]
    assert np.abs(drawn.astype(int) - draw(settings, 40, 30)).max() <= 1


def test_a_network_that_is_too_large_is_said_to_be_so_with_the_limit():
    large = LabSettings(widths=layers_of(8, 128))
    said = why_not(large)
    assert f"{MOST_GENES:,} is the most" in said
    assert "too large to breed well" in said
    with pytest.raises(SettingsError, match="too large to breed well"):
        to_genome(large)
    assert why_not(PRESETS["tapered"].settings) == ""


def test_weights_that_no_genome_has_are_refused():
    huge = LabSettings(
        widths=(4,),
        weights=Initialisation(name="uniform", numbers=(1e4,)),
        coordinates="pixels",
        scale=1e3,
    )
    with pytest.raises(SettingsError, match="a weight is beyond ±1,000,000"):
        to_genome(huge)


def test_a_run_starts_from_it_and_remembers_its_address():
    settings = replace(PRESETS["gradient"].settings, caption="dusk")
    with Store.in_memory() as store:
        breeder = start_run(store, settings, name="dusk", seed=3)
        first = breeder.ask().children[0]
        assert first.genome == to_genome(settings)
        assert first.origin == "import"
        assert len(breeder.ask().children) == 15
        origin = store.origins([first.genome.id])[first.genome.id]
        assert from_query(origin.removeprefix("the Lab, ")) == settings
        assert len(breeder.tell([0, 4]).children) == 15


def test_a_long_address_is_left_out_of_the_origin():
    long = LabSettings(caption="ö" * 110)
    assert origin_of(long) == "the Lab"


def test_another_network_can_be_bred():
    settings = PRESETS["gradient"].settings
    other = build(replace(settings, seed=77))
    assert to_genome(settings, other) == to_genome(replace(settings, seed=77))
