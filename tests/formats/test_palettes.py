"""The colours of a picture, and palettes of them, read back by readers of other kinds."""

from __future__ import annotations

import re
import struct
from pathlib import Path

import numpy as np
import pytest

from breeder import Canvas, Genome, render, save
from breeder.errors import FormatError
from breeder.formats.clusters import cluster, colors_of
from breeder.genome import COLOR_MODELS
from breeder.rendering.color import srgb_to_oklab
from tests.genomes import random_genome

GENOME = random_genome(3, color="oklab")
CANVAS = Canvas(width=64, height=64)
TITLE = 'Owl */ } "\n\u2028</style> ☃'


def colors(count: int, genome: Genome = GENOME) -> list[tuple[int, int, int]]:
    return [color.rgb for color in colors_of(genome, CANVAS, count, "cpu")]


def written(path: Path, count: int | None = None, title: str = TITLE) -> bytes:
    save(GENOME, path, title=title, colors=count, device="cpu", canvas=CANVAS)
    return path.read_bytes()


def test_colours_that_stand_apart_are_found_with_their_shares():
    plain = np.array([[250, 10, 10]] * 60 + [[10, 10, 240]] * 30 + [[240, 240, 240]] * 10)
    noisy = np.clip(plain + np.random.default_rng(0).integers(-4, 5, plain.shape), 0, 255)
    found = cluster(srgb_to_oklab(noisy.astype(np.uint8)), 3)
    by_share = sorted(found, key=lambda color: -color.share)
    assert [round(color.share, 2) for color in by_share] == [0.6, 0.3, 0.1]
    wanted = [(250, 10, 10), (10, 10, 240), (240, 240, 240)]
    assert np.abs(np.array([c.rgb for c in by_share]) - wanted).max() <= 5


def test_colours_run_from_dark_to_light_and_are_as_many_as_asked():
    for count in (3, 6, 12):
        found = colors_of(GENOME, CANVAS, count, "cpu")
        light = srgb_to_oklab(np.array([color.rgb for color in found], dtype=np.uint8))[:, 0]
        assert len(found) == count
        assert (np.diff(light) > -0.005).all()
        assert sum(color.share for color in found) == pytest.approx(1.0)


@pytest.mark.parametrize("color", COLOR_MODELS)
def test_more_colours_come_closer_to_the_picture(color):
    genome = random_genome(1, color=color)
    lab = srgb_to_oklab(render([genome], CANVAS)[0].reshape(-1, 3))

    def error(count: int) -> float:
        chosen = srgb_to_oklab(np.array(colors(count, genome), dtype=np.uint8))
        return float(((lab[:, None] - chosen[None]) ** 2).sum(2).min(1).mean())

    assert error(12) < error(6) < error(3)


def test_the_same_picture_has_the_same_colours_every_time():
    assert colors(6) == colors(6)
    assert colors_of(GENOME, Canvas(width=900, height=900), 6, "cpu") == colors_of(
        GENOME, CANVAS, 6, "cpu"
    )


def test_a_picture_of_one_colour_has_one():
    grey = np.full((50, 3), 128, dtype=np.uint8)
    assert [color.hex for color in cluster(srgb_to_oklab(grey), 6)] == ["#808080"]


def test_css_holds_a_variable_for_each_colour_and_nothing_of_a_title_gets_out(tmp_path: Path):
    text = written(tmp_path / "owl.css").decode()
    style = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    variables = re.findall(r"--color-\d+: (#[0-9a-f]{6});", style)
    assert variables == ["#{:02x}{:02x}{:02x}".format(*rgb) for rgb in colors(6)]
    assert re.fullmatch(r"\s*:root \{[^{}]*\}\s*", style)
    assert "--gradient: linear-gradient(90deg, var(--color-1), " in style
    assert "</style" not in text
    assert "Owl" in text
    assert GENOME.id in text


def test_gpl_reads_back(tmp_path: Path):
    lines = written(tmp_path / "owl.gpl", 5).decode().splitlines()
    assert lines[0] == "GIMP Palette"
    assert lines[1].startswith("Name: Owl")
    assert lines[2] == "Columns: 5"
    rows = [line for line in lines[3:] if not line.startswith("#")]
    found = [tuple(int(part) for part in line.partition("\t")[0].split()) for line in rows]
    assert found == colors(5)


def read_ase(data: bytes) -> tuple[str, list[tuple[str, tuple[float, ...]]]]:
    """Read an Adobe Swatch Exchange by its published layout; all of it must be used up."""
    assert data[:4] == b"ASEF"
    major, minor, count = struct.unpack_from(">HHI", data, 4)
    assert (major, minor) == (1, 0)
    place, group, found = 12, "", []
    for _ in range(count):
        kind, size = struct.unpack_from(">HI", data, place)
        block = data[place + 6 : place + 6 + size]
        assert len(block) == size
        place += 6 + size
        if kind == 0xC002:
            assert size == 0
            continue
        (units,) = struct.unpack_from(">H", block)
        name = block[2 : 2 + 2 * units].decode("utf-16-be")
        assert name.endswith("\0")
        rest = block[2 + 2 * units :]
        if kind == 0xC001:
            assert rest == b""
            group = name[:-1]
        else:
            assert (kind, rest[:4], len(rest)) == (1, b"RGB ", 18)
            found.append((name[:-1], struct.unpack(">3f", rest[4:16])))
    assert place == len(data)
    return group, found


def test_ase_reads_back(tmp_path: Path):
    group, found = read_ase(written(tmp_path / "owl.ase", 12))
    assert group.startswith("Owl")
    assert [tuple(round(255 * v) for v in values) for _, values in found] == colors(12)
    assert [name for name, _ in found] == ["#{:02x}{:02x}{:02x}".format(*c) for c in colors(12)]


def test_a_palette_without_a_title_is_named_by_its_picture(tmp_path: Path):
    assert read_ase(written(tmp_path / "owl.ase", title=""))[0] == f"Picture {GENOME.id[:8]}"


@pytest.mark.parametrize(("name", "count"), [("css", 2), ("gpl", 13), ("ase", 0), ("svg", 33)])
def test_a_number_of_colours_out_of_range_is_refused(tmp_path: Path, name: str, count: int):
    with pytest.raises(FormatError, match=rf"^A file of the format {name} is made of \d+ to \d+ "):
        written(tmp_path / f"owl.{name}", count)
    assert not list(tmp_path.iterdir())


def test_a_format_that_has_all_colours_has_no_number_of_them(tmp_path: Path):
    with pytest.raises(FormatError, match="has no number of colours"):
        written(tmp_path / "owl.png", 6)
