"""Files that appear whole or not at all."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


@contextmanager
def replacing(target: Path) -> Iterator[BinaryIO]:
    """Open a file beside the target, and put it in the target's place once it is written.

    Whatever is raised meanwhile, an interrupt too, leaves the target as it was and nothing beside.

    Raises:
        OSError: The file cannot be written.
    """
    target = target.resolve()  # a link stays a link to the new content
    # Made by open, not by tempfile, whose files nobody else may read.
    beside = target.with_name(f".breeder-{secrets.token_hex(8)}.tmp")
    try:
        with beside.open("x+b") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        beside.replace(target)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
