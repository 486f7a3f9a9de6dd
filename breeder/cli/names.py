"""Names for runs: several may share one, but commands could not tell them apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

from breeder.errors import StoreError

if TYPE_CHECKING:
    from breeder.store import Store

NAME_LENGTH = 200


def check_free(store: Store, name: str) -> None:
    """Check that no run has a name.

    Raises:
        StoreError: One has it.
    """
    if any(run.name == name.strip() for run in store.runs()):
        raise StoreError(f"There is a run {name.strip()!r} already; choose another name.")


def free_name(store: Store, name: str) -> str:
    """Return a name that no run has: this one, or with a number."""
    taken = {run.name for run in store.runs()}
    number, free = 2, name
    while free in taken:
        free = f"{name[: NAME_LENGTH - 6]} {number}"
        number += 1
    return free
