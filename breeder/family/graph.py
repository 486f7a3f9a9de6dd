"""Family trees laid out for drawing: where each picture stands, and whose child it is.

Generations flow to the right; branches lie above and below the way to where the run stands. A
picture stands once, where it first came up, however long it was kept. Knows nothing of how a tree
is drawn.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntFlag
from typing import Any

import numpy as np

from breeder.family.lanes import lanes_of
from breeder.looks import FINGERPRINT_BYTES
from breeder.rendering.color import LAB_TO_LMS, LMS_TO_RGB, linear_to_srgb, to_bytes
from breeder.store import Kin, RunTree, Store, TreePicture

GRIDS_AT_ONCE = 500
"""Grids whose pictures the store gives at once."""

MOST_KIN = 2_000
"""Ancestors, and as many descendants, that the family of one picture shows: the nearest."""

LANE_GAP = 1.0
"""Rows between two branches."""


class Mark(IntFlag):
    """What is said of a picture in the tree; the browser knows the same numbers."""

    PICKED = 1
    PATH = 2
    FAVOURITE = 4
    FOUNDER = 8
    IMPORT = 16
    CROSSED = 32
    CURRENT = 64
    CHOSEN = 128
    """Shown first: picked, with children, a favourite or brought in."""


@dataclass(slots=True, kw_only=True)
class Node:
    """A picture in the tree.

    Attributes:
        id: Its genome.
        grid: The position of the grid it first stands in.
        slot: Its place there.
        parents: The positions of its parents among the nodes; those outside the tree are missing.
        marks: What is said of it.
        color: Its mean colour, 0xRRGGBB; -1 where it is not known.
        column: Where it stands from left to right.
        row: Where it stands from top to bottom among all pictures.
        chosen_row: Likewise where only the chosen ones are shown.
    """

    id: str
    grid: int
    slot: int
    parents: tuple[int, ...]
    marks: Mark
    color: int = -1
    column: int = 0
    row: float = 0.0
    chosen_row: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """A generation as the tree shows it.

    Attributes:
        id: The generation; `number` is its number in its run.
        number: How many steps it lies from the run's first grid.
        run: The position of its run among the graph's.
        came_from: The position of the grid before it; -1 for a first grid.
        current: Whether the run stands there.
        automatic: Whether the autopilot chose what it was bred from, and not a person.
    """

    id: str
    number: int
    run: int
    came_from: int
    current: bool
    automatic: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Graph:
    """A family tree, laid out.

    Attributes:
        runs: (identity, name, whether it was deleted) of each run.
        grids: All grids.
        nodes: All pictures, every one after its parents where the tree has them.
        focus: The position of the picture that the tree is about; -1 for a run's tree.
        cut: Whether there is more family than is shown.
    """

    runs: tuple[tuple[str, str, bool], ...]
    grids: tuple[Grid, ...]
    nodes: tuple[Node, ...]
    focus: int = -1
    cut: bool = False

    def to_plain(self) -> dict[str, Any]:
        """Return the tree as lists: 5,000 pictures take some 400 KB as JSON."""
        return {
            "runs": [list(run) for run in self.runs],
            "grids": [
                [g.id, g.number, g.run, g.came_from, int(g.current), int(g.automatic)]
                for g in self.grids
            ],
            "ids": [node.id for node in self.nodes],
            "grid": [node.grid for node in self.nodes],
            "slot": [node.slot for node in self.nodes],
            "marks": [int(node.marks) for node in self.nodes],
            "colors": [node.color for node in self.nodes],
            "column": [node.column for node in self.nodes],
            "row": [round(node.row, 2) for node in self.nodes],
            "chosen_row": [round(node.chosen_row, 2) for node in self.nodes],
            "parents": [list(node.parents) for node in self.nodes],
            "focus": self.focus,
            "cut": self.cut,
        }


def run_graph(store: Store, run_id: str) -> Graph:
    """Return the tree of a run.

    Raises:
        NotFoundError: There is no such run.
    """
    tree = store.run_tree(run_id)
    ids = [grid.id for grid in tree.grids]
    pictures: list[TreePicture] = []
    for start in range(0, len(ids), GRIDS_AT_ONCE):
        pictures += store.tree_pictures(ids[start : start + GRIDS_AT_ONCE])
    nodes = _nodes(tree, pictures)
    _mark_picks(tree, pictures, nodes)
    _choose(nodes)
    _paint(nodes, store.fingerprints(run_id))
    _lay_out(tree, nodes)
    grids = tuple(
        Grid(
            id=grid.id,
            number=grid.number,
            run=0,
            came_from=-1 if grid.came_from is None else grid.came_from,
            current=position == tree.current,
            automatic=grid.automatic,
        )
        for position, grid in enumerate(tree.grids)
    )
    return Graph(runs=((tree.run_id, tree.name, False),), grids=grids, nodes=tuple(nodes))


def _nodes(tree: RunTree, pictures: Sequence[TreePicture]) -> list[Node]:
    """Return the pictures of a run, each where it first stands."""
    positions = {grid.id: position for position, grid in enumerate(tree.grids)}
    nodes: list[Node] = []
    known: dict[str, int] = {}
    origins = {"founder": Mark.FOUNDER, "import": Mark.IMPORT}
    for picture in sorted(pictures, key=lambda each: (positions[each.generation_id], each.slot)):
        grid = positions[picture.generation_id]
        marks = Mark.PICKED if picture.picked else Mark(0)
        marks |= Mark.FAVOURITE if picture.favourite else Mark(0)
        marks |= Mark.CURRENT if grid == tree.current else Mark(0)
        there = known.get(picture.genome_id)
        if there is not None:
            nodes[there].marks |= marks
            continue
        marks |= origins.get(picture.origin, Mark(0))
        marks |= Mark.CROSSED if len(set(picture.parents)) > 1 else Mark(0)
        known[picture.genome_id] = len(nodes)
        parents = tuple(known[each] for each in dict.fromkeys(picture.parents) if each in known)
        nodes.append(
            Node(
                id=picture.genome_id,
                grid=grid,
                slot=picture.slot,
                parents=tuple(each for each in parents if each != len(nodes)),
                marks=marks,
                column=tree.grids[grid].number,
            )
        )
    return nodes


def _choose(nodes: Sequence[Node]) -> None:
    """Mark what is shown first; where nothing was picked yet, everything is."""
    for node in nodes:
        if node.marks & (Mark.PICKED | Mark.FAVOURITE | Mark.IMPORT):
            node.marks |= Mark.CHOSEN
        for parent in node.parents:
            nodes[parent].marks |= Mark.CHOSEN
    if not any(node.marks & Mark.CHOSEN for node in nodes):
        for node in nodes:
            node.marks |= Mark.CHOSEN


def _paint(nodes: Sequence[Node], fingerprints: Sequence[bytes]) -> None:
    """Give each picture its mean colour, from the small drawings that every grid keeps."""
    colors: dict[int, list[int]] = {}
    for node in nodes:
        if node.grid not in colors:
            data = fingerprints[node.grid] if node.grid < len(fingerprints) else b""
            colors[node.grid] = mean_colors(data)
        known = colors[node.grid]
        node.color = known[node.slot] if node.slot < len(known) else -1


def mean_colors(fingerprints: bytes) -> list[int]:
    """Return the mean colour, 0xRRGGBB, of each fingerprint of a grid."""
    whole = len(fingerprints) // FINGERPRINT_BYTES * FINGERPRINT_BYTES
    cells = np.frombuffer(fingerprints[:whole], np.uint8).reshape(-1, FINGERPRINT_BYTES // 3, 3)
    lab = cells.mean(axis=1) / 255.0
    lab[:, 1:] = (lab[:, 1:] - 0.5) / 1.5
    light = np.clip((lab @ LAB_TO_LMS.T) ** 3 @ LMS_TO_RGB.T, 0.0, 1.0)
    rgb = to_bytes(linear_to_srgb(light)).tolist()
    return [red << 16 | green << 8 | blue for red, green, blue in rgb]


def _mark_picks(tree: RunTree, pictures: Sequence[TreePicture], nodes: Sequence[Node]) -> None:
    """Mark what grids were bred from, and of this what lies on the way to where the run stands."""
    known = {node.id: node for node in nodes}
    by_place = {(each.generation_id, each.slot): each.genome_id for each in pictures}
    path = set(tree.path)
    for position, grid in enumerate(tree.grids):
        marks = Mark.CHOSEN | (Mark.PATH if position in path else Mark(0))
        marks |= Mark(0) if grid.automatic else Mark.PICKED
        for slot in grid.bred_from if grid.source is not None else ():
            genome_id = by_place.get((tree.grids[grid.source or 0].id, slot))
            if genome_id is not None:
                known[genome_id].marks |= marks
    current = None if tree.current is None else tree.grids[tree.current].id
    for each in pictures:
        if each.generation_id == current and each.picked:
            known[each.genome_id].marks |= Mark.PATH


def _lay_out(tree: RunTree, nodes: Sequence[Node]) -> None:
    lanes = lanes_of(tree.grids, set(tree.path))
    by_grid: dict[int, list[Node]] = {}
    for node in nodes:
        by_grid.setdefault(node.grid, []).append(node)
    chosen = {
        grid: [node for node in members if node.marks & Mark.CHOSEN]
        for grid, members in by_grid.items()
    }
    _place(nodes, lanes, by_grid, "row")
    _place(nodes, lanes, chosen, "chosen_row")


def _place(
    nodes: Sequence[Node], lanes: Sequence[int], by_grid: dict[int, list[Node]], name: str
) -> None:
    """Set the rows of nodes: each grid is a column about the middle of its lane."""
    heights: dict[int, int] = {}
    for grid, members in by_grid.items():
        heights[lanes[grid]] = max(heights.get(lanes[grid], 0), len(members))
    middles, top = {}, 0.0
    for lane in sorted(heights):
        middles[lane] = top + (heights[lane] - 1) / 2
        top += heights[lane] + LANE_GAP
    base = middles.get(0, 0.0)
    for grid in sorted(by_grid):
        members = by_grid[grid]
        if name == "chosen_row":  # all pictures keep the order of the grid they were seen in
            members = sorted(
                members, key=lambda node: (_height_of_parents(nodes, node, name), node.slot)
            )
        start = middles[lanes[grid]] - base - (len(members) - 1) / 2
        for index, node in enumerate(members):
            setattr(node, name, start + index)


def _height_of_parents(nodes: Sequence[Node], node: Node, name: str) -> float:
    rows = [getattr(nodes[parent], name) for parent in node.parents]
    return sum(rows) / len(rows) if rows else 0.0


def family_graph(store: Store, genome_id: str) -> Graph:
    """Return the tree of one picture over all runs: its ancestors, and what descends from it.

    Columns count births, not generations, since those of several runs have no common number.

    Raises:
        NotFoundError: The genome is not in the database.
    """
    before = store.ancestors(genome_id, limit=MOST_KIN)
    after = store.descendants(genome_id, limit=MOST_KIN)
    kin = {each.genome_id: each for each in (*before, *after)}
    ordered, columns = _by_births(kin)
    positions = {each.genome_id: position for position, each in enumerate(ordered)}
    kept = store.is_favourite(kin)
    runs = list(dict.fromkeys((each.run_id, each.run_name, each.deleted) for each in ordered))
    places = list(
        dict.fromkeys(
            (each.run_id, each.generation_id, each.number, each.automatic) for each in ordered
        )
    )
    run_at = {run[0]: position for position, run in enumerate(runs)}
    grid_at = {place[1]: position for position, place in enumerate(places)}
    line = _first_line(kin, genome_id)
    nodes = [
        _kin_node(
            each, grid_at[each.generation_id], columns, positions, _kin_marks(each, line, kept)
        )
        for each in ordered
    ]
    _choose(nodes)
    for each in before:
        nodes[positions[each.genome_id]].marks |= Mark.CHOSEN
    _stack(nodes)
    grids = tuple(
        Grid(
            id=id_, number=number, run=run_at[run], came_from=-1, current=False, automatic=automatic
        )
        for run, id_, number, automatic in places
    )
    focus = positions.get(genome_id, -1)
    cut = max(len(before), len(after)) >= MOST_KIN
    return Graph(runs=tuple(runs), grids=grids, nodes=tuple(nodes), focus=focus, cut=cut)


def _kin_node(
    kin: Kin, grid: int, columns: dict[str, int], positions: dict[str, int], marks: Mark
) -> Node:
    own = positions[kin.genome_id]
    parents = (positions.get(parent, own) for parent in dict.fromkeys(kin.parents))
    return Node(
        id=kin.genome_id,
        grid=grid,
        slot=kin.slot,
        # A family may close in a circle: its last link is left out.
        parents=tuple(parent for parent in parents if parent < own),
        marks=marks,
        column=columns[kin.genome_id],
    )


def _by_births(kin: dict[str, Kin]) -> tuple[list[Kin], dict[str, int]]:
    """Return kin with every one after its parents, and how many births each lies from a start."""
    columns: dict[str, int] = {}
    entered: set[str] = set()
    stack = list(kin)
    while stack:  # no recursion: a family may be thousands of births deep
        id_ = stack[-1]
        parents = [each for each in kin[id_].parents if each in kin]
        waiting = [each for each in parents if each not in columns and each not in entered]
        if id_ in entered or not waiting:
            stack.pop()
            columns.setdefault(
                id_, 1 + max((columns.get(each, -1) for each in parents), default=-1)
            )
        else:
            stack.extend(waiting)
        entered.add(id_)
    return sorted(kin.values(), key=lambda each: columns[each.genome_id]), columns


def _first_line(kin: dict[str, Kin], genome_id: str) -> set[str]:
    """Return a picture and its first parents back to a founder."""
    line: set[str] = set()
    while genome_id in kin and genome_id not in line:
        line.add(genome_id)
        genome_id = next(iter(kin[genome_id].parents), "")
    return line


def _kin_marks(kin: Kin, line: set[str], kept: set[str]) -> Mark:
    marks = Mark.PATH if kin.genome_id in line else Mark(0)
    marks |= Mark.FAVOURITE if kin.genome_id in kept else Mark(0)
    marks |= Mark.FOUNDER if kin.origin == "founder" else Mark(0)
    marks |= Mark.IMPORT if kin.origin == "import" else Mark(0)
    marks |= Mark.CROSSED if len(set(kin.parents)) > 1 else Mark(0)
    return marks


def _stack(nodes: Sequence[Node]) -> None:
    """Set the rows of a family: the line in the middle, and each column beside its parents."""
    _stack_some(nodes, nodes, "row")
    _stack_some(nodes, [node for node in nodes if node.marks & Mark.CHOSEN], "chosen_row")


def _stack_some(nodes: Sequence[Node], some: Sequence[Node], name: str) -> None:
    columns: dict[int, list[Node]] = {}
    for node in some:
        columns.setdefault(node.column, []).append(node)
    for column in sorted(columns):
        members = sorted(
            columns[column], key=lambda node: (_height_of_parents(nodes, node, name), node.grid)
        )
        on_line = [index for index, node in enumerate(members) if node.marks & Mark.PATH]
        middle = on_line[0] if on_line else (len(members) - 1) / 2
        for index, node in enumerate(members):
            setattr(node, name, index - middle)
