"""The record of one change: stored with a child and shown to a person in plain words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

MutationKind = Literal[
    "weights",
    "biases",
    "add_connection",
    "delete_connection",
    "enable_connection",
    "disable_connection",
    "add_node",
    "delete_node",
    "activation",
    "add_color",
    "crossover",
    "refined",
]
MUTATION_KINDS: tuple[MutationKind, ...] = get_args(MutationKind)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutation:
    """One change on the way from parents to a child; `str()` says it in plain words.

    Attributes:
        kind: What was done.
        source: Where the connection concerned starts; empty where there is none.
        target: Where it ends, or the node concerned; empty where there is none.
        before: The activation before a change of activation.
        after: The activation of a new or changed node.
        count: How many weights, biases or genes were concerned.
        size: The largest move of a weight or bias.
    """

    kind: MutationKind
    source: str = ""
    target: str = ""
    before: str = ""
    after: str = ""
    count: int = 1
    size: float = 0.0

    def __str__(self) -> str:  # noqa: C901  (a flat table of sentences)
        ends = f"{short_key(self.source)} to {short_key(self.target)}"
        match self.kind:
            case "weights":
                return f"{_many(self.count, 'weight')} moved by up to {self.size:.2f}"
            case "biases":
                return f"{_many(self.count, 'bias', 'biases')} moved by up to {self.size:.2f}"
            case "add_connection":
                return f"new connection from {ends}"
            case "delete_connection":
                return f"connection from {ends} removed"
            case "enable_connection":
                return f"connection from {ends} switched on"
            case "disable_connection":
                return f"connection from {ends} switched off"
            case "add_node":
                between = f"{short_key(self.source)} and {short_key(self.target)}"
                return f"new {self.after} node between {between}"
            case "delete_node":
                return f"node {short_key(self.target)} removed"
            case "activation":
                return f"node {short_key(self.target)} changed from {self.before} to {self.after}"
            case "add_color":
                return "grey turned to colour"
            case "crossover":
                return f"{_many(self.count, 'gene')} taken from another parent"
            case "refined":
                moved = _many(self.count, "weight or bias", "weights and biases")
                return f"refined, {moved} moved by up to {self.size:.2f}"


def short_key(key: str) -> str:
    """Return a key as people read it: names whole, derived marks by their first six digits."""
    return key if len(key) <= 12 else key[:6]


def _many(count: int, one: str, more: str = "") -> str:
    return f"1 {one}" if count == 1 else f"{count} {more or one + 's'}"
