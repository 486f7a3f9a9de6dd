"""A genome taken apart for changing: plain dictionaries, checked when it becomes a genome again."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import replace

from breeder.genome import OUTPUTS, ColorModel, ConnectionGene, Genome, NodeGene

FORM_OUTPUT: dict[ColorModel, str] = {
    "grey": "brightness",
    "hsb": "brightness",
    "oklab": "lightness",
    "lab": "lightness",
}
"""The output that carries the form in the models which tell form from colour."""


class Draft:
    """The genes of a genome by their marks, free to change.

    Attributes:
        inputs: Input names.
        color: The colour model.
        nodes: Genes by key.
        connections: Genes by (source, target).
    """

    def __init__(self, genome: Genome) -> None:
        self.inputs = genome.inputs
        self.color: ColorModel = genome.color
        self.nodes: dict[str, NodeGene] = {node.key: node for node in genome.nodes}
        self.connections: dict[tuple[str, str], ConnectionGene] = {
            gene.ends: gene for gene in genome.connections
        }

    def freeze(self) -> Genome:
        """Return the genome, checked."""
        return Genome(
            inputs=self.inputs,
            nodes=tuple(self.nodes.values()),
            connections=tuple(self.connections.values()),
            color=self.color,
        )

    @property
    def outputs(self) -> tuple[str, ...]:
        """The keys of the output nodes."""
        return OUTPUTS[self.color]

    def connect(self, source: str, target: str, weight: float) -> None:
        """Add or replace a connection."""
        self.connections[source, target] = ConnectionGene(
            source=source, target=target, weight=weight
        )

    def set_weight(self, ends: tuple[str, str], weight: float) -> None:
        """Change the weight of a connection that is there."""
        self.connections[ends] = replace(self.connections[ends], weight=weight)

    def remove_node(self, key: str) -> None:
        """Remove a node and every connection that touches it."""
        del self.nodes[key]
        self.connections = {
            ends: gene for ends, gene in self.connections.items() if key not in ends
        }

    def upstream(self, keys: Iterable[str]) -> set[str]:
        """Return the nodes from which any of some nodes can be reached, themselves included.

        Disabled connections count: they may be enabled again.
        """
        sources: dict[str, list[str]] = {}
        for source, target in self.connections:
            sources.setdefault(target, []).append(source)
        found = dict.fromkeys(keys)
        queue = list(found)
        for key in queue:
            for source in sources.get(key, ()):
                if source in self.nodes and source not in found:
                    found[source] = None
                    queue.append(source)
        return set(found)

    def color_nodes(self) -> set[str]:
        """Return the nodes whose change leaves the form as it is.

        In hsb, oklab and lab these are all nodes from which the brightness or lightness cannot be
        reached; in rgb, where every channel carries form, the three outputs themselves.
        """
        if self.color == "rgb":
            return set(self.outputs)
        if self.color == "grey":
            return set()
        return set(self.nodes) - self.upstream([FORM_OUTPUT[self.color]])

    def rename_node(self, old: str, new: str) -> None:
        """Give a node another key, in every connection too."""
        self.nodes = {
            new if key == old else key: replace(node, key=new) if key == old else node
            for key, node in self.nodes.items()
        }
        genes = [
            replace(
                gene,
                source=new if gene.source == old else gene.source,
                target=new if gene.target == old else gene.target,
            )
            for gene in self.connections.values()
        ]
        self.connections = {gene.ends: gene for gene in genes}

    def reaches(self, start: str, goal: str) -> bool:
        """Return whether a path of connections leads from one value to another."""
        return start == goal or start in self.upstream([goal])


def split_key(source: str, target: str, taken: Iterable[str]) -> str:
    """Return the mark of a node that splits a connection.

    It is derived from the connection's ends and how often it was split, so that the same invention
    has the same mark wherever and whenever it is made.

    Args:
        source: Where the connection starts.
        target: Where it ends.
        taken: Keys in use.

    Returns:
        Twelve hexadecimal digits after an "n".
    """
    used = set(taken)
    count = 0
    while True:
        text = "\n".join([_escaped(source), _escaped(target), str(count)])
        key = "n" + hashlib.blake2b(text.encode(), digest_size=6).hexdigest()
        if key not in used:
            return key
        count += 1


def _escaped(key: str) -> str:
    """Return a key without line ends, so that no two pairs of keys are written alike."""
    return key.replace("\\", "\\\\").replace("\n", "\\n")
