from collections.abc import Iterator

import pytest

from breeder import Genome, Store
from tests.genomes import random_genome


@pytest.fixture
def genome() -> Genome:
    return random_genome(9)


@pytest.fixture
def store() -> Iterator[Store]:
    with Store.in_memory() as store:
        yield store
