"""The native format: exact, versioned, specified; what it means never changes."""

import hashlib
import json
import struct
import subprocess
import sys
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal, localcontext
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breeder.activations import ACTIVATIONS
from breeder.errors import FormatError
from breeder.formats import native
from breeder.genome import (
    COLOR_MODELS,
    KEY_LENGTH,
    OUTPUTS,
    WEIGHT_LIMIT,
    ConnectionGene,
    Genome,
    NodeGene,
    canonical_json,
)
from breeder.inputs import INPUTS
from tests.genomes import random_genome

numbers = st.floats(-WEIGHT_LIMIT, WEIGHT_LIMIT) | st.sampled_from(
    (-0.0, 0.0, 5e-324, -5e-324, 0.1 + 0.2, 1e-5, WEIGHT_LIMIT, -WEIGHT_LIMIT)
)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=KEY_LENGTH)
keys = texts.filter(lambda text: text and text not in INPUTS)


@st.composite
def genomes(draw: st.DrawFn) -> Genome:
    color = draw(st.sampled_from(COLOR_MODELS))
    hidden = draw(st.lists(keys.filter(lambda key: key not in OUTPUTS[color]), max_size=4))
    order = draw(st.permutations([*dict.fromkeys(hidden), *OUTPUTS[color]]))
    inputs = draw(st.lists(st.sampled_from(list(INPUTS)), min_size=1, unique=True))
    values = [*inputs, *order]
    pairs = [(a, b) for b in range(len(inputs), len(values)) for a in range(b)]
    chosen = draw(st.lists(st.sampled_from(pairs), unique=True, max_size=8))
    return Genome(
        inputs=tuple(inputs),
        color=color,
        nodes=tuple(
            NodeGene(
                key=key, activation=draw(st.sampled_from(list(ACTIVATIONS))), bias=draw(numbers)
            )
            for key in order
        ),
        connections=tuple(
            ConnectionGene(
                source=values[a],
                target=values[b],
                weight=draw(numbers),
                enabled=draw(st.booleans()),
            )
            for a, b in chosen
        ),
    )


def bits(genome: Genome) -> list[bytes]:
    values = [node.bias for node in genome.nodes] + [gene.weight for gene in genome.connections]
    return [struct.pack(">d", value) for value in values]


def plain(**changes: Any) -> dict[str, Any]:
    """The members of a small valid file, some of them changed."""
    members = json.loads(native.dumps(random_genome(1, hidden=2, connections=6)))
    return {**members, **changes}


@given(genome=genomes(), title=texts, compact=st.booleans())
def test_a_genome_survives_the_file_bit_for_bit(genome: Genome, title: str, compact: bool):
    text = native.dumps(genome, title=title, compact=compact)
    document = native.parse(text)
    assert document.genome == genome
    assert document.genome.id == genome.id
    assert bits(document.genome) == bits(genome)
    assert document.title == title
    assert native.loads(text.encode()) == genome
    assert native.dumps(document.genome, title=title, compact=compact) == text


def test_minus_zero_is_read_as_zero():
    text = native.dumps(random_genome(1))
    first = json.loads(text)["nodes"][0]["bias"]
    zero = native.loads(text.replace(repr(first), "0.0", 1))
    for minus in ("-0.0", "-0", "-0e5"):
        again = native.loads(text.replace(repr(first), minus, 1))
        assert again.id == zero.id
        assert bits(again) == bits(zero)


def test_order_spacing_and_whole_numbers_do_not_matter():
    members = plain()
    genome = native.loads(json.dumps(members))
    members["nodes"].reverse()
    members["connections"].reverse()
    backwards = dict(reversed(members.items()))
    assert native.loads("\ufeff \n" + json.dumps(backwards, indent=7)).id == genome.id
    whole = plain()
    whole["nodes"][0]["bias"] = 3
    assert native.loads(json.dumps(whole)).nodes[0].bias == 3.0


def test_the_text_is_one_line_for_each_gene():
    genome = random_genome(4)
    lines = native.dumps(genome, title="Gül").splitlines()
    assert len(lines) == 11 + len(genome.nodes) + len(genome.connections)
    assert '"Gül"' in lines[3]


def test_compact_text_is_one_line_of_ascii():
    text = native.dumps(random_genome(4), title="Gül 🦉", compact=True)
    assert text.isascii()
    assert "\n" not in text
    assert native.parse(text).title == "Gül 🦉"


def test_texts_about_a_genome_are_kept_and_do_not_change_its_identity():
    genome = random_genome(4)
    text = native.dumps(genome, title="Owl", meta={"author": "A. Person", "origin": "a gift"})
    document = native.parse(text)
    assert document.genome.id == genome.id
    assert document.meta == {"title": "Owl", "author": "A. Person", "origin": "a gift"}
    assert native.parse(native.dumps(genome)).meta == {}


@pytest.mark.parametrize(
    ("title", "meta", "message"),
    [
        ("x" * 201, {}, "201 characters"),
        ("", {"x" * 201: ""}, "201 characters"),
        ("", {str(n): "" for n in range(33)}, "33 texts"),
        ("\ud800", {}, "surrogate"),
    ],
)
def test_what_could_not_be_read_is_not_written(title: str, meta: dict[str, str], message: str):
    with pytest.raises(FormatError, match=message):
        native.dumps(random_genome(1), title=title, meta=meta)


def test_genomes_beyond_the_limits_are_not_written():
    hidden = tuple(NodeGene(key=f"n{n}", activation="sin") for n in range(10_000))
    grey = NodeGene(key="brightness", activation="sin")
    big = Genome(inputs=("x",), nodes=(*hidden, grey), connections=(), color="grey")
    with pytest.raises(FormatError, match="10,001 nodes"):
        native.dumps(big)
    links = tuple(
        ConnectionGene(source="x", target="🦉" * 58 + f"{n:05d}", weight=n / 7)
        for n in range(9_000)
    )
    named = tuple(NodeGene(key=link.target, activation="sin") for link in links)
    long = Genome(inputs=("x",), nodes=(*named, grey), connections=links, color="grey")
    with pytest.raises(FormatError, match="4,194,304 bytes"):
        native.dumps(long)


def test_a_genome_at_the_limits_is_written_and_read():
    keys = [f"n{n}" for n in range(9_999)]
    links = [(source, key) for source in ("x", "y", "d", "r", "z") for key in keys]
    genome = Genome(
        inputs=("x", "y", "d", "r", "z"),
        nodes=(
            *(NodeGene(key=key, activation="sin") for key in keys),
            NodeGene(key="brightness", activation="sin"),
        ),
        connections=tuple(
            ConnectionGene(source=source, target=target, weight=1.0) for source, target in links
        ),
        color="grey",
    )
    assert native.loads(native.dumps(genome)).id == genome.id


def test_importing_formats_loads_neither_pydantic_nor_torch():
    code = "import sys, breeder.formats; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"pydantic", "torch", "PIL"}.intersection(done.stdout.split())


SPECIFICATION = Path(__file__).parents[2] / "docs" / "genome-format.md"


def block(name: str) -> str:
    """The code block of the specification after a mark of that name."""
    text = SPECIFICATION.read_text("utf-8")
    return text.partition(f"<!-- {name} -->\n```json\n")[2].partition("```")[0]


def test_the_specification_s_example_is_what_is_written_and_read():
    document = native.parse(block("example"))
    text = native.dumps(document.genome, meta=document.meta)
    assert text == block("example")
    assert canonical_json(document.genome) + "\n" == block("canonical")
    assert f"`{document.genome.id}`" in SPECIFICATION.read_text("utf-8")


def shortest(value: float) -> str:
    """The fewest digits that read back, the closest to the value among those: digits, "e", power.

    Below a power of two the doubles lie closer, so that the nearest text may not read back though
    its neighbour does: both are tried.
    """
    with localcontext(prec=1100):
        exact = Decimal(value)
        for digits in range(17):
            step = Decimal(1).scaleb(exact.adjusted() - digits)
            tries = {exact.quantize(step, rounding) for rounding in (ROUND_FLOOR, ROUND_CEILING)}
            fitting = [each for each in tries if float(each) == value]
            if fitting:
                nearest = min(fitting, key=lambda each: abs(each - exact))
                return f"{nearest:.{digits}e}"
    raise AssertionError(value)


def identity_by_the_specification(genome: Genome) -> str:
    """docs/genome-format.md's section on identity, written from its words alone."""

    def number(value: float) -> str:
        if value == 0:
            return "0.0"
        mantissa, _, power = shortest(value).partition("e")
        if abs(value) < 0.0001:
            return f"{mantissa}e-{-int(power):02d}"
        places = max(len(mantissa.partition(".")[2]) - int(power), 1)
        return f"{Decimal(f'{mantissa}e{power}'):.{places}f}"

    def text(value: str) -> str:
        short = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
        short |= {"\f": "\\f", "\b": "\\b"}
        units = ""
        for letter in value:
            if letter in short or " " <= letter <= "~":
                units += short.get(letter, letter)
            else:
                code = letter.encode("utf-16-be").hex()
                units += "".join(f"\\u{code[i : i + 4]}" for i in range(0, len(code), 4))
        return f'"{units}"'

    def rows(genes: list[str]) -> str:
        return f"[{','.join(genes)}]"

    connections = [
        f"[{text(g.source)},{text(g.target)},{number(g.weight)},{str(g.enabled).lower()}]"
        for g in sorted(genome.connections, key=lambda g: (g.source, g.target))
    ]
    nodes = [
        f"[{text(n.key)},{text(n.activation)},{number(n.bias)}]"
        for n in sorted(genome.nodes, key=lambda n: n.key)
    ]
    canonical = (
        f'{{"color":{text(genome.color)},"connections":{rows(connections)},'
        f'"inputs":{rows([text(name) for name in genome.inputs])},"nodes":{rows(nodes)}}}'
    )
    return hashlib.blake2b(canonical.encode("ascii"), digest_size=16).hexdigest()


@given(genome=genomes())
def test_the_specification_s_words_give_the_identity(genome: Genome):
    assert identity_by_the_specification(genome) == genome.id


def test_the_specification_s_tables_are_those_of_the_code():
    text = SPECIFICATION.read_text("utf-8")
    rows = [(row.name, row.formula) for row in INPUTS.values()]
    rows += [(row.name, row.formula) for row in ACTIVATIONS.values()]
    for name, formula in rows:
        escaped = formula.replace("|", "\\|")
        assert f"| `{name}` | {escaped} |" in text, f"docs/genome-format.md lacks {name}"
    for model, keys in OUTPUTS.items():
        assert f"| `{model}` | {', '.join(f'`{key}`' for key in keys)} |" in text


def test_the_json_schema_is_current():
    from breeder.formats.schema import json_schema

    written = json.loads((SPECIFICATION.parent / "genome.schema.json").read_text("utf-8"))
    assert written == json.loads(json_schema()), (
        "run: python -m breeder.formats.schema > docs/genome.schema.json"
    )
