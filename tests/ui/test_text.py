"""Text from people and files stays text."""

from __future__ import annotations

import pytest

from breeder.ui.text import as_text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a plain name", "a plain name"),
        ("![x](https://evil.example/a.png)", r"\!\[x\]\(https\:\/\/evil\.example/a\.png\)"),
        ("*bold* _it_ `code`", r"\*bold\* \_it\_ \`code\`"),
        ("<b>$x$ :red[y]", r"\<b\>\$x\$ \:red\[y\]"),
        ("two\nlines", "two lines"),
    ],
)
def test_marks_of_markdown_are_escaped(text: str, shown: str) -> None:
    assert as_text(text) == shown.replace(r"\/\/", "//")
