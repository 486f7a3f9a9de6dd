"""Branches lie side by side: none covers another, and each keeps its lane."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from breeder.family.lanes import lanes_of


@dataclass
class Place:
    number: int
    came_from: int | None


@st.composite
def trees(draw: st.DrawFn) -> tuple[list[Place], set[int]]:
    places = [Place(0, None)]
    for position in range(1, draw(st.integers(1, 25))):
        parent = draw(st.integers(0, position - 1))
        places.append(Place(places[parent].number + 1, parent))
    current: int | None = draw(st.integers(0, len(places) - 1))
    path = set()
    while current is not None:
        path.add(current)
        current = places[current].came_from
    return places, path


@given(trees())
def test_the_path_is_straight_and_no_branch_covers_another(tree: tuple[list[Place], set[int]]):
    places, path = tree
    lanes = lanes_of(places, path)
    assert {lanes[each] for each in path} == {0}
    assert len({(lane, place.number) for lane, place in zip(lanes, places, strict=True)}) == len(
        places
    )


@given(trees())
def test_a_branch_keeps_its_lane_to_its_end(tree: tuple[list[Place], set[int]]):
    places, path = tree
    lanes = lanes_of(places, path)
    for position, place in enumerate(places):
        after = [each for each, other in enumerate(places) if other.came_from == position]
        if after:
            assert [lanes[each] for each in after].count(lanes[position]) == 1, place


def test_branches_lie_near_where_they_grew():
    places = [Place(0, None), *(Place(n, n - 1) for n in range(1, 9)), Place(3, 2), Place(8, 7)]
    lanes = lanes_of(places, set(range(9)))
    assert lanes[9] == 1
    assert lanes[10] == 1
