"""What a command works on: its database, opened when first needed, and things found by name."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from breeder.errors import AmbiguousError, NotFoundError

if TYPE_CHECKING:
    from breeder.genome import Genome
    from breeder.history import Generation, Run
    from breeder.store import Store

HEX = re.compile(r"[0-9a-fA-F]+")
IN_A_GRID = re.compile(r"(?P<run>.+):(?P<slot>[0-9]{1,4})", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A genome, the title it is kept under, and where it comes from; both may be empty."""

    genome: Genome
    title: str = ""
    origin: str = ""

    @property
    def meta(self) -> dict[str, str]:
        """The texts that files keep beside the genome and its title."""
        return {"origin": self.origin} if self.origin else {}


class Desk:
    """The database of one command; a file can be drawn without opening one."""

    def __init__(self, database: str | None) -> None:
        self._database = database
        self._store: Store | None = None

    @property
    def store(self) -> Store:
        """The database, opened."""
        if self._store is None:
            from breeder.store import Store

            self._store = Store.open(self._database)
        return self._store

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._store is not None:
            self._store.close()

    def picture(self, text: str) -> Picture:
        """Return a picture from a file, from a grid (RUN:SLOT), or by its identity.

        Raises:
            FormatError: The file has no genome.
            NotFoundError: There is no such picture.
            AmbiguousError: Several fit.
        """
        if not HEX.fullmatch(text) and Path(text).is_file():
            return _from_file(text)
        place = IN_A_GRID.fullmatch(text)
        if place:
            return self._titled(self._in_grid(place["run"], int(place["slot"])))
        if Path(text).suffix or os.sep in text:
            return _from_file(text)
        return self._titled(self.store.genome(text))

    def run_or_picture(self, text: str) -> Run | Picture:
        """Return a run, or else a picture, of this name.

        Raises:
            BreederError: As `picture`.
        """
        try:
            run = self.store.run(text)
        except NotFoundError:
            try:
                return self.picture(text)
            except NotFoundError as no_picture:
                if IN_A_GRID.fullmatch(text):
                    raise
                raise NotFoundError(
                    f"There is no run and no picture {text!r}; 'breeder runs' lists the runs."
                ) from no_picture
        if run.name != text and run.id != text.lower() and self._is_picture(text):
            raise AmbiguousError(
                f"{text!r} begins the identity of a run and of a picture; write more digits."
            )
        return run

    def _is_picture(self, text: str) -> bool:
        try:
            self.store.genome(text)
        except NotFoundError:
            return False
        except AmbiguousError:
            pass
        return True

    def _in_grid(self, name: str, slot: int) -> Genome:
        run = self.store.run(name)
        grid = self.store.current(run.id)
        children = grid.children if grid else ()
        if slot >= len(children):
            raise NotFoundError(
                f"The grid of {run.name!r} has no slot {slot}; its slots are 0 to "
                f"{len(children) - 1}."
            )
        return children[slot].genome

    def _titled(self, genome: Genome) -> Picture:
        kept = self.store.favourite(genome.id)
        origin = self.store.provenance(genome.id)
        return Picture(genome=genome, title=kept.title if kept else "", origin=origin)


def _from_file(name: str) -> Picture:
    from breeder.formats import load_document

    document = load_document(name)
    return Picture(genome=document.genome, title=document.title, origin=document.origin)


def resume(desk: Desk, name: str) -> tuple[Run, Generation]:
    """Return a run and the grid it was left at, bred if it has none yet.

    Raises:
        NotFoundError: There is no such run.
    """
    from breeder.breeder import Breeder

    breeder = Breeder.resume(desk.store, name)
    grid = breeder.ask()
    return breeder.run, grid
