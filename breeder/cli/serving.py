"""`breeder serve`: the page."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from breeder.cli.options import Database


def serve(
    host: Annotated[
        str, typer.Option(help="The address to listen on; 0.0.0.0 lets other machines in.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="The port to listen on.")] = 8501,
    browser: Annotated[
        bool, typer.Option("--browser/--no-browser", help="Open the page in a browser.")
    ] = True,
    database: Database = None,
) -> None:
    """Serve the page, and print its address. Ctrl-C stops."""
    # Before NumPy is loaded: its small products are done sooner than its threads are woken, and
    # with many people those threads spin for each other.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from breeder.ui.server import serve as serve_page

    if database is not None:
        # The page opens its database by itself, wherever it is started from.
        os.environ["BREEDER_DATABASE_URL"] = database
    try:
        serve_page(host=host, port=port, open_browser=browser)
    except KeyboardInterrupt:  # the way to stop a server, not a failure
        return
