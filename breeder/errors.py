"""Every error breeder raises on purpose.

    BreederError
    ├── GenomeError            a genome breaks one of its invariants
    ├── SettingsError          a setting or a canvas is outside its range
    ├── FormatError            a file or text from outside cannot be read or written
    ├── RenderError            a picture cannot be drawn as asked
    │   └── CancelledError     the person stopped a long drawing
    └── StoreError             the database cannot do what was asked
        ├── NotFoundError      no run, generation, picture or favourite of that name
        ├── AmbiguousError     a name or the start of an identity fits more than one thing
        └── NewerDatabaseError the file was written by a later version of breeder

A message says what was expected, what came, and what to do next, in one sentence that can be
shown to a person as it is. Engine errors (SQLAlchemy, Pillow, torch) are wrapped, with their cause.
"""

from __future__ import annotations


class BreederError(Exception):
    """The base of every error breeder raises on purpose."""


class GenomeError(BreederError):
    """A genome breaks one of its invariants."""


class SettingsError(BreederError):
    """A setting or a canvas is outside its range."""


class FormatError(BreederError):
    """A file or text from outside cannot be read or written."""


class RenderError(BreederError):
    """A picture cannot be drawn as asked."""


class CancelledError(RenderError):
    """The person stopped a long drawing."""


class StoreError(BreederError):
    """The database cannot do what was asked."""


class NotFoundError(StoreError):
    """No run, generation, picture or favourite of that name exists."""


class AmbiguousError(StoreError):
    """A name or the start of an identity fits more than one thing."""


class NewerDatabaseError(StoreError):
    """The database file was written by a later version of breeder."""
