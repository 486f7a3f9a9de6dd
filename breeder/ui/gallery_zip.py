"""A zip of several pictures of the gallery, made in the background."""

from __future__ import annotations

from collections.abc import Sequence
from typing import BinaryIO

from breeder.errors import BreederError
from breeder.formats import DEFAULT_CANVAS, FORMATS, Document
from breeder.formats.collection import Piece, check_size, steps_of, write_collection
from breeder.store import Entry, Store
from breeder.ui.jobs import Advance, Cancelled, Job


def zip_job(store: Store, genome_ids: Sequence[str], formats: Sequence[str]) -> Job:
    """Return the job that makes a zip of pictures.

    Args:
        store: The store.
        genome_ids: The pictures, kept or not, in the order of the zip.
        formats: Names of the table of formats; with none, the zip holds the genomes alone.

    Raises:
        BreederError: A picture or format is not there, or there are too many.
    """
    check_size(len(genome_ids), len(formats))
    unknown = [name for name in formats if name not in FORMATS or not FORMATS[name].writes]
    if unknown:
        raise BreederError(f"There is no format {unknown[0][:40]!r} that is written.")
    pieces = [_piece(store, genome_id) for genome_id in genome_ids]

    def make(file: BinaryIO, advance: Advance, cancelled: Cancelled) -> None:
        write_collection(
            file, pieces, formats, DEFAULT_CANVAS, "auto", advance=advance, cancelled=cancelled
        )

    count = len(pieces)
    return Job(
        title=f"{count} pictures" if count > 1 else pieces[0].document.title or "Picture",
        suffix=".zip",
        media_type="application/zip",
        total=steps_of(count, len(formats)),
        make=make,
    )


def _piece(store: Store, genome_id: str) -> Piece:
    entry = store.entry(genome_id)
    origin = store.provenance(genome_id)
    meta = {"title": entry.title if entry else "", "origin": origin}
    document = Document(
        genome=store.genome(genome_id), meta={name: text for name, text in meta.items() if text}
    )
    return Piece(document=document, notes=_notes(entry) if entry else ())


def _notes(entry: Entry) -> tuple[str, ...]:
    notes = (
        entry.description,
        f"Tags: {', '.join(entry.tags)}" if entry.tags else "",
        f"Stars: {entry.stars}" if entry.stars else "",
        f"Run: {entry.run_name}" if entry.run_name else "",
    )
    return tuple(note for note in notes if note)
