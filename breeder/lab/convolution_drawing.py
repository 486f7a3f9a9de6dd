"""Draws random convolutional networks with PyTorch, on the CPU or a CUDA device.

In 64 bits: deep networks amplify rounding, and the pictures of two machines should agree to the
byte; and the values that explode without normalisation stay finite. One picture is drawn at a time
in a process, since torch takes all cores for each.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from breeder.errors import CancelledError, RenderError
from breeder.lab.convolutions import (
    HALVE_EVERY,
    SMALLEST_SIDE,
    Convolution,
    ConvolutionSettings,
    Counts,
    convolutions,
    count,
)
from breeder.lab.initialisation import Source
from breeder.rendering.color import to_bytes, to_rgb

if TYPE_CHECKING:
    import torch

Device = Literal["auto", "cpu", "cuda"]

LOST = 1e-6
"""A channel that varies by less than this share of its size is lost in 32 bits, in which the
original experiment ran; it is drawn as the middle of its range."""

AT_ONCE = 1_000_000
"""Numbers of the image that a convolution reads at a time, 8 MB: sets how soon it is cancelled."""

_STREAM = 20_150_622  # keeps these random numbers apart from those of other networks of one seed
_turn = threading.Lock()


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerSpread:
    """How far the values of a layer spread over the image.

    Attributes:
        sums: What the layer's convolutions give: the root mean square over channels of the
            standard deviation over pixels, before any normalisation.
        values: The same after normalisation and activation.
        largest: The largest magnitude among the sums.
        saturated: For sigmoid and tanh the share of values within 1 % of their bounds; for ReLU
            the share at 0.
    """

    sums: float
    values: float
    largest: float
    saturated: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ConvolutionPicture:
    """A picture and what was measured on the way.

    Attributes:
        pixels: sRGB, uint8, shape (H, W, 3).
        layers: One for each layer, the last without activation.
        counts: Weights, biases and shifts.
        lost: How many of the three channels had no differences left.
    """

    pixels: NDArray[np.uint8]
    layers: tuple[LayerSpread, ...]
    counts: Counts
    lost: int


def slope_image(height: int, width: int) -> NDArray[np.float64]:
    """Return the input: a ramp down and a ramp across, -0.5 to 0.5, shape (2, H, W)."""
    down = (np.arange(height) + 0.5) / height - 0.5
    across = (np.arange(width) + 0.5) / width - 0.5
    return np.stack(np.meshgrid(down, across, indexing="ij"))


def draw_convolution(
    settings: ConvolutionSettings,
    *,
    device: Device = "auto",
    cancelled: Callable[[], bool] = lambda: False,
    advance: Callable[[float], None] = lambda share: None,
) -> ConvolutionPicture:
    """Return the picture of a random convolutional network.

    Args:
        settings: The network and its seed.
        device: "auto" takes CUDA where there is one.
        cancelled: Asked several times a second; True ends the drawing.
        advance: Told the share that is done, 0 to 1, after every layer.

    Raises:
        CancelledError: `cancelled` said so.
        RenderError: The device is not there or failed.
    """
    with _our_turn(cancelled):
        import torch

        place = _place(device)
        try:
            with torch.inference_mode():
                run = _Run(settings, place, cancelled, advance)
                values = run.values().cpu().numpy()
        except RuntimeError as error:  # torch raises this for a lost device and lack of memory
            raise RenderError(f"Drawing on {place} failed: {error}") from error
    stretched, lost = _stretch(values)
    if settings.colour == "lab":
        stretched[1:] = 2.0 * stretched[1:] - 1.0  # tints run from -1 to 1 about grey
    pixels = to_bytes(to_rgb(settings.colour, stretched)).reshape(*values.shape[1:], 3)
    return ConvolutionPicture(
        pixels=pixels, layers=tuple(run.layers), counts=count(settings), lost=lost
    )


@contextmanager
def _our_turn(cancelled: Callable[[], bool]) -> Iterator[None]:
    while not _turn.acquire(timeout=0.1):
        if cancelled():
            raise CancelledError("The drawing was cancelled.")
    try:
        yield
    finally:
        _turn.release()


def _place(device: Device) -> str:
    import torch

    if device == "cuda" and not torch.cuda.is_available():
        raise RenderError("This machine has no cuda device; use auto or cpu.")
    if device == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    if device not in ("cpu", "cuda"):
        raise RenderError(f"Unknown device {device!r}; the devices are auto, cpu, cuda.")
    return device


class _Run:
    """One drawing: random numbers in a fixed order, and the image on its way through."""

    def __init__(
        self,
        settings: ConvolutionSettings,
        place: str,
        cancelled: Callable[[], bool],
        advance: Callable[[float], None],
    ) -> None:
        self._settings = settings
        self._place = place
        self._cancelled = cancelled
        self._advance = advance
        self._number = 0
        self._measured: list[tuple[float, float, int]] = []
        self.layers: list[LayerSpread] = []

    def values(self) -> torch.Tensor:
        """Return the three output channels, shape (3, H, W)."""
        import torch

        settings = self._settings
        image = self._tensor(slope_image(settings.height, settings.width))
        plan = convolutions(settings)
        for number, layer in enumerate(plan[:-1]):
            image = self._block(layer, image)
            self._note(image)
            image = self._pool(image, number)
            self._advance((number + 1) / len(plan))
        image = self._convolve(plan[-1][0], image, last=True)
        self._note(image)
        if image.shape[1:] != (settings.height, settings.width):
            image = torch.nn.functional.interpolate(
                image[None],
                size=(settings.height, settings.width),
                mode="bilinear",
                align_corners=False,
            )[0]
        self._advance(1.0)
        return image

    def _block(self, layer: tuple[Convolution, ...], image: torch.Tensor) -> torch.Tensor:
        import torch

        if len(layer) == 1:
            return self._convolve(layer[0], image)
        one, before_three, three, before_five, five, pooled = layer
        padded = torch.nn.functional.pad(image[None], (1, 1, 1, 1), mode="replicate")
        around = torch.nn.functional.max_pool2d(padded, 3, stride=1)[0]
        return torch.cat(
            [
                self._convolve(one, image),
                self._convolve(three, self._convolve(before_three, image)),
                self._convolve(five, self._convolve(before_five, image)),
                self._convolve(pooled, around),
            ]
        )

    def _convolve(
        self, unit: Convolution, image: torch.Tensor, *, last: bool = False
    ) -> torch.Tensor:
        """Return the image after a convolution, and where it is not the last, what follows it."""
        import torch

        settings = self._settings
        spread = settings.gain * np.sqrt(2.0 / (unit.inputs * unit.side**2))
        shape = (unit.outputs, unit.inputs, unit.side, unit.side)
        drawn = self._normal(0, unit.outputs, unit.inputs * unit.side**2)
        weights = self._tensor(drawn.reshape(shape) * spread)
        bias = self._tensor(self._normal(1, unit.outputs, 1)[:, 0] * settings.bias_std)
        shift = self._tensor(self._normal(2, unit.outputs, 1)[:, 0] * settings.shift_std)
        self._number += 1
        sums = self._sums(weights, image)
        variance, middle = torch.var_mean(sums, dim=(1, 2), correction=0)
        low, high = torch.aminmax(sums)
        largest = max(abs(float(low)), abs(float(high)))
        self._measured.append((float(variance.sum()), largest, len(variance)))
        if last:
            return sums
        if settings.normalised:
            sums -= middle[:, None, None]
            sums *= (settings.scale / variance.sqrt().clamp(min=1e-100))[:, None, None]
            sums += shift[:, None, None]
        else:
            sums += bias[:, None, None]
        return _activate(settings.activation, sums)

    def _sums(self, weights: torch.Tensor, image: torch.Tensor) -> torch.Tensor:
        """Return a convolution, the image's edge pixels repeated outside it."""
        import torch

        side, (channels, height, width) = weights.shape[-1], image.shape
        edge = side // 2
        padded, line = image, width + 2 * edge
        if edge:
            padded = torch.nn.functional.pad(image[None], (edge,) * 4, mode="replicate")[0]
        out = torch.empty((len(weights), height, width), dtype=image.dtype, device=image.device)
        step = max(1, AT_ONCE // (channels * line))
        for top in range(0, height, step):
            if self._cancelled():
                raise CancelledError("The drawing was cancelled.")
            rows = min(step, height - top)
            flat = padded[:, top : top + rows + 2 * edge].reshape(channels, -1)
            # One product of matrices for each weight of the square, on the image shifted by it: a
            # shift is a later start, and what runs over the ends of lines is cut off.
            size = rows * line - 2 * edge
            band = torch.zeros((len(weights), rows * line), dtype=image.dtype, device=image.device)
            for row in range(side):
                for column in range(side):
                    start = row * line + column
                    band[:, :size].addmm_(weights[:, :, row, column], flat[:, start : start + size])
            out[:, top : top + rows] = band.view(len(weights), rows, line)[:, :, :width]
        return out

    def _pool(self, image: torch.Tensor, number: int) -> torch.Tensor:
        import torch

        if self._settings.pooling == "average":
            padded = torch.nn.functional.pad(image[None], (1, 1, 1, 1), mode="replicate")
            return torch.nn.functional.avg_pool2d(padded, 3, stride=1)[0]
        halves = self._settings.pooling == "halve" and (number + 1) % HALVE_EVERY == 0
        if halves and min(image.shape[1:]) >= 2 * SMALLEST_SIDE:
            return torch.nn.functional.avg_pool2d(image[None], 2)[0]
        return image

    def _note(self, image: torch.Tensor) -> None:
        """Keep what was measured of the convolutions since the last layer."""
        channels = sum(number for _, _, number in self._measured)
        squares = sum(total for total, _, _ in self._measured)
        self.layers.append(
            LayerSpread(
                sums=float(np.sqrt(squares / channels)),
                values=float(image.var(dim=(1, 2), correction=0).mean().sqrt()),
                largest=max(largest for _, largest, _ in self._measured),
                saturated=_saturated(self._settings.activation, image),
            )
        )
        self._measured.clear()

    def _normal(self, kind: int, rows: int, columns: int) -> NDArray[np.float64]:
        """Return normal numbers of this convolution, of their own whatever else is switched on."""
        return Source(_STREAM, self._settings.seed, self._number, kind).normal(rows, columns)

    def _tensor(self, array: NDArray[np.float64]) -> torch.Tensor:
        import torch

        return torch.from_numpy(np.ascontiguousarray(array)).to(self._place)


def _activate(name: str, sums: torch.Tensor) -> torch.Tensor:
    if name == "relu":
        return sums.relu_()
    return sums.sigmoid_() if name == "sigmoid" else sums.tanh_()


def _saturated(name: str, image: torch.Tensor) -> float:
    if name == "relu":
        outside: Any = image <= 0.0
    elif name == "sigmoid":
        outside = (image < 0.01) | (image > 0.99)
    else:
        outside = image.abs() > 0.99
    return float(outside.double().mean())


def _stretch(values: NDArray[np.float64]) -> tuple[NDArray[np.float64], int]:
    """Return channels stretched to 0..1, shape (3, P), and how many had nothing to stretch."""
    flat = values.reshape(3, -1)
    low, high = flat.min(axis=1, keepdims=True), flat.max(axis=1, keepdims=True)
    lost = (high - low) <= LOST * np.maximum(np.abs(low), np.abs(high))
    span = np.where(lost, 1.0, high - low)
    stretched = np.where(lost, 0.5, (flat - low) / span)
    return np.clip(stretched, 0.0, 1.0), int(lost.sum())
