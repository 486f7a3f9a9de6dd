"""The documentation is true: its examples run, and it names everything there is."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import typer
from PIL import Image
from typer.testing import CliRunner

import breeder
from breeder.cli import app
from breeder.formats import FORMATS
from breeder.lab.movements import MOVEMENTS
from breeder.lab.scenes import scene

DOCS = Path(__file__).resolve().parent.parent / "docs"


def blocks(page: str, language: str) -> list[str]:
    text = (DOCS / page).read_text("utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def commands(group: Any, path: str) -> list[str]:
    """The whole names of all commands of a group: "breeder runs rename" and so on."""
    found = []
    for name, command in group.commands.items():
        found.append(f"{path} {name}")
        if hasattr(command, "commands"):
            found += commands(command, f"{path} {name}")
    return found


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BREEDER_DATABASE_URL", "sqlite:///art.db")
    return tmp_path


def test_the_session_of_the_command_line_runs(folder: Path):
    lines = "".join(blocks("command-line.md", "console")).splitlines()
    assert len(lines) > 10
    for line in lines:
        prompt, program, *arguments = shlex.split(line)
        assert (prompt, program) == ("$", "breeder")
        result = CliRunner().invoke(app, arguments, prog_name="breeder")
        assert result.exit_code == 0, f"{line}\n{result.output}"
    assert {"first.png", "owl.png", "owl.json", "two-owls", "owls.zip"} <= {
        path.name for path in folder.iterdir()
    }


def test_every_command_is_documented():
    page = (DOCS / "command-line.md").read_text("utf-8")
    names = commands(typer.main.get_command(app), "breeder")
    assert len(names) >= 13
    assert [name for name in names if f"`{name}`" not in page] == []


def test_every_option_is_documented():
    page = (DOCS / "command-line.md").read_text("utf-8")
    group: Any = typer.main.get_command(app)
    leaves = [*group.commands.values(), *group.commands["runs"].commands.values()]
    options = {option for leaf in leaves for each in leaf.params for option in each.opts}
    missing = sorted(o for o in options if o.startswith("--") and o not in page)
    assert [name for name in missing if name not in ("--help", "--browser")] == []


def test_the_examples_of_the_python_api_run(folder: Path):
    namespace: dict[str, Any] = {}
    for number, code in enumerate(blocks("python-api.md", "python"), 1):
        exec(compile(code, f"python-api.md, block {number}", "exec"), namespace)  # noqa: S102
    assert {"owl.json", "owl.png", "art.db"} <= {path.name for path in folder.iterdir()}


def test_the_examples_of_exports_run(folder: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.syspath_prepend(str(folder))
    namespace: dict[str, Any] = {}
    for number, code in enumerate(blocks("exports.md", "python"), 1):
        exec(compile(code, f"exports.md, block {number}", "exec"), namespace)  # noqa: S102
    assert {"owl.py", "owl_module.py", "owl.onnx", "owl-network.json", "rings.xml"} <= {
        path.name for path in folder.iterdir()
    }


def test_the_examples_of_films_run_and_every_movement_is_described(folder: Path):
    for number, code in enumerate(blocks("films.md", "python"), 1):
        exec(compile(code, f"films.md, block {number}", "exec"), {})  # noqa: S102
    assert (folder / "spiral.webp").is_file()
    page = (DOCS / "films.md").read_text("utf-8")
    table = [line for line in page.splitlines() if line.startswith("| `")]
    for name, row in MOVEMENTS.items():
        [line] = [line for line in table if f"`{name}`" in line]
        usual = "a seed" if name == "morph" else f"{row.amount:g}"
        assert f", {usual} |" in line or f"| {usual} |" in line


def test_the_example_of_learning_a_picture_runs(folder: Path, one_thread: None):
    Image.fromarray(scene("logo", 64, 48)).save(folder / "owl.png")
    for number, code in enumerate(blocks("training.md", "python"), 1):
        exec(compile(code, f"training.md, block {number}", "exec"), {})  # noqa: S102
    assert (folder / "learned.json").is_file()


def test_the_examples_of_family_trees_run():
    for number, code in enumerate(blocks("family-trees.md", "python"), 1):
        exec(compile(code, f"family-trees.md, block {number}", "exec"), {})  # noqa: S102


def test_the_examples_of_taste_run(folder: Path):
    for number, code in enumerate(blocks("taste.md", "python"), 1):
        exec(compile(code, f"taste.md, block {number}", "exec"), {})  # noqa: S102
    assert (folder / "taste.db").is_file()


def test_every_format_that_is_code_has_its_section():
    page = (DOCS / "exports.md").read_text("utf-8")
    for title in ("Shader", "Page", "NumPy", "PyTorch", "ONNX", "neat-python", "Picbreeder"):
        assert f"\n## {title}\n" in page


def test_the_public_names_are_those_documented():
    page = (DOCS / "python-api.md").read_text("utf-8")
    table = page.partition("## The public names")[2]
    assert re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE) == sorted(breeder.__all__)
    assert {*breeder._HOMES, "__version__"} == set(breeder.__all__)
    assert dir(breeder) == sorted(breeder.__all__)
    assert all(hasattr(breeder, name) for name in breeder.__all__)


def test_the_table_of_formats_is_that_of_the_program():
    page = (DOCS / "formats.md").read_text("utf-8")
    table = page.partition("<!-- formats -->\n")[2].partition("<!-- end -->")[0].splitlines()
    words = {True: "yes", False: "no"}
    assert table[2:] == [
        f"| `{row.name}` | {row.suffix} | {words[row.reads]} | {words[row.writes]} "
        f"| {row.title} | {row.loses or 'nothing'} |"
        for row in FORMATS.values()
    ]
