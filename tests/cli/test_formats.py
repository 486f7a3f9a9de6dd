"""`breeder formats` lists the table that everything else uses."""

from __future__ import annotations

import json

from breeder.formats import FORMATS
from tests.cli.commands import Cli


def test_formats_lists_every_row_of_the_table(cli: Cli):
    lines = cli("formats").stdout.splitlines()
    assert [line.split("\t")[:2] for line in lines] == [
        [row.name, row.suffix] for row in FORMATS.values()
    ]
    assert all(len(line.split("\t")) == 6 for line in lines)


def test_formats_as_json(cli: Cli):
    rows = json.loads(cli("formats", "--json").stdout)
    assert [(row["name"], row["reads"], row["writes"], row["loses"]) for row in rows] == [
        (row.name, row.reads, row.writes, row.loses) for row in FORMATS.values()
    ]
