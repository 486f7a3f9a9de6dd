"""JSON text from strangers, parsed with bounds on size, depth and members. Knows no format."""

from __future__ import annotations

import json
import re

import numpy as np

from breeder.errors import FormatError
from breeder.formats.limits import MAX_BYTES, MAX_DEPTH, MAX_META

BOM = "\ufeff"
# The closing quote is optional, so that an unclosed string ends the scan instead of restarting it.
_STRINGS = re.compile(r'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)


def decoded(text: str | bytes) -> str:
    """Return the text of a file.

    Raises:
        FormatError: It is too large, not UTF-8 or empty; half a sentence.
    """
    if len(text) > MAX_BYTES:
        raise FormatError(f"it is larger than {MAX_BYTES:,} bytes, the most a genome may take.")
    if isinstance(text, bytes):
        try:
            text = text.decode("utf-8")
        except UnicodeDecodeError as error:
            raise FormatError(f"it is not UTF-8 text (byte {error.start + 1:,}).") from error
    text = text.removeprefix(BOM)
    if not text.strip():
        raise FormatError("it is empty.")
    return text


def parse_json(text: str) -> object:
    """Return what a text holds: objects as dicts with unique keys, lists, text, numbers.

    Raises:
        FormatError: It is not JSON, too deep, or a key is there twice; half a sentence.
    """
    _check_depth(text)
    repeated: list[tuple[dict[str, object], str]] = []

    def unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
        if len(pairs) > MAX_META:  # the largest object is meta; more would be as many errors
            raise FormatError(f"an object in it has more than {MAX_META} members.")
        members = dict(pairs)
        if len(members) < len(pairs) and not repeated:
            names = [name for name, _ in pairs]
            repeated.append((members, next(n for n in names if names.count(n) > 1)))
        return members

    try:
        data = json.loads(text, object_pairs_hook=unique, parse_int=_integer)
    except json.JSONDecodeError as error:
        raise FormatError(
            f"it is not JSON: {error.msg} in line {error.lineno:,}, column {error.colno:,}."
        ) from error
    if repeated:
        raise FormatError(_repeated(data, *repeated[0]))
    return data


def _integer(digits: str) -> int | float:
    # Python refuses to make an int of very many digits; as a float it is merely too large, and
    # the schema then says where.
    return int(digits) if len(digits) <= 18 else float(digits)


def _check_depth(text: str) -> None:
    # The parser recurses, so depth is bounded before it runs; one cumulative sum over the
    # brackets outside strings, since a loop over 4 MB of them takes a second.
    letters = np.frombuffer(_STRINGS.sub("", text).encode("utf-8", "replace"), dtype=np.uint8)
    brackets = letters & 0xDF  # [ and {, ] and } differ in this one bit
    steps = (brackets == ord("[")).astype(np.int32) - (brackets == ord("]"))
    if np.cumsum(steps, dtype=np.int32).max(initial=0) > MAX_DEPTH:
        raise FormatError(f"it is nested more than {MAX_DEPTH} deep.")


def _repeated(data: object, members: dict[str, object], name: str) -> str:
    from breeder.formats.schema import place

    waiting: list[tuple[tuple[str | int, ...], object]] = [((), data)]
    while waiting:
        where, value = waiting.pop()
        if value is members:
            return f"{place((*where, name))} is there twice."
        pairs: list[tuple[str | int, object]] = []
        if isinstance(value, dict):
            pairs = list(value.items())
        elif isinstance(value, list):
            pairs = list(enumerate(value))
        waiting += [((*where, key), inner) for key, inner in pairs]
    return f"{place((name,))} is there twice."
