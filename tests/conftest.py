"""Fixtures for every test: sample genomes that are not in the repository, and the running app."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.server import ROOT, ServerError, running_app


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that use a browser and run them last.

    Last, because they are the slowest, and because Playwright's synchronous interface keeps an
    event loop running in this thread, in which an `asyncio.run` of another test would fail.

    One that fails is tried once more, and the summary counts it as rerun: what it waits for may
    come late where two browsers and their servers share two cores with other work.
    """
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.flaky(reruns=1))
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)


@pytest.fixture(scope="session")
def shared() -> Path:
    """Return the folder that holds `picbreeder/`, or skip: the samples are not ours to ship."""
    folder = Path(os.environ.get("BREEDER_SHARED", ROOT.parent / "shared"))
    if not (folder / "picbreeder").is_dir():
        pytest.skip(f"no sample genomes: {folder / 'picbreeder'} is absent (set BREEDER_SHARED)")
    return folder


@pytest.fixture
def one_thread() -> Iterator[None]:
    """Have torch compute on one thread: several wait for each other where others are at work."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def app_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Start `breeder serve` on an empty database; yield its address, without a final slash."""
    try:
        with running_app(tmp_path_factory.mktemp("app")) as url:
            yield url
    except ServerError as error:
        pytest.fail(str(error), pytrace=False)
