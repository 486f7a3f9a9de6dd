"""Small genomes of our own in the formats of Picbreeder."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from io import BytesIO

X, Y, D, BIAS = (("1", str(number)) for number in range(4))
LIGHT, HUE, SATURATION = ("1", "9"), ("7", "9"), ("7", "10")

Mark = tuple[str, str]


def node(
    mark: Mark,
    kind: str = "hidden",
    activation: str = "sin(x)",
    *,
    label: str | None = "",
    bias: str | None = None,
    extra: str = "",
) -> str:
    named = "" if label is None else f' label="{label}"'
    biased = "" if bias is None else f' bias="{bias}"'
    return (
        f'<node{biased}{named} type="{kind}"><marking branch="{mark[0]}" id="{mark[1]}"/>{extra}'
        f"<activation>{activation}</activation></node>"
    )


def link(source: Mark, target: Mark, weight: object, *, extra: str = "") -> str:
    return (
        f'<link><marking branch="5" id="{source[1]}{target[1]}"/>'
        f'<source branch="{source[0]}" id="{source[1]}"/>'
        f'<target branch="{target[0]}" id="{target[1]}"/><weight>{weight}</weight>{extra}</link>'
    )


INPUTS = tuple(
    node(mark, "in", "identity(x)", label=name)
    for mark, name in ((X, "x"), (Y, "y"), (D, "d"), (BIAS, "bias"))
)


def genome(
    nodes: Sequence[str],
    links: Sequence[str],
    *,
    phenotype: str | None = None,
    identifier: Mark = ("8", "31"),
    parents: Sequence[Mark] = (),
    extra: str = "",
) -> str:
    kind = "" if phenotype is None else f' phenotype="{phenotype}"'
    from_ = "".join(f'<identifier branch="{b}" id="{i}"/>' for b, i in parents)
    return (
        f'<genome age="3"{kind}><identifier branch="{identifier[0]}" id="{identifier[1]}"/>'
        f'<parents count="{len(parents)}">{from_}</parents>{extra}'
        f'<nodes count="{len(nodes)}">{"".join(nodes)}</nodes>'
        f'<links count="{len(links)}">{"".join(links)}</links></genome>'
    )


def data(*genomes: str) -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8" standalone="no"?>\n'
        f'<data version="1.0">\n{"".join(genomes)}\n</data>\n'
    )


def zipped(
    text: str | bytes, *, name: str = "a", method: int = zipfile.ZIP_DEFLATED, copies: int = 1
) -> bytes:
    file = BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for number in range(copies):
            archive.writestr(name if copies == 1 else f"{name}{number}", text)
    return file.getvalue()


# Ids repeat between branches, the light feeds the colour half, one node is a constant.
HIDDEN, TWIN, CONSTANT = ("3", "9"), ("4", "9"), ("4", "11")
NODES = (
    *INPUTS,
    node(LIGHT, "out", "gaussian(x)", label="brightness", bias="-0.25"),
    node(HUE, "out", "sin(x)", label="hue"),
    node(SATURATION, "out", "sigmoid(x)", label="saturation", bias="0.5"),
    node(HIDDEN, activation="sigmoid(x)", label=None),
    node(TWIN, activation="cos(x)", bias="1.0E-1"),
    node(CONSTANT, activation="gaussian(x)", bias="0.7"),
)
LINKS = (
    link(X, HIDDEN, "2.5"),
    link(D, HIDDEN, "-1.75"),
    link(Y, TWIN, "3.0"),
    link(BIAS, TWIN, "0.4"),
    link(HIDDEN, LIGHT, "1.5"),
    link(TWIN, LIGHT, "-0.8"),
    link(CONSTANT, LIGHT, "0.3"),
    link(LIGHT, HUE, "0.6"),
    link(X, HUE, "0.45"),
    link(TWIN, SATURATION, "1.1"),
)
COLOR = genome(NODES, LINKS, phenotype="color", parents=[("8", "30")])
GREY = genome(NODES, LINKS, phenotype="grey", identifier=("8", "32"))

OLDER = genome(
    (*INPUTS, node(LIGHT, "out", "identity(x)", label="ink"), node(HIDDEN, activation="cos(x)")),
    (link(D, HIDDEN, "4.0"), link(HIDDEN, LIGHT, "0.9")),
    identifier=("2", "6"),
    parents=[("2", "5"), ("1", "77")],
)
"""A grey genome as the first files were: no attributes, and an output called ink."""

_CPPNX_EXTRA = '<color-label id="0"/><position x="1.5" y="2"/><text>"wing"</text>'
CPPNX = (
    '<?xml version="1.0" encoding="UTF-8" standalone="no"?>\n<cppn-data version="1.2"/>\n'
    + '<data version="1.0">'
    + genome(
        (*INPUTS, node(LIGHT, "out", "gaussian(x)", label="ink", extra=_CPPNX_EXTRA)),
        (
            link(
                Y,
                LIGHT,
                "2.0",
                extra="<original-weight>9.0</original-weight>"
                '<bookends start="-3" end="3" step="0.1"/>',
            ),
        ),
        phenotype="grey",
        extra='<buttons count="1"><colorButton><color-label id="1"/><text>Size</text>'
        '<color r="1" g="2" b="3"/></colorButton></buttons>',
    )
    .replace('age="3"', 'age="unknown"')
    .replace(
        "</genome>",
        '<nodeviews count="1"><nodeview><identifier branch="" id="final"/></nodeview></nodeviews>'
        "</genome>",
    )
    + "</data>"
)

STORAGE = data(
    f'<storage><generation number="0">{GREY}</generation>'
    f'<generation number="1">{COLOR}{OLDER}</generation></storage>'
)
