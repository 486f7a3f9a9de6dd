"""The schema of native files, version 1: which members, types and sizes are allowed.

Checks one member at a time; what members say about one another (links that lead nowhere, cycles)
is the genome's to judge. Importing this loads pydantic, which takes longer than the rest of
`breeder.formats` together, so it is imported when a file is read.
"""

from __future__ import annotations

import json
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, FailFast, Field, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from breeder.activations import ACTIVATIONS
from breeder.formats.limits import MAX_CONNECTIONS, MAX_META, MAX_NODES, MAX_TEXT
from breeder.genome import KEY_LENGTH, WEIGHT_LIMIT, ColorModel
from breeder.inputs import INPUTS

CLIP = 40
"""Characters of a file's own text that a message repeats."""


class SchemaError(Exception):
    """One member is not as the schema says; `str()` is half a sentence that begins with where."""


def _known(name: str, table: tuple[str, ...], what: str) -> str:
    if name not in table:
        known = ", ".join(table)
        raise PydanticCustomError(
            "unknown_name", "is {name}, which is not known; the {what} are {known}",
            {"name": clipped(name), "what": what, "known": known},
        )  # fmt: skip
    return name


_ACTIVATION_NAMES = tuple(ACTIVATIONS)
_INPUT_NAMES = tuple(INPUTS)

Key = Annotated[str, Field(min_length=1, max_length=KEY_LENGTH)]
Number = Annotated[float, Field(ge=-WEIGHT_LIMIT, le=WEIGHT_LIMIT, allow_inf_nan=False)]
ShortText = Annotated[str, Field(max_length=MAX_TEXT)]
ActivationName = Annotated[
    str,
    AfterValidator(lambda name: _known(name, _ACTIVATION_NAMES, "activations")),
    Field(max_length=KEY_LENGTH, json_schema_extra={"enum": list(_ACTIVATION_NAMES)}),
]
InputName = Annotated[
    str,
    AfterValidator(lambda name: _known(name, _INPUT_NAMES, "inputs")),
    Field(max_length=KEY_LENGTH, json_schema_extra={"enum": list(_INPUT_NAMES)}),
]


class _Strict(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class NodeV1(_Strict):
    """A hidden or output node."""

    key: Key
    activation: ActivationName
    bias: Number


class ConnectionV1(_Strict):
    """A weighted link between two ends."""

    source: Key
    target: Key
    weight: Number
    enabled: bool


class GenomeV1(_Strict):
    """A breeder genome, version 1; docs/genome-format.md says what the members mean."""

    format: Literal["breeder-genome"]
    version: Literal[1]
    color: ColorModel
    inputs: Annotated[list[InputName], FailFast(), Field(min_length=1, max_length=len(INPUTS))]
    nodes: Annotated[list[NodeV1], FailFast(), Field(min_length=1, max_length=MAX_NODES)]
    connections: Annotated[list[ConnectionV1], FailFast(), Field(max_length=MAX_CONNECTIONS)]
    meta: Annotated[dict[ShortText, ShortText], Field(max_length=MAX_META)] = {}


def validate(data: object) -> GenomeV1:
    """Return parsed JSON as a checked record.

    Args:
        data: What a JSON parser made: objects as dicts with unique keys, lists, text, numbers.

    Raises:
        SchemaError: The first thing that is wrong, with its place: "nodes[3].bias is missing".
    """
    try:
        return GenomeV1.model_validate(data)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise SchemaError(f"{_place(first['loc'])} {_problem(first)}") from error


def json_schema() -> str:
    """Return the JSON Schema (draft 2020-12) of version 1, the text of docs/genome.schema.json."""
    schema = GenomeV1.model_json_schema()
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    return json.dumps({**head, **schema}, indent=2, ensure_ascii=False) + "\n"


def clipped(value: object) -> str:
    """Return a value from a file as it can stand in a message: quoted, on one line, short."""
    text = value[: CLIP + 1] if isinstance(value, str) else value
    shown = ascii(text)
    return shown if len(shown) <= CLIP + 2 else f"{shown[:CLIP]}…"


def place(parts: tuple[str | int, ...]) -> str:
    """Return where in a file something is: ("nodes", 3, "bias") as "nodes[3].bias"."""
    words = ""
    for part in parts:
        if isinstance(part, int):
            words += f"[{part}]"
        else:
            name = part if part.isidentifier() and len(part) <= CLIP else clipped(part)
            words += f".{name}" if words else name
    return words or "the whole"


_PROBLEMS = {
    "missing": "is missing",
    "extra_forbidden": "is not a member of the format",
    "string_type": "must be text, not {kind}",
    "string_unicode": "holds half a surrogate pair, which is not text",
    "string_too_short": "must not be empty",
    "string_too_long": "has more than {max_length} characters",
    "float_type": "must be a number, not {kind}",
    "finite_number": f"must be a finite number within ±{WEIGHT_LIMIT:g}",
    "greater_than_equal": f"must be within ±{WEIGHT_LIMIT:g}, but is {{input}}",
    "less_than_equal": f"must be within ±{WEIGHT_LIMIT:g}, but is {{input}}",
    "bool_type": "must be true or false, not {kind}",
    "list_type": "must be a list, not {kind}",
    "dict_type": "must be an object, not {kind}",
    "model_type": "must be an object, not {kind}",
    "too_short": "must not be empty",
    "too_long": "has more than {max_length:,} entries",
    "literal_error": "must be {expected}, not {input}",
}

_KINDS = {
    type(None): "null",
    bool: "true or false",
    int: "a number",
    float: "a number",
    str: "text",
    list: "a list",
    dict: "an object",
}


def kind(value: object) -> str:
    """Return what JSON calls a value."""
    return _KINDS.get(type(value), "something else")


def _place(loc: tuple[str | int, ...]) -> str:
    return place(tuple(part for part in loc if part != "[key]"))


def _problem(error: ErrorDetails) -> str:
    sentence = _PROBLEMS.get(error["type"])
    if sentence is None:
        # Pydantic's own words only for rules of ours that are written as such words.
        return error["msg"] if error["type"] == "unknown_name" else "is not as the format says"
    shown = clipped(error["input"]) if not isinstance(error["input"], (list, dict)) else ""
    context = {**error.get("ctx", {}), "kind": kind(error["input"]), "input": shown}
    return sentence.format(**context)


if __name__ == "__main__":
    print(json_schema(), end="")
