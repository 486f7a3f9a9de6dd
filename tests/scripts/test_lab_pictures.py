"""The pictures and tables of docs/lab.md come from the script, and the page shows all of them."""

from __future__ import annotations

import hashlib
import re
import shlex
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from breeder.cli import app
from breeder.lab.complexity import MEASURES
from breeder.lab.presets import PRESETS
from breeder.lab.settings import LabSettings
from breeder.lab.study import STUDIES, Study, run_study
from scripts import lab_pictures
from scripts.lab_pictures import (
    FIGURES,
    PICTURES,
    log_chart,
    make_charts,
    make_pictures,
    put_tables,
    study_table,
)

PAGE = (lab_pictures.DOCS / "lab.md").read_text("utf-8")


def digests(paths: list[Path]) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}


def test_every_picture_is_made_small_and_the_same_twice(tmp_path: Path):
    a, b = tmp_path / "a", tmp_path / "b"
    first = digests([*make_pictures(a, side=16), *make_charts(a, side=16)])
    again = make_pictures(b, side=16, names=["weights", "convolutions"])
    again += make_charts(b, side=16)
    assert digests(again).items() <= first.items()
    shown = set(re.findall(r"pictures/lab/([\w.-]+)", PAGE))
    assert shown == first.keys()
    assert len(FIGURES) >= 10


def test_the_pictures_are_there_and_small():
    kept = {path.name for path in PICTURES.iterdir()}
    assert kept == set(re.findall(r"pictures/lab/([\w.-]+)", PAGE))
    assert sum(path.stat().st_size for path in PICTURES.iterdir()) < 1_500_000


@pytest.mark.parametrize("marker", ["pair", "pair-scaled", "equal"])
def test_the_tables_of_the_page_have_the_true_counts(marker: str):
    table = PAGE.partition(f"<!-- {marker} -->\n")[2].partition("\n<!-- end -->")[0]
    rows = re.findall(r"^\| (\d+) layers? of (\d+) \| ([\d,]+) \+ ([\d,]+) \|", table, re.MULTILINE)
    shapes = STUDIES["equal-weights" if marker == "equal" else "depth-against-width"][1]
    assert len(rows) == len(shapes)
    for (layers, neurons, weights, biases), shape in zip(rows, shapes, strict=True):
        assert (int(neurons),) * int(layers) == shape
        settings = LabSettings(widths=shape)
        assert int(weights.replace(",", "")) == settings.weight_count
        assert int(biases.replace(",", "")) == settings.bias_count


def test_what_the_page_says_of_depth_and_width_holds_for_other_seeds_too():
    """The finding with the larger effect: of about equal weights the deep one reaches farther."""
    settings = replace(PRESETS["usual"].settings)
    study = Study(base=settings, shapes=STUDIES["depth-against-width"][1][::3], seeds=5)
    deep, wide = run_study(study)
    assert (deep.title, wide.title) == ("16 layers of 16", "8 layers of 23")
    assert deep.spreads["zoomable"].low > 1.5 * wide.spreads["zoomable"].high
    assert "| **" in study_table([deep, wide])


def test_tables_are_put_between_their_marks_and_nowhere_else():
    page = "a\n<!-- one -->\nold\nolder\n<!-- end -->\nb\n<!-- two -->\n\n<!-- end -->\n"
    put = put_tables(page, {"one": "new", "two": "2"})
    assert put == "a\n<!-- one -->\nnew\n<!-- end -->\nb\n<!-- two -->\n2\n<!-- end -->\n"
    with pytest.raises(AssertionError):
        put_tables(page, {"three": ""})


def test_every_measure_is_defined_on_the_page_with_its_source():
    flat = " ".join(PAGE.split())
    for row in MEASURES.values():
        assert f"**{row.title}.**" in flat
        assert " ".join(row.source.split()) in flat, row.name


def test_a_chart_holds_every_line_within_its_frame():
    line = lab_pictures.Line(label="up", values=(1e-3, 1.0, 1e4))
    chart = log_chart("Title", [line, line])
    places = [float(y) for y in re.findall(r"[\d.]+,([\d.]+)", chart)]
    assert len(places) == 6
    assert all(34 <= y <= 270 for y in places)
    assert "Title" in chart


def test_the_examples_of_the_page_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    namespace: dict[str, Any] = {}
    for code in re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL):
        exec(compile(code, "lab.md", "exec"), namespace)  # noqa: S102
    assert namespace["picture"].shape == (256, 256, 3)
    for line in re.findall(r"^\$ breeder (.+)$", PAGE, re.MULTILINE):
        result = CliRunner().invoke(app, shlex.split(line), prog_name="breeder")
        assert result.exit_code == 0, f"{line}\n{result.output}"
    assert (tmp_path / "deep.png").is_file()
