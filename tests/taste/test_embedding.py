"""A network on disk as features: read as it is, told by founders, and refused in one sentence."""

import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from breeder.errors import SettingsError
from breeder.looks import draw_small
from breeder.taste import embedding
from breeder.taste.embedding import DIMENSIONS, load, look
from breeder.taste.features import FEATURES, LIMIT, features_of
from breeder.taste.model import Choice, learn
from tests.genomes import random_genome

FIRST, LAST = ("N", 3, 16, 16), ("N", 16, 16, 3)


def network(
    folder: Path,
    shape: tuple[str | int, ...] = FIRST,
    *,
    kind: int = TensorProto.FLOAT,
    factor: float = 1.0,
    axes: tuple[int, ...] | None = None,
) -> Path:
    """Write a network that gives means over axes, times a factor."""
    axes = axes or ((2, 3) if shape[1] == 3 or shape[3] != 3 else (1, 2))
    nodes = [
        helper.make_node("Cast", ["picture"], ["floats"], to=TensorProto.FLOAT),
        helper.make_node("ReduceMean", ["floats"], ["means"], axes=list(axes), keepdims=1),
        helper.make_node("Mul", ["means", "factor"], ["told"]),
    ]
    graph = helper.make_graph(
        nodes,
        "means",
        [helper.make_tensor_value_info("picture", kind, shape)],
        [helper.make_tensor_value_info("told", TensorProto.FLOAT, None)],
        [helper.make_tensor("factor", TensorProto.FLOAT, (), [factor])],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    path = folder / "network.onnx"
    onnx.save(model, path)
    return path


@pytest.fixture(scope="module")
def drawings() -> np.ndarray:
    return draw_small([random_genome(seed) for seed in range(7)])


@pytest.mark.parametrize(
    ("shape", "kind"),
    [
        (FIRST, TensorProto.FLOAT),
        (LAST, TensorProto.FLOAT),
        (FIRST, TensorProto.FLOAT16),
        (LAST, TensorProto.UINT8),
        ((1, 3, 24, 16), TensorProto.FLOAT),
        ((4, 3, 16, 16), TensorProto.FLOAT),
        (("N", 3, "H", "W"), TensorProto.FLOAT),
    ],
)
def test_networks_of_many_kinds_see_colours_alike(tmp_path, drawings, shape, kind):
    found = load(network(tmp_path, shape, kind=kind)).of(drawings)
    assert found.shape == (7, 3)
    assert found.dtype == np.float32
    assert np.abs(found).max() <= LIMIT
    light = drawings.mean(axis=(1, 2, 3))
    # Three mean colours span the mean lightness, whatever the order of the directions.
    known = np.linalg.lstsq(np.c_[found, np.ones(7)], light, rcond=None)
    assert float(known[1][0] if len(known[1]) else 0) < 0.1 * float(
        ((light - light.mean()) ** 2).sum()
    )


def test_many_numbers_are_told_in_few(tmp_path, drawings):
    """Means over one axis alone: 48 numbers."""
    found = load(network(tmp_path, axes=(3,))).of(drawings)
    assert 8 < found.shape[1] <= DIMENSIONS
    assert load(network(tmp_path, axes=(3,))).of(drawings[:0]).shape == (0, found.shape[1])


def test_the_scale_of_a_network_is_no_matter(tmp_path, drawings):
    small = load(network(tmp_path)).of(drawings)
    np.testing.assert_allclose(load(network(tmp_path, factor=500.0)).of(drawings), small, atol=0.01)


def test_features_and_the_network_are_learnt_from_together(tmp_path, drawings, monkeypatch):
    assert look() is features_of
    monkeypatch.setenv("BREEDER_EMBEDDING", str(network(tmp_path)))
    rows = look()(drawings)
    assert rows.shape == (7, len(FEATURES) + 3)
    np.testing.assert_array_equal(rows[:, : len(FEATURES)], features_of(drawings))
    taste = learn([Choice(features=rows, picked=np.arange(7) == 2)] * 4)
    assert np.argmax(taste.score(rows)[0]) == 2


def test_the_same_file_has_the_same_key(tmp_path):
    assert load(network(tmp_path)).key == load(network(tmp_path)).key
    assert load(network(tmp_path)).key != load(network(tmp_path, factor=2.0)).key


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"shape": ("N", 5, 16, 16)}, "3 channels"),
        ({"shape": ("N", 3, 9000, 16)}, "1024 pixels"),
        ({"kind": TensorProto.INT64}, "one picture"),
        ({"shape": ("N", 768), "axes": (1,)}, "one picture"),
        ({"factor": 0.0}, "same numbers"),
        ({"factor": float("nan")}, "not finite"),
        ({"axes": (0, 1, 2, 3)}, "row of numbers"),
    ],
)
def test_a_network_that_cannot_serve_is_refused_in_a_sentence(tmp_path, options, words):
    options = {"shape": FIRST} | options
    with pytest.raises(SettingsError, match=words) as caught:
        load(network(tmp_path, options.pop("shape"), **options))
    assert "\n" not in str(caught.value)


def test_a_picture_that_it_has_no_numbers_for_is_as_usual(tmp_path, drawings):
    """A grid must not fail for one odd child."""
    found = load(network(tmp_path))
    raw = found.network.run(drawings)
    raw[2, 0], raw[3, 1] = np.nan, np.inf
    network_gives: Any = SimpleNamespace(run=lambda drawings: raw)
    odd = replace(found, network=network_gives).of(drawings)
    assert not odd[2:4].any()
    np.testing.assert_array_equal(
        np.delete(odd, [2, 3], 0), np.delete(found.of(drawings), [2, 3], 0)
    )


@pytest.mark.parametrize("content", [b"", b"no network", b"\x08\x07" * 500])
def test_other_files_are_refused_in_a_sentence(tmp_path, content):
    path = tmp_path / "other.onnx"
    path.write_bytes(content)
    with pytest.raises(SettingsError, match=r"other\.onnx is no ONNX network"):
        load(path)
    with pytest.raises(SettingsError, match="There is no embedding network"):
        load(tmp_path / "missing.onnx")
    with pytest.raises(SettingsError, match="There is no embedding network"):
        load(tmp_path)


def test_without_onnxruntime_the_way_to_it_is_told(tmp_path, monkeypatch):
    path = network(tmp_path)
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(SettingsError, match=r"breeder\[embedding\]"):
        embedding.load(path)
