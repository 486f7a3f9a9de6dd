"""What all sessions of the server share."""

from __future__ import annotations

from functools import cache

from breeder.store import Store


@cache
def open_store() -> Store:
    """Return the server's store, opened and migrated once."""
    return Store.open()
