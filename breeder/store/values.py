"""What the store answers beyond the values of history.py. Knows nothing of tables."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from breeder.evolve.mutation_record import Mutation
from breeder.genome import Genome
from breeder.history import Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """A generation as a tree shows it, without its pictures.

    Attributes:
        id: The generation's identity.
        number: How many steps it lies from the run's first grid.
        came_from: The id of the grid shown before it; None for a first grid.
        bred_from: The slots of that grid it was bred from.
        created_at: When, in UTC.
        automatic: Whether a guide chose its parents, and not a person.
    """

    id: str
    number: int
    came_from: str | None
    bred_from: tuple[int, ...]
    created_at: datetime
    automatic: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Ancestor:
    """A picture in the family of another, at the place where it first came up.

    Attributes:
        genome: What it is drawn from.
        parents: The identities of the genomes it came from.
        mutations: What changed on the way from them.
        origin: How it came to its slot.
        run_id: The run it was bred in.
        generation_id: The grid it was first shown in.
        number: That grid's number.
        slot: Its place there.
        steps: How many births lie between it and the picture asked for, on the shortest way.
        automatic: Whether a guide chose the parents of that grid, and not a person.
    """

    genome: Genome
    parents: tuple[str, ...]
    mutations: tuple[Mutation, ...]
    origin: Origin
    run_id: str
    generation_id: str
    number: int
    slot: int
    steps: int
    automatic: bool = False


# The gallery --------------------------------------------------------------------------------------

Sort = Literal["newest", "oldest", "published", "stars", "title", "simple", "complex"]
"""The order of a gallery: kept last, kept first, published last, most stars, title from A to Z,
least complex, most complex first."""

Kind = Literal["all", "published", "unpublished"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A picture of the gallery: a favourite, published or not, with all that is said of it.

    A genome is one entry, in however many runs and grids it lives; `Store.homes` lists those.

    Attributes:
        genome_id: The identity of its genome.
        title: As the person named it; may be empty, up to 200 characters.
        description: Up to 4,000 characters; may have several lines.
        tags: In lower case, ascending.
        stars: 0 to 5.
        published_at: When it was published, in UTC; None if it is not.
        created_at: When it was kept, in UTC.
        updated_at: When what is said of it last changed, in UTC.
        run_id: The run it was found in; None once that run is gone, or for an import.
        run_name: That run's name.
        nodes: Of its network.
        connections: Of its network.
        complexity: `Impression.complexity`, 0 to 1; None until it is measured.
        colors: `Impression.color_bits`; 0 until it is measured.
        looks_version: `impression.VERSION` at the time; 0 until it is measured.
    """

    genome_id: str
    title: str = ""
    description: str = ""
    tags: tuple[str, ...] = ()
    stars: int = 0
    published_at: datetime | None = None
    created_at: datetime
    updated_at: datetime
    run_id: str | None = None
    run_name: str | None = None
    nodes: int = 0
    connections: int = 0
    complexity: float | None = None
    colors: int = 0
    looks_version: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What is sought in the gallery; every part narrows it down.

    Attributes:
        text: Words, or their beginnings, in title, description or tags: all of them are sought.
            It may hold anything: emoji and other symbols are sought too, the rest is left aside.
        tags: An entry has all of them.
        colors: `color_bits`: a picture has all of these colours.
        complexity: The least and the most; pictures not yet measured are found only where it is
            all of 0 to 1.
        since: Kept at this moment or later.
        before: Kept earlier than this.
        run_id: The picture lives in this run, or was found in it.
        stars: At least as many.
        kind: All, or the published, or the others.
        sort: The order.
    """

    text: str = ""
    tags: tuple[str, ...] = ()
    colors: int = 0
    complexity: tuple[float, float] = (0.0, 1.0)
    since: datetime | None = None
    before: datetime | None = None
    run_id: str | None = None
    stars: int = 0
    kind: Kind = "all"
    sort: Sort = "newest"


@dataclass(frozen=True, slots=True, kw_only=True)
class GalleryPage:
    """A piece of what was found.

    Attributes:
        entries: In the order asked for.
        after: Where the next piece begins, to be handed in again; None at the end.
    """

    entries: tuple[Entry, ...]
    after: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """A place where a picture lives.

    Attributes:
        run_id: The run.
        run_name: Its name.
        generation_id: The grid.
        number: That grid's number in the run.
        slot: The place in the grid.
        origin: How it came there.
        copied: Whether the grid came with a copy of a run.
        created_at: When the grid was bred, in UTC.
    """

    run_id: str
    run_name: str
    generation_id: str
    number: int
    slot: int
    origin: Origin
    copied: bool
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """How a picture looks, as impression.py measures it; see `Entry` for the fields."""

    genome_id: str
    complexity: float
    colors: int
    vector: bytes
    looks_version: int


# Taste --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredChoice:
    """What a person chose in a grid, once for each set of its pictures that they chose.

    Attributes:
        generation_id: The grid's identity.
        run_id: Its run's.
        genome_ids: All its pictures, by slot.
        picked: The slots that were chosen, ascending: at least one, and never all.
        chosen_at: When, in UTC.
    """

    generation_id: str
    run_id: str
    genome_ids: tuple[str, ...]
    picked: tuple[int, ...]
    chosen_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredAnswer:
    """Which of two pictures a person liked better.

    Attributes:
        id: Its identity, 32 hexadecimal digits.
        left: The identity of the genome shown on the left.
        right: Of the one on the right.
        preferred: 0 for the left one, 1 for the right one.
        answered_at: When, in UTC.
    """

    id: str
    left: str
    right: str
    preferred: int
    answered_at: datetime


# The tree -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class TreeGrid:
    """A generation in the tree of its run. Others are named by their position in the tree.

    Attributes:
        id: The generation's identity.
        number: How many steps it lies from the run's first grid.
        came_from: The position of the grid shown before it; None for a first grid.
        source: The position of the grid its parents were picked in. It differs from `came_from`
            where nothing was picked there: then its parents are those of that grid. None at the
            start of a run: what has parents there comes from imports in the run's first grid.
        bred_from: The slots of `source` that were picked for it.
        copied_from: The generation of another run that it was duplicated from; None for others.
        size: How many pictures it has.
        created_at: When it was bred, in UTC.
        automatic: Whether a guide chose its parents, and not a person.
    """

    id: str
    number: int
    came_from: int | None
    source: int | None
    bred_from: tuple[int, ...]
    copied_from: str | None
    size: int
    created_at: datetime
    automatic: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RunTree:
    """The shape of a run's tree; `Store.tree_pictures` fills it.

    Attributes:
        run_id: The run.
        name: Its name.
        grids: Oldest first; each stands after the one it came from.
        current: The position of the grid the run was left at; None before the first.
        path: The positions from the first grid to the current one.
    """

    run_id: str
    name: str
    grids: tuple[TreeGrid, ...]
    current: int | None
    path: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TreePicture:
    """A picture in the tree, without its genome.

    Attributes:
        generation_id: The grid it stands in.
        slot: Its place there.
        genome_id: Its identity: a `kept` one has that of a pick in the grid's `source`.
        origin: How it came there.
        parents: The identities of the genomes it came from: two or more after a crossover.
        picked: Whether it is picked now.
        favourite: Whether it is kept in the gallery.
    """

    generation_id: str
    slot: int
    genome_id: str
    origin: Origin
    parents: tuple[str, ...]
    picked: bool
    favourite: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Kin:
    """An ancestor or descendant of a picture, or itself, where it was first bred; any run.

    Attributes:
        genome_id: Its identity.
        parents: The identities of the genomes it came from.
        origin: How it came to its slot.
        run_id: The run it was bred in.
        run_name: That run's name.
        deleted: Whether that run was deleted.
        generation_id: The grid it was first shown in.
        number: That grid's number.
        slot: Its place there.
        steps: How many births lie between it and the picture asked for, on the shortest way
            among the kin returned.
        automatic: Whether a guide chose the parents of that grid, and not a person.
    """

    genome_id: str
    parents: tuple[str, ...]
    origin: Origin
    run_id: str
    run_name: str
    deleted: bool
    generation_id: str
    number: int
    slot: int
    steps: int
    automatic: bool = False
