"""What the emitters of Python code share: headers, names of activations, sums of any length."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from breeder.formats.code.listing import Listing, Step, plain_title
from breeder.genome import ColorModel, Genome

NAMES = {"abs": "absolute"}
"""What activations are called in Python, where their own name is taken."""

MOST_TERMS = 60
"""Terms of one expression; Python's compiler cannot take in sums of thousands."""

SAVING = '''\
def save(path, width=1024, height=1024):
    """Save the picture: as PNG where Pillow is installed, else as PPM. Return the path."""
    pixels = picture(width, height)
    try:
        from PIL import Image
    except ImportError:
        path = os.path.splitext(path)[0] + ".ppm"
        with open(path, "wb") as file:
            file.write(b"P6 %d %d 255\\n" % (width, height) + as_bytes(pixels))
    else:
        Image.frombytes("RGB", (width, height), as_bytes(pixels)).save(path)
    return path


if __name__ == "__main__":
    across, down = ([int(each) for each in sys.argv[1:3]] * 2 or [1024, 1024])[:2]
    print(save(f"{os.path.splitext(__file__)[0]}-{across}x{down}.png", across, down))
'''
"""The end of a script: it saves the picture beside itself."""


def header(genome: Genome, title: str, needs: str) -> str:
    """Return the comment that a file of Python begins with.

    The title stands in the third line: in the first two, Python takes words such as "coding: x"
    for the encoding of the file.
    """
    return f"""\
# A picture bred with breeder; its genome is {genome.id}.
# Needs only {needs}. Run it, with a size if you like, to save the picture: python FILE 1600 900
# Title: {plain_title(title) or "none"}
"""


def matrix(rows: NDArray[np.float64], indent: str) -> str:
    """Return a matrix as a list of lists, a line for each row."""
    lines = "".join(f"{indent}    {row},\n" for row in rows.tolist())
    return f"[\n{lines}{indent}]"


def function_name(operation: str) -> str:
    """Return what an activation's function is called."""
    return NAMES.get(operation, operation)


def activation_functions(spelled: Listing, bodies: Mapping[str, str], stepped: str) -> str:
    """Return the functions of the activations that occur, after `stepped` where one needs it."""
    steps = any(name.startswith("picbreeder_") for name in spelled.operations)
    return (stepped if steps else "") + "".join(
        f"\n\ndef {function_name(name)}(u):\n    return {bodies[name]}\n"
        for name in spelled.operations
    )


def color_function(spelled: Listing, bodies: Mapping[ColorModel, str]) -> str:
    """Return the function that turns channels into a colour."""
    names = ", ".join(channel for channel, _ in spelled.channels)
    return f'''\
def colored({names}):
    """Return sRGB from 0 to 1, with a last axis of 3."""
{bodies[spelled.color]}'''


def sum_lines(step: Step) -> Iterator[list[str]]:
    """Yield the signed terms of a step's sum, in their order, in groups of bounded length.

    The bias stands first where it is not zero, so that adding up from the left gives the same
    float64 as the reference.
    """
    terms = [_signed(weight, f" * {source}") for weight, source in step.terms]
    if step.bias != 0.0 or not terms:
        terms.insert(0, _signed(step.bias, ""))
    for start in range(0, len(terms), MOST_TERMS):
        yield terms[start : start + MOST_TERMS]


def assignment(name: str, step: Step, indent: str = "    ") -> str:
    """Return the lines that give a step's value a name: `n3 = sin(0.5 + 1.2 * x - n1)`."""
    *first, last = sum_lines(step)
    lines = []
    for number, group in enumerate(first):
        lines.append(_call(f"{name} = (", ["+ " + name, *group] if number else group, indent))
    terms = ["+ " + name, *last] if first else last
    lines.append(_call(f"{name} = {function_name(step.operation)}(", terms, indent))
    return "".join(f"{line}\n" for line in lines)


def _signed(number: float, rest: str) -> str:
    return f"- {-number!r}{rest}" if number < 0 else f"+ {number!r}{rest}"


def _call(start: str, terms: list[str], indent: str, width: int = 96) -> str:
    """Return terms inside brackets, on one line where they fit, else indented on several."""
    whole = _unsigned(" ".join(terms))
    if len(indent) + len(start) + len(whole) < width:
        return f"{indent}{start}{whole})"
    inner, lines = f"{indent}    ", [""]
    for term in terms:
        if lines[-1] and len(inner) + len(lines[-1]) + len(term) >= width:
            lines.append(term)
        else:
            lines[-1] += f" {term}" if lines[-1] else term
    lines[0] = _unsigned(lines[0])
    return "\n".join([f"{indent}{start}", *(f"{inner}{line}" for line in lines), f"{indent})"])


def _unsigned(terms: str) -> str:
    return terms[2:] if terms.startswith("+ ") else f"-{terms[2:]}"
