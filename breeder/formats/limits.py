"""The limits of native files, apart from the schema so that writing need not load pydantic."""

from __future__ import annotations

MAX_BYTES = 4 * 1024 * 1024
"""The size of a file, as UTF-8."""

MAX_DEPTH = 8
"""How deep brackets may be nested; the format itself needs three."""

MAX_NODES = 10_000
MAX_CONNECTIONS = 50_000

MAX_TEXT = 200
"""Characters of a title or another text about a genome."""

MAX_META = 32
"""Texts about one genome."""

MAX_XML_BYTES = 8 * 1024 * 1024
"""The size of an XML file, or of what a zip holds; files of storage hold many genomes."""

MAX_ZIP_BYTES = 1024 * 1024
"""The size of a zip of one genome, or of the list of entries in another."""

MAX_ZIP_ENTRIES = 1_000

MAX_XML_DEPTH = 32
MAX_XML_ELEMENTS = 300_000
"""What 8 MB of real files hold at most is half as many."""

MAX_XML_TAG = 16_384
"""Characters of one tag with its attributes."""

MAX_GENOMES = 256
"""Genomes in one file."""
