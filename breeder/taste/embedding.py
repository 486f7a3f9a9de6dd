"""An embedding network that the user has on disk, as one more group of features.

Any ONNX network that takes a picture will do; nothing is downloaded. Its numbers are told by how
founders differ in them, and carry no words. It knows pictures only, and has no gradient here.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from breeder.errors import SettingsError
from breeder.taste.features import Floats, features_of, squashed, usual_drawings

ENVIRONMENT: Final = "BREEDER_EMBEDDING"
"""The environment variable that names the file."""

DIMENSIONS: Final = 32
"""Numbers on a picture that are kept, at most."""

USUAL_SIDE: Final = 224
"""Pixels along a side, for a network that takes any size."""

LARGEST_SIDE: Final = 1024
LONGEST: Final = 1 << 18
"""Numbers that a network may give for a picture."""

FAINT: Final = 0.03
"""Directions in which founders differ less than this, against the strongest, are left out."""

BATCH: Final = 32
_MEAN = torch.tensor([0.485, 0.456, 0.406])
_SPREAD = torch.tensor([0.229, 0.224, 0.225])
"""Of the pictures that most such networks were trained on (ImageNet)."""

_TYPES: Final = {
    "tensor(float)": np.float32,
    "tensor(float16)": np.float16,
    "tensor(uint8)": np.uint8,
}

Look = Callable[[NDArray[np.uint8]], Floats]
"""Takes drawings, shape (B, SIDE, SIDE, 3), and returns their features, shape (B, F)."""


def look(path: str | os.PathLike[str] | None = None) -> Look:
    """Return what turns drawings into features, an embedding's too if there is one.

    Args:
        path: An ONNX file; None for the one that BREEDER_EMBEDDING names, if it names one.

    Raises:
        SettingsError: The file cannot serve; the message says why.
    """
    path = path or os.environ.get(ENVIRONMENT) or None
    if path is None:
        return features_of
    embedding = load(path)

    def both(drawings: NDArray[np.uint8]) -> Floats:
        return np.concatenate([features_of(drawings), embedding.of(drawings)], axis=1)

    return both


def load(path: str | os.PathLike[str]) -> Embedding:
    """Return the embedding of an ONNX file.

    Raises:
        SettingsError: There is no such file, it is no network that takes pictures, or what runs
            such networks is not installed.
    """
    file = Path(path).expanduser()
    if not file.is_file():
        raise SettingsError(f"There is no embedding network at {file}: name an ONNX file.")
    network = _Network(file)
    raw = network.run(usual_drawings())
    if not np.isfinite(raw).all():
        raise SettingsError(f"{file.name} gives numbers that are not finite.")
    mean, spread = raw.mean(axis=0), raw.std(axis=0)
    # A number that hardly differs among founders would be blown up by its own noise.
    spread = np.maximum(spread, 1e-3 * float(spread.max()))
    if not float(spread.max()) > 1e-6:
        raise SettingsError(
            f"{file.name} gives every picture the same numbers: it teaches nothing."
        )
    _, sizes, ways = np.linalg.svd((raw - mean) / spread, full_matrices=False)
    kept = min(DIMENSIONS, int((sizes > FAINT * sizes[0]).sum()))
    ways = ways[:kept] * np.sign(ways[:kept].sum(axis=1, keepdims=True) + 1e-9)
    return Embedding(
        key=hashlib.blake2b(file.read_bytes(), digest_size=16).hexdigest(),
        network=network,
        mean=mean,
        ways=(ways / sizes[:kept, None] * np.sqrt(len(raw)) / spread).T,
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Embedding:
    """A network's view of pictures, in standard deviations of founders.

    Attributes:
        key: Of the file: the same network has the same key.
        network: What is run.
        mean: Of its numbers over founders, shape (D,).
        ways: The directions in which founders differ most, shape (D, up to DIMENSIONS).
    """

    key: str
    network: _Network
    mean: NDArray[np.float64]
    ways: NDArray[np.float64]

    def of(self, drawings: NDArray[np.uint8]) -> Floats:
        """Return the features of drawings, shape (B, H, W, 3).

        Returns:
            float32, within ±LIMIT, in steps of 0.001, shape (B, up to DIMENSIONS).
        """
        if not len(drawings):
            return np.empty((0, self.ways.shape[1]), dtype=np.float32)
        raw = self.network.run(drawings)
        # Many divide by what an even picture has none of: such a one is as usual, and no error.
        raw = np.where(np.isfinite(raw).all(axis=1, keepdims=True), raw, self.mean)
        raw = (raw - self.mean) @ self.ways
        return np.asarray(squashed(torch.from_numpy(raw)).numpy().round(3), dtype=np.float32)


class _Network:
    """An ONNX network from a picture to numbers."""

    def __init__(self, file: Path) -> None:
        self._name = file.name
        runtime, self._faults = _runtime()
        options = runtime.SessionOptions()
        options.log_severity_level = 4
        try:
            self._session = runtime.InferenceSession(
                str(file), options, providers=["CPUExecutionProvider"]
            )
        except self._faults as error:
            raise SettingsError(f"{file.name} is no ONNX network that can be run here.") from error
        inputs = self._session.get_inputs()
        if len(inputs) != 1 or len(inputs[0].shape) != 4 or inputs[0].type not in _TYPES:
            raise SettingsError(
                f"{file.name} must take one picture as floats or bytes, of shape "
                "(N, 3, H, W) or (N, H, W, 3)."
            )
        self._input = inputs[0]
        self._type = _TYPES[self._input.type]
        self._read_shape(self._input.shape)

    def _read_shape(self, shape: list[Any]) -> None:
        """Take the order of axes, the size and the number of pictures from the input's shape."""
        count, *rest = (each if isinstance(each, int) and each > 0 else None for each in shape)
        self._channels_first = rest[0] == 3 or (rest[2] != 3 and rest[0] is None)
        sides = rest[1:] if self._channels_first else rest[:2]
        channels = rest[0] if self._channels_first else rest[2]
        self._height, self._width = (side or USUAL_SIDE for side in sides)
        if channels not in (3, None) or max(self._height, self._width) > LARGEST_SIDE:
            raise SettingsError(
                f"{self._name} must take pictures of 3 channels and {LARGEST_SIDE} pixels a side "
                f"at most, but its input is {shape}."
            )
        self._batch = count or BATCH

    def run(self, drawings: NDArray[np.uint8]) -> NDArray[np.float64]:
        """Return the network's numbers, shape (B, D), for drawings of shape (B, H, W, 3)."""
        found = []
        for start in range(0, len(drawings), self._batch):
            part = drawings[start : start + self._batch]
            short = self._batch - len(part) if isinstance(self._input.shape[0], int) else 0
            fed = self._prepared(np.concatenate([part, np.repeat(part[:1], short, axis=0)]))
            found.append(self._numbers(fed)[: len(part)])
        return np.concatenate(found)

    def _numbers(self, fed: NDArray[Any]) -> NDArray[np.float64]:
        try:
            out = self._session.run(None, {self._input.name: fed})[0]
        except self._faults as error:
            raise SettingsError(f"{self._name} cannot be run on pictures of its size.") from error
        if not isinstance(out, np.ndarray) or out.ndim < 1 or len(out) != len(fed):
            raise SettingsError(f"{self._name} must give a row of numbers for each picture.")
        rows = out.reshape(len(fed), -1)
        if rows.shape[1] > LONGEST or rows.dtype.kind not in "fiu":
            raise SettingsError(
                f"{self._name} must give at most {LONGEST:,} numbers for a picture."
            )
        return rows.astype(np.float64)

    def _prepared(self, drawings: NDArray[np.uint8]) -> NDArray[Any]:
        """Return drawings in the size, range and order that the network takes."""
        planes = torch.from_numpy(drawings.astype(np.float32) / 255.0).movedim(-1, 1)
        size = (self._height, self._width)
        planes = functional.interpolate(planes, size, mode="bilinear", antialias=True)
        if self._type is np.uint8:
            planes = (planes * 255.0).round().clamp(0.0, 255.0)
        else:
            planes = (planes - _MEAN[:, None, None]) / _SPREAD[:, None, None]
        ordered = planes if self._channels_first else planes.movedim(1, -1)
        return np.ascontiguousarray(ordered.numpy().astype(self._type))


def _runtime() -> tuple[Any, tuple[type[Exception], ...]]:
    """Return onnxruntime, and what it raises."""
    try:
        import onnxruntime
        from onnxruntime.capi import onnxruntime_pybind11_state as state
    except ImportError as error:
        raise SettingsError(
            'An embedding network needs onnxruntime: pip install "breeder[embedding]".'
        ) from error
    names = (
        *("Fail", "InvalidArgument", "InvalidGraph", "InvalidProtobuf", "NoModel", "NoSuchFile"),
        *("EPFail", "ModelLoaded", "NotImplemented", "RuntimeException"),
    )
    kinds = tuple(getattr(state, name) for name in names if hasattr(state, name))
    return onnxruntime, (*kinds, RuntimeError, ValueError)
