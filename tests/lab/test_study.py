"""Shapes are compared over many seeds, with their true weight counts."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from breeder.errors import CancelledError, SettingsError
from breeder.lab.complexity import MEASURES
from breeder.lab.settings import Initialisation, LabSettings, layers_of
from breeder.lab.study import (
    STUDIED,
    STUDIES,
    Study,
    median_ratio,
    run_study,
    shape_title,
    table,
)

BASE = LabSettings()
SMALL = Study(base=BASE, shapes=((4,), layers_of(6, 8)), seeds=4)


def test_the_article_s_pair_has_3936_and_7360_weights_with_the_first_layer_s_biases():
    counted = {}
    for widths in STUDIES["depth-against-width"][1][:2]:
        settings = replace(BASE, widths=widths)
        counted[shape_title(widths)] = settings.weight_count + settings.bias_count
    assert counted == {"16 layers of 16": 3936, "8 layers of 32": 7360}
    assert all(f"{number:,}" in STUDIES["depth-against-width"][0] for number in counted.values())


def test_every_study_can_be_drawn_and_those_of_equal_weights_are_equal():
    for sentence, shapes in STUDIES.values():
        assert sentence.endswith(".")
        assert Study(base=BASE, shapes=shapes).steps == 20 * len(shapes)
    equal = STUDIES["equal-weights"][1][1:]
    counts = [replace(BASE, widths=widths).weight_count for widths in equal]
    assert max(counts) < 1.1 * min(counts)


def test_a_study_gives_medians_and_quartiles_over_all_seeds():
    steps: list[int] = []
    rows = list(run_study(SMALL, advance=steps.append))
    assert sum(steps) == SMALL.steps == 8
    assert [row.widths for row in rows] == list(SMALL.shapes)
    for row in rows:
        assert row.weights == replace(BASE, widths=row.widths).weight_count
        assert row.example.shape == (128, 128, 3)
        assert 1 <= row.example_seed <= 4
        values = row.values["compressed"]
        spread = row.spreads["compressed"]
        assert len(values) == spread.count == 4
        assert (spread.low, spread.median, spread.high) == tuple(
            np.quantile(values, (0.25, 0.5, 0.75))
        )
        nearest = np.abs(values - spread.median).min()
        assert abs(values[row.example_seed - 1] - spread.median) == nearest
    ratio = median_ratio(rows[1], rows[0], "sharpness")
    assert ratio is not None
    assert ratio > 1.5


def test_pictures_with_a_name_are_counted_and_have_no_growth_where_there_is_none():
    goo = replace(BASE, weights=Initialisation(name="pytorch"))
    row = next(run_study(Study(base=goo, shapes=(layers_of(8, 16),), seeds=3)))
    assert row.named == {"grey goo": 3}
    flat = next(run_study(Study(base=BASE, shapes=((4,),), seeds=2)))
    assert "curve_growth" not in flat.spreads  # one hidden layer: nothing to grow from
    assert median_ratio(flat, row, "curve_growth") is None


def test_the_table_has_a_column_for_every_measure_that_is_studied():
    lines = table(list(run_study(replace(SMALL, seeds=2))))
    assert set(STUDIED) <= set(MEASURES)
    assert {MEASURES[name].title for name in STUDIED} <= set(lines[0])
    assert [line["Shape"] for line in lines] == ["1 layer of 4", "6 layers of 8"]


def test_a_study_can_be_cancelled_between_pictures():
    done: list[int] = []
    with pytest.raises(CancelledError):
        list(run_study(SMALL, cancelled=lambda: len(done) >= 3, advance=done.append))
    assert len(done) == 3


@pytest.mark.parametrize(
    "values", [{"shapes": ()}, {"seeds": 1}, {"seeds": 201}, {"shapes": ((600,),)}]
)
def test_studies_that_cannot_be_drawn_are_refused_at_once(values: dict[str, object]):
    with pytest.raises(SettingsError):
        replace(SMALL, **values)  # type: ignore[arg-type]
