"""The family tree's talk with the browser, what its buttons do, and what is not ours in it."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace

import pytest

from breeder import BreederSettings, Store
from breeder.breeder import Breeder
from breeder.family.graph import Mark
from breeder.ui import components
from breeder.ui.state import PageState
from breeder.ui.tree import TreeAction, TreeActionKind, parse_tree_action
from breeder.ui.tree_actions import hear_tree, tree_version
from breeder.ui.tree_routes import MOST_ROW

SMALL = BreederSettings(population=4, screening=False)
ASSETS = components._ASSETS
ID = "0" * 32


@pytest.mark.parametrize("kind", ["breed", "grid"])
def test_what_grows_or_goes_names_a_place(kind: TreeActionKind) -> None:
    said = {"kind": kind, "id": ID, "generation": "g", "slot": 3, "star": True}
    assert parse_tree_action(said) == TreeAction(kind=kind, id=ID, generation="g", slot=3)
    for broken in ({"slot": 64}, {"slot": "3"}, {"slot": True}, {"generation": ""}, {"id": 7}):
        assert parse_tree_action({**said, **broken}) is None


@pytest.mark.parametrize("kind", ["open", "start"])
def test_what_is_opened_names_a_picture(kind: TreeActionKind) -> None:
    assert parse_tree_action({"kind": kind, "id": ID}) == TreeAction(kind=kind, id=ID)
    assert parse_tree_action({"kind": kind}) is None


def test_a_star_says_what_is_wanted() -> None:
    said = {"kind": "favourite", "id": ID, "star": True}
    assert parse_tree_action(said) == TreeAction(kind="favourite", id=ID, star=True)
    assert parse_tree_action({**said, "star": 1}) is None


@pytest.mark.parametrize("said", [None, 3, "breed", [], {}, {"kind": "drop", "id": ID}])
def test_anything_else_is_nothing(said: object) -> None:
    assert parse_tree_action(said) is None


@pytest.fixture
def tab() -> PageState:
    """A tab on a run of three grids, one pick in the first and two in the second."""
    breeder = Breeder.begin(Store.in_memory(), name="owls", settings=SMALL, seed=5)
    breeder.ask()
    breeder.tell([1])
    breeder.tell([2, 3])
    return PageState(breeder=breeder)


def place(tab: PageState, number: int, slot: int, kind: TreeActionKind = "breed") -> TreeAction:
    grid = next(g for g in tab.store.tree(tab.breeder.run_id) if g.number == number)
    child = tab.store.generation(grid.id).children[slot]
    return TreeAction(kind=kind, id=child.genome.id, generation=grid.id, slot=slot)


def test_breeding_from_an_old_picture_grows_a_branch_and_loses_nothing(tab: PageState) -> None:
    tab.breeder.settings = replace(SMALL, strength=0.9)
    before = tab.store.tree(tab.breeder.run_id)
    asked = place(tab, 0, 3)
    hear_tree(tab, asked)
    assert tab.notice == ""
    assert tab.leads_to == ("breed.py", {})
    assert tab.generation.came_from == asked.generation
    assert tab.generation.bred_from == (3,)
    assert tab.generation.settings.strength == 0.9
    assert tab.store.tree(tab.breeder.run_id)[: len(before)] == before
    assert tab.store.generation(asked.generation).picks == (1, 3)
    parents = {parent.id for child in tab.generation.children for parent in child.parents}
    assert asked.id in parents


def test_the_same_picture_bred_from_again_gives_another_branch(tab: PageState) -> None:
    asked = place(tab, 1, 0)
    hear_tree(tab, asked)
    first = tab.generation
    hear_tree(tab, asked)
    assert tab.generation.id != first.id
    assert tab.generation.came_from == first.came_from


def test_a_picture_of_another_run_is_bred_in_its_own_run(tab: PageState) -> None:
    other = PageState(breeder=Breeder.begin(tab.store, name="moths", settings=SMALL, seed=6))
    asked = place(tab, 1, 0)
    hear_tree(other, asked)
    assert other.breeder.run_id == tab.breeder.run_id
    assert other.generation.came_from == asked.generation


def test_its_grid_is_gone_to_and_nothing_is_bred(tab: PageState) -> None:
    asked = place(tab, 1, 2, kind="grid")
    count = len(tab.store.tree(tab.breeder.run_id))
    hear_tree(tab, asked)
    assert tab.generation.id == asked.generation
    assert tab.leads_to == ("breed.py", {})
    assert len(tab.store.tree(tab.breeder.run_id)) == count


def test_a_star_is_set_once_however_often_it_is_said(tab: PageState) -> None:
    asked = replace(place(tab, 0, 0, kind="favourite"), generation="", star=True)
    for _ in range(2):
        hear_tree(tab, asked)
        assert tab.store.is_favourite([asked.id])
    hear_tree(tab, replace(asked, star=False))
    assert not tab.store.is_favourite([asked.id])


def test_large_view_and_new_run_start_from_the_picture(tab: PageState) -> None:
    asked = place(tab, 0, 0, kind="open")
    hear_tree(tab, asked)
    assert tab.opened == asked.id
    hear_tree(tab, replace(asked, kind="start"))
    assert tab.generation.children[0].genome.id == asked.id


def test_a_run_that_was_deleted_gives_one_sentence(tab: PageState) -> None:
    asked = place(tab, 1, 0)
    other = PageState(breeder=Breeder.begin(tab.store, name="moths", settings=SMALL, seed=6))
    tab.store.delete_run(tab.breeder.run_id)
    run = other.breeder.run_id
    hear_tree(other, asked)
    assert other.notice.endswith(".")
    assert other.breeder.run_id == run
    assert other.leads_to is None


def test_another_version_says_that_the_tree_changed(tab: PageState) -> None:
    versions = {tree_version(tab)}
    tab.breeder.pick([1])
    versions.add(tree_version(tab))
    tab.breeder.tell([0])
    versions.add(tree_version(tab))
    tab.breeder.back()
    versions.add(tree_version(tab))
    assert len(versions) == 3  # a pick alone does not lay the tree out again


def test_script_and_server_agree_on_numbers() -> None:
    model = (ASSETS / "tree_model.js").read_text("utf-8")
    table = model.partition("const MARKS = {")[2].partition("}")[0]
    told = {name: int(number) for name, number in re.findall(r"(\w+): (\d+)", table)}
    assert told == {(mark.name or "").lower(): int(mark) for mark in Mark}
    thumbs = (ASSETS / "tree_thumbs.js").read_text("utf-8")
    assert f"ROW_SIZES = [32, {MOST_ROW}]" in thumbs


def test_what_is_not_ours_is_named_with_version_checksum_and_licence() -> None:
    vendor = ASSETS / "vendor"
    table = re.findall(
        r"^\| ([\w-]+) \| ([\d.]+) \| `(\w{64})` \|$", (vendor / "README.md").read_text(), re.M
    )
    assert len(table) == 9
    text = (vendor / "d3.js").read_text("utf-8")
    starts = [text.index(f"// https://d3js.org/{name}/ v{version} ") for name, version, _ in table]
    assert starts == sorted(starts)
    for (name, _, checksum), start, end in zip(table, starts, [*starts[1:], None], strict=True):
        module = text[start:end].rstrip("\n") + "\n"
        digests = {hashlib.sha256(part.encode()).hexdigest() for part in (module, module[:-1])}
        assert checksum in digests, name
    licence = (vendor / "d3-LICENSE.txt").read_text("utf-8")
    assert "Mike Bostock" in licence
    assert "Robert Penner" in licence
