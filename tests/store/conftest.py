from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from breeder.store import Store


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'art.db'}"


@pytest.fixture(params=["file", "memory"])
def store(request: pytest.FixtureRequest, url: str) -> Iterator[Store]:
    with Store.open(url) if request.param == "file" else Store.in_memory() as opened:
        yield opened


@pytest.fixture
def run_id(store: Store) -> str:
    return store.create_run(name="owls", seed=7).id
