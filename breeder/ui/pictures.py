"""Pictures as the browser wants them: drawn once, encoded, and kept for a while.

Shared by all sessions of the server, so everything here is safe under many threads.
"""

from __future__ import annotations

import base64
import io
import threading
from collections import OrderedDict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from breeder.genome import Genome
from breeder.rendering.adaptive import render_adaptive
from breeder.rendering.canvas import Canvas

TILE = 256
"""Pixels along a side of the pictures that travel with a grid."""

MAX_SIZE = 2048
"""The largest picture an address gives; larger ones are downloads."""

KEPT_BYTES = 64 << 20
"""Encoded pictures kept in memory, some 3,500 tiles; any other is drawn again in a millisecond."""

JPEG_QUALITY = 92


class PictureCache:
    """Encoded pictures by genome and size; the least recently used go first."""

    def __init__(self, limit: int = KEPT_BYTES) -> None:
        self._limit = limit
        self._held: OrderedDict[tuple[str, int], bytes] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def get(self, genome_id: str, size: int) -> bytes | None:
        """Return a JPEG, or None where it has to be drawn."""
        with self._lock:
            data = self._held.get((genome_id, size))
            if data is not None:
                self._held.move_to_end((genome_id, size))
            return data

    def put(self, genome_id: str, size: int, data: bytes) -> None:
        """Keep a JPEG."""
        with self._lock:
            self._bytes += len(data) - len(self._held.get((genome_id, size), b""))
            self._held[genome_id, size] = data
            while self._bytes > self._limit:
                _, dropped = self._held.popitem(last=False)
                self._bytes -= len(dropped)


CACHE = PictureCache()


def jpegs(genomes: Sequence[Genome], size: int = TILE) -> dict[str, bytes]:
    """Return square JPEGs by genome identity; what is not kept is drawn in one go.

    Args:
        genomes: Any number; repeats are drawn once.
        size: Pixels along a side.
    """
    wanted = {genome.id: genome for genome in genomes}
    found = {key: data for key in wanted if (data := CACHE.get(key, size)) is not None}
    missing = [genome for key, genome in wanted.items() if key not in found]
    if missing:
        canvas = Canvas(width=size, height=size, supersample=_samples(size))
        pixels = render_adaptive(missing, canvas)
        for genome, data in zip(missing, _encoders().map(_jpeg, pixels), strict=True):
            CACHE.put(genome.id, size, data)
            found[genome.id] = data
    return found


def data_addresses(genomes: Sequence[Genome]) -> dict[str, str]:
    """Return tiles as `data:` addresses by genome identity: they travel inside a message."""
    return {
        key: "data:image/jpeg;base64," + base64.b64encode(data).decode()
        for key, data in jpegs(genomes).items()
    }


def picture_address(genome_id: str) -> str:
    """Return the address of a picture on this server; `?size=` chooses its size."""
    return f"/picture/{genome_id}.jpg"


def _samples(size: int) -> int:
    """Return the least supersampling: one picture to look at has time for more than a grid."""
    return 2 if 512 <= size <= 1024 else 1


def _jpeg(pixels: NDArray[np.uint8]) -> bytes:
    buffer = io.BytesIO()
    # Full colour resolution: these pictures are made of thin coloured lines.
    Image.fromarray(pixels).save(buffer, "JPEG", quality=JPEG_QUALITY, subsampling=0)
    return buffer.getvalue()


@cache
def _encoders() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(thread_name_prefix="encode")
