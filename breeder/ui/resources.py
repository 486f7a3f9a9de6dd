"""What all sessions of the server share."""

from __future__ import annotations

import gc
import os
import sys
from functools import cache

from breeder.store import Store
from breeder.taste.person import Person
from breeder.ui.ahead import FEW, Ahead
from breeder.ui.pictures import jpegs

SWITCH_SECONDS = 0.001
"""How long a thread may keep the interpreter while others wait: a fifth of Python's own, since a
pick, which asks for it a dozen times, waits behind whoever breeds."""


@cache
def open_store() -> Store:
    """Return the server's store, opened and migrated once."""
    return Store.open()


@cache
def ahead() -> Ahead:
    """Return what breeds and draws ahead for all tabs; BREEDER_AHEAD=0 has it do nothing."""
    few = FEW if os.environ.get("BREEDER_AHEAD", "1") != "0" else 0
    return Ahead(lambda grid: jpegs([child.genome for child in grid.children]), few=few)


@cache
def person() -> Person:
    """Return what is known of the one person of the server's store."""
    return Person(open_store())


@cache
def settle() -> None:
    """Set Python up for a server of many sessions; once, when the first page has been shown.

    Streamlit collects garbage after every run of the script. With all libraries loaded there are
    a quarter of a million objects to visit, 0.15 s in which no other thread runs; what is loaded
    now stays, so it is taken out of the search.
    """
    sys.setswitchinterval(SWITCH_SECONDS)
    gc.collect()
    gc.freeze()
