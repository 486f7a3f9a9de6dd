"""Pictures as programs in other languages. Each module turns a `Listing` into one language."""
