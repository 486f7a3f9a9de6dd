"""Text from people and files, shown as it is: the page's own messages are Markdown."""

from __future__ import annotations

import re

_SPECIAL = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~:$&@])")


def as_text(text: str) -> str:
    """Return Markdown that shows a text letter by letter, on one line.

    Links, pictures (which a browser would fetch from anywhere), formulas and icons in it stay
    text.
    """
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))
