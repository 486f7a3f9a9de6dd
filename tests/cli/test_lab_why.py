"""`breeder lab measure`, `study` and `convolve` say what was measured, and refuse in one line."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import typer
from PIL import Image
from typer.testing import CliRunner

from breeder.cli import lab_why
from breeder.errors import BreederError
from breeder.lab.convolution_drawing import draw_convolution
from breeder.lab.convolutions import CONVOLUTION_PRESETS

app = typer.Typer()
for command in (lab_why.measure, lab_why.study, lab_why.convolve):
    app.command()(command)


def said(*arguments: str) -> str:
    result = CliRunner().invoke(app, arguments)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result.output


def test_measure_names_goo_and_where_the_signal_dies():
    lines = said("measure", "grey-goo")
    assert lines.startswith("grey goo: ")
    assert "The signal dies in hidden" in lines
    assert "weights: 1,872, biases: 16" in lines


def test_measure_takes_an_address_and_changes_and_counts_linear_regions():
    lines = said("measure", "v=1&activation=relu", "--set", "widths=8*2")
    assert "goo" not in lines
    assert "linear regions along lines: " in lines
    assert "patterns of neurons" in lines


def test_a_study_prints_a_row_for_each_shape(monkeypatch: pytest.MonkeyPatch):
    from breeder.lab import study

    monkeypatch.setattr(study, "STUDIES", {"tiny": ("Two small ones.", ((4,), (4, 4)))})
    rows = [line.split("\t") for line in said("study", "tiny", "--seeds", "2").splitlines()]
    shapes = [row[:3] for row in rows if row[0].startswith(("1 layer", "2 layers"))]
    assert shapes == [["1 layer of 4", "20", "4"], ["2 layers of 4", "36", "4"]]
    with pytest.raises(BreederError, match="no study 'huge'; there are tiny"):
        said("study", "huge")


def test_convolve_writes_the_picture_and_the_spreads(tmp_path: Path):
    out = tmp_path / "deep.png"
    size = ("--width", "48", "--height", "32", "--device", "cpu")
    lines = said("convolve", "deep-relu", str(out), "--seed", "3", *size)
    assert "950 weights, 0 biases, 100 shifts" in lines
    assert "spread of the sums: " in lines
    settings = replace(CONVOLUTION_PRESETS["deep-relu"].settings, seed=3, width=48, height=32)
    with Image.open(out) as image:
        assert np.array_equal(np.asarray(image), draw_convolution(settings, device="cpu").pixels)
    address = "http://127.0.0.1:8501/lab?v=1&section=convolutions&below=conv-v%3D1%26conv-seed%3D3"
    assert lab_why.read_convolution(address, width=48, height=32) == settings


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("deep", "a.png"), "no experiment 'deep' with convolutions; there are wide-relu"),
        (("deep-relu", "a.jpg"), "end 'a.jpg' with .png"),
        (("conv-layers=99", "a.png"), "layers must be a whole number from 1 to 32"),
    ],
)
def test_what_cannot_be_drawn_is_refused_in_one_sentence(arguments: tuple[str, ...], words: str):
    with pytest.raises(BreederError, match=words):
        said("convolve", *arguments)
