"""The database floor: what is kept of a person's breeding, and nothing of how it is drawn."""

from breeder.store.engine import default_url
from breeder.store.purging import KEEP_DAYS
from breeder.store.store import Store
from breeder.store.values import (
    Ancestor,
    Branch,
    Entry,
    GalleryPage,
    Home,
    Kin,
    Kind,
    Measured,
    RunTree,
    Search,
    Sort,
    StoredAnswer,
    StoredChoice,
    TreeGrid,
    TreePicture,
)

__all__ = [
    "KEEP_DAYS",
    "Ancestor",
    "Branch",
    "Entry",
    "GalleryPage",
    "Home",
    "Kin",
    "Kind",
    "Measured",
    "RunTree",
    "Search",
    "Sort",
    "Store",
    "StoredAnswer",
    "StoredChoice",
    "TreeGrid",
    "TreePicture",
    "default_url",
]
