"""JSON files of every kind that is read: what is inside decides."""

from __future__ import annotations

from collections.abc import Sequence
from typing import BinaryIO

from breeder.errors import FormatError
from breeder.formats import native, neat_python
from breeder.formats.json_text import decoded, parse_json
from breeder.formats.limits import MAX_BYTES
from breeder.formats.native import Document


def read(file: BinaryIO, source: str) -> Sequence[Document]:
    """Return the genome of a JSON file: breeder's own, or a network of neat-python.

    Raises:
        FormatError: It is neither, or wrong; one sentence says what and where.
    """
    try:
        data = parse_json(decoded(file.read(MAX_BYTES + 1)))
        other = neat_python.is_network(data)
        return (neat_python.document(data) if other else native.document(data),)
    except FormatError as error:
        raise FormatError(f"Cannot read {source}: {error}") from error
