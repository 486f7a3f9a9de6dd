"""A picture's ancestors as a graph in the DOT language, for Graphviz and what else reads it."""

from __future__ import annotations

from collections.abc import Sequence

from breeder.store import Ancestor

DIGITS = 12
_SHAPES = {"founder": "ellipse", "import": "house"}


def dot_of(family: Sequence[Ancestor]) -> str:
    """Return a family as a digraph: from parents to children, the second parent's edges dashed.

    Args:
        family: A picture and its ancestors, in any order.
    """
    lines = ["digraph lineage {", "  rankdir=LR;", '  node [shape=box, fontname="sans-serif"];']
    for each in family:
        words = [f"generation {each.number}, slot {each.slot}", each.genome.id[:DIGITS]]
        words += ["autopilot"] if each.automatic else []
        shape = _SHAPES.get(each.origin, "box")
        told = "; ".join(str(mutation) for mutation in each.mutations) or each.origin
        style = ", penwidth=2" if each.steps == 0 else ""
        lines.append(
            f"  {_quoted(each.genome.id)} [label={_quoted(chr(10).join(words))}, shape={shape}, "
            f"tooltip={_quoted(told)}{style}];"
        )
    for each in family:
        for place, parent in enumerate(dict.fromkeys(each.parents)):
            style = " [style=dashed]" if place else ""
            lines.append(f"  {_quoted(parent)} -> {_quoted(each.genome.id)}{style};")
    return "\n".join([*lines, "}"]) + "\n"


def _quoted(text: str) -> str:
    """Return a quoted string of the language, in which only quotes and backslashes are special."""
    plain = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{plain}"'
