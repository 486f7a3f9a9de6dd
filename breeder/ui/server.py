"""The server: the Streamlit app with its routes, and how it is started."""

from __future__ import annotations

import asyncio
import socket
import sys
import threading
import webbrowser
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import streamlit as st

from breeder.errors import BreederError
from breeder.ui.autopilot_routes import autopilot_routes
from breeder.ui.file_routes import file_routes
from breeder.ui.film_routes import film_routes
from breeder.ui.flights import flights
from breeder.ui.gallery_routes import gallery_routes
from breeder.ui.job_routes import job_routes
from breeder.ui.jobs import jobs
from breeder.ui.lab.fits import fits
from breeder.ui.lab_routes import lab_routes
from breeder.ui.poster_routes import poster_routes
from breeder.ui.refine_routes import refine_routes
from breeder.ui.refinements import refinements
from breeder.ui.resources import open_store, person
from breeder.ui.routes import routes
from breeder.ui.story_routes import story_routes
from breeder.ui.taste_routes import taste_routes
from breeder.ui.tree_routes import tree_routes

SCRIPT = Path(__file__).parent / "main.py"

CONFIG: dict[str, Any] = {
    "browser.gatherUsageStats": False,
    "client.showErrorDetails": "type",
    "client.toolbarMode": "minimal",
    "logger.hideWelcomeMessage": True,
    "server.fileWatcherType": "none",
    "server.headless": True,
    "server.maxUploadSize": 64,
    "theme.light.primaryColor": "#5b4bdb",
    "theme.dark.primaryColor": "#a99bff",
    "theme.dark.backgroundColor": "#111114",
    "theme.dark.secondaryBackgroundColor": "#1b1b20",
    "theme.baseRadius": "0.6rem",
}
"""How `breeder serve` sets Streamlit up. (`streamlit run app.py` takes the user's own settings.)"""


def create_app() -> st.App:
    """Return the app: pages, pictures by address, and files to take away."""
    return st.App(
        SCRIPT,
        routes=[
            *routes(),
            *file_routes(),
            *gallery_routes(),
            *poster_routes(),
            *job_routes(),
            *autopilot_routes(),
            *film_routes(),
            *lab_routes(),
            *tree_routes(),
            *story_routes(),
            *taste_routes(),
            *refine_routes(),
        ],
        lifespan=_lifespan,
    )


def serve(*, host: str = "127.0.0.1", port: int = 8501, open_browser: bool = False) -> None:
    """Open the store, print the address, and serve until stopped.

    Args:
        host: The address to listen on.
        port: The port to listen on.
        open_browser: Whether to open the page in the browser of this machine; only where a person
            started the server from a terminal.
    """
    check_free(host, port)
    store = open_store()  # errors show here, in one sentence, and not in the page
    address = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    print(f"breeder: {address}   (database: {store.place}; Ctrl-C stops)", flush=True)
    if open_browser and sys.stdout.isatty():
        opener = threading.Timer(1.5, webbrowser.open, [address])
        opener.daemon = True
        opener.start()
    create_app().run(config={**CONFIG, "server.address": host, "server.port": port})


def check_free(host: str, port: int) -> None:
    """Check that nothing listens on a port.

    Raises:
        BreederError: Something does, or the address is not this machine's.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise BreederError(
                f"Port {port} of {host} cannot be used ({error.strerror}); choose another with "
                "--port, or stop what uses it."
            ) from error


@asynccontextmanager
async def _lifespan(app: st.App) -> AsyncIterator[dict[str, Any]]:
    # The first visitor should not wait for torch.
    warm = asyncio.get_running_loop().run_in_executor(None, _warm_up)
    yield {}
    jobs().close()
    fits().close()
    flights(open_store()).close()
    refinements().close()
    await warm
    person().close()
    open_store().close()


def _warm_up() -> None:
    import numpy as np

    from breeder.evolve.founders import founder
    from breeder.ui.pictures import jpegs

    person().look("")
    jpegs([founder(rng=np.random.default_rng(0))], 64)
