"""The floors of the house: imports run strictly downwards, and heavy libraries stay in their rooms.

Read off the syntax tree, so that imports inside functions and under TYPE_CHECKING count too.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FLOORS = (
    "errors",
    "activations",
    "inputs",
    "genome",
    "program",
    "rendering",
    "formats",
    "evolve",
    "history",
    ("looks", "impression"),
    "guidance",
    "offspring",
    "store",
    "family",
    ("plan", "gallery"),
    "breeder",
    ("lab", "insight", "taste", "studio"),
    "__init__",
    "ui",
    "cli",
    "__main__",
)
RANK = {
    name: rank
    for rank, floor in enumerate(FLOORS)
    for name in ([floor] if isinstance(floor, str) else floor)
}
ROOMS = {
    "av": ("breeder/formats/",),
    "streamlit": ("breeder/ui/", "app.py"),
    "torch": ("breeder/rendering/", "breeder/lab/", "breeder/taste/"),
    "triton": ("breeder/rendering/",),
    "sqlalchemy": ("breeder/store/", "migrations/"),
    "alembic": ("breeder/store/", "migrations/"),
    "breeder": ("breeder/", "app.py"),  # migrations must still run when today's code is gone
    "pickle": (),
}


def imports(source: str) -> Iterator[str]:
    """Yield the dotted name of everything imported: "a.b" for both `import a.b` and `from a`."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"line {node.lineno}: a relative import hides its floor"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def faults(where: str, source: str) -> list[str]:
    """Say what the file at `where` (relative to the repository) imports that it must not."""
    found = []
    for name in imports(source):
        library, *inside = name.split(".")
        if not where.startswith(ROOMS.get(library, "")):
            found.append(f"{where} imports {library}, which belongs in {ROOMS[library] or 'none'}")
        if library == "breeder" and where.startswith("breeder/"):
            here = Path(where).parts[1].removesuffix(".py")
            there = inside[0] if inside and inside[0] in RANK else "__init__"
            if here not in RANK:
                found.append(
                    f"{where}: {here!r} has no floor; give it one in {Path(__file__).name}"
                )
            elif here != there and RANK[here] <= RANK[there]:
                found.append(f"{where} imports {name}: {there!r} is not below {here!r}")
    return found


def test_imports_run_downwards_and_heavy_libraries_stay_in_their_rooms():
    files = [ROOT / "app.py", *ROOT.glob("breeder/**/*.py"), *ROOT.glob("migrations/**/*.py")]
    assert len(files) > 1
    found = [
        fault
        for file in files
        if file.exists()
        for fault in faults(file.relative_to(ROOT).as_posix(), file.read_text("utf-8"))
    ]
    assert not found, "\n".join(found)


def test_every_module_has_a_floor():
    names = {path.stem for path in (ROOT / "breeder").iterdir() if _is_module(path)}
    assert names <= RANK.keys(), f"give these a floor in FLOORS: {sorted(names - RANK.keys())}"


def _is_module(path: Path) -> bool:
    return path.suffix == ".py" or (path.is_dir() and any(path.glob("*.py")))


@pytest.mark.parametrize(
    ("where", "source"),
    [
        ("breeder/genome.py", "from breeder.rendering import canvas"),
        ("breeder/genome.py", "def draw():\n    from breeder import render"),
        ("breeder/genome.py", "import breeder"),
        ("breeder/lab/atlas.py", "import breeder.taste.model"),
        ("breeder/genome.py", "from breeder.cellar import wine"),
        ("breeder/cellar.py", "from breeder import errors"),
        ("breeder/genome.py", "import torch.nn"),
        ("breeder/rendering/cpu.py", "import streamlit as st"),
        ("breeder/store/tables.py", "from pickle import loads"),
        ("migrations/versions/0001_first.py", "from breeder.store import tables"),
    ],
)
def test_a_forbidden_import_is_found(where: str, source: str):
    assert faults(where, source)


@pytest.mark.parametrize(
    ("where", "source"),
    [
        ("breeder/rendering/cpu.py", "import torch\nfrom breeder.program import Program"),
        ("breeder/rendering/cpu.py", "from breeder.rendering.canvas import Canvas"),
        ("breeder/__init__.py", "from breeder.breeder import Breeder"),
        ("breeder/cli.py", "from breeder import Breeder, render"),
        ("migrations/env.py", "import sqlalchemy as sa"),
        ("app.py", "import streamlit as st\nfrom breeder.ui import pages"),
    ],
)
def test_an_import_of_a_lower_floor_is_allowed(where: str, source: str):
    assert not faults(where, source)
