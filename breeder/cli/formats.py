"""`breeder formats`: the table of file formats."""

from __future__ import annotations

from breeder.cli.options import Json
from breeder.cli.output import say_json, say_table


def formats(as_json: Json = False) -> None:
    """List the file formats: what each is called, whether it is read and written, what is lost.

    On a terminal it prints a table; else a line for each with its name, suffix, "reads" or "-",
    "writes" or "-", what it is, and what is lost, with tabs between them.
    """
    from breeder.formats import FORMATS

    if as_json:
        say_json(
            [
                {
                    "name": row.name,
                    "title": row.title,
                    "suffix": row.suffix,
                    "reads": row.reads,
                    "writes": row.writes,
                    "loses": row.loses,
                }
                for row in FORMATS.values()
            ]
        )
        return
    rows = [
        (
            row.name,
            row.suffix,
            "reads" if row.reads else "-",
            "writes" if row.writes else "-",
            row.title,
            row.loses or "nothing",
        )
        for row in FORMATS.values()
    ]
    say_table(("name", "suffix", "in", "out", "what it is", "what is lost"), rows)
