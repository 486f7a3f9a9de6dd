"""Pictures as the browser gets them."""

from __future__ import annotations

import io
import threading

import numpy as np
from PIL import Image

from breeder import Canvas
from breeder.rendering.adaptive import render_adaptive
from breeder.ui.pictures import PictureCache, data_addresses, jpegs
from tests.genomes import random_genome


def test_a_tile_is_the_picture_but_for_jpeg() -> None:
    genome = random_genome(3)
    data = jpegs([genome], 128)[genome.id]
    wanted = render_adaptive([genome], Canvas(width=128, height=128))[0].astype(int)
    got = np.asarray(Image.open(io.BytesIO(data))).astype(int)
    assert got.shape == wanted.shape
    assert np.abs(got - wanted).mean() < 4


def test_a_tile_is_drawn_once() -> None:
    genome = random_genome(4)
    assert jpegs([genome], 64)[genome.id] is jpegs([genome, genome], 64)[genome.id]


def test_addresses_hold_a_jpeg_each() -> None:
    genomes = [random_genome(seed) for seed in (5, 6)]
    addresses = data_addresses(genomes)
    assert set(addresses) == {genome.id for genome in genomes}
    assert all(text.startswith("data:image/jpeg;base64,/9j/") for text in addresses.values())


def test_the_least_recently_used_pictures_go_first() -> None:
    cache = PictureCache(limit=30)
    for name in "abc":
        cache.put(name, 64, b"0123456789")
    assert cache.get("a", 64) is not None
    cache.put("d", 64, b"0123456789")
    assert cache.get("b", 64) is None
    assert cache.get("a", 64) is not None
    cache.put("a", 64, b"01234")
    cache.put("e", 64, b"01234")
    assert cache.get("c", 64) is not None


def test_many_threads_may_use_the_cache() -> None:
    cache = PictureCache(limit=1000)

    def work(name: str) -> None:
        for index in range(300):
            cache.put(f"{name}{index % 40}", 64, bytes(50))
            cache.get(f"a{index % 40}", 64)

    threads = [threading.Thread(target=work, args=(name,)) for name in "abcdefgh"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(cache.get(f"{n}{i}", 64) is not None for n in "abcdefgh" for i in range(40)) <= 20
